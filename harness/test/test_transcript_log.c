/*
 * Logs of mail programs. harness/test/logs holds one of each program (those of swaks, curl, msmtp,
 * smtplib and nodemailer were recorded from it), and the script that is made of it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "law.h"
#include "script/arena.h"
#include "script/transcript.h"

#define MAX_OCTETS 16384

static struct slice read_whole(const char *name, const char *ending, char *out)
{
    char path[128];
    snprintf(path, sizeof path, "harness/test/logs/%s.%s", name, ending);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s cannot be read", path);
    size_t len = fread(out, 1, MAX_OCTETS, file);
    fclose(file);
    assert_true(len < MAX_OCTETS);
    return slice_of(out, len);
}

/* As maildrill import prints it, but for the notes. */
static void check_script(const char *name, struct slice got, struct slice expected)
{
    while (expected.len > 0) {
        size_t end = slice_find(expected, '\n') + 1;
        struct slice line = slice_sub(expected, 0, end);
        expected = slice_from(expected, end);
        if (line.ptr[0] == '#')
            continue;
        if (!slice_starts(got, line))
            fail_msg("%s: expected %.*sgot %.*s", name, (int)line.len, (const char *)line.ptr,
                     (int)(slice_find(got, '\n')), (const char *)got.ptr);
        got = slice_from(got, end);
    }
    assert_int_equal(got.len, 0);
}

static void each_program_is_understood(void **state)
{
    static const struct {
        const char *name;
        size_t notes;
        bool implicit_tls;
    } rows[] = {
        {"aiosmtpd", 1, false},
        {"checktls", 1, false},
        {"exim-chunk", 2, false},
        {"phpmailer-commands", 5, false},
        {"phpmailer-line", 3, false},
        {"ruby-lf", 1, false},
        {"asyncsmtp", 1, false},
        {"clientauth", 2, false},
        {"clientonly", 2, false},
        {"curl", 2, false},
        {"curl-smtps", 1, true},
        {"curl-tls", 2, false},
        {"curl-trace", 3, false},
        {"curl-trace-ascii", 3, false},
        {"dockercompose", 1, false},
        {"errorlog", 2, false},
        {"exchange", 1, false},
        {"exim", 2, false},
        {"exim-bh", 0, false},
        {"haraka", 1, false},
        {"haraka-two", 1, false},
        {"hmail", 2, false},
        {"icewarp", 1, false},
        {"indy", 1, false},
        {"javamail", 1, false},
        {"k9", 1, false},
        {"kerio", 1, false},
        {"linenumbers", 1, false},
        {"lowercase", 1, false},
        {"mailkit", 1, true},
        {"mdaemon", 1, false},
        {"msmtp", 1, false},
        {"mutt", 1, false},
        {"nodemailer", 1, false},
        {"nodemailer-two", 1, false},
        {"oauthproxy", 1, false},
        {"opensmtpd", 2, false},
        {"outlook", 1, false},
        {"pear", 1, false},
        {"perl", 1, false},
        {"phpmailer", 3, false},
        {"postfix-notice", 1, false},
        {"postfix-peer", 1, false},
        {"quoted-partly", 3, false},
        {"recordio", 1, false},
        {"rfc", 1, false},
        {"rfc821", 1, false},
        {"ruby", 2, false},
        {"sendmail-X", 2, false},
        {"sendmail-dsn", 1, false},
        {"sendmail-v", 1, false},
        {"serial", 1, false},
        {"smartermail", 2, false},
        {"smlog", 1, false},
        {"smtplib", 2, false},
        {"smtplib-times", 1, false},
        {"smtpserver", 1, false},
        {"sserver", 5, false},
        {"stalwart-new", 1, false},
        {"stalwart-old", 1, false},
        {"strace", 1, false},
        {"subetha", 4, false},
        {"swaks", 1, false},
        {"swaks-tls", 1, false},
        {"swift", 0, false},
        {"symfony", 1, false},
        {"tmail", 1, false},
        {"windows", 0, false},
        {"wordpress", 2, false},
        {"wordpress-html", 3, false},
        {"ssmtp", 2, false},
        {"logcat", 2, false},
        {"exchange-quoted", 1, false},
        {"exim-pid", 1, false},
        {"thunderbird-console", 2, false},
        {"smtpserver-lines", 1, false},
    };
    static char log[MAX_OCTETS], script[MAX_OCTETS];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice whole = read_whole(rows[i].name, "txt", log);
        struct slice in = law_copy(whole);
        assert_true(transcript_detect(in));
        struct transcript *t = transcript_import(in, SLICE("log"));
        law_free(in);
        assert_int_equal(t->error_count, 0);
        assert_int_equal(t->note_count, rows[i].notes);
        assert_int_equal(t->implicit_tls, rows[i].implicit_tls);
        check_script(rows[i].name, t->text, read_whole(rows[i].name, "smtp", script));
        transcript_free(t);
        for (size_t cut = 0; cut < whole.len && cut < 1500; cut += 7) {
            struct slice piece = law_copy(slice_sub(whole, 0, cut));
            transcript_free(transcript_import(piece, SLICE("log")));
            law_free(piece);
        }
    }
}

