/*
 * scan_way: what the ways of scan share. Not for its users.
 */
#ifndef MAILDRILL_BASE_SCAN_WAY_H
#define MAILDRILL_BASE_SCAN_WAY_H

#include "base/octet.h"
#include "base/scan.h"

#define SCAN_LINE_OCTETS 998 /* RFC 5322 2.1.1: of a line, CRLF not included */

/* Vectors of one octet everywhere. In memory, because gcc builds a constant vector anew in each
 * turn of a loop. */
struct scan_vectors {
    uint8_t lf[64], cr[64], graphic[64]; /* graphic: the first of these, "!" */
    uint8_t down[64], highest_text[64];  /* what takes 0x20 down to -128, and where 0x7e comes to */
    uint8_t minus_one[64], above_space[64]; /* what takes all up by one, and where "!" comes to */
};
extern const struct scan_vectors scan_vectors;

/* What the octets below 128 are. */
#define SCAN_KIND_WORD    1 /* atext or "." */
#define SCAN_KIND_ALNUM   2
#define SCAN_KIND_UNUSUAL 128 /* neither %d32-126 nor HTAB, CR or LF */
extern const uint8_t scan_kinds[128];

extern const struct scan_way scan_portable;
#ifdef __x86_64__
extern const struct scan_way scan_sse2;
extern const struct scan_way scan_avx2;
extern const struct scan_way scan_avx512;
#endif

/* One line from `at` on: where the next one starts (0: not in sight). Clears *ret_plain where the
 * line is none of a plain field. */
size_t scan_field_line(struct slice in, size_t at, bool *ret_plain);

/* Where the empty line at `at` ends; 0 where there is none, or not in sight. */
static inline size_t scan_empty_line(struct slice in, size_t at)
{
    at += at < in.len && in.ptr[at] == '\r';
    return at < in.len && in.ptr[at] == '\n' ? at + 1 : 0;
}

/* Offset of the ":" behind the name at `at`; 0 where no name and ":" stand there. */
static inline size_t scan_colon(struct slice in, size_t at)
{
    size_t colon = at;
    while (colon < in.len && in.ptr[colon] != ':' && octet_is(in.ptr[colon], OCTET_GRAPHIC))
        colon++;
    return colon > at && colon < in.len && in.ptr[colon] == ':' ? colon : 0;
}

#endif
