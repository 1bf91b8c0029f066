/*
 * fold: short words as numbers, without regard to ASCII case: verbs, keywords, parameter names.
 *
 * A word is looked up by its first eight octets: fold_word makes them one number, fold_place
 * spreads the words of a table over places, and what stands at the place is the word or no word of
 * the table is. The seed of a table is an odd number for which no two of its words share a place;
 * who adds a word runs the table's unit test, which tells the place, or a better seed.
 */
#ifndef MAILDRILL_BASE_FOLD_H
#define MAILDRILL_BASE_FOLD_H

#include "base/load.h"
#include "base/slice.h"

#define FOLD_OCTETS 8

/*
 * Upper case of eight letters at once: an octet with the bit of %d64 loses that of %d32. What is no
 * letter may become another octet, but never one that a name holds: names are of letters in upper
 * case, digits, "-" and ":".
 */
static inline uint64_t fold_upper(uint64_t octets)
{
    const uint64_t every = UINT64_C(0x0101010101010101);
    return octets & ~((octets & every * 64) >> 1);
}

/** The first eight octets of `word` in upper case, the first lowest; 0 stands behind its end. */
static inline uint64_t fold_word(struct slice word)
{
    if (word.len >= FOLD_OCTETS)
        return fold_upper(load_8(word.ptr));
    uint64_t octets = 0;
    if (word.len >= 4) { /* two halves, which overlap */
        size_t behind = word.len - 4;
        octets = load_4(word.ptr) | (uint64_t)load_4(word.ptr + behind) << (8 * behind);
    } else
        for (size_t i = 0; i < word.len; i++)
            octets |= (uint64_t)word.ptr[i] << (8 * i);
    return fold_upper(octets);
}

/* The bits of the first `len` octets of FOLD_OCTETS, or of all where there are more. */
static inline uint64_t fold_inside(size_t len)
{
    if (len >= FOLD_OCTETS)
        return UINT64_MAX;
    return (UINT64_C(1) << (8 * len)) - 1;
}

/** fold_word of a word that lies in `around`: where eight octets can be read at it, they are, and
 * no branch depends on its length. */
static inline uint64_t fold_word_in(struct slice around, struct slice word)
{
    if (around.len < FOLD_OCTETS || (size_t)(word.ptr - around.ptr) > around.len - FOLD_OCTETS)
        return fold_word(word);
    return fold_upper(load_8(word.ptr) & fold_inside(word.len));
}

/** A word of a table: FOLD_NAME("EHLO"), in upper case. */
struct fold_name {
    uint8_t octets[3 * FOLD_OCTETS - 1]; /* 0 behind its end */
    uint8_t len;
};
#define FOLD_NAME(literal)                                                                         \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static inline struct slice fold_name_slice(const struct fold_name *name)
{
    return slice_of(name->octets, name->len);
}

/** Where, of 1 << `bits` places, a word with that number has its place. */
static inline size_t fold_place(uint64_t word, uint64_t seed, unsigned bits)
{
    return (size_t)(word * seed >> (64 - bits));
}

/** Equality of a word, whose number is known, and a name, without regard to ASCII case. Few words
 * have more than FOLD_OCTETS octets; most of these have not twice as many. */
static inline bool fold_equal(struct slice word, uint64_t number, const struct fold_name *name)
{
    if (number != load_8(name->octets) || word.len != name->len)
        return false;
    if (word.len <= FOLD_OCTETS)
        return true;
    size_t last = word.len - FOLD_OCTETS; /* overlaps with what is compared before it */
    bool same = fold_upper(load_8(word.ptr + last)) == load_8(name->octets + last);
    if (word.len > 2 * FOLD_OCTETS)
        same = same &&
               fold_upper(load_8(word.ptr + FOLD_OCTETS)) == load_8(name->octets + FOLD_OCTETS);
    return same;
}

/** Whether `text` begins with a name of no more than FOLD_OCTETS octets, without regard to ASCII
 * case. */
static inline bool fold_starts(struct slice text, const struct fold_name *name)
{
    if (text.len < FOLD_OCTETS)
        return text.len >= name->len && fold_equal(slice_sub(text, 0, name->len),
                                                   fold_word(slice_sub(text, 0, name->len)), name);
    return fold_upper(load_8(text.ptr) & fold_inside(name->len)) == load_8(name->octets);
}

#endif
