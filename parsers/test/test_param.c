#include "law.h"
#include "smtp/param.h"
#include "smtp/quirk.h"
#include "smtp/value.h"

#include <stdio.h>
#include <stdlib.h>

#define INVALID   SMTP_QUIRK_INVALID_PARAMETER
#define SPACE     SMTP_QUIRK_EXTRA_SPACE
#define DUPLICATE SMTP_QUIRK_DUPLICATE_PARAMETER

#define BARE(keyword, quirks)                                                                      \
    {                                                                                              \
        SLICE_INIT(keyword), SLICE_INIT(""), false, quirks                                         \
    }
#define PAIR(keyword, value, quirks)                                                               \
    {                                                                                              \
        SLICE_INIT(keyword), SLICE_INIT(value), true, quirks                                       \
    }

struct row {
    const char *name;
    struct slice in;
    size_t count;
    struct smtp_param params[4];
    uint64_t quirks; /* of all */
    struct slice written;
};

/* clang-format off */
static const struct row rows[] = {
    /* RFC 5321 4.1.2: esmtp-param *( SP esmtp-param ) */
    {"nothing", SLICE_INIT(""), 0, {{.has_value = false}}, 0, SLICE_INIT("")},
    {"white space only", SLICE_INIT(" \t "), 0, {{.has_value = false}}, 0, SLICE_INIT("")},
    {"keyword alone", SLICE_INIT("SMTPUTF8"), 1, {BARE("SMTPUTF8", 0)}, 0, SLICE_INIT(" SMTPUTF8")},
    {"keyword and value", SLICE_INIT("SIZE=500"), 1, {PAIR("SIZE", "500", 0)}, 0, SLICE_INIT(" SIZE=500")},
    {"three", SLICE_INIT("SIZE=1 body=8BITMIME SMTPUTF8"), 3,
     {PAIR("SIZE", "1", 0), PAIR("body", "8BITMIME", 0), BARE("SMTPUTF8", 0)}, 0,
     SLICE_INIT(" SIZE=1 body=8BITMIME SMTPUTF8")},
    {"one SP before", SLICE_INIT(" A"), 1, {BARE("A", 0)}, 0, SLICE_INIT(" A")},
    {"white space after", SLICE_INIT("A  "), 1, {BARE("A", 0)}, 0, SLICE_INIT(" A")},
    {"two SP", SLICE_INIT("A  B"), 2, {BARE("A", 0), BARE("B", SPACE)}, SPACE, SLICE_INIT(" A B")},
    {"HTAB", SLICE_INIT("A\tB=2"), 2, {BARE("A", 0), PAIR("B", "2", SPACE)}, SPACE, SLICE_INIT(" A B=2")},
    {"SP HTAB before", SLICE_INIT(" \tA"), 1, {BARE("A", SPACE)}, SPACE, SLICE_INIT(" A")},
    /* esmtp-keyword = ( ALPHA / DIGIT ) *( ALPHA / DIGIT / "-" ) */
    {"shortest keywords", SLICE_INIT("a 0 Z 9=z"), 4,
     {BARE("a", 0), BARE("0", 0), BARE("Z", 0), PAIR("9", "z", 0)}, 0, SLICE_INIT(" a 0 Z 9=z")},
    {"hyphens", SLICE_INIT("MT-PRIORITY=3 A-"), 2, {PAIR("MT-PRIORITY", "3", 0), BARE("A-", 0)}, 0,
     SLICE_INIT(" MT-PRIORITY=3 A-")},
    {"underscore first", SLICE_INIT("_A"), 1, {BARE("_A", INVALID)}, INVALID, SLICE_INIT(" _A")},
    {"hyphen first", SLICE_INIT("-A"), 1, {BARE("-A", INVALID)}, INVALID, SLICE_INIT(" -A")},
    {"underscore", SLICE_INIT("A_B=1"), 1, {PAIR("A_B", "1", INVALID)}, INVALID, SLICE_INIT(" A_B=1")},
    {"no keyword", SLICE_INIT("=x"), 1, {PAIR("", "x", INVALID)}, INVALID, SLICE_INIT(" =x")},
    {"only equals", SLICE_INIT("="), 1, {PAIR("", "", INVALID)}, INVALID, SLICE_INIT(" =")},
    {"eight bit keyword", SLICE_INIT("\xc3\xa9=1"), 1, {PAIR("\xc3\xa9", "1", INVALID)}, INVALID,
     SLICE_INIT(" \xc3\xa9=1")},
    {"one bad of three", SLICE_INIT("A B: C"), 3, {BARE("A", 0), BARE("B:", INVALID), BARE("C", 0)}, INVALID,
     SLICE_INIT(" A B: C")},
    /* esmtp-value = 1*( %d33-60 / %d62-126 / UTF8-non-ascii ) */
    {"edges of a value", SLICE_INIT("A=!<>~"), 1, {PAIR("A", "!<>~", 0)}, 0, SLICE_INIT(" A=!<>~")},
    {"empty value", SLICE_INIT("A="), 1, {PAIR("A", "", INVALID)}, INVALID, SLICE_INIT(" A=")},
    {"second equals", SLICE_INIT("A=b=c"), 1, {PAIR("A", "b=c", INVALID)}, INVALID, SLICE_INIT(" A=b=c")},
    {"equals at the end", SLICE_INIT("A=b="), 1, {PAIR("A", "b=", INVALID)}, INVALID, SLICE_INIT(" A=b=")},
    {"DEL", SLICE_INIT("A=\x7f"), 1, {PAIR("A", "\x7f", INVALID)}, INVALID, SLICE_INIT(" A=\x7f")},
    {"NUL in a value", SLICE_INIT("A=b\0c D"), 2, {PAIR("A", "b\0c", INVALID), BARE("D", 0)}, INVALID,
     SLICE_INIT(" A=b\0c D")},
    {"NUL in a keyword", SLICE_INIT("A\0B=c"), 1, {PAIR("A\0B", "c", INVALID)}, INVALID, SLICE_INIT(" A\0B=c")},
    {"CR in a value", SLICE_INIT("A=b\rc"), 1, {PAIR("A", "b\rc", INVALID)}, INVALID, SLICE_INIT(" A=b\rc")},
    {"UTF-8 value", SLICE_INIT("A=\xc3\xa9"), 1, {PAIR("A", "\xc3\xa9", 0)}, 0, SLICE_INIT(" A=\xc3\xa9")},
    {"value not UTF-8", SLICE_INIT("A=\xe9t"), 1, {PAIR("A", "\xe9t", INVALID)}, INVALID, SLICE_INIT(" A=\xe9t")},
    {"value cut inside UTF-8", SLICE_INIT("A=\xc3"), 1, {PAIR("A", "\xc3", INVALID)}, INVALID,
     SLICE_INIT(" A=\xc3")},
    /* RFC 5321 4.1.1.11: no keyword twice, in whatever case (2.4) */
    {"twice", SLICE_INIT("A=1 A=1"), 2, {PAIR("A", "1", 0), PAIR("A", "1", 0)}, DUPLICATE, SLICE_INIT(" A=1 A=1")},
    {"twice in other case", SLICE_INIT("Size=1 B sIZE"), 3, {PAIR("Size", "1", 0), BARE("B", 0), BARE("sIZE", 0)},
     DUPLICATE | SMTP_QUIRK_INVALID_VALUE, SLICE_INIT(" Size=1 B sIZE")},
    {"two that exclude each other", SLICE_INIT("HOLDFOR=9 HOLDUNTIL=x"), 2,
     {PAIR("HOLDFOR", "9", 0), PAIR("HOLDUNTIL", "x", 0)}, SMTP_QUIRK_TWO_HOLDS | SMTP_QUIRK_INVALID_VALUE,
     SLICE_INIT(" HOLDFOR=9 HOLDUNTIL=x")},
    {"prefix of another", SLICE_INIT("AB A ABC"), 3, {BARE("AB", 0), BARE("A", 0), BARE("ABC", 0)}, 0,
     SLICE_INIT(" AB A ABC")},
    {"all quirks", SLICE_INIT("A  =  a"), 3, {BARE("A", 0), PAIR("", "", INVALID | SPACE), BARE("a", SPACE)},
     INVALID | SPACE | DUPLICATE, SLICE_INIT(" A = a")},
};
/* clang-format on */

