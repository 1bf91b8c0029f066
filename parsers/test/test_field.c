#include "imf/field.h"
#include "imf/quirk.h"
#include "law.h"

#define A10  "aaaaaaaaaa"
#define A100 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10
#define A990 A100 A100 A100 A100 A100 A100 A100 A100 A100 A10 A10 A10 A10 A10 A10 A10 A10 A10

#define SPACE_COLON IMF_QUIRK_SPACE_BEFORE_COLON
#define EMPTY_FOLD  IMF_QUIRK_EMPTY_FOLD
#define NO_BLANK    IMF_QUIRK_NO_BLANK_LINE
#define AT_START    IMF_QUIRK_FOLD_AT_START
#define T(text)     SLICE_INIT(text)

#define MORE             .expected = {PARSE_MORE, 0, 0}
#define OK(octets)       .expected = {PARSE_OK, 0, octets}
#define ERROR(error, at) .expected = {PARSE_ERROR, IMF_FIELD_##error, at}
#define BODY(n, b)       .name = SLICE_INIT(n), .body = SLICE_INIT(b)
#define END              .kind = IMF_HEADER_END

struct row {
    const char *what;
    struct slice in;
    struct parse_result expected;
    struct slice name, body;
    size_t folds;
    uint64_t quirks;
    enum imf_field_kind kind;
    size_t max_octets; /* 0: 2000 */
};

