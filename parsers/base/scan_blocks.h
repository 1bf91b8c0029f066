/*
 * scan_blocks: scan in vectors, for a file that has said what a vector is. Not for its users.
 *
 * The file that includes this one defines
 *   octets, OCTETS           a vector, and how many octets it has (16 or 32)
 *   octets_load, _every      from memory, unaligned; the same octet everywhere
 *   octets_load_halves       16 octets from each of two places, where a vector has 32
 *   octets_equal, _below     all bits of a lane where a == b; where a < b as signed octets
 *   octets_or, _xor, _without (a & ~b), _less (a - b)
 *   octets_mask              the top bit of each lane, lane 0 lowest
 *   octets_sort              two vectors, all bits of a lane where a printable octet is neither
 *                            atext nor "." (special), where one is a letter or digit (alnum)
 */
#include "base/scan_way.h"

#define BLOCK 64

static inline octets octets_equal_to(octets a, uint8_t octet)
{
    return octets_equal(a, octets_every(octet));
}

/* Not %d32-126: moved down so that these are the lowest of the signed octets, -128 to -34. */
static inline octets octets_odd(octets a)
{
    return octets_below(octets_load(scan_vectors.highest_text),
                        octets_less(a, octets_load(scan_vectors.down)));
}

/*
 * Fields are found as if the window were plain, and what is not leaves a doubt; with that the
 * window is read again in plain C. So here nothing is below "!" but SP, HTAB, CR and LF, and these
 * two stand together.
 */
struct line_bits {
    uint64_t lf, low; /* low: below "!" */
    octets doubt;     /* top bits set where the window is not plain */
};

/* Sorts the block at `at`, behind which one more octet can be read. */
static inline struct line_bits line_bits_of(const uint8_t *at)
{
    struct line_bits bits = {0, 0, octets_every(0)};
    for (unsigned i = 0; i < BLOCK; i += OCTETS) {
        octets here = octets_load(at + i), next = octets_load(at + i + 1);
        octets lf = octets_equal(here, octets_load(scan_vectors.lf));
        octets cr = octets_equal(here, octets_load(scan_vectors.cr));
        octets ht = octets_equal(here, octets_load(scan_vectors.ht));
        octets unusual = octets_without(octets_odd(here), octets_or(octets_or(lf, cr), ht));
        octets unpaired = octets_xor(cr, octets_equal(next, octets_load(scan_vectors.lf)));
        bits.doubt = octets_or(bits.doubt, octets_or(unusual, unpaired));
        bits.lf |= (uint64_t)octets_mask(lf) << i;
        bits.low |= (uint64_t)octets_mask(octets_below(here, octets_load(scan_vectors.graphic)))
                    << i;
    }
    return bits;
}

/* The last `count` (1 to 64) octets of a window: bit 0 is the first of them. What stands behind the
 * window goes for white space, so that no start is seen there. */
__attribute__((noinline)) static struct line_bits last_line_bits(struct slice window, size_t count)
{
    uint8_t room[BLOCK + 1];
    size_t before = BLOCK - count; /* the block begins so many octets before them, and one */
    const uint8_t *block = window.ptr + window.len - (BLOCK + 1);
    uint8_t last = window.ptr[window.len - 1];
    if (window.len <= BLOCK) {
        memset(room, ' ', sizeof room);
        memcpy(room + 1 + before, window.ptr, count);
        block = room;
    }
    struct line_bits bits = line_bits_of(block);
    bits.lf = bits.lf >> before >> 1 | (uint64_t)(last == '\n') << (count - 1);
    bits.low = bits.low >> before >> 1 |
               (uint64_t)(last == ' ' || last == '\t' || last == '\n') << (count - 1) |
               ~(~UINT64_C(0) >> before);
    return bits;
}

/* What one pass over a window leaves, besides the starts of lines that no white space begins. */
struct line_starts {
    size_t count; /* fields that end in sight */
    bool doubt;
    uint64_t any_trailing;
    uint64_t trailing[SCAN_WINDOW_OCTETS / BLOCK]; /* LFs of lines that end with white space */
    uint64_t lf[SCAN_WINDOW_OCTETS / BLOCK];
};