static void check(const struct row *row, struct slice in)
{
    struct slice rest = in;
    for (size_t i = 0; i < row->count; i++) {
        struct smtp_param param;
        assert_true(smtp_param_next(&rest, &param));
        assert_slice_equal(param.keyword, row->params[i].keyword);
        assert_slice_equal(param.value, row->params[i].value);
        assert_int_equal(param.has_value, row->params[i].has_value);
        assert_int_equal(param.quirks, row->params[i].quirks);
    }
    struct smtp_param none = {.quirks = UINT64_MAX};
    assert_false(smtp_param_next(&rest, &none));
    assert_int_equal(none.quirks, UINT64_MAX); /* only success writes */
    assert_int_equal(smtp_param_quirks(in, SMTP_ON_MAIL), row->quirks);

    uint8_t buffer[64];
    struct writer out = writer_of(buffer, sizeof buffer);
    smtp_param_write(in, &out);
    assert_slice_equal(writer_slice(&out), row->written);
    assert_int_equal(smtp_param_quirks(row->written, SMTP_ON_MAIL), row->quirks & ~SPACE);
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
            smtp_param_quirks(copy, SMTP_ON_MAIL);
            law_free(copy);
        }
    }
}

static void find(void **state)
{
    (void)state;
    struct slice params = SLICE("SIZE=1 A=2  size=3 AB=4");
    struct smtp_param param = {.quirks = UINT64_MAX};
    assert_false(smtp_param_find(params, SLICE("SIZ"), &param));
    assert_false(smtp_param_find(params, SLICE("SIZE=1"), &param));
    assert_false(smtp_param_find(params, SLICE(""), &param));
    assert_int_equal(param.quirks, UINT64_MAX); /* only success writes */
    assert_true(smtp_param_find(params, SLICE("Size"), &param));
    assert_slice_equal(param.keyword, SLICE("SIZE"));
    assert_slice_equal(param.value, SLICE("1"));
    assert_true(smtp_param_find(params, SLICE("ab"), &param));
    assert_slice_equal(param.value, SLICE("4"));
}

