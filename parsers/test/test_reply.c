#include "law.h"
#include "smtp/quirk.h"
#include "smtp/reply.h"

#define MAX_LINES 4

struct row {
    const char *name;
    struct slice in;
    struct smtp_reply_limits limits; /* zeroed: 600 octets a line, 2000 in all */
    struct parse_result expected;
    unsigned code;
    struct smtp_enhanced enhanced; /* class 0: none */
    size_t lines;
    uint64_t quirks;
    struct slice texts[MAX_LINES];
};

#define A10  "aaaaaaaaaa"
#define A100 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10
#define A500 A100 A100 A100 A100 A100

#define MORE                  .expected = {PARSE_MORE, 0, 0}
#define OK(octets)            .expected = {PARSE_OK, 0, octets}
#define ERROR(error, at)      .expected = {PARSE_ERROR, SMTP_REPLY_##error, at}
#define LIMITS(max_line, max) .limits = {max_line, max}
#define TEXTS(...)            .texts = {__VA_ARGS__}
#define T(literal)            SLICE_INIT(literal)

/* clang-format off */
static const struct row rows[] = {
    /* RFC 5321 4.2: the grammar */
    {"empty input", T(""), MORE},
    {"one digit", T("2"), MORE},
    {"a code", T("250"), MORE},
    {"no ending yet", T("250 OK"), MORE},
    {"half an ending", T("250 OK\r"), MORE},
    {"half an ending, no text", T("250\r"), MORE},
    {"a line", T("250 OK\r\n"), OK(8), .code = 250, .lines = 1, TEXTS(T("OK"))},
    {"only the first reply", T("220 a\r\n250 b\r\n"), OK(7), .code = 220, .lines = 1,
     TEXTS(T("a"))},
    {"no text but SP", T("250 \r\n"), OK(6), .code = 250, .lines = 1, TEXTS(T(""))},
    {"no text", T("250\r\n"), OK(5), .code = 250, .lines = 1, .quirks = SMTP_QUIRK_NO_TEXT,
     TEXTS(T(""))},
    {"no text, another reply behind it", T("250\r\n250-b\r\n250 c\r\n"), OK(5), .code = 250,
     .lines = 1, .quirks = SMTP_QUIRK_NO_TEXT, TEXTS(T(""))},
    {"a quirk, another reply behind it", T("250 \x01\r\n250-b\r\n250 c\r\n"), OK(7), .code = 250,
     .lines = 1, .quirks = QUIRK_CONTROL, TEXTS(T("\x01"))},
    {"tab in the text", T("250 a\tb\r\n"), OK(9), .code = 250, .lines = 1, TEXTS(T("a\tb"))},
    {"text begins with SP", T("250  a\r\n"), OK(8), .code = 250, .lines = 1, TEXTS(T(" a"))},
    {"text begins with a hyphen", T("250 -a\r\n"), OK(8), .code = 250, .lines = 1,
     TEXTS(T("-a"))},
    {"two lines", T("250-a\r\n250 b\r\n"), OK(14), .code = 250, .lines = 2,
     TEXTS(T("a"), T("b"))},
    {"three lines", T("214-a\r\n214-bc\r\n214 def\r\n"), OK(24), .code = 214, .lines = 3,
     TEXTS(T("a"), T("bc"), T("def"))},
    {"no text on the first line", T("250-\r\n250 b\r\n"), OK(13), .code = 250, .lines = 2,
     TEXTS(T(""), T("b"))},
    {"last line without text", T("250-a\r\n250\r\n"), OK(12), .code = 250, .lines = 2,
     .quirks = SMTP_QUIRK_NO_TEXT, TEXTS(T("a"), T(""))},
    {"no last line yet", T("250-a\r\n"), MORE},
    {"last line not whole", T("250-a\r\n250 b\r"), MORE},

    /* RFC 5321 4.2: Reply-code = %x32-35 %x30-35 %x30-39 */
    {"least code", T("200 a\r\n"), OK(7), .code = 200, .lines = 1, TEXTS(T("a"))},
    {"greatest code", T("559 a\r\n"), OK(7), .code = 559, .lines = 1, TEXTS(T("a"))},
    {"first digit 1", T("199 a\r\n"), OK(7), .code = 199, .lines = 1,
     .quirks = SMTP_QUIRK_CODE_RANGE, TEXTS(T("a"))},
    {"first digit 0", T("050 a\r\n"), OK(7), .code = 50, .lines = 1,
     .quirks = SMTP_QUIRK_CODE_RANGE, TEXTS(T("a"))},
    {"first digit 1, then all well", T("150 abc\r\n"), OK(9), .code = 150, .lines = 1,
     .quirks = SMTP_QUIRK_CODE_RANGE, TEXTS(T("abc"))},
    {"first digit 6", T("600 a\r\n"), OK(7), .code = 600, .lines = 1,
     .quirks = SMTP_QUIRK_CODE_RANGE, TEXTS(T("a"))},
    {"second digit 6", T("260 a\r\n"), OK(7), .code = 260, .lines = 1,
     .quirks = SMTP_QUIRK_CODE_RANGE, TEXTS(T("a"))},
    {"second digit 6, first 5", T("560 a\r\n"), OK(7), .code = 560, .lines = 1,
     .quirks = SMTP_QUIRK_CODE_RANGE, TEXTS(T("a"))},
    {"second digit 5", T("459 a\r\n"), OK(7), .code = 459, .lines = 1, TEXTS(T("a"))},
    {"all nines", T("999 a\r\n"), OK(7), .code = 999, .lines = 1,
     .quirks = SMTP_QUIRK_CODE_RANGE, TEXTS(T("a"))},

    /* errors of the head, each at its octet */
    {"not a digit first", T("HTTP/1.1 400\r\n"), ERROR(NO_CODE, 0)},
    {"not a digit second", T("2a0 x\r\n"), ERROR(NO_CODE, 1)},
    {"not a digit third", T("25 x\r\n"), ERROR(NO_CODE, 2)},
    {"octet before 0", T("25/ x\r\n"), ERROR(NO_CODE, 2)},
    {"octet behind 9", T("25: x\r\n"), ERROR(NO_CODE, 2)},
    {"eight-bit digit", T("25\xb2 x\r\n"), ERROR(NO_CODE, 2)},
    {"empty line", T("\r\n"), ERROR(NO_CODE, 0)},
    {"bare LF where a code must stand", T("25\n"), ERROR(NO_CODE, 2)},
    {"NUL", T("\0"), ERROR(NO_CODE, 0)},
    {"leading space", T(" 250 OK\r\n"), ERROR(NO_CODE, 0)},
    {"answered before the line ends", T("2x"), ERROR(NO_CODE, 1)},
    {"second line without code", T("250-a\r\nb\r\n"), ERROR(NO_CODE, 7)},
    {"second line with half a code", T("250-a\r\n25x\r\n"), ERROR(NO_CODE, 9)},
    {"third line empty", T("250-a\r\n250-b\r\n\r\n"), ERROR(NO_CODE, 14)},
    {"four digits", T("2500 x\r\n"), ERROR(BAD_SEPARATOR, 3)},
    {"tab for SP", T("250\tx\r\n"), ERROR(BAD_SEPARATOR, 3)},
    {"underscore", T("250_x\r\n"), ERROR(BAD_SEPARATOR, 3)},
    {"NUL for SP", T("250\0"), ERROR(BAD_SEPARATOR, 3)},
    {"bare CR behind the code", T("250\rx\r\n"), ERROR(BAD_SEPARATOR, 3)},
    {"CR CR LF behind the code", T("250\r\r\n"), ERROR(BAD_SEPARATOR, 3)},
    {"separator of the second line", T("250-a\r\n250.\r\n"), ERROR(BAD_SEPARATOR, 10)},
    {"mixed codes", T("250-a\r\n251 b\r\n"), ERROR(MIXED_CODES, 7)},
    {"mixed codes on the third line", T("250-a\r\n250-b\r\n550 c\r\n"), ERROR(MIXED_CODES, 14)},
    {"mixed codes before a bad separator", T("250-a\r\n251x"), ERROR(MIXED_CODES, 7)},
    {"half a code is not mixed", T("250-a\r\n55"), MORE},
    {"the last of three lines is the reply", T("250-a\r\n250-b\r\n250 c\r\n550 d\r\n"), OK(21),
     .code = 250, .lines = 3, TEXTS(T("a"), T("b"), T("c"))},

    /* RFC 5321 2.3.8, 2.4: octets that no reply may hold */
    {"bare LF", T("250 a\n"), OK(6), .code = 250, .lines = 1, .quirks = QUIRK_BARE_LF,
     TEXTS(T("a"))},
    {"bare LF, no text", T("250\n"), OK(4), .code = 250, .lines = 1,
     .quirks = QUIRK_BARE_LF | SMTP_QUIRK_NO_TEXT, TEXTS(T(""))},
    {"bare LF on the first line only", T("250-a\n250 b\r\n"), OK(13), .code = 250, .lines = 2,
     .quirks = QUIRK_BARE_LF, TEXTS(T("a"), T("b"))},
    {"bare CR in the text", T("250 a\rb\r\n"), OK(9), .code = 250, .lines = 1,
     .quirks = QUIRK_BARE_CR, TEXTS(T("a\rb"))},
    {"CR CR LF", T("250 a\r\r\n"), OK(8), .code = 250, .lines = 1, .quirks = QUIRK_BARE_CR,
     TEXTS(T("a\r"))},
    {"NUL in the text", T("250 a\0b\r\n"), OK(9), .code = 250, .lines = 1, .quirks = QUIRK_NUL,
     TEXTS(T("a\0b"))},
    {"control in the text", T("250 \x1b[2J\r\n"), OK(10), .code = 250, .lines = 1,
     .quirks = QUIRK_CONTROL, TEXTS(T("\x1b[2J"))},
    {"UTF-8 in the text", T("250 \xc3\xa9\r\n"), OK(8), .code = 250, .lines = 1,
     .quirks = QUIRK_EIGHT_BIT, TEXTS(T("\xc3\xa9"))},
    {"quirks of all lines", T("250-\xff\r\n250-\x01\r\n250 \0\n"), OK(20), .code = 250, .lines = 3,
     .quirks = QUIRK_EIGHT_BIT | QUIRK_CONTROL | QUIRK_NUL | QUIRK_BARE_LF,
     TEXTS(T("\xff"), T("\x01"), T("\0"))},

    /* RFC 5321 4.5.3.1.5: 512 octets, CRLF included */
    {"a line of 512 octets", T("250 " A500 "aaaaaa\r\n"), OK(512), .code = 250, .lines = 1,
     TEXTS(T(A500 "aaaaaa"))},
    {"a line of 513 octets", T("250 " A500 "aaaaaaa\r\n"), OK(513), .code = 250, .lines = 1,
     .quirks = QUIRK_LONG_LINE, TEXTS(T(A500 "aaaaaaa"))},
    {"513 octets on the second line", T("250-a\r\n250 " A500 "aaaaaaa\r\n"), OK(520), .code = 250,
     .lines = 2, .quirks = QUIRK_LONG_LINE, TEXTS(T("a"), T(A500 "aaaaaaa"))},
    {"two lines of 512 octets together", T("250-" A500 "aaaaaa\r\n250 " A500 "aaaaaa\r\n"),
     OK(1024), .code = 250, .lines = 2, TEXTS(T(A500 "aaaaaa"), T(A500 "aaaaaa"))},

    /* the caller's limits */
    {"line exactly at its limit", T("250 ab\r\n"), LIMITS(8, 100), OK(8), .code = 250, .lines = 1,
     TEXTS(T("ab"))},
    {"line one over its limit", T("250 abc\r\n"), LIMITS(8, 100), ERROR(LINE_TOO_LONG, 8)},
    {"line as long as its limit, unfinished", T("250 abcd"), LIMITS(8, 100),
     ERROR(LINE_TOO_LONG, 8)},
    {"line one short of its limit", T("250 abc"), LIMITS(8, 100), MORE},
    {"second line at its limit", T("250-a\r\n250 ab\r\n"), LIMITS(8, 100), OK(15), .code = 250,
     .lines = 2, TEXTS(T("a"), T("ab"))},
    {"second line over its limit", T("250-a\r\n250 abc\r\n"), LIMITS(8, 100),
     ERROR(LINE_TOO_LONG, 15)},
    {"reply exactly at its limit", T("250-a\r\n250 b\r\n"), LIMITS(100, 14), OK(14), .code = 250,
     .lines = 2, TEXTS(T("a"), T("b"))},
    {"reply one over its limit", T("250-a\r\n250 b\r\n"), LIMITS(100, 13), ERROR(TOO_LONG, 13)},
    {"no octet left for the last line", T("250-a\r\n250 b\r\n"), LIMITS(100, 7),
     ERROR(TOO_LONG, 7)},
    {"one octet left", T("250-a\r\n250 b\r\n"), LIMITS(100, 8), ERROR(TOO_LONG, 8)},
    {"first line over the reply's limit", T("250 abc\r\n"), LIMITS(100, 8), ERROR(TOO_LONG, 8)},
    {"both limits at one octet", T("250 abc\r\n"), LIMITS(8, 8), ERROR(TOO_LONG, 8)},
    {"limit inside the code", T("25x"), LIMITS(100, 2), ERROR(TOO_LONG, 2)},
    {"line limit inside the code", T("25x"), LIMITS(2, 100), ERROR(LINE_TOO_LONG, 2)},
    {"limit behind the code", T("250x"), LIMITS(100, 3), ERROR(TOO_LONG, 3)},
    {"limit between CR and what follows", T("250\rx"), LIMITS(100, 4), ERROR(TOO_LONG, 4)},
    {"error before the limit", T("2x"), LIMITS(2, 2), ERROR(NO_CODE, 1)},
    {"no octet allowed", T("2"), LIMITS(100, 0), ERROR(TOO_LONG, 0)},

    /* RFC 2034 4, RFC 3463 2 */
    {"enhanced code", T("250 2.1.0 ok\r\n"), OK(14), .code = 250, .enhanced = {2, 1, 0},
     .lines = 1, TEXTS(T("2.1.0 ok"))},
    {"enhanced code alone", T("550 5.7.1\r\n"), OK(11), .code = 550, .enhanced = {5, 7, 1},
     .lines = 1, TEXTS(T("5.7.1"))},
    {"enhanced code and bare LF", T("450 4.2.1\n"), OK(10), .code = 450, .enhanced = {4, 2, 1},
     .lines = 1, .quirks = QUIRK_BARE_LF, TEXTS(T("4.2.1"))},
    {"an address is none", T("250-2.2.3.4 hello\r\n250 a\r\n"), OK(26), .code = 250, .lines = 2,
     TEXTS(T("2.2.3.4 hello"), T("a"))},
    {"same on each line", T("550-5.1.1 a\r\n550 5.1.1 b\r\n"), OK(26), .code = 550,
     .enhanced = {5, 1, 1}, .lines = 2, TEXTS(T("5.1.1 a"), T("5.1.1 b"))},
    {"on the first line only", T("550-5.1.1 a\r\n550 b\r\n"), OK(20), .code = 550,
     .enhanced = {5, 1, 1}, .lines = 2, .quirks = SMTP_QUIRK_ENHANCED_PARTIAL, TEXTS(T("5.1.1 a"), T("b"))},
    {"on the last line only", T("550-a\r\n550 5.1.1 b\r\n"), OK(20), .code = 550,
     .enhanced = {5, 1, 1}, .lines = 2, .quirks = SMTP_QUIRK_ENHANCED_PARTIAL, TEXTS(T("a"), T("5.1.1 b"))},
    {"detail differs", T("550-5.1.1 a\r\n550 5.1.2 b\r\n"), OK(26), .code = 550,
     .enhanced = {5, 1, 1}, .lines = 2, .quirks = SMTP_QUIRK_ENHANCED_MIXED,
     TEXTS(T("5.1.1 a"), T("5.1.2 b"))},
    {"subject differs, a line without between", T("550-5.1.1 a\r\n550-b\r\n550 5.2.1 c\r\n"),
     OK(33), .code = 550, .enhanced = {5, 1, 1}, .lines = 3, .quirks = SMTP_QUIRK_ENHANCED_MIXED | SMTP_QUIRK_ENHANCED_PARTIAL,
     TEXTS(T("5.1.1 a"), T("b"), T("5.2.1 c"))},
    {"differs among the later lines", T("550-a\r\n550-5.1.1 b\r\n550 5.1.2 c\r\n"), OK(33),
     .code = 550, .enhanced = {5, 1, 1}, .lines = 3, .quirks = SMTP_QUIRK_ENHANCED_MIXED | SMTP_QUIRK_ENHANCED_PARTIAL,
     TEXTS(T("a"), T("5.1.1 b"), T("5.1.2 c"))},
    {"class differs from the code's", T("550 4.1.1 a\r\n"), OK(13), .code = 550,
     .enhanced = {4, 1, 1}, .lines = 1, .quirks = SMTP_QUIRK_ENHANCED_CLASS,
     TEXTS(T("4.1.1 a"))},
    {"class on the second line", T("250-2.0.0 a\r\n250 5.0.0 b\r\n"), OK(26), .code = 250,
     .enhanced = {2, 0, 0}, .lines = 2,
     .quirks = SMTP_QUIRK_ENHANCED_CLASS | SMTP_QUIRK_ENHANCED_MIXED,
     TEXTS(T("2.0.0 a"), T("5.0.0 b"))},
    {"an intermediate reply has none", T("354 2.0.0 go\r\n"), OK(14), .code = 354,
     .enhanced = {2, 0, 0}, .lines = 1, .quirks = SMTP_QUIRK_ENHANCED_CLASS,
     TEXTS(T("2.0.0 go"))},
    {"nor is there a class for it", T("354 3.0.0 go\r\n"), OK(14), .code = 354, .lines = 1,
     TEXTS(T("3.0.0 go"))},
    {"detail of two digits", T("550 5.7.26 a\r\n"), OK(14), .code = 550, .enhanced = {5, 7, 26},
     .lines = 1, TEXTS(T("5.7.26 a"))},
    {"detail begins as that before", T("550-5.7.2 a\r\n550 5.7.26 b\r\n"), OK(27), .code = 550,
     .enhanced = {5, 7, 2}, .lines = 2, .quirks = SMTP_QUIRK_ENHANCED_MIXED,
     TEXTS(T("5.7.2 a"), T("5.7.26 b"))},
    {"the same of two digits on each line", T("550-5.7.26 a\r\n550 5.7.26 b\r\n"), OK(28),
     .code = 550, .enhanced = {5, 7, 26}, .lines = 2, TEXTS(T("5.7.26 a"), T("5.7.26 b"))},
};
/* clang-format on */

