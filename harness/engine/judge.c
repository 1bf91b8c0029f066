#include "engine/judge.h"

#include "engine/event.h"
#include "engine/lane.h"

/* Worse comes later: a fault is worse than not knowing, that is worse than a lax answer. */
static unsigned rank(enum engine_verdict verdict)
{
    static const unsigned ranks[] = {
        [ENGINE_PASS] = 0, [ENGINE_WARN] = 1,  [ENGINE_SKIP] = 2,
        [ENGINE_FAIL] = 3, [ENGINE_ERROR] = 4,
    };
    return ranks[verdict];
}

static const struct script_step *step_at(const struct engine *e, size_t index)
{
    return index < e->test->step_count ? &e->test->steps[index] : NULL;
}

static bool is_send(const struct script_step *step)
{
    return step != NULL && step->kind == SCRIPT_SEND;
}

static bool is_expect(const struct script_step *step)
{
    return step != NULL && step->kind == SCRIPT_EXPECT;
}

static struct slice sent_before(struct engine *e)
{
    const struct script_step *step = step_at(e, e->step);
    if (e->config.role == ENGINE_CLIENT && step != NULL && step->kind == SCRIPT_AUTH)
        return event_sent_text(e, e->step);
    if (e->config.role != ENGINE_CLIENT || !is_expect(step) || step->answers == SCRIPT_NO_STEP)
        return SLICE("");
    return event_sent_text(e, step->answers);
}

enum judge_outcome judge_code(struct script_outcomes warn, struct script_outcomes unclear,
                              unsigned code)
{
    unsigned warns = script_outcomes_exactness(warn, code);
    unsigned unclears = script_outcomes_exactness(unclear, code);
    return unclears > warns ? JUDGE_UNCLEAR : warns > 0 ? JUDGE_WARN : JUDGE_FAIL;
}

enum judge_outcome judge_other(struct script_outcomes pass, struct script_outcomes warn,
                               struct script_outcomes unclear, enum script_outcome_kind other)
{
    return script_outcomes_hold(pass, other)      ? JUDGE_PASS
           : script_outcomes_hold(warn, other)    ? JUDGE_WARN
           : script_outcomes_hold(unclear, other) ? JUDGE_UNCLEAR
                                                  : JUDGE_FAIL;
}

bool judge_asserts(const struct script_step *step)
{
    bool asserts = step->kind == SCRIPT_QUIET || step->kind == SCRIPT_EHLO ||
                   step->kind == SCRIPT_ASSERT || step->kind == SCRIPT_SECURED ||
                   step->kind == SCRIPT_MESSAGE;
    return asserts && step->weight != SCRIPT_WEIGHT_UNCLEAR;
}

/* Whether what comes of the step makes the verdict. */
static bool decides(const struct engine *e)
{
    const struct script_step *step = step_at(e, e->step);
    if (step == NULL || is_send(step))
        return true;
    if (step->weight == SCRIPT_WEIGHT_UNCLEAR)
        return false;
    return !e->test->has_decisive || judge_asserts(step) || step->kind == SCRIPT_TLS ||
           (is_expect(step) && step->as.expect.decisive);
}

void judge_matched(struct engine *e)
{
    if (e->ran_away) {
        struct slice reply = slice_of(e->last_reply, e->last_reply_len);
        judge_differed(e, JUDGE_FAIL, 0, (struct engine_event){.text = reply});
        return;
    }
    const struct script_step *step = step_at(e, e->step);
    e->decided =
        e->decided || (step != NULL && (is_expect(step) || judge_asserts(step)) && decides(e));
    event_emit(e, (struct engine_event){.kind = ENGINE_EVENT_MATCHED,
                                        .step = e->step,
                                        .taken_ms = e->now_ms - e->asked_ms,
                                        .sent = sent_before(e)});
    e->step++;
    e->wait = WAIT_NOTHING;
}

