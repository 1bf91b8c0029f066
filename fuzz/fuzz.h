/*
 * fuzz: what every target shares.
 *
 * A target states its laws and breaks off with FUZZ_LAW, which names the one that was broken. An
 * input stays readable: it is a plain command, reply, header or dialogue, and the knobs of a target
 * (split points, limits) are read from its last octets with fuzz_knob.
 */
#ifndef MAILDRILL_FUZZ_FUZZ_H
#define MAILDRILL_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/quirk.h"
#include "base/slice.h"
#include "base/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Aborts with the law's name where it does not hold. */
#define FUZZ_LAW(holds, law)                                                                       \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "%s:%d: law broken: %s\n", __FILE__, __LINE__, law);                   \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/** A knob from the tail of the input: its last octet modulo `range` (0 for an empty input). Does
 * not shorten it. */
static inline size_t fuzz_knob(struct slice in, size_t from_end, size_t range)
{
    return in.len <= from_end || range == 0 ? 0 : in.ptr[in.len - 1 - from_end] % range;
}

/** Steps that what is tested has taken so far (work.c): numbers are the same on every machine.
 * Always 0 in a build that does not count them. */
uint64_t fuzz_work(void);

#define FUZZ_MOST_STEPS 256 /* an octet; and for 16 octets more, whatever the input is */

/** Runs a statement, whose work has to be linear in so many octets. */
#define FUZZ_LINEAR(octets, ...)                                                                   \
    do {                                                                                           \
        uint64_t steps_before = fuzz_work();                                                       \
        __VA_ARGS__;                                                                               \
        FUZZ_LAW(fuzz_work() - steps_before <= FUZZ_MOST_STEPS * ((uint64_t)(octets) + 16),        \
                 "work is linear");                                                                \
    } while (0)

/*
 * Memory for laws, of exactly that size: sanitizers see one octet past its end, use after it was
 * given back, and octets that nobody wrote. It is cut from one arena, because an allocation costs
 * more than most parsers take for an input; never NULL. What is held is given back before an input
 * ends.
 */
void *fuzz_take(size_t octets);
void *fuzz_take_more(void *memory, size_t octets); /* as realloc */
void fuzz_give(void *memory);
/** Whether any of it is not given back: a number that is not 0. */
size_t fuzz_held(void);

static inline struct slice fuzz_copy(struct slice in)
{
    uint8_t *copy = in.len == 0 ? NULL : (uint8_t *)fuzz_take(in.len);
    if (copy != NULL)
        memcpy(copy, in.ptr, in.len);
    return slice_of(copy, in.len);
}

static inline void fuzz_free(struct slice copy)
{
    if (copy.len > 0)
        fuzz_give((void *)(uintptr_t)copy.ptr);
}

/** A writer with room for that many octets, and what gives it back. */
static inline struct writer fuzz_writer(size_t octets)
{
    return writer_of((uint8_t *)fuzz_take(octets), octets);
}

static inline void fuzz_free_writer(struct writer *out)
{
    fuzz_give(out->ptr);
}

/** Whether `inner` lies inside `outer`, or is empty. */
static inline bool fuzz_inside(struct slice inner, struct slice outer)
{
    return inner.len == 0 ||
           (inner.ptr >= outer.ptr && inner.ptr + inner.len <= outer.ptr + outer.len);
}

/** Where an input of `len` octets is cut behind `cut`: everywhere in a short one, at a dozen places
 * in a long one, which `knob` chooses, so that a law of all prefixes takes no quadratic time. */
static inline size_t fuzz_next_cut(size_t cut, size_t len, size_t knob)
{
    size_t spread = (cut + 1 + knob) * 2654435761u >> 8;
    return cut + 1 + (len <= 24 ? 0 : spread % (len / 6));
}

/** The quirks of a text's octets, as a person would tell them. */
static inline uint64_t fuzz_odd_octets(struct slice text)
{
    uint64_t quirks = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.ptr[i];
        quirks |= octet == 0      ? QUIRK_NUL
                  : octet == 13   ? QUIRK_BARE_CR
                  : octet > 127   ? QUIRK_EIGHT_BIT
                  : octet == 127  ? QUIRK_CONTROL
                  : octet >= 32   ? 0
                  : octet == '\t' ? 0
                  : octet == '\n' ? 0
                                  : QUIRK_CONTROL;
    }
    return quirks;
}

/** The lowest bit of `quirks` that `find` knows no row for, or 64: each quirk has its name. */
static inline unsigned fuzz_nameless(uint64_t quirks, const struct quirk *(*find)(unsigned n))
{
    unsigned n = 0;
    while (n < 64 && (!(quirks >> n & 1) || find(n) != NULL))
        n++;
    return n;
}

#endif
