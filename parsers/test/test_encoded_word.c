#include "imf/encoded_word.h"
#include "imf/quirk.h"
#include "law.h"

#define TEXT    IMF_ENCODED_IN_TEXT
#define COMMENT IMF_ENCODED_IN_COMMENT
#define PHRASE  IMF_ENCODED_IN_PHRASE

#define BAD      IMF_QUIRK_INVALID_ENCODING
#define LONG     IMF_QUIRK_LONG_ENCODED_WORD
#define GLUED    IMF_QUIRK_GLUED_ENCODED_WORD
#define SPACED   IMF_QUIRK_SPACE_IN_ENCODED
#define UNKNOWN  IMF_QUIRK_UNKNOWN_ENCODING
#define UNCLOSED IMF_QUIRK_UNCLOSED_ENCODED_WORD
#define EMPTY    IMF_QUIRK_EMPTY_ENCODED_WORD
#define CHARSET  IMF_QUIRK_INVALID_CHARSET

#define SIXTY_TWO "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct row {
    struct slice in;
    enum imf_encoded_context context;
    uint64_t quirks;
    struct slice pieces; /* plain text as [text], words as {charset*language:decoded} */
};

#define ROW(in, context, quirks, pieces)                                                           \
    {                                                                                              \
        SLICE_INIT(in), context, quirks, SLICE_INIT(pieces)                                        \
    }