void judge_finish(struct engine *e, enum engine_verdict verdict, enum engine_fault fault,
                  struct slice reason)
{
    if (e->wait == WAIT_CLOSE || e->wait == WAIT_OVER)
        return;
    if (rank(verdict) <
        rank(e->worst)) { /* what differed before counts; why it ends here is told */
        event_note(e, SCRIPT_NO_STEP, reason);
        verdict = e->worst;
        fault = ENGINE_FAULT_NONE;
        reason = SLICE("");
    }
    bool at_step = e->wait == WAIT_TLS && verdict == ENGINE_ERROR;
    e->verdict = verdict;
    e->wait = e->closed ? WAIT_OVER : WAIT_CLOSE;
    e->deadline = e->now_ms + e->config.timeout_ms;
    event_emit(e, (struct engine_event){.kind = ENGINE_EVENT_VERDICT,
                                        .step = at_step ? e->step : SCRIPT_NO_STEP,
                                        .fault = fault,
                                        .verdict = verdict,
                                        .offset = fault == ENGINE_FAULT_VALUE ? e->value_offset : 0,
                                        .text = reason});
}

void judge_finish_as_found(struct engine *e)
{
    struct slice reason = e->worst == ENGINE_SKIP ? SLICE("inconclusive") : SLICE("");
    bool judges = e->config.role == ENGINE_CLIENT && e->test->has_decisive;
    if (e->worst == ENGINE_PASS && judges && !e->decided)
        judge_finish(e, ENGINE_SKIP, ENGINE_FAULT_NONE,
                     SLICE("not applicable: no line that decides was played"));
    else
        judge_finish(e, e->worst, ENGINE_FAULT_NONE, reason);
}

/* ---- how a replay goes on after a difference ---- */

static void pass_over(struct engine *e, size_t index, struct slice reason)
{
    const struct script_step *step = step_at(e, index);
    size_t answers = is_expect(step) ? step->answers : SCRIPT_NO_STEP;
    struct slice sent = answers == SCRIPT_NO_STEP ? SLICE("") : event_sent_text(e, answers);
    event_emit(e,
               (struct engine_event){
                   .kind = ENGINE_EVENT_PASSED_OVER, .step = index, .text = reason, .sent = sent});
}

static void pass_over_rest(struct engine *e, struct slice reason)
{
    for (size_t i = e->step + 1; i < e->test->step_count; i++)
        if (is_expect(step_at(e, i)))
            pass_over(e, i, reason);
    judge_finish_as_found(e);
}

/* Whether the script goes on with what a 3yz reply asks for. */
static bool asks(const struct script_step *step)
{
    for (size_t i = 0; i < step->as.expect.pass.count; i++)
        if (step->as.expect.pass.items[i].digit[0] == 3)
            return true;
    return false;
}

/* The step behind the last send of an answer, which loops, branches and assertions may part. */
static size_t answer_end(const struct engine *e)
{
    size_t end = e->step;
    for (size_t i = e->step; i < e->test->step_count && !is_expect(step_at(e, i)); i++) {
        if (is_send(step_at(e, i)) && step_at(e, i)->as.send.role == SCRIPT_SEND_COMMAND)
            break;
        end = is_send(step_at(e, i)) ? i + 1 : end;
    }
    return end;
}

/* Behind these the script says itself what comes. */
static bool parts(const struct script_step *step)
{
    return step->kind == SCRIPT_IF || step->kind == SCRIPT_ELSE || step->kind == SCRIPT_CONNECT;
}

/* The next reply to what was passed over from `first` on, or SCRIPT_NO_STEP: pauses, assertions and
 * the end of a loop that was not begun may stand before it. */
static size_t next_reply_to(const struct engine *e, size_t first)
{
    for (size_t i = e->step; i < e->test->step_count; i++) {
        const struct script_step *step = step_at(e, i);
        bool loops = step->kind == SCRIPT_AGAIN && step->as.flow.target <= first;
        if (is_expect(step))
            return step->answers != SCRIPT_NO_STEP && step->answers >= first ? i : SCRIPT_NO_STEP;
        if (is_send(step) || loops || step->kind == SCRIPT_REPEAT || parts(step))
            return SCRIPT_NO_STEP;
    }
    return SCRIPT_NO_STEP;
}

