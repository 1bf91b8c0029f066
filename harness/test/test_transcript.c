/*
 * Transcripts as people paste them, and the script each is understood as. Every row is imported
 * whole and at every prefix, and what it gives loads.
 */
#include <stdio.h>

#include "law.h"
#include "script/transcript.h"

static const struct {
    const char *name;
    struct slice in, out;
    size_t notes;
} rows[] = {
    {"a telnet session",
     SLICE_INIT(
         "$ telnet mx.example 25\nTrying 192.0.2.1...\nConnected to mx.example.\n"
         "Escape character is '^]'.\n220 mx ESMTP\nEHLO me\n250-mx\n250 HELP\nQUIT\n221 bye\n"
         "Connection closed by foreign host.\n$\n"),
     SLICE_INIT(
         "S: 220 mx ESMTP\nC: EHLO me\nS: 250-mx\nS: 250 HELP\nC: QUIT\nS: 221 bye\nS: <EOF>\n"),
     0},
    {"signs for ends of lines, which make no log of the script",
     SLICE_INIT("AUTH <CRLF>\n220-xxxxxxxxxxxxxxxxxxxxxxxx\n<CRLF>\n"),
     SLICE_INIT("C: AUTH <CRLF${sign:->}\nS: 220 xxxxxxxxxxxxxxxxxxxxxxxx <CRLF>\n"), 2},
    {"UTF-16 as Windows writes it",
     SLICE_INIT("\377\376\062\000\062\000\060\000\040\000\155\000\170\000\015\000\012\000\110\000"
                "\105\000\114\000\117\000\040\000\351\000\075\330\000\336\015\000\012\000\062\000"
                "\065\000\060\000\040\000\155\000\170\000\015\000\012\000"),
     SLICE_INIT("S: 220 mx\nC: HELO \303\251\360\237\230\200\nS: 250 mx\n"), 1},
    {"UTF-16, the other way round",
     SLICE_INIT("\376\377\000\062\000\062\000\060\000\040\000\155\000\170\000\015\000\012\000\110"
                "\000\105\000\114\000\117\000\040\000\351\330\075\336\000\000\015\000\012\000\062"
                "\000\065\000\060\000\040\000\155\000\170\000\015\000\012"),
     SLICE_INIT("S: 220 mx\nC: HELO \303\251\360\237\230\200\nS: 250 mx\n"), 1},
    {"UTF-16 without a byte order mark",
     SLICE_INIT("\000\062\000\062\000\060\000\040\000\155\000\170\000\015\000\012\000\110\000\105"
                "\000\114\000\117\000\040\000\351\330\075\336\000\000\015\000\012\000\062\000\065"
                "\000\060\000\040\000\155\000\170\000\015\000\012"),
     SLICE_INIT("S: 220 mx\nC: HELO \303\251\360\237\230\200\nS: 250 mx\n"), 1},
    {"half a pair of UTF-16, and half a unit",
     SLICE_INIT("\000\062\000\062\000\060\000\012\000\116\000\117\000\117\000\120\000\040"
                "\330\001\000\n\000"),
     SLICE_INIT("S: 220\nC: NOOP \357\277\275\n"), 2},
    {"lines that end with CR alone", SLICE_INIT("220 mx\rHELO me\r250 mx\r"),
     SLICE_INIT("S: 220 mx\nC: HELO me\nS: 250 mx\n"), 1},
    {"a page's source, its message, too",
     SLICE_INIT("220 mx<br>\nMAIL FROM:&lt;a@b&gt;\n250 ok\nDATA\n354 go\nFrom: &quot;A&quot; "
                "&lt;a@b&gt;\n.\n250 ok\n"),
     SLICE_INIT("S: 220 mx<br>\nC: MAIL FROM:<a@b>\nS: 250 ok\nC: DATA\nS: 354 go\nC: From: \"A\" "
                "<a@b>\nC: .\nS: 250 ok\n"),
     1},
    {"a message of HTML keeps what it escapes",
     SLICE_INIT("220 mx\nMAIL FROM:<a@b>\n250 ok\nDATA\n354 go\na &lt; b\n.\n250 ok\n"),
     SLICE_INIT("S: 220 mx\nC: MAIL FROM:<a@b>\nS: 250 ok\nC: DATA\nS: 354 go\nC: a &lt; b\nC: "
                ".\nS: 250 ok\n"),
     0},
    {"a placeholder where the message stood",
     SLICE_INIT("220 mx\nDATA\n354 go\n<message>\n.\n250 ok\n"),
     SLICE_INIT("S: 220 mx\nC: DATA\nS: 354 go\nC: <message>\nC: .\nS: 250 ok\n"), 1},
    {"a message that begins like one",
     SLICE_INIT("220 mx\nDATA\n354 go\n<html>\n<p>\n</html>\n.\n250 ok\n"),
     SLICE_INIT("S: 220 mx\nC: DATA\nS: 354 go\nC: <html>\nC: <p>\nC: </html>\nC: .\nS: 250 ok\n"),
     0},
    {"remarks behind the lines",
     SLICE_INIT("220 mx   # greets\nHELO me  <-- us\n250 mx\nDATA    (now)\n354 go  //\nx  # y\n.  "
                " #\n250 ok\n"),
     SLICE_INIT(
         "S: 220 mx\nC: HELO me\nS: 250 mx\nC: DATA\nS: 354 go\nC: x  # y\nC: .\nS: 250 ok\n"),
     5},
    {"one alone, with an arrow", SLICE_INIT("220 mx\nHELO me   <- we say hello\n250 mx\n"),
     SLICE_INIT("S: 220 mx\nC: HELO me\nS: 250 mx\n"), 1},
    {"a password that a log does not show, and an AUTH",
     SLICE_INIT("a S: 220 mx\na C: AUTH LOGIN\na S: 334 VXNlcm5hbWU6\na S: 334 UGFzc3dvcmQ6\na C: "
                "*****\na S: 535 no\na S: 235 ok\na C: AUTH LOGIN\na S: 334 VXNlcm5hbWU6\na S: 421 "
                "late\n"),
     SLICE_INIT("S: 220 mx\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: ACoqKioAKioqKg==\nS: 334 "
                "UGFzc3dvcmQ6\nC: ACoqKioAKioqKg==\nS: 535 no\nC: AUTH PLAIN ACoqKioAKioqKg==\nS: "
                "235 ok\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nS: 421 late\n"),
     4},
    {"what a log hides",
     SLICE_INIT("a S: 220 mx\na C: EHLO me\na S: 250 AUTH PLAIN\na C: Logging suppressed for this "
                "command (it probably contained authentication information)\na S: 235 ok\na C: "
                "*****\na S: 500 no\n"),
     SLICE_INIT("S: 220 mx\nC: EHLO me\nS: 250 AUTH PLAIN\nC: AUTH PLAIN ACoqKioAKioqKg==\nS: 235 "
                "ok\nC: AUTH PLAIN ACoqKioAKioqKg==\nS: 500 no\n"),
     3},
    {"one alone is text", SLICE_INIT("220 mx\nHELO me  # us\n250 mx\n"),
     SLICE_INIT("S: 220 mx\nC: HELO me  # us\nS: 250 mx\n"), 0},
    {"commands sent at once, in one line",
     SLICE_INIT("<<< 220 mx\n>>> MAIL FROM:<a@b>\\r\\nRCPT TO:<c@d>\\r\\nDATA\\r\\n\n<<< 250 "
                "a\n<<< 250 b\n<<< 354 go\n>>> NOOP\\r\\nQUIT\n>>> .\n<<< 250 ok\n"),
     SLICE_INIT("S: 220 mx\nC: MAIL FROM:<a@b>\nC: RCPT TO:<c@d>\nC: DATA\nS: 250 a\nS: 250 b\nS: "
                "354 go\nC: NOOP\\r\\nQUIT\nC: .\nS: 250 ok\n"),
     1},
    {"a program that writes the end of what it sends",
     SLICE_INIT("<<< 220 mx\n>>> HELO me\\r\n<<< 250 mx\n>>> QUIT\\r\n<<< 221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: HELO me\nS: 250 mx\nC: QUIT\nS: 221 bye\n"), 0},
    {"CRLF, and a prompt with its user",
     SLICE_INIT("me@host:~$ telnet mx 25\r\n220 mx\r\nquit\r\n221 bye\r\nme@host:~$ \r\n"),
     SLICE_INIT("S: 220 mx\nC: quit\nS: 221 bye\n"), 0},
    {"blank lines between all lines",
     SLICE_INIT("220 mx\n\nHELO me\n\n250 mx\n\nQUIT\n\n221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: HELO me\nS: 250 mx\nC: QUIT\nS: 221 bye\n"), 0},
    {"no greeting", SLICE_INIT("EHLO me\n250 mx\nQUIT\n221 bye\n"),
     SLICE_INIT("S: 220\nC: EHLO me\nS: 250 mx\nC: QUIT\nS: 221 bye\n"), 1},
    {"a reply that the terminal wrapped",
     SLICE_INIT("220 mx\nEHLO me\n550 go away and never\ncome back here\nQUIT\n221 bye\n"),
     SLICE_INIT(
         "S: 220 mx\nC: EHLO me\nS: 550 go away and never come back here\nC: QUIT\nS: 221 bye\n"),
     1},
    {"what had room in the reply before was not wrapped: a program's words behind it",
     SLICE_INIT("220 mx\nEHLO me\n250 mx\n=== 250\nQUIT\n221 bye\n*** FIN ***\n"),
     SLICE_INIT("S: 220 mx\nC: EHLO me\nS: 250 mx\nC: QUIT\nS: 221 bye\n"), 2},
    {"nor was what a blank line stands before",
     SLICE_INIT("220 mx\nEHLO me\n550 go away and never\n\nSays the server.\nQUIT\n221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: EHLO me\nS: 550 go away and never\nC: QUIT\nS: 221 bye\n"), 1},
    {"a reply that was cut is not the text around a command",
     SLICE_INIT("220 mx\nEHLO me\n250-...\nMAIL FROM:<a@b>\n250 ok\nDATA\n354 go\nx\n.\n250 ok\n"),
     SLICE_INIT("S: 220 mx\nC: EHLO me\nS: 250 ...\nC: MAIL FROM:<a@b>\nS: 250 ok\nC: DATA\n"
                "S: 354 go\nC: x\nC: .\nS: 250 ok\n"),
     1},
    {"a document that indents all of it: a message has its own blanks, and no others",
     SLICE_INIT(
         "Look:\n\n    220 mx\n    DATA\n    354 go\n    Subject: x\n      y\n\n    hi\n    .\n"
         "    250 taken\n"),
     SLICE_INIT("S: 220 mx\nC: DATA\nS: 354 go\nC: Subject: x\nC:   y\nC: \nC: hi\nC: .\n"
                "S: 250 taken\n"),
     2},
    {"a message's blank line behind a mark whose blank was cut off",
     SLICE_INIT("< 220 mx\n> DATA\n< 354 go\n> Subject: x\n>\n> \n> hi\n> .\n< 250 taken\n"),
     SLICE_INIT("S: 220 mx\nC: DATA\nS: 354 go\nC: Subject: x\nC: \nC: \nC: hi\nC: .\n"
                "S: 250 taken\n"),
     0},
    {"two sessions, the first of which nobody ended",
     SLICE_INIT("$ telnet mx 25\n220 mx\nVRFY a\n252 a\n$ telnet mx 25\n220 mx\nQUIT\n221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: VRFY a\nS: 252 a\n%test \"session 2\"\nS: 220 mx\nC: QUIT\n"
                "S: 221 bye\n"),
     1},
    {"a chunk that is not shown", SLICE_INIT("220 mx\nBDAT 300 LAST\n250 taken\nQUIT\n221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: BDAT 300 LAST\nC!: ${300*x}\nS: 250 taken\nC: QUIT\nS: 221 bye\n"),
     1},
    {"a chunk that is shorter than it should be",
     SLICE_INIT("220 mx\nBDAT 300 LAST\nabc\n250 taken\nDATA\n354 go\nx\n.\n250 ok\n"),
     SLICE_INIT("S: 220 mx\nC: BDAT 300 LAST\nC: abc\nS: 250 taken\nC: DATA\nS: 354 go\nC: x\n"
                "C: .\nS: 250 ok\n"),
     1},
    {"an exchange that the log hides",
     SLICE_INIT("220 mx\nEHLO me\n250 mx\nDEBUG SMTP: AUTH LOGIN command trace "
                "suppressed\nQUIT\n221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: EHLO me\nS: 250 mx\nC: QUIT\nS: 221 bye\n"), 1},
    {"an unknown command is one, for a reply follows it",
     SLICE_INIT("220 mx\nFOO bar\n500 what?\nQUIT\n221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: FOO bar\nS: 500 what?\nC: QUIT\nS: 221 bye\n"), 0},
    {"pipelined commands", SLICE_INIT("220 mx\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\n250 a\n250 b\n"),
     SLICE_INIT("S: 220 mx\nC: MAIL FROM:<a@b>\nC: RCPT TO:<c@d>\nS: 250 a\nS: 250 b\n"), 0},
    {"a message that looks like replies and commands",
     SLICE_INIT(
         "220 mx\nDATA\n354 go\nSubject: x\n\n250 ok\nQUIT\n..\n.\n250 taken\nQUIT\n221 bye\n"),
     SLICE_INIT(
         "S: 220 mx\nC: DATA\nS: 354 go\nC: Subject: x\nC: \nC: 250 ok\nC: QUIT\nC: ..\nC: .\n"
         "S: 250 taken\nC: QUIT\nS: 221 bye\n"),
     0},
    {"a message with numbers that look like the reply to DATA",
     SLICE_INIT("220 mx\nMAIL FROM:<a@b>\nDATA\n250 ok\n354 go\nSubject: 250 mails\n\n250 came,\n"
                "354 did not\n250-and so on\n.\nQUIT\n250 taken\n221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: MAIL FROM:<a@b>\nC: DATA\nS: 250 ok\nS: 354 go\nC: Subject: 250 "
                "mails\nC: \nC: 250 came,\nC: 354 did not\nC: 250-and so on\nC: .\nC: QUIT\nS: 250 "
                "taken\nS: 221 bye\n"),
     0},
    {"marks of the replies alone, and a message with numbers",
     SLICE_INIT("<<< 220 mx\nDATA\n<<< 354 go\n250 came,\n354 did not\n.\n<<< 250 taken\nQUIT\n"
                "<<< 221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: DATA\nS: 354 go\nC: 250 came,\nC: 354 did not\nC: .\nS: 250 taken\n"
                "C: QUIT\nS: 221 bye\n"),
     1},
    {"a server that waited for the message long enough",
     SLICE_INIT("220 mx\nDATA\n354 go\nhello\n421 timeout\nConnection closed by foreign host.\n"),
     SLICE_INIT("S: 220 mx\nC: DATA\nS: 354 go\nC: hello\nS: 421 timeout\nS: <EOF>\n"), 0},
    {"one that takes no message now, and the dot got lost",
     SLICE_INIT("220 mx\nDATA\n354 go\nhello\n421 later\nQUIT\n221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: DATA\nS: 354 go\nC: hello\nC: .\nS: 421 later\nC: QUIT\n"
                "S: 221 bye\n"),
     1},
    {"a client that does not wait for the greeting",
     SLICE_INIT("EHLO me\n220 mx\n250 mx\nQUIT\n221 bye\n"),
     SLICE_INIT("C: EHLO me\nS: 220 mx\nS: 250 mx\nC: QUIT\nS: 221 bye\n"), 0},
    {"a client that does not wait for it, and words of a page before the answer",
     SLICE_INIT("EHLO me\n220 mx\nSays the server.\n250 mx\nQUIT\n221 bye\n"),
     SLICE_INIT("C: EHLO me\nS: 220 mx\nS: 250 mx\nC: QUIT\nS: 221 bye\n"), 1},
    {"STARTTLS, whose 220 is no greeting", SLICE_INIT("STARTTLS\n220 go\nEHLO me\n250 mx\n"),
     SLICE_INIT("S: 220\nC: STARTTLS\nS: 220 go\n%tls\nC: EHLO me\nS: 250 mx\n"), 1},
    {"a command that was wrapped before its parameters",
     SLICE_INIT("> 220 mx\n> MAIL FROM:<a@b> SIZE=3\n> BODY=8BITMIME\n> 250 ok\n"),
     SLICE_INIT("S: 220 mx\nC: MAIL FROM:<a@b> SIZE=3 BODY=8BITMIME\nS: 250 ok\n"), 1},
    {"what looks like parameters behind a command that has none",
     SLICE_INIT("220 mx\nEHLO me\nuser=x\n250 mx\n"),
     SLICE_INIT("S: 220 mx\nC: EHLO me\nS: 250 mx\n"), 1},
    {"chunks whose lines look like replies",
     SLICE_INIT("220 mx\nBDAT 9\n220 abc\n250 ok\nBDAT 18 LAST\n250 x\n\n354 abc\n250 taken\n"),
     SLICE_INIT("S: 220 mx\nC: BDAT 9\nC: 220 abc\nS: 250 ok\nC: BDAT 18 LAST\nC: 250 x\nC: \n"
                "C: 354 abc\nS: 250 taken\n"),
     0},
    {"ends of lines that an editor shows",
     SLICE_INIT("220 mx^M\nDATA^M\n354 go^M\nx^M\n^M\n250 y^M\n.^M\n250 ok^M\nQUIT^M\n221 bye^M\n"),
     SLICE_INIT("S: 220 mx\nC: DATA\nS: 354 go\nC: x\nC: \nC: 250 y\nC: .\nS: 250 ok\nC: QUIT\n"
                "S: 221 bye\n"),
     0},
    {"ends of lines as pictures, and those of cat -A",
     SLICE_INIT(
         "220 mx\342\220\215\342\220\212\nQUIT\342\220\215\342\220\212\n"
         "221 bye\342\220\215\342\220\212\n$ telnet mx 25\n220 mx\342\220\215\342\220\212\n"),
     SLICE_INIT("S: 220 mx\nC: QUIT\nS: 221 bye\n%test \"session 2\"\nS: 220 mx\n"), 1},
    {"ends of lines, of one line each", SLICE_INIT("220 mx<EOL>\nQUIT<EOL>\n"),
     SLICE_INIT("S: 220 mx\nC: QUIT\n"), 0},
    {"tags and ends of lines", SLICE_INIT("S: 220 mx<CRLF>\nC: QUIT<CRLF>\nS: 221 bye<CRLF>\n"),
     SLICE_INIT("S: 220 mx\nC: QUIT\nS: 221 bye\n"), 1},
    {"a terminal that shows twice what was typed",
     SLICE_INIT("220 mx\nHELO me\nHELO me\n250 mx\nDATA\nDATA\n354 go\n250 x\n250 x\n\n\n\n\n.\n.\n"
                "250 ok\nQUIT\nQUIT\n221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: HELO me\nS: 250 mx\nC: DATA\nS: 354 go\nC: 250 x\nC: \nC: \nC: .\n"
                "S: 250 ok\nC: QUIT\nS: 221 bye\n"),
     1},
    {"one command that was sent twice", SLICE_INIT("220 mx\nNOOP\nNOOP\n"),
     SLICE_INIT("S: 220 mx\nC: NOOP\nC: NOOP\n"), 0},
    {"commands that were sent twice, but for one",
     SLICE_INIT("NOOP\nNOOP\n250 a\nRSET\nRSET\n250 b\nHELO me\nHELO me\n250 c\nQUIT\n221 bye\n"),
     SLICE_INIT("S: 220\nC: NOOP\nC: NOOP\nS: 250 a\nC: RSET\nC: RSET\nS: 250 b\nC: HELO me\n"
                "C: HELO me\nS: 250 c\nC: QUIT\nS: 221 bye\n"),
     1},
    {"commands that were sent twice, and answered so",
     SLICE_INIT("220 mx\nNOOP\nNOOP\n250 a\n250 b\nQUIT\nQUIT\n221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: NOOP\nC: NOOP\nS: 250 a\nS: 250 b\nC: QUIT\nC: QUIT\nS: 221 bye\n"),
     0},
    {"a message that was typed twice", SLICE_INIT("220 mx\nDATA\n354 go\nx\nx\n.\n250 ok\n"),
     SLICE_INIT("S: 220 mx\nC: DATA\nS: 354 go\nC: x\nC: x\nC: .\nS: 250 ok\n"), 0},
    {"a message whose lone dot got lost",
     SLICE_INIT("220 mx\nDATA\n354 go\nhello\n250 taken\nQUIT\n221 bye\n"),
     SLICE_INIT(
         "S: 220 mx\nC: DATA\nS: 354 go\nC: hello\nC: .\nS: 250 taken\nC: QUIT\nS: 221 bye\n"),
     1},
    {"a message that the paste ends in", SLICE_INIT("220 mx\nDATA\n354 go\nhello\n"),
     SLICE_INIT("S: 220 mx\nC: DATA\nS: 354 go\nC: hello\nC: .\n"), 1},
    {"commands alone, with a message",
     SLICE_INIT("EHLO me\nDATA\nSubject: x\n\nQUIT, he said\n.\nQUIT\n"),
     SLICE_INIT(
         "S: 220\nC: EHLO me\nS: 2xx\nC: DATA\nS: 354\nC: Subject: x\nC: \nC: QUIT, he said\n"
         "C: .\nS: 2xx\nC: QUIT\nS: 2xx\n"),
     2},
    {"commands alone, which authenticate and begin TLS",
     SLICE_INIT("EHLO me\nSTARTTLS\nAUTH LOGIN\nYQ==\nYg==\nAUTH PLAIN AGEAYg==\nBDAT 6 "
                "LAST\nabcd\nFOO\n"),
     SLICE_INIT(
         "S: 220\nC: EHLO me\nS: 2xx\nC: STARTTLS\nS: 220\n%tls\nC: AUTH LOGIN\nS: 334\nC: YQ==\n"
         "S: 334\nC: Yg==\nS: 235\nC: AUTH PLAIN AGEAYg==\nS: 235\nC: BDAT 6 LAST\nC: abcd\nS: "
         "2xx\n"),
     3},
    {"a message whose 354 got lost",
     SLICE_INIT("220 mx\nDATA\nSubject: x\n\n.\n250 taken\nQUIT\n221 bye\n"),
     SLICE_INIT(
         "S: 220 mx\nC: DATA\nS: 354\nC: Subject: x\nC: \nC: .\nS: 250 taken\nC: QUIT\nS: 221 "
         "bye\n"),
     1},
    {"what the page says behind the session",
     SLICE_INIT("220 mx\nQUIT\n221 bye\nConnection closed by foreign host.\nAny idea?\n"),
     SLICE_INIT("S: 220 mx\nC: QUIT\nS: 221 bye\nS: <EOF>\n"), 1},
    {"TLS after STARTTLS and its 220", SLICE_INIT("220 mx\nSTARTTLS\n220 go\nEHLO me\n250 mx\n"),
     SLICE_INIT("S: 220 mx\nC: STARTTLS\nS: 220 go\n%tls\nC: EHLO me\nS: 250 mx\n"), 0},
    {"no TLS where STARTTLS was refused", SLICE_INIT("220 mx\nSTARTTLS\n454 no\nQUIT\n221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: STARTTLS\nS: 454 no\nC: QUIT\nS: 221 bye\n"), 0},
    {"AUTH LOGIN, whose answers look like nothing",
     SLICE_INIT("220 mx\nAUTH LOGIN\n334 VXNlcm5hbWU6\nYQ==\n334 UGFzc3dvcmQ6\nYg==\n235 ok\n"),
     SLICE_INIT("S: 220 mx\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YQ==\nS: 334 UGFzc3dvcmQ6\nC: "
                "Yg==\nS: 235 ok\n"),
     0},
    {"quoted as mails quote", SLICE_INIT("> 220 mx\n> QUIT\n> 221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: QUIT\nS: 221 bye\n"), 0},
    {"marks name the speakers", SLICE_INIT("<<< 220 mx\n>>> whatever\n<<< 500 no\n"),
     SLICE_INIT("S: 220 mx\nC: whatever\nS: 500 no\n"), 0},
    {"marks the other way round",
     SLICE_INIT(
         "> 220 mx\n< HELO b\n> 250-c\n> 250 d\n< DATA\n> 354 e\n< 250 is text\n< .\n> 250 f\n"),
     SLICE_INIT("S: 220 mx\nC: HELO b\nS: 250-c\nS: 250 d\nC: DATA\nS: 354 e\nC: 250 is text\nC: "
                ".\nS: 250 f\n"),
     0},
    {"typing corrected with backspaces", SLICE_INIT("220 mx\nQUTI\b\bIT\n221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: QUIT\nS: 221 bye\n"), 1},
    {"${ is text", SLICE_INIT("220 mx ${x}\nQUIT\n221 bye\n"),
     SLICE_INIT("S: 220 mx $${x}\nC: QUIT\nS: 221 bye\n"), 0},
    {"a bar is text", SLICE_INIT("220 mx | warn 5xx\nQUIT\n221 |\n"),
     SLICE_INIT("S: 220 mx ${bar:-|} warn 5xx\nC: QUIT\nS: 221 ${bar:-|}\n"), 0},
    {"the person left", SLICE_INIT("220 mx\nNOOP\n250 ok\n^]\ntelnet> quit\nConnection closed.\n"),
     SLICE_INIT("S: 220 mx\nC: NOOP\nS: 250 ok\n"), 0},
    {"verbs in the text of HELP",
     SLICE_INIT("220 mx\nHELP\n214-Try:\nEHLO MAIL\n214 End\nQUIT\n221 bye\n"),
     SLICE_INIT("S: 220 mx\nC: HELP\nS: 214-Try: EHLO MAIL\nS: 214 End\nC: QUIT\nS: 221 bye\n"), 1},
    {"a reply whose last line is missing", SLICE_INIT("220 mx\nEHLO me\n250-mx\nQUIT\n"),
     SLICE_INIT("S: 220 mx\nC: EHLO me\nS: 250 mx\nC: QUIT\n"), 1},
};

