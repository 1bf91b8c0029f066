#include "law.h"
#include "smtp/param.h"
#include "smtp/quirk.h"
#include "smtp/value.h"

#define NO         SMTP_QUIRK_INVALID_VALUE
#define LOWER_CASE SMTP_QUIRK_LOWER_CASE_XTEXT
#define TEN        "0123456789"
#define FORTY_NINE TEN TEN TEN TEN "012345678"

struct row {
    struct slice in; /* keyword [ "=" value ] */
    uint64_t quirks; /* NO: outside its syntax */
    struct smtp_value value;
};

#define ROW(in, quirks, ...)                                                                       \
    {                                                                                              \
        SLICE_INIT(in), quirks,                                                                    \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define REJECT(in)                                                                                 \
    {                                                                                              \
        SLICE_INIT(in), NO,                                                                        \
        {                                                                                          \
            .type = SMTP_VALUE_NONE                                                                \
        }                                                                                          \
    }
#define NUMBER(in, n)    ROW(in, 0, .type = SMTP_VALUE_OCTETS, .octets = (n))
#define BODY(in, n)      ROW(in, 0, .type = SMTP_VALUE_BODY, .body = (n))
#define RET(in, n)       ROW(in, 0, .type = SMTP_VALUE_RET, .ret = (n))
#define NOTIFY(in, bits) ROW(in, 0, .type = SMTP_VALUE_NOTIFY, .notify = (bits))
#define PRIORITY(in, n)  ROW(in, 0, .type = SMTP_VALUE_PRIORITY, .priority = (n))
#define SECONDS(in, n)   ROW(in, 0, .type = SMTP_VALUE_SECONDS, .seconds = (n))
#define FLAG(in)         ROW(in, 0, .type = SMTP_VALUE_NONE)
#define XTEXT(in, t)     ROW(in, 0, .type = SMTP_VALUE_XTEXT, .text = SLICE_INIT(t))
#define TEXT(in, t)      ROW(in, 0, .type = SMTP_VALUE_TEXT, .text = SLICE_INIT(t))
#define ADDRESS(in, t, e)                                                                          \
    ROW(in, 0, .type = SMTP_VALUE_ADDRESS, .address = {SLICE_INIT(t), SLICE_INIT(e)})
#define BY(in, n, r, t)   ROW(in, 0, .type = SMTP_VALUE_BY, .by = {n, r, t})
#define TIME(in, text, a) ROW(in, 0, .type = SMTP_VALUE_TIME, .time = {SLICE_INIT(text), a})
#define TRACKING(in, c, n, has)                                                                    \
    ROW(in, 0, .type = SMTP_VALUE_TRACKING, .tracking = {SLICE_INIT(c), n, has})

/* clang-format off */
static const struct row rows[] = {
    /* RFC 1870 3: size-value = 1*20DIGIT */
    NUMBER("SIZE=0", 0),
    NUMBER("size=00000000000000000012", 12),
    NUMBER("SIZE=18446744073709551615", UINT64_MAX),
    NUMBER("SIZE=18446744073709551616", UINT64_MAX),
    NUMBER("SIZE=99999999999999999999", UINT64_MAX),
    REJECT("SIZE=1844674407370955161x"),
    REJECT("SIZE=18446744073709551615x"),
    REJECT("SIZE=000000000000000000012"),
    REJECT("SIZE"), REJECT("SIZE="), REJECT("SIZE=-1"), REJECT("SIZE=1k"), REJECT("SIZE= 1"),
    /* RFC 6152 2, RFC 3030 3: body-value */
    BODY("BODY=7BIT", SMTP_BODY_7BIT),
    BODY("BODY=8bitmime", SMTP_BODY_8BITMIME),
    BODY("BODY=BINARYMIME", SMTP_BODY_BINARYMIME),
    REJECT("BODY"), REJECT("BODY="), REJECT("BODY=8BIT"), REJECT("BODY=8BITMIMEX"),
    /* RFC 6531 3.4, 8689 2, 4141: no value */
    FLAG("SMTPUTF8"), FLAG("RequireTLS"), FLAG("CONPERM"), FLAG("CONNEG"),
    REJECT("SMTPUTF8=1"), REJECT("SMTPUTF8="), REJECT("REQUIRETLS=yes"), REJECT("CONPERM=1"), REJECT("CONNEG=1"),
    /* RFC 4954 5: xtext of a Mailbox, or "<>" */
    XTEXT("AUTH=<>", "<>"),
    XTEXT("AUTH=e+3Dmc2@example.com", "e+3Dmc2@example.com"),
    XTEXT("AUTH=\"a+20b\"@example.com", "\"a+20b\"@example.com"),
    XTEXT("AUTH=+C3+A9@example.com", "+C3+A9@example.com"),
    ROW("AUTH=a+2bb@example.com", LOWER_CASE, .type = SMTP_VALUE_XTEXT, .quirks = LOWER_CASE, .text = SLICE_INIT("a+2bb@example.com")),
    REJECT("AUTH"), REJECT("AUTH="), REJECT("AUTH=a"), REJECT("AUTH=<a@b>"), REJECT("AUTH=a+2@b"), REJECT("AUTH=a+20b@c"),
    REJECT("AUTH=a@b+20"), REJECT("AUTH=a@b+0D+0Ac"), REJECT("AUTH=\xc3\xa9@b"), REJECT("AUTH=+E9@b"), REJECT("AUTH=<>+20"),
    /* RFC 3461 4.3 */
    RET("RET=FULL", SMTP_RET_FULL), RET("RET=hdrs", SMTP_RET_HDRS),
    REJECT("RET"), REJECT("RET="), REJECT("RET=HDR"), REJECT("RET=HDRSX"), REJECT("RET=FULL,HDRS"),
    /* RFC 3461 4.4: at most 100 octets, printable */
    XTEXT("ENVID=QQ314159", "QQ314159"),
    XTEXT("ENVID=a+2B+20b", "a+2B+20b"),
    XTEXT("ENVID=" FORTY_NINE FORTY_NINE "xy", FORTY_NINE FORTY_NINE "xy"),
    REJECT("ENVID=" FORTY_NINE FORTY_NINE "xyz"),
    REJECT("ENVID"), REJECT("ENVID="), REJECT("ENVID=+"), REJECT("ENVID=a+0D+0Ab"), REJECT("ENVID=+7F"), REJECT("ENVID=+C3+A9"),
    /* RFC 3461 4.1 */
    NOTIFY("NOTIFY=NEVER", SMTP_NOTIFY_NEVER),
    NOTIFY("NOTIFY=success", SMTP_NOTIFY_SUCCESS),
    NOTIFY("NOTIFY=DELAY,FAILURE,SUCCESS", SMTP_NOTIFY_SUCCESS | SMTP_NOTIFY_FAILURE | SMTP_NOTIFY_DELAY),
    REJECT("NOTIFY"), REJECT("NOTIFY="), REJECT("NOTIFY=NEVER,SUCCESS"), REJECT("NOTIFY=DELAY,NEVER"), REJECT("NOTIFY=NEVER,NEVER"),
    REJECT("NOTIFY=,SUCCESS"), REJECT("NOTIFY=SUCCESS,"), REJECT("NOTIFY=SUCCESS,,DELAY"), REJECT("NOTIFY=SUCCES"), REJECT("NOTIFY=ALWAYS"),
    /* RFC 3461 4.2 */
    ADDRESS("ORCPT=rfc822;Bob+2B@example.com", "rfc822", "Bob+2B@example.com"),
    ADDRESS("ORCPT=x400;a;b", "x400", "a;b"),
    ROW("ORCPT=rfc822;a+2b", LOWER_CASE, .type = SMTP_VALUE_ADDRESS, .quirks = LOWER_CASE,
        .address = {SLICE_INIT("rfc822"), SLICE_INIT("a+2b")}),
    REJECT("ORCPT"), REJECT("ORCPT="), REJECT("ORCPT=a@b"), REJECT("ORCPT=;a@b"), REJECT("ORCPT=rfc822;"), REJECT("ORCPT=rfc.822;a"),
    REJECT("ORCPT=rfc822;a+"), REJECT("ORCPT=rfc822;a+0Ab"), REJECT("ORCPT=rfc822;\xc3\xa9@b"), REJECT("ORCPT=rfc822;+C3+A9"),
    /* RFC 6533 3 */
    ADDRESS("ORCPT=utf-8;\xc3\xa9@b", "utf-8", "\xc3\xa9@b"),
    ADDRESS("ORCPT=UTF-8;\\x{E9}\\x{2b}\\x{10FFFF}@b", "UTF-8", "\\x{E9}\\x{2b}\\x{10FFFF}@b"),
    ADDRESS("ORCPT=utf-8;\\x{01}\\x{19}\\x{20}\\x{3D}\\x{5C}\\x{7F}\\x{D7FF}\\x{E000}", "utf-8",
            "\\x{01}\\x{19}\\x{20}\\x{3D}\\x{5C}\\x{7F}\\x{D7FF}\\x{E000}"),
    REJECT("ORCPT=utf-8;"), REJECT("ORCPT=utf-8;\xe9"), REJECT("ORCPT=utf-8;a+2B"), REJECT("ORCPT=utf-8;a\\b"), REJECT("ORCPT=utf-8;a=b"),
    REJECT("ORCPT=utf-8;\\x{}"), REJECT("ORCPT=utf-8;\\x{9}"), REJECT("ORCPT=utf-8;\\x{00}"), REJECT("ORCPT=utf-8;\\x{41}"),
    REJECT("ORCPT=utf-8;\\x{0E9}"), REJECT("ORCPT=utf-8;\\x{D800}"), REJECT("ORCPT=utf-8;\\x{DFFF}"), REJECT("ORCPT=utf-8;\\x{110000}"),
    REJECT("ORCPT=utf-8;\\x{E9"), REJECT("ORCPT=utf-8;\\x{E9G}"), REJECT("ORCPT=utf-8;\\x{1234567}"), REJECT("ORCPT=utf-8;\\x{1A}"),
    /* RFC 2852 4 */
    BY("BY=120;R", 120, true, false), BY("BY=-1;n", -1, false, false), BY("BY=+0;NT", 0, false, true),
    BY("BY=999999999;RT", 999999999, true, true), BY("BY=-999999999;N", -999999999, false, false),
    REJECT("BY"), REJECT("BY="), REJECT("BY=120"), REJECT("BY=120;"), REJECT("BY=;R"), REJECT("BY=1000000000;R"), REJECT("BY=1;X"),
    REJECT("BY=1;RX"), REJECT("BY=1;RTT"), REJECT("BY=0;R"), REJECT("BY=-5;R"), REJECT("BY=+-5;N"), REJECT("BY=1,R"),
    /* RFC 4865 5 */
    SECONDS("HOLDFOR=1", 1), SECONDS("HOLDFOR=999999999", 999999999),
    REJECT("HOLDFOR"), REJECT("HOLDFOR=0"), REJECT("HOLDFOR=01"), REJECT("HOLDFOR=1000000000"), REJECT("HOLDFOR=1h"), REJECT("HOLDFOR=+1"),
    TIME("HOLDUNTIL=2026-11-24T02:30:00Z", "2026-11-24T02:30:00Z", 0),
    REJECT("HOLDUNTIL"), REJECT("HOLDUNTIL="), REJECT("HOLDUNTIL=2026-11-24T02:30:00Z;C"), REJECT("HOLDUNTIL=tomorrow"),
    /* RFC 7293 3.1, and date-time of RFC 3339 5.6 */
    TIME("RRVS=2014-04-03T23:01:00Z", "2014-04-03T23:01:00Z", 0),
    TIME("RRVS=2014-04-03T23:01:00z;c", "2014-04-03T23:01:00z", 'C'),
    TIME("RRVS=2016-12-31t23:59:60.25-05:30;R", "2016-12-31t23:59:60.25-05:30", 'R'),
    TIME("RRVS=2000-02-29T00:00:00+23:59", "2000-02-29T00:00:00+23:59", 0),
    TIME("RRVS=2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z", 0),
    REJECT("RRVS"), REJECT("RRVS="), REJECT("RRVS=2014-04-03T23:01:00Z;"), REJECT("RRVS=2014-04-03T23:01:00Z;X"),
    REJECT("RRVS=2014-04-03T23:01:00Z;CR"), REJECT("RRVS=2014-04-03T23:01:00ZC"), REJECT("RRVS=2014-04-03"),
    REJECT("RRVS=2023-02-29T00:00:00Z"), REJECT("RRVS=1900-02-29T00:00:00Z"), REJECT("RRVS=2014-04-31T00:00:00Z"),
    REJECT("RRVS=2014-00-03T00:00:00Z"), REJECT("RRVS=2014-13-03T00:00:00Z"), REJECT("RRVS=2014-01-00T00:00:00Z"),
    REJECT("RRVS=2014-01-32T00:00:00Z"), REJECT("RRVS=2014-01-01T24:00:00Z"), REJECT("RRVS=2014-01-01T00:60:00Z"),
    REJECT("RRVS=2014-01-01T00:00:61Z"), REJECT("RRVS=2014-01-01T00:00:00.Z"), REJECT("RRVS=2014-01-01T00:00:00"),
    REJECT("RRVS=2014-01-01T00:00Z"), REJECT("RRVS=2014-01-01T00:00:00+24:00"), REJECT("RRVS=2014-01-01T00:00:00+00:60"),
    REJECT("RRVS=2014-01-01T00:00:00+0000"), REJECT("RRVS=2014-1-1T00:00:00Z"), REJECT("RRVS=2014-01-01 00:00:00Z"),
    /* RFC 6710 7 */
    PRIORITY("MT-PRIORITY=0", 0), PRIORITY("MT-PRIORITY=9", 9), PRIORITY("mt-priority=-9", -9),
    REJECT("MT-PRIORITY"), REJECT("MT-PRIORITY=-0"), REJECT("MT-PRIORITY=+1"), REJECT("MT-PRIORITY=10"), REJECT("MT-PRIORITY=-"), REJECT("MT-PRIORITY=00"),
    /* RFC 3885 3.1 */
    TRACKING("MTRK=AbC+/9", "AbC+/9", 0, false), TRACKING("MTRK=AA:600", "AA", 600, true),
    REJECT("MTRK"), REJECT("MTRK="), REJECT("MTRK=:1"), REJECT("MTRK=a:"), REJECT("MTRK=a:1234567890"), REJECT("MTRK=a:x"), REJECT("MTRK=AA==:600"), REJECT("MTRK=a-b"),
    /* RFC 3865 2.2 */
    TEXT("SOLICIT=org.example:ADV:ADLT,x-1_y", "org.example:ADV:ADLT,x-1_y"),
    REJECT("SOLICIT"), REJECT("SOLICIT="), REJECT("SOLICIT=a,"), REJECT("SOLICIT=,a"), REJECT("SOLICIT=a,,b"), REJECT("SOLICIT=1a"), REJECT("SOLICIT=a,1"), REJECT("SOLICIT=a;b"),
    /* RFC 4405 4, 5336, 1845 */
    XTEXT("SUBMITTER=bob+2Bx@example.com", "bob+2Bx@example.com"),
    REJECT("SUBMITTER"), REJECT("SUBMITTER=<>"), REJECT("SUBMITTER=bob"),
    XTEXT("ALT-ADDRESS=bob@example.com", "bob@example.com"), REJECT("ALT-ADDRESS=+"), REJECT("ALT-ADDRESS"),
    TEXT("TRANSID=<12345@example.com>", "<12345@example.com>"), REJECT("TRANSID"), REJECT("TRANSID="),
    /* attributes of XCLIENT and XFORWARD */
    XTEXT("ADDR=IPV6:2001:db8::1", "IPV6:2001:db8::1"), XTEXT("name=[UNAVAILABLE]", "[UNAVAILABLE]"),
    XTEXT("LOGIN=b+C3+A9", "b+C3+A9"), XTEXT("SOURCE=LOCAL", "LOCAL"),
    XTEXT("ADDR=192.0.2.1", "192.0.2.1"), XTEXT("DESTADDR=[TEMPUNAVAIL]", "[TEMPUNAVAIL]"),
    REJECT("ADDR=192.0.2.256"), REJECT("ADDR=2001:db8::1"), REJECT("DESTADDR=IPV6:x"),
    XTEXT("PORT=0", "0"), XTEXT("DESTPORT=65535", "65535"), XTEXT("PORT=[UNAVAILABLE]", "[UNAVAILABLE]"),
    REJECT("PORT=65536"), REJECT("PORT=smtp"), REJECT("DESTPORT=25x"),
    XTEXT("SOURCE=remote", "remote"), REJECT("SOURCE=X"),
    REJECT("NAME"), REJECT("NAME="), REJECT("HELO=a+0Ab"), REJECT("PROTO=\xc3\xa9"),
};
/* clang-format on */

static void assert_same_value(const struct smtp_value *a, const struct smtp_value *b)
{
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->quirks, b->quirks);
    switch (a->type) {
    case SMTP_VALUE_NONE:
        break;
    case SMTP_VALUE_OCTETS:
        assert_true(a->octets == b->octets);
        break;
    case SMTP_VALUE_BODY:
        assert_int_equal(a->body, b->body);
        break;
    case SMTP_VALUE_RET:
        assert_int_equal(a->ret, b->ret);
        break;
    case SMTP_VALUE_NOTIFY:
        assert_int_equal(a->notify, b->notify);
        break;
    case SMTP_VALUE_ADDRESS:
        assert_slice_equal(a->address.type, b->address.type);
        assert_slice_equal(a->address.encoded, b->address.encoded);
        break;
    case SMTP_VALUE_BY:
        assert_int_equal(a->by.seconds, b->by.seconds);
        assert_int_equal(a->by.returned, b->by.returned);
        assert_int_equal(a->by.trace, b->by.trace);
        break;
    case SMTP_VALUE_PRIORITY:
        assert_int_equal(a->priority, b->priority);
        break;
    case SMTP_VALUE_SECONDS:
        assert_int_equal(a->seconds, b->seconds);
        break;
    case SMTP_VALUE_TIME:
        assert_slice_equal(a->time.date_time, b->time.date_time);
        assert_int_equal(a->time.action, b->time.action);
        break;
    case SMTP_VALUE_TRACKING:
        assert_slice_equal(a->tracking.certifier, b->tracking.certifier);
        assert_int_equal(a->tracking.seconds, b->tracking.seconds);
        assert_int_equal(a->tracking.has_seconds, b->tracking.has_seconds);
        break;
    case SMTP_VALUE_XTEXT:
    case SMTP_VALUE_TEXT:
        assert_slice_equal(a->text, b->text);
        break;
    }
}

