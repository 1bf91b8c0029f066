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

#include "base/bits.h"
#include "base/scan.h"
#include "smtp/command.h"
#include "smtp/path.h"

/* Bits of a line, and of what stands behind it. */
struct smtp_plain_text {
    struct scan_text first; /* of its first SCAN_TEXT_OCTETS octets */
    uint64_t space, equals; /* of as many behind these; 0 where the line ends before */
};

struct smtp_plain {
    struct slice in;   /* the line and all that stands behind it */
    struct slice line; /* without CRLF; at least one octet */
    const struct smtp_plain_text *text;
    size_t name;     /* octets of the verb */
    size_t argument; /* offset of what follows it; the line's length where nothing does */
};

/** smtp_command_parse without the glance: what the grammar says of any line. Tests compare them. */
struct parse_result smtp_command_parse_any(struct slice in, size_t max_octets,
                                           struct smtp_command *ret_command);

/* Octets before the CRLF of a printable line, which ends in its first bits; 0 where that is not
 * what stands there. */
static inline size_t smtp_plain_octets(struct slice in, const struct scan_text *text)
{
    size_t lf = bits_first(text->lf);
    bool crlf_alone = (text->odd & bits_below(lf)) << 1 == bits_at(lf);
    return crlf_alone && in.ptr[lf - 1] == '\r' ? lf - 1 : 0;
}

/* The same for a line that does not end there; sets its further bits. */
size_t smtp_plain_long_octets(struct slice in, struct smtp_plain_text *text);

/** Finds the line at the start of `in`, and its bits; false where it is not plain, not in sight or
 * longer than max_octets. */
static inline bool smtp_plain_begin(struct slice in, size_t max_octets,
                                    struct smtp_plain_text *ret_text, struct smtp_plain *ret_plain)
{
    scan_text(in, &ret_text->first);
    ret_text->space = ret_text->equals = 0;
    size_t len = ret_text->first.lf != 0 ? smtp_plain_octets(in, &ret_text->first)
                                         : smtp_plain_long_octets(in, ret_text);
    if (len == 0 || len + 2 > max_octets)
        return false;
    *ret_plain = (struct smtp_plain){.in = in, .line = slice_sub(in, 0, len), .text = ret_text};
    return true;
}

/* Octets before the first SP, all where there is none; 0 where that is not in sight. */
static inline size_t smtp_plain_word(const struct smtp_plain *plain)
{
    uint64_t spaces = plain->text->first.space & bits_below(plain->line.len);
    if (spaces == 0)
        return plain->line.len <= SCAN_TEXT_OCTETS ? plain->line.len : 0;
    return bits_first(spaces);
}

/**
 * Sets where the verb, of `name` octets, ends and its argument begins; false where that is not
 * plain.
 *   command = verb [ SP argument ] CRLF                             ; RFC 5321 4.1.1
 */
static inline bool smtp_plain_split(struct smtp_plain *plain, size_t name)
{
    size_t len = plain->line.len;
    plain->name = name;
    plain->argument = name < len ? name + 1 : len;
    return name > 0 && plain->line.ptr[len - 1] != ' ' && plain->line.ptr[plain->argument] != ' ';
}

/**
 * Whether [from, to) of the line, from > 0, is a Domain.                  ; RFC 5321 4.1.2
 *   Domain     = sub-domain *( "." sub-domain )
 *   sub-domain = Let-dig [ Ldh-str ]; Ldh-str = *( ALPHA / DIGIT / "-" ) Let-dig
 */
static inline bool smtp_plain_is_domain(const struct smtp_plain *plain, size_t from, size_t to)
{
    if (to >= SCAN_TEXT_OCTETS)
        return false;
    const struct scan_text *text = &plain->text->first;
    uint64_t inside = bits_below(to) & ~bits_below(from);
    uint64_t ends = text->dot | bits_at(from - 1) | bits_at(to); /* around a sub-domain */
    uint64_t beside = ends << 1 | ends >> 1;
    return (inside & ~(text->alnum | text->dot | text->hyphen)) == 0 &&
           (inside & beside & ~text->alnum) == 0 && from < to;
}

/* Dot-string = Atom *( "." Atom ), of [from, to) that holds atext and dots alone. */
static inline bool smtp_plain_is_dot_string(const struct scan_text *text, size_t from, size_t to)
{
    uint64_t ends = text->dot | bits_at(from - 1) | bits_at(to);
    uint64_t inside = (bits_below(to) << 1 | 1) & ~bits_below(from); /* and what is behind it */
    return (inside & ends & ends << 1) == 0;
}

/* Where the parts of a path lie, as offsets in the line. */
struct smtp_plain_path {
    size_t open, sign, close; /* of "<", "@", ">"; without "@", sign is open */
};

/**
 * Finds the path at `at`.
 *   Reverse-path = Path / "<>"; Path = "<" Mailbox ">"; Mailbox = Dot-string "@" Domain
 */
static inline bool smtp_plain_path(const struct smtp_plain *plain, size_t at,
                                   struct smtp_plain_path *ret_path)
{
    const struct scan_text *text = &plain->text->first;
    const uint8_t *octets = plain->line.ptr;
    if (at + 1 >= plain->line.len || at + 1 >= SCAN_TEXT_OCTETS || octets[at] != '<')
        return false;
    if (octets[at + 1] == '>') {
        *ret_path = (struct smtp_plain_path){at, at, at + 1};
        return true;
    }
    uint64_t stops = text->boundary & ~bits_below(at + 1), closing = stops & (stops - 1);
    if (closing == 0)
        return false;
    size_t sign = bits_first(stops), close = bits_first(closing);
    *ret_path = (struct smtp_plain_path){at, sign, close};
    return octets[sign] == '@' && octets[close] == '>' &&
           smtp_plain_is_dot_string(text, at + 1, sign) &&
           smtp_plain_is_domain(plain, sign + 1, close);
}

/** Whether the line from `at` on is parameters without a quirk (see smtp_param_quirks), all of them
 * known. `in` and `text` are those of struct smtp_plain. */
bool smtp_plain_are_params(struct slice in, struct slice line, const struct smtp_plain_text *text,
                           size_t at, unsigned commands);

#endif
