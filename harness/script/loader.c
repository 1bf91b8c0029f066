#include "script/loader.h"

#include "smtp/word.h"

/* ---- places ---- */

const uint32_t *loader_index_lines(struct script_arena *arena, struct slice text, size_t *ret_count)
{
    size_t count = 0;
    for (size_t at = 0; at < text.len; at += slice_find(slice_from(text, at), '\n') + 1)
        count++;
    uint32_t *starts = script_arena_alloc(arena, (count + 1) * sizeof *starts);
    size_t index = 0;
    for (size_t at = 0; at < text.len; at += slice_find(slice_from(text, at), '\n') + 1)
        starts[index++] = (uint32_t)at;
    if (slice_starts(text, SLICE("\xEF\xBB\xBF"))) /* a byte order mark is no text */
        starts[0] = 3;
    *ret_count = count == 0 ? 1 : count;
    return starts;
}

static bool holds(struct slice octets, const uint8_t *at)
{
    uintptr_t from = (uintptr_t)octets.ptr, where = (uintptr_t)at;
    return where >= from && where - from <= octets.len;
}

/* The text that `at` stands in; what the loader reads stands in one. */
static const struct loader_text *text_of(const struct loader *l, const uint8_t *at)
{
    const struct loader_text *texts = l->texts.items;
    for (size_t i = 0; i < l->texts.count && !holds(l->text.octets, at); i++)
        if (holds(texts[i].octets, at))
            return &texts[i];
    return &l->text;
}

