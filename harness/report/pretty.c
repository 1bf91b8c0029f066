#include "report/pretty.h"

#include <stdlib.h>

#include "report/buffer.h"
#include "report/color.h"
#include "report/place.h"
#include "smtp/code.h"

#define SENT_COLUMNS 34
#define GOT_COLUMNS  64
#define SHOWN_LINES  8 /* lines of a differing reply */

static const char *const verdict_colors[] = {
    [ENGINE_PASS] = GREEN, [ENGINE_WARN] = YELLOW, [ENGINE_SKIP] = DIM,
    [ENGINE_FAIL] = RED,   [ENGINE_ERROR] = RED,
};

struct pretty {
    struct sink sink;
    const struct report_run *run;
    const struct script *script; /* of the last result */
    /* of the result that is being printed */
    const struct report_result *result;
    struct slice received; /* the last reply */
    struct slice secured;  /* protocol and cipher, or empty */
};

static bool replays(const struct pretty *p)
{
    return p->run->style == PRETTY_REPLAY;
}

static void colored(const struct pretty *p, struct sink s, const char *color, const char *text)
{
    if (p->run->color)
        sink_text(s, color);
    sink_text(s, text);
    if (p->run->color)
        sink_text(s, PLAIN);
}

/* ---- one difference ---- */

/* What came, each further line under the first. */
static void put_got(struct sink s, struct place place, struct slice text)
{
    size_t lines = 0;
    for (struct slice rest = text; rest.len > 0; lines++) {
        struct slice line = report_line(&rest);
        if (lines >= SHOWN_LINES)
            continue;
        if (lines > 0) {
            sink_text(s, "\n");
            place_margin(s, place);
            sink_text(s, "     ");
        }
        sink_visible(s, line, 200);
    }
    if (lines > SHOWN_LINES) {
        sink_text(s, "\n");
        place_margin(s, place);
        sink_text(s, "     ... and ");
        sink_number(s, lines - SHOWN_LINES, 0);
        sink_text(s, " lines more");
    }
}

static struct place place_at(const struct pretty *p, struct report_where where)
{
    return (struct place){p->result->script, where.number, where.column, where.width};
}

static struct place place_of(const struct pretty *p, size_t step)
{
    return place_at(p, report_where(p->result, step));
}

static void put_sent(const struct pretty *p, struct sink s, struct place place,
                     const struct engine_event *event)
{
    bool expects = p->result->test->steps[event->step].kind == SCRIPT_EXPECT;
    if (event->sent.len == 0 && !expects) /* it looks at what is there */
        return;
    place_margin(s, place);
    if (event->sent.len > 0) {
        size_t answers = p->result->test->steps[event->step].answers;
        sink_text(s, "sent");
        if (answers != SCRIPT_NO_STEP) {
            sink_text(s, " at line ");
            sink_number(s, report_where(p->result, answers).line, 0);
        }
        sink_text(s, ": ");
        struct slice rest = event->sent;
        sink_visible(s, report_line(&rest), 160);
    } else {
        sink_text(s, "nothing was sent before it");
    }
    sink_text(s, "   (+");
    sink_number(s, event->taken_ms, 0);
    sink_text(s, " ms");
    if (p->secured.len > 0) {
        sink_text(s, ", ");
        sink_visible(s, p->secured, 0);
    }
    sink_text(s, ")\n");
}

/* What the code that came means; a client acts on nothing else. */
static void put_meaning(struct sink s, struct place place, struct slice reply)
{
    unsigned code = 0;
    for (size_t i = 0; i < 3 && i < reply.len; i++)
        code = code * 10 + (unsigned)(reply.ptr[i] - '0');
    const struct smtp_code *known = reply.len < 3 ? NULL : smtp_code_find(code);
    if (known == NULL)
        return;
    place_margin(s, place);
    sink_number(s, code, 3);
    sink_text(s, ": ");
    sink_text(s, known->meaning);
    sink_text(s, " (RFC 5321 section 4.2)\n");
}

static void put_clause(const struct pretty *p, struct sink s, struct place place)
{
    struct slice section = report_section(p->result->test);
    if (p->result->test->rfc.len == 0)
        return;
    place_margin(s, place);
    sink_text(s, "RFC ");
    sink_visible(s, report_rfc(p->result->test), 0);
    if (section.len > 0) {
        sink_text(s, " section ");
        sink_visible(s, section, 0);
    }
    sink_text(s, " (");
    sink_text(s, script_level_name(p->result->test->level));
    sink_text(s, ")\n");
}

