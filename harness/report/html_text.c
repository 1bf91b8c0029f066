#include "report/html_text.h"

void html_cell(struct sink s, const char *before, struct slice text, const char *after)
{
    sink_text(s, before);
    sink_markup(s, text);
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
