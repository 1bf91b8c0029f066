/*
 * mutant: what a campaign says next, made of what it said before.
 *
 * An engine chooses among all inputs. In the place of its choice may stand a way to what is rare
 * (campaign/frontier.h): one command more is most often answered in a new way again.
 */
#ifndef MAILDRILL_CLI_FUZZ_MUTANT_H
#define MAILDRILL_CLI_FUZZ_MUTANT_H

#include "campaign/frontier.h"
#include "cli/fuzz/campaign.h"
#include "mutate.h"

/**
 * Puts a mutant in the place of the `size` octets at `data`, which has room for max_size; returns
 * its octets. `way`: where not NULL, it is gone in the place of `data`. `account`: there is one,
 * and AUTH may be answered with what stands for it. m->octets is the engine's own, and seldom
 * called: it is seldom worth a dialogue.
 */
size_t mutant_make(struct mutate *m, const struct frontier_way *way, bool account, uint8_t *data,
                   size_t size, size_t max_size);

/** Writes a dialogue made of the lines of two. */
size_t mutant_cross(struct mutate *m, struct slice one, struct slice other, uint8_t *out,
                    size_t max_size);

#endif
