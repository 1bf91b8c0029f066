/*
 * What a client says to the reference server, and the codes it gets: each idea in rows of its own.
 * The proofs of CRAM-MD5 and SCRAM were computed by another program, for the secret of profile.c.
 */
#include "profile.h"

#define H    "EHLO c.example\r\n"
#define M    "MAIL FROM:<a@b.example>\r\n"
#define R    "RCPT TO:<bob@example.test>\r\n"
#define T    H M R
#define MSG  "DATA\r\nSubject: x\r\n\r\nhi\r\n.\r\n"
#define L    "LHLO c.example\r\n" M R
#define IN   "AUTH PLAIN AHRlc3RlcgBzZWNyZXQ=\r\n"
#define DATA T "DATA\r\nSubject: x\r\n\r\n"
#define X10  "xxxxxxxxxx"
#define X50  X10 X10 X10 X10 X10
#define X250 X50 X50 X50 X50 X50
#define X63  X50 X10 "xxx"
#define R10  R R R R R R R R R R

#define MX         PROFILE_MX
#define MX_TLS     PROFILE_MX_TLS
#define CLEAR      PROFILE_CLEAR
#define SMALL      PROFILE_SMALL
#define SUBMISSION PROFILE_SUBMISSION
#define SUB_TLS    PROFILE_SUBMISSION_TLS
#define LMTP       PROFILE_LMTP
#define BARE       PROFILE_BARE
#define DISCLOSES  PROFILE_DISCLOSES
#define PROXIED    PROFILE_PROXIED

#define ROW(name, profile, in, codes)                                                              \
    {                                                                                              \
        name, profile, SLICE_INIT(in), codes, {NULL, 0}, 0                                         \
    }
#define TLS(name, profile, in, after, codes)                                                       \
    {                                                                                              \
        name, profile, SLICE_INIT(in), codes, SLICE_INIT(after), 0                                 \
    }

