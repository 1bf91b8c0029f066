/*
 * death: what the server died of already. A death that looks like one that was found is counted,
 * and seldom looked into again: else a campaign does little but start a server that dies often.
 */
#ifndef MAILDRILL_CLI_FUZZ_DEATH_H
#define MAILDRILL_CLI_FUZZ_DEATH_H

#include "cli/fuzz/campaign.h"

#define DEATH_KEYS 32

/** Begin with a zeroed one. */
struct deaths {
    struct {
        char key[CAMPAIGN_KEY];
        size_t count;
    } known[DEATH_KEYS];
    size_t known_count;
};

/** Takes in that `said` killed the server, as a finding of the key `verified` says. Where the
 * worker saw it end elsewhere (it loses replies, as one does that keeps them back), nothing can be
 * told from what a worker sees. */
void death_found(struct deaths *deaths, const struct campaign_said *said, const char *verified);

/** Whether the server, which has ended, died as it did before, and it is not worth another look:
 * the second, fourth, eighth of a kind are. */
bool death_known(struct deaths *deaths, const struct campaign *campaign);

#endif
