#include "imf/quirk.h"
#include "imf/received.h"
#include "law.h"

#include <stdlib.h>

#define CLAUSE  IMF_QUIRK_INVALID_CLAUSE
#define NO_DATE IMF_QUIRK_NO_DATE
#define T       1513604160 /* of DATE */
#define DATE    "; Mon, 18 Dec 2017 14:36:00 +0100"

struct row {
    const char *name, *in;
    const char *clauses; /* each as name=value(first comment), between bars */
    const char *tcp;     /* domain, space, address */
    bool registered;
    int64_t timestamp; /* 0: there is no date */
    uint64_t quirks;
};

/* clang-format off */
static const struct row rows[] = {
    {"RFC 5321 4.4", "from a.example ([192.0.2.1]) by b.example" DATE,
     "from=a.example([192.0.2.1])|by=b.example", " 192.0.2.1", false, T, 0},
    {"all clauses", "FROM a.example (c.example [IPv6:2001:db8::1]) BY b.example VIA TCP WITH ESMTPSA ID x1 FOR <a@b> TLS TLS_AES_256_GCM_SHA384 GROUP x25519 PRIORITY 3" DATE,
     "FROM=a.example(c.example [IPv6:2001:db8::1])|BY=b.example|VIA=TCP|WITH=ESMTPSA|ID=x1|FOR=<a@b>|TLS=TLS_AES_256_GCM_SHA384|GROUP=x25519|PRIORITY=3",
     "c.example 2001:db8::1", true, T, 0},
    {"words that are names of clauses, too", "from for (via) by by with with id x for for" DATE,
     "from=for(via)|by=by|with=with|id=x|for=for", " ", false, T, 0},
    {"a name without its word", "from by b.example with id x1" DATE,
     "from=|by=b.example|with=|id=x1", " ", false, T, CLAUSE},
    {"folded, as Postfix writes", "from a.example (unknown [192.0.2.1])\r\n\t(using TLSv1.2 (256/256 bits))\r\n\tby b.example (Postfix) with ESMTPS id CF01\r\n\tfor <t@example.com>" DATE " (CET)\r\n (envelope-from x)",
     "from=a.example(unknown [192.0.2.1])|by=b.example(Postfix)|with=ESMTPS|id=CF01|for=<t@example.com>", "unknown 192.0.2.1", true, T, 0},
    {"as Exim writes", "from localhost ([127.0.0.1]:49019 helo=x)\n by b.example with esmtp (Exim 4.91) (envelope-from <a@b>) id 1fZ55o-0006DP-3H for c@d" DATE,
     "from=localhost([127.0.0.1]:49019 helo=x)|by=b.example|with=esmtp(Exim 4.91)|id=1fZ55o-0006DP-3H|for=c@d", " 127.0.0.1", true, T, QUIRK_BARE_LF},
    {"as sendmail writes", "from a.example (ident@c.example [192.0.2.1] (may be forged)) by b.example (8.15.2/8.15.2) with SMTP id w1" DATE,
     "from=a.example(ident@c.example [192.0.2.1] (may be forged))|by=b.example(8.15.2/8.15.2)|with=SMTP|id=w1", "ident@c.example 192.0.2.1", true, T, 0},
    {"as qmail writes", "from unknown (HELO 198.51.100.1) (192.0.2.1)\n  by 0 with SMTP" DATE,
     "from=unknown(HELO 198.51.100.1)|by=0|with=SMTP", " 192.0.2.1", true, T, QUIRK_BARE_LF},
    {"qmail, from within", "(qmail 10681 invoked by uid 404)" DATE,
     "=(qmail 10681 invoked by uid 404)", " ", false, T, 0},
    {"as Google writes", "by 2002:aa7:cd10:: with SMTP id b16.81" DATE,
     "by=2002:aa7:cd10::|with=SMTP|id=b16.81", " ", true, T, 0},
    {"literal alone", "from [192.0.2.1] (helo=host) by b.example with smtp" DATE,
     "from=[192.0.2.1](helo=host)|by=b.example|with=smtp", " 192.0.2.1", true, T, 0},
    {"literal without parentheses", "from a.example [192.0.2.1] by b.example with QMQP" DATE,
     "from=a.example [192.0.2.1]|by=b.example|with=QMQP", " 192.0.2.1", false, T, CLAUSE},
    {"protocol of two words", "from a ([192.0.2.1]) by b with Microsoft SMTPSVC(5.0)" DATE,
     "from=a([192.0.2.1])|by=b|with=Microsoft SMTPSVC(5.0)", " 192.0.2.1", false, T, CLAUSE},
    {"comment in a value", "with HTTP (a) REST" DATE, "with=HTTP (a) REST(a)", " ", false, T, CLAUSE},
    {"UTF8SMTPSA", "by b with utf8smtpsa" DATE, "by=b|with=utf8smtpsa", " ", true, T, 0},
    {"unknown clause", "by b id 1 envelope-from <x@y>" DATE, "by=b|id=1 envelope-from <x@y>", " ", false, T, CLAUSE},
    {"words first", "cabbage by b for c" DATE, "=cabbage|by=b|for=c", " ", false, T, CLAUSE},
    {"no value", "from by b" DATE, "from=|by=b", " ", false, T, CLAUSE},
    {"twice", "by a by b" DATE, "by=a|by=b", " ", false, T, CLAUSE},
    {"out of order", "by b from a" DATE, "by=b|from=a", " ", false, T, CLAUSE},
    {"semicolons in their places", "by [x;y] (;) id <\"a; b\"@c;d> for \"e;f\"@g" DATE,
     "by=[x;y](;)|id=<\"a; b\"@c;d>|for=\"e;f\"@g", " ", false, T, 0},
    {"no date", "by b", "by=b", " ", false, 0, NO_DATE},
    {"nothing behind the semicolon", "by b;", "by=b", " ", false, 0, NO_DATE},
    {"no date's words", "by b; yesterday", "by=b", " ", false, 0, NO_DATE},
    {"only a date", DATE, "", " ", false, T, 0},
    {"a date with a quirk", "by b; 18 Dec 17 14:36:00 +0100", "by=b", " ", false, T, IMF_QUIRK_OBS_YEAR},
    {"text before the date", "by b; x; Mon, 18 Dec 2017 14:36:00 +0100", "by=b", " ", false, T, IMF_QUIRK_DATE_SYNTAX},
    {"unclosed comment", "by b (x; 18 Dec 2017", "by=b(x; 18 Dec 2017)", " ", false, 0, IMF_QUIRK_UNCLOSED_COMMENT | NO_DATE},
    {"a list of paths", "by b for <\"a>,\"@b>, <c@d>" DATE, "by=b|for=<\"a>,\"@b>, <c@d>", " ", false, T, CLAUSE},
    {"unclosed quote", "for \"x by b", "for=\"x by b", " ", false, 0, IMF_QUIRK_UNCLOSED_QUOTE | NO_DATE},
    {"unclosed angle", "for <a@b id 1" DATE, "for=<a@b|id=1", " ", false, T, CLAUSE},
    {"empty brackets", "from [] ([]) by b" DATE, "from=[]([])|by=b", " ", false, T, 0},
    {"not an address", "from a (192.0.2) by b" DATE, "from=a(192.0.2)|by=b", " ", false, T, 0},
    {"not an address either", "from a (192.0.2.1234) by b" DATE, "from=a(192.0.2.1234)|by=b", " ", false, T, 0},
    {"not alone", "from a (192.0.2.1 x) by b" DATE, "from=a(192.0.2.1 x)|by=b", " ", false, T, 0},
    {"what the client said", "from a (HELO [192.0.2.1]) (192.0.2.2) by b" DATE, "from=a(HELO [192.0.2.1])|by=b", " 192.0.2.2", false, T, 0},
    {"what the client said, alone", "from a (ehlo [192.0.2.1]) by b" DATE, "from=a(ehlo [192.0.2.1])|by=b", " ", false, T, 0},
    {"what the client said, with a sign", "from a (helo=[192.0.2.1]) by b" DATE, "from=a(helo=[192.0.2.1])|by=b", " ", false, T, 0},
    {"HELO is a host's name", "from a (c [192.0.2.1] HELO) by b" DATE, "from=a(c [192.0.2.1] HELO)|by=b", "c 192.0.2.1", false, T, 0},
    {"as qmail writes with an ident", "from a (HELO b) (c@192.0.2.1) by b" DATE, "from=a(HELO b)|by=b", " 192.0.2.1", false, T, 0},
    {"an ident and IPv6", "from a (c@2001:db8::1) by b" DATE, "from=a(c@2001:db8::1)|by=b", " 2001:db8::1", false, T, 0},
    {"an ident and brackets", "from a (c@[192.0.2.1]) by b" DATE, "from=a(c@[192.0.2.1])|by=b", " 192.0.2.1", false, T, 0},
    {"an ident and a name", "from a (c@d.example) by b" DATE, "from=a(c@d.example)|by=b", " ", false, T, 0},
    {"no space before the brackets", "from a (c.example[192.0.2.1]) by b" DATE, "from=a(c.example[192.0.2.1])|by=b", "c.example 192.0.2.1", false, T, 0},
    {"no space, among the words", "from a[192.0.2.1] by b" DATE, "from=a[192.0.2.1]|by=b", " 192.0.2.1", false, T, 0},
    {"a socket", "from a (localhost [[UNIX: localhost]]) by b" DATE, "from=a(localhost [[UNIX: localhost]])|by=b", " ", false, T, 0},
    {"brackets the wrong way round", "from a (c]d[192.0.2.1]) e][x] by b" DATE, "from=a (c]d[192.0.2.1]) e][x](c]d[192.0.2.1])|by=b", "c]d 192.0.2.1", false, T, CLAUSE},
    {"a bracket that closes nothing", "from a] (b][) by b" DATE, "from=a](b][)|by=b", " ", false, T, 0},
    {"general address literal", "from a ([x:y]) by b" DATE, "from=a([x:y])|by=b", " x:y", false, T, 0},
    {"a bare CR, and UTF-8", "from a (\xc3\xa9)\r by b" DATE, "from=a(\xc3\xa9)|by=b", " ", false, T, QUIRK_BARE_CR | QUIRK_UTF8},
    {"a line of white space", "from a\r\n\t\r\n\tby b" DATE, "from=a|by=b", " ", false, T, IMF_QUIRK_EMPTY_FOLD},
    {"number above 255", "from a (192.0.2.256) by b" DATE, "from=a(192.0.2.256)|by=b", " ", false, T, 0},
    {"IPv6 alone", "from a (2001:db8::1) by b" DATE, "from=a(2001:db8::1)|by=b", " 2001:db8::1", false, T, 0},
    {"five numbers", "from a (192.0.2.1.2) by b" DATE, "from=a(192.0.2.1.2)|by=b", " ", false, T, 0},
};
/* clang-format on */

