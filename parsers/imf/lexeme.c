#include "imf/lexeme.h"

#include "imf/quirk.h"
#include "imf/token.h"

typedef struct slice take_token(struct imf_cursor *c);

/* Takes what `take` takes, unless it finds no end. */
static bool take_closed(struct lexer *l, take_token *take, uint64_t unclosed)
{
    struct imf_cursor c = {.in = l->list->in, .at = l->at};
    take(&c);
    l->list->steps += c.at - l->at;
    if ((c.quirks & unclosed) != 0)
        return false;
    l->quirks |= c.quirks;
    l->at = c.at;
    return true;
}

/* For a delimiter of which the first that has no partner shows that no later one has any. */
static bool take_paired(struct lexer *l, take_token *take, size_t *first_open, uint64_t unclosed)
{
    if (l->at < *first_open && take_closed(l, take, unclosed))
        return true;
    *first_open = l->at < *first_open ? l->at : *first_open;
    l->quirks |= unclosed;
    return false;
}

static bool is_open_comment(const struct imf_address_list *list, size_t at)
{
    for (unsigned i = 0; i < list->open_comments; i++)
        if (list->open_comment[i] == at)
            return true;
    return at >= list->open_from;
}

static bool take_comment(struct lexer *l)
{
    struct imf_address_list *list = l->list;
    bool open = is_open_comment(list, l->at);
    if (!open && take_closed(l, imf_take_comment, IMF_QUIRK_UNCLOSED_COMMENT))
        return true;
    if (!open && list->open_comments < IMF_ADDRESS_OPEN_COMMENTS)
        list->open_comment[list->open_comments++] = l->at;
    else if (!open)
        list->open_from = l->at;
    l->quirks |= IMF_QUIRK_UNCLOSED_COMMENT;
    return false;
}

static void take_space(struct lexer *l)
{
    struct slice in = l->list->in;
    unsigned folds = 0;
    while (l->at < l->end && octet_is(in.ptr[l->at], OCTET_WSP | OCTET_CR | OCTET_LF)) {
        bool ending = in.ptr[l->at++] == '\n';
        if (ending && !(l->at < in.len && octet_is(in.ptr[l->at], OCTET_WSP)))
            l->quirks |= IMF_QUIRK_BARE_FOLD;
        else if (ending && folds++ > 0)
            l->quirks |= IMF_QUIRK_EMPTY_FOLD;
    }
}

/* Whether "=?" charset "?" encoding "?" stands at `from`, within the atext up to the lexer and
 * where a word of a phrase may begin; then *ret_text is where its text begins. */
static bool begins_encoded_word(const struct lexer *l, size_t from, size_t *ret_text)
{
    struct slice in = l->list->in, run = slice_sub(in, from, l->at);
    if (!slice_starts(run, SLICE("=?")) || l->after_at)
        return false;
    size_t charset = slice_find(slice_from(run, 2), '?'), before = from;
    if (charset == 0 || run.len < charset + 5 || run.ptr[charset + 4] != '?')
        return false;
    while (before > 0 && octet_is(in.ptr[before - 1], OCTET_WSP | OCTET_CR | OCTET_LF))
        before--;
    int octet = before > 0 ? in.ptr[before - 1] : ',';
    *ret_text = from + charset + 5;
    uint8_t encoding = slice_upper(run.ptr[charset + 3]);
    return (encoding == 'Q' || encoding == 'B') && octet != '.' && octet != '@' && octet != '<' &&
           octet != ')';
}

/* Whether what stands at `at` cannot follow an addr-spec: "<", or a word behind white space. */
static bool phrase_goes_on(struct slice in, size_t at)
{
    size_t from = at;
    while (at < in.len && octet_is(in.ptr[at], OCTET_WSP | OCTET_CR | OCTET_LF))
        at++;
    return at < in.len && (in.ptr[at] == '<' ||
                           (at > from && (in.ptr[at] == '"' ||
                                          octet_is(in.ptr[at], OCTET_ATEXT | OCTET_EIGHT_BIT))));
}

/*
 * A word of a phrase may not hold specials (RFC 2047 5 (3)), but some do: "=?utf-8?Q?Doe,_Jim?=".
 * Takes the rest of one whose first atext was taken from `from` on, where its specials leave the
 * grammar no reading of it: a comma, a semicolon or a square bracket behind what has no at sign; or
 * an at sign in what cannot be an addr-spec. No "?" stands in it, so that no octet is asked twice.
 */
static void take_rest_of_encoded_word(struct lexer *l, size_t from)
{
    struct slice in = l->list->in;
    size_t at_signs = 0, others = 0, to;
    if (!begins_encoded_word(l, from, &to))
        return;
    for (; to < l->end && in.ptr[to] != '?'; to++) {
        uint8_t octet = in.ptr[to];
        bool other = octet == ',' || octet == ';' || octet == '[' || octet == ']';
        if (octet != '@' && octet != '.' && !other &&
            !octet_is(octet, OCTET_ATEXT | OCTET_EIGHT_BIT))
            break;
        at_signs += octet == '@';
        others += other;
    }
    l->list->steps += to - from;
    if (to + 2 > l->end || in.ptr[to] != '?' || in.ptr[to + 1] != '=')
        return;
    if (at_signs == 0 ? others > 0 : others == 0 && phrase_goes_on(in, to + 2)) {
        l->at = to + 2;
        l->quirks |= IMF_QUIRK_UNQUOTED_SPECIAL;
    }
}

static enum lexeme take(struct lexer *l)
{
    struct imf_address_list *list = l->list;
    int octet = lexer_peek(l);
    if (octet < 0)
        return LEXEME_END;
    if (octet_is((uint8_t)octet, OCTET_ATEXT | OCTET_EIGHT_BIT)) {
        while (l->at < l->end && octet_is(list->in.ptr[l->at], OCTET_ATEXT | OCTET_EIGHT_BIT))
            l->at++;
        take_rest_of_encoded_word(l, l->from);
        return LEXEME_ATOM;
    }
    if (octet_is((uint8_t)octet, OCTET_WSP | OCTET_CR | OCTET_LF)) {
        take_space(l);
        return LEXEME_GAP_SPACE;
    }
    if (octet == '"' &&
        take_paired(l, imf_take_quoted, &list->open_quote, IMF_QUIRK_UNCLOSED_QUOTE))
        return LEXEME_QUOTED;
    if (octet == '(' && take_comment(l))
        return LEXEME_GAP_COMMENT;
    if (octet == '[' && l->after_at &&
        take_paired(l, imf_take_literal, &list->open_literal, IMF_QUIRK_UNCLOSED_LITERAL))
        return LEXEME_LITERAL;
    l->at++;
    return LEXEME_OCTET;
}

enum lexeme lexer_next(struct lexer *l)
{
    l->from = l->at;
    enum lexeme lexeme = take(l);
    if (!lexeme_is_gap(lexeme))
        l->after_at = lexeme == LEXEME_OCTET && l->list->in.ptr[l->from] == '@';
    l->list->steps += l->at - l->from;
    return lexeme;
}

void lexer_skip_gap(struct lexer *l)
{
    for (int octet = lexer_peek(l); octet >= 0; octet = lexer_peek(l)) {
        struct lexer before = *l;
        if (!octet_is((uint8_t)octet, OCTET_WSP | OCTET_CR | OCTET_LF) && octet != '(')
            return;
        if (!lexeme_is_gap(lexer_next(l))) {
            *l = before;
            return;
        }
    }
}
