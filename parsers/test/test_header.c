/* A header read field by field gives what imf_field_parse gives, at every prefix. */
#include "imf/header.h"
#include "imf/quirk.h"
#include "law.h"

#define A10  "aaaaaaaaaa"
#define A100 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10
#define A999                                                                                       \
    A100 A100 A100 A100 A100 A100 A100 A100 A100 A10 A10 A10 A10 A10 A10 A10 A10 A10 "aaaaaaaaa"
#define F4  "A: x\r\nB: x\r\nC: x\r\nD: x\r\n"
#define F64 F4 F4 F4 F4 F4 F4 F4 F4 F4 F4 F4 F4 F4 F4 F4 F4

struct row {
    const char *what;
    struct slice in;
    unsigned fields; /* that are read when `in` is all there is */
    int error;       /* what ends them, if not the end of the header */
    size_t max_octets;
};

/* clang-format off */
static const struct row rows[] = {
    {"an empty header", SLICE_INIT("\r\nbody"), 0, 0, 2000},
    {"nothing", SLICE_INIT(""), 0, 0, 2000},
    {"two fields", SLICE_INIT("From: a\r\nTo: b\r\n\r\nbody: x\r\n\r\n"), 2, 0, 2000},
    {"no empty line", SLICE_INIT("From: a\r\nTo: b\r\n"), 2, 0, 2000},
    {"no last line ending", SLICE_INIT("From: a\r\nTo: b"), 2, 0, 2000},
    {"folds", SLICE_INIT("From: a\r\n b\r\n\tc\r\nTo:\r\n x\r\n\r\n"), 2, 0, 2000},
    {"quirks between plain fields", SLICE_INIT("A: x\r\nB: \xff\r\nC: x\nD : x\r\nE: x\r\n \r\nF: \r\nG: x\r\n\r\n"),
     7, 0, 2000},
    {"UTF-8 between plain fields", SLICE_INIT("A: x\r\nB: \xc3\xbc\r\nC: x\r\n\r\n"), 3, 0, 2000},
    {"a line that is none", SLICE_INIT("A: x\r\nB\r\nC: x\r\n\r\n"), 1, IMF_FIELD_NO_COLON, 2000},
    {"a name that is none", SLICE_INIT("A: x\r\nB\x01: x\r\n\r\n"), 1, IMF_FIELD_BAD_NAME, 2000},
    {"a field at the limit", SLICE_INIT("A: xxxx\r\nB: x\r\n\r\n"), 2, 0, 9},
    {"a field above the limit", SLICE_INIT("A: x\r\nB: xxxx\r\n\r\n"), 1, IMF_FIELD_TOO_LONG, 8},
    {"a long line", SLICE_INIT("A: x\r\nB:" A999 "\r\nC: x\r\n\r\n"), 3, 0, 2000},
    {"more fields than marks", SLICE_INIT(F64 F64 F4 "\r\n"), 132, 0, 2000},
};
/* clang-format on */

static bool same_field(const struct imf_field *a, const struct imf_field *b)
{
    return a->kind == b->kind && a->quirks == b->quirks && a->name.len == b->name.len &&
           a->body.len == b->body.len && a->raw.len == b->raw.len && a->raw.ptr == b->raw.ptr &&
           (a->kind == IMF_HEADER_END ||
            (a->name.ptr == b->name.ptr && a->body.ptr == b->body.ptr));
}

/* Reads `in` both ways; the number of fields, and the answer that ended them. */
static unsigned read_both(const struct row *row, struct slice in, bool whole,
                          struct parse_result *ret_last)
{
    struct imf_field_limits limits = {row->max_octets, whole};
    struct slice copy = law_copy(in);
    struct imf_header header;
    imf_header_begin(copy, limits, &header);
    unsigned fields = 0;
    for (;; fields++) {
        struct imf_field field = {.kind = IMF_HEADER_END}, expected = field;
        struct slice rest = slice_from(copy, header.at);
        struct parse_result want = imf_field_parse(rest, limits, &expected);
        struct parse_result got = imf_header_next(&header, &field);
        if (got.status != want.status || got.offset != want.offset || got.error != want.error ||
            !same_field(&field, &expected))
            fail_msg("%s, %zu octets, field %u: not what imf_field_parse reads", row->what, in.len,
                     fields);
        *ret_last = got;
        if (got.status != PARSE_OK || field.kind == IMF_HEADER_END)
            break;
    }
    law_free(copy);
    return fields;
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct parse_result last;
        unsigned fields = read_both(row, row->in, true, &last);
        if (fields != row->fields || last.error != row->error)
            fail_msg("%s: %u fields, error %d", row->what, fields, last.error);
        for (size_t len = 0; len <= row->in.len; len++) {
            read_both(row, slice_sub(row->in, 0, len), true, &last);
            read_both(row, slice_sub(row->in, 0, len), false, &last);
        }
    }
}

static void test_window(void **state)
{
    (void)state;
    static uint8_t text[3 * SCAN_WINDOW_OCTETS];
    size_t len = 0;
    for (size_t folds = 0; len < sizeof text - 64; folds++) {
        const char *line = folds == 0     ? "A: x\r\nB: x\r\n"
                           : folds == 300 ? "C: x\r\n"
                                          : " folded again\r\n";
        memcpy(text + len, line, strlen(line));
        len += strlen(line);
    }
    static const struct row row = {"a field beyond the scan's window", .max_octets = sizeof text};
    struct parse_result last;
    for (size_t cut = 0; cut < 40; cut++) {
        assert_int_equal(read_both(&row, slice_sub(slice_of(text, len), 0, len - cut), true, &last),
                         3);
        read_both(&row, slice_sub(slice_of(text, len), 0, SCAN_WINDOW_OCTETS - cut + 20), false,
                  &last);
    }
}

static void test_body(void **state)
{
    (void)state;
    struct imf_header header;
    struct imf_field field;
    imf_header_begin(SLICE("A: x\r\n\r\nB: x\r\n"), (struct imf_field_limits){99, true}, &header);
    assert_int_equal(imf_header_next(&header, &field).offset, 6);
    assert_slice_equal(field.name, SLICE("A"));
    assert_slice_equal(field.body, SLICE(" x"));
    assert_int_equal(imf_header_next(&header, &field).offset, 2);
    assert_int_equal(field.kind, IMF_HEADER_END);
    assert_int_equal(header.at, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
