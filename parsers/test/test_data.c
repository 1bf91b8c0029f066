#include "law.h"
#include "smtp/data.h"
#include "smtp/quirk.h"

#include <stdlib.h>

#define LF_DOT    SMTP_QUIRK_LF_DOT
#define UNSTUFFED SMTP_QUIRK_UNSTUFFED_DOT
#define BARE_LF   QUIRK_BARE_LF
#define BARE_CR   QUIRK_BARE_CR
#define T(text)   SLICE_INIT(text)

#define A10  "aaaaaaaaaa"
#define A100 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10
#define A990 A100 A100 A100 A100 A100 A100 A100 A100 A100 A10 A10 A10 A10 A10 A10 A10 A10 A10

struct decode_row {
    const char *name;
    struct slice in, text;
    size_t consumed; /* 0: no end */
    uint64_t quirks;
};

/* clang-format off */
static const struct decode_row decode_rows[] = {
    /* RFC 5321 4.1.1.4, 4.5.2 */
    {"nothing", T(""), T(""), 0, 0},
    {"the empty message", T(".\r\n"), T(""), 3, 0},
    {"an empty line", T("\r\n.\r\n"), T("\r\n"), 5, 0},
    {"a line", T("a\r\n.\r\n"), T("a\r\n"), 6, 0},
    {"octets behind the end", T("a\r\n.\r\nQUIT\r\n\0"), T("a\r\n"), 6, 0},
    {"a second end", T(".\r\n.\r\n"), T(""), 3, 0},
    {"no end", T("a\r\nb"), T("a\r\nb"), 0, 0},
    {"half an end, dot", T("a\r\n."), T("a\r\n"), 0, 0},
    {"half an end, CR", T("a\r\n.\r"), T("a\r\n"), 0, 0},
    {"dot inside a line", T("a.\r\nb.c\r\n.\r\n"), T("a.\r\nb.c\r\n"), 12, 0},
    {"a stuffed dot", T("..\r\n.\r\n"), T(".\r\n"), 7, 0},
    {"a stuffed dot and more", T("a\r\n..b\r\n.\r\n"), T("a\r\n.b\r\n"), 11, 0},
    {"three dots", T("...\r\n.\r\n"), T("..\r\n"), 8, 0},
    {"stuffed on each line", T("..\r\n..\r\n..\r\n.\r\n"), T(".\r\n.\r\n.\r\n"), 15, 0},
    {"an unstuffed dot", T(".a\r\n.\r\n"), T("a\r\n"), 7, UNSTUFFED},
    {"an unstuffed dot on the second line", T("a\r\n.b\r\n.\r\n"), T("a\r\nb\r\n"), 10, UNSTUFFED},
    {"dot and space", T(". \r\n.\r\n"), T(" \r\n"), 7, UNSTUFFED},
    {"dot and NUL", T(".\0\r\n.\r\n"), T("\0\r\n"), 7, UNSTUFFED | QUIRK_NUL},
    {"dot and tab", T(".\t\r\n.\r\n"), T("\t\r\n"), 7, UNSTUFFED},

    /* RFC 5321 2.3.8: octets */
    {"bare LF", T("a\nb\r\n.\r\n"), T("a\nb\r\n"), 8, BARE_LF},
    {"LF first", T("\n\r\n.\r\n"), T("\n\r\n"), 6, BARE_LF},
    {"LF behind LF", T("a\n\n"), T("a\n\n"), 0, BARE_LF},
    {"LF behind CRLF", T("\r\n\n"), T("\r\n\n"), 0, BARE_LF},
    {"bare CR", T("a\rb\r\n.\r\n"), T("a\rb\r\n"), 8, BARE_CR},
    {"bare CR before CRLF", T("a\r\r\n.\r\n"), T("a\r\r\n"), 7, BARE_CR},
    {"bare CR, then the end", T("\r\r\n.\r\n"), T("\r\r\n"), 6, BARE_CR},
    {"CR not yet bare", T("a\r"), T("a\r"), 0, 0},
    {"eight-bit", T("\xff\r\n.\r\n"), T("\xff\r\n"), 6, QUIRK_EIGHT_BIT},
    {"control", T("\x1a\r\n.\r\n"), T("\x1a\r\n"), 6, QUIRK_CONTROL},
    {"NUL", T("\0\r\n.\r\n"), T("\0\r\n"), 6, QUIRK_NUL},
    {"NUL behind the last dot dropped", T("..\0"), T(".\0"), 0, QUIRK_NUL},
    {"quirks behind the end do not count", T(".\r\n\xff\0\n.\n"), T(""), 3, 0},

    /* other spellings of the end: text, and named */
    {"LF . LF", T("a\n.\nb\r\n.\r\n"), T("a\n.\nb\r\n"), 10, BARE_LF | LF_DOT},
    {"LF . CRLF", T("a\n.\r\nb\r\n.\r\n"), T("a\n.\r\nb\r\n"), 11, BARE_LF | LF_DOT},
    {"LF . CR", T("a\n.\rb\r\n.\r\n"), T("a\n.\rb\r\n"), 10, BARE_LF | BARE_CR | LF_DOT},
    {"CRLF . LF", T("a\r\n.\nb\r\n.\r\n"), T("a\r\n\nb\r\n"), 11, BARE_LF | LF_DOT},
    {"CRLF . CR", T("a\r\n.\rb\r\n.\r\n"), T("a\r\n\rb\r\n"), 11, BARE_CR | LF_DOT},
    {"CRLF . CR CR", T("a\r\n.\r\r\n"), T("a\r\n\r\r\n"), 0, BARE_CR | LF_DOT},
    {"CRLF . CR . CRLF", T("\r\n.\r.\r\n"), T("\r\n\r.\r\n"), 0, BARE_CR | LF_DOT},
    {"CRLF . CR .. CRLF", T("\r\n.\r..\r\n"), T("\r\n\r..\r\n"), 0, BARE_CR | LF_DOT},
    {"CR . CR", T("a\r.\rb\r\n.\r\n"), T("a\r.\rb\r\n"), 10, BARE_CR | LF_DOT},
    {"CR . LF", T("a\r.\nb\r\n.\r\n"), T("a\r.\nb\r\n"), 10, BARE_CR | BARE_LF | LF_DOT},
    {"CR . CRLF", T("a\r.\r\nb\r\n.\r\n"), T("a\r.\r\nb\r\n"), 11, BARE_CR | LF_DOT},
    {"CR CR . CR", T("\r\r.\r"), T("\r\r.\r"), 0, BARE_CR | LF_DOT},
    {"LF LF . CRLF", T("\n\n.\r\n"), T("\n\n.\r\n"), 0, BARE_LF | LF_DOT},
    {". LF first", T(".\nb\r\n.\r\n"), T("\nb\r\n"), 8, BARE_LF | LF_DOT},
    {". CR first", T(".\rb\r\n.\r\n"), T("\rb\r\n"), 8, BARE_CR | LF_DOT},
    {". LF . LF first", T(".\n.\n"), T("\n.\n"), 0, BARE_LF | LF_DOT},
    {"LF . LF and the end at once", T("a\n.\n\r\n.\r\n"), T("a\n.\n\r\n"), 9, BARE_LF | LF_DOT},
    {"LF . CRLF and the end at once", T("a\n.\r\n.\r\n"), T("a\n.\r\n"), 8, BARE_LF | LF_DOT},
    {"CR . CRLF and a stuffed dot", T("\r.\r\n..\r\n"), T("\r.\r\n.\r\n"), 0, BARE_CR | LF_DOT},

    /* near misses: no lone dot */
    {"LF .. LF", T("a\n..\n"), T("a\n..\n"), 0, BARE_LF},
    {"LF .x LF", T("a\n.x\n"), T("a\n.x\n"), 0, BARE_LF},
    {"LF x. LF", T("a\nx.\n"), T("a\nx.\n"), 0, BARE_LF},
    {"CR .. CR", T("a\r..\r\n"), T("a\r..\r\n"), 0, BARE_CR},
    {"CR .x", T("a\r.x\r\n"), T("a\r.x\r\n"), 0, BARE_CR},
    {"LF . at the end of the input", T("a\n."), T("a\n."), 0, BARE_LF},
    {"LF NUL . CRLF", T("\n\0.\r\n"), T("\n\0.\r\n"), 0, BARE_LF | QUIRK_NUL},
    {"CRLF .. LF", T("\r\n..\n"), T("\r\n.\n"), 0, BARE_LF},
    {"CRLF .. CR", T("\r\n..\rx"), T("\r\n.\rx"), 0, BARE_CR},
    {"LF CR . CRLF", T("\n\r.\r\n"), T("\n\r.\r\n"), 0, BARE_LF | BARE_CR | LF_DOT},
    {"LF CRLF . CRLF", T("\n\r\n.\r\n"), T("\n\r\n"), 6, BARE_LF},

    /* RFC 5321 4.5.3.1.6: 1000 octets, CRLF included, the stuffed dot not */
    {"a line of 1000 octets", T(A990 "aaaaaaaa\r\n.\r\n"), T(A990 "aaaaaaaa\r\n"), 1003, 0},
    {"a line of 1001 octets", T(A990 "aaaaaaaaa\r\n.\r\n"), T(A990 "aaaaaaaaa\r\n"), 1004,
     QUIRK_LONG_LINE},
    {"1000 octets and a stuffed dot", T(".." A990 "aaaaaaa\r\n.\r\n"), T("." A990 "aaaaaaa\r\n"),
     1004, 0},
    {"1001 octets and a stuffed dot", T(".." A990 "aaaaaaaa\r\n.\r\n"), T("." A990 "aaaaaaaa\r\n"),
     1005, QUIRK_LONG_LINE},
    {"1001 octets behind a CR held back", T(".\r" A990 "aaaaaaaa\r\n"), T("\r" A990 "aaaaaaaa\r\n"),
     0, QUIRK_LONG_LINE | BARE_CR | LF_DOT},
    {"1000 octets behind a CR held back", T(".\r" A990 "aaaaaaa\r\n"), T("\r" A990 "aaaaaaa\r\n"),
     0, BARE_CR | LF_DOT},
    {"two lines of 501 octets", T(A100 A100 A100 A100 A100 "\r\n" A100 A100 A100 A100 A100 "\r\n"),
     T(A100 A100 A100 A100 A100 "\r\n" A100 A100 A100 A100 A100 "\r\n"), 0, 0},
    {"LF ends no line", T(A990 "\naaaaaaaa\r\n"), T(A990 "\naaaaaaaa\r\n"), 0,
     QUIRK_LONG_LINE | BARE_LF},
};

