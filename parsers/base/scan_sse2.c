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

static inline octets doubts_of_both(octets a, octets b)
{
    return _mm_max_epu8(a, b);
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

/*
 * Moved down by 33: "!" to "~" are 0 to 93, the top bits of SP and the controls are set, and LF is
 * HTAB with its lowest bit set. What need not be doubted is made SP, so that all that is plain is 0
 * to 94 when one is added. What LF follows is not looked at but for CR: the top bits of all else
 * are set there.
 */
static inline struct line_lanes octets_line(octets a, octets next)
{
    const octets one = octets_every(1);
    lanes cr = octets_equal(a, octets_every('\r'));
    lanes lf_next = octets_equal(next, octets_every('\n'));
    octets down = octets_less(a, octets_every(33));
    lanes ht_lf = octets_equal(_mm_or_si128(down, one), octets_every((uint8_t)('\n' - 33)));
    octets text = lanes_or(down, lf_next);
    return (struct line_lanes){
        .cr = lf_next,
        .low = _mm_andnot_si128(cr, text),
        .doubt = _mm_add_epi8(lanes_or(text, ht_lf), one),
    };
}

static inline uint64_t doubts_bits(octets doubts)
{
    return lanes_bits(_mm_adds_epu8(doubts, octets_every(127 - 94)));
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
