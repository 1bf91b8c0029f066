/*
 * scan_blocks: scan in vectors, for a file that has said what a vector is. Not for its users.
 *
 * The file that includes this one defines
 *   octets, OCTETS           a vector, and how many octets it has (16, 32 or 64)
 *   lanes                    a yes or no for each of them: what a comparison answers
 *   octets_load, _every      from memory, unaligned; the same octet everywhere
 *   octets_load_halves       16 octets from each of two places, where a vector has 32
 *   octets_load_some         those alone whose bits are set, where a vector has 64
 *   octets_less              a - b
 *   octets_equal, _below     a == b; a < b as signed octets
 *   octets_sort              which are neither atext nor "." (boundary); which are letters or
 *                            digits (alnum)
 *   octets_line              of octets and those next to them:
 *     cr                       LF is next
 *     low                      SP, HTAB or LF, and no CR; what is not plain may be there too
 *     doubt                    neither %d32-126 nor HTAB, CR or LF; or a CR without its LF. Where
 *                              an LF has no CR, there is a doubt, or the octet before it is low
 *   doubts_of_both           of two vectors of doubts, one upon the other
 *   doubts_bits              bit i stands for a doubt in octet i
 *   lanes_or
 *   lanes_bits               bit i stands for lane i
 */
#include "base/bits.h"
#include "base/scan_way.h"

#define BLOCK 64
#define PARTS (BLOCK / OCTETS)

static inline lanes octets_equal_to(octets a, uint8_t octet)
{
    return octets_equal(a, octets_every(octet));
}

/* Not %d32-126: moved down so that these are the lowest of the signed octets, -128 to -34. */
static inline lanes octets_odd(octets a)
{
    return octets_below(octets_load(scan_vectors.highest_text),
                        octets_less(a, octets_load(scan_vectors.down)));
}

/* ---- what can be seen of a text ---- */

#if OCTETS == BLOCK

/* The first 64 octets of a text, of which there may be fewer. */
struct sight {
    octets part[PARTS];
    uint64_t inside;
};

static inline struct sight sight_of_block(const uint8_t *at)
{
    return (struct sight){{octets_load(at)}, UINT64_MAX};
}

static inline struct sight sight_of_less(struct slice in)
{
    uint64_t inside = bits_below(in.len);
    return (struct sight){{octets_load_some(in.ptr, inside)}, inside};
}

static inline uint64_t bits_of(const struct sight *sight, uint64_t mask)
{
    return mask & sight->inside;
}

#else

#define QUARTER 16

/*
 * The first 64 octets of a text, of which there may be fewer: then the vectors of its end lie upon
 * those of its beginning, and bits_of puts their bits to their places. A text that is shorter than
 * a quarter is copied, and white space put behind it.
 */
struct sight {
    octets part[PARTS];
    unsigned apart; /* how many bits of a mask are where they belong, ... */
    unsigned moved; /* ... and where the next one belongs */
    uint64_t inside;
};

static inline struct sight sight_of_block(const uint8_t *at)
{
    struct sight sight = {.apart = 32, .moved = 32, .inside = UINT64_MAX};
    for (unsigned part = 0; part < PARTS; part++)
        sight.part[part] = octets_load(at + part * OCTETS);
    return sight;
}

/* The sight of less than a block. */
static inline struct sight sight_of_less(struct slice in)
{
    uint8_t room[QUARTER];
    const uint8_t *at = in.ptr;
    size_t len = in.len;
    if (len < QUARTER) {
        memset(room, ' ', QUARTER);
        if (len > 0)
            memcpy(room, at, len);
        at = room;
        len = QUARTER;
    }
    size_t apart = len < BLOCK / 2 ? QUARTER : BLOCK / 2, moved = len - apart;
    const uint8_t *const quarter[] = {at, at + (apart == QUARTER ? moved : QUARTER), at + moved,
                                      at + len - QUARTER};
    struct sight sight = {
        .apart = (unsigned)apart, .moved = (unsigned)moved, .inside = bits_below(in.len)};
    for (unsigned part = 0; part < PARTS; part++) {
        const uint8_t *const *first = quarter + part * (OCTETS / QUARTER);
        sight.part[part] = octets_load_halves(first[0], first[OCTETS / QUARTER - 1]);
    }
    return sight;
}

