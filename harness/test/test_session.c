/*
 * unit.session: what the oracles of a campaign say of the reference server, in memory: of each
 * broken clause the right thing, and of the unbroken server nothing, whatever is said to it.
 */
#include "campaign/account.h"
#include "campaign/feature.h"
#include "campaign/finding.h"
#include "campaign/graph.h"
#include "campaign/heard.h"
#include "campaign/opening.h"
#include "law.h"
#include "mutate_dialogue.h"
#include "server/server.h"

#include <stdio.h>
#include <stdlib.h>

struct memory {
    struct server *server;
    struct heard heard;
    bool whole; /* everything is said before anything is heard */
    struct slice octets;
    bool said;
};

static void take_output(struct memory *m)
{
    while (server_wants(m->server) & SERVER_WANTS_SEND) {
        struct slice out = server_output(m->server);
        size_t room = HEARD_MAX_OCTETS - m->heard.len;
        size_t fits = out.len < room ? out.len : room;
        memcpy(m->heard.octets + m->heard.len, out.ptr, fits);
        m->heard.len += fits;
        server_sent(m->server, out.len, 0);
    }
}

static bool say_to(struct memory *m, struct slice octets)
{
    struct slice copy = law_copy(octets);
    for (size_t at = 0; at < copy.len;) {
        size_t taken = server_receive(m->server, slice_from(copy, at), 0);
        take_output(m);
        at += taken;
        if (taken == 0)
            break;
    }
    law_free(copy);
    return true;
}

static bool say(void *context, struct slice octets)
{
    struct memory *m = context;
    return m->whole || say_to(m, octets);
}

static enum session_heard hear(void *context, enum session_wait wait, struct smtp_reply *ret_reply,
                               int *ret_error)
{
    struct memory *m = context;
    take_output(m);
    if (m->whole && !m->said) {
        m->said = true;
        say_to(m, m->octets);
        server_eof(m->server, 0);
        take_output(m);
    } else if ((wait == SESSION_REST || wait == SESSION_IDLE) && !m->whole) {
        server_eof(m->server, 0);
        take_output(m);
    }
    if (m->whole && wait == SESSION_EARLY)
        return SESSION_NOTHING;
    enum session_heard heard = heard_next(&m->heard, ret_reply, ret_error);
    bool ends = (server_wants(m->server) & (SERVER_WANTS_CLOSE | SERVER_WANTS_TLS)) != 0;
    return heard == SESSION_NOTHING && ends && wait != SESSION_EARLY ? SESSION_CLOSED : heard;
}

static enum session_hands secure(void *context)
{
    struct memory *m = context;
    if (m->heard.at < m->heard.len)
        return SESSION_IN_CLEAR;
    if ((server_wants(m->server) & SERVER_WANTS_TLS) == 0)
        return SESSION_UNSECURED;
    server_secured(m->server, SLICE(""), 0);
    take_output(m);
    return SESSION_SECURED;
}

static struct session session;
static struct memory memory;

/* A server that offers TLS takes no AUTH PLAIN or LOGIN before it. */
static void play_as(struct slice octets, const char *fault, bool whole, bool groups)
{
    bool *faults = calloc(server_fault_count, sizeof *faults);
    if (fault != NULL) {
        size_t index = server_fault_find(slice_of_cstr(fault));
        assert_true(index < server_fault_count);
        faults[index] = true;
    }
    struct server_config config = {.host = SLICE("mail.example.test"),
                                   .domain = SLICE("example.test"),
                                   .user = SLICE("tester"),
                                   .password = SLICE("secret"),
                                   .secret = SLICE("secret"),
                                   .peer = SLICE("[192.0.2.1]"),
                                   .offer_tls = !slice_holds(octets, SLICE("AUTH PLAIN")) &&
                                                !slice_holds(octets, SLICE("AUTH LOGIN")),
                                   .clear_auth = true,
                                   .faults = faults,
                                   .max_message_octets = 16384,
                                   .max_recipients = 32}; /* little room: see dialogue_play */
    memory.server = server_new(&config, 0);
    memory.whole = whole;
    memory.said = false;
    memory.octets = octets;
    heard_clear(&memory.heard);
    session_play(&session, octets,
                 &(struct session_line){.say = say,
                                        .hear = hear,
                                        .secure = whole || groups ? NULL : secure,
                                        .context = &memory,
                                        .groups = groups,
                                        .steps = !whole});
    server_free(memory.server);
    free(faults);
}

static void play(struct slice octets, const char *fault, bool whole)
{
    play_as(octets, fault, whole, false);
}

static void play_groups(struct slice octets, const char *fault)
{
    play_as(octets, fault, false, true);
}

#define E "EHLO client.example\r\n"
#define M "MAIL FROM:<a@b.example>\r\n"
#define R "RCPT TO:<bob@example.test>\r\n"
#define D "DATA\r\nFrom: a@b.example\r\n\r\nx\r\n.\r\n"
#define A "AUTH PLAIN AHRlc3RlcgBzZWNyZXQ=\r\n"
#define L "DATA\r\nFrom: a@b.example\nx\n"

