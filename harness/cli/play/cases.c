#include <stdio.h>
#include <stdlib.h>

#include "cli/play/run.h"
#include "cli/play/segment.h"

/* ---- reporting in order ---- */

static bool fails(const struct play *p, const struct report_result *r)
{
    bool informs = r->test->level == SCRIPT_LEVEL_INTEROP;
    if (r->baseline != REPORT_NOT_LISTED && r->baseline != REPORT_OTHERWISE)
        return r->baseline == REPORT_UNEXPECTED_PASS;
    if (r->verdict == ENGINE_FAIL)
        return true;
    return p->options->strict && (r->flaky || (r->verdict == ENGINE_WARN && !informs));
}

static void report(struct play *p, struct outcome *outcome)
{
    struct report_result *r = &outcome->result;
    log_result(&outcome->log, r);
    for (size_t i = 0; i < r->event_count; i++)
        if (r->events[i].kind == ENGINE_EVENT_VERDICT && !r->flaky)
            r->reason = r->events[i].text;
    if (p->options->baseline != NULL)
        baseline_judge(&p->baseline, r);
    r->failed = fails(p, r);
    if (p->mode == PLAY_COMPARE)
        p->differing += agreement_add(&p->agreement, r);
    reports_result(&p->reports, r);
    bool updated = p->update != NULL && r->variant.len == 0 && update_collect(p->update, r);
    bool failed = r->failed && !updated;
    p->reported++;
    p->failed += failed;
    p->updated += updated;
    if (p->options->fail_fast && (failed || r->verdict == ENGINE_ERROR)) {
        p->ended = true;
        snprintf(p->stopped, sizeof p->stopped, "the first failure ended the run (--fail-fast)");
    }
}

static void free_outcome(struct outcome *outcome)
{
    if (outcome != NULL)
        log_free(&outcome->log);
    free(outcome);
}

static struct outcome *take_outcome(struct play *p)
{
    struct outcome *outcome = p->spare;
    p->spare = NULL;
    if (outcome == NULL)
        *(outcome = report_grown(NULL, sizeof *outcome)) = (struct outcome){.log = {.count = 0}};
    return outcome;
}

static void give_outcome(struct play *p, struct outcome *outcome)
{
    free_outcome(p->spare);
    log_clear(&outcome->log);
    p->spare = outcome;
}

void cases_report(struct play *p, bool all)
{
    for (; p->turn < p->next && !p->ended && (all || p->outcomes[p->turn] != NULL); p->turn++) {
        struct outcome *outcome = p->outcomes[p->turn];
        if (outcome == NULL)
            continue;
        report(p, outcome);
        give_outcome(p, outcome);
        p->outcomes[p->turn] = NULL;
    }
}

/* ---- cases ---- */

static const struct selected *test_of(const struct play *p, size_t number)
{
    return &p->selection.tests[number / p->server_count / p->options->repeat];
}

void cases_abort(struct play *p)
{
    for (size_t i = 0; i < p->slot_count; i++)
        attempt_abort(&p->slots[i].attempt);
}

/* This attempt went wrong: by itself, or beside the test as it is written. */
static bool went_wrong(const struct slot *slot)
{
    bool failed = slot->attempt.verdict == ENGINE_FAIL || slot->attempt.verdict == ENGINE_ERROR;
    return failed || (slot->attempt.variant > 0 && slot->attempt.verdict == ENGINE_WARN &&
                      slot->plain != ENGINE_WARN);
}

static bool over(const struct play *p)
{
    return p->interrupted || p->ended;
}

static bool again(const struct slot *slot)
{
    const struct play *p = slot->play;
    return went_wrong(slot) && slot->attempt.connected && slot->attempts <= p->options->retry &&
           !over(p);
}

