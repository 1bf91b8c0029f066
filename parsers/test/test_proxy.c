#include "law.h"
#include "smtp/proxy.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4        "\xc0\0\2\1\xc6\x33\x64\2\x04\xd2\0\x19" /* 192.0.2.1:1234 to 198.51.100.2:25 */
#define V6                                                                                         \
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2\x04\xd2\0"   \
    "\x19"
#define MAX_OCTETS 64

struct row {
    const char *name;
    struct slice in;
    int error;         /* 0: it is read */
    size_t offset;     /* of the error, or consumed */
    struct slice text; /* what is read: version, family, addresses, tail */
    bool other;        /* it is written otherwise than it stands */
};

/* clang-format off */
static const struct row rows[] = {
    {"TCP4", SLICE_INIT("PROXY TCP4 192.0.2.1 198.51.100.2 1234 25\r\n"), 0, 43, SLICE_INIT("1 tcp4 192.0.2.1:1234 198.51.100.2:25 "), false},
    {"TCP6", SLICE_INIT("PROXY TCP6 2001:db8::1 ::1 0 65535\r\nEHLO"), 0, 36, SLICE_INIT("1 tcp6 2001:db8::1:0 ::1:65535 "), false},
    {"an address in another spelling", SLICE_INIT("PROXY TCP6 2001:DB8:0:0:0:0:0:1 ::FFFF:192.0.2.1 1 2\r\n"), 0, 54, SLICE_INIT("1 tcp6 2001:db8::1:1 ::ffff:c000:201:2 "), true},
    {"UNKNOWN", SLICE_INIT("PROXY UNKNOWN\r\n"), 0, 15, SLICE_INIT("1 unknown "), false},
    {"UNKNOWN and more", SLICE_INIT("PROXY UNKNOWN ffff:f 1 x\r\n"), 0, 26, SLICE_INIT("1 unknown  ffff:f 1 x"), false},
    {"a word that begins so", SLICE_INIT("PROXY UNKNOWNS\r\n"), SMTP_PROXY_ERROR_PROTOCOL, 6, SLICE_INIT(""), false},
    {"another protocol", SLICE_INIT("PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n"), SMTP_PROXY_ERROR_PROTOCOL, 6, SLICE_INIT(""), false},
    {"in small letters", SLICE_INIT("proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n"), SMTP_PROXY_ERROR_SIGNATURE, 0, SLICE_INIT(""), false},
    {"a command", SLICE_INIT("EHLO me\r\n"), SMTP_PROXY_ERROR_SIGNATURE, 0, SLICE_INIT(""), false},
    {"another word", SLICE_INIT("PROX TCP4"), SMTP_PROXY_ERROR_SIGNATURE, 4, SLICE_INIT(""), false},
    {"IPv6 as TCP4", SLICE_INIT("PROXY TCP4 ::1 ::1 1 2\r\n"), SMTP_PROXY_ERROR_ADDRESS, 11, SLICE_INIT(""), false},
    {"no second address", SLICE_INIT("PROXY TCP4 1.2.3.4\r\n"), SMTP_PROXY_ERROR_ADDRESS, 18, SLICE_INIT(""), false},
    {"two blanks", SLICE_INIT("PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n"), SMTP_PROXY_ERROR_ADDRESS, 11, SLICE_INIT(""), false},
    {"a port that is none", SLICE_INIT("PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n"), SMTP_PROXY_ERROR_PORT, 27, SLICE_INIT(""), false},
    {"a leading zero", SLICE_INIT("PROXY TCP4 1.2.3.4 1.2.3.4 1 02\r\n"), SMTP_PROXY_ERROR_PORT, 29, SLICE_INIT(""), false},
    {"more behind the ports", SLICE_INIT("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n"), SMTP_PROXY_ERROR_PORT, 29, SLICE_INIT(""), false},
    {"a bare LF", SLICE_INIT("PROXY UNKNOWN\n"), SMTP_PROXY_ERROR_ENDING, 13, SLICE_INIT(""), false},
    {"a bare CR", SLICE_INIT("PROXY UNKNOWN\rx"), SMTP_PROXY_ERROR_ENDING, 13, SLICE_INIT(""), false},
    {"107 octets", SLICE_INIT("PROXY UNKNOWN 1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901\r\n"), 0, 107, SLICE_INIT("1 unknown  1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901"), false},
    {"108 octets", SLICE_INIT("PROXY UNKNOWN 12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012\r\n"), SMTP_PROXY_ERROR_ENDING, 106, SLICE_INIT(""), false},
    {"version 2, TCP4", SLICE_INIT(SIGNATURE "\x21\x11\0\x0c" V4 "EHLO"), 0, 28, SLICE_INIT("2 tcp4 192.0.2.1:1234 198.51.100.2:25 "), false},
    {"version 2, TCP6", SLICE_INIT(SIGNATURE "\x21\x21\0\x24" V6), 0, 52, SLICE_INIT("2 tcp6 2001:db8::1:1234 2001:db8::2:25 "), false},
    {"TLVs", SLICE_INIT(SIGNATURE "\x21\x11\0\x10" V4 "\4\0\1x"), 0, 32, SLICE_INIT("2 tcp4 192.0.2.1:1234 198.51.100.2:25 \4\0\1x"), false},
    {"LOCAL", SLICE_INIT(SIGNATURE "\x20\0\0\0"), 0, 16, SLICE_INIT("2 local "), false},
    {"LOCAL with addresses, which count for nothing", SLICE_INIT(SIGNATURE "\x20\x11\0\x0c" V4), 0, 28, SLICE_INIT("2 local " V4), true},
    {"a family that is not known", SLICE_INIT(SIGNATURE "\x21\x41\0\2ab"), 0, 18, SLICE_INIT("2 unknown ab"), true},
    {"UDP4", SLICE_INIT(SIGNATURE "\x21\x12\0\x0c" V4), 0, 28, SLICE_INIT("2 tcp4 192.0.2.1:1234 198.51.100.2:25 "), true},
    {"too short for its addresses", SLICE_INIT(SIGNATURE "\x21\x11\0\x0b" V4), SMTP_PROXY_ERROR_LENGTH, 14, SLICE_INIT(""), false},
    {"longer than allowed", SLICE_INIT(SIGNATURE "\x21\x11\0\x31" V4), SMTP_PROXY_ERROR_LENGTH, 14, SLICE_INIT(""), false},
    {"version 1 in version 2", SLICE_INIT(SIGNATURE "\x11"), SMTP_PROXY_ERROR_VERSION, 12, SLICE_INIT(""), false},
    {"another command", SLICE_INIT(SIGNATURE "\x22"), SMTP_PROXY_ERROR_VERSION, 12, SLICE_INIT(""), false},
    {"another signature", SLICE_INIT("\r\n\r\n\0\r\nQUIX"), SMTP_PROXY_ERROR_SIGNATURE, 10, SLICE_INIT(""), false},
};
/* clang-format on */

