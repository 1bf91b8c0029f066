#include "report/annotations.h"

#include <stdlib.h>

#include "report/buffer.h"

struct annotations {
    struct sink sink;
    const struct report_run *run;
};

void *annotations_begin(struct sink sink, const struct report_run *run)
{
    struct annotations *a = report_grown(NULL, sizeof *a);
    *a = (struct annotations){.sink = sink, .run = run};
    return a;
}

/* As @actions/core escapes: "%" and line ends everywhere, ":" and "," in a property. What is
 * visible has no line ends. */
static void put_escaped(struct sink s, struct slice text, bool property)
{
    struct buffer visible = {.ptr = NULL};
    sink_visible(buffer_sink(&visible), text, 0);
    for (size_t i = 0; i < visible.len; i++) {
        uint8_t octet = visible.ptr[i];
        if (octet == '%')
            sink_text(s, "%25");
        else if (property && octet == ':')
            sink_text(s, "%3A");
        else if (property && octet == ',')
            sink_text(s, "%2C");
        else
            sink_put(s, slice_of(&octet, 1));
    }
    buffer_free(&visible);
}

/* error: fails the run. warning: does not, and should be looked at. notice: is known. */
static const char *command_of(const struct report_result *r)
{
    if (r->failed || r->verdict == ENGINE_ERROR || r->verdict == ENGINE_FAIL)
        return r->baseline == REPORT_EXPECTED ? "::notice " : "::error ";
    return r->baseline == REPORT_EXPECTED ? "::notice " : "::warning ";
}

void annotations_result(void *state, const struct report_result *r)
{
    struct annotations *a = state;
    uint8_t message[1024];
    if (report_passed(r) || (r->verdict == ENGINE_SKIP && !r->flaky))
        return;
    struct report_where where = report_where_wrong(r);
    sink_text(a->sink, command_of(r));
    sink_text(a->sink, "file=");
    put_escaped(a->sink, where.file, true);
    sink_text(a->sink, ",line=");
    sink_number(a->sink, where.line, 0);
    sink_text(a->sink, ",col=");
    sink_number(a->sink, where.column, 0);
    sink_text(a->sink, ",title=");
    put_escaped(a->sink, r->test->title, true);
    if (a->run->server_count > 1) {
        sink_text(a->sink, " [");
        put_escaped(a->sink, a->run->servers[r->server].name, true);
        sink_text(a->sink, "]");
    }
    sink_text(a->sink, "::");
    if (r->flaky || r->baseline == REPORT_EXPECTED) {
        sink_text(a->sink, r->flaky ? "flaky: " : "expected: ");
        if (!r->flaky) {
            put_escaped(a->sink, r->baseline_reason, false);
            sink_text(a->sink, ": ");
        }
    }
    put_escaped(a->sink, report_message(r, message, sizeof message), false);
    sink_text(a->sink, "\n");
}

void annotations_end(void *state, const struct report_end *end)
{
    struct annotations *a = state;
    if (end->stopped.len > 0) {
        sink_text(a->sink, "::error::");
        put_escaped(a->sink, end->stopped, false);
        sink_text(a->sink, "\n");
    }
    free(a);
}