static struct slice show_clauses(const struct imf_received *received, struct writer *out)
{
    struct slice rest = received->clauses;
    bool seen[IMF_CLAUSE_COUNT] = {false};
    for (struct imf_clause clause; imf_received_next(&rest, &clause);) {
        if (!seen[clause.kind]) /* the first of a kind is kept */
            assert_ptr_equal(received->clause[clause.kind].raw.ptr, clause.raw.ptr);
        seen[clause.kind] = true;
        if (out->len > 0)
            writer_put_octet(out, '|');
        writer_put(out, clause.name);
        writer_put_octet(out, '=');
        writer_put(out, clause.value);
        if (clause.comment.ptr != NULL) {
            writer_put_octet(out, '(');
            writer_put(out, clause.comment);
            writer_put_octet(out, ')');
        }
    }
    assert_int_equal(rest.len, 0);
    return writer_slice(out);
}

static struct parse_result parse(struct slice in, void *context)
{
    const struct row *row = context;
    struct imf_received received = {.quirks = UINT64_MAX};
    struct parse_result result = imf_received_parse(in, &received);
    if (result.status != PARSE_OK || in.len < strlen(row->in)) {
        assert_true(result.status == PARSE_OK || received.quirks == UINT64_MAX);
        return result;
    }
    uint8_t text[1024], tcp[256];
    struct writer clauses = writer_of(text, sizeof text), address = writer_of(tcp, sizeof tcp);
    assert_slice_equal(show_clauses(&received, &clauses), slice_of_cstr(row->clauses));
    writer_put(&address, received.tcp_domain);
    writer_put_octet(&address, ' ');
    writer_put(&address, received.tcp_address);
    assert_slice_equal(writer_slice(&address), slice_of_cstr(row->tcp));
    assert_int_equal(received.registered_protocol, row->registered);
    assert_int_equal(received.has_date, row->timestamp != 0);
    assert_int_equal(received.date.timestamp, row->timestamp);
    if (received.quirks != row->quirks)
        fail_msg("%s: quirks %llx, not %llx", row->name, (unsigned long long)received.quirks,
                 (unsigned long long)row->quirks);
    return result;
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice in = slice_of_cstr(rows[i].in);
        print_message("%s\n", rows[i].name);
        law_check_whole(rows[i].name, parse, (void *)(uintptr_t)&rows[i], in, parse_ok(in.len));
    }
}