static const struct {
    const char *fault;
    struct slice in;
    enum oracle oracle;
} rows[] = {
    {"rcpt-before-mail", SLICE_INIT(E R), ORACLE_RCPT_WITHOUT_MAIL},
    {"rset-keeps", SLICE_INIT(E M "RSET\r\n" R), ORACLE_RCPT_WITHOUT_MAIL},
    {"ehlo-keeps", SLICE_INIT(E M E R), ORACLE_RCPT_WITHOUT_MAIL},
    {"helo-keeps", SLICE_INIT(E M "HELO client.example\r\n" R), ORACLE_RCPT_WITHOUT_MAIL},
    {"data-keeps", SLICE_INIT(E M R D R), ORACLE_RCPT_WITHOUT_MAIL},
    {"refused-data-keeps", SLICE_INIT(E M "RCPT TO:<late@example.test>\r\n" D R),
     ORACLE_RCPT_WITHOUT_MAIL},
    {"bdat-keeps", SLICE_INIT(E M R "BDAT 3 LAST\r\nx\r\n" R), ORACLE_RCPT_WITHOUT_MAIL},
    {"data-before-mail", SLICE_INIT(E D), ORACLE_MESSAGE_WITHOUT_RCPT},
    {"data-before-rcpt", SLICE_INIT(E M D), ORACLE_MESSAGE_WITHOUT_RCPT},
    {"data-after-refused", SLICE_INIT(E M "RCPT TO:<nosuch@example.test>\r\n" D),
     ORACLE_MESSAGE_WITHOUT_RCPT},
    {"bdat-without-rcpt", SLICE_INIT(E M "BDAT 3\r\nx\r\n"), ORACLE_BDAT_WITHOUT_RCPT},
    {"bdat-before-mail", SLICE_INIT(E "BDAT 3\r\nx\r\n"), ORACLE_BDAT_WITHOUT_RCPT},
    {"bdat-leaves-chunk", SLICE_INIT(E "BDAT 6\r\nNOOP\r\nQUIT\r\n"), ORACLE_CHUNK_RUN},
    {"nested-mail", SLICE_INIT(E M M), ORACLE_NESTED_MAIL},
    {"noop-resets", SLICE_INIT(E M R "NOOP\r\n" R), ORACLE_OUT_OF_SEQUENCE},
    {"vrfy-resets", SLICE_INIT(E M R "VRFY bob\r\n" D), ORACLE_OUT_OF_SEQUENCE},
    {"help-resets", SLICE_INIT(E M R "HELP\r\nBDAT 3 LAST\r\nx\r\n"), ORACLE_OUT_OF_SEQUENCE},
    {"nested-mail-resets", SLICE_INIT(E M R M R), ORACLE_OUT_OF_SEQUENCE},
    {"refused-rcpt-resets", SLICE_INIT(E M R "RCPT TO:<nosuch@example.test>\r\n" R),
     ORACLE_OUT_OF_SEQUENCE},
    {"one-transaction", SLICE_INIT(E M R D M), ORACLE_OUT_OF_SEQUENCE},
    {"rset-forgets-ehlo", SLICE_INIT(E M "RSET\r\n" M), ORACLE_OUT_OF_SEQUENCE},
    {"bdat-once", SLICE_INIT(E M R "BDAT 3\r\nx\r\nBDAT 0 LAST\r\n"), ORACLE_OUT_OF_SEQUENCE},
    {"size-ends", SLICE_INIT(E "MAIL FROM:<a@b.example> SIZE=9\r\n" R D), ORACLE_END_OF_DATA},
    {"auth-in-mail", SLICE_INIT(E M A), ORACLE_AUTH_IN_MAIL},
    {"auth-in-mail", SLICE_INIT(E M "AUTH PLAIN\r\n*\r\n"), ORACLE_AUTH_IN_MAIL},
    {"auth-twice", SLICE_INIT(E A A), ORACLE_AUTH_TWICE},
    {"quit-stays", SLICE_INIT(E "QUIT\r\nNOOP\r\n"), ORACLE_BEHIND_QUIT},
    {"enhanced-class", SLICE_INIT(E M), ORACLE_REPLY_STATUS_CLASS},
    {"auth-any", SLICE_INIT(E "AUTH PLAIN " ACCOUNT_NO_PLAIN_TEXT "\r\n"),
     ORACLE_AUTH_WRONG_PASSWORD},
    {"auth-any", SLICE_INIT(E "AUTH PLAIN\r\n" ACCOUNT_WRONG_TEXT "\r\n"),
     ORACLE_AUTH_WRONG_PASSWORD},
    {"auth-any", SLICE_INIT(E "AUTH LOGIN\r\ndGVzdGVy\r\n" ACCOUNT_NO_PASS_TEXT "\r\n"),
     ORACLE_AUTH_WRONG_PASSWORD},
    {"auth-any", SLICE_INIT(E "AUTH LOGIN\r\ndGVzdGVy\r\n\r\n"), ORACLE_AUTH_NO_PASSWORD},
    {"auth-any", SLICE_INIT(E "AUTH CRAM-MD5\r\n" ACCOUNT_NO_CRAM_TEXT "\r\n"),
     ORACLE_AUTH_WRONG_PASSWORD},
    {"plain-no-password", SLICE_INIT(E "AUTH PLAIN " ACCOUNT_EMPTY_TEXT "\r\n"),
     ORACLE_AUTH_NO_PASSWORD},
    {"plain-no-password", SLICE_INIT(E "AUTH PLAIN\r\n" ACCOUNT_NO_EMPTY_TEXT "\r\n"),
     ORACLE_AUTH_NO_PASSWORD},
    {"auth-twice", SLICE_INIT(E "AUTH PLAIN\r\nAHRlc3RlcgBzZWNyZXQ=\r\n" M R D A),
     ORACLE_AUTH_TWICE},
    {"ehlo-mixed-codes", SLICE_INIT(E), ORACLE_REPLY_MIXED_CODES},
    {"help-mixed-codes", SLICE_INIT(E "HELP\r\n"), ORACLE_REPLY_MIXED_CODES},
    {"reply-bare-lf", SLICE_INIT(E "NOOP\r\n"), ORACLE_REPLY_LINE_ENDING},
    {"reply-control", SLICE_INIT(E "NOOP\r\n"), ORACLE_REPLY_CONTROL},
    {"reply-code-range", SLICE_INIT(E "NOOP\r\n"), ORACLE_REPLY_CODE_RANGE},
    {"reply-eight-bit", SLICE_INIT(E "NOOP\r\n"), ORACLE_REPLY_EIGHT_BIT},
    {"reply-long-line", SLICE_INIT(E "NOOP\r\n"), ORACLE_REPLY_LONG_LINE},
    {"reply-twice", SLICE_INIT(E "NOOP\r\nNOOP\r\n"), ORACLE_EXTRA_REPLY},
    {"help-silent", SLICE_INIT(E "HELP\r\nNOOP\r\n"), ORACLE_NO_REPLY},
    {"rset-closes",
     SLICE_INIT(E "RSET\r\n"
                  "NOOP\r\n"),
     ORACLE_CLOSED},
    {"data-closes", SLICE_INIT(E M R D "NOOP\r\n"), ORACLE_CLOSED},
    {"quit-silent", SLICE_INIT(E "QUIT\r\n"), ORACLE_CLOSED},
    {"end-of-data-none", SLICE_INIT(E M R D "NOOP\r\n"), ORACLE_NO_REPLY},
    {"end-of-data-twice", SLICE_INIT(E M R D "NOOP\r\n"), ORACLE_EXTRA_REPLY},
    {"lf-dot-lf", SLICE_INIT(E M R L ".\nNOOP\r\n.\r\n"), ORACLE_END_OF_DATA},
    {"lf-dot-crlf", SLICE_INIT(E M R L ".\r\nNOOP\r\n.\r\n"), ORACLE_END_OF_DATA},
    {"crlf-dot-lf", SLICE_INIT(E M R "DATA\r\nx\r\n.\nNOOP\r\n.\r\n"), ORACLE_END_OF_DATA},
    {"cr-dot-crlf", SLICE_INIT(E M R "DATA\r\nx\r.\r\nNOOP\r\n.\r\n"), ORACLE_END_OF_DATA},
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        play(rows[i].in, rows[i].fault, false);
        if (session.oracle != rows[i].oracle)
            fail_msg("%s: %s", rows[i].fault, oracle_rows[session.oracle].name);
        play(rows[i].in, NULL, false);
        if (session.oracle != ORACLE_NONE)
            fail_msg("no fault, but of %s: %s", rows[i].fault, oracle_rows[session.oracle].name);
    }
}

#define T "STARTTLS\r\n"
#define C "AUTH CRAM-MD5\r\ndGVzdGVyIDYwZmFkYWM2MmQzODFkYmJlYzkxMmVlY2U5N2I1ZTIw\r\n"

