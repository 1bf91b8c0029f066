#include "imf/encoded_word.h"

#include "base/octet.h"
#include "base/quirk.h"
#include "base/utf8.h"
#include "imf/quirk.h"

#define SPACE            (OCTET_WSP | OCTET_CR | OCTET_LF)
#define LINE_OCTETS      76 /* RFC 2047 2: of a line with encoded words */
#define CHARSET_OCTETS   40 /* written */
#define DELIMITER_OCTETS 7  /* "=?" "?" "Q" "?" "?=" */
#define NOT_SOUGHT       SIZE_MAX

/* token = 1*<any CHAR except SPACE, CTLs, and especials>            ; RFC 2047 2 */
static bool is_token_octet(uint8_t octet)
{
    static const struct slice especials = SLICE_INIT("()<>@,;:\"/[]?.=");
    return octet_is(octet, OCTET_GRAPHIC) && slice_find(especials, octet) == especials.len;
}

static bool is_token(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_token_octet(text.ptr[i]))
            return false;
    return text.len > 0;
}

static bool is_space(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!octet_is(text.ptr[i], SPACE))
            return false;
    return true;
}

/* Offset of the first "=?" (or "?=") at or behind `from`; in.len where there is none. */
static size_t find_pair(struct slice in, size_t from, uint8_t first, uint8_t second)
{
    for (;;) {
        from += slice_find(slice_from(in, from), first);
        if (from + 1 >= in.len)
            return in.len;
        if (in.ptr[from + 1] == second)
            return from;
        from++;
    }
}

/* The same for the "?=" that ends a word; it is remembered, so that each is looked for once. */
static size_t find_end(struct imf_encoded_text *text, size_t from)
{
    if (text->end_seen == NOT_SOUGHT || text->end_seen < from)
        text->end_seen = find_pair(text->in, from, '?', '=');
    return text->end_seen;
}

/*
 * "=?" charset [ "*" language ] "?" encoding "?" : returns its octets, or 0 where this is no
 * encoded word. Charset and encoding are any run of graphic octets but "?", so that a name which
 * is no token, and a letter that is no encoding, are read.
 */
static size_t read_prefix(struct slice in, size_t at, struct imf_encoded_piece *piece)
{
    size_t from = at + 2, to = from, encoding;
    while (to < in.len && in.ptr[to] != '?' && in.ptr[to] != '=' &&
           octet_is(in.ptr[to], OCTET_GRAPHIC | OCTET_EIGHT_BIT))
        to++;
    for (encoding = to + 1;
         encoding < in.len && octet_is(in.ptr[encoding], OCTET_ALPHA | OCTET_DIGIT);)
        encoding++;
    if (to >= in.len || in.ptr[to] != '?' || encoding >= in.len || in.ptr[encoding] != '?' ||
        encoding == to + 1)
        return 0;

    struct slice name = slice_sub(in, from, to), letter = slice_sub(in, to + 1, encoding);
    size_t star = slice_find(name, '*');
    piece->charset = slice_sub(name, 0, star);
    piece->language = slice_from(name, star < name.len ? star + 1 : star);
    piece->encoding = slice_equal_nocase(letter, SLICE("B"))   ? IMF_ENCODING_B
                      : slice_equal_nocase(letter, SLICE("Q")) ? IMF_ENCODING_Q
                                                               : IMF_ENCODING_UNKNOWN;
    piece->quirks = piece->encoding == IMF_ENCODING_UNKNOWN ? IMF_QUIRK_UNKNOWN_ENCODING : 0;
    if (!is_token(piece->charset) || (star < name.len && !is_token(piece->language)))
        piece->quirks |= IMF_QUIRK_INVALID_CHARSET;
    return encoding + 1 - at;
}

