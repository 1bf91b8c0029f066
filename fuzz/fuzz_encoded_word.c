/* Laws of encoded words. The last octet chooses the context, and where the text begins on a line.
 */
#include "base/utf8.h"
#include "custom.h"
#include "fuzz.h"
#include "grammar.h"
#include "imf/encoded_word.h"
#include "imf/quirk.h"

#include <ctype.h>

/* Reads all pieces and returns what they decode to, in room for in.len octets. */
static struct writer decode(struct slice in, enum imf_encoded_context context, uint64_t *quirks)
{
    struct writer out = fuzz_writer(in.len);
    struct imf_encoded_text text;
    size_t at = 0, steps = 0;
    *quirks = 0;
    imf_encoded_text_begin(in, context, &text);
    for (struct imf_encoded_piece piece; imf_encoded_text_next(&text, &piece); steps++) {
        bool word = piece.encoding != IMF_ENCODING_NONE;
        FUZZ_LAW(piece.raw.len > 0 && steps <= in.len, "each piece has octets");
        FUZZ_LAW(piece.space.len == 0 || (word && piece.space.ptr == in.ptr + at),
                 "only before a word white space is left out");
        at += piece.space.len;
        FUZZ_LAW(piece.raw.ptr == in.ptr + at, "the pieces are the input");
        at += piece.raw.len;
        FUZZ_LAW(fuzz_inside(piece.charset, piece.raw) && fuzz_inside(piece.language, piece.raw) &&
                     fuzz_inside(piece.text, piece.raw),
                 "the parts of a word lie in it");
        FUZZ_LAW(word || (piece.charset.len == 0 && piece.text.len == 0), "plain text has none");
        size_t before = out.len;
        imf_encoded_word_decode(&piece, &out);
        FUZZ_LAW(!out.overflow && out.len - before <= piece.raw.len,
                 "a piece decodes to no more octets than it has");
        *quirks |= piece.quirks;
    }
    FUZZ_LAW(at == in.len, "the pieces are the whole input");
    return out;
}

static void walk(struct slice in, enum imf_encoded_context context)
{
    struct imf_encoded_text text;
    struct imf_encoded_piece piece;
    imf_encoded_text_begin(in, context, &text);
    while (imf_encoded_text_next(&text, &piece))
        ;
}

static void check_read(struct slice in)
{
    struct slice copy = fuzz_copy(in);
    uint64_t quirks, again;
    for (int context = IMF_ENCODED_IN_TEXT; context <= IMF_ENCODED_IN_PHRASE; context++) {
        struct writer first = decode(copy, (enum imf_encoded_context)context, &quirks);
        struct writer second = decode(copy, (enum imf_encoded_context)context, &again);
        FUZZ_LINEAR(in.len, walk(copy, (enum imf_encoded_context)context));
        FUZZ_LAW(slice_equal(writer_slice(&first), writer_slice(&second)) && quirks == again,
                 "the same input reads the same");
        fuzz_free_writer(&first);
        fuzz_free_writer(&second);
    }
    fuzz_free(copy);
}

/* ---- the model: a text of ASCII words and single spaces, each looked up in the grammar ---- */

static unsigned base64_bits(uint8_t octet)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return (unsigned)((const char *)memchr(alphabet, octet, 64) - alphabet);
}

/* The octets of an encoded word that has the grammar. */
static void put_word(struct slice word, struct writer *out)
{
    size_t at = 2 + slice_find(slice_from(word, 2), '?') + 1;
    bool q = slice_upper(word.ptr[at]) == 'Q';
    struct slice text = slice_sub(word, at + 2, word.len - 2);
    unsigned bits = 0, count = 0;
    for (size_t i = 0; i < text.len && (q || text.ptr[i] != '='); i++) {
        uint8_t octet = text.ptr[i];
        if (!q) {
            bits = (bits << 6 | base64_bits(octet)) & 0xfff;
            count += 6;
            if (count < 8)
                continue;
            count -= 8;
            octet = (uint8_t)(bits >> count);
        } else if (octet == '=') {
            unsigned high = text.ptr[i + 1], low = text.ptr[i + 2];
            high = high <= '9' ? high - 48 : (high | 32) - 87;
            low = low <= '9' ? low - 48 : (low | 32) - 87;
            octet = (uint8_t)(16 * high + low);
            i += 2;
        } else if (octet == '_') {
            octet = ' ';
        }
        writer_put_octet(out, octet);
    }
}