/* What is said around STARTTLS (RFC 3207), in steps. */
static const struct {
    const char *fault;
    struct slice in;
    enum oracle oracle;
    const char *script; /* how the finding ends */
} secured[] = {
    {"tls-keeps-input", SLICE_INIT(E T "NOOP\r\n\x16" E), ORACLE_TLS_INJECTION,
     "C!: STARTTLS\\r\\nNOOP\\r\\n\nS: 220\n%tls refused=pass\n%quiet 1s | unclear 421/554\n"},
    {"tls-never", SLICE_INIT(E T "NOOP\r\n\x16"), ORACLE_TLS_IN_CLEAR,
     "C!: STARTTLS\\r\\nNOOP\\r\\n\nS: 220\n%within 3s\n"
     "S: <quiet>/<alert>/<EOF> | unclear 4xx/5xx\n"},
    {"tls-keeps-state", SLICE_INIT(E M T R), ORACLE_TLS_STATE,
     "S: 250\nC: STARTTLS\nS: 220\n%tls\nC: RCPT TO:<bob@example.test>\nS: 5xx | unclear 4xx\n"},
    {"tls-keeps-state", SLICE_INIT(E M R T "BDAT 1\r\nx"), ORACLE_BDAT_WITHOUT_RCPT,
     "%tls\nC!: BDAT 1\\r\\nx\nS: 5xx | unclear 4xx\n"},
    {"tls-offered-twice", SLICE_INIT(E T E), ORACLE_TLS_AGAIN,
     "%tls\nC: EHLO client.example\nS: 250\n%ehlo -STARTTLS\n"},
    {"tls-offered-twice", SLICE_INIT(E T "\x16" E), ORACLE_TLS_AGAIN,
     "C: STARTTLS\nS: 220\n%tls\nC: EHLO client.example\nS: 250\n%ehlo -STARTTLS\n"},
    {"rset-keeps", SLICE_INIT(E T E M "RSET\r\n" R), ORACLE_RCPT_WITHOUT_MAIL,
     "%tls\nC: EHLO client.example\nS: 250\nC: MAIL FROM:<a@b.example>\nS: 250\nC: RSET\nS: 250\n"
     "C: RCPT TO:<bob@example.test>\nS: 5xx | unclear 4xx\n"},
    {"tls-keeps-auth", SLICE_INIT(E C T E "AUTH CRAM-MD5\r\n"), ORACLE_OUT_OF_SEQUENCE,
     "C: EHLO client.example\nS: 250\nC: AUTH CRAM-MD5\nS: !503\n"},
    /* one that is refused early must be followed by nothing; to take one is enough */
    {"lf-dot-lf", SLICE_INIT(E M R L ".\nNOOP\r\n.\r\n"), ORACLE_END_OF_DATA,
     "S: 554\n%quiet 1s | unclear 421\n"},
    {"size-ends",
     SLICE_INIT(E "MAIL FROM:<a@b.example> SIZE=9\r\n" R
                  "DATA\r\nSubject: x\r\n\r\nNOOP\r\nNOOP\r\n.\r\n"),
     ORACLE_END_OF_DATA, "C: NOOP\nC: NOOP\n%quiet 1s | unclear 4xx/5xx\n"},
};

static bool ends(struct slice text, const char *end)
{
    struct slice tail = slice_of_cstr(end);
    return text.len >= tail.len && slice_equal(slice_from(text, text.len - tail.len), tail);
}

static void test_secured(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof secured / sizeof *secured; i++) {
        static uint8_t room[8000];
        struct writer script = writer_of(room, sizeof room);
        play(secured[i].in, secured[i].fault, false);
        if (session.oracle != secured[i].oracle)
            fail_msg("%s: %s", secured[i].fault, oracle_rows[session.oracle].name);
        finding_script(&session, &script);
        if (!ends(writer_slice(&script), secured[i].script))
            fail_msg("%s: %.*s", secured[i].fault, (int)script.len, (const char *)room);
        play(secured[i].in, NULL, false);
        if (session.oracle != ORACLE_NONE)
            fail_msg("no fault, but of %s: %s", secured[i].fault, oracle_rows[session.oracle].name);
    }
}

/* What AUTH is refused for under TLS, though it succeeded before: another mechanism (so Sendmail),
 * a second success, a transaction. */
static void test_auth_refused(void **state)
{
    (void)state;
    static const struct {
        const char *fault;
        struct slice in;
    } refused[] = {
        {"tls-keeps-auth", SLICE_INIT(E C T E "AUTH NTLM\r\n")},
        {NULL,
         SLICE_INIT(E C T E
                    "AUTH CRAM-MD5\r\ndGVzdGVyIDE0ZDQyMzU1OTEyOThiZTFjNTVlN2NlNTk4ZTBiYWIy\r\nAUTH "
                    "CRAM-MD5\r\n")},
        {NULL, SLICE_INIT(E C T E M "AUTH CRAM-MD5\r\n")},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        play(refused[i].in, refused[i].fault, false);
        assert_int_equal(session.steps[session.count - 1].code, 503);
        assert_int_equal(session.oracle, ORACLE_NONE);
    }
}

/* Each thing that is taken for the end of a message is a finding of its own. */
static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *fault;
        struct slice in;
        const char *name;
    } ends[] = {
        {"lf-dot-lf", SLICE_INIT(E M R L ".\nNOOP\r\n.\r\n"), "end-of-data-message-lf-dot-lf"},
        {"lf-dot-crlf", SLICE_INIT(E M R L ".\r\nNOOP\r\n.\r\n"),
         "end-of-data-message-lf-dot-crlf"},
        {"crlf-dot-lf", SLICE_INIT(E M R "DATA\r\nx.\r\n.\nNOOP\r\n.\r\n"),
         "end-of-data-message-crlf-dot-lf"},
        {"cr-dot-crlf", SLICE_INIT(E M R "DATA\r\nx\r.\r\nNOOP\r\n.\r\n"),
         "end-of-data-message-cr-dot-crlf"},
        {"nested-mail", SLICE_INIT(E M M), "nested-mail-mail"},
        {"reply-long-line", SLICE_INIT(E M R), "reply-long-line"},
    };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char name[160];
        play(ends[i].in, ends[i].fault, false);
        name[session_name(&session, name, sizeof name - 1)] = '\0';
        assert_string_equal(name, ends[i].name);
    }
}

/* One line, and no two commands. Said in one write, it is not known which replies are whose. */
static void test_bare_cr(void **state)
{
    (void)state;
    static const struct slice in = SLICE_INIT(E "NOOP\rNOOP\r\n");
    play(in, "bare-cr-command", false);
    assert_int_equal(session.oracle, ORACLE_BARE_CR);
    play(in, NULL, false);
    assert_int_equal(session.oracle, ORACLE_NONE);
    play(SLICE(E "XX\rNOOP\r\nBDAT 999\r\n"), NULL, false); /* the reply is the chunk's */
    assert_int_equal(session.oracle, ORACLE_NONE);
    play(SLICE(E "NOOP\nNOOP\rNOOP\r\n"), "bare-lf-command", false);
    assert_int_equal(session.oracle, ORACLE_NONE);
}

/* What the server may have ended of: the last command, where it got no reply. */
static void test_ends(void **state)
{
    (void)state;
    static const struct {
        const char *fault;
        struct slice in;
        const char *key;
    } ends[] = {
        {"quit-silent", SLICE_INIT(E "QUIT\r\n"), "crash-quit"},
        {"help-silent", SLICE_INIT(E "HELP\r\n"), "hang-help"},
        {"help-silent", SLICE_INIT(E "NOOP\r\n"), ""},
        {NULL, SLICE_INIT(E "QUIT\r\n"), ""},
    };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char key[160];
        play(ends[i].in, ends[i].fault, false);
        key[session_crash_key(&session, key, sizeof key - 1)] = '\0';
        assert_string_equal(key, ends[i].key);
    }
}

/* In one write, too, something looks wrong: that is what makes a campaign ask again. */
static void test_faults_in_one_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        play(rows[i].in, rows[i].fault, true);
        if (!session_suspicious(&session))
            fail_msg("%s: nothing is wrong", rows[i].fault);
        play(rows[i].in, NULL, true);
        if (session_suspicious(&session))
            fail_msg("no fault, but of %s: %s", rows[i].fault, oracle_rows[session.oracle].name);
    }
}

/* The server without a fault is never blamed. */
static void test_mutants(void **state)
{
    (void)state;
    static uint8_t room[2][2048];
    struct mutate m = {.random = 7};
    for (size_t round = 0; round < 6000; round++) {
        struct slice text = round % 4 == 0
                                ? secured[round / 4 % (sizeof secured / sizeof *secured)].in
                                : rows[round % (sizeof rows / sizeof *rows)].in;
        for (size_t edits = 1 + mutate_random(&m, 8), i = 0; i < edits; i++)
            text = slice_of(room[i % 2], mutate_dialogue(&m, text, room[i % 2], sizeof room[0]));
        play(text, NULL, mutate_random(&m, 2) == 0);
        if (session.oracle != ORACLE_NONE)
            fail_msg("%s at step %zu of round %zu: %.*s", oracle_rows[session.oracle].name,
                     session.at, round, (int)text.len, (const char *)text.ptr);
    }
}

