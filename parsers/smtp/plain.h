/*
 * plain: command lines as nearly all of them are, read at a glance. For smtp_command_parse, which
 * asks here first and has the grammar read what is not plain.
 *
 * A plain line has no quirk: it is of %d32-126, ends with CRLF, has one SP between its words and
 * none at its ends, and at most 512 octets. Where its parts lie is read out of the bits of one scan
 * (scan_text): so a part that is plain lies within SCAN_TEXT_OCTETS of the line's start, or, of a
 * parameter, of the parameter's. What is plain, the grammar reads to the same.
 */
#ifndef MAILDRILL_SMTP_PLAIN_H
#define MAILDRILL_SMTP_PLAIN_H

#include "base/scan.h"
#include "smtp/command.h"
#include "smtp/path.h"

struct smtp_plain {
    struct slice line;     /* without CRLF; at least one octet */
    struct slice in;       /* the line and all that stands behind it */
    struct scan_text text; /* bits of the line, and of what stands behind it */
    size_t name;           /* octets of the verb */
    size_t argument;       /* offset of what follows it; the line's length where nothing does */
};

/** Finds the line at the start of `in` and its verb; false where it is not plain, not in sight or
 * longer than max_octets. */
bool smtp_plain_begin(struct slice in, size_t max_octets, struct smtp_plain *ret_plain);

/** smtp_command_parse without the glance: what the grammar says of any line. Tests compare them. */
struct parse_result smtp_command_parse_any(struct slice in, size_t max_octets,
                                           struct smtp_command *ret_command);

/** Whether [from, to) of the line, from > 0, is a Domain: sub-domain *( "." sub-domain ). */
bool smtp_plain_is_domain(const struct smtp_plain *plain, size_t from, size_t to);

/* Where the parts of a path lie, as offsets in the line. */
struct smtp_plain_path {
    size_t open, sign, close; /* of "<", "@", ">"; without "@", sign is open */
};

/** Finds "<>" or "<" Dot-string "@" Domain ">" at `at`. */
bool smtp_plain_path(const struct smtp_plain *plain, size_t at, struct smtp_plain_path *ret_path);

/** Whether the line from `at` on is parameters without a quirk (see smtp_param_quirks), all of them
 * known. */
bool smtp_plain_are_params(const struct smtp_plain *plain, size_t at, unsigned commands);

#endif
