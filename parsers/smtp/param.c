#include "smtp/param.h"

#include "base/octet.h"
#include "smtp/quirk.h"
#include "smtp/value.h"
#include "smtp/word.h"

/* esmtp-keyword = ( ALPHA / DIGIT ) *( ALPHA / DIGIT / "-" ) */
static bool is_keyword(struct slice text)
{
    if (text.len == 0 || text.ptr[0] == '-')
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != '-' && !octet_is(text.ptr[i], OCTET_ALPHA | OCTET_DIGIT))
            return false;
    return true;
}

/* esmtp-value = 1*( %d33-60 / %d62-126 / UTF8-non-ascii ) */
static bool is_value(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '=' || !octet_is(text.ptr[i], OCTET_GRAPHIC | OCTET_EIGHT_BIT))
            return false;
    return text.len > 0 && smtp_word_is_utf8(text);
}

bool smtp_param_next(struct slice *rest, struct smtp_param *ret_param)
{
    uint64_t quirks = smtp_word_skip_space(rest);
    if (rest->len == 0)
        return false;
    struct slice word = smtp_word_take(rest);
    size_t equals = slice_find(word, '=');
    struct smtp_param param = {
        .keyword = slice_sub(word, 0, equals),
        .has_value = equals < word.len,
        .quirks = quirks,
    };
    if (param.has_value)
        param.value = slice_from(word, equals + 1);
    if (!is_keyword(param.keyword) || (param.has_value && !is_value(param.value)))
        param.quirks |= SMTP_QUIRK_INVALID_PARAMETER;
    *ret_param = param;
    return true;
}

bool smtp_param_find(struct slice params, struct slice keyword, struct smtp_param *ret_param)
{
    struct smtp_param param;
    while (smtp_param_next(&params, &param))
        if (slice_equal_nocase(param.keyword, keyword)) {
            *ret_param = param;
            return true;
        }
    return false;
}

static bool holds(const struct slice *keywords, size_t count, struct slice keyword)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal_nocase(keywords[i], keyword))
            return true;
    return false;
}

/** What its rule says of one parameter; nothing where it has none. *holding: the rule of the last
 * one with SMTP_HOLD, or NULL. */
static uint64_t value_quirks(const struct smtp_param *param, unsigned commands,
                             const struct smtp_value_rule **holding)
{
    const struct smtp_value_rule *rule = smtp_value_rule(param->keyword);
    if (rule == NULL)
        return 0;
    uint64_t quirks = smtp_value_quirks(rule, param->value, param->has_value);
    if ((rule->commands & commands) == 0)
        quirks |= SMTP_QUIRK_MISPLACED_PARAMETER;
    if ((rule->commands & SMTP_HOLD) != 0) {
        quirks |= *holding != NULL && *holding != rule ? SMTP_QUIRK_TWO_HOLDS : 0;
        *holding = rule;
    }
    return quirks;
}

uint64_t smtp_param_quirks(struct slice params, unsigned commands)
{
    struct slice seen[SMTP_PARAM_MAX_COMPARED];
    const struct smtp_value_rule *holding = NULL;
    size_t count = 0;
    uint64_t quirks = 0;
    struct smtp_param param;
    while (smtp_param_next(&params, &param)) {
        quirks |= param.quirks | value_quirks(&param, commands, &holding);
        if (holds(seen, count, param.keyword))
            quirks |= SMTP_QUIRK_DUPLICATE_PARAMETER;
        else if (count < SMTP_PARAM_MAX_COMPARED)
            seen[count++] = param.keyword;
    }
    return quirks;
}

void smtp_param_write(struct slice params, struct writer *out)
{
    struct smtp_param param;
    while (smtp_param_next(&params, &param)) {
        writer_put_octet(out, ' ');
        writer_put(out, param.keyword);
        if (param.has_value)
            writer_put_octet(out, '=');
        writer_put(out, param.value);
    }
}