static size_t line_index(const struct loader_text *text, size_t offset)
{
    size_t low = 0, high = text->line_count;
    while (high - low > 1) { /* line_starts[low] <= offset < line_starts[high] */
        size_t middle = low + (high - low) / 2;
        if (text->line_starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct slice loader_line(const struct loader_text *text, size_t index)
{
    struct slice rest = slice_from(text->octets, text->line_starts[index]);
    struct slice line = slice_sub(rest, 0, slice_find(rest, '\n'));
    bool crlf = line.len < rest.len && line.len > 0 && line.ptr[line.len - 1] == '\r';
    return slice_sub(line, 0, line.len - crlf);
}

/* Where the text of a line that the import wrote ("C: text", "S=: text") begins. */
static size_t imported_indent(struct slice line)
{
    size_t colon = slice_find(line, ':');
    size_t text = colon + 2 < line.len ? colon + 2 : line.len;
    return line.len > 0 && line.ptr[0] != '%' ? text : 0;
}

struct loader_place loader_place(const struct loader *l, const uint8_t *at)
{
    const struct loader_text *text = text_of(l, at);
    size_t from_start = holds(text->octets, at) ? (size_t)(at - text->octets.ptr) : 0;
    size_t index = line_index(text, from_start);
    size_t offset = from_start - text->line_starts[index];
    if (text->origins == NULL)
        return (struct loader_place){text->lines_before + index + 1, offset + 1};
    const struct transcript_origin *origin = &text->origins[index];
    size_t indent = imported_indent(loader_line(text, index));
    size_t line = origin->line < 1 ? 1 : origin->line;
    if (line > l->script->line_count)
        line = l->script->line_count;
    size_t column = origin->indent + (offset > indent ? offset - indent : 0);
    size_t len = script_source_line(l->script, line).len;
    return (struct loader_place){line, (column < len ? column : len) + 1};
}

/* ---- diagnostics ---- */

static void list(struct loader *l, enum script_severity severity, struct loader_place place,
                 size_t width, struct slice message)
{
    struct script_diagnostic *diagnostic =
        script_array_push(&l->diagnostics, sizeof(struct script_diagnostic));
    *diagnostic = (struct script_diagnostic){.severity = severity,
                                             .line = place.line,
                                             .column = place.column,
                                             .width = width,
                                             .message = message,
                                             .topic = l->topic};
}

void loader_report(struct loader *l, enum script_severity severity, struct loader_place place,
                   size_t width, struct slice message)
{
    size_t *listed = severity == SCRIPT_ERROR ? &l->listed_errors : &l->remarks;
    l->errors += severity == SCRIPT_ERROR;
    if (*listed > LOADER_MAX_LISTED)
        return;
    size_t len = script_source_line(l->script, place.line).len;
    size_t column = place.column - 1 < len ? place.column : len + 1;
    size_t most = len - (column - 1);
    width = width > most ? most : width;
    if ((*listed)++ == LOADER_MAX_LISTED)
        message = severity == SCRIPT_ERROR ? SLICE("too many errors: the rest is not listed")
                                           : SLICE("too many remarks: the rest is not listed");
    list(l, severity, (struct loader_place){place.line, column}, width == 0 ? 1 : width,
         script_arena_copy(l->arena, message));
}

void loader_error(struct loader *l, struct slice at, const char *message)
{
    loader_report(l, SCRIPT_ERROR, loader_place(l, at.ptr), at.len, slice_of_cstr(message));
}

void loader_warning(struct loader *l, struct slice at, const char *message)
{
    loader_report(l, SCRIPT_WARNING, loader_place(l, at.ptr), at.len, slice_of_cstr(message));
}

static void report_hint(struct loader *l, enum script_severity severity, struct slice at,
                        const char *message, const char *before, struct slice name,
                        const char *after)
{
    struct script_buffer text = {.arena = l->arena};
    script_buffer_put(&text, slice_of_cstr(message));
    if (name.len > 0) {
        script_buffer_put(&text, SLICE("; did you mean "));
        script_buffer_put(&text, slice_of_cstr(before));
        script_buffer_put(&text, name);
        script_buffer_put(&text, slice_of_cstr(after));
        script_buffer_put_octet(&text, '?');
    }
    loader_report(l, severity, loader_place(l, at.ptr), at.len, script_buffer_slice(&text));
}

void loader_error_hint(struct loader *l, struct slice at, const char *message, const char *before,
                       struct slice name, const char *after)
{
    report_hint(l, SCRIPT_ERROR, at, message, before, name, after);
}

void loader_warning_hint(struct loader *l, struct slice at, const char *message, struct slice name)
{
    report_hint(l, SCRIPT_WARNING, at, message, "", name, "");
}

/* ---- did you mean ---- */

#define LONGEST_GUESSED 24

/* How many slips (an octet more, less or other, two neighbours swapped) lie between two words. */
static size_t slips(struct slice a, struct slice b)
{
    size_t rows[3][LONGEST_GUESSED + 1];
    size_t *earlier = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.len; j++)
        last[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            uint8_t x = slice_upper(a.ptr[i - 1]), y = slice_upper(b.ptr[j - 1]);
            size_t least = last[j - 1] + (x != y);
            least = last[j] + 1 < least ? last[j] + 1 : least;
            least = row[j - 1] + 1 < least ? row[j - 1] + 1 : least;
            if (i > 1 && j > 1 && x == slice_upper(b.ptr[j - 2]) &&
                y == slice_upper(a.ptr[i - 2]) && earlier[j - 2] + 1 < least)
                least = earlier[j - 2] + 1;
            row[j] = least;
        }
        size_t *free_row = earlier;
        earlier = last;
        last = row;
        row = free_row;
    }
    return last[b.len];
}

struct slice loader_closest(struct slice word, const void *names, size_t count, size_t stride)
{
    struct slice closest = SLICE("");
    if (word.len < 2 || word.len > LONGEST_GUESSED)
        return closest;
    size_t limit = word.len < 4 ? 1 : 2;
    for (size_t i = 0; i < count; i++) {
        const struct slice *name =
            (const struct slice *)(const void *)((const uint8_t *)names + i * stride);
        if (name->len > LONGEST_GUESSED)
            continue;
        size_t found = slips(word, *name);
        if (found < limit || (found == limit && closest.len == 0)) {
            closest = *name;
            limit = found;
        }
    }
    return closest;
}

/* ---- words and arrays ---- */

size_t loader_word_index(struct slice word, const struct slice *words, size_t count)
{
    size_t index = 0;
    while (index < count && !slice_equal_nocase(word, words[index]))
        index++;
    return index;
}

struct slice loader_word(struct slice *rest)
{
    smtp_word_skip_space(rest);
    return smtp_word_take(rest);
}

void loader_no_more(struct loader *l, struct slice rest)
{
    rest = slice_trim(rest);
    if (rest.len > 0)
        loader_error(l, rest, "nothing may follow here");
}

void *loader_kept(struct loader *l, const struct script_array *array, size_t from, size_t octets)
{
    size_t count = array->count - from;
    void *copy = script_arena_alloc(l->arena, count * octets);
    if (count > 0)
        memcpy(copy, (const uint8_t *)array->items + from * octets, count * octets);
    return copy;
}

bool loader_attribute(struct loader *l, struct loader_attributes *attributes, struct slice *rest,
                      size_t *ret_index, struct slice *ret_value)
{
    for (struct slice word; (word = loader_word(rest)).len > 0;) {
        struct slice name = slice_sub(word, 0, slice_find(word, '='));
        size_t index = loader_word_index(name, attributes->names, attributes->count);
        if (index == attributes->count) {
            struct slice closest = loader_closest(name, attributes->names, attributes->count,
                                                  sizeof *attributes->names);
            loader_error_hint(l, name, "unknown attribute", "", closest, "=");
        } else if (name.len + 1 >= word.len) {
            loader_error(l, word, "a value is missing");
        } else if ((attributes->seen & 1u << index) != 0) {
            loader_error(l, name, "it stands twice");
        } else {
            attributes->seen |= 1u << index;
            *ret_index = index;
            *ret_value = slice_from(word, name.len + 1);
            return true;
        }
    }
    return false;
}
