/*
 * address: the bodies of From, To, Cc and their like, one address after another.
 *
 *   address-list = (address *("," address)) / obs-addr-list           ; RFC 5322 3.4, 4.4
 *   address      = mailbox / group
 *   mailbox      = [display-name] angle-addr / addr-spec
 *   group        = display-name ":" [group-list] ";" [CFWS]           ; also in From: RFC 6854
 *   angle-addr   = [CFWS] "<" [obs-route] addr-spec ">" [CFWS]
 *   addr-spec    = local-part "@" domain                              ; RFC 5322 3.4.1
 *
 * Octets above 127 are text (RFC 6532 3.2). Whatever stands in the field is read, and what departs
 * from the grammar is a quirk:
 *
 *   - what is not closed: a quote, a parenthesis or a square bracket without its partner is text;
 *     an angle bracket without one ends at the next address;
 *   - specials in a display name ("Bob @ Home <a@b>"), brackets that are missing ("Bob a@b") or too
 *     many ("<<a@b>>"), text behind an address, separators that are missing or semicolons;
 *   - specials in an encoded word without white space ("=?utf-8?Q?Doe,_Jim?= <a@b>"), which is
 *     one word all the same;
 *   - a word alone ("root") is a local part without a domain; several words, or one in quotes, are
 *     a display name without an address; but quotes around an addr-spec alone (""a@b"") go.
 *
 *   struct imf_address_list list;
 *   struct imf_address address;
 *   imf_address_begin(body, &list);
 *   while (imf_address_next(&list, &address))
 *       ...
 *
 * What is wrong with one addr-spec, imf_diagnose (imf/diagnosis.h) tells more exactly.
 */
#ifndef MAILDRILL_IMF_ADDRESS_H
#define MAILDRILL_IMF_ADDRESS_H

#include "base/scan.h"
#include "base/slice.h"
#include "base/writer.h"

enum imf_address_kind {
    IMF_ADDRESS_MAILBOX,   /* a mailbox, or text that stands where one must */
    IMF_ADDRESS_GROUP,     /* a group begins; display_name is its name */
    IMF_ADDRESS_GROUP_END, /* it ends; raw is its ";", empty where that is missing */
    IMF_ADDRESS_COMMENT,   /* comments where no address stands */
};

/* Slices are raw: with the quotes, folds and comments that stand inside. Empty: not there. */
struct imf_address {
    enum imf_address_kind kind;
    struct slice raw;          /* all of it, without the separators around it */
    struct slice display_name; /* phrase */
    struct slice addr_spec; /* what stands for one: between the angle brackets, behind the route; or
                               all of raw where there are none */
    struct slice route;     /* "@a,@b" of "<@a,@b:c@d>" */
    struct slice local_part; /* without white space and comments around it */
    struct slice domain;     /* likewise, without the "@" */
    struct slice comment;    /* inside of the last comment; see imf_address_write_name */
    bool bracketed;          /* it has an angle bracket */
    uint64_t quirks;
    /* private */
    const uint8_t *open_from; /* "(" from here on is text; NULL: it is as far as it is not closed */
};

/* Up to where one address may reach, if nothing but its brackets separates it from the next. */
struct imf_address_segment {
    size_t end;      /* of the octets before the next of , ; : < > or the end */
    size_t text_end; /* the same, without white space and comments */
    size_t last_at;  /* offset of the last "@" among them */
    bool has_at;
    int stop; /* the octet at `end`, or -1 */
};

/* What was read last. */
enum imf_address_last {
    IMF_ADDRESS_LAST_NOTHING,
    IMF_ADDRESS_LAST_ADDRESS, /* or a group's end: a comma is due */
    IMF_ADDRESS_LAST_COMMA,
    IMF_ADDRESS_LAST_COLON, /* of a group, or a stray semicolon: nothing is due */
};

#define IMF_ADDRESS_OPEN_COMMENTS 4 /* behind so many that are not closed none is looked for */

struct imf_address_list {
    struct slice in;
    size_t at;       /* offset of what is read next */
    bool in_group;   /* between IMF_ADDRESS_GROUP and IMF_ADDRESS_GROUP_END */
    uint64_t quirks; /* of all that was read, separators included */
    /* private */
    enum imf_address_last last;
    bool has_segment;
    struct imf_address_segment segment;             /* the one at `at` */
    size_t open_quote, open_literal;                /* offsets of the first that no other closes */
    size_t open_comment[IMF_ADDRESS_OPEN_COMMENTS]; /* those of the first comments, as far as they
                                                       are known */
    unsigned open_comments;
    size_t open_from;       /* offset behind them: from there on "(" is text */
    size_t steps;           /* octets looked at; tests hold it to a multiple of in.len */
    bool all_plain;         /* nothing was read by the grammar */
    struct scan_words seen; /* of the octets from seen_at to seen_to */
    size_t seen_at, seen_to;
};

/** Begins at the first octet of a field's body, which may be folded. */
void imf_address_begin(struct slice in, struct imf_address_list *ret_list);

/** Reads the next address, and says whether there was one; *ret_address is written only then. */
bool imf_address_next(struct imf_address_list *list, struct imf_address *ret_address);

/** The same by the grammar alone, without the short way for ordinary addresses: for tests. */
bool imf_address_next_by_grammar(struct imf_address_list *list, struct imf_address *ret_address);

/**
 * Writes what a display name stands for: words without quotes and comments, one space where white
 * space or comments were. Where there is none, the comments stand for it, as in the old style
 * "user@host (Real Name)". Encoded words are left as they are (imf/encoded_word.h).
 */
void imf_address_write_name(const struct imf_address *address, struct writer *out);

/**
 * Whether an encoded word of the display name, or a part of one, stands in a quoted string, where
 * none may (RFC 2047 5 (3)): that text is the address's name without a fault, until someone decodes
 * it. `name` is what imf_address_write_name wrote.
 */
bool imf_address_quotes_encoded_word(const struct imf_address *address, struct slice name);

/** Writes the insides of all comments, with one space between two. */
void imf_address_write_comments(const struct imf_address *address, struct writer *out);

/** Writes local part and domain without the white space and comments inside: "a@b", "a", "". */
void imf_address_write_addr_spec(const struct imf_address *address, struct writer *out);

/** The same for a local part, a domain or a route alone. */
void imf_address_write_part(struct slice part, struct writer *out);

/** Writes what a local part stands for: the same without quotes and backslashes. */
void imf_address_write_unquoted(struct slice local_part, struct writer *out);

/**
 * Writes an address in its canonical form, without comments, as part of a list: between two of
 * them ", " must stand, but neither behind a group's beginning nor before its end. What is written
 * is read to the same, and writing that gives the same again; but where a domain or a route holds
 * a quote, a parenthesis or a square bracket that is not closed, there is no such form.
 */
void imf_address_write(const struct imf_address *address, struct writer *out);

#endif
