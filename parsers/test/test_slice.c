#include "base/slice.h"
#include "law.h"

static void part_stands_somewhere(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
        bool expected;
    } rows[] = {
        {"", "", true},          {"abc", "", true},        {"", "a", false},
        {"abc", "abc", true},    {"abc", "bc", true},      {"abc", "ab", true},
        {"abc", "c", true},      {"abc", "abcd", false},   {"abab", "ba", true},
        {"aab", "ab", true},     {"aaab", "aab", true},    {"aaaa", "ab", false},
        {"abcab", "abd", false}, {"x250-y", "250-", true}, {"250", "250-", false},
        {"Abc", "ab", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice text = slice_of_cstr(rows[i].text);
        struct slice copy = law_copy(text);
        if (slice_holds(copy, slice_of_cstr(rows[i].part)) != rows[i].expected)
            fail_msg("\"%s\" in \"%s\"", rows[i].part, rows[i].text);
        law_free(copy);
    }
    assert_true(slice_holds(slice_of(NULL, 0), slice_of(NULL, 0)));
    assert_true(slice_holds(slice_of("a\0b", 3), slice_of("\0b", 2)));
    assert_true(slice_holds_nocase(SLICE("xAbC"), SLICE("aBc")));
    assert_true(slice_holds_nocase(SLICE(""), SLICE("")));
    assert_false(slice_holds_nocase(SLICE("xAb"), SLICE("abc")));
}

static void case_of_one_octet(void **state)
{
    (void)state;
    for (unsigned octet = 0; octet < 256; octet++) {
        bool upper = octet >= 'A' && octet <= 'Z', lower = octet >= 'a' && octet <= 'z';
        assert_int_equal(slice_lower((uint8_t)octet), upper ? octet + 32 : octet);
        assert_int_equal(slice_upper((uint8_t)octet), lower ? octet - 32 : octet);
    }
}

/* The vectors that its authors publish. */
static void hash_is_fnv_1a(void **state)
{
    (void)state;
    assert_true(slice_hash(SLICE_HASH, SLICE("")) == UINT64_C(0xcbf29ce484222325));
    assert_true(slice_hash(SLICE_HASH, SLICE("a")) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(slice_hash(SLICE_HASH, SLICE("foobar")) == UINT64_C(0x85944171f73967e8));
    assert_true(slice_hash(slice_hash(SLICE_HASH, SLICE("foo")), SLICE("bar")) ==
                UINT64_C(0x85944171f73967e8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(part_stands_somewhere),
        cmocka_unit_test(case_of_one_octet),
        cmocka_unit_test(hash_is_fnv_1a),
    };
    return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
