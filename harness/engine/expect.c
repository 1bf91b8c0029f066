#include "engine/expect.h"

#include "engine/assert.h"
#include "engine/event.h"
#include "engine/exchange.h"
#include "engine/judge.h"
#include "engine/lane.h"
#include "engine/pattern.h"
#include "engine/text.h"
#include "smtp/command.h"

/* ---- one reply against one expectation ---- */

static bool in_class(struct script_outcomes set, unsigned code)
{
    for (size_t i = 0; i < set.count; i++) {
        const struct script_outcome *one = &set.items[i];
        bool same = one->kind == SCRIPT_OUTCOME_CODE &&
                    (one->digit[0] == SCRIPT_ANY_DIGIT || one->digit[0] == code / 100);
        if (same || one->kind == SCRIPT_OUTCOME_ANY)
            return !one->negated;
    }
    return set.count > 0 && set.items[0].negated;
}

static bool code_matches(const struct engine *e, struct script_outcomes set, unsigned code)
{
    return e->config.match == ENGINE_MATCH_CLASS ? in_class(set, code)
                                                 : script_outcomes_match(set, code);
}

static bool enhanced_matches(const struct script_enhanced *written, const struct smtp_reply *reply)
{
    const uint16_t got[3] = {reply->enhanced.status_class, reply->enhanced.subject,
                             reply->enhanced.detail};
    if (!reply->has_enhanced)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (written->part[i] >= 0 && written->part[i] != got[i])
            return false;
    return true;
}

/* Whether a line is what is written; `loose`: white space at its end does not count. */
static bool line_matches(const struct engine *e, struct script_text written, struct slice got,
                         bool loose)
{
    uint8_t octets[4096];
    struct text_window window = {.ptr = octets, .room = sizeof octets};
    engine_text_put(e, written, &window);
    struct slice text = slice_of(octets, window.len);
    if (loose) {
        text = slice_trim(text);
        got = slice_trim(got);
    }
    return window.total == window.len && slice_equal(text, got);
}

static enum engine_fault lines_fault(struct engine *e, const struct script_expectation *expect,
                                     const struct smtp_reply *reply)
{
    bool whole = e->config.match >= ENGINE_MATCH_TEXT;
    struct slice rest = reply->raw;
    for (size_t i = 0; i < expect->line_count; i++) {
        const struct script_reply_line *written = &expect->lines[i];
        struct smtp_reply_line got;
        if (written->kind == SCRIPT_LINE_PATTERN) {
            if (!pattern_search_lines(written->pattern, reply->raw, NULL, &e->ran_away))
                return ENGINE_FAULT_PATTERN;
            continue;
        }
        bool there = smtp_reply_line_next(&rest, &got);
        bool exact = written->kind == SCRIPT_LINE_EXACT;
        if (!there && (exact || whole))
            return ENGINE_FAULT_TEXT;
        if (exact && !line_matches(e, written->text, got.line, false))
            return ENGINE_FAULT_TEXT;
        bool documented = !exact && whole && written->text.count > 0;
        if (documented &&
            !line_matches(e, written->text, got.text, e->config.match == ENGINE_MATCH_TEXT))
            return ENGINE_FAULT_TEXT;
    }
    bool counted = expect->line_count > 0 && expect->lines[0].kind == SCRIPT_LINE_EXACT;
    bool more = expect->line_count > 1 && whole;
    return (counted || more) && rest.len > 0 ? ENGINE_FAULT_TEXT : ENGINE_FAULT_NONE;
}

static bool only_eof(struct script_outcomes set)
{
    bool only = set.count > 0;
    for (size_t i = 0; i < set.count; i++)
        only = only && set.items[i].kind == SCRIPT_OUTCOME_EOF;
    return only;
}

/* What comes of a code that does not pass; where classes alone count, of its class at last. */
static enum judge_outcome without_match(const struct engine *e,
                                        const struct script_expectation *expect, unsigned code)
{
    enum judge_outcome outcome = judge_code(expect->warn, expect->unclear, code);
    return outcome != JUDGE_FAIL                    ? outcome
           : code_matches(e, expect->warn, code)    ? JUDGE_WARN
           : code_matches(e, expect->unclear, code) ? JUDGE_UNCLEAR
                                                    : JUDGE_FAIL;
}

