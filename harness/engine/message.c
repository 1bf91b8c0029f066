#include "engine/message.h"

#include "engine/event.h"
#include "engine/judge.h"
#include "engine/need.h"
#include "engine/pattern.h"
#include "engine/text.h"
#include "imf/header.h"

#define FIELD_OCTETS (64u * 1024) /* of a field that is looked at */

bool message_asked(const struct script_test *test)
{
    for (size_t i = 0; i < test->step_count; i++)
        if (test->steps[i].kind == SCRIPT_MESSAGE)
            return true;
    return false;
}

bool message_needed(const struct script_test *test)
{
    size_t depth = 0;
    for (size_t i = 0; i < test->step_count; i++) {
        enum script_step_kind kind = test->steps[i].kind;
        if (kind == SCRIPT_MESSAGE && depth == 0)
            return true;
        depth += kind == SCRIPT_IF;
        depth -= kind == SCRIPT_END;
    }
    return false;
}

static const struct script_message *current(const struct engine *e)
{
    return &e->test->steps[e->step].as.message;
}

static void differs(struct engine *e, enum engine_fault fault, struct slice text)
{
    judge_differed(e, JUDGE_FAIL, 0, (struct engine_event){.fault = fault, .text = text});
}

/* ---- which one ---- */

/* False where a variable has no value, or the text is too long to look for. */
static bool expand(struct engine *e, struct script_text text, uint8_t *octets,
                   struct slice *ret_slice)
{
    struct text_window window = {.ptr = octets, .room = ENGINE_QUERY_OCTETS};
    struct slice name;
    if (engine_text_missing(e, text, &name)) {
        need_value(e, name);
        return false;
    }
    if (!engine_text_put(e, text, &window) || window.total > window.len) {
        judge_finish(e, ENGINE_ERROR, ENGINE_FAULT_TOO_LONG, SLICE("a text to look for"));
        return false;
    }
    *ret_slice = slice_of(octets, window.len);
    return true;
}

static void begin_to_wait(struct engine *e, const struct script_message *message)
{
    e->query = (struct engine_query){.number = ++e->queries};
    e->message_len = e->trouble_len = 0;
    e->looked = e->looks_late = false;
    if (!expand(e, message->token, e->query_octets[0], &e->query.token) ||
        !expand(e, message->to, e->query_octets[1], &e->query.mailbox))
        return;
    e->query.own = engine_token_in(e, e->query.token);
    engine_wait_for(e, WAIT_MESSAGE,
                    message->within_ms > 0 ? message->within_ms : e->config.timeout_ms);
}

void message_missing(struct engine *e, struct slice trouble)
{
    e->looked = e->looked || trouble.len == 0;
    e->trouble_len = trouble.len < sizeof e->trouble ? trouble.len : sizeof e->trouble;
    if (trouble.len > 0)
        memcpy(e->trouble, trouble.ptr, e->trouble_len);
    if (e->looks_late)
        e->deadline = e->now_ms;
}

void message_timeout(struct engine *e)
{
    bool unseen = !e->looked && e->trouble_len == 0;
    if (unseen && !e->looks_late) { /* the first look is under way */
        e->looks_late = true;
        engine_wait_for(e, WAIT_MESSAGE, e->config.timeout_ms);
        return;
    }
    e->wait = WAIT_NOTHING;
    struct slice trouble =
        unseen ? SLICE("nobody has looked in time") : slice_of(e->trouble, e->trouble_len);
    if (!e->looked)
        differs(e, ENGINE_FAULT_MAILBOX, trouble);
    else if (current(e)->kind == SCRIPT_MESSAGE_ABSENT)
        judge_matched(e);
    else
        differs(e, ENGINE_FAULT_UNDELIVERED, e->query.token);
}

struct engine_query engine_query(const struct engine *e)
{
    return e->wait == WAIT_MESSAGE ? e->query : (struct engine_query){.number = 0};
}

bool message_take(struct engine *e, struct slice octets)
{
    if (e->wait != WAIT_MESSAGE)
        return false;
    e->wait = WAIT_NOTHING;
    if (octets.len > e->config.max_message_octets) {
        differs(e, ENGINE_FAULT_TOO_LONG, SLICE("the message"));
        return true;
    }
    if (octets.len > 0)
        memcpy(e->message, octets.ptr, octets.len);
    e->message_len = octets.len;
    if (current(e)->kind == SCRIPT_MESSAGE_ABSENT)
        differs(e, ENGINE_FAULT_DELIVERED, slice_sub(octets, 0, slice_find(octets, '\n')));
    else
        judge_matched(e);
    return true;
}

