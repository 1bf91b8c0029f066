#include "report/junit.h"

#include <stdlib.h>

#include "report/buffer.h"

/* One file against one server: written once all its tests are known, since its counts come first.
 */
struct suite {
    struct buffer cases;   /* its testcase elements; empty: no test yet */
    struct buffer remarks; /* what JUnit has no word for: system-out */
    size_t tests, failures, errors, skipped;
    uint64_t taken_ms;
};

struct junit {
    struct sink sink;
    const struct report_run *run;
    const struct script *script; /* whose suites are open */
    struct suite *suites;        /* one a server */
    size_t written;              /* suites: their id */
};

/* ---- elements ---- */

static void put_attribute(struct sink s, const char *name, struct slice text)
{
    sink_text(s, " ");
    sink_text(s, name);
    sink_text(s, "=\"");
    sink_markup(s, text);
    sink_text(s, "\"");
}

static void put_count(struct sink s, const char *name, uint64_t count)
{
    sink_text(s, " ");
    sink_text(s, name);
    sink_text(s, "=\"");
    sink_number(s, count, 0);
    sink_text(s, "\"");
}

static void put_seconds(struct sink s, uint64_t ms)
{
    sink_text(s, " time=\"");
    sink_number(s, ms / 1000, 0);
    sink_text(s, ".");
    for (unsigned scale = 100; scale > 0; scale /= 10)
        sink_number(s, ms / scale % 10, 0);
    sink_text(s, "\"");
}

/* Ends a start tag whose element holds these lines, and the element. Each line is made visible, the
 * line ends stay. */
static void put_lines(struct sink s, const char *name, struct slice text)
{
    if (text.len == 0) {
        sink_text(s, "/>\n");
        return;
    }
    sink_text(s, ">");
    for (struct slice rest = text; rest.len > 0;) {
        sink_markup(s, report_line(&rest));
        sink_text(s, "\n");
    }
    sink_text(s, "</");
    sink_text(s, name);
    sink_text(s, ">\n");
}

/* ---- suites ---- */

