#include "imf/received.h"

#include "base/ip.h"
#include "imf/quirk.h"
#include "imf/token.h"

static const struct slice clause_names[IMF_CLAUSE_COUNT] = {
    [IMF_CLAUSE_FROM] = SLICE_INIT("from"),   [IMF_CLAUSE_BY] = SLICE_INIT("by"),
    [IMF_CLAUSE_VIA] = SLICE_INIT("via"),     [IMF_CLAUSE_WITH] = SLICE_INIT("with"),
    [IMF_CLAUSE_ID] = SLICE_INIT("id"),       [IMF_CLAUSE_FOR] = SLICE_INIT("for"),
    [IMF_CLAUSE_TLS] = SLICE_INIT("tls"),     [IMF_CLAUSE_GROUP] = SLICE_INIT("group"),
    [IMF_CLAUSE_STATE] = SLICE_INIT("state"), [IMF_CLAUSE_PRIORITY] = SLICE_INIT("priority"),
};

/* IANA, Mail Transmission Types, WITH protocol types. */
static const struct slice protocols[] = {
    SLICE_INIT("SMTP"),      SLICE_INIT("ESMTP"),      SLICE_INIT("ESMTPA"),
    SLICE_INIT("ESMTPS"),    SLICE_INIT("ESMTPSA"),    SLICE_INIT("LMTP"),
    SLICE_INIT("LMTPA"),     SLICE_INIT("LMTPS"),      SLICE_INIT("LMTPSA"),
    SLICE_INIT("MMS"),       SLICE_INIT("UTF8SMTP"),   SLICE_INIT("UTF8SMTPA"),
    SLICE_INIT("UTF8SMTPS"), SLICE_INIT("UTF8SMTPSA"), SLICE_INIT("UTF8LMTP"),
    SLICE_INIT("UTF8LMTPA"), SLICE_INIT("UTF8LMTPS"),  SLICE_INIT("UTF8LMTPSA"),
};

bool imf_received_protocol_is_registered(struct slice protocol)
{
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
        if (slice_equal_nocase(protocols[i], protocol))
            return true;
    return false;
}

static enum imf_clause_kind kind_of(struct slice word)
{
    for (int kind = IMF_CLAUSE_FROM; kind < IMF_CLAUSE_COUNT; kind++)
        if (slice_equal_nocase(clause_names[kind], word))
            return (enum imf_clause_kind)kind;
    return IMF_CLAUSE_NONE;
}

/* ---- words ---- */

/* From "<" through ">", or to white space or the end where there is none before. */
static void skip_angle(struct imf_cursor *c)
{
    while (imf_peek(c) >= 0 && imf_peek(c) != '>' && !imf_at(c, OCTET_WSP | OCTET_CR | OCTET_LF)) {
        if (imf_peek(c) == '"')
            imf_take_quoted(c);
        else
            c->at++;
    }
    imf_take(c, '>');
}

/* Octets up to CFWS or ";", but not those in quotes, brackets and angle brackets: an atom, a
 * Domain, a Mailbox, a Path, a msg-id, and whatever servers write in their place. The comma of
 * RFC 822's lists ends a Path: "for <a@b>, <c@d>". */
static struct slice take_word(struct imf_cursor *c)
{
    size_t from = c->at;
    while (imf_peek(c) >= 0 && imf_peek(c) != '(' && imf_peek(c) != ';' &&
           !imf_at(c, OCTET_WSP | OCTET_CR | OCTET_LF) &&
           !(c->at > from && imf_peek(c) == ',' && c->in.ptr[c->at - 1] == '>')) {
        if (imf_peek(c) == '"')
            imf_take_quoted(c);
        else if (imf_peek(c) == '[')
            imf_take_literal(c);
        else if (imf_peek(c) == '<')
            skip_angle(c);
        else
            do
                c->at++;
            while (imf_at(c, OCTET_ATEXT) || imf_peek(c) == '.');
    }
    return slice_sub(c->in, from, c->at);
}