/* What real servers do, and may. "|" stands between replies; the server closes behind them. */
static const struct {
    const char *what;
    struct slice in;
    const char *replies;
} allowed[] = {
    {"Postfix leaves who speaks HTTP", SLICE_INIT("Host: a\r\nRSET\r\n"), "220 x|221 bye"},
    {"a busy server leaves", SLICE_INIT(E M), "220 x|250 x|421 later"},
    {"it leaves who erred", SLICE_INIT(E "X\r\n" M), "220 x|250 x|500 what"},
    {"Exim ends lines at LF, and begins TLS", SLICE_INIT("EHLO c\nSTARTTLS\r\nQUIT\r\n"),
     "220 x|250 x|220 go|\x15\x03\x01"},
    {"smtp-sink holds its reply while half a line waits", SLICE_INIT("BDAT 7\r\n e.test"), "220 x"},
    {"it does so before the end of a line", SLICE_INIT("EHLO c\nSTARTTLS\n"),
     "220 x|250 x|220 go|\x15\x03\x01"},
    {"a message is refused early", SLICE_INIT(E M R D), "220 x|250 x|250 x|250 x|354 go|550 no"},
    {"it greets with 554", SLICE_INIT(E R), "554 no|250 x|250 x|250 x"},
    {"OpenSMTPD says 503 to a parameter",
     SLICE_INIT(E M "RCPT TO:<o> Z\r\nRSET\r\nMAIL FROM:<> 1\r\n"),
     "220 x|250 x|250 x|503 x|250 x|503 x"},
    {"MailEnable says 503 to who has to authenticate first",
     SLICE_INIT(E M R "RCPT TO:<a@else.example>\r\n"), "220 x|250 x|250 x|250 x|503 x"},
    {"Postfix takes no MAIL behind a chunk it refused", SLICE_INIT(E M "RSET\r\nBDAT 0\r\n" M),
     "220 x|250-x|250 CHUNKING|250 x|250 x|551 x|503 x"},
    {"503 may be for an argument", SLICE_INIT(E M R "DATA x\r\n"), "220 x|250 x|250 x|250 x|503 x"},
    {"RSET ends a message of chunks", SLICE_INIT(E M R "BDAT 3\r\nx\r\nRSET\r\nBDAT 3\r\nx\r\n"),
     "220 x|250-x|250 CHUNKING|250 x|250 x|250 x|250 x|503 x"},
    {"XCLIENT is between the two", SLICE_INIT(E "XCLIENT NAME=a\r\n" R "NOOP\r\n"),
     "220 x|250 x|220 x|250 x"},
    {"LMTP: a reply for each recipient, greeted or not", SLICE_INIT(E M R R D),
     "220 x|500 LHLO|250 x|250 x|250 x|354 go|250 x|250 x"},
    {"and what is taken for the replies to others is none", SLICE_INIT(M R R D "NOOP\r\n" R),
     "220 x|250 x|250 x|250 x|354 go|250 x|250 x|250 x"},
};

static bool say_nothing(void *context, struct slice octets)
{
    (void)context;
    (void)octets;
    return true;
}

static enum session_heard hear_next(void *context, enum session_wait wait,
                                    struct smtp_reply *ret_reply, int *ret_error)
{
    (void)context;
    if (wait == SESSION_EARLY)
        return SESSION_NOTHING;
    enum session_heard heard = heard_next(&memory.heard, ret_reply, ret_error);
    return heard == SESSION_NOTHING ? SESSION_CLOSED : heard;
}

/* As one that closes as soon as it has said all. */
static enum session_heard hear_leaving(void *context, enum session_wait wait,
                                       struct smtp_reply *ret_reply, int *ret_error)
{
    bool left = wait == SESSION_EARLY && memory.heard.at == memory.heard.len;
    return left ? SESSION_CLOSED : hear_next(context, wait, ret_reply, ret_error);
}

static void put_heard(struct slice octets)
{
    memcpy(memory.heard.octets + memory.heard.len, octets.ptr, octets.len);
    memory.heard.len += octets.len;
}

static void put_replies(const char *at)
{
    heard_clear(&memory.heard);
    while (*at != '\0') {
        size_t len = strcspn(at, "|");
        put_heard(slice_of(at, len));
        put_heard(SLICE("\r\n"));
        at += at[len] == '|' ? len + 1 : len;
    }
}

static void test_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        put_replies(allowed[i].replies);
        session_play(&session, allowed[i].in,
                     &(struct session_line){.say = say_nothing, .hear = hear_next});
        if (session.oracle != ORACLE_NONE)
            fail_msg("%s: %s", allowed[i].what, oracle_rows[session.oracle].name);
    }
}

static enum session_hands hands;

static enum session_hands shake(void *context)
{
    (void)context;
    return hands;
}

/* What comes behind "STARTTLS", "NOOP" and the handshake. */
static const struct {
    const char *what;
    enum session_hands hands;
    const char *replies;
    enum oracle oracle;
} boundaries[] = {
    {"nothing, as it has to be", SESSION_SECURED, "220 x|250 x|220 go", ORACLE_NONE},
    {"NOOP is answered under TLS", SESSION_SECURED, "220 x|250 x|220 go|250 x",
     ORACLE_TLS_INJECTION},
    {"it is refused there", SESSION_SECURED, "220 x|250 x|220 go|503 x", ORACLE_TLS_INJECTION},
    {"the server leaves", SESSION_SECURED, "220 x|250 x|220 go|421 x", ORACLE_NONE},
    {"it says that it was told too much", SESSION_SECURED, "220 x|250 x|220 go|554 x", ORACLE_NONE},
    {"it greets once more", SESSION_SECURED, "220 x|250 x|220 go|220 x", ORACLE_NONE},
    {"NOOP is answered, and TLS does not begin", SESSION_IN_CLEAR, "220 x|250 x|220 go|250 x",
     ORACLE_TLS_IN_CLEAR},
    {"it is refused in the clear", SESSION_IN_CLEAR, "220 x|250 x|220 go|501 x", ORACLE_NONE},
    {"TLS does not begin", SESSION_UNSECURED, "220 x|250 x|220 go", ORACLE_NONE},
    {"there is no TLS: NOOP is a command", SESSION_SECURED, "220 x|250 x|454 x|250 x", ORACLE_NONE},
};

static void test_boundaries(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof boundaries / sizeof *boundaries; i++) {
        put_replies(boundaries[i].replies);
        hands = boundaries[i].hands;
        session_play(
            &session, SLICE(E T "NOOP\r\n\x16" M),
            &(struct session_line){.say = say_nothing, .hear = hear_next, .secure = shake});
        if (session.oracle != boundaries[i].oracle)
            fail_msg("%s: %s", boundaries[i].what, oracle_rows[session.oracle].name);
    }
}

/* What comes behind a line that is longer than 512 octets: `head`, and 600 of them. */
static const struct {
    const char *what, *head, *behind, *replies;
    enum oracle oracle;
} long_lines[] = {
    {"one reply", "NOOP ", "", "220 x|250 x|500 x", ORACLE_NONE},
    {"two", "NOOP ", "", "220 x|250 x|500 x|500 x", ORACLE_EXTRA_REPLY},
    {"two, and it was taken", "NOOP ", "", "220 x|250 x|250 x|500 x", ORACLE_NONE},
    {"it may have a chunk", "BDAT 6 ", "", "220 x|250 x|501 x|500 x", ORACLE_NONE},
    {"none, and it is waited", "NOOP ", "", "220 x|250 x", ORACLE_NONE},
    {"it may hold two lines", "NOOP \n", "", "220 x|250 x|500 x|500 x", ORACLE_NONE},
    {"it was refused: RCPT has no MAIL", "MAIL FROM:<", R, "220 x|250 x|500 x|250 x",
     ORACLE_RCPT_WITHOUT_MAIL},
    {"it was taken", "MAIL FROM:<", R, "220 x|250 x|250 x|250 x", ORACLE_NONE},
};

