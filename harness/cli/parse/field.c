/* parse field: the header section of a message, field by field. */
#include <string.h>

#include "cli/parse/parse.h"
#include "imf/field.h"

/* What people take for the value: the body without the white space at its ends. */
static void write_value(struct slice body, struct writer *out)
{
    size_t from = out->len;
    imf_field_unfold(body, out);
    struct slice value = slice_trim(slice_from(writer_slice(out), from));
    if (value.len > 0)
        memmove(out->ptr + from, value.ptr, value.len);
    out->len = from + value.len;
}

struct parse_outcome parse_fields(struct slice window, bool whole, json_t *object)
{
    struct imf_field field;
    struct imf_field_limits limits = {PARSE_WINDOW_OCTETS / 2, whole};
    struct parse_outcome out = {.result = imf_field_parse(window, limits, &field)};
    if (out.result.status == PARSE_ERROR)
        out.error = imf_field_error_text(out.result.error);
    if (out.result.status != PARSE_OK)
        return out;
    out.quirks = field.quirks;
    out.last = field.kind != IMF_FIELD;
    put_word(object, "kind", field.kind == IMF_FIELD ? "field" : "header-end");
    if (field.kind == IMF_FIELD) {
        put_text(object, "name", field.name);
        put(object, "body", text_written(field.body, imf_field_unfold));
        put(object, "value", text_written(field.body, write_value));
        put_number(object, "folds", imf_field_folds(field.body));
    }
    return out;
}
