#include "engine/flow.h"

#include "engine/assert.h"
#include "engine/judge.h"
#include "engine/need.h"
#include "engine/pattern.h"
#include "engine/text.h"

/* ---- conditions ---- */

static bool replied(const struct engine *e, struct script_outcomes set)
{
    if (e->last_other != SCRIPT_OUTCOME_CODE)
        return script_outcomes_hold(set, e->last_other);
    return e->last_code != 0 && script_outcomes_match(set, e->last_code);
}

static bool holds(struct engine *e, const struct script_condition *condition)
{
    bool found = false;
    switch (condition->kind) {
    case SCRIPT_IF_EHLO:
        found = engine_claim_holds(e, &condition->claim);
        break;
    case SCRIPT_IF_REPLY:
        found = replied(e, condition->reply);
        break;
    case SCRIPT_IF_PATTERN:
        found = pattern_search_lines(condition->pattern, slice_of(e->last_reply, e->last_reply_len),
                                     NULL, &e->ran_away);
        break;
    case SCRIPT_IF_SECURE:
        found = e->secured;
        break;
    case SCRIPT_IF_COMPARE:
        found = assert_compare(e, &condition->compare);
        break;
    case SCRIPT_IF_FEATURE:
        found = engine_has_feature(e, condition->feature);
        break;
    }
    return found != condition->negated;
}

/* Nobody knows whether the condition holds. */
static bool ran_away(struct engine *e)
{
    if (!e->ran_away)
        return false;
    struct slice reply = slice_of(e->last_reply, e->last_reply_len);
    judge_differed(e, JUDGE_FAIL, 0, (struct engine_event){.text = reply});
    return true;
}

static void branch(struct engine *e, const struct script_flow *flow)
{
    bool found = holds(e, flow->condition);
    if (!ran_away(e))
        e->step = found ? e->step + 1 : flow->target;
}

/* ---- loops ---- */

static void finish_with(struct engine *e, enum engine_verdict verdict, struct slice what,
                        struct slice which)
{
    uint8_t text[160];
    struct writer w = writer_of(text, sizeof text);
    writer_put(&w, what);
    writer_put(&w, slice_sub(which, 0, which.len < 64 ? which.len : 64));
    judge_finish(e, verdict, ENGINE_FAULT_NO_VALUE, writer_slice(&w));
}

static void begin_rounds(struct engine *e, const struct script_flow *flow)
{
    uint8_t octets[24];
    struct text_window window = {.ptr = octets, .room = sizeof octets};
    struct slice name;
    uint64_t count;
    if (engine_text_missing(e, flow->count, &name)) {
        need_value(e, name);
        return;
    }
    engine_text_put(e, flow->count, &window);
    if (!engine_number_of(slice_of(octets, window.len), &count)) {
        finish_with(e, ENGINE_SKIP, SLICE("no number of rounds for %repeat: "),
                    slice_of(octets, window.len));
        return;
    }
    e->loops[flow->depth].round = 1;
    e->loops[flow->depth].count = count;
    e->step = count == 0 ? flow->target : e->step + 1;
}

static void end_round(struct engine *e, const struct script_flow *flow)
{
    bool until = flow->condition != NULL && holds(e, flow->condition);
    if (ran_away(e))
        return;
    if (until || e->loops[flow->depth].round >= e->loops[flow->depth].count) {
        e->step++;
        return;
    }
    if (++e->rounds > e->config.max_rounds) {
        judge_finish(e, ENGINE_ERROR, ENGINE_FAULT_TOO_LONG, SLICE("too many rounds of %repeat"));
        return;
    }
    e->loops[flow->depth].round++;
    e->step = flow->target;
    if (e->replied > e->step) /* server's side: the replies of the next round are not sent yet */
        e->replied = e->step;
}

void flow_settle(struct engine *e)
{
    while (e->wait != WAIT_CLOSE && e->wait != WAIT_OVER && e->step < e->test->step_count) {
        const struct script_step *step = &e->test->steps[e->step];
        const struct script_flow *flow = &step->as.flow;
        if (step->kind == SCRIPT_IF)
            branch(e, flow);
        else if (step->kind == SCRIPT_ELSE)
            e->step = flow->target;
        else if (step->kind == SCRIPT_END)
            e->step++;
        else if (step->kind == SCRIPT_REPEAT)
            begin_rounds(e, flow);
        else if (step->kind == SCRIPT_AGAIN)
            end_round(e, flow);
        else
            return;
    }
}
