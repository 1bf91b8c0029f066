#include "engine/serve.h"

#include "base/line.h"
#include "engine/event.h"
#include "engine/exchange.h"
#include "engine/expect.h"
#include "engine/judge.h"
#include "engine/lane.h"
#include "engine/text.h"
#include "smtp/code.h"
#include "smtp/command.h"
#include "smtp/proxy.h"

#define REPLY_ROOM 1024u /* octets kept free for a reply that is made up */

static const struct script_step *step_at(const struct engine *e, size_t index)
{
    return index < e->test->step_count ? &e->test->steps[index] : NULL;
}

static bool is_kind(const struct script_step *step, enum script_step_kind kind)
{
    return step != NULL && step->kind == kind;
}

/* ---- replies ---- */

/* A code that the set allows: wildcards as 0, the first of alternatives; of "!2xx", or "*", one
 * that is usual. */
static unsigned concrete_code(struct script_outcomes set)
{
    static const unsigned usual[] = {250, 500, 450, 354};
    for (size_t i = 0; i < set.count; i++) {
        const struct script_outcome *one = &set.items[i];
        unsigned code = 0;
        if (one->kind != SCRIPT_OUTCOME_CODE || one->negated)
            continue;
        for (size_t k = 0; k < 3; k++)
            code = code * 10 + (one->digit[k] == SCRIPT_ANY_DIGIT ? 0 : one->digit[k]);
        return code;
    }
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (script_outcomes_match(set, usual[i]))
            return usual[i];
    unsigned code = 200;
    while (code < 599 && !script_outcomes_match(set, code))
        code++;
    return code;
}

static void put_octets(struct engine *e, struct slice octets)
{
    size_t room = e->config.max_output_octets - e->output_len;
    size_t take = octets.len < room ? octets.len : room;
    if (take > 0)
        memcpy(e->output + e->output_len, octets.ptr, take);
    e->output_len += take;
}

static void put_text(struct engine *e, struct script_text text)
{
    struct text_window window = {.ptr = e->output + e->output_len,
                                 .room = e->config.max_output_octets - e->output_len};
    engine_text_put(e, text, &window);
    e->output_len += window.len;
}

static void put_line(struct engine *e, const struct script_expectation *expect, size_t index)
{
    const struct script_reply_line *line = &expect->lines[index];
    unsigned code = concrete_code(expect->pass);
    if (line->kind == SCRIPT_LINE_CODE) {
        const uint8_t head[4] = {(uint8_t)('0' + code / 100), (uint8_t)('0' + code / 10 % 10),
                                 (uint8_t)('0' + code % 10),
                                 index + 1 < expect->line_count ? '-' : ' '};
        const struct smtp_code *known = smtp_code_find(code);
        put_octets(e, slice_of(head, sizeof head));
        if (line->text.count == 0)
            put_octets(e, slice_of_cstr(known == NULL ? "OK" : known->meaning));
    }
    put_text(e, line->text);
    put_octets(e, SLICE("\r\n"));
}

/* What was sent is what %if, %capture and ${ehlo.KEY} are about, as it is for the client. */
static void keep(struct engine *e, size_t index, struct slice sent)
{
    size_t answers = e->test->steps[index].answers;
    size_t kept = sent.len < e->config.max_input_octets ? sent.len : e->config.max_input_octets;
    if (sent.len < 3)
        return;
    memcpy(e->last_reply, sent.ptr, kept);
    e->last_reply_len = kept;
    e->last_other = SCRIPT_OUTCOME_CODE;
    e->last_code = 0;
    for (size_t i = 0; i < 3; i++)
        e->last_code = e->last_code * 10 + (unsigned)(sent.ptr[i] - '0') % 10;
    bool ehlo = answers != SCRIPT_NO_STEP && sent.ptr[0] == '2' &&
                slice_starts_nocase(event_sent_text(e, answers), SLICE("EHLO"));
    if (!ehlo || sent.len > ENGINE_EHLO_OCTETS)
        return;
    memcpy(e->ehlo, sent.ptr, sent.len);
    e->ehlo_len = sent.len;
}