static void test_long_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof long_lines / sizeof *long_lines; i++) {
        char in[800], filling[600];
        memset(filling, 'a', sizeof filling);
        int len = snprintf(in, sizeof in, E "%s%.*s\r\n%s", long_lines[i].head, (int)sizeof filling,
                           filling, long_lines[i].behind);
        put_replies(long_lines[i].replies);
        session_play(&session, slice_of(in, (size_t)len),
                     &(struct session_line){.say = say_nothing, .hear = hear_next});
        if (session.oracle != long_lines[i].oracle)
            fail_msg("%s: %s", long_lines[i].what, oracle_rows[session.oracle].name);
    }
}

/* As one that waits for more when it has said all. */
static enum session_heard hear_waiting(void *context, enum session_wait wait,
                                       struct smtp_reply *ret_reply, int *ret_error)
{
    enum session_heard heard = hear_next(context, wait, ret_reply, ret_error);
    return heard == SESSION_CLOSED ? SESSION_NOTHING : heard;
}

/* Whether RSET makes a new session of what is left, and the next reply is the one to it. */
static const struct {
    const char *what;
    struct slice in;
    const char *replies;
    bool idle;
} ends_of[] = {
    {"commands", SLICE_INIT(E M R), "220 x|250 x|250 x|250 x", true},
    {"a message", SLICE_INIT(E M R D), "220 x|250 x|250 x|250 x|354 x|250 x", true},
    {"one more reply than commands", SLICE_INIT(E M), "220 x|250 x|250 x|500 x", false},
    {"one fewer", SLICE_INIT(E M), "220 x|250 x", false},
    {"half a line", SLICE_INIT(E "NOOP"), "220 x|250 x|250 x", false},
    {"DATA, and no message", SLICE_INIT(E M R "DATA\r\n"), "220 x|250 x|250 x|250 x|354 x", false},
    {"AUTH that asks", SLICE_INIT(E "AUTH LOGIN\r\n"), "220 x|250 x|334 x", true},
    {"a line that is no command, refused", SLICE_INIT(E "=\r\n" M), "220 x|250 x|500 x|250 x",
     true},
    {"and taken", SLICE_INIT(E "=\r\n" M), "220 x|250 x|250 x|250 x", false},
    {"a command that nobody knows, taken", SLICE_INIT(E "XCLIENT a=b\r\n" M),
     "220 x|250 x|250 x|250 x", false},
    {"octets that no command has, taken by NOOP", SLICE_INIT(E "NOOP \xe9\r\n" M),
     "220 x|250 x|250 x|250 x", true},
    {"LF in a line", SLICE_INIT(E "NOOP\nNOOP\r\n" M), "220 x|250 x|500 x|250 x", false},
    {"CR in a line", SLICE_INIT(E "NOOP\rNOOP\r\n" M), "220 x|250 x|500 x|250 x", false},
    {"a chunk that others follow", SLICE_INIT(E M R "BDAT 1\r\nx"),
     "220 x|250-x|250 CHUNKING|250 x|250 x|250 x", false},
    {"a chunk that is refused, and may be read as lines", SLICE_INIT(E "BDAT 3\r\nx\r\n" M),
     "220 x|250 x|503 x|250 x", false},
    {"a chunk behind a line that is none", SLICE_INIT(E "=\r\nBDAT 1 LAST\r\nx" M),
     "220 x|250-x|250 CHUNKING|500 x|503 x|250 x", false},
};

static void test_idle(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ends_of / sizeof *ends_of; i++) {
        put_replies(ends_of[i].replies);
        session_play(
            &session, ends_of[i].in,
            &(struct session_line){.say = say_nothing, .hear = hear_waiting, .steps = true});
        if (session.idle != ends_of[i].idle)
            fail_msg("%s: idle %d", ends_of[i].what, session.idle);
    }
}

static uint8_t opening_room[OPENING_OCTETS + 100];

static bool open_with(size_t number, struct slice *ret_octets)
{
    struct writer w = writer_of(opening_room, sizeof opening_room);
    bool alone, more = opening_put(number, SLICE(E M R), &w, &alone);
    assert_false(w.overflow);
    *ret_octets = writer_slice(&w);
    return more;
}

/* What the opening of every campaign tries. */
static const struct slice tried[] = {
    SLICE_INIT("x\n.\nNOOP"),
    SLICE_INIT("x\n.\r\nNOOP"),
    SLICE_INIT("x\r\n.\nNOOP"),
    SLICE_INIT("x\r.\rNOOP"),
    SLICE_INIT("x\r.\r\nNOOP"),
    SLICE_INIT("x\r\r\n.\r\r\nNOOP"),
    SLICE_INIT("x\0\r\n.\r\nNOOP"),
    SLICE_INIT("x\r\n.\r\n\0NOOP"),
    SLICE_INIT("BDAT 65\r\n"),
    SLICE_INIT("BDAT 1025 LAST\r\n"),
    SLICE_INIT("BDAT 4097 LAST\r\n"),
    SLICE_INIT("RCPT TO:<\"a b\"@example.test>\r\n"),
    SLICE_INIT("DATA\r\nRSET\r\n"),
    SLICE_INIT(".\r\nNOOP\r\nXNONE\r\n"),
    SLICE_INIT(R "AUTH PLAIN\r\n*"),
    SLICE_INIT(R R R R R R R R R R),
    SLICE_INIT("MAIL FROM:<(((((((("),
    SLICE_INIT("From: \\\\\\\\\\\\"),
    SLICE_INIT("VRFY %n%n"),
    SLICE_INIT("EXPN %n%n"),
    SLICE_INIT("EHLO [IPv6:1\r\n"),
    SLICE_INIT("DATA\r\n.aaaa"),
    SLICE_INIT("SIZE=18446744073709551616\r\nBDAT 18446744073709551616\r\n"),
    SLICE_INIT("SIZE=9\r\n" R "DATA\r\nSubject: x"),
    SLICE_INIT("SIZE=20\r\n" R "BDAT 26 LAST\r\nSubject: x"),
};
static const size_t line_lengths[] = {511, 512, 513, 999, 1000, 1001, 1025, 2049, 4095, 4096, 4097};

static bool has_line_of(struct slice octets, size_t length)
{
    for (size_t end; octets.len > 0; octets = slice_from(octets, end + 1)) {
        end = slice_find(octets, '\n');
        if (end + 1 == length)
            return true;
        if (end == octets.len)
            break;
    }
    return false;
}

/* At each octet around the border 4096 of the stream, there is a dialogue whose line ends there. */
static bool ends_line_at(struct slice octets, size_t at)
{
    return octets.len > at + 64 && octets.ptr[at - 1] == '\n' && octets.ptr[at - 2] == '\r' &&
           octets.ptr[at - 64 - 1] == '\n';
}

