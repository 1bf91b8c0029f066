/*
 * scan_blocks: scan in vectors, for a file that has said what a vector is. Not for its users.
 *
 * The file that includes this one defines
 *   octets, OCTETS           a vector, and how many octets it has (16 or 32)
 *   octets_load, _every      from memory, unaligned; the same octet everywhere
 *   octets_equal, _below     all bits of a lane where a == b; where a < b as signed octets
 *   octets_or, _xor, _without (a & ~b), _less (a - b)
 *   octets_mask              the top bit of each lane, lane 0 lowest
 *   octets_special           all bits of a lane where a printable octet is neither atext nor "."
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
    return octets_below(octets_every((uint8_t)-34), octets_less(a, octets_every(0x20 + 0x80)));
}

struct line_bits {
    uint64_t lf, wsp;
};

/* Sorts the block at `at`, behind which one more octet can be read. A CR without LF, an LF without
 * CR and what no plain line holds leave something in *doubt. */
static inline struct line_bits line_bits_of(const uint8_t *at, octets *doubt)
{
    struct line_bits bits = {0};
    for (unsigned i = 0; i < BLOCK; i += OCTETS) {
        octets here = octets_load(at + i), next = octets_load(at + i + 1);
        octets lf = octets_equal_to(here, '\n'), cr = octets_equal_to(here, '\r');
        octets ht = octets_equal_to(here, '\t'), sp = octets_equal_to(here, ' ');
        octets unusual = octets_without(octets_odd(here), octets_or(octets_or(lf, cr), ht));
        octets unpaired = octets_xor(cr, octets_equal_to(next, '\n'));
        *doubt = octets_or(*doubt, octets_or(unusual, unpaired));
        bits.lf |= (uint64_t)octets_mask(lf) << i;
        bits.wsp |= (uint64_t)octets_mask(octets_or(sp, ht)) << i;
    }
    return bits;
}

/* The last `count` (1 to 64) octets of a window: bit 0 is the first of them. The very last one says
 * no more than whether it is white space; and what stands behind the window goes for that, so that
 * no start is seen there. */
static struct line_bits last_line_bits(struct slice window, size_t count, octets *doubt)
{
    uint8_t room[BLOCK + 1];
    size_t before = BLOCK - count; /* the block begins so many octets before them, and one */
    const uint8_t *block = window.ptr + window.len - (BLOCK + 1);
    if (window.len <= BLOCK) {
        memset(room, ' ', sizeof room);
        memcpy(room + 1 + before, window.ptr, count);
        block = room;
    }
    struct line_bits bits = line_bits_of(block, doubt);
    uint64_t behind = ~(~UINT64_C(0) >> before);
    uint64_t last = (uint64_t)octet_is(window.ptr[window.len - 1], OCTET_WSP) << (count - 1);
    return (struct line_bits){
        .lf = bits.lf >> before >> 1,
        .wsp = bits.wsp >> before >> 1 | last | behind,
    };
}