/* The sends that answer a 3yz that did not come, and their replies, are not played: text and
 * credentials must never go out as commands. */
static void pass_over_answer(struct engine *e)
{
    bool asked = true;
    while (asked) {
        size_t first = e->step, end = answer_end(e), reply;
        e->step = end;
        asked = false;
        while (end > first && (reply = next_reply_to(e, first)) != SCRIPT_NO_STEP) {
            pass_over(e, reply, SLICE("not played: the server did not ask for it"));
            asked = asks(step_at(e, reply));
            e->step = reply + 1;
        }
    }
}

static bool secrets_follow(const struct engine *e)
{
    for (size_t i = e->step; i < e->test->step_count; i++)
        if (step_at(e, i)->kind == SCRIPT_AUTH ||
            (is_send(step_at(e, i)) && step_at(e, i)->as.send.secret))
            return true;
    return false;
}

/* RFC 3207 4.2: what came before the handshake counts no more, and is told. */
static void follow_tls(struct engine *e)
{
    struct slice unread = lane_unread_at_all(e);
    lane_drop(e);
    if (unread.len > 0)
        judge_differed(e, JUDGE_FAIL, 0,
                       (struct engine_event){.fault = ENGINE_FAULT_UNREAD, .text = unread});
    if (engine_over(e))
        return;
    event_note(e, SCRIPT_NO_STEP, SLICE("the server begins TLS here, and so does the replay"));
    e->tls_as = &e->tls_default;
    e->wait = WAIT_TLS;
    e->deadline = e->now_ms + e->config.timeout_ms;
}

/* Where the dialogue stands after a reply with another code than the one that is written. */
static void follow_code(struct engine *e, const struct script_step *step, unsigned code)
{
    const struct script_step *next = step_at(e, e->step + 1);
    bool starttls = step->answers != SCRIPT_NO_STEP &&
                    slice_starts_nocase(event_sent_text(e, step->answers), SLICE("STARTTLS"));
    if (!asks(step) && code == 354) {
        pass_over_rest(e, SLICE("not played: the server waits for a message, the script has none"));
        return;
    }
    e->step++;
    e->wait = WAIT_NOTHING;
    if (asks(step) && code / 100 != 3) {
        pass_over_answer(e);
    } else if (!asks(step) && code == 334) {
        event_note(e, SCRIPT_NO_STEP, SLICE("the server asks for an answer: cancelled with *"));
        e->cancel = true;
    } else if (next != NULL && next->kind == SCRIPT_TLS && code / 100 != 2) {
        if (secrets_follow(e))
            pass_over_rest(e, SLICE("not played: TLS was refused, and credentials follow"));
        else
            e->step++;
    } else if (starttls && code == 220 && (next == NULL || next->kind != SCRIPT_TLS)) {
        follow_tls(e);
    }
}

static void go_on(struct engine *e, enum engine_fault fault, unsigned code)
{
    const struct script_step *step = step_at(e, e->step);
    if (fault == ENGINE_FAULT_UNREAD) {
        e->wait = WAIT_NOTHING; /* they were dropped; the step is still to come */
    } else if (e->ended) {
        pass_over_rest(e, SLICE("not played: the server closed the connection"));
    } else if (e->garbled || fault == ENGINE_FAULT_TIMEOUT) {
        pass_over_rest(e, SLICE("not played: no reply to go on from"));
    } else if (is_expect(step) && code != 0) {
        follow_code(e, step, code);
    } else {
        e->step++;
        e->wait = WAIT_NOTHING;
    }
}

/* Whether what goes out next answers the reply before it; loops, pauses and assertions may stand
 * between. */
static bool answer_follows(const struct engine *e)
{
    for (size_t i = e->step; i < e->test->step_count; i++) {
        const struct script_step *step = step_at(e, i);
        if (is_send(step))
            return step->as.send.role != SCRIPT_SEND_COMMAND;
        if (is_expect(step) || step->kind == SCRIPT_AGAIN || parts(step))
            return false;
    }
    return false;
}

