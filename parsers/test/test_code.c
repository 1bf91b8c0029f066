#include "law.h"
#include "smtp/code.h"

/* clang-format off */
static const struct {
    unsigned code;
    enum smtp_code_context context;
    const char *section; /* NULL: not allowed */
} rows[] = {
    {220, SMTP_CODE_GREETING, "RFC 5321 4.3.2"},
    {554, SMTP_CODE_GREETING, "RFC 5321 4.3.2"},
    {521, SMTP_CODE_GREETING, "RFC 7504 3"},
    {421, SMTP_CODE_GREETING, "RFC 5321 3.8"},
    {250, SMTP_CODE_GREETING, NULL},
    {500, SMTP_CODE_GREETING, NULL},
    {503, SMTP_CODE_GREETING, NULL},
    {530, SMTP_CODE_GREETING, NULL},
    {250, SMTP_CODE_EHLO, "RFC 5321 4.3.2"},
    {502, SMTP_CODE_EHLO, "RFC 5321 4.3.2"},
    {220, SMTP_CODE_EHLO, NULL},
    {530, SMTP_CODE_EHLO, NULL},
    {250, SMTP_CODE_LHLO, "RFC 2033 4.1"},
    {530, SMTP_CODE_LHLO, NULL},
    {530, SMTP_CODE_HELO, "RFC 3207 4"},
    {555, SMTP_CODE_MAIL, "RFC 5321 4.3.2"},
    {450, SMTP_CODE_MAIL, "RFC 6710 4.1"},
    {554, SMTP_CODE_MAIL, "RFC 6409 4.1"},
    {501, SMTP_CODE_MAIL, "RFC 5321 4.3.2"},
    {251, SMTP_CODE_MAIL, NULL},
    {354, SMTP_CODE_MAIL, NULL},
    {251, SMTP_CODE_RCPT, "RFC 5321 4.3.2"},
    {556, SMTP_CODE_RCPT, "RFC 7504 4"},
    {252, SMTP_CODE_RCPT, NULL},
    {354, SMTP_CODE_DATA, "RFC 5321 4.3.2"},
    {451, SMTP_CODE_DATA, "RFC 821 4.3"},
    {250, SMTP_CODE_DATA, NULL},
    {250, SMTP_CODE_END_OF_DATA, "RFC 5321 4.3.2"},
    {550, SMTP_CODE_END_OF_DATA, "RFC 5321 4.3.2"},
    {421, SMTP_CODE_END_OF_DATA, "RFC 5321 3.8"},
    {354, SMTP_CODE_END_OF_DATA, NULL},
    {500, SMTP_CODE_END_OF_DATA, NULL},
    {250, SMTP_CODE_BDAT, "RFC 3030 2"},
    {354, SMTP_CODE_BDAT, NULL},
    {552, SMTP_CODE_BURL, "RFC 4468 3"},
    {250, SMTP_CODE_RSET, "RFC 5321 4.3.2"},
    {550, SMTP_CODE_RSET, NULL},
    {252, SMTP_CODE_VRFY, "RFC 5321 4.3.2"},
    {251, SMTP_CODE_EXPN, NULL},
    {214, SMTP_CODE_HELP, "RFC 5321 4.3.2"},
    {250, SMTP_CODE_HELP, NULL},
    {250, SMTP_CODE_NOOP, "RFC 5321 4.3.2"},
    {530, SMTP_CODE_NOOP, NULL},
    {221, SMTP_CODE_QUIT, "RFC 5321 4.3.2"},
    {250, SMTP_CODE_QUIT, NULL},
    {554, SMTP_CODE_QUIT, NULL},
    {554, SMTP_CODE_NOOP, "RFC 3207 4.1"},
    {220, SMTP_CODE_STARTTLS, "RFC 3207 4"},
    {503, SMTP_CODE_STARTTLS, "RFC 5321 4.1.4"},
    {530, SMTP_CODE_STARTTLS, "RFC 4954 6"},
    {334, SMTP_CODE_AUTH, "RFC 4954 4"},
    {535, SMTP_CODE_AUTH, "RFC 4954 6"},
    {525, SMTP_CODE_AUTH, "RFC 5248 2.4"},
    {530, SMTP_CODE_AUTH, "RFC 3207 4"},
    {250, SMTP_CODE_AUTH, NULL},
    {253, SMTP_CODE_ETRN, "RFC 1985 5.1"},
    {453, SMTP_CODE_ATRN, "RFC 2645 5.2.1"},
    {453, SMTP_CODE_ETRN, NULL},
    {250, SMTP_CODE_TURN, "RFC 821 4.3"},
    {452, SMTP_CODE_SEND, "RFC 821 4.3"},
    {220, SMTP_CODE_XCLIENT, "XCLIENT_README"},
    {250, SMTP_CODE_XCLIENT, NULL},
    {250, SMTP_CODE_XFORWARD, "XFORWARD_README"},
    {500, SMTP_CODE_UNKNOWN, "RFC 5321 4.3.2"},
    {502, SMTP_CODE_UNKNOWN, "RFC 5321 4.2.4"},
    {250, SMTP_CODE_UNKNOWN, NULL},
    {555, SMTP_CODE_UNKNOWN, NULL},
    {0, SMTP_CODE_RCPT, NULL}, /* what stands behind the last code of a list is none */
    {999, SMTP_CODE_RCPT, NULL},
};
/* clang-format on */

