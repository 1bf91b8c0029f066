/* Laws of Content-Type, Content-Disposition and their parameters. */
#include "custom.h"
#include "fuzz.h"
#include "imf/content.h"
#include "imf/quirk.h"

static uint64_t sum; /* of all that was read, so that two readings can be compared */

static void add(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        sum = sum * 31 + s.ptr[i] + 1;
    sum = sum * 31;
}

static void check_written(const struct imf_content_param *param, struct slice value)
{
    size_t names = param->attribute.len + param->charset.len + param->language.len;
    size_t most = IMF_CONTENT_WRITTEN_MAX(value.len, names);
    struct writer out = fuzz_writer(most);
    bool written =
        imf_content_param_write(param->attribute, value, param->charset, param->language, &out);
    FUZZ_LAW(written || out.len == 0, "what cannot be written is not begun");
    FUZZ_LAW(!out.overflow, "what is written fits its maximum");
    if (written) {
        struct imf_content_params params;
        struct imf_content_param again;
        struct writer back = fuzz_writer(out.len);
        imf_content_params_begin(writer_slice(&out), &params);
        FUZZ_LAW(imf_content_param_next(&params, &again), "what is written is a parameter");
        imf_content_param_value(&params, &again, &back);
        FUZZ_LAW(slice_equal(writer_slice(&back), value) &&
                     slice_equal(again.attribute, param->attribute) &&
                     slice_equal(again.charset, param->charset) &&
                     slice_equal(again.language, param->language),
                 "what is written reads back");
        FUZZ_LAW(again.quirks == 0, "what is written has no quirks");
        FUZZ_LAW(!imf_content_param_next(&params, &again) && params.quirks == 0,
                 "and is one parameter");
        fuzz_free_writer(&back);
    }
    fuzz_free_writer(&out);
}

static void read_params(struct slice in)
{
    struct imf_content_params params;
    size_t steps = 0;
    imf_content_params_begin(in, &params);
    for (struct imf_content_param param; imf_content_param_next(&params, &param);) {
        struct writer value = fuzz_writer(in.len);
        FUZZ_LAW(++steps <= in.len, "each parameter has octets");
        FUZZ_LAW(fuzz_inside(param.attribute, in) && fuzz_inside(param.raw_value, in) &&
                     fuzz_inside(param.charset, in) && fuzz_inside(param.language, in),
                 "the parts of a parameter lie in the input");
        FUZZ_LAW(param.extended || (param.charset.len == 0 && param.language.len == 0),
                 "only an extended value names a charset");
        imf_content_param_value(&params, &param, &value);
        FUZZ_LAW(!value.overflow, "a value has no more octets than the input");
        check_written(&param, writer_slice(&value));
        add(writer_slice(&value));
        add(param.attribute);
        add(param.charset);
        sum = sum * 31 + param.quirks;
        struct imf_content_param found;
        FUZZ_LAW(steps > 4 || (imf_content_param_find(in, param.attribute, &found) &&
                               slice_equal_nocase(found.attribute, param.attribute)),
                 "what is read is found");
        fuzz_free_writer(&value);
    }
    sum = sum * 31 + params.quirks;
}

static uint64_t read_all(struct slice in, enum imf_content_kind kind)
{
    struct imf_content content;
    struct parse_result result = imf_content_parse(in, kind, &content);
    sum = (uint64_t)result.status;
    if (result.status == PARSE_OK) {
        FUZZ_LAW(result.offset == in.len, "all of the body is consumed");
        FUZZ_LAW(content.type.len > 0 && fuzz_inside(content.type, in) &&
                     fuzz_inside(content.subtype, in) && fuzz_inside(content.params, in),
                 "type, subtype and parameters lie in the body");
        FUZZ_LAW(kind == IMF_CONTENT_TYPE || content.subtype.len == 0,
                 "a disposition has no subtype");
        add(content.type);
        add(content.subtype);
        read_params(content.params);
    } else {
        FUZZ_LAW(result.status == PARSE_ERROR && result.offset <= in.len &&
                     imf_content_error_text(result.error) != NULL,
                 "an error has an offset and a sentence");
    }
    return sum;
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size)), other = fuzz_copy(in);
    FUZZ_LAW(read_all(in, IMF_CONTENT_TYPE) == read_all(other, IMF_CONTENT_TYPE),
             "the same input reads the same");
    read_all(in, IMF_CONTENT_DISPOSITION);
    read_params(in);
    fuzz_free(other);
    fuzz_free(in);
    return 0;
}