/* ---- what it is like ---- */

/** What is counted: fields or lines. */
struct tally {
    size_t count;      /* that are as the step says */
    bool first;        /* the very first one is */
    struct slice last; /* of them, for the report */
};

static void count_one(struct tally *t, size_t index, bool holds, struct slice raw)
{
    if (!holds)
        return;
    t->count++;
    t->first = t->first || index == 0;
    t->last = raw;
}

static bool field_holds(struct engine *e, const struct script_message *message,
                        const struct imf_field *field)
{
    if (!slice_equal_nocase(field->name, message->field))
        return false;
    if (message->pattern == NULL)
        return true;
    struct writer w = writer_of(e->scratch[0], sizeof e->scratch[0]);
    imf_field_unfold(slice_trim(field->body), &w);
    return pattern_search(message->pattern, writer_slice(&w), NULL, &e->ran_away);
}

/* Fields to the first line that is none. Returns where the body begins. */
static size_t count_fields(struct engine *e, const struct script_message *message, struct tally *t)
{
    struct slice all = slice_of(e->message, e->message_len);
    struct imf_header header;
    struct imf_field field;
    imf_header_begin(all, (struct imf_field_limits){FIELD_OCTETS, true}, &header);
    for (size_t i = 0;
         imf_header_next(&header, &field).status == PARSE_OK && field.kind == IMF_FIELD; i++)
        if (message->kind == SCRIPT_MESSAGE_HEADER)
            count_one(t, i, field_holds(e, message, &field), field.raw);
    return header.at;
}

static void count_lines(struct engine *e, const struct script_message *message, struct tally *t)
{
    struct slice rest =
        slice_from(slice_of(e->message, e->message_len), count_fields(e, message, t));
    for (size_t i = 0; rest.len > 0; i++) {
        size_t lf = slice_find(rest, '\n');
        struct slice line = slice_sub(rest, 0, lf);
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        count_one(t, i, pattern_search(message->pattern, line, NULL, &e->ran_away), line);
        rest = slice_from(rest, lf < rest.len ? lf + 1 : lf);
    }
}

static bool is_enough(const struct script_message *message, const struct tally *t)
{
    switch (message->amount) {
    case SCRIPT_AMOUNT_NONE:
        return t->count == 0;
    case SCRIPT_AMOUNT_ONE:
        return t->count == 1;
    case SCRIPT_AMOUNT_FIRST:
        return t->first;
    case SCRIPT_AMOUNT_SOME:
        break;
    }
    return t->count > 0;
}

static void look_at(struct engine *e, const struct script_message *message)
{
    struct slice all = slice_of(e->message, e->message_len);
    struct tally t = {.count = 0};
    if (message->kind == SCRIPT_MESSAGE_HEADER)
        count_fields(e, message, &t);
    else if (message->kind == SCRIPT_MESSAGE_LINE)
        count_lines(e, message, &t);
    else
        count_one(&t, 0, pattern_search(message->pattern, all, NULL, &e->ran_away), all);
    uint8_t text[160];
    struct writer w = writer_of(text, sizeof text);
    if (is_enough(message, &t)) {
        judge_matched(e);
        return;
    }
    writer_put_number(&w, t.count);
    writer_put(&w, t.count == 1 ? SLICE(" such") : SLICE(" such in the message"));
    if (t.count > 0) {
        writer_put(&w, SLICE(": "));
        writer_put(&w, slice_sub(t.last, 0, t.last.len < 100 ? t.last.len : 100));
    }
    differs(e, ENGINE_FAULT_ASSERT, writer_slice(&w));
}

void message_step(struct engine *e)
{
    const struct script_message *message = current(e);
    if (!engine_has_feature(e, SLICE("oracle")))
        need_feature(e, SLICE("oracle"));
    else if (message->kind == SCRIPT_MESSAGE_ARRIVES || message->kind == SCRIPT_MESSAGE_ABSENT)
        begin_to_wait(e, message);
    else
        look_at(e, message);
}
