#include "law.h"
#include "smtp/enhanced.h"

/* RFC 3463 2, RFC 2034 4 */
static const struct {
    struct slice text;
    size_t octets; /* 0: no code */
    struct smtp_enhanced code;
} rows[] = {
    {SLICE_INIT("2.0.0"), 5, {2, 0, 0}},
    {SLICE_INIT("2.1.5 ok"), 5, {2, 1, 5}},
    {SLICE_INIT("4.7.10 later"), 6, {4, 7, 10}},
    {SLICE_INIT("5.7.1 "), 5, {5, 7, 1}},
    {SLICE_INIT("5.123.456 x"), 9, {5, 123, 456}},
    {SLICE_INIT("5.999.100"), 9, {5, 999, 100}},
    {SLICE_INIT(""), 0, {0, 0, 0}},
    {SLICE_INIT("2"), 0, {0, 0, 0}},
    {SLICE_INIT("2."), 0, {0, 0, 0}},
    {SLICE_INIT("2.0"), 0, {0, 0, 0}},
    {SLICE_INIT("2.0."), 0, {0, 0, 0}},
    {SLICE_INIT("2.0. "), 0, {0, 0, 0}},
    {SLICE_INIT("2..0"), 0, {0, 0, 0}},
    {SLICE_INIT(".0.0"), 0, {0, 0, 0}},
    {SLICE_INIT("2 0 0"), 0, {0, 0, 0}},
    {SLICE_INIT("2.0 0"), 0, {0, 0, 0}},
    {SLICE_INIT("0.0.0"), 0, {0, 0, 0}},
    {SLICE_INIT("1.0.0"), 0, {0, 0, 0}},
    {SLICE_INIT("3.0.0"), 0, {0, 0, 0}},
    {SLICE_INIT("6.0.0"), 0, {0, 0, 0}},
    {SLICE_INIT("22.0.0"), 0, {0, 0, 0}},
    {SLICE_INIT("2.1234.0"), 0, {0, 0, 0}},
    {SLICE_INIT("2.0.1234"), 0, {0, 0, 0}},
    {SLICE_INIT("2.00.0"), 0, {0, 0, 0}},
    {SLICE_INIT("2.0.05"), 0, {0, 0, 0}},
    {SLICE_INIT("02.0.0"), 0, {0, 0, 0}},
    {SLICE_INIT("2.0.0.1 an address"), 0, {0, 0, 0}},
    {SLICE_INIT("1.2.3.4 hello"), 0, {0, 0, 0}},
    {SLICE_INIT("2.0.0\t"), 0, {0, 0, 0}},
    {SLICE_INIT("2.0.0-x"), 0, {0, 0, 0}},
    {SLICE_INIT("2.0.0\0"), 0, {0, 0, 0}},
    {SLICE_INIT(" 2.0.0"), 0, {0, 0, 0}},
    {SLICE_INIT("2.0.x"), 0, {0, 0, 0}},
    {SLICE_INIT("2.0:0"), 0, {0, 0, 0}},
    {SLICE_INIT("2.0./"), 0, {0, 0, 0}},
};

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct smtp_enhanced untouched = {7, 7, 7};
        struct smtp_enhanced code = untouched;
        struct slice copy = law_copy(rows[i].text);
        size_t octets = smtp_enhanced_parse(copy, &code);
        law_free(copy);
        if (octets != rows[i].octets)
            fail_msg("row %zu: %zu octets", i, octets);
        assert_true(smtp_enhanced_equal(code, octets == 0 ? untouched : rows[i].code));
        for (size_t len = 0; len < rows[i].text.len; len++) {
            copy = law_copy(slice_sub(rows[i].text, 0, len));
            assert_true(smtp_enhanced_parse(copy, &code) <= len);
            law_free(copy);
        }
    }
}

static void equality_looks_at_each_part(void **state)
{
    (void)state;
    struct smtp_enhanced code = {5, 7, 1};
    assert_true(smtp_enhanced_equal(code, (struct smtp_enhanced){5, 7, 1}));
    assert_false(smtp_enhanced_equal(code, (struct smtp_enhanced){4, 7, 1}));
    assert_false(smtp_enhanced_equal(code, (struct smtp_enhanced){5, 1, 1}));
    assert_false(smtp_enhanced_equal(code, (struct smtp_enhanced){5, 7, 7}));
}

/* Law 4, for one code in 37. */
static void what_is_written_parses_to_the_same(void **state)
{
    (void)state;
    static const uint16_t classes[] = {2, 4, 5};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        for (unsigned n = 0; n < 1000000; n += 37) {
            struct smtp_enhanced code = {classes[i], (uint16_t)(n / 1000), (uint16_t)(n % 1000)};
            uint8_t text[16];
            struct writer out = writer_of(text, sizeof text);
            smtp_enhanced_write(code, &out);
            struct smtp_enhanced again;
            assert_int_equal(smtp_enhanced_parse(writer_slice(&out), &again), out.len);
            assert_true(smtp_enhanced_equal(code, again));
        }
    }
    uint8_t text[5];
    struct writer out = writer_of(text, sizeof text);
    smtp_enhanced_write((struct smtp_enhanced){5, 7, 1}, &out);
    assert_slice_equal(writer_slice(&out), SLICE("5.7.1"));
}

/* The registry: how many details each subject has, and some of them. */
static void what_is_registered_is_found(void **state)
{
    (void)state;
    static const unsigned details[] = {1, 11, 5, 7, 8, 7, 11, 31};
    for (uint16_t subject = 0; subject < 1000; subject++) {
        unsigned known = subject < sizeof details / sizeof *details ? details[subject] : 0;
        for (uint16_t detail = 0; detail < 1000; detail++) {
            struct smtp_enhanced code = {5, subject, detail};
            const struct smtp_enhanced_status *status = smtp_enhanced_find(code);
            if ((status != NULL) != (detail < known))
                fail_msg("X.%u.%u", subject, detail);
            if (status != NULL)
                assert_true(status->meaning[0] != '\0' && status->source[0] != '\0');
        }
    }
    static const struct {
        struct smtp_enhanced code;
        const char *meaning, *source;
    } samples[] = {
        {{2, 0, 0}, "other or undefined status", "RFC 3463 3.1"},
        {{5, 1, 1}, "bad destination mailbox address", "RFC 3463 3.2"},
        {{2, 1, 5}, "destination address valid", "RFC 3463 3.2"},
        {{5, 1, 10}, "recipient address has null MX", "RFC 7505"},
        {{5, 2, 2}, "mailbox full", "RFC 3463 3.3"},
        {{4, 3, 2}, "system not accepting network messages", "RFC 3463 3.4"},
        {{4, 4, 7}, "delivery time expired", "RFC 3463 3.5"},
        {{5, 5, 4}, "invalid command arguments", "RFC 3463 3.6"},
        {{5, 6, 3}, "conversion required but not supported", "RFC 3463 3.7"},
        {{5, 7, 8}, "authentication credentials invalid", "RFC 4954"},
        {{5, 7, 30}, "REQUIRETLS support required", "RFC 8689"},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const struct smtp_enhanced_status *status = smtp_enhanced_find(samples[i].code);
        assert_string_equal(status->meaning, samples[i].meaning);
        assert_string_equal(status->source, samples[i].source);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(equality_looks_at_each_part),
        cmocka_unit_test(what_is_written_parses_to_the_same),
        cmocka_unit_test(what_is_registered_is_found),
    };
    return cmocka_run_group_tests_name("enhanced", tests, NULL, NULL);
}