static struct smtp_reply_limits limits_of(const struct row *row)
{
    const struct smtp_reply_limits usual = {600, 2000};
    return row->limits.max_line_octets == 0 ? usual : row->limits;
}

static void check_lines(const struct row *row, const struct smtp_reply *reply)
{
    struct slice rest = reply->raw;
    struct smtp_reply_line line;
    for (size_t i = 0; i < row->lines; i++) {
        struct slice before = rest;
        assert_true(smtp_reply_line_next(&rest, &line));
        assert_slice_equal(line.text, row->texts[i]);
        assert_int_equal(line.last, i + 1 == row->lines);
        assert_ptr_equal(line.raw.ptr, before.ptr);
        assert_int_equal(line.raw.len, before.len - rest.len);
        assert_slice_equal(line.line, slice_sub(line.raw, 0, line.line.len));
        struct slice ending = slice_from(line.raw, line.line.len);
        assert_true(slice_equal(ending, SLICE("\r\n")) || slice_equal(ending, SLICE("\n")));
    }
    struct slice end = rest;
    assert_false(smtp_reply_line_next(&rest, &line));
    assert_int_equal(rest.len, 0);
    assert_ptr_equal(rest.ptr, end.ptr);
}

static struct parse_result parse_and_check(struct smtp_reply_parser *parser, struct slice in,
                                           const struct row *row)
{
    struct smtp_reply reply = {.quirks = UINT64_MAX};
    struct parse_result result = smtp_reply_parse(parser, in, &reply);
    if (result.status != PARSE_OK) {
        assert_int_equal(reply.quirks, UINT64_MAX); /* only success writes */
        return result;
    }
    if (reply.code != row->code || reply.has_enhanced != (row->enhanced.status_class != 0) ||
        !smtp_enhanced_equal(reply.enhanced, row->enhanced) || reply.lines != row->lines ||
        reply.quirks != row->quirks)
        fail_msg("%s: code %u, enhanced %d: %u.%u.%u, %zu lines, quirks %#llx", row->name,
                 reply.code, reply.has_enhanced, reply.enhanced.status_class,
                 reply.enhanced.subject, reply.enhanced.detail, reply.lines,
                 (unsigned long long)reply.quirks);
    assert_ptr_equal(reply.raw.ptr, in.ptr);
    assert_int_equal(reply.raw.len, result.offset);
    check_lines(row, &reply);
    return result;
}