void *junit_begin(struct sink sink, const struct report_run *run)
{
    struct junit *j = report_grown(NULL, sizeof *j);
    *j = (struct junit){.sink = sink, .run = run};
    size_t octets = run->server_count * sizeof *j->suites;
    j->suites = report_grown(NULL, octets);
    memset(j->suites, 0, octets);
    sink_text(sink, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    return j;
}

/* The attribute that says which file it was, and against which server where there are several. */
static void put_suite_name(const struct junit *j, struct sink s, const char *attribute,
                           size_t server)
{
    struct buffer name = {.ptr = NULL};
    buffer_put(&name, j->script->name);
    if (j->run->server_count > 1) {
        buffer_put(&name, SLICE(" against "));
        buffer_put(&name, j->run->servers[server].name);
    }
    put_attribute(s, attribute, buffer_slice(&name));
    buffer_free(&name);
}

static void put_suite(struct junit *j, struct suite *suite, size_t server)
{
    struct sink s = j->sink;
    sink_text(s, "  <testsuite");
    put_suite_name(j, s, "name", server);
    put_attribute(s, "package", SLICE("maildrill"));
    put_attribute(s, "timestamp", j->run->started);
    put_attribute(s, "hostname", SLICE("localhost"));
    put_count(s, "id", j->written++);
    put_count(s, "tests", suite->tests);
    put_count(s, "failures", suite->failures);
    put_count(s, "errors", suite->errors);
    put_count(s, "skipped", suite->skipped);
    put_seconds(s, suite->taken_ms);
    sink_text(s, ">\n    <properties>\n      <property name=\"server\"");
    put_attribute(s, "value", j->run->servers[server].url);
    sink_text(s, "/>\n    </properties>\n");
    sink_put(s, buffer_slice(&suite->cases));
    sink_text(s, "    <system-out");
    put_lines(s, "system-out", buffer_slice(&suite->remarks));
    sink_text(s, "    <system-err/>\n  </testsuite>\n");
}

static void close_suites(struct junit *j)
{
    for (size_t i = 0; i < j->run->server_count; i++) {
        struct suite *suite = &j->suites[i];
        if (suite->tests > 0)
            put_suite(j, suite, i);
        buffer_free(&suite->cases);
        buffer_free(&suite->remarks);
        *suite = (struct suite){.tests = 0};
    }
}

/* ---- tests ---- */

static void remark(struct suite *suite, const struct report_result *r, struct slice message)
{
    struct sink s = buffer_sink(&suite->remarks);
    sink_text(s, report_outcome(r));
    sink_text(s, " ");
    sink_visible(s, r->id, 0);
    sink_text(s, ": ");
    sink_put(s, message);
    sink_text(s, "\n");
}

/* An error or a failure, and the dialogue that led there. */
static void put_failure(struct suite *suite, const struct report_result *r, struct slice message)
{
    struct sink s = buffer_sink(&suite->cases);
    struct buffer dialogue = {.ptr = NULL};
    bool error = r->verdict == ENGINE_ERROR && r->baseline != REPORT_EXPECTED;
    const char *name = error ? "error" : "failure";
    *(error ? &suite->errors : &suite->failures) += 1;
    sink_text(s, ">\n      <");
    sink_text(s, name);
    put_attribute(s, "type", slice_of_cstr(report_outcome(r)));
    put_attribute(s, "message", message);
    report_dialogue(buffer_sink(&dialogue), r);
    put_lines(s, name, buffer_slice(&dialogue));
    buffer_free(&dialogue);
    sink_text(s, "    </testcase>\n");
}

static void put_skipped(struct suite *suite, const struct report_result *r, struct slice message)
{
    struct sink s = buffer_sink(&suite->cases);
    struct buffer text = {.ptr = NULL};
    bool expected = r->baseline == REPORT_EXPECTED;
    suite->skipped++;
    if (r->flaky || expected) {
        sink_text(buffer_sink(&text), report_outcome(r));
        buffer_put(&text, SLICE(": "));
    }
    if (expected) {
        buffer_put(&text, r->baseline_reason);
        buffer_put(&text, SLICE(": "));
    }
    buffer_put(&text, message);
    sink_text(s, ">\n      <skipped");
    put_attribute(s, "message", buffer_slice(&text));
    sink_text(s, "/>\n    </testcase>\n");
    buffer_free(&text);
}

/* What a testcase holds, and which count it is in. */
static void put_outcome(struct suite *suite, const struct report_result *r)
{
    uint8_t octets[1200];
    struct slice message = report_message(r, octets, sizeof octets);
    bool expected = r->baseline == REPORT_EXPECTED;
    if ((r->verdict == ENGINE_ERROR && !expected) || r->failed)
        put_failure(suite, r, message);
    else if (r->verdict == ENGINE_SKIP || r->flaky || expected)
        put_skipped(suite, r, message);
    else
        sink_text(buffer_sink(&suite->cases), "/>\n");
    if (!report_passed(r) && r->verdict != ENGINE_SKIP)
        remark(suite, r, message);
}

static void put_test_name(struct sink s, const struct report_result *r)
{
    sink_text(s, "    <testcase name=\"");
    sink_markup(s, r->test->title);
    if (r->repeats > 1) {
        sink_text(s, " #");
        sink_number(s, r->repeat, 0);
    }
    sink_text(s, "\"");
}

void junit_result(void *state, const struct report_result *r)
{
    struct junit *j = state;
    struct suite *suite = &j->suites[r->server];
    struct sink s = buffer_sink(&suite->cases);
    if (j->script != r->script)
        close_suites(j);
    j->script = r->script;
    suite->tests++;
    suite->taken_ms += r->taken_ms;
    put_test_name(s, r);
    put_suite_name(j, s, "classname", r->server);
    put_seconds(s, r->taken_ms);
    put_outcome(suite, r);
}

void junit_end(void *state, const struct report_end *end)
{
    struct junit *j = state;
    (void)end;
    close_suites(j);
    sink_text(j->sink, "</testsuites>\n");
    free(j->suites);
    free(j);
}