/* The bits of a text from those of its parts. */
static inline uint64_t bits_of(const struct sight *sight, uint64_t mask)
{
    return ((mask & bits_below(sight->apart)) | mask >> sight->apart << sight->moved) &
           sight->inside;
}

#endif

/* ---- fields ---- */

/*
 * Fields are found as if the window were plain, and what is not leaves a doubt; with that the
 * window is read again in plain C. So here nothing is below "!" but SP, HTAB, CR and LF, and each
 * LF has its CR before it.
 */
struct line_bits {
    uint64_t cr, low; /* CR, which LF follows; SP, HTAB and LF */
    octets doubt;     /* of one part upon another */
};

/* Sorts the block at `at`, behind which one more octet can be read. */
static inline struct line_bits line_bits_of(const uint8_t *at)
{
    struct line_bits bits = {.doubt = octets_every(0)};
    for (unsigned i = 0; i < BLOCK; i += OCTETS) {
        struct line_lanes here = octets_line(octets_load(at + i), octets_load(at + i + 1));
        bits.cr |= lanes_bits(here.cr) << i;
        bits.low |= lanes_bits(here.low) << i;
        bits.doubt = doubts_of_both(bits.doubt, here.doubt);
    }
    return bits;
}

/* The last `count` (1 to BLOCK) octets of a window: bit 0 is the first of them. What stands behind
 * the window goes for white space, so that no start is seen there. */
__attribute__((noinline)) static struct line_bits last_line_bits(struct slice window, size_t count)
{
    uint8_t room[BLOCK + 1];
    size_t before = BLOCK + 1 - count; /* octets of the block, which ends before the last one */
    const uint8_t *block = room;
    uint8_t last = window.ptr[window.len - 1];
    if (window.len > BLOCK)
        block = window.ptr + window.len - (BLOCK + 1);
    else {
        memset(room, ' ', sizeof room);
        memcpy(room + before, window.ptr, count);
    }
    bool low = last == ' ' || last == '\t' || last == '\n';
    struct line_bits bits = line_bits_of(block);
    bits.cr = before == BLOCK ? 0 : bits.cr >> before;
    bits.low = (before == BLOCK ? 0 : bits.low >> before) | (uint64_t)low << (count - 1) |
               ~bits_below(count);
    return bits;
}

/* What one pass over a window leaves, besides the starts of lines that no white space begins. */
struct pass {
    size_t count;     /* of starts */
    size_t empty_end; /* behind the empty line; 0: none yet */
    struct line_bits before;
    uint64_t run;   /* 1: the block before ends within white space that begins a line */
    uint64_t wrong; /* bits set where the window is not plain */
    octets doubt;   /* likewise */
    uint64_t cr[SCAN_WINDOW_OCTETS / BLOCK];
};

/* Most blocks hold one start or two: these are stored whether they are there or not. */
static inline size_t put_starts(uint64_t starts, size_t base, struct scan_mark *mark, size_t count)
{
    const uint64_t last = bits_at(BLOCK - 1);
    mark[count].start = (uint16_t)(base + bits_first(starts | last));
    count += starts != 0;
    starts &= starts - 1;
    mark[count].start = (uint16_t)(base + bits_first(starts | last));
    count += starts != 0;
    for (starts &= starts - 1; starts != 0 && count <= SCAN_MARKS; starts &= starts - 1)
        mark[count++].start = (uint16_t)(base + bits_first(starts));
    return count;
}

/* A line that white space begins is not plain if nothing else is in it: then the sum of its first
 * bit and those of the white space carries into the CR. */
static inline void pass_block(struct pass *pass, struct line_bits bits, size_t base,
                              struct scan_mark *mark)
{
    uint64_t begins = bits.cr << 2 | pass->before.cr >> (BLOCK - 2);
    uint64_t space = bits.low, starts = begins & ~space, empty = starts & bits.cr;
    uint64_t runs;
    pass->run = __builtin_add_overflow((begins & space) | pass->run, space, &runs);
    pass->wrong |= (runs | bits.low) & bits.cr;
    pass->doubt = doubts_of_both(pass->doubt, bits.doubt);
    pass->cr[base / BLOCK] = bits.cr;
    pass->before = bits;
    if (empty != 0) {
        pass->empty_end = base + bits_first(empty) + 2;
        starts &= empty ^ (empty - 1);
    }
    pass->count = put_starts(starts, base, mark, pass->count);
}