/* clang-format off */
static const struct row rows[] = {
    /* RFC 5322 2.2 */
    {"empty input", T(""), MORE},
    {"half a name", T("Sub"), MORE},
    {"no ending", T("Subject: x"), MORE},
    {"half an ending", T("Subject: x\r"), MORE},
    {"the next line is not in sight", T("Subject: x\r\n"), MORE},
    {"a field", T("Subject: x\r\nT"), OK(12), BODY("Subject", " x")},
    {"the empty line behind it", T("Subject: x\r\n\r"), OK(12), BODY("Subject", " x")},
    {"LF behind it", T("Subject: x\r\n\n"), OK(12), BODY("Subject", " x")},
    {"no space", T("Subject:x\r\nT"), OK(11), BODY("Subject", "x")},
    {"empty body", T("Subject:\r\nT"), OK(10), BODY("Subject", "")},
    {"space for a body", T("Subject: \r\nT"), OK(11), BODY("Subject", " ")},
    {"colons in the body", T("A::b:\r\nT"), OK(7), BODY("A", ":b:")},
    {"edges of ftext", T("!9;~: x\r\nT"), OK(9), BODY("!9;~", " x")},
    {"white space at the end of the body", T("A: x \t\r\nT"), OK(8), BODY("A", " x \t")},

    /* RFC 5322 2.2.3 */
    {"a fold", T("A: x\r\n y\r\nT"), OK(10), BODY("A", " x\r\n y"), .folds = 1},
    {"a fold with tab", T("A: x\r\n\ty\r\nT"), OK(10), BODY("A", " x\r\n\ty"), .folds = 1},
    {"two folds", T("A:\r\n x\r\n y\r\nT"), OK(12), BODY("A", "\r\n x\r\n y"), .folds = 2},
    {"a fold, the next line not in sight", T("A: x\r\n y\r\n"), MORE},
    {"a fold without ending", T("A: x\r\n y"), MORE},
    {"a fold of white space", T("A: x\r\n \t\r\nT"), OK(10), BODY("A", " x\r\n \t"), .folds = 1,
     .quirks = EMPTY_FOLD},
    {"a fold of white space between", T("A: x\r\n \r\n y\r\nT"), OK(13), BODY("A",
     " x\r\n \r\n y"), .folds = 2, .quirks = EMPTY_FOLD},
    {"a colon in a fold only", T("A\r\n : x\r\nT"), ERROR(NO_COLON, 1)},

    /* RFC 5322 4.5.8 */
    {"space before the colon", T("A : x\r\nT"), OK(7), BODY("A", " x"), .quirks = SPACE_COLON},
    {"tab before the colon", T("A\t: x\r\nT"), OK(7), BODY("A", " x"), .quirks = SPACE_COLON},
    {"much space before the colon", T("A \t : x\r\nT"), OK(9), BODY("A", " x"),
     .quirks = SPACE_COLON},
    {"space before the name", T(" A: x\r\nT"), OK(7), BODY("A", " x"), .quirks = AT_START},
    {"tab before the name", T("\tA: x\r\nT"), OK(7), BODY("A", " x"), .quirks = AT_START},
    {"space around the name", T("  A : x\r\n y\r\nT"), OK(13), BODY("A", " x\r\n y"), .folds = 1,
     .quirks = AT_START | SPACE_COLON},

    /* the name's errors */
    {"no colon", T("Hello\r\n"), ERROR(NO_COLON, 5)},
    {"no colon, bare LF", T("Hello\n"), ERROR(NO_COLON, 5)},
    {"no colon, two words", T("Hello world\r\n"), ERROR(NO_COLON, 11)},
    {"no colon in sight yet", T("Hello world"), MORE},
    {"mbox line without time", T("From a@b\r\n"), ERROR(NO_COLON, 8)},
    {"mbox line", T("From a@b Mon Jan  1 10:00:00 2024\r\n"), ERROR(BAD_NAME, 4)},
    {"end of data", T(".\r\n"), ERROR(NO_COLON, 1)},
    {"space only", T(" \r\n"), ERROR(NO_COLON, 1)},
    {"no name", T(": x\r\n"), ERROR(NO_NAME, 0)},
    {"space for a name", T(" \t: x\r\n"), ERROR(NO_NAME, 2)},
    {"space in the name", T("A b: x\r\n"), ERROR(BAD_NAME, 1)},
    {"space in the name and before it", T(" A b: x\r\n"), ERROR(BAD_NAME, 2)},
    {"NUL in the name", T("A\0: x\r\n"), ERROR(BAD_NAME, 1)},
    {"DEL in the name", T("A\x7f: x\r\n"), ERROR(BAD_NAME, 1)},
    {"eight-bit name", T("\xc3\xa9: x\r\n"), ERROR(BAD_NAME, 0)},
    {"CR in the name", T("A\r: x\r\n"), ERROR(BAD_NAME, 1)},
    {"CR first", T("\r: x\r\n"), ERROR(BAD_NAME, 0)},

    /* octets of the body */
    {"bare LF", T("A: x\nT"), OK(5), BODY("A", " x"), .quirks = QUIRK_BARE_LF},
    {"bare LF, then a fold", T("A: x\n y\r\nT"), OK(9), BODY("A", " x\n y"), .folds = 1,
     .quirks = QUIRK_BARE_LF},
    {"bare LF behind a fold", T("A: x\r\n y\nT"), OK(9), BODY("A", " x\r\n y"), .folds = 1,
     .quirks = QUIRK_BARE_LF},
    {"bare CR", T("A: x\ry\r\nT"), OK(8), BODY("A", " x\ry"), .quirks = QUIRK_BARE_CR},
    {"CR CR LF", T("A: x\r\r\nT"), OK(7), BODY("A", " x\r"), .quirks = QUIRK_BARE_CR},
    {"NUL", T("A: \0\r\nT"), OK(6), BODY("A", " \0"), .quirks = QUIRK_NUL},
    {"control", T("A: \x1b\r\nT"), OK(6), BODY("A", " \x1b"), .quirks = QUIRK_CONTROL},
    {"eight-bit", T("A: \xff\r\nT"), OK(6), BODY("A", " \xff"), .quirks = QUIRK_EIGHT_BIT},
    /* RFC 6532 3.2: UTF-8 is told from other octets, over all lines of the field */
    {"UTF-8", T("A: \xc3\xbc\r\nT"), OK(7), BODY("A", " \xc3\xbc"), .quirks = QUIRK_UTF8},
    {"UTF-8 on two lines", T("A: \xc3\xbc\r\n \xf0\x9f\x93\xa7\r\nT"), OK(14), BODY("A", " \xc3\xbc\r\n \xf0\x9f\x93\xa7"),
     .folds = 1, .quirks = QUIRK_UTF8},
    {"UTF-8 and Latin-1", T("A: \xc3\xbc\r\n \xfc\r\nT"), OK(11), BODY("A", " \xc3\xbc\r\n \xfc"), .folds = 1,
     .quirks = QUIRK_EIGHT_BIT},
    {"UTF-8 cut by a fold", T("A: \xc3\r\n \xbc\r\nT"), OK(10), BODY("A", " \xc3\r\n \xbc"), .folds = 1,
     .quirks = QUIRK_EIGHT_BIT},
    {"overlong UTF-8", T("A: \xc0\xaf\r\nT"), OK(7), BODY("A", " \xc0\xaf"), .quirks = QUIRK_EIGHT_BIT},
    {"quirks of every line", T("A: \xff\r\n \x01\r\n \0\r\nT"), OK(14), BODY("A",
     " \xff\r\n \x01\r\n \0"), .folds = 2, .quirks = QUIRK_EIGHT_BIT | QUIRK_CONTROL | QUIRK_NUL},
    {"quirks of the next field do not count", T("A: x\r\n\xff"), OK(6), BODY("A", " x")},

    /* RFC 5322 2.1.1: 998 octets, CRLF not included */
    {"a line of 998 octets", T("A:" A990 "aaaaaa\r\nT"), OK(1000), BODY("A", A990 "aaaaaa")},
    {"a line of 999 octets", T("A:" A990 "aaaaaaa\r\nT"), OK(1001), BODY("A", A990 "aaaaaaa"),
     .quirks = QUIRK_LONG_LINE},
    {"a fold of 998 octets", T("A:\r\n " A990 "aaaaaaa\r\nT"), OK(1004), BODY("A",
     "\r\n " A990 "aaaaaaa"), .folds = 1},
    {"a fold of 999 octets", T("A:\r\n " A990 "aaaaaaaa\r\nT"), OK(1005), BODY("A",
     "\r\n " A990 "aaaaaaaa"), .folds = 1, .quirks = QUIRK_LONG_LINE},

    /* the end of the header */
    {"the empty line", T("\r\nbody"), OK(2), END},
    {"the empty line ended by LF", T("\nbody"), OK(1), END, .quirks = QUIRK_BARE_LF},
    {"half the empty line", T("\r"), MORE},
    {"CR CR LF is no empty line", T("\r\r\n"), ERROR(NO_COLON, 1)},

    /* the caller's limit */
    {"exactly at the limit", T("A: x\r\nT"), OK(6), BODY("A", " x"), .max_octets = 6},
    {"one over", T("A: xy\r\nT"), ERROR(TOO_LONG, 6), .max_octets = 6},
    {"one over, its end not in sight", T("A: xyz"), ERROR(TOO_LONG, 6), .max_octets = 6},
    {"one below, its end not in sight", T("A: xy"), MORE, .max_octets = 6},
    {"at the limit, the next line not in sight", T("A: x\r\n"), MORE, .max_octets = 6},
    {"a fold behind the limit", T("A: x\r\n "), ERROR(TOO_LONG, 6), .max_octets = 6},
    {"a fold at the limit", T("A: x\r\n y\r\nT"), OK(10), BODY("A", " x\r\n y"), .folds = 1,
     .max_octets = 10},
    {"a fold one over", T("A: x\r\n yz\r\nT"), ERROR(TOO_LONG, 10), .max_octets = 10},
    {"the empty line at the limit", T("\r\n"), OK(2), END, .max_octets = 2},
    {"the empty line over the limit", T("\r\n"), ERROR(TOO_LONG, 1), .max_octets = 1},
    {"too long before no colon", T("Hello\r\n"), ERROR(TOO_LONG, 5), .max_octets = 5},
};