/* What one pass over a window leaves, besides the starts of lines that no white space begins. */
struct line_starts {
    size_t count;
    bool doubt; /* something may not be plain: each line has to be looked at */
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

/* Whether one of the LFs at `hits`, each two octets behind another one, has a CR before it. */
static bool has_empty_line(struct slice window, size_t base, uint64_t hits)
{
    for (; hits != 0; hits &= hits - 1) {
        size_t lf = base + (size_t)__builtin_ctzll(hits);
        if (lf > 0 && window.ptr[lf - 1] == '\r')
            return true;
    }
    return false;
}

static inline void find_starts(struct slice window, struct scan_mark *mark,
                               struct line_starts *ret_found)
{
    size_t count = 0, block = 0;
    octets doubt = octets_every(0);
    uint64_t any_trailing = 0;
    struct line_bits last = {.lf = UINT64_C(1) << (BLOCK - 1)};
    for (size_t base = 0; base < window.len && count <= SCAN_MARKS; base += BLOCK, block++) {
        size_t left = window.len - base;
        struct line_bits bits = left > BLOCK ? line_bits_of(window.ptr + base, &doubt)
                                             : last_line_bits(window, left, &doubt);
        uint64_t starts = (bits.lf << 1 | last.lf >> (BLOCK - 1)) & ~bits.wsp;
        uint64_t trailing = (bits.wsp << 2 | last.wsp >> (BLOCK - 2)) & bits.lf;
        uint64_t empty = (bits.lf << 2 | last.lf >> (BLOCK - 2)) & bits.lf;
        count = put_starts(base == 0 ? starts | 1 : starts, base, mark, count);
        ret_found->trailing[block] = trailing;
        ret_found->lf[block] = bits.lf;
        any_trailing |= trailing;
        if (empty != 0 && has_empty_line(window, base, empty))
            break;
        last = bits;
    }
    ret_found->count = count;
    ret_found->any_trailing = any_trailing;
    ret_found->doubt = octets_mask(doubt) != 0;
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
        from = scan_line(window, from, &plain);
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
    bool look = found->doubt || (found->any_trailing != 0 && has_trailing(found, from, to)) ||
                (to - from > SCAN_LINE_OCTETS && has_long_run(found, from, to));
    return !look || are_lines_plain(window, from, to);
}

static void block_fields(struct slice in, struct scan_marks *ret_marks)
{
    struct slice window =
        slice_sub(in, 0, in.len < SCAN_WINDOW_OCTETS ? in.len : SCAN_WINDOW_OCTETS);
    struct scan_mark *mark = ret_marks->mark;
    struct line_starts found;
    mark[0].start = 0;
    find_starts(window, mark, &found);
    size_t i = 0;
    for (; i < found.count && i < SCAN_MARKS; i++) {
        size_t start = mark[i].start, colon = find_colon(window, start);
        size_t empty_end = colon == 0 ? scan_empty_line(window, start) : 0;
        if (empty_end > 0) {
            mark[i++].colon = 0;
            mark[i].start = (uint16_t)empty_end;
            break;
        }
        if (i + 1 == found.count)
            break;
        bool plain = colon > 0 && is_plain(&found, window, start, mark[i + 1].start);
        mark[i].colon = plain ? (uint16_t)colon : 0;
    }
    mark[i].colon = 0;
    ret_marks->count = i;
}

static inline struct scan_text text_bits_of(octets here, unsigned shift)
{
    octets odd = octets_odd(here);
    return (struct scan_text){
        .lf = (uint64_t)octets_mask(octets_equal_to(here, '\n')) << shift,
        .odd = (uint64_t)octets_mask(odd) << shift,
        .space = (uint64_t)octets_mask(octets_equal_to(here, ' ')) << shift,
        .equals = (uint64_t)octets_mask(octets_equal_to(here, '=')) << shift,
        .boundary = (uint64_t)octets_mask(octets_or(odd, octets_special(here))) << shift,
    };
}

static inline void add_text_bits(struct scan_text *text, struct scan_text more)
{
    text->lf |= more.lf;
    text->odd |= more.odd;
    text->space |= more.space;
    text->equals |= more.equals;
    text->boundary |= more.boundary;
}

/* Whole vectors from the front, and one that ends with the text: where the two overlap they say the
 * same. A text of less than a vector is sorted by the table. */
static void block_text(struct slice in, struct scan_text *ret_text)
{
    size_t len = in.len < SCAN_TEXT_OCTETS ? in.len : SCAN_TEXT_OCTETS;
    if (len < OCTETS) {
        scan_portable.text(in, ret_text);
        return;
    }
    struct scan_text text = {0};
    for (size_t i = 0; i + OCTETS < len; i += OCTETS)
        add_text_bits(&text, text_bits_of(octets_load(in.ptr + i), (unsigned)i));
    add_text_bits(&text,
                  text_bits_of(octets_load(in.ptr + len - OCTETS), (unsigned)(len - OCTETS)));
    *ret_text = text;
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
