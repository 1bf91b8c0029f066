#include "cli/fuzz/manner.h"

#define PROBES   10
#define ERRORS   40 /* one too many for most that count them */
#define PROBE_US 500000

const struct slice manner_probe =
    SLICE_INIT("EHLO client.example\r\nMAIL FROM:<>\r\nRSET\r\nNOOP\r\n");

/* From a step on. What comes when nothing more is said is not among them. */
static bool same_codes(const struct session *a, const struct session *b, size_t from)
{
    bool same = a->count == b->count;
    for (size_t i = from; same && i < a->count; i++)
        same = a->steps[i].code == b->steps[i].code &&
               (i + 1 == a->count || a->steps[i].further == b->steps[i].further);
    return same;
}

/* The shortest of some times: the others were somebody else's. */
static uint64_t time_of(struct talk *t, enum talk_how how)
{
    uint64_t least = UINT64_MAX;
    for (unsigned i = 0; i < PROBES; i++) {
        talk(t, manner_probe, how);
        least = t->taken_us < least ? t->taken_us : least;
    }
    return least;
}

/* How long a dialogue takes over one connection with others; UINT64_MAX where it is not as over one
 * of its own, or no sooner over, or no other client is served meanwhile. */
static uint64_t time_kept(const struct campaign *c, struct talk *single, enum talk_how how)
{
    struct talk *kept = talk_new(&c->address, &c->tls, PROBE_US);
    kept->keep_us = single->awaited_us = single->rest_us = PROBE_US;
    kept->most_kept = kept->bound_kept = TALK_FEW_KEPT;
    kept->most_errors = TALK_MANY_ERRORS;
    kept->kept_how = how;
    bool alike = false;
    for (unsigned i = 0; i < 3 && !alike; i++)
        alike = talk(kept, manner_probe, how) && talk(kept, manner_probe, how) && kept->was_kept &&
                talk(single, manner_probe, how) && same_codes(&kept->session, &single->session, 1);
    uint64_t us = alike ? time_of(kept, how) : UINT64_MAX;
    bool sooner = alike && us <= 2 * time_of(single, how);
    talk_free(kept);
    return sooner ? us : UINT64_MAX;
}

/* Over a connection that is kept, each reply is its command's where dialogues go step by step, and
 * no server takes what comes early for an error and closes: that may cost a while. */
static void choose_kept(struct campaign *c, struct talk *single)
{
    uint64_t steps_us = time_kept(c, single, TALK_STEPS);
    uint64_t once_us = c->how == TALK_AT_ONCE ? time_kept(c, single, TALK_AT_ONCE) : UINT64_MAX;
    bool slow = steps_us / 2 > once_us && steps_us > time_of(single, c->how) / 4;
    c->keeps = steps_us < UINT64_MAX || once_us < UINT64_MAX;
    c->kept_how = slow ? TALK_AT_ONCE : TALK_STEPS;
    /* Where a new one is dear, no dialogue is worth one that can go without. */
    c->dear = c->kept_how == TALK_STEPS && steps_us < time_of(single, c->how) / 4;
    c->how = c->dear ? TALK_STEPS : c->how;
}

/* Many servers slow down or leave where a client errs often. */
static bool bears_errors(struct talk *t, enum talk_how how)
{
    static uint8_t room[2048];
    struct writer w = writer_of(room, sizeof room);
    for (unsigned i = 0; i < ERRORS; i++)
        writer_put(&w, i % 2 == 0 ? SLICE("XNONE\r\n") : SLICE("MAIL FROM:<\r\n"));
    bool bears = false; /* a machine that is busy may be late once */
    for (unsigned try = 0; try < 3 && !bears; try++) {
        bears = talk(t, writer_slice(&w), how) && t->session.count == ERRORS + 1 &&
                t->taken_us < PROBE_US;
        for (size_t i = 1; bears && i < t->session.count; i++)
            bears = t->session.steps[i].code / 100 == 5 && t->session.steps[i].code != 521;
    }
    return bears;
}

void manner_choose(struct campaign *c)
{
    struct talk *steps = talk_new(&c->address, &c->tls, c->options->timeout_ms * 1000);
    struct talk *once = talk_new(&c->address, &c->tls, c->options->timeout_ms * 1000);
    steps->rest_us = once->rest_us = PROBE_US;
    bool alike = false; /* a machine that is busy may be late once */
    for (unsigned i = 0; i < 3 && !alike; i++)
        alike = talk(steps, manner_probe, TALK_STEPS) && talk(once, manner_probe, TALK_AT_ONCE) &&
                once->session.closed && same_codes(&steps->session, &once->session, 0);
    bool faster = alike && time_of(once, TALK_AT_ONCE) <= 4 * time_of(steps, TALK_STEPS);
    c->how = faster ? TALK_AT_ONCE : TALK_STEPS;
    choose_kept(c, steps);
    c->patient = c->keeps && bears_errors(steps, c->how);
    talk_free(steps);
    talk_free(once);
}

bool manner_submits(const struct campaign *c)
{
    struct talk *t = talk_new(&c->address, &c->tls, PROBE_US);
    bool submits = talk(t, SLICE("EHLO client.example\r\nMAIL FROM:<>\r\n"), TALK_STEPS) &&
                   t->session.steps[t->session.count - 1].code == 530;
    talk_free(t);
    return submits;
}
