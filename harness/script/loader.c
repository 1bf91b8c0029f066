#include "script/loader.h"

/* ---- places
 * ---------------------------------------------------------------------------------------- */

const uint32_t *loader_index_lines(struct script_arena *arena, struct slice text, size_t *ret_count)
{
    size_t count = 0;
    for (struct slice rest = text; rest.len > 0; count++) {
        size_t lf = slice_find(rest, '\n');
        rest = slice_from(rest, lf < rest.len ? lf + 1 : lf);
    }
    uint32_t *starts = script_arena_alloc(arena, (count + 1) * sizeof *starts);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        starts[i] = (uint32_t)at;
        at += slice_find(slice_from(text, at), '\n') + 1;
    }
    starts[count] = (uint32_t)text.len;
    *ret_count = count;
    return starts;
}

size_t loader_line_index(const struct loader *l, const uint8_t *at)
{
    size_t offset = (size_t)(at - l->text.octets.ptr), low = 0, high = l->text.line_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (l->text.line_starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct slice loader_line(const struct loader *l, size_t index)
{
    struct slice line =
        slice_sub(l->text.octets, l->text.line_starts[index], l->text.line_starts[index + 1]);
    if (line.len > 0 && line.ptr[line.len - 1] == '\n')
        line.len--;
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* The octets that stand before the text on a tagged line: "C: ", "S: ". */
static size_t tag_octets(struct slice line)
{
    size_t colon = slice_find(line, ':');
    return colon < 4 ? colon + 2 : 0;
}

struct loader_place loader_place(const struct loader *l, const uint8_t *at)
{
    if (l->text.line_count == 0)
        return (struct loader_place){1, 1};
    size_t index = loader_line_index(l, at);
    size_t column = (size_t)(at - l->text.octets.ptr) - l->text.line_starts[index];
    if (l->text.origins == NULL)
        return (struct loader_place){index + 1, column + 1};
    size_t tag = tag_octets(loader_line(l, index));
    size_t inside = column > tag ? column - tag : 0;
    return (struct loader_place){l->text.origins[index].line,
                                 l->text.origins[index].indent + inside + 1};
}

/* ---- diagnostics
 * ----------------------------------------------------------------------------------- */

void loader_report(struct loader *l, enum script_severity severity, struct loader_place place,
                   size_t width, struct slice message)
{
    size_t *listed = severity == SCRIPT_ERROR ? &l->errors : &l->remarks;
    if (++*listed > LOADER_MAX_LISTED + 1)
        return;
    if (*listed == LOADER_MAX_LISTED + 1)
        message = SLICE("and more, which are not listed");
    struct script_diagnostic *diagnostic = script_array_push(&l->diagnostics, sizeof *diagnostic);
    *diagnostic = (struct script_diagnostic){.severity = severity,
                                             .line = place.line,
                                             .column = place.column,
                                             .width = width == 0 ? 1 : width,
                                             .message = script_arena_copy(l->arena, message)};
}

void loader_error(struct loader *l, struct slice at, const char *message)
{
    loader_report(l, SCRIPT_ERROR, loader_place(l, at.ptr), at.len, slice_of_cstr(message));
}

void loader_warning(struct loader *l, struct slice at, const char *message)
{
    loader_report(l, SCRIPT_WARNING, loader_place(l, at.ptr), at.len, slice_of_cstr(message));
}

void loader_error_hint(struct loader *l, struct slice at, const char *message, const char *before,
                       struct slice name, const char *after)
{
    struct script_buffer text = {.arena = l->arena};
    script_buffer_put(&text, slice_of_cstr(message));
    if (name.len > 0) {
        script_buffer_put(&text, SLICE("; did you mean "));
        script_buffer_put(&text, slice_of_cstr(before));
        script_buffer_put(&text, name);
        script_buffer_put(&text, slice_of_cstr(after));
        script_buffer_put(&text, SLICE("?"));
    }
    loader_report(l, SCRIPT_ERROR, loader_place(l, at.ptr), at.len, script_buffer_slice(&text));
}

/* Edits (an octet more, less, other, or two turned about) between two short words; 3 for "many". */
static unsigned edits(struct slice a, struct slice b)
{
    size_t from = 0, to_a = a.len, to_b = b.len;
    while (from < to_a && from < to_b && slice_upper(a.ptr[from]) == slice_upper(b.ptr[from]))
        from++;
    while (to_a > from && to_b > from &&
           slice_upper(a.ptr[to_a - 1]) == slice_upper(b.ptr[to_b - 1])) {
        to_a--;
        to_b--;
    }
    size_t left_a = to_a - from, left_b = to_b - from;
    bool turned = left_a == 2 && left_b == 2 &&
                  slice_upper(a.ptr[from]) == slice_upper(b.ptr[from + 1]) &&
                  slice_upper(a.ptr[from + 1]) == slice_upper(b.ptr[from]);
    size_t worst = left_a > left_b ? left_a : left_b;
    return turned ? 1 : worst > 3 ? 3 : (unsigned)worst;
}

struct slice loader_closest(struct slice word, const void *names, size_t count, size_t stride)
{
    struct slice best = SLICE("");
    unsigned fewest = 3;
    for (size_t i = 0; i < count; i++) {
        struct slice name;
        memcpy(&name, (const uint8_t *)names + i * stride, sizeof name);
        unsigned distance = edits(word, name);
        if (distance < fewest && distance < name.len && word.len > distance) {
            fewest = distance;
            best = name;
        }
    }
    return best;
}

/* ---- words
 * ------------------------------------------------------------------------------------------ */

void *loader_kept(struct loader *l, const struct script_array *array, size_t from, size_t octets)
{
    size_t count = array->count - from;
    void *kept = script_arena_alloc(l->arena, count * octets + 1);
    if (count > 0)
        memcpy(kept, (const uint8_t *)array->items + from * octets, count * octets);
    return kept;
}

size_t loader_word_index(struct slice word, const struct slice *words, size_t count)
{
    size_t i = 0;
    while (i < count && !slice_equal_nocase(word, words[i]))
        i++;
    return i;
}

static bool is_blank(uint8_t octet)
{
    return octet == ' ' || octet == '\t';
}

struct slice loader_word(struct slice *rest)
{
    size_t from = 0;
    while (from < rest->len && is_blank(rest->ptr[from]))
        from++;
    size_t to = from;
    while (to < rest->len && !is_blank(rest->ptr[to]))
        to++;
    struct slice word = slice_sub(*rest, from, to);
    *rest = slice_from(*rest, to);
    return word;
}

void loader_no_more(struct loader *l, struct slice rest)
{
    rest = slice_trim(rest);
    if (rest.len > 0)
        loader_error(l, rest, "nothing more is expected here");
}