/* Where "=XX" stands at `at`, its octet; else -1. */
static int hex_pair(struct slice text, size_t at)
{
    if (text.ptr[at] != '=' || text.len - at < 3)
        return -1;
    int high = octet_hex_value(text.ptr[at + 1]), low = octet_hex_value(text.ptr[at + 2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static int base64_digit(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z'   ? octet - 'A'
           : octet >= 'a' && octet <= 'z' ? octet - 'a' + 26
           : octet >= '0' && octet <= '9' ? octet - '0' + 52
           : octet == '+'                 ? 62
           : octet == '/'                 ? 63
                                          : -1;
}

/* RFC 2047 5: what each context takes out of the octets of Q. */
static bool is_allowed_in(uint8_t octet, enum imf_encoded_context context)
{
    static const struct slice of_phrase = SLICE_INIT("!*+-/=_"),
                              not_of_comment = SLICE_INIT("()\"");
    if (context == IMF_ENCODED_IN_PHRASE)
        return octet_is(octet, OCTET_ALPHA | OCTET_DIGIT) ||
               slice_find(of_phrase, octet) < of_phrase.len;
    return octet_is(octet, OCTET_GRAPHIC) && octet != '?' &&
           (context == IMF_ENCODED_IN_TEXT ||
            slice_find(not_of_comment, octet) == not_of_comment.len);
}

static bool is_q(struct slice text, enum imf_encoded_context context)
{
    for (size_t i = 0; i < text.len; i++)
        if (octet_is(text.ptr[i], SPACE))
            continue; /* a quirk of its own */
        else if (!is_allowed_in(text.ptr[i], context) ||
                 (text.ptr[i] == '=' && hex_pair(text, i) < 0))
            return false;
    return true;
}

/* Whole quanta of four, the last one padded, its bits beyond the last octet 0; RFC 2045 6.8. */
static bool is_base64(struct slice text)
{
    size_t digits = 0, pads = 0;
    unsigned last = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = base64_digit(text.ptr[i]);
        if (octet_is(text.ptr[i], SPACE))
            continue;
        if (digit < 0 ? text.ptr[i] != '=' : pads > 0)
            return false;
        digits += digit >= 0;
        pads += digit < 0;
        last = digit < 0 ? last : (unsigned)digit;
    }
    unsigned unused = pads == 1 ? 3 : pads == 2 ? 15 : 0;
    return pads <= 2 && (digits + pads) % 4 == 0 && (pads == 0 || digits % 4 == 4 - pads) &&
           (last & unused) == 0;
}

static uint64_t quirks_of_encoded(const struct imf_encoded_piece *piece,
                                  enum imf_encoded_context context)
{
    struct slice text = piece->text;
    bool valid = piece->encoding == IMF_ENCODING_B   ? is_base64(text)
                 : piece->encoding == IMF_ENCODING_Q ? is_q(text, context)
                                                     : true;
    uint64_t quirks = valid ? 0 : IMF_QUIRK_INVALID_ENCODING;
    for (size_t i = 0; i < text.len; i++)
        quirks |= octet_is(text.ptr[i], SPACE) ? IMF_QUIRK_SPACE_IN_ENCODED : 0;
    return quirks | (text.len == 0 ? IMF_QUIRK_EMPTY_ENCODED_WORD : 0) |
           (piece->raw.len > IMF_ENCODED_WORD_MAX_OCTETS ? IMF_QUIRK_LONG_ENCODED_WORD : 0);
}

/* RFC 2047 5: white space on both sides, or the text's end; in a comment its parentheses also. */
static bool is_separated(struct slice in, size_t from, size_t to, enum imf_encoded_context context)
{
    bool parentheses = context != IMF_ENCODED_IN_TEXT;
    bool before =
        from == 0 || octet_is(in.ptr[from - 1], SPACE) || (parentheses && in.ptr[from - 1] == '(');
    bool behind = to == in.len || octet_is(in.ptr[to], SPACE) || (parentheses && in.ptr[to] == ')');
    return before && behind;
}

enum found { NO_WORD, WORD, UNCLOSED };

/* Whether another word begins behind white space in in[from, to). */
static bool begins_within(struct slice in, size_t from, size_t to, size_t *ret_at)
{
    struct imf_encoded_piece ignored;
    struct slice part = slice_sub(in, 0, to);
    while (from < to && !octet_is(in.ptr[from], SPACE))
        from++;
    while ((from = find_pair(part, from, '=', '?')) < to) {
        if (read_prefix(in, from, &ignored) > 0) {
            *ret_at = from;
            return true;
        }
        from += 2;
    }
    return false;
}

/*
 * Reads the word at `at`, where "=?" stands. It is UNCLOSED where no "?=" follows, or where another
 * word begins before it: *ret_next is then where to go on, so that no octet is read twice.
 */
static enum found read_word(struct imf_encoded_text *text, size_t at,
                            struct imf_encoded_piece *ret_piece, size_t *ret_next)
{
    struct imf_encoded_piece piece = {.encoding = IMF_ENCODING_NONE};
    size_t prefix = read_prefix(text->in, at, &piece);
    *ret_next = at + 2;
    if (prefix == 0)
        return NO_WORD;
    size_t from = at + prefix, end = find_end(text, from);
    if (end == text->in.len) {
        *ret_next = end;
        return UNCLOSED;
    }
    if (begins_within(text->in, from, end, ret_next))
        return UNCLOSED;
    piece.text = slice_sub(text->in, from, end);
    piece.raw = slice_sub(text->in, at, end + 2);
    piece.quirks |= quirks_of_encoded(&piece, text->context) | imf_quirks_of_octets(piece.raw);
    if (!is_separated(text->in, at, end + 2, text->context))
        piece.quirks |= IMF_QUIRK_GLUED_ENCODED_WORD;
    *ret_piece = piece;
    return WORD;
}

void imf_encoded_text_begin(struct slice in, enum imf_encoded_context context,
                            struct imf_encoded_text *ret_text)
{
    *ret_text = (struct imf_encoded_text){.in = in, .context = context, .end_seen = NOT_SOUGHT};
}

static bool give_ahead(struct imf_encoded_text *text, struct imf_encoded_piece *ret_piece)
{
    *ret_piece = text->ahead;
    text->at += text->ahead.raw.len;
    text->ahead = (struct imf_encoded_piece){.encoding = IMF_ENCODING_NONE};
    text->after_word = true;
    return true;
}

bool imf_encoded_text_next(struct imf_encoded_text *text, struct imf_encoded_piece *ret_piece)
{
    if (text->ahead.raw.len > 0)
        return give_ahead(text, ret_piece);
    size_t from = text->at, at = from;
    uint64_t quirks = 0;
    while ((at = find_pair(text->in, at, '=', '?')) < text->in.len) {
        size_t next;
        enum found found = read_word(text, at, &text->ahead, &next);
        if (found == WORD)
            break;
        quirks |= found == UNCLOSED ? IMF_QUIRK_UNCLOSED_ENCODED_WORD : 0;
        at = next;
    }
    struct slice plain = slice_sub(text->in, from, at);
    text->at = at;
    if (text->ahead.raw.len > 0 && (plain.len == 0 || (text->after_word && is_space(plain)))) {
        text->ahead.space = plain;
        return give_ahead(text, ret_piece);
    }
    text->after_word = false;
    if (plain.len > 0)
        *ret_piece = (struct imf_encoded_piece){.raw = plain,
                                                .quirks = quirks | imf_quirks_of_octets(plain)};
    return plain.len > 0;
}

/* ---- decoding ---- */

/* "_" is SP, "=XX" an octet; a "=" without two digits stands for itself. */
static void decode_q(struct slice text, struct writer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        int octet = hex_pair(text, i);
        if (octet >= 0) {
            writer_put_octet(out, (uint8_t)octet);
            i += 2;
        } else if (!octet_is(text.ptr[i], OCTET_CR | OCTET_LF)) {
            writer_put_octet(out, text.ptr[i] == '_' ? ' ' : text.ptr[i]);
        }
    }
}

/* Octets that are no digits are passed over, and padding begins a new quantum. */
static void decode_base64(struct slice text, struct writer *out)
{
    unsigned bits = 0, count = 0; /* not yet written */
    for (size_t i = 0; i < text.len; i++) {
        int digit = base64_digit(text.ptr[i]);
        if (text.ptr[i] == '=')
            count = 0;
        if (digit < 0)
            continue;
        bits = (bits << 6 | (unsigned)digit) & 0xFFFF;
        count += 6;
        if (count >= 8) {
            count -= 8;
            writer_put_octet(out, (uint8_t)(bits >> count));
        }
    }
}

void imf_encoded_word_decode(const struct imf_encoded_piece *piece, struct writer *out)
{
    if (piece->encoding == IMF_ENCODING_B)
        decode_base64(piece->text, out);
    else if (piece->encoding == IMF_ENCODING_Q)
        decode_q(piece->text, out);
    else
        writer_put(out, piece->raw);
}

/* ---- writing ---- */

bool imf_encoded_word_needed(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != ' ' && !octet_is(text.ptr[i], OCTET_GRAPHIC))
            return true;
    return slice_trim(text).len < text.len || find_pair(text, 0, '=', '?') < text.len;
}

