#include "campaign/thrift.h"

#include "campaign/dialogue.h"

#define FEW     20    /* dialogues tell nothing about others that are like them */
#define SLOW_US 10000 /* a verb that takes no longer is not slow, */
#define DEAR_US 2000  /* nor is a dialogue dear */

/* What tells dialogues apart that cost a server alike. */
enum {
    COSTS_CONNECTION = 1, /* whatever is answered, */
    MAY_COST_CONNECTION = 2,
    COSTS_MESSAGE = 4
};

static unsigned kind_of(struct slice octets, uint32_t verbs)
{
    uint32_t message = 1u << SMTP_VERB_DATA | 1u << SMTP_VERB_BDAT;
    return (dialogue_ends(octets) ? COSTS_CONNECTION : 0u) |
           (dialogue_is_plain(octets) ? 0u : MAY_COST_CONNECTION) |
           ((verbs & message) != 0 ? COSTS_MESSAGE : 0u);
}

void thrift_note(struct thrift *t, struct slice octets, uint64_t taken_us)
{
    uint32_t verbs = dialogue_verbs(octets);
    struct thrift_kind *kind = &t->kinds[kind_of(octets, verbs)];
    kind->dialogues++;
    kind->us += taken_us;
    t->us += taken_us;
    uint64_t mean_us = t->us / ++t->dialogues;
    for (unsigned i = 1; i < THRIFT_VERBS; i++) {
        if ((verbs >> i & 1) == 0)
            continue;
        uint64_t n = atomic_fetch_add(&t->verbs[i].dialogues, 1) + 1;
        uint64_t us = atomic_fetch_add(&t->verbs[i].us, taken_us) + taken_us;
        if (n >= FEW && us / n > SLOW_US && us / n > 8 * mean_us)
            atomic_store(&t->verbs[i].slow, true);
    }
}

static bool is_dear(const struct thrift_kind *kind, uint64_t least_us)
{
    uint64_t mean_us = kind->dialogues == 0 ? 0 : kind->us / kind->dialogues;
    return kind->dialogues >= FEW && mean_us > DEAR_US && mean_us > 4 * least_us;
}

static bool is_too_dear(const struct thrift *t, const struct thrift_kind *kind)
{
    uint64_t least_us = UINT64_MAX / 4, dear = 0;
    for (unsigned i = 0; i < THRIFT_KINDS; i++) {
        const struct thrift_kind *each = &t->kinds[i];
        if (each->dialogues >= FEW && each->us / each->dialogues < least_us)
            least_us = each->us / each->dialogues;
    }
    for (unsigned i = 0; i < THRIFT_KINDS; i++)
        dear += is_dear(&t->kinds[i], least_us);
    return is_dear(kind, least_us) && 2 * dear * kind->us > t->us;
}

bool thrift_leaves_out(const struct thrift *t, struct slice octets)
{
    uint32_t verbs = dialogue_verbs(octets);
    bool out = is_too_dear(t, &t->kinds[kind_of(octets, verbs)]);
    for (unsigned i = 1; i < THRIFT_VERBS && !out; i++)
        out = (verbs >> i & 1) != 0 && atomic_load(&t->verbs[i].slow) &&
              8 * atomic_load(&t->verbs[i].us) > t->us;
    return out;
}

/* How long a wait was in so many of a hundred dialogues, at most. */
static uint64_t waited_by(const struct thrift *t, unsigned percent)
{
    uint64_t within = 0;
    size_t i = 0;
    for (; i < THRIFT_WAITS - 1 && within * 100 < t->waited * percent; i++)
        within += t->waits[i];
    return UINT64_C(1) << i;
}

bool thrift_wait(struct thrift *t, uint64_t longest_us, uint64_t *ret_rest_us,
                 uint64_t *ret_keep_us)
{
    size_t i = 0;
    while (i < THRIFT_WAITS - 1 && longest_us >> i > 1)
        i++;
    t->waits[i]++;
    if (++t->waited % 64 != 0)
        return false;
    *ret_rest_us = thrift_bounded(4 * waited_by(t, 99), 20000, 1000000);
    *ret_keep_us = thrift_bounded(2 * waited_by(t, 90), 2000, *ret_rest_us / 2);
    return true;
}
