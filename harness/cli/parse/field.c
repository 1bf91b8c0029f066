/* parse field: the header section of a message, field by field. */
#include "imf/field.h"
#include "cli/parse/parse.h"

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
    put_word(object, "kind", field.kind == IMF_FIELD ? "field" : "header-end");
    if (field.kind == IMF_FIELD) {
        put_text(object, "name", field.name);
        put(object, "body", text_written(field.body, imf_field_unfold));
        put_number(object, "folds", imf_field_folds(field.body));
    }
    return out;
}
