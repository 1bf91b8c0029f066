#include "report/result.h"

#include "base/writer.h"
#include "report/sink.h"

const struct engine_event *report_first_difference(const struct report_result *result)
{
    const struct engine_event *first = NULL;
    for (size_t i = 0; i < result->event_count; i++) {
        const struct engine_event *event = &result->events[i];
        if (event->kind != ENGINE_EVENT_DIFFERED)
            continue;
        /* a warning may come before the failure that decided */
        if (first == NULL || (first->verdict == ENGINE_WARN && event->verdict != ENGINE_WARN))
            first = event;
    }
    return first;
}

/* The first word after the tag: what a caret stands under. */
struct report_where report_where(const struct report_result *result, size_t step)
{
    const struct script_test *test = result->test;
    if (step >= test->step_count) {
        size_t number = test->line == 0 ? 1 : test->line;
        struct script_place place = script_place_of(result->script, number);
        return (struct report_where){place.name, place.line, 1, 1, number};
    }
    const struct script_step *at = &test->steps[step];
    struct slice line = script_source_line(result->script, at->line);
    size_t from = at->column - 1 < line.len ? at->column - 1 : line.len;
    struct slice rest = slice_from(line, from);
    size_t width = slice_find(rest, ' ');
    size_t hyphen = slice_find(rest, '-');
    if (at->kind == SCRIPT_EXPECT && hyphen == 3 && width > 3)
        width = 3;
    struct script_place place = script_place_of(result->script, at->line);
    return (struct report_where){place.name, place.line, at->column, width == 0 ? 1 : width,
                                 at->line};
}

/* The verdict, where an error is about a step. */
static const struct engine_event *error_at_step(const struct report_result *result)
{
    for (size_t i = result->event_count; i-- > 0;) {
        const struct engine_event *event = &result->events[i];
        if (event->kind == ENGINE_EVENT_VERDICT)
            return event->step < result->test->step_count ? event : NULL;
    }
    return NULL;
}

struct report_where report_where_verdict(const struct report_result *result,
                                         const struct engine_event *verdict)
{
    struct report_where where = report_where(result, verdict->step);
    if (verdict->step == SCRIPT_NO_STEP || verdict->offset == 0)
        return where;
    struct slice line = script_source_line(result->script, where.number);
    where.column += verdict->offset;
    size_t from = where.column - 1 < line.len ? where.column - 1 : line.len;
    size_t width = slice_find(slice_from(line, from), ' ');
    where.width = width == 0 ? 1 : width;
    return where;
}

struct report_where report_where_wrong(const struct report_result *result)
{
    const struct engine_event *difference = report_first_difference(result);
    if (difference != NULL)
        return report_where(result, difference->step);
    const struct engine_event *verdict = error_at_step(result);
    return verdict == NULL ? report_where(result, SCRIPT_NO_STEP)
                           : report_where_verdict(result, verdict);
}