static const struct {
    const char *name;
    struct slice text, wire;
} encode_rows[] = {
    {"the empty message", T(""), T(".\r\n")},
    {"a line", T("a\r\n"), T("a\r\n.\r\n")},
    {"a line without ending", T("a"), T("a\r\n.\r\n")},
    {"an empty line", T("\r\n"), T("\r\n.\r\n")},
    {"a dot", T("."), T("..\r\n.\r\n")},
    {"a dot on a line", T(".\r\n"), T("..\r\n.\r\n")},
    {"two dots", T("..\r\n"), T("...\r\n.\r\n")},
    {"a dot and more", T(".a\r\n"), T("..a\r\n.\r\n")},
    {"dots in each place", T("a.\r\n.b\r\nc.d\r\n"), T("a.\r\n..b\r\nc.d\r\n.\r\n")},
    {"the end of data as text", T("a\r\n.\r\nQUIT\r\n"), T("a\r\n..\r\nQUIT\r\n.\r\n")},
    {"ends with a dot", T("a\r\n."), T("a\r\n..\r\n.\r\n")},
    {"ends with CR", T("a\r"), T("a\r\r\n.\r\n")},
    {"ends with LF", T("a\n"), T("a\n\r\n.\r\n")},
    {"a bare LF is no line ending", T("\n.\n"), T("\n.\n\r\n.\r\n")},
    {"a bare CR is no line ending", T("\r.\r"), T("\r.\r\r\n.\r\n")},
    {"CR CR LF", T("\r\r\n.x"), T("\r\r\n..x\r\n.\r\n")},
    {"CRLF LF", T("\r\n\n.x"), T("\r\n\n.x\r\n.\r\n")},
    {"CRLF CR", T("\r\n\r.x"), T("\r\n\r.x\r\n.\r\n")},
    {"any octet", T("\0\xff\x7f"), T("\0\xff\x7f\r\n.\r\n")},
};
/* clang-format on */

