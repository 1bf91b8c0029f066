#include "base/utf8.h"
#include "law.h"

/* RFC 3629 4, and the edges of each row of its grammar. */
static const struct {
    struct slice in;
    size_t length;
} rows[] = {
    {SLICE_INIT(""), 0},
    {SLICE_INIT("\0"), 1},
    {SLICE_INIT("\x7f"), 1},
    {SLICE_INIT("Az"), 1},
    {SLICE_INIT("\x80"), 0},
    {SLICE_INIT("\xc1\xbf"), 0},
    {SLICE_INIT("\xc2\x80"), 2},
    {SLICE_INIT("\xc2\x7f"), 0},
    {SLICE_INIT("\xc2\xc0"), 0},
    {SLICE_INIT("\xc3\xa9t"), 2},
    {SLICE_INIT("\xdf\xbf"), 2},
    {SLICE_INIT("\xe0\x9f\xbf"), 0},
    {SLICE_INIT("\xe0\xa0\x80"), 3},
    {SLICE_INIT("\xe2\x82\xac"), 3},
    {SLICE_INIT("\xe2\x82\xc0"), 0},
    {SLICE_INIT("\xe2\x82\x7f"), 0},
    {SLICE_INIT("\xed\x9f\xbf"), 3},
    {SLICE_INIT("\xed\xa0\x80"), 0},
    {SLICE_INIT("\xee\x80\x80"), 3},
    {SLICE_INIT("\xef\xbf\xbf"), 3},
    {SLICE_INIT("\xf0\x8f\xbf\xbf"), 0},
    {SLICE_INIT("\xf0\x90\x80\x80"), 4},
    {SLICE_INIT("\xf3\xbf\xbf\xbf"), 4},
    {SLICE_INIT("\xf3\xbf\xbf\x7f"), 0},
    {SLICE_INIT("\xf4\x8f\xbf\xbf"), 4},
    {SLICE_INIT("\xf4\x90\x80\x80"), 0},
    {SLICE_INIT("\xf5\x80\x80\x80"), 0},
};

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t len = 0; len <= rows[i].in.len; len++) {
            struct slice copy = law_copy(slice_sub(rows[i].in, 0, len));
            size_t expected = len >= rows[i].length ? rows[i].length : 0;
            if (len == 0)
                expected = 0;
            assert_int_equal(base_utf8_sequence(copy), expected);
            law_free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(table)};
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
