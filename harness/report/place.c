#include "report/place.h"

#include "script/credential.h"

static size_t digits_of(size_t number)
{
    size_t digits = 1;
    while ((number /= 10) > 0)
        digits++;
    return digits;
}

void place_head(struct sink s, struct place place)
{
    struct script_place at = script_place_of(place.script, place.line);
    sink_visible(s, at.name, 0);
    sink_text(s, ":");
    sink_number(s, at.line, 0);
    sink_text(s, ":");
    sink_number(s, place.column, 0);
    sink_text(s, ": ");
}

/* ---- what may be shown ---- */

static struct place_source cut(struct slice line, size_t from, size_t to)
{
    return (struct place_source){slice_sub(line, 0, from), slice_from(line, to), true};
}

static bool is_secret_name(const struct script *script, struct slice name)
{
    bool is = slice_equal(name, SLICE("pass"));
    for (size_t i = 0; i < script->secret_count; i++)
        is = is || slice_equal(name, script->secrets[i]);
    return is;
}

/* %set name=value: all of the value. */
static struct place_source source_of_set(const struct script *script, struct slice line, size_t at)
{
    size_t equals = at + slice_find(slice_from(line, at), '=');
    struct slice name = slice_trim(slice_sub(line, at, equals));
    if (equals >= line.len || !is_secret_name(script, name))
        return (struct place_source){.before = line};
    return cut(line, equals + 1, line.len);
}

/* "pass=value" behind a blank, where a directive is mistyped, too: the value is a word, or stands
 * in quotes. */
static struct place_source source_of_pass(struct slice line)
{
    static const struct slice pass = SLICE_INIT(" pass=");
    size_t at = 0;
    for (; at < line.len && !slice_starts_nocase(slice_from(line, at), pass); at++)
        ;
    if (at == line.len)
        return (struct place_source){.before = line};
    size_t from = at + pass.len;
    bool quoted = from < line.len && line.ptr[from] == '"';
    size_t end = from + quoted + slice_find(slice_from(line, from + quoted), quoted ? '"' : ' ');
    return cut(line, from, end);
}

/* "name=value" of a secret in what is no directive: "%sett token=value". */
static struct place_source source_of_name(const struct script *script, struct slice line)
{
    size_t equals = slice_find(line, '='), name = equals;
    while (name > 0 && line.ptr[name - 1] != ' ' && line.ptr[name - 1] != '\t')
        name--;
    if (equals == line.len || !is_secret_name(script, slice_sub(line, name, equals)))
        return (struct place_source){.before = line};
    return cut(line, equals + 1, line.len);
}

/* A line without a tag, behind a challenge: it may be the answer. */
static bool is_bare_answer(const struct script *script, size_t number)
{
    if (number < 2)
        return false;
    struct slice before = slice_trim(script_source_line(script, number - 1));
    return slice_starts(before, SLICE("S: 334")) || slice_starts(before, SLICE("334"));
}

/* What the loader knows for a secret: an answer to a 334 as well. */
static const struct script_step *secret_step(const struct script *script, size_t number)
{
    for (size_t t = 0; t < script->test_count; t++) {
        const struct script_test *test = &script->tests[t];
        for (size_t i = 0; i < test->step_count; i++)
            if (test->steps[i].line == number && test->steps[i].kind == SCRIPT_SEND &&
                test->steps[i].as.send.secret)
                return &test->steps[i];
    }
    return NULL;
}

struct place_source place_source(const struct script *script, size_t number)
{
    struct slice line = script_source_line(script, number);
    const struct script_step *step = secret_step(script, number);
    size_t at = 0;
    if (step != NULL) {
        size_t from = step->column - 1 + step->as.send.shown;
        return cut(line, from < line.len ? from : line.len, line.len);
    }
    while (at < line.len && (line.ptr[at] == ' ' || line.ptr[at] == '\t'))
        at++;
    struct slice rest = slice_from(line, at);
    if (slice_starts(rest, SLICE("%set ")))
        return source_of_set(script, line, at + 5);
    if (rest.len > 0 && rest.ptr[0] == '%') {
        struct place_source source = source_of_pass(line);
        return source.hides ? source : source_of_name(script, line);
    }
    bool server = rest.len > 1 && rest.ptr[0] == 'S' && slice_find(rest, ':') < 5;
    size_t response = server ? line.len : at + credential_of_line(rest);
    if (response < line.len)
        return cut(line, response, line.len);
    bool tagged = server || (rest.len > 1 && rest.ptr[0] == 'C' && slice_find(rest, ':') < 5);
    if (!tagged && is_bare_answer(script, number))
        return cut(line, at, line.len);
    return (struct place_source){.before = line};
}

