#include "base/load.h"
#include "base/octet.h"
#include "base/scan.h"
#include "base/scan_way.h"

#define EVERY(octet) (UINT64_C(0x0101010101010101) * (octet))

/*
 * The top bits of those of eight octets that are not %d32-126, as far as the lowest: below 32 the
 * subtraction borrows, at 127 the addition carries, above 127 the top bit is set already. What a
 * borrow does to the octets above it does not matter.
 */
static inline uint64_t odd_octets(uint64_t word)
{
    return ((word - EVERY(0x20)) | (word + EVERY(0x01)) | word) & LOAD_TOP_BITS;
}

/* Offset of the first octet from `at` on that is not %d32-126, or the length. */
static inline size_t find_odd(struct slice in, size_t at)
{
    for (; at + 8 <= in.len; at += 8) {
        uint64_t odd = odd_octets(load_8(in.ptr + at));
        if (odd != 0)
            return at + (size_t)__builtin_ctzll(odd) / 8;
    }
    while (at < in.len && octet_is(in.ptr[at], OCTET_GRAPHIC | OCTET_WSP) && in.ptr[at] != '\t')
        at++;
    return at;
}

size_t scan_field_line(struct slice in, size_t at, bool *ret_plain)
{
    size_t from = at;
    for (; (at = find_odd(in, at)) < in.len; at++) {
        uint8_t octet = in.ptr[at];
        bool crlf = octet == '\r' && at + 1 < in.len && in.ptr[at + 1] == '\n';
        if (crlf || octet == '\n') {
            size_t text = at; /* behind the last octet that is no white space */
            while (text > from && octet_is(in.ptr[text - 1], OCTET_WSP))
                text--;
            if (!crlf || at - from > SCAN_LINE_OCTETS || text == from)
                *ret_plain = false;
            return at + (crlf ? 2 : 1);
        }
        if (octet != '\t')
            *ret_plain = false;
    }
    return 0;
}

static void portable_fields(struct slice in, struct scan_marks *ret_marks)
{
    struct slice window =
        slice_sub(in, 0, in.len < SCAN_WINDOW_OCTETS ? in.len : SCAN_WINDOW_OCTETS);
    size_t count = 0, start = 0;
    while (count < SCAN_MARKS) {
        size_t empty_end = scan_empty_line(window, start);
        bool plain = true;
        size_t next = empty_end > 0 ? empty_end : scan_field_line(window, start, &plain);
        while (empty_end == 0 && next > 0 && next < window.len &&
               octet_is(window.ptr[next], OCTET_WSP))
            next = scan_field_line(window, next, &plain);
        if (next == 0 || (next == window.len && empty_end == 0))
            break;
        size_t colon = plain ? scan_colon(window, start) : 0;
        ret_marks->mark[count++] = (struct scan_mark){(uint16_t)start, (uint16_t)colon};
        start = next;
        if (empty_end > 0)
            break;
    }
    ret_marks->mark[count] = (struct scan_mark){(uint16_t)start, 0};
    ret_marks->count = count;
}

static struct scan_line portable_line(struct slice in)
{
    size_t odd = find_odd(in, 0), lf = odd + slice_find(slice_from(in, odd), '\n');
    bool crlf = lf < in.len && lf > odd && in.ptr[lf - 1] == '\r';
    return (struct scan_line){.lf = lf, .printable = odd + crlf == lf};
}

static struct scan_ends portable_ends(struct slice in)
{
    struct slice text = slice_sub(in, 0, in.len < SCAN_TEXT_OCTETS ? in.len : SCAN_TEXT_OCTETS);
    struct scan_ends ends = {0, 0};
    for (size_t at = 0; (at = find_odd(text, at)) < text.len; at++) {
        ends.odd |= UINT64_C(1) << at;
        ends.lf |= (uint64_t)(text.ptr[at] == '\n') << at;
    }
    return ends;
}

static void portable_text(struct slice in, struct scan_text *ret_text)
{
    struct scan_text text = {0};
    size_t len = in.len < SCAN_TEXT_OCTETS ? in.len : SCAN_TEXT_OCTETS;
    for (size_t i = 0; i < len; i++) {
        uint8_t octet = in.ptr[i];
        unsigned classes = base_octet_class[octet];
        text.lf |= (uint64_t)(octet == '\n') << i;
        text.space |= (uint64_t)(octet == ' ') << i;
        text.equals |= (uint64_t)(octet == '=') << i;
        text.dot |= (uint64_t)(octet == '.') << i;
        text.hyphen |= (uint64_t)(octet == '-') << i;
        text.alnum |= (uint64_t)((classes & (OCTET_ALPHA | OCTET_DIGIT)) != 0) << i;
        text.odd |= (uint64_t)((classes & OCTET_GRAPHIC) == 0 && octet != ' ') << i;
        text.boundary |= (uint64_t)((classes & OCTET_ATEXT) == 0 && octet != '.') << i;
    }
    *ret_text = text;
}

static struct scan_atoms portable_atoms(struct slice in)
{
    struct scan_atoms atoms = {0, 0};
    size_t len = in.len < SCAN_TEXT_OCTETS ? in.len : SCAN_TEXT_OCTETS;
    for (size_t i = 0; i < len; i++) {
        bool dot = in.ptr[i] == '.';
        atoms.dot |= (uint64_t)dot << i;
        atoms.boundary |= (uint64_t)(!dot && !octet_is(in.ptr[i], OCTET_ATEXT)) << i;
    }
    return atoms;
}

static void portable_words(struct slice in, struct scan_words *ret_words)
{
    struct scan_words words = {0};
    bool inside = false;
    size_t len = in.len < SCAN_TEXT_OCTETS ? in.len : SCAN_TEXT_OCTETS;
    for (size_t i = 0; i < len; i++) {
        uint8_t octet = in.ptr[i];
        bool dot = octet == '.', space = octet == ' ';
        words.dot |= (uint64_t)dot << i;
        words.boundary |= (uint64_t)(!dot && !octet_is(octet, OCTET_ATEXT)) << i;
        words.space |= (uint64_t)space << i;
        bool quote = octet == '"';
        words.quoted |= (uint64_t)(inside || quote) << i;
        inside ^= quote;
        words.hard |= (uint64_t)((!space && !octet_is(octet, OCTET_GRAPHIC)) || octet == '\\') << i;
    }
    *ret_words = words;
}

static bool portable_is_printable(struct slice text)
{
    return find_odd(text, 0) == text.len;
}

const struct scan_way scan_portable = {"portable",     portable_fields,      portable_line,
                                       portable_ends,  portable_text,        portable_atoms,
                                       portable_words, portable_is_printable};
