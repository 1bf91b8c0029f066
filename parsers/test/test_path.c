#include "law.h"
#include "smtp/path.h"
#include "smtp/quirk.h"

#include <stdlib.h>

#define OK(consumed)                                                                               \
    {                                                                                              \
        PARSE_OK, 0, consumed                                                                      \
    }
#define ERROR(error, at)                                                                           \
    {                                                                                              \
        PARSE_ERROR, SMTP_PATH_##error, at                                                         \
    }

#define NONE    SMTP_DOMAIN_NONE
#define NAME    SMTP_DOMAIN_NAME
#define IPV4    SMTP_DOMAIN_IPV4
#define IPV6    SMTP_DOMAIN_IPV6
#define GENERAL SMTP_DOMAIN_GENERAL
#define INVALID SMTP_DOMAIN_INVALID

#define NO_BRACKETS SMTP_QUIRK_NO_BRACKETS
#define ODD_LOCAL   SMTP_QUIRK_INVALID_LOCAL_PART
#define ODD_DOMAIN  SMTP_QUIRK_INVALID_DOMAIN
#define ROUTE       SMTP_QUIRK_SOURCE_ROUTE
#define NO_DOMAIN   SMTP_QUIRK_NO_DOMAIN

struct row {
    const char *name;
    struct slice in;
    struct parse_result expected;
    struct slice route, local_part, domain;
    enum smtp_domain_kind kind;
    uint64_t quirks;
};

#define NOTHING SLICE_INIT(""), SLICE_INIT(""), SLICE_INIT(""), NONE, 0
#define ACCEPT(name, text, consumed, route, local, domain, kind, quirks)                           \
    {                                                                                              \
        name, SLICE_INIT(text), OK(consumed), SLICE_INIT(route), SLICE_INIT(local),                \
            SLICE_INIT(domain), kind, quirks                                                       \
    }
#define REJECT(name, text, error, at)                                                              \
    {                                                                                              \
        name, SLICE_INIT(text), ERROR(error, at), NOTHING                                          \
    }

