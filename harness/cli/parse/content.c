/* parse content: Content-Type, Content-Disposition, and their parameters alone. */
#include <stdlib.h>

#include "cli/parse/parse.h"
#include "imf/content.h"
#include "imf/encoded_word.h"
#include "imf/quirk.h"

/* What encoded words in a value, where they may not stand, are shown as; null without them. */
static json_t *decoded_of(struct slice value, json_t *text, uint64_t *quirks)
{
    uint64_t of_words = 0;
    json_t *decoded = text_with_encoded_words(value, IMF_ENCODED_IN_TEXT, NULL, &of_words);
    if (!json_equal(decoded, text)) {
        *quirks |= IMF_QUIRK_MISPLACED_ENCODED_WORD;
        return decoded;
    }
    json_decref(decoded);
    return json_null();
}

static void put_value(json_t *entry, const struct imf_content_params *params,
                      struct imf_content_param *param)
{
    struct writer value = writer_of(malloc(params->in.len + 1), params->in.len);
    if (value.ptr == NULL)
        abort();
    imf_content_param_value(params, param, &value);
    struct slice octets = writer_slice(&value);
    bool foreign = false;
    json_t *text =
        param->has_value ? text_in_charset(octets, param->charset, &foreign) : json_null();
    if (foreign)
        param->quirks |= IMF_QUIRK_INVALID_EXTENDED;
    bool plain = param->has_value && !param->extended;
    put(entry, "value", text);
    put(entry, "decoded_value", plain ? decoded_of(octets, text, &param->quirks) : json_null());
    free(value.ptr);
}

static json_t *optional(struct slice text)
{
    return text.len > 0 ? text_of(text) : json_null();
}

static uint64_t put_content_params(json_t *object, struct slice in)
{
    struct imf_content_params params;
    uint64_t quirks = 0;
    json_t *entries = json_array();
    imf_content_params_begin(in, &params);
    for (struct imf_content_param param; imf_content_param_next(&params, &param);) {
        json_t *entry = json_object();
        put_text(entry, "attribute", param.attribute);
        put_value(entry, &params, &param);
        put(entry, "charset", optional(param.charset));
        put(entry, "language", optional(param.language));
        put_number(entry, "sections", param.has_sections ? param.sections : 0);
        put_quirks(entry, param.quirks, imf_quirk);
        put_entry(entries, entry);
        quirks |= param.quirks;
    }
    put(object, "parameters", entries);
    return quirks | params.quirks;
}

static struct parse_outcome parse(struct slice in, enum imf_content_kind kind, json_t *object)
{
    struct imf_content content;
    struct parse_outcome out = {.result = imf_content_parse(in, kind, &content)};
    if (out.result.status == PARSE_ERROR)
        out.error = imf_content_error_text(out.result.error);
    if (out.result.status != PARSE_OK)
        return out;
    if (kind == IMF_CONTENT_TYPE) {
        put_text(object, "type", content.type);
        put_text(object, "subtype", content.subtype);
    } else {
        put_text(object, "disposition_type", content.type);
    }
    out.quirks = content.quirks | put_content_params(object, content.params);
    return out;
}

struct parse_outcome parse_content_type(struct slice window, bool whole, json_t *object)
{
    (void)whole;
    return parse(window, IMF_CONTENT_TYPE, object);
}

struct parse_outcome parse_content_disposition(struct slice window, bool whole, json_t *object)
{
    (void)whole;
    return parse(window, IMF_CONTENT_DISPOSITION, object);
}

/* Parameters without a type before them; the first needs no ";". */
struct parse_outcome parse_content_params(struct slice window, bool whole, json_t *object)
{
    struct parse_outcome out = {.result = parse_ok(window.len)};
    (void)whole;
    out.quirks = put_content_params(object, window);
    return out;
}
