/*
 * parse: what the kinds of `maildrill parse KIND` share. A kind is one row of the table in parse.c
 * and one function, in a file named after the parser: its word finds it.
 */
#ifndef MAILDRILL_CLI_PARSE_H
#define MAILDRILL_CLI_PARSE_H

#include <jansson.h>

#include "base/parse.h"
#include "base/quirk.h"
#include "base/slice.h"
#include "base/writer.h"
#include "imf/date.h"
#include "imf/encoded_word.h"

#define PARSE_WINDOW_OCTETS ((size_t)1 << 20) /* the largest element; input may be endless */

/* What a kind makes of the octets at the front of the window. */
struct parse_outcome {
    struct parse_result result;
    const char *error; /* of an error: one sentence without its full stop */
    uint64_t quirks;   /* of an element that was read */
    const struct quirk *(*quirk_of)(unsigned n); /* their family; NULL: that of the kind's row */
    size_t absorbed; /* of MORE: octets of the window that the kind is done with; of an error:
                        octets before the line at fault */
    uint64_t consumed_before; /* else: octets of the element that it absorbed earlier */
    bool last;                /* what follows is of another kind: the body behind a header */
};

/**
 * Reads one element from the start of `window`; `whole`: nothing follows it, so that its end is the
 * element's. Where the answer is OK, adds the kind's members to `object`; the driver adds status,
 * consumed, quirks, error and error_offset. Members that say something of an element that is not
 * complete may stand there as well: they are shown where the input ends in it, or at an error.
 */
typedef struct parse_outcome parse_kind(struct slice window, bool whole, json_t *object);

/* cli/parse/command.c */
parse_kind parse_command, parse_path;
/* cli/parse/proxy.c */
parse_kind parse_proxy;
/* cli/parse/param.c */
parse_kind parse_params;
/* cli/parse/reply.c */
parse_kind parse_reply, parse_ehlo;
/* cli/parse/data.c */
parse_kind parse_data, parse_bdat;
/* cli/parse/field.c */
parse_kind parse_fields;
/* cli/parse/encoded_word.c */
parse_kind parse_encoded_word;
/* cli/parse/content.c */
parse_kind parse_content_type, parse_content_disposition, parse_content_params;
/* cli/parse/date.c */
parse_kind parse_date;
/* cli/parse/address.c */
parse_kind parse_address;
/* cli/parse/msgid.c */
parse_kind parse_msgid;
/* cli/parse/received.c */
parse_kind parse_received;

/** Adds members to an object, and entries to an array. `value` is then the object's. */
void put(json_t *object, const char *name, json_t *value);
void put_entry(json_t *array, json_t *value);
void put_text(json_t *object, const char *name, struct slice value);
void put_number(json_t *object, const char *name, uint64_t value);
void put_bool(json_t *object, const char *name, bool value);

/** A word of the program's own; NULL stands as null. */
void put_word(json_t *object, const char *name, const char *word);

/** Adds an array of the names of quirks. */
void put_quirks(json_t *object, uint64_t quirks, const struct quirk *(*quirk_of)(unsigned n));

/** A JSON number: an integer where it fits a signed one of 64 bits, else with an exponent. */
json_t *number_of(uint64_t value);

/** A JSON string, or {"hex": "c328"} where the octets are not UTF-8. */
json_t *text_of(struct slice octets);

/** The same for a value made of `octets` by `write`, which never writes more than `octets` has. */
json_t *text_written(struct slice octets, void (*write)(struct slice octets, struct writer *out));

/** The same for octets of a character set that the system's iconv knows; of any other, and where
 * they are no whole characters of it (*ret_foreign), as text_of. */
json_t *text_in_charset(struct slice octets, struct slice charset, bool *ret_foreign);

/**
 * The same for text with encoded words, as people see it. Adds each piece to the array `pieces`
 * unless that is NULL, and the pieces' quirks to *quirks: also INVALID_CHARSET, where the octets of
 * a word by itself are no whole characters of its charset (RFC 2047 5).
 */
json_t *text_with_encoded_words(struct slice in, enum imf_encoded_context context, json_t *pieces,
                                uint64_t *quirks);

/** Adds the members of a date. */
void put_date(json_t *object, const struct imf_date *date);

/** Adds the parameters of MAIL, RCPT, XCLIENT or XFORWARD as an array, their values typed. */
void put_params(json_t *object, const char *name, struct slice params);

#endif