/* clang-format off */
static const struct row rows[] = {
    /* RFC 5321 4.1.2: Reverse-path = Path / "<>"; Path = "<" [ A-d-l ":" ] Mailbox ">" */
    ACCEPT("null path", "<>", 2, "", "", "", NONE, 0),
    ACCEPT("null path and more", "<> SIZE=1", 2, "", "", "", NONE, 0),
    ACCEPT("null path, glued", "<>>", 2, "", "", "", NONE, 0),
    ACCEPT("mailbox", "<a@b>", 5, "", "a", "b", NAME, 0),
    ACCEPT("appendix D.1", "<Smith@bar.com>", 15, "", "Smith", "bar.com", NAME, 0),
    ACCEPT("ends at its bracket", "<a@b> SIZE=1>", 5, "", "a", "b", NAME, 0),
    ACCEPT("what follows is the caller's", "<a@b>SIZE=1", 5, "", "a", "b", NAME, 0),
    ACCEPT("postmaster", "<Postmaster>", 12, "", "Postmaster", "", NONE, NO_DOMAIN),
    ACCEPT("quoted without domain", "<\"a b\">", 7, "", "\"a b\"", "", NONE, NO_DOMAIN),
    REJECT("nothing", "", EMPTY, 0),
    REJECT("a space", " <a@b>", EMPTY, 0),
    REJECT("a tab", "\t", EMPTY, 0),
    REJECT("only a bracket", "<", UNCLOSED, 0),
    REJECT("unclosed after local part", "<a", UNCLOSED, 0),
    REJECT("unclosed after at sign", "<a@", UNCLOSED, 0),
    REJECT("unclosed after domain", "<a@b", UNCLOSED, 0),
    REJECT("unclosed after literal", "<a@[192.0.2.1]", UNCLOSED, 0),
    REJECT("unclosed before parameters", "<a@b SIZE=1", UNCLOSED, 0),
    REJECT("unclosed before a tab", "<a@b\t", UNCLOSED, 0),
    REJECT("unclosed local part, parameters", "<a SIZE=1", UNCLOSED, 0),
    REJECT("unclosed route", "<@a", UNCLOSED, 0),
    REJECT("unclosed after comma", "<@a,", UNCLOSED, 0),
    REJECT("unclosed after route", "<@a:", UNCLOSED, 0),
    REJECT("words after the mailbox", "<a@b c>", TRAILING, 4),
    REJECT("space before the bracket", "<a@b >", TRAILING, 4),
    REJECT("tab before the bracket", "<a@b\t>", TRAILING, 4),
    REJECT("space after a literal", "<a@[192.0.2.1] >", TRAILING, 14),
    REJECT("octet after a literal", "<a@[192.0.2.1]x>", TRAILING, 14),
    REJECT("space first", "< a@b>", BAD_LOCAL_PART, 1),
    REJECT("only a space", "< >", BAD_LOCAL_PART, 1),
    REJECT("second bracket", "<<a@b>>", BAD_LOCAL_PART, 1),
    REJECT("bracket in local part", "<a<b@c>", BAD_LOCAL_PART, 2),
    /* Mailbox = Local-part "@" ( Domain / address-literal ) */
    ACCEPT("IPv6 without its tag", "<a@[2001:db8::1]>", 17, "", "a", "[2001:db8::1]", GENERAL, SMTP_QUIRK_UNTAGGED_IPV6),
    ACCEPT("IPv4 literal", "<a@[192.0.2.255]>", 17, "", "a", "[192.0.2.255]", IPV4, 0),
    ACCEPT("IPv6 literal", "<a@[IPv6:::1]>", 14, "", "a", "[IPv6:::1]", IPV6, 0),
    ACCEPT("general literal with bracket", "<a@[x:>@\"]>", 11, "", "a", "[x:>@\"]", GENERAL, 0),
    ACCEPT("octet over 255", "<a@[192.0.2.256]>", 17, "", "a", "[192.0.2.256]", INVALID, ODD_DOMAIN),
    ACCEPT("empty literal", "<a@[]>", 6, "", "a", "[]", INVALID, ODD_DOMAIN),
    ACCEPT("underscore", "<a@b_c>", 7, "", "a", "b_c", INVALID, ODD_DOMAIN),
    ACCEPT("dot at the end", "<a@b.>", 6, "", "a", "b.", INVALID, ODD_DOMAIN),
    ACCEPT("every octet read in a domain", "<a@!#$%&'*+-/=?^_`{|}~.Z9>", 26, "", "a", "!#$%&'*+-/=?^_`{|}~.Z9", INVALID, ODD_DOMAIN),
    REJECT("empty domain", "<a@>", BAD_DOMAIN, 3),
    REJECT("empty domain, space", "<a@ >", BAD_DOMAIN, 3),
    REJECT("second at sign", "<a@b@c>", BAD_DOMAIN, 4),
    REJECT("two at signs", "<a@@b>", BAD_DOMAIN, 3),
    REJECT("comma", "<a@b,c@d>", BAD_DOMAIN, 4),
    REJECT("quote", "<a@b\"c\">", BAD_DOMAIN, 4),
    REJECT("comment", "<a@b(c)>", BAD_DOMAIN, 4),
    REJECT("colon", "<a@b:25>", BAD_DOMAIN, 4),
    REJECT("bracket inside a name", "<a@b[c]>", BAD_DOMAIN, 4),
    REJECT("NUL in domain", "<a@b\0c>", BAD_DOMAIN, 4),
    REJECT("CR in domain", "<a@b\rc>", BAD_DOMAIN, 4),
    REJECT("LF in domain", "<a@b\nc>", BAD_DOMAIN, 4),
    REJECT("DEL in domain", "<a@b\x7f>", BAD_DOMAIN, 4),
    REJECT("unclosed literal", "<a@[192.0.2.1>", UNCLOSED_LITERAL, 3),
    REJECT("unclosed empty literal", "<a@[", UNCLOSED_LITERAL, 3),
    REJECT("unclosed literal, parameters", "<a@[192.0.2.1> SIZE=1", UNCLOSED_LITERAL, 3),
    REJECT("space in literal", "<a@[x: y]>", BAD_DOMAIN, 6),
    REJECT("tab in literal", "<a@[x:\ty]>", BAD_DOMAIN, 6),
    REJECT("literal in literal", "<a@[[x]]>", BAD_DOMAIN, 4),
    REJECT("backslash in literal", "<a@[x\\]]>", BAD_DOMAIN, 5),
    REJECT("NUL in literal", "<a@[x:\0]>", BAD_DOMAIN, 6),
    /* Dot-string = Atom *( "." Atom ) */
    ACCEPT("all atext", "<azAZ09!#$%&'*+-/=?^_`{|}~@b>", 29, "", "azAZ09!#$%&'*+-/=?^_`{|}~", "b", NAME, 0),
    ACCEPT("atoms", "<a.b.c@d>", 9, "", "a.b.c", "d", NAME, 0),
    ACCEPT("dot first", "<.a@b>", 6, "", ".a", "b", NAME, ODD_LOCAL),
    ACCEPT("dot last", "<a.@b>", 6, "", "a.", "b", NAME, ODD_LOCAL),
    ACCEPT("two dots", "<a..b@c>", 8, "", "a..b", "c", NAME, ODD_LOCAL),
    ACCEPT("only a dot", "<.@b>", 5, "", ".", "b", NAME, ODD_LOCAL),
    REJECT("no local part, no domain", "<@>", BAD_ROUTE, 2),
    REJECT("no local part", "<@b>", EMPTY_LOCAL_PART, 1),
    REJECT("no local part, no brackets", "@b", EMPTY_LOCAL_PART, 0),
    REJECT("space in local part", "<a b@c>", BAD_LOCAL_PART, 2),
    REJECT("tab in local part", "<a\tb@c>", BAD_LOCAL_PART, 2),
    REJECT("comma in local part", "<a,b@c>", BAD_LOCAL_PART, 2),
    REJECT("parenthesis", "<a(b)@c>", BAD_LOCAL_PART, 2),
    REJECT("backslash outside quotes", "<a\\ b@c>", BAD_LOCAL_PART, 2),
    REJECT("colon in local part", "<a:b@c>", BAD_LOCAL_PART, 2),
    REJECT("semicolon", "<a;b@c>", BAD_LOCAL_PART, 2),
    REJECT("square bracket", "<[a]@c>", BAD_LOCAL_PART, 1),
    REJECT("NUL in local part", "<a\0b@c>", BAD_LOCAL_PART, 2),
    REJECT("CR in local part", "<a\rb@c>", BAD_LOCAL_PART, 2),
    REJECT("ESC in local part", "<a\x1b@c>", BAD_LOCAL_PART, 2),
    REJECT("DEL in local part", "<a\x7f@c>", BAD_LOCAL_PART, 2),
    /* Quoted-string = DQUOTE *QcontentSMTP DQUOTE */
    ACCEPT("quoted", "<\"a\"@b>", 7, "", "\"a\"", "b", NAME, 0),
    ACCEPT("quoted, empty", "<\"\"@b>", 6, "", "\"\"", "b", NAME, 0),
    ACCEPT("quoted space", "<\"a b\"@c>", 9, "", "\"a b\"", "c", NAME, 0),
    ACCEPT("quoted specials", "<\"()<>@,;:.[]\"@c>", 17, "", "\"()<>@,;:.[]\"", "c", NAME, 0),
    ACCEPT("quoted dots", "<\"..\"@c>", 8, "", "\"..\"", "c", NAME, 0),
    ACCEPT("escaped quote", "<\"a\\\"b\"@c>", 10, "", "\"a\\\"b\"", "c", NAME, 0),
    ACCEPT("escaped backslash", "<\"a\\\\\"@c>", 9, "", "\"a\\\\\"", "c", NAME, 0),
    ACCEPT("escaped space and letter", "<\"\\ \\a\"@c>", 10, "", "\"\\ \\a\"", "c", NAME, 0),
    ACCEPT("quoted tab", "<\"a\tb\"@c>", 9, "", "\"a\tb\"", "c", NAME, ODD_LOCAL),
    ACCEPT("escaped tab", "<\"\\\t\"@c>", 8, "", "\"\\\t\"", "c", NAME, ODD_LOCAL),
    ACCEPT("atom, then quoted", "<a\"b\"@c>", 8, "", "a\"b\"", "c", NAME, ODD_LOCAL),
    ACCEPT("quoted, then atom", "<\"a\"b@c>", 8, "", "\"a\"b", "c", NAME, ODD_LOCAL),
    ACCEPT("quoted twice", "<\"a\"\"b\"@c>", 10, "", "\"a\"\"b\"", "c", NAME, ODD_LOCAL),
    ACCEPT("quoted words with dots", "<\"a\".\"b c\"@d>", 13, "", "\"a\".\"b c\"", "d", NAME, ODD_LOCAL),
    REJECT("unclosed quote", "<\"a@b>", UNCLOSED_QUOTE, 1),
    REJECT("unclosed quote, parameters", "<\"a@b> SIZE=1", UNCLOSED_QUOTE, 1),
    REJECT("unclosed second quote", "<\"a\"\"b@c>", UNCLOSED_QUOTE, 4),
    REJECT("only a quote", "\"", UNCLOSED_QUOTE, 0),
    REJECT("backslash at the end", "<\"a\\", UNCLOSED_QUOTE, 1),
    REJECT("the closing quote escaped", "<\"a\\\"@b>", UNCLOSED_QUOTE, 1),
    REJECT("space after the quote", "<\"a\" b@c>", BAD_LOCAL_PART, 4),
    REJECT("NUL in quotes", "<\"a\0b\"@c>", BAD_LOCAL_PART, 3),
    REJECT("escaped NUL", "<\"a\\\0b\"@c>", BAD_LOCAL_PART, 4),
    REJECT("CR in quotes", "<\"a\rb\"@c>", BAD_LOCAL_PART, 3),
    REJECT("LF in quotes", "<\"a\nb\"@c>", BAD_LOCAL_PART, 3),
    REJECT("escaped CR", "<\"\\\r\"@c>", BAD_LOCAL_PART, 3),
    REJECT("DEL in quotes", "<\"\x7f\"@c>", BAD_LOCAL_PART, 2),
    /* RFC 6531 3.3 */
    ACCEPT("UTF-8 local part", "<\xc3\xa9@b>", 6, "", "\xc3\xa9", "b", NAME, QUIRK_EIGHT_BIT),
    ACCEPT("UTF-8 in quotes", "<\"\xc3\xa9 \"@b>", 9, "", "\"\xc3\xa9 \"", "b", NAME, QUIRK_EIGHT_BIT),
    ACCEPT("escaped UTF-8", "<\"\\\xc3\xa9\"@b>", 9, "", "\"\\\xc3\xa9\"", "b", NAME, QUIRK_EIGHT_BIT | ODD_LOCAL),
    ACCEPT("UTF-8 domain", "<a@\xc3\xa9>", 6, "", "a", "\xc3\xa9", NAME, QUIRK_EIGHT_BIT),
    ACCEPT("Latin-1 local part", "<m\xfcller@b>", 10, "", "m\xfcller", "b", NAME, QUIRK_EIGHT_BIT | ODD_LOCAL),
    ACCEPT("Latin-1 in quotes", "<\"\xfc\"@b>", 7, "", "\"\xfc\"", "b", NAME, QUIRK_EIGHT_BIT | ODD_LOCAL),
    ACCEPT("Latin-1 domain", "<a@\xfc>", 5, "", "a", "\xfc", INVALID, QUIRK_EIGHT_BIT | ODD_DOMAIN),
    ACCEPT("UTF-8 in a literal", "<a@[x:\xc3\xa9]>", 10, "", "a", "[x:\xc3\xa9]", INVALID, QUIRK_EIGHT_BIT | ODD_DOMAIN),
    /* A-d-l = At-domain *( "," At-domain ) */
    ACCEPT("route", "<@a:b@c>", 8, "@a", "b", "c", NAME, ROUTE),
    ACCEPT("route of two", "<@a.example,@b:c@d>", 19, "@a.example,@b", "c", "d", NAME, ROUTE),
    ACCEPT("route, quoted", "<@a:\"b c\"@d>", 12, "@a", "\"b c\"", "d", NAME, ROUTE),
    ACCEPT("route, no domain", "<@a:b>", 6, "@a", "b", "", NONE, ROUTE | NO_DOMAIN),
    ACCEPT("route by a literal", "<@[192.0.2.1]:b@c>", 18, "@[192.0.2.1]", "b", "c", NAME, ROUTE | ODD_DOMAIN),
    ACCEPT("invalid domain in route", "<@a,@b_c,@d:e@f>", 16, "@a,@b_c,@d", "e", "f", NAME, ROUTE | ODD_DOMAIN),
    REJECT("route without local part", "<@a:>", EMPTY_LOCAL_PART, 4),
    REJECT("route without mailbox", "<@a:@b>", EMPTY_LOCAL_PART, 4),
    REJECT("two without colon", "<@a,@b>", BAD_ROUTE, 6),
    REJECT("two without colon or brackets", "@a,@b c", BAD_ROUTE, 5),
    REJECT("comma at the end", "<@a,:b@c>", BAD_ROUTE, 4),
    REJECT("no at sign", "<@a,b:c@d>", BAD_ROUTE, 4),
    REJECT("empty domain first", "<@:c@d>", BAD_ROUTE, 2),
    REJECT("empty domain second", "<@a,@:c@d>", BAD_ROUTE, 5),
    REJECT("space in route", "<@a, @b:c@d>", BAD_ROUTE, 4),
    REJECT("space before the colon", "<@a :c@d>", BAD_ROUTE, 3),
    REJECT("two at signs in route", "<@a@b>", BAD_ROUTE, 3),
    REJECT("NUL in route", "<@a\0:c@d>", BAD_ROUTE, 3),
    REJECT("unclosed literal in route", "<@[a:c@d>", UNCLOSED_LITERAL, 2),
    REJECT("bad literal in route", "<@[a b]:c@d>", BAD_ROUTE, 4),
    /* without brackets: ends at white space or the end */
    ACCEPT("no brackets", "a@b", 3, "", "a", "b", NAME, NO_BRACKETS),
    ACCEPT("no brackets, space", "a@b SIZE=1", 3, "", "a", "b", NAME, NO_BRACKETS),
    ACCEPT("no brackets, tab", "a@b\tSIZE=1", 3, "", "a", "b", NAME, NO_BRACKETS),
    ACCEPT("no brackets, literal", "a@[x:>] b", 7, "", "a", "[x:>]", GENERAL, NO_BRACKETS),
    ACCEPT("no brackets, quoted space", "\"a b\"@c d", 7, "", "\"a b\"", "c", NAME, NO_BRACKETS),
    ACCEPT("no brackets, no domain", "bob x@y", 3, "", "bob", "", NONE, NO_BRACKETS | NO_DOMAIN),
    ACCEPT("no brackets, route", "@a:b@c", 6, "@a", "b", "c", NAME, NO_BRACKETS | ROUTE),
    REJECT("no brackets, NUL after the domain", "a@b\0c", BAD_DOMAIN, 3),
    REJECT("no brackets, NUL first", "\0", BAD_LOCAL_PART, 0),
    REJECT("NUL and no closing bracket", "<a@b\0", BAD_DOMAIN, 4),
    REJECT("no brackets, empty domain", "a@", BAD_DOMAIN, 2),
    REJECT("no brackets, empty domain and more", "a@ b", BAD_DOMAIN, 2),
    REJECT("no opening bracket", "a@b>", BAD_DOMAIN, 3),
    REJECT("no opening bracket, no domain", "a>", BAD_LOCAL_PART, 1),
    REJECT("closing bracket first", ">", BAD_LOCAL_PART, 0),
    REJECT("no brackets, after a literal", "a@[192.0.2.1]>", TRAILING, 13),
    REJECT("no brackets, route only", "@a:", EMPTY_LOCAL_PART, 3),
    REJECT("no brackets, route without colon", "@a b", EMPTY_LOCAL_PART, 0),
};
/* clang-format on */

