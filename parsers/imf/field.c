#include "imf/field.h"

#include "base/line.h"
#include "base/octet.h"
#include "imf/quirk.h"

#define TEXT_OCTETS 998 /* RFC 5322 2.1.1: of a line, CRLF not included */

/* The line at offset `at`; the end of the input ends it where that is whole. */
static struct parse_result take_line(struct slice in, size_t at, struct imf_field_limits limits,
                                     struct base_line *ret_line)
{
    struct slice rest = slice_from(in, at);
    size_t left = limits.max_octets - at;
    struct parse_result result = base_line_parse(rest, left, ret_line);
    if (result.status != PARSE_OK && limits.whole && rest.len <= left) {
        *ret_line = (struct base_line){rest, rest, base_quirks_of_text(rest)};
        return parse_ok(rest.len);
    }
    if (result.status == PARSE_ERROR)
        return parse_error(IMF_FIELD_TOO_LONG, limits.max_octets);
    return result;
}

static uint64_t quirks_of_line(const struct base_line *line)
{
    return line->quirks | (line->text.len > TEXT_OCTETS ? QUIRK_LONG_LINE : 0);
}

/*
 * field-name = 1*ftext, ftext = %d33-57 / %d59-126                  ; RFC 5322 2.2, 3.6.8
 * obs-optional = field-name *WSP ":" unstructured CRLF              ; RFC 5322 4.5.8
 *
 * Fills in the name and the quirks about it; consumes through the colon.
 */
static struct parse_result read_name(struct slice line, struct imf_field *field)
{
    size_t colon = slice_find(line, ':');
    if (colon == line.len)
        return parse_error(IMF_FIELD_NO_COLON, line.len);
    size_t from = 0, to = colon;
    while (from < to && octet_is(line.ptr[from], OCTET_WSP))
        from++;
    while (to > from && octet_is(line.ptr[to - 1], OCTET_WSP))
        to--;
    if (from == to)
        return parse_error(IMF_FIELD_NO_NAME, colon);
    for (size_t i = from; i < to; i++)
        if (!octet_is(line.ptr[i], OCTET_GRAPHIC))
            return parse_error(IMF_FIELD_BAD_NAME, i);
    field->name = slice_sub(line, from, to);
    field->quirks |=
        (from > 0 ? IMF_QUIRK_FOLD_AT_START : 0) | (to < colon ? IMF_QUIRK_SPACE_BEFORE_COLON : 0);
    return parse_ok(colon + 1);
}

static struct parse_result header_end(struct slice raw, uint64_t quirks,
                                      struct imf_field *ret_field)
{
    *ret_field = (struct imf_field){.kind = IMF_HEADER_END, .raw = raw, .quirks = quirks};
    return parse_ok(raw.len);
}

struct parse_result imf_field_parse(struct slice in, struct imf_field_limits limits,
                                    struct imf_field *ret_field)
{
    if (in.len == 0 && limits.whole)
        return header_end(in, IMF_QUIRK_NO_BLANK_LINE, ret_field);
    if (limits.max_octets >= 2 && slice_starts(in, SLICE("\r\n")))
        return header_end(slice_sub(in, 0, 2), 0, ret_field);
    struct base_line line;
    struct parse_result result = take_line(in, 0, limits, &line);
    if (result.status != PARSE_OK)
        return result;
    if (line.text.len == 0)
        return header_end(line.raw, line.quirks, ret_field);

    struct imf_field field = {.kind = IMF_FIELD, .quirks = quirks_of_line(&line)};
    struct parse_result name = read_name(line.text, &field);
    if (name.status != PARSE_OK)
        return name;
    size_t text_end = line.text.len, end = line.raw.len;
    while (end < in.len && octet_is(in.ptr[end], OCTET_WSP)) {
        result = take_line(in, end, limits, &line);
        if (result.status != PARSE_OK)
            return result;
        field.quirks |= quirks_of_line(&line);
        if (slice_trim(line.text).len == 0)
            field.quirks |= IMF_QUIRK_EMPTY_FOLD;
        text_end = end + line.text.len;
        end += line.raw.len;
    }
    if (end == in.len && !limits.whole)
        return parse_more();
    field.body = slice_sub(in, name.offset, text_end);
    field.raw = slice_sub(in, 0, end);
    field.quirks = imf_quirks_tell_utf8(field.quirks, field.raw);
    *ret_field = field;
    return parse_ok(end);
}

size_t imf_field_folds(struct slice body)
{
    size_t folds = 0, lf;
    for (; (lf = slice_find(body, '\n')) < body.len; body = slice_from(body, lf + 1))
        folds++;
    return folds;
}

void imf_field_unfold(struct slice body, struct writer *out)
{
    while (body.len > 0) {
        size_t lf = slice_find(body, '\n');
        size_t next = lf < body.len ? lf + 1 : lf;
        bool fold = next < body.len && octet_is(body.ptr[next], OCTET_WSP);
        size_t crlf = lf > 0 && body.ptr[lf - 1] == '\r' ? lf - 1 : lf;
        writer_put(out, slice_sub(body, 0, fold ? crlf : next));
        body = slice_from(body, next);
    }
}

static const char *const error_texts[] = {
    [IMF_FIELD_TOO_LONG] = "a field is longer than the limit",
    [IMF_FIELD_NO_COLON] = "a line of the header is neither a field, a fold nor empty",
    [IMF_FIELD_NO_NAME] = "a colon stands where a field's name must stand",
    [IMF_FIELD_BAD_NAME] = "a field's name holds an octet that no name may hold",
};

const char *imf_field_error_text(int error)
{
    bool known = error > 0 && (size_t)error < sizeof error_texts / sizeof *error_texts;
    return known ? error_texts[error] : NULL;
}
