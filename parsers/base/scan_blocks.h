/*
 * scan_blocks: scan in vectors, for a file that has said what a vector is. Not for its users.
 *
 * The file that includes this one defines
 *   octets, OCTETS           a vector, and how many octets it has (16 or 32)
 *   octets_load, _every      from memory, unaligned; the same octet everywhere
 *   octets_equal, _below     all bits of a lane where a == b; where a < b as signed octets
 *   octets_or, _without (a & ~b), _less (a - b)
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
    uint64_t lf, cr, wsp;
    uint64_t odd; /* neither these nor %d32-126 */
};

static inline struct line_bits line_bits_of(const uint8_t *at)
{
    struct line_bits bits = {0};
    for (unsigned i = 0; i < BLOCK; i += OCTETS) {
        octets here = octets_load(at + i);
        octets lf = octets_equal_to(here, '\n'), cr = octets_equal_to(here, '\r');
        octets ht = octets_equal_to(here, '\t'), sp = octets_equal_to(here, ' ');
        octets odd = octets_without(octets_odd(here), octets_or(octets_or(lf, cr), ht));
        bits.lf |= (uint64_t)octets_mask(lf) << i;
        bits.cr |= (uint64_t)octets_mask(cr) << i;
        bits.wsp |= (uint64_t)octets_mask(octets_or(sp, ht)) << i;
        bits.odd |= (uint64_t)octets_mask(odd) << i;
    }
    return bits;
}

/* The last `count` (1 to 64) octets of a window: bit 0 is the first of them. What stands behind the
 * window goes for white space, so that no start is seen there. */
static struct line_bits last_line_bits(struct slice window, size_t count)
{
    uint8_t room[BLOCK] = {0};
    size_t before = BLOCK - count;
    bool fits = window.len >= BLOCK;
    if (!fits)
        memcpy(room + before, window.ptr, count);
    struct line_bits bits = line_bits_of(fits ? window.ptr + window.len - BLOCK : room);
    return (struct line_bits){
        .lf = bits.lf >> before,
        .cr = bits.cr >> before,
        .wsp = bits.wsp >> before | ~(~UINT64_C(0) >> before),
        .odd = bits.odd >> before,
    };
}

/* The starts of lines that no white space begins, and what is odd between them. */
struct line_starts {
    size_t count;
    uint64_t any_odd;
    uint64_t odd[SCAN_WINDOW_OCTETS / BLOCK];
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

/* Whether one of the CRs at `starts`, where lines begin, has its LF: an empty line. */
static bool has_empty_line(struct slice window, size_t base, uint64_t starts)
{
    for (; starts != 0; starts &= starts - 1)
        if (scan_empty_line(window, base + (size_t)__builtin_ctzll(starts)) > 0)
            return true;
    return false;
}

/*
 * The carry between blocks is their last octet. A CR that no LF follows is odd at the octet behind
 * it, an LF that follows no CR and a CR behind white space at their own: each is in the line whose
 * fault it is.
 */
static inline struct line_starts find_starts(struct slice window, struct scan_mark *mark)
{
    struct line_starts found;
    found.any_odd = 0;
    size_t count = 0, block = 0;
    struct line_bits last = {.lf = UINT64_C(1) << (BLOCK - 1)};
    for (size_t base = 0; base < window.len && count <= SCAN_MARKS; base += BLOCK, block++) {
        size_t left = window.len - base;
        struct line_bits bits =
            left >= BLOCK ? line_bits_of(window.ptr + base) : last_line_bits(window, left);
        uint64_t behind_lf = bits.lf << 1 | last.lf >> (BLOCK - 1);
        uint64_t behind_cr = bits.cr << 1 | last.cr >> (BLOCK - 1);
        uint64_t behind_wsp = bits.wsp << 1 | last.wsp >> (BLOCK - 1);
        uint64_t starts = behind_lf & ~bits.wsp;
        uint64_t odd = bits.odd | (behind_cr ^ bits.lf) | (behind_wsp & bits.cr);
        count = put_starts(base == 0 ? starts | 1 : starts, base, mark, count);
        found.odd[block] = odd;
        found.any_odd |= odd;
        if ((starts & bits.cr) != 0 && has_empty_line(window, base, starts & bits.cr))
            break;
        last = bits;
    }
    found.count = count;
    return found;
}

static bool is_odd_between(const struct line_starts *found, size_t from, size_t to)
{
    size_t first = from / BLOCK, last = (to - 1) / BLOCK;
    uint64_t above = ~UINT64_C(0) << from % BLOCK,
             below = ~UINT64_C(0) >> (BLOCK - 1 - (to - 1) % BLOCK);
    if (first == last)
        return (found->odd[first] & above & below) != 0;
    uint64_t odd = (found->odd[first] & above) | (found->odd[last] & below);
    while (++first < last)
        odd |= found->odd[first];
    return odd != 0;
}

static bool has_long_line(struct slice field)
{
    while (field.len > 0) {
        size_t lf = slice_find(field, '\n');
        if (lf > SCAN_LINE_OCTETS + 1)
            return true;
        field = slice_from(field, lf < field.len ? lf + 1 : lf);
    }
    return false;
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

static void block_fields(struct slice in, struct scan_marks *ret_marks)
{
    struct slice window =
        slice_sub(in, 0, in.len < SCAN_WINDOW_OCTETS ? in.len : SCAN_WINDOW_OCTETS);
    struct scan_mark *mark = ret_marks->mark;
    mark[0].start = 0;
    struct line_starts found = find_starts(window, mark);
    size_t i = 0;
    for (; i < found.count && i < SCAN_MARKS; i++) {
        size_t start = mark[i].start, colon = find_colon(window, start);
        if (colon == 0) {
            size_t end = scan_empty_line(window, start);
            if (end > 0) {
                mark[i++].colon = 0;
                mark[i].start = (uint16_t)end;
                break;
            }
        }
        if (i + 1 == found.count)
            break;
        size_t end = mark[i + 1].start;
        if (found.any_odd != 0 && is_odd_between(&found, start, end))
            colon = 0;
        if (end - start > SCAN_LINE_OCTETS + 2 && has_long_line(slice_sub(window, start, end)))
            colon = 0;
        mark[i].colon = (uint16_t)colon;
    }
    ret_marks->count = i;
    mark[i].colon = 0;
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
