#include "base/writer.h"
#include "law.h"

#include <stdlib.h>

/* A buffer of exactly its size, so that a sanitizer sees a write past the end. */
static struct writer open_writer(size_t capacity)
{
    struct writer w = writer_of(malloc(capacity), capacity);
    assert_non_null(w.ptr);
    return w;
}

static void what_is_put_is_appended(void **state)
{
    (void)state;
    struct writer w = open_writer(9);
    writer_put(&w, SLICE("ab"));
    writer_put(&w, SLICE(""));
    writer_put(&w, slice_of(NULL, 0));
    writer_put_octet(&w, '\0');
    writer_put_number(&w, 2024);
    writer_put_octet(&w, 255);
    assert_slice_equal(writer_slice(&w), SLICE("ab\0"
                                               "2024\xff"));
    writer_put_octet(&w, 'z'); /* just fits */
    assert_int_equal(w.len, 9);
    assert_false(w.overflow);
    free(w.ptr);
}

static void overflow_writes_nothing_and_stays(void **state)
{
    (void)state;
    struct writer w = open_writer(3);
    writer_put(&w, SLICE("ab"));
    writer_put(&w, SLICE("cd"));
    assert_true(w.overflow);
    assert_slice_equal(writer_slice(&w), SLICE("ab"));
    writer_put_octet(&w, 'e'); /* would fit */
    writer_put(&w, SLICE(""));
    writer_put_number(&w, 1);
    assert_true(w.overflow);
    assert_slice_equal(writer_slice(&w), SLICE("ab"));
    free(w.ptr);
}

static void each_way_of_writing_can_overflow(void **state)
{
    (void)state;
    struct writer w = open_writer(1);
    writer_put_number(&w, 10);
    assert_true(w.overflow);
    assert_int_equal(w.len, 0);
    free(w.ptr);

    w = writer_of(NULL, 0);
    writer_put(&w, SLICE(""));
    assert_false(w.overflow);
    writer_put_octet(&w, 'a');
    assert_true(w.overflow);
    assert_int_equal(w.len, 0);
    assert_int_equal(writer_slice(&w).len, 0);
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        uint64_t number;
        struct slice digits;
    } rows[] = {
        {0, SLICE_INIT("0")},
        {9, SLICE_INIT("9")},
        {10, SLICE_INIT("10")},
        {1234567890, SLICE_INIT("1234567890")},
        {UINT64_MAX, SLICE_INIT("18446744073709551615")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct writer w = open_writer(rows[i].digits.len);
        writer_put_number(&w, rows[i].number);
        assert_false(w.overflow);
        assert_slice_equal(writer_slice(&w), rows[i].digits);
        free(w.ptr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_appended),
        cmocka_unit_test(overflow_writes_nothing_and_stays),
        cmocka_unit_test(each_way_of_writing_can_overflow),
        cmocka_unit_test(numbers),
    };
    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
