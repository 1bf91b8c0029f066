/*
 * thrift: what dialogues cost a server in time, which of them a search leaves out so that the
 * others have theirs, and how long a search waits.
 *
 * A verb is slow where dialogues with it take eight times as long as the mean; each slow one has an
 * eighth of the time. Dialogues that cost a server alike (a connection, a message) are dear where
 * they take four times as long as those that cost the least; all that are dear have half of the
 * time, and each kind of them the same part of that.
 */
#ifndef MAILDRILL_CAMPAIGN_THRIFT_H
#define MAILDRILL_CAMPAIGN_THRIFT_H

#include <stdatomic.h>

#include "base/slice.h"

#define THRIFT_VERBS 32
#define THRIFT_KINDS 8
#define THRIFT_WAITS 40

/** Begin with a zeroed one. Others may read `verbs` meanwhile. */
struct thrift {
    uint64_t dialogues, us; /* all, and the time they took, */
    struct thrift_kind {
        uint64_t dialogues, us;
    } kinds[THRIFT_KINDS]; /* of which these cost alike */
    struct thrift_verb {
        atomic_uint_least64_t dialogues, us; /* in which the verb was said */
        atomic_bool slow;
    } verbs[THRIFT_VERBS];        /* enum smtp_verb */
    uint64_t waits[THRIFT_WAITS]; /* dialogues whose longest wait was up to 2^i us, */
    uint64_t waited;              /* of so many */
};

/** Takes in how long a dialogue took. */
void thrift_note(struct thrift *thrift, struct slice octets, uint64_t taken_us);

/** Whether there is no time for this dialogue now. */
bool thrift_leaves_out(const struct thrift *thrift, struct slice octets);

/**
 * Takes in the longest wait of a dialogue for something that came. What was waited in vain is not
 * taken in: that is no time of the server's, and would lengthen itself. Every 64th time it says how
 * long to wait, and is true: *ret_rest_us, four times the longest wait of 99 in 100 dialogues, from
 * 20 ms to a second; *ret_keep_us for a connection that could be kept, twice the longest of 90 in
 * 100, as no reply is lost where that is given up.
 */
bool thrift_wait(struct thrift *thrift, uint64_t longest_us, uint64_t *ret_rest_us,
                 uint64_t *ret_keep_us);

static inline uint64_t thrift_bounded(uint64_t us, uint64_t least_us, uint64_t most_us)
{
    return us < least_us ? least_us : us > most_us ? most_us : us;
}

#endif
