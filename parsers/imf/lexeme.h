/*
 * lexeme: the pieces that the octets of an address list are, whatever their order. Shared by what
 * reads addresses and what writes them.
 *
 * A quote, a parenthesis or a square bracket that no other closes is an octet like any special: the
 * text behind it can then still be read. To see that it has no partner all text behind it is looked
 * at; so that hostile input cannot ask for this again and again, after some of a kind the rest of
 * that kind are taken for open ones unseen.
 */
#ifndef MAILDRILL_IMF_LEXEME_H
#define MAILDRILL_IMF_LEXEME_H

#include "imf/address.h"

enum lexeme {
    LEXEME_END,
    LEXEME_GAP_SPACE, /* white space and line endings */
    LEXEME_GAP_COMMENT,
    LEXEME_ATOM,   /* 1*atext, octets above 127 too; an encoded word with specials in it */
    LEXEME_QUOTED, /* a quoted string */
    LEXEME_LITERAL,
    LEXEME_OCTET, /* any other: a dot, a special, a control octet */
};

struct lexer {
    struct imf_address_list *list; /* its octets and what is known of open delimiters */
    size_t at, end;                /* reads up to `end` */
    size_t from;                   /* where the last lexeme began */
    bool after_at; /* nothing but gaps since an at sign, or where a domain begins: "[" may stand */
    uint64_t quirks;
};

static inline struct lexer lexer_of(struct imf_address_list *list, size_t from, size_t end)
{
    return (struct lexer){.list = list, .at = from, .end = end, .from = from};
}

static inline bool lexeme_is_gap(enum lexeme lexeme)
{
    return lexeme == LEXEME_GAP_SPACE || lexeme == LEXEME_GAP_COMMENT;
}

/** The octet at the lexer, or -1 at its end. */
static inline int lexer_peek(const struct lexer *l)
{
    return l->at < l->end ? l->list->in.ptr[l->at] : -1;
}

/** Takes the lexeme at the lexer. */
enum lexeme lexer_next(struct lexer *l);

/** Passes white space and comments. */
void lexer_skip_gap(struct lexer *l);

/** The octets of the last lexeme. */
static inline struct slice lexer_taken(const struct lexer *l)
{
    return slice_sub(l->list->in, l->from, l->at);
}

#endif
