#include "law.h"
#include "smtp/ehlo.h"
#include "smtp/quirk.h"

#define MAX_KEYWORDS 5

#define INVALID   SMTP_QUIRK_INVALID_KEYWORD
#define PARAM     SMTP_QUIRK_INVALID_EHLO_PARAM
#define DUPLICATE SMTP_QUIRK_DUPLICATE_KEYWORD
#define OLD_AUTH  SMTP_QUIRK_AUTH_EQUALS
#define T(text)   SLICE_INIT(text)

struct expected_keyword {
    enum smtp_extension extension;
    struct slice keyword;
    struct slice params;
    uint64_t size;
    uint64_t quirks;
};

struct row {
    const char *name;
    struct slice reply;
    struct slice domain, greet;
    size_t keywords;
    struct expected_keyword expected[MAX_KEYWORDS];
};

/* A reply whose only keyword line is `line`. */
#define ONE(line) T("250-a\r\n250 " line "\r\n"), T("a"), T(""), 1

/* clang-format off */
static const struct row rows[] = {
    /* RFC 5321 4.1.1.1: the first line */
    {"domain alone", T("250 mx.example.org\r\n"), T("mx.example.org"), T(""), 0, {{0}}},
    {"domain and greeting", T("250 mx.example.org at your service\r\n"), T("mx.example.org"),
     T("at your service"), 0, {{0}}},
    {"literal", T("250 [192.0.2.1] hello\r\n"), T("[192.0.2.1]"), T("hello"), 0, {{0}}},
    {"greeting of one SP", T("250 mx \r\n"), T("mx"), T(""), 0, {{0}}},
    {"greeting begins with SP", T("250 mx  a\r\n"), T("mx"), T(" a"), 0, {{0}}},
    {"no domain", T("250-\r\n250 HELP\r\n"), T(""), T(""), 1,
     {{SMTP_EXTENSION_HELP, T("HELP"), T(""), 0, 0}}},
    {"no domain behind the code", T("250-\x20mx\r\n250-SIZE 5\r\n250 HELP\r\n"), T(""), T("mx"), 2,
     {{SMTP_EXTENSION_SIZE, T("SIZE"), T("5"), 5, 0}, {SMTP_EXTENSION_HELP, T("HELP"), T(""), 0, 0}}},
    {"nothing but a code", T("250\r\n"), T(""), T(""), 0, {{0}}},

    /* keywords */
    {"several", T("250-mx hi\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-AUTH PLAIN LOGIN\r\n"
                  "250-XVENDOR a=b\r\n250 8BITMIME\r\n"), T("mx"), T("hi"), 5, {
        {SMTP_EXTENSION_PIPELINING, T("PIPELINING"), T(""), 0, 0},
        {SMTP_EXTENSION_SIZE, T("SIZE"), T("52428800"), 52428800, 0},
        {SMTP_EXTENSION_AUTH, T("AUTH"), T("PLAIN LOGIN"), 0, 0},
        {SMTP_EXTENSION_UNKNOWN, T("XVENDOR"), T("a=b"), 0, 0},
        {SMTP_EXTENSION_8BITMIME, T("8BITMIME"), T(""), 0, 0}}},
    {"any case", ONE("StartTls"), {{SMTP_EXTENSION_STARTTLS, T("StartTls"), T(""), 0, 0}}},
    {"longer than a known one", ONE("VRFYX"), {{SMTP_EXTENSION_UNKNOWN, T("VRFYX"), T(""), 0, 0}}},
    {"shorter than a known one", ONE("VRF"), {{SMTP_EXTENSION_UNKNOWN, T("VRF"), T(""), 0, 0}}},
    {"hyphen", ONE("X-A B"), {{SMTP_EXTENSION_UNKNOWN, T("X-A"), T("B"), 0, 0}}},
    {"digits", ONE("9 !~"), {{SMTP_EXTENSION_UNKNOWN, T("9"), T("!~"), 0, 0}}},
    {"equals sign in a parameter", ONE("XLIMITS A=20 B=5"),
     {{SMTP_EXTENSION_UNKNOWN, T("XLIMITS"), T("A=20 B=5"), 0, 0}}},
    {"known but for its hyphen", ONE("MT_PRIORITY"),
     {{SMTP_EXTENSION_UNKNOWN, T("MT_PRIORITY"), T(""), 0, INVALID}}},
    {"none of 20 octets is known", ONE("ENHANCEDSTATUSCODESX"),
     {{SMTP_EXTENSION_UNKNOWN, T("ENHANCEDSTATUSCODESX"), T(""), 0, 0}}},
    {"bit 5 of a hyphen differs", ONE("MT\rPRIORITY"),
     {{SMTP_EXTENSION_UNKNOWN, T("MT\rPRIORITY"), T(""), 0, INVALID}}},

    /* SIZE (RFC 1870 3) */
    {"SIZE alone", ONE("SIZE"), {{SMTP_EXTENSION_SIZE, T("SIZE"), T(""), 0, 0}}},
    {"SIZE 0", ONE("SIZE 0"), {{SMTP_EXTENSION_SIZE, T("SIZE"), T("0"), 0, 0}}},
    {"largest SIZE", ONE("SIZE 18446744073709551615"),
     {{SMTP_EXTENSION_SIZE, T("SIZE"), T("18446744073709551615"), UINT64_MAX, 0}}},
    {"one less", ONE("SIZE 18446744073709551614"),
     {{SMTP_EXTENSION_SIZE, T("SIZE"), T("18446744073709551614"), UINT64_MAX - 1, 0}}},
    {"one more saturates", ONE("SIZE 18446744073709551616"),
     {{SMTP_EXTENSION_SIZE, T("SIZE"), T("18446744073709551616"), UINT64_MAX, 0}}},
    {"20 digits saturate", ONE("SIZE 99999999999999999999"),
     {{SMTP_EXTENSION_SIZE, T("SIZE"), T("99999999999999999999"), UINT64_MAX, 0}}},
    {"20 digits with zeros", ONE("SIZE 00000000000000001000"),
     {{SMTP_EXTENSION_SIZE, T("SIZE"), T("00000000000000001000"), 1000, 0}}},
    {"21 digits", ONE("SIZE 000000000000000001000"),
     {{SMTP_EXTENSION_SIZE, T("SIZE"), T("000000000000000001000"), 1000, PARAM}}},
    {"SIZE no number", ONE("SIZE 10M"), {{SMTP_EXTENSION_SIZE, T("SIZE"), T("10M"), 0, PARAM}}},
    {"SIZE octet before 0", ONE("SIZE 1/"),
     {{SMTP_EXTENSION_SIZE, T("SIZE"), T("1/"), 0, PARAM}}},
    {"SIZE negative", ONE("SIZE -1"), {{SMTP_EXTENSION_SIZE, T("SIZE"), T("-1"), 0, PARAM}}},
    {"SIZE two numbers", ONE("SIZE 10 20"),
     {{SMTP_EXTENSION_SIZE, T("SIZE"), T("10 20"), 0, PARAM}}},
    {"SIZE with equals sign", ONE("SIZE=1000"),
     {{SMTP_EXTENSION_SIZE, T("SIZE"), T("1000"), 1000, INVALID}}},
    {"number of another", ONE("XSIZE 10"), {{SMTP_EXTENSION_UNKNOWN, T("XSIZE"), T("10"), 0, 0}}},

    /* AUTH (RFC 4954 3, RFC 4422 3.1) */
    {"mechanisms", ONE("AUTH SCRAM-SHA-256-PLUS X_Y 9"),
     {{SMTP_EXTENSION_AUTH, T("AUTH"), T("SCRAM-SHA-256-PLUS X_Y 9"), 0, 0}}},
    {"no mechanism", ONE("AUTH"), {{SMTP_EXTENSION_AUTH, T("AUTH"), T(""), 0, PARAM}}},
    {"mechanism of 20 octets", ONE("AUTH ABCDEFGHIJKLMNOPQRST"),
     {{SMTP_EXTENSION_AUTH, T("AUTH"), T("ABCDEFGHIJKLMNOPQRST"), 0, 0}}},
    {"mechanism of 21 octets", ONE("AUTH ABCDEFGHIJKLMNOPQRSTU"),
     {{SMTP_EXTENSION_AUTH, T("AUTH"), T("ABCDEFGHIJKLMNOPQRSTU"), 0, PARAM}}},
    {"mechanism in lower case", ONE("AUTH PLAIN login"),
     {{SMTP_EXTENSION_AUTH, T("AUTH"), T("PLAIN login"), 0, PARAM}}},
    {"mechanism with a dot", ONE("AUTH A.B C"),
     {{SMTP_EXTENSION_AUTH, T("AUTH"), T("A.B C"), 0, PARAM}}},
    {"two spaces between mechanisms", ONE("AUTH A  B"),
     {{SMTP_EXTENSION_AUTH, T("AUTH"), T("A  B"), 0, INVALID}}},

    /* DELIVERBY (RFC 2852 2) */
#define DELIVERBY(params, quirks)                                                                  \
    ONE("DELIVERBY " params), {{SMTP_EXTENSION_DELIVERBY, T("DELIVERBY"), T(params), 0, quirks}}
    {"DELIVERBY alone", ONE("DELIVERBY"),
     {{SMTP_EXTENSION_DELIVERBY, T("DELIVERBY"), T(""), 0, 0}}},
    {"DELIVERBY", DELIVERBY("240", 0)},
    {"nine digits", DELIVERBY("999999999", 0)},
    {"ten digits", DELIVERBY("0000000001", PARAM)},
    {"DELIVERBY no number", DELIVERBY("-5", PARAM)},
    {"DELIVERBY with an option to come", DELIVERBY("240,x", 0)},
    {"DELIVERBY with options alone", DELIVERBY(",x=1,y", 0)},
    {"DELIVERBY with an empty option", DELIVERBY("240,", PARAM)},
    {"DELIVERBY with an empty option between", DELIVERBY("240,,x", PARAM)},
    {"DELIVERBY with two words", DELIVERBY("240 x", PARAM)},
    {"DELIVERBY with SP in an option", DELIVERBY("240,x y", PARAM)},

    /* FUTURERELEASE (RFC 4865 3); its values stand in a table of their own */
    {"FUTURERELEASE", ONE("FUTURERELEASE 5 2030-01-01T00:00:00Z"),
     {{SMTP_EXTENSION_FUTURERELEASE, T("FUTURERELEASE"), T("5 2030-01-01T00:00:00Z"), 0, 0}}},
    {"FUTURERELEASE alone", ONE("FUTURERELEASE"),
     {{SMTP_EXTENSION_FUTURERELEASE, T("FUTURERELEASE"), T(""), 0, PARAM}}},

    /* LIMITS (RFC 9422 3, 4) */
#define LIMITS(params, quirks)                                                                     \
    ONE("LIMITS " params), {{SMTP_EXTENSION_LIMITS, T("LIMITS"), T(params), 0, quirks}}
    {"limits", LIMITS("RCPTMAX=20 MAILMAX=5 RCPTDOMAINMAX=999999", 0)},
    {"other limits", LIMITS("X-Y_Z=!a~= w", 0)},
    {"limit of no name", LIMITS("=5", PARAM)},
    {"limit's name with a dot", LIMITS("A.B=5", PARAM)},
    {"limit without a value behind the sign", LIMITS("X=", PARAM)},
    {"semicolon", LIMITS("X=a;b", PARAM)},
    {"RCPTMAX without a number", LIMITS("RCPTMAX", PARAM)},
    {"RCPTMAX 0", LIMITS("RCPTMAX=0", PARAM)},
    {"leading zero", LIMITS("mailmax=01", PARAM)},
    {"seven digits", LIMITS("RCPTDOMAINMAX=1000000", PARAM)},
    {"the second limit counts", LIMITS("RCPTMAX=1 MAILMAX=x", PARAM)},
    {"the first limit counts", LIMITS("MAILMAX=x RCPTMAX=1", PARAM)},
    {"LIMITS alone", ONE("LIMITS"), {{SMTP_EXTENSION_LIMITS, T("LIMITS"), T(""), 0, PARAM}}},

    /* MT-PRIORITY (RFC 6710 3) */
#define PRIORITY(params, quirks)                                                                   \
    ONE("MT-PRIORITY " params), {{SMTP_EXTENSION_MT_PRIORITY, T("MT-PRIORITY"), T(params), 0,      \
                                  quirks}}
    {"MT-PRIORITY alone", ONE("MT-PRIORITY"),
     {{SMTP_EXTENSION_MT_PRIORITY, T("MT-PRIORITY"), T(""), 0, 0}}},
    {"profile", PRIORITY("MIXER", 0)},
    {"profile of 20 octets", PRIORITY("ABCDEFGHIJKLMNOPQRST", 0)},
    {"profile of 21 octets", PRIORITY("ABCDEFGHIJKLMNOPQRSTU", PARAM)},
    {"two profiles", PRIORITY("A B", PARAM)},

    /* NO-SOLICITING (RFC 3865 2.1) */
#define CLASSES(params, quirks)                                                                    \
    ONE("NO-SOLICITING " params), {{SMTP_EXTENSION_NO_SOLICITING, T("NO-SOLICITING"), T(params),   \
                                    0, quirks}}
    {"NO-SOLICITING alone", ONE("NO-SOLICITING"),
     {{SMTP_EXTENSION_NO_SOLICITING, T("NO-SOLICITING"), T(""), 0, 0}}},
    {"classes", CLASSES("net.example:ADV,org.example:ADV-ADLT_9", 0)},
    {"class begins with a digit", CLASSES("9a", PARAM)},
    {"second class begins with a digit", CLASSES("a,9", PARAM)},
    {"empty class", CLASSES("a,,b", PARAM)},
    {"comma at the end", CLASSES("a,", PARAM)},
    {"slash in a class", CLASSES("a/b", PARAM)},
    {"space in a class", CLASSES("a b", PARAM)},

    /* keywords without a parameter, and those that take any */
#define NONE(name) {{SMTP_EXTENSION_##name, T(#name), T(""), 0, 0}}
#define MORE(name) {{SMTP_EXTENSION_##name, T(#name), T("a"), 0, PARAM}}
#define ANY(name)  {{SMTP_EXTENSION_##name, T(#name), T("a b"), 0, 0}}
#define WITHOUT(name) {#name, ONE(#name), NONE(name)}, {#name " a", ONE(#name " a"), MORE(name)}
#define WITH_ANY(name) {#name, ONE(#name), NONE(name)}, {#name " a b", ONE(#name " a b"), ANY(name)}
    WITHOUT(8BITMIME), WITHOUT(ATRN), WITHOUT(BINARYMIME), WITHOUT(CHECKPOINT),
    WITHOUT(CHUNKING), WITHOUT(CONNEG), WITHOUT(CONPERM), WITHOUT(DSN),
    WITHOUT(ENHANCEDSTATUSCODES), WITHOUT(ETRN), WITHOUT(EXPN), WITHOUT(HELP), WITHOUT(MTRK),
    WITHOUT(PIPELINING), WITHOUT(REQUIRETLS), WITHOUT(RRVS), WITHOUT(SAML), WITHOUT(SEND),
    WITHOUT(SMTPUTF8), WITHOUT(SOML), WITHOUT(STARTTLS), WITHOUT(SUBMITTER), WITHOUT(TURN),
    WITHOUT(VRFY), WITH_ANY(BURL), WITH_ANY(UTF8SMTP), WITH_ANY(XCLIENT), WITH_ANY(XFORWARD),
    /* AUTH= */
    {"old form", ONE("AUTH=PLAIN LOGIN"),
     {{SMTP_EXTENSION_AUTH, T("AUTH"), T("PLAIN LOGIN"), 0, OLD_AUTH}}},
    {"old form in lower case", ONE("auth=LOGIN"),
     {{SMTP_EXTENSION_AUTH, T("auth"), T("LOGIN"), 0, OLD_AUTH}}},
    {"old form, nothing behind", ONE("AUTH="),
     {{SMTP_EXTENSION_AUTH, T("AUTH"), T(""), 0, OLD_AUTH | INVALID | PARAM}}},
    {"old form, SP behind", ONE("AUTH= PLAIN"),
     {{SMTP_EXTENSION_AUTH, T("AUTH"), T("PLAIN"), 0, OLD_AUTH | INVALID}}},
    {"equals sign in AUTH's parameter", ONE("AUTH =PLAIN"),
     {{SMTP_EXTENSION_AUTH, T("AUTH"), T("=PLAIN"), 0, PARAM}}},
    {"both forms", T("250-a\r\n250-AUTH PLAIN\r\n250 AUTH=PLAIN\r\n"), T("a"), T(""), 2, {
        {SMTP_EXTENSION_AUTH, T("AUTH"), T("PLAIN"), 0, 0},
        {SMTP_EXTENSION_AUTH, T("AUTH"), T("PLAIN"), 0, OLD_AUTH}}},
    {"both forms twice",
     T("250-a\r\n250-AUTH=B\r\n250-AUTH A\r\n250-AUTH=C\r\n250 AUTH D\r\n"), T("a"), T(""), 4, {
        {SMTP_EXTENSION_AUTH, T("AUTH"), T("B"), 0, OLD_AUTH},
        {SMTP_EXTENSION_AUTH, T("AUTH"), T("A"), 0, 0},
        {SMTP_EXTENSION_AUTH, T("AUTH"), T("C"), 0, OLD_AUTH | DUPLICATE},
        {SMTP_EXTENSION_AUTH, T("AUTH"), T("D"), 0, DUPLICATE}}},

    /* duplicates */
    {"twice", T("250-a\r\n250-DSN\r\n250-VRFY\r\n250 dsn\r\n"), T("a"), T(""), 3, {
        {SMTP_EXTENSION_DSN, T("DSN"), T(""), 0, 0},
        {SMTP_EXTENSION_VRFY, T("VRFY"), T(""), 0, 0},
        {SMTP_EXTENSION_DSN, T("dsn"), T(""), 0, DUPLICATE}}},
    {"Sendmail's own", T("250-a\r\n250-VERB\r\n250 ONEX\r\n"), T("a"), T(""), 2, {
        {SMTP_EXTENSION_VERB, T("VERB"), T(""), 0, 0},
        {SMTP_EXTENSION_ONEX, T("ONEX"), T(""), 0, 0}}},
    {"unknown ones beside each other", T("250-a\r\n250-X\r\n250-Y\r\n250 AUTH=Z\r\n"), T("a"),
     T(""), 3, {
        {SMTP_EXTENSION_UNKNOWN, T("X"), T(""), 0, 0},
        {SMTP_EXTENSION_UNKNOWN, T("Y"), T(""), 0, 0},
        {SMTP_EXTENSION_AUTH, T("AUTH"), T("Z"), 0, OLD_AUTH}}},

    /* outside the grammar, and read all the same */
    {"empty line", T("250-a\r\n250-\r\n250 DSN\r\n"), T("a"), T(""), 2, {
        {SMTP_EXTENSION_UNKNOWN, T(""), T(""), 0, INVALID},
        {SMTP_EXTENSION_DSN, T("DSN"), T(""), 0, 0}}},
    {"no SP behind the code", T("250-a\r\n250\r\n"), T("a"), T(""), 1, {
        {SMTP_EXTENSION_UNKNOWN, T(""), T(""), 0, INVALID}}},
    {"leading space", ONE(" DSN"), {{SMTP_EXTENSION_DSN, T("DSN"), T(""), 0, INVALID}}},
    {"trailing space", ONE("DSN "), {{SMTP_EXTENSION_DSN, T("DSN"), T(""), 0, INVALID}}},
    {"trailing space behind parameters", ONE("X a "),
     {{SMTP_EXTENSION_UNKNOWN, T("X"), T("a"), 0, INVALID}}},
    {"two spaces", ONE("X  a"), {{SMTP_EXTENSION_UNKNOWN, T("X"), T("a"), 0, INVALID}}},
    {"two spaces between parameters", ONE("X a  b"),
     {{SMTP_EXTENSION_UNKNOWN, T("X"), T("a  b"), 0, INVALID}}},
    {"tab", ONE("X\ta"), {{SMTP_EXTENSION_UNKNOWN, T("X"), T("a"), 0, INVALID}}},
    {"tab between parameters", ONE("X a\tb"),
     {{SMTP_EXTENSION_UNKNOWN, T("X"), T("a\tb"), 0, INVALID}}},
    {"equals sign", ONE("X=a"), {{SMTP_EXTENSION_UNKNOWN, T("X"), T("a"), 0, INVALID}}},
    {"equals sign first", ONE("=a"), {{SMTP_EXTENSION_UNKNOWN, T(""), T("a"), 0, INVALID}}},
    {"hyphen first", ONE("-X"), {{SMTP_EXTENSION_UNKNOWN, T("-X"), T(""), 0, INVALID}}},
    {"underscore", ONE("X_Y a"), {{SMTP_EXTENSION_UNKNOWN, T("X_Y"), T("a"), 0, INVALID}}},
    {"eight-bit keyword", ONE("\xc3\xa9"),
     {{SMTP_EXTENSION_UNKNOWN, T("\xc3\xa9"), T(""), 0, INVALID}}},
    {"eight-bit parameter", ONE("X \xc3\xa9"),
     {{SMTP_EXTENSION_UNKNOWN, T("X"), T("\xc3\xa9"), 0, INVALID}}},
    {"NUL in a keyword", ONE("DSN\0"), {{SMTP_EXTENSION_UNKNOWN, T("DSN\0"), T(""), 0, INVALID}}},
    {"DEL in a parameter", ONE("X a\x7f"),
     {{SMTP_EXTENSION_UNKNOWN, T("X"), T("a\x7f"), 0, INVALID}}},
    {"bare CR", ONE("DSN\r"), {{SMTP_EXTENSION_UNKNOWN, T("DSN\r"), T(""), 0, INVALID}}},
};
/* clang-format on */