static void a_context_allows_what_its_section_lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *section = smtp_code_allowed_by(rows[i].code, rows[i].context);
        bool same = rows[i].section == NULL || section == NULL
                        ? rows[i].section == section
                        : strcmp(rows[i].section, section) == 0;
        if (!same)
            fail_msg("%u at context %d: %s", rows[i].code, (int)rows[i].context,
                     section == NULL ? "not allowed" : section);
        assert_int_equal(smtp_code_is_allowed(rows[i].code, rows[i].context),
                         rows[i].section != NULL);
    }
}

/* RFC 5321 4.2.3 and the extensions */
static void each_registered_code_is_found(void **state)
{
    (void)state;
    static const unsigned registered[] = {
        211, 214, 220, 221, 235, 250, 251, 252, 253, 334, 354, 421, 422, 430, 432,
        450, 451, 452, 453, 454, 455, 458, 459, 500, 501, 502, 503, 504, 521, 523,
        524, 525, 530, 533, 534, 535, 538, 550, 551, 552, 553, 554, 555, 556,
    };
    size_t found = 0;
    for (unsigned code = 0; code < 66000; code++) {
        const struct smtp_code *entry = smtp_code_find(code);
        bool expected = found < sizeof registered / sizeof *registered && registered[found] == code;
        if (expected != (entry != NULL))
            fail_msg("code %u", code);
        if (entry != NULL)
            assert_true(entry->code == code && entry->meaning[0] != '\0' &&
                        memcmp(entry->section, "RFC ", 4) == 0);
        found += expected;
    }
    assert_string_equal(smtp_code_find(354)->meaning, "send the message, end it with CRLF.CRLF");
    assert_string_equal(smtp_code_find(535)->meaning, "authentication credentials invalid");
    assert_string_equal(smtp_code_find(535)->section, "RFC 4954 6");
}

/* 430 and 533 stand only in a registry (RFC 5248 2.4), which names no command for them. */
static void each_code_answers_something(void **state)
{
    (void)state;
    for (unsigned code = 0; code < 1000; code++) {
        bool answers = false;
        for (enum smtp_code_context at = SMTP_CODE_GREETING; at < SMTP_CODE_CONTEXTS; at++)
            answers = answers || smtp_code_is_allowed(code, at);
        bool expected = smtp_code_find(code) != NULL && code != 430 && code != 533;
        if (answers != expected)
            fail_msg("code %u", code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_context_allows_what_its_section_lists),
        cmocka_unit_test(each_registered_code_is_found),
        cmocka_unit_test(each_code_answers_something),
    };
    return cmocka_run_group_tests_name("code", tests, NULL, NULL);
}