static void test_opening(void **state)
{
    (void)state;
    bool seen[sizeof tried / sizeof *tried] = {false}, lines[16] = {false}, ends[3] = {false};
    struct slice octets;
    for (size_t number = 0; open_with(number, &octets); number++) {
        for (size_t i = 0; i < sizeof tried / sizeof *tried; i++)
            seen[i] = seen[i] || slice_holds(octets, tried[i]);
        for (size_t i = 0; i < sizeof line_lengths / sizeof *line_lengths; i++)
            lines[i] = lines[i] || has_line_of(octets, line_lengths[i]);
        for (size_t i = 0; i < 3; i++)
            ends[i] = ends[i] || ends_line_at(octets, 4096 + i);
        for (unsigned whole = 0; whole < 2; whole++) {
            play(octets, NULL, whole == 1);
            if (session_suspicious(&session))
                fail_msg("no fault, but of dialogue %zu, in one write %u: %s", number, whole,
                         oracle_rows[session.oracle].name);
        }
    }
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++)
        if (!seen[i])
            fail_msg("not tried: row %zu", i);
    for (size_t i = 0; i < sizeof line_lengths / sizeof *line_lengths; i++)
        if (!lines[i])
            fail_msg("not tried: a line of %zu octets", line_lengths[i]);
    assert_true(ends[0] && ends[1] && ends[2]);
}

/* It finds each look-alike that the reference server can be made to take, AUTH in a transaction,
 * and what is left of one, whatever ended it. */
static void test_opening_finds(void **state)
{
    (void)state;
    static const char *const faults[] = {"lf-first-lf-dot-lf",
                                         "lf-first-lf-dot-crlf",
                                         "lf-first-crlf-dot-lf",
                                         "lf-dot-lf",
                                         "lf-dot-crlf",
                                         "crlf-dot-lf",
                                         "cr-dot-crlf",
                                         "auth-in-mail",
                                         "rset-keeps",
                                         "ehlo-keeps",
                                         "helo-keeps",
                                         "data-keeps",
                                         "bdat-keeps",
                                         "rejected-mail-opens",
                                         "data-after-refused",
                                         "nested-mail",
                                         "size-ends",
                                         "bdat-once",
                                         "hundred-closes"};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct slice octets;
        bool found = false;
        for (size_t number = 0; !found && open_with(number, &octets); number++) {
            play(octets, faults[i], true);
            if (session_suspicious(&session))
                play(octets, faults[i], false);
            found = session.oracle != ORACLE_NONE && !memory.whole;
        }
        if (!found)
            fail_msg("%s: not found", faults[i]);
    }
}

/* What was said, a write a line that ends with "|". */
static struct {
    char text[2000];
    size_t len;
} writes;

static bool say_and_note(void *context, struct slice octets)
{
    (void)context;
    assert_true(writes.len + octets.len + 1 < sizeof writes.text);
    memcpy(writes.text + writes.len, octets.ptr, octets.len);
    writes.len += octets.len;
    writes.text[writes.len++] = '|';
    return true;
}

static enum session_heard hear_silence(void *context, enum session_wait wait,
                                       struct smtp_reply *ret_reply, int *ret_error)
{
    enum session_heard heard = hear_next(context, wait, ret_reply, ret_error);
    return heard == SESSION_CLOSED ? SESSION_NOTHING : heard;
}

#define P "250-x\r\n250 PIPELINING|"

/* RFC 2920 3.1: what leaves in one write, and what is said of a reply that does not come then. */
static const struct {
    const char *what;
    struct slice in;
    const char *writes, *replies;
    bool closes;
    enum oracle oracle;
    size_t at;
} groups[] = {
    {"it is not announced", SLICE_INIT(E M R), E "|" M "|" R "|", "220 x|250 x|250 x|250 x", false,
     ORACLE_NONE, 0},
    {"it is", SLICE_INIT(E M R), E "|" M R "|", "220 x|" P "250 x|250 x", false, ORACLE_NONE, 0},
    {"HELO ends it", SLICE_INIT(E "HELO c\r\n" M R), E "|HELO c\r\n|" M "|" R "|",
     "220 x|" P "250 x|250 x|250 x", false, ORACLE_NONE, 0},
    {"DATA is waited for", SLICE_INIT(E M R D "NOOP\r\n" M),
     E "|" M R "DATA\r\n|From: a@b.example\r\n\r\nx\r\n.\r\nNOOP\r\n" M "|",
     "220 x|" P "250 x|250 x|354 x|250 x|250 x|250 x", false, ORACLE_NONE, 0},
    {"AUTH is not", SLICE_INIT(E "AUTH LOGIN\r\n*\r\nNOOP\r\n"), E "|AUTH LOGIN\r\n*\r\nNOOP\r\n|",
     "220 x|" P "334 x|501 x|250 x", false, ORACLE_NONE, 0},
    {"its answer is lost", SLICE_INIT(E "AUTH LOGIN\r\n*\r\nNOOP\r\n"),
     E "|AUTH LOGIN\r\n*\r\nNOOP\r\n|", "220 x|" P "334 x", false, ORACLE_PIPELINED_NO_REPLY, 3},
    {"a chunk is not", SLICE_INIT(E "BDAT 6\r\nDATA\r\nNOOP\r\n"),
     E "|BDAT 6\r\nDATA\r\n|NOOP\r\n|", "220 x|" P "503 x|250 x", false, ORACLE_NONE, 0},
    {"the second reply is lost", SLICE_INIT(E "RCPT\r\nNOOP\r\n"), E "|RCPT\r\nNOOP\r\n|",
     "220 x|" P "501 x", false, ORACLE_PIPELINED_NO_REPLY, 3},
    {"or it closes", SLICE_INIT(E "RCPT\r\nNOOP\r\n"), E "|RCPT\r\nNOOP\r\n|", "220 x|" P "501 x",
     true, ORACLE_NONE, 0},
    {"a line that can be read in two ways", SLICE_INIT(E "RCPT\n\r\nNOOP\r\n"),
     E "|RCPT\n\r\nNOOP\r\n|", "220 x|" P "501 x", false, ORACLE_NONE, 0},
    {"TLS begins", SLICE_INIT(E "STARTTLS\r\nNOOP\r\n"), E "|STARTTLS\r\n|NOOP\r\n|",
     "220 x|" P "220 x", false, ORACLE_NONE, 0},
    {"what else is wrong is for those who wait", SLICE_INIT(E R "NOOP\r\n"), E "|" R "NOOP\r\n|",
     "220 x|" P "250 x|250 x", false, ORACLE_NONE, 0},
};

static void test_groups(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        writes.len = 0;
        put_replies(groups[i].replies);
        session_play(&session, groups[i].in,
                     &(struct session_line){.say = say_and_note,
                                            .hear = groups[i].closes ? hear_next : hear_silence,
                                            .groups = true});
        writes.text[writes.len] = '\0';
        if (session.oracle != groups[i].oracle || (groups[i].at != 0 && session.at != groups[i].at))
            fail_msg("%s: %s at %zu", groups[i].what, oracle_rows[session.oracle].name, session.at);
        if (strcmp(writes.text, groups[i].writes) != 0)
            fail_msg("%s: %s", groups[i].what, writes.text);
    }
}