/* CFWS; the first comment of a clause is kept. */
static void skip_cfws(struct imf_cursor *c, struct slice *first_comment)
{
    for (;;) {
        size_t from = c->at;
        imf_skip_fws(c);
        if (imf_peek(c) == '(') {
            imf_take_comment(c);
            if (first_comment->ptr == NULL)
                *first_comment = c->comment;
        }
        if (c->at == from)
            return;
    }
}

/* ---- clauses ---- */

/* Whether what a word stands before begins no value: another clause's name, the semicolon, or
 * nothing. */
static bool begins_no_value(struct imf_cursor c)
{
    struct slice comment = {NULL, 0};
    skip_cfws(&c, &comment);
    return imf_peek(&c) < 0 || imf_peek(&c) == ';' || kind_of(take_word(&c)) != IMF_CLAUSE_NONE;
}

/* Takes the words of a value, and the comments among and behind them, as far as the next clause's
 * name. A first word that is a name, too, is one where a value stands behind it: "with by;" has the
 * protocol "by". */
static size_t take_value(struct imf_cursor *c, struct imf_clause *clause)
{
    size_t words = 0, from = c->at, end = c->at;
    for (;;) {
        skip_cfws(c, &clause->comment);
        size_t at = c->at;
        struct slice word = take_word(c);
        bool name = kind_of(word) != IMF_CLAUSE_NONE;
        if (word.len == 0 ||
            (name && (words > 0 || clause->name.len == 0 || !begins_no_value(*c)))) {
            c->at = at;
            break;
        }
        if (words++ == 0) {
            clause->word = word;
            from = at;
        }
        end = c->at;
    }
    clause->value = slice_sub(c->in, from, end);
    return words;
}

static bool next_clause(struct imf_cursor *c, struct imf_clause *ret_clause)
{
    struct imf_clause clause = {.kind = IMF_CLAUSE_NONE};
    size_t from = c->at;
    if (imf_peek(c) < 0 || imf_peek(c) == ';')
        return false;
    skip_cfws(c, &clause.comment);
    struct imf_cursor before = *c;
    clause.name = take_word(c);
    clause.kind = kind_of(clause.name);
    if (clause.kind == IMF_CLAUSE_NONE) {
        clause.name = (struct slice){NULL, 0};
        *c = before;
    }
    size_t words = take_value(c, &clause);
    clause.raw = slice_sub(c->in, from, c->at);
    bool only_comments = clause.kind == IMF_CLAUSE_NONE && words == 0;
    if (!only_comments && (clause.kind == IMF_CLAUSE_NONE || words != 1))
        clause.quirks = IMF_QUIRK_INVALID_CLAUSE;
    *ret_clause = clause;
    return true;
}

bool imf_received_next(struct slice *rest, struct imf_clause *ret_clause)
{
    struct imf_cursor c = {.in = *rest};
    bool there = next_clause(&c, ret_clause);
    *rest = slice_from(*rest, c.at);
    return there;
}

/* ---- the client's address ---- */

static bool is_address(struct slice word)
{
    return base_is_ipv4(word) || base_is_ipv6(word);
}

static struct slice nothing(void)
{
    return (struct slice){NULL, 0};
}

/* What stands between the brackets of a word, without "IPv6:": "[192.0.2.1]:25", and behind a name
 * or an ident that no space parts from it, "c.example[192.0.2.1]"; but not "helo=[192.0.2.1]".
 * Empty: no address. */
static struct slice literal_of(struct slice word, struct slice *ret_before)
{
    size_t open = slice_find(word, '[');
    *ret_before = slice_sub(word, 0, open);
    if (open == word.len || slice_find(*ret_before, '=') < open)
        return nothing();
    struct slice address = slice_from(word, open + 1);
    address = slice_sub(address, 0, slice_find(address, ']'));
    if (slice_find(address, '[') < address.len)
        return nothing();
    return slice_starts_nocase(address, SLICE("IPv6:")) ? slice_from(address, 5) : address;
}

/* "192.0.2.1", "ident@192.0.2.1". Empty: no address. */
static struct slice bare_address_of(struct slice word)
{
    size_t at = slice_find(word, '@');
    struct slice address = at < word.len ? slice_from(word, at + 1) : word;
    return is_address(address) ? address : nothing();
}