static struct smtp_reply parse_reply(struct slice in)
{
    struct smtp_reply_parser parser = {.limits = {1000, 1000}};
    struct smtp_reply reply;
    assert_int_equal(smtp_reply_parse(&parser, in, &reply).status, PARSE_OK);
    assert_int_equal(reply.raw.len, in.len);
    return reply;
}

static bool same_keyword(const struct smtp_ehlo_keyword *got, const struct expected_keyword *wanted)
{
    return got->extension == wanted->extension && slice_equal(got->keyword, wanted->keyword) &&
           slice_equal(got->params, wanted->params) && got->size == wanted->size &&
           got->quirks == wanted->quirks;
}

/* The short way for plain lines reads what the grammar reads. */
static void check_both(const struct smtp_reply *reply)
{
    struct smtp_ehlo ehlo, other;
    struct smtp_ehlo_keyword got, wanted;
    smtp_ehlo_begin(reply, &ehlo);
    smtp_ehlo_begin(reply, &other);
    while (smtp_ehlo_next_by_grammar(&other, &wanted)) {
        assert_true(smtp_ehlo_next(&ehlo, &got));
        assert_true(got.extension == wanted.extension && got.quirks == wanted.quirks &&
                    got.size == wanted.size && got.seconds == wanted.seconds);
        assert_slice_equal(got.keyword, wanted.keyword);
        assert_slice_equal(got.params, wanted.params);
        assert_slice_equal(got.until, wanted.until);
    }
    assert_false(smtp_ehlo_next(&ehlo, &got));
}