/* A line with octets that no command has, and is one: a reply is due. */
static const struct {
    const char *what;
    struct slice in;
    const char *replies;
    enum oracle oracle;
} odd_lines[] = {
    {"NUL", SLICE_INIT(E "NOOP\0\r\n"), "220 x|250 x", ORACLE_NO_REPLY},
    {"one of eight bits", SLICE_INIT(E "VRFY \x85\r\n"), "220 x|250 x", ORACLE_NO_REPLY},
    {"NUL, answered twice", SLICE_INIT(E "NOOP\0\r\n"), "220 x|250 x|500 x|500 x",
     ORACLE_EXTRA_REPLY},
    {"no line at all", SLICE_INIT(E "NOOP\0\n"), "220 x|250 x", ORACLE_NONE},
    {"two, perhaps", SLICE_INIT(E "NOOP\0\n\r\n"), "220 x|250 x", ORACLE_NONE},
    {"a chunk, perhaps", SLICE_INIT(E "BDAT 6\0\r\nx\r\n"), "220 x|250 x", ORACLE_NONE},
    {"an empty one", SLICE_INIT(E "\r\n"), "220 x|250 x", ORACLE_NONE},
    {"a line behind STARTTLS", SLICE_INIT(E "STARTTLS\r\nNOOP\r\n\x16"), "220 x|250 x",
     ORACLE_NO_REPLY},
    {"half a line behind it", SLICE_INIT(E "STARTTLS\r\nN\x16"), "220 x|250 x", ORACLE_NONE},
    {"what is refused did nothing", SLICE_INIT(E "MAIL\0\r\n" R), "220 x|250 x|500 x|250 x",
     ORACLE_RCPT_WITHOUT_MAIL},
    {"what is taken may be anything", SLICE_INIT(E "MAIL\0\r\n" R), "220 x|250 x|250 x|250 x",
     ORACLE_NONE},
    {"UTF-8 that was asked for", SLICE_INIT(E "VRFY a SMTPUTF8\r\nQUIT\r\n"),
     "220 x|250 x|250 \xc3\xa9|221 x", ORACLE_NONE},
    {"and was not", SLICE_INIT(E "VRFY a\r\nQUIT\r\n"), "220 x|250 x|250 \xc3\xa9|221 x",
     ORACLE_REPLY_EIGHT_BIT},
    {"no UTF-8", SLICE_INIT(E "VRFY a SMTPUTF8\r\nQUIT\r\n"), "220 x|250 x|250 \xe9|221 x",
     ORACLE_REPLY_EIGHT_BIT},
};

static void test_odd_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof odd_lines / sizeof *odd_lines; i++) {
        put_replies(odd_lines[i].replies);
        session_play(
            &session, odd_lines[i].in,
            &(struct session_line){.say = say_nothing, .hear = hear_silence, .steps = true});
        if (session.oracle != odd_lines[i].oracle)
            fail_msg("%s: %s", odd_lines[i].what, oracle_rows[session.oracle].name);
    }
}

/* What a server makes of MAIL where it waits for an answer to its challenge, and RCPT behind it. */
static const struct {
    const char *replies;
    enum oracle oracle;
} answers[] = {
    {"220 x|250 x|334|250 x|250 x", ORACLE_AUTH_ANSWER_RUN}, /* Haraka */
    {"220 x|250 x|334|354 x", ORACLE_AUTH_ANSWER_RUN},
    {"220 x|250 x|334|501 x|503 x", ORACLE_NONE},
    {"220 x|250 x|334|235 x|503 x", ORACLE_NONE},
    {"220 x|250 x|334|334|535 x", ORACLE_NONE},
    {"220 x|250 x|334|221 x", ORACLE_NONE},
};

static void test_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        put_replies(answers[i].replies);
        session_play(&session, SLICE(E "AUTH PLAIN\r\n" M R),
                     &(struct session_line){.say = say_nothing, .hear = hear_next, .steps = true});
        if (session.oracle != answers[i].oracle)
            fail_msg("%s: %s", answers[i].replies, oracle_rows[session.oracle].name);
    }
}

/* A reply that is lost in a group, as a script that says the group. */
static void test_script_of_group(void **state)
{
    (void)state;
    uint8_t room[1000];
    struct writer w = writer_of(room, sizeof room);
    put_replies("220 x|" P "250 x|501 x");
    session_play(&session, SLICE(E M "RCPT\r\nNOOP\r\n" M),
                 &(struct session_line){.say = say_nothing, .hear = hear_silence, .groups = true});
    finding_script(&session, &w);
    char name[160];
    name[session_name(&session, name, sizeof name - 1)] = '\0';
    assert_string_equal(name, "pipelined-no-reply");
    struct slice script = writer_slice(&w);
    assert_true(slice_equal(
        slice_from(script, slice_find(script, '\n') + 1),
        SLICE("S: 220\nC: EHLO client.example\nS: 250\nC: MAIL FROM:<a@b.example>\nC: RCPT\nC: "
              "NOOP\nS: *\nS: *\nS: *\n")));
}

/* The reference server, with the clause broken and without. */
static void test_groups_of_reference(void **state)
{
    (void)state;
    struct slice octets;
    play_groups(SLICE(E M R), "pipelining-loses");
    assert_int_equal(session.oracle, ORACLE_PIPELINED_NO_REPLY);
    for (size_t number = 0; open_with(number, &octets); number++) {
        play_groups(octets, NULL);
        if (session.oracle != ORACLE_NONE)
            fail_msg("dialogue %zu: %s", number, oracle_rows[session.oracle].name);
    }
}

/* It closes without a reply to MAIL, whose predecessor it refused or not. */
static const struct {
    const char *what, *replies;
    bool steps, leaves; /* before it hears MAIL */
    enum oracle oracle;
    bool doubtful;
} closings[] = {
    {"behind a refusal, before MAIL", "220 x|250 x|500 x", true, true, ORACLE_NONE, false},
    {"behind a refusal, at MAIL", "220 x|250 x|500 x", true, false, ORACLE_CLOSED, false},
    {"behind a refusal, in one write", "220 x|250 x|500 x", false, false, ORACLE_NONE, true},
    {"behind 250, before MAIL", "220 x|250 x|250 x", true, true, ORACLE_CLOSED, false},
    {"behind 250, in one write", "220 x|250 x|250 x", false, false, ORACLE_CLOSED, false},
    {"behind 421, in one write", "220 x|250 x|421 x", false, false, ORACLE_NONE, false},
};

static void test_closings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof closings / sizeof *closings; i++) {
        put_replies(closings[i].replies);
        session_play(&session, SLICE(E "NOOP\r\n" M),
                     &(struct session_line){.say = say_nothing,
                                            .hear = closings[i].leaves ? hear_leaving : hear_next,
                                            .steps = closings[i].steps});
        if (session.oracle != closings[i].oracle || session.doubtful != closings[i].doubtful)
            fail_msg("%s: %s, doubtful: %d", closings[i].what, oracle_rows[session.oracle].name,
                     session.doubtful);
        assert_int_equal(session_suspicious(&session),
                         closings[i].doubtful || closings[i].oracle != ORACLE_NONE);
    }
}

static size_t marks_of(uint8_t *marks, const char *in)
{
    size_t count = 0;
    play(slice_of_cstr(in), NULL, false);
    feature_mark(marks, &session, 100);
    for (size_t i = 0; i < FEATURE_COUNT; i++)
        count += marks[i];
    return count;
}

/* What repeats is not new; a reply in another place is. */
static void test_features(void **state)
{
    (void)state;
    static uint8_t marks[FEATURE_COUNT];
    size_t first = marks_of(marks, E "NOOP\r\nNOOP\r\nNOOP\r\n");
    assert_true(first > 0);
    assert_int_equal(marks_of(marks, E "NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n"), first);
    size_t second = marks_of(marks, E "NOOP\r\nRCPT\r\nNOOP\r\n");
    assert_true(second > first);
    assert_true(marks_of(marks, E M R "NOOP\r\n") > second);
}

/* The last transition of a dialogue. */
struct transition {
    const char *fault;
    struct slice in;
    const char *from, *said;
    unsigned code;
    const char *to;
    bool wrong;
};

