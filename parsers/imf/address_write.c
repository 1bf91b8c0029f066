#include "imf/address.h"

#include "base/octet.h"
#include "imf/encoded_word.h"
#include "imf/lexeme.h"
#include "imf/quirk.h"
#include "imf/token.h"

/* ---- text ---- */

/* A quoted string or a literal as it stands, but without the line endings of its folds. */
static void put_unfolded(struct slice token, struct writer *out)
{
    for (size_t i = 0; i < token.len; i++) {
        bool crlf = token.ptr[i] == '\r' && i + 1 < token.len && token.ptr[i + 1] == '\n';
        if (crlf || token.ptr[i] == '\n')
            continue;
        if (token.ptr[i] == '\\' && i + 1 < token.len)
            writer_put_octet(out, token.ptr[i++]);
        writer_put_octet(out, token.ptr[i]);
    }
}

static void put_lexeme(enum lexeme lexeme, struct slice taken, bool decode, struct writer *out)
{
    if (lexeme == LEXEME_QUOTED && decode)
        imf_unquote(taken, out);
    else if (lexeme == LEXEME_QUOTED || lexeme == LEXEME_LITERAL)
        put_unfolded(taken, out);
    else
        writer_put(out, taken);
}

/* Reads `text`, a part of an address, as the address was read. */
static struct lexer lexer_of_text(struct imf_address_list *list, struct slice text,
                                  const uint8_t *open_from)
{
    imf_address_begin(text, list);
    if (open_from != NULL && text.len > 0)
        list->open_from = open_from > text.ptr ? (size_t)(open_from - text.ptr) : 0;
    return lexer_of(list, 0, text.len);
}

/* `decode`: quoted strings as what they stand for. */
static void put_part(struct slice part, bool decode, struct writer *out)
{
    struct imf_address_list list;
    struct lexer l = lexer_of_text(&list, part, NULL);
    bool gap = false, joins = true; /* joins: nothing, or a dot, was written last */
    l.after_at = true;
    for (enum lexeme lexeme; (lexeme = lexer_next(&l)) != LEXEME_END;) {
        struct slice taken = lexer_taken(&l);
        if (lexeme_is_gap(lexeme)) {
            gap = true;
            continue;
        }
        bool joint = lexeme == LEXEME_OCTET &&
                     (taken.ptr[0] == '.' || taken.ptr[0] == ',' || taken.ptr[0] == '@');
        if (gap && !joins && !joint)
            writer_put_octet(out, ' ');
        put_lexeme(lexeme, taken, decode, out);
        joins = joint;
        gap = false;
    }
}

void imf_address_write_part(struct slice part, struct writer *out)
{
    put_part(part, false, out);
}

void imf_address_write_unquoted(struct slice local_part, struct writer *out)
{
    put_part(local_part, true, out);
}

void imf_address_write_addr_spec(const struct imf_address *address, struct writer *out)
{
    imf_address_write_part(address->local_part, out);
    if (address->domain.len > 0) {
        writer_put_octet(out, '@');
        imf_address_write_part(address->domain, out);
    }
}

void imf_address_write_comments(const struct imf_address *address, struct writer *out)
{
    struct imf_address_list list;
    struct lexer l = lexer_of_text(&list, address->raw, address->open_from);
    bool any = false;
    for (enum lexeme lexeme; (lexeme = lexer_next(&l)) != LEXEME_END;) {
        struct slice taken = lexer_taken(&l);
        if (lexeme != LEXEME_GAP_COMMENT)
            continue;
        if (any)
            writer_put_octet(out, ' ');
        imf_unescape(slice_sub(taken, 1, taken.len - 1), out);
        any = true;
    }
}

