#include "law.h"
#include "report/sink.h"

static char written[4096];
static size_t written_len;

static void put(void *context, struct slice octets)
{
    (void)context;
    assert_true(octets.len <= sizeof written - written_len);
    memcpy(written + written_len, octets.ptr, octets.len);
    written_len += octets.len;
}

static const struct sink sink = {.put = put};

/* Octets from a peer, and how they stand on a terminal. */
static const struct {
    struct slice in;
    size_t max_columns;
    struct slice out;
    size_t columns;
} visible[] = {
    {SLICE_INIT(""), 0, SLICE_INIT(""), 0},
    {SLICE_INIT("250 ok"), 0, SLICE_INIT("250 ok"), 6},
    {SLICE_INIT("~ !"), 0, SLICE_INIT("~ !"), 3},
    {SLICE_INIT("a\x1b[31m"), 0, SLICE_INIT("a\\x1b[31m"), 9},
    {SLICE_INIT("\0\r\n\t\x7f"), 0, SLICE_INIT("\\x00\\x0d\\x0a\\x09\\x7f"), 20},
    {SLICE_INIT("caf\xc3\xa9"), 0, SLICE_INIT("caf\xc3\xa9"), 4},
    {SLICE_INIT("caf\xc3"), 0, SLICE_INIT("caf\\xc3"), 7},
    {SLICE_INIT("\xff\xfe"), 0, SLICE_INIT("\\xff\\xfe"), 8},
    {SLICE_INIT("\xc2\x9b"
                "31m"),
     0, SLICE_INIT("\\xc2\\x9b31m"), 11}, /* C1 control: an escape sequence in eight bits */
    {SLICE_INIT("\xc2\xa0"), 0, SLICE_INIT("\xc2\xa0"), 1},
    {SLICE_INIT("\xe2\x80\xae" /* right-to-left override */
                "02"),
     0, SLICE_INIT("\\xe2\\x80\\xae02"), 14},
    {SLICE_INIT("\xe2\x80\xa8"), 0, SLICE_INIT("\\xe2\\x80\\xa8"), 12}, /* line separator */
    {SLICE_INIT("\xe2\x80\x8b"), 0, SLICE_INIT("\\xe2\\x80\\x8b"), 12}, /* no width */
    {SLICE_INIT("\xe2\x80\xa7"), 0, SLICE_INIT("\xe2\x80\xa7"), 1},
    {SLICE_INIT("\xef\xbf\xbe"), 0, SLICE_INIT("\\xef\\xbf\\xbe"), 12}, /* no character */
    {SLICE_INIT("\xf0\x9f\xbf\xbf"), 0, SLICE_INIT("\\xf0\\x9f\\xbf\\xbf"), 16},
    {SLICE_INIT("\xf0\x9f\x98\x80"), 0, SLICE_INIT("\xf0\x9f\x98\x80"), 1},
    {SLICE_INIT("abcdef"), 6, SLICE_INIT("abcdef"), 6},
    {SLICE_INIT("abcdefg"), 6, SLICE_INIT("abc..."), 6},
    {SLICE_INIT("ab\x01"
                "cdef"),
     6, SLICE_INIT("ab..."), 5}, /* no half of an escape */
};

static void visible_octets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof visible / sizeof *visible; i++) {
        struct slice copy = law_copy(visible[i].in);
        written_len = 0;
        assert_int_equal(sink_visible(sink, copy, visible[i].max_columns), visible[i].columns);
        assert_slice_equal(slice_of(written, written_len), visible[i].out);
        law_free(copy);
    }
}

static void escaped_octets(void **state)
{
    (void)state;
    struct slice copy = law_copy(SLICE("\r\n.\t\\\0\x1b caf\xc3\xa9\n"));
    written_len = 0;
    sink_escaped(sink, copy);
    assert_slice_equal(slice_of(written, written_len),
                       SLICE("\\r\\n.\\t\\\\\\0\\x1b caf\xc3\xa9\\n"));
    law_free(copy);
}

static void numbers(void **state)
{
    (void)state;
    written_len = 0;
    sink_number(sink, 0, 0);
    sink_repeat(sink, '|', 2);
    sink_number(sink, 42, 5);
    sink_text(sink, ",");
    sink_number(sink, UINT64_MAX, 3);
    assert_slice_equal(slice_of(written, written_len), SLICE("0||   42,18446744073709551615"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(visible_octets),
                                       cmocka_unit_test(escaped_octets), cmocka_unit_test(numbers)};
    return cmocka_run_group_tests_name("sink", tests, NULL, NULL);
}
