#include "law.h"
#include "smtp/domain.h"
#include "smtp/quirk.h"

#define NAME    SMTP_DOMAIN_NAME
#define IPV4    SMTP_DOMAIN_IPV4
#define IPV6    SMTP_DOMAIN_IPV6
#define GENERAL SMTP_DOMAIN_GENERAL
#define INVALID SMTP_DOMAIN_INVALID

/* clang-format off */
static const struct {
    struct slice domain;
    enum smtp_domain_kind kind;
} rows[] = {
    /* RFC 5321 4.1.2: Domain = sub-domain *("." sub-domain); sub-domain = Let-dig [Ldh-str] */
    {SLICE_INIT("a"), NAME},
    {SLICE_INIT("7"), NAME},
    {SLICE_INIT("Example.ORG"), NAME},
    {SLICE_INIT("xn--bcher-kva.example"), NAME},
    {SLICE_INIT("a--b.c-d"), NAME},
    {SLICE_INIT("192.0.2.1"), NAME},
    {SLICE_INIT("z9.0Z"), NAME},
    {SLICE_INIT(""), INVALID},
    {SLICE_INIT("."), INVALID},
    {SLICE_INIT(".a"), INVALID},
    {SLICE_INIT("a."), INVALID},
    {SLICE_INIT("a..b"), INVALID},
    {SLICE_INIT("-a"), INVALID},
    {SLICE_INIT("a-"), INVALID},
    {SLICE_INIT("-"), INVALID},
    {SLICE_INIT("a.-b.c"), INVALID},
    {SLICE_INIT("a.b-.c"), INVALID},
    {SLICE_INIT("a_b"), INVALID},
    {SLICE_INIT("a b"), INVALID},
    {SLICE_INIT("a\0b"), INVALID},
    {SLICE_INIT("a@b"), INVALID},
    {SLICE_INIT("a[b]"), INVALID},
    /* RFC 6531 3.3: sub-domain =/ U-label */
    {SLICE_INIT("b\xc3\xbc" "cher.example"), NAME},
    {SLICE_INIT("\xe2\x82\xac"), NAME},
    {SLICE_INIT("b\xfc" "cher.example"), INVALID},
    {SLICE_INIT("a.\xc3"), INVALID},
    /* RFC 5321 4.1.3: IPv4-address-literal = Snum 3("." Snum), 0 through 255 */
    {SLICE_INIT("[192.0.2.1]"), IPV4},
    {SLICE_INIT("[0.0.0.0]"), IPV4},
    {SLICE_INIT("[255.255.255.255]"), IPV4},
    {SLICE_INIT("[001.02.3.000]"), IPV4},
    {SLICE_INIT("[256.0.2.1]"), INVALID},
    {SLICE_INIT("[192.256.2.1]"), INVALID},
    {SLICE_INIT("[192.0.256.1]"), INVALID},
    {SLICE_INIT("[192.0.2.256]"), INVALID},
    {SLICE_INIT("[999.0.2.1]"), INVALID},
    {SLICE_INIT("[1921.0.2.1]"), INVALID},
    {SLICE_INIT("[0192.0.2.1]"), INVALID},
    {SLICE_INIT("[192.0.2.0001]"), INVALID},
    {SLICE_INIT("[192.0.2]"), INVALID},
    {SLICE_INIT("[192.0.2.]"), INVALID},
    {SLICE_INIT("[.0.2.1]"), INVALID},
    {SLICE_INIT("[192..2.1]"), INVALID},
    {SLICE_INIT("[192.0.2.1.]"), INVALID},
    {SLICE_INIT("[192.0.2.1.5]"), INVALID},
    {SLICE_INIT("[192,0.2.1]"), INVALID},
    {SLICE_INIT("[192.0.2.1 ]"), INVALID},
    {SLICE_INIT("[ 192.0.2.1]"), INVALID},
    {SLICE_INIT("[192.0.2.0x1]"), INVALID},
    {SLICE_INIT("[-1.0.2.1]"), INVALID},
    /* RFC 5321 4.1.3: IPv6-full = IPv6-hex 7(":" IPv6-hex); IPv6-hex = 1*4HEXDIG */
    {SLICE_INIT("[IPv6:1:2:3:4:5:6:7:8]"), IPV6},
    {SLICE_INIT("[ipV6:1:2:3:4:5:6:7:8]"), IPV6},
    {SLICE_INIT("[IPv6:2001:0db8:ABCD:ef01:0000:ffff:FFFF:9]"), IPV6},
    {SLICE_INIT("[IPv6:1:2:3:4:5:6:7]"), INVALID},
    {SLICE_INIT("[IPv6:1:2:3:4:5:6:7:8:9]"), INVALID},
    {SLICE_INIT("[IPv6:1:2:3:4:5:6:7:]"), INVALID},
    {SLICE_INIT("[IPv6:1:2:3:4:5:6:7:8:]"), INVALID},
    {SLICE_INIT("[IPv6::1:2:3:4:5:6:7:8]"), INVALID},
    {SLICE_INIT("[IPv6:12345:2:3:4:5:6:7:8]"), INVALID},
    {SLICE_INIT("[IPv6:1:2:3:4:5:6:7:00008]"), INVALID},
    {SLICE_INIT("[IPv6:1:2:3:4:5:6:00007]"), INVALID},
    {SLICE_INIT("[IPv6:1:2:3:4:5:6:7:g]"), INVALID},
    {SLICE_INIT("[IPv6:1:2:3:4:5:6:7:G]"), INVALID},
    {SLICE_INIT("[IPv6:1:2:3:4:5:6:7:8 ]"), INVALID},
    {SLICE_INIT("[IPv6:1.2:3:4:5:6:7:8]"), INVALID},
    {SLICE_INIT("[IPv6:]"), INVALID},
    {SLICE_INIT("[IPv6:1]"), INVALID},
    {SLICE_INIT("[IPv6]"), INVALID},
    {SLICE_INIT("[1:2:3:4:5:6:7:8]"), GENERAL}, /* the tag is "1" */
    /* IPv6-comp: "::" stands for at least two groups, so that at most 6 others remain */
    {SLICE_INIT("[IPv6:::]"), IPV6},
    {SLICE_INIT("[IPv6:::1]"), IPV6},
    {SLICE_INIT("[IPv6:1::]"), IPV6},
    {SLICE_INIT("[IPv6:2001:db8::1]"), IPV6},
    {SLICE_INIT("[IPv6:1:2:3:4:5:6::]"), IPV6},
    {SLICE_INIT("[IPv6:::3:4:5:6:7:8]"), IPV6},
    {SLICE_INIT("[IPv6:1:2:3::6:7:8]"), IPV6},
    {SLICE_INIT("[IPv6:1:2:3:4:5:6:7::]"), INVALID},
    {SLICE_INIT("[IPv6:::2:3:4:5:6:7:8]"), INVALID},
    {SLICE_INIT("[IPv6:1:2:3:4::6:7:8]"), INVALID},
    {SLICE_INIT("[IPv6:1:2:3:4::5:6:7:8]"), INVALID},
    {SLICE_INIT("[IPv6:1::2::3]"), INVALID},
    {SLICE_INIT("[IPv6:::1::]"), INVALID},
    {SLICE_INIT("[IPv6::::]"), INVALID},
    {SLICE_INIT("[IPv6:::::]"), INVALID},
    {SLICE_INIT("[IPv6::1]"), INVALID},
    {SLICE_INIT("[IPv6:::1:]"), INVALID},
    {SLICE_INIT("[IPv6:1:::2]"), INVALID},
    {SLICE_INIT("[IPv6::]"), INVALID},
    /* IPv6v4-full, IPv6v4-comp: the IPv4 address counts as two groups and comes last */
    {SLICE_INIT("[IPv6:1:2:3:4:5:6:192.0.2.1]"), IPV6},
    {SLICE_INIT("[IPv6:1:2:3:4:5:192.0.2.1]"), INVALID},
    {SLICE_INIT("[IPv6:1:2:3:4:5:6:7:192.0.2.1]"), INVALID},
    {SLICE_INIT("[IPv6:::192.0.2.1]"), IPV6},
    {SLICE_INIT("[IPv6:::ffff:192.0.2.1]"), IPV6},
    {SLICE_INIT("[IPv6:1::192.0.2.1]"), IPV6},
    {SLICE_INIT("[IPv6:1:2:3:4::192.0.2.1]"), IPV6},
    {SLICE_INIT("[IPv6:::3:4:5:6:192.0.2.1]"), IPV6},
    {SLICE_INIT("[IPv6:1:2:3:4:5::192.0.2.1]"), INVALID},
    {SLICE_INIT("[IPv6:::2:3:4:5:6:192.0.2.1]"), INVALID},
    {SLICE_INIT("[IPv6:::192.0.2.256]"), INVALID},
    {SLICE_INIT("[IPv6:::192.0.2.1:1]"), INVALID},
    {SLICE_INIT("[IPv6:192.0.2.1::]"), INVALID},
    {SLICE_INIT("[IPv6:192.0.2.1]"), INVALID},
    {SLICE_INIT("[IPv6:::192.0.2]"), INVALID},
    /* General-address-literal = Ldh-str ":" 1*dcontent; dcontent = %d33-90 / %d94-126 */
    {SLICE_INIT("[x:y]"), GENERAL},
    {SLICE_INIT("[X-400:!Z^~:>@\"]"), GENERAL},
    {SLICE_INIT("[-9:y]"), GENERAL},
    {SLICE_INIT("[IPv7:::]"), GENERAL},
    {SLICE_INIT("[IPv66:1]"), GENERAL},
    {SLICE_INIT("[x-:y]"), INVALID},
    {SLICE_INIT("[x_1:y]"), INVALID},
    {SLICE_INIT("[_x:y]"), INVALID},
    {SLICE_INIT("[:y]"), INVALID},
    {SLICE_INIT("[x:]"), INVALID},
    {SLICE_INIT("[x]"), INVALID},
    {SLICE_INIT("[x:y z]"), INVALID},
    {SLICE_INIT("[x:[]"), INVALID},
    {SLICE_INIT("[x:\\y]"), INVALID},
    {SLICE_INIT("[x:]]"), INVALID},
    {SLICE_INIT("[x:\x7f]"), INVALID},
    {SLICE_INIT("[x:\xc3\xa9]"), INVALID},
    /* brackets */
    {SLICE_INIT("[]"), INVALID},
    {SLICE_INIT("["), INVALID},
    {SLICE_INIT("]"), INVALID},
    {SLICE_INIT("[192.0.2.1"), INVALID},
    {SLICE_INIT("192.0.2.1]"), INVALID},
    {SLICE_INIT("[192.0.2.1]x"), INVALID},
    {SLICE_INIT("x[192.0.2.1]"), INVALID},
};
/* clang-format on */

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice copy = law_copy(rows[i].domain);
        enum smtp_domain_kind kind = smtp_domain_classify(copy);
        if (kind != rows[i].kind)
            fail_msg("%.*s: kind %d, expected %d", (int)copy.len, (const char *)copy.ptr, (int)kind,
                     (int)rows[i].kind);
        law_free(copy);
    }
}