static struct slice write_path(const struct smtp_path *path, uint8_t *buffer, size_t capacity)
{
    struct writer out = writer_of(buffer, capacity);
    smtp_path_write(path, &out);
    assert_false(out.overflow);
    return writer_slice(&out);
}

/** Compares all but raw, mailbox and quirks, which the row does not hold as they stand. */
static void assert_same_path(const struct smtp_path *path, const struct row *row)
{
    assert_slice_equal(path->route, row->route);
    assert_slice_equal(path->local_part, row->local_part);
    assert_slice_equal(path->domain, row->domain);
    assert_int_equal(path->domain_kind, row->kind);
    bool null = row->local_part.len == 0;
    assert_int_equal(path->null, null);
    assert_int_equal(path->mailbox.len,
                     row->local_part.len + row->domain.len + (row->domain.len > 0));
    if (!null)
        assert_ptr_equal(path->mailbox.ptr, path->local_part.ptr);
}

static struct parse_result parse(struct slice in, void *context)
{
    const struct row *row = context;
    struct smtp_path path = {.quirks = UINT64_MAX};
    struct parse_result result = smtp_path_parse(in, &path);
    if (result.status != PARSE_OK) {
        assert_int_equal(path.quirks, UINT64_MAX); /* only success writes */
        return result;
    }
    assert_slice_equal(path.raw, slice_sub(in, 0, result.offset));
    if (in.len < row->in.len)
        return result; /* a prefix is another path */
    assert_same_path(&path, row);
    assert_int_equal(path.quirks, row->quirks);