/* The keyword at index SMTP_PARAM_MAX_COMPARED is the first that is not remembered. */
static void duplicate_bound(void **state)
{
    (void)state;
    enum { LAST = SMTP_PARAM_MAX_COMPARED }; /* one over the bound: indices 0 to LAST */
    char text[8 * (LAST + 2)];
    size_t len = 0;
    for (unsigned i = 0; i <= LAST; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "K%u ", i);
    assert_int_equal(smtp_param_quirks(slice_of(text, len), SMTP_ON_MAIL), 0);

    static const struct {
        unsigned again;
        uint64_t quirks;
    } cases[] = {{0, DUPLICATE}, {LAST - 1, DUPLICATE}, {LAST, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int more = snprintf(text + len, sizeof text - len, "K%u", cases[i].again);
        struct slice params = slice_of(text, len + (size_t)more);
        assert_int_equal(smtp_param_quirks(params, SMTP_ON_MAIL), cases[i].quirks);
    }
}

static struct slice repeat(const char *unit, size_t octets)
{
    uint8_t *text = malloc(octets);
    assert_non_null(text);
    for (size_t i = 0; i < octets; i++)
        text[i] = (uint8_t)unit[i % strlen(unit)];
    return slice_of(text, octets);
}

/* Hostile input of 1 MiB: work that grows faster than the input would not end in a minute. */
static void hostile(void **state)
{
    (void)state;
    static const struct {
        const char *unit;
        uint64_t quirks;
    } cases[] = {
        {"x=y ", DUPLICATE},
        {"x ", DUPLICATE},
        {"=", INVALID},
        {"x", 0},
        {" ", 0},
        {"= ", INVALID | DUPLICATE},
        {"\t=", INVALID | SPACE | DUPLICATE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice in = repeat(cases[i].unit, 1 << 20);
        assert_int_equal(smtp_param_quirks(in, SMTP_ON_MAIL), cases[i].quirks);
        law_free(in);
    }
}

static void overflow_is_sticky(void **state)
{
    (void)state;
    uint8_t buffer[8];
    struct writer out = writer_of(buffer, sizeof buffer);
    smtp_param_write(SLICE("SIZE=10 A"), &out);
    assert_true(out.overflow);
    assert_slice_equal(writer_slice(&out), SLICE(" SIZE=10"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(find),
        cmocka_unit_test(hostile),
        cmocka_unit_test(duplicate_bound),
        cmocka_unit_test(overflow_is_sticky),
    };
    return cmocka_run_group_tests_name("param", tests, NULL, NULL);
}
