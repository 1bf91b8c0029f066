#include "report/pretty.h"

#include "base/writer.h"
#include "report/place.h"
#include "smtp/code.h"

#define RED    "\x1b[31m"
#define GREEN  "\x1b[32m"
#define YELLOW "\x1b[33m"
#define DIM    "\x1b[2m"
#define PLAIN  "\x1b[0m"

#define SENT_COLUMNS 34
#define GOT_COLUMNS  64
#define SHOWN_LINES  8 /* lines of a differing reply */

static const char *const verdict_colors[] = {
    [ENGINE_PASS] = GREEN, [ENGINE_WARN] = YELLOW, [ENGINE_SKIP] = DIM,
    [ENGINE_FAIL] = RED,   [ENGINE_ERROR] = RED,
};

static void colored(const struct pretty *p, struct sink s, const char *color, const char *text)
{
    if (p->color)
        sink_text(s, color);
    sink_text(s, text);
    if (p->color)
        sink_text(s, PLAIN);
}

/* ---- details are held back until the test's own line stands --------------------------------- */

static void hold(void *context, struct slice octets)
{
    struct pretty *p = context;
    size_t room = sizeof p->held - p->held_len;
    size_t take = octets.len < room ? octets.len : room;
    memcpy(p->held + p->held_len, octets.ptr, take);
    p->held_len += take;
}

/* Where details go: a replay prints them under their row at once. */
static struct sink details(struct pretty *p)
{
    return p->style == PRETTY_REPLAY ? p->sink : (struct sink){.put = hold, .context = p};
}

/* ---- one difference -------------------------------------------------------------------------- */