/* Most blocks hold one start or two: these are stored whether they are there or not. */
static inline size_t put_starts(uint64_t starts, size_t base, struct scan_mark *mark, size_t count)
{
    const uint64_t last = UINT64_C(1) << (BLOCK - 1);
    mark[count].start = (uint16_t)(base + (size_t)__builtin_ctzll(starts | last));
    count += starts != 0;
    starts &= starts - 1;
    mark[count].start = (uint16_t)(base + (size_t)__builtin_ctzll(starts | last));
    count += starts != 0;
    for (starts &= starts - 1; starts != 0 && count <= SCAN_MARKS; starts &= starts - 1)
        mark[count++].start = (uint16_t)(base + (size_t)__builtin_ctzll(starts));
    return count;
}

static inline void find_starts(struct slice window, struct scan_mark *mark,
                               struct line_starts *ret_found)
{
    size_t count = 1, empty_end = 0;
    uint64_t any_trailing = 0, last_lf = UINT64_C(1) << (BLOCK - 1), last_low = 0;
    octets doubt = octets_every(0);
    mark[0].start = 0;
    for (size_t base = 0; base < window.len && count <= SCAN_MARKS && empty_end == 0;
         base += BLOCK) {
        size_t left = window.len - base, block = base / BLOCK;
        struct line_bits bits =
            left > BLOCK ? line_bits_of(window.ptr + base) : last_line_bits(window, left);
        uint64_t starts = (bits.lf << 1 | last_lf >> (BLOCK - 1)) & ~bits.low;
        uint64_t empty = (bits.lf << 2 | last_lf >> (BLOCK - 2)) & bits.lf;
        uint64_t trailing = (bits.low << 2 | last_low >> (BLOCK - 2)) & bits.lf & ~empty;
        if (empty != 0) {
            empty_end = base + (size_t)__builtin_ctzll(empty) + 1;
            starts &= empty ^ (empty - 1);
        }
        count = put_starts(base == 0 ? starts & ~UINT64_C(1) : starts, base, mark, count);
        ret_found->trailing[block] = trailing;
        ret_found->lf[block] = bits.lf;
        any_trailing |= trailing;
        doubt = octets_or(doubt, bits.doubt);
        last_lf = bits.lf;
        last_low = bits.low;
    }
    if (empty_end > 0 && count <= SCAN_MARKS) {
        count += empty_end > 2;
        mark[count - 1].start = (uint16_t)(empty_end - 2);
        mark[count++].start = (uint16_t)empty_end;
    }
    ret_found->count = count - 1 < SCAN_MARKS ? count - 1 : SCAN_MARKS;
    ret_found->any_trailing = any_trailing;
    ret_found->doubt = octets_mask(doubt) != 0 || (window.len > 0 && window.ptr[0] == '\n');
}

static bool has_trailing(const struct line_starts *found, size_t from, size_t to)
{
    size_t first = from / BLOCK, last = (to - 1) / BLOCK;
    uint64_t above = ~UINT64_C(0) << from % BLOCK;
    uint64_t below = ~UINT64_C(0) >> (BLOCK - 1 - (to - 1) % BLOCK);
    if (first == last)
        return (found->trailing[first] & above & below) != 0;
    uint64_t any = (found->trailing[first] & above) | (found->trailing[last] & below);
    while (++first < last)
        any |= found->trailing[first];
    return any != 0;
}