/** Reads "keyword[=value]" as smtp/param.h takes it apart. */
static bool read_param(struct slice in, struct smtp_value *ret_value)
{
    struct smtp_param param;
    if (!smtp_param_next(&in, &param))
        return false;
    const struct smtp_value_rule *rule = smtp_value_rule(param.keyword);
    if (rule == NULL)
        return false;
    bool read = smtp_value_read(rule, param.value, param.has_value, ret_value);
    assert_int_equal(smtp_value_quirks(rule, param.value, param.has_value),
                     read ? ret_value->quirks : NO);
    return read;
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        print_message("%.*s\n", (int)row->in.len, (const char *)row->in.ptr);
        for (size_t len = 0; len <= row->in.len; len++) { /* a prefix must not over-read */
            struct slice copy = law_copy(slice_sub(row->in, 0, len));
            struct smtp_value value = {.quirks = UINT64_MAX};
            bool read = read_param(copy, &value);
            if (!read)
                assert_true(value.quirks == UINT64_MAX); /* only success writes */
            if (len == row->in.len) {
                assert_int_equal(read, row->quirks != NO);
                if (read)
                    assert_same_value(&value, &row->value);
            }
            law_free(copy);
        }
    }
}

static void rules(void **state)
{
    (void)state;
    size_t count = 0;
    for (const struct smtp_value_rule *rule; (rule = smtp_value_rule_at(count)) != NULL; count++) {
        assert_ptr_equal(smtp_value_rule(fold_name_slice(&rule->keyword)), rule);
        assert_true((rule->commands & ~SMTP_HOLD) != 0 && rule->commands < 2 * SMTP_HOLD);
        assert_int_equal(rule->read == NULL, rule->type == SMTP_VALUE_NONE);
        for (size_t i = 0; i < rule->keyword.len; i++)
            assert_int_equal(rule->keyword.octets[i], slice_upper(rule->keyword.octets[i]));
        assert_null(
            smtp_value_rule(slice_sub(fold_name_slice(&rule->keyword), 0, rule->keyword.len - 1)));
    }
    assert_int_equal(count, 31);
    assert_null(smtp_value_rule_at(count + 1));
    assert_null(smtp_value_rule(SLICE("")));
    assert_null(smtp_value_rule(SLICE("SIZEX")));
    assert_null(smtp_value_rule(SLICE("S\xc9ZE")));
    assert_string_equal(smtp_value_rule(SLICE("mt-priority"))->section, "RFC 6710 7");
}