void place_put_source(struct sink s, const struct script *script, size_t number)
{
    struct place_source source = place_source(script, number);
    sink_visible(s, source.before, 0);
    sink_text(s, source.hides ? "****" : "");
    sink_visible(s, source.after, 0);
}

/* ---- the line and its caret ---- */

/* HTABs of the source stay HTABs, so that the caret stands under its octet whatever their width. */
static void put_source(struct sink s, struct slice text)
{
    for (size_t tab; (tab = slice_find(text, '\t')) < text.len; text = slice_from(text, tab + 1)) {
        sink_visible(s, slice_sub(text, 0, tab), 0);
        sink_text(s, "\t");
    }
    sink_visible(s, text, 0);
}

static void discard(void *context, struct slice octets)
{
    (void)context;
    (void)octets;
}

/* Columns that `text` takes once it is made visible. */
static size_t columns_of(struct slice text)
{
    return sink_visible((struct sink){.put = discard}, text, 0);
}

/* Blanks below `text`: an HTAB below an HTAB, spaces below the rest. */
static void put_blank(struct sink s, struct slice text)
{
    for (size_t tab; (tab = slice_find(text, '\t')) < text.len; text = slice_from(text, tab + 1)) {
        sink_repeat(s, ' ', columns_of(slice_sub(text, 0, tab)));
        sink_text(s, "\t");
    }
    sink_repeat(s, ' ', columns_of(text));
}

#define WINDOW_OCTETS 160 /* of a long line, on each side of the place */

/* A stretch of the line, as far as it may be shown, by `each`. */
static void put_stretch(struct sink s, const struct place_source *source, struct slice line,
                        size_t from, size_t to, void (*each)(struct sink, struct slice))
{
    size_t hidden = source->before.len, shown = line.len - source->after.len;
    if (!source->hides || to <= hidden || from >= shown) {
        each(s, slice_sub(line, from, to));
        return;
    }
    if (from < hidden)
        each(s, slice_sub(line, from, hidden));
    each(s, SLICE("****"));
    if (to > shown)
        each(s, slice_sub(line, shown, to));
}

static void put_carets(struct sink s, struct slice text)
{
    sink_repeat(s, '^', columns_of(text));
}

void place_caret(struct sink s, struct place place)
{
    struct slice line = script_source_line(place.script, place.line);
    struct place_source source = place_source(place.script, place.line);
    size_t start = place.column - 1 < line.len ? place.column - 1 : line.len;
    size_t from = start > WINDOW_OCTETS ? start - WINDOW_OCTETS : 0;
    size_t to = line.len - start > WINDOW_OCTETS ? start + WINDOW_OCTETS : line.len;
    size_t end = place.width < to - start ? start + place.width : to;
    sink_number(s, script_place_of(place.script, place.line).line, 0);
    sink_text(s, from > 0 ? " | ..." : " | ");
    put_stretch(s, &source, line, from, to, put_source);
    sink_text(s, to < line.len ? "...\n" : "\n");
    sink_repeat(s, ' ', digits_of(script_place_of(place.script, place.line).line));
    sink_text(s, from > 0 ? " |    " : " | ");
    put_stretch(s, &source, line, from, start, put_blank);
    if (end == start)
        sink_text(s, "^");
    else
        put_stretch(s, &source, line, start, end, put_carets);
}

void place_margin(struct sink s, struct place place)
{
    sink_repeat(s, ' ', digits_of(script_place_of(place.script, place.line).line));
    sink_text(s, " = ");
}

void place_diagnostic(struct sink s, const struct script *script,
                      const struct script_diagnostic *diagnostic)
{
    static const char *const severities[] = {
        [SCRIPT_ERROR] = "error: ",
        [SCRIPT_WARNING] = "warning: ",
        [SCRIPT_NOTE] = "note: ",
    };
    struct place place = {script, diagnostic->line, diagnostic->column, diagnostic->width};
    place_head(s, place);
    sink_text(s, severities[diagnostic->severity]);
    sink_visible(s, diagnostic->message, 0);
    sink_text(s, "\n");
    place_caret(s, place);
    sink_text(s, "\n");
    if (diagnostic->severity == SCRIPT_NOTE)
        return;
    place_margin(s, place);
    sink_text(s, "maildrill help ");
    sink_text(s, diagnostic->topic);
    sink_text(s, "\n");
}
