/*
 * The engine, driven by arrays: each row is a script, what the peer sends, and what comes of it.
 * Every row is played with the peer's turns whole and in small pieces.
 */
#include <stdio.h>

#include "engine/engine.h"
#include "law.h"

#define HELLO "S: 220\nC: EHLO ${client}\nS: 250\n"

enum { STAYS, CLOSES, LOST }; /* what the peer does when its octets are out */

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

#define CLIENT ENGINE_CLIENT, false, ENGINE_MATCH_ENHANCED
#define REPLAY ENGINE_CLIENT, true, ENGINE_MATCH_CODE
#define SERVER ENGINE_SERVER, false, ENGINE_MATCH_CODE

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
    {"a decisive line that passes", HELLO "C: A\nS: 503 | warn 5xx | unclear 421\n", SLICE_INIT("220 a\r\n250 b\r\n503 c\r\n"),
     STAYS, CLIENT, "ok 1, ok 3, ok 5, pass"},
    {"... that warns", HELLO "C: A\nS: 503 | warn 5xx | unclear 421\n", SLICE_INIT("220 a\r\n250 b\r\n501 c\r\n"),
     STAYS, CLIENT, "ok 1, ok 3, diff 5 reply code differs, warn"},
    {"... that says nothing", HELLO "C: A\nS: 503 | warn 5xx | unclear 421\n", SLICE_INIT("220 a\r\n250 b\r\n421 c\r\n"),
     STAYS, CLIENT, "ok 1, ok 3, diff 5 reply code differs, skip: inconclusive"},
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
    {"a requirement of the command line", "%require creds\nS: 220\n", SLICE_INIT(""), STAYS, CLIENT, "skip: needs creds"},
    {"a variable without a value", "S: 220\nC: ${rcpt}\n", SLICE_INIT(""), STAYS, CLIENT,
     "skip: no value for the variable rcpt"},
    {"claims on EHLO", HELLO "%ehlo +SIZE -DSN +AUTH=PLAIN\n", SLICE_INIT("220 a\r\n250-b\r\n250-auth login plain\r\n250 size 1\r\n"),
     STAYS, CLIENT, "ok 1, ok 3, ok 4, pass"},
    {"a claim that does not hold", HELLO "%ehlo -SIZE\n", SLICE_INIT("220 a\r\n250-b\r\n250 SIZE 1\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, diff 4 EHLO does not announce what it should, fail"},
    {"quiet", "S: 220\n%quiet 1s\nC: A\nS: 250\n", SLICE_INIT("220 a\r\n"), STAYS, CLIENT,
     "ok 1, ok 2, diff 4 no answer in time, error"},
    {"not quiet", "S: 220\nC: A\nS: 250\n%quiet 1s\n", SLICE_INIT("220 a\r\n\f250 b\r\n250 c\r\n"), STAYS, CLIENT,
     "ok 1, ok 3, diff 4 octets arrived that nothing asked for, fail"},
    {"octets before the handshake", "S: 220\nC: STARTTLS\nS: 220\n%tls\nC: A\nS: 250\n", SLICE_INIT("220 a\r\n\f220 b\r\n250 c\r\n"),
     STAYS, CLIENT, "ok 1, ok 3, diff 4 octets arrived that nothing asked for, fail"},
    {"TLS", "S: 220\nC: STARTTLS\nS: 220\n%tls\n", SLICE_INIT("220 a\r\n220 b\r\n"), STAYS, CLIENT, "ok 1, ok 3, tls, ok 4, pass"},

    {"a replay goes on", "S: 220\nC: A\nS: 250\nC: QUIT\nS: 221\n", SLICE_INIT("220 a\r\n500 b\r\n221 c\r\n"), STAYS, REPLAY,
     "ok 1, diff 3 reply code differs, ok 5, fail"},
    {"a message that is not asked for is not sent", "S: 220\nC: DATA\nS: 354\nC: QUIT\nC: .\nS: 250\nC: QUIT\nS: 221\n",
     SLICE_INIT("220 a\r\n503 b\r\n221 c\r\n"), STAYS, REPLAY, "ok 1, diff 3 reply code differs, over 6, ok 8, fail"},
    {"credentials that are not asked for are not sent",
     "S: 220\nC: AUTH LOGIN\nS: 334\nC: eA==\nS: 334\nC: eA==\nS: 235\nC: QUIT\nS: 221\n",
     SLICE_INIT("220 a\r\n503 b\r\n221 c\r\n"), STAYS, REPLAY, "ok 1, diff 3 reply code differs, over 5, over 7, ok 9, fail"},
    {"a challenge that is not expected is cancelled", "S: 220\nC: AUTH PLAIN\nS: 535\nC: QUIT\nS: 221\n",
     SLICE_INIT("220 a\r\n334 \r\n501 b\r\n221 c\r\n"), STAYS, REPLAY, "ok 1, diff 3 reply code differs, note, ok 5, fail"},
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
    {"a server cannot play a pattern", "S~: ^2\n", SLICE_INIT(""), STAYS, SERVER,
     "error: a server cannot answer with a pattern (S~:)"},
};
/* clang-format on */

/* ---- one play
 * ------------------------------------------------------------------------------------- */

struct log {
    const struct script_test *test;
    char text[1024];
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
        note(log, "tls", event, "");
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
    engine_receive(engine, copy, now);
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
        } else if (wants & ENGINE_WANTS_TLS) {
            engine_secured(engine, SLICE("TLS"), now);
        } else if (wants & ENGINE_WANTS_CLOSE) {
            engine_closed(engine, now);
        } else if (rest.len > 0) {
            size_t turn = turn_of(row, rest);
            size_t take = piece < turn ? piece : turn;
            give(engine, slice_sub(rest, 0, take), now);
            rest = slice_from(rest, take);
            if (rest.len > 0 && rest.ptr[0] == '\f')
                rest = slice_from(rest, 1);
        } else if (!ended && row->end != STAYS) {
            ended = true;
            engine_eof(engine, row->end == LOST, now);
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(table)};
    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
