/*
 * reply: what a server answers.
 *
 *   Reply-line = *( Reply-code "-" [ textstring ] CRLF )            ; RFC 5321 4.2
 *                Reply-code [ SP textstring ] CRLF
 *   Reply-code = %x32-35 %x30-35 %x30-39
 *
 * Any three digits are read as a code; one outside the grammar is SMTP_QUIRK_CODE_RANGE. A code
 * directly before the line ending is SMTP_QUIRK_NO_TEXT: servers should send the SP, and clients
 * must do without it (RFC 5321 4.2).
 */
#ifndef MAILDRILL_SMTP_REPLY_H
#define MAILDRILL_SMTP_REPLY_H

#include "base/line.h"
#include "base/parse.h"
#include "base/slice.h"
#include "smtp/enhanced.h"

enum smtp_reply_error {
    SMTP_REPLY_NO_CODE = 1,   /* a line does not begin with three digits; offset of the octet that
                                 is none */
    SMTP_REPLY_BAD_SEPARATOR, /* the code is followed by neither SP, "-" nor the line ending; offset
                                 of what follows it */
    SMTP_REPLY_MIXED_CODES,   /* a line's code differs from the first line's (RFC 5321 4.2.1);
                                 offset of that code */
    SMTP_REPLY_LINE_TOO_LONG, /* no line ending within max_line_octets; offset of the first octet
                                 beyond them */
    SMTP_REPLY_TOO_LONG,      /* no last line within max_octets; offset max_octets */
};

struct smtp_reply_limits {
    size_t max_line_octets; /* ending included; RFC 5321 4.5.3.1.5 says 512, servers exceed it */
    size_t max_octets;      /* the whole reply */
};

struct smtp_reply {
    unsigned code; /* 0-999 */
    bool has_enhanced;
    struct smtp_enhanced enhanced; /* the first that a line carries */
    size_t lines;                  /* at least 1 */
    struct slice raw;              /* every octet, line endings included */
    uint64_t quirks;               /* of all lines; QUIRK_LONG_LINE where one is over 512 octets */
};

/**
 * A parser that remembers how far it has read, so that a reply which arrives octet by octet costs
 * no more than one that arrives whole. Begin with {.limits = ...}; the other members are private.
 */
struct smtp_reply_parser {
    struct smtp_reply_limits limits;
    struct smtp_reply reply; /* of the lines read so far */
    size_t complete;         /* octets of complete lines */
    size_t scanned;          /* octets known to hold no further line ending */
};

/**
 * Reads one reply. `in` begins with the reply's first octet at every call and only grows; it may
 * move. An error is answered as soon as its octets are in sight, so that what is not SMTP at all is
 * found at its first octet. After an answer other than MORE the parser is spent.
 */
struct parse_result smtp_reply_parse(struct smtp_reply_parser *parser, struct slice in,
                                     struct smtp_reply *ret_reply);

struct smtp_reply_line {
    struct slice raw;  /* with its ending */
    struct slice line; /* code, separator and text, without the ending */
    struct slice text; /* what follows the separator; the enhanced code included */
    bool last;
};

/** Takes the next line off the front of `*rest`, which begins as a parsed reply's `raw`; false
 * where none is left. */
bool smtp_reply_line_next(struct slice *rest, struct smtp_reply_line *ret_line);

#define SMTP_REPLY_CODE_DIGITS 3

/* The parts of a line that has a code. */
static inline struct smtp_reply_line smtp_reply_line_of(const struct base_line *line)
{
    bool separated = line->text.len > SMTP_REPLY_CODE_DIGITS;
    return (struct smtp_reply_line){
        .raw = line->raw,
        .line = line->text,
        .text = slice_from(line->text, separated ? SMTP_REPLY_CODE_DIGITS + 1 : line->text.len),
        .last = !separated || line->text.ptr[SMTP_REPLY_CODE_DIGITS] != '-',
    };
}

/** One sentence for an error of this parser, without its full stop; NULL for any other number. */
const char *smtp_reply_error_text(int error);

#endif