static struct parse_result parse_afresh(struct slice in, void *context)
{
    const struct row *row = context;
    struct smtp_reply_parser parser = {.limits = limits_of(row)};
    return parse_and_check(&parser, in, row);
}

struct feed {
    const struct row *row;
    struct smtp_reply_parser parser;
};

static struct parse_result feed_on(struct slice in, bool first, void *context)
{
    struct feed *feed = context;
    if (first)
        feed->parser = (struct smtp_reply_parser){.limits = limits_of(feed->row)};
    return parse_and_check(&feed->parser, in, feed->row);
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct feed feed = {.row = &rows[i]};
        law_check(rows[i].name, parse_afresh, (void *)(uintptr_t)&rows[i], rows[i].in,
                  rows[i].expected);
        law_check_feed(rows[i].name, feed_on, &feed, rows[i].in, rows[i].expected);
    }
}

/*
 * Octets that were seen are not searched again. The test lies to the parser about them: it sets
 * those of the unfinished line to LF, which a second search would find, and it ends the reply with
 * the first line, which a second look would answer.
 */
static void feeding_octet_by_octet_is_linear(void **state)
{
    (void)state;
    enum { OCTETS = 65536, HEAD = 4 };
    static uint8_t truth[OCTETS], lie[OCTETS];
    memset(truth, 'a', sizeof truth);
    memcpy(truth, "250-x\r\n250 ", 11);
    memcpy(truth + OCTETS - 2, "\r\n", 2);
    memcpy(lie, truth, sizeof lie);

    struct smtp_reply_parser parser = {.limits = {OCTETS, OCTETS}};
    struct smtp_reply reply;
    for (size_t len = 0; len < OCTETS; len++) {
        assert_int_equal(smtp_reply_parse(&parser, slice_of(lie, len), &reply).status, PARSE_MORE);
        if (len == 7)
            lie[3] = ' ';
        if (len > 7 + HEAD)
            lie[len - 1] = '\n';
    }
    struct parse_result result = smtp_reply_parse(&parser, slice_of(truth, OCTETS), &reply);
    assert_int_equal(result.status, PARSE_OK);
    assert_int_equal(reply.lines, 2);
    assert_int_equal(reply.raw.len, OCTETS);
}