/* How the reply stands; the fault where it is not JUDGE_PASS. */
static enum judge_outcome compare(struct engine *e, const struct script_expectation *expect,
                                  const struct smtp_reply *reply, enum engine_fault *ret_fault)
{
    *ret_fault = only_eof(expect->pass) ? ENGINE_FAULT_NOT_CLOSED : ENGINE_FAULT_CODE;
    bool passes = expect->pass.count == 0 || code_matches(e, expect->pass, reply->code);
    if (!passes)
        return without_match(e, expect, reply->code);
    if (expect->enhanced.written && e->config.match >= ENGINE_MATCH_ENHANCED &&
        !enhanced_matches(&expect->enhanced, reply)) {
        *ret_fault = ENGINE_FAULT_ENHANCED;
        return JUDGE_FAIL;
    }
    *ret_fault = lines_fault(e, expect, reply);
    return *ret_fault == ENGINE_FAULT_NONE ? JUDGE_PASS : JUDGE_FAIL;
}

/* ---- what EHLO announced ---- */

static bool answers_ehlo(struct engine *e, size_t answers)
{
    return answers != SCRIPT_NO_STEP &&
           (slice_starts_nocase(event_sent_text(e, answers), SLICE("EHLO")) ||
            slice_starts_nocase(event_sent_text(e, answers), SLICE("LHLO"))); /* RFC 2033 4.1 */
}

/* A handshake may still change what is announced: the test has one, and STARTTLS is offered. */
static bool tls_comes_later(const struct engine *e)
{
    static const struct script_ehlo_claim starttls = {.present = true,
                                                      .keyword = SLICE_INIT("STARTTLS")};
    if (e->secured || !engine_claim_holds(e, &starttls))
        return false;
    for (size_t i = e->step; i < e->test->step_count; i++)
        if (e->test->steps[i].kind == SCRIPT_TLS)
            return true;
    return false;
}

/* A keyword that %require names must be announced once, at the latest under TLS. */
static bool requirements_hold(struct engine *e)
{
    static const char *const reason = "the server does not offer ";
    for (size_t i = 0; i < e->test->require_count; i++) {
        struct slice token = e->test->requires[i].token;
        if (!slice_starts(token, SLICE("ehlo:")))
            continue;
        if (engine_claim_holds(e, &e->test->requires[i].claim))
            e->announced |= UINT64_C(1) << i % 64;
        if ((e->announced >> i % 64 & 1) != 0 || tls_comes_later(e))
            continue;
        uint8_t text[128];
        struct writer w = writer_of(text, sizeof text);
        writer_put(&w, slice_of_cstr(reason));
        writer_put(&w, slice_from(token, 5));
        judge_finish(e, ENGINE_SKIP, ENGINE_FAULT_NONE, writer_slice(&w));
        return false;
    }
    return true;
}

/* Keeps a reply for %ehlo, ${ehlo.KEY} and %require; false where a requirement ends the test. */
static bool keep(struct engine *e, size_t answers, const struct smtp_reply *reply)
{
    memcpy(e->last_reply, reply->raw.ptr, reply->raw.len);
    e->last_reply_len = reply->raw.len;
    e->last_code = reply->code;
    e->last_other = SCRIPT_OUTCOME_CODE;
    assert_reply_came(e, reply);
    bool unknown = reply->code == 500 || reply->code == 502; /* no EHLO, so no extension */
    if (!answers_ehlo(e, answers) || (reply->code / 100 != 2 && !unknown))
        return true;
    e->ehlo_len = reply->raw.len <= ENGINE_EHLO_OCTETS && !unknown ? reply->raw.len : 0;
    if (e->ehlo_len > 0)
        memcpy(e->ehlo, reply->raw.ptr, e->ehlo_len);
    return requirements_hold(e);
}

/* ---- what arrives ---- */

/* NULL: behind the last one, where only the answer to a "*" is waited for. */
static const struct script_step *step_of(const struct engine *e)
{
    return e->step < e->test->step_count ? &e->test->steps[e->step] : NULL;
}

static void take_reply(struct engine *e, const struct smtp_reply *reply)
{
    const struct script_step *step = step_of(e);
    enum engine_fault fault;
    bool exchanges = step != NULL && step->kind == SCRIPT_AUTH && !e->swallow_reply;
    if (exchanges && exchange_leaves(e, reply->code)) { /* to the line that is about it */
        exchange_end(e);
        judge_matched(e);
        return;
    }
    e->input_at += reply->raw.len;
    e->reply_parser = (struct smtp_reply_parser){.limits = e->config.reply_limits};
    event_emit(e, (struct engine_event){.kind = ENGINE_EVENT_RECEIVED,
                                        .step = e->swallow_reply ? SCRIPT_NO_STEP : e->step,
                                        .taken_ms = e->now_ms - e->asked_ms,
                                        .text = reply->raw,
                                        .quirks = reply->quirks});
    if (e->swallow_reply) { /* it answers a "*" that the script does not know of */
        e->swallow_reply = false;
        e->wait = WAIT_NOTHING;
        return;
    }
    if (exchanges) {
        exchange_reply(e, reply);
        return;
    }
    e->awaited -= step->answers != SCRIPT_NO_STEP && e->awaited > 0;
    if (!keep(e, step->answers, reply))
        return;
    enum judge_outcome outcome = compare(e, &step->as.expect, reply, &fault);
    struct slice kept = slice_of(e->last_reply, e->last_reply_len);
    if (outcome == JUDGE_PASS)
        judge_matched(e);
    else
        judge_differed(e, outcome, reply->code,
                       (struct engine_event){.fault = fault, .text = kept});
}