/* Octets of Q that one octet takes: what a phrase allows for itself, and "_" for SP. */
static size_t q_octets(uint8_t octet)
{
    bool plain = octet != '=' && octet != '_' && is_allowed_in(octet, IMF_ENCODED_IN_PHRASE);
    return plain || octet == ' ' ? 1 : 3;
}

static void write_q(struct slice text, struct writer *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.ptr[i];
        if (q_octets(octet) == 1) {
            writer_put_octet(out, octet == ' ' ? '_' : octet);
            continue;
        }
        writer_put_octet(out, '=');
        writer_put_octet(out, (uint8_t)digits[octet >> 4]);
        writer_put_octet(out, (uint8_t)digits[octet & 15]);
    }
}

static void write_base64(struct slice text, struct writer *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < text.len; i += 3) {
        size_t left = text.len - i;
        uint32_t bits = (uint32_t)text.ptr[i] << 16;
        bits |= left > 1 ? (uint32_t)text.ptr[i + 1] << 8 : 0;
        bits |= left > 2 ? text.ptr[i + 2] : 0;
        writer_put_octet(out, (uint8_t)digits[bits >> 18]);
        writer_put_octet(out, (uint8_t)digits[bits >> 12 & 63]);
        writer_put_octet(out, left > 1 ? (uint8_t)digits[bits >> 6 & 63] : '=');
        writer_put_octet(out, left > 2 ? (uint8_t)digits[bits & 63] : '=');
    }
}