static void finish_case(struct slot *slot)
{
    struct play *p = slot->play;
    struct report_result *r = &slot->outcome->result;
    bool varied = slot->attempt.variant > 0 && (went_wrong(slot) || slot->flaky);
    r->verdict = varied || slot->attempt.variant == 0 ? slot->attempt.verdict : slot->plain;
    r->attempts = slot->attempts;
    r->flaky = slot->flaky;
    r->taken_ms = net_now(p->setting.loop) - r->began_ms;
    if (varied) {
        segment_name(p->options->segment, slot->attempt.variant, slot->attempt.octets,
                     slot->outcome->variant, sizeof slot->outcome->variant);
        r->variant = slice_of_cstr(slot->outcome->variant);
    }
    p->outcomes[slot->number] = slot->outcome;
    slot->outcome = NULL;
    p->active--;
    if (!slot->attempt.connected)
        slot->peer->suspect = true;
    cases_report(p, false);
    if (p->ended)
        cases_abort(p);
}

static void keep_log(struct slot *slot)
{
    struct log first = slot->later;
    slot->later = slot->outcome->log;
    slot->outcome->log = first;
}

/* --segment: whether the test is played with its writes cut in yet another way. */
static bool next_variant(struct slot *slot)
{
    const struct play *p = slot->play;
    bool sound = slot->attempt.verdict == ENGINE_PASS || slot->attempt.verdict == ENGINE_WARN;
    if (over(p) || slot->flaky || went_wrong(slot) || (slot->attempt.variant == 0 && !sound) ||
        slot->attempt.variant >=
            segment_count(p->options->segment, slot->attempt.test, slot->attempt.octets))
        return false;
    if (slot->attempt.variant++ == 0)
        slot->plain = slot->attempt.verdict;
    slot->attempts = 0;
    return true;
}

static void start_attempt(struct slot *slot)
{
    slot->attempts++;
    attempt_start(&slot->attempt);
}

static void finished(struct attempt *attempt)
{
    struct slot *slot = (struct slot *)attempt;
    slot->flaky = slot->attempts > 1 && !went_wrong(slot);
    if (attempt->variant == 0)
        attempt->octets = attempt->sent;
    else if (slot->attempts == 1 && went_wrong(slot))
        keep_log(slot); /* the reports show the first attempt that went wrong */
    if (again(slot) || next_variant(slot)) {
        attempt->log = &slot->later;
        log_clear(attempt->log);
        start_attempt(slot);
        return;
    }
    finish_case(slot);
    cases_start(slot->play);
    if (slot->play->active == 0)
        net_stop(slot->play->setting.loop);
}

static void start_case(struct slot *slot, size_t number)
{
    struct play *p = slot->play;
    const struct selected *selected = test_of(p, number);
    size_t server = number % p->server_count;
    slot->number = number;
    slot->peer = &p->peers[server];
    slot->outcome = take_outcome(p);
    slot->attempts = 0;
    slot->flaky = false;
    slot->attempt = (struct attempt){.setting = &p->setting,
                                     .test = selected->test,
                                     .peer = slot->peer,
                                     .log = &slot->outcome->log,
                                     .finished = finished};
    slot->outcome->result =
        (struct report_result){.script = selected->script,
                               .test = selected->test,
                               .id = selected->id,
                               .server = server,
                               .repeat = number / p->server_count % p->options->repeat + 1,
                               .repeats = p->options->repeat,
                               .began_ms = net_now(p->setting.loop)};
    p->active++;
    start_attempt(slot);
}

/* A server that refused a connection is asked first whether it lives; until then nothing begins. */
static bool may_start(const struct play *p)
{
    bool suspect = false;
    for (size_t i = 0; i < p->server_count; i++)
        suspect = suspect || (p->peers[i].suspect && !p->peers[i].dead);
    return !p->interrupted && !p->ended && !suspect;
}

void cases_start(struct play *p)
{
    for (size_t i = 0; i < p->slot_count && p->next < p->case_count && may_start(p); i++) {
        if (p->slots[i].attempt.drive != NULL)
            continue;
        while (p->next < p->case_count && p->peers[p->next % p->server_count].dead)
            p->next++;
        if (p->next < p->case_count)
            start_case(&p->slots[i], p->next++);
    }
}

void cases_free(struct play *p)
{
    for (size_t i = 0; p->outcomes != NULL && i < p->case_count; i++)
        free_outcome(p->outcomes[i]);
    free_outcome(p->spare);
    for (size_t i = 0; i < p->slot_count; i++)
        log_free(&p->slots[i].later);
    free(p->outcomes);
    free(p->slots);
}
