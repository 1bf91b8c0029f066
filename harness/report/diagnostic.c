#include "report/diagnostic.h"

#include <jansson.h>
#include <stdlib.h>

#include "report/buffer.h"

static json_t *needed(json_t *value)
{
    if (value == NULL)
        abort(); /* no memory */
    return value;
}

static json_t *text_of(struct slice octets)
{
    struct buffer visible = {.ptr = NULL};
    sink_visible(buffer_sink(&visible), octets, 0);
    json_t *value = json_stringn(visible.len == 0 ? "" : (const char *)visible.ptr, visible.len);
    buffer_free(&visible);
    return needed(value);
}

static size_t digits_and_dots(struct slice text, bool dots)
{
    size_t len = 0;
    while (len < text.len &&
           ((text.ptr[len] >= '0' && text.ptr[len] <= '9') || (dots && text.ptr[len] == '.')))
        len++;
    return len;
}

/* "... (RFC 5321 4.2.1)" */
static json_t *rfc_of(struct slice message)
{
    for (size_t i = 0; i < message.len; i++) {
        struct slice rest = slice_from(message, i);
        if (!slice_starts(rest, SLICE("RFC ")))
            continue;
        rest = slice_from(rest, 4);
        size_t number = digits_and_dots(rest, false);
        struct slice section = slice_from(rest, number + 1 < rest.len ? number + 1 : rest.len);
        section.len = digits_and_dots(section, true);
        if (number == 0 || number > 5 || section.len > 32)
            continue;
        return needed(json_sprintf("%.*s%s%.*s", (int)number, (const char *)rest.ptr,
                                   section.len > 0 ? "#" : "", (int)section.len,
                                   section.len > 0 ? (const char *)section.ptr : ""));
    }
    return needed(json_null());
}

void diagnostic_json(struct sink s, const struct script *script,
                     const struct script_diagnostic *diagnostic)
{
    static const char *const severities[] = {
        [SCRIPT_ERROR] = "error", [SCRIPT_WARNING] = "warning", [SCRIPT_NOTE] = "note"};
    struct script_place place = script_place_of(script, diagnostic->line);
    json_t *object =
        needed(json_pack("{s:o, s:I, s:I, s:I, s:s, s:o, s:o, s:s}", "file", text_of(place.name),
                         "line", (json_int_t)place.line, "column", (json_int_t)diagnostic->column,
                         "end", (json_int_t)(diagnostic->column + diagnostic->width), "severity",
                         severities[diagnostic->severity], "message", text_of(diagnostic->message),
                         "rfc", rfc_of(diagnostic->message), "topic", diagnostic->topic));
    char *line = json_dumps(object, JSON_COMPACT);
    if (line == NULL)
        abort();
    sink_text(s, line);
    sink_text(s, "\n");
    free(line);
    json_decref(object);
}
