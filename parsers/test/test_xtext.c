#include <stdlib.h>

#include "law.h"
#include "smtp/quirk.h"
#include "smtp/xtext.h"

#define INVALID SMTP_QUIRK_INVALID_VALUE
#define LOWER   SMTP_QUIRK_LOWER_CASE_XTEXT

struct row {
    const char *name;
    struct slice in;
    struct slice octets; /* up to the fault where it is none */
    uint64_t quirks;
};

/* clang-format off */
static const struct row rows[] = {
    /* RFC 3461 4: xtext = *( xchar / hexchar ) */
    {"nothing", SLICE_INIT(""), SLICE_INIT(""), 0},
    {"edges of xchar", SLICE_INIT("!*,<>~"), SLICE_INIT("!*,<>~"), 0},
    {"hexchar", SLICE_INIT("+2B"), SLICE_INIT("+"), 0},
    {"example of RFC 4954 5", SLICE_INIT("e+3Dmc2@example.com"), SLICE_INIT("e=mc2@example.com"), 0},
    {"all digits", SLICE_INIT("+01+23+45+67+89+AB+CD+EF"), SLICE_INIT("\x01\x23\x45\x67\x89\xab\xcd\xef"), 0},
    {"NUL", SLICE_INIT("+00"), SLICE_INIT("\0"), 0},
    {"needless hexchar", SLICE_INIT("+41"), SLICE_INIT("A"), 0},
    {"digits after hexchar", SLICE_INIT("+41+4142"), SLICE_INIT("AA42"), 0},
    {"lower case first", SLICE_INIT("+d0"), SLICE_INIT("\xd0"), LOWER},
    {"lower case second", SLICE_INIT("+3d"), SLICE_INIT("="), LOWER},
    {"lower case and upper", SLICE_INIT("+3d+3D"), SLICE_INIT("=="), LOWER},
    {"lower case xchar", SLICE_INIT("abc"), SLICE_INIT("abc"), 0},
    {"equals", SLICE_INIT("a=b"), SLICE_INIT("a"), INVALID},
    {"SP", SLICE_INIT("a b"), SLICE_INIT("a"), INVALID},
    {"HTAB", SLICE_INIT("\t"), SLICE_INIT(""), INVALID},
    {"DEL", SLICE_INIT("a\x7f"), SLICE_INIT("a"), INVALID},
    {"NUL itself", SLICE_INIT("a\0"), SLICE_INIT("a"), INVALID},
    {"eight bit", SLICE_INIT("\xc3\xa9"), SLICE_INIT(""), INVALID},
    {"no digit", SLICE_INIT("a+"), SLICE_INIT("a"), INVALID},
    {"one digit", SLICE_INIT("a+2"), SLICE_INIT("a"), INVALID},
    {"two plus signs", SLICE_INIT("++2B"), SLICE_INIT(""), INVALID},
    {"first no digit", SLICE_INIT("+G0"), SLICE_INIT(""), INVALID},
    {"second no digit", SLICE_INIT("+0g"), SLICE_INIT(""), INVALID},
    {"before A", SLICE_INIT("+0@"), SLICE_INIT(""), INVALID},
    {"after lower case", SLICE_INIT("+3d="), SLICE_INIT("="), INVALID},
};
/* clang-format on */

static void check(const struct row *row, struct slice in)
{
    assert_int_equal(smtp_xtext_quirks(in), row->quirks);
    uint8_t buffer[32];
    struct writer out = writer_of(buffer, in.len); /* never more than its own */
    assert_int_equal(smtp_xtext_decode(in, &out), row->quirks != INVALID);
    assert_false(out.overflow);
    assert_slice_equal(writer_slice(&out), row->octets);
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("%s\n", rows[i].name);
        struct slice copy = law_copy(rows[i].in);
        check(&rows[i], copy);
        law_free(copy);
        for (size_t len = 0; len < rows[i].in.len; len++) { /* must not over-read */
            copy = law_copy(slice_sub(rows[i].in, 0, len));
            smtp_xtext_quirks(copy);
            law_free(copy);
        }
    }
}

/* decode(encode(x)) = x for every octet, in front of each kind of neighbour. */
static void round_trip(void **state)
{
    (void)state;
    for (unsigned value = 0; value < 256; value++) {
        const uint8_t octets[] = {(uint8_t)value, 'A', '0', (uint8_t)value};
        uint8_t encoded[3 * sizeof octets], decoded[sizeof octets];
        struct writer xtext = writer_of(encoded, sizeof encoded);
        smtp_xtext_encode(slice_of(octets, sizeof octets), &xtext);
        assert_false(xtext.overflow);
        assert_int_equal(smtp_xtext_quirks(writer_slice(&xtext)), 0);
        bool plain = value > 32 && value < 127 && value != '+' && value != '=';
        assert_int_equal(xtext.len, plain ? 4 : 8);

        struct writer out = writer_of(decoded, sizeof decoded);
        assert_true(smtp_xtext_decode(writer_slice(&xtext), &out));
        assert_slice_equal(writer_slice(&out), slice_of(octets, sizeof octets));
    }
}

/* RFC 3461 4: an xchar is one of %d33-126 but "+" and "=". Each octet at each place of texts of
 * many lengths: they are looked at eight octets at once. */
static void plain(void **state)
{
    (void)state;
    enum { MOST = 3 * 8 + 1 };
    for (size_t len = 0; len <= MOST; len++) {
        uint8_t *text = malloc(len + 1);
        assert_non_null(text);
        memset(text, 'x', len);
        struct slice copy = law_copy(slice_of(text, len));
        assert_true(smtp_xtext_is_plain(copy));
        law_free(copy);
        for (size_t at = 0; at < len; at++) {
            for (unsigned octet = 0; octet < 256; octet++) {
                text[at] = (uint8_t)octet;
                copy = law_copy(slice_of(text, len));
                bool xchar = octet >= 33 && octet <= 126 && octet != '+' && octet != '=';
                assert_int_equal(smtp_xtext_is_plain(copy), xchar);
                law_free(copy);
            }
            text[at] = 'x';
        }
        free(text);
    }
}

static void overflow_is_sticky(void **state)
{
    (void)state;
    uint8_t buffer[4];
    struct writer out = writer_of(buffer, sizeof buffer);
    smtp_xtext_encode(SLICE("a= b"), &out);
    assert_true(out.overflow);
    assert_slice_equal(writer_slice(&out), SLICE("a+3D"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(plain),
        cmocka_unit_test(overflow_is_sticky),
    };
    return cmocka_run_group_tests_name("xtext", tests, NULL, NULL);
}