/* `in` is all there is. */
static const struct row whole_rows[] = {
    {"nothing", T(""), OK(0), END, .quirks = NO_BLANK},
    {"the empty line", T("\r\n"), OK(2), END},
    {"the empty line, bare LF", T("\n"), OK(1), END, .quirks = QUIRK_BARE_LF},
    {"the empty line and a body", T("\r\nbody"), OK(2), END},
    {"a field", T("A: x\r\n"), OK(6), BODY("A", " x")},
    {"a field without ending", T("A: x"), OK(4), BODY("A", " x")},
    {"a field with half an ending", T("A: x\r"), OK(5), BODY("A", " x\r"), .quirks = QUIRK_BARE_CR},
    {"a field ended by LF", T("A: x\n"), OK(5), BODY("A", " x"), .quirks = QUIRK_BARE_LF},
    {"a fold", T("A: x\r\n y\r\n"), OK(10), BODY("A", " x\r\n y"), .folds = 1},
    {"a fold without ending", T("A: x\r\n y"), OK(8), BODY("A", " x\r\n y"), .folds = 1},
    {"a fold of one space", T("A: x\r\n "), OK(7), BODY("A", " x\r\n "), .folds = 1,
     .quirks = EMPTY_FOLD},
    {"eight-bit without ending", T("A: \xff"), OK(4), BODY("A", " \xff"),
     .quirks = QUIRK_EIGHT_BIT},
    {"a name alone", T("A:"), OK(2), BODY("A", "")},
    {"another field", T("A: x\r\nB: y"), OK(6), BODY("A", " x")},
    {"no colon", T("Hello"), ERROR(NO_COLON, 5)},
    {"CR alone", T("\r"), ERROR(NO_COLON, 1)},
    {"no name", T(":"), ERROR(NO_NAME, 0)},
    {"exactly at the limit", T("A: xyz"), OK(6), BODY("A", " xyz"), .max_octets = 6},
    {"one over the limit", T("A: xyz0"), ERROR(TOO_LONG, 6), .max_octets = 6},
    {"a fold at the limit", T("A:\r\n x"), OK(6), BODY("A", "\r\n x"), .folds = 1, .max_octets = 6},
    {"a fold over the limit", T("A:\r\n xy"), ERROR(TOO_LONG, 6), .max_octets = 6},
};
/* clang-format on */

