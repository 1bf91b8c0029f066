/*
 * A script, line by line.
 *
 *   line      = [ blanks ] ( tagged / directive ) / "#" comment / blanks
 *   tagged    = tag ":" [ SP ] text
 *   directive = "%" word arguments
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/octet.h"
#include "script/loader.h"

/* ---- lines ---- */

bool loader_next_line(struct loader *l, struct slice *ret_line)
{
    if (l->next_line == l->text.line_count)
        return false;
    struct slice line = loader_line(&l->text, l->next_line++);
    size_t nul = slice_find(line, '\0');
    if (nul < line.len) {
        bool text = ++l->nul_lines < LOADER_MAX_NUL_LINES;
        loader_error(l, slice_sub(line, nul, nul + 1),
                     text ? "a NUL octet: write \\0 in a C!: line"
                          : "one more NUL octet: this is no text, and the rest is not read");
        line.len = 0;
        if (!text)
            l->next_line = l->text.line_count;
    }
    *ret_line = line;
    return true;
}

struct script_step *loader_step(struct loader *l, enum script_step_kind kind, const uint8_t *at)
{
    struct loader_place place = loader_place(l, at);
    if (l->earlier_steps + l->steps.count == LOADER_MAX_STEPS) {
        loader_report(l, SCRIPT_ERROR, place, 1, SLICE("too many steps: 500000 in a script"));
        l->next_line = l->text.line_count; /* nothing more is read */
    }
    struct script_step *step = script_array_push(&l->steps, sizeof *step);
    *step = (struct script_step){.kind = kind,
                                 .line = place.line,
                                 .column = place.column,
                                 .answers = SCRIPT_NO_STEP,
                                 .connection = l->connection,
                                 .lax = l->scope.lax};
    return step;
}

static const struct tag {
    struct slice name; /* "C", then perhaps "[b]", then ":" */
    void (*read)(struct loader *l, struct slice text);
    bool is_reply; /* may go on with the reply of the line before */
    const char *topic;
} tags[] = {
    {SLICE_INIT("C"), loader_send_line, false, "lines"},
    {SLICE_INIT("C!"), loader_send_octets, false, "lines"},
    {SLICE_INIT("S"), loader_reply, true, "codes"},
    {SLICE_INIT("S="), loader_reply_exact, true, "lines"},
    {SLICE_INIT("S~"), loader_reply_pattern, false, "lines"},
};
#define TAGS (sizeof tags / sizeof *tags)

/* The octets of the tag that `line` begins with, its ":" included; 0 where it begins with none. */
static size_t tag_octets(struct slice line, struct slice name)
{
    if (!slice_starts(line, name))
        return 0;
    struct slice rest = slice_from(line, name.len);
    size_t bracket = slice_starts(rest, SLICE("[")) ? slice_find(rest, ']') : 0;
    size_t named = bracket == 0 || bracket > 64 ? 0 : bracket + 1;
    rest = slice_from(rest, named < rest.len ? named : rest.len);
    return slice_starts(rest, SLICE(":")) ? name.len + named + 1 : 0;
}

size_t loader_tag_octets(struct slice line)
{
    size_t octets = 0;
    for (size_t i = 0; i < TAGS && octets == 0; i++)
        octets = tag_octets(line, tags[i].name);
    return octets;
}

static void read_line(struct loader *l, struct slice line)
{
    l->topic = "lines";
    if (slice_starts(line, SLICE("#")))
        return;
    while (line.len > 0 && octet_is(line.ptr[0], OCTET_WSP))
        line = slice_from(line, 1);
    if (line.len == 0)
        return;
    if (line.ptr[0] == '%') {
        loader_reply_end(l);
        loader_directive(l, line);
        return;
    }
    for (size_t i = 0; i < TAGS; i++) {
        size_t octets = tag_octets(line, tags[i].name);
        struct slice text = slice_from(line, octets);
        struct slice name = slice_sub(line, tags[i].name.len, octets == 0 ? 0 : octets - 1);
        if (octets == 0)
            continue;
        if (!tags[i].is_reply)
            loader_reply_end(l);
        l->topic = tags[i].topic;
        if (loader_take_connection(l, &name, false))
            tags[i].read(l, slice_from(text, slice_starts(text, SLICE(" "))));
        return;
    }
    loader_unknown_line(l, line);
}

void loader_read_lines(struct loader *l)
{
    for (struct slice line; loader_next_line(l, &line);)
        read_line(l, line);
}

static void read_script(struct loader *l)
{
    l->test = (struct script_test){.title = l->script->name, .line = 1};
    l->test_at = slice_sub(l->text.octets, 0, 0);
    l->connection_count = 1;
    l->errors_before = l->errors;
    loader_read_lines(l);
    loader_test_end(l);
    if (l->tests.count == 0 && l->errors == 0)
        loader_report(l, SCRIPT_ERROR, (struct loader_place){1, 1}, 1,
                      SLICE("nothing to play: no C: or S: line"));
}