/* RFC 5321 4.5.3.1.2; HELO and a route want a Domain (4.1.1.1, 4.1.2). */
static void quirks(void **state)
{
    (void)state;
    uint8_t octets[256];
    memset(octets, 'a', sizeof octets);
    struct slice fits = slice_of(octets, 255), over = slice_of(octets, 256);
    assert_int_equal(smtp_domain_quirks(fits, NAME, true), 0);
    assert_int_equal(smtp_domain_quirks(fits, NAME, false), 0);
    assert_int_equal(smtp_domain_quirks(over, NAME, true), SMTP_QUIRK_LONG_DOMAIN);
    assert_int_equal(smtp_domain_quirks(fits, INVALID, true), SMTP_QUIRK_INVALID_DOMAIN);
    assert_int_equal(smtp_domain_quirks(over, INVALID, false),
                     SMTP_QUIRK_INVALID_DOMAIN | SMTP_QUIRK_LONG_DOMAIN);
    static const enum smtp_domain_kind literals[] = {IPV4, IPV6, GENERAL};
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
        assert_int_equal(smtp_domain_quirks(fits, literals[i], true), 0);
        assert_int_equal(smtp_domain_quirks(fits, literals[i], false), SMTP_QUIRK_INVALID_DOMAIN);
    }
}

