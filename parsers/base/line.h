/*
 * line: framing of a stream of octets into lines.
 *
 *   line = *octet CRLF                         ; RFC 5321 2.3.8
 *
 * Only CRLF ends a line by the book. A line ended by LF alone is read, and named QUIRK_BARE_LF; a
 * CR that no LF follows belongs to the line's text, and is named QUIRK_BARE_CR.
 */
#ifndef MAILDRILL_BASE_LINE_H
#define MAILDRILL_BASE_LINE_H

#include "base/bits.h"
#include "base/parse.h"
#include "base/quirk.h"
#include "base/scan.h"
#include "base/slice.h"

enum base_line_error {
    BASE_LINE_TOO_LONG = 1, /* no line ending within max_octets */
};

struct base_line {
    struct slice text; /* without its ending */
    struct slice raw;  /* with its ending */
    uint64_t quirks;   /* base quirks; QUIRK_LONG_LINE is left to the caller, who knows the limit */
};

/**
 * Reads one line from the start of `in`.
 *
 * max_octets  the longest line read, its ending included; a longer one is BASE_LINE_TOO_LONG at
 *             offset max_octets, whether or not its end is in sight.
 * Answers MORE while the end is not in sight and may still come within max_octets.
 */
struct parse_result base_line_parse(struct slice in, size_t max_octets, struct base_line *ret_line);

/**
 * Lines one after another: begin with {.in = ...}, and `at` where the first one starts. What one
 * scan has seen serves all the lines in it.
 */
struct base_lines {
    struct slice in;
    size_t at;             /* offset of the next line */
    size_t seen_to;        /* private: where what was scanned last ends, if it is all there */
    struct scan_ends seen; /* private */
};

/** Reads the next line as base_line_parse does, and moves `at` behind it. Offsets of the answer
 * count from the line's start. */
struct parse_result base_lines_next(struct base_lines *lines, size_t max_octets,
                                    struct base_line *ret_line);

/**
 * The same for a line without quirks alone, and for who does not ask why no such line is there:
 * most lines are read by this.
 */
static inline bool base_lines_take(struct base_lines *lines, size_t max_octets,
                                   struct base_line *ret_line)
{
    size_t passed = lines->at + SCAN_TEXT_OCTETS - lines->seen_to;
    /* Of what is in sight, the octets from lines->at on: */
    uint64_t left = passed < SCAN_TEXT_OCTETS ? UINT64_MAX << passed : 0, ends;
    while ((ends = lines->seen.lf & left) == 0) {
        /* A CR may be the last octet in sight: then the line is looked at from its start. */
        bool odd_left = (lines->seen.odd & left) != 0;
        size_t next = left == 0 || odd_left ? lines->at : lines->seen_to;
        if ((odd_left && lines->seen_to - lines->at >= SCAN_TEXT_OCTETS) || next >= lines->in.len ||
            next - lines->at > max_octets)
            return false;
        lines->seen_to = next + SCAN_TEXT_OCTETS;
        lines->seen = scan_ends(slice_from(lines->in, next));
        left = UINT64_MAX;
    }
    uint64_t lf = ends & -ends, odd = lines->seen.odd & left & (lf - 1);
    const uint8_t *start = lines->in.ptr + lines->at;
    size_t octets = lines->seen_to - SCAN_TEXT_OCTETS + bits_first(ends) + 1 - lines->at;
    if (odd == 0 || odd != lf >> 1 || start[octets - 2] != '\r' || octets > max_octets)
        return false;
    *ret_line = (struct base_line){.text = {start, octets - 2}, .raw = {start, octets}};
    lines->at += octets;
    return true;
}

#endif
