#include "report/tap.h"

#include <stdlib.h>

#include "report/buffer.h"

struct tap {
    struct sink sink;
    const struct report_run *run;
    size_t count;
};

static void *begin(struct sink sink, const struct report_run *run, const char *version)
{
    struct tap *tap = report_grown(NULL, sizeof *tap);
    *tap = (struct tap){.sink = sink, .run = run};
    sink_text(sink, version);
    return tap;
}

void *tap_begin(struct sink sink, const struct report_run *run)
{
    return begin(sink, run, "TAP version 14\n");
}

void *tap13_begin(struct sink sink, const struct report_run *run)
{
    return begin(sink, run, "TAP version 13\n");
}

/* A description holds neither a number sign nor a backslash as such: "#" begins a directive. */
static void put_escaped(struct sink s, struct slice visible)
{
    for (size_t i = 0; i < visible.len; i++) {
        if (visible.ptr[i] == '#' || visible.ptr[i] == '\\')
            sink_text(s, "\\");
        sink_put(s, slice_sub(visible, i, i + 1));
    }
}

static void put_description(struct sink s, struct slice text)
{
    struct buffer visible = {.ptr = NULL};
    sink_visible(buffer_sink(&visible), text, 0);
    put_escaped(s, buffer_slice(&visible));
    buffer_free(&visible);
}

/* YAML 1.2 7.3.1: double-quoted; of what is visible only the quote and the backslash are escaped.
 */
static void put_quoted(struct sink s, struct slice text)
{
    struct buffer visible = {.ptr = NULL};
    sink_visible(buffer_sink(&visible), text, 0);
    sink_text(s, "\"");
    for (size_t i = 0; i < visible.len; i++) {
        if (visible.ptr[i] == '"' || visible.ptr[i] == '\\')
            sink_text(s, "\\");
        sink_put(s, slice_of(visible.ptr + i, 1));
    }
    sink_text(s, "\"\n");
    buffer_free(&visible);
}

static void put_field(struct sink s, const char *name, struct slice text)
{
    if (text.len == 0)
        return;
    sink_text(s, "  ");
    sink_text(s, name);
    sink_text(s, ": ");
    put_quoted(s, text);
}

static void put_details(struct sink s, const struct report_result *r)
{
    uint8_t message[1024];
    const struct engine_event *event = report_first_difference(r);
    struct report_where where = report_where_wrong(r);
    sink_text(s, "  ---\n");
    put_field(s, "message", report_message(r, message, sizeof message));
    put_field(s, "severity", slice_of_cstr(report_outcome(r)));
    put_field(s, "file", where.file);
    sink_text(s, "  line: ");
    sink_number(s, where.line, 0);
    sink_text(s, "\n  column: ");
    sink_number(s, where.column, 0);
    sink_text(s, "\n");
    put_field(s, "level", slice_of_cstr(script_level_name(r->test->level)));
    put_field(s, "rfc", r->test->rfc);
    if (event != NULL)
        put_field(s, "sent", event->sent);
    sink_text(s, "  duration_ms: ");
    sink_number(s, r->taken_ms, 0);
    sink_text(s, "\n  ...\n");
}

/* What follows a description: a skip is no failure, and neither is what was expected. */
static void put_directive(struct sink s, const struct report_result *r)
{
    uint8_t message[1024];
    if (r->baseline == REPORT_EXPECTED) {
        sink_text(s, " # TODO expected: ");
        put_description(s, r->baseline_reason);
    } else if (r->verdict == ENGINE_SKIP) {
        sink_text(s, " # SKIP ");
        put_description(s, report_message(r, message, sizeof message));
    }
}

void tap_result(void *state, const struct report_result *r)
{
    struct tap *tap = state;
    struct sink s = tap->sink;
    bool expected = r->baseline == REPORT_EXPECTED;
    bool good =
        !r->failed && !(expected && r->verdict != ENGINE_SKIP) && r->verdict != ENGINE_ERROR;
    sink_text(s, good ? "ok " : "not ok ");
    sink_number(s, ++tap->count, 0);
    sink_text(s, " - ");
    put_description(s, r->id);
    if (!slice_equal(r->id, r->test->title) && r->test->id.len > 0) {
        sink_text(s, " ");
        put_description(s, r->test->title);
    }
    if (tap->run->server_count > 1) {
        sink_text(s, " [");
        put_description(s, tap->run->servers[r->server].name);
        sink_text(s, "]");
    }
    put_directive(s, r);
    sink_text(s, "\n");
    if (!report_passed(r) && r->verdict != ENGINE_SKIP)
        put_details(s, r);
}

void tap_end(void *state, const struct report_end *end)
{
    struct tap *tap = state;
    sink_text(tap->sink, "1..");
    sink_number(tap->sink, tap->count, 0);
    if (tap->count == 0)
        sink_text(tap->sink, " # SKIP nothing was played");
    sink_text(tap->sink, "\n");
    if (end->stopped.len > 0) {
        sink_text(tap->sink, "Bail out! ");
        put_description(tap->sink, end->stopped);
        sink_text(tap->sink, "\n");
    }
    free(tap);
}