struct slice report_line(struct slice *rest)
{
    size_t lf = slice_find(*rest, '\n');
    struct slice line = slice_sub(*rest, 0, lf);
    *rest = lf < rest->len ? slice_from(*rest, lf + 1) : slice_sub(*rest, lf, lf);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

static void put_into(void *context, struct slice octets)
{
    struct writer *w = context;
    if (octets.len <= w->capacity - w->len)
        writer_put(w, octets);
}

struct slice report_message(const struct report_result *result, uint8_t *out, size_t size)
{
    struct writer w = writer_of(out, size);
    struct sink s = {put_into, &w};
    const struct engine_event *event = report_first_difference(result);
    if (result->baseline == REPORT_UNEXPECTED_PASS) {
        sink_text(s, "passes, but the baseline expects that it does not: ");
        sink_visible(s, result->baseline_reason, 200);
    } else if (event != NULL) {
        struct slice rest = event->text, sent = event->sent;
        if (result->verdict == ENGINE_SKIP)
            sink_text(s, "inconclusive: ");
        sink_text(s, engine_fault_text(event->fault));
        if (rest.len > 0) {
            sink_text(s, report_shows_octets(event) ? ": got " : ": ");
            sink_visible(s, report_line(&rest), 200);
        }
        if (result->verdict == ENGINE_SKIP && sent.len > 0) {
            sink_text(s, " to ");
            sink_visible(s, report_line(&sent), 80);
        }
    } else {
        sink_visible(s, result->reason, 300);
    }
    if (result->variant.len > 0) {
        sink_text(s, " (");
        sink_visible(s, result->variant, 100);
        sink_text(s, ")");
    }
    return writer_slice(&w);
}

struct slice report_rfc(const struct script_test *test)
{
    return slice_sub(test->rfc, 0, slice_find(test->rfc, '#'));
}

struct slice report_section(const struct script_test *test)
{
    size_t hash = slice_find(test->rfc, '#');
    return hash < test->rfc.len ? slice_from(test->rfc, hash + 1)
                                : slice_sub(test->rfc, hash, hash);
}

const char *report_outcome(const struct report_result *result)
{
    if (result->baseline == REPORT_UNEXPECTED_PASS)
        return "unexpected-pass";
    if (result->baseline == REPORT_EXPECTED)
        return "expected";
    return result->flaky ? "flaky" : engine_verdict_name(result->verdict);
}

bool report_passed(const struct report_result *result)
{
    return result->verdict == ENGINE_PASS && !result->flaky &&
           result->baseline != REPORT_UNEXPECTED_PASS;
}

/* Of the replies before a difference the last one that has its text: what %reply and %ehlo look at
 * was read before, and had matched. */
static bool is_asserted(const struct report_result *result, size_t index, size_t difference)
{
    const struct engine_event *event = &result->events[difference];
    bool ehlo = event->fault == ENGINE_FAULT_EHLO;
    if (!ehlo && (event->fault != ENGINE_FAULT_ASSERT || event->text.len == 0))
        return false;
    for (size_t i = difference; i-- > index;)
        if (result->events[i].kind == ENGINE_EVENT_RECEIVED &&
            slice_holds(result->events[i].text, ehlo ? SLICE("250-") : event->text))
            return i == index;
    return false;
}

bool report_differs(const struct report_result *result, size_t index)
{
    if (result->events[index].kind != ENGINE_EVENT_RECEIVED)
        return false;
    bool next = true;
    for (size_t i = index + 1; i < result->event_count; i++) {
        enum engine_event_kind kind = result->events[i].kind;
        if (kind == ENGINE_EVENT_DIFFERED && (next || is_asserted(result, index, i)))
            return true;
        next = next && kind == ENGINE_EVENT_NOTE;
    }
    return false;
}

void report_sent_line(struct sink s, const struct engine_event *event, struct slice *rest)
{
    if (event->raw) {
        size_t lf = slice_find(*rest, '\n');
        size_t end = lf < rest->len ? lf + 1 : lf;
        sink_escaped(s, slice_sub(*rest, 0, end));
        *rest = slice_from(*rest, end);
    } else {
        sink_visible(s, report_line(rest), 0);
    }
    if (rest->len == 0 && event->more > 0) {
        sink_text(s, "... (");
        sink_number(s, event->more, 0);
        sink_text(s, " octets more)");
    }
}

bool report_shows_octets(const struct engine_event *difference)
{
    static const bool shows[] = {
        [ENGINE_FAULT_CODE] = true,       [ENGINE_FAULT_ENHANCED] = true,
        [ENGINE_FAULT_TEXT] = true,       [ENGINE_FAULT_PATTERN] = true,
        [ENGINE_FAULT_MALFORMED] = true,  [ENGINE_FAULT_ALERT] = true,
        [ENGINE_FAULT_NOT_CLOSED] = true, [ENGINE_FAULT_UNREAD] = true,
        [ENGINE_FAULT_TIMEOUT] = true,    [ENGINE_FAULT_CLOSED] = true,
        [ENGINE_FAULT_QUIET] = true,      [ENGINE_FAULT_COMMAND] = true,
    };
    size_t fault = (size_t)difference->fault;
    return fault < sizeof shows / sizeof *shows && shows[fault] && difference->text.len > 0;
}

void report_codes(struct sink s, const struct report_result *r)
{
    bool first = true;
    for (size_t i = 0; i < r->event_count; i++) {
        const struct engine_event *event = &r->events[i];
        if (event->kind != ENGINE_EVENT_RECEIVED || event->text.len < 3)
            continue;
        sink_text(s, first ? "" : " ");
        sink_visible(s, slice_sub(event->text, 0, 3), 0);
        first = false;
    }
    if (first)
        sink_text(s, "no reply");
}

static void put_sent(struct sink s, const struct engine_event *event)
{
    struct slice rest = event->text;
    do {
        sink_text(s, event->raw ? "C!: " : "C: ");
        report_sent_line(s, event, &rest);
        sink_text(s, "\n");
    } while (rest.len > 0);
}

static void put_lines(struct sink s, const char *tag, struct slice text)
{
    for (struct slice rest = text; rest.len > 0;) {
        sink_text(s, tag);
        sink_visible(s, report_line(&rest), 0);
        sink_text(s, "\n");
    }
}

void report_dialogue(struct sink s, const struct report_result *result)
{
    static const char *const tags[ENGINE_EVENT_VERDICT + 1] = {
        [ENGINE_EVENT_RECEIVED] = "S: ",
        [ENGINE_EVENT_SECURED] = "TLS: ",
        [ENGINE_EVENT_NOTE] = "note: ",
    };
    bool shown = false; /* the reply that differs stands on the line above */
    for (size_t i = 0; i < result->event_count; i++) {
        const struct engine_event *event = &result->events[i];
        if (tags[event->kind] != NULL)
            put_lines(s, tags[event->kind], event->text);
        if (event->kind == ENGINE_EVENT_SENT)
            put_sent(s, event);
        if (event->kind == ENGINE_EVENT_CLOSED)
            put_lines(s, "", event->text.len > 0 ? event->text : SLICE("the server closed"));
        shown = shown || report_differs(result, i);
        if (event->kind != ENGINE_EVENT_DIFFERED)
            continue;
        if (!shown && report_shows_octets(event))
            put_lines(s, "S: ", event->text);
        sink_text(s, "   ^ ");
        sink_text(s, engine_fault_text(event->fault));
        if (!report_shows_octets(event) && event->text.len > 0) {
            sink_text(s, ": ");
            sink_visible(s, event->text, 200);
        }
        struct report_where where = report_where(result, event->step);
        sink_text(s, " (");
        sink_visible(s, where.file, 0);
        sink_text(s, ":");
        sink_number(s, where.line, 0);
        sink_text(s, ")\n");
        shown = false;
    }
    if (result->dropped > 0) {
        sink_number(s, result->dropped, 0);
        sink_text(s, " events more\n");
    }
}