/* What the client said of itself: "HELO [192.0.2.1]". */
static bool is_greeting(struct slice word)
{
    return slice_equal_nocase(word, SLICE("HELO")) || slice_equal_nocase(word, SLICE("EHLO")) ||
           slice_equal_nocase(word, SLICE("LHLO"));
}

/*
 * TCP-info = address-literal / ( Domain FWS address-literal )         ; RFC 5321 4.4
 * and what servers write: "user@host [192.0.2.1]", "[192.0.2.1]:25 helo=x", "host[192.0.2.1]"; and
 * alone, "192.0.2.1", "user@192.0.2.1".
 */
static void read_tcp_info(struct slice comment, struct imf_received *received)
{
    struct imf_cursor c = {.in = comment};
    struct slice domain = nothing(), none = nothing();
    for (size_t words = 0;; words++) {
        skip_cfws(&c, &none);
        struct slice word = take_word(&c), before;
        if (word.len == 0 || (words == 0 && is_greeting(word)))
            return;
        struct slice address = literal_of(word, &before);
        if (address.len == 0 && words == 0 && c.at == comment.len)
            address = bare_address_of(word);
        else if (before.len > 0 && before.ptr[before.len - 1] != '@')
            domain = before;
        if (address.len > 0) {
            received->tcp_info = comment;
            received->tcp_domain = domain;
            received->tcp_address = address;
            return;
        }
    }
}

/* The address in the first comment of FROM that has one, or that among its words. */
static void find_address(const struct imf_clause *from, struct imf_received *received)
{
    struct imf_cursor c = {.in = from->raw};
    struct slice literal = nothing(), before;
    while (imf_peek(&c) >= 0 && received->tcp_address.len == 0) {
        size_t at = c.at;
        if (imf_peek(&c) == '(') {
            imf_take_comment(&c);
            read_tcp_info(c.comment, received);
            continue;
        }
        struct slice word = take_word(&c);
        if (literal.len == 0)
            literal = literal_of(word, &before);
        c.at += c.at == at;
    }
    if (received->tcp_address.len == 0)
        received->tcp_address = literal;
}

/* ---- the whole ---- */

static void take_clause(struct imf_received *received, const struct imf_clause *clause,
                        enum imf_clause_kind *last)
{
    struct imf_clause *place = &received->clause[clause->kind];
    received->quirks |= clause->quirks;
    if (place->raw.ptr != NULL || clause->kind < *last)
        received->quirks |= IMF_QUIRK_INVALID_CLAUSE;
    if (place->raw.ptr == NULL)
        *place = *clause;
    *last = clause->kind;
}

struct parse_result imf_received_parse(struct slice in, struct imf_received *ret_received)
{
    struct imf_received received = {.has_date = false};
    struct imf_cursor c = {.in = in};
    enum imf_clause_kind last = IMF_CLAUSE_NONE;
    bool blank = true;
    for (size_t i = 0; i < in.len && blank; i++)
        blank = octet_is(in.ptr[i], OCTET_WSP | OCTET_CR | OCTET_LF);
    if (blank)
        return parse_error(IMF_RECEIVED_EMPTY, in.len);
    for (struct imf_clause clause; next_clause(&c, &clause);)
        take_clause(&received, &clause, &last);
    received.clauses = slice_sub(in, 0, c.at);
    received.quirks |= c.quirks | imf_quirks_of_octets(in);
    find_address(&received.clause[IMF_CLAUSE_FROM], &received);
    received.registered_protocol =
        imf_received_protocol_is_registered(received.clause[IMF_CLAUSE_WITH].value);
    received.has_date = imf_take(&c, ';') &&
                        imf_date_parse(slice_from(in, c.at), &received.date).status == PARSE_OK;
    received.quirks |= received.has_date ? received.date.quirks : IMF_QUIRK_NO_DATE;
    *ret_received = received;
    return parse_ok(in.len);
}

const char *imf_received_error_text(int error)
{
    return error == IMF_RECEIVED_EMPTY ? "there is nothing in a Received field" : NULL;
}