    uint8_t buffer[1024];
    struct slice written = write_path(&path, buffer, sizeof buffer);
    struct smtp_path again;
    struct parse_result reparsed = smtp_path_parse(written, &again);
    assert_int_equal(reparsed.status, PARSE_OK);
    assert_int_equal(reparsed.offset, written.len);
    assert_same_path(&again, row);
    assert_int_equal(again.quirks, row->quirks & ~NO_BRACKETS);
    return result;
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("%s\n", rows[i].name);
        law_check_whole(rows[i].name, parse, (void *)(uintptr_t)&rows[i], rows[i].in,
                        rows[i].expected);
    }
}

/** Quirks of "<local@domain>" or "local@domain" with parts of that many octets. */
static uint64_t quirks_of_lengths(size_t local, size_t domain, bool brackets)
{
    uint8_t text[1024];
    struct writer out = writer_of(text, sizeof text);
    if (brackets)
        writer_put_octet(&out, '<');
    for (size_t i = 0; i < local; i++)
        writer_put_octet(&out, 'l');
    writer_put_octet(&out, '@');
    for (size_t i = 0; i < domain; i++)
        writer_put_octet(&out, 'd');
    if (brackets)
        writer_put_octet(&out, '>');
    struct smtp_path path;
    struct parse_result result = smtp_path_parse(writer_slice(&out), &path);
    assert_int_equal(result.status, PARSE_OK);
    assert_int_equal(result.offset, out.len);
    return path.quirks;
}