/* Something else than a reply came, or nothing did: where the script has that, it is matched. */
static void take_other(struct engine *e, enum script_outcome_kind other, enum engine_fault fault,
                       struct slice text)
{
    static const struct script_expectation nothing; /* of %auth */
    const struct script_step *step = step_of(e);
    const struct script_expectation *expect =
        step != NULL && step->kind == SCRIPT_EXPECT ? &step->as.expect : &nothing;
    e->last_other = other;
    enum judge_outcome outcome = judge_other(expect->pass, expect->warn, expect->unclear, other);
    if (outcome == JUDGE_PASS)
        judge_matched(e);
    else
        judge_differed(e, outcome, 0, (struct engine_event){.fault = fault, .text = text});
}

static void take_end(struct engine *e)
{
    struct slice rest = lane_unread(e);
    bool lost = e->lost && e->loss_len > 0 && e->loss_of == e->connection;
    bool swallows = e->swallow_reply;
    e->input_at = e->input_len;
    e->swallow_reply = false;
    if (swallows && rest.len == 0) {
        e->wait = WAIT_NOTHING;
    } else if (rest.len == 0 && lost) {
        take_other(e, SCRIPT_OUTCOME_EOF, ENGINE_FAULT_LOST, slice_of(e->loss, e->loss_len));
    } else if (rest.len == 0) {
        take_other(e, SCRIPT_OUTCOME_EOF, ENGINE_FAULT_CLOSED, rest);
    } else {
        judge_differed(e, JUDGE_FAIL, 0,
                       (struct engine_event){.fault = ENGINE_FAULT_CLOSED, .text = rest});
    }
}

/* A record of type alert (RFC 8446 5.1): what a server answers in that thinks TLS has begun. */
bool expect_is_alert(struct slice in)
{
    return in.len >= 2 && in.ptr[0] == 0x15 && in.ptr[1] == 0x03;
}

/* Where the replies have to be well-formed, that says so which demands it; else this step does. */
static void take_garbage(struct engine *e, struct parse_result result, struct slice in)
{
    bool long_reply =
        result.error == SMTP_REPLY_TOO_LONG || result.error == SMTP_REPLY_LINE_TOO_LONG;
    e->garbled = true;
    e->step = assert_of_form(e);
    judge_differed(
        e, JUDGE_FAIL, 0,
        (struct engine_event){.fault = long_reply ? ENGINE_FAULT_TOO_LONG : ENGINE_FAULT_MALFORMED,
                              .text = in,
                              .reply_error = result.error,
                              .offset = result.offset});
}

bool expect_reply(struct engine *e)
{
    struct smtp_reply reply;
    struct slice in = lane_unread(e);
    struct parse_result result = smtp_reply_parse(&e->reply_parser, in, &reply);
    if (result.status == PARSE_OK) {
        take_reply(e, &reply);
        return true;
    }
    if (result.status == PARSE_ERROR) {
        if (in.len == 1 && in.ptr[0] == 0x15 && !e->ended) /* the version is still to come */
            return false;
        e->input_at = e->input_len;
        if (expect_is_alert(in)) {
            e->garbled = true;
            take_other(e, SCRIPT_OUTCOME_ALERT, ENGINE_FAULT_ALERT, in);
        } else {
            take_garbage(e, result, in);
        }
        return true;
    }
    if (e->ended)
        take_end(e);
    return e->ended;
}

void expect_timeout(struct engine *e)
{
    struct slice rest = lane_unread(e);
    e->input_at = e->input_len;
    if (rest.len == 0 && !e->swallow_reply)
        take_other(e, SCRIPT_OUTCOME_QUIET, ENGINE_FAULT_TIMEOUT, rest);
    else
        judge_differed(e, JUDGE_FAIL, 0,
                       (struct engine_event){.fault = ENGINE_FAULT_TIMEOUT, .text = rest});
}

/* ---- nothing may arrive ---- */

