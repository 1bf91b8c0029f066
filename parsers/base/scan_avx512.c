/* The way of AVX-512, whose vectors are blocks and whose comparisons are masks: this file alone is
 * compiled for it. */
#include "base/scan_way.h"

#ifdef __x86_64__

#include <immintrin.h>

typedef __m512i octets;
typedef __mmask64 lanes;
#define OCTETS 64

static inline octets octets_load(const uint8_t *at)
{
    return _mm512_loadu_si512(at);
}

/* Octets whose bits are not set are 0, and are not read. */
static inline octets octets_load_some(const uint8_t *at, uint64_t bits)
{
    return _mm512_maskz_loadu_epi8(bits, at);
}

static inline octets octets_every(uint8_t octet)
{
    return _mm512_set1_epi8((char)octet);
}

static inline octets octets_less(octets a, octets b)
{
    return _mm512_sub_epi8(a, b);
}

static inline lanes octets_equal(octets a, octets b)
{
    return _mm512_cmpeq_epi8_mask(a, b);
}

static inline lanes octets_below(octets a, octets b)
{
    return _mm512_cmplt_epi8_mask(a, b);
}

static inline octets doubts_of_both(octets a, octets b)
{
    return _mm512_or_si512(a, b);
}

static inline uint64_t doubts_bits(octets a)
{
    return _mm512_movepi8_mask(a);
}

static inline lanes lanes_or(lanes a, lanes b)
{
    return _kor_mask64(a, b);
}

static inline uint64_t lanes_bits(lanes a)
{
    return a;
}

/* What scan_kinds says of those below 128. */
static inline octets octets_kind(octets a)
{
    return _mm512_permutex2var_epi8(octets_load(scan_kinds), a, octets_load(scan_kinds + OCTETS));
}

struct line_lanes {
    lanes cr, low;
    octets doubt;
};

static inline struct line_lanes octets_line(octets a, octets next)
{
    lanes no_cr = _mm512_cmpneq_epi8_mask(a, octets_load(scan_vectors.cr));
    lanes lf_next = octets_equal(next, octets_load(scan_vectors.lf));
    return (struct line_lanes){
        .cr = lf_next,
        .low = _mm512_mask_cmplt_epi8_mask(no_cr, a, octets_load(scan_vectors.graphic)),
        .doubt = _mm512_mask_blend_epi8(_kxnor_mask64(no_cr, lf_next),
                                        _mm512_or_si512(a, octets_kind(a)), octets_every(0xff)),
    };
}

struct sorted {
    lanes boundary, alnum;
};

static inline struct sorted octets_sort(octets a)
{
    octets kind = octets_kind(a);
    uint64_t high = _mm512_movepi8_mask(a);
    return (struct sorted){
        .boundary = _mm512_testn_epi8_mask(kind, octets_every(SCAN_KIND_WORD)) | high,
        .alnum = _mm512_test_epi8_mask(kind, octets_every(SCAN_KIND_ALNUM)) & ~high,
    };
}

#include "base/scan_blocks.h"

const struct scan_way scan_avx512 = {"avx512",   block_fields, block_line,  block_ends,
                                     block_text, block_atoms,  block_words, block_is_printable};

#endif
