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

/** The first octet of `bits`, which has one. */
static inline size_t bits_first(uint64_t bits)
{
    return (size_t)__builtin_ctzll(bits);
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
