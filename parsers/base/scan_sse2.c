/* The way of SSE2, which every x86-64 processor has. */
#include "base/scan_way.h"

#ifdef __x86_64__

#include <emmintrin.h>

typedef __m128i octets, lanes;
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

static inline lanes octets_equal(octets a, octets b)
{
    return _mm_cmpeq_epi8(a, b);
}

static inline lanes octets_below(octets a, octets b)
{
    return _mm_cmpgt_epi8(b, a);
}

static inline octets octets_less(octets a, octets b)
{
    return _mm_sub_epi8(a, b);
}

static inline octets octets_or(octets a, octets b)
{
    return _mm_or_si128(a, b);
}

static inline lanes lanes_or(lanes a, lanes b)
{
    return _mm_or_si128(a, b);
}

static inline uint64_t lanes_bits(lanes a)
{
    return (uint32_t)_mm_movemask_epi8(a);
}

/* Whether each octet is one of the `count` from `first` on. */
static inline lanes octets_range(octets a, uint8_t first, uint8_t count)
{
    octets from = octets_less(a, octets_every(first));
    return octets_equal(from, _mm_min_epu8(from, octets_every((uint8_t)(count - 1))));
}

struct line_lanes {
    lanes cr, low;
    octets doubt;
};

static inline struct line_lanes octets_line(octets a, octets next)
{
    lanes lf = octets_equal(a, octets_load(scan_vectors.lf));
    lanes cr = octets_equal(a, octets_load(scan_vectors.cr));
    lanes ht = octets_equal(a, octets_load(scan_vectors.ht));
    lanes odd = octets_below(octets_load(scan_vectors.highest_text),
                             octets_less(a, octets_load(scan_vectors.down)));
    lanes lf_next = octets_equal(next, octets_load(scan_vectors.lf));
    return (struct line_lanes){
        .cr = lf_next,
        .low = octets_below(a, octets_load(scan_vectors.graphic)),
        .doubt = octets_or(_mm_andnot_si128(lanes_or(lanes_or(lf, cr), ht), odd),
                           _mm_xor_si128(cr, lf_next)),
    };
}

static inline uint64_t octets_top_bits(octets a)
{
    return lanes_bits(a);
}

struct sorted {
    lanes boundary, alnum;
};

static inline struct sorted octets_sort(octets a)
{
    octets lower = _mm_or_si128(a, octets_every(0x20));
    lanes alnum = lanes_or(octets_range(lower, 'a', 26), octets_range(a, '0', 10));
    lanes ranges =
        lanes_or(octets_range(a, '(', 2),                                     /* ( ) */
                 lanes_or(octets_range(a, ':', 3), octets_range(a, '[', 3))); /* : ; < [ \ ] */
    lanes singles =
        lanes_or(lanes_or(octets_equal(a, octets_every('@')), octets_equal(a, octets_every('"'))),
                 lanes_or(octets_equal(a, octets_every(',')), octets_equal(a, octets_every('>'))));
    lanes text = octets_range(a, '!', 94);
    lanes special = lanes_or(ranges, singles);
    return (struct sorted){.boundary =
                               _mm_xor_si128(octets_every(0xff), _mm_andnot_si128(special, text)),
                           .alnum = alnum};
}

#include "base/scan_blocks.h"

const struct scan_way scan_sse2 = {"sse2",     block_fields, block_line,  block_ends,
                                   block_text, block_atoms,  block_words, block_is_printable};

#endif
