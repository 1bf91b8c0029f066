#include "imf/diagnosis.h"
#include "law.h"

struct row {
    struct slice in;
    enum imf_finding worst;
    size_t offset;
};

#define ROW(text, finding, offset)                                                                 \
    {                                                                                              \
        SLICE_INIT(text), IMF_##finding, offset                                                    \
    }
#define TEN     "abcdefghij"
#define FIFTY   TEN TEN TEN TEN TEN
#define SIXTY   FIFTY TEN
#define LABEL   SIXTY "abc" /* as long as a label may be */
#define LONGEST LABEL "." LABEL "." LABEL "." SIXTY

/* clang-format off */
static const struct row rows[] = {
    /* what can be mailed to */
    ROW("a@b.c", VALID, 0),
    ROW("a.b.c@d.e", VALID, 0),
    ROW("!#$%&'*+-/=?^_`{|}~@b.c", VALID, 0),
    ROW("a@b-c.d--e", VALID, 0),
    ROW("a@1b.2c.d3", VALID, 0),
    ROW(SIXTY "abcd@b.c", VALID, 0),
    ROW("a@" LABEL ".c", VALID, 0),
    ROW("a@" LONGEST, VALID, 0),
    ROW("a@b", SINGLE_LABEL, 2),
    ROW("a@b.1c", NUMERIC_TLD, 4),
    ROW("a@192.0.2.1", NUMERIC_TLD, 10),
    ROW("a@1", NUMERIC_TLD, 2),
    ROW("\"a b\"@c.d", QUOTED_STRING, 0),
    ROW("\"\"@c.d", QUOTED_STRING, 0),
    ROW("\"\\\"\\\\\\a\"@c.d", QUOTED_STRING, 0),
    ROW("\"(,)@[]\"@c.d", QUOTED_STRING, 0),
    ROW("a@[192.0.2.255]", ADDRESS_LITERAL, 2),
    ROW("a@[001.2.3.4]", ADDRESS_LITERAL, 2),
    ROW("a@[IPv6:1:2:3:4:5:6:7:8]", ADDRESS_LITERAL, 2),
    ROW("a@[ipv6:ABCD::ef]", ADDRESS_LITERAL, 2),
    ROW("a@[IPv6:::]", ADDRESS_LITERAL, 2),
    ROW("a@[IPv6:::1]", ADDRESS_LITERAL, 2),
    ROW("a@[IPv6:1::]", ADDRESS_LITERAL, 2),
    ROW("a@[IPv6:1:2:3:4:5:6:192.0.2.1]", ADDRESS_LITERAL, 2),
    ROW("a@[IPv6:::ffff:192.0.2.1]", ADDRESS_LITERAL, 2),
    /* white space and comments */
    ROW("(c)a@b.c", CFWS_COMMENT, 0),
    ROW("a@b.c(c)", CFWS_COMMENT, 5),
    ROW("((c)(\\)))a@b.c", CFWS_COMMENT, 0),
    ROW(" a@b.c", CFWS_FWS, 0),
    ROW("a@b.c\t", CFWS_FWS, 5),
    ROW("\r\n a@b.c", CFWS_FWS, 0),
    ROW(" \r\n a@b.c", CFWS_FWS, 0),
    ROW("(c d)a@b.c", CFWS_FWS, 2),
    ROW("\"a\tb\"@c.d", CFWS_FWS, 2),
    ROW("\"a\r\n b\"@c.d", CFWS_FWS, 2),
    ROW("a@[ 192.0.2.1 ]", CFWS_FWS, 3),
    /* obsolete syntax */
    ROW("\"a\".b@c.d", DEPRECATED_LOCAL_PART, 3),
    ROW("a.\"b\"@c.d", DEPRECATED_LOCAL_PART, 2),
    ROW("a .b@c.d", DEPRECATED_LOCAL_PART, 2),
    ROW("a. b@c.d", DEPRECATED_FWS, 2),
    ROW("a@b. c", DEPRECATED_FWS, 4),
    ROW("\r\n \r\n a@b.c", DEPRECATED_FWS, 5),
    ROW("\"\x07\"@c.d", DEPRECATED_QTEXT, 1),
    ROW("\"\x7f\"@c.d", DEPRECATED_QTEXT, 1),
    ROW("\"\\\x07\"@c.d", DEPRECATED_QUOTED_PAIR, 2),
    ROW("\"\\\0\"@c.d", DEPRECATED_QUOTED_PAIR, 2),
    ROW("\"\\\n\"@c.d", DEPRECATED_QUOTED_PAIR, 2),
    ROW("a.(c)b@c.d", DEPRECATED_COMMENT, 2),
    ROW("a@b.(c)c", DEPRECATED_COMMENT, 4),
    ROW("(\x07)a@b.c", DEPRECATED_CTEXT, 1),
    ROW("a@[IPv6:1:2:3::5:6:7:8]", IPV6_DEPRECATED, 2),
    ROW("a@[IPv6:1:2:3:4:5:6:7::]", IPV6_DEPRECATED, 2),
    ROW("a@[IPv6:::2:3:4:5:6:7:8]", IPV6_DEPRECATED, 2),
    ROW("(c)a@[IPv6:1:2:3::5:6:7:8]", IPV6_DEPRECATED, 5),
    ROW("a @b.c", CFWS_NEAR_AT, 2),
    ROW("a(c)@b.c", CFWS_NEAR_AT, 4),
    ROW("a@ b.c", CFWS_NEAR_AT, 2),
    ROW("a@(c)b.c", CFWS_NEAR_AT, 2),
    ROW("a@(c)[192.0.2.1]", CFWS_NEAR_AT, 2),
    /* of a message, but not of the envelope */
    ROW("a@b_c.d", DOMAIN_NOT_RFC5321, 3),
    ROW("a@b/c.d", DOMAIN_NOT_RFC5321, 3),
    ROW(SIXTY "abcd@" LABEL "." LABEL "." SIXTY "ab", TOO_LONG, 255),
    ROW("a@" LONGEST "a", TOO_LONG, 255),
    ROW(SIXTY "abcde@b.c", LOCAL_PART_TOO_LONG, 65),
    ROW("\"" SIXTY "\\ab\"@b.c", LOCAL_PART_TOO_LONG, 65),
    ROW("a@" LONGEST ".abc", DOMAIN_TOO_LONG, 2),
    ROW("a@" LABEL "d.c", LABEL_TOO_LONG, 66),
    ROW("a@b." LABEL "d", LABEL_TOO_LONG, 68),
    ROW("a@[b]", DOMAIN_LITERAL, 2),
    ROW("a@[]", DOMAIN_LITERAL, 2),
    ROW("a@[b c]", DOMAIN_LITERAL, 2),
    ROW("a@[192.0.2.256]", DOMAIN_LITERAL, 2),
    ROW("a@[192.0.2]", DOMAIN_LITERAL, 2),
    ROW("a@[192.0.2.1.1]", DOMAIN_LITERAL, 2),
    ROW("a@[1:2:3:4:5:6:7:8]", DOMAIN_LITERAL, 2),
    ROW("a@[x:y] (c)", DOMAIN_LITERAL, 2),
    ROW("a@[" LONGEST LABEL "]", DOMAIN_LITERAL, 2),
    ROW("a@[b\\]c]", OBS_DTEXT, 4),
    ROW("a@[\x07]", OBS_DTEXT, 3),
    ROW("a@[\n]", EXPECTING_DTEXT, 3),
    ROW("a@[IPv6:1:2:3:4:5:6:7]", IPV6_GROUP_COUNT, 2),
    ROW("a@[IPv6:192.0.2.1]", IPV6_GROUP_COUNT, 2),
    ROW("a@[IPv6:1:2:3:4:5:6:7:8:9]", IPV6_GROUP_COUNT, 2),
    ROW("a@[IPv6:1:2:3:4:5:192.0.2.1]", IPV6_GROUP_COUNT, 2),
    ROW("a@[IPv6:1]", IPV6_GROUP_COUNT, 2),
    ROW("a@[IPv6:]", IPV6_GROUP_COUNT, 2),
    ROW("a@[IPv6:1::2::3]", IPV6_TWO_DOUBLE_COLONS, 2),
    ROW("a@[IPv6:1:::2]", IPV6_TWO_DOUBLE_COLONS, 2),
    ROW("a@[IPv6:1:2:3:4:5:6:7:g]", IPV6_BAD_GROUP, 2),
    ROW("a@[IPv6:1::12345]", IPV6_BAD_GROUP, 2),
    ROW("a@[IPv6:1::256.0.2.1]", IPV6_BAD_GROUP, 2),
    ROW("a@[IPv6:1:2:3:4:5:6::7:8]", IPV6_TOO_MANY_GROUPS, 2),
    ROW("a@[IPv6:1:2:3:4:5:6::192.0.2.1]", IPV6_TOO_MANY_GROUPS, 2),
    ROW("a@[IPv6::1::2]", IPV6_COLON_AT_START, 2),
    ROW("a@[IPv6:1::2:]", IPV6_COLON_AT_END, 2),
    /* no addr-spec */
    ROW("a@[b[c]", EXPECTING_DTEXT, 4),
    ROW("a@[b\xe9]", EXPECTING_DTEXT, 4),
    ROW("a@[b\0]", EXPECTING_DTEXT, 4),
    ROW("@", MISSING_LOCAL_PART, 0),
    ROW("@b.c", MISSING_LOCAL_PART, 0),
    ROW("(c)@b.c", MISSING_LOCAL_PART, 3),
    ROW("", MISSING_DOMAIN, 0),
    ROW("a", MISSING_DOMAIN, 1),
    ROW("a@", MISSING_DOMAIN, 2),
    ROW("a@(c)", MISSING_DOMAIN, 5),
    ROW("a.b", MISSING_DOMAIN, 3),
    ROW("a..b@c.d", CONSECUTIVE_DOTS, 2),
    ROW("a@b..c", CONSECUTIVE_DOTS, 4),
    ROW("a. .b@c.d", CONSECUTIVE_DOTS, 3),
    ROW("a b@c.d", ATEXT_AFTER_CFWS, 2),
    ROW("a(c)b@c.d", ATEXT_AFTER_CFWS, 4),
    ROW("a@b.c d", ATEXT_AFTER_CFWS, 6),
    ROW("\"a\"b@c.d", ATEXT_AFTER_QUOTED_STRING, 3),
    ROW("a@[b]c", ATEXT_AFTER_DOMAIN_LITERAL, 5),
    ROW("a@[b]-c", ATEXT_AFTER_DOMAIN_LITERAL, 5),
    ROW("a@[127.0.0.1].c", ATEXT_AFTER_DOMAIN_LITERAL, 13),
    ROW("a@[127.0.0.1] .c", ATEXT_AFTER_DOMAIN_LITERAL, 14),
    ROW("\"\\\xe9\"@c.d", EXPECTING_QUOTED_PAIR, 2),
    ROW("a\"b\"@c.d", EXPECTING_ATEXT, 1),
    ROW("\"a\"\"b\"@c.d", EXPECTING_ATEXT, 3),
    ROW("a\\@b@c.d", EXPECTING_ATEXT, 1),
    ROW("a,b@c.d", EXPECTING_ATEXT, 1),
    ROW("\x07@c.d", EXPECTING_ATEXT, 0),
    ROW("\0@c.d", EXPECTING_ATEXT, 0),
    ROW("\xc3\xa9@c.d", EXPECTING_ATEXT, 0),
    ROW("\n@c.d", EXPECTING_ATEXT, 0),
    ROW("a@c.d\n", EXPECTING_ATEXT, 5),
    ROW("a@b@c.d", EXPECTING_ATEXT, 3),
    ROW("a@b[192.0.2.1]", EXPECTING_ATEXT, 3),
    ROW("a@\"b\".c", EXPECTING_ATEXT, 2),
    ROW("\"\xe9\"@c.d", EXPECTING_QTEXT, 1),
    ROW("\"\0\"@c.d", EXPECTING_QTEXT, 1),
    ROW("\"\n\"@c.d", EXPECTING_QTEXT, 1),
    ROW("(\xe9)a@c.d", EXPECTING_CTEXT, 1),
    ROW("(\0)a@c.d", EXPECTING_CTEXT, 1),
    ROW("(\n)a@c.d", EXPECTING_CTEXT, 1),
    ROW("\"a\\", BACKSLASH_AT_END, 2),
    ROW("a@b.c(\\", BACKSLASH_AT_END, 6),
    ROW("a@[b\\", BACKSLASH_AT_END, 4),
    ROW(".a@b.c", DOT_AT_START, 0),
    ROW("a@.b.c", DOT_AT_START, 2),
    ROW("a.@b.c", DOT_AT_END, 2),
    ROW("a@b.c.", DOT_AT_END, 6),
    ROW("a@-b.c", HYPHEN_AT_START, 2),
    ROW("a@b.-c", HYPHEN_AT_START, 4),
    ROW("a@b-.c", HYPHEN_AT_END, 3),
    ROW("a@b.c-", HYPHEN_AT_END, 6),
    ROW("\"a@b.c", UNCLOSED_QUOTED_STRING, 6),
    ROW("\"a\\\"@b.c", UNCLOSED_QUOTED_STRING, 8),
    ROW("(a@b.c", UNCLOSED_COMMENT, 6),
    ROW("((c)a@b.c", UNCLOSED_COMMENT, 9),
    ROW("a@b.c(c\\)", UNCLOSED_COMMENT, 9),
    ROW("a@(b.c ", UNCLOSED_COMMENT, 7),
    ROW("a@[192.0.2.1", UNCLOSED_DOMAIN_LITERAL, 12),
    ROW("a@[b\\]", UNCLOSED_DOMAIN_LITERAL, 6),
    ROW(" \r\n\r\n a@b.c", CRLF_TWICE, 3),
    ROW("a@b.c\r\n\r\n", CRLF_TWICE, 7),
    ROW("\r\na@b.c", CRLF_AT_END, 2),
    ROW("a@b.c\r\n", CRLF_AT_END, 7),
    ROW("a@b.c \r\n \r\n", CRLF_AT_END, 11),
    ROW("a@b.c\r", CR_WITHOUT_LF, 5),
    ROW("\ra@b.c", CR_WITHOUT_LF, 0),
    ROW("\"\ra\"@b.c", CR_WITHOUT_LF, 1),
    ROW("(\r)a@b.c", CR_WITHOUT_LF, 1),
    ROW("a@[\r]", CR_WITHOUT_LF, 3),
};

