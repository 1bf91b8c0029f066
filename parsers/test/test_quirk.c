#include "base/octet.h"
#include "imf/quirk.h"
#include "law.h"
#include "smtp/quirk.h"

struct defined {
    uint64_t bit;
    const char *macro; /* behind its family's prefix */
};

#define BASE(name)                                                                                 \
    {                                                                                              \
        QUIRK_##name, #name                                                                        \
    }
#define SMTP(name)                                                                                 \
    {                                                                                              \
        SMTP_QUIRK_##name, #name                                                                   \
    }
#define IMF(name)                                                                                  \
    {                                                                                              \
        IMF_QUIRK_##name, #name                                                                    \
    }

/* clang-format off */
static const struct defined base_defined[] = {
    BASE(BARE_LF), BASE(BARE_CR), BASE(NUL), BASE(CONTROL), BASE(EIGHT_BIT), BASE(LONG_LINE), BASE(UTF8),
};

static const struct defined smtp_defined[] = {
    SMTP(SPACE_BEFORE_PATH), SMTP(NO_BRACKETS), SMTP(TRAILING_SPACE), SMTP(EXTRA_SPACE),
    SMTP(LEADING_SPACE), SMTP(UNWANTED_ARGUMENT), SMTP(MISSING_ARGUMENT), SMTP(INVALID_DOMAIN),
    SMTP(SOURCE_ROUTE), SMTP(LONG_LOCAL_PART), SMTP(LONG_DOMAIN), SMTP(LONG_PATH),
    SMTP(NO_DOMAIN), SMTP(DUPLICATE_PARAMETER), SMTP(INVALID_PARAMETER), SMTP(INVALID_BASE64),
    SMTP(INVALID_LOCAL_PART), SMTP(NULL_FORWARD_PATH), SMTP(INVALID_VALUE),
    SMTP(MISPLACED_PARAMETER), SMTP(LOWER_CASE_XTEXT), SMTP(UNTAGGED_IPV6), SMTP(TWO_HOLDS), SMTP(NO_VERB),
    SMTP(NO_TEXT), SMTP(CODE_RANGE), SMTP(ENHANCED_CLASS), SMTP(ENHANCED_MIXED),
    SMTP(ENHANCED_PARTIAL),
    SMTP(AUTH_EQUALS), SMTP(INVALID_KEYWORD), SMTP(DUPLICATE_KEYWORD),
    SMTP(INVALID_EHLO_PARAM),
    SMTP(UNSTUFFED_DOT), SMTP(LF_DOT),
};