/* What the words of one text have in common. */
struct style {
    struct slice charset;
    bool q;
    bool utf8;
};

static size_t encoded_octets(const struct style *style, struct slice text)
{
    size_t octets = 0;
    if (!style->q)
        return (text.len + 2) / 3 * 4;
    for (size_t i = 0; i < text.len; i++)
        octets += q_octets(text.ptr[i]);
    return octets;
}

/* How many octets of `text` one word of at most `room` encoded octets takes: whole characters. */
static size_t octets_for(const struct style *style, struct slice text, size_t room)
{
    size_t taken = 0, used = 0; /* of Q */
    while (taken < text.len) {
        struct slice rest = slice_from(text, taken);
        size_t sequence = style->utf8 ? base_utf8_sequence(rest) : 1;
        size_t step = sequence == 0 ? 1 : sequence;
        used += style->q ? encoded_octets(style, slice_sub(rest, 0, step)) : 0;
        if ((style->q ? used : encoded_octets(style, slice_sub(text, 0, taken + step))) > room)
            break;
        taken += step;
    }
    return taken;
}

static void write_word(const struct style *style, struct slice text, struct writer *out)
{
    writer_put(out, SLICE("=?"));
    writer_put(out, style->charset);
    writer_put(out, style->q ? SLICE("?Q?") : SLICE("?B?"));
    (style->q ? write_q : write_base64)(text, out);
    writer_put(out, SLICE("?="));
}

bool imf_encoded_word_write(struct slice text, struct slice charset, size_t column,
                            struct writer *out)
{
    if (!is_token(charset) || slice_find(charset, '*') < charset.len ||
        charset.len > CHARSET_OCTETS)
        return false;
    struct style style = {.charset = charset, .q = true};
    style.utf8 = slice_equal_nocase(charset, SLICE("UTF-8"));
    style.q = encoded_octets(&style, text) <= (text.len + 2) / 3 * 4;
    size_t overhead = DELIMITER_OCTETS + charset.len;
    for (bool first = true; text.len > 0; first = false) {
        size_t line = first ? column : LINE_OCTETS, taken = 0;
        if (line + overhead < LINE_OCTETS) {
            size_t room = LINE_OCTETS - line - overhead,
                   most = IMF_ENCODED_WORD_MAX_OCTETS - overhead;
            taken = octets_for(&style, text, room < most ? room : most);
        }
        if (taken == 0) {
            writer_put(out, SLICE("\r\n "));
            taken = octets_for(&style, text, LINE_OCTETS - 1 - overhead);
        }
        write_word(&style, slice_sub(text, 0, taken), out);
        text = slice_from(text, taken);
    }
    return true;
}
