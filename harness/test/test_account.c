/*
 * unit.account: credentials and their stand-ins.
 */
#include "campaign/account.h"
#include "campaign/finding.h"
#include "law.h"

static const struct account given = {.parts = {
                                         [ACCOUNT_USER] = SLICE_INIT("dGVzdGVy"),
                                         [ACCOUNT_PASS] = SLICE_INIT("c2VjcmV0"),
                                         [ACCOUNT_PLAIN] = SLICE_INIT("AHRlc3RlcgBzZWNyZXQ="),
                                         [ACCOUNT_EMPTY] = SLICE_INIT("AHRlc3RlcgA="),
                                     }};
static const struct account none;

/* What goes out, what is kept of it, and what a script says. */
static const struct {
    const char *kept, *out, *script;
} rows[] = {
    {"", "", ""},
    {"AUTH PLAIN " ACCOUNT_PLAIN_TEXT "\r\n", "AUTH PLAIN AHRlc3RlcgBzZWNyZXQ=\r\n",
     "C: AUTH PLAIN ${b64:\\0${user}\\0${pass}}\n"},
    {ACCOUNT_USER_TEXT "\r\n" ACCOUNT_PASS_TEXT "\r\n", "dGVzdGVy\r\nc2VjcmV0\r\n",
     "C: ${b64:${user}}\nC: ${b64:${pass}}\n"},
    {"x" ACCOUNT_USER_TEXT ACCOUNT_PASS_TEXT "\x01y\r\n", "xdGVzdGVyc2VjcmV0\x01y\r\n",
     "C!: x${b64:${user}}${b64:${pass}}\\x01y\\r\\n\n"},
    {"bWFpbGRyaWxsLXVzZXI\r\n", "bWFpbGRyaWxsLXVzZXI\r\n", "C: bWFpbGRyaWxsLXVzZXI\n"},
    {"AUTH PLAIN " ACCOUNT_EMPTY_TEXT "\r\n", "AUTH PLAIN AHRlc3RlcgA=\r\n",
     "C: AUTH PLAIN ${b64:\\0${user}\\0}\n"},
    {ACCOUNT_NO_PLAIN_TEXT "\r\n", ACCOUNT_NO_PLAIN_TEXT "\r\n", "C: " ACCOUNT_NO_PLAIN_TEXT "\n"},
    {"NOOP ${b64:\r\n", "NOOP ${b64:\r\n", "C: NOOP $${b64:\n"},
};

static struct slice said_of(const struct account *a, const char *octets, uint8_t *room, size_t size,
                            void (*by)(const struct account *, struct slice, struct writer *))
{
    struct writer w = writer_of(room, size);
    struct slice copy = law_copy(slice_of_cstr(octets));
    by(a, copy, &w);
    law_free(copy);
    return writer_slice(&w);
}

static void assert_octets(struct slice got, const char *expected)
{
    assert_true(slice_equal(got, slice_of_cstr(expected)));
}

static void test_rows(void **state)
{
    uint8_t room[512];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_octets(said_of(&given, rows[i].kept, room, sizeof room, account_fill), rows[i].out);
        assert_octets(said_of(&given, rows[i].out, room, sizeof room, account_hide), rows[i].kept);
        assert_octets(said_of(&none, rows[i].kept, room, sizeof room, account_fill), rows[i].kept);
        assert_octets(said_of(&none, rows[i].out, room, sizeof room, account_hide), rows[i].out);
    }
}

static void test_scripts_have_variables(void **state)
{
    uint8_t room[512];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct session_step step = {.said = slice_of_cstr(rows[i].kept)};
        struct writer w = writer_of(room, sizeof room);
        finding_said(&step, &w);
        assert_octets(writer_slice(&w), rows[i].script);
    }
}

/* The user's name may begin as the message does. */
static void test_longest_is_hidden(void **state)
{
    static const struct account odd = {
        .parts = {SLICE_INIT("AA"), SLICE_INIT("AAA"), SLICE_INIT("AAAA")}};
    uint8_t room[512];
    (void)state;
    assert_octets(said_of(&odd, "AAAA AAA AA A", room, sizeof room, account_hide),
                  ACCOUNT_PLAIN_TEXT " " ACCOUNT_PASS_TEXT " " ACCOUNT_USER_TEXT " A");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_scripts_have_variables),
        cmocka_unit_test(test_longest_is_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