/* A server that never ends its reply: each line is small, and the sum is bounded. */
static void continuation_without_end_is_too_long(void **state)
{
    (void)state;
    enum { OCTETS = 70000 };
    static uint8_t in[OCTETS];
    for (size_t at = 0; at + 7 <= OCTETS; at += 7)
        memcpy(in + at, "250-a\r\n", 7);
    struct smtp_reply_parser parser = {.limits = {512, 65536}};
    struct smtp_reply reply;
    size_t len = 0;
    struct parse_result result;
    do
        result = smtp_reply_parse(&parser, slice_of(in, len), &reply);
    while (result.status == PARSE_MORE && ++len <= OCTETS);
    assert_int_equal(result.error, SMTP_REPLY_TOO_LONG);
    assert_int_equal(result.offset, 65536);
    assert_int_equal(len, 65536);
}

static void lines_of_what_is_no_reply(void **state)
{
    (void)state;
    struct slice rest = SLICE("ab\r\nno ending");
    struct smtp_reply_line line;
    assert_true(smtp_reply_line_next(&rest, &line));
    assert_slice_equal(line.line, SLICE("ab"));
    assert_slice_equal(line.text, SLICE(""));
    assert_true(line.last);
    assert_false(smtp_reply_line_next(&rest, &line));
    assert_slice_equal(rest, SLICE("no ending"));
}

static void each_error_has_a_text(void **state)
{
    (void)state;
    for (int error = SMTP_REPLY_NO_CODE; error <= SMTP_REPLY_TOO_LONG; error++) {
        assert_non_null(smtp_reply_error_text(error));
        for (int other = SMTP_REPLY_NO_CODE; other < error; other++)
            assert_string_not_equal(smtp_reply_error_text(error), smtp_reply_error_text(other));
    }
    assert_non_null(strstr(smtp_reply_error_text(SMTP_REPLY_MIXED_CODES), "differ in their code"));
    assert_null(smtp_reply_error_text(0));
    assert_null(smtp_reply_error_text(-1));
    assert_null(smtp_reply_error_text(SMTP_REPLY_TOO_LONG + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(feeding_octet_by_octet_is_linear),
        cmocka_unit_test(continuation_without_end_is_too_long),
        cmocka_unit_test(lines_of_what_is_no_reply),
        cmocka_unit_test(each_error_has_a_text),
    };
    return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
