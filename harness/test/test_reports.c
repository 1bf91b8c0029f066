/*
 * Every report, octet for octet: the same results through each writer, against the file in
 * harness/test/reports; and text from peers that means something in a report's own syntax.
 *
 * MAILDRILL_WRITE_REPORTS=1 writes the files anew, to be looked at before they are committed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "law.h"
#include "report/log.h"
#include "report/report.h"

static const struct slice source = SLICE_INIT("# first\n"
                                              "%test \"it greets\" rfc=5321#4.2 id=greets\n"
                                              "S: 220\n"
                                              "C: NOOP\n"
                                              "S: 250\n"
                                              "%test \"RCPT comes <first>\" rfc=5321#4.1.4\n"
                                              "S: 220\n"
                                              "C: RCPT TO:<a@b>\n"
                                              "S: 503 | warn 5xx\n"
                                              "%test \"a SHOULD\" rfc=5321#4.10 level=SHOULD\n"
                                              "S: 220\n");

struct fixture {
    struct script *script;
    struct report_server servers[2];
    struct report_run run;
};

static void set_up(struct fixture *f)
{
    struct script_options options = {.name = SLICE("a b.smtp")};
    f->script = script_load(source, &options);
    assert_int_equal(f->script->test_count, 3);
    f->servers[0] = (struct report_server){SLICE("one"), SLICE("smtp://127.0.0.1:25")};
    f->servers[1] = (struct report_server){SLICE("two"), SLICE("smtps://[::1]:465")};
    f->run = (struct report_run){.version = SLICE("0.0.0"),
                                 .started = SLICE("2026-01-02T03:04:05"),
                                 .servers = f->servers,
                                 .server_count = 2,
                                 .planned = 7};
}

static void say(struct log *log, enum engine_event_kind kind, size_t step, uint64_t at_ms,
                const char *text)
{
    struct engine_event event = {
        .kind = kind, .step = step, .now_ms = at_ms, .text = slice_of_cstr(text)};
    log_event(log, &event);
}

static void differ(struct log *log, size_t step, enum engine_fault fault,
                   enum engine_verdict verdict, const char *text, const char *sent)
{
    struct engine_event event = {.kind = ENGINE_EVENT_DIFFERED,
                                 .step = step,
                                 .now_ms = 1012,
                                 .taken_ms = 5,
                                 .fault = fault,
                                 .verdict = verdict,
                                 .text = slice_of_cstr(text),
                                 .sent = slice_of_cstr(sent)};
    log_event(log, &event);
}

/* The log of a result: a dialogue that goes as `r` says. */
static void make_log(struct log *log, const struct report_result *r)
{
    say(log, ENGINE_EVENT_RECEIVED, 0, 1001, "220-two\r\n220 lines\r\n");
    say(log, ENGINE_EVENT_MATCHED, 0, 1001, "");
    if (r->verdict == ENGINE_FAIL || r->flaky) {
        say(log, ENGINE_EVENT_SENT, 1, 1002, "RCPT TO:<a@b>");
        say(log, ENGINE_EVENT_RECEIVED, 2, 1012, "250 \"fine\" & \xe9 # \\ %\r\n");
        differ(log, 2, ENGINE_FAULT_CODE, ENGINE_FAIL, "250 \"fine\" & \xe9 # \\ %\r\n",
               "RCPT TO:<a@b>");
    } else if (r->verdict == ENGINE_WARN) {
        say(log, ENGINE_EVENT_SECURED, SCRIPT_NO_STEP, 1003, "TLSv1.3 AES");
        differ(log, 0, ENGINE_FAULT_TIMEOUT, ENGINE_WARN, "", "");
    } else if (r->verdict == ENGINE_ERROR) {
        say(log, ENGINE_EVENT_CLOSED, SCRIPT_NO_STEP, 1003, "");
    }
    struct engine_event last = {.step = SCRIPT_NO_STEP,
                                .kind = ENGINE_EVENT_VERDICT,
                                .now_ms = 1013,
                                .verdict = r->verdict,
                                .text = r->reason};
    log_event(log, &last);
}

