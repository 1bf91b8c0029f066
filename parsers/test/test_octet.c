#include "base/octet.h"
#include "law.h"

static bool one_of(unsigned octet, const char *list)
{
    return octet != 0 && octet < 128 && strchr(list, (int)octet) != NULL;
}

/* The classes as their definitions put them, so that no cell of the table can be wrong unseen. */
static void each_octet_has_its_classes(void **state)
{
    (void)state;
    for (unsigned octet = 0; octet < 256; octet++) {
        bool upper = octet >= 'A' && octet <= 'Z', lower = octet >= 'a' && octet <= 'z';
        bool digit = octet >= '0' && octet <= '9';
        unsigned expected = 0;
        expected |= upper || lower ? OCTET_ALPHA : 0;
        expected |= digit ? OCTET_DIGIT : 0;
        expected |= digit || (octet >= 'A' && octet <= 'F') ? OCTET_HEX_UPPER : 0;
        /* RFC 5322 3.2.3 */
        expected |=
            upper || lower || digit || one_of(octet, "!#$%&'*+-/=?^_`{|}~") ? OCTET_ATEXT : 0;
        expected |= octet == 32 || octet == 9 ? OCTET_WSP : 0;
        expected |= octet >= 33 && octet <= 126 ? OCTET_GRAPHIC : 0;
        /* RFC 3461 4 */
        expected |= octet >= 33 && octet <= 126 && octet != '+' && octet != '=' ? OCTET_XCHAR : 0;
        expected |= octet >= 128 ? OCTET_EIGHT_BIT : 0;
        expected |= octet == 0 ? OCTET_NUL : 0;
        expected |= octet == 13 ? OCTET_CR : 0;
        expected |= octet == 10 ? OCTET_LF : 0;
        expected |=
            (octet >= 1 && octet <= 31 && octet != 9 && octet != 10 && octet != 13) || octet == 127
                ? OCTET_CONTROL
                : 0;
        if (base_octet_class[octet] != expected)
            fail_msg("octet %u: %#x, expected %#x", octet, base_octet_class[octet], expected);
    }
}

static void is_asks_for_any_of_the_classes(void **state)
{
    (void)state;
    assert_true(octet_is('7', OCTET_DIGIT));
    assert_true(octet_is('7', OCTET_ALPHA | OCTET_DIGIT));
    assert_false(octet_is('7', OCTET_ALPHA | OCTET_WSP));
    assert_false(octet_is('7', 0));
    assert_true(octet_is(255, OCTET_EIGHT_BIT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_octet_has_its_classes),
        cmocka_unit_test(is_asks_for_any_of_the_classes),
    };
    return cmocka_run_group_tests_name("octet", tests, NULL, NULL);
}