/* Sends one reply; false where the output is too full for it. */
static bool put_reply(struct engine *e, size_t index)
{
    const struct script_expectation *expect = &e->test->steps[index].as.expect;
    size_t before = e->output_len;
    for (size_t i = 0; i < expect->line_count; i++) {
        put_line(e, expect, i);
        if (e->config.max_output_octets - e->output_len < REPLY_ROOM && before > 0) {
            e->output_len = before;
            return false;
        }
    }
    struct slice sent = slice_of(e->output + before, e->output_len - before);
    event_emit(e, (struct engine_event){.kind = ENGINE_EVENT_SENT, .step = index, .text = sent});
    keep(e, index, sent);
    return true;
}

static bool closes(const struct script_step *step)
{
    return step->as.expect.line_count == 0;
}

/* Sends every reply that answers what has come: a client that waits for each one is not kept
 * waiting where the script pipelines. */
static void send_replies(struct engine *e)
{
    if (e->replied < e->step)
        e->replied = e->step;
    for (;; e->replied++) {
        const struct script_step *step = step_at(e, e->replied);
        if (is_kind(step, SCRIPT_SEND))
            continue;
        if (!is_kind(step, SCRIPT_EXPECT) || closes(step))
            break;
        if (step->answers != SCRIPT_NO_STEP && step->answers >= e->step)
            break;
        if (!put_reply(e, e->replied))
            break;
    }
    if (e->output_len > 0) {
        e->wait = WAIT_SENT;
        e->deadline = e->now_ms + e->config.timeout_ms;
    }
}

size_t serve_unplayable(const struct engine *e)
{
    for (size_t i = 0; i < e->test->step_count; i++)
        if (is_kind(&e->test->steps[i], SCRIPT_CONNECT))
            return i;
    for (size_t i = 0; i < e->test->step_count; i++)
        for (size_t k = 0; is_kind(&e->test->steps[i], SCRIPT_EXPECT) &&
                           k < e->test->steps[i].as.expect.line_count;
             k++)
            if (e->test->steps[i].as.expect.lines[k].kind == SCRIPT_LINE_PATTERN)
                return i;
    return SCRIPT_NO_STEP;
}

/* ---- commands ---- */

static bool differs(struct engine *e, enum engine_fault fault, struct slice got)
{
    e->worst = ENGINE_FAIL;
    event_emit(e, (struct engine_event){.kind = ENGINE_EVENT_DIFFERED,
                                        .step = e->step,
                                        .fault = fault,
                                        .verdict = ENGINE_FAIL,
                                        .taken_ms = e->now_ms - e->asked_ms,
                                        .text = got});
    e->step = e->test->step_count;
    e->input_at = e->input_len;
    e->wait = WAIT_NOTHING;
    if (!e->ended) {
        put_octets(e, SLICE("421 4.3.0 The script has another command here\r\n"));
        e->wait = WAIT_SENT;
    }
    return true;
}

/* Goes on with the step after `last`. */
static bool matched(struct engine *e, size_t last)
{
    e->step = last;
    judge_matched(e);
    if (!e->lanes[e->connection].owes_tls) /* else the handshake comes behind the header */
        send_replies(e);
    return true;
}

static struct slice first_word(struct slice line)
{
    return slice_sub(line, 0, slice_find(line, ' '));
}

static bool same_command(const struct engine *e, const struct base_line *got)
{
    uint8_t octets[4096];
    struct text_window window = {.ptr = octets, .room = sizeof octets};
    engine_text_put(e, e->test->steps[e->step].as.send.text, &window);
    struct slice written = slice_of(octets, window.len);
    if (e->config.match == ENGINE_MATCH_EXACT)
        return slice_equal(written, got->raw);
    written = slice_sub(written, 0, slice_find(written, '\r'));
    if (e->config.match == ENGINE_MATCH_TEXT)
        return slice_equal(slice_trim(written), slice_trim(got->text));
    return slice_equal_nocase(first_word(slice_trim(written)), first_word(slice_trim(got->text)));
}

/* The lone dot of a message that has %repeat in it: it ends all of that. */
static size_t repeated_message_end(const struct engine *e)
{
    bool repeats = false;
    for (size_t i = e->step; i < e->test->step_count; i++) {
        const struct script_step *step = step_at(e, i);
        bool flow = is_kind(step, SCRIPT_REPEAT) || is_kind(step, SCRIPT_AGAIN);
        repeats = repeats || flow;
        if (flow)
            continue;
        if (!is_kind(step, SCRIPT_SEND) || step->as.send.role != SCRIPT_SEND_MESSAGE)
            break;
        if (step->as.send.ends_message)
            return repeats ? i : SCRIPT_NO_STEP;
    }
    return SCRIPT_NO_STEP;
}