/* clang-format off */
static const struct {
    const char *name;
    struct slice log;
    const char *expected; /* "line:column message" of a mistake, or the script */
} rows[] = {
    {"octets of a write that are no line", SLICE_INIT("reply: b'220 a\\r\\n'\nsend: b'NO'\nsend: b'OP\\r\\n\\x00\\n\\r\\n'\nreply: b'250 \\xc3\\xa9\\r\\n'\n"),
     "S: 220 a\nC!: NO\nC: OP\nC!: \\x00\\x0a\\r\\n\nS: 250 \xC3\xA9\n"},
    {"a quote of the other kind", SLICE_INIT("reply: b\"220 it's\\r\\n\"\nsend: \"NOOP '\\r\\n\"\nreply: b'250 \\'\"\\r\\n'\n"),
     "S: 220 it's\nC: NOOP '\nS: 250 '\"\n"},
    {"no end of a quoted text", SLICE_INIT("reply: b'220 a\\r\\n'\nsend: 'NOOP\nreply: b'250 b\\r\\n'\n"), "2:12 no text as Python quotes it: it has no end, or an escape that is none"},
    {"an escape that is none", SLICE_INIT("reply: b'220 \\xz1'\nsend: 'a'\n"), "1:14 no text as Python quotes it: it has no end, or an escape that is none"},
    {"an escape that is cut", SLICE_INIT("reply: b'220 \\"), "1:1 no SMTP dialogue found: neither replies nor commands"},
    {"two processes of Postfix", SLICE_INIT("a postfix/smtpd[1]: > h[::1]: 220 a\na postfix/smtpd[2]: > h[::1]: 220 b\na postfix/smtpd[1]: < h[::1]: NOOP\n"
     "a postfix/smtpd[2]: < h[::1]: QUIT\na postfix/smtpd[1]: > h[::1]: 250 c\na postfix/smtpd[2]: > h[::1]: 221 d\n"),
     "S: 220 a\nC: NOOP\nS: 250 c\n%test \"session 2\"\nS: 220 b\nC: QUIT\nS: 221 d\n"},
    {"a number before the marks that could be a code", SLICE_INIT("server: 354 > 220 a\nserver: 354 < EHLO b\nserver: 354 > 250 c\nserver: 354 < QUIT\nserver: 354 > 221 d\n"),
     "S: 220 a\nC: EHLO b\nS: 250 c\nC: QUIT\nS: 221 d\n"},
    {"a message whose lines look like the program's own", SLICE_INIT("in: 220 a\nout: DATA\nin: 354 b\nout: in: 250 x\nout: \nout: .\nin: 250 c\nout: QUIT\nin: 221 d\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC: in: 250 x\nC: \nC: .\nS: 250 c\nC: QUIT\nS: 221 d\n"},
    {"sessions that times alone would tell apart", SLICE_INIT("1:00 S 220 a\n1:01 C EHLO b\n1:02 S 250 c\n1:03 C QUIT\n1:04 S 221 d\n"),
     "S: 220 a\nC: EHLO b\nS: 250 c\nC: QUIT\nS: 221 d\n"},
    {"seconds that part no session, and a reply that answers nothing", SLICE_INIT("10:00:00 [1] rsp: 220 a\n10:00:00 [1] cmd: EHLO b\n10:00:00 [1] rsp: 250 c\n10:00:01 [1] rsp: 250 d\n10:00:01 [1] cmd: MAIL FROM:<e>\n10:00:01 [1] rsp: 250 f\n10:00:01 [1] cmd: QUIT\n10:00:01 [1] rsp: 221 g\n"),
     "S: 220 a\nC: EHLO b\nS: 250 c\nS: 250 d\nC: MAIL FROM:<e>\nS: 250 f\nC: QUIT\nS: 221 g\n"},
    {"more lines of replies without the mark than with it", SLICE_INIT("c: ehlo a\\r\\n\ns: 250-b\n250-SIZE\n250-DSN\n250 HELP\nc: RSET\\r\\n\ns: 250 c\nc & s: <nothing>\nc: QUIT\\r\\n\ns: 221 d\n"),
     "S: 220\nC: ehlo a\nS: 250-b\nS: 250-SIZE\nS: 250-DSN\nS: 250 HELP\nC: RSET\nS: 250 c\nC: QUIT\nS: 221 d\n"},
    {"regular expressions of a test suite", SLICE_INIT("S: 220 a\n\nC: ehlo b\nC: NOOP \nS: 250.*\nS: 250-X\nS: 250 Y\nS: 250 2\\.0\\.0 d.*\nC: MAIL c\nC: RCPT d\nS: 250.*\nS: 250.*\nC: HELP\nSUB {\nS: 214.*\nS: 214[ -]e\nS: 214\\s.+\n}\nC: QUIT\nS: 221(.*)\nS: 421 bye\n"),
     "S: 220 a\nC: ehlo b\nC: NOOP \nS: 250-.*\nS: 250-X\nS: 250 Y\nS: 250 2.0.0 d.*\nC: MAIL c\nC: RCPT d\nS: 250 .*\nS: 250 .*\nC: HELP\nS: 214-.*\nS: 214-[ -]e\nS: 214 \\s.+\nC: QUIT\nS: 221 (.*)\nS: 421 bye\n"},
    {"columns, and replies whose lines Wireshark puts into one", SLICE_INIT("No. Time Info\n  9 0.1  10.0.0.1   SMTP  94    S: 220 a\n 10 0.25 10.0.0.27  SMTP  8     C: EHLO b\n 11 0.3  10.0.0.1   SMTP  120   S: 250-c | SIZE 1 | HELP\n 12 1.25 10.0.0.27  SMTP  8     C: NOOP\n 13 1.3  10.0.0.1   SMTP  120   S: 250-d | 250 e\n"),
     "S: 220 a\nC: EHLO b\nS: 250-c\nS: 250-SIZE 1\nS: 250 HELP\nC: NOOP\nS: 250-d\nS: 250 e\n"},
    {"what stands before the marks changes", SLICE_INIT("1 mx << 220 a\n1 mx >> STARTTLS\n1 mx << 220 b\n1 mx (TLS) >> EHLO c\n1 mx (TLS) << 250 d\n1 mx (TLS) >> DATA\n1 mx (TLS) << 354 e\n1 mx (TLS) >> 1 mx << 250 f\n1 mx (TLS) >> .\n1 mx (TLS) << 250 g\n"),
     "S: 220 a\nC: STARTTLS\nS: 220 b\n%tls\nC: EHLO c\nS: 250 d\nC: DATA\nS: 354 e\nC: 1 mx << 250 f\nC: .\nS: 250 g\n"},
    {"a verb at the end of a reply", SLICE_INIT("m: <rx> 220 a\nm: [tx] EHLO b\nm: <rx> 250-c\nm: <rx> 250-d\nm: <rx> 250-e\nm: <rx> 250 f\nm: [tx] g\nm: <rx> 535 no such data\n"),
     "S: 220 a\nC: EHLO b\nS: 250-c\nS: 250-d\nS: 250-e\nS: 250 f\nC: g\nS: 535 no such data\n"},
    {"smtplib behind another program's times", SLICE_INIT("19:37:31:628\t19:37:31.506611 send: 'ehlo b\\r\\n'\n19:37:31:628\t19:37:31.559193 reply: b'250-c\\r\\n'\n19:37:31:628\t19:37:31.559193 reply: b'250 d\\r\\n'\n19:37:31:628\t19:37:31.559193 reply: retcode (250); Msg: b'c\\nd'\n"),
     "S: 220\nC: ehlo b\nS: 250-c\nS: 250 d\n"},
    {"verbs that a shell's prompt stands before", SLICE_INIT("[a@b /]# echo 'QUIT' | nc 127.0.0.1 25\n220 c\n221 d\n[a@b /]# echo 'QUIT' | nc 127.0.0.1 25\n220 c\n221 d\n"),
     "S: 220 c\nS: 221 d\n%test \"session 2\"\nS: 220 c\nS: 221 d\n"},
    {"octets of a trace that are no text, with the end of a line in the next block", SLICE_INIT("<= Recv header, 7 bytes (0x7)\n0000: 32 32 30 20 61 0d 0a                            220 a..\n=> Send header, 6 bytes (0x6)\n0000: 4e 4f 00 0a 4f 50                               NO..OP\n=> Send SSL data, 2 bytes (0x2)\n0000: 0d 0a\n=> Send header, 2 bytes (0x2)\n0000: 0d 0a                                           ..\n<= Recv header, 7 bytes (0x7)\n0000: 35 30 30 20 62 0d 0a                            500 b..\n"),
     "S: 220 a\nC!: NO\\x00\\x0aOP\\r\\n\nS: 500 b\n"},
    {"rows of a trace whose sizes somebody changed", SLICE_INIT("<= Recv header, 90 bytes (0x5a)\n0000: 220 a\n=> Send header, 1 bytes (0x1)\n0000: NOOP\n0004: \n<= Recv header, 7 bytes (0x7)\n0000: 250 b\n"),
     "S: 220 a\nC: NOOP\nS: 250 b\n"},
    {"a document with prose between indented lines", SLICE_INIT("The server speaks first here.\n\n   S: 220 a\n\nThe client follows. Note: it\nhas to say its name.\n\n   C: EHLO b\n   S: 250-c\n   S: 250 d\n   C: DATA\n   S: 354 e\n   C: f\n   C:\n   C:   g\n   C: .\n   S: 250 h\n"),
     "S: 220 a\nC: EHLO b\nS: 250-c\nS: 250 d\nC: DATA\nS: 354 e\nC: f\nC: \nC:   g\nC: .\nS: 250 h\n"},
    {"replies as smtp-cli writes them", SLICE_INIT("[220] 'a'\n> EHLO b\n[250] 'c'\n[250] 'SIZE 1'\n> RCPT TO:<d>\n[550] 'e'\nRCPT TO <d> failed: '550 e'\n> QUIT\r\n[221] 'f'\r\n"),
     "S: 220 a\nC: EHLO b\nS: 250-c\nS: 250 SIZE 1\nC: RCPT TO:<d>\nS: 550 e\nC: QUIT\nS: 221 f\n"},
    {"Markdown, a backslash at the ends of lines", SLICE_INIT("# Output\\\n220 a\\\nEHLO b\\\n250 c\\\nMAIL FROM:<d>\n250 e\\\nQUIT\\\n221 f\n"),
     "S: 220 a\nC: EHLO b\nS: 250 c\nC: MAIL FROM:<d>\nS: 250 e\nC: QUIT\nS: 221 f\n"},
    {"a label before each reply", SLICE_INIT("FROM SERVER:\n220 a\nFROM SERVER:\n250-b\n250 c\nMAIL FROM:<d>\nFROM SERVER:\n250 e\nDATA\nFROM SERVER:\n354 f\nFROM SERVER:\n250 2.0.0 g\nSent.\n"),
     "S: 220 a\nS: 250-b\nS: 250 c\nC: MAIL FROM:<d>\nS: 250 e\nC: DATA\nS: 354 f\nC: .\nS: 250 2.0.0 g\n"},
    {"marks of another stroke where TLS began", SLICE_INIT("[1.1]\t<-- \t220 a\n[1.2]\t--> \tSTARTTLS\n[1.3]\t<-- \t220 b\n[1.4]\t~~> \tEHLO c\n[1.5]\t<~~ \t250 d\n[1.6]\t~~> \tQUIT\n[1.7]\t<~~ \t221 e\n"),
     "S: 220 a\nC: STARTTLS\nS: 220 b\n%tls\nC: EHLO c\nS: 250 d\nC: QUIT\nS: 221 e\n"},
    {"verbs in what stands before replies", SLICE_INIT("[1] Command EHLO a\n[1] Sent reply to EHLO: 250 b\n[1] Command RCPT TO:<c>\n[1] Sent reply to RCPT: 550 d\n[1] Command QUIT\n[1] Sent reply to QUIT: 221 e\n"),
     "S: 220\nC: EHLO a\nS: 250 b\nC: RCPT TO:<c>\nS: 550 d\nC: QUIT\nS: 221 e\n"},
    {"Markdown, each line a span of code", SLICE_INIT("I typed:\n\n`$ telnet mx 25`\n`220 a`\n`EHLO b`\n`250 c`\n`AUTH LOGIN`\n`334 VXNlcm5hbWU6`\n`c3Bt=`\n`535 d`\n```\n"),
     "S: 220 a\nC: EHLO b\nS: 250 c\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: c3Bt=\nS: 535 d\n"},
    {"Markdown, a list with speakers in bold", SLICE_INIT("1. **S:** `220 a`\r\n2. **C:** `HELO b`\r\n3. **S:** `250 c`\r\n4. **C:** `QUIT`\r\n5. **S:** `221 d`\r\n"),
     "S: 220 a\nC: HELO b\nS: 250 c\nC: QUIT\nS: 221 d\n"},
    {"a message with spans of code", SLICE_INIT("220 a\nDATA\n354 b\n`250 c`\n- **d:** `NOOP`\n.\n250 f\n"), "S: 220 a\nC: DATA\nS: 354 b\nC: `250 c`\nC: - **d:** `NOOP`\nC: .\nS: 250 f\n"},
    {"replies alone, as a debugger of CodeIgniter shows them", SLICE_INIT("220 a\n<br /><pre>hello: 250-b\n250 c\n</pre><pre>from: 250 d\n</pre><pre>quit: 221 e\n</pre>\n"),
     "1:1 no SMTP dialogue found: replies, but not what they answer"},
    {"sockets of .NET", SLICE_INIT("a: [1] Data from Socket#1::Receive\na: [1] 00000000 : 32 32 30 20 61 0D 0A : 220 a..\na: [1] 00000000 : 4E 4F 4F 50 0D 0A : NOOP..\na: [1] Data from Socket#1::Receive\na: [1] 00000000 : 32 35 30 20 62 0D 0A : 250 b..\n"),
     "1:1 a trace of .NET's sockets, in hexadecimal: no dialogue is read from it"},
    {"packets of tcpdump", SLICE_INIT("1:2 IP a.25 > b.4: Flags [P.], length 7: SMTP: 220 a\n..@.220 a\n\n1:2 IP b.4 > a.25: Flags [P.], length 6: SMTP: NOOP\n..@.NOOP\n\n1:3 IP a.25 > b.4: Flags [P.], length 7: SMTP: 250 c\n..@.250 c\n"),
     "1:1 packets of tcpdump: no dialogue is read from them; Wireshark's \"Follow TCP Stream\" shows it"},
    {"packets of ngrep -W byline", SLICE_INIT("filter: port 25\n####\nT 1.1.1.1:25 -> 2.2.2.2:4 [AP] #4\n220 a.\n\n##\nT 2026/11/27 10:00:00.1 2.2.2.2:4 -> 1.1.1.1:25 [AP] #6\nDATA.\n\nT 1.1.1.1:25 -> 2.2.2.2:4 [AP] #8\n354 b.\n\nT 2.2.2.2:4 -> 1.1.1.1:25 [AP] #9\nc..\n.\n #.\n..\n\n##\nT 1.1.1.1:25 -> 2.2.2.2:4 [AP] #9\n250 d.\n\n##exit\n28 received, 0 dropped\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC: c.\nC: \nC:  #\nC: .\nS: 250 d\n"},
    {"packets of ngrep, with a dot for each octet that is no text", SLICE_INIT("T 1.1.1.1:25 -> 2.2.2.2:4 [AP]\n  220 a..\nT 2.2.2.2:4 -> 1.1.1.1:25 [AP]\n  DATA..      \nT 1.1.1.1:25 -> 2.2.2.2:4 [AP]\n  354 b..\n"),
     "1:1 ngrep shows ends of lines as dots: what its option -W byline prints, with a dot at the end of each line, can be read"},
    {"packets of two connections", SLICE_INIT("T 1.1.1.1:25 -> 2.2.2.2:4 [AP]\n220 a.\n\nT 1.1.1.1:25 -> 2.2.2.2:5 [AP]\n220 b.\n\nT 2.2.2.2:4 -> 1.1.1.1:25 [AP]\nQUIT.\n\n"),
     "1:1 packets of more than one connection: give those of one"},
    {"a stream of tshark", SLICE_INIT("=====\nFollow: tcp,ascii\nFilter: tcp.stream eq 0\nNode 0: 2.2.2.2:4\nNode 1: 1.1.1.1:25\n\t7\n220 a\n\n6\nDATA\n\n\t7\n354 b\n\n2\nHe\n15\nllo\n\n100\n.\n\n\t7\n250 c\n\n=====\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC: Hello\nC: \nC: 100\nC: .\nS: 250 c\n"},
    {"a stream of tshark that somebody changed", SLICE_INIT("Follow: tcp,ascii\n\t9\n220 a\n\n6\nQUIT\n\n"), "1:1 a stream of tshark whose lengths are not those of its text"},
    {"a stream in hexadecimal", SLICE_INIT("    00000000  32 32 30 20 61 62 63 64  65 66 67 68 69 6a 6b 6c   220 abcd efghijkl\n    00000010  0d 0a                                              ..\n00000000  4e 4f 00 0a 4f 50 0d 0a                            NO..OP..\n    00000012  35 30 30 20 62 0d 0a                               500 b..\n"),
     "S: 220 abcdefghijkl\nC!: NO\\x00\\x0aOP\\r\\n\nS: 500 b\n"},
    {"a stream in hexadecimal without one of its rows", SLICE_INIT("    00000010  0d 0a                                              ..\n00000000  4e 4f 4f 50 0d 0a                                  NOOP..\n"), "1:1 a hex dump of a stream in which rows are missing"},
    {"a message with rows in hexadecimal", SLICE_INIT("220 a\nDATA\n354 b\n00000000  4e 4f\n    00000000  4e 4f\n.\n250 c\n"), "S: 220 a\nC: DATA\nS: 354 b\nC: 00000000  4e 4f\nC:     00000000  4e 4f\nC: .\nS: 250 c\n"},
    {"what swaks did not expect, and what it says of it", SLICE_INIT("<-  220 a\n -> NOOP\n<** 550 b\n**> QUIT\n<-  221 c\n"), "S: 220 a\nC: NOOP\nS: 550 b\nC: QUIT\nS: 221 c\n"},
    {"words of the program where the client's lines stand", SLICE_INIT("> connecting to b:25\n< 220 a\n> STARTTLS\n< 220 b\n> starting TLS\n> EHLO c\n< 250 d\n> FOO\n< 500 e\n> BAR\n> NOOP\n< 500 f\n< 250 g\n> DATA\n< 354 h\n> some text\n> .\n< 250 i\n> AUTH LOGIN\n< 334 j\n> dGVzdA==\n< 535 k\n> QUIT\n< 221 l\n> disconnected\n"),
     "S: 220 a\nC: STARTTLS\nS: 220 b\n%tls\nC: EHLO c\nS: 250 d\nC: FOO\nS: 500 e\nC: BAR\nC: NOOP\nS: 500 f\nS: 250 g\nC: DATA\nS: 354 h\nC: some text\nC: .\nS: 250 i\nC: AUTH LOGIN\nS: 334 j\nC: dGVzdA==\nS: 535 k\nC: QUIT\nS: 221 l\n"},
    {"the answer to EHLO, of which Go shows the first code alone", SLICE_INIT("10:01 C <-- S: 220 a\n10:02 C --> S: EHLO b\n10:03 C <-- S: 250 c\nPIPELINING\nSIZE 1000\nX-FOO\n8BITMIME\n10:04 C --> S: MAIL FROM:<d>\n10:05 C <-- S: 250 e\nSIZE 1\n10:06 C --> S: RCPT TO:<f>\n10:07 C <-- S: 550 g\nsee h\n10:08 C --> S: QUIT\n10:09 C <-- S: 221 i\n"),
     "S: 220 a\nC: EHLO b\nS: 250-c\nS: 250-PIPELINING\nS: 250-SIZE 1000\nS: 250-X-FOO\nS: 250 8BITMIME\nC: MAIL FROM:<d>\nS: 250 e\nC: RCPT TO:<f>\nS: 550 g\nC: QUIT\nS: 221 i\n"},
    {"a program's own line behind the answer to EHLO", SLICE_INIT("in: 220 a\nout: EHLO b\nin: 250-c\nin: 250 d\nDEBUG e\n8 f\nout: QUIT\nin: 221 g\n"), "S: 220 a\nC: EHLO b\nS: 250-c\nS: 250 d\nC: QUIT\nS: 221 g\n"},
    {"Markdown, a block of code that ends behind 354", SLICE_INIT("I do:\n\n```text\n$ telnet mx 25\n220 a\nDATA\n354 b\nSubject: c\n\nd\n```\n\nand it hangs.\n"), "S: 220 a\nC: DATA\nS: 354 b\nC: Subject: c\nC: \nC: d\nC: .\n"},
    {"Markdown in a message", SLICE_INIT("220 a\nDATA\n354 b\n```\nQUIT\nNOOP\n```\n.\n250 c\n"), "S: 220 a\nC: DATA\nS: 354 b\nC: ```\nC: QUIT\nC: NOOP\nC: ```\nC: .\nS: 250 c\n"},
    {"Markdown, what was typed is bold", SLICE_INIT("**telnet mx 25**\n220 a\n**HELO b**\n250 c\n**DATA**\n354 d\n**Subject: e**\n**.**\n250 f\n"), "S: 220 a\nC: HELO b\nS: 250 c\nC: DATA\nS: 354 d\nC: Subject: e\nC: .\nS: 250 f\n"},
    {"a table", SLICE_INIT("| Who | What |\n|---|---|\n| S | 220 a |\n| C | MAIL FROM:<b> |\n| S | 250 c |\n| C | QUIT |\n| S | 221 d |\n"), "S: 220 a\nC: MAIL FROM:<b>\nS: 250 c\nC: QUIT\nS: 221 d\n"},
    {"a diagram", SLICE_INIT("  Client       Server\n   |               |\n   |<---- 220 a ---|\n   |-- EHLO b ---->|\n   |<--- 250-c ----|\n   |<- 250 SIZE ---|\n   |--- RCPT <d> ->|\n   |<--- 550 e ----|\n   |---- QUIT ---->|\n   |<---- 221 f ---|\n"), "S: 220 a\nC: EHLO b\nS: 250-c\nS: 250 SIZE\nC: RCPT <d>\nS: 550 e\nC: QUIT\nS: 221 f\n"},
    {"a diagram's source", SLICE_INIT("sequenceDiagram\n    S->>C: 220 a\n    C->>S: EHLO b\n    S-->>C: 250-c\n    S-->>C: 250 d\n    Note over C,S: e\n    C->>S: QUIT\n    S-->>C: 221 f\n"), "S: 220 a\nC: EHLO b\nS: 250-c\nS: 250 d\nC: QUIT\nS: 221 f\n"},
    {"a message with a table", SLICE_INIT("220 a\nDATA\n354 b\n| c | d |\n| e | f |\n.\n250 g\n"), "S: 220 a\nC: DATA\nS: 354 b\nC: | c | d |\nC: | e | f |\nC: .\nS: 250 g\n"},
    {"what stands for a chunk", SLICE_INIT("220 a\nBDAT 86\n<86 octets of text>\n250 b\nBDAT 6 LAST\n(1234)\n250 c\nBDAT 8 LAST\n(1234)\n250 d\n"), "S: 220 a\nC: BDAT 86\nC!: ${86*x}\nS: 250 b\nC: BDAT 6 LAST\nC: (1234)\nS: 250 c\nC: BDAT 8 LAST\nC: (1234)\nS: 250 d\n"},
    {"breaks of a page between the lines of a reply", SLICE_INIT("10:00 SERVER -&gt; CLIENT: 220 a<br>\n10:00 CLIENT -&gt; SERVER: EHLO b<br>\n10:00 SERVER -&gt; CLIENT: 250-c<br>250-SIZE 1<br />250 <br>2<br>\n10:00 CLIENT -&gt; SERVER: QUIT<br>\n10:00 SERVER -&gt; CLIENT: 221 d<br>\n"),
     "S: 220 a\nC: EHLO b\nS: 250-c\nS: 250-SIZE 1\nS: 250 <br>2\nC: QUIT\nS: 221 d\n"},
    {"remarks in brackets", SLICE_INIT("220 a      [it greets]\nEHLO [1.2.3.4]     [my address]\n250 b\nMAIL FROM:<c>   [the sender]\n250 [d]\nRCPT TO:<e>   -- to whom\n250 f\nQUIT\n221 g\n"),
     "S: 220 a\nC: EHLO [1.2.3.4]\nS: 250 b\nC: MAIL FROM:<c>\nS: 250 [d]\nC: RCPT TO:<e>\nS: 250 f\nC: QUIT\nS: 221 g\n"},
    {"a command that the terminal wrapped", SLICE_INIT("220 a\nMAIL FROM:<a-very-long-local-part-that-goes-on-and-on@a-very-long-domain-name.ex\nample.com> SIZE=1\n250 b\nMAIL FROM:<a-very-long-local-part-that-goes-on-and-on@a-very-long-domain-name.exa\nmple.com> SIZE=1\n250 c\n"),
     "S: 220 a\nC: MAIL FROM:<a-very-long-local-part-that-goes-on-and-on@a-very-long-domain-name.example.com> SIZE=1\nS: 250 b\nC: MAIL FROM:<a-very-long-local-part-that-goes-on-and-on@a-very-long-domain-name.exa\nS: 250 c\n"},
    {"a page, what was typed is bold", SLICE_INIT("<pre>\n220 a\n<b>EHLO b</b>\n250 c\n<b>NOOP</b> <b>d</b>\n500 d\n<B>MAIL FROM:&lt;d&gt;</B>\n250 e\n[b]RSET[/b]\n250 f\n</pre>\n"), "S: 220 a\nC: EHLO b\nS: 250 c\nC: <b>NOOP</b> <b>d</b>\nS: 500 d\nC: MAIL FROM:<d>\nS: 250 e\nC: RSET\nS: 250 f\n"},
    {"a diagram of other signs", SLICE_INIT("Client              Server\n  \xE2\x94\x82   220 a            \xE2\x94\x82\n  \xE2\x94\x82\xE2\x97\x84\xE2\x94\x80\xE2\x94\x80\xE2\x94\x80\xE2\x94\x82\n  \xE2\x94\x82   MAIL FROM:<b>    \xE2\x94\x82\n  \xE2\x94\x82\xE2\x94\x80\xE2\x94\x80\xE2\x94\x80\xE2\x96\xBA\xE2\x94\x82\n  \xE2\x94\x82   250 c            \xE2\x94\x82\n"),
     "S: 220 a\nC: MAIL FROM:<b>\nS: 250 c\n"},
    {"a message below its mark", SLICE_INIT("Server: 220 a\nClient: DATA\nServer: 354 b\nClient: Subject: c\n        \n          d\n e\n        .\nServer: 250 f\n"), "S: 220 a\nC: DATA\nS: 354 b\nC: Subject: c\nC: \nC:   d\nC:  e\nC: .\nS: 250 f\n"},
    {"what stands for the end of a message", SLICE_INIT("in: 220 a\nout: DATA\nin: 354 b\nout: \\r\\n.\\r\\n\nin: 250 c\nout: DATA\nin: 354 d\nout: . (EOM)\nin: 250 e\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC: .\nS: 250 c\nC: DATA\nS: 354 d\nC: .\nS: 250 e\n"},
    {"lines above what is said, as Apple Mail writes", SLICE_INIT("CONNECTED Mar 04 12:00:00.1 [None] -- host:mx\n\nREAD Mar 04 12:00:00.1 [None] -- host:mx\n220 a\n\nWROTE Mar 04 12:00:00.2 [None] -- host:mx\nEHLO b\n\nREAD Mar 04 12:00:00.3 [None] -- host:mx\n250-c\n250 d\n\nWROTE Mar 04 12:00:00.4 [TLS] -- host:mx\nDATA\n\nREAD Mar 04 12:00:00.5 [TLS] -- host:mx\n354 e\n\nWROTE Mar 04 12:00:00.6 [TLS] -- host:mx\n250 f\n\n\n\nREAD: g\n.\n\nREAD Mar 04 12:00:00.7 [TLS] -- host:mx\n250 h\n\nWROTE Mar 04 12:00:00.8 [None] -- host:mx\nQUIT\n\nREAD Mar 04 12:00:00.9 [None] -- host:mx\n221 i\n\n"),
     "S: 220 a\nC: EHLO b\nS: 250-c\nS: 250 d\nC: DATA\nS: 354 e\nC: 250 f\nC: \nC: \nC: \nC: READ: g\nC: .\nS: 250 h\nC: QUIT\nS: 221 i\n"},
    {"socat -v, with an end of a line that is LF alone", SLICE_INIT("> 2025/03/04 12:00:00.000123  length=7 from=0 to=6\n220 a\\r\n< 2025/03/04 12:00:00.000223  length=6 from=0 to=5\nDATA\\r\n> 2025/03/04 12:00:00.000323  length=7 from=7 to=13\n354 b\\r\n< 2025/03/04 12:00:00.000423  length=9 from=6 to=14\nc\n\\r\n.\\r\n> 2025/03/04 12:00:00.000523  length=7 from=14 to=20\n250 d\\r\n< 2025/03/04 12:00:00.000623  length=6 from=15 to=20\nQUIT\\r\n> 2025/03/04 12:00:00.000723  length=7 from=21 to=27\n221 e\\r\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC!: c\\x0a\nC: \nC: .\nS: 250 d\nC: QUIT\nS: 221 e\n"},
    {"tcpflow -c", SLICE_INIT("192.000.002.001.00025-192.000.002.007.40123: 220 a\n\n192.000.002.007.40123-192.000.002.001.00025: DATA\n\n192.000.002.001.00025-192.000.002.007.40123: 354 b\n\n192.000.002.007.40123-192.000.002.001.00025: c\n\n250 d\n.\n\n192.000.002.001.00025-192.000.002.007.40123: 250-e\n250 f\n\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC: c\nC: \nC: 250 d\nC: .\nS: 250-e\nS: 250 f\n"},
    {"words above what is said", SLICE_INIT("Client:\nEHLO a\nServer:\n250 b\nClient:\nDATA\nServer:\n354 c\nClient:\nd\n\n250 e\n.\n\nServer:\n250 f\n"),
     "S: 220\nC: EHLO a\nS: 250 b\nC: DATA\nS: 354 c\nC: d\nC: \nC: 250 e\nC: .\nS: 250 f\n"},
    {"sentences above some of what is said", SLICE_INIT("It greets:\n220 a\nThen me:\nEHLO b\n250 c\nThen me:\nNOOP\n250 d\nThen me:\nQUIT\n221 e\n"),
     "S: 220 a\nC: EHLO b\nS: 250 c\nC: NOOP\nS: 250 d\nC: QUIT\nS: 221 e\n"},
    {"a message that has a mark in its first line", SLICE_INIT(">1741089600>220 a\n<1741089600<DATA\n>1741089600>354 b\n<1741089601<Subject: c\n\n250 d\nProgram: e\n.\n>1741089601>250 f\n<1741089602<QUIT\n>1741089602>221 g\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC: Subject: c\nC: \nC: 250 d\nC: Program: e\nC: .\nS: 250 f\nC: QUIT\nS: 221 g\n"},
    {"words of the program among a message's lines", SLICE_INIT("in: 220 a\nout: DATA\nin: 354 b\nout: c\nwaits\nout: .\nin: 250 d\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC: c\nC: .\nS: 250 d\n"},
    {"strace, which cuts what it shows", SLICE_INIT("read(3, \"220 a\"..., 99) = 32\nwrite(3, \"EHLO b\\r\\n\", 8) = 8\nread(3, \"250-c\\r\\n250 d\"..., 99) = 32\nwrite(3, \"NOOP e\"..., 33) = 33\nread(3, \"250 f\\r\\n\", 99) = 7\nwrite(3, \"NOOP g\"..., 33) = 33\n"),
     "4:10 the log does not show all of what was sent here: strace -s 65535 does"},
    {"a log of swaks, quoted", SLICE_INIT("> === Trying a...\n> <-  220 a\n>  -> RCPT TO:<b>\n> <** 550 c\n>  -> QUIT\n> <-  221 d\n"),
     "S: 220 a\nC: RCPT TO:<b>\nS: 550 c\nC: QUIT\nS: 221 d\n"},
    {"objects of JSON", SLICE_INIT("{\"level\":\"DEBUG\",\"msg\":\"220 a\",\"dir\":{\"from\":\"server\"}}\n{\"level\":\"DEBUG\", \"msg\" : \"MAIL FROM:\\u003cb@c\\u003e\",\"dir\":{\"from\":\"client\"}}\n{\"level\":\"INFO\",\"msg\":\"250 x\",\"n\":1}\n{\"level\":\"DEBUG\",\"msg\":\"250-d \\\"e\\\" f\\/g\\r\\n250 h\",\"dir\":{\"from\":\"server\"}}\n"),
     "S: 220 a\nC: MAIL FROM:<b@c>\nS: 250-d \"e\" f/g\nS: 250 h\n"},
    {"objects of JSON that name the speaker", SLICE_INIT("{\"t\":1,\"msg\":\"S: 220 a\"}\n{\"t\":2,\"msg\":\"C: NOOP\"}\n{\"t\":2,\"msg\":\"waits\"}\n{\"t\":3,\"msg\":\"S: 250 b\"}\n"), "S: 220 a\nC: NOOP\nS: 250 b\n"},
    {"a session that is cut, and one in between", SLICE_INIT("[a1] in: 220 a\n[b2] in: 220 b\n[b2] out: EHLO c\n[a1] out: DATA\n[a1] in: 354 d\n[a1] out: e\n[b2] in: 250 f\n"),
     "S: 220 a\nC: DATA\nS: 354 d\nC: e\nC: .\n%test \"session 2\"\nS: 220 b\nC: EHLO c\nS: 250 f\n"},
    {"morning and afternoon", SLICE_INIT("11:59:59 AM in: 220 a\n12:00:00 PM out: EHLO b\n12:00:00 PM in: 250 c\n"),
     "S: 220 a\nC: EHLO b\nS: 250 c\n"},
    {"a verb that is text of a reply", SLICE_INIT("x 220 a\nEHLO b\nx 250-c\nx 250 STARTTLS\nx 250 QUIT\nQUIT\nx 221 d\n"),
     "S: 220 a\nC: EHLO b\nS: 250-c\nS: 250 STARTTLS\nS: 250 QUIT\nC: QUIT\nS: 221 d\n"},
    {"a reply whose lines a page joined, the last of no text", SLICE_INIT("1 in: 220 a\n2 out: EHLO b\n3 in: 250-c250-\n4 out: QUIT\n5 in: 221 d\n"),
     "S: 220 a\nC: EHLO b\nS: 250-c\nS: 250\nC: QUIT\nS: 221 d\n"},
    {"a reply whose lines a page joined", SLICE_INIT("1 in: 220 a\n2 out: EHLO b\n3 in: 250-c250-SIZE 1250250 HELP\n4 out: QUIT\n5 in: 221 d\n"),
     "S: 220 a\nC: EHLO b\nS: 250-c\nS: 250-SIZE 1250\nS: 250 HELP\nC: QUIT\nS: 221 d\n"},
    {"a reply that nothing in the log asks for", SLICE_INIT("in: 220 a\nin: 250 b\nout: QUIT\nin: 221 d\n"), "S: 220 a\nS: 250 b\nC: QUIT\nS: 221 d\n"},
    {"Postfix as the client", SLICE_INIT("a postfix/smtp[1]: < h[::1]: 220 a\na postfix/smtp[1]: > h[::1]: NOOP\na postfix/smtp[1]: < h[::1]: 250 b\n"),
     "S: 220 a\nC: NOOP\nS: 250 b\n"},
    {"Exim as the server", SLICE_INIT("10:00 12 SMTP>> 220 a\n10:00 12 SMTP<< NOOP\n10:00 12 SMTP>> 250 b\n"),
     "S: 220 a\nC: NOOP\nS: 250 b\n"},
    {"a reply for each recipient, behind marks of their own", SLICE_INIT("1 x smtp cmd> EHLO z\n1 x smtp resp to EHLO: 250 a\n1 x smtp cmd> MAIL FROM:<b@c>\n1 x smtp resp to MAIL (pip): 250 d\n1 x smtp cmd> RCPT TO:<e@f>\n1 x smtp resp to RCPT (pip) (<e@f>): 250 g\n1 x smtp cmd> DATA\n1 x smtp resp to DATA: 354 h\n1 x smtp resp to data-dot (<e@f>): 250 i\n1 x smtp cmd> QUIT\n"),
     "S: 220\nC: EHLO z\nS: 250 a\nC: MAIL FROM:<b@c>\nS: 250 d\nC: RCPT TO:<e@f>\nS: 250 g\nC: DATA\nS: 354 h\nC: .\nS: 250 i\nC: QUIT\n"},
    {"a verb in small letters at the end of a reply", SLICE_INIT("1 m cmd> EHLO b\n1 m resp to EHLO: 250 c\n1 m cmd> DATA\n1 m resp to DATA: 354 End data\n"),
     "S: 220\nC: EHLO b\nS: 250 c\nC: DATA\nS: 354 End data\nC: .\n"},
    {"QUIT where a message should stand", SLICE_INIT("in: 220 a\nout: DATA\nin: 354 b\nout: QUIT\nin: 250 c\nin: 221 d\nin: 220 e\nout: DATA\nin: 354 f\nout: QUIT\nout: .\nin: 250 g\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC: .\nC: QUIT\nS: 250 c\nS: 221 d\n%test \"session 2\"\nS: 220 e\nC: DATA\nS: 354 f\nC: QUIT\nC: .\nS: 250 g\n"},
    {"a log of swaks in a letter that quotes it", SLICE_INIT("What is wrong?\n> <-  220 a\n>  -> RCPT TO:<b>\n> <** 550 c\n>  -> QUIT\n> <-  221 d\nThanks\n"),
     "S: 220 a\nC: RCPT TO:<b>\nS: 550 c\nC: QUIT\nS: 221 d\n"},
    {"what sendmail says itself in a bounce", SLICE_INIT("... while talking to a.:\n>>> DATA\n<<< 550 5.1.1 <b@a>: no\n550 5.1.1 <b@a>... User unknown\n<<< 554 c\n"),
     "S: 220\nC: DATA\nS: 550 5.1.1 <b@a>: no\nS: 554 c\n"},
    {"what sendmail says itself, and few marks", SLICE_INIT(">>> DATA\n<<< 550 5.1.1 <b@a>: no\n550 5.1.1 <b@a>... User unknown\n"),
     "S: 220\nC: DATA\nS: 550 5.1.1 <b@a>: no\n"},
    {"brackets around what was said", SLICE_INIT("10:00 SMTPClient: Receiving <220 a>\n10:00 SMTPClient: Sending <EHLO b>\n10:00 SMTPClient: Receiving <250 c>\n10:00 SMTPClient: Sending <RCPT TO:<d@e>>\n10:00 SMTPClient: Receiving <550 <d@e>>\n10:00 SMTPClient: Sending <QUIT>\n10:00 SMTPClient: Receiving <221 f>\n"),
     "S: 220 a\nC: EHLO b\nS: 250 c\nC: RCPT TO:<d@e>\nS: 550 <d@e>\nC: QUIT\nS: 221 f\n"},
    {"another protocol behind the session", SLICE_INIT("f: POP3< +OK\nf: POP3> USER a\nf: SMTP< 220 b\nf: SMTP> EHLO c\nf: SMTP< 250 d\nf: POP3> DELE 1\nf: SMTP> QUIT\nf: SMTP< 221 e\nf: POP3> QUIT\n"),
     "S: 220 b\nC: EHLO c\nS: 250 d\nC: QUIT\nS: 221 e\n"},
    {"commands that were sent at once, below one mark", SLICE_INIT("x - returned: 220 a\nx - command: MAIL FROM:<b@c>\nRCPT TO:<d@e>\nDATA\nx - returned: 250 f\nx - returned: 250 g\nx - returned: 354 h\nx - command: .\nx - returned: 250 i\n"),
     "S: 220 a\nC: MAIL FROM:<b@c>\nC: RCPT TO:<d@e>\nC: DATA\nS: 250 f\nS: 250 g\nS: 354 h\nC: .\nS: 250 i\n"},
    {"objects of JSON with a member called data", SLICE_INIT("{\"dir\":\"recv\",\"data\":\"220 a\"}\n{\"dir\":\"send\",\"data\":\"EHLO b\"}\n{\"dir\":\"recv\",\"data\":\"250-c\\r\\n250 d\"}\n{\"dir\":\"send\",\"data\":\"QUIT\"}\n{\"dir\":\"recv\",\"data\":\"221 e\"}\n"),
     "S: 220 a\nC: EHLO b\nS: 250-c\nS: 250 d\nC: QUIT\nS: 221 e\n"},
    {"a message as OpenSMTPD traces it", SLICE_INIT("smtp: 0x5: >>> 220 a\nsmtp: 0x5: <<< DATA\nsmtp: 0x5: >>> 354 b\nsmtp: 0x5: <<< [MSG] Subject: c\nsmtp: 0x5: <<< [MSG] \nsmtp: 0x5: <<< [MSG] 250 d\nsmtp: 0x5: <<< [EOM]\nsmtp: 0x5: >>> 250 e\nsmtp: 0x5: <<< QUIT\nsmtp: 0x5: >>> 221 f\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC: Subject: c\nC: \nC: 250 d\nC: .\nS: 250 e\nC: QUIT\nS: 221 f\n"},
    {"a pane of a terminal, with its borders", SLICE_INIT("\342\224\202220 a    \342\224\202\n\342\224\202HELO b   \342\224\202\n\342\224\202250 c    \342\224\202\n\342\224\202QUIT     \342\224\202\n\342\224\202221 d    \342\224\202\n"),
     "S: 220 a\nC: HELO b\nS: 250 c\nC: QUIT\nS: 221 d\n"},
    {"what nc says of octets", SLICE_INIT("$ nc -C -v a 25\na [192.0.2.1] 25 (smtp) open\n220 a\nMAIL FROM:<>\n250 OK\nQUIT\n221 mx.example.org closing connection\n sent 75, rcvd 312\n"),
     "S: 220 a\nC: MAIL FROM:<>\nS: 250 OK\nC: QUIT\nS: 221 mx.example.org closing connection\n"},
    {"421 where the log shows no message", SLICE_INIT("in: 220 a\nout: DATA\nin: 354 b\nin: 421 c\n"), "S: 220 a\nC: DATA\nS: 354 b\nC: .\nS: 421 c\n"},
    {"sentences above a part of what is said, on both sides", SLICE_INIT("It says:\n220 a\nI type:\nEHLO b\n250 c\nNOOP\n250 d\nI type:\nRSET\n250 e\nIt says:\n250 f\n"),
     "S: 220 a\nC: EHLO b\nS: 250 c\nC: NOOP\nS: 250 d\nC: RSET\nS: 250 e\nS: 250 f\n"},
    {"sentences that a blank line parts from what is said", SLICE_INIT("It says:\n\n220 a\n\nI type:\n\nEHLO b\n\nWhich is right.\n\nIt says:\n\n250 c\n\nI type:\n\nQUIT\n\nIt says:\n\n221 d\n"),
     "S: 220 a\nC: EHLO b\nS: 250 c\nC: QUIT\nS: 221 d\n"},
    {"a word above what either side says", SLICE_INIT("Then:\n220 a\nI say:\nEHLO b\nThen:\n250 c\nI say:\nRSET\nThen:\n250 d\nThen:\nNOOP\nThen:\n250 e\nThen:\nNOOP\nThen:\nQUIT\nThen:\n221 f\n"),
     "S: 220 a\nC: EHLO b\nS: 250 c\nC: RSET\nS: 250 d\nC: NOOP\nS: 250 e\nC: NOOP\nC: QUIT\nS: 221 f\n"},
    {"blank lines before what names the speaker are none's", SLICE_INIT("READ 1\n220 a\n\nWROTE 2\nDATA\n\nREAD 3\n354 b\n\nWROTE 4\nc\n\nWROTE 5\n.\n\nREAD 6\n250 d\n\nWROTE 7\nQUIT\n\nREAD 8\n221 e\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC: c\nC: .\nS: 250 d\nC: QUIT\nS: 221 e\n"},
    {"a blank line that is the message's, where none part", SLICE_INIT("READ 1\n220 a\nWROTE 2\nDATA\nREAD 3\n354 b\nWROTE 4\nc\n\nWROTE 5\n.\nREAD 6\n250 d\nWROTE 7\nQUIT\nREAD 8\n221 e\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC: c\nC: \nC: .\nS: 250 d\nC: QUIT\nS: 221 e\n"},
    {"a message with marks, and one that has one in its first line", SLICE_INIT("in: 220 a\nout: DATA\nin: 354 b\nout: c\nwaits\nout: .\nin: 250 d\nout: DATA\nin: 354 e\nout: f\ng\n.\nin: 250 h\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC: c\nC: .\nS: 250 d\nC: DATA\nS: 354 e\nC: f\nC: g\nC: .\nS: 250 h\n"},
    {"words of the program that repeat a reply, where a command is open", SLICE_INIT("in reply: 220 a\nout: NOOP\nin reply: 250 b\nin reply was 250 b\nout: QUIT\n"),
     "S: 220 a\nC: NOOP\nS: 250 b\nC: QUIT\n"},
    {"brackets around commands of one word", SLICE_INIT("Receiving <220 a>\nSending <NOOP>\nReceiving <250 b>\nSending <QUIT>\nReceiving <221 c>\n"),
     "S: 220 a\nC: NOOP\nS: 250 b\nC: QUIT\nS: 221 c\n"},
    {"words of the program behind a message, with a dot", SLICE_INIT("in: 220 a\nout: DATA\nin: 354 b\nout: c\nout: .\nout: NOOP\nwaits\n.\nin: 250 d\nin: 250 e\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC: c\nC: .\nC: NOOP\nS: 250 d\nS: 250 e\n"},
    {"a part of a chunk", SLICE_INIT("in: 220 a\nout: BDAT 100 LAST\nout: ...message data...\nout: QUIT\nin: 250 b\nin: 221 c\n"),
     "S: 220 a\nC: BDAT 100 LAST\nC!: ${100*x}\nC: QUIT\nS: 250 b\nS: 221 c\n"},
    {"two programs", SLICE_INIT("<-  220 a\n -> NOOP\n<-  250 b\nreply: b'220 a\\r\\n'\nsend: 'NOOP\\r\\n'\n"), "4:1 logs of two programs in one file: give one of them"},
    {"a mail in a log that quotes another", SLICE_INIT("<-  220 a\n -> DATA\n<-  354 b\n -> SMTP<< 220 x\n -> SMTP>> NOOP\n -> \n ->\n -> a\n -> b\n -> .\n<-  250 c\n"),
     "S: 220 a\nC: DATA\nS: 354 b\nC: SMTP<< 220 x\nC: SMTP>> NOOP\nC: \nC: \nC: a\nC: b\nC: .\nS: 250 c\n"},
    {"no reply", SLICE_INIT("<-  220 a\n<-  what\n -> NOOP\n<** 550 no\n"), "S: 220 a what\nC: NOOP\nS: 550 no\n"},
    {"two sessions", SLICE_INIT("<-  220 a\n -> QUIT\n<-  221 b\n=== Connection closed\n<-  220 c\n -> QUIT\n<-  221 d\n"),
     "S: 220 a\nC: QUIT\nS: 221 b\n%test \"session 2\"\nS: 220 c\nC: QUIT\nS: 221 d\n"},
    {"swaks, its blanks gone", SLICE_INIT("<- 220 a\n-> NOOP\n<** 550 b\n-> QUIT\n<- 221 c\n"),
     "S: 220 a\nC: NOOP\nS: 550 b\nC: QUIT\nS: 221 c\n"},
    {"variables and verdicts of a script", SLICE_INIT("<-  220 ${a}\n -> NOOP ${b}\n<-  250 a | warn 5xx\n"),
     "S: 220 $${a}\nC: NOOP $${b}\nS: 250 a ${bar:-|} warn 5xx\n"},
    {"a break of a page", SLICE_INIT("10:00 SERVER -&gt; CLIENT: 220 a<br>\n10:00 CLIENT -&gt; SERVER: QUIT<br />\n10:00 SERVER -&gt; CLIENT: 221 b\n"),
     "S: 220 a\nC: QUIT\nS: 221 b\n"},
};
/* clang-format on */

static void rows_are_read(void **state)
{
    int wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice in = law_copy(rows[i].log);
        struct transcript *t = transcript_import(in, SLICE("log"));
        char got[1024];
        law_free(in);
        const struct script_diagnostic *d =
            t->error_count > 0 ? &t->notes[t->note_count - 1] : NULL;
        if (d != NULL)
            snprintf(got, sizeof got, "%zu:%zu %.*s", d->line, d->column, (int)d->message.len,
                     (const char *)d->message.ptr);
        else
            snprintf(got, sizeof got, "%.*s", (int)t->text.len, (const char *)t->text.ptr);
        if (strcmp(got, rows[i].expected) != 0)
            wrong += printf("%s: got\n%s\nexpected\n%s\n", rows[i].name, got, rows[i].expected);
        transcript_free(t);
    }
    assert_int_equal(wrong, 0);
}

/* A script with the words of an RFC in it stays a script. */
static void scripts_stay_scripts(void **state)
{
    (void)state;
    assert_false(transcript_detect(SLICE("S: 220\nC: DATA\nS: 354\n%data <<E\nX   [Page 3]\nE\n")));
    assert_false(transcript_detect(SLICE("   S: 220\n   C: NOOP\n")));
    assert_true(transcript_detect(SLICE("   S: 220\n\f\n   C: NOOP\n")));
    assert_true(transcript_detect(SLICE("It waits for the greeting.\n\n   S: 220\n   C: NOOP\n")));
    assert_false(transcript_detect(SLICE("   S: 220\n   C: NOOP\nX: 250\n")));
    assert_false(transcript_detect(SLICE("It waits for the greeting.\nS: 220\nC: NOOP\n")));
    assert_false(transcript_detect(SLICE("  C: DATA\n  S: 354\n  %data <<E\na b c d\nE\n")));
    assert_true(transcript_may_be(SLICE("It waits for the greeting.\nS: 220\nC: NOOP\n")));
    assert_false(transcript_may_be(SLICE("It waits for the greeting.\nS: 220\n%tls\n")));
}

/* A megabyte in one line, and a hundred thousand lines: the work is linear in them. */
static void hostile_logs_are_linear(void **state)
{
    static const char *const pieces[] = {"] C: ",
                                         "SMTP>> ",
                                         "<-  220-a\n",
                                         " -> a\n",
                                         "[Page ",
                                         "send: '\\r\\n",
                                         "reply: b'220 a\\r\\n'\n",
                                         "/smtp]: < ",
                                         "1:2 S 220 a\n1:3 C QUIT\n",
                                         "x1 250 a<CRLF>250-b",
                                         "1 ",
                                         "in: \"220 a\nout: \"DATA\n",
                                         "250-250 "};
    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct script_arena *arena = script_arena_new();
        struct script_buffer text = {.arena = arena};
        script_buffer_put(&text, SLICE("<-  220 a\n -> b\n"));
        while (text.len < 1000000)
            script_buffer_put(&text, slice_of_cstr(pieces[i]));
        struct transcript *t = transcript_import(script_buffer_slice(&text), SLICE("log"));
        assert_true(t->text.len <= 4 * text.len);
        transcript_free(t);
        script_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_program_is_understood),
        cmocka_unit_test(rows_are_read),
        cmocka_unit_test(scripts_stay_scripts),
        cmocka_unit_test(hostile_logs_are_linear),
    };
    return cmocka_run_group_tests_name("transcript_log", tests, NULL, NULL);
}
