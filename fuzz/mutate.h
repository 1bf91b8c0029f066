/*
 * mutate: what the mutators of dialogues and of messages share.
 *
 * All is pure: octets and the state of a random generator in, octets out. The same seed makes the
 * same mutants, whatever engine calls.
 */
#ifndef MAILDRILL_FUZZ_MUTATE_H
#define MAILDRILL_FUZZ_MUTATE_H

#include "base/writer.h"

/* Changes octets without knowing what they are, in place; returns how many there are then, at most
 * `capacity`. LLVMFuzzerMutate is one. */
typedef size_t mutate_octets_fn(uint8_t *octets, size_t len, size_t capacity);

struct mutate {
    uint64_t random;          /* state of the generator; any value */
    mutate_octets_fn *octets; /* for changes inside one line; NULL: a plain one, mutate_octets */
};

/** Less than `range`; 0 where that is 0. */
size_t mutate_random(struct mutate *m, size_t range);

/** One octet of `len` changed, put in, taken out, or a run of them doubled. */
size_t mutate_octets(struct mutate *m, uint8_t *octets, size_t len, size_t capacity);

/** Writes `text` with a few octets changed. */
void mutate_put_changed(struct mutate *m, struct slice text, struct writer *out);

/**
 * Writes `text` with a line, a word or a part of a word made as long as one of the limits that
 * grammars and parsers have, or one octet longer: what is off by one shows there alone.
 */
void mutate_put_fitted(struct mutate *m, struct slice text, struct writer *out);

/** Writes `text` with an item of a list once more, behind itself or behind the list's last: "a,b"
 * is "a,a,b" or "a,b,a". What has no separator beside it gets one. */
void mutate_put_listed(struct mutate *m, struct slice text, struct writer *out);

/** Writes another number in the place of some digits: one more, one less, the same behind a zero,
 * or one of those at which calendars, addresses, codes and types end. */
void mutate_put_number(struct mutate *m, struct slice digits, struct writer *out);

/* ---- texts made of pieces: lines of a dialogue, fields or words of a message ---- */

/** Octets of the first piece of `text`, which is not empty. */
typedef size_t mutate_piece_fn(struct slice text);

/** Writes a new piece, such as may stand at `place`; `before` is the piece in front of it. */
typedef void mutate_make_fn(struct mutate *m, struct slice before, struct writer *out);

/** Writes one piece changed. */
typedef void mutate_change_fn(struct mutate *m, struct slice piece, struct writer *out);

struct mutate_grammar {
    mutate_piece_fn *piece;
    mutate_make_fn *make;
    mutate_change_fn *change;
};

/** Writes `text` after one edit: a piece put in (one time in two at the end), doubled, dropped,
 * swapped with another, changed, or pieces from one place put at another. */
void mutate_pieces(struct mutate *m, const struct mutate_grammar *grammar, struct slice text,
                   struct writer *out);

/** Writes the beginning of one text and the end of another, cut between pieces, or pieces of the
 * other put between those of the one. */
void mutate_cross(struct mutate *m, const struct mutate_grammar *grammar, struct slice one,
                  struct slice other, struct writer *out);

/* ---- words of a grammar ---- */

struct mutate_words {
    const struct slice *words;
    size_t count;
};

#define MUTATE_WORDS(table) ((struct mutate_words){table, sizeof(table) / sizeof *(table)})

struct slice mutate_word(struct mutate *m, struct mutate_words words);

#endif
