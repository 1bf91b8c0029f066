/*
 * seed: what a campaign begins with: scripts, transcripts and files of octets, as what a client
 * says.
 */
#ifndef MAILDRILL_CLI_FUZZ_SEED_H
#define MAILDRILL_CLI_FUZZ_SEED_H

#include "cli/fuzz/campaign.h"

/** Writes each seed into the corpus; returns how many there are, or 0 with the reason printed.
 * Where the user gives none, the campaign has an opening, too. */
size_t seed_corpus(struct campaign *campaign);

#endif