static struct slice line_of(struct slice *rest)
{
    size_t lf = slice_find(*rest, '\n');
    struct slice line = slice_sub(*rest, 0, lf);
    *rest = lf < rest->len ? slice_from(*rest, lf + 1) : slice_sub(*rest, lf, lf);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* What came, each further line under the first. */
static void put_got(struct sink s, struct place place, struct slice text)
{
    size_t lines = 0;
    for (struct slice rest = text; rest.len > 0; lines++) {
        struct slice line = line_of(&rest);
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

/* The first word after the tag: what the caret stands under. */
static struct place place_of(const struct pretty *p, size_t step)
{
    if (step == SCRIPT_NO_STEP)
        return (struct place){p->script, p->test->line == 0 ? 1 : p->test->line, 1, 1};
    const struct script_step *at = &p->test->steps[step];
    struct slice line = script_source_line(p->script, at->line);
    size_t from = at->column - 1 < line.len ? at->column - 1 : line.len;
    struct slice rest = slice_from(line, from);
    size_t width = slice_find(rest, ' ');
    size_t hyphen = slice_find(rest, '-');
    if (at->kind == SCRIPT_EXPECT && hyphen == 3 && width > 3)
        width = 3;
    return (struct place){p->script, at->line, at->column, width == 0 ? 1 : width};
}

static void put_sent(struct pretty *p, struct sink s, struct place place,
                     const struct engine_event *event)
{
    place_margin(s, place);
    if (event->sent.len > 0) {
        size_t answers = p->test->steps[event->step].answers;
        sink_text(s, "sent");
        if (answers != SCRIPT_NO_STEP) {
            sink_text(s, " at line ");
            sink_number(s, script_place_of(p->script, p->test->steps[answers].line).line, 0);
        }
        sink_text(s, ": ");
        struct slice rest = event->sent;
        sink_visible(s, line_of(&rest), 160);
    } else {
        sink_text(s, "nothing was sent before it");
    }
    sink_text(s, "   (+");
    sink_number(s, event->taken_ms, 0);
    sink_text(s, " ms");
    if (p->secured_len > 0) {
        sink_text(s, ", ");
        sink_put(s, slice_of(p->secured, p->secured_len));
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
    struct slice rfc = p->test->rfc;
    if (rfc.len == 0)
        return;
    size_t hash = slice_find(rfc, '#');
    place_margin(s, place);
    sink_text(s, "RFC ");
    sink_visible(s, slice_sub(rfc, 0, hash), 0);
    if (hash < rfc.len) {
        sink_text(s, " section ");
        sink_visible(s, slice_from(rfc, hash + 1), 0);
    }
    sink_text(s, " (");
    sink_text(s, script_level_name(p->test->level));
    sink_text(s, ")\n");
}

static void put_difference(struct pretty *p, const struct engine_event *event)
{
    struct sink s = details(p);
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

/* ---- the table of a replay ------------------------------------------------------------------- */

static void remember(struct pretty *p, struct slice reply)
{
    struct slice rest = reply, line = {NULL, 0};
    p->received_lines = 0;
    while (rest.len > 0) {
        line = line_of(&rest);
        p->received_lines++;
    }
    p->received_len = line.len < sizeof p->received ? line.len : sizeof p->received;
    if (p->received_len > 0)
        memcpy(p->received, line.ptr, p->received_len);
}

static struct slice expected_word(const struct pretty *p, size_t step)
{
    struct place place = place_of(p, step);
    struct slice line = script_source_line(p->script, place.line);
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
    const struct script_step *step = &p->test->steps[event->step];
    struct slice sent = event->sent;
    struct slice expected = expected_word(p, event->step);
    if (step->as.expect.line_count == 0)
        expected = SLICE("closes");
    colored(p, p->sink, color, mark);
    sink_number(p->sink, script_place_of(p->script, step->line).line, 5);
    sink_text(p->sink, "  ");
    put_column(p->sink, sent.len > 0 ? line_of(&sent) : SLICE(""), SENT_COLUMNS);
    put_column(p->sink, expected, 8);
}

static void put_matched_row(struct pretty *p, const struct engine_event *event)
{
    put_row(p, event, GREEN, "  ok  ");
    if (p->received_lines == 0) {
        sink_text(p->sink, "(closed)\n");
        return;
    }
    sink_visible(p->sink, slice_of(p->received, p->received_len), GOT_COLUMNS);
    if (p->received_lines > 1) {
        sink_text(p->sink, "  (");
        sink_number(p->sink, p->received_lines, 0);
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
    bool reply = event->step != SCRIPT_NO_STEP && p->test->steps[event->step].kind == SCRIPT_EXPECT;
    if (event->kind == ENGINE_EVENT_MATCHED && reply)
        put_matched_row(p, event);
    if (event->kind == ENGINE_EVENT_MATCHED)
        p->received_lines = p->received_len = 0;
    if (event->kind == ENGINE_EVENT_PASSED_OVER && reply)
        put_passed_over_row(p, event);
    if (event->kind == ENGINE_EVENT_DIFFERED && reply) {
        put_row(p, event, RED, "  DIFF");
        struct slice got = event->text;
        sink_visible(p->sink, got.len > 0 ? line_of(&got) : SLICE("(nothing)"), GOT_COLUMNS);
        sink_text(p->sink, "\n");
    }
    if (event->kind == ENGINE_EVENT_NOTE) {
        sink_text(p->sink, "  note       ");
        sink_visible(p->sink, event->text, 0);
        sink_text(p->sink, "\n");
    }
}

/* ---- tests ------------------------------------------------------------------------------------
 */

static size_t *total_of(struct report_totals *totals, enum engine_verdict verdict)
{
    size_t *const each[] = {
        [ENGINE_PASS] = &totals->pass,   [ENGINE_WARN] = &totals->warn,
        [ENGINE_SKIP] = &totals->skip,   [ENGINE_FAIL] = &totals->fail,
        [ENGINE_ERROR] = &totals->error,
    };
    return each[verdict];
}

static void put_verdict(struct pretty *p, const struct engine_event *event)
{
    sink_text(p->sink, "  ");
    colored(p, p->sink, verdict_colors[event->verdict], engine_verdict_name(event->verdict));
    sink_text(p->sink, event->verdict == ENGINE_ERROR ? "  " : "   ");
    if (p->style == PRETTY_REPLAY) {
        sink_number(p->sink, p->matched, 0);
        sink_text(p->sink, " of ");
        sink_number(p->sink, p->expected, 0);
        sink_text(p->sink, " replies as written");
    } else {
        sink_visible(p->sink, p->test->title, 0);
    }
    if (event->text.len > 0) {
        sink_text(p->sink, ": ");
        sink_visible(p->sink, event->text, 0);
    }
    sink_text(p->sink, "\n");
}

static void end_test(struct pretty *p, const struct engine_event *event)
{
    *total_of(&p->totals, event->verdict) += 1;
    if (!p->quiet || event->verdict != ENGINE_PASS)
        put_verdict(p, event);
    sink_put(p->sink, slice_of(p->held, p->held_len));
    if (p->style == PRETTY_REPLAY)
        sink_text(p->sink, "\n");
}

void pretty_begin(struct pretty *p, const struct script *script, const struct script_test *test,
                  struct slice target)
{
    if (p->style == PRETTY_RUN && p->script != script && !p->quiet) {
        sink_visible(p->sink, script->name, 0);
        sink_text(p->sink, "\n");
    }
    p->script = script;
    p->test = test;
    p->target = target;
    p->secured_len = p->held_len = p->received_len = p->received_lines = 0;
    p->matched = p->expected = 0;
    for (size_t i = 0; i < test->step_count; i++)
        p->expected += test->steps[i].kind == SCRIPT_EXPECT;
    if (p->style == PRETTY_REPLAY) {
        sink_visible(p->sink, script->name, 0);
        sink_text(p->sink, " against ");
        sink_visible(p->sink, target, 0);
        sink_text(p->sink, "\n        line  ");
        put_column(p->sink, SLICE("sent"), SENT_COLUMNS);
        put_column(p->sink, SLICE("expected"), 8);
        sink_text(p->sink, "got\n");
    }
}

void pretty_event(struct pretty *p, const struct engine_event *event)
{
    if (event->kind == ENGINE_EVENT_RECEIVED)
        remember(p, event->text);
    if (event->kind == ENGINE_EVENT_SECURED) {
        p->secured_len = event->text.len < sizeof p->secured ? event->text.len : sizeof p->secured;
        memcpy(p->secured, event->text.ptr, p->secured_len);
    }
    if (event->kind == ENGINE_EVENT_MATCHED && event->step != SCRIPT_NO_STEP)
        p->matched += p->test->steps[event->step].kind == SCRIPT_EXPECT;
    if (p->style == PRETTY_REPLAY)
        replay_event(p, event);
    if (event->kind == ENGINE_EVENT_DIFFERED)
        put_difference(p, event);
    if (event->kind == ENGINE_EVENT_VERDICT)
        end_test(p, event);
}

static void put_total(struct pretty *p, size_t count, enum engine_verdict verdict, const char *word)
{
    if (count == 0 && verdict != ENGINE_PASS && verdict != ENGINE_FAIL)
        return;
    if (verdict != ENGINE_PASS)
        sink_text(p->sink, ", ");
    if (p->color && count > 0)
        sink_text(p->sink, verdict_colors[verdict]);
    sink_number(p->sink, count, 0);
    sink_text(p->sink, word);
    if (p->color && count > 0)
        sink_text(p->sink, PLAIN);
}

void pretty_end(struct pretty *p, uint64_t elapsed_ms)
{
    put_total(p, p->totals.pass, ENGINE_PASS, " passed");
    put_total(p, p->totals.fail, ENGINE_FAIL, " failed");
    put_total(p, p->totals.error, ENGINE_ERROR, " in error");
    put_total(p, p->totals.warn, ENGINE_WARN, " with a warning");
    put_total(p, p->totals.skip, ENGINE_SKIP, " skipped");
    sink_text(p->sink, " in ");
    sink_number(p->sink, elapsed_ms / 1000, 0);
    sink_text(p->sink, ".");
    sink_number(p->sink, elapsed_ms / 100 % 10, 0);
    sink_text(p->sink, " s\n");
}
