/* The way of AVX2: this file alone is compiled for it. */
#include "base/scan_way.h"

#ifdef __x86_64__

#include <immintrin.h>

typedef __m256i octets, lanes;
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

static inline lanes octets_equal(octets a, octets b)
{
    return _mm256_cmpeq_epi8(a, b);
}

static inline lanes octets_below(octets a, octets b)
{
    return _mm256_cmpgt_epi8(b, a);
}

static inline octets octets_less(octets a, octets b)
{
    return _mm256_sub_epi8(a, b);
}

static inline octets doubts_of_both(octets a, octets b)
{
    return _mm256_or_si256(a, b);
}

static inline lanes lanes_or(lanes a, lanes b)
{
    return _mm256_or_si256(a, b);
}

static inline uint64_t lanes_bits(lanes a)
{
    return (uint32_t)_mm256_movemask_epi8(a);
}

struct line_lanes {
    lanes cr, low;
    octets doubt;
};

/* SP, HTAB, CR and LF are what their low nibbles find in a table; of all that is not %d33-126, the
 * lowest of the signed octets when moved up by one, nothing else may be there. */
static inline struct line_lanes octets_line(octets a, octets next)
{
    const octets table = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0));
    lanes low = octets_equal(a, _mm256_shuffle_epi8(table, a));
    lanes not_graphic = octets_below(octets_less(a, octets_load(scan_vectors.minus_one)),
                                     octets_load(scan_vectors.above_space));
    lanes cr = octets_equal(a, octets_load(scan_vectors.cr));
    lanes lf_next = octets_equal(next, octets_load(scan_vectors.lf));
    return (struct line_lanes){
        .cr = lf_next,
        .low = _mm256_andnot_si256(cr, low),
        .doubt = doubts_of_both(_mm256_xor_si256(low, not_graphic), _mm256_xor_si256(cr, lf_next)),
    };
}

static inline uint64_t doubts_bits(octets a)
{
    return lanes_bits(a);
}

struct sorted {
    lanes boundary, alnum;
};

/*
 * Octets by their two nibbles: a row of the octet table has a bit, and the columns tell in which
 * rows a low nibble is atext or ".", and in which a letter or digit. Octets above 127 are in no
 * row.
 */
static inline struct sorted octets_sort(octets a)
{
    enum { R2 = 128, R3 = 1, R4 = 2, R5 = 4, R6 = 8, R7 = 16, A_TO_O = R4 | R6, P_TO_Z = R5 | R7 };
    enum { LETTERS = A_TO_O | P_TO_Z, DIGIT = R3 | LETTERS, ALL = R2 | DIGIT };
    const __m256i rows = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 0, (char)R2, R3, R4, R5, R6, R7, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i words = _mm256_broadcastsi128_si256(_mm_setr_epi8(
        R3 | R6 | P_TO_Z, (char)ALL, DIGIT, (char)ALL, (char)ALL, (char)ALL, (char)ALL, (char)ALL,
        DIGIT, DIGIT, (char)(R2 | LETTERS), (char)(R2 | R4 | R6 | R7), R4 | R6 | R7,
        (char)(R2 | R3 | R4 | R6 | R7), (char)(R2 | LETTERS), (char)(R2 | R3 | R4 | R5 | R6)));
    const __m256i alnums = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(R3 | P_TO_Z, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT,
                      LETTERS, A_TO_O, A_TO_O, A_TO_O, A_TO_O, A_TO_O));
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(a, 4), _mm256_set1_epi8(0x0f));
    __m256i row = _mm256_shuffle_epi8(rows, high), none = _mm256_setzero_si256();
    __m256i word = _mm256_and_si256(row, _mm256_shuffle_epi8(words, a));
    __m256i alnum = _mm256_and_si256(row, _mm256_shuffle_epi8(alnums, a));
    return (struct sorted){.boundary = octets_equal(word, none),
                           .alnum = octets_below(none, alnum)};
}

#include "base/scan_blocks.h"

const struct scan_way scan_avx2 = {"avx2",     block_fields, block_line,  block_ends,
                                   block_text, block_atoms,  block_words, block_is_printable};

#endif