/* RFC 6532 3.2: UTF8-non-ascii is atext, qtext, ctext and dtext */
static const struct row utf8_rows[] = {
    ROW("\xc3\xa9@b.c", VALID, 0),
    ROW("a@\xc3\xa9.c", VALID, 0),
    ROW("\"\xc3\xa9\\\xc3\xa9\"@b.c", QUOTED_STRING, 0),
    ROW("(\xc3\xa9)a@b.c", CFWS_COMMENT, 0),
    ROW("a@[\xc3\xa9]", DOMAIN_LITERAL, 2),
    ROW("\xc3@b.c", EXPECTING_ATEXT, 0),
    ROW("\"a\\\xff\"@b.c", EXPECTING_QUOTED_PAIR, 3),
    ROW("\"\xed\xa0\x80\"@b.c", EXPECTING_QTEXT, 1),
    ROW("(\xc0\xaf)a@b.c", EXPECTING_CTEXT, 1),
    ROW("a@[\xf5]", EXPECTING_DTEXT, 3),
};
/* clang-format on */

struct expected {
    const struct row *row;
    bool utf8;
};

static struct parse_result parse(struct slice in, void *context)
{
    const struct expected *expected = context;
    struct imf_diagnosis found = imf_diagnose(in, expected->utf8);
    assert_true(found.offset <= in.len);
    if (in.len == expected->row->in.len &&
        (found.worst != expected->row->worst || found.offset != expected->row->offset))
        fail_msg("\"%.*s\": %s at %zu, expected %s at %zu", (int)in.len, (const char *)in.ptr,
                 imf_finding_entry(found.worst)->name, found.offset,
                 imf_finding_entry(expected->row->worst)->name, expected->row->offset);
    return parse_ok(in.len);
}

