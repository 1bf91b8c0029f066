/*
 * The engine, driven by arrays: each row is a script, what the peer sends, and what comes of it.
 * Every row is played with the peer's turns whole and in small pieces.
 */
#include <stdio.h>

#include "engine/engine.h"
#include "law.h"

#define HELLO "S: 220\nC: EHLO ${client}\nS: 250\n"

/* What the peer does when its octets are out; MUTE: and it shakes no hands. */
enum { STAYS, CLOSES, LOST, MUTE };

struct row {
    const char *name;
    const char *script;
    struct slice octets;
    int end;
    enum engine_role role;
    bool keep_going;
    enum engine_match match;
    const char
        *log; /* ok LINE, diff LINE fault, over LINE, note, tls; then the verdict and its reason */
};

#define RUNAWAY "the pattern takes too many steps on this text: nobody knows whether it matches"
#define LONG    "250 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\r\n"
#define CLIENT  ENGINE_CLIENT, false, ENGINE_MATCH_ENHANCED
#define REPLAY  ENGINE_CLIENT, true, ENGINE_MATCH_CODE
#define SERVER  ENGINE_SERVER, false, ENGINE_MATCH_CODE

/* clang-format off */
static const struct row rows[] = {
    {"as written", HELLO "C: QUIT\nS: 221\n", SLICE_INIT("220 a\r\n250-b\r\n250 c\r\n221 d\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, ok 5, pass"},
    {"another code", HELLO, SLICE_INIT("220 a\r\n550 b\r\n"), STAYS, CLIENT,
     "ok 1, diff 3 reply code differs, fail"},
    {"alternatives, classes, negation", "S: 220/554\nC: A\nS: 2xx\nC: B\nS: !2xx\nC: D\nS: *\n",
     SLICE_INIT("554 a\r\n299 b\r\n500 c\r\n421 d\r\n"), STAYS, CLIENT, "ok 1, ok 3, ok 5, ok 7, pass"},
    {"a negated code that came", "S: !2xx\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT, "diff 1 reply code differs, fail"},
    {"an enhanced code", "S: 250 2.1.x\n", SLICE_INIT("250 2.1.5 a\r\n"), STAYS, CLIENT, "ok 1, pass"},
    {"another enhanced code", "S: 250 2.1.0\n", SLICE_INIT("250 2.1.5 a\r\n"), STAYS, CLIENT,
     "diff 1 enhanced status code differs, fail"},
    {"a pattern", "S~: ^250 SIZE\n", SLICE_INIT("250-a\r\n250 SIZE 1\r\n"), STAYS, CLIENT, "ok 1, pass"},
    {"a pattern that takes too long", "S~: ^250 (a|a)+$\n", SLICE_INIT(LONG), STAYS, CLIENT, "diff 1 " RUNAWAY ", error"},
    {"a pattern that takes too long to say no", "S: 250\n%reply no /^250 (a|a)+$/\n", SLICE_INIT(LONG), STAYS, CLIENT, "ok 1, diff 2 " RUNAWAY ", error"},
    {"one of all replies", "S: 250\nC: A\nS: 250\n%replies no /^250 (a|a)+$/\n", SLICE_INIT(LONG "250 a\r\n"), STAYS, CLIENT, "ok 1, ok 3, diff 4 " RUNAWAY ", error"},
    {"one of a branch", "S: 250\n%if reply /^250 (a|a)+$/\nC: A\n%end\n", SLICE_INIT(LONG), STAYS, CLIENT, "ok 1, diff 2 " RUNAWAY ", error"},
    {"one of a loop", "S: 250\n%repeat until !reply /^250 (a|a)+$/ max 3\nC: A\n%end\n", SLICE_INIT(LONG), STAYS, CLIENT, "ok 1, diff 4 " RUNAWAY ", error"},
    {"one of a capture", "S: 250\n%capture a /^250 (a|a)+$/\n", SLICE_INIT(LONG), STAYS, CLIENT, "ok 1, diff 2 " RUNAWAY ", error"},
    {"one of a comparison", "S: 250\n%capture a / (.*)/\n%assert ${a} !~ /^(a|a)+$/ | warn\n", SLICE_INIT(LONG), STAYS, CLIENT, "ok 1, ok 2, diff 3 " RUNAWAY ", error"},
    {"a pattern that no line matches", "S~: ^251\n", SLICE_INIT("250-a\r\n250 b\r\n"), STAYS, CLIENT,
     "diff 1 no line of the reply matches the pattern, fail"},
    {"an exact reply", "S=: 250 a\n", SLICE_INIT("250 a\r\n"), STAYS, CLIENT, "ok 1, pass"},
    {"not quite exact", "S=: 250 a\n", SLICE_INIT("250 a \r\n"), STAYS, CLIENT, "diff 1 reply text differs, fail"},
    {"closes as written", "S: 220\nS: <EOF>\n", SLICE_INIT("220 a\r\n"), CLOSES, CLIENT, "ok 1, ok 2, pass"},
    {"closes where it should answer", HELLO, SLICE_INIT("220 a\r\n250-"), CLOSES, CLIENT,
     "ok 1, diff 3 the connection was closed here, fail"},
    {"answers where it should close", "S: 220\nS: <EOF>\n", SLICE_INIT("220 a\r\n250 b\r\n"), STAYS, CLIENT,
     "ok 1, diff 2 the connection should have been closed here, fail"},
    {"silent", HELLO, SLICE_INIT("220 a\r\n25"), STAYS, CLIENT, "ok 1, diff 3 no answer in time, error"},
    {"silent past a bound of its own", "S: 220\nC: A\n%within 1s\nS: 250\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT,
     "ok 1, diff 4 no answer in time, fail"},
    {"a reply too many", HELLO "C: QUIT\nS: 221\n", SLICE_INIT("220 a\r\n\f250 b\r\n\f221 c\r\n221 d\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, ok 5, diff 5 octets arrived that nothing asked for, fail"},
    {"a reply too many, and %lax", "%lax\nS: 220\nC: A\nS: 250\n", SLICE_INIT("220 a\r\n\f250 b\r\n250 c\r\n"), STAYS, CLIENT,
     "ok 2, ok 4, pass"},
    {"no reply at all", "S: 220\n", SLICE_INIT("hello\r\n"), STAYS, CLIENT, "diff 1 this is no SMTP reply, fail"},
    {"mixed codes", "S: 250\n", SLICE_INIT("250-a\r\n251 b\r\n"), STAYS, CLIENT, "diff 1 this is no SMTP reply, fail"},
    {"pipelined", "S: 220\nC: A\nC: B\nS: 250\nS: 500\n", SLICE_INIT("220 a\r\n250 b\r\n500 c\r\n"), STAYS, CLIENT,
     "ok 1, ok 4, ok 5, pass"},
    {"pipelined, and one more is sent between the replies", "S: 220\nC: A\nC: B\nS: 250\nC: D\nS: 251\nS: 252\n",
     SLICE_INIT("220 a\r\n\f250 b\r\n251-c\r\n251 d\r\n\f252 e\r\n"), STAYS, CLIENT, "ok 1, ok 4, ok 6, ok 7, pass"},
    {"... where a reply is too many", "S: 220\nC: A\nC: B\nS: 250\nC: D\nS: 251\nS: 252\n",
     SLICE_INIT("220 a\r\n\f250 b\r\n251 c\r\n252 d\r\n"), STAYS, CLIENT, "ok 1, ok 4, diff 5 octets arrived that nothing asked for, fail"},
    {"... where the first was one too many", "S: 220\nC: A\nS: 250\nC: B\nC: D\nS: 251\nC: E\nS: 252\nS: 253\n",
     SLICE_INIT("220 a\r\n\f250 b\r\n\f251 c\r\n252 d\r\n253 e\r\n"), STAYS, CLIENT, "ok 1, ok 3, ok 6, diff 7 octets arrived that nothing asked for, fail"},
    {"... in a loop, each alone", "S: 220\n%flush each\n%repeat 2\nC: A\n%end\nC: B\n%repeat 3\nS: 250\n%end\n",
     SLICE_INIT("220 a\r\n\f250 b\r\n\f250 c\r\n\f250 d\r\n"), STAYS, CLIENT, "ok 1, ok 8, ok 8, ok 8, pass"},
    {"a decisive line that passes", HELLO "C: A\nS: 503 | warn 5xx | unclear 421\n", SLICE_INIT("220 a\r\n250 b\r\n503 c\r\n"),
     STAYS, CLIENT, "ok 1, ok 3, ok 5, pass"},
    {"... that warns", HELLO "C: A\nS: 503 | warn 5xx | unclear 421\n", SLICE_INIT("220 a\r\n250 b\r\n501 c\r\n"),
     STAYS, CLIENT, "ok 1, ok 3, diff 5 reply code differs, warn"},
    {"... that says nothing", HELLO "C: A\nS: 503 | warn 5xx | unclear 421\n", SLICE_INIT("220 a\r\n250 b\r\n421 c\r\n"),
     STAYS, CLIENT, "ok 1, ok 3, diff 5 reply code differs, skip: inconclusive at line 5"},
    {"... that says nothing, named more exactly than by a warning", HELLO "C: A\nS: 503 | warn 5xx | unclear 530\n", SLICE_INIT("220 a\r\n250 b\r\n530 c\r\n"),
     STAYS, CLIENT, "ok 1, ok 3, diff 5 reply code differs, skip: inconclusive at line 5"},
    {"... that warns, named more exactly than by what says nothing", HELLO "C: A\nS: 503 | warn 530 | unclear 5xx\n", SLICE_INIT("220 a\r\n250 b\r\n530 c\r\n"),
     STAYS, CLIENT, "ok 1, ok 3, diff 5 reply code differs, warn"},
    {"... that says nothing, and what comes after it", HELLO "C: A\nS: 250 | unclear 4xx\nC: B\nS: 354 | warn 5xx\n", SLICE_INIT("220 a\r\n250 b\r\n450 c\r\n"),
     STAYS, CLIENT, "ok 1, ok 3, diff 5 reply code differs, skip: inconclusive at line 5"},
    {"... that fails", HELLO "C: A\nS: 503 | warn 5xx | unclear 421\n", SLICE_INIT("220 a\r\n250 b\r\n250 c\r\n"),
     STAYS, CLIENT, "ok 1, ok 3, diff 5 reply code differs, fail"},
    {"a precondition that is not met", HELLO "C: A\nS: 503 | warn 5xx\n", SLICE_INIT("220 a\r\n550 b\r\n"), STAYS, CLIENT,
     "ok 1, diff 3 reply code differs, skip: inconclusive at line 3"},
    {"clean-up changes nothing", "S: 220 | warn 554\nC: QUIT\nS: 221\n", SLICE_INIT("220 a\r\n500 b\r\n"), STAYS, CLIENT,
     "ok 1, pass"},
    {"a SHOULD warns", "%test \"x\" level=SHOULD\nS: 220\n", SLICE_INIT("554 a\r\n"), STAYS, CLIENT,
     "diff 2 reply code differs, warn"},
    {"a requirement that is not announced", "%require ehlo:SIZE\n" HELLO, SLICE_INIT("220 a\r\n250 b\r\n"), STAYS, CLIENT,
     "ok 2, skip: the server does not offer SIZE"},
    {"a requirement, and no EHLO", "%require ehlo:SIZE\nS: 220\nC: EHLO c\nS: 250/500\nC: HELO c\nS: 250\n", SLICE_INIT("220 a\r\n500 what?\r\n250 a\r\n"), STAYS, CLIENT,
     "ok 2, skip: the server does not offer SIZE"},
    {"a requirement of the command line", "%require creds\nS: 220\n", SLICE_INIT(""), STAYS, CLIENT, "skip: needs creds (--user and --pass)"},
    {"a variable without a value", "S: 220\nC: ${rcpt}\n", SLICE_INIT(""), STAYS, CLIENT,
     "skip: no value for the variable rcpt (--rcpt)"},
    {"claims on EHLO", HELLO "%ehlo +SIZE -DSN +AUTH=PLAIN\n", SLICE_INIT("220 a\r\n250-b\r\n250-auth login plain\r\n250 size 1\r\n"),
     STAYS, CLIENT, "ok 1, ok 3, ok 4, pass"},
    {"a claim that does not hold", HELLO "%ehlo -SIZE\n", SLICE_INIT("220 a\r\n250-b\r\n250 SIZE 1\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, diff 4 EHLO does not announce what it should, fail"},
    {"quiet", "S: 220\n%quiet 1s\nC: A\nS: 250\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT,
     "ok 1, ok 2, diff 4 no answer in time, error"},
    {"not quiet", "S: 220\nC: A\nS: 250\n%quiet 1s\n", SLICE_INIT("220 a\r\n\f250 b\r\n250 c\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, diff 4 something arrived where nothing should, fail"},
    {"octets before the handshake", "S: 220\nC: STARTTLS\nS: 220\n%tls\nC: A\nS: 250\n", SLICE_INIT("220 a\r\n\f220 b\r\n250 c\r\n"),
     STAYS, CLIENT, "ok 1, ok 3, diff 4 octets arrived that nothing asked for, fail"},
    {"an alert before a handshake that may be refused", "S: 220\nC: STARTTLS\nS: 220\n%tls refused=warn\nC: A\nS: 250\n",
     SLICE_INIT("220 a\r\n\f220 b\r\n\x15\x03\x03\x00\x02\x02\x0a"), STAYS, CLIENT, "ok 1, ok 3, warn: a TLS alert came before the handshake"},
    {"a silent server refuses nothing", "S: 220\n%tls refused=pass\nC: A\nS: 250\n", SLICE_INIT("220 a\r\n"), MUTE, CLIENT, "ok 1, error 2: no TLS handshake in time"},
    {"and before one that may not", "S: 220\nC: STARTTLS\nS: 220\n%tls\n", SLICE_INIT("220 a\r\n\f220 b\r\n\x15\x03\x03\x00\x02\x02\x0a"),
     STAYS, CLIENT, "ok 1, ok 3, diff 4 octets arrived that nothing asked for, fail"},
    {"values of %tls", "S: 220\n%capture name /[a-z.]+$/\n%set min=1.2\n%tls sni=mx.${name} min=${min} ciphers=A:${upper:b} alpn=${client},smtp pin=sha256:${64*a} verify=${v:-ca}\n",
     SLICE_INIT("220 a.example\r\n"), STAYS, CLIENT,
     "ok 1, ok 2, tls 2 303 0 0 sni=mx.a.example ciphers=A:B alpn=c.example,smtp pin=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, ok 4, pass"},
    {"... that are constant beside them", "S: 220\n%tls verify=none max=1.3 refused=warn cert=${client} sni=$${a}\n",
     SLICE_INIT("220 a\r\n"), STAYS, CLIENT, "ok 1, tls 3 0 304 2 sni=${a} cert=c.example, ok 2, pass"},
    {"a value that is none", "S: 220 a\n%capture v / (.*)/\n%tls refused=pass min=${v}\n", SLICE_INIT("220 1.9\r\n"), STAYS, CLIENT,
     "ok 1, ok 2, error 3: min=1.9: no TLS version: 1.0, 1.1, 1.2 or 1.3"},
    {"an empty one", "S: 220\n%capture v / (.*)/\n%tls pin=${v}\n", SLICE_INIT("220 \r\n"), STAYS, CLIENT, "ok 1, ok 2, error 3: pin=: a value is missing"},
    {"one that is too long", "S: 220\n%tls sni=${256*a}\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT,
     "ok 1, error 2: sni=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: sni= has 255 octets at most"},
    {"one that is longer than any may be", "S: 220\n%tls cert=${1000*a} alpn=${1001*a}\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT,
     "ok 1, error 2: alpn=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: it is too long: 1000 octets at most"},
    {"versions that exclude each other", "S: 220\n%capture v / (.*)/\n%tls min=1.3 max=${v}\n", SLICE_INIT("220 1.2\r\n"), STAYS, CLIENT,
     "ok 1, ok 2, error 3: min= is above max="},
    {"a value that %if keeps from being known", "S: 220\n%if reply 220\n%tls sni=${ehlo.SIZE}\n%end\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT,
     "ok 1, skip: no value for the variable ehlo.SIZE"},
    {"one that nothing has, before the greeting", "S: 220\n%tls sni=${rcpt}\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT,
     "skip: no value for the variable rcpt (--rcpt)"},
    {"TLS", "S: 220\nC: STARTTLS\nS: 220\n%tls\n", SLICE_INIT("220 a\r\n220 b\r\n"), STAYS, CLIENT, "ok 1, ok 3, tls, ok 4, pass"},

    {"a replay goes on", "S: 220\nC: A\nS: 250\nC: QUIT\nS: 221\n", SLICE_INIT("220 a\r\n500 b\r\n221 c\r\n"), STAYS, REPLAY,
     "ok 1, diff 3 reply code differs, ok 5, fail"},
    {"a message that is not asked for is not sent", "S: 220\nC: DATA\nS: 354\nC: QUIT\nC: .\nS: 250\nC: QUIT\nS: 221\n",
     SLICE_INIT("220 a\r\n503 b\r\n221 c\r\n"), STAYS, REPLAY, "ok 1, diff 3 reply code differs, over 6, ok 8, fail"},
    {"credentials that are not asked for are not sent",
     "S: 220\nC: AUTH LOGIN\nS: 334\nC: eA==\nS: 334\nC: eA==\nS: 235\nC: QUIT\nS: 221\n",
     SLICE_INIT("220 a\r\n503 b\r\n221 c\r\n"), STAYS, REPLAY, "ok 1, diff 3 reply code differs, over 5, over 7, ok 9, fail"},
    {"nor is their reply waited for behind a loop or an assertion",
     "S: 220\nC: DATA\nS: 354\n%repeat 2\nC: .\n%end\n%reply /354/\nS: 250\nC: QUIT\nS: 221\n",
     SLICE_INIT("220 a\r\n503 b\r\n221 c\r\n"), STAYS, REPLAY, "ok 1, diff 3 reply code differs, over 8, ok 10, fail"},
    {"nor where that is a warning",
     "%test \"t\" level=SHOULD\nS: 220\nC: AUTH LOGIN\nS: 334 | warn 421\nC: eA==\nS: 334\nC: eA==\nS: 235\nC: QUIT\nS: 221 | warn 250\n",
     SLICE_INIT("220 a\r\n503 b\r\n221 c\r\n"), STAYS, CLIENT, "ok 2, diff 4 reply code differs, over 6, over 8, ok 10, warn"},
    {"nor behind a loop that begins there",
     "%test \"t\" level=SHOULD\nS: 220\nC: DATA\nS: 354 | warn 421\n%repeat 2\nC: RSET\n%end\nC: .\nS: 250\nC: QUIT\nS: 221 | warn 250\n",
     SLICE_INIT("220 a\r\n503 b\r\n221 c\r\n"), STAYS, CLIENT, "ok 2, diff 4 reply code differs, over 9, ok 11, warn"},
    {"a script that branches there says itself what goes out",
     "%test \"t\" level=SHOULD\nS: 220\nC: DATA\nS: 354 | warn 421\n%if reply 503\nC: RSET\nS: 250\n%end\nC: QUIT\nS: 221 | warn 250\n",
     SLICE_INIT("220 a\r\n503 b\r\n250 c\r\n221 d\r\n"), STAYS, CLIENT, "ok 2, diff 4 reply code differs, ok 7, ok 10, warn"},
    {"a challenge that is not expected is cancelled", "S: 220\nC: AUTH PLAIN\nS: 535\nC: QUIT\nS: 221\n",
     SLICE_INIT("220 a\r\n334 \r\n501 b\r\n221 c\r\n"), STAYS, REPLAY, "ok 1, diff 3 reply code differs, note, ok 5, fail"},
    {"what half answers that", "S: 220\nC: AUTH PLAIN\nS: 535\nC: QUIT\nS: 221\n", SLICE_INIT("220 a\r\n334 \r\n5"), CLOSES, REPLAY,
     "ok 1, diff 3 reply code differs, note, diff 4 the connection was closed here, over 5, fail"},
    {"nothing that answers it", "S: 220\nC: AUTH PLAIN\nS: 535\nC: QUIT\nS: 221\n", SLICE_INIT("220 a\r\n334 \r\n"), CLOSES, REPLAY,
     "ok 1, diff 3 reply code differs, note, diff 5 the connection was closed here, fail"},
    {"a message that is asked for and not there", "S: 220\nC: DATA\nS: 503\nC: QUIT\nS: 221\n", SLICE_INIT("220 a\r\n354 b\r\n"),
     STAYS, REPLAY, "ok 1, diff 3 reply code differs, over 5, fail"},
    {"TLS that is refused, and credentials follow",
     "S: 220\nC: STARTTLS\nS: 220\n%tls\nC: AUTH PLAIN eA==\nS: 235\n", SLICE_INIT("220 a\r\n454 b\r\n"), STAYS, REPLAY,
     "ok 1, diff 3 reply code differs, over 6, fail"},
    {"TLS that begins unexpectedly", "S: 220\nC: starttls\nS: 500\nC: QUIT\nS: 221\n", SLICE_INIT("220 a\r\n220 b\r\n"), STAYS, REPLAY,
     "ok 1, diff 3 reply code differs, note, tls, diff 5 no answer in time, error"},
    {"closed in the middle", "S: 220\nC: A\nS: 250\nC: B\nS: 250\n", SLICE_INIT("220 a\r\n"), CLOSES, REPLAY,
     "ok 1, diff 3 the connection was closed here, over 5, fail"},

    {"the server's side", HELLO "C: QUIT\nS: 221\n", SLICE_INIT("ehlo x\r\nquit\r\n"), STAYS, SERVER, "ok 2, ok 4, pass"},
    {"another command", HELLO, SLICE_INIT("HELO x\r\n"), STAYS, SERVER, "diff 2 the client sent another command, fail"},
    {"the client closes early", HELLO "C: QUIT\nS: 221\n", SLICE_INIT("EHLO x\r\n"), CLOSES, SERVER,
     "ok 2, diff 4 the connection was closed here, fail"},
    {"a message ends at its lone dot", "S: 220\nC: DATA\nS: 354\nC: a\nC: .\nS: 250\n",
     SLICE_INIT("DATA\r\nother\r\n..\r\n.x\r\n.\r\n"), STAYS, SERVER, "ok 2, ok 5, pass"},
    {"a branch that is not played", HELLO "%if ehlo VRFY\nC: VRFY\nS: 252\n%end\nC: QUIT\nS: 221\n",
     SLICE_INIT("220 a\r\n250 b\r\n221 d\r\n"), STAYS, CLIENT, "ok 1, ok 3, ok 9, pass"},
    {"a branch that is", HELLO "%if ehlo VRFY\nC: VRFY\nS: 252\n%else\nC: X\nS: 500\n%end\nC: QUIT\nS: 221\n",
     SLICE_INIT("220 a\r\n250-b\r\n250 VRFY\r\n252 c\r\n221 d\r\n"), STAYS, CLIENT, "ok 1, ok 3, ok 6, ok 12, pass"},
    {"a branch on the last reply", "S: 220\nC: A\nS: *\n%if reply 503/554\n%if !reply /^5.4/\nC: B\nS: 250\n%end\n%else\nC: C\nS: 251\n%end\n",
     SLICE_INIT("220 a\r\n503 b\r\n250 c\r\n"), STAYS, CLIENT, "ok 1, ok 3, ok 7, pass"},
    {"the other branch", "S: 220\nC: A\nS: */<EOF>\n%if reply 503/<EOF>\n%else\nC: C\nS: 251\n%end\n",
     SLICE_INIT("220 a\r\n250 b\r\n251 c\r\n"), STAYS, CLIENT, "ok 1, ok 3, ok 7, pass"},
    {"a branch on the end of the connection", "S: 220\nC: A\nS: */<EOF>\n%if reply <EOF>\n%else\nC: C\nS: 251\n%end\n",
     SLICE_INIT("220 a\r\n"), CLOSES, CLIENT, "ok 1, ok 3, pass"},
    {"TLS is a condition", "S: 220\n%if secure\nC: A\nS: 250\n%end\nC: B\nS: 220\n%tls\n%if secure\nC: D\nS: 251\n%end\n",
     SLICE_INIT("220 a\r\n220 b\r\n251 c\r\n"), STAYS, CLIENT, "ok 1, ok 7, tls, ok 8, ok 11, pass"},
    {"nothing that decides is played", HELLO "%if ehlo VRFY\nC: VRFY\nS: 252 | warn 5xx\n%end\nC: QUIT\nS: 221\n",
     SLICE_INIT("220 a\r\n250 b\r\n221 d\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, ok 9, skip: not applicable: no line that decides was played"},
    {"rounds", "S: 220\n%repeat 3\nC: ${n}\nS: 25x\n%end\n", SLICE_INIT("220 a\r\n251 b\r\n252 c\r\n253 d\r\n"), STAYS, CLIENT,
     "ok 1, ok 4, ok 4, ok 4, pass"},
    {"rounds up to a reply", "S: 220\n%repeat until reply !250 max 5\nC: A\nS: *\n%end\nC: B\nS: 221\n",
     SLICE_INIT("220 a\r\n250 b\r\n452 c\r\n221 d\r\n"), STAYS, CLIENT, "ok 1, ok 4, ok 4, ok 7, pass"},
    {"rounds in rounds, in one write", "S: 220\n%repeat 2\n%repeat 2\nC: A\n%end\n%end\n%repeat 4\nS: 250\n%end\n",
     SLICE_INIT("220 a\r\n250 b\r\n250 b\r\n250 b\r\n250 b\r\n"), STAYS, CLIENT, "ok 1, ok 8, ok 8, ok 8, ok 8, pass"},
    {"as many rounds as EHLO says", HELLO "%repeat ${ehlo.LIMITS.RCPTMAX + 1}\nC: A\nS: 250\n%end\n%repeat ${ehlo.SIZE/100}\nC: X\n%end\n",
     SLICE_INIT("220 a\r\n250-b\r\n250-LIMITS MAILMAX=9 rcptmax=1\r\n250 SIZE 99\r\n250 a\r\n250 a\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, ok 6, ok 6, pass"},
    {"a count that is not announced", HELLO "%repeat ${ehlo.SIZE}\nC: A\n%end\n", SLICE_INIT("220 a\r\n250 b\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, skip: no value for the variable ehlo.SIZE"},
    {"too many rounds", "S: 220\n%repeat 1000\n%repeat 1000\n%end\n%end\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT,
     "ok 1, error: too many rounds of %repeat"},
    {"a value that EHLO did not bring", HELLO "C: A ${ehlo.SIZE}\nS: 250\n", SLICE_INIT("220 a\r\n250 b\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, skip: no value for the variable ehlo.SIZE"},
    {"... behind a difference, which stands", HELLO "C: B\nS: 250\nC: A ${ehlo.SIZE}\nS: 250\n", SLICE_INIT("220 a\r\n250 b\r\n500 c\r\n"), STAYS, REPLAY,
     "ok 1, ok 3, diff 5 reply code differs, note, fail"},
    {"a server that plays branches and rounds", HELLO "%if ehlo SIZE\nC: A\nS: 250\n%else\n%repeat 2\nC: B\nS: 251\n%end\n%end\nC: QUIT\nS: 221\n",
     SLICE_INIT("EHLO x\r\nb\r\nb\r\nquit\r\n"), STAYS, SERVER, "ok 2, ok 9, ok 9, ok 13, pass"},
    {"a server takes a message with rounds up to its dot", "S: 220\nC: DATA\nS: 354\n%repeat 9\nC: a\n%end\nC: .\nS: 250\n",
     SLICE_INIT("DATA\r\nother\r\n.\r\n"), STAYS, SERVER, "ok 2, ok 7, pass"},
    {"a server takes chunks of any length", "S: 220\n%bdat <<E last\nabc\nE\nS: 250\nC: QUIT\nS: 221\n",
     SLICE_INIT("BDAT 3 LAST\r\nQUIquit\r\n"), STAYS, SERVER, "ok 2, ok 6, pass"},
    {"any reply, and what it is", "S: 220\nC: A\nS: *\n%reply 503 | warn 5xx | unclear 421\n", SLICE_INIT("220 a\r\n503 b\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, ok 4, pass"},
    {"... is a warning", "S: 220\nC: A\nS: *\n%reply 503 | warn 5xx | unclear 421\n", SLICE_INIT("220 a\r\n501 b\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, diff 4 reply code differs, warn"},
    {"... says nothing", "S: 220\nC: A\nS: *\n%reply 503 | warn 5xx | unclear 421\n", SLICE_INIT("220 a\r\n421 b\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, diff 4 reply code differs, skip: inconclusive at line 4"},
    {"... says nothing, named more exactly than by a warning", "S: 220\nC: A\nS: *\n%reply 503 | warn 5xx | unclear 530\n", SLICE_INIT("220 a\r\n530 b\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, diff 4 reply code differs, skip: inconclusive at line 4"},
    {"... fails", "S: 220\nC: A\nS: *\n%reply 503 | warn 5xx | unclear 421\n", SLICE_INIT("220 a\r\n250 b\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, diff 4 reply code differs, fail"},
    {"... before any has come", "%reply 220\nS: 220\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT,
     "diff 1 reply code differs, fail"},
    {"lines of a reply", "S: 220\n%reply every /^220/\n%reply no /x/\n%reply first /-a/\n%reply last /0 c/\n%reply others /[bc]$/\n%reply /b/\n%reply raw /^220-a\\r\\n/\n"
     "%reply well-formed\n%reply crlf\n%reply ascii\n%reply length<=7\n%reply no-enhanced\n", SLICE_INIT("220-a\r\n220-b\r\n220 c\r\n"), STAYS, CLIENT,
     "ok 1, ok 2, ok 3, ok 4, ok 5, ok 6, ok 7, ok 8, ok 9, ok 10, ok 11, ok 12, ok 13, pass"},
    {"not every line", "S: 220\n%reply every /[ab]$/\n", SLICE_INIT("220-a\r\n220-b\r\n220 c\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, fail"},
    {"a line that should not be", "S: 220\n%reply no /b/\n", SLICE_INIT("220-a\r\n220-b\r\n220 c\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, fail"},
    {"not the first line", "S: 220\n%reply first /b/\n", SLICE_INIT("220-a\r\n220 b\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, fail"},
    {"not the last line", "S: 220\n%reply last /a/\n", SLICE_INIT("220-a\r\n220 b\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, fail"},
    {"not the other lines", "S: 220\n%reply others /a/\n", SLICE_INIT("220-a\r\n220 b\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, fail"},
    {"not raw", "S: 220\n%reply raw /0\\r\\n/\n", SLICE_INIT("220 \r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, fail"},
    {"a bare LF", "S: 220\n%reply crlf\n", SLICE_INIT("220-a\n220 b\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, fail"},
    {"no ASCII", "S: 220\n%reply ascii | warn\n", SLICE_INIT("220 \xc3\xa9\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, warn"},
    {"too long a line", "S: 220\n%reply length<=7\n", SLICE_INIT("220 ab\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, fail"},
    {"enhanced codes", "S: 250\n%reply enhanced\n%reply same-enhanced\n%reply enhanced-class\n%reply registered\n", SLICE_INIT("250-2.1.5 a\r\n250 2.1.5 b\r\n"),
     STAYS, CLIENT, "ok 1, ok 2, ok 3, ok 4, ok 5, pass"},
    {"a line without its enhanced code", "S: 250\n%reply enhanced\n", SLICE_INIT("250-2.1.5 a\r\n250 b\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, fail"},
    {"another enhanced code on a line", "S: 250\n%reply same-enhanced\n", SLICE_INIT("250-2.1.5 a\r\n250 2.1.0 b\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, fail"},
    {"an enhanced code of another class", "S: 250\n%reply enhanced-class\n", SLICE_INIT("250 5.1.5 a\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, fail"},
    {"an enhanced code that is not registered", "S: 250\n%reply registered\n", SLICE_INIT("250 2.99.5 a\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, fail"},
    {"an enhanced code where none should be", "S: 250\n%reply no-enhanced\n", SLICE_INIT("250 2.1.5 a\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, fail"},
    {"an assertion that decides makes the rest preconditions", "S: 220\nC: A\nS: 250\n%reply ascii | fail\n", SLICE_INIT("220 a\r\n550 b\r\n"), STAYS, CLIENT, "ok 1, diff 3 reply code differs, skip: inconclusive at line 3"},
    {"a precondition among assertions", "S: 220\n%reply /x/ | unclear\nC: A\nS: 250\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, skip: inconclusive at line 2"},
    {"all replies", "S: 220\nC: A\nS: 250\nC: B\nS: 5xx\n%replies ascii\n%replies 2xx/5xx\n%replies length<=512\n", SLICE_INIT("220 a\r\n250 b\r\n503 c\r\n"), STAYS, CLIENT, "ok 1, ok 3, ok 5, ok 6, ok 7, ok 8, pass"},
    {"one of all replies", "S: 220\nC: A\nS: 250\nC: B\nS: 5xx\n%replies ascii | fail\n", SLICE_INIT("220 a\r\n250 \x01\r\n503 c\r\n"), STAYS, CLIENT, "ok 1, ok 3, ok 5, diff 6 this does not hold, fail"},
    {"a reply that is none, where its form decides", "S: 220\nC: A\nS: 250\n%reply well-formed | fail\n", SLICE_INIT("220 a\r\n250-b\r\n251 c\r\n"), STAYS, CLIENT, "ok 1, diff 4 this is no SMTP reply, fail"},
    {"... of all replies", "S: 220\nC: A\nS: 250\nC: B\nS: 250\n%replies well-formed | warn\n", SLICE_INIT("220 a\r\n250-b\r\n251 c\r\n"), STAYS, CLIENT, "ok 1, diff 6 this is no SMTP reply, warn"},
    {"what EHLO announces as a whole", HELLO "%ehlo unique registered +SIZE>5 -SIZE>10\n", SLICE_INIT("220 a\r\n250-b\r\n250-SIZE 10\r\n250-AUTH X\r\n250-AUTH=X\r\n250 X-MINE\r\n"), STAYS, CLIENT, "ok 1, ok 3, ok 4, pass"},
    {"announced twice", HELLO "%ehlo unique | warn\n", SLICE_INIT("220 a\r\n250-b\r\n250-Foo 10\r\n250 FOO\r\n"), STAYS, CLIENT, "ok 1, ok 3, diff 4 EHLO does not announce what it should, warn"},
    {"not registered", HELLO "%ehlo registered\n", SLICE_INIT("220 a\r\n250-b\r\n250-SIZE\r\n250 FOO\r\n"), STAYS, CLIENT, "ok 1, ok 3, diff 4 EHLO does not announce what it should, fail"},
    {"not above", HELLO "%ehlo +SIZE>10\n", SLICE_INIT("220 a\r\n250-b\r\n250 SIZE 10\r\n"), STAYS, CLIENT, "ok 1, ok 3, diff 4 EHLO does not announce what it should, fail"},
    {"a requirement with a value", "%require ehlo:SIZE>0\n" HELLO, SLICE_INIT("220 a\r\n250-b\r\n250 SIZE\r\n"), STAYS, CLIENT, "ok 2, skip: the server does not offer SIZE>0"},
    {"a fixture that is not given", "%require fixture:list\nS: 220\nC: EXPN ${list}\n", SLICE_INIT(""), STAYS, CLIENT, "skip: needs fixture:list (--set list=VALUE)"},
    {"another port", "%require port:mx|lmtp\nS: 220\n", SLICE_INIT(""), STAYS, CLIENT, "skip: needs port:mx|lmtp"},
    {"comparisons", HELLO "%capture a /250 (.*)/\n%assert ${a} = SIZE 10\n%assert ${ehlo.SIZE} >= 10\n%assert ${ehlo.SIZE} < 11\n%assert ${a} ~ /^S/\n%assert ${a} !~ /^T/\n%assert ${a} != x\n",
     SLICE_INIT("220 a\r\n250-b\r\n250 SIZE 10\r\n"), STAYS, CLIENT, "ok 1, ok 3, ok 4, ok 5, ok 6, ok 7, ok 8, ok 9, ok 10, pass"},
    {"a comparison that does not hold", "S: 220\n%assert ${client} = x | warn\n%assert ${len:${client}} > 9\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, diff 3 this does not hold, fail"},
    {"a comparison of what is no number", "S: 220\n%assert ${client} > 9\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT, "ok 1, diff 2 this does not hold, fail"},
    {"a comparison without a value", HELLO "%assert ${ehlo.SIZE} > 9\n", SLICE_INIT("220 a\r\n250 b\r\n"), STAYS, CLIENT, "ok 1, ok 3, skip: no value for the variable ehlo.SIZE"},
    {"a branch on a comparison", "S: 220\n%if ${client} = c.example\nC: A\nS: 250\n%end\n%if ${client} ~ /x$/\nC: B\nS: 250\n%end\n", SLICE_INIT("220 a\r\n250 b\r\n"), STAYS, CLIENT, "ok 1, ok 4, pass"},
    {"silence is as good", "S: 220\nC: A\n%within 1s\nS: 5xx/<quiet>\nC: B\nS: 250\n", SLICE_INIT("220 a\r\n\f"), STAYS, CLIENT, "ok 1, ok 4, diff 6 no answer in time, error"},
    {"silence is a warning without a bound, too", "S: 220\nC: A\nS: 500 | warn <quiet>\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT, "ok 1, diff 3 no answer in time, warn"},
    {"silence proves nothing", "S: 220\nC: A\nS: 500 | unclear <quiet>\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT, "ok 1, diff 3 no answer in time, skip: inconclusive at line 3"},
    {"silence is a warning", "S: 220\nC: A\n%within 1s\nS: 500 | warn <quiet>\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT, "ok 1, diff 4 no answer in time, warn"},
    {"a TLS alert", "S: 220\nC: A\nS: <EOF>/<alert>\n", SLICE_INIT("220 a\r\n\x15\x03\x01"), STAYS, CLIENT, "ok 1, ok 3, pass"},
    {"not an alert", "S: 220\nC: A\nS: <EOF>/<alert>\n", SLICE_INIT("220 a\r\n\x15\x04\x01"), STAYS, CLIENT, "ok 1, diff 3 this is no SMTP reply, fail"},
    {"quiet, and what a reply amounts to", "S: 220\nC: A\n%quiet 1s | warn 5xx | unclear 421/<EOF>\n", SLICE_INIT("220 a\r\n500 b\r\n"), STAYS, CLIENT, "ok 1, diff 3 something arrived where nothing should, warn"},
    {"... unclear", "S: 220\nC: A\n%quiet 1s | warn 5xx | unclear 421/<EOF>\n", SLICE_INIT("220 a\r\n421 b\r\n"), STAYS, CLIENT, "ok 1, diff 3 something arrived where nothing should, skip: inconclusive at line 3"},
    {"... unclear, named more exactly", "S: 220\nC: A\n%quiet 1s | warn 5xx | unclear 530\n", SLICE_INIT("220 a\r\n530 b\r\n"), STAYS, CLIENT, "ok 1, diff 3 something arrived where nothing should, skip: inconclusive at line 3"},
    {"... closed", "S: 220\nC: A\n%quiet 1s | warn 5xx | unclear 421/<EOF>\n", SLICE_INIT("220 a\r\n"), CLOSES, CLIENT, "ok 1, diff 3 something arrived where nothing should, skip: inconclusive at line 3"},
    {"... another", "S: 220\nC: A\n%quiet 1s | warn 5xx | unclear 421/<EOF>\n", SLICE_INIT("220 a\r\n250 b\r\n"), STAYS, CLIENT, "ok 1, diff 3 something arrived where nothing should, fail"},
    {"... a part of a reply", "S: 220\nC: A\n%quiet 1s | warn 5xx | unclear 421/<EOF>\n", SLICE_INIT("220 a\r\n500"), STAYS, CLIENT, "ok 1, diff 3 something arrived where nothing should, fail"},
    {"quiet, and what came with the reply before it", "S: 220\nC: A\nS: 250\n%quiet 1s | warn 5xx | unclear 421/<EOF>\n", SLICE_INIT("220 a\r\n\f250 b\r\n500 c\r\n"), STAYS, CLIENT, "ok 1, ok 3, diff 4 something arrived where nothing should, warn"},
    {"... half of it", "S: 220\nC: A\nS: 250\n%quiet 1s | warn 5xx | unclear 421/<EOF>\n", SLICE_INIT("220 a\r\n\f250 b\r\n421\f c\r\n"), STAYS, CLIENT, "ok 1, ok 3, diff 4 something arrived where nothing should, skip: inconclusive at line 4"},
    {"quiet as a precondition", "S: 220\nC: A\n%quiet 1s | unclear\nC: B\nS: 250\n", SLICE_INIT("220 a\r\n500 b\r\n"), STAYS, CLIENT, "ok 1, diff 3 something arrived where nothing should, skip: inconclusive at line 3"},
    {"a server cannot play a pattern", "S~: ^2\n", SLICE_INIT(""), STAYS, SERVER,
     "error: a server plays no pattern (S~:) and no %connect"},
};
/* clang-format on */

/* ---- one play ---- */

struct log {
    const struct script_test *test;
    char text[8192];
    size_t len;
};

static void note(struct log *log, const char *word, const struct engine_event *event,
                 const char *more)
{
    int n = snprintf(log->text + log->len, sizeof log->text - log->len, "%s%s",
                     log->len > 0 ? ", " : "", word);
    log->len += (size_t)n;
    if (event->step != SCRIPT_NO_STEP && event->kind != ENGINE_EVENT_NOTE)
        log->len += (size_t)snprintf(log->text + log->len, sizeof log->text - log->len, " %zu",
                                     log->test->steps[event->step].line);
    log->len += (size_t)snprintf(log->text + log->len, sizeof log->text - log->len, "%s%s",
                                 more[0] != '\0' ? " " : "", more);
    assert_true(log->len < sizeof log->text);
}

static void watch(void *context, const struct engine_event *event)
{
    struct log *log = context;
    switch (event->kind) {
    case ENGINE_EVENT_MATCHED:
        note(log, "ok", event, "");
        break;
    case ENGINE_EVENT_DIFFERED:
        note(log, "diff", event, engine_fault_text(event->fault));
        break;
    case ENGINE_EVENT_PASSED_OVER:
        note(log, "over", event, "");
        break;
    case ENGINE_EVENT_NOTE:
        note(log, "note", event, "");
        break;
    case ENGINE_EVENT_SECURED:
        note(log, "tls", event, (const char *)event->text.ptr);
        break;
    case ENGINE_EVENT_VERDICT:
        note(log, engine_verdict_name(event->verdict), event, "");
        if (event->text.len > 0)
            log->len +=
                (size_t)snprintf(log->text + log->len, sizeof log->text - log->len, ": %.*s",
                                 (int)event->text.len, (const char *)event->text.ptr);
        break;
    default:
        break;
    }
}

static struct engine *start(const struct row *row, const struct script_test *test, struct log *log)
{
    static const struct engine_variable variables[] = {
        {SLICE_INIT("client"), SLICE_INIT("c.example"), false},
    };
    struct engine_config config = {
        .role = row->role,
        .match = row->match,
        .keep_going = row->keep_going,
        .timeout_ms = 5000,
        .max_rounds = 5000,
        .variables = variables,
        .variable_count = 1,
        .emit = watch,
        .context = log,
    };
    struct engine *engine = engine_new(test, &config, 100);
    assert_non_null(engine);
    return engine;
}

static void give(struct engine *engine, struct slice octets, uint64_t now)
{
    struct slice copy = law_copy(octets);
    engine_receive(engine, 0, copy, now);
    law_free(copy);
}

/* What the peer says at once: a line, a whole reply, or, where the row has form feeds, all up to
 * one. */
static size_t turn_of(const struct row *row, struct slice rest)
{
    if (slice_find(row->octets, '\f') < row->octets.len)
        return slice_find(rest, '\f');
    size_t end = 0;
    for (bool more = true; more && end < rest.len;) {
        struct slice line = slice_from(rest, end);
        more = row->role == ENGINE_CLIENT && line.len > 3 && line.ptr[3] == '-';
        size_t lf = slice_find(line, '\n');
        end += lf < line.len ? lf + 1 : lf;
    }
    return end;
}

/* How the handshake is to go, where that is said. */
static void settings_of(const struct script_tls *tls, char *out, size_t size)
{
    const struct slice texts[] = {tls->sni, tls->ciphers, tls->alpn, tls->cert, tls->pin};
    static const char *const names[] = {"sni", "ciphers", "alpn", "cert", "pin"};
    struct writer w = writer_of((uint8_t *)out, size - 1);
    if (tls->verify != 0 || tls->min_version != 0 || tls->max_version != 0 || tls->refused != 0)
        w.len = (size_t)snprintf(out, size, "%d %x %x %d", (int)tls->verify, tls->min_version,
                                 tls->max_version, (int)tls->refused);
    for (size_t i = 0; i < 5; i++) {
        if (texts[i].len == 0)
            continue;
        writer_put_octet(&w, ' ');
        writer_put(&w, slice_of_cstr(names[i]));
        writer_put_octet(&w, '=');
        writer_put(&w, texts[i]);
    }
    out[w.len] = '\0';
}

static void play(const struct row *row, const struct script_test *test, size_t piece,
                 struct log *log)
{
    *log = (struct log){.test = test};
    struct engine *engine = start(row, test, log);
    struct slice rest = row->octets;
    uint64_t now = 100;
    bool ended = false;
    for (size_t rounds = 0; (engine_wants(engine) & ENGINE_DONE) == 0; rounds++) {
        unsigned wants = engine_wants(engine);
        assert_true(rounds < 10000);
        if (wants & ENGINE_WANTS_SEND) {
            engine_sent(engine, engine_output(engine).len, now);
        } else if (wants & ENGINE_WANTS_TLS && row->end != MUTE) {
            char settings[1024];
            settings_of(engine_tls(engine), settings, sizeof settings);
            engine_secured(engine, slice_of_cstr(settings), now);
        } else if (wants & ENGINE_WANTS_CONNECT) {
            engine_connected(engine, false, now);
        } else if (wants & ENGINE_WANTS_DROP) {
            engine_dropped(engine, now);
        } else if (wants & ENGINE_WANTS_CLOSE) {
            engine_closed(engine, now);
        } else if (rest.len > 0) {
            size_t turn = turn_of(row, rest);
            size_t take = piece < turn ? piece : turn;
            give(engine, slice_sub(rest, 0, take), now);
            rest = slice_from(rest, take);
            if (rest.len > 0 && rest.ptr[0] == '\f')
                rest = slice_from(rest, 1);
        } else if (!ended && row->end != STAYS && row->end != MUTE) {
            ended = true;
            engine_eof(engine, 0, row->end == LOST ? SLICE("gone") : SLICE(""), now);
        } else {
            now = engine_deadline(engine);
            engine_tick(engine, now);
        }
    }
    engine_free(engine);
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct script_options options = {.name = SLICE("row")};
        struct script *script = script_load(slice_of_cstr(rows[i].script), &options);
        assert_int_equal(script->error_count, 0);
        static const size_t pieces[] = {SIZE_MAX, 1, 2, 3, 5};
        bool turns = slice_find(rows[i].octets, '\f') < rows[i].octets.len;
        for (size_t k = 0; k < (turns ? 1 : sizeof pieces / sizeof *pieces); k++) {
            struct log log;
            play(&rows[i], &script->tests[0], pieces[k], &log);
            if (strcmp(log.text, rows[i].log) != 0)
                fail_msg("%s, in pieces of %zu:\n  got      %s\n  expected %s", rows[i].name,
                         pieces[k], log.text, rows[i].log);
        }
        script_free(script);
    }
}

/* Nothing bounds the lines of a reply, and 512 octets in one are advice (RFC 5321 4.5.3.1.5):
 * servers repeat in the reply what they refuse, Sendmail a response of AUTH in one line, amavis a
 * command of 64 KiB in many. What has no end is given up. */
static void long_replies(void **state)
{
    (void)state;
    static const struct {
        size_t octets, line;
        const char *log;
    } replies[] = {
        {16384 + 40, SIZE_MAX, "ok 1, pass"},
        {130 * 512, 512, "ok 1, pass"},
        {120 * 1024, SIZE_MAX, "diff 1 longer than any limit allows, fail"},
        {240 * 512, 512, "diff 1 longer than any limit allows, fail"},
    };
    struct script_options options = {.name = SLICE("long")};
    struct script *script = script_load(SLICE("S: 500\n"), &options);
    static char reply[120 * 1024];
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        size_t octets = replies[i].octets;
        size_t line = replies[i].line < octets ? replies[i].line : octets;
        memset(reply, 'A', octets);
        for (size_t at = 0; at < octets; at += line) {
            memcpy(reply + at, at + line < octets ? "500-" : "500 ", 4);
            memcpy(reply + at + line - 2, "\r\n", 2);
        }
        struct row row = {.octets = {(const uint8_t *)reply, octets}, .role = ENGINE_CLIENT};
        struct log log;
        play(&row, &script->tests[0], SIZE_MAX, &log);
        assert_string_equal(log.text, replies[i].log);
    }
    script_free(script);
}

/* ---- what goes out ---- */

/* clang-format off */
static const struct {
    const char *script;
    struct slice sent; /* up to the end, where the server announces SIZE 1000 and AUTH PLAIN LOGIN */
} sends[] = {
    {"C: ${3*ab}${0*x}${2*${2*x}y}\n", SLICE_INIT("abababxxyxxy\r\n")},
    {"C: ${upper:${client}} ${local:a@b@c} ${domain:a@b@c} ${backslash:ab} ${xtext:a+b=c d} ${len:${client}}\n",
     SLICE_INIT("C.EXAMPLE a@b c \\a\\b a+2Bb+3Dc+20d 9\r\n")},
    {"C: ${unb64:YWI=}${unb64:YQ==}${unb64:}${lower:AbZ[}${b64:\\x00${octets:\\xff}}\n", SLICE_INIT("abaabz[AP8=\r\n")},
    {"C: ${ehlo.SIZE+1} ${ehlo.SIZE*1.1+1} ${ehlo.SIZE - 2000} ${ehlo.SIZE/3} ${ehlo.SIZE min 7} ${ehlo.SIZE max 12345} ${ehlo.SIZE/0.5}\n",
     SLICE_INIT("1001 1101 0 333 7 12345 2000\r\n")},
    {"C: ${ehlo.AUTH.2}-${ehlo.AUTH.1}\n", SLICE_INIT("LOGIN-PLAIN\r\n")},
    {"C: ${now}\nC: ${now+1s:rfc3339} ${now-1d}\n",
     SLICE_INIT("Thu, 29 Feb 2024 23:59:59 +0000\r\n2024-03-01T00:00:00Z Wed, 28 Feb 2024 23:59:59 +0000\r\n")},
    {"%bdat <<E last\nab\n.\nE\n", SLICE_INIT("BDAT 7 LAST\r\nab\r\n.\r\n")},
    {"%bdat <<E\nE\n", SLICE_INIT("BDAT 0\r\n")},
    {"%bdat <<E last chunk=4\n${client}\nE\n", SLICE_INIT("BDAT 4\r\nc.exBDAT 4\r\namplBDAT 3 LAST\r\ne\r\n")},
    {"%bdat <<E chunk=4\nab\nE\n", SLICE_INIT("BDAT 4\r\nab\r\n")},
    {"%repeat 2\nC: ${n}\n%repeat 2\nC: .${n}\n%end\n%end\n", SLICE_INIT("1\r\n.1\r\n.2\r\n2\r\n.1\r\n.2\r\n")},
};
/* clang-format on */

/* Plays EHLO, then what is given; every reply is 250. Every octet after EHLO is kept. */
static size_t sent_by(const char *script, size_t room, uint8_t *octets, size_t capacity)
{
    char text[2048];
    snprintf(text, sizeof text, "S: 220\nC: EHLO c\nS: 250\n%s", script);
    struct script_options options = {.name = SLICE("row")};
    struct script *loaded = script_load(slice_of_cstr(text), &options);
    assert_int_equal(loaded->error_count, 0);
    static const struct engine_variable variable = {SLICE_INIT("client"), SLICE_INIT("c.example"),
                                                    false};
    struct engine_config config = {.variables = &variable,
                                   .variable_count = 1,
                                   .wall_s = 1709251199,
                                   .max_output_octets = room};
    struct engine *engine = engine_new(&loaded->tests[0], &config, 0);
    static const struct slice hello =
        SLICE_INIT("220 a\r\n250-a\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000\r\n");
    size_t len = 0;
    give(engine, slice_sub(hello, 0, 7), 0);
    engine_sent(engine, engine_output(engine).len, 0);
    give(engine, slice_from(hello, 7), 0);
    while ((engine_wants(engine) & (ENGINE_DONE | ENGINE_WANTS_CLOSE)) == 0) {
        if (engine_wants(engine) & ENGINE_WANTS_SEND) {
            struct slice out = engine_output(engine);
            assert_true(len + out.len <= capacity);
            memcpy(octets + len, out.ptr, out.len);
            len += out.len;
            engine_sent(engine, out.len, 0);
        } else {
            give(engine, SLICE("250 ok\r\n"), 0);
        }
    }
    assert_int_equal(engine_verdict(engine), ENGINE_PASS);
    engine_free(engine);
    script_free(loaded);
    return len;
}

/* What nobody asked for keeps no line from being sent that cleans up, or that comes behind a
 * warning. */
static void unread_keeps_no_line(void **state)
{
    (void)state;
    static const struct slice texts[] = {
        SLICE_INIT("S: 220 | warn 554\nC: QUIT\nS: 221\n"),
        SLICE_INIT("%test \"t\" level=SHOULD\nS: 220\nC: QUIT\nS: 221 | warn 554\n")};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct script_options options = {.name = SLICE("row")};
        struct script *script = script_load(texts[i], &options);
        struct engine_config config = {.wall_s = 0};
        struct engine *e = engine_new(&script->tests[0], &config, 0);
        give(e, SLICE("220 a\r\n250 b\r\n"), 0);
        assert_true(engine_wants(e) & ENGINE_WANTS_SEND);
        assert_slice_equal(engine_output(e), SLICE("QUIT\r\n"));
        engine_free(e);
        script_free(script);
    }
}

/* The same octets leave, whatever fits in one write. */
static void what_goes_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sends / sizeof *sends; i++) {
        for (size_t room = 16; room < 80; room += 7) {
            uint8_t octets[1024];
            size_t len = sent_by(sends[i].script, room, octets, sizeof octets);
            assert_slice_equal(slice_of(octets, len), sends[i].sent);
        }
    }
}

/* ${token} is each test's own, and each attempt's, and what --set says where it does. */
static void each_test_its_token(void **state)
{
    (void)state;
    static const struct engine_variable variables[] = {
        {SLICE_INIT("token"), SLICE_INIT("t"), false},
        {SLICE_INIT("token"), SLICE_INIT("u"), false}};
    static const char *const names[] = {"a", "b"};
    uint8_t octets[6][64];
    size_t lens[6];
    for (size_t i = 0; i < 6;
         i++) { /* both tests of a, the first of b; again; set; a new attempt */
        struct script_options options = {.name = slice_of_cstr(names[i == 2])};
        struct script *script =
            script_load(SLICE("%test \"1\"\nC: ${token}\n%test \"2\"\nC: ${token}\n"), &options);
        struct engine_config config = {
            .variables = variables, .variable_count = 1 + (i == 4), .attempt = i == 5};
        struct engine *e = engine_new(&script->tests[i == 1], &config, 0);
        lens[i] = engine_output(e).len;
        assert_true(lens[i] < sizeof octets[i]);
        memcpy(octets[i], engine_output(e).ptr, lens[i]);
        engine_free(e);
        script_free(script);
    }
    struct slice first = slice_of(octets[0], lens[0]);
    assert_true(slice_starts(first, SLICE("t")) && first.len > 3);
    assert_false(slice_equal(first, slice_of(octets[1], lens[1])));
    assert_false(slice_equal(first, slice_of(octets[2], lens[2])));
    assert_slice_equal(slice_of(octets[3], lens[3]), first);
    assert_slice_equal(slice_of(octets[4], lens[4]), SLICE("u\r\n"));
    assert_false(slice_equal(first, slice_of(octets[5], lens[5])));
    assert_int_equal(first.len, lens[5]); /* cuts are at the same octets */
}

/* Sends that stand alone leave one by one, and all at once where they are joined. */
static void what_stands_alone(void **state)
{
    (void)state;
    static const char text[] = "C!: a\\r\nC!: b\\r\\n\nC: c\n";
    static const struct slice first[] = {SLICE_INIT("a\r"), SLICE_INIT("a\rb\r\nc\r\n")};
    struct script_options options = {.name = SLICE("alone")};
    struct script *script = script_load(slice_of_cstr(text), &options);
    assert_int_equal(script->error_count, 0);
    for (size_t joined = 0; joined < 2; joined++) {
        struct log log = {.test = &script->tests[0]};
        struct engine_config config = {.joined = joined == 1, .emit = watch, .context = &log};
        struct engine *e = engine_new(&script->tests[0], &config, 0);
        assert_slice_equal(engine_output(e), first[joined]);
        engine_free(e);
    }
    script_free(script);
}

static void watch_nothing(void *context, const struct engine_event *event)
{
    (void)context;
    (void)event;
}

/* RFC 3207 4.2: also what the buffer has no room for beside the reply to STARTTLS is not kept. */
/* What came in one read with a reply, and has no room beside it, is unread as well. */
static void what_has_no_room(void **state)
{
    (void)state;
    static const char *const behind[] = {"%tls\nC: NOOP\nS: 250\n", "C: NOOP\nS: 250\n", ""};
    static const char reply[] = "220 16 octets.\r\n", injected[] = "250 injected\r\n";
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        char text[80], both[64];
        snprintf(text, sizeof text, "S: 220\nC: STARTTLS\nS: 220\n%s", behind[i]);
        struct script_options options = {.name = SLICE("room")};
        struct script *script = script_load(slice_of_cstr(text), &options);
        for (size_t more = 0; more < 2; more++) {
            struct engine_config config = {.emit = watch_nothing, .max_input_octets = 16};
            struct engine *e = engine_new(&script->tests[0], &config, 0);
            snprintf(both, sizeof both, "%s%s", reply, more == 1 ? injected : "");
            engine_receive(e, 0, SLICE("220 a\r\n"), 0);
            engine_sent(e, engine_output(e).len, 0);
            engine_receive(e, 0, slice_of_cstr(both), 0);
            assert_int_equal((engine_wants(e) & ENGINE_WANTS_TLS) != 0, i == 0 && more == 0);
            assert_int_equal((engine_wants(e) & ENGINE_WANTS_SEND) != 0, i == 1 && more == 0);
            assert_int_equal(engine_verdict(e), more == 0 ? ENGINE_PASS : ENGINE_FAIL);
            engine_free(e);
        }
        script_free(script);
    }
}

/* ---- how writes are cut ---- */

static const struct {
    const char *script;
    const char *writes; /* each in "[]"; a pause before it as its length */
    size_t max_output_octets;
} cuts[] = {
    {"%segment 1\nC!: abc\n", "[a][b][c]", 0},
    {"%segment 2,1\nC!: abcdefg\n", "[ab][c][de][f][g]", 0},
    {"%segment 2,1\nC!: abcd\nC!: efgh\n", "[ab][c][d][e][fg][h]", 0}, /* lengths go on */
    {"%segment 100\nC!: abc\n", "[abc]", 0},
    {"%segment 1 every 200ms\nC!: abc\n", "[a]200[b]200[c]", 0},
    {"%segment all\nC!: ab\nC!: cd\n", "[abcd]", 0},
    {"C!: ab\n%segment 1\nC!: cd\n%segment off\nC!: ef\n", "[ab][c][d][ef]", 0},
    {"C!: ab\nC!: cd\n", "[ab][cd]", 0},
    {"%segment 3\nC!: abcdefghijklmnopqrstuvwxyz\n",
     "[abc][def][ghi][jkl][mno][p][qrs][tuv][wxy][z]", 16}, /* more than the engine holds at once */
};

/* The next write, in "[]"; false at the end. */
static bool put_write(struct engine *e, uint64_t *now, char *out, size_t size)
{
    size_t len = strlen(out);
    unsigned wants = engine_wants(e);
    if (wants & ENGINE_WANTS_SEND) {
        struct slice write = engine_output(e);
        snprintf(out + len, size - len, "[%.*s]", (int)write.len, (const char *)write.ptr);
        engine_sent(e, write.len, *now);
    } else if (wants == ENGINE_WANTS_RECEIVE) {
        snprintf(out + len, size - len, "%u", (unsigned)(engine_deadline(e) - *now));
        *now = engine_deadline(e);
        engine_tick(e, *now);
    }
    return wants == ENGINE_WANTS_RECEIVE || (wants & ENGINE_WANTS_SEND);
}

static void how_writes_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct script_options options = {.name = SLICE("cut")};
        struct script *script = script_load(slice_of_cstr(cuts[i].script), &options);
        assert_int_equal(script->error_count, 0);
        struct engine_config config = {.emit = watch_nothing,
                                       .max_output_octets = cuts[i].max_output_octets};
        struct engine *e = engine_new(&script->tests[0], &config, 0);
        char writes[256] = "";
        uint64_t now = 0;
        while (put_write(e, &now, writes, sizeof writes))
            ;
        assert_string_equal(writes, cuts[i].writes);
        engine_free(e);
        script_free(script);
    }
}

/* %segment rand:SEED: the same cuts each time, others for another seed, nothing lost. */
static void random_cuts(void **state)
{
    (void)state;
    static const char *const scripts[] = {"%segment rand:7\nC!: ${500*x}\n",
                                          "%segment rand:7\nC!: ${500*x}\n",
                                          "%segment rand:8\nC!: ${500*x}\n"};
    char writes[3][2048] = {"", "", ""};
    for (size_t i = 0; i < 3; i++) {
        struct script_options options = {.name = SLICE("cut")};
        struct script *script = script_load(slice_of_cstr(scripts[i]), &options);
        struct engine_config config = {.emit = watch_nothing};
        struct engine *e = engine_new(&script->tests[0], &config, 0);
        uint64_t now = 0;
        while (put_write(e, &now, writes[i], sizeof writes[i]))
            ;
        size_t octets = 0;
        for (size_t k = 0; writes[i][k] != '\0'; k++)
            octets += writes[i][k] == 'x';
        assert_int_equal(octets, 500);
        engine_free(e);
        script_free(script);
    }
    assert_string_equal(writes[0], writes[1]);
    assert_string_not_equal(writes[0], writes[2]);
}

/* ---- several connections ---- */

static const struct several {
    const char *name;
    const char *script;
    /* what the driver does when it is asked to, or when there is nothing else to do; NULL: time
     * passes */
    struct {
        unsigned connection;
        const char *octets; /* "" the peer closes */
    } arrives[8];
    const char *trace; /* what the engine wanted, and came to */
} severals[] = {
    {"two, one after the other",
     "S: 220\n%connect[b]\nS[b]: 220\nC[b]: A\nS[b]: 250\nC: B\nS: 251\n",
     {{0, "220 a\r\n"}, {1, "220 b\r\n"}, {1, "250 b\r\n"}, {0, "251 a\r\n"}},
     "ok 1, connect 1, ok 2, ok 3, send 1, ok 5, send 0, ok 7, pass"},
    {"replies wait on a connection until they are asked for",
     "S: 220\n%connect[b]\nC: A\nS[b]: 220\nS: 250\n",
     {{0, "220 a\r\n"}, {0, "250 a\r\n"}, {1, "220 b\r\n"}},
     "ok 1, connect 1, ok 2, send 0, ok 4, ok 5, pass"},
    {"what is unread on another connection is found at the end",
     "S: 220\n%connect[b]\nS[b]: 220\nC: A\nS: 250\n",
     {{0, "220 a\r\n"}, {1, "220 b\r\n500 c\r\n"}, {0, "250 a\r\n"}},
     "ok 1, connect 1, ok 2, ok 3, send 0, ok 5, diff 5 octets arrived that nothing asked for, "
     "fail"},
    {"... and at a barrier",
     "S: 220\n%connect[b]\nS[b]: 220\nS: 250\n%barrier\nC: A\nS: 250\n",
     {{0, "220 a\r\n"}, {1, "220 b\r\n500 c\r\n"}, {0, "250 a\r\n"}},
     "ok 1, connect 1, ok 2, ok 3, ok 4, diff 5 octets arrived that nothing asked for, fail"},
    {"a barrier where all is read",
     "S: 220\n%barrier\nC: A\nS: 250\n",
     {{0, "220 a\r\n"}, {0, "250 a\r\n"}},
     "ok 1, ok 2, send 0, ok 4, pass"},
    {"a second connection is closed, the first one is not",
     "S: 220\n%connect[b]\nS[b]: 220\n%close[b]\nC: A\nS: 250\n",
     {{0, "220 a\r\n"}, {1, "220 b\r\n"}, {0, "250 a\r\n"}},
     "ok 1, connect 1, ok 2, ok 3, drop 1, ok 4, send 0, ok 6, pass"},
    {"a new one in the place of the first",
     "S: 220\n%reset\n%connect\nS: 220\n",
     {{0, "220 a\r\n"}, {0, "220 b\r\n"}},
     "ok 1, reset 0, ok 2, connect 0, ok 3, ok 4, pass"},
    {"the end of one is not the end of the other",
     "S: 220\n%connect[b]\nS[b]: 220\nS: <EOF>\nC[b]: A\nS[b]: 250\n",
     {{0, "220 a\r\n"}, {1, "220 b\r\n"}, {0, ""}, {1, "250 b\r\n"}},
     "ok 1, connect 1, ok 2, ok 3, ok 4, send 1, ok 6, pass"},
    {"one that is refused is closed at once",
     "S: 220\n%connect[refused]\nS[refused]: <EOF>/421\n",
     {{0, "220 a\r\n"}},
     "ok 1, refused 1, note, ok 2, ok 3, pass"},
    {"no greeting",
     "S: 220\n%connect[b]\nS[b]: 220\n",
     {{0, "220 a\r\n"}},
     "ok 1, connect 1, ok 2, diff 3 no answer in time, error"},
};

static void trace(struct log *log, const char *word, unsigned connection)
{
    log->len += (size_t)snprintf(log->text + log->len, sizeof log->text - log->len, "%s%s %u",
                                 log->len > 0 ? ", " : "", word, connection);
}

/* Does what the engine asks for; false where it only waits. */
static bool serve_wish(struct engine *e, struct log *log, uint64_t now)
{
    unsigned wants = engine_wants(e), connection = engine_connection(e);
    if (wants & ENGINE_WANTS_SEND) {
        trace(log, "send", connection);
        engine_sent(e, engine_output(e).len, now);
    } else if (wants & ENGINE_WANTS_CONNECT) {
        bool refused =
            connection > 0 && slice_equal(log->test->connections[connection - 1], SLICE("refused"));
        trace(log, refused ? "refused" : "connect", connection);
        if (refused)
            engine_connect_failed(e, SLICE("refused"), now);
        else
            engine_connected(e, false, now);
    } else if (wants & ENGINE_WANTS_DROP) {
        trace(log, engine_drop_resets(e) ? "reset" : "drop", connection);
        engine_dropped(e, now);
    } else {
        return false;
    }
    return true;
}

static void arrive(struct engine *e, unsigned connection, struct slice octets, size_t piece)
{
    if (octets.len == 0)
        engine_eof(e, connection, SLICE(""), 0);
    while (octets.len > 0) {
        struct slice copy = law_copy(slice_sub(octets, 0, piece < octets.len ? piece : octets.len));
        engine_receive(e, connection, copy, 0);
        octets = slice_from(octets, copy.len);
        law_free(copy);
    }
}

static void play_several(const struct several *row, size_t piece)
{
    struct script_options options = {.name = SLICE("several")};
    struct script *script = script_load(slice_of_cstr(row->script), &options);
    struct log log = {.test = &script->tests[0]};
    struct engine_config config = {.emit = watch, .context = &log};
    assert_int_equal(script->error_count, 0);
    struct engine *e = engine_new(&script->tests[0], &config, 0);
    for (size_t i = 0; (engine_wants(e) & ENGINE_WANTS_CLOSE) == 0;) {
        if (serve_wish(e, &log, 0))
            continue;
        if (i < 8 && row->arrives[i].octets != NULL) {
            arrive(e, row->arrives[i].connection, slice_of_cstr(row->arrives[i].octets), piece);
            i++;
        } else {
            engine_tick(e, engine_deadline(e));
        }
    }
    if (strcmp(log.text, row->trace) != 0)
        fail_msg("%s, in pieces of %zu\n%s\nshould be\n%s", row->name, piece, log.text, row->trace);
    engine_free(e);
    script_free(script);
}

static void several_connections(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof severals / sizeof *severals; i++)
        for (size_t piece = 1; piece < 20; piece++)
            play_several(&severals[i], piece);
}

/* ---- delivered messages ---- */

#define DELIVERED                                                                                  \
    "Return-Path: <>\r\nSubject: a\r\n b\r\nX-A: 1\r\nx-a: "                                       \
    "2\r\n\r\nfirst\r\n.dot\r\nx\r\nx\r\nlast"

static const struct {
    const char *directives;
    const char *message; /* NULL: none comes */
    const char *trace;
    const char *trouble; /* of the look; "" for none, NULL for no look at all */
} messages[] = {
    {"%message contains t", DELIVERED, "ok 2, pass", NULL},
    {"%message contains t", NULL, "diff 2 no such message was delivered, fail", ""},
    {"%message contains t | warn", NULL, "diff 2 no such message was delivered, warn", ""},
    {"%message absent contains t", NULL, "ok 2, pass", ""},
    {"%message contains t", NULL, "diff 2 the mailbox cannot be read, error", "locked"},
    {"%message absent contains t", NULL, "diff 2 the mailbox cannot be read, error", "locked"},
    {"%message absent contains t", NULL, "diff 2 the mailbox cannot be read, error", NULL},
    {"%message absent contains t", DELIVERED,
     "diff 2 a message was delivered that should not have been, fail", NULL},
    {"%message contains t\n%message header subject", DELIVERED, "ok 2, ok 3, pass", NULL},
    {"%message contains t\n%message header Subject /^a b$/", DELIVERED, "ok 2, ok 3, pass", NULL},
    {"%message contains t\n%message header Subject /^b/", DELIVERED,
     "ok 2, diff 3 this does not hold, fail", NULL},
    {"%message contains t\n%message header Received", DELIVERED,
     "ok 2, diff 3 this does not hold, fail", NULL},
    {"%message contains t\n%message no header Received", DELIVERED, "ok 2, ok 3, pass", NULL},
    {"%message contains t\n%message no header X-A", DELIVERED,
     "ok 2, diff 3 this does not hold, fail", NULL},
    {"%message contains t\n%message one header X-A", DELIVERED,
     "ok 2, diff 3 this does not hold, fail", NULL},
    {"%message contains t\n%message one header X-A /2/", DELIVERED, "ok 2, ok 3, pass", NULL},
    {"%message contains t\n%message first header Return-Path /^<>$/", DELIVERED, "ok 2, ok 3, pass",
     NULL},
    {"%message contains t\n%message first header Subject", DELIVERED,
     "ok 2, diff 3 this does not hold, fail", NULL},
    {"%message contains t\n%message line /^.dot$/", DELIVERED, "ok 2, ok 3, pass", NULL},
    {"%message contains t\n%message line /^last$/", DELIVERED, "ok 2, ok 3, pass", NULL},
    {"%message contains t\n%message line /Subject/", DELIVERED,
     "ok 2, diff 3 this does not hold, fail", NULL},
    {"%message contains t\n%message first line /^first$/", DELIVERED, "ok 2, ok 3, pass", NULL},
    {"%message contains t\n%message first line /^last$/", DELIVERED,
     "ok 2, diff 3 this does not hold, fail", NULL},
    {"%message contains t\n%message one line /^x$/", DELIVERED,
     "ok 2, diff 3 this does not hold, fail", NULL},
    {"%message contains t\n%message no line /^y$/", DELIVERED, "ok 2, ok 3, pass", NULL},
    {"%message contains t\n%message raw /a\\r\\n b/", DELIVERED, "ok 2, ok 3, pass", NULL},
    {"%message contains t\n%message no raw /Subject/", DELIVERED,
     "ok 2, diff 3 this does not hold, fail", NULL},
    {"%message contains t\n%capture x message /X-A: (.)\\r?\\n/\n%assert ${x} = 1", DELIVERED,
     "ok 2, ok 3, ok 4, pass", NULL},
    {"%message contains t\n%capture x message /^Subject/\n", DELIVERED,
     "ok 2, diff 3 this does not hold, fail", NULL},
    {"%message contains t\n%message line /x/", "no header\n\nx\n", "ok 2, ok 3, pass", NULL},
    {"%message contains t\n%message line /x/", "", "ok 2, diff 3 this does not hold, fail", NULL},
};

/* A query has a number of its own, in each round of a %repeat as well, and says whether it is about
 * this attempt alone. */
static void queries(void **state)
{
    (void)state;
    static const char text[] = "C: a\n%repeat 2\n%message contains x ${token}\n%end\n"
                               "%message contains x";
    static const struct slice oracle = SLICE_INIT("oracle");
    static const struct engine_variable token = {SLICE_INIT("token"), SLICE_INIT("t"), false};
    struct script_options options = {.name = SLICE("queries")};
    struct script *script = script_load(slice_of_cstr(text), &options);
    assert_int_equal(script->error_count, 0);
    struct engine_config config = {
        .features = &oracle, .feature_count = 1, .variables = &token, .variable_count = 1};
    struct engine *e = engine_new(&script->tests[0], &config, 0);
    engine_sent(e, engine_output(e).len, 0);
    for (size_t i = 1; i <= 3; i++) {
        assert_int_equal(engine_query(e).number, i);
        assert_int_equal(engine_query(e).own, i < 3);
        engine_message(e, SLICE("x\r\n"), 0);
    }
    assert_int_equal(engine_query(e).number, 0);
    engine_free(e);
    script_free(script);
}

static void delivered_messages(void **state)
{
    (void)state;
    static const struct slice oracle = SLICE_INIT("oracle");
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        char text[256];
        snprintf(text, sizeof text, "C: a\n%s\n", messages[i].directives);
        struct script_options options = {.name = SLICE("message")};
        struct script *script = script_load(slice_of_cstr(text), &options);
        assert_int_equal(script->error_count, 0);
        struct log log = {.test = &script->tests[0]};
        struct engine_config config = {
            .emit = watch, .context = &log, .features = &oracle, .feature_count = 1};
        struct engine *e = engine_new(&script->tests[0], &config, 0);
        engine_sent(e, engine_output(e).len, 0);
        assert_true((engine_wants(e) & ENGINE_WANTS_MESSAGE) != 0);
        assert_slice_equal(engine_query(e).token, SLICE("t"));
        if (messages[i].message != NULL) {
            struct slice copy = law_copy(slice_of_cstr(messages[i].message));
            engine_message(e, copy, 0);
            law_free(copy);
        } else {
            if (messages[i].trouble != NULL)
                engine_no_message(e, slice_of_cstr(messages[i].trouble));
            engine_tick(e, engine_deadline(e));
            engine_tick(e, engine_deadline(e)); /* where nobody has looked by then */
        }
        if (strcmp(log.text, messages[i].trace) != 0)
            fail_msg("%s\n%s\nshould be\n%s", text, log.text, messages[i].trace);
        engine_free(e);
        script_free(script);
    }
}

/* A first look that outlasts the wait decides when it ends. */
static void a_late_look(void **state)
{
    (void)state;
    static const struct {
        const char *directive, *found, *trouble, *trace;
    } cases[] = {
        {"%message absent within 10ms contains t", NULL, "", "ok 2, pass"},
        {"%message absent within 10ms contains t", "Subject: t\r\n\r\n", NULL,
         "diff 2 a message was delivered that should not have been, fail"},
        {"%message absent within 10ms contains t", NULL, "no such folder",
         "diff 2 the mailbox cannot be read, error"},
        {"%message within 10ms contains t", "Subject: t\r\n\r\n", NULL, "ok 2, pass"},
        {"%message within 10ms contains t", NULL, "", "diff 2 no such message was delivered, fail"},
    };
    static const struct slice oracle = SLICE_INIT("oracle");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        snprintf(text, sizeof text, "C: a\n%s\n", cases[i].directive);
        struct script_options options = {.name = SLICE("message")};
        struct script *script = script_load(slice_of_cstr(text), &options);
        struct log log = {.test = &script->tests[0]};
        struct engine_config config = {.emit = watch,
                                       .context = &log,
                                       .features = &oracle,
                                       .feature_count = 1,
                                       .timeout_ms = 1000};
        struct engine *e = engine_new(&script->tests[0], &config, 0);
        engine_sent(e, engine_output(e).len, 0);
        assert_int_equal(engine_deadline(e), 10);
        engine_tick(e, 10);
        assert_true((engine_wants(e) & ENGINE_WANTS_MESSAGE) != 0);
        assert_int_equal(engine_deadline(e), 1010);
        if (cases[i].found != NULL)
            engine_message(e, slice_of_cstr(cases[i].found), 500);
        else
            engine_no_message(e, slice_of_cstr(cases[i].trouble));
        engine_tick(e, 500);
        if (strcmp(log.text, cases[i].trace) != 0)
            fail_msg("%s\n%s\nshould be\n%s", text, log.text, cases[i].trace);
        engine_free(e);
        script_free(script);
    }
}

/* Without a place to look the test is skipped, and nothing is sent. */
static void no_oracle(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"C: a\n%message contains t\n", "skip: needs oracle (--maildir or --pop3)"},
        {"%if oracle\n%message contains t\n%end\n%sleep 1s\n", ""},
        {"%if !oracle\n%message contains t\n%end\n%sleep 1s\n",
         "skip: needs oracle (--maildir or --pop3)"},
        {"%if oracle\nC: a\n%end\n%message contains t\n",
         "skip: needs oracle (--maildir or --pop3)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct script_options options = {.name = SLICE("message")};
        struct script *script = script_load(slice_of_cstr(cases[i][0]), &options);
        struct log log = {.test = &script->tests[0]};
        struct engine_config config = {.emit = watch, .context = &log};
        struct engine *e = engine_new(&script->tests[0], &config, 0);
        assert_string_equal(log.text, cases[i][1]);
        engine_free(e);
        script_free(script);
    }
}

/* ---- against itself ---- */

static const char *const dialogues[] = {
    /* a line longer than what is kept of one, the last octet kept of which is a dot */
    "S: 220\nC: DATA\nS: 354\nC: ${1023*x}.\nC: more\nC: .\nS: 250\nC: QUIT\nS: 221\n",
    HELLO "C: QUIT\nS: 221\n",
    HELLO "%if ehlo SIZE\nC: A\nS: 250\n%else\nC: B\nS: 251\n%end\nC: QUIT\nS: 221\n",
    "S: 220\nC: EHLO x\nS: 250-a\nS: 250 SIZE 10\n%if ehlo SIZE\n%repeat ${ehlo.SIZE}\nC: A\nS: "
    "250\n%end\n%end\n",
    "S: 220\n%repeat 20\nC: RCPT ${n}\n%end\n%repeat 20\nS: 250\n%end\nC: QUIT\nS: 221\n",
    "S: 220\nC: DATA\nS: 503/354\n%if reply 354\nC: .\nS: 250\n%end\nC: QUIT\nS: 221\n",
    "S: 220\nC: DATA\nS: 354/503\n%if reply 354\n%repeat 100\nC: ${100*x}\n%end\nC: .\nS: "
    "250\n%end\nC: QUIT\nS: 221\n",
    "S: 220\n%bdat <<E last chunk=5\n${60*abc}\n${client}\nE\nS: 250\nC: QUIT\nS: 221\n",
    "S: 220\nC: A\nS: 250 abc\n%capture x /250 (.)/\nC: ${x}\nS: 250\n%repeat until reply 250 max "
    "5\nC: B\nS: 250\n%end\n",
};

static bool move(struct engine *from, struct engine *to, size_t piece)
{
    if ((engine_wants(from) & ENGINE_WANTS_SEND) == 0)
        return false;
    struct slice out = engine_output(from);
    size_t take = out.len < piece ? out.len : piece;
    struct slice copy = law_copy(slice_sub(out, 0, take));
    engine_sent(from, take, 0);
    engine_receive(to, 0, copy, 0);
    law_free(copy);
    return true;
}

static void against_itself(void **state)
{
    (void)state;
    static const size_t pieces[] = {SIZE_MAX, 1, 3, 64};
    static const struct engine_variable variable = {SLICE_INIT("client"), SLICE_INIT("c.example"),
                                                    false};
    for (size_t i = 0; i < sizeof dialogues / sizeof *dialogues; i++) {
        struct script_options options = {.name = SLICE("row")};
        struct script *script = script_load(slice_of_cstr(dialogues[i]), &options);
        assert_int_equal(script->error_count, 0);
        for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
            struct log log = {.test = &script->tests[0]};
            struct engine_config config = {.variables = &variable,
                                           .variable_count = 1,
                                           .match = ENGINE_MATCH_EXACT,
                                           .max_output_octets = 2048};
            struct engine *client = engine_new(&script->tests[0], &config, 0);
            config.role = ENGINE_SERVER;
            config.max_input_octets = 2048;
            config.emit = watch;
            config.context = &log;
            struct engine *server = engine_new(&script->tests[0], &config, 0);
            while (move(client, server, pieces[k]) || move(server, client, pieces[k]))
                ;
            bool over = (engine_wants(client) & ENGINE_WANTS_CLOSE) != 0 &&
                        (engine_wants(server) & ENGINE_WANTS_CLOSE) != 0;
            if (!over || engine_verdict(client) != ENGINE_PASS ||
                engine_verdict(server) != ENGINE_PASS)
                fail_msg("%s\nin pieces of %zu; the server's side: %s", dialogues[i], pieces[k],
                         log.text);
            engine_free(client);
            engine_free(server);
        }
        script_free(script);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(long_replies),
        cmocka_unit_test(what_goes_out),
        cmocka_unit_test(unread_keeps_no_line),
        cmocka_unit_test(each_test_its_token),
        cmocka_unit_test(what_stands_alone),
        cmocka_unit_test(what_has_no_room),
        cmocka_unit_test(how_writes_are_cut),
        cmocka_unit_test(random_cuts),
        cmocka_unit_test(several_connections),
        cmocka_unit_test(queries),
        cmocka_unit_test(delivered_messages),
        cmocka_unit_test(a_late_look),
        cmocka_unit_test(no_oracle),
        cmocka_unit_test(against_itself),
    };
    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