void imf_address_write_name(const struct imf_address *address, struct writer *out)
{
    struct imf_address_list list;
    struct lexer l = lexer_of_text(&list, address->display_name, address->open_from);
    bool gap = false;
    if (address->display_name.len == 0)
        imf_address_write_comments(address, out);
    for (enum lexeme lexeme; (lexeme = lexer_next(&l)) != LEXEME_END;) {
        if (gap && !lexeme_is_gap(lexeme))
            writer_put_octet(out, ' ');
        gap = lexeme_is_gap(lexeme);
        if (!gap)
            put_lexeme(lexeme, lexer_taken(&l), true, out);
    }
}

static size_t count_encoded_words(struct slice phrase)
{
    struct imf_encoded_text text;
    size_t words = 0;
    imf_encoded_text_begin(phrase, IMF_ENCODED_IN_PHRASE, &text);
    for (struct imf_encoded_piece piece; imf_encoded_text_next(&text, &piece);)
        words += piece.encoding != IMF_ENCODING_NONE;
    return words;
}

/* More words are in the name than between its quoted strings. */
bool imf_address_quotes_encoded_word(const struct imf_address *address, struct slice name)
{
    struct imf_address_list list;
    struct slice phrase = address->display_name;
    struct lexer l = lexer_of_text(&list, phrase, address->open_from);
    size_t words = 0, from = 0;
    bool quotes = false;
    for (enum lexeme lexeme; (lexeme = lexer_next(&l)) != LEXEME_END;) {
        if (lexeme != LEXEME_QUOTED && lexeme != LEXEME_GAP_COMMENT)
            continue;
        quotes = quotes || lexeme == LEXEME_QUOTED;
        words += count_encoded_words(slice_sub(phrase, from, l.from));
        from = l.at;
    }
    return quotes &&
           count_encoded_words(name) > words + count_encoded_words(slice_from(phrase, from));
}

/* ---- canonical form ---- */

/* Puts `before` and `after` around what was written from `from` on, and backslashes before the
 * octets in there that need one. */
static void enclose(struct writer *out, size_t from, uint8_t before, uint8_t after,
                    bool (*needs_backslash)(uint8_t octet))
{
    size_t more = 2;
    for (size_t i = from; i < out->len; i++)
        more += needs_backslash(out->ptr[i]);
    if (out->overflow || more > out->capacity - out->len) {
        out->overflow = true;
        return;
    }
    size_t to = out->len + more;
    out->ptr[--to] = after;
    for (size_t i = out->len; i > from; i--) {
        uint8_t octet = out->ptr[i - 1];
        out->ptr[--to] = octet;
        if (needs_backslash(octet))
            out->ptr[--to] = '\\';
    }
    out->ptr[--to] = before;
    out->len += more;
}

static bool in_quotes(uint8_t octet)
{
    return octet == '"' || octet == '\\' || octet == '\r' || octet == '\n';
}

/* So that what stands alone between quotes is not read as an address. */
static bool in_lone_quotes(uint8_t octet)
{
    return in_quotes(octet) || octet == '@';
}

static bool in_parentheses(uint8_t octet)
{
    return octet == '(' || octet == ')' || octet == '\\' || octet == '\r' || octet == '\n';
}

static void quote(struct writer *out, size_t from)
{
    enclose(out, from, '"', '"', in_quotes);
}

/* Whether text is 1*atext, with a single space between two where `spaces`. */
static bool is_atoms(struct slice text, bool spaces)
{
    bool after_atext = false;
    for (size_t i = 0; i < text.len; i++) {
        bool atext = octet_is(text.ptr[i], OCTET_ATEXT | OCTET_EIGHT_BIT);
        if (!atext && !(spaces && text.ptr[i] == ' ' && after_atext))
            return false;
        after_atext = atext;
    }
    return after_atext;
}

static struct slice written(const struct writer *out, size_t from)
{
    return slice_of(out->ptr + from, out->len - from);
}

/* One word of a phrase: what stands between two gaps, decoded; ends it with quotes if it must. */
static void end_word(struct writer *out, size_t from)
{
    if (!out->overflow && !is_atoms(written(out, from), false))
        quote(out, from);
}