static void check(const struct row *row, size_t count, bool utf8)
{
    for (size_t i = 0; i < count; i++) {
        struct expected expected = {&row[i], utf8};
        law_check_whole("diagnosis", parse, &expected, row[i].in, parse_ok(row[i].in.len));
    }
}

static void table(void **state)
{
    (void)state;
    check(rows, sizeof rows / sizeof *rows, false);
}

static void utf8_table(void **state)
{
    (void)state;
    check(utf8_rows, sizeof utf8_rows / sizeof *utf8_rows, true);
}

/* Each finding is found in some row, has an entry of its own, and its category is no better than
 * that of the one before it. */
static void entries(void **state)
{
    (void)state;
    static const char *const categories[] = {"valid",      "rfc5321", "cfws",
                                             "deprecated", "rfc5322", "error"};
    size_t category = 0;
    for (int finding = IMF_VALID; finding <= IMF_CR_WITHOUT_LF; finding++) {
        const struct imf_finding_entry *entry = imf_finding_entry((enum imf_finding)finding);
        bool found = false;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            found |= rows[i].worst == (enum imf_finding)finding;
        if (!found)
            fail_msg("no row has %s", entry->name);
        while (category < 6 && strcmp(entry->category, categories[category]) != 0)
            category++;
        assert_in_range(category, 0, 5);
        assert_int_equal(strncmp(entry->is_email, "ISEMAIL_", 8), 0);
        assert_int_equal(strncmp(entry->section, "RFC ", 4), 0);
        assert_true(strlen(entry->summary) > 10);
        for (int other = IMF_VALID; other < finding; other++) {
            const struct imf_finding_entry *before = imf_finding_entry((enum imf_finding)other);
            assert_string_not_equal(entry->name, before->name);
            assert_string_not_equal(entry->is_email, before->is_email);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(utf8_table),
        cmocka_unit_test(entries),
    };
    return cmocka_run_group_tests_name("diagnosis", tests, NULL, NULL);
}
