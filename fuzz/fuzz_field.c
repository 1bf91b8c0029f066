/* Laws of imf_field_parse and imf_field_unfold. */
#include "base/octet.h"
#include "base/quirk.h"
#include "custom.h"
#include "fuzz.h"
#include "imf/field.h"
#include "imf/quirk.h"

static bool same_result(struct parse_result a, struct parse_result b)
{
    return a.status == b.status && a.offset == b.offset && a.error == b.error;
}

/* Law 1, at prefixes of the field and of what follows it. */
static void check_prefixes(struct slice in, size_t max_octets)
{
    struct imf_field_limits limits = {max_octets, false};
    struct imf_field field;
    struct parse_result whole = imf_field_parse(in, limits, &field);
    FUZZ_LAW(whole.offset <= in.len, "no offset is beyond the input");
    size_t knob = fuzz_knob(in, 1, 256), most = whole.offset + 8;
    for (size_t cut = 0; cut < in.len && cut < most; cut = fuzz_next_cut(cut, most, knob)) {
        struct slice copy = fuzz_copy(slice_sub(in, 0, cut));
        struct parse_result early = imf_field_parse(copy, limits, &field);
        FUZZ_LAW(early.status == PARSE_MORE || same_result(early, whole),
                 "an answer other than MORE never changes when octets are appended");
        fuzz_free(copy);
    }
    FUZZ_LAW(whole.status != PARSE_MORE || in.len <= max_octets,
             "beyond its limit no field waits for more");
}

static void check_field(const struct imf_field *field)
{
    bool eight_bit = false, utf8 = (field->quirks & QUIRK_UTF8) != 0;
    for (size_t i = 0; i < field->raw.len; i++)
        eight_bit = eight_bit || field->raw.ptr[i] >= 128;
    FUZZ_LAW(utf8 + ((field->quirks & QUIRK_EIGHT_BIT) != 0) == eight_bit,
             "octets above 127 are UTF-8, or they are not");
    FUZZ_LAW(field->name.len > 0, "a field has a name");
    for (size_t i = 0; i < field->name.len; i++)
        FUZZ_LAW(octet_is(field->name.ptr[i], OCTET_GRAPHIC) && field->name.ptr[i] != ':',
                 "a name is ftext");
    FUZZ_LAW(fuzz_inside(field->name, field->raw) && fuzz_inside(field->body, field->raw) &&
                 field->body.ptr > field->name.ptr,
             "name and body lie in the field, the body behind the name");
    size_t folds = 0;
    for (size_t i = 0; i + 1 < field->body.len; i++)
        folds += field->body.ptr[i] == '\n' && octet_is(field->body.ptr[i + 1], OCTET_WSP);
    FUZZ_LAW(imf_field_folds(field->body) == folds, "each line ending in a body is a fold's");
}

/* unfold(fold(x)) is x: a body without line endings, with one put before each white space. */
static void check_unfold(const struct imf_field *field)
{
    uint8_t *plain = fuzz_take(field->body.len + 1), *back = fuzz_take(field->body.len + 1);
    uint8_t *folded = fuzz_take(3 * field->body.len + 1);
    struct writer unfolded = writer_of(plain, field->body.len);
    imf_field_unfold(field->body, &unfolded);
    FUZZ_LAW(!unfolded.overflow, "unfolding makes nothing longer");
    FUZZ_LAW(slice_find(writer_slice(&unfolded), '\n') == unfolded.len, "no fold is left");

    struct writer refolded = writer_of(folded, 3 * field->body.len);
    for (size_t i = 0; i < unfolded.len; i++) {
        if (octet_is(plain[i], OCTET_WSP))
            writer_put(&refolded, SLICE("\r\n"));
        writer_put_octet(&refolded, plain[i]);
    }
    struct writer again = writer_of(back, unfolded.len);
    imf_field_unfold(writer_slice(&refolded), &again);
    FUZZ_LAW(!again.overflow && slice_equal(writer_slice(&again), writer_slice(&unfolded)),
             "what was folded is unfolded");
    fuzz_give(plain);
    fuzz_give(folded);
    fuzz_give(back);
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    /* A small limit one time in four, so that seeds are mostly read whole. */
    size_t max_octets = fuzz_knob(in, 0, 4) == 1 ? fuzz_knob(in, 1, 64) : 4000;
    struct slice rest = in;
    for (;;) {
        struct imf_field field;
        check_prefixes(rest, max_octets);
        struct parse_result result =
            imf_field_parse(rest, (struct imf_field_limits){max_octets, true}, &field);
        FUZZ_LAW(result.status != PARSE_MORE, "a whole input never waits for more");
        FUZZ_LAW((result.status == PARSE_ERROR) == (imf_field_error_text(result.error) != NULL),
                 "each error has a text");
        if (result.status == PARSE_ERROR)
            break;
        FUZZ_LAW(field.raw.ptr == rest.ptr && field.raw.len == result.offset,
                 "the fields joined are the input");
        FUZZ_LAW(result.offset <= max_octets, "no field is longer than its limit");
        rest = slice_from(rest, result.offset);
        if (field.kind == IMF_HEADER_END)
            break;
        FUZZ_LAW(result.offset > 0, "a field is not empty");
        FUZZ_LAW(fuzz_nameless(field.quirks, imf_quirk) == 64, "each quirk has a name");
        check_field(&field);
        check_unfold(&field);
    }
    fuzz_free(in);
    return 0;
}
