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
                      slot->running->plain != ENGINE_WARN);
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

/* Ways are left to be played. */
static bool has_ways(const struct running *c)
{
    return c->outcome != NULL && c->begun < c->ways;
}

static void finish_case(struct play *p, struct running *c)
{
    struct report_result *r = &c->outcome->result;
    r->taken_ms = net_now(p->setting.loop) - r->began_ms;
    if (c->wrong > 0) {
        segment_name(p->options->segment, c->wrong, c->octets, c->outcome->variant,
                     sizeof c->outcome->variant);
        r->variant = slice_of_cstr(c->outcome->variant);
    }
    p->outcomes[c->number] = c->outcome;
    c->outcome = NULL;
    p->active--;
    cases_report(p, false);
    if (p->ended)
        cases_abort(p);
}

/* Where the run is over, what was not begun is not played. */
static void finish_cases(struct play *p)
{
    for (size_t i = 0; i < p->slot_count; i++) {
        struct running *c = &p->running[i];
        if (c->outcome != NULL && c->active == 0 && (over(p) || !has_ways(c)))
            finish_case(p, c);
    }
}

/* A way has been played. The reports show the case as written, unless one went wrong: the first of
 * those, at its first attempt. */
static void take_way(struct slot *slot)
{
    struct running *c = slot->running;
    const struct attempt *a = &slot->attempt;
    struct report_result *r = &c->outcome->result;
    bool wrong = went_wrong(slot), flaky = slot->attempts > 1 && !wrong;
    c->active--;
    c->peer->suspect = c->peer->suspect || !a->connected;
    if (a->variant == 0) {
        bool sound = a->verdict == ENGINE_PASS || a->verdict == ENGINE_WARN;
        c->plain = a->verdict;
        c->octets = a->sent;
        if (sound && !flaky)
            c->ways = segment_count(slot->play->options->segment, a->test, a->sent);
    } else if ((wrong || flaky) && (c->wrong == 0 || a->variant < c->wrong)) {
        c->wrong = a->variant;
        c->ways = c->begun;
    } else {
        return;
    }
    struct log log = c->outcome->log;
    c->outcome->log = slot->first;
    slot->first = log;
    r->verdict = a->verdict;
    r->attempts = slot->attempts;
    r->flaky = flaky;
}

static void start_attempt(struct slot *slot)
{
    slot->attempt.log = slot->attempts++ == 0 ? &slot->first : &slot->later;
    log_clear(slot->attempt.log);
    attempt_start(&slot->attempt);
}

static void finished(struct attempt *attempt)
{
    struct slot *slot = (struct slot *)attempt;
    struct play *p = slot->play;
    if (again(slot)) {
        start_attempt(slot);
        return;
    }
    take_way(slot);
    slot->running = NULL;
    finish_cases(p);
    cases_start(p);
    if (p->active == 0)
        net_stop(p->setting.loop);
}

static void start_way(struct slot *slot, struct running *c, size_t way)
{
    struct play *p = slot->play;
    slot->running = c;
    slot->attempts = 0;
    slot->attempt = (struct attempt){.setting = &p->setting,
                                     .test = c->outcome->result.test,
                                     .peer = c->peer,
                                     .variant = way,
                                     .octets = c->octets,
                                     .finished = finished};
    c->active++;
    start_attempt(slot);
}

static void start_case(struct slot *slot, size_t number)
{
    struct play *p = slot->play;
    const struct selected *selected = test_of(p, number);
    size_t server = number % p->server_count;
    struct running *c = p->running;
    while (c->outcome != NULL) /* each has a slot: only then a case begins */
        c++;
    *c = (struct running){.number = number, .peer = &p->peers[server], .outcome = take_outcome(p)};
    c->outcome->result =
        (struct report_result){.script = selected->script,
                               .test = selected->test,
                               .id = selected->id,
                               .server = server,
                               .repeat = number / p->server_count % p->options->repeat + 1,
                               .repeats = p->options->repeat,
                               .began_ms = net_now(p->setting.loop)};
    p->active++;
    start_way(slot, c, 0);
}

/* A server that refused a connection is asked first whether it lives; until then nothing begins. */
static bool may_start(const struct play *p)
{
    bool suspect = false;
    for (size_t i = 0; i < p->server_count; i++)
        suspect = suspect || (p->peers[i].suspect && !p->peers[i].dead);
    return !p->interrupted && !p->ended && !suspect;
}

/* The first of the cases that have ways left; NULL where none has. */
static struct running *unfinished(const struct play *p)
{
    struct running *first = NULL;
    for (size_t i = 0; i < p->slot_count; i++) {
        struct running *c = &p->running[i];
        if (has_ways(c) && (first == NULL || c->number < first->number))
            first = c;
    }
    return first;
}

/* Begins what is next in this slot; false where nothing is. */
static bool start_next(struct slot *slot)
{
    struct play *p = slot->play;
    struct running *c = over(p) || p->options->segment == SEGMENT_NONE ? NULL : unfinished(p);
    if (c != NULL) {
        start_way(slot, c, ++c->begun);
        return true;
    }
    if (!may_start(p))
        return false;
    while (p->next < p->case_count && p->peers[p->next % p->server_count].dead)
        p->next++;
    if (p->next == p->case_count)
        return false;
    start_case(slot, p->next++);
    return true;
}

void cases_start(struct play *p)
{
    for (size_t i = 0; i < p->slot_count; i++)
        if (p->slots[i].running == NULL && !start_next(&p->slots[i]))
            return;
}

void cases_free(struct play *p)
{
    for (size_t i = 0; p->outcomes != NULL && i < p->case_count; i++)
        free_outcome(p->outcomes[i]);
    free_outcome(p->spare);
    for (size_t i = 0; i < p->slot_count; i++) {
        log_free(&p->slots[i].first);
        log_free(&p->slots[i].later);
    }
    free(p->outcomes);
    free(p->running);
    free(p->slots);
}