/* The display name: phrase = 1*word; returns how many. */
static size_t put_phrase(const struct imf_address *address, struct writer *out)
{
    struct imf_address_list list;
    struct lexer l = lexer_of_text(&list, address->display_name, address->open_from);
    size_t words = 0, from = out->len;
    bool in_word = false;
    for (enum lexeme lexeme; (lexeme = lexer_next(&l)) != LEXEME_END;) {
        if (lexeme_is_gap(lexeme)) {
            if (in_word)
                end_word(out, from);
            in_word = false;
            continue;
        }
        if (!in_word) {
            if (words++ > 0)
                writer_put_octet(out, ' ');
            from = out->len;
        }
        in_word = true;
        put_lexeme(lexeme, lexer_taken(&l), true, out);
    }
    if (in_word)
        end_word(out, from);
    return words;
}

/* The display name, or the comments that stand for it; says whether there is one. */
static bool put_name(const struct imf_address *address, struct writer *out)
{
    size_t from = out->len;
    if (address->display_name.len > 0) {
        put_phrase(address, out);
        return true;
    }
    imf_address_write_comments(address, out);
    if (out->len == from || out->overflow)
        return false;
    if (!is_atoms(written(out, from), true))
        quote(out, from);
    return true;
}

/* Words without an address: alone, one word would be one. */
static void put_name_alone(const struct imf_address *address, struct writer *out)
{
    size_t from = out->len;
    if (put_phrase(address, out) != 1 || out->overflow)
        return;
    out->len = from;
    imf_address_write_name(address, out);
    enclose(out, from, '"', '"', in_lone_quotes);
}

/* A local part that is none is one in quotes. */
static void put_local_part(const struct imf_address *address, struct writer *out)
{
    size_t from = out->len;
    struct imf_address words = {.display_name = address->local_part,
                                .open_from = address->open_from};
    if ((address->quirks & IMF_QUIRK_INVALID_LOCAL_PART) == 0) {
        imf_address_write_part(address->local_part, out);
        return;
    }
    imf_address_write_name(&words, out);
    quote(out, from);
}

static void put_mailbox(const struct imf_address *address, struct writer *out)
{
    const uint64_t needs_angle =
        IMF_QUIRK_INVALID_DOMAIN | IMF_QUIRK_NO_LOCAL_PART | IMF_QUIRK_NULL_ADDRESS;
    bool nothing = address->local_part.len == 0 && address->domain.len == 0 &&
                   address->route.len == 0 && !address->bracketed;
    if (nothing && address->display_name.len > 0) {
        put_name_alone(address, out);
        return;
    }
    bool named = put_name(address, out);
    bool quoted = (address->quirks & IMF_QUIRK_INVALID_LOCAL_PART) != 0 ||
                  (address->local_part.len > 0 && address->local_part.ptr[0] == '"');
    bool angle = named || address->route.len > 0 || (address->quirks & needs_angle) != 0 ||
                 (quoted && address->domain.len == 0);
    if (named)
        writer_put_octet(out, ' ');
    if (angle)
        writer_put_octet(out, '<');
    if (address->route.len > 0) {
        imf_address_write_part(address->route, out);
        writer_put_octet(out, ':');
    }
    put_local_part(address, out);
    if (address->domain.len > 0) {
        writer_put_octet(out, '@');
        imf_address_write_part(address->domain, out);
    }
    if (angle)
        writer_put_octet(out, '>');
}

void imf_address_write(const struct imf_address *address, struct writer *out)
{
    size_t from = out->len;
    switch (address->kind) {
    case IMF_ADDRESS_MAILBOX:
        put_mailbox(address, out);
        break;
    case IMF_ADDRESS_GROUP:
        put_name(address, out);
        writer_put_octet(out, ':');
        break;
    case IMF_ADDRESS_GROUP_END:
        writer_put_octet(out, ';');
        break;
    case IMF_ADDRESS_COMMENT:
        imf_address_write_comments(address, out);
        enclose(out, from, '(', ')', in_parentheses);
        break;
    }
}