/* A warning: the script goes on, without what answers a 3yz that did not come. */
static void go_past(struct engine *e, enum engine_fault fault, unsigned code)
{
    const struct script_step *step = step_at(e, e->step);
    bool refused = is_expect(step) && asks(step) && code != 0 && code / 100 != 3;
    e->wait = WAIT_NOTHING;
    if (fault == ENGINE_FAULT_UNREAD)
        return; /* they were dropped; the step is still to come */
    e->step++;
    if (refused && answer_follows(e))
        pass_over_answer(e);
}

/* ---- what a difference makes of the test ---- */

static enum engine_verdict verdict_of(const struct engine *e, enum judge_outcome outcome,
                                      enum engine_fault fault)
{
    const struct script_step *step = step_at(e, e->step);
    /* otherwise nobody knows what would have come */
    bool bounded = outcome != JUDGE_FAIL || (is_expect(step) && step->as.expect.within_ms > 0);
    bool strict = e->test->level == SCRIPT_LEVEL_MUST || e->test->level == SCRIPT_LEVEL_SECURITY;
    if ((fault == ENGINE_FAULT_TIMEOUT && !bounded) || fault == ENGINE_FAULT_MAILBOX ||
        fault == ENGINE_FAULT_RUNAWAY)
        return ENGINE_ERROR;
    bool lax = outcome == JUDGE_WARN || (step != NULL && step->weight == SCRIPT_WEIGHT_WARN);
    if (!decides(e) || outcome == JUDGE_UNCLEAR)
        return ENGINE_SKIP;
    return lax || !strict ? ENGINE_WARN : ENGINE_FAIL;
}

static void finish_blocked(struct engine *e)
{
    uint8_t text[256];
    struct writer w = writer_of(text, sizeof text);
    struct script_place place = script_place_of(e->test->script, e->test->steps[e->step].line);
    writer_put(&w, SLICE("inconclusive at line "));
    writer_put_number(&w, place.line);
    if (e->test->steps[e->step].line > e->test->script->line_count) { /* not in the script itself */
        writer_put(&w, SLICE(" of "));
        writer_put(&w, slice_sub(place.name, 0, place.name.len < 200 ? place.name.len : 200));
    }
    judge_finish(e, ENGINE_SKIP, ENGINE_FAULT_NONE, writer_slice(&w));
}

void judge_differed(struct engine *e, enum judge_outcome outcome, unsigned code,
                    struct engine_event event)
{
    if (e->ran_away)
        event.fault = ENGINE_FAULT_RUNAWAY;
    e->ran_away = false;
    bool talks = !e->garbled && !e->ended && event.fault != ENGINE_FAULT_TIMEOUT;
    if (e->test->has_decisive && e->step > e->last_decisive) { /* clean-up changes no verdict */
        e->step += event.fault != ENGINE_FAULT_UNREAD; /* which are dropped, the step is to come */
        e->wait = WAIT_NOTHING;
        if (!talks)
            judge_finish_as_found(e);
        return;
    }
    e->decided = true;
    event.kind = ENGINE_EVENT_DIFFERED;
    event.step = e->step < e->test->step_count ? e->step : e->test->step_count - 1;
    event.taken_ms = e->now_ms - e->asked_ms;
    event.verdict = verdict_of(e, outcome, event.fault);
    event.sent = sent_before(e);
    enum engine_fault fault = event.fault;
    enum engine_verdict verdict = event.verdict;
    event_emit(e, event);
    if (verdict == ENGINE_SKIP && !e->config.keep_going) { /* what comes after it proves nothing */
        finish_blocked(e);
        return;
    }
    if (rank(verdict) > rank(e->worst))
        e->worst = verdict;
    if (e->config.keep_going)
        go_on(e, fault, code);
    else if (talks && e->test->has_decisive && rank(verdict) < rank(ENGINE_FAIL))
        go_past(e, fault, code);
    else
        judge_finish_as_found(e);
}