static const struct transition transitions[] = {
    {NULL, SLICE_INIT(""), "connected", "the greeting", 220, "greeted", false},
    {NULL, SLICE_INIT(E), "greeted", "EHLO", 250, "after EHLO", false},
    {NULL, SLICE_INIT("RSET\r\n"), "greeted", "RSET", 250, "after RSET, no EHLO", false},
    {NULL, SLICE_INIT(E R), "after EHLO", "RCPT", 503, "after EHLO", false},
    {NULL, SLICE_INIT(E "XYZZY\r\n"), "after EHLO", "unknown verbs", 500, "after EHLO", false},
    {NULL, SLICE_INIT(E M), "after EHLO", "MAIL", 250, "MAIL taken", false},
    {NULL, SLICE_INIT(E M "RSET\r\n"), "MAIL taken", "RSET", 250, "after RSET", false},
    {NULL, SLICE_INIT(E M R), "MAIL taken", "RCPT", 250, "RCPT taken", false},
    {NULL, SLICE_INIT(E M R R), "RCPT taken", "RCPT", 250, "RCPT taken", false},
    {NULL, SLICE_INIT(E M R "DATA\r\n"), "RCPT taken", "DATA", 354, "in the message", false},
    {NULL, SLICE_INIT(E M R D), "in the message", "end of data", 250, "after a message", false},
    {NULL, SLICE_INIT(E M R D E), "after a message", "EHLO", 250, "after EHLO", false},
    {NULL, SLICE_INIT(E M R "BDAT 3\r\nx\r\n"), "RCPT taken", "BDAT", 250, "between chunks", false},
    {NULL, SLICE_INIT(E M R "BDAT 3 last\r\nx\r\n"), "RCPT taken", "BDAT", 250,
     "after the last chunk", false},
    {NULL, SLICE_INIT(E "AUTH CRAM-MD5\r\n"), "after EHLO", "AUTH", 334, "in AUTH", false},
    {"auth-any",
     SLICE_INIT(E "AUTH CRAM-MD5\r\ndGVzdGVyIDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw\r\n"),
     "in AUTH", "AUTH answer", 235, "after EHLO, signed in", false},
    {NULL, SLICE_INIT(E "AUTH CRAM-MD5\r\n*\r\n"), "in AUTH", "AUTH answer", 501, "after EHLO",
     false},
    {"tls-never", SLICE_INIT(E "STARTTLS\r\n"), "after EHLO", "STARTTLS", 220, "TLS fails", false},
    {NULL, SLICE_INIT(E "QUIT\r\n"), "after EHLO", "QUIT", 221, "closed", false},
    {"rset-closes", SLICE_INIT(E "RSET\r\nNOOP\r\n"), "after RSET", "NOOP", 0, "closed", true},
    {"rset-keeps", SLICE_INIT(E M "RSET\r\n" R), "after RSET", "RCPT", 250,
     "RCPT taken without MAIL", true},
    {"data-before-rcpt", SLICE_INIT(E M D), "in a message to nobody", "end of data", 250,
     "after a message", true},
};

static struct graph graph;

static bool is_named(unsigned number, const char *name)
{
    char text[80];
    struct writer w = writer_of(text, sizeof text);
    graph_state_name(number, &w);
    return slice_equal(writer_slice(&w), slice_of_cstr(name));
}

static uint64_t count_of(const struct transition *row, bool exact)
{
    struct graph_transition t;
    for (size_t i = 0; i < GRAPH_TRANSITIONS; i++)
        if (graph_at(&graph, i, &t) && is_named(t.from, row->from) && is_named(t.to, row->to) &&
            t.code == row->code && t.wrong == (exact && row->wrong) &&
            slice_equal(graph_label_name(t.label), slice_of_cstr(row->said)))
            return t.count;
    return 0;
}

/* Step by step and in one write the same transitions are seen, but only exactly are they blamed. */
static void test_graph(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof transitions / sizeof *transitions; i++)
        for (unsigned exact = transitions[i].code == 0; exact < 2; exact++) {
            memset(&graph, 0, sizeof graph);
            play(transitions[i].in, transitions[i].fault, exact == 0);
            graph_add(&graph, &session, exact == 1);
            graph_add(&graph, &session, exact == 1);
            if (count_of(&transitions[i], exact == 1) < 2)
                fail_msg("row %zu: %s: %s, exactly %u", i, transitions[i].from, transitions[i].said,
                         exact);
        }
}

/* What is said under TLS leads on from there; in one write, nothing is. */
static void test_graph_under_tls(void **state)
{
    (void)state;
    static const struct transition rows_under_tls[] = {
        {NULL, SLICE_INIT(E T), "after EHLO", "STARTTLS", 220, "greeted, under TLS", false},
        {NULL, SLICE_INIT(E T M), "greeted, under TLS", "MAIL", 503, "greeted, under TLS", false},
        {NULL, SLICE_INIT(E T E), "greeted, under TLS", "EHLO", 250, "after EHLO, under TLS",
         false},
        {NULL, SLICE_INIT(E T E M R D), "in the message, under TLS", "end of data", 250,
         "after a message, under TLS", false},
        {"tls-keeps-state", SLICE_INIT(E M T R), "greeted, under TLS", "RCPT", 250,
         "RCPT taken without MAIL, no EHLO, under TLS", true},
        {NULL, SLICE_INIT(E T "QUIT\r\n"), "greeted, under TLS", "QUIT", 221, "closed", false},
    };
    for (size_t i = 0; i < sizeof rows_under_tls / sizeof *rows_under_tls; i++) {
        memset(&graph, 0, sizeof graph);
        play(rows_under_tls[i].in, rows_under_tls[i].fault, false);
        graph_add(&graph, &session, true);
        if (count_of(&rows_under_tls[i], true) != 1)
            fail_msg("row %zu", i);
    }
}

/* Labels are found by their names; whatever is said, a state has a name and the table its bound. */
static void test_graph_of_mutants(void **state)
{
    (void)state;
    static uint8_t room[2][2048];
    struct mutate m = {.random = 3};
    struct graph_transition t;
    unsigned label = 0;
    uint64_t counted = 0, distinct = 0;
    memset(&graph, 0, sizeof graph);
    for (size_t round = 0; round < 3000; round++) {
        struct slice text = rows[round % (sizeof rows / sizeof *rows)].in;
        for (size_t edits = 1 + mutate_random(&m, 8), i = 0; i < edits; i++)
            text = slice_of(room[i % 2], mutate_dialogue(&m, text, room[i % 2], sizeof room[0]));
        play(text, NULL, false);
        graph_add(&graph, &session, true);
    }
    for (size_t i = 0; i < GRAPH_TRANSITIONS; i++) {
        if (!graph_at(&graph, i, &t))
            continue;
        char name[80];
        struct writer w = writer_of(name, sizeof name);
        graph_state_name(t.to, &w);
        assert_true(t.from < GRAPH_STATES && t.to < GRAPH_STATES && !w.overflow && w.len > 0);
        assert_false(graph_state_ends(t.from));
        assert_true(graph_label_find(graph_label_name(t.label), &label));
        assert_int_equal(label, t.label);
        counted += t.count;
        distinct++;
    }
    assert_true(counted > 3000 && distinct > 100);
    assert_int_equal(distinct, atomic_load(&graph.distinct));
    assert_false(graph_label_find(SLICE("no such"), &label));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_secured),
        cmocka_unit_test(test_auth_refused),
        cmocka_unit_test(test_boundaries),
        cmocka_unit_test(test_faults_in_one_write),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_bare_cr),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_odd_lines),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_script_of_group),
        cmocka_unit_test(test_groups_of_reference),
        cmocka_unit_test(test_closings),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_opening),
        cmocka_unit_test(test_opening_finds),
        cmocka_unit_test(test_mutants),
        cmocka_unit_test(test_features),
        cmocka_unit_test(test_graph),
        cmocka_unit_test(test_graph_under_tls),
        cmocka_unit_test(test_graph_of_mutants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
