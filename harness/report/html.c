#include "report/html.h"

#include <stdlib.h>

#include "report/buffer.h"
#include "report/coverage.h"
#include "report/html_page.h"
#include "report/place.h"

struct html {
    struct sink sink;
    const struct report_run *run;
    const struct script *script; /* of the last row */
    const struct script_test *test;
    size_t repeat;
    size_t column;           /* of the open row: the next server's */
    size_t details;          /* written so far: their number is their anchor */
    struct buffer rows;      /* of the matrix */
    struct buffer failures;  /* dialogues of what makes the run fail */
    struct buffer dialogues; /* of what else did not pass */
    struct coverage coverage;
};

/* ---- text ---- */

static void put_markup(struct sink s, struct slice text)
{
    static const struct {
        uint8_t octet;
        const char *reference;
    } references[] = {
        {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        for (size_t k = 0; k < sizeof references / sizeof *references; k++) {
            if (text.ptr[i] != references[k].octet)
                continue;
            sink_put(s, slice_sub(text, from, i));
            sink_text(s, references[k].reference);
            from = i + 1;
        }
    }
    sink_put(s, slice_from(text, from));
}

static void put(struct sink s, struct slice text)
{
    struct buffer visible = {.ptr = NULL};
    sink_visible(buffer_sink(&visible), text, 0);
    put_markup(s, buffer_slice(&visible));
    buffer_free(&visible);
}

static void put_cell(struct sink s, const char *before, struct slice text, const char *after)
{
    sink_text(s, before);
    put(s, text);
    sink_text(s, after);
}

/* ---- the coverage of sections ---- */

/* RFC 5321 section 4.1.4, linked: a link is no request until somebody follows it. */
static void put_reference(struct sink s, struct slice rfc, struct slice section)
{
    put_cell(s, "<a href=\"https://www.rfc-editor.org/rfc/rfc", rfc, "");
    if (section.len > 0)
        put_cell(s, "#section-", section, "");
    put_cell(s, "\">RFC ", rfc, "");
    if (section.len > 0)
        put_cell(s, " section ", section, "");
    sink_text(s, "</a>");
}

static void put_coverage(struct html *h)
{
    struct sink s = h->sink;
    if (h->coverage.count == 0 || h->coverage.sections[0].rfc.len == 0)
        return;
    sink_text(
        s, "<h2 id=\"coverage\">RFC sections</h2>\n<div class=\"wide\"><table class=\"coverage\">\n"
           "<thead><tr><th>section</th><th>pass</th><th>warn</th><th>skip</th><th>fail</th>"
           "<th>error</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < h->coverage.count; i++) {
        const struct coverage_section *section = &h->coverage.sections[i];
        if (section->rfc.len == 0)
            continue;
        sink_text(s, "<tr><th>");
        put_reference(s, section->rfc, section->section);
        sink_text(s, "</th>");
        for (size_t k = 0; k < COVERAGE_VERDICTS; k++) {
            sink_text(s, "<td class=\"");
            sink_text(s, section->counts[k] > 0 ? engine_verdict_name((enum engine_verdict)k) : "");
            sink_text(s, "\">");
            if (section->counts[k] > 0)
                sink_number(s, section->counts[k], 0);
            sink_text(s, "</td>");
        }
        sink_text(s, "</tr>\n");
    }
    sink_text(s, "</tbody></table></div>\n");
}

/* ---- one dialogue ---- */

static void put_lines(struct sink s, const char *kind, const char *tag, struct slice text,
                      bool marked)
{
    bool first = true;
    for (struct slice rest = text; rest.len > 0 || first; first = false) {
        sink_text(s, "<span class=\"");
        sink_text(s, kind);
        sink_text(s, marked ? " differs\"><b>" : "\"><b>");
        sink_text(s, tag);
        sink_text(s, "</b>");
        put(s, report_line(&rest));
        sink_text(s, "\n</span>");
    }
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
    if (!report_shows_octets(event) && event->text.len > 0)
        put_cell(s, ": ", event->text, "");
    sink_text(s, "; line ");
    sink_number(s, where.line, 0);
    put_cell(s, " expects <code>", expected.before, expected.hides ? "****" : "");
    put_cell(s, "", expected.after, "</code>\n</span>");
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
            put_lines(s, "sent", "C: ", event->text, false);
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

static void put_outcome(struct sink s, const struct report_result *r)
{
    sink_text(s, "<b class=\"");
    sink_text(s, report_outcome(r));
    sink_text(s, "\">");
    sink_text(s, report_outcome(r));
    sink_text(s, "</b>");
}

static void put_details(struct html *h, const struct report_result *r)
{
    bool bad = r->failed || r->verdict == ENGINE_ERROR;
    struct sink s = buffer_sink(bad ? &h->failures : &h->dialogues);
    uint8_t message[1200];
    sink_text(s, "<details class=\"test\" data-outcome=\"");
    sink_text(s, report_outcome(r));
    sink_text(s, "\" id=\"d");
    sink_number(s, ++h->details, 0);
    sink_text(s, bad ? "\" open><summary>" : "\"><summary>");
    put_outcome(s, r);
    put_cell(s, " ", r->test->title, "");
    if (h->run->server_count > 1)
        put_cell(s, " <i>", h->run->servers[r->server].name, "</i>");
    put_cell(s, "</summary>\n<p>", report_message(r, message, sizeof message),
             "</p>\n<p class=\"meta\">");
    const struct engine_event *event = report_first_difference(r);
    struct report_where where = report_where(r, event == NULL ? SCRIPT_NO_STEP : event->step);
    put_cell(s, "", where.file, ":");
    sink_number(s, where.line, 0);
    sink_text(s, " &middot; ");
    sink_text(s, script_level_name(r->test->level));
    if (r->test->rfc.len > 0) {
        sink_text(s, " &middot; ");
        put_reference(s, report_rfc(r->test), report_section(r->test));
    }
    sink_text(s, " &middot; ");
    sink_number(s, r->taken_ms, 0);
    sink_text(s, " ms");
    if (r->baseline != REPORT_NOT_LISTED)
        put_cell(s, " &middot; baseline: ", r->baseline_reason, "");
    sink_text(s, "</p>\n");
    put_dialogue(s, r);
    sink_text(s, "</details>\n");
}

/* ---- the matrix ---- */

static void end_row(struct html *h)
{
    struct sink s = buffer_sink(&h->rows);
    if (h->test == NULL)
        return;
    for (; h->column < h->run->server_count; h->column++)
        sink_text(s, "<td>&ndash;</td>"); /* not played */
    sink_text(s, "</tr>\n");
}

static void begin_row(struct html *h, const struct report_result *r)
{
    struct sink s = buffer_sink(&h->rows);
    if (h->script != r->script) {
        sink_text(s, h->script == NULL ? "<tbody>\n" : "</tbody><tbody>\n");
        sink_text(s, "<tr class=\"file\"><th colspan=\"");
        sink_number(s, h->run->server_count + 1, 0);
        put_cell(s, "\">", r->script->name, "</th></tr>\n");
    }
    h->script = r->script;
    h->test = r->test;
    h->repeat = r->repeat;
    h->column = 0;
    put_cell(s, "<tr class=\"test\"><th>", r->test->title, "");
    if (r->repeats > 1) {
        sink_text(s, " #");
        sink_number(s, r->repeat, 0);
    }
    sink_text(s, " <small>");
    sink_text(s, script_level_name(r->test->level));
    if (r->test->rfc.len > 0)
        put_cell(s, " ", r->test->rfc, "");
    if (r->test->id.len > 0)
        put_cell(s, " ", r->test->id, "");
    sink_text(s, "</small></th>");
}

static void put_result(struct html *h, const struct report_result *r, bool detailed)
{
    struct sink s = buffer_sink(&h->rows);
    for (; h->column < r->server; h->column++)
        sink_text(s, "<td>&ndash;</td>");
    h->column++;
    sink_text(s, "<td class=\"");
    sink_text(s, report_outcome(r));
    sink_text(s, "\">");
    if (detailed) {
        sink_text(s, "<a href=\"#d");
        sink_number(s, h->details, 0);
        sink_text(s, "\">");
    }
    sink_text(s, report_outcome(r));
    if (detailed)
        sink_text(s, "</a>");
    sink_text(s, "</td>");
}

void *html_begin(struct sink sink, const struct report_run *run)
{
    struct html *h = report_grown(NULL, sizeof *h);
    *h = (struct html){.sink = sink, .run = run};
    return h;
}

void html_result(void *state, const struct report_result *r)
{
    struct html *h = state;
    bool detailed = !report_passed(r);
    if (h->test != r->test || h->repeat != r->repeat) {
        end_row(h);
        begin_row(h, r);
    }
    if (detailed)
        put_details(h, r);
    put_result(h, r, detailed);
    coverage_add(&h->coverage, r);
}

/* ---- the page ---- */

static void put_summary(struct html *h, const struct report_end *end)
{
    const struct report_totals *t = &end->totals;
    const struct {
        const char *name;
        size_t count;
        bool always;
    } counts[] = {
        {"pass", t->pass, true},          {"fail", t->fail, true},
        {"error", t->error, false},       {"unexpected-pass", t->unexpected, false},
        {"flaky", t->flaky, false},       {"warn", t->warn, false},
        {"expected", t->expected, false}, {"skip", t->skip, false},
    };
    struct sink s = h->sink;
    sink_text(s, "<ul class=\"summary\">");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (counts[i].count == 0 && !counts[i].always)
            continue;
        sink_text(s, "<li class=\"");
        sink_text(s, counts[i].name);
        sink_text(s, "\"><b>");
        sink_number(s, counts[i].count, 0);
        sink_text(s, "</b> ");
        sink_text(s, counts[i].name);
        sink_text(s, "</li>");
    }
    sink_text(s, "</ul>\n");
    if (end->not_played > 0) {
        sink_text(s, "<p>");
        sink_number(s, end->not_played, 0);
        sink_text(s, " more not played.</p>\n");
    }
    if (end->stopped.len > 0)
        put_cell(s, "<p class=\"stopped\">", end->stopped, "</p>\n");
}

static void put_head(struct html *h)
{
    struct sink s = h->sink;
    sink_text(s, html_page_head);
    put_cell(s, "<p class=\"meta\">maildrill ", h->run->version, "");
    put_cell(s, " &middot; ", h->run->started, " UTC");
    for (size_t i = 0; i < h->run->server_count; i++) {
        const struct report_server *server = &h->run->servers[i];
        put_cell(s, " &middot; ", server->name, "");
        if (!slice_equal(server->name, server->url))
            put_cell(s, " (", server->url, ")");
    }
    sink_text(s, "</p>\n");
}

static void put_matrix(struct html *h)
{
    struct sink s = h->sink;
    sink_text(s, "<h2 id=\"tests\">Tests</h2>\n<div class=\"wide\"><table class=\"matrix\">\n"
                 "<thead><tr><th>test</th>");
    for (size_t i = 0; i < h->run->server_count; i++)
        put_cell(s, "<th>", h->run->server_count == 1 ? SLICE("outcome") : h->run->servers[i].name,
                 "</th>");
    sink_text(s, "</tr></thead>\n");
    sink_put(s, buffer_slice(&h->rows));
    sink_text(s, h->script == NULL ? "</table></div>\n" : "</tbody></table></div>\n");
}

void html_end(void *state, const struct report_end *end)
{
    struct html *h = state;
    end_row(h);
    put_head(h);
    put_summary(h, end);
    sink_text(h->sink, html_page_filter);
    if (h->details > 0) {
        sink_text(h->sink, "<h2 id=\"dialogues\">What did not pass</h2>\n");
        sink_put(h->sink, buffer_slice(&h->failures));
        sink_put(h->sink, buffer_slice(&h->dialogues));
    }
    put_matrix(h);
    put_coverage(h);
    sink_text(h->sink, html_page_foot);
    buffer_free(&h->rows);
    buffer_free(&h->failures);
    buffer_free(&h->dialogues);
    coverage_free(&h->coverage);
    free(h);
}