static void check_field(const struct row *row, const struct imf_field *field, struct slice in,
                        size_t consumed)
{
    if (field->kind != row->kind || imf_field_folds(field->body) != row->folds ||
        field->quirks != row->quirks)
        fail_msg("%s: kind %d, %zu folds, quirks %#llx", row->what, (int)field->kind,
                 imf_field_folds(field->body), (unsigned long long)field->quirks);
    assert_slice_equal(field->name, row->name);
    assert_slice_equal(field->body, row->body);
    assert_true(field->raw.ptr == in.ptr);
    assert_int_equal(field->raw.len, consumed);
}

static struct parse_result parse(struct slice in, const struct row *row, bool whole)
{
    struct imf_field field = {.quirks = UINT64_MAX};
    struct imf_field_limits limits = {row->max_octets == 0 ? 2000 : row->max_octets, whole};
    struct parse_result result = imf_field_parse(in, limits, &field);
    if (result.status != PARSE_OK)
        assert_true(field.quirks == UINT64_MAX); /* only success writes */
    else if (!whole || in.len == row->in.len)
        check_field(row, &field, in, result.offset);
    if (whole)
        assert_int_not_equal(result.status, PARSE_MORE);
    return result;
}

static struct parse_result parse_part(struct slice in, void *context)
{
    return parse(in, context, false);
}

static struct parse_result parse_whole(struct slice in, void *context)
{
    return parse(in, context, true);
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        law_check(rows[i].what, parse_part, (void *)(uintptr_t)&rows[i], rows[i].in,
                  rows[i].expected);
}

static void whole_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof whole_rows / sizeof *whole_rows; i++)
        law_check_whole(whole_rows[i].what, parse_whole, (void *)(uintptr_t)&whole_rows[i],
                        whole_rows[i].in, whole_rows[i].expected);
}