static const struct {
    size_t test, server;
    enum engine_verdict verdict;
    const char *reason;
    bool flaky, failed;
    enum report_baseline baseline;
    const char *baseline_reason;
} results[] = {
    {0, 0, ENGINE_PASS, "", false, false, REPORT_NOT_LISTED, ""},
    {0, 1, ENGINE_SKIP, "needs creds (--user and --pass)", false, false, REPORT_NOT_LISTED, ""},
    {1, 0, ENGINE_FAIL, "", false, true, REPORT_NOT_LISTED, ""},
    {1, 1, ENGINE_FAIL, "", false, false, REPORT_EXPECTED, "bug 7: <later>"},
    {1, 0, ENGINE_PASS, "", false, true, REPORT_UNEXPECTED_PASS, "bug 8"},
    {1, 1, ENGINE_PASS, "", true, false, REPORT_NOT_LISTED, ""},
    {2, 0, ENGINE_WARN, "", false, false, REPORT_NOT_LISTED, ""},
    {2, 1, ENGINE_ERROR, "connection refused", false, false, REPORT_NOT_LISTED, ""},
};

static void write_report(const struct fixture *f, const struct report_kind *kind,
                         struct buffer *out)
{
    struct report_end end = {
        .taken_ms = 1234, .not_played = 1, .stopped = SLICE("it died"), .dead = true};
    void *state = kind->begin(buffer_sink(out), &f->run);
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        struct log log = {.count = 0};
        const struct script_test *test = &f->script->tests[results[i].test];
        struct report_result r = {.script = f->script,
                                  .test = test,
                                  .id = test->id.len > 0 ? test->id : SLICE("a b.smtp#x"),
                                  .server = results[i].server,
                                  .verdict = results[i].verdict,
                                  .reason = slice_of_cstr(results[i].reason),
                                  .taken_ms = 12,
                                  .attempts = results[i].flaky ? 2 : 1,
                                  .flaky = results[i].flaky,
                                  .repeat = i >= 4 && i < 6 ? 2 : 1,
                                  .repeats = 2,
                                  .baseline = results[i].baseline,
                                  .baseline_reason = slice_of_cstr(results[i].baseline_reason),
                                  .failed = results[i].failed,
                                  .began_ms = 1000};
        make_log(&log, &r);
        log_result(&log, &r);
        kind->result(state, &r);
        report_count(&end.totals, &r);
        log_free(&log);
    }
    kind->end(state, &end);
}

static struct buffer read_file(const char *path)
{
    struct buffer octets = {.ptr = NULL};
    char piece[4096];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return octets;
    for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;)
        buffer_put(&octets, slice_of(piece, got));
    fclose(file);
    return octets;
}

static void write_file(const char *path, struct slice octets)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(octets.ptr, 1, octets.len, file), octets.len);
    fclose(file);
}

static void test_every_kind(void **state)
{
    struct fixture f;
    (void)state;
    set_up(&f);
    for (size_t i = 0; i < report_kind_count; i++) {
        char path[128];
        struct buffer got = {.ptr = NULL};
        snprintf(path, sizeof path, "harness/test/reports/%s", report_kinds[i].name);
        write_report(&f, &report_kinds[i], &got);
        if (getenv("MAILDRILL_WRITE_REPORTS") != NULL)
            write_file(path, buffer_slice(&got));
        struct buffer expected = read_file(path);
        if (!slice_equal(buffer_slice(&got), buffer_slice(&expected)))
            fail_msg("the %s report is not %s but:\n%.*s", report_kinds[i].name, path, (int)got.len,
                     (const char *)got.ptr);
        buffer_free(&got);
        buffer_free(&expected);
    }
    script_free(f.script);
}

