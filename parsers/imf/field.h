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
    IMF_FIELD_TOO_LONG = 1, /* the field does not end within max_octets */
    IMF_FIELD_NO_COLON,     /* a line that is neither a field, a fold nor empty */
    IMF_FIELD_NO_NAME,      /* ":" or white space at the start of a line where a name must stand */
    IMF_FIELD_BAD_NAME,     /* an octet before ":" that is not ftext */
};

enum imf_field_kind {
    IMF_FIELD,      /* a field */
    IMF_HEADER_END, /* the empty line, or the end of the input (raw is then empty) */
};

struct imf_field {
    enum imf_field_kind kind;
    struct slice name; /* without ":" and the white space before it */
    struct slice body; /* after ":", folds and all, without the last line ending */
    struct slice raw;  /* every octet, the last line ending included */
    unsigned folds;    /* continuation lines */
    uint64_t quirks;
};

struct imf_field_limits {
    size_t max_octets; /* of one field */
    bool whole;        /* `in` is all there is: never answer MORE, let its end end the field */
};

/**
 * Reads one field from the start of `in`. A field ends where the next line does not begin with
 * white space; so the answer is MORE until the first octet of that line is in sight, unless
 * limits.whole.
 */
struct parse_result imf_field_parse(struct slice in, struct imf_field_limits limits,
                                    struct imf_field *ret_field);

/** Writes a body without the line endings of its folds (RFC 5322 2.2.3), and nothing else changed.
 */
void imf_field_unfold(struct slice body, struct writer *out);

/** One sentence for an error of this parser, without its full stop. */
const char *imf_field_error_text(int error);

#endif
