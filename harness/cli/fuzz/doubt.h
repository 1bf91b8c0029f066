/*
 * doubt: what looked wrong in the search, said once more; what is wrong still is handed over, as a
 * candidate for a finding (verify.h).
 *
 * The search is in haste, and nearly all that looks wrong in it is not. So it is said again step by
 * step, with patience, over a connection of its own; where it takes more to go wrong, as it was:
 * over one that is kept, behind what was said there before, in groups, or in pieces. What often
 * came to nothing is looked at less.
 */
#ifndef MAILDRILL_CLI_FUZZ_DOUBT_H
#define MAILDRILL_CLI_FUZZ_DOUBT_H

#include "cli/fuzz/campaign.h"
#include "mutate.h"

#define DOUBT_KEYS 1024

struct doubt {
    /* private */
    const struct campaign *campaign;
    struct campaign_worker *shared;
    size_t number;
    struct talk *search;
    struct talk again; /* over connections of its own; */
    struct talk kept;  /* over those of the search */
    struct doubt_before {
        size_t len;
        uint8_t octets[CAMPAIGN_INPUT_OCTETS];
    } before[TALK_LINES]; /* what was said last over each connection that is kept */
    unsigned lost;        /* replies in groups that were waited for */
    /* findings that were handed over, and suspicions that came to nothing */
    uint64_t known[DOUBT_KEYS], vain[DOUBT_KEYS];
    unsigned vain_count[DOUBT_KEYS];
    size_t known_count;
    struct mutate chance;
};

/** `search` is what the worker of that number talks with; it lives as long as the doubt. */
void doubt_begin(struct doubt *doubt, const struct campaign *campaign, size_t number,
                 struct talk *search);

/** Oracles that are told no more, as bits. */
void doubt_pass(struct doubt *doubt, uint64_t passed);

/** The search said `octets`. `chosen`: it was no mutant, and none like it will come. */
void doubt_said(struct doubt *doubt, struct slice octets, bool chosen);

/** Says `octets` as a terminal or a slow network does, where a line comes in pieces; what goes
 * wrong is handed over as it is whole, where that goes wrong, too. */
void doubt_pieces(struct doubt *doubt, struct slice octets);

/** A sanitizer has reported since the dialogue before this one: of this one, or still of that. */
void doubt_reported(struct doubt *doubt, const struct process *server, struct slice octets);

#endif
