/*
 * bits: masks of a scan (base/scan.h), in which bit i stands for octet i of a text.
 */
#ifndef MAILDRILL_BASE_BITS_H
#define MAILDRILL_BASE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BITS 64

static inline uint64_t bits_at(size_t n)
{
    return UINT64_C(1) << n;
}

/** The bits of octets 0 to n - 1; of all where n is BITS or more. */
static inline uint64_t bits_below(size_t n)
{
    return n < BITS ? bits_at(n) - 1 : UINT64_MAX;
}

/** The lowest of `bits`; 0 where there is none. */
static inline uint64_t bits_lowest(uint64_t bits)
{
    return bits & (0 - bits);
}

/** The bits from the one bit of `from` on; 0 where that has none. */
static inline uint64_t bits_from(uint64_t from)
{
    return 0 - from;
}

/** The first octet of `bits`, which has one. */
static inline size_t bits_first(uint64_t bits)
{
    return (size_t)__builtin_ctzll(bits);
}

/** The octet behind the last of `bits`, which lack the top one; 0 where there is none. */
static inline size_t bits_end(uint64_t bits)
{
    return BITS - 1 - (size_t)__builtin_clzll(bits << 1 | 1);
}

/** What the first and the second of `marks` enclose, the third and the fourth, and so on, with the
 * marks themselves. */
static inline uint64_t bits_enclosed(uint64_t marks)
{
    uint64_t inside = marks;
    for (unsigned step = 1; step < BITS; step *= 2)
        inside ^= inside << step;
    return inside | marks;
}

/** Whether the dots of `text`, which is one run of octets, part it into atoms of an octet or more:
 * dot-atom-text = 1*atext *("." 1*atext) */
static inline bool bits_are_dot_atom(uint64_t text, uint64_t dots)
{
    uint64_t atoms = text & ~dots;
    dots &= text;
    return text != 0 && (dots & ~(atoms << 1)) == 0 && (dots & ~(atoms >> 1)) == 0;
}

#endif