/* What a decoder wrote, in pieces of exactly the size that its contract asks for. */
struct decoded {
    struct parse_result result;
    size_t consumed;
    uint64_t quirks;
    uint8_t *text;
    size_t len;
};

static void decode_piece(struct smtp_data_decoder *decoder, struct slice piece,
                         struct decoded *decoded)
{
    struct slice copy = law_copy(piece);
    struct writer out = writer_of(malloc(piece.len + 1), piece.len + 1);
    assert_non_null(out.ptr);
    decoded->result = smtp_data_decode(decoder, copy, &out);
    assert_false(out.overflow);
    assert_int_equal(decoded->result.error, 0);
    assert_slice_equal(copy, piece); /* the input is left alone */
    memcpy(decoded->text + decoded->len, out.ptr, out.len);
    decoded->len += out.len;
    decoded->consumed += decoded->result.status == PARSE_OK ? decoded->result.offset : piece.len;
    free(out.ptr);
    law_free(copy);
}

/* Decodes in[0, cuts[0]), in[cuts[0], cuts[1]), ... and the rest, up to the end of data. */
static struct decoded decode(struct slice in, const size_t *cuts, size_t count)
{
    struct decoded decoded = {.result = parse_more(), .text = malloc(in.len + 1)};
    assert_non_null(decoded.text);
    struct smtp_data_decoder decoder = {0};
    for (size_t i = 0, from = 0; i <= count && decoded.result.status == PARSE_MORE; i++) {
        size_t to = i < count ? cuts[i] : in.len;
        decode_piece(&decoder, slice_sub(in, from, to), &decoded);
        from = to;
    }
    decoded.quirks = decoder.quirks;
    return decoded;
}

