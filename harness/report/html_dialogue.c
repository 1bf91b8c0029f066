#include "report/html_dialogue.h"

#include "report/buffer.h"
#include "report/html_text.h"
#include "report/place.h"

#define MAX_LINES 5 /* of a reply that is shown whole */

/* Of a long text that is not at fault, the first line and the last; the others unfold. */
static void put_event(struct sink s, const char *kind, const char *tag,
                      const struct engine_event *event, bool marked)
{
    size_t lines = 0, number = 0;
    struct buffer shown = {.ptr = NULL};
    for (struct slice rest = event->text; rest.len > 0; lines++)
        report_line(&rest);
    bool folds = lines > MAX_LINES && !marked;
    for (struct slice rest = event->text; rest.len > 0 || number == 0; number++) {
        if (folds && number == 1) {
            sink_text(s, "<label class=\"note\"><input type=\"checkbox\"> ");
            sink_number(s, lines - 2, 0);
            sink_text(s, " lines more\n</label><span class=\"rest\">");
        } else if (folds && number == lines - 1) {
            sink_text(s, "</span>");
        }
        sink_text(s, "<span class=\"");
        sink_text(s, kind);
        sink_text(s, marked ? " differs\"><b>" : "\"><b>");
        sink_text(s, tag);
        sink_text(s, "</b>");
        shown.len = 0;
        report_sent_line(buffer_sink(&shown), event, &rest);
        sink_markup(s, buffer_slice(&shown));
        sink_text(s, "\n</span>");
    }
    buffer_free(&shown);
}

static void put_lines(struct sink s, const char *kind, const char *tag, struct slice text,
                      bool marked)
{
    put_event(s, kind, tag, &(struct engine_event){.text = text}, marked);
}

static void put_difference(struct sink s, const struct report_result *r,
                           const struct engine_event *event, bool shown)
{
    struct report_where where = report_where(r, event->step);
    struct place_source expected = place_source(r->script, where.number);
    if (!shown && report_shows_octets(event))
        put_lines(s, "received", "S: ", event->text, true);
    sink_text(s, "<span class=\"why\"><b>^ </b>");
    sink_text(s, engine_fault_text(event->fault));
    if (!shown && !report_shows_octets(event) && event->text.len > 0)
        html_cell(s, ": ", report_line(&(struct slice){event->text.ptr, event->text.len}), "");
    sink_text(s, "; line ");
    sink_number(s, where.line, 0);
    html_cell(s, " expects <code>", expected.before, expected.hides ? "****" : "");
    html_cell(s, "", expected.after, "</code>\n</span>");
}

static void put_dialogue(struct sink s, const struct report_result *r)
{
    bool shown = false;
    sink_text(s, "<pre class=\"dialogue\">");
    for (size_t i = 0; i < r->event_count; i++) {
        const struct engine_event *event = &r->events[i];
        bool differs = report_differs(r, i);
        shown = shown || differs;
        switch (event->kind) {
        case ENGINE_EVENT_SENT:
            put_event(s, "sent", event->raw ? "C!: " : "C: ", event, false);
            break;
        case ENGINE_EVENT_RECEIVED:
            put_lines(s, "received", "S: ", event->text, differs);
            break;
        case ENGINE_EVENT_DIFFERED:
            put_difference(s, r, event, shown);
            shown = false;
            break;
        case ENGINE_EVENT_SECURED:
            put_lines(s, "note", "TLS ", event->text, false);
            break;
        case ENGINE_EVENT_NOTE:
            put_lines(s, "note", "note ", event->text, false);
            break;
        case ENGINE_EVENT_CLOSED:
            put_lines(s, "note", "",
                      event->text.len > 0 ? event->text : SLICE("the server closed the connection"),
                      false);
            break;
        case ENGINE_EVENT_MATCHED:
        case ENGINE_EVENT_PASSED_OVER:
        case ENGINE_EVENT_VERDICT:
            break;
        }
    }
    sink_text(s, "</pre>\n");
}

static void put_place(struct sink s, struct report_where where)
{
    html_cell(s, "", where.file, ":");
    sink_number(s, where.line, 0);
}

/* Where it stands and what it is about. */
static void put_facts(struct sink s, const struct report_result *r)
{
    struct report_where test = report_where(r, SCRIPT_NO_STEP), where = report_where_wrong(r);
    sink_text(s, "<p class=\"meta\">");
    if (!slice_equal(where.file, test.file)) {
        put_place(s, test);
        sink_text(s, ", at ");
    }
    put_place(s, where);
    sink_text(s, " &middot; ");
    sink_text(s, script_level_name(r->test->level));
    if (r->test->rfc.len > 0) {
        sink_text(s, " &middot; ");
        html_reference(s, report_rfc(r->test), report_section(r->test));
    }
    html_cell(s, " &middot; <code>", r->id, "</code> &middot; ");
    sink_number(s, r->taken_ms, 0);
    sink_text(s, " ms");
    if (r->variant.len > 0)
        html_cell(s, " &middot; ", r->variant, "");
    if (r->baseline != REPORT_NOT_LISTED)
        html_cell(s, " &middot; baseline: ", r->baseline_reason, "");
    sink_text(s, "</p>\n");
}

void html_dialogue(struct sink s, const struct report_run *run, const struct report_result *r,
                   size_t number, bool open)
{
    uint8_t message[1200];
    const char *outcome = report_outcome(r);
    sink_text(s, "<details class=\"test\" data-outcome=\"");
    sink_text(s, outcome);
    sink_text(s, open ? "\" open><summary><b class=\"" : "\"><summary><b class=\"");
    sink_text(s, outcome);
    sink_text(s, "\">");
    sink_text(s, outcome);
    html_cell(s, "</b> ", r->test->title, "");
    if (r->repeats > 1) {
        sink_text(s, " #");
        sink_number(s, r->repeat, 0);
    }
    if (run->server_count > 1)
        html_cell(s, " <i>", run->servers[r->server].name, "</i>");
    /* The reason is seen without unfolding; the anchor is inside: a browser unfolds what holds the
     * target of a link. */
    html_cell(s, " <span class=\"reason\">", report_message(r, message, sizeof message), "</span>");
    sink_text(s, "</summary>\n<div id=\"d");
    sink_number(s, number, 0);
    sink_text(s, "\">\n");
    put_facts(s, r);
    put_dialogue(s, r);
    sink_text(s, "</div></details>\n");
}