static void check_row(const struct row *row, const struct smtp_reply *reply)
{
    struct smtp_ehlo ehlo;
    struct smtp_ehlo_keyword keyword;
    smtp_ehlo_begin(reply, &ehlo);
    assert_slice_equal(ehlo.domain, row->domain);
    assert_slice_equal(ehlo.greet, row->greet);
    for (size_t i = 0; i < row->keywords; i++) {
        assert_true(smtp_ehlo_next(&ehlo, &keyword));
        if (!same_keyword(&keyword, &row->expected[i]))
            fail_msg("%s, keyword %zu: extension %d \"%.*s\" \"%.*s\" quirks %#llx", row->name, i,
                     (int)keyword.extension, (int)keyword.keyword.len, keyword.keyword.ptr,
                     (int)keyword.params.len, keyword.params.ptr,
                     (unsigned long long)keyword.quirks);
    }
    assert_false(smtp_ehlo_next(&ehlo, &keyword));
    assert_false(smtp_ehlo_next(&ehlo, &keyword));
    check_both(reply);
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice copy = law_copy(rows[i].reply);
        struct smtp_reply reply = parse_reply(copy);
        check_row(&rows[i], &reply);
        law_free(copy);
    }
}

static void find_takes_the_first_line_in_any_case(void **state)
{
    (void)state;
    struct smtp_reply reply = parse_reply(SLICE("250-SIZE\r\n250-AUTH=LOGIN\r\n250-auth PLAIN\r\n"
                                                "250-XVENDOR a\r\n250 SIZE 5\r\n"));
    struct smtp_ehlo_keyword keyword = {.size = 7};
    assert_false(smtp_ehlo_find(&reply, SLICE("STARTTLS"), &keyword));
    assert_false(smtp_ehlo_find(&reply, SLICE("AUT"), &keyword));
    assert_false(smtp_ehlo_find(&reply, SLICE("AUTH=LOGIN"), &keyword));
    assert_int_equal(keyword.size, 7);
    assert_true(smtp_ehlo_find(&reply, SLICE("Auth"), &keyword));
    assert_slice_equal(keyword.params, SLICE("LOGIN"));
    assert_true(smtp_ehlo_find(&reply, SLICE("xvendor"), &keyword));
    assert_slice_equal(keyword.params, SLICE("a"));
    assert_true(smtp_ehlo_find(&reply, SLICE("SIZE"), &keyword)); /* the first line is a domain */
    assert_int_equal(keyword.size, 5);
}

