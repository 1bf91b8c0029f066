#include "report/html_text.h"

#include "report/buffer.h"

static void put_markup(struct sink s, struct slice text)
{
    static const struct {
        uint8_t octet;
        const char *reference;
    } references[] = {
        {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        for (size_t k = 0; k < sizeof references / sizeof *references; k++) {
            if (text.ptr[i] != references[k].octet)
                continue;
            sink_put(s, slice_sub(text, from, i));
            sink_text(s, references[k].reference);
            from = i + 1;
        }
    }
    sink_put(s, slice_from(text, from));
}

void html_put(struct sink s, struct slice text)
{
    struct buffer visible = {.ptr = NULL};
    sink_visible(buffer_sink(&visible), text, 0);
    put_markup(s, buffer_slice(&visible));
    buffer_free(&visible);
}

void html_cell(struct sink s, const char *before, struct slice text, const char *after)
{
    sink_text(s, before);
    html_put(s, text);
    sink_text(s, after);
}

void html_string(struct sink s, const char *before, const char *text, const char *after)
{
    html_cell(s, before, slice_of_cstr(text), after);
}

void html_count(struct sink s, size_t count, const char *class, const char *word)
{
    sink_text(s, "<b class=\"");
    sink_text(s, class);
    sink_text(s, "\">");
    sink_number(s, count, 0);
    sink_text(s, word[0] == '\0' ? "" : " ");
    sink_text(s, word);
    sink_text(s, "</b>");
}

/* rfc-editor.org names the anchors of sections so, and of appendices, whose names begin with a
 * letter. */
static bool is_appendix(struct slice section)
{
    return section.ptr[0] >= 'A' && section.ptr[0] <= 'Z';
}

static void begin_link(struct sink s, struct slice rfc, struct slice section)
{
    html_cell(s, "<a href=\"https://www.rfc-editor.org/rfc/rfc", rfc, "");
    if (section.len > 0)
        html_cell(s, is_appendix(section) ? "#appendix-" : "#section-", section, "");
}

void html_reference(struct sink s, struct slice rfc, struct slice section)
{
    begin_link(s, rfc, section);
    html_cell(s, "\">RFC ", rfc, "");
    if (section.len > 0)
        html_cell(s, is_appendix(section) ? " appendix " : " section ", section, "");
    sink_text(s, "</a>");
}

void html_section(struct sink s, struct slice rfc, struct slice section)
{
    begin_link(s, rfc, section);
    html_cell(s, "\">", section.len > 0 ? section : SLICE("as a whole"), "</a>");
}