/* Whether so many blocks in a row have no LF that a line may be too long. */
static bool has_long_run(const struct line_starts *found, size_t from, size_t to)
{
    size_t run = 0, longest = 0;
    for (size_t block = from / BLOCK; block <= (to - 1) / BLOCK; block++) {
        run = found->lf[block] == 0 ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest > SCAN_LINE_OCTETS / BLOCK - 2;
}

static bool are_lines_plain(struct slice window, size_t from, size_t to)
{
    bool plain = true;
    while (from < to && plain)
        from = scan_field_line(window, from, &plain);
    return plain;
}

/* scan_colon for a name of less than a vector's octets, most of them. */
static inline size_t find_colon(struct slice in, size_t start)
{
    if (in.len - start < OCTETS)
        return scan_colon(in, start);
    octets name = octets_load(in.ptr + start);
    uint32_t colons = octets_mask(octets_equal_to(name, ':'));
    uint32_t stops = colons | octets_mask(octets_below(name, octets_every('!')));
    if (stops == 0)
        return scan_colon(in, start);
    unsigned at = (unsigned)__builtin_ctz(stops);
    return at > 0 && (colons >> at & 1) ? start + at : 0;
}

static inline bool is_plain(const struct line_starts *found, struct slice window, size_t from,
                            size_t to)
{
    bool look = (found->any_trailing != 0 && has_trailing(found, from, to)) ||
                (to - from > SCAN_LINE_OCTETS && has_long_run(found, from, to));
    return !look || are_lines_plain(window, from, to);
}

static void block_fields(struct slice in, struct scan_marks *ret_marks)
{
    struct slice window =
        slice_sub(in, 0, in.len < SCAN_WINDOW_OCTETS ? in.len : SCAN_WINDOW_OCTETS);
    struct scan_mark *mark = ret_marks->mark;
    struct line_starts found;
    find_starts(window, mark, &found);
    if (found.doubt) {
        scan_portable.fields(window, ret_marks);
        return;
    }
    for (size_t i = 0; i < found.count; i++) {
        size_t start = mark[i].start, end = mark[i + 1].start, colon = find_colon(window, start);
        mark[i].colon = is_plain(&found, window, start, end) ? (uint16_t)colon : 0;
    }
    mark[found.count].colon = 0;
    ret_marks->count = found.count;
}

/*
 * The first 64 octets of a text, of which there may be fewer: then the vectors of its end lie upon
 * those of its beginning, and bits_of puts their bits to their places. A text that is shorter than
 * a quarter is copied, and white space put behind it.
 */
#define QUARTER 16

struct sight {
    const uint8_t *quarter[BLOCK / QUARTER];
    unsigned apart; /* how many bits of a mask are where they belong, ... */
    unsigned moved; /* ... and where the next one belongs */
    uint64_t inside;
};

static inline struct sight sight_of_block(const uint8_t *at)
{
    return (struct sight){{at, at + 16, at + 32, at + 48}, 32, 32, UINT64_MAX};
}

/* The sight of less than a block. */
static inline struct sight sight_of_less(struct slice in, uint8_t room[QUARTER])
{
    const uint8_t *at = in.ptr;
    uint64_t inside = (UINT64_C(1) << in.len) - 1;
    if (in.len < QUARTER) {
        memset(room, ' ', QUARTER);
        if (in.len > 0)
            memcpy(room, at, in.len);
        return (struct sight){{room, room, room, room}, 16, 16, inside};
    }
    const uint8_t *end = at + in.len;
    unsigned len = (unsigned)in.len;
    if (len < BLOCK / 2)
        return (struct sight){{at, end - 16, at, at}, 16, len - 16, inside};
    return (struct sight){{at, at + 16, end - 32, end - 16}, 32, len - 32, inside};
}

static inline octets sight_vector(const struct sight *sight, unsigned n)
{
    const uint8_t *const *quarter = sight->quarter + n * (OCTETS / QUARTER);
    return OCTETS == QUARTER || quarter[1] == quarter[0] + QUARTER
               ? octets_load(quarter[0])
               : octets_load_halves(quarter[0], quarter[1]);
}

/* The bits of a text from those of its quarters. */
static inline uint64_t bits_of(const struct sight *sight, uint64_t mask)
{
    uint64_t first = mask & ((UINT64_C(1) << sight->apart) - 1);
    return (first | mask >> sight->apart << sight->moved) & sight->inside;
}

static inline struct scan_ends ends_in(const struct sight *sight)
{
    uint64_t lf = 0, odd = 0;
    for (unsigned i = 0; i < BLOCK; i += OCTETS) {
        octets here = sight_vector(sight, i / OCTETS);
        lf |= (uint64_t)octets_mask(octets_equal(here, octets_load(scan_vectors.lf))) << i;
        odd |= (uint64_t)octets_mask(octets_odd(here)) << i;
    }
    return (struct scan_ends){bits_of(sight, lf), bits_of(sight, odd)};
}

static inline struct scan_ends block_ends(struct slice in)
{
    uint8_t room[QUARTER];
    struct sight sight;
    if (in.len >= BLOCK) {
        sight = sight_of_block(in.ptr);
        return ends_in(&sight);
    }
    sight = sight_of_less(in, room);
    return ends_in(&sight);
}

static struct scan_line block_line(struct slice in)
{
    uint64_t earlier = 0, before = 0; /* odd octets: of the block before, and of those before it */
    for (size_t base = 0; base < in.len; base += BLOCK) {
        struct scan_ends ends = block_ends(slice_from(in, base));
        uint64_t lf = ends.lf, odd = ends.odd;
        if (lf == 0) {
            earlier |= before;
            before = odd;
            continue;
        }
        size_t at = base + (size_t)__builtin_ctzll(lf);
        odd &= (lf & -lf) - 1;
        if (at > 0 && in.ptr[at - 1] == '\r') {
            if (at > base)
                odd &= ~((lf & -lf) >> 1);
            else
                before <<= 1;
        }
        return (struct scan_line){at, (earlier | before | odd) == 0};
    }
    return (struct scan_line){in.len, (earlier | before) == 0};
}

static inline void text_in(const struct sight *sight, struct scan_text *ret_text)
{
    struct scan_text text = {0};
    for (unsigned i = 0; i < BLOCK; i += OCTETS) {
        octets here = sight_vector(sight, i / OCTETS), odd = octets_odd(here);
        struct sorted sorted = octets_sort(here);
        text.lf |= (uint64_t)octets_mask(octets_equal_to(here, '\n')) << i;
        text.odd |= (uint64_t)octets_mask(odd) << i;
        text.space |= (uint64_t)octets_mask(octets_equal_to(here, ' ')) << i;
        text.equals |= (uint64_t)octets_mask(octets_equal_to(here, '=')) << i;
        text.dot |= (uint64_t)octets_mask(octets_equal_to(here, '.')) << i;
        text.hyphen |= (uint64_t)octets_mask(octets_equal_to(here, '-')) << i;
        text.alnum |= (uint64_t)octets_mask(sorted.alnum) << i;
        text.boundary |= (uint64_t)octets_mask(octets_or(odd, sorted.special)) << i;
    }
    *ret_text = (struct scan_text){
        .lf = bits_of(sight, text.lf),
        .odd = bits_of(sight, text.odd),
        .space = bits_of(sight, text.space),
        .equals = bits_of(sight, text.equals),
        .dot = bits_of(sight, text.dot),
        .hyphen = bits_of(sight, text.hyphen),
        .alnum = bits_of(sight, text.alnum),
        .boundary = bits_of(sight, text.boundary),
    };
}

static void block_text(struct slice in, struct scan_text *ret_text)
{
    uint8_t room[QUARTER];
    struct sight sight;
    if (in.len >= BLOCK) {
        sight = sight_of_block(in.ptr);
        text_in(&sight, ret_text);
        return;
    }
    sight = sight_of_less(in, room);
    text_in(&sight, ret_text);
}

static inline struct scan_atoms atoms_in(const struct sight *sight)
{
    uint64_t dot = 0, boundary = 0;
    for (unsigned i = 0; i < BLOCK; i += OCTETS) {
        octets here = sight_vector(sight, i / OCTETS);
        octets special = octets_sort(here).special;
        dot |= (uint64_t)octets_mask(octets_equal_to(here, '.')) << i;
        boundary |= (uint64_t)octets_mask(octets_or(octets_odd(here), special)) << i;
    }
    return (struct scan_atoms){bits_of(sight, dot), bits_of(sight, boundary)};
}

static struct scan_atoms block_atoms(struct slice in)
{
    uint8_t room[QUARTER];
    struct sight sight;
    if (in.len >= BLOCK) {
        sight = sight_of_block(in.ptr);
        return atoms_in(&sight);
    }
    sight = sight_of_less(in, room);
    return atoms_in(&sight);
}

static bool block_is_printable(struct slice text)
{
    if (text.len < OCTETS)
        return scan_portable.is_printable(text);
    octets odd = octets_odd(octets_load(text.ptr + text.len - OCTETS));
    for (size_t i = 0; i + OCTETS < text.len; i += OCTETS)
        odd = octets_or(odd, octets_odd(octets_load(text.ptr + i)));
    return octets_mask(odd) == 0;
}