static void put_address(enum smtp_proxy_family family, const uint8_t *octets, uint16_t port,
                        struct writer *out)
{
    smtp_proxy_address_write(family, octets, out);
    writer_put(out, SLICE(":"));
    writer_put_number(out, port);
    writer_put(out, SLICE(" "));
}

static struct writer describe(const struct smtp_proxy *proxy, uint8_t *buffer, size_t size)
{
    static const char *const names[] = {"unknown ", "tcp4 ", "tcp6 ", "unix "};
    struct writer out = writer_of(buffer, size);
    writer_put_number(&out, proxy->version);
    writer_put(&out, SLICE(" "));
    writer_put(&out, slice_of_cstr(proxy->local ? "local " : names[proxy->family]));
    if (proxy->family == SMTP_PROXY_TCP4 || proxy->family == SMTP_PROXY_TCP6) {
        put_address(proxy->family, proxy->source, proxy->source_port, &out);
        put_address(proxy->family, proxy->destination, proxy->destination_port, &out);
    }
    writer_put(&out, proxy->tail);
    return out;
}

static struct parse_result parse(struct slice in, void *context)
{
    (void)context;
    struct smtp_proxy proxy;
    return smtp_proxy_parse(in, MAX_OCTETS, &proxy);
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct parse_result expected =
            row->error == 0 ? parse_ok(row->offset) : parse_error(row->error, row->offset);
        law_check(row->name, parse, NULL, row->in, expected);
        struct smtp_proxy proxy;
        if (row->error != 0 || smtp_proxy_parse(row->in, MAX_OCTETS, &proxy).status != PARSE_OK) {
            assert_true(row->error != 0 && smtp_proxy_error_text(row->error)[0] != '\0');
            continue;
        }
        uint8_t text[200], written[200];
        struct writer described = describe(&proxy, text, sizeof text);
        assert_slice_equal(writer_slice(&described), row->text);
        struct writer out = writer_of(written, sizeof written);
        smtp_proxy_write(&proxy, &out);
        if (!row->other)
            assert_slice_equal(writer_slice(&out), slice_sub(row->in, 0, row->offset));
        struct smtp_proxy again;
        assert_int_equal(smtp_proxy_parse(writer_slice(&out), MAX_OCTETS, &again).offset, out.len);
        described = describe(&again, text, sizeof text);
        assert_slice_equal(writer_slice(&described), row->text);
    }
}