static void put_difference(const struct pretty *p, const struct engine_event *event)
{
    struct sink s = p->sink;
    struct place place = place_of(p, event->step);
    place_head(s, place);
    colored(p, s, verdict_colors[event->verdict], engine_fault_text(event->fault));
    if (event->fault == ENGINE_FAULT_MALFORMED) {
        sink_text(s, ": ");
        sink_text(s, smtp_reply_error_text(event->reply_error));
        sink_text(s, ", at octet ");
        sink_number(s, event->offset, 0);
    }
    sink_text(s, "\n");
    place_caret(s, place);
    if (event->text.len > 0) {
        sink_text(s, event->fault == ENGINE_FAULT_TLS ? " " : " got: ");
        put_got(s, place, event->text);
    }
    sink_text(s, "\n");
    if (event->step != SCRIPT_NO_STEP)
        put_sent(p, s, place, event);
    if (event->fault == ENGINE_FAULT_CODE)
        put_meaning(s, place, event->text);
    put_clause(p, s, place);
}

/* An error that is about a step: the verdict's line has said what it is. */
static void put_error(const struct pretty *p, const struct engine_event *verdict)
{
    struct place place = place_at(p, report_where_verdict(p->result, verdict));
    place_head(p->sink, place);
    colored(p, p->sink, verdict_colors[verdict->verdict], engine_fault_text(verdict->fault));
    sink_text(p->sink, "\n");
    place_caret(p->sink, place);
    sink_text(p->sink, "\n");
    put_clause(p, p->sink, place);
}

/* ---- the table of a replay ---- */

static struct slice expected_word(const struct pretty *p, size_t step)
{
    struct place place = place_of(p, step);
    struct slice line = script_source_line(place.script, place.line);
    size_t from = place.column - 1 < line.len ? place.column - 1 : line.len;
    size_t to = from + place.width < line.len ? from + place.width : line.len;
    return slice_sub(line, from, to);
}

static void put_column(struct sink s, struct slice text, size_t columns)
{
    size_t written = sink_visible(s, text, columns);
    sink_repeat(s, ' ', (written < columns ? columns - written : 0) + 2);
}

static void put_row(struct pretty *p, const struct engine_event *event, const char *color,
                    const char *mark)
{
    const struct script_step *step = &p->result->test->steps[event->step];
    struct slice sent = event->sent;
    struct slice expected = expected_word(p, event->step);
    if (step->as.expect.line_count == 0)
        expected = SLICE("closes");
    colored(p, p->sink, color, mark);
    sink_number(p->sink, report_where(p->result, event->step).line, 5);
    sink_text(p->sink, "  ");
    put_column(p->sink, sent.len > 0 ? report_line(&sent) : SLICE(""), SENT_COLUMNS);
    put_column(p->sink, expected, 8);
}

static void put_matched_row(struct pretty *p, const struct engine_event *event)
{
    put_row(p, event, GREEN, "  ok  ");
    size_t lines = 0;
    struct slice last = {NULL, 0};
    for (struct slice rest = p->received; rest.len > 0; lines++)
        last = report_line(&rest);
    if (lines == 0) {
        sink_text(p->sink, "(closed)\n");
        return;
    }
    sink_visible(p->sink, last, GOT_COLUMNS);
    if (lines > 1) {
        sink_text(p->sink, "  (");
        sink_number(p->sink, lines, 0);
        sink_text(p->sink, " lines)");
    }
    sink_text(p->sink, "\n");
}

static void put_passed_over_row(struct pretty *p, const struct engine_event *event)
{
    put_row(p, event, DIM, "  --  ");
    sink_visible(p->sink, event->text, 0);
    sink_text(p->sink, "\n");
}

static void replay_event(struct pretty *p, const struct engine_event *event)
{
    bool reply =
        event->step != SCRIPT_NO_STEP && p->result->test->steps[event->step].kind == SCRIPT_EXPECT;
    if (event->kind == ENGINE_EVENT_MATCHED && reply)
        put_matched_row(p, event);
    if (event->kind == ENGINE_EVENT_MATCHED)
        p->received = SLICE("");
    if (event->kind == ENGINE_EVENT_PASSED_OVER && reply)
        put_passed_over_row(p, event);
    if (event->kind == ENGINE_EVENT_DIFFERED && reply) {
        put_row(p, event, RED, "  DIFF");
        struct slice got = event->text;
        sink_visible(p->sink, got.len > 0 ? report_line(&got) : SLICE("(nothing)"), GOT_COLUMNS);
        sink_text(p->sink, "\n");
    }
    if (event->kind == ENGINE_EVENT_NOTE) {
        sink_text(p->sink, "  note       ");
        sink_visible(p->sink, event->text, 0);
        sink_text(p->sink, "\n");
    }
}

