/* Laws of smtp_param_next, smtp_param_find, smtp_param_quirks and smtp_param_write. */
#include "custom.h"
#include "fuzz.h"
#include "grammar.h"
#include "smtp/param.h"
#include "smtp/quirk.h"
#include "smtp/value.h"

static void check_found(struct slice params, const struct smtp_param *param)
{
    struct smtp_param found;
    FUZZ_LAW(smtp_param_find(params, param->keyword, &found), "what was read is found");
    FUZZ_LAW(slice_equal_nocase(found.keyword, param->keyword), "by its keyword");
    FUZZ_LAW(found.keyword.ptr <= param->keyword.ptr, "the first of that keyword");
}

static void check_params(struct slice in)
{
    struct slice rest = in;
    struct smtp_param param;
    uint64_t quirks = 0;
    for (unsigned count = 0; smtp_param_next(&rest, &param); count++) {
        FUZZ_LAW(fuzz_inside(param.keyword, in) && fuzz_inside(param.value, in),
                 "keyword and value lie in the input");
        FUZZ_LAW(param.has_value || param.value.len == 0, "a value comes after an equals sign");
        FUZZ_LAW(slice_find(param.keyword, '=') == param.keyword.len, "no keyword holds one");
        FUZZ_LAW(param.keyword.len + param.has_value + param.value.len > 0, "none is empty");
        quirks |= param.quirks;
        if (count < SMTP_PARAM_MAX_COMPARED)
            check_found(in, &param);
    }
    FUZZ_LAW(!smtp_param_find(in, SLICE("no keyword"), &param), "what was not read is not found");
    FUZZ_LINEAR(in.len, smtp_param_quirks(in, SMTP_ON_MAIL | SMTP_ON_RCPT));
    uint64_t beyond = SMTP_QUIRK_DUPLICATE_PARAMETER | SMTP_QUIRK_MISPLACED_PARAMETER |
                      SMTP_QUIRK_INVALID_VALUE | SMTP_QUIRK_LOWER_CASE_XTEXT | SMTP_QUIRK_TWO_HOLDS;
    FUZZ_LAW((smtp_param_quirks(in, SMTP_ON_RCPT) & ~beyond) == quirks,
             "quirks of all are those of each, and of their values");
}

static bool is_space(uint8_t octet)
{
    return octet == ' ' || octet == '\t';
}

/* What the rule of a parameter says of it: fuzz_value's laws. */
static uint64_t model_value(const struct smtp_param *param, unsigned on)
{
    const struct smtp_value_rule *rule = smtp_value_rule(param->keyword);
    struct smtp_value value;
    if (rule == NULL)
        return 0;
    uint64_t quirks = (rule->commands & on) != 0 ? 0 : SMTP_QUIRK_MISPLACED_PARAMETER;
    return quirks | (smtp_value_read(rule, param->value, param->has_value, &value)
                         ? value.quirks
                         : SMTP_QUIRK_INVALID_VALUE);
}

/* The model: words cut at white space, each looked up in the grammar. */
static void check_model(struct slice in, unsigned on)
{
    struct slice rest = in;
    uint64_t expected = 0;
    for (size_t at = 0; at < in.len;) {
        struct smtp_param param;
        size_t from = at, word, end;
        while (at < in.len && is_space(in.ptr[at]))
            at++;
        for (word = end = at; end < in.len && !is_space(in.ptr[end]);)
            end++;
        bool there = smtp_param_next(&rest, &param);
        FUZZ_LAW(there == (word < in.len), "a word is a parameter");
        if (!there)
            break;
        struct slice text = slice_sub(in, word, end);
        bool space = word == from || (word == from + 1 && in.ptr[from] == ' ');
        uint64_t quirks = space ? 0 : SMTP_QUIRK_EXTRA_SPACE;
        if (grammar_takes(text))
            quirks |= grammar_has("esmtp-param", text) ? 0 : SMTP_QUIRK_INVALID_PARAMETER;
        else
            quirks |= param.quirks & SMTP_QUIRK_INVALID_PARAMETER;
        FUZZ_LAW(param.quirks == quirks, "a parameter's quirks are what the grammar says");
        FUZZ_LAW(param.keyword.ptr == text.ptr && param.keyword.len == slice_find(text, '=') &&
                     param.has_value == (param.keyword.len < text.len) &&
                     param.keyword.len + param.has_value + param.value.len == text.len,
                 "keyword and value are what stands around the first equals sign");
        expected |= quirks | model_value(&param, on);
        at = end;
    }
    uint64_t together = SMTP_QUIRK_DUPLICATE_PARAMETER | SMTP_QUIRK_TWO_HOLDS;
    FUZZ_LAW((smtp_param_quirks(in, on) & ~together) == expected,
             "quirks of all are those of each, and of their values");
    struct smtp_param hold;
    bool both = smtp_param_find(in, SLICE("HOLDFOR"), &hold) &&
                smtp_param_find(in, SLICE("HOLDUNTIL"), &hold);
    FUZZ_LAW(both == ((smtp_param_quirks(in, on) & SMTP_QUIRK_TWO_HOLDS) != 0),
             "HOLDFOR beside HOLDUNTIL is named");
}

/* The beginning of a list is one: a keyword that stands twice is named where its second comes. */
static void check_duplicates(struct slice in)
{
    static struct slice keywords[SMTP_PARAM_MAX_COMPARED];
    struct slice rest = in;
    bool twice = false;
    size_t count = 0;
    for (struct smtp_param param;
         count < SMTP_PARAM_MAX_COMPARED && smtp_param_next(&rest, &param);) {
        for (size_t i = 0; i < count && !twice; i++)
            twice = slice_equal_nocase(keywords[i], param.keyword);
        keywords[count++] = param.keyword;
        uint64_t quirks = smtp_param_quirks(slice_sub(in, 0, in.len - rest.len), SMTP_ON_MAIL);
        FUZZ_LAW(((quirks & SMTP_QUIRK_DUPLICATE_PARAMETER) != 0) == twice,
                 "a keyword that stands twice, in whatever case, is named");
    }
}

/* In pairs: no two parameters differ. */
static bool same_params(struct slice a, struct slice b)
{
    struct smtp_param one, other;
    while (smtp_param_next(&a, &one)) {
        if (!smtp_param_next(&b, &other) || !slice_equal(one.keyword, other.keyword) ||
            one.has_value != other.has_value || !slice_equal(one.value, other.value))
            return false;
    }
    return !smtp_param_next(&b, &other);
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    check_params(in);
    check_duplicates(in);
    check_model(in, SMTP_ON_MAIL);
    check_model(in, SMTP_ON_RCPT);

    struct writer out = fuzz_writer(size + 1);
    FUZZ_LINEAR(in.len, smtp_param_write(in, &out));
    FUZZ_LAW(!out.overflow, "writing adds one SP at most");
    struct slice written = fuzz_copy(writer_slice(&out));
    FUZZ_LAW(same_params(in, written), "what is written parses to the same");
    FUZZ_LAW(smtp_param_quirks(written, SMTP_ON_RCPT) ==
                 (smtp_param_quirks(in, SMTP_ON_RCPT) & ~SMTP_QUIRK_EXTRA_SPACE),
             "writing takes away EXTRA_SPACE and no other quirk");
    out.len = 0;
    smtp_param_write(written, &out);
    FUZZ_LAW(slice_equal(writer_slice(&out), written), "what is written is canonical");
    fuzz_free_writer(&out);
    fuzz_free(written);
    fuzz_free(in);
    return 0;
}
