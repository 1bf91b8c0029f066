/*
 * poison: octets that nobody may touch, which AddressSanitizer sees to; without it nothing does.
 * ASAN_POISON_MEMORY_REGION(octets, size) and ASAN_UNPOISON_MEMORY_REGION(octets, size).
 */
#ifndef MAILDRILL_BASE_POISON_H
#define MAILDRILL_BASE_POISON_H

#if defined(__SANITIZE_ADDRESS__)
#define POISON_IS_SEEN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISON_IS_SEEN 1
#endif
#endif

#include <stddef.h>
#include <stdint.h>

#ifdef POISON_IS_SEEN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(octets, size)   ((void)(octets), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(octets, size) ((void)(octets), (void)(size))
#endif

/** Stands between two buffers of one allocation, which to AddressSanitizer are one: where a gap is
 * poisoned, it sees an octet that goes beyond the first. */
struct poison_gap {
    uint8_t octets[16];
};

static inline void poison_gap(struct poison_gap *gap)
{
    ASAN_POISON_MEMORY_REGION(gap->octets, sizeof gap->octets);
}

/** Takes octets off the front of `*rest`, and the gap behind them: as many octets of its room, and
 * sizeof (struct poison_gap). */
static inline uint8_t *poison_carve(uint8_t **rest, size_t octets)
{
    uint8_t *taken = *rest;
    ASAN_POISON_MEMORY_REGION(taken + octets, sizeof(struct poison_gap));
    *rest = taken + octets + sizeof(struct poison_gap);
    return taken;
}

#endif
