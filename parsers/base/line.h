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

#include "base/parse.h"
#include "base/quirk.h"
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

#endif