/* ---- the trace ---- */

static void put_traced(const struct pretty *p, const struct engine_event *event, const char *tag,
                       struct slice text)
{
    bool first = true;
    for (struct slice rest = text; rest.len > 0 || first; first = false) {
        sink_number(p->sink, event->now_ms - p->result->began_ms, 8);
        sink_text(p->sink, " ms  ");
        sink_text(p->sink, event->raw ? "C!: " : tag);
        report_sent_line(p->sink, event, &rest);
        sink_text(p->sink, "\n");
    }
}

static void trace_event(const struct pretty *p, const struct engine_event *event)
{
    static const char *const tags[ENGINE_EVENT_VERDICT + 1] = {
        [ENGINE_EVENT_SENT] = "C: ",        [ENGINE_EVENT_RECEIVED] = "S: ",
        [ENGINE_EVENT_SECURED] = "TLS: ",   [ENGINE_EVENT_CLOSED] = "the server closed",
        [ENGINE_EVENT_DIFFERED] = "DIFF: ", [ENGINE_EVENT_NOTE] = "note: ",
    };
    struct slice text = event->text;
    if (tags[event->kind] == NULL)
        return;
    if (event->kind == ENGINE_EVENT_DIFFERED)
        text = slice_of_cstr(engine_fault_text(event->fault));
    bool lost = event->kind == ENGINE_EVENT_CLOSED && text.len > 0;
    put_traced(p, event, lost ? "" : tags[event->kind], text);
}

/* ---- tests ---- */

static void put_event(struct pretty *p, const struct engine_event *event)
{
    if (event->kind == ENGINE_EVENT_RECEIVED)
        p->received = event->text;
    if (event->kind == ENGINE_EVENT_SECURED)
        p->secured = event->text;
    if (p->run->trace)
        trace_event(p, event);
    if (replays(p))
        replay_event(p, event);
    if (event->kind == ENGINE_EVENT_DIFFERED)
        put_difference(p, event);
    if (event->kind == ENGINE_EVENT_VERDICT && event->step != SCRIPT_NO_STEP)
        put_error(p, event);
}

/* "as expected: why" and the like: what a verdict alone does not say. */
static void put_remarks(const struct pretty *p)
{
    const struct report_result *r = p->result;
    static const char *const remarks[] = {
        [REPORT_EXPECTED] = "expected: ",
        [REPORT_UNEXPECTED_PASS] = "passes, but the baseline says otherwise: ",
        [REPORT_OTHERWISE] = "not as the baseline says: ",
    };
    if (r->flaky) {
        sink_text(p->sink, " (flaky: passed at attempt ");
        sink_number(p->sink, r->attempts, 0);
        sink_text(p->sink, ")");
    }
    if (!r->flaky && r->attempts > 1) {
        sink_text(p->sink, " (at each of ");
        sink_number(p->sink, r->attempts, 0);
        sink_text(p->sink, " attempts)");
    }
    if (r->variant.len > 0) {
        sink_text(p->sink, " (");
        sink_visible(p->sink, r->variant, 0);
        sink_text(p->sink, ")");
    }
    if (r->baseline != REPORT_NOT_LISTED) {
        sink_text(p->sink, " (");
        sink_text(p->sink, remarks[r->baseline]);
        sink_visible(p->sink, r->baseline_reason, 0);
        sink_text(p->sink, ")");
    }
}

static void put_replayed(const struct pretty *p)
{
    size_t matched = 0, expected = 0;
    const struct script_test *test = p->result->test;
    for (size_t i = 0; i < test->step_count; i++)
        expected += test->steps[i].kind == SCRIPT_EXPECT;
    for (size_t i = 0; i < p->result->event_count; i++) {
        const struct engine_event *event = &p->result->events[i];
        matched += event->kind == ENGINE_EVENT_MATCHED && event->step < test->step_count &&
                   test->steps[event->step].kind == SCRIPT_EXPECT;
    }
    sink_number(p->sink, matched, 0);
    sink_text(p->sink, " of ");
    sink_number(p->sink, expected, 0);
    sink_text(p->sink, " replies as written");
}