/* The last of the steps that make up one message or chunk, and the octets they hold. */
static size_t message_end(const struct engine *e, bool *ret_dot, size_t *ret_octets)
{
    size_t last = e->step;
    *ret_dot = false;
    *ret_octets = 0;
    if (step_at(e, e->step)->as.send.role == SCRIPT_SEND_MESSAGE &&
        (last = repeated_message_end(e)) != SCRIPT_NO_STEP) {
        *ret_dot = true;
        return last;
    }
    last = e->step;
    for (size_t i = e->step; is_kind(step_at(e, i), SCRIPT_SEND); i++) {
        const struct script_send *send = &step_at(e, i)->as.send;
        if (send->role != step_at(e, e->step)->as.send.role || *ret_dot)
            break;
        struct text_window window = {.skip = SIZE_MAX};
        engine_text_put(e, send->text, &window);
        *ret_octets += window.total;
        *ret_dot = send->ends_message;
        last = i;
        if (send->role == SCRIPT_SEND_RAW)
            break;
    }
    return last;
}

/* Octets that are no lines: a BDAT chunk, raw octets. As many as are written are taken. */
static bool take_octets(struct engine *e, size_t last, size_t octets)
{
    size_t left = octets - e->taken;
    size_t take = lane_unread(e).len < left ? lane_unread(e).len : left;
    e->taken += take;
    e->input_at += take;
    if (e->taken < octets)
        return false;
    e->taken = 0;
    return matched(e, last);
}

/* Any header: a proxy knows other addresses than the script does. */
static bool take_header(struct engine *e)
{
    struct smtp_proxy proxy;
    struct parse_result result = smtp_proxy_parse(lane_unread(e), SMTP_PROXY_OCTETS, &proxy);
    if (result.status == PARSE_MORE)
        return false;
    if (result.status == PARSE_ERROR)
        return differs(e, ENGINE_FAULT_COMMAND, lane_unread(e));
    e->input_at += result.offset;
    return matched(e, e->step);
}

/* RFC 5321 4.1.1.4: only CRLF.CRLF ends a message; its text is not compared. */
static bool take_message(struct engine *e, size_t last)
{
    struct base_line line;
    while (base_line_parse(lane_unread(e), e->config.max_input_octets, &line).status == PARSE_OK) {
        bool whole = !e->in_long_line;
        e->in_long_line = false;
        e->input_at += line.raw.len;
        if (whole && slice_equal(line.raw, SLICE(".\r\n")))
            return matched(e, last);
    }
    if (lane_unread(e).len >=
        e->config.max_input_octets / 2) { /* let it pass by, but for half a CRLF */
        e->input_at = e->input_len - 1;
        e->in_long_line = true;
    }
    return false;
}

static bool take_line(struct engine *e, enum script_send_role role)
{
    struct base_line line;
    struct parse_result result =
        base_line_parse(lane_unread(e), e->config.max_input_octets / 2, &line);
    if (result.status == PARSE_MORE)
        return false;
    if (result.status == PARSE_ERROR)
        return differs(e, ENGINE_FAULT_TOO_LONG, lane_unread(e));
    e->input_at += line.raw.len;
    event_emit(e, (struct engine_event){.kind = ENGINE_EVENT_RECEIVED,
                                        .step = e->step,
                                        .text = role == SCRIPT_SEND_AUTH ? SLICE("****") : line.raw,
                                        .quirks = line.quirks});
    if (role == SCRIPT_SEND_COMMAND && !same_command(e, &line))
        return differs(e, ENGINE_FAULT_COMMAND, line.raw);
    return matched(e, e->step);
}