static void nothing(void **state)
{
    (void)state;
    struct imf_received received;
    struct parse_result result = imf_received_parse(SLICE(" \r\n\t"), &received);
    assert_int_equal(result.status, PARSE_ERROR);
    assert_int_equal(result.error, IMF_RECEIVED_EMPTY);
    assert_int_equal(result.offset, 4);
    assert_non_null(imf_received_error_text(IMF_RECEIVED_EMPTY));
    assert_null(imf_received_error_text(0));
}

/* RFC 3848 2, RFC 6531 4.3, RFC 5321 4.4, RFC 4356 */
static void protocols(void **state)
{
    (void)state;
    static const char *const registered[] = {
        "SMTP",     "ESMTP",     "ESMTPA",    "ESMTPS",     "ESMTPSA",   "LMTP",      "LMTPA",
        "LMTPS",    "LMTPSA",    "MMS",       "UTF8SMTP",   "UTF8SMTPA", "UTF8SMTPS", "UTF8SMTPSA",
        "UTF8LMTP", "UTF8LMTPA", "UTF8LMTPS", "UTF8LMTPSA", "esmtps",
    };
    static const char *const others[] = {"", "HTTP", "SMTPS", "ESMTPAS", "local", "ESMTP "};
    for (size_t i = 0; i < sizeof registered / sizeof *registered; i++)
        assert_true(imf_received_protocol_is_registered(slice_of_cstr(registered[i])));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(imf_received_protocol_is_registered(slice_of_cstr(others[i])));
}

/* Hostile input of 1 MiB: work that grows faster than the input would not end in a minute. */
static void hostile(void **state)
{
    (void)state;
    enum { OCTETS = 1 << 20 };
    static const char *const units[] = {"from ", "by x (", "(",      "()",           "<", "[",
                                        "\"",    "a ",     "a (b) ", "; ",           " ", "([",
                                        "<\"",   "a<b ",   "\\(",    "from a ([x]) "};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        uint8_t *text = malloc(OCTETS);
        assert_non_null(text);
        for (size_t at = 0; at < OCTETS; at++)
            text[at] = (uint8_t)units[i][at % strlen(units[i])];
        struct imf_received received;
        struct parse_result result = imf_received_parse(slice_of(text, OCTETS), &received);
        assert_int_equal(result.offset, OCTETS);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(nothing),
        cmocka_unit_test(protocols),
        cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests_name("received", tests, NULL, NULL);
}