/* RFC 5321 4.5.3.1.1, 4.5.3.1.2, 4.5.3.1.3: 64, 255 and 256 octets fit. */
static void limits(void **state)
{
    (void)state;
    const uint64_t local = SMTP_QUIRK_LONG_LOCAL_PART, domain = SMTP_QUIRK_LONG_DOMAIN,
                   path = SMTP_QUIRK_LONG_PATH;
    assert_int_equal(quirks_of_lengths(64, 1, true), 0);
    assert_int_equal(quirks_of_lengths(65, 1, true), local);
    assert_int_equal(quirks_of_lengths(64, 189, true), 0);
    assert_int_equal(quirks_of_lengths(64, 190, true), path);
    assert_int_equal(quirks_of_lengths(1, 255, true), path);
    assert_int_equal(quirks_of_lengths(1, 256, true), path | domain);
    assert_int_equal(quirks_of_lengths(65, 256, true), path | domain | local);
    assert_int_equal(quirks_of_lengths(64, 189, false), NO_BRACKETS);
    assert_int_equal(quirks_of_lengths(64, 190, false), NO_BRACKETS | path);
}

/* A route counts for the path, and each of its domains by itself. */
static void limits_of_routes(void **state)
{
    (void)state;
    uint8_t text[512];
    for (size_t domain = 250; domain <= 256; domain++) {
        struct writer out = writer_of(text, sizeof text);
        writer_put(&out, SLICE("<@"));
        for (size_t i = 0; i < domain; i++)
            writer_put_octet(&out, 'r');
        writer_put(&out, SLICE(":a>")); /* domain + 5 octets */
        struct smtp_path path;
        assert_int_equal(smtp_path_parse(writer_slice(&out), &path).status, PARSE_OK);
        assert_int_equal(path.quirks, ROUTE | NO_DOMAIN |
                                          (domain > 251 ? SMTP_QUIRK_LONG_PATH : 0) |
                                          (domain > 255 ? SMTP_QUIRK_LONG_DOMAIN : 0));
    }
}

