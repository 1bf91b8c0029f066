#include "base/line.h"
#include "law.h"

struct row {
    const char *name;
    struct slice in;
    size_t max_octets;
    struct parse_result expected;
    struct slice text;
    uint64_t quirks;
};

/* RFC 5321 2.3.8 */
static const struct row rows[] = {
    {"empty input", SLICE_INIT(""), 10, {PARSE_MORE, 0, 0}, SLICE_INIT(""), 0},
    {"no ending yet", SLICE_INIT("NOOP"), 10, {PARSE_MORE, 0, 0}, SLICE_INIT(""), 0},
    {"half an ending", SLICE_INIT("NOOP\r"), 10, {PARSE_MORE, 0, 0}, SLICE_INIT(""), 0},
    {"a line", SLICE_INIT("NOOP\r\n"), 10, {PARSE_OK, 0, 6}, SLICE_INIT("NOOP"), 0},
    {"an empty line", SLICE_INIT("\r\n"), 2, {PARSE_OK, 0, 2}, SLICE_INIT(""), 0},
    {"only the first line", SLICE_INIT("A\r\nB\r\n"), 10, {PARSE_OK, 0, 3}, SLICE_INIT("A"), 0},
    {"bare LF", SLICE_INIT("NOOP\n"), 10, {PARSE_OK, 0, 5}, SLICE_INIT("NOOP"), QUIRK_BARE_LF},
    {"bare LF alone", SLICE_INIT("\n"), 10, {PARSE_OK, 0, 1}, SLICE_INIT(""), QUIRK_BARE_LF},
    {"bare CR", SLICE_INIT("A\rB\r\n"), 10, {PARSE_OK, 0, 5}, SLICE_INIT("A\rB"), QUIRK_BARE_CR},
    {"CR CR LF", SLICE_INIT("A\r\r\n"), 10, {PARSE_OK, 0, 4}, SLICE_INIT("A\r"), QUIRK_BARE_CR},
    {"LF CR", SLICE_INIT("A\n\r"), 10, {PARSE_OK, 0, 2}, SLICE_INIT("A"), QUIRK_BARE_LF},
    {"NUL", SLICE_INIT("A\0B\r\n"), 10, {PARSE_OK, 0, 5}, SLICE_INIT("A\0B"), QUIRK_NUL},
    {"control",
     SLICE_INIT("A\x1b\x7f\r\n"),
     10,
     {PARSE_OK, 0, 5},
     SLICE_INIT("A\x1b\x7f"),
     QUIRK_CONTROL},
    {"tab is no control", SLICE_INIT("A\tB\r\n"), 10, {PARSE_OK, 0, 5}, SLICE_INIT("A\tB"), 0},
    {"eight bit",
     SLICE_INIT("\xc3\xa9\r\n"),
     10,
     {PARSE_OK, 0, 4},
     SLICE_INIT("\xc3\xa9"),
     QUIRK_EIGHT_BIT},
    {"just fits", SLICE_INIT("AB\r\n"), 4, {PARSE_OK, 0, 4}, SLICE_INIT("AB"), 0},
    {"one too long",
     SLICE_INIT("ABC\r\n"),
     4,
     {PARSE_ERROR, BASE_LINE_TOO_LONG, 4},
     SLICE_INIT(""),
     0},
    {"no end in sight",
     SLICE_INIT("ABCD"),
     4,
     {PARSE_ERROR, BASE_LINE_TOO_LONG, 4},
     SLICE_INIT(""),
     0},
};

static struct parse_result parse(struct slice in, void *context)
{
    const struct row *row = context;
    struct base_line line = {.quirks = UINT64_MAX};
    struct parse_result result = base_line_parse(in, row->max_octets, &line);
    if (result.status == PARSE_OK) {
        assert_slice_equal(line.text, row->text);
        assert_slice_equal(line.raw, slice_sub(in, 0, result.offset));
        assert_int_equal(line.quirks, row->quirks);
    } else {
        assert_int_equal(line.quirks, UINT64_MAX); /* only success writes */
    }
    return result;
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        law_check(rows[i].name, parse, (void *)(uintptr_t)&rows[i], rows[i].in, rows[i].expected);
}

/* Reads all lines of `in`: what base_lines_take takes, base_line_parse reads to the same, without
 * quirks. Returns how many were taken. */
static size_t take_all(struct slice in, size_t max_octets)
{
    struct slice copy = law_copy(in);
    struct base_lines lines = {.in = copy};
    size_t taken = 0;
    for (;;) {
        struct base_line line, expected;
        struct slice rest = slice_from(copy, lines.at);
        struct parse_result want = base_line_parse(rest, max_octets, &expected);
        if (base_lines_take(&lines, max_octets, &line)) {
            assert_int_equal(want.status, PARSE_OK);
            assert_int_equal(line.quirks, 0);
            taken++;
        } else {
            struct parse_result next = base_lines_next(&lines, max_octets, &line);
            assert_int_equal(next.status, want.status);
            assert_int_equal(next.offset, want.offset);
            if (next.status != PARSE_OK)
                break;
        }
        assert_int_equal(line.quirks, expected.quirks);
        assert_slice_equal(line.text, expected.text);
        assert_slice_equal(line.raw, expected.raw);
        assert_ptr_equal(line.raw.ptr, rest.ptr);
        assert_int_equal(slice_from(copy, lines.at).len, rest.len - want.offset);
    }
    law_free(copy);
    return taken;
}

/* Lines and pieces of lines, put together at random from a fixed seed; of two lines in each place
 * that a scan can end. */
static void lines_are_taken_as_they_are_read(void **state)
{
    static const char *const words[] = {
        "\r\n",
        "a",
        "250-SIZE 10\r\n",
        "b\r\n",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "\n",
        "\r",
        "\t",
        "\x01",
        "\xff",
        "\n\n",
    };
    uint8_t text[400];
    uint32_t seed = 1;
    size_t taken = 0;
    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        size_t len = 0, kinds = 5 + round % 7;
        while (len < 10 + round % 300) {
            seed = seed * 1664525 + 1013904223;
            struct slice word = slice_of_cstr(words[(seed >> 16) % kinds]);
            memcpy(text + len, word.ptr, word.len);
            len += word.len;
        }
        taken += take_all(slice_of(text, len), round % 3 == 0 ? 1 + round % 90 : 4096);
    }
    assert_true(taken > 20000);
    for (size_t octets = 0; octets < 200; octets++) {
        memset(text, 'x', sizeof text);
        memcpy(text + octets, "\r\nb\r\n", 5);
        take_all(slice_of(text, octets + 5), 4096);
        text[0] = 1;
        take_all(slice_of(text, octets + 5), 4096);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(table),
                                       cmocka_unit_test(lines_are_taken_as_they_are_read)};
    return cmocka_run_group_tests_name("line", tests, NULL, NULL);
}
