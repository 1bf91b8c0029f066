/*
 * token: what the bodies of structured fields are made of.
 *
 *   CFWS           = (1*([FWS] comment) [FWS]) / FWS                    ; RFC 5322 3.2.2
 *   comment        = "(" *([FWS] ccontent) [FWS] ")"
 *   ccontent       = ctext / quoted-pair / comment
 *   atom           = [CFWS] 1*atext [CFWS]                              ; RFC 5322 3.2.3
 *   quoted-string  = [CFWS] DQUOTE *([FWS] qcontent) [FWS] DQUOTE [CFWS] ; RFC 5322 3.2.4
 *   domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]          ; RFC 5322 3.4.1
 *
 * The parsers of addresses, date-times, msg-ids, Received fields and parameters read with these.
 * Each token is taken at the cursor and moves it behind; octets above 127 count as text
 * (RFC 6532 3.2) and are left to the caller's quirks. What is not closed runs to the end of the
 * input, and is a quirk; so every octet is looked at once.
 */
#ifndef MAILDRILL_IMF_TOKEN_H
#define MAILDRILL_IMF_TOKEN_H

#include "base/octet.h"
#include "base/slice.h"
#include "base/writer.h"

struct imf_cursor {
    struct slice in;      /* a field's body, folds and all */
    size_t at;            /* offset of the next octet, at most in.len */
    struct slice comment; /* the last comment passed, without its parentheses; empty: none */
    uint64_t quirks;      /* of the tokens taken */
};

/** The octet at the cursor, or -1 at the end. */
static inline int imf_peek(const struct imf_cursor *c)
{
    return c->at < c->in.len ? c->in.ptr[c->at] : -1;
}

/** Whether the octet at the cursor is in one of `classes` (base/octet.h). */
static inline bool imf_at(const struct imf_cursor *c, unsigned classes)
{
    return c->at < c->in.len && octet_is(c->in.ptr[c->at], classes);
}

/** Passes `octet` if it stands at the cursor, and says so. */
static inline bool imf_take(struct imf_cursor *c, uint8_t octet)
{
    bool there = imf_peek(c) == octet;
    c->at += there;
    return there;
}

/** Passes white space and line endings. */
void imf_skip_fws(struct imf_cursor *c);

/** Passes white space, line endings and comments; says whether there were any. */
bool imf_skip_cfws(struct imf_cursor *c);

/** Takes 1*atext; empty where there is none. */
struct slice imf_take_atom(struct imf_cursor *c);

/** Takes a quoted string, its quotes included; the cursor stands at a quote. */
struct slice imf_take_quoted(struct imf_cursor *c);

/** Takes a domain literal, its brackets included; the cursor stands at "[". */
struct slice imf_take_literal(struct imf_cursor *c);

/** Whether a "[" stands in a domain literal behind its first octet, other than in a quoted-pair,
 * which is obsolete: dtext = %d33-90 / %d94-126 (RFC 5322 3.4.1, 4.4). */
bool imf_literal_nests(struct slice literal);

/** Takes a comment, its parentheses included; the cursor stands at "(". */
struct slice imf_take_comment(struct imf_cursor *c);

/**
 * Writes what a quoted string, or several words, stand for: without quotes, the backslash of quoted
 * pairs, and the line endings of folds (RFC 5322 3.2.1, 3.2.4). Never longer than `text`.
 */
void imf_unquote(struct slice text, struct writer *out);

/** The same for the inside of a comment, where a quote is text. */
void imf_unescape(struct slice text, struct writer *out);

#endif