static void not_quiet(struct engine *e, enum judge_outcome outcome)
{
    struct slice arrived = lane_unread(e);
    e->input_at = e->input_len;
    judge_differed(e, outcome, 0,
                   (struct engine_event){.fault = ENGINE_FAULT_QUIET, .text = arrived});
}

/* A closed connection stays quiet, unless the line says what that amounts to. */
static void quiet_for_good(struct engine *e)
{
    const struct script_step *step = &e->test->steps[e->step];
    if (script_outcomes_hold(step->as.wait.warn, SCRIPT_OUTCOME_EOF))
        not_quiet(e, JUDGE_WARN);
    else if (script_outcomes_hold(step->as.wait.unclear, SCRIPT_OUTCOME_EOF))
        not_quiet(e, JUDGE_UNCLEAR);
    else
        judge_matched(e);
}

void expect_quiet(struct engine *e)
{
    const struct script_step *step = &e->test->steps[e->step];
    struct smtp_reply reply;
    if (lane_unread(e).len == 0) {
        if (e->ended)
            quiet_for_good(e);
        return;
    }
    struct parse_result result = smtp_reply_parse(&e->reply_parser, lane_unread(e), &reply);
    bool judged = step->as.wait.warn.count + step->as.wait.unclear.count > 0;
    if (judged && result.status == PARSE_MORE && !e->ended)
        return; /* what it amounts to is known when it is whole */
    not_quiet(e, result.status == PARSE_OK
                     ? judge_code(step->as.wait.warn, step->as.wait.unclear, reply.code)
                     : JUDGE_FAIL);
}

void expect_quiet_end(struct engine *e)
{
    if (lane_unread(e).len > 0) /* a part of a reply */
        not_quiet(e, JUDGE_FAIL);
    else
        judge_matched(e);
}

/* %secured key /regex/: the line "key: value" among the facts */
void expect_secured(struct engine *e)
{
    const struct script_secured *secured = &e->test->steps[e->step].as.secured;
    struct slice rest = slice_of(e->facts, e->facts_len), fact = SLICE("no TLS");
    bool found = false;
    while (rest.len > 0 && !found) {
        struct slice line = slice_sub(rest, 0, slice_find(rest, '\n'));
        rest = slice_from(rest, line.len + (line.len < rest.len));
        if (slice_starts(line, secured->key) && line.len >= secured->key.len + 2 &&
            line.ptr[secured->key.len] == ':') {
            found = true;
            fact = slice_from(line, secured->key.len + 2);
        }
    }
    if (e->secured && !found)
        fact = SLICE("no such fact");
    if (found && pattern_search(secured->pattern, fact, NULL, &e->ran_away) != secured->negated)
        judge_matched(e);
    else
        judge_differed(e, JUDGE_FAIL, 0,
                       (struct engine_event){.fault = ENGINE_FAULT_SECURED, .text = fact});
}

/* ---- captures ---- */

static bool define_capture(struct engine *e, struct slice name, struct slice value)
{
    if (e->capture_count == ENGINE_MAX_CAPTURES ||
        value.len > ENGINE_CAPTURE_OCTETS - e->capture_len)
        return false;
    uint8_t *kept = e->capture_octets + e->capture_len;
    if (value.len > 0)
        memcpy(kept, value.ptr, value.len);
    e->capture_len += value.len;
    e->captures[e->capture_count++] =
        (struct engine_variable){name, slice_of(kept, value.len), false};
    return true;
}

bool expect_take_capture(struct engine *e, bool *ret_found)
{
    const struct script_capture *capture = &e->test->steps[e->step].as.capture;
    struct slice reply = slice_of(e->last_reply, e->last_reply_len), value;
    *ret_found = capture->message
                     ? e->message_len > 0 &&
                           pattern_search(capture->pattern, slice_of(e->message, e->message_len),
                                          &value, &e->ran_away)
                     : pattern_search_lines(capture->pattern, reply, &value, &e->ran_away);
    return *ret_found && define_capture(e, capture->name, value);
}

void expect_capture(struct engine *e)
{
    bool found;
    if (expect_take_capture(e, &found))
        judge_matched(e);
    else if (e->test->steps[e->step].as.capture.message && !found)
        judge_differed(e, JUDGE_FAIL, 0, (struct engine_event){.fault = ENGINE_FAULT_ASSERT});
    else
        judge_differed(
            e, JUDGE_FAIL, 0,
            (struct engine_event){.fault = found ? ENGINE_FAULT_TOO_LONG : ENGINE_FAULT_PATTERN,
                                  .text = slice_of(e->last_reply, e->last_reply_len)});
}
