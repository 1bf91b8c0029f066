/* Laws of imf_field_parse: the fields joined are the input, and no answer but MORE changes. */
#include "fuzz.h"
#include "imf/field.h"

#define MAX_OCTETS 4096

static void check_field(const struct imf_field *field, struct slice rest)
{
    FUZZ_LAW(field->raw.ptr == rest.ptr, "fields follow one another without a gap");
    FUZZ_LAW(fuzz_inside(field->name, field->raw) && fuzz_inside(field->body, field->raw),
             "name and body lie in the field");
    FUZZ_LAW(slice_find(field->name, ':') == field->name.len &&
                 slice_find(field->name, ' ') == field->name.len,
             "no name holds a colon or a space");
    uint8_t *octets = malloc(field->body.len + 1);
    struct writer out = writer_of(octets, field->body.len + 1);
    imf_field_unfold(field->body, &out);
    FUZZ_LAW(!out.overflow && out.len <= field->body.len, "unfolding makes nothing longer");
    FUZZ_LAW(slice_find(writer_slice(&out), '\n') == out.len, "an unfolded body is one line");
    free(octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size)), rest = in;
    for (;;) {
        struct imf_field field, early;
        struct parse_result result =
            imf_field_parse(rest, (struct imf_field_limits){MAX_OCTETS, true}, &field);
        struct parse_result open =
            imf_field_parse(rest, (struct imf_field_limits){MAX_OCTETS, false}, &early);
        FUZZ_LAW(result.status != PARSE_MORE, "whole input gets an answer");
        FUZZ_LAW(open.status == PARSE_MORE ||
                     (open.status == result.status && open.offset == result.offset),
                 "what may follow changes no answer but MORE");
        if (result.status != PARSE_OK)
            break;
        check_field(&field, rest);
        rest = slice_from(rest, result.offset);
        if (field.kind == IMF_HEADER_END)
            break;
        FUZZ_LAW(result.offset > 0, "a field takes an octet");
    }
    fuzz_free(in);
    return 0;
}
