/*
 * load: octets as a number, the first of them lowest, whatever the machine's order; and the digits
 * among them, all at once.
 */
#ifndef MAILDRILL_BASE_LOAD_H
#define MAILDRILL_BASE_LOAD_H

#include <stdint.h>
#include <string.h>

static inline uint64_t load_8(const uint8_t *at)
{
    uint64_t octets;
    memcpy(&octets, at, sizeof octets);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    octets = __builtin_bswap64(octets);
#endif
    return octets;
}

static inline uint32_t load_4(const uint8_t *at)
{
    uint32_t octets;
    memcpy(&octets, at, sizeof octets);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    octets = __builtin_bswap32(octets);
#endif
    return octets;
}

#define LOAD_TOP_BITS UINT64_C(0x8080808080808080)

/**
 * Takes a mask of what must stand there (digits as '0') from eight octets; what is left are the
 * digits' numbers and zeros. `room` has 0x76 for each digit and 0x7f for each other octet: where
 * the sum reaches the top bit, or the octet had it, something else stood there. No octet carries
 * into the next unless it has its top bit set. The answer is 0 where all is well.
 */
static inline uint64_t load_digits(uint64_t octets, uint64_t mask, uint64_t room,
                                   uint64_t *ret_digits)
{
    *ret_digits = octets ^ mask;
    return ((*ret_digits + room) | *ret_digits) & LOAD_TOP_BITS;
}

/** Octet n, the first 0. */
static inline unsigned load_octet(uint64_t octets, unsigned n)
{
    return (unsigned)(octets >> (8 * n)) & 0xff;
}

#endif
