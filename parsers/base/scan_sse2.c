/* The way of SSE2, which every x86-64 processor has. */
#include "base/scan_way.h"

#ifdef __x86_64__

#include <emmintrin.h>

typedef __m128i octets;
#define OCTETS                         16
#define octets_load_halves(at, behind) octets_load(at) /* there are none */

static inline octets octets_load(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static inline octets octets_every(uint8_t octet)
{
    return _mm_set1_epi8((char)octet);
}

static inline octets octets_equal(octets a, octets b)
{
    return _mm_cmpeq_epi8(a, b);
}

static inline octets octets_below(octets a, octets b)
{
    return _mm_cmpgt_epi8(b, a);
}

static inline octets octets_or(octets a, octets b)
{
    return _mm_or_si128(a, b);
}

static inline octets octets_xor(octets a, octets b)
{
    return _mm_xor_si128(a, b);
}

static inline octets octets_without(octets a, octets b)
{
    return _mm_andnot_si128(b, a);
}

static inline octets octets_less(octets a, octets b)
{
    return _mm_sub_epi8(a, b);
}

static inline uint32_t octets_mask(octets a)
{
    return (uint32_t)_mm_movemask_epi8(a);
}

/* Whether each octet is one of the `count` from `first` on. */
static inline octets octets_range(octets a, uint8_t first, uint8_t count)
{
    octets from = octets_less(a, octets_every(first));
    return octets_equal(from, _mm_min_epu8(from, octets_every((uint8_t)(count - 1))));
}

struct sorted {
    octets special, alnum;
};

static inline struct sorted octets_sort(octets a)
{
    octets lower = octets_or(a, octets_every(0x20));
    octets alnum = octets_or(octets_range(lower, 'a', 26), octets_range(a, '0', 10));
    octets ranges =
        octets_or(octets_range(a, '(', 2),                                      /* ( ) */
                  octets_or(octets_range(a, ':', 3), octets_range(a, '[', 3))); /* : ; < [ \ ] */
    octets singles = octets_or(
        octets_or(octets_equal(a, octets_every(' ')), octets_equal(a, octets_every('"'))),
        octets_or(octets_equal(a, octets_every(',')), octets_equal(a, octets_every('>'))));
    octets special = octets_or(octets_or(ranges, singles), octets_equal(a, octets_every('@')));
    return (struct sorted){special, alnum};
}

#include "base/scan_blocks.h"

const struct scan_way scan_sse2 = {"sse2",     block_fields, block_line,        block_ends,
                                   block_text, block_atoms,  block_is_printable};

#endif