/* "BDAT n [LAST]" and n octets (RFC 3030 2), whatever the script has in that chunk. */
static bool take_chunk(struct engine *e)
{
    if (!e->in_chunk) {
        struct smtp_command command;
        struct parse_result result =
            smtp_command_parse(lane_unread(e), e->config.max_input_octets / 2, &command);
        if (result.status == PARSE_MORE)
            return false;
        if (result.status == PARSE_ERROR || command.verb != SMTP_VERB_BDAT)
            return differs(e, ENGINE_FAULT_COMMAND, lane_unread(e));
        event_emit(e, (struct engine_event){.kind = ENGINE_EVENT_RECEIVED,
                                            .step = e->step,
                                            .text = slice_sub(lane_unread(e), 0, result.offset)});
        e->input_at += result.offset;
        e->chunk_octets = command.chunk_octets;
        e->in_chunk = true;
    }
    size_t here = lane_unread(e).len;
    size_t take = here < e->chunk_octets ? here : (size_t)e->chunk_octets;
    e->input_at += take;
    e->chunk_octets -= take;
    if (e->chunk_octets > 0)
        return false;
    e->in_chunk = false;
    return matched(e, e->step);
}

/* A line of an exchange: the command, or an answer to a 334. */
static bool take_auth(struct engine *e)
{
    struct base_line line;
    struct slice reason;
    struct parse_result result =
        base_line_parse(lane_unread(e), e->config.max_input_octets / 2, &line);
    if (result.status == PARSE_MORE)
        return false;
    if (result.status == PARSE_ERROR)
        return differs(e, ENGINE_FAULT_TOO_LONG, lane_unread(e));
    e->input_at += line.raw.len;
    event_emit(e, (struct engine_event){.kind = ENGINE_EVENT_RECEIVED,
                                        .step = e->step,
                                        .text = event_sent_text(e, e->step),
                                        .quirks = line.quirks});
    switch (exchange_serve(e, line.text, &reason)) {
    case EXCHANGE_DONE:
        if (!is_kind(step_at(e, e->step + 1), SCRIPT_EXPECT))
            put_octets(e, SLICE("235 2.7.0 Authentication succeeded\r\n"));
        return matched(e, e->step);
    case EXCHANGE_GOES_ON:
        e->wait = WAIT_SENT;
        e->deadline = e->now_ms + e->config.timeout_ms;
        return true;
    case EXCHANGE_OTHER_COMMAND:
        return differs(e, ENGINE_FAULT_COMMAND, line.raw);
    case EXCHANGE_FAILED:
        break;
    }
    return differs(e, ENGINE_FAULT_SASL, reason);
}

bool serve_command(struct engine *e)
{
    enum script_send_role role = e->test->steps[e->step].as.send.role;
    bool done, dot;
    if (e->test->steps[e->step].kind == SCRIPT_AUTH)
        return take_auth(e) || (e->ended && differs(e, ENGINE_FAULT_CLOSED, lane_unread(e)));
    size_t octets;
    if (role == SCRIPT_SEND_COMMAND || role == SCRIPT_SEND_AUTH) {
        done = take_line(e, role);
    } else if (role == SCRIPT_SEND_CHUNK) {
        done = take_chunk(e);
    } else if (role == SCRIPT_SEND_PROXY) {
        done = take_header(e);
    } else {
        size_t last = message_end(e, &dot, &octets);
        done = dot ? take_message(e, last) : take_octets(e, last, octets);
    }
    return done || (e->ended && differs(e, ENGINE_FAULT_CLOSED, lane_unread(e)));
}

void serve_step(struct engine *e)
{
    const struct script_step *step = &e->test->steps[e->step];
    bool found;
    e->deadline = e->now_ms + e->config.timeout_ms;
    switch (step->kind) {
    case SCRIPT_SEND:
    case SCRIPT_AUTH:
        e->wait = WAIT_COMMAND;
        serve_command(e);
        break;
    case SCRIPT_EXPECT:
        if (closes(step)) {
            e->step = e->test->step_count;
        } else if (e->step < e->replied) {
            e->step++;
        } else {
            send_replies(e);
        }
        break;
    case SCRIPT_TLS:
        e->input_at = e->input_len; /* RFC 3207 4.2: nothing from before the handshake counts */
        e->tls_as = &step->as.tls;
        e->wait = WAIT_TLS;
        break;
    case SCRIPT_SLEEP:
        e->deadline = e->now_ms + step->as.wait.ms;
        e->wait = WAIT_SLEEP;
        break;
    case SCRIPT_CAPTURE: /* it is of a reply that this side sent */
        expect_take_capture(e, &found);
        e->step++;
        break;
    default: /* what the client asserts and does on its own */
        e->step++;
        break;
    }
}