/* RFC 3461 4.2: ORCPT's 500 octets count the keyword and "="; RFC 5321 4.5.3.1.3 bounds AUTH's
 * mailbox. */
static void limits(void **state)
{
    (void)state;
    static uint8_t text[600];
    struct smtp_value value;
    memset(text, 'x', sizeof text);
    memcpy(text, "rfc822;", 7);
    const struct smtp_value_rule *orcpt = smtp_value_rule(SLICE("ORCPT"));
    assert_true(smtp_value_read(orcpt, slice_of(text, 494), true, &value));
    assert_false(smtp_value_read(orcpt, slice_of(text, 495), true, &value));
    memcpy(text, "a@", 2);
    memset(text + 2, 'x', sizeof text - 2);
    const struct smtp_value_rule *auth = smtp_value_rule(SLICE("AUTH"));
    assert_true(smtp_value_read(auth, slice_of(text, 254), true, &value));
    assert_false(smtp_value_read(auth, slice_of(text, 255), true, &value));
    assert_false(smtp_value_read(auth, slice_of(text, 257), true, &value));
}

static void on_commands(void **state)
{
    (void)state;
    static const struct {
        struct slice params;
        unsigned commands;
        uint64_t quirks;
    } cases[] = {
        {SLICE_INIT("SIZE=1 RET=FULL SMTPUTF8"), SMTP_ON_MAIL, 0},
        {SLICE_INIT("NOTIFY=NEVER ORCPT=rfc822;a"), SMTP_ON_RCPT, 0},
        {SLICE_INIT("SIZE=1"), SMTP_ON_RCPT, SMTP_QUIRK_MISPLACED_PARAMETER},
        {SLICE_INIT("NOTIFY=NEVER"), SMTP_ON_MAIL, SMTP_QUIRK_MISPLACED_PARAMETER},
        {SLICE_INIT("RET=x"), SMTP_ON_RCPT, SMTP_QUIRK_MISPLACED_PARAMETER | NO},
        {SLICE_INIT("ALT-ADDRESS=a"), SMTP_ON_RCPT, 0},
        {SLICE_INIT("X-OTHER=x X-FLAG"), SMTP_ON_RCPT, 0},
        /* RFC 4865 4.2: one of the two; twice the same is a duplicate */
        {SLICE_INIT("HOLDFOR=60 SIZE=1"), SMTP_ON_MAIL, 0},
        {SLICE_INIT("HOLDFOR=60 SIZE=1 holduntil=2026-01-01T00:00:00Z"), SMTP_ON_MAIL,
         SMTP_QUIRK_TWO_HOLDS},
        {SLICE_INIT("HOLDUNTIL=2026-01-01T00:00:00Z HOLDFOR=60"), SMTP_ON_MAIL,
         SMTP_QUIRK_TWO_HOLDS},
        {SLICE_INIT("HOLDFOR=60 HOLDFOR=60"), SMTP_ON_MAIL, SMTP_QUIRK_DUPLICATE_PARAMETER},
        {SLICE_INIT("ENVID=a+2b"), SMTP_ON_MAIL, LOWER_CASE},
        {SLICE_INIT("NAME=a LOGIN=b"), SMTP_ON_XCLIENT, 0},
        {SLICE_INIT("NAME=a SOURCE=REMOTE"), SMTP_ON_XFORWARD, 0},
        {SLICE_INIT("SOURCE=LOCAL"), SMTP_ON_XCLIENT, SMTP_QUIRK_MISPLACED_PARAMETER},
        {SLICE_INIT("NAME=1"), SMTP_ON_MAIL, SMTP_QUIRK_MISPLACED_PARAMETER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(smtp_param_quirks(cases[i].params, cases[i].commands), cases[i].quirks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(rules),
        cmocka_unit_test(limits),
        cmocka_unit_test(on_commands),
    };
    return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