/* A reason with every octet that some syntax minds, and what stands for it. */
static void test_syntax_of_peers(void **state)
{
    static const struct {
        const char *kind;
        struct slice reason;
        const char *holds;
    } rows[] = {
        {"tap", SLICE_INIT("a # SKIP b\\\n1..9"), "# SKIP a \\# SKIP b\\\\\\\\x0a1..9\n"},
        {"junit", SLICE_INIT("<&>\"\x01\xef\xbf\xbe]]>"),
         "message=\"&lt;&amp;&gt;&quot;\\x01\\xef\\xbf\\xbe]]&gt;\""},
        {"json", SLICE_INIT("\"\\\x01"), "\"text\":\"\\\"\\\\\\u0001\""},
        {"json", SLICE_INIT("\xff"), "\"text\":{\"hex\":\"ff\"}"},
        {"html", SLICE_INIT("</pre><script>alert('1')</script>&\""),
         "<span "
         "class=\"reason\">&lt;/pre&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;</"
         "span>"},
        {"pretty", SLICE_INIT("\x1b[2J"), ": \\x1b[2J\n"},
        {"matrix", SLICE_INIT("\x1b[2J"), "\\x1b[2J\n"},
    };
    struct fixture f;
    (void)state;
    set_up(&f);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer out = {.ptr = NULL};
        struct log log = {.count = 0};
        const struct report_kind *kind = report_kinds;
        while (strcmp(kind->name, rows[i].kind) != 0)
            kind++;
        struct report_result r = {.script = f.script,
                                  .test = &f.script->tests[0],
                                  .id = SLICE("x"),
                                  .verdict = ENGINE_SKIP,
                                  .reason = rows[i].reason,
                                  .attempts = 1,
                                  .repeat = 1,
                                  .repeats = 1};
        struct report_result other = r;
        void *s = kind->begin(buffer_sink(&out), &f.run);
        struct engine_event event = {.kind = ENGINE_EVENT_VERDICT, .text = r.reason};
        log_event(&log, &event);
        log_result(&log, &r);
        kind->result(s, &r);
        other.server = 1;
        other.verdict = ENGINE_PASS;
        other.reason = SLICE("");
        kind->result(s, &other);
        kind->end(s, &(struct report_end){.totals = {.skip = 1}});
        buffer_put(&out, slice_of("", 1));
        if (strstr((const char *)out.ptr, rows[i].holds) == NULL)
            fail_msg("row %zu: %s lacks %s:\n%s", i, rows[i].kind, rows[i].holds,
                     (const char *)out.ptr);
        buffer_free(&out);
        log_free(&log);
    }
    script_free(f.script);
}

/* Workflow commands: https://github.com/actions/toolkit packages/core/src/command.ts */
static void test_annotation_escapes(void **state)
{
    struct script_options options = {.name = SLICE("a,b:c%.smtp")};
    struct buffer out = {.ptr = NULL};
    struct report_server server = {SLICE("s"), SLICE("s")};
    struct report_run run = {.servers = &server, .server_count = 1};
    (void)state;
    struct script *script = script_load(SLICE("%test \"50%: a, b\"\nS: 220\n"), &options);
    const struct report_kind *kind = report_kinds;
    while (strcmp(kind->name, "annotations") != 0)
        kind++;
    void *s = kind->begin(buffer_sink(&out), &run);
    struct report_result r = {.script = script,
                              .test = &script->tests[0],
                              .verdict = ENGINE_ERROR,
                              .reason = SLICE("100%: x, y\r\n::error::z")};
    kind->result(s, &r);
    kind->end(s, &(struct report_end){.taken_ms = 0});
    static const struct slice expected =
        SLICE_INIT("::error file=a%2Cb%3Ac%25.smtp,line=1,col=1,title=50%25%3A a%2C b::"
                   "100%25: x, y\\x0d\\x0a::error::z\n");
    if (!slice_equal(buffer_slice(&out), expected))
        fail_msg("%.*s", (int)out.len, (const char *)out.ptr);
    buffer_free(&out);
    script_free(script);
}

/* A flood leaves the verdict and what it rests on. */
static void test_log_is_bounded(void **state)
{
    static char flood[100000];
    struct log log = {.count = 0};
    struct report_result r = {.began_ms = 0};
    (void)state;
    memset(flood, 'x', sizeof flood - 1);
    for (size_t i = 0; i < 10000; i++)
        say(&log, ENGINE_EVENT_RECEIVED, 0, 0, flood);
    differ(&log, 0, ENGINE_FAULT_UNREAD, ENGINE_FAIL, flood, "");
    say(&log, ENGINE_EVENT_VERDICT, 0, 0, "the end");
    log_result(&log, &r);
    assert_true(log.octets.capacity < 4 * LOG_OCTETS);
    assert_int_equal(r.dropped + r.event_count, 10002);
    assert_int_equal(r.events[r.event_count - 1].kind, ENGINE_EVENT_VERDICT);
    assert_true(slice_equal(r.events[r.event_count - 1].text, SLICE("the end")));
    assert_int_equal(report_first_difference(&r)->fault, ENGINE_FAULT_UNREAD);
    log_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_syntax_of_peers),
        cmocka_unit_test(test_annotation_escapes),
        cmocka_unit_test(test_log_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