static void has_param_compares_whole_words(void **state)
{
    (void)state;
    static const struct {
        struct slice params, word;
        bool has;
    } words[] = {
        {T("PLAIN LOGIN"), T("PLAIN"), true},
        {T("PLAIN LOGIN"), T("login"), true},
        {T("PLAIN LOGIN"), T("PLAI"), false},
        {T("PLAIN LOGIN"), T("LAIN"), false},
        {T("PLAIN LOGIN"), T("PLAINX"), false},
        {T("PLAIN LOGIN"), T("PLAIN LOGIN"), false},
        {T("A  B\tC"), T("B"), true},
        {T("A  B\tC"), T("C"), true},
        {T("A  B"), T(""), false},
        {T(""), T(""), false},
        {T(""), T("A"), false},
        {T(" A "), T("A"), true},
        {T(" \t"), T(""), false},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct smtp_ehlo_keyword keyword = {.params = law_copy(words[i].params)};
        if (smtp_ehlo_has_param(&keyword, words[i].word) != words[i].has)
            fail_msg("row %zu", i);
        law_free(keyword.params);
    }
}

/* RFC 2852 2, RFC 4865 3, RFC 3339 5.6 */
static const struct {
    struct slice reply;
    uint32_t seconds;
    struct slice until;
    uint64_t quirks;
} times[] = {
#define HOLD(params) T("250-a\r\n250 FUTURERELEASE " params "\r\n")
    {T("250-a\r\n250 DELIVERBY\r\n"), 0, T(""), 0},
    {T("250-a\r\n250 DELIVERBY 240\r\n"), 240, T(""), 0},
    {T("250-a\r\n250 DELIVERBY 999999999\r\n"), 999999999, T(""), 0},
    {T("250-a\r\n250 DELIVERBY 0000000001\r\n"), 0, T(""), PARAM},
    {T("250-a\r\n250 DELIVERBY 240,x\r\n"), 240, T(""), 0},
    {T("250-a\r\n250 DELIVERBY ,9\r\n"), 0, T(""), 0},
    {HOLD("86400 2032-02-29T00:00:00Z"), 86400, T("2032-02-29T00:00:00Z"), 0},
    {HOLD("86400 2030-02-29T00:00:00Z"), 86400, T(""), PARAM},
    {HOLD("86400 2030-04-31T00:00:00Z"), 86400, T(""), PARAM},
    {HOLD("86400 2030-02-28T23:59:60Z"), 86400, T("2030-02-28T23:59:60Z"), 0},
    {HOLD("1 2030-12-31T00:00:00.25Z"), 1, T("2030-12-31T00:00:00.25Z"), 0},
    {HOLD("999999999 2030-01-01T00:00:00Z"), 999999999, T("2030-01-01T00:00:00Z"), 0},
    {HOLD("0 2030-01-01T00:00:00Z"), 0, T("2030-01-01T00:00:00Z"), PARAM},
    {HOLD("1000000000 2030-01-01T00:00:00Z"), 0, T("2030-01-01T00:00:00Z"), PARAM},
    {HOLD("5"), 0, T(""), PARAM},
    {HOLD("5 2030-01-01T00:00:00Z x"), 5, T("2030-01-01T00:00:00Z"), PARAM},
    {HOLD("5 2030-01-01t00:00:00Z"), 5, T(""), PARAM},
    {HOLD("5 2030-01-01T00:00:00z"), 5, T(""), PARAM},
    {HOLD("5 2030-01-01 00:00:00Z"), 5, T(""), PARAM},
    {HOLD("5 2030-01-01T00:00:00+01:00"), 5, T(""), PARAM},
    {HOLD("5 2030-01-01T00:00:00"), 5, T(""), PARAM},
    {HOLD("5 2030-00-01T00:00:00Z"), 5, T(""), PARAM},
    {HOLD("5 2030-13-01T00:00:00Z"), 5, T(""), PARAM},
    {HOLD("5 2030-01-00T00:00:00Z"), 5, T(""), PARAM},
    {HOLD("5 2030-01-32T00:00:00Z"), 5, T(""), PARAM},
    {HOLD("5 2030-01-01T24:00:00Z"), 5, T(""), PARAM},
    {HOLD("5 2030-01-01T00:60:00Z"), 5, T(""), PARAM},
    {HOLD("5 2030-01-01T00:00:61Z"), 5, T(""), PARAM},
    {HOLD("5 203x-01-01T00:00:00Z"), 5, T(""), PARAM},
    {HOLD("5 2030-01-01T00:00:00.Z"), 5, T(""), PARAM},
    {HOLD("5 2030-01-01T00:00:00.xZ"), 5, T(""), PARAM},
    {HOLD("5 2030-01-01T00:00:0001Z"), 5, T(""), PARAM},
};