static inline void find_starts(struct slice window, struct scan_mark *mark, struct pass *pass)
{
    size_t base = 0;
    pass->count = pass->empty_end = 0;
    pass->before = (struct line_bits){.cr = bits_at(BLOCK - 2)}; /* a line begins */
    pass->run = pass->wrong = 0;
    pass->doubt = octets_every(0);
    for (; base + BLOCK < window.len && pass->count <= SCAN_MARKS && pass->empty_end == 0;
         base += BLOCK)
        pass_block(pass, line_bits_of(window.ptr + base), base, mark);
    if (base < window.len && pass->count <= SCAN_MARKS && pass->empty_end == 0)
        pass_block(pass, last_line_bits(window, window.len - base), base, mark);
}

/* Whether so many blocks in a row have no LF that a line may be too long. */
static bool has_long_run(const struct pass *pass, size_t from, size_t to)
{
    size_t run = 0, longest = 0;
    for (size_t block = from / BLOCK; block <= (to - 1) / BLOCK; block++) {
        run = pass->cr[block] == 0 ? run + 1 : 0;
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

#define NAME (OCTETS < 32 ? 32 : OCTETS)

/* scan_colon, for a name of less than NAME octets, most of them. */
static inline size_t find_colon(struct slice in, size_t start)
{
    if (in.len - start < NAME)
        return scan_colon(in, start);
    uint64_t stops = 0;
    for (unsigned i = 0; i < NAME; i += OCTETS) {
        octets name = octets_load(in.ptr + start + i);
        stops |= lanes_bits(lanes_or(octets_equal_to(name, ':'),
                                     octets_below(name, octets_load(scan_vectors.graphic))))
                 << i;
    }
    if (stops == 0)
        return scan_colon(in, start);
    size_t stop = start + bits_first(stops);
    return stop > start && in.ptr[stop] == ':' ? stop : 0;
}

static inline bool is_plain(const struct pass *pass, struct slice window)
{
    return window.len > 0 && !octet_is(window.ptr[0], OCTET_WSP | OCTET_LF) && pass->wrong == 0 &&
           doubts_bits(pass->doubt) == 0;
}

static void block_fields(struct slice in, struct scan_marks *ret_marks)
{
    struct slice window =
        slice_sub(in, 0, in.len < SCAN_WINDOW_OCTETS ? in.len : SCAN_WINDOW_OCTETS);
    struct scan_mark *mark = ret_marks->mark;
    struct pass pass;
    find_starts(window, mark, &pass);
    if (!is_plain(&pass, window)) {
        /* The doubt may be about the body, whose first octets lie in the same block. */
        if (pass.empty_end > 0 && pass.empty_end < window.len &&
            window.ptr[pass.empty_end - 2] == '\r')
            block_fields(slice_sub(window, 0, pass.empty_end), ret_marks);
        else
            scan_portable.fields(window, ret_marks);
        return;
    }
    if (pass.empty_end > 0 && pass.count <= SCAN_MARKS)
        mark[pass.count++].start = (uint16_t)pass.empty_end;
    size_t fields = pass.count - 1 < SCAN_MARKS ? pass.count - 1 : SCAN_MARKS;
    for (size_t i = 0; i < fields; i++) {
        size_t start = mark[i].start, end = mark[i + 1].start, colon = find_colon(window, start);
        bool plain = end - start <= SCAN_LINE_OCTETS || !has_long_run(&pass, start, end) ||
                     are_lines_plain(window, start, end);
        mark[i].colon = plain ? (uint16_t)colon : 0;
    }
    mark[fields].colon = 0;
    ret_marks->count = fields;
}

/* ---- lines and short texts ---- */

static inline struct scan_ends ends_in(const struct sight *sight)
{
    uint64_t lf = 0, odd = 0;
    for (unsigned part = 0, i = 0; part < PARTS; part++, i += OCTETS) {
        octets here = sight->part[part];
        lf |= lanes_bits(octets_equal(here, octets_load(scan_vectors.lf))) << i;
        odd |= lanes_bits(octets_odd(here)) << i;
    }
    return (struct scan_ends){bits_of(sight, lf), bits_of(sight, odd)};
}

static inline struct scan_ends block_ends(struct slice in)
{
    struct sight sight;
    if (in.len >= BLOCK) {
        sight = sight_of_block(in.ptr);
        return ends_in(&sight);
    }
    sight = sight_of_less(in);
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
    for (unsigned part = 0, i = 0; part < PARTS; part++, i += OCTETS) {
        octets here = sight->part[part];
        lanes odd = octets_odd(here);
        struct sorted sorted = octets_sort(here);
        text.lf |= lanes_bits(octets_equal_to(here, '\n')) << i;
        text.odd |= lanes_bits(odd) << i;
        text.space |= lanes_bits(octets_equal_to(here, ' ')) << i;
        text.equals |= lanes_bits(octets_equal_to(here, '=')) << i;
        text.dot |= lanes_bits(octets_equal_to(here, '.')) << i;
        text.hyphen |= lanes_bits(octets_equal_to(here, '-')) << i;
        text.alnum |= lanes_bits(sorted.alnum) << i;
        text.boundary |= lanes_bits(sorted.boundary) << i;
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
    struct sight sight;
    if (in.len >= BLOCK) {
        sight = sight_of_block(in.ptr);
        text_in(&sight, ret_text);
        return;
    }
    sight = sight_of_less(in);
    text_in(&sight, ret_text);
}

static inline struct scan_atoms atoms_in(const struct sight *sight)
{
    uint64_t dot = 0, boundary = 0;
    for (unsigned part = 0, i = 0; part < PARTS; part++, i += OCTETS) {
        octets here = sight->part[part];
        dot |= lanes_bits(octets_equal_to(here, '.')) << i;
        boundary |= lanes_bits(octets_sort(here).boundary) << i;
    }
    return (struct scan_atoms){bits_of(sight, dot), bits_of(sight, boundary)};
}

static struct scan_atoms block_atoms(struct slice in)
{
    struct sight sight;
    if (in.len >= BLOCK) {
        sight = sight_of_block(in.ptr);
        return atoms_in(&sight);
    }
    sight = sight_of_less(in);
    return atoms_in(&sight);
}

static inline void words_in(const struct sight *sight, struct scan_words *ret_words)
{
    struct scan_words words = {0};
    uint64_t quote = 0;
    for (unsigned part = 0, i = 0; part < PARTS; part++, i += OCTETS) {
        octets here = sight->part[part];
        lanes odd = octets_odd(here);
        lanes hard = lanes_or(odd, octets_equal_to(here, '\\'));
        words.dot |= lanes_bits(octets_equal_to(here, '.')) << i;
        words.boundary |= lanes_bits(octets_sort(here).boundary) << i;
        words.space |= lanes_bits(octets_equal_to(here, ' ')) << i;
        quote |= lanes_bits(octets_equal_to(here, '"')) << i;
        words.hard |= lanes_bits(hard) << i;
    }
    *ret_words = (struct scan_words){
        .dot = bits_of(sight, words.dot),
        .boundary = bits_of(sight, words.boundary),
        .space = bits_of(sight, words.space),
        .quoted = bits_enclosed(bits_of(sight, quote)) & sight->inside,
        .hard = bits_of(sight, words.hard),
    };
}

static void block_words(struct slice in, struct scan_words *ret_words)
{
    struct sight sight;
    if (in.len >= BLOCK) {
        sight = sight_of_block(in.ptr);
        words_in(&sight, ret_words);
        return;
    }
    sight = sight_of_less(in);
    words_in(&sight, ret_words);
}

static bool block_is_printable(struct slice text)
{
    uint64_t odd = 0;
    for (; text.len > 0; text = slice_from(text, text.len < BLOCK ? text.len : BLOCK))
        odd |= block_ends(text).odd;
    return odd == 0;
}
