/*
 * frontier: the shortest way to each mark of feature.h, and which of them to go on from.
 *
 * A mark that few sessions set stands at the edge of what is known of a server: one command more is
 * most often answered in a new way again. So the way that is handed out is one of the last new
 * ones, or one of those that were taken least often; what was handed out counts as taken.
 */
#ifndef MAILDRILL_CAMPAIGN_FRONTIER_H
#define MAILDRILL_CAMPAIGN_FRONTIER_H

#include "campaign/feature.h"

#define FRONTIER_OCTETS 1024 /* ways that are longer are not kept */
#define FRONTIER_RECENT 32

struct frontier_way {
    uint32_t taken; /* sessions that set the mark, and times it was handed out */
    unsigned code;  /* of the reply that sets it */
    uint16_t len;   /* 0: there is no way yet */
    uint8_t octets[FRONTIER_OCTETS];
};

/** Begin with a zeroed one. */
struct frontier {
    size_t count;                  /* marks with a way */
    uint16_t known[FEATURE_COUNT]; /* the first `count`, in the order in which they were found */
    struct frontier_way ways[FEATURE_COUNT];
};

/** Takes in a session in which `octets` were said. */
void frontier_note(struct frontier *frontier, const struct session *session, struct slice octets);

/** The way to go on from; NULL where there is none. `random`: any number. */
const struct frontier_way *frontier_next(struct frontier *frontier, uint64_t random);

#endif