/* clang-format off */
static const struct row rows[] = {
    ROW("", TEXT, 0, ""),
    ROW("plain", TEXT, 0, "[plain]"),
    /* RFC 2047 8 */
    ROW("=?US-ASCII?Q?Keith_Moore?=", PHRASE, 0, "{US-ASCII:Keith Moore}"),
    ROW("=?ISO-8859-1?Q?Andr=E9?= Pirard", PHRASE, 0, "{ISO-8859-1:Andr\xE9}[ Pirard]"),
    ROW("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=", TEXT, 0,
        "{ISO-8859-1:If you can read this yo}{ISO-8859-2:u understand the example.}"),
    ROW("=?ISO-8859-1?Q?a?=", COMMENT, 0, "{ISO-8859-1:a}"),
    ROW("=?ISO-8859-1?Q?a?= b", COMMENT, 0, "{ISO-8859-1:a}[ b]"),
    ROW("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", COMMENT, 0, "{ISO-8859-1:a}{ISO-8859-1:b}"),
    ROW("=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", COMMENT, 0, "{ISO-8859-1:a}{ISO-8859-1:b}"),
    ROW("=?ISO-8859-1?Q?a_b?=", COMMENT, 0, "{ISO-8859-1:a b}"),
    ROW("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", COMMENT, 0, "{ISO-8859-1:a}{ISO-8859-2: b}"),
    /* RFC 2231 5 */
    ROW("=?US-ASCII*EN?Q?Keith_Moore?=", TEXT, 0, "{US-ASCII*EN:Keith Moore}"),
    /* encodings in any case, and the digits of Q too */
    ROW("=?utf-8?q?=c3=BC?=", TEXT, 0, "{utf-8:\xC3\xBC}"),
    ROW("=?utf-8?b?w7w=?=", TEXT, 0, "{utf-8:\xC3\xBC}"),
    ROW("=?x?Q?=00=3D=5F_?=", TEXT, 0, "{x:\0=_ }"),
    ROW("=?x?B?YWI=?=", TEXT, 0, "{x:ab}"),
    ROW("=?x?B?YWJj?=", TEXT, 0, "{x:abc}"),
    ROW("=?x?B?+/+/?=", TEXT, 0, "{x:\xFB\xFF\xBF}"),
    /* white space that stays, and white space that goes */
    ROW(" =?x?Q?a?= ", TEXT, 0, "[ ]{x:a}[ ]"),
    ROW("=?x?Q?a?= b =?x?Q?c?=", TEXT, 0, "{x:a}[ b ]{x:c}"),
    ROW("=?x?Q?a?= \t\r\n =?x?Q?b?=", TEXT, 0, "{x:a}{x:b}"),
    ROW("a =?x?Q?b?= =?x?Q?c?= d", TEXT, 0, "[a ]{x:b}{x:c}[ d]"),
    /* of 75 octets, and of 76 */
    ROW("=?utf-8?Q?" SIXTY_TWO "a?=", TEXT, 0, "{utf-8:" SIXTY_TWO "a}"),
    ROW("=?utf-8?Q?" SIXTY_TWO "aa?=", TEXT, LONG, "{utf-8:" SIXTY_TWO "aa}"),
    /* glued */
    ROW("a=?x?Q?b?=", TEXT, GLUED, "[a]{x:b}"),
    ROW("=?x?Q?b?=a", TEXT, GLUED, "{x:b}[a]"),
    ROW("=?x?Q?a?==?x?Q?b?=", TEXT, GLUED, "{x:a}{x:b}"),
    ROW("(=?x?Q?b?=)", TEXT, GLUED, "[(]{x:b}[)]"),
    ROW("(=?x?Q?b?=)", COMMENT, 0, "[(]{x:b}[)]"),
    ROW("(=?x?Q?b?=)", PHRASE, 0, "[(]{x:b}[)]"),
    ROW(")=?x?Q?b?= ", COMMENT, GLUED, "[)]{x:b}[ ]"),
    ROW("\"=?x?Q?b?=\"", PHRASE, GLUED, "[\"]{x:b}[\"]"),
    /* what Q has, in each context: RFC 2047 5 */
    ROW("=?x?Q?a,b?=", TEXT, 0, "{x:a,b}"),
    ROW("=?x?Q?a,b?=", COMMENT, 0, "{x:a,b}"),
    ROW("=?x?Q?a,b?=", PHRASE, BAD, "{x:a,b}"),
    ROW("=?x?Q?!*+-/=3D_?=", PHRASE, 0, "{x:!*+-/= }"),
    ROW("=?x?Q?a(b?=", TEXT, 0, "{x:a(b}"),
    ROW("=?x?Q?a(b?=", COMMENT, BAD, "{x:a(b}"),
    ROW("=?x?Q?a)b?=", COMMENT, BAD, "{x:a)b}"),
    ROW("=?x?Q?a\"b?=", COMMENT, BAD, "{x:a\"b}"),
    ROW("=?x?Q?a?b?=", TEXT, BAD, "{x:a?b}"),
    ROW("=?x?Q?a=?=", TEXT, BAD, "{x:a=}"),
    ROW("=?x?Q?a=4?=", TEXT, BAD, "{x:a=4}"),
    ROW("=?x?Q?a=4G?=", TEXT, BAD, "{x:a=4G}"),
    ROW("=?x?Q?a=G4?=", TEXT, BAD, "{x:a=G4}"),
    ROW("=?x?Q?\xC3\xBC?=", TEXT, BAD | QUIRK_UTF8, "{x:\xC3\xBC}"),
    ROW("=?x?Q?a\x01?=", TEXT, BAD | QUIRK_CONTROL, "{x:a\x01}"),
    /* what B has */
    ROW("=?x?B?YQ?=", TEXT, BAD, "{x:a}"),
    ROW("=?x?B?YQ=?=", TEXT, BAD, "{x:a}"),
    ROW("=?x?B?YWI?=", TEXT, BAD, "{x:ab}"),
    ROW("=?x?B?Y?=", TEXT, BAD, "{x:}"),
    ROW("=?x?B?YR==?=", TEXT, BAD, "{x:a}"),
    ROW("=?x?B?YWK=?=", TEXT, BAD, "{x:ab}"),
    ROW("=?x?B?YWI_?=", TEXT, BAD, "{x:ab}"),
    ROW("=?x?B?YQ==YQ==?=", TEXT, BAD, "{x:aa}"),
    ROW("=?x?B?YWJj====?=", TEXT, BAD, "{x:abc}"),
    ROW("=?x?B?Y===?=", TEXT, BAD, "{x:}"),
    /* white space inside */
    ROW("=?x?Q?a b?=", TEXT, SPACED, "{x:a b}"),
    ROW("=?x?Q?a\r\n b?=", TEXT, SPACED, "{x:a b}"),
    ROW("=?x?B?YW\r\n\tJj?=", TEXT, SPACED, "{x:abc}"),
    ROW("=?x?Q?a =? b?=", TEXT, SPACED | BAD, "{x:a =? b}"),
    /* no end */
    ROW("=?x?Q?a", TEXT, UNCLOSED, "[=?x?Q?a]"),
    ROW("=?x?Q?a?", TEXT, UNCLOSED, "[=?x?Q?a?]"),
    ROW("=?x?Q?a b =?x?Q?c?=", TEXT, UNCLOSED, "[=?x?Q?a b ]{x:c}"),
    ROW("=?x?Q?a?= =?x?Q?b", TEXT, UNCLOSED, "{x:a}[ =?x?Q?b]"),
    /* no text, no encoding, no charset */
    ROW("=?x?Q?" "?=", TEXT, EMPTY, "{x:}"),
    ROW("=?x?B?" "?=", TEXT, EMPTY, "{x:}"),
    ROW("=?x?B?=?=", TEXT, BAD, "{x:}"),
    ROW("=?x?U?a?=", TEXT, UNKNOWN, "{x:=?x?U?a?=}"),
    ROW("=?x?QQ?a?=", TEXT, UNKNOWN, "{x:=?x?QQ?a?=}"),
    ROW("=??Q?a?=", TEXT, CHARSET, "{:a}"),
    ROW("=?*en?Q?a?=", TEXT, CHARSET, "{*en:a}"),
    ROW("=?x*?Q?a?=", TEXT, CHARSET, "{x:a}"),
    ROW("=?iso-8859-1:1987?Q?a?=", TEXT, CHARSET, "{iso-8859-1:1987:a}"),
    /* what is none */
    ROW("=?", TEXT, 0, "[=?]"),
    ROW("=", TEXT, 0, "[=]"),
    ROW("=?x", TEXT, 0, "[=?x]"),
    ROW("=?x?", TEXT, 0, "[=?x?]"),
    ROW("=?x?Q", TEXT, 0, "[=?x?Q]"),
    ROW("=?x??a?=", TEXT, 0, "[=?x??a?=]"),
    ROW("=? x?Q?a?=", TEXT, 0, "[=? x?Q?a?=]"),
    ROW("=?x?Q a?=", TEXT, 0, "[=?x?Q a?=]"),
    ROW("a =? b", TEXT, 0, "[a =? b]"),
    ROW("a\rb", TEXT, QUIRK_BARE_CR, "[a\rb]"),
    ROW("a\nb", TEXT, QUIRK_BARE_LF, "[a\nb]"),
    ROW("a\r\nb", TEXT, IMF_QUIRK_BARE_FOLD, "[a\r\nb]"),
    ROW("\xC3\xBC =?x?Q?a?= \xFC", TEXT, QUIRK_UTF8 | QUIRK_EIGHT_BIT, "[\xC3\xBC ]{x:a}[ \xFC]"),
    ROW("=?=?x?Q?a?=", TEXT, GLUED, "[=?]{x:a}"),
};
/* clang-format on */

