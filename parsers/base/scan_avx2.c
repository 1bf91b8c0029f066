/* The way of AVX2: this file alone is compiled for it. */
#include "base/scan_way.h"

#ifdef __x86_64__

#include <immintrin.h>

typedef __m256i octets;
#define OCTETS 32

static inline octets octets_load(const uint8_t *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

/* The 16 octets at `at`, and those at `behind`. */
static inline octets octets_load_halves(const uint8_t *at, const uint8_t *behind)
{
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i high = _mm_loadu_si128((const __m128i *)(const void *)behind);
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

static inline octets octets_every(uint8_t octet)
{
    return _mm256_set1_epi8((char)octet);
}

static inline octets octets_equal(octets a, octets b)
{
    return _mm256_cmpeq_epi8(a, b);
}

static inline octets octets_below(octets a, octets b)
{
    return _mm256_cmpgt_epi8(b, a);
}

static inline octets octets_or(octets a, octets b)
{
    return _mm256_or_si256(a, b);
}

static inline octets octets_xor(octets a, octets b)
{
    return _mm256_xor_si256(a, b);
}

static inline octets octets_without(octets a, octets b)
{
    return _mm256_andnot_si256(b, a);
}

static inline octets octets_less(octets a, octets b)
{
    return _mm256_sub_epi8(a, b);
}

static inline uint32_t octets_mask(octets a)
{
    return (uint32_t)_mm256_movemask_epi8(a);
}

struct sorted {
    octets special, alnum;
};

/*
 * Octets by their two nibbles: a row of the octet table has one bit of its specials and one of its
 * letters or digits, and `columns` tells in which rows a low nibble is one.
 *   specials 2x: SP " ( ) ,   3x: : ; < >   4x: @   5x: [ \ ]      bits 1 2 4 8
 *   3x: 0-9   4x, 6x: A-O a-o   5x, 7x: P-Z p-z                     bits 16 32 64
 */
static inline struct sorted octets_sort(octets a)
{
    enum { D = 16, A = 32, P = 64 };
    const __m256i rows = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 0, 1, 2 | D, 4 | A, 8 | P, A, P, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i columns = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(1 | 4 | D | P, D | A | P, 1 | D | A | P, D | A | P, D | A | P, D | A | P,
                      D | A | P, D | A | P, 1 | D | A | P, 1 | D | A | P, 2 | A | P, 2 | 8 | A,
                      1 | 2 | 8 | A, 8 | A, 2 | A, A));
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(a, 4), _mm256_set1_epi8(0x0f));
    __m256i kind =
        _mm256_and_si256(_mm256_shuffle_epi8(rows, high), _mm256_shuffle_epi8(columns, a));
    __m256i alnum = _mm256_cmpgt_epi8(kind, _mm256_set1_epi8(D - 1));
    __m256i any = _mm256_cmpgt_epi8(kind, _mm256_setzero_si256());
    return (struct sorted){.special = octets_xor(any, alnum), .alnum = alnum};
}

#include "base/scan_blocks.h"

const struct scan_way scan_avx2 = {"avx2",     block_fields, block_line,        block_ends,
                                   block_text, block_atoms,  block_is_printable};

#endif
