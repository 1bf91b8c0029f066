#include "report/place.h"

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

void place_caret(struct sink s, struct place place)
{
    struct slice source = script_source_line(place.script, place.line);
    size_t start = place.column - 1 < source.len ? place.column - 1 : source.len;
    size_t from = start > WINDOW_OCTETS ? start - WINDOW_OCTETS : 0;
    size_t to = source.len - start > WINDOW_OCTETS ? start + WINDOW_OCTETS : source.len;
    size_t end = place.width < to - start ? start + place.width : to;
    sink_number(s, script_place_of(place.script, place.line).line, 0);
    sink_text(s, from > 0 ? " | ..." : " | ");
    put_source(s, slice_sub(source, from, to));
    sink_text(s, to < source.len ? "...\n" : "\n");
    sink_repeat(s, ' ', digits_of(script_place_of(place.script, place.line).line));
    sink_text(s, from > 0 ? " |    " : " | ");
    put_blank(s, slice_sub(source, from, start));
    size_t width = columns_of(slice_sub(source, start, end));
    sink_repeat(s, '^', width == 0 ? 1 : width);
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