static void check_decode(const struct decode_row *row, const size_t *cuts, size_t count)
{
    struct decoded got = decode(row->in, cuts, count);
    bool ended = got.result.status == PARSE_OK;
    if (ended != (row->consumed > 0) || (ended && got.consumed != row->consumed) ||
        !slice_equal(slice_of(got.text, got.len), row->text) || got.quirks != row->quirks)
        fail_msg("%s, %zu cuts, first at %zu: consumed %zu, quirks %#llx, text of %zu octets",
                 row->name, count, count == 0 ? 0 : cuts[0], got.consumed,
                 (unsigned long long)got.quirks, got.len);
    free(got.text);
}

static void decode_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof decode_rows / sizeof *decode_rows; i++) {
        const struct decode_row *row = &decode_rows[i];
        static size_t every[1200];
        for (size_t at = 0; at < row->in.len; at++)
            every[at] = at + 1;
        check_decode(row, NULL, 0);
        check_decode(row, every, row->in.len);
        for (size_t first = 0; first <= row->in.len; first++) {
            size_t last = row->in.len <= 64 ? row->in.len : first;
            for (size_t second = first; second <= last; second++)
                check_decode(row, (const size_t[]){first, second}, 2);
        }
    }
}

static struct slice encode(struct slice text, size_t cut, struct writer *out)
{
    struct smtp_data_encoder encoder = {0};
    smtp_data_encode(&encoder, slice_sub(text, 0, cut), out);
    smtp_data_encode(&encoder, slice_from(text, cut), out);
    smtp_data_finish(&encoder, out);
    assert_false(out->overflow);
    return writer_slice(out);
}

static void encode_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof encode_rows / sizeof *encode_rows; i++) {
        struct slice text = law_copy(encode_rows[i].text);
        size_t capacity = SMTP_DATA_ENCODED_MAX(text.len);
        for (size_t cut = 0; cut <= text.len; cut++) {
            uint8_t wire[64];
            assert_true(capacity <= sizeof wire);
            struct writer out = writer_of(wire, capacity);
            assert_slice_equal(encode(text, cut, &out), encode_rows[i].wire);
        }
        law_free(text);
    }
}

/* An encoder that has ended a message begins the next one at the start of a line. */
static void an_encoder_can_be_used_again(void **state)
{
    (void)state;
    uint8_t wire[32];
    struct writer out = writer_of(wire, sizeof wire);
    struct smtp_data_encoder encoder = {0};
    smtp_data_encode(&encoder, SLICE("a"), &out);
    smtp_data_finish(&encoder, &out);
    smtp_data_encode(&encoder, SLICE("."), &out);
    smtp_data_finish(&encoder, &out);
    smtp_data_finish(&encoder, &out);
    assert_slice_equal(writer_slice(&out), SLICE("a\r\n.\r\n..\r\n.\r\n.\r\n"));
}

/* Every text of up to MAX_OCTETS octets over CR, LF, dot and "a": it comes back with its last line
 * ended, the end is at the end, and only the text's own departures are named. */
static void each_short_text_comes_back(void **state)
{
    (void)state;
    enum { MAX_OCTETS = 7 };
    static const uint8_t alphabet[] = {'\r', '\n', '.', 'a'};
    for (size_t len = 0; len <= MAX_OCTETS; len++) {
        for (unsigned number = 0; number < 1u << (2 * len); number++) {
            uint8_t text[MAX_OCTETS + 2], wire[SMTP_DATA_ENCODED_MAX(MAX_OCTETS)];
            for (size_t i = 0; i < len; i++)
                text[i] = alphabet[number >> (2 * i) & 3];
            struct writer out = writer_of(wire, SMTP_DATA_ENCODED_MAX(len));
            struct slice encoded = encode(slice_of(text, len), len / 2, &out);

            uint8_t back[sizeof wire + 1];
            struct writer decoded = writer_of(back, encoded.len + 1);
            struct smtp_data_decoder decoder = {0};
            struct parse_result result = smtp_data_decode(&decoder, encoded, &decoded);
            assert_int_equal(result.status, PARSE_OK);
            assert_int_equal(result.offset, encoded.len);
            bool ended = len == 0 || (len >= 2 && memcmp(text + len - 2, "\r\n", 2) == 0);
            memcpy(text + len, "\r\n", 2);
            assert_slice_equal(writer_slice(&decoded), slice_of(text, ended ? len : len + 2));
            assert_false(decoder.quirks & SMTP_QUIRK_UNSTUFFED_DOT);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_table),
        cmocka_unit_test(encode_table),
        cmocka_unit_test(an_encoder_can_be_used_again),
        cmocka_unit_test(each_short_text_comes_back),
    };
    return cmocka_run_group_tests_name("data", tests, NULL, NULL);
}