static void show(const struct imf_encoded_piece *piece, struct writer *out)
{
    bool word = piece->encoding != IMF_ENCODING_NONE;
    writer_put_octet(out, word ? '{' : '[');
    writer_put(out, piece->charset);
    if (piece->language.len > 0) {
        writer_put_octet(out, '*');
        writer_put(out, piece->language);
    }
    writer_put(out, word ? SLICE(":") : SLICE(""));
    imf_encoded_word_decode(piece, out);
    writer_put_octet(out, word ? '}' : ']');
}

/* Reads all pieces; what they are made of is the input again. */
static uint64_t read_all(struct slice in, enum imf_encoded_context context, struct writer *shown)
{
    struct imf_encoded_text text;
    uint64_t quirks = 0;
    size_t at = 0;
    imf_encoded_text_begin(in, context, &text);
    for (struct imf_encoded_piece piece; imf_encoded_text_next(&text, &piece);) {
        assert_true(piece.space.len == 0 || piece.space.ptr == in.ptr + at);
        at += piece.space.len;
        assert_ptr_equal(piece.raw.ptr, in.ptr + at);
        at += piece.raw.len;
        quirks |= piece.quirks;
        if (shown != NULL)
            show(&piece, shown);
    }
    assert_int_equal(at, in.len);
    return quirks;
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t room[1024];
        struct writer shown = writer_of(room, sizeof room);
        struct slice copy = law_copy(rows[i].in);
        uint64_t quirks = read_all(copy, rows[i].context, &shown);
        if (quirks != rows[i].quirks)
            fail_msg("%.*s: quirks %#llx, not %#llx", (int)copy.len, (const char *)copy.ptr,
                     (unsigned long long)quirks, (unsigned long long)rows[i].quirks);
        assert_slice_equal(writer_slice(&shown), rows[i].pieces);
        law_free(copy);
        for (size_t len = 0; len < rows[i].in.len; len++) { /* must not over-read */
            copy = law_copy(slice_sub(rows[i].in, 0, len));
            read_all(copy, rows[i].context, NULL);
            law_free(copy);
        }
    }
}

static const struct {
    struct slice text;
    bool needed;
} needs[] = {
    {SLICE_INIT(""), false},        {SLICE_INIT("a b"), false}, {SLICE_INIT("a=b?c"), false},
    {SLICE_INIT(" a"), true},       {SLICE_INIT("a "), true},   {SLICE_INIT("a\tb"), true},
    {SLICE_INIT("\xC3\xBC"), true}, {SLICE_INIT("a=?b"), true}, {SLICE_INIT("a\r\nb"), true},
    {SLICE_INIT("\0"), true},
};

static void needed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        struct slice copy = law_copy(needs[i].text);
        assert_int_equal(imf_encoded_word_needed(copy), needs[i].needed);
        law_free(copy);
    }
}

static void decode_all(struct slice in, struct writer *out)
{
    struct imf_encoded_text text;
    imf_encoded_text_begin(in, PHRASE, &text);
    for (struct imf_encoded_piece piece; imf_encoded_text_next(&text, &piece);)
        imf_encoded_word_decode(&piece, out);
}