/* An import must load; its octets are what is compared. */
static void import(struct slice in, bool must_load)
{
    struct slice copy = law_copy(in);
    struct transcript *t = transcript_import(copy, SLICE("row"));
    law_free(copy);
    struct script *script = script_load(t->text, NULL);
    if (t->error_count == 0)
        assert_int_equal(script->error_count, 0);
    else
        assert_false(must_load);
    script_free(script);
    transcript_free(t);
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct transcript *t = transcript_import(rows[i].in, SLICE("row"));
        if (!slice_equal(t->text, rows[i].out) || t->note_count != rows[i].notes)
            fail_msg("%s: %zu notes\n%.*s", rows[i].name, t->note_count, (int)t->text.len,
                     (const char *)t->text.ptr);
        transcript_free(t);
        import(rows[i].in, true);
        for (size_t len = 0; len < rows[i].in.len; len++)
            import(slice_sub(rows[i].in, 0, len), false);
    }
}

static const struct {
    struct slice in;
    bool transcript;
} detected[] = {
    {SLICE_INIT(""), false},
    {SLICE_INIT("# only a comment\n"), false},
    {SLICE_INIT("# [Page 1]\nC:\n"), false},
    {SLICE_INIT("220 mx\nQUIT\n"), true},
    {SLICE_INIT("S: 220\nC: QUIT\n"), false},
    {SLICE_INIT("C:\\Users\\me>telnet mx 25\n220 mx\n"), true},
    {SLICE_INIT("  C!: x\\r\\n\n"), false},
    {SLICE_INIT("%test \"x\"\n"), false},
    {SLICE_INIT("Connected to smtp://mx:25/\nS: 220\nC: QUIT\n"), true},
    {SLICE_INIT("S: 220\nC: EHLO a\nS: 250-b\n250 c\n"), true},
    {SLICE_INIT("\xEF\xBB\xBFS: 220\nC: EHLO a\nS: 250-b\n250 c\n"), true},
    {SLICE_INIT("\xEF\xBB\xBF# only a comment\n"), false},
    {SLICE_INIT("C: EHLO a\n250 c\n"), false}, /* a tag was forgotten */
    {SLICE_INIT("S: 220 a<CRLF>\nC: NOOP<CRLF>\n"), true},
    {SLICE_INIT("S: 220 a<CRLF>\nC: NOOP\n"), false},
    {SLICE_INIT("S: 220 a<CRLF>\nS: 221 b<CRLF>\n"), false},
    {SLICE_INIT("220 a\nMAIL FROM:<a>\nDATA\n250 b\n354 c\nC: x\n%tls\n.\n250 d\n"), true},
    {SLICE_INIT("220 a\nDATA\n354 c\n.\nC: x\n%tls\n"), false},
    {SLICE_INIT("S: 220 a\nC: DATA\n354 b\n%quiet 1s\n"), false},
    {SLICE_INIT("# x\nS: 220\nnonsense\nC: QUIT\n"), false},
    /* regular expressions of a test suite; a scenario has none, and its mistakes are reported */
    {SLICE_INIT("S: 220.*\nC: EHLO a\n"), true},
    {SLICE_INIT("S: 220 a\nC: EHLO a\nSUB {\nS: 250 b\n}\n"), true},
    {SLICE_INIT("S: 220 .*\nC: EHLO a\n"), false},
    {SLICE_INIT("S: 220/554\nC: EHLO a\nS: 250-a\nS: 250\n"), false},
    {SLICE_INIT("S: 220.*\nC: EHLO a\n%quiet 1s\n"), false},
    {SLICE_INIT("S: 220.*\n"), false},
    {SLICE_INIT("%format telnet\nC: not a tag here\n220 mx\n"), true},
};