/* Each octet at each place of a reply, whose lines end at every distance from its end: whatever
 * that makes of it, the short way reads what the grammar reads. */
static void the_short_way_agrees(void **state)
{
    (void)state;
    static const char *const samples[] = {
        "250-mx\r\n250-SIZE 10240000\r\n250-AUTH PLAIN LOGIN\r\n250-ENHANCEDSTATUSCODES\r\n250 "
        "DSN\r\n",
        "250-mx\r\n250-AUTH\r\n250-AUTH=PLAIN\r\n250-FUTURERELEASE 1 x\r\n250-X-A b\r\n250 "
        "8BITMIME\r\n",
        "250-mx\r\n250-LIMITS\r\n250-LIMITS RCPTMAX=1\r\n250-STARTTLS\r\n250-XFORWARD NAME "
        "ADDR\r\n250 A\r\n",
        "250-mx\r\n250-DELIVERBY \r\n250-HELP  "
        "x\r\n250-VRFY\t\r\n250-\r\n250-SOLICITING\r\n250\r\n",
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        uint8_t text[256];
        size_t len = strlen(samples[i]);
        memcpy(text, samples[i], len);
        for (size_t at = 0; at < len; at++) {
            for (unsigned octet = 0; octet < 256; octet++) {
                struct smtp_reply_parser parser = {.limits = {1000, 1000}};
                struct smtp_reply reply;
                text[at] = (uint8_t)octet;
                struct slice copy = law_copy(slice_of(text, len));
                if (smtp_reply_parse(&parser, copy, &reply).status == PARSE_OK) {
                    struct slice exact = law_copy(reply.raw);
                    reply.raw = exact;
                    check_both(&reply);
                    law_free(exact);
                }
                law_free(copy);
            }
            text[at] = (uint8_t)samples[i][at];
        }
    }
}

