#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "script/loader.h"

/* ---- lines by their tag
 * ------------------------------------------------------------------------------ */

static const struct tag {
    struct slice name;
    void (*read)(struct loader *l, struct slice text);
    bool reply; /* may be a further line of a reply */
} tags[] = {
    {SLICE_INIT("C:"), loader_send_line, false},
    {SLICE_INIT("C!:"), loader_send_octets, false},
    {SLICE_INIT("S:"), loader_reply, true},
    {SLICE_INIT("S=:"), loader_reply_exact, true},
    {SLICE_INIT("S~:"), loader_reply_pattern, false},
};

struct script_step *loader_step(struct loader *l, enum script_step_kind kind, const uint8_t *at)
{
    struct loader_place place = loader_place(l, at);
    struct script_step *step = script_array_push(&l->steps, sizeof *step);
    step->kind = kind;
    step->line = place.line;
    step->column = place.column;
    step->answers = SCRIPT_NO_STEP;
    step->lax = l->scope.lax;
    return step;
}

/* "C[b]:" */
static bool is_connection_tag(struct slice line)
{
    size_t close = slice_find(line, ']');
    return line.len > 2 && (line.ptr[0] == 'C' || line.ptr[0] == 'S') && line.ptr[1] == '[' &&
           close + 1 < line.len && line.ptr[close + 1] == ':';
}

static void read_tagged(struct loader *l, struct slice line)
{
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        if (!slice_starts(line, tags[i].name))
            continue;
        struct slice text = slice_from(line, tags[i].name.len);
        if (text.len > 0 && text.ptr[0] == ' ')
            text = slice_from(text, 1);
        if (!tags[i].reply)
            loader_reply_end(l);
        tags[i].read(l, text);
        return;
    }
    loader_reply_end(l);
    struct slice rest = line;
    struct slice word = loader_word(&rest);
    if (is_connection_tag(line))
        loader_error(l, word, "several connections in one test are not supported");
    else
        loader_error(l, word,
                     "not a line of a script: C:, C!:, S:, S~:, S=:, %directive or # comment");
}

static void read_line(struct loader *l, struct slice line)
{
    size_t indent = 0;
    while (indent < line.len && (line.ptr[indent] == ' ' || line.ptr[indent] == '\t'))
        indent++;
    struct slice body = slice_from(line, indent);
    if (body.len == 0 || line.ptr[0] == '#')
        return;
    if (body.ptr[0] == '%')
        loader_directive(l, body);
    else
        read_tagged(l, body);
}

static void read_lines(struct loader *l)
{
    loader_test_first(l);
    while (l->next_line < l->text.line_count && l->steps.count < LOADER_MAX_STEPS) {
        struct slice line = loader_line(l, l->next_line++);
        if (l->next_line == 1 && slice_starts(line, SLICE("\xEF\xBB\xBF")))
            line = slice_from(line, 3);
        read_line(l, line);
    }
    if (l->next_line < l->text.line_count)
        loader_error(l, loader_line(l, l->next_line), "too many steps in one test");
    loader_test_end(l);
    if (l->tests.count == 0 && l->errors == 0)
        loader_report(l, SCRIPT_ERROR, (struct loader_place){1, 1}, 1,
                      SLICE("nothing to play: no C: or S: line"));
}

/* ---- scripts
 * -------------------------------------------------------------------------------------------- */

/* What the import made of a transcript is read in its place. */
static void read_transcript(struct loader *l)
{
    struct transcript *t = transcript_import(l->script->source, l->script->name);
    l->script->transcript = true;
    for (size_t i = 0; i < t->note_count; i++) {
        const struct script_diagnostic *note = &t->notes[i];
        loader_report(l, note->severity, (struct loader_place){note->line, note->column},
                      note->width, note->message);
    }
    l->text.octets = script_arena_copy(l->arena, t->text);
    struct transcript_origin *origins =
        script_arena_alloc(l->arena, t->line_count * sizeof *origins + 1);
    if (t->line_count > 0)
        memcpy(origins, t->origins, t->line_count * sizeof *origins);
    l->text.origins = origins;
    l->text.line_starts = loader_index_lines(l->arena, l->text.octets, &l->text.line_count);
    transcript_free(t);
}

static int compare_diagnostics(const void *a, const void *b)
{
    const struct script_diagnostic *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return (int)x->severity - (int)y->severity;
}

static void finish(struct loader *l)
{
    struct script *script = l->script;
    if (l->diagnostics.count > 0)
        qsort(l->diagnostics.items, l->diagnostics.count, sizeof(struct script_diagnostic),
              compare_diagnostics);
    script->diagnostics = l->diagnostics.items;
    script->diagnostic_count = l->diagnostics.count;
    script->error_count = l->errors;
    script->patterns = l->patterns.items;
    script->pattern_count = l->patterns.count;
    script->tests = l->tests.items;
    script->test_count = l->errors > 0 ? 0 : l->tests.count;
}

struct script *script_load(struct slice source, const struct script_options *options)
{
    struct script_arena *arena = script_arena_new();
    struct script *script = script_arena_alloc(arena, sizeof *script);
    struct loader *l = script_arena_alloc(arena, sizeof *l);
    size_t max =
        options != NULL && options->max_octets > 0 ? options->max_octets : LOADER_MAX_OCTETS;
    bool fits = source.len <= max && source.len <= LOADER_MAX_OCTETS;
    *l = (struct loader){.script = script, .arena = arena, .options = options};
    l->diagnostics.arena = l->patterns.arena = l->tests.arena = l->steps.arena = arena;
    script->arena = arena;
    script->name = script_arena_copy(arena, options != NULL ? options->name : SLICE("script"));
    script->source = fits ? script_arena_copy(arena, source) : SLICE("");
    script->line_starts = loader_index_lines(arena, script->source, &script->line_count);
    l->text = (struct loader_text){script->source, script->line_starts, script->line_count, NULL};
    if (!fits) {
        loader_report(l, SCRIPT_ERROR, (struct loader_place){1, 1}, 1,
                      SLICE("the file is larger than a script may be"));
    } else {
        if (source.len > 0 && transcript_detect(script->source))
            read_transcript(l);
        if (l->errors == 0)
            read_lines(l);
    }
    finish(l);
    return script;
}

void script_free(struct script *script)
{
    if (script == NULL)
        return;
    for (size_t i = 0; i < script->pattern_count; i++)
        pcre2_code_free_8(script->patterns[i]);
    script_arena_free(script->arena);
}