static void check_model(struct slice in)
{
    if (!grammar_takes(in))
        return;
    struct writer expected = fuzz_writer(in.len);
    bool plain = true, after_word = false, any = false;
    for (size_t at = 0; plain && at < in.len;) {
        struct slice word = slice_sub(in, at, at + slice_find(slice_from(in, at), ' '));
        bool encoded = word.len <= 75 && grammar_has("encoded-word", word);
        for (size_t i = 0; i < word.len; i++)
            plain = plain && word.ptr[i] > 32 && word.ptr[i] < 127 &&
                    (encoded || !slice_starts(slice_from(word, i), SLICE("=?")));
        plain = plain && word.len > 0;
        if (at > 0 && !(after_word && encoded))
            writer_put_octet(&expected, ' ');
        if (encoded && plain)
            put_word(word, &expected);
        else
            writer_put(&expected, word);
        after_word = encoded;
        any = any || encoded;
        at += word.len + 1;
    }
    if (plain && any && in.ptr[in.len - 1] != ' ') {
        uint64_t quirks;
        struct writer back = decode(in, IMF_ENCODED_IN_TEXT, &quirks);
        FUZZ_LAW(quirks == 0, "words of the grammar have no quirks");
        FUZZ_LAW(slice_equal(writer_slice(&back), writer_slice(&expected)),
                 "words of the grammar are what they encode");
        fuzz_free_writer(&back);
    }
    fuzz_free_writer(&expected);
}

/* RFC 2047 5 (2), (3): what Q may not hold in a comment, and what alone it may in a phrase. */
static bool is_q_of(struct slice text, enum imf_encoded_context context)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.ptr[i];
        bool alnum = (octet >= '0' && octet <= '9') || ((octet | 32) >= 'a' && (octet | 32) <= 'z');
        bool space = octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
        bool in_phrase = alnum || space || (octet != 0 && strchr("!*+-/=_", octet) != NULL);
        bool in_comment = octet != '(' && octet != ')' && octet != '"';
        if (context == IMF_ENCODED_IN_PHRASE    ? !in_phrase
            : context == IMF_ENCODED_IN_COMMENT ? !in_comment
                                                : false)
            return false;
    }
    return true;
}

/* RFC 2047 5: white space or an end is on both sides; in a comment or a phrase a parenthesis. */
static bool is_glued(struct slice in, struct slice word, enum imf_encoded_context context)
{
    size_t from = (size_t)(word.ptr - in.ptr), to = from + word.len;
    const char *before = context == IMF_ENCODED_IN_TEXT ? " \t\r\n" : " \t\r\n(";
    const char *behind = context == IMF_ENCODED_IN_TEXT ? " \t\r\n" : " \t\r\n)";
    return (from > 0 && (in.ptr[from - 1] == 0 || strchr(before, in.ptr[from - 1]) == NULL)) ||
           (to < in.len && (in.ptr[to] == 0 || strchr(behind, in.ptr[to]) == NULL));
}