static void times_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct slice copy = law_copy(times[i].reply);
        struct smtp_reply reply = parse_reply(copy);
        struct smtp_ehlo ehlo;
        struct smtp_ehlo_keyword keyword;
        smtp_ehlo_begin(&reply, &ehlo);
        assert_true(smtp_ehlo_next(&ehlo, &keyword));
        if (keyword.seconds != times[i].seconds || keyword.quirks != times[i].quirks ||
            !slice_equal(keyword.until, times[i].until))
            fail_msg("row %zu: %u s, until \"%.*s\", quirks %#llx", i, keyword.seconds,
                     (int)keyword.until.len, keyword.until.ptr, (unsigned long long)keyword.quirks);
        law_free(copy);
    }
}

static void the_first_line_has_a_domain(void **state)
{
    (void)state;
    static const struct {
        struct slice reply;
        uint64_t quirks;
    } lines[] = {
        {T("250 mx.example.org\r\n"), 0},
        {T("250-mx hello\r\n250 SIZE\r\n"), 0},
        {T("250-a_b hello\r\n250 SIZE\r\n"), SMTP_QUIRK_INVALID_DOMAIN},
        {T("250 [192.0.2.1]\r\n"), SMTP_QUIRK_INVALID_DOMAIN},
        {T("250 mx.\r\n"), SMTP_QUIRK_INVALID_DOMAIN},
        {T("250- mx\r\n250 SIZE\r\n"), SMTP_QUIRK_NO_DOMAIN},
        {T("250-\r\n250 SIZE\r\n"), SMTP_QUIRK_NO_DOMAIN},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct slice copy = law_copy(lines[i].reply);
        struct smtp_reply reply = parse_reply(copy);
        assert_int_equal(smtp_ehlo_domain_quirks(&reply), lines[i].quirks);
        law_free(copy);
    }
}