static void detection(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof detected / sizeof *detected; i++)
        assert_int_equal(transcript_detect(detected[i].in), detected[i].transcript);
}

static void shown_ends(void **state)
{
    static const char *const ends[] = {"\\r\\n",
                                       "\\r",
                                       "\\n",
                                       "<CR><LF>",
                                       "<CRLF>",
                                       "[CR][LF]",
                                       "[CRLF]",
                                       "^M$",
                                       "^M",
                                       "$",
                                       "\xE2\x90\x8D\xE2\x90\x8A"};
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char in[128];
        int len = snprintf(in, sizeof in, "220 mx%s\n%s\nHELO me%s\n250 mx%s\n", ends[i], ends[i],
                           ends[i], ends[i]);
        struct transcript *t = transcript_import(slice_of(in, (size_t)len), SLICE("x"));
        if (!slice_equal(t->text, SLICE("S: 220 mx\nC: HELO me\nS: 250 mx\n")))
            fail_msg("%s: %.*s", ends[i], (int)t->text.len, (const char *)t->text.ptr);
        assert_int_equal(t->note_count, 0);
        transcript_free(t);
    }
}

/* How the session that a command began is replayed: TLS from the first octet, or behind STARTTLS.
 */
static void launches(void **state)
{
    static const struct {
        struct slice in;
        bool implicit_tls, starttls;
    } commands[] = {
        {SLICE_INIT("$ openssl s_client -connect mx.example:465\n220 mx\nQUIT\n221 bye\n"), true,
         false},
        {SLICE_INIT("$ openssl s_client -starttls smtp -connect mx.example:25\nQUIT\n221 bye\n"),
         false, true},
        {SLICE_INIT("$ gnutls-cli -p 465 mx.example\n220 mx\nQUIT\n221 bye\n"), true, false},
        {SLICE_INIT("$ gnutls-cli --starttls-proto=smtp -p 25 mx.example\nQUIT\n221 bye\n"), false,
         true},
        {SLICE_INIT("$ gnutls-cli -s -p 25 mx.example\n220 mx\nSTARTTLS\n220 go\nQUIT\n221 bye\n"),
         false, true},
        {SLICE_INIT("$ telnet mx.example 25\n220 mx\nQUIT\n221 bye\n"), false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        struct transcript *t = transcript_import(commands[i].in, SLICE("x"));
        assert_int_equal(t->implicit_tls, commands[i].implicit_tls);
        assert_int_equal(slice_holds(t->text, SLICE("%tls\n")), commands[i].starttls);
        transcript_free(t);
    }
}

static void no_dialogue(void **state)
{
    (void)state;
    static const struct slice texts[] = {SLICE_INIT("hello\nworld\n"),
                                         SLICE_INIT("From: a\nSubject: 250\n")};
    for (size_t i = 0; i < 2; i++) {
        struct transcript *t = transcript_import(texts[i], SLICE("x"));
        assert_int_equal(t->error_count, 1);
        assert_int_equal(t->notes[0].line, 1);
        transcript_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(table), cmocka_unit_test(detection),
                                       cmocka_unit_test(no_dialogue), cmocka_unit_test(shown_ends),
                                       cmocka_unit_test(launches)};
    return cmocka_run_group_tests_name("transcript", tests, NULL, NULL);
}