/* ---- scripts ---- */

/* Places in a transcript that had to be decoded are those of what it was decoded to. */
static void replace_source(struct loader *l, struct slice decoded)
{
    l->files.count = l->texts.count = 0;
    l->script->source = script_arena_copy(l->arena, decoded);
    loader_add_file(l, l->script->name, l->script->source);
    l->script->line_count = l->text.line_count;
}

/* What the import made of a transcript is read in its place. */
static void read_transcript(struct loader *l, struct slice source)
{
    struct transcript *t = transcript_import(source, l->script->name);
    if (!slice_equal(t->source, source))
        replace_source(l, t->source);
    l->script->transcript = true;
    l->script->implicit_tls = t->implicit_tls;
    l->topic = "transcripts";
    for (size_t i = 0; i < t->note_count; i++) {
        const struct script_diagnostic *note = &t->notes[i];
        loader_report(l, note->severity, (struct loader_place){note->line, note->column},
                      note->width, note->message);
    }
    l->text.octets = script_arena_copy(l->arena, t->text);
    l->text.line_starts = loader_index_lines(l->arena, l->text.octets, &l->text.line_count);
    struct transcript_origin *origins =
        script_arena_alloc(l->arena, l->text.line_count * sizeof *origins);
    for (size_t i = 0; i < l->text.line_count && i < t->line_count; i++)
        origins[i] = t->origins[i];
    l->text.origins = origins;
    transcript_free(t);
}

/* By their places; those of one place stay in order. They are few, and nearly sorted. */
static void sort_diagnostics(struct script_diagnostic *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct script_diagnostic item = items[i];
        size_t to = i;
        for (; to > 0 && (items[to - 1].line > item.line ||
                          (items[to - 1].line == item.line && items[to - 1].column > item.column));
             to--)
            items[to] = items[to - 1];
        items[to] = item;
    }
}

static void finish(struct loader *l)
{
    struct script *script = l->script;
    sort_diagnostics(l->diagnostics.items, l->diagnostics.count);
    script->files = loader_kept(l, &l->files, 0, sizeof *script->files);
    script->diagnostics = loader_kept(l, &l->diagnostics, 0, sizeof *script->diagnostics);
    script->diagnostic_count = l->diagnostics.count;
    script->error_count = l->listed_errors;
    script->secrets = loader_kept(l, &l->secret_names, 0, sizeof *script->secrets);
    script->secret_count = l->secret_names.count;
    script->patterns = loader_kept(l, &l->patterns, 0, sizeof *script->patterns);
    script->pattern_count = l->patterns.count;
    script->tests = l->errors > 0 ? NULL : loader_kept(l, &l->tests, 0, sizeof *script->tests);
    script->test_count = l->errors > 0 ? 0 : l->tests.count;
}

static void load(struct loader *l, struct slice source)
{
    struct script *script = l->script;
    size_t max = l->options.max_octets > 0 ? l->options.max_octets : LOADER_MAX_OCTETS;
    bool fits = source.len <= max && source.len <= UINT32_MAX;
    script->source = script_arena_copy(l->arena, fits ? source : SLICE(""));
    loader_add_file(l, script->name, script->source);
    script->line_count = l->text.line_count;
    source = slice_from(script->source, l->text.line_starts[0]);
    if (!fits)
        loader_report(l, SCRIPT_ERROR, (struct loader_place){1, 1}, 1,
                      SLICE("the script is too large"));
    else if (transcript_detect(source) || (l->options.pasted && transcript_may_be(source)))
        read_transcript(l, source);
    if (l->errors == 0)
        read_script(l);
    finish(l);
}

struct script *script_load(struct slice source, const struct script_options *options)
{
    struct script_arena *arena = script_arena_new();
    struct script *script = script_arena_alloc(arena, sizeof *script);
    struct script_array none = {.arena =
                                    script_arena_new()}; /* what grows is kept when it is whole */
    struct loader l = {.script = script,
                       .topic = "lines",
                       .arena = arena,
                       .diagnostics = none,
                       .patterns = none,
                       .tests = none,
                       .secret_names = none,
                       .texts = none,
                       .files = none,
                       .steps = none,
                       .names = none,
                       .secrets = none,
                       .requires = none,
                       .parts = none,
                       .run.lines = none,
                       .octets.arena = none.arena};
    if (options != NULL)
        l.options = *options;
    script->arena = arena;
    script->name = script_arena_copy(arena, l.options.name);
    load(&l, source);
    script_arena_free(none.arena);
    return script;
}

void script_free(struct script *script)
{
    if (script == NULL)
        return;
    for (size_t i = 0; i < script->pattern_count; i++)
        pcre2_code_free(script->patterns[i]);
    script_arena_free(script->arena);
}