static bool is_blank(uint8_t octet)
{
    return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

/* "=?" charset [ "*" language ] "?" encoding "?" text "?=" */
static void check_shape(const struct imf_encoded_piece *piece)
{
    struct slice raw = piece->raw, rest = slice_from(raw, 2);
    size_t second = slice_find(rest, '?'), star = slice_find(slice_sub(rest, 0, second), '*');
    struct slice name = slice_sub(rest, 0, second), letter = slice_from(rest, second + 1);
    letter = slice_sub(letter, 0, slice_find(letter, '?'));
    for (size_t i = 0; i < letter.len; i++)
        FUZZ_LAW(isalnum(letter.ptr[i]), "an encoding is of letters and digits");
    FUZZ_LAW(slice_equal(piece->charset, slice_sub(name, 0, star)) &&
                 piece->language.len == (star < name.len ? name.len - star - 1 : 0),
             "a language stands behind the charset");
    enum imf_encoding encoding = slice_equal_nocase(letter, SLICE("B"))   ? IMF_ENCODING_B
                                 : slice_equal_nocase(letter, SLICE("Q")) ? IMF_ENCODING_Q
                                                                          : IMF_ENCODING_UNKNOWN;
    FUZZ_LAW(letter.len > 0 && encoding == piece->encoding, "an encoding is its letter");
    FUZZ_LAW(piece->text.ptr == letter.ptr + letter.len + 1 &&
                 piece->text.ptr + piece->text.len + 2 == raw.ptr + raw.len,
             "the text is what stands between");
    for (size_t i = 0; i < piece->space.len; i++)
        FUZZ_LAW(is_blank(piece->space.ptr[i]), "what is left out between words is white space");
}

/* The quirks of a word that its octets tell. */
static void check_word(const struct imf_encoded_piece *piece)
{
    bool space = false;
    check_shape(piece);
    for (size_t i = 0; i < piece->text.len; i++)
        space = space || is_blank(piece->text.ptr[i]);
    FUZZ_LAW((piece->raw.len > 75) == ((piece->quirks & IMF_QUIRK_LONG_ENCODED_WORD) != 0),
             "a word of more than 75 octets is named");
    FUZZ_LAW((piece->text.len == 0) == ((piece->quirks & IMF_QUIRK_EMPTY_ENCODED_WORD) != 0),
             "a word without text is named");
    FUZZ_LAW(space == ((piece->quirks & IMF_QUIRK_SPACE_IN_ENCODED) != 0),
             "white space in a word is named");
    FUZZ_LAW((piece->encoding == IMF_ENCODING_UNKNOWN) ==
                 ((piece->quirks & IMF_QUIRK_UNKNOWN_ENCODING) != 0),
             "an encoding other than B and Q is named");
    FUZZ_LAW(piece->quirks != 0 || grammar_has("encoded-word", piece->raw),
             "a word without quirks is one of the grammar");
}

/* A word without a quirk is one of the grammar: "words of the grammar have none" is the other half.
 * In a comment and in a phrase the same words stand, of which fewer are right. */
static void check_quirks(struct slice in)
{
    struct imf_encoded_text text, others[2];
    struct imf_encoded_piece piece, other;
    imf_encoded_text_begin(in, IMF_ENCODED_IN_TEXT, &text);
    imf_encoded_text_begin(in, IMF_ENCODED_IN_COMMENT, &others[0]);
    imf_encoded_text_begin(in, IMF_ENCODED_IN_PHRASE, &others[1]);
    while (imf_encoded_text_next(&text, &piece)) {
        bool word = piece.encoding != IMF_ENCODING_NONE;
        if (word)
            check_word(&piece);
        for (size_t i = 0; i < 2; i++) {
            FUZZ_LAW(imf_encoded_text_next(&others[i], &other) && other.raw.ptr == piece.raw.ptr &&
                         other.raw.len == piece.raw.len && other.encoding == piece.encoding,
                     "the same words stand in each context");
            bool wrong =
                word && piece.encoding == IMF_ENCODING_Q && !is_q_of(piece.text, others[i].context);
            uint64_t expected = piece.quirks | (wrong ? IMF_QUIRK_INVALID_ENCODING : 0);
            bool glued = word && is_glued(in, piece.raw, others[i].context);
            expected &= ~IMF_QUIRK_GLUED_ENCODED_WORD;
            expected |= glued ? IMF_QUIRK_GLUED_ENCODED_WORD : 0;
            FUZZ_LAW(other.quirks == expected, "a context takes octets from Q, and nothing else");
        }
    }
}

/* Any octet, in each part of a word. */
static void check_octet(size_t part, uint8_t octet)
{
    static const char *const words[] = {
        "=?u%c?Q?a?=",   "=?u?%c?a?=",   "=?u?Q?a%cb?=",         "=?u?B?AA%cA?=",
        "=?u?B?AAA%c?=", "=?u?Q?=4%c?=", "=?u?Q?a?=%c=?u?Q?b?=", "=?u?Q?a?= %c =?u?Q?b?="};
    char text[32];
    int len = snprintf(text, sizeof text, words[part % (sizeof words / sizeof *words)], octet);
    struct slice in = fuzz_copy(slice_of(text, (size_t)len));
    check_model(in);
    check_quirks(in);
    fuzz_free(in);
}

static bool is_utf8(struct slice text)
{
    while (text.len > 0) {
        size_t len = base_utf8_sequence(text);
        if (len == 0)
            return false;
        text = slice_from(text, len);
    }
    return true;
}

/* RFC 2047 5: each word holds whole characters. */
static void check_characters(struct slice words)
{
    struct writer out = fuzz_writer(words.len);
    struct imf_encoded_text text;
    imf_encoded_text_begin(words, IMF_ENCODED_IN_PHRASE, &text);
    for (struct imf_encoded_piece piece; imf_encoded_text_next(&text, &piece);) {
        out.len = 0;
        imf_encoded_word_decode(&piece, &out);
        FUZZ_LAW(is_utf8(writer_slice(&out)), "no character is cut in two");
    }
    fuzz_free_writer(&out);
}

static void check_written(struct slice text, struct slice charset, size_t column)
{
    size_t most = IMF_ENCODED_WORD_WRITTEN_MAX(text.len);
    struct writer out = fuzz_writer(most);
    bool fits;
    FUZZ_LINEAR(text.len, fits = imf_encoded_word_write(text, charset, column, &out));
    FUZZ_LAW(fits && !out.overflow, "words fit their maximum");
    struct slice words = writer_slice(&out);
    if (slice_starts(words, SLICE("\r\n ")))
        words = slice_from(words, 3);
    size_t line = column;
    for (size_t i = 0; i < out.len; i++) {
        line = out.ptr[i] == '\n' ? 0 : line + (out.ptr[i] != '\r');
        FUZZ_LAW(line <= 76 || (column > 76 && slice_starts(writer_slice(&out), SLICE("\r\n"))),
                 "a line with words has 76 octets at most");
    }
    uint64_t quirks;
    struct writer back = decode(words, IMF_ENCODED_IN_PHRASE, &quirks);
    FUZZ_LAW(quirks == 0, "what is written has no quirks");
    if (slice_equal(charset, SLICE("utf-8")) && is_utf8(text))
        check_characters(words);
    FUZZ_LAW(slice_equal(writer_slice(&back), text), "what is written reads back");
    FUZZ_LAW(!imf_encoded_word_needed(text) || words.len > 0, "what needs words gets some");
    fuzz_free_writer(&back);
    fuzz_free_writer(&out);
}

/* RFC 2047 2: a charset is a token; what stands behind "*" is a language (RFC 2231 5). */
static void check_refused(struct slice text)
{
    static const struct slice charsets[] = {SLICE_INIT(""), SLICE_INIT("a b"),
                                            SLICE_INIT("utf-8*en")};
    struct writer out = writer_of(NULL, 0);
    for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++)
        FUZZ_LAW(!imf_encoded_word_write(text, charsets[i], 0, &out) && !out.overflow,
                 "of what is no charset nothing is written");
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size);
    size_t column = fuzz_knob(in, 0, 100);
    check_read(in);
    check_model(in);
    check_quirks(in);
    check_octet(fuzz_knob(in, 0, 256), (uint8_t)fuzz_knob(in, 1, 256));
    check_written(in, SLICE("utf-8"), column);
    check_written(in, SLICE("x"), column);
    check_refused(in);
    return 0;
}