static void put_verdict(const struct pretty *p)
{
    const struct report_result *r = p->result;
    bool unexpected = r->baseline == REPORT_UNEXPECTED_PASS;
    enum engine_verdict shown = unexpected ? ENGINE_FAIL : r->verdict;
    sink_text(p->sink, "  ");
    colored(p, p->sink, r->flaky ? YELLOW : verdict_colors[shown], engine_verdict_name(shown));
    sink_text(p->sink, shown == ENGINE_ERROR ? "  " : "   ");
    if (replays(p))
        put_replayed(p);
    else
        sink_visible(p->sink, r->test->title, 0);
    if (r->repeats > 1) {
        sink_text(p->sink, " [");
        sink_number(p->sink, r->repeat, 0);
        sink_text(p->sink, " of ");
        sink_number(p->sink, r->repeats, 0);
        sink_text(p->sink, "]");
    }
    if (p->run->server_count > 1) {
        sink_text(p->sink, " [");
        sink_visible(p->sink, p->run->servers[r->server].name, 0);
        sink_text(p->sink, "]");
    }
    if (r->reason.len > 0) {
        sink_text(p->sink, ": ");
        sink_visible(p->sink, r->reason, 0);
    }
    put_remarks(p);
    sink_text(p->sink, "\n");
}

static void put_replay_head(const struct pretty *p)
{
    sink_visible(p->sink, p->result->script->name, 0);
    sink_text(p->sink, " against ");
    sink_visible(p->sink, p->run->servers[p->result->server].url, 0);
    sink_text(p->sink, "\n        line  ");
    put_column(p->sink, SLICE("sent"), SENT_COLUMNS);
    put_column(p->sink, SLICE("expected"), 8);
    sink_text(p->sink, "got\n");
}

void *pretty_begin(struct sink sink, const struct report_run *run)
{
    struct pretty *p = report_grown(NULL, sizeof *p);
    *p = (struct pretty){.sink = sink, .run = run};
    if (run->style == PRETTY_RUN) {
        sink_number(sink, run->planned, 0);
        sink_text(sink, run->planned == 1 ? " test against " : " tests against ");
        for (size_t i = 0; i < run->server_count; i++) {
            sink_text(sink, i > 0 ? ", " : "");
            sink_visible(sink, run->servers[i].url, 0);
        }
        sink_text(sink, "\n");
    }
    return p;
}

void pretty_result(void *state, const struct report_result *result)
{
    struct pretty *p = state;
    p->result = result;
    p->received = p->secured = SLICE("");
    if (replays(p)) {
        put_replay_head(p);
        for (size_t i = 0; i < result->event_count; i++)
            put_event(p, &result->events[i]);
        put_verdict(p);
        sink_text(p->sink, "\n");
        return;
    }
    if (p->run->quiet && report_passed(result))
        return;
    if (p->script != result->script && !p->run->quiet) {
        sink_visible(p->sink, result->script->name, 0);
        sink_text(p->sink, "\n");
    }
    p->script = result->script;
    put_verdict(p);
    for (size_t i = 0; i < result->event_count; i++)
        put_event(p, &result->events[i]);
}

static void put_total(const struct pretty *p, size_t count, const char *color, const char *word)
{
    if (count == 0)
        return;
    sink_text(p->sink, ", ");
    if (p->run->color)
        sink_text(p->sink, color);
    sink_number(p->sink, count, 0);
    sink_text(p->sink, word);
    if (p->run->color)
        sink_text(p->sink, PLAIN);
}

void pretty_end(void *state, const struct report_end *end)
{
    struct pretty *p = state;
    const struct report_totals *t = &end->totals;
    if (p->run->style == PRETTY_SERVE && p->script == NULL) { /* nobody played anything */
        free(p);
        return;
    }
    if (end->not_played > 0) {
        sink_number(p->sink, end->not_played, 0);
        sink_text(p->sink, " more not played\n");
    }
    if (end->stopped.len > 0) {
        colored(p, p->sink, RED, end->dead ? "DEAD   " : "STOPPED   ");
        sink_visible(p->sink, end->stopped, 0);
        sink_text(p->sink, "\n");
    }
    if (p->run->color && t->pass > 0)
        sink_text(p->sink, GREEN);
    sink_number(p->sink, t->pass, 0);
    sink_text(p->sink, " passed");
    if (p->run->color && t->pass > 0)
        sink_text(p->sink, PLAIN);
    if (t->fail == 0)
        sink_text(p->sink, ", 0 failed");
    put_total(p, t->fail, RED, " failed");
    put_total(p, t->unexpected, RED, " passed unexpectedly");
    put_total(p, t->error, RED, " in error");
    put_total(p, t->flaky, YELLOW, " flaky");
    put_total(p, t->warn, YELLOW, " with a warning");
    put_total(p, t->expected, DIM, " failed as expected");
    put_total(p, t->skip, DIM, " skipped");
    sink_text(p->sink, " in ");
    sink_number(p->sink, end->taken_ms / 1000, 0);
    sink_text(p->sink, ".");
    sink_number(p->sink, end->taken_ms / 100 % 10, 0);
    sink_text(p->sink, " s\n");
    free(p);
}