static void unquote(void **state)
{
    (void)state;
    static const struct {
        struct slice local_part, meaning;
    } cases[] = {
        {SLICE_INIT(""), SLICE_INIT("")},
        {SLICE_INIT("a.b"), SLICE_INIT("a.b")},
        {SLICE_INIT("\"\""), SLICE_INIT("")},
        {SLICE_INIT("\"a b\""), SLICE_INIT("a b")},
        {SLICE_INIT("\"a\\\"b\\\\\\c\""), SLICE_INIT("a\"b\\c")},
        {SLICE_INIT("a\"b \"c"), SLICE_INIT("ab c")},
        {SLICE_INIT("a\\b"), SLICE_INIT("a\\b")}, /* outside quotes it escapes nothing */
        {SLICE_INIT("\"\\a"), SLICE_INIT("a")},
        {SLICE_INIT("\"a\\"), SLICE_INIT("a\\")}, /* not a local part, and still safe */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t buffer[16];
        struct writer out = writer_of(buffer, sizeof buffer);
        struct slice copy = law_copy(cases[i].local_part);
        smtp_path_unquote(copy, &out);
        law_free(copy);
        assert_slice_equal(writer_slice(&out), cases[i].meaning);
    }
}

/* Hostile input of 1 MiB: work that grows faster than the input would not end in a minute. */
static void hostile(void **state)
{
    (void)state;
    enum { OCTETS = 1 << 20 };
    static const struct {
        const char *first, *unit;
        struct parse_result expected;
    } cases[] = {
        {"<", "@a,", ERROR(UNCLOSED, 0)},
        {"", "@a,", ERROR(BAD_ROUTE, OCTETS)},
        {"", "@,", ERROR(BAD_ROUTE, 1)},
        {"<", "\"", ERROR(UNCLOSED_QUOTE, OCTETS - 1)},
        {"", "\"", OK(OCTETS)},
        {"\"", "\\\"", ERROR(UNCLOSED_QUOTE, 0)},
        {"<", ".", ERROR(UNCLOSED, 0)},
        {"<a@", ".", ERROR(UNCLOSED, 0)},
        {"a@", "[", ERROR(BAD_DOMAIN, 3)},
        {"a@[IPv6:", "1:", ERROR(UNCLOSED_LITERAL, 2)},
        {"<", "<", ERROR(BAD_LOCAL_PART, 1)},
        {"<", " ", ERROR(UNCLOSED, 0)},
        {"", "\xc3\xa9", OK(OCTETS)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t *text = malloc(OCTETS);
        assert_non_null(text);
        size_t first = strlen(cases[i].first), unit = strlen(cases[i].unit);
        memcpy(text, cases[i].first, first);
        for (size_t at = first; at < OCTETS; at++)
            text[at] = (uint8_t)cases[i].unit[(at - first) % unit];
        struct smtp_path path;
        struct parse_result result = smtp_path_parse(slice_of(text, OCTETS), &path);
        free(text);
        if (result.status != cases[i].expected.status ||
            result.offset != cases[i].expected.offset || result.error != cases[i].expected.error)
            fail_msg("%s%s...: status %d offset %zu error %d", cases[i].first, cases[i].unit,
                     (int)result.status, result.offset, result.error);
    }
}

static void overflow_is_sticky(void **state)
{
    (void)state;
    struct smtp_path path;
    assert_int_equal(smtp_path_parse(SLICE("<@r:a@b>"), &path).status, PARSE_OK);
    for (size_t capacity = 0; capacity <= 8; capacity++) {
        uint8_t buffer[8];
        struct writer out = writer_of(buffer, capacity);
        smtp_path_write(&path, &out);
        assert_int_equal(out.overflow, capacity < 8);
    }
}

static void error_texts(void **state)
{
    (void)state;
    const char *other = smtp_path_error_text(0);
    assert_string_equal(smtp_path_error_text(SMTP_PATH_TRAILING + 1), other);
    assert_string_equal(smtp_path_error_text(-1), other);
    for (int error = SMTP_PATH_EMPTY; error <= SMTP_PATH_TRAILING; error++) {
        assert_string_not_equal(smtp_path_error_text(error), other);
        for (int earlier = SMTP_PATH_EMPTY; earlier < error; earlier++)
            assert_string_not_equal(smtp_path_error_text(error), smtp_path_error_text(earlier));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),       cmocka_unit_test(limits),
        cmocka_unit_test(unquote),     cmocka_unit_test(limits_of_routes),
        cmocka_unit_test(hostile),     cmocka_unit_test(overflow_is_sticky),
        cmocka_unit_test(error_texts),
    };
    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