/* The raw slices, one after the other, are the input. */
static void no_octet_of_a_header_is_lost(void **state)
{
    (void)state;
    static const struct {
        struct slice in;
        size_t fields;
        uint64_t end_quirks;
        struct slice body; /* of the message */
    } headers[] = {
        {T("From: a\r\nTo : b,\r\n c\nX:\r\n\r\nbody: no field\r\n"), 3, 0,
         T("body: no field\r\n")},
        {T("From: a\nTo: b\n\nbody"), 2, QUIRK_BARE_LF, T("body")},
        {T(" From: a\r\n\t\r\nTo: b"), 2, NO_BLANK, T("")},
        {T("\r\n\r\n"), 0, 0, T("\r\n")},
        {T(""), 0, NO_BLANK, T("")},
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        struct slice rest = headers[i].in;
        struct imf_field field;
        for (size_t n = 0;; n++) {
            struct parse_result result =
                imf_field_parse(rest, (struct imf_field_limits){100, true}, &field);
            assert_int_equal(result.status, PARSE_OK);
            assert_ptr_equal(field.raw.ptr, rest.ptr);
            assert_int_equal(field.raw.len, result.offset);
            rest = slice_from(rest, result.offset);
            assert_int_equal(field.kind, n == headers[i].fields ? IMF_HEADER_END : IMF_FIELD);
            if (field.kind == IMF_HEADER_END)
                break;
        }
        assert_int_equal(field.quirks, headers[i].end_quirks);
        assert_slice_equal(rest, headers[i].body);
    }
}

/* RFC 5322 2.2.3: "removing any CRLF that is immediately followed by WSP" */
static void unfolding(void **state)
{
    (void)state;
    static const struct {
        struct slice body, unfolded;
    } bodies[] = {
        {T(""), T("")},
        {T(" x"), T(" x")},
        {T(" x\r\n y"), T(" x y")},
        {T(" x\r\n\ty\r\n  z"), T(" x\ty  z")},
        {T("\r\n x"), T(" x")},
        {T("\n x"), T(" x")},
        {T(" x\n y"), T(" x y")},
        {T(" x\r\n \r\n y"), T(" x  y")},
        {T(" x\r\r\n y"), T(" x\r y")},
        {T(" x\r y"), T(" x\r y")},
        {T(" x\r\ny"), T(" x\r\ny")},
        {T(" x\ny"), T(" x\ny")},
        {T(" x\r\n"), T(" x\r\n")},
        {T("\n"), T("\n")},
        {T(" \0\r\n \xff"), T(" \0 \xff")},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        uint8_t text[32];
        struct slice copy = law_copy(bodies[i].body);
        struct writer out = writer_of(text, bodies[i].unfolded.len);
        imf_field_unfold(copy, &out);
        assert_false(out.overflow);
        assert_slice_equal(writer_slice(&out), bodies[i].unfolded);
        law_free(copy);
    }
}

static void each_error_has_a_text(void **state)
{
    (void)state;
    for (int error = IMF_FIELD_TOO_LONG; error <= IMF_FIELD_BAD_NAME; error++) {
        assert_non_null(imf_field_error_text(error));
        for (int other = IMF_FIELD_TOO_LONG; other < error; other++)
            assert_string_not_equal(imf_field_error_text(error), imf_field_error_text(other));
    }
    assert_non_null(strstr(imf_field_error_text(IMF_FIELD_TOO_LONG), "limit"));
    assert_non_null(strstr(imf_field_error_text(IMF_FIELD_NO_NAME), "colon"));
    assert_null(imf_field_error_text(0));
    assert_null(imf_field_error_text(-1));
    assert_null(imf_field_error_text(IMF_FIELD_BAD_NAME + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(whole_table),
        cmocka_unit_test(no_octet_of_a_header_is_lost),
        cmocka_unit_test(unfolding),
        cmocka_unit_test(each_error_has_a_text),
    };
    return cmocka_run_group_tests_name("field", tests, NULL, NULL);
}