static void check_lines(struct slice written, size_t column)
{
    while (written.len > 0) {
        size_t lf = slice_find(written, '\n'), end = lf < written.len ? lf - 1 : lf;
        assert_true(end == 0 || column + end <= 76);
        column = 0;
        written = slice_from(written, lf < written.len ? lf + 1 : lf);
    }
}

static void check_round_trip(struct slice text, struct slice charset, size_t column)
{
    static uint8_t room[IMF_ENCODED_WORD_WRITTEN_MAX(512)], again[1024];
    struct writer out = writer_of(room, IMF_ENCODED_WORD_WRITTEN_MAX(text.len));
    struct writer decoded = writer_of(again, sizeof again);
    assert_true(imf_encoded_word_write(text, charset, column, &out));
    assert_false(out.overflow);
    check_lines(writer_slice(&out), column);
    struct slice words = writer_slice(&out);
    if (slice_starts(words, SLICE("\r\n ")))
        words = slice_from(words, 3);
    assert_int_equal(read_all(words, PHRASE, NULL), 0);
    decode_all(words, &decoded);
    assert_slice_equal(writer_slice(&decoded), text);
}

static void round_trip(void **state)
{
    (void)state;
    uint8_t octets[512];
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(i * 7);
    for (size_t len = 0; len <= 300; len++)
        for (size_t column = 0; column < 90; column += 11) {
            check_round_trip(slice_of(octets, len), SLICE("x-binary"), column);
            check_round_trip(slice_of(octets, len), SLICE("utf-8"), column);
        }
    for (unsigned value = 0; value < 256; value++) {
        uint8_t octet = (uint8_t)value;
        check_round_trip(slice_of(&octet, 1), SLICE("iso-8859-1"), 9);
    }
    memset(octets, ' ', sizeof octets);
    check_round_trip(slice_of(octets, 200), SLICE("us-ascii"), 9);
}

/* RFC 2047 5: each encoded word represents an integral number of characters. */
static void characters_are_whole(void **state)
{
    (void)state;
    uint8_t text[200], room[IMF_ENCODED_WORD_WRITTEN_MAX(200)], decoded[200];
    for (size_t i = 0; i + 4 <= sizeof text; i += 4)
        memcpy(text + i, "\xF0\x9F\x93\xA7", 4);
    for (size_t len = 4; len <= sizeof text; len += 4) {
        struct writer out = writer_of(room, sizeof room);
        struct imf_encoded_text pieces;
        assert_true(imf_encoded_word_write(slice_of(text, len), SLICE("UTF-8"), 12, &out));
        imf_encoded_text_begin(writer_slice(&out), TEXT, &pieces);
        for (struct imf_encoded_piece piece; imf_encoded_text_next(&pieces, &piece);) {
            struct writer word = writer_of(decoded, sizeof decoded);
            imf_encoded_word_decode(&piece, &word);
            assert_int_equal(word.len % 4, 0);
        }
    }
}

static void written(void **state)
{
    (void)state;
    uint8_t room[200];
    static const struct {
        struct slice text, charset, written;
        bool ok;
    } cases[] = {
        {SLICE_INIT("J\xC3\xBCrgen M."), SLICE_INIT("UTF-8"),
         SLICE_INIT("=?UTF-8?Q?J=C3=BCrgen_M=2E?="), true},
        {SLICE_INIT("\xC3\xBC\xC3\xBC"), SLICE_INIT("UTF-8"), SLICE_INIT("=?UTF-8?B?w7zDvA==?="),
         true},
        {SLICE_INIT(""), SLICE_INIT("UTF-8"), SLICE_INIT(""), true},
        {SLICE_INIT("a"), SLICE_INIT(""), SLICE_INIT(""), false},
        {SLICE_INIT("a"), SLICE_INIT("a b"), SLICE_INIT(""), false},
        {SLICE_INIT("a"), SLICE_INIT("a?b"), SLICE_INIT(""), false},
        {SLICE_INIT("a"), SLICE_INIT("a*b"), SLICE_INIT(""), false},
        {SLICE_INIT("a"), SLICE_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), SLICE_INIT(""),
         false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct writer out = writer_of(room, sizeof room);
        assert_int_equal(imf_encoded_word_write(cases[i].text, cases[i].charset, 0, &out),
                         cases[i].ok);
        assert_slice_equal(writer_slice(&out), cases[i].written);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),      cmocka_unit_test(needed),
        cmocka_unit_test(round_trip), cmocka_unit_test(characters_are_whole),
        cmocka_unit_test(written),
    };
    return cmocka_run_group_tests_name("encoded_word", tests, NULL, NULL);
}
