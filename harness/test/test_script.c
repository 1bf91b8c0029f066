#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>

#include "law.h"
#include "printed.h"

/* ---- good scripts ---- */

/* clang-format off */
static const struct printed_row sends[] = {
    {"lines, and who answers what",
     SLICE_INIT("S: 220\nC: EHLO a\nS: 250-a\nS: 250 SIZE\nC: NOOP\nC: QUIT\nS: 250\nS: 221\nS: <EOF>\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [EHLO a\\r\\n]\n"
     "3:4 expect 250 decides line [a] line [SIZE] to 1\n"
     "5:4 send command [NOOP\\r\\n]\n"
     "6:4 send command [QUIT\\r\\n]\n"
     "7:4 expect 250 decides line  to 3\n"
     "8:4 expect 221 decides line  to 4\n"
     "9:4 expect <EOF> decides to 4\n"},
    {"CRLF, indentation, comments, blank lines, no space after the tag, a byte order mark",
     SLICE_INIT("\xEF\xBB\xBF# \xEF\r\n\r\n   S: 220 hi\r\n\tC:NOOP \r\n \t \r\nS:250"),
     "test 1 MUST t.smtp\n"
     "3:7 expect 220 decides line [hi]\n"
     "4:4 send command [NOOP \\r\\n]\n"
     "6:3 expect 250 decides line  to 1\n"},
    {"empty line, blanks and a # are octets too",
     SLICE_INIT("S: 220\nC:\nC:  # \\q\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:3 send command [\\r\\n]\n"
     "3:4 send command [ # \\q\\r\\n]\n"},
    {"octets", SLICE_INIT("S: 220\nC!: a\\r\\n\\t\\0\\\\\\x7F\\xff \nS: 500\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:5 send raw [a\\r\\n\\x09\\x00\\\\x7f\\xff ] alone\n"
     "3:4 expect 500 decides line  to 1\n"},
    {"two commands in one write, one command in two",
     SLICE_INIT("S: 220\nC!: NOOP\\r\\nRSET\\r\\n\nC!: QU\nC!: IT\\r\\n\nS: 250\nS: 251\nS: 221\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:5 send raw [NOOP\\r\\nRSET\\r\\n] alone\n"
     "3:5 send raw [QU] alone\n"
     "4:5 send raw [IT\\r\\n] alone\n"
     "5:4 expect 250 decides line  to 1\n"
     "6:4 expect 251 decides line  to 1\n"
     "7:4 expect 221 decides line  to 3\n"},
    {"%flush",
     SLICE_INIT("%flush each\nC: a\n%flush group\nC: b\n"),
     "test 1 MUST t.smtp\n2:4 send command [a\\r\\n] alone\n4:4 send command [b\\r\\n]\n"},
    {"%lax",
     SLICE_INIT("%lax\nC: a\n%lax off\nC: b\n%lax on\n%close\n"),
     "test 1 MUST t.smtp\n2:4 send command [a\\r\\n] lax\n4:4 send command [b\\r\\n]\n6:1 close lax\n"},
};

static const struct printed_row dialogues[] = {
    {"a message, and dots in it",
     SLICE_INIT("S: 220\nC: DATA\nS: 354\nC: a\nC:\nC: ..\nC: .\nC: QUIT\nS: 250\nS: 221\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect 354 decides line  to 1\n"
     "4:4 send message [a\\r\\n]\n"
     "5:3 send message [\\r\\n]\n"
     "6:4 send message [..\\r\\n]\n"
     "7:4 send message [.\\r\\n] ends\n"
     "8:4 send command [QUIT\\r\\n]\n"
     "9:4 expect 250 decides line  to 6\n"
     "10:4 expect 221 decides line  to 7\n"},
    {"pipelined up to DATA",
     SLICE_INIT("S: 220\nC: MAIL\nC: RCPT\nC: DATA\nS: 250\nS: 251\nS: 354/503\nC: .\nS: 250\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [MAIL\\r\\n]\n"
     "3:4 send command [RCPT\\r\\n]\n"
     "4:4 send command [DATA\\r\\n]\n"
     "5:4 expect 250 decides line  to 1\n"
     "6:4 expect 251 decides line  to 2\n"
     "7:4 expect 354/503 decides line  to 3\n"
     "8:4 send message [.\\r\\n] ends\n"
     "9:4 expect 250 decides line  to 7\n"},
    {"DATA that is refused, and one that any reply may answer",
     SLICE_INIT("S: 220\nC: DATA\nS: 503\nC: .\nS: 500\nC: DATA\nS: *\nC: .\nS: !2xx\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect 503 decides line  to 1\n"
     "4:4 send command [.\\r\\n]\n"
     "5:4 expect 500 decides line  to 3\n"
     "6:4 send command [DATA\\r\\n]\n"
     "7:4 expect * decides line  to 5\n"
     "8:4 send command [.\\r\\n]\n"
     "9:4 expect !2xx decides line  to 7\n"},
    {"%data",
     SLICE_INIT("S: 220\nC: data\nS: 3xx\n%data <<EOT\n.a\n\n ${given} EOT\n  EOT\nS: 250\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [data\\r\\n]\n"
     "3:4 expect 3xx decides line  to 1\n"
     "5:1 send message [..a\\r\\n]\n"
     "6:1 send message [\\r\\n]\n"
     "7:1 send message [ ]<given>[ EOT\\r\\n]\n"
     "8:1 send message [.\\r\\n] ends\n"
     "9:4 expect 250 decides line  to 6\n"},
    {"a lone dot in raw octets, and a command behind it",
     SLICE_INIT("S: 220\n"
                "C: DATA\n"
                "S: 354\n"
                "C!: a\\r\\n\\n.\\n\n"
                "C!: b\\r\\n.\\r\\nNOOP\\r\\n\n"
                "C!: .\\r\\n\n"
                "S: 250\n"
                "S: 251\n"
                "S: 500\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect 354 decides line  to 1\n"
     "4:5 send message [a\\r\\n\\n.\\n] alone\n"
     "5:5 send message [b\\r\\n.\\r\\nNOOP\\r\\n] alone\n"
     "6:5 send raw [.\\r\\n] alone\n"
     "7:4 expect 250 decides line  to 4\n"
     "8:4 expect 251 decides line  to 4\n"
     "9:4 expect 500 decides line  to 5\n"},
    {"a lone dot cut in two",
     SLICE_INIT("S: 220\nC: DATA\nS: 354\nC!: a\\r\\n.\nC!: \\r\\n\nS: 250\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect 354 decides line  to 1\n"
     "4:5 send message [a\\r\\n.] alone\n"
     "5:5 send message [\\r\\n] alone ends\n"
     "6:4 expect 250 decides line  to 4\n"},
    {"a message without its lone dot",
     SLICE_INIT("S: 220\nC: DATA\nS: 354\nC: a\nS: 250\nC: QUIT\nS: 221\n"),
     "warning 5:4:3 the message before this reply has no lone dot\n"
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect 354 decides line  to 1\n"
     "4:4 send message [a\\r\\n]\n"
     "5:4 expect 250 decides line  to 3\n"
     "6:4 send command [QUIT\\r\\n]\n"
     "7:4 expect 221 decides line  to 5\n"},
    {"%data in the middle of a line",
     SLICE_INIT("S: 220\nC: DATA\nS: 354\nC!: a\n%data <<EOT\n.b\n\nEOT\nS: 250\n"),
     "warning 6:1:2 it goes on in the line before it, which \\r\\n would end\n"
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect 354 decides line  to 1\n"
     "4:5 send message [a] alone\n"
     "6:1 send message [..b\\r\\n]\n"
     "7:1 send message [\\r\\n]\n"
     "8:1 send message [.\\r\\n] ends\n"
     "9:4 expect 250 decides line  to 6\n"},
    {"%data behind a bare LF, and behind a variable",
     SLICE_INIT("S: 220\nC: DATA\nS: 354\nC!: a\\n\n%data <<EOT\nEOT\nS: 250\n"
                "C: DATA\nS: 354\nC!: ${given}\n%data <<EOT\n\nEOT\nS: 250\n"),
     "warning 7:4:3 the message before this reply has no lone dot\n"
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect 354 decides line  to 1\n"
     "4:5 send message [a\\n] alone\n"
     "6:1 send message [.\\r\\n]\n"
     "7:4 expect 250 decides line  to 4\n"
     "8:4 send command [DATA\\r\\n]\n"
     "9:4 expect 354 decides line  to 6\n"
     "10:5 send message <given> alone\n"
     "12:1 send message [\\r\\n]\n"
     "13:1 send message [.\\r\\n] ends\n"
     "14:4 expect 250 decides line  to 10\n"},
    {"the server closes in a message",
     SLICE_INIT("S: 220\nC: DATA\nS: 354\nC: a\nS: <EOF>\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect 354 decides line  to 1\n"
     "4:4 send message [a\\r\\n]\n"
     "5:4 expect <EOF> decides to 3\n"},
    {"BDAT",
     SLICE_INIT("S: 220\n"
                "C: BDAT 7\n"
                "C: a\n"
                "C!: bcde\n"
                "C: BDAT 2 LAST\n"
                "C!: ${given}xx\n"
                "C: QUIT\n"
                "S: 250\n"
                "S: 251\n"
                "S: 221\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [BDAT 7\\r\\n]\n"
     "3:4 send message [a\\r\\n]\n"
     "4:5 send message [bcde] alone\n"
     "5:4 send command [BDAT 2 LAST\\r\\n]\n"
     "6:5 send message <given>[xx] alone\n"
     "7:4 send command [QUIT\\r\\n]\n"
     "8:4 expect 250 decides line  to 1\n"
     "9:4 expect 251 decides line  to 4\n"
     "10:4 expect 221 decides line  to 6\n"},
    {"BDAT that is refused, and one that is none",
     SLICE_INIT("S: 220\nC: BDAT 99\nS: 503\nC: BDAT x\nS: 501\nC: QUIT\nS: 221\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [BDAT 99\\r\\n]\n"
     "3:4 expect 503 decides line  to 1\n"
     "4:4 send command [BDAT x\\r\\n]\n"
     "5:4 expect 501 decides line  to 3\n"
     "6:4 send command [QUIT\\r\\n]\n"
     "7:4 expect 221 decides line  to 5\n"},
    {"AUTH",
     SLICE_INIT("S: 220\n"
                "C: AUTH PLAIN\n"
                "S: 334\n"
                "C: AGE=\n"
                "S: 235\n"
                "C: auth LOGIN\n"
                "S: 334\n"
                "C: a\n"
                "S: 334\n"
                "C: b\n"
                "S: 5xx\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [AUTH PLAIN\\r\\n]\n"
     "3:4 expect 334 decides line  to 1\n"
     "4:4 send auth [AGE=\\r\\n] secret after 0\n"
     "5:4 expect 235 decides line  to 3\n"
     "6:4 send command [auth LOGIN\\r\\n]\n"
     "7:4 expect 334 decides line  to 5\n"
     "8:4 send auth [a\\r\\n] secret after 0\n"
     "9:4 expect 334 decides line  to 7\n"
     "10:4 send auth [b\\r\\n] secret after 0\n"
     "11:4 expect 5xx decides line  to 9\n"},
    {"AUTH with its initial response",
     SLICE_INIT("S: 220\n"
                "C: AUTH  PLAIN  AGE= \n"
                "S: 235\n"
                "C: AUTH PLAIN ${b64:\\0${user}}\n"
                "S: 235\n"
                "C: AUTH ${given} b\n"
                "S: 235\n"
                "C: AUTH ${given}\n"
                "S: 235\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [AUTH  PLAIN  AGE= \\r\\n] secret after 13\n"
     "3:4 expect 235 decides line  to 1\n"
     "4:4 send command [AUTH PLAIN ]<b64 [\\x00]<user>>[\\r\\n] secret after 11\n"
     "5:4 expect 235 decides line  to 3\n"
     "6:4 send command [AUTH ]<given>[ b\\r\\n] secret after 5\n"
     "7:4 expect 235 decides line  to 5\n"
     "8:4 send command [AUTH ]<given>[\\r\\n]\n"
     "9:4 expect 235 decides line  to 7\n"},
    {"AUTH in raw octets, cut anywhere",
     SLICE_INIT("S: 220\n"
                "C!: NOOP\\r\\nAUTH PLAIN AGE=\\r\\n\n"
                "S: 250\n"
                "S: 235\n"
                "C!: AU\n"
                "C!: TH PLAIN AG\n"
                "C!: E=\\r\\n\n"
                "S: 235\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:5 send raw [NOOP\\r\\nAUTH PLAIN AGE=\\r\\n] alone secret after 17\n"
     "3:4 expect 250 decides line  to 1\n"
     "4:4 expect 235 decides line  to 1\n"
     "5:5 send raw [AU] alone\n"
     "6:5 send raw [TH PLAIN AG] alone secret after 9\n"
     "7:5 send raw [E=\\r\\n] alone secret after 0\n"
     "8:4 expect 235 decides line  to 6\n"},
    {"AUTH that is text",
     SLICE_INIT("S: 220\nC: DATA\nS: 354\nC: AUTH PLAIN AGE=\nC: .\nS: 250\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect 354 decides line  to 1\n"
     "4:4 send message [AUTH PLAIN AGE=\\r\\n]\n"
     "5:4 send message [.\\r\\n] ends\n"
     "6:4 expect 250 decides line  to 4\n"},
    {"STARTTLS",
     SLICE_INIT("S: 220\nC: STARTTLS\nC: NOOP\nS: 220\n%tls\nC: EHLO a\nS: 250\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [STARTTLS\\r\\n]\n"
     "3:4 send command [NOOP\\r\\n]\n"
     "4:4 expect 220 decides line  to 1\n"
     "5:1 tls 0 0 0 \n"
     "6:4 send command [EHLO a\\r\\n]\n"
     "7:4 expect 250 decides line  to 5\n"},
    {"plain text after STARTTLS",
     SLICE_INIT("S: 220\n"
                "C: STARTTLS\n"
                "S: 220/454\n"
                "C: EHLO a b  \n"
                "S: 250\n"
                "C: STARTTLS\n"
                "S: 220\n"
                "C!: a\n"
                "C: STARTTLS\n"
                "S: 454\n"
                "C: QUIT\n"),
     "warning 4:4:10 after STARTTLS it goes out in plain text: %tls shakes hands\n"
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [STARTTLS\\r\\n]\n"
     "3:4 expect 220/454 decides line  to 1\n"
     "4:4 send command [EHLO a b  \\r\\n]\n"
     "5:4 expect 250 decides line  to 3\n"
     "6:4 send command [STARTTLS\\r\\n]\n"
     "7:4 expect 220 decides line  to 5\n"
     "8:5 send raw [a] alone\n"
     "9:4 send command [STARTTLS\\r\\n]\n"
     "10:4 expect 454 decides line  to 8\n"
     "11:4 send command [QUIT\\r\\n]\n"},
    {"more replies than commands",
     SLICE_INIT("S: 220\nS: 250\nC!: NOOP\\n\nS: 250\nS: 251\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 expect 250 decides line \n"
     "3:5 send raw [NOOP\\n] alone\n"
     "4:4 expect 250 decides line  to 2\n"
     "5:4 expect 251 decides line  to 2\n"},
    {"the client speaks first",
     SLICE_INIT("C: EHLO a\nS: 220\nS: 250\n"),
     "test 1 MUST t.smtp\n"
     "1:4 send command [EHLO a\\r\\n]\n"
     "2:4 expect 220 decides line \n"
     "3:4 expect 250 decides line  to 0\n"},
    {"no lone dots",
     SLICE_INIT("S: 220\n"
                "C: DATA\n"
                "S: 354\n"
                "C!: a\\r\\n.\\r\\r\\n\n"
                "C: . \n"
                "C!: .\\n\n"
                "C!: \\r\\n.\\r\\n\n"
                "S: 250\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect 354 decides line  to 1\n"
     "4:5 send message [a\\r\\n.\\r\\r\\n] alone\n"
     "5:4 send message [. \\r\\n]\n"
     "6:5 send message [.\\n] alone\n"
     "7:5 send message [\\r\\n.\\r\\n] alone ends\n"
     "8:4 expect 250 decides line  to 6\n"},
    {"half a command behind a lone dot",
     SLICE_INIT("S: 220\nC: DATA\nS: 354\nC!: .\\r\\nNO\nC!: OP\\r\\n\nS: 250\nS: 251\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect 354 decides line  to 1\n"
     "4:5 send message [.\\r\\nNO] alone\n"
     "5:5 send raw [OP\\r\\n] alone\n"
     "6:4 expect 250 decides line  to 3\n"
     "7:4 expect 251 decides line  to 4\n"},
    {"any reply to DATA, in digits",
     SLICE_INIT("S: 220\nC: DATA\nS: xxx\nC: a\nS: 500\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [DATA\\r\\n]\n"
     "3:4 expect xxx decides line  to 1\n"
     "4:4 send command [a\\r\\n]\n"
     "5:4 expect 500 decides line  to 3\n"},
    {"a variable is all that is left of a chunk",
     SLICE_INIT("S: 220\nC: BDAT 90\nC!: ${given}xx\nC: QUIT\nS: 250\nS: 221\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [BDAT 90\\r\\n]\n"
     "3:5 send message <given>[xx] alone\n"
     "4:4 send command [QUIT\\r\\n]\n"
     "5:4 expect 250 decides line  to 1\n"
     "6:4 expect 221 decides line  to 3\n"},
    {"3xx to AUTH asks for credentials, to MAIL for nothing",
     SLICE_INIT("S: 220\nC: AUTH X\nS: 3xx\nC: a\nS: 235\nC: MAIL\nS: 354\nC: b\nS: 250\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [AUTH X\\r\\n]\n"
     "3:4 expect 3xx decides line  to 1\n"
     "4:4 send auth [a\\r\\n] secret after 0\n"
     "5:4 expect 235 decides line  to 3\n"
     "6:4 send command [MAIL\\r\\n]\n"
     "7:4 expect 354 decides line  to 5\n"
     "8:4 send command [b\\r\\n]\n"
     "9:4 expect 250 decides line  to 7\n"},
};

static const struct printed_row replies[] = {
    {"codes",
     SLICE_INIT("S: 250\n"
                "S: 5xY\n"
                "S: 250/251/4ZZ\n"
                "S: !2xx/354\n"
                "S: *\n"
                "S: 221/<eof>\n"
                "S: !<EOF>\n"
                "S: 2x0 a\n"
                "S: xxx\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 250 decides line \n"
     "2:4 expect 5xx decides line \n"
     "3:4 expect 250/251/4xx decides line \n"
     "4:4 expect !2xx/354 decides line \n"
     "5:4 expect * decides line \n"
     "6:4 expect 221/<EOF> decides line \n"
     "7:4 expect !<EOF> decides line \n"
     "8:4 expect 2x0 decides line [a]\n"
     "9:4 expect xxx decides line \n"},
    {"text, kept as it is",
     SLICE_INIT("S: 250  a \nS: 250- b\nS: 250-\nS: 250\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 250 decides line [ a ]\n"
     "2:4 expect 250 decides line [ b] line  line \n"},
    {"enhanced codes",
     SLICE_INIT("S: 550 5.1.1 a\n"
                "S: 550 5.1.x\n"
                "S: 450 4.X.y b\n"
                "S: 2xx x.0.999\n"
                "S: 250-2.0.0 a\n"
                "S: 250 2.1.0 b\n"
                "S: 250/550 5.1.1\n"
                "S: * 5.1.1\n"
                "S: !2xx 5.1.1\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 550 enhanced 5.1.1 decides line [5.1.1 a]\n"
     "2:4 expect 550 enhanced 5.1.-1 decides line [5.1.x]\n"
     "3:4 expect 450 enhanced 4.-1.-1 decides line [4.X.y b]\n"
     "4:4 expect 2xx enhanced -1.0.999 decides line [x.0.999]\n"
     "5:4 expect 250 enhanced 2.0.0 decides line [2.0.0 a] line [2.1.0 b]\n"
     "7:4 expect 250/550 enhanced 5.1.1 decides line [5.1.1]\n"
     "8:4 expect * enhanced 5.1.1 decides line [5.1.1]\n"
     "9:4 expect !2xx enhanced 5.1.1 decides line [5.1.1]\n"},
    {"no enhanced codes",
     SLICE_INIT("S: 250 2.0.0.1 a\n"
                "S: 250 2.0\n"
                "S: 250 3.0.0\n"
                "S: 250 2.00.0\n"
                "S: 250 2.0.1000\n"
                "S: 250 2.0.0a\n"
                "S: 250 ..\n"
                "S: 250 a 2.0.0\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 250 decides line [2.0.0.1 a]\n"
     "2:4 expect 250 decides line [2.0]\n"
     "3:4 expect 250 decides line [3.0.0]\n"
     "4:4 expect 250 decides line [2.00.0]\n"
     "5:4 expect 250 decides line [2.0.1000]\n"
     "6:4 expect 250 decides line [2.0.0a]\n"
     "7:4 expect 250 decides line [..]\n"
     "8:4 expect 250 decides line [a 2.0.0]\n"},
    {"an enhanced code of another class",
     SLICE_INIT("S: 250 5.1.1 a\nS: 5xx 4.0.0\n"),
     "warning 1:8:5 its class contradicts the reply code (RFC 2034 4)\n"
     "warning 2:8:5 its class contradicts the reply code (RFC 2034 4)\n"
     "test 1 MUST t.smtp\n"
     "1:4 expect 250 enhanced 5.1.1 decides line [5.1.1 a]\n"
     "2:4 expect 5xx enhanced 4.0.0 decides line [4.0.0]\n"},
    {"runs",
     SLICE_INIT("S: 250-a\n# comment\n\nS: 250-b\nS=: 250-c\nS: 250 d\nS: 2xx-a\nS: 2XX b\nC: a\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 250 decides line [a] line [b] exact [250-c] line [d]\n"
     "7:4 expect 2xx decides line [a] line [b]\n"
     "9:4 send command [a\\r\\n]\n"},
    {"exact lines",
     SLICE_INIT("S=: 250-a b \nS=: 250 c\nS=: 199\nS=: ${given} x\nS=: 250 5.1.1 | warn 250\n"),
     "test 1 MUST t.smtp\n"
     "1:5 expect 250 decides exact [250-a b ] exact [250 c]\n"
     "3:5 expect 199 decides exact [199]\n"
     "4:5 expect * decides exact <given>[ x]\n"
     "5:5 expect 250 decides exact [250 5.1.1 | warn 250]\n"},
    {"patterns",
     SLICE_INIT("S~: ^250[- ]a|b\nS~: \nS~: a b \n"),
     "error 2:5:1 a pattern is missing: S~: ^250-SIZE\n"},
    {"verdicts",
     SLICE_INIT("S: 220\n"
                "S: 501 | warn 250 | unclear 421/4xx\n"
                "S: 250\n"
                "S: <EOF> | warn 421\n"
                "S~: ^2 | unclear 4xx\n"),
     "test 1 MUST t.smtp decisive\n"
     "1:4 expect 220 line \n"
     "2:4 expect 501 warn 250 unclear 421/4xx decides line \n"
     "3:4 expect 250 line \n"
     "4:4 expect <EOF> warn 421 decides\n"
     "5:5 expect * unclear 4xx decides pattern\n"},
    {"verdicts behind text, run and enhanced code",
     SLICE_INIT("S: 501 5.5.1 no |way | warn 250\n"
                "S: 250-a\n"
                "S: 250 b | pass 251 | warn <EOF>\t|\tunclear  5xx \n"),
     "test 1 MUST t.smtp decisive\n"
     "1:4 expect 501 warn 250 enhanced 5.5.1 decides line [5.5.1 no |way]\n"
     "2:4 expect 250/251 warn <EOF> unclear 5xx decides line [a] line [b]\n"},
    {"a set in several pieces",
     SLICE_INIT("S: 501 | pass 502 | warn 250 | pass !3xx\n"),
     "error 1:37:4 a set with ! takes no further outcomes\n"},
    {"verdicts of a negated set",
     SLICE_INIT("S: !2xx | warn 2xx/<EOF>\n"),
     "test 1 MUST t.smtp decisive\n"
     "1:4 expect !2xx warn 2xx/<EOF> decides line \n"},
    {"a line after a pattern",
     SLICE_INIT("S~: a\nS: 250\nS=: 251\n"),
     "test 1 MUST t.smtp\n"
     "1:5 expect * decides pattern\n"
     "2:4 expect 250 decides line \n"
     "3:5 expect 251 decides exact [251]\n"},
    {"a bar in the text",
     SLICE_INIT("S: 250 a | b\n"
                "S: 250 a | warn of it\n"
                "S: 250 a | warned 250\n"
                "S: 250 a| warn 250\n"
                "S: 250 a |warn 250\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 250 decides line [a | b]\n"
     "2:4 expect 250 decides line [a | warn of it]\n"
     "3:4 expect 250 decides line [a | warned 250]\n"
     "4:4 expect 250 decides line [a| warn 250]\n"
     "5:4 expect 250 decides line [a |warn 250]\n"},
    {"%within",
     SLICE_INIT("%within 2s\nS: 220\nS: 221\n%within 90m\nS: 222-\nS: 222\n"),
     "test 1 MUST t.smtp\n"
     "2:4 expect 220 decides within 2000 line \n"
     "3:4 expect 221 decides line \n"
     "5:4 expect 222 decides within 5400000 line  line \n"},
};

static const struct printed_row texts[] = {
    {"variables",
     SLICE_INIT("C: EHLO ${client}\n"
                "C: ${from}${rcpt}a${given:-b c}${other:-}${ehlo.SIZE}${ehlo.X-Y}\n"),
     "test 1 MUST t.smtp\n"
     "1:4 send command [EHLO ]<client>[\\r\\n]\n"
     "2:4 send command <from><rcpt>[a]<given=b c><other=><ehlo.SIZE><ehlo.X-Y>[\\r\\n]\n"},
    {"literals",
     SLICE_INIT("C: $ $$ $${rcpt} $$${rcpt} $a } \\\n"),
     "test 1 MUST t.smtp\n"
     "1:4 send command [$ $$ ${rcpt} $${rcpt} $a } \\\\r\\n]\n"},
    {"base64",
     SLICE_INIT("C: a${b64:}b${b64:\\0\\x41${rcpt}${b64:c}$}\n"
                "C: ${b64:${b64:${b64:${b64:${b64:${b64:${b64:${b64:x}}}}}}}}\n"),
     "test 1 MUST t.smtp\n"
     "1:4 send command [a]<b64 >[b]<b64 [\\x00A]<rcpt><b64 [c]>[$]>[\\r\\n]\n"
     "2:4 send command <b64 <b64 <b64 <b64 <b64 <b64 <b64 <b64 [x]>>>>>>>>[\\r\\n]\n"},
    {"%set",
     SLICE_INIT("%set a=x ${given} y\n"
                "%set b=${a}${b64:${a}}\n"
                "%set a=z\n"
                "%set e=\n"
                "C: ${a}.${b}.${e}\n"
                "C!: ${b}\\n\n"),
     "test 1 MUST t.smtp\n"
     "5:4 send command [z.x ]<given>[ y]<b64 [x ]<given>[ y]>[.\\r\\n]\n"
     "6:5 send raw [x ]<given>[ y]<b64 [x ]<given>[ y]>[\\n] alone\n"},
    {"%set of a name again, from itself",
     SLICE_INIT("%set a=1\n%set a=${a}2\nC: ${a}\n"),
     "test 1 MUST t.smtp\n"
     "3:4 send command [12\\r\\n]\n"},
    {"connections",
     SLICE_INIT("S: 220\n%connect[b] tls\nS[b]: 220\n%segment 5,2 every 1s\nC[b]: A\nC: B\nS: 250\nS[b]: 251\n"
                "%segment rand:9\nC!: x\n%segment all\nC: y\n%segment off\n%barrier\n%reset[b]\n"
                "%connect[b] plain\n%shutdown[b]\n%close\n%connect\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:1 connect[1] tls\n"
     "3:7 expect[1] 220 decides line \n"
     "5:7 send[1] command [A\\r\\n] cut 5 2 every 1000\n"
     "6:4 send command [B\\r\\n] cut 5 2 every 1000\n"
     "7:4 expect 250 decides line  to 4\n"
     "8:7 expect[1] 251 decides line  to 3\n"
     "10:5 send raw [x] alone cut at random 9\n"
     "12:4 send command [y\\r\\n] joined\n"
     "14:1 barrier\n"
     "15:1 close[1] reset\n"
     "16:1 connect[1] plain\n"
     "17:1 shutdown[1]\n"
     "18:1 close\n"
     "19:1 connect\n"},
    {"%message",
     SLICE_INIT("S: 220\n%message contains a b \n%message within 2s to=${rcpt} contains x | warn\n"
                "%message absent within 1s contains x\n%message header Subject\n%message first header A /b c/\n"
                "%message no line /d/\n%message one line /e/ | unclear\n%message raw /f/\n%message no raw /g/\n"),
     "test 1 MUST t.smtp decisive\n"
     "1:4 expect 220 line \n"
     "2:1 message arrives [a b]\n"
     "3:1 message arrives 2000 <rcpt>[x] | warn\n"
     "4:1 message absent 1000 [x]\n"
     "5:1 message header Subject\n"
     "6:1 message first header A matches\n"
     "7:1 message no line matches\n"
     "8:1 message one line matches | unclear\n"
     "9:1 message raw matches\n"
     "10:1 message no raw matches\n"},
    {"%capture",
     SLICE_INIT("S: 220\n"
                "%capture id_1 /a/b (.*)/  \n"
                "C: ${id_1}\n"
                "S=: 250 ${id_1}\n"
                "S: 250 ${id_1} ok\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:1 capture id_1\n"
     "3:4 send command <id_1>[\\r\\n]\n"
     "4:5 expect 250 decides exact [250 ]<id_1> to 2\n"
     "5:4 expect 250 decides line <id_1>[ ok] to 2\n"},
    {"in octets and patterns",
     SLICE_INIT("C!: \\x24{${rcpt}\\\\}\nS~: ${rcpt}\n"),
     "error 2:5:2 variables are not read in patterns\n"},
};

static const struct printed_row directives[] = {
    {"waits and ends",
     SLICE_INIT("C: a\n%quiet 500ms\n%sleep 1s\n%shutdown\n%close\n"),
     "test 1 MUST t.smtp\n"
     "1:4 send command [a\\r\\n]\n"
     "2:1 quiet 500\n"
     "3:1 sleep 1000\n"
     "4:1 shutdown\n"
     "5:1 close\n"},
    {"%tls",
     SLICE_INIT("%tls\n"
                "%tls verify=host sni=mail.example min=1.2 max=1.3\n"
                "%tls verify=ca\n"
                "%tls verify=NONE min=1.3\n"
                "%tls min=1.0 max=1.1 ciphers=ECDHE:TLS_X alpn=smtp cert=me.pem pin=SHA256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
                "%tls max=${client:-1.3} sni=mx.${domain:${rcpt}} cert=$${x} verify=ca pin=${pass}\n"),
     "test 1 MUST t.smtp\n"
     "1:1 tls 0 0 0 \n"
     "2:1 tls 1 303 304 mail.example\n"
     "3:1 tls 2 0 0 \n"
     "4:1 tls 3 304 0 \n"
     "5:1 tls 0 301 302  ECDHE:TLS_X smtp me.pem 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
     "6:1 tls 2 0 0  ${x} max=<client=1.3> sni=[mx.]<domain <rcpt>> pin=<pass>\n"},
    {"%auth",
     SLICE_INIT("S: 220\n%auth PLAIN\nC: a\nS: 250\n%auth scram-sha-256 user=bob pass=${pass} authzid=x initial=no\n"
                "S: 235\n%auth EXTERNAL\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:1 auth PLAIN <user> <pass> \n"
     "3:4 send command [a\\r\\n]\n"
     "4:4 expect 250 decides line  to 2\n"
     "5:1 auth scram-sha-256 [bob] <pass> [x] late\n"
     "6:4 expect 235 decides line  to 4\n"
     "7:1 auth EXTERNAL   \n"},
    {"%secured",
     SLICE_INIT("%secured version /^TLSv1\\.[23]$/\n%secured !names /a/ | warn\n"),
     "test 1 MUST t.smtp decisive\n"
     "1:1 secured version\n"
     "2:1 secured ! names | warn\n"},
    {"%ehlo",
     SLICE_INIT("%ehlo +SIZE -CHUNKING +auth=PLAIN\t-8BITMIME\n"),
     "test 1 MUST t.smtp\n"
     "1:1 ehlo +SIZE -CHUNKING +auth=PLAIN -8BITMIME\n"},
    {"%format",
     SLICE_INIT("%format script\nC: a\n"),
     "test 1 MUST t.smtp\n"
     "2:4 send command [a\\r\\n]\n"},
    {"%test",
     SLICE_INIT("%test \"a b\" rfc=5321#4.1.4 level=should id=x-1 fault=no-dot\n"
                "C: a\n"
                "%test \"b\"\n"
                "C: b\n"
                "%test \"c\" level=INTEROP rfc=5321\n"
                "S: 250\n"),
     "test 1 SHOULD a b x-1 5321#4.1.4 no-dot\n"
     "2:4 send command [a\\r\\n]\n"
     "test 3 MUST b\n"
     "4:4 send command [b\\r\\n]\n"
     "test 5 INTEROP c 5321\n"
     "6:4 expect 250 decides line \n"},
    {"%require and %secret",
     SLICE_INIT("%require tls ehlo:SIZE\n%require raw\n%secret given\n%secret pass\nC: a\n"),
     "warning 1:1:5 %require ehlo: has no effect: the test sends no EHLO\n"
     "test 1 MUST t.smtp 1:10 tls 1:14 ehlo:SIZE 2:10 raw secret given secret pass\n"
     "5:4 send command [a\\r\\n]\n"},
    {"what is said before the first test holds for all",
     SLICE_INIT("%set a=1\n"
                "%require tls\n"
                "%secret x\n"
                "%lax\n"
                "%flush each\n"
                "%test \"one\"\n"
                "%set a=2\n"
                "%require raw\n"
                "%secret y\n"
                "%lax off\n"
                "%flush group\n"
                "C: ${a}\n"
                "%test \"two\"\n"
                "C: ${a}\n"),
     "test 6 MUST one 2:10 tls 8:10 raw secret x secret y\n"
     "12:4 send command [2\\r\\n]\n"
     "test 13 MUST two 2:10 tls secret x\n"
     "14:4 send command [1\\r\\n] alone lax\n"},
    {"a test before the first %test keeps what it says",
     SLICE_INIT("%set a=1\n%require tls\n%lax\nC: ${a}\n%test \"one\"\nC: a\n"),
     "test 1 MUST t.smtp 2:10 tls\n"
     "4:4 send command [1\\r\\n] lax\n"
     "test 5 MUST one\n"
     "6:4 send command [a\\r\\n]\n"},
    {"verdicts are of one test",
     SLICE_INIT("%test \"one\"\nS: 220\n%test \"two\"\nS: 220 | warn 250\n"),
     "test 1 MUST one\n"
     "2:4 expect 220 decides line \n"
     "test 3 MUST two decisive\n"
     "4:4 expect 220 warn 250 decides line \n"},
    {"captures are of one test",
     SLICE_INIT("%test \"one\"\nS: 220\n%capture c /a/\n%test \"two\"\nC: ${c:-d}\n"),
     "test 1 MUST one\n"
     "2:4 expect 220 decides line \n"
     "3:1 capture c\n"
     "test 4 MUST two\n"
     "5:4 send command <c=d>[\\r\\n]\n"},
};

static const struct printed_row transcripts[] = {
    {"a session",
     SLICE_INIT("Trying 192.0.2.1...\n"
                "Connected to a.\n"
                "220 a ESMTP\n"
                "  EHLO b\n"
                "250-a\n"
                "250 SIZE\n"
                "MAIL FROM:<a@b> \\x\n"
                "250 5.0.0 ok\n"
                "QUIT\n"
                "221 bye\n"
                "Connection closed by foreign host.\n"),
     "warning 8:5:5 its class contradicts the reply code (RFC 2034 4)\n"
     "test 1 MUST t.smtp\n"
     "3:1 expect 220 decides line [a ESMTP]\n"
     "4:3 send command [EHLO b\\r\\n]\n"
     "5:1 expect 250 decides line [a] line [SIZE] to 1\n"
     "7:1 send command [MAIL FROM:<a@b> \\x\\r\\n]\n"
     "8:1 expect 250 enhanced 5.0.0 decides line [5.0.0 ok] to 3\n"
     "9:1 send command [QUIT\\r\\n]\n"
     "10:1 expect 221 decides line [bye] to 5\n"
     "11:1 expect <EOF> decides to 5\n"},
    {"said to be one",
     SLICE_INIT("%format telnet\n220 a\nC: QUIT\n500 what\n"),
     "test 1 MUST t.smtp\n"
     "2:1 expect 220 decides line [a]\n"
     "3:1 send command [C: QUIT\\r\\n]\n"
     "4:1 expect 500 decides line [what] to 1\n"},
    {"with a code that is none",
     SLICE_INIT("220 a\nNOOP\n199 b\n"),
     "note 3:1:5 no part of the dialogue: left out\n"
     "test 1 MUST t.smtp\n"
     "1:1 expect 220 decides line [a]\n"
     "2:1 send command [NOOP\\r\\n]\n"},
    {"no dialogue",
     SLICE_INIT("hello\nworld\n"),
     "error 1:1:1 no SMTP dialogue found: neither replies nor commands\n"},
    {"with a byte order mark, ${ and verdicts as text",
     SLICE_INIT("\357\273\277220 a\r\nHELP ${x}\r\n214 b | warn 250\r\n"),
     "test 1 MUST t.smtp\n"
     "1:1 expect 220 decides line [a]\n"
     "2:1 send command [HELP ${x}\\r\\n]\n"
     "3:1 expect 214 decides line [b ]<bar=|>[ warn 250] to 1\n"},
};

/* ---- bad scripts: every mistake, with its place ---- */

static const struct printed_row mistakes[] = {
    {"nothing",
     SLICE_INIT("#\n"),
     "error 1:1:1 nothing to play: no C: or S: line\n"},
    {"only directives",
     SLICE_INIT("%set a=b\n"),
     "error 1:1:1 nothing to play: no C: or S: line\n"},
    {"no lines of a script",
     SLICE_INIT("S: 220\nX: a\nc: a\nC a\nS : 250\nEHLO a\n #\nC\n"),
     "error 2:1:2 no line of a script: C:, C!:, S:, S~:, S=:, %directive or #\n"
     "error 3:1:2 no line of a script: C:, C!:, S:, S~:, S=:, %directive or #; did you mean C:?\n"
     "error 4:1:1 no line of a script: C:, C!:, S:, S~:, S=:, %directive or #; did you mean C:?\n"
     "error 5:1:1 no line of a script: C:, C!:, S:, S~:, S=:, %directive or #; did you mean S:?\n"
     "error 6:1:4 no line of a script: C:, C!:, S:, S~:, S=:, %directive or #; did you mean C:?\n"
     "error 7:2:1 no line of a script: a comment begins with # in column 1\n"
     "error 8:1:1 no line of a script: C:, C!:, S:, S~:, S=:, %directive or #; did you mean C:?\n"},
    {"%message",
     SLICE_INIT("%message\n"
                "%message contains\n"
                "%message within 5 contains a\n"
                "%message absent to=a b\n"
                "%message header\n"
                "%message header a:b\n"
                "%message header A b\n"
                "%message header A /(/\n"
                "%message line\n"
                "%message one raw /a/\n"
                "%message no contains a\n"
                "%message line /a/ b\n"
                "%message contains ${nothing}\n"
                "%message header ${client}\n"),
     "error 1:1:8 contains TEXT, header NAME, line /pattern/ or raw /pattern/ follows: %message contains ${token}\n"
     "error 2:10:8 contains TEXT, header NAME, line /pattern/ or raw /pattern/ follows: %message contains ${token}\n"
     "error 3:17:1 no duration: 500ms, 2s or 1m, a day at most\n"
     "error 4:22:1 contains TEXT, header NAME, line /pattern/ or raw /pattern/ follows: %message contains ${token}\n"
     "error 5:10:6 the name of a field follows: %message header Subject\n"
     "error 6:17:3 the name of a field follows: %message header Subject\n"
     "error 7:19:1 a pattern stands between two /\n"
     "error 8:21:1 bad pattern: missing closing parenthesis\n"
     "error 9:1:8 a pattern stands between two /\n"
     "error 10:10:3 raw is about all octets: nothing or \"no\" stands before it\n"
     "error 11:10:2 contains TEXT, header NAME, line /pattern/ or raw /pattern/ follows: %message contains ${token}\n"
     "error 12:19:1 nothing may follow here\n"
     "error 13:19:10 undefined variable: %set, %capture and --set define them\n"
     "error 14:17:9 the name of a field follows: %message header Subject\n"},
    {"%connect and its kin",
     SLICE_INIT("C: a\n"
                "%connect[1]\n"
                "%connect[b\n"
                "%connect b\n"
                "%connect[b] tls now\n"
                "%close[c]\n"
                "%reset now\n"
                "%barrier b\n"
                "%connect[b]c\n"),
     "error 2:9:3 no name of a connection: C[b]: text\n"
     "error 3:9:2 no name of a connection: C[b]: text\n"
     "error 4:10:1 tls or plain may follow; a name stands right behind: %connect[b]\n"
     "error 5:17:3 nothing may follow here\n"
     "error 6:7:3 no %connect of that name stands before it\n"
     "error 7:8:3 nothing may follow here\n"
     "error 8:10:1 nothing may follow here\n"
     "error 9:12:1 nothing may follow here\n"},
    {"too many connections",
     SLICE_INIT("%connect[a]\n%connect[b]\n%connect[c]\n%connect[d]\n%connect[e]\n%connect[f]\n"
                "%connect[g]\n%connect[h]\n"),
     "error 8:9:3 too many connections: a test may have 8\n"},
    {"%segment",
     SLICE_INIT("%segment\nC: a\n%segment 0\n%segment 1,\n%segment x\n%segment rand:\n%segment 1 2\n"
                "%segment 1 every\n%segment 1 every 5\n%segment off now\n%segment 1048577\n"
                "%segment 1 every 1s now\n"),
     "error 1:1:8 lengths of writes follow: %segment 1, %segment 5,2, rand:7, all or off\n"
     "error 3:10:1 lengths of writes follow: %segment 1, %segment 5,2, rand:7, all or off\n"
     "error 4:10:2 lengths of writes follow: %segment 1, %segment 5,2, rand:7, all or off\n"
     "error 5:10:1 lengths of writes follow: %segment 1, %segment 5,2, rand:7, all or off\n"
     "error 6:10:5 lengths of writes follow: %segment 1, %segment 5,2, rand:7, all or off\n"
     "error 7:12:1 a pause between writes may follow: every 200ms\n"
     "error 8:12:5 a pause between writes may follow: every 200ms\n"
     "error 9:12:5 a pause between writes may follow: every 200ms\n"
     "error 10:14:3 nothing may follow here\n"
     "error 11:10:7 lengths of writes follow: %segment 1, %segment 5,2, rand:7, all or off\n"
     "error 12:21:3 nothing may follow here\n"},
    {"connections",
     SLICE_INIT("C[b]: a\nS[b]: 250\nC[b]!: a\nC[b a\n"),
     "error 1:2:3 no %connect of that name stands before it\n"
     "error 2:2:3 no %connect of that name stands before it\n"
     "error 3:1:6 no line of a script: C:, C!:, S:, S~:, S=:, %directive or #; did you mean C![b]:?\n"
     "error 4:1:3 no line of a script: C:, C!:, S:, S~:, S=:, %directive or #\n"},
    {"codes",
     SLICE_INIT("S:\n"
                "S: \n"
                "S: 199\n"
                "S: 600 a\n"
                "S: 25\n"
                "S: 2500\n"
                "S: 250/\n"
                "S: 250/25a/251\n"
                "S: !\n"
                "S: !*\n"
                "S: 250/!251\n"
                "S: -a\n"
                "S: 2 50\n"
                "S: 250/250\n"
                "S: x5x/y5z\n"),
     "error 1:3:1 a reply code is missing: S: 250\n"
     "error 2:4:1 a reply code is missing: S: 250\n"
     "error 3:4:3 no reply code: 200 to 599, x for any digit, * or <EOF>\n"
     "error 4:4:3 no reply code: 200 to 599, x for any digit, * or <EOF>\n"
     "error 5:4:2 no reply code: 200 to 599, x for any digit, * or <EOF>\n"
     "error 6:4:4 no reply code: 200 to 599, x for any digit, * or <EOF>\n"
     "error 7:8:1 no reply code: 200 to 599, x for any digit, * or <EOF>\n"
     "error 8:8:3 no reply code: 200 to 599, x for any digit, * or <EOF>\n"
     "error 9:5:1 no reply code: 200 to 599, x for any digit, * or <EOF>\n"
     "error 10:5:1 no reply would match\n"
     "error 11:8:4 no reply code: 200 to 599, x for any digit, * or <EOF>\n"
     "error 12:4:2 a reply code is missing: S: 250\n"
     "error 13:4:1 no reply code: 200 to 599, x for any digit, * or <EOF>\n"
     "error 14:8:3 an outcome stands twice\n"
     "error 15:8:3 an outcome stands twice\n"},
    {"runs that do not end, or change",
     SLICE_INIT("S: 250-a\n"
                "C: a\n"
                "S: 250-a\n"
                "S: 251 b\n"
                "S: 250-a\n"
                "%close\n"
                "S=: 250-a\n"
                "S~: a\n"
                "S: 250-a\n"),
     "error 1:4:3 the reply does not end: its last line has no \"-\"\n"
     "error 4:4:3 another code than the reply began with (RFC 5321 4.2.1)\n"
     "error 5:4:3 the reply does not end: its last line has no \"-\"\n"
     "error 7:5:3 the reply does not end: its last line has no \"-\"\n"
     "error 9:4:3 the reply does not end: its last line has no \"-\"\n"},
    {"a reply broken off",
     SLICE_INIT("S: 250-a\nS: 99\nS: 250-a\nS: <EOF>\nS: 250-a\nS=: b\nC: a\n"),
     "error 2:4:2 another code than the reply began with (RFC 5321 4.2.1)\n"
     "error 2:4:2 no reply code: 200 to 599, x for any digit, * or <EOF>\n"
     "error 4:4:5 another code than the reply began with (RFC 5321 4.2.1)\n"
     "error 6:5:1 a reply line is three digits, then a space or \"-\"\n"},
    {"end of the connection",
     SLICE_INIT("S: <EOF> a\nS: <EOF>-a\nS: <EOF>-\n"),
     "error 1:10:1 nothing may follow <EOF>\n"
     "error 2:9:2 nothing may follow <EOF>\n"
     "error 3:9:1 nothing may follow <EOF>\n"},
    {"exact lines",
     SLICE_INIT("S=:\nS=: ab\nS=: 25\nS=: 250a\nS=: $a\nS: 250-a\nS=: x\n"),
     "error 1:4:1 a reply line is three digits, then a space or \"-\"\n"
     "error 2:5:2 a reply line is three digits, then a space or \"-\"\n"
     "error 3:5:2 a reply line is three digits, then a space or \"-\"\n"
     "error 4:5:4 a reply line is three digits, then a space or \"-\"\n"
     "error 5:5:2 a reply line is three digits, then a space or \"-\"\n"
     "error 7:5:1 a reply line is three digits, then a space or \"-\"\n"},
    {"patterns",
     SLICE_INIT("S: 220\n"
                "S~:\n"
                "S~: ^2(50\n"
                "S~: a**\n"
                "S~: [\n"
                "S~: (*UTF)a\n"
                "S~: ${rcpt}\n"
                "S~: | warn 250\n"
                "%capture a /(/\n"),
     "error 2:4:1 a pattern is missing: S~: ^250-SIZE\n"
     "error 3:10:1 bad pattern: missing closing parenthesis\n"
     "error 4:7:1 bad pattern: quantifier does not follow a repeatable item\n"
     "error 5:6:1 bad pattern: missing terminating ] for character class\n"
     "error 6:11:1 bad pattern: using UTF is disabled by the application\n"
     "error 7:5:2 variables are not read in patterns\n"
     "error 8:5:10 a pattern is missing: S~: ^250-SIZE\n"
     "error 9:14:1 bad pattern: missing closing parenthesis\n"},
    {"verdicts",
     SLICE_INIT("S: 250 | wran 251\n"
                "S: 250 5.1.x | passs 251\n"
                "S: 250 |\n"
                "S: 250 | warn\n"
                "S: 250 | warn all\n"
                "S: 250 | warn 25\n"
                "S: 250 a | warn 999\n"
                "S: 250 | warn 250\n"
                "S: 250 | warn 4xx | unclear 4xx\n"
                "S: !2xx | pass 250\n"
                "S: 501 | pass 502 | warn 250 | pass !3xx\n"
                "S: 250-a | warn 251\n"
                "S: 250 b\n"),
     "error 1:10:4 no verdict: pass, warn or unclear; did you mean warn?\n"
     "warning 2:8:5 its class contradicts the reply code (RFC 2034 4)\n"
     "error 2:16:5 no verdict: pass, warn or unclear; did you mean pass?\n"
     "error 3:9:1 no verdict: pass, warn or unclear\n"
     "error 4:10:4 its codes follow a verdict: | warn 250/251\n"
     "error 5:10:4 its codes follow a verdict: | warn 250/251\n"
     "error 6:15:2 no reply code: 200 to 599, x for any digit, * or <EOF>\n"
     "error 7:17:3 no reply code: 200 to 599, x for any digit, * or <EOF>\n"
     "error 8:15:3 an outcome stands twice\n"
     "error 9:15:3 an outcome stands twice\n"
     "error 10:16:3 a set with ! takes no further outcomes\n"
     "error 11:37:4 a set with ! takes no further outcomes\n"
     "error 12:4:3 verdicts stand on the last line of a reply\n"},
    {"variables",
     SLICE_INIT("C: ${clinet} ${rcpt\n"
                "C: ${} ${a b} ${1}\n"
                "C: ${given:x} ${ehlo.} ${ehlo.a_} ${ehlo.a:-}\n"
                "C!: ${giveen}\n"
                "C: ${zzzzzz}\n"
                "S: 250 ${a1}\n"
                "S=: ${a1\n"
                "%set b=${b}\n"
                "%set rcptt=x\n"
                "C: ${rcptts}\n"),
     "error 1:4:9 undefined variable; did you mean ${client}?\n"
     "error 1:14:2 no } ends this ${; $${ is ${ itself\n"
     "error 2:4:3 no variable: ${name} or ${name:-default}; $${ is ${ itself\n"
     "error 2:8:6 no variable: ${name} or ${name:-default}; $${ is ${ itself\n"
     "error 2:15:4 no variable: ${name} or ${name:-default}; $${ is ${ itself\n"
     "error 3:4:10 no variable: ${name} or ${name:-default}; $${ is ${ itself\n"
     "error 3:15:8 no variable: ${name} or ${name:-default}; $${ is ${ itself\n"
     "error 3:24:10 no variable: ${name} or ${name:-default}; $${ is ${ itself\n"
     "error 4:5:9 undefined variable; did you mean ${given}?\n"
     "error 5:4:9 undefined variable: %set, %capture and --set define them\n"
     "error 6:8:5 undefined variable: %set, %capture and --set define them\n"
     "error 7:5:2 no } ends this ${; $${ is ${ itself\n"
     "error 8:8:4 undefined variable: %set, %capture and --set define them\n"
     "error 10:4:9 undefined variable; did you mean ${rcptt}?\n"},
    {"base64",
     SLICE_INIT("C: ${b64:a\n"
                "C: ${b64:${b64:${x}}\n"
                "C: ${b64:\\q}\n"
                "C: ${b64:${b64:${b64:${b64:${b64:${b64:${b64:${b64:${b64:x}}}}}}}}}\n"),
     "error 1:4:2 no } ends this ${; $${ is ${ itself\n"
     "error 2:16:4 undefined variable: %set, %capture and --set define them\n"
     "error 3:10:2 no escape: \\r \\n \\t \\0 \\\\ \\xNN\n"
     "error 4:52:2 ${...:} stands in itself more than 8 times\n"},
    {"nesting through %set",
     SLICE_INIT("%set a=${b64:${b64:${b64:${b64:x}}}}\n"
                "%set b=${b64:${b64:${b64:${b64:${a}}}}}\n"
                "C: ${b}\n"
                "C: ${b64:${b}}\n"),
     "error 4:10:4 ${...:} stands in itself more than 8 times\n"},
    {"octets",
     SLICE_INIT("C!:\nC!: \\q\\x4\\xg0\\\nC: a\\\\nb\\x\nC: \\q\\\n"),
     "error 1:4:1 octets are missing: C!: NOOP\\r\\n\n"
     "error 2:5:2 no escape: \\r \\n \\t \\0 \\\\ \\xNN\n"
     "error 2:7:2 no escape: \\r \\n \\t \\0 \\\\ \\xNN\n"
     "error 2:10:2 no escape: \\r \\n \\t \\0 \\\\ \\xNN\n"
     "error 2:14:1 no escape: \\r \\n \\t \\0 \\\\ \\xNN\n"
     "warning 3:6:2 it goes out as it stands; escapes are read in C!: lines\n"},
    {"NUL",
     SLICE_INIT("# \000\nC: a\000b\000\nS: 250\000\n%data <<E\n\000\nE\n"),
     "error 1:3:1 a NUL octet: write \\0 in a C!: line\n"
     "error 2:5:1 a NUL octet: write \\0 in a C!: line\n"
     "error 3:7:1 a NUL octet: write \\0 in a C!: line\n"
     "error 5:1:1 a NUL octet: write \\0 in a C!: line\n"},
    {"directives",
     SLICE_INIT("%\n"
                "%tsl\n"
                "%Test\n"
                "%user x\n"
                "% close\n"
                "%close now\n"
                "%shutdown now\n"
                "%format html\n"
                "%format\n"
                "%format telnet\n"),
     "error 1:1:1 a directive's name stands right behind the %: %test, %data\n"
     "error 2:1:4 unknown directive; did you mean %tls?\n"
     "error 3:1:5 unknown directive; did you mean %test?\n"
     "error 4:1:5 unknown directive; did you mean %use?\n"
     "error 5:1:1 a directive's name stands right behind the %: %test, %data\n"
     "error 6:8:3 nothing may follow here\n"
     "error 7:11:3 nothing may follow here\n"
     "error 8:9:4 script or telnet\n"
     "error 9:1:7 script or telnet\n"
     "error 10:1:7 %format telnet stands in the first line\n"},
    {"times",
     SLICE_INIT("%quiet\n"
                "%sleep 5\n"
                "%within 0s\n"
                "%quiet 25h\n"
                "%quiet 1441m\n"
                "%quiet 1s 2s\n"
                "%quiet -1s\n"
                "%quiet 1S\n"
                "%quiet 10000000000ms\n"
                "%quiet 18446744073709551617ms\n"),
     "error 1:1:6 no duration: 500ms, 2s or 1m, a day at most\n"
     "error 2:8:1 no duration: 500ms, 2s or 1m, a day at most\n"
     "error 3:9:2 no duration: 500ms, 2s or 1m, a day at most\n"
     "error 4:8:3 no duration: 500ms, 2s or 1m, a day at most\n"
     "error 5:8:5 no duration: 500ms, 2s or 1m, a day at most\n"
     "error 6:11:2 nothing may follow here\n"
     "error 7:8:3 no duration: 500ms, 2s or 1m, a day at most\n"
     "error 8:8:2 no duration: 500ms, 2s or 1m, a day at most\n"
     "error 9:8:13 no duration: 500ms, 2s or 1m, a day at most\n"
     "error 10:8:22 no duration: 500ms, 2s or 1m, a day at most\n"},
    {"%within without a reply",
     SLICE_INIT("%within 1s\n%within 2s\nS: 220\n%within 3s\n%test \"a\"\n%within 4s\nC: a\n"),
     "error 1:1:7 no reply follows that it could bound\n"
     "error 4:1:7 no reply follows that it could bound\n"
     "error 6:1:7 no reply follows that it could bound\n"},
    {"%tls",
     SLICE_INIT("%tls verify=all\n"
                "%tls verify\n"
                "%tls sni=\n"
                "%tls min=1.5\n"
                "%tls max=1.2 min=1.3\n"
                "%tls min=1.2 min=1.2\n"
                "%tls mni=1.2\n"
                "%tls =\n"
                "%tls pin=sha256:abc\n"
                "%tls sni=mx.${nobody} min=${host\n"),
     "error 1:13:3 verify= is host, ca or none\n"
     "error 2:6:6 a value is missing\n"
     "error 3:6:4 a value is missing\n"
     "error 4:10:3 no TLS version: 1.0, 1.1, 1.2 or 1.3\n"
     "error 5:1:4 min= is above max=\n"
     "error 6:14:3 it stands twice\n"
     "error 7:6:3 unknown attribute; did you mean sni=?\n"
     "error 8:6:1 unknown attribute\n"
     "error 9:10:10 pin= is sha256: and the 64 hex digits of a public key's digest\n"
     "error 10:13:9 undefined variable: %set, %capture and --set define them\n"
     "error 10:27:2 no } ends this ${; $${ is ${ itself\n"},
    {"%auth",
     SLICE_INIT("%auth\n%auth a+b\n%auth ABCDEFGHIJKLMNOPQRSTU\n%auth PLAIN initial=maybe usr=x\n"
                "%auth PLAIN user=${nobody}\n"),
     "error 1:1:5 a mechanism follows: %auth PLAIN, %auth SCRAM-SHA-256\n"
     "error 2:7:3 a mechanism follows: %auth PLAIN, %auth SCRAM-SHA-256\n"
     "error 3:7:21 a mechanism follows: %auth PLAIN, %auth SCRAM-SHA-256\n"
     "error 4:21:5 initial= is no or yes\n"
     "error 4:27:3 unknown attribute; did you mean user=?\n"
     "error 5:18:9 undefined variable: %set, %capture and --set define them\n"},
    {"%secured",
     SLICE_INIT("%secured\n%secured version\n%secured versoin /x/\n%secured version /x\n"
                "%secured version /(/\n"),
     "error 1:1:8 a fact and a pattern follow: %secured version /TLSv1\\.3/\n"
     "error 2:1:8 a fact and a pattern follow: %secured version /TLSv1\\.3/\n"
     "error 3:10:7 no such fact about TLS; did you mean version?\n"
     "error 4:1:8 a fact and a pattern follow: %secured version /TLSv1\\.3/\n"
     "error 5:20:1 bad pattern: missing closing parenthesis\n"},
    {"%ehlo",
     SLICE_INIT("%ehlo\n%ehlo SIZE\n%ehlo + -A= +a_b +-\n%ehlo -AUTH=${client}\n"),
     "error 1:1:5 claims follow: %ehlo +SIZE -CHUNKING +AUTH=PLAIN\n"
     "error 2:7:4 no claim: +KEYWORD, -KEYWORD, +KEYWORD=PARAM, unique or registered; did you mean +SIZE?\n"
     "error 3:7:1 no claim: +KEYWORD, -KEYWORD, +KEYWORD=PARAM, unique or registered\n"
     "error 3:9:3 no claim: +KEYWORD, -KEYWORD, +KEYWORD=PARAM, unique or registered\n"
     "error 3:13:4 no claim: +KEYWORD, -KEYWORD, +KEYWORD=PARAM, unique or registered\n"
     "error 3:18:2 no claim: +KEYWORD, -KEYWORD, +KEYWORD=PARAM, unique or registered\n"
     "error 4:7:15 no claim: +KEYWORD, -KEYWORD, +KEYWORD=PARAM, unique or registered\n"},
    {"%capture",
     SLICE_INIT("%capture\n"
                "%capture a\n"
                "%capture a b\n"
                "%capture a //\n"
                "%capture a /b\n"
                "%capture 1a /b/\n"
                "%capture rcpt /b/\n"
                "%capture a.b /c/\n"),
     "error 1:1:8 a name and a pattern follow: %capture name /pattern/\n"
     "error 2:1:8 a name and a pattern follow: %capture name /pattern/\n"
     "error 3:1:8 a name and a pattern follow: %capture name /pattern/\n"
     "error 4:1:8 a name and a pattern follow: %capture name /pattern/\n"
     "error 5:1:8 a name and a pattern follow: %capture name /pattern/\n"
     "error 6:10:2 no name: a letter, then letters, digits, - and _\n"
     "error 7:10:4 the name of a built-in variable\n"
     "error 8:10:3 no name: a letter, then letters, digits, - and _\n"},
    {"%set and %secret",
     SLICE_INIT("%set\n"
                "%set a\n"
                "%set =a\n"
                "%set 1=a\n"
                "%set rcpt=a\n"
                "%set a=${b\n"
                "%secret\n"
                "%secret 1\n"
                "%secret a b\n"),
     "error 1:1:4 a name and its value follow: %set name=value\n"
     "error 2:1:4 a name and its value follow: %set name=value\n"
     "error 3:6:1 no name: a letter, then letters, digits, - and _\n"
     "error 4:6:1 no name: a letter, then letters, digits, - and _\n"
     "error 5:6:4 the name of a built-in variable\n"
     "error 6:8:2 no } ends this ${; $${ is ${ itself\n"
     "error 7:1:7 the name of a variable follows: %secret name\n"
     "error 8:9:1 the name of a variable follows: %secret name\n"
     "error 9:11:1 nothing may follow here\n"},
    {"%lax and %flush",
     SLICE_INIT("%lax maybe\n%lax on off\n%flush\n%flush all\n"),
     "error 1:6:5 on or off\n"
     "error 2:9:3 nothing may follow here\n"
     "error 3:1:6 each or group\n"
     "error 4:8:3 each or group\n"},
    {"%data",
     SLICE_INIT("S: 220\n"
                "C: DATA\n"
                "S: 354\n"
                "%data\n"
                "%data EOT\n"
                "%data <<\n"
                "%data <<E T\n"
                "a\n"
                "%data <<E\n"
                "a\n"),
     "error 4:1:5 a word that ends the text, or a file: <<EOT, @message.eml\n"
     "error 5:7:3 a word that ends the text, or a file: <<EOT, @message.eml\n"
     "error 6:7:2 no blank stands behind it: <<EOT, @message.eml\n"
     "error 7:9:1 no line with this word ends the text\n"
     "error 7:11:1 nothing may follow here\n"},
    {"%data without 354",
     SLICE_INIT("S: 220\nC: DATA\nS: 503\n%data <<E\na\nE\nS: 250\n"),
     "error 5:1:1 no S: 354 stands before this message\n"},
    {"%require",
     SLICE_INIT("%require\n%require tsl TLS ehlo: ehlo:SIZE ehlo:a_b recpt3\n"),
     "error 1:1:8 what is required follows: %require tls ehlo:SIZE\n"
     "error 2:10:3 unknown requirement; did you mean tls?\n"
     "error 2:18:5 no EHLO keyword\n"
     "error 2:34:8 no EHLO keyword\n"
     "error 2:43:6 unknown requirement; did you mean rcpt?\n"},
    {"%test",
     SLICE_INIT("%test\n"
                "%test a\n"
                "%test \"a\n"
                "%test \"\n"
                "%test \"a\" levle=MUST\n"
                "%test \"a\" level=must1 rfc= rfc=x rfc=1# rfc=#4 id=1 id=2 b\n"),
     "error 1:1:5 a title in quotes follows: %test \"title\"\n"
     "error 2:7:1 a title in quotes follows: %test \"title\"\n"
     "error 3:7:1 no quote ends the title\n"
     "error 4:7:1 no quote ends the title\n"
     "error 5:11:5 unknown attribute; did you mean level=?\n"
     "error 6:17:5 level= is MUST, SHOULD, MAY, SECURITY or INTEROP\n"
     "error 6:23:4 a value is missing\n"
     "error 6:32:1 rfc= is a number and a section: 5321#4.1.4\n"
     "error 6:34:3 it stands twice\n"
     "error 6:41:3 it stands twice\n"
     "error 6:53:2 it stands twice\n"
     "error 6:58:1 unknown attribute\n"},
    {"a variable in a title",
     SLICE_INIT("%test \"a ${b}\"\nC: a\n%test \"${b\" id=1\nC: a\n%test \"$${b} $c\"\nC: a\n"),
     "error 1:10:4 no variables in a title: it names the test in reports and baselines\n"
     "error 3:8:3 no variables in a title: it names the test in reports and baselines\n"},
    {"rfc=",
     SLICE_INIT("%test \"a\" rfc=1#\n%test \"a\" rfc=#1\n%test \"a\" rfc=1a#2\n"),
     "error 1:15:2 rfc= is a number and a section: 5321#4.1.4\n"
     "error 2:15:2 rfc= is a number and a section: 5321#4.1.4\n"
     "error 3:15:4 rfc= is a number and a section: 5321#4.1.4\n"},
    {"tests without a step",
     SLICE_INIT("%test \"a\"\n# nothing\n%test \"b\"\n%lax\nC: a\n%test \"c\"\n"),
     "error 1:1:5 the test has no steps\n"
     "error 6:1:5 the test has no steps\n"},
};
/* clang-format on */

static void good(void **state)
{
    (void)state;
    CHECK_ROWS(sends);
    CHECK_ROWS(dialogues);
    CHECK_ROWS(replies);
    CHECK_ROWS(texts);
    CHECK_ROWS(directives);
    CHECK_ROWS(transcripts);
}

static void bad(void **state)
{
    (void)state;
    CHECK_ROWS(mistakes);
}

/* ---- limits ---- */

/* Free it. */
static char *repeated(const char *before, const char *text, size_t times, const char *after)
{
    char *out = malloc(strlen(before) + times * strlen(text) + strlen(after) + 1);
    assert_non_null(out);
    char *at = stpcpy(out, before);
    for (size_t i = 0; i < times; i++)
        at = stpcpy(at, text);
    strcpy(at, after);
    return out;
}

static const struct limit {
    const char *before, *text, *after;
    size_t most;       /* repetitions that load */
    const char *error; /* of one more */
} limits[] = {
    {"", "%require tls\n", "C: a\n", 256, "error 257:10:3 too many: 256 at most\n"},
    {"", "%secret a\n", "C: a\n", 256, "error 257:9:1 too many: 256 at most\n"},
    {"", "%set a=b\n", "C: a\n", 256, "error 257:6:1 too many names: a test may define 256\n"},
    {"S~: ", "aaaaaaaa", "", 512, "error 1:5:4104 the pattern is longer than 4096 octets\n"},
    {"", "C:\n", "", 500000, "error 500001:3:1 too many steps: 500000 in a script\n"},
    {"C:\n%test \"a\"\n", "C:\n", "", 499999,
     "error 500002:3:1 too many steps: 500000 in a script\n"},
};

static void limits_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const struct limit *limit = &limits[i];
        for (size_t more = 0; more < 2; more++) {
            char *source = repeated(limit->before, limit->text, limit->most + more, limit->after);
            struct script *script = script_load(slice_of_cstr(source), NULL);
            assert_int_equal(script->error_count, more);
            char *text = more == 1 ? printed_script(script) : NULL;
            assert_true(more == 0 || strcmp(text, limit->error) == 0);
            free(text);
            script_free(script);
            free(source);
        }
    }
}

static void outcomes_are_bounded(void **state)
{
    (void)state;
    for (size_t count = 64; count < 66; count++) {
        char source[3 + 65 * 4 + 16] = "S: ";
        for (size_t i = 0; i < count; i++)
            snprintf(source + 3 + 4 * i, 5, "%zu/", 200 + i);
        struct slice text = slice_of(source, 3 + 4 * count - 1);
        char *is = printed_loaded(text);
        assert_int_equal(strcmp(is, "error 1:260:3 too many outcomes: 64 at most\n") == 0,
                         count == 65);
        free(is);
        memcpy(source + 3 + 4 * count - 1, " | pass 599", 12);
        is = printed_loaded(slice_of_cstr(source));
        const char *message = strstr(is, "too many outcomes");
        assert_int_equal(message != NULL, true);
        free(is);
    }
}

/* A list of mistakes has an end, and says so. */
static void mistakes_are_bounded(void **state)
{
    static const struct {
        const char *line;
        enum script_severity severity;
        const char *last;
    } rows[] = {
        {"S: 1\n", SCRIPT_ERROR, "too many errors: the rest is not listed"},
        {"C: \\n\n", SCRIPT_WARNING, "too many remarks: the rest is not listed"},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (size_t more = 0; more < 3; more++) {
            char *source = repeated("", rows[i].line, 1000 + more, "");
            struct script *script = script_load(slice_of_cstr(source), &printed_options);
            size_t listed = 1000 + (more > 0);
            const struct script_diagnostic *last = &script->diagnostics[listed - 1];
            assert_int_equal(script->diagnostic_count, listed);
            assert_int_equal(last->severity, rows[i].severity);
            assert_int_equal(last->line, listed);
            assert_int_equal(slice_equal(last->message, slice_of_cstr(rows[i].last)), more > 0);
            printed_check_places(script);
            script_free(script);
            free(source);
        }
}

/* A test that is wrong in what is not listed any more is no test either. */
static void unlisted_mistakes_count(void **state)
{
    static const char test[] = "%test \"a\"\n%if secure\n%if secure\n%if secure\n%if secure\n"
                               "%if secure\n%if secure\n%if secure\n%if secure\n%if secure\n";
    (void)state;
    char *source = repeated("", "S: 1\n", 1001, test);
    struct script *script = script_load(slice_of_cstr(source), &printed_options);
    assert_int_equal(script->error_count, 1001);
    assert_int_equal(script->test_count, 0);
    script_free(script);
    free(source);
}

/* Values of %set that double each time would fill any memory. */
static void set_values_are_bounded(void **state)
{
    char source[4096] = "%set a0=0123456789abcdef\n";
    size_t len = strlen(source);
    (void)state;
    for (int i = 1; i < 40; i++)
        len += (size_t)snprintf(source + len, sizeof source - len, "%%set a%d=${a%d}${a%d}\n", i,
                                i - 1, i - 1);
    struct script *script = script_load(slice_of(source, len), &printed_options);
    assert_true(script->error_count > 0);
    assert_slice_equal(script->diagnostics[0].message, SLICE("the values of %set grow too large"));
    script_free(script);
}

static void sources_are_bounded(void **state)
{
    struct script_options small = printed_options;
    (void)state;
    small.max_octets = 6;
    for (size_t len = 6; len < 8; len++) {
        struct script *script = script_load(slice_of("S: 220\n", len), &small);
        char *text = printed_script(script);
        assert_string_equal(text, len == 6 ? "test 1 MUST t.smtp\n1:4 expect 220 decides line \n"
                                           : "error 1:1:1 the script is too large\n");
        assert_int_equal(script->source.len, len == 6 ? 6 : 0);
        printed_check_places(script);
        free(text);
        script_free(script);
    }
    script_free(NULL);
}

/* ---- what the engine asks ---- */

static void outcomes_match(void **state)
{
    static const struct {
        const char *set;
        const char *codes; /* those of 220 250 251 354 421 503 that match; "-" for the end */
    } rows[] = {
        {"250", "250"},          {"25x", "250 251"},
        {"x5x", "250 251 354"},  {"250/<EOF>", "250 -"},
        {"!2xx/354", "421 503"}, {"*", "220 250 251 354 421 503"},
        {"<EOF>", "-"},          {"!<EOF>", "220 250 251 354 421 503"},
        {"4xx/503", "421 503"},
    };
    static const unsigned codes[] = {220, 250, 251, 354, 421, 503};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char source[32], is[64] = "";
        snprintf(source, sizeof source, "S: %s", rows[i].set);
        struct script *script = script_load(slice_of_cstr(source), &printed_options);
        struct script_outcomes set = script->tests[0].steps[0].as.expect.pass;
        for (size_t j = 0; j < sizeof codes / sizeof *codes; j++)
            if (script_outcomes_match(set, codes[j]))
                snprintf(is + strlen(is), sizeof is - strlen(is), " %u", codes[j]);
        if (script_outcomes_hold(set, SCRIPT_OUTCOME_EOF))
            strcat(is, " -");
        assert_string_equal(is + 1, rows[i].codes);
        script_free(script);
    }
    assert_false(script_outcomes_match((struct script_outcomes){NULL, 0}, 250));
}

static void source_lines(void **state)
{
    static const struct slice lines[] = {SLICE_INIT("C: a"), SLICE_INIT(""), SLICE_INIT("C: b\r")};
    struct script *script = script_load(SLICE("\xEF\xBB\xBF"
                                              "C: a\r\n\nC: b\r"),
                                        &printed_options);
    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_slice_equal(script_source_line(script, i + 1), lines[i]);
    assert_slice_equal(script_source_line(script, 0), SLICE(""));
    assert_slice_equal(script_source_line(script, 4), SLICE(""));
    script_free(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good),
        cmocka_unit_test(bad),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(outcomes_are_bounded),
        cmocka_unit_test(mistakes_are_bounded),
        cmocka_unit_test(unlisted_mistakes_count),
        cmocka_unit_test(set_values_are_bounded),
        cmocka_unit_test(sources_are_bounded),
        cmocka_unit_test(outcomes_match),
        cmocka_unit_test(source_lines),
    };
    return cmocka_run_group_tests_name("script", tests, NULL, NULL);
}
