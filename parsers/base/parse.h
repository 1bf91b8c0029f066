/*
 * parse: what every parser answers.
 *
 * Laws, tested on every table row and fuzzed:
 *  1. An answer other than PARSE_MORE never changes when octets are appended to the input.
 *     Whole and split input give the same answers.
 *  2. A departure from the grammar that can still be read is a quirk (base/quirk.h).
 *     It is never repaired.
 *  3. Output is borrowed slices of the input; nothing is allocated; work is linear in the input.
 *  4. What was parsed can be written, and parses to the same.
 * Output parameters are last, named ret_..., and written only when the answer is PARSE_OK.
 */
#ifndef MAILDRILL_BASE_PARSE_H
#define MAILDRILL_BASE_PARSE_H

#include <stddef.h>

enum parse_status {
    PARSE_OK,    /* one whole element was read */
    PARSE_MORE,  /* the input may be the beginning of one: call again with more octets after it */
    PARSE_ERROR, /* no octets that could follow would make this one */
};

struct parse_result {
    enum parse_status status;
    int error;     /* PARSE_ERROR: a value of the module's own error enum (never 0); else 0 */
    size_t offset; /* PARSE_OK: octets consumed; PARSE_ERROR: of the octet at fault; else 0 */
};

static inline struct parse_result parse_ok(size_t consumed)
{
    return (struct parse_result){PARSE_OK, 0, consumed};
}

static inline struct parse_result parse_more(void)
{
    return (struct parse_result){PARSE_MORE, 0, 0};
}

static inline struct parse_result parse_error(int error, size_t offset)
{
    return (struct parse_result){PARSE_ERROR, error, offset};
}

#endif
