/*
 * shrink: makes a failing input small (delta debugging, Zeller's ddmin).
 *
 * Pieces are taken out as long as the input still fails: the coarsest first, the longest runs of
 * them before the shorter. The caller asks for a candidate, tries it, and says whether it still
 * fails; nothing here knows how. Work: each candidate is one pass over the input; how many there
 * are is the caller's to bound.
 */
#ifndef MAILDRILL_CAMPAIGN_SHRINK_H
#define MAILDRILL_CAMPAIGN_SHRINK_H

#include "base/slice.h"

enum shrink_grain {
    SHRINK_EXCHANGES, /* what the client says, with the replies to it */
    SHRINK_LINES,
    SHRINK_WORDS,
    SHRINK_OCTETS,
    SHRINK_DONE,
};

/** Octets of the piece of `text` that begins at `at`, which is before its end; at least 1.
 * *ret_stays: it is not taken out. */
typedef size_t shrink_piece_fn(struct slice text, size_t at, enum shrink_grain grain,
                               bool *ret_stays);

/** Pieces of a tagged script (scenarios/README.md). The line %test stays; of words and octets, only
 * those that the client sends go. An escape of a C!: line and a ${variable} are one octet. */
shrink_piece_fn shrink_script_piece;

/** Pieces of what a client says, octet by octet; exchanges are lines. */
shrink_piece_fn shrink_octets_piece;

struct shrink {
    uint8_t *best; /* the caller's; the smallest input that fails so far */
    size_t best_len;
    /* private */
    shrink_piece_fn *piece;
    uint8_t *room; /* the caller's; the candidate */
    size_t room_len;
    enum shrink_grain grain;
    size_t pieces;  /* of `best`, at this grain, that may go */
    size_t run, at; /* how many to take out, from which on */
    bool took;      /* something was taken out in this pass over single pieces */
};

/** `best` holds an input of `len` octets that fails; `room` has as many. */
void shrink_begin(struct shrink *shrink, shrink_piece_fn *piece, uint8_t *best, size_t len,
                  uint8_t *room);

/** Writes a candidate, which is shorter than the best; false where none is left. */
bool shrink_next(struct shrink *shrink, struct slice *ret_candidate);

/** Whether the candidate fails as the input did. */
void shrink_answer(struct shrink *shrink, bool fails);

#endif