/* RFC 5321 4.1.3: an IPv6 address has its tag; the grammar reads its first group as another's. */
static void untagged(void **state)
{
    (void)state;
    static const struct {
        struct slice domain;
        uint64_t quirks;
    } literals[] = {
        {SLICE_INIT("[2001:db8::1]"), SMTP_QUIRK_UNTAGGED_IPV6},
        {SLICE_INIT("[2001:DB8:0:0:0:0:0:1]"), SMTP_QUIRK_UNTAGGED_IPV6},
        {SLICE_INIT("[fe80::192.0.2.1]"), SMTP_QUIRK_UNTAGGED_IPV6},
        {SLICE_INIT("[::1]"), SMTP_QUIRK_UNTAGGED_IPV6 | SMTP_QUIRK_INVALID_DOMAIN},
        {SLICE_INIT("[::]"), SMTP_QUIRK_UNTAGGED_IPV6 | SMTP_QUIRK_INVALID_DOMAIN},
        {SLICE_INIT("[IPv6:2001:db8::1]"), 0},
        {SLICE_INIT("[2001:db8::1%eth0]"), 0},
        {SLICE_INIT("[2001:db8:1]"), 0},
        {SLICE_INIT("[x400:a]"), 0},
        {SLICE_INIT("[192.0.2.1]"), 0},
        {SLICE_INIT("2001:db8::1"), SMTP_QUIRK_INVALID_DOMAIN},
        {SLICE_INIT("[2001:db8::1"), SMTP_QUIRK_INVALID_DOMAIN},
        {SLICE_INIT("[]"), SMTP_QUIRK_INVALID_DOMAIN},
        {SLICE_INIT("["), SMTP_QUIRK_INVALID_DOMAIN},
    };
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
        struct slice copy = law_copy(literals[i].domain);
        assert_int_equal(smtp_domain_quirks(copy, smtp_domain_classify(copy), true),
                         literals[i].quirks);
        law_free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(table), cmocka_unit_test(quirks),
                                       cmocka_unit_test(untagged)};
    return cmocka_run_group_tests_name("domain", tests, NULL, NULL);
}