static void addresses(void **state)
{
    static const struct {
        struct slice in, out; /* empty: none */
    } texts[] = {
        {SLICE_INIT("0.0.0.0"), SLICE_INIT("0.0.0.0")},
        {SLICE_INIT("255.10.0.1"), SLICE_INIT("255.10.0.1")},
        {SLICE_INIT("256.0.0.1"), SLICE_INIT("")},
        {SLICE_INIT("::"), SLICE_INIT("::")},
        {SLICE_INIT("1::"), SLICE_INIT("1::")},
        {SLICE_INIT("::1:0:0:1"), SLICE_INIT("::1:0:0:1")},
        {SLICE_INIT("1:0:0:2:0:0:0:3"), SLICE_INIT("1:0:0:2::3")},
        {SLICE_INIT("1:0:2:3:4:5:6:7"), SLICE_INIT("1:0:2:3:4:5:6:7")},
        {SLICE_INIT("ABCD:00ef::10.1.2.3"), SLICE_INIT("abcd:ef::a01:203")},
        {SLICE_INIT("1:2:3:4:5:6:7"), SLICE_INIT("")},
        {SLICE_INIT("mail.example"), SLICE_INIT("")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint8_t octets[16], text[48];
        enum smtp_proxy_family family = smtp_proxy_address(texts[i].in, octets);
        assert_int_equal(family == SMTP_PROXY_UNKNOWN, texts[i].out.len == 0);
        struct writer out = writer_of(text, sizeof text);
        if (family != SMTP_PROXY_UNKNOWN)
            smtp_proxy_address_write(family, octets, &out);
        assert_slice_equal(writer_slice(&out), texts[i].out);
    }
}

static void endpoints(void **state)
{
    static const struct {
        struct slice in;
        enum smtp_proxy_family family;
        uint16_t port;
    } texts[] = {
        {SLICE_INIT("192.0.2.1"), SMTP_PROXY_TCP4, 0},
        {SLICE_INIT("192.0.2.1:25"), SMTP_PROXY_TCP4, 25},
        {SLICE_INIT("2001:db8::1"), SMTP_PROXY_TCP6, 0},
        {SLICE_INIT("[2001:db8::1]"), SMTP_PROXY_TCP6, 0},
        {SLICE_INIT("[2001:db8::1]:65535"), SMTP_PROXY_TCP6, 65535},
        {SLICE_INIT("[192.0.2.1]:25"), SMTP_PROXY_UNKNOWN, 25},
        {SLICE_INIT("192.0.2.1:"), SMTP_PROXY_UNKNOWN, 0},
        {SLICE_INIT("192.0.2.1:x"), SMTP_PROXY_UNKNOWN, 0},
        {SLICE_INIT("[2001:db8::1"), SMTP_PROXY_UNKNOWN, 0},
        {SLICE_INIT("[2001:db8::1]25"), SMTP_PROXY_UNKNOWN, 0},
        {SLICE_INIT(""), SMTP_PROXY_UNKNOWN, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint8_t octets[16];
        uint16_t port;
        struct slice in = law_copy(texts[i].in);
        assert_int_equal(smtp_proxy_endpoint(in, octets, &port), texts[i].family);
        assert_int_equal(port, texts[i].port);
        law_free(in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(table), cmocka_unit_test(addresses),
                                       cmocka_unit_test(endpoints)};
    return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