/* clang-format off */
const struct dialogue dialogues[] = {
    /* ---- the session (RFC 5321 3.1, 4.1.1.1, 4.1.4) */
    ROW("greets", MX, "", "220"),
    ROW("a whole session", MX, T MSG "QUIT\r\n", "220 250 250 250 354 250 221+"),
    ROW("any case", MX, "eHlO c.example\r\nmail from:<a@b.example>\r\nrcpt to:<bob@EXAMPLE.TEST>\r\n", "220 250 250 250"),
    ROW("sequence", MX, "MAIL FROM:<>\r\n" H R "DATA\r\n" M "MAIL FROM:<>\r\nDATA\r\n" R MSG, "220 503 250 503 503 250 503 503 250 354 250"),
    ROW("NOOP, RSET, VRFY, HELP and QUIT need no EHLO", MX, "NOOP\r\nRSET\r\nVRFY bob\r\nHELP\r\nQUIT\r\n", "220 250 250 252 214 221+"),
    ROW("EHLO and RSET end the transaction", MX, T "EHLO c.example\r\nDATA\r\n" M "RSET\r\n" R M "QUIT\r\n", "220 250 250 250 250 503 250 250 503 250 221+"),
    ROW("HELO ends it, too", MX, T "HELO c.example\r\n" R, "220 250 250 250 250 503"),
    ROW("a refused EHLO changes nothing", MX, T "EHLO\r\nEHLO a_b\r\nDATA\r\n.\r\n", "220 250 250 250 501 501 354 250"),
    ROW("names", MX, "EHLO [127.0.0.1]\r\nEHLO [IPv6:2001:db8::1]\r\nEHLO c.example and more\r\nHELO c\r\nEHLO [300.1.2.3]\r\nEHLO a..b\r\nEHLO \xc3\xa9\r\nHELO\r\nHELO bad..domain\r\nEHLO x\x01y\r\n",
        "220 250 250 250 250 501 501 501 501 501 501"),
    ROW("HELO is enough", MX, "HELO c.example\r\n" M R MSG M "RSET\r\nXYZZY\r\n", "220 250 250 250 354 250 250 250 500"),
    ROW("HELP twice after EHLO", MX, H "HELP\r\nHELP MAIL\r\nHELP XYZZY\r\nHELP\r\n", "220 250 214 214 504 214"),
    ROW("what leaves a transaction alone", MX, T "NOOP\r\nVRFY bob\r\nEXPN list\r\nHELP\r\nXYZZY\r\nDATA\r\n.\r\n", "220 250 250 250 250 252 550 214 500 354 250"),
    ROW("QUIT at any time", MX, T "QUIT\r\n", "220 250 250 250 221+"),
    ROW("two transactions", MX, T MSG M R MSG R "DATA\r\n", "220 250 250 250 354 250 250 250 354 250 503 503"),
    ROW("obsolete verbs", MX, H "TURN\r\nSEND FROM:<a@b.example>\r\nSOML FROM:<a@b.example>\r\nSAML FROM:<a@b.example>\r\nX\r\n", "220 250 502 502 502 502 500"),
    ROW("rejecting a chunk", PROFILE_REJECTING, "BDAT 6\r\nNOOP\r\nQUIT\r\n", "554 503 221+"),
    ROW("rejecting", PROFILE_REJECTING, H "MAIL FROM:<>\r\nNOOP\r\nQUIT\r\n", "554 503 503 503 221+"),
    ROW("refusing", PROFILE_REFUSING, H "NOOP\r\nQUIT\r\n", "521 521 521 221+"),
    ROW("what is not announced is not there", BARE, H "BDAT 0 LAST\r\nETRN a.example\r\nSTARTTLS\r\nAUTH PLAIN =\r\nMAIL FROM:<a@b.example> BODY=8BITMIME\r\nMAIL FROM:<a@b.example> RET=HDRS\r\nEXPN list\r\n",
        "220 250 502 502 502 502 555 555 502"),

    /* ---- command lines (RFC 5321 2.3.8, 4.1.1, 4.5.3.1.4) */
    ROW("only CRLF ends a command", MX, "NOOP\nRSET\r\nNOOP\rRSET\r\nNOOP\r\n", "220 500 500 250"),
    ROW("octets that no command holds", MX, H "NOOP\0\r\nNO\0OP\r\nMAIL FROM:<a\007b@c.example>\r\n\377\364\377\375NOOP\r\n", "220 250 500 500 501 500"),
    ROW("white space", MX, H " NOOP\r\nNOOP \r\nMAIL\tFROM:<a@b.example>\r\nMAIL  FROM:<a@b.example>\r\n\r\nNOOP\r\n", "220 250 500 250 501 501 500 250"),
    ROW("arguments that are not wanted", MX, T "DATA now\r\nRSET now\r\nQUIT now\r\nNOOP ignored\r\nNOOP \"two words\"\r\n", "220 250 250 250 501 501 501 250 250"),
    ROW("a line of 512 octets", MX, H "NOOP " X250 X250 "xxxxx\r\n", "220 250 250"),
    ROW("a line that is too long", MX, H "NOOP " X250 X250 X250 X250 X250 X250 "\r\nNOOP\r\n", "220 250 500 250"),
    ROW("a message between two groups", MX, T "RSET\r\n" M R R "NOOP\r\nXYZZY\r\n" MSG "NOOP\r\n", "220 250 250 250 250 250 250 250 250 500 354 250 250"),

    /* ---- MAIL and RCPT (RFC 5321 4.1.1.2, 4.1.1.3, 4.1.2) */
    ROW("MAIL that is none", MX, H "MAIL\r\nMAIL a@b\r\nMAIL FROM:\r\nMAIL TO:<a@b.example>\r\nMAIL FROM:<a@b.example\r\nMAIL FROM: <a@b.example>\r\nMAIL FROM :<a@b.example>\r\nMAIL FROM:a@b.example\r\nMAIL FROM:<a>\r\nMAIL FROM:<@b.example>\r\nMAIL FROM:<a@b.example>X=1\r\n" R,
        "220 250 501 501 501 501 501 501 501 501 501 501 501 503"),
    ROW("RCPT that is none", MX, H M "RCPT\r\nRCPT bob\r\nRCPT TO:\r\nRCPT TO: <bob@example.test>\r\nRCPT TO:bob@example.test\r\nRCPT TO:<>\r\nRCPT TO:<bob>\r\nDATA\r\n", "220 250 250 501 501 501 501 501 501 550 503"),
    ROW("local parts", MX, H "MAIL FROM:<\"john doe\"@b.example>\r\nRSET\r\nMAIL FROM:<\"a\\\"b\"@b.example>\r\nRSET\r\nMAIL FROM:<\"a>b@c\"@b.example>\r\nRSET\r\nMAIL FROM:<!#$%&'*+-/=?^_`{|}~@b.example>\r\nRSET\r\nMAIL FROM:<.a@b.example>\r\nMAIL FROM:<a..b@b.example>\r\nMAIL FROM:<a.@b.example>\r\n",
        "220 250 250 250 250 250 250 250 250 250 501 501 501"),
    ROW("domains", MX, H "MAIL FROM:<a@[192.0.2.1]>\r\nRSET\r\nMAIL FROM:<a@[IPv6:2001:db8::1]>\r\nRSET\r\nMAIL FROM:<@a.example,@b.example:c@d.example>\r\nRSET\r\nMAIL FROM:<a@[300.2.3.4]>\r\nMAIL FROM:<a@-b.example>\r\n", "220 250 250 250 250 250 250 250 501 501"),
    ROW("lengths", MX, H "MAIL FROM:<" X63 "x@b.example>\r\nRSET\r\nMAIL FROM:<" X63 "xx@b.example>\r\nRSET\r\nMAIL FROM:<" X63 "x@" X63 "." X63 "." X50 X10 "x>\r\n", "220 250 250 250 250 250 250"),
    ROW("the null reverse-path", MX, H "MAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\nRCPT TO:<pOSTMASTER@example.test>\r\n" R MSG, "220 250 250 250 250 250 354 250"),
    ROW("postmaster", MX, H M "RCPT TO:<postmaster>\r\nRCPT TO:<POSTMASTER>\r\nRCPT TO:<postmaster@example.test>\r\nRCPT TO:<\"postmaster\"@example.test>\r\n", "220 250 250 250 250 250 250"),
    ROW("a sender of this domain", MX, H "MAIL FROM:<tester@example.test>\r\n", "220 250 250"),
    ROW("mailboxes", MX, H M "RCPT TO:<nosuch@example.test>\r\nRCPT TO:<\"no\\such\"@example.test>\r\nRCPT TO:<full@example.test>\r\nRCPT TO:<crowded@example.test>\r\nRCPT TO:<busy@example.test>\r\nRCPT TO:<moved@example.test>\r\nDATA\r\nRCPT TO:<forwarded@example.test>\r\nRCPT TO:<list@example.test>\r\nRCPT TO:<\"bob\"@example.test>\r\n" MSG,
        "220 250 250 550 550 552 452 450 551 503 251 250 250 354 250"),
    ROW("one refused recipient of two", MX, T "RCPT TO:<nosuch@example.test>\r\n" MSG, "220 250 250 250 550 354 250"),
    ROW("refused ones only", MX, H M "RCPT TO:<nosuch@example.test>\r\nDATA\r\n.\r\n", "220 250 250 550 503 500"),
    ROW("the same twice", MX, T R MSG, "220 250 250 250 250 354 250"),
    ROW("a message that comes too late", MX, H M "RCPT TO:<late@example.test>\r\n" MSG R, "220 250 250 250 354 550 503"),
    ROW("relaying", MX, H M "RCPT TO:<a@elsewhere.test>\r\nRCPT TO:<@example.test:a@elsewhere.test>\r\nRCPT TO:<a%elsewhere.test@example.test>\r\nRCPT TO:<\"a@elsewhere.test\"@example.test>\r\nRCPT TO:<elsewhere.test!a@example.test>\r\nRCPT TO:<@a.example,@b.example:bob@example.test>\r\n",
        "220 250 250 550 550 550 550 550 250"),
    ROW("relaying from nobody", MX, H "MAIL FROM:<>\r\nRCPT TO:<a@elsewhere.test>\r\nRSET\r\nMAIL FROM:<bob@example.test>\r\nRCPT TO:<a@elsewhere.test>\r\n", "220 250 250 550 250 250 550"),
    ROW("relays for whom it knows", CLEAR, H IN M "RCPT TO:<a@elsewhere.test>\r\n" MSG, "220 250 235 250 250 354 250"),
    ROW("a hundred recipients", MX, H M R10 R10 R10 R10 R10 R10 R10 R10 R10 R10 R "DATA\r\n.\r\n", "220 250 250 "
        "250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 "
        "250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 250 "
        "452 354 250"),
    ROW("one too many", SMALL, T R R MSG "NOOP\r\n", "220 250 250 250 250 452 354 250 250"),

    /* ---- parameters (RFC 5321 4.1.1.11 and the extensions) */
    ROW("parameters", MX, H "MAIL FROM:<> X=1\r\nMAIL FROM:<> =x\r\nMAIL FROM:<> SIZE=1 SIZE=2\r\nMAIL FROM:<> HOLDFOR=60\r\nMAIL FROM:<> REQUIRETLS\r\nMAIL FROM:<> NOTIFY=NEVER\r\nMAIL FROM:<> sIzE=10 bOdY=8bitmime rEt=hdrs\r\nRCPT TO:<bob@example.test> X=1\r\nRCPT TO:<bob@example.test> SIZE=1\r\n",
        "220 250 555 501 501 555 555 555 250 555 555"),
    ROW("parameters need EHLO", MX, "HELO c.example\r\nMAIL FROM:<> SIZE=1\r\nMAIL FROM:<> BODY=7BIT\r\n", "220 250 555 555"),
    ROW("SIZE", MX, H "MAIL FROM:<> SIZE=x\r\nMAIL FROM:<> SIZE=\r\nMAIL FROM:<> SIZE\r\nMAIL FROM:<> SIZE=-1\r\nMAIL FROM:<> SIZE=16385\r\nMAIL FROM:<> SIZE=99999999999999999999\r\nMAIL FROM:<> SIZE=100000000000000000000\r\nMAIL FROM:<> SIZE=4294967297\r\nMAIL FROM:<> SIZE=16384\r\n",
        "220 250 501 501 501 501 552 552 501 552 250"),
    ROW("BODY", MX, H "MAIL FROM:<> BODY=9BIT\r\nMAIL FROM:<> BODY=7BIT BODY=8BITMIME\r\nMAIL FROM:<> BODY=7BIT\r\nRSET\r\nMAIL FROM:<> BODY=8BITMIME\r\nRSET\r\nMAIL FROM:<> BODY=BINARYMIME\r\n" R "DATA\r\n", "220 250 501 501 250 250 250 250 250 250 503"),
    ROW("DSN of MAIL", MX, H "MAIL FROM:<> RET=SOME\r\nMAIL FROM:<> RET=FULL RET=HDRS\r\nMAIL FROM:<> ENVID=a+ZZ\r\nMAIL FROM:<> ENVID\r\nMAIL FROM:<> ret=hdrs\r\nRSET\r\nMAIL FROM:<> RET=FULL ENVID=a+2bb\r\nRSET\r\nMAIL FROM:<> ENVID=" X50 X10 X10 X10 X10 "\r\n",
        "220 250 501 501 501 501 250 250 250 250 250"),
    ROW("DSN of RCPT", MX, H M "RCPT TO:<bob@example.test> NOTIFY=NEVER,SUCCESS\r\nRCPT TO:<bob@example.test> NOTIFY=SOMETIMES\r\nRCPT TO:<bob@example.test> NOTIFY=NEVER NOTIFY=FAILURE\r\nRCPT TO:<bob@example.test> ORCPT=rfc822;a+ZZb\r\nRCPT TO:<bob@example.test> ORCPT=a@b\r\nRCPT TO:<bob@example.test> ORCPT=rfc822;a+0D+0Ab\r\n"
        "RCPT TO:<bob@example.test> notify=never\r\nRCPT TO:<bob@example.test> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a+2bb@c\r\nRCPT TO:<bob@example.test> ORCPT=utf-8;bob@example.test\r\nRCPT TO:<bob@example.test> ORCPT=rfc822;" X250 X50 X50 X50 X50 X10 X10 "\r\n",
        "220 250 250 501 501 501 501 501 501 250 250 250 250"),
    ROW("SMTPUTF8", MX, H "MAIL FROM:<\xc3\xbcser@b.example>\r\nMAIL FROM:<a@b.example> SMTPUTF8=yes\r\nMAIL FROM:<\xff\xfe@b.example> SMTPUTF8\r\nMAIL FROM:<a@b\xc3\xbc" "cher.example> SMTPUTF8\r\nRSET\r\nMAIL FROM:<\xc3\xbcser@b.example> SMTPUTF8 BODY=8BITMIME\r\nRCPT TO:<\xc3\xbcser@example.test>\r\n" R MSG M "RCPT TO:<\xc3\xbcser@example.test>\r\n",
        "220 250 550 501 501 250 250 250 250 250 354 250 250 553"),
    ROW("DELIVERBY", MX, H "MAIL FROM:<> BY=0;R\r\nMAIL FROM:<> BY=abc;R\r\nMAIL FROM:<> BY=1;R\r\nMAIL FROM:<> BY=-30;N\r\nRSET\r\nMAIL FROM:<> BY=3600;RT\r\nRSET\r\nMAIL FROM:<> BY=120;R\r\n", "220 250 501 501 555 250 250 250 250 250"),
    ROW("MT-PRIORITY", MX, H "MAIL FROM:<> MT-PRIORITY=10\r\nMAIL FROM:<> MT-PRIORITY=+3\r\nMAIL FROM:<> MT-PRIORITY=1 MT-PRIORITY=2\r\nMAIL FROM:<> MT-PRIORITY=-3\r\nRSET\r\nMAIL FROM:<> MT-PRIORITY=6\r\n", "220 250 501 501 501 250 250 250"),
    ROW("RRVS", MX, H M "RCPT TO:<bob@example.test> RRVS=yesterday\r\nRCPT TO:<bob@example.test> RRVS=2025-12-31T23:59:00.5Z\r\nRCPT TO:<bob@example.test> RRVS=1990-01-01T00:00:00Z\r\nRCPT TO:<postmaster@example.test> RRVS=1990-01-01T00:00:00Z\r\nRCPT TO:<bob@example.test> RRVS=2025-12-31T23:59:00Z\r\nRCPT TO:<bob@example.test> RRVS=2025-12-31T23:59:00Z;C\r\n",
        "220 250 250 501 501 550 250 250 250"),
    ROW("REQUIRETLS", MX_TLS, H "MAIL FROM:<> REQUIRETLS=yes\r\nMAIL FROM:<> REQUIRETLS\r\n", "220 250 501 250"),
    ROW("MAILMAX", SMALL, H M "RSET\r\n" M "RSET\r\n" M "RSET\r\n" M, "220 250 250 250 250 250 250 250 452"),
    ROW("ETRN", MX, H "ETRN\r\nETRN a_b\r\nETRN c.example\r\n" M "ETRN c.example\r\n", "220 250 501 501 251 250 503"),
    ROW("a chunk that comes before AUTH is no command", SUBMISSION, H "BDAT 6\r\nNOOP\r\nBDAT 6 LAST\r\nNOOP\r\nNOOP\r\n", "220 250 530 530 250"),
    ROW("a chunk that comes before EHLO is no command", MX, "BDAT 6\r\nNOOP\r\nNOOP\r\n", "220 503 250"),
    ROW("ETRN is no part of submission", SUB_TLS, H IN "ETRN c.example\r\n", "220 250 235 502"),

    /* ---- VRFY and EXPN (RFC 5321 3.5) */
    ROW("strangers are told nothing", MX, H "VRFY bob\r\nVRFY nosuch@example.test\r\nVRFY\r\nVRFY bob SMTPUTF8\r\nVRFY b\xc3\xb6" "b\r\nEXPN list\r\nEXPN\r\nEXPN bob\r\n", "220 250 252 252 501 252 553 550 501 550"),
    ROW("a name that no reply has room for is nobody's", DISCLOSES, H "VRFY " X250 X50 X50 "\r\nVRFY " X250 "\r\n", "220 250 550 250"),
    ROW("others are", DISCLOSES, H "VRFY bob\r\nVRFY <bob@example.test>\r\nVRFY nosuch\r\nVRFY moved\r\nVRFY forwarded\r\nVRFY a@elsewhere.test\r\nVRFY b\xc3\xb6" "b SMTPUTF8\r\nEXPN list\r\nEXPN bob\r\nEXPN nosuch\r\n", "220 250 250 250 550 551 251 550 250 250 550 550"),

    /* ---- DATA (RFC 5321 4.1.1.4) */
    ROW("only CRLF . CRLF ends a message", MX, T "DATA\r\na\n.\nb\r\n.\nc\n.\r\nd\r.\r\r\n.\r\nNOOP\r\n", "220 250 250 250 354 554 250"),
    ROW("LF . LF", MX, DATA "x\n.\nNOOP\r\n.\r\n", "220 250 250 250 354 554"),
    ROW("LF . CRLF", MX, DATA "x\n.\r\nNOOP\r\n.\r\n", "220 250 250 250 354 554"),
    ROW("LF . CR", MX, DATA "x\n.\rNOOP\r\n.\r\n", "220 250 250 250 354 554"),
    ROW("CR . CR", MX, DATA "x\r.\rNOOP\r\n.\r\n", "220 250 250 250 354 554"),
    ROW("CR . LF", MX, DATA "x\r.\nNOOP\r\n.\r\n", "220 250 250 250 354 554"),
    ROW("CR . CRLF", MX, DATA "x\r.\r\nNOOP\r\n.\r\n", "220 250 250 250 354 554"),
    ROW("CRLF . LF", MX, DATA "x\r\n.\nNOOP\r\n.\r\n", "220 250 250 250 354 554"),
    ROW("CRLF . CR", MX, DATA "x\r\n.\rNOOP\r\n.\r\n", "220 250 250 250 354 554"),
    ROW("CRLF . CR CRLF", MX, DATA "x\r\n.\r\r\nNOOP\r\n.\r\n", "220 250 250 250 354 554"),
    ROW("CR CRLF . CR CRLF", MX, DATA "x\r\r\n.\r\r\nNOOP\r\n.\r\n", "220 250 250 250 354 554"),
    ROW("LF LF . CRLF", MX, DATA "x\n\n.\r\nNOOP\r\n.\r\n", "220 250 250 250 354 554"),
    ROW("NUL before the dot", MX, DATA "x\r\n\0.\r\nNOOP\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("NUL behind it", MX, DATA "x\r\n.\0\r\nNOOP\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("a space before the dot", MX, DATA "x\r\n .\r\nNOOP\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("a space behind it", MX, DATA "x\r\n. \r\nNOOP\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("a tab behind it", MX, DATA "x\r\n.\t\r\nNOOP\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("VT before the dot", MX, DATA "x\r\n\v.\r\nNOOP\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("FF behind it", MX, DATA "x\r\n.\f\r\nNOOP\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("SUB behind it", MX, DATA "x\r\n.\x1a\r\nNOOP\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("a byte order mark before the dot", MX, DATA "x\r\n\xef\xbb\xbf.\r\nNOOP\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("NEL . NEL", MX, DATA "x\x85.\x85NOOP\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("U+2028 . U+2028", MX, DATA "x\xe2\x80\xa8.\xe2\x80\xa8NOOP\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("LF first, LF . LF", MX, T "DATA\r\nSubject: x\n\r\nx\n.\nNOOP\r\n.\r\n", "220 250 250 250 354 554"),
    ROW("LF first, LF . CRLF", MX, T "DATA\r\nSubject: x\n\r\nx\n.\r\nNOOP\r\n.\r\n", "220 250 250 250 354 554"),
    ROW("LF first, CRLF . LF", MX, T "DATA\r\nSubject: x\n\r\nx\r\n.\nNOOP\r\n.\r\n", "220 250 250 250 354 554"),
    ROW("commands in a message", MX, DATA "QUIT\r\nRSET\r\nMAIL FROM:<>\r\n.\r\nNOOP\r\n", "220 250 250 250 354 250 250"),
    ROW("dots", MX, DATA "..leading\r\n.one\r\n..\r\nmid.dle\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("no message at all", MX, T "DATA\r\n.\r\nNOOP\r\n", "220 250 250 250 354 250 250"),
    ROW("octets", MX, DATA "tab\there \x01\x02 \xfc\xe9 trailing \r\n.\r\n", "220 250 250 250 354 250"),
    ROW("NUL", MX, DATA "before \0 behind\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("a line of 1000 octets", MX, DATA X250 X250 X250 X50 X50 X50 X50 X10 X10 X10 X10 "xxxxxxxx\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("a header that lacks much", MX, T "DATA\r\nno header\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("Resent- fields", MX, T "DATA\r\nDate: x\r\nResent-From: a@b\r\n\r\nhi\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("many in a header", MX, T "DATA\r\nDate: x\r\nTo: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z\r\n\r\nhi\r\n.\r\n", "220 250 250 250 354 250"),
#define V "Received: x\r\n"
#define V10 V V V V V V V V V V
    ROW("sixty Received fields", MX, T "DATA\r\n" V10 V10 V10 V10 V10 V10 "\r\nhi\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("a loop", MX, T "DATA\r\n" V10 V10 V10 V10 V10 V10 V10 V10 V10 V10 V "\r\nhi\r\n.\r\nDATA\r\n", "220 250 250 250 354 554 503"),
    ROW("fields that were there", MX, T "DATA\r\nReturn-Path: <old@b.example>\r\nReceived: from one by two; Mon, 1 Jan 2024 00:00:00 +0000\r\nDate: x\r\nSubject: y\r\nReturn-Path: <older@b.example>\r\n\r\nReturn-Path: body\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("two recipients", MX, T "RCPT TO:<alice@example.test>\r\n" MSG, "220 250 250 250 250 354 250"),
    ROW("a message that is too large", SMALL, T "DATA\r\n" X250 X250 X250 X250 X250 "\r\n.\r\n" R "DATA\r\n" M R MSG, "220 250 250 250 354 552 503 503 250 250 354 250"),
    ROW("dots do not count", SMALL, T "DATA\r\n" X250 X250 X250 X50 X50 X50 X50 "\r\n..\r\n..\r\n..\r\n..\r\n..\r\n..\r\n..\r\n..\r\n..\r\n..\r\n..\r\n..\r\n..\r\n..\r\n..\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("more than SIZE said", MX, H "MAIL FROM:<a@b.example> SIZE=100\r\n" R "DATA\r\n" X50 "\r\n" X50 "\r\nNOOP\r\n.\r\nNOOP\r\n", "220 250 250 250 354 250 250"),
    ROW("less than SIZE said", MX, H "MAIL FROM:<a@b.example> SIZE=2000\r\n" R "DATA\r\n" X50 "\r\n" X50 "\r\n.\r\n", "220 250 250 250 354 250"),
    {"64 KiB", MX, SLICE_INIT(DATA), "220 250 250 250 354 250 250", SLICE_INIT(".\r\nNOOP\r\n"), 1024},
    ROW("a dot behind a long line", MX, DATA X250 X250 X250 X250 X10 X10 "xxxx.\r\nRSET\r\n.\r\n", "220 250 250 250 354 250"),
    ROW("control octets before a command, a quote that does not end, two @", MX, "\x01NOOP\r\n" H "MAIL FROM:<\"a\\\"@b.example>\r\n" M "RCPT TO:<a@b.example@example.test>\r\n", "220 500 250 501 250 501"),
    ROW("an end that never comes", MX, DATA "half a mess", "220 250 250 250 354"),

    /* ---- BDAT (RFC 3030) */
    ROW("BDAT", MX, T "BDAT 6\r\nNOOP\r\nBDAT 0 LAST\r\nDATA\r\nBDAT 5 LAST\r\nhello" R, "220 250 250 250 250 250 503 503 503"),
    ROW("BDAT in any case", MX, T "bdat 5 last\r\nhello" M R MSG, "220 250 250 250 250 250 250 354 250"),
    ROW("chunks", MX, T "BDAT 14\r\nSubject: x\r\n\r\nBDAT 7 LAST\r\nhello\r\nNOOP\r\n", "220 250 250 250 250 250 250"),
    ROW("a refused chunk is taken off the stream", MX, H "BDAT 6\r\nNOOP\r\nBDAT x\r\nBDAT -1 LAST\r\n", "220 250 503 501 501"),
    ROW("a chunk before EHLO", MX, "BDAT 6\r\nNOOP\r\nNOOP\r\n", "220 503 250"),
    ROW("a chunk for nobody", MX, H M "RCPT TO:<nosuch@example.test>\r\nBDAT 6\r\nNOOP\r\nBDAT 6 LAST\r\nRSET\r\nNOOP\r\n", "220 250 250 550 503 503 250"),
    ROW("markers and sizes", MX, T "BDAT\r\nBDAT 0 FIRST\r\nBDAT 99999999999999999999 LAST\r\n", "220 250 250 250 501 501 501"),
    ROW("DATA does not go on a BDAT", MX, T "BDAT 1\r\nxDATA\r\nRSET\r\nBDAT 5 LAST\r\nhello", "220 250 250 250 250 503 250 503"),
    ROW("dots in a chunk", MX, T "BDAT 43 LAST\r\nSubject: x\r\n\r\n..two\r\n.\r\nafter\r\nNOOP\r\nNOOP\r\nNOOP\r\n", "220 250 250 250 250 250"),
    ROW("a chunk that is too much", SMALL, T "BDAT 1250\r\n" X250 X250 X250 X250 X250 "BDAT 1\r\nxBDAT 1 LAST\r\nx" R, "220 250 250 250 552 503 503 503"),
    ROW("a chunk that has not come", MX, T "BDAT 2000 LAST\r\nNOOP\r\n", "220 250 250 250"),

    /* ---- STARTTLS (RFC 3207) */
    TLS("STARTTLS", MX, T "STARTTLS\r\n", R H "STARTTLS\r\n" M R MSG, "220 250 250 250 220 tls 503 250 503 250 250 354 250"),
    TLS("what came in plain text behind STARTTLS", MX, H "STARTTLS\r\nNOOP\r\n", "", "220 250 220 tls"),
    ROW("STARTTLS with an argument, and before EHLO", MX, "STARTTLS\r\n" H "STARTTLS now\r\n", "220 503 250 501"),
    ROW("TLS that is not available", PROFILE_TLS_UNAVAILABLE, H "STARTTLS\r\nNOOP\r\n", "220 250 454 250"),
    TLS("TLS that is required", PROFILE_TLS_REQUIRED, H "NOOP\r\n" M "HELO c.example\r\nHELP\r\nSTARTTLS\r\n", H M, "220 250 250 530 530 530 220 tls 250 250"),
    ROW("TLS from the start", MX_TLS, H "STARTTLS\r\n" M R MSG, "220 250 503 250 250 354 250"),

    /* ---- AUTH (RFC 4954) */
    ROW("PLAIN", CLEAR, H IN "AUTH PLAIN =\r\n" "RSET\r\n" M R MSG H IN, "220 250 235 503 250 250 250 354 250 250 503"),
    ROW("PLAIN after a 334", CLEAR, H "AUTH PLAIN\r\nAHRlc3RlcgBzZWNyZXQ=\r\n", "220 250 334 235"),
    ROW("PLAIN in small letters", CLEAR, H "auth plain AHRlc3RlcgBzZWNyZXQ=\r\n", "220 250 235"),
    ROW("PLAIN of a user with LF", CLEAR, H "AUTH PLAIN AHRlc3RlcgoAc2VjcmV0\r\n", "220 250 535"),
    ROW("PLAIN as oneself", CLEAR, H "AUTH PLAIN dGVzdGVyAHRlc3RlcgBzZWNyZXQ=\r\n", "220 250 235"),
    ROW("PLAIN as another, without NUL, with another, without a password", CLEAR, H "AUTH PLAIN cG9zdG1hc3RlcgB0ZXN0ZXIAc2VjcmV0\r\nAUTH PLAIN dXNlcnBhc3M=\r\nAUTH PLAIN AHRlc3RlcgBzZWNyZXQAeA==\r\nAUTH PLAIN AHRlc3RlcgA=\r\n", "220 250 535 535 535 535"),
    ROW("PLAIN of 255 octets", CLEAR, H "AUTH PLAIN\r\nAHV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dXV1dQBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHA=\r\n",
        "220 250 334 535"),
    ROW("a long answer", CLEAR, H "AUTH PLAIN\r\n" X250 X250 X250 X250 X250 X250 X250 X250 "\r\nNOOP\r\n", "220 250 334 535 250"),
    ROW("LOGIN", CLEAR, H "AUTH LOGIN\r\ndGVzdGVy\r\nc2VjcmV0\r\n", "220 250 334 334 235"),
    ROW("LOGIN with a user, and cancelled", CLEAR, H "AUTH LOGIN dGVzdGVy\r\n*\r\nAUTH LOGIN dGVzdGVy\r\nc2VjcmV0\r\n", "220 250 334 501 334 235"),
    ROW("AUTH that fails", CLEAR, H "AUTH LOGIN\r\n*\r\nAUTH PLAIN\r\n!\r\nAUTH PLAIN eHg=\r\nAUTH X\r\nAUTH\r\nAUTH LOGIN dGVzdGVy\r\neA==\r\nAUTH PLAIN AAA=BBB=\r\nAUTH PLAIN =\r\n" IN, "220 250 334 501 334 501 535 504 501 334 535 501 535 235"),
    ROW("AUTH that fails often", CLEAR, H "AUTH PLAIN =\r\nAUTH PLAIN =\r\nAUTH PLAIN =\r\nAUTH PLAIN =\r\nAUTH PLAIN =\r\nAUTH PLAIN =\r\nNOOP\r\n", "220 250 535 535 535 535 535 421+"),
    ROW("AUTH inside a transaction", CLEAR, H M IN R MSG IN, "220 250 250 503 250 354 250 235"),
    ROW("AUTH before EHLO", CLEAR, IN, "220 503"),
    ROW("AUTH before EHLO is said", CLEAR, "HELO c.example\r\n" IN, "220 250 503"),
    ROW("AUTH before TLS", MX, H IN "AUTH CRAM-MD5\r\nAUTH X\r\n", "220 250 538 538 504"),
    ROW("AUTH=", CLEAR, H "MAIL FROM:<> AUTH=<>\r\nRSET\r\nMAIL FROM:<> AUTH=e+3Dmc2@example.com\r\nRSET\r\nMAIL FROM:<> AUTH=a+ZZb\r\n", "220 250 250 250 250 250 501"),
    TLS("AUTH and TLS", MX, H "STARTTLS\r\n", H IN M R MSG, "220 250 220 tls 250 235 250 250 354 250"),
    ROW("EXTERNAL", MX_TLS, H "AUTH EXTERNAL =\r\n", "220 250 235"),
    ROW("EXTERNAL with a name", MX_TLS, H "AUTH EXTERNAL dXNlcg==\r\nAUTH EXTERNAL dGVzdGVy\r\n", "220 250 535 235"),
    TLS("EXTERNAL behind STARTTLS", MX, H "STARTTLS\r\n", H "AUTH EXTERNAL dGVzdGVyAA==\r\nAUTH EXTERNAL\r\n\r\n", "220 250 220 tls 250 535 334 235"),
    ROW("EXTERNAL without TLS", CLEAR, H "AUTH EXTERNAL =\r\n", "220 250 504"),
    ROW("CRAM-MD5", CLEAR, H "AUTH CRAM-MD5\r\ndGVzdGVyIGE5NTE0ZTdjY2I3MDQ2MWE4NGQyMDlkYWU4YjkyNmNl\r\n", "220 250 334 235"),
    ROW("CRAM-MD5 that fails", CLEAR, H "AUTH CRAM-MD5 Zm9v\r\nAUTH CRAM-MD5\r\ndGVzdGVyIDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw\r\nAUTH CRAM-MD5\r\n*\r\n", "220 250 501 334 535 334 501"),
    ROW("CRAM-MD5 with an old answer", CLEAR, H "AUTH CRAM-MD5\r\n*\r\nAUTH CRAM-MD5\r\ndGVzdGVyIGE5NTE0ZTdjY2I3MDQ2MWE4NGQyMDlkYWU4YjkyNmNl\r\nAUTH CRAM-MD5\r\n*\r\n", "220 250 334 501 334 535 334 501"),
    ROW("CRAM-MD5 before TLS", PROFILE_CLEAR_AUTH, H "AUTH CRAM-MD5\r\n*\r\n" IN, "220 250 334 501 538"),
    TLS("AUTH before TLS is forgotten", PROFILE_CLEAR_AUTH, H "AUTH CRAM-MD5\r\ndGVzdGVyIGE5NTE0ZTdjY2I3MDQ2MWE4NGQyMDlkYWU4YjkyNmNl\r\nSTARTTLS\r\n", H "AUTH CRAM-MD5\r\n*\r\n", "220 250 334 235 220 tls 250 334 501"),
    ROW("SCRAM-SHA-256", CLEAR, H "AUTH SCRAM-SHA-256 biwsbj10ZXN0ZXIscj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0w=\r\nYz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMalhDYkV4M1UrMlVjdVBRWmpScUZINWNMLHA9YWZHSkZ0ZUJiU0gycGwwNXpxTHh5ZXBlQnY1TVB3Qmk0R3BUbW40d2I1RT0=\r\n\r\n", "220 250 334 334 235"),
    ROW("SCRAM-SHA-256 after a 334", CLEAR, H "AUTH SCRAM-SHA-256\r\nbiwsbj10ZXN0ZXIscj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0w=\r\nYz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMalhDYkV4M1UrMlVjdVBRWmpScUZINWNMLHA9YWZHSkZ0ZUJiU0gycGwwNXpxTHh5ZXBlQnY1TVB3Qmk0R3BUbW40d2I1RT0=\r\n\r\n", "220 250 334 334 334 235"),
    ROW("SCRAM-SHA-256, flag y", CLEAR, H "AUTH SCRAM-SHA-256 eSwsbj10ZXN0ZXIscj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0w=\r\nYz1lU3dzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMalhDYkV4M1UrMlVjdVBRWmpScUZINWNMLHA9amphZW1UQ2dLeGR1TVVYczN3RENpVU80Ky95NThBMm9OMnMzaTM2bW9Xbz0=\r\n\r\n", "220 250 334 334 235"),
    ROW("SCRAM-SHA-1", CLEAR, H "AUTH SCRAM-SHA-1 biwsbj10ZXN0ZXIscj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0w=\r\nYz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMalhDYkV4M1UrMlVjdVBRWmpScUZINWNMLHA9RUJ4NHhkYk5MSDI4VzFiVCtnV2Q5K2JBbTFBPQ==\r\n\r\n", "220 250 334 334 235"),
    ROW("SCRAM with another nonce", CLEAR, H "AUTH SCRAM-SHA-256 biwsbj10ZXN0ZXIscj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0w=\r\nYz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMalhDYkV4M1UrMlVjdVBRWmpScUZINWNMeCxwPTRkQTJjSDRpcWNscGtrd1lKOHR6Ri8rS0pVdUlDNlpuL0gzY29JZ2ZLaTA9\r\n", "220 250 334 535"),
    ROW("SCRAM with a wrong password", CLEAR, H "AUTH SCRAM-SHA-256 biwsbj10ZXN0ZXIscj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0w=\r\nYz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMalhDYkV4M1UrMlVjdVBRWmpScUZINWNMLHA9a25hQmV4Mjk4LzNNTTZPcWxOVDQyZVgwY2xlcmVDaVRSU1BMNWh2Slhraz0=\r\n", "220 250 334 535"),
    ROW("SCRAM that is none", CLEAR, H "AUTH SCRAM-SHA-256 eCwsbj10ZXN0ZXIscj1hYmNkZWY=\r\nAUTH SCRAM-SHA-256 biwsbT14LG49dGVzdGVyLHI9YWJjZGVmZ2g=\r\nAUTH SCRAM-SHA-256 biwsbj1hPWIscj1hYmNkZWZnaA==\r\nAUTH SCRAM-SHA-256 cD10bHMtdW5pcXVlLCxuPXRlc3RlcixyPWFiYw==\r\nAUTH SCRAM-SHA-256 =\r\n", "220 250 501 501 501 501 501"),
    ROW("SCRAM of a stranger", CLEAR, H "AUTH SCRAM-SHA-256 biwsbj1ub3N1Y2gscj1hYmNkZWZnaA==\r\n*\r\n", "220 250 334 501"),
    ROW("OAUTHBEARER", MX_TLS, H "AUTH OAUTHBEARER bixhPXRlc3RlciwBYXV0aD1CZWFyZXIgdG9rZW4BAQ==\r\n", "220 250 235"),
    ROW("OAUTHBEARER with a key more", MX_TLS, H "AUTH OAUTHBEARER bixhPXRlc3RlciwBenp6PTEBYXV0aD1CZWFyZXIgdG9rZW4BAQ==\r\n", "220 250 235"),
    ROW("OAUTHBEARER that fails", MX_TLS, H "AUTH OAUTHBEARER bixhPXRlc3RlciwBYXV0aD1CZWFyZXIgaW52YWxpZAEB\r\nAQ==\r\nAUTH OAUTHBEARER bixhPXRlc3RlciwBYXV0aD1CZWFyZXIgaW52YWxpZAEB\r\n*\r\nAUTH OAUTHBEARER eA==\r\n", "220 250 334 535 334 501 501"),
    ROW("XOAUTH2", MX_TLS, H "AUTH XOAUTH2 dXNlcj10ZXN0ZXIBYXV0aD1CZWFyZXIgYmFkAQE=\r\n\r\nAUTH XOAUTH2 dXNlcj10ZXN0ZXIBYXV0aD1CZWFyZXIgdG9rZW4BAQ==\r\n", "220 250 334 535 235"),

    /* ---- XCLIENT (Postfix, XCLIENT_README) */
    ROW("XCLIENT begins anew", PROXIED, H IN "XCLIENT NAME=host.example PORT=1\r\n" M H IN T MSG "XCLIENT ADDR=192.0.2.9\r\n" H M, "220 250 235 220 503 250 235 250 250 250 354 250 220 250 250"),
    ROW("XCLIENT before EHLO", PROXIED, "XCLIENT ADDR=[UNAVAILABLE] NAME=[TEMPUNAVAIL]\r\n" T MSG, "220 220 250 250 250 354 250"),
    ROW("XCLIENT names an address", PROXIED, "XCLIENT ADDR=IPV6:2001:db8::1\r\n" T MSG, "220 220 250 250 250 354 250"),
    ROW("XCLIENT once for another", PROXIED, "XCLIENT HELO=a\r\nXCLIENT ADDR=192.0.2.9\r\nXCLIENT HELO=a\r\n", "220 220 220 550"),
    ROW("XCLIENT who has authenticated", PROXIED, "XCLIENT LOGIN=bob\r\n" H IN "XCLIENT LOGIN=[UNAVAILABLE]\r\n" H IN, "220 220 250 503 220 250 235"),
    ROW("XCLIENT in a transaction", PROXIED, T "XCLIENT ADDR=192.0.2.9\r\n" MSG, "220 250 250 250 503 354 250"),
    ROW("XCLIENT of nothing, of bad values", PROXIED, "XCLIENT\r\nXCLIENT NAME=a+b\r\nXCLIENT ADDR=192.0.2.256\r\nXCLIENT PORT=65536\r\nXCLIENT NAME\r\nXCLIENT SIZE=1\r\nXCLIENT X=1\r\nXCLIENT NAME=a DESTADDR=x\r\nXCLIENT LOGIN=a LOGIN=b\r\n", "220 501 501 501 501 501 501 501 501 501"),
    ROW("XCLIENT of anybody", CLEAR, H "XCLIENT NAME=a\r\nXCLIENT\r\n" M, "220 250 550 550 250"),

    /* ---- submission (RFC 6409) */
    TLS("submission", SUBMISSION, H "NOOP\r\nRSET\r\n" M "HELO c.example\r\nVRFY bob\r\n" H "STARTTLS\r\n", H M IN "MAIL FROM:<>\r\n" "RCPT TO:<a@elsewhere.test>\r\n" MSG, "220 250 250 250 530 250 530 250 220 tls 250 530 235 250 250 354 250"),
    ROW("domains that are not qualified", SUB_TLS, H IN "MAIL FROM:<a@localhost>\r\nMAIL FROM:<@>\r\nMAIL FROM:<a@[192.0.2.1]>\r\n", "220 250 235 554 501 250"),
    ROW("FUTURERELEASE", SUB_TLS, H IN "MAIL FROM:<> HOLDFOR=0\r\nMAIL FROM:<> HOLDFOR=86401\r\nMAIL FROM:<> HOLDUNTIL=2001-01-01T00:00:00Z\r\nMAIL FROM:<> HOLDUNTIL=soon\r\nMAIL FROM:<> HOLDFOR=60 HOLDUNTIL=2026-01-01T01:00:00Z\r\nMAIL FROM:<> HOLDUNTIL=2026-01-03T01:00:00Z\r\n"
        "MAIL FROM:<> HOLDFOR=60\r\nRSET\r\nMAIL FROM:<> HOLDUNTIL=2026-01-01T02:00:00+01:00\r\n", "220 250 235 501 501 501 501 501 501 250 250 250"),
    ROW("a message without Date and Message-ID", SUB_TLS, H IN M R MSG, "220 250 235 250 250 354 250"),
    ROW("a message with both", SUB_TLS, H IN M R "DATA\r\nDate: x\r\nMessage-ID: <y@z>\r\n\r\nhi\r\n.\r\n", "220 250 235 250 250 354 250"),

    /* ---- LMTP (RFC 2033) */
    ROW("LMTP", LMTP, "EHLO c.example\r\nHELO c.example\r\nLHLO\r\n" L "RCPT TO:<alice@example.test>\r\nRCPT TO:<nosuch@example.test>\r\n" MSG "DATA\r\n", "220 500 500 501 250 250 250 250 550 354 250 250 503"),
    ROW("LMTP with one that fails late", LMTP, L "RCPT TO:<late@example.test>\r\n" MSG, "220 250 250 250 250 354 250 550"),
    ROW("LMTP for nobody", LMTP, "LHLO c.example\r\n" M "DATA\r\nRCPT TO:<nosuch@example.test>\r\nDATA\r\n", "220 250 250 503 550 503"),
    ROW("LMTP with BDAT", LMTP, L "RCPT TO:<alice@example.test>\r\nBDAT 6\r\nhello\nBDAT 0 LAST\r\nNOOP\r\n", "220 250 250 250 250 250 250 250 250"),
    ROW("LMTP with a loop", LMTP, L R "DATA\r\na\nb\r\n.\r\n", "220 250 250 250 250 354 554 554"),
    ROW("LHLO is no SMTP", MX, "LHLO c.example\r\n", "220 500"),
};
/* clang-format on */

const size_t dialogue_count = sizeof dialogues / sizeof *dialogues;