static const struct defined imf_defined[] = {
    IMF(SPACE_BEFORE_COLON), IMF(EMPTY_FOLD), IMF(NO_BLANK_LINE), IMF(FOLD_AT_START),
    IMF(UNCLOSED_COMMENT), IMF(UNCLOSED_QUOTE), IMF(UNCLOSED_LITERAL), IMF(OBS_TEXT),
    IMF(OBS_CFWS), IMF(BARE_FOLD), IMF(TRAILING_TEXT), IMF(OBS_LOCAL_PART), IMF(OBS_DOMAIN),
    IMF(OBS_ROUTE), IMF(OBS_PHRASE), IMF(EMPTY_ELEMENT), IMF(INVALID_LOCAL_PART),
    IMF(INVALID_DOMAIN), IMF(NO_LOCAL_PART), IMF(NO_DOMAIN), IMF(NULL_ADDRESS),
    IMF(UNPAIRED_ANGLE), IMF(UNCLOSED_GROUP), IMF(UNQUOTED_SPECIAL), IMF(STRAY_SEPARATOR),
    IMF(NO_ANGLE), IMF(LONG_LOCAL_PART), IMF(LONG_DOMAIN), IMF(MISSING_SEPARATOR),
    IMF(OBS_YEAR), IMF(OBS_ZONE),
    IMF(INVALID_WEEKDAY), IMF(INVALID_ZONE), IMF(TIME_SYNTAX), IMF(DATE_SYNTAX), IMF(DATE_RANGE),
    IMF(OBS_ID), IMF(INVALID_ID), IMF(NO_ID_BRACKETS), IMF(NO_DATE), IMF(INVALID_CLAUSE),
    IMF(INVALID_ENCODING), IMF(LONG_ENCODED_WORD), IMF(GLUED_ENCODED_WORD), IMF(SPACE_IN_ENCODED),
    IMF(UNKNOWN_ENCODING), IMF(UNCLOSED_ENCODED_WORD), IMF(EMPTY_ENCODED_WORD), IMF(INVALID_CHARSET),
    IMF(DUPLICATE_PARAMETER), IMF(PARAMETER_SECTIONS), IMF(INVALID_PARAMETER), IMF(UNQUOTED_VALUE),
    IMF(INVALID_EXTENDED), IMF(NO_SUBTYPE), IMF(MISPLACED_ENCODED_WORD),
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct family {
    const struct quirk *(*lookup)(unsigned n);
    const struct defined *defined;
    size_t count;
} families[] = {
    {base_quirk, base_defined, COUNT(base_defined)},
    {smtp_quirk, smtp_defined, COUNT(smtp_defined)},
    {imf_quirk, imf_defined, COUNT(imf_defined)},
};

/* BARE_LF is printed as bare-lf. */
static bool is_name_of(const char *name, const char *macro)
{
    size_t i = 0;
    for (; macro[i] != '\0'; i++) {
        uint8_t octet = (uint8_t)macro[i];
        if (name[i] != (octet == '_' ? '-' : octet_is(octet, OCTET_DIGIT) ? octet : octet + 32))
            return false;
    }
    return name[i] == '\0';
}

static void check_entry(const struct quirk *quirk, const struct defined *defined)
{
    if (quirk == NULL || quirk->bit != defined->bit || !is_name_of(quirk->name, defined->macro))
        fail_msg("%s has no row, or another's", defined->macro);
    if (strncmp(quirk->section, "RFC ", 4) != 0 || strchr(quirk->section + 4, ' ') == NULL)
        fail_msg("%s: section \"%s\"", quirk->name, quirk->section);
    size_t len = strlen(quirk->summary);
    if (len < 10 || quirk->summary[len - 1] == '.')
        fail_msg("%s: summary \"%s\"", quirk->name, quirk->summary);
}

/* A family's own quirks, and those of base under the same numbers; nothing between or beyond. */
static void each_bit_has_one_row(void **state)
{
    (void)state;
    for (size_t f = 0; f < COUNT(families); f++) {
        for (unsigned n = 0; n < 64 + 8; n++) {
            uint64_t bit = n < 64 ? UINT64_C(1) << n : 0;
            const struct defined *found = NULL;
            for (size_t i = 0; i < COUNT(base_defined); i++)
                found = base_defined[i].bit == bit ? &base_defined[i] : found;
            for (size_t i = 0; i < families[f].count; i++)
                found = families[f].defined[i].bit == bit ? &families[f].defined[i] : found;
            if (found != NULL)
                check_entry(families[f].lookup(n), found);
            else
                assert_null(families[f].lookup(n));
        }
    }
}

/* A name or a bit used twice would hide one quirk behind another. */
static void no_bit_stands_twice(void **state)
{
    (void)state;
    for (size_t f = 0; f < COUNT(families); f++) {
        uint64_t seen = 0;
        for (size_t i = 0; i < families[f].count; i++) {
            uint64_t bit = families[f].defined[i].bit;
            assert_true(bit != 0 && (bit & (bit - 1)) == 0);
            assert_false(seen & bit);
            seen |= bit;
            assert_int_equal((bit & 0xff) != 0, f == 0); /* bits 0 to 7 are base's */
        }
    }
}

static void quirks_of_text(void **state)
{
    (void)state;
    for (unsigned octet = 0; octet < 256; octet++) {
        uint8_t text[] = {'a', (uint8_t)octet, 'b'};
        bool control = octet == 127 || (octet < 32 && octet != '\t' && octet != '\n');
        uint64_t expected = control ? QUIRK_CONTROL : octet >= 128 ? QUIRK_EIGHT_BIT : 0;
        if (octet == '\0' || octet == '\r')
            expected = octet == '\0' ? QUIRK_NUL : QUIRK_BARE_CR;
        struct slice copy = law_copy(slice_of(text, sizeof text));
        assert_int_equal(base_quirks_of_text(copy), expected);
        law_free(copy);
    }
    assert_int_equal(base_quirks_of_text(SLICE("")), 0);
    assert_int_equal(base_quirks_of_text(SLICE("\0\r\x01\xff")),
                     QUIRK_NUL | QUIRK_BARE_CR | QUIRK_CONTROL | QUIRK_EIGHT_BIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bit_has_one_row),
        cmocka_unit_test(no_bit_stands_twice),
        cmocka_unit_test(quirks_of_text),
    };
    return cmocka_run_group_tests_name("quirk", tests, NULL, NULL);
}
