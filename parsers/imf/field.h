/*
 * field: the header section of a message, one field at a time, without losing an octet.
 *
 *   fields = *( field-name ":" unstructured CRLF )                  ; RFC 5322 2.2, 3.6.8
 *   field-name = 1*ftext        ; %d33-57 / %d59-126
 *   A line that begins with SP or HTAB goes on the field before it  ; RFC 5322 2.2.3
 *
 * Lossless: the raw slices of all fields and of the end of the header, in order, are the input.
 */
#ifndef MAILDRILL_IMF_FIELD_H
#define MAILDRILL_IMF_FIELD_H

#include "base/parse.h"
#include "base/slice.h"
#include "base/writer.h"

enum imf_field_error {
    IMF_FIELD_TOO_LONG = 1, /* the field does not end within max_octets; offset max_octets */
    IMF_FIELD_NO_COLON,     /* a line that is neither a field, a fold nor empty ("From " of an mbox
                               without a time); offset of its end */
    IMF_FIELD_NO_NAME,      /* ":" where a name must stand; its offset */
    IMF_FIELD_BAD_NAME,     /* an octet before ":" that is not ftext; its offset */
};

enum imf_field_kind {
    IMF_FIELD,      /* a field */
    IMF_HEADER_END, /* the empty line, or the end of the input (raw is then empty); has no name,
                       no body */
};

struct imf_field {
    enum imf_field_kind kind;
    struct slice name; /* without ":" and the white space around it */
    struct slice body; /* after ":", folds and all, without the last line ending */
    struct slice raw;  /* every octet, the last line ending included */
    uint64_t quirks;   /* of all its lines; QUIRK_LONG_LINE where one has more than 998 octets, CRLF
                          not included (RFC 5322 2.1.1); QUIRK_UTF8 where all its octets above
                          127 are well-formed UTF-8 (RFC 6532), else QUIRK_EIGHT_BIT */
};

struct imf_field_limits {
    size_t max_octets; /* of one field, its line endings included */
    bool whole;        /* `in` is all there is: never answer MORE, let its end end the field */
};

/**
 * Reads one field from the start of `in`. A field ends where the next line does not begin with
 * white space; so the answer is MORE until the first octet of that line is in sight, unless
 * limits.whole. An error of the name is answered once the first line is in sight.
 */
struct parse_result imf_field_parse(struct slice in, struct imf_field_limits limits,
                                    struct imf_field *ret_field);

/** How many lines of a field's body go on its first one. */
size_t imf_field_folds(struct slice body);

/** Writes a body without the line endings of its folds: CRLF, or LF alone, that white space follows
 * (RFC 5322 2.2.3). Nothing else is changed. */
void imf_field_unfold(struct slice body, struct writer *out);

/** One sentence for an error of this parser, without its full stop; NULL for any other number. */
const char *imf_field_error_text(int error);

#endif
