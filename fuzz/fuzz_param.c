/* Laws of smtp_param_next, smtp_param_find, smtp_param_quirks and smtp_param_write. */
#include "custom.h"
#include "fuzz.h"
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
    uint64_t beyond = SMTP_QUIRK_DUPLICATE_PARAMETER | SMTP_QUIRK_MISPLACED_PARAMETER |
                      SMTP_QUIRK_INVALID_VALUE | SMTP_QUIRK_LOWER_CASE_XTEXT;
    FUZZ_LAW((smtp_param_quirks(in, SMTP_ON_RCPT) & ~beyond) == quirks,
             "quirks of all are those of each, and of their values");
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

    struct writer out = fuzz_writer(size + 1);
    smtp_param_write(in, &out);
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