static void limits_are_read_one_by_one(void **state)
{
    (void)state;
    struct slice params =
        law_copy(SLICE("RCPTMAX=100  x mailmax=999999 MAILMAX=0 y=7 RCPTDOMAINMAX"));
    static const struct {
        struct slice name, value;
        uint32_t number;
    } limits[] = {
        {T("RCPTMAX"), T("100"), 100}, {T("x"), T(""), 0},  {T("mailmax"), T("999999"), 999999},
        {T("MAILMAX"), T("0"), 0},     {T("y"), T("7"), 0}, {T("RCPTDOMAINMAX"), T(""), 0},
    };
    struct slice rest = params;
    struct smtp_ehlo_limit limit;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        assert_true(smtp_ehlo_limit_next(&rest, &limit));
        assert_slice_equal(limit.name, limits[i].name);
        assert_slice_equal(limit.value, limits[i].value);
        assert_int_equal(limit.number, limits[i].number);
    }
    assert_false(smtp_ehlo_limit_next(&rest, &limit));
    law_free(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(find_takes_the_first_line_in_any_case),
        cmocka_unit_test(has_param_compares_whole_words),
        cmocka_unit_test(the_short_way_agrees),
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(the_first_line_has_a_domain),
        cmocka_unit_test(limits_are_read_one_by_one),
    };
    return cmocka_run_group_tests_name("ehlo", tests, NULL, NULL);
}
