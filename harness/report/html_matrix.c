#include "report/html_matrix.h"

#include "report/html_text.h"

/* ---- rows ---- */

static void fill_row(struct html_matrix *m, size_t columns)
{
    for (; m->column < columns; m->column++)
        sink_text(buffer_sink(&m->cells), "<td>&ndash;</td>"); /* not played */
}

void html_matrix_end(struct html_matrix *m)
{
    struct html_rows *rows = m->agreement.broken ? &m->differing : &m->alike;
    struct sink s = buffer_sink(&rows->octets);
    if (m->test == NULL)
        return;
    fill_row(m, m->run->server_count);
    if (rows->script != m->script) {
        sink_text(s, rows->script == NULL ? "<tbody>\n" : "</tbody><tbody>\n");
        sink_text(s, "<tr class=\"file\"><th colspan=\"");
        sink_number(s, m->run->server_count + 1, 0);
        html_cell(s, "\"><span>", m->script->name, "</span></th></tr>\n");
    }
    rows->script = m->script;
    rows->count++;
    buffer_put(&rows->octets, buffer_slice(&m->head));
    buffer_put(&rows->octets, buffer_slice(&m->cells));
    sink_text(s, "</tr>\n");
    m->test = NULL;
}

static void begin_row(struct html_matrix *m, const struct report_result *r)
{
    struct sink s = buffer_sink(&m->head);
    m->script = r->script;
    m->test = r->test;
    m->repeat = r->repeat;
    m->column = m->head.len = m->cells.len = 0;
    html_cell(s, "<tr class=\"test\"><th>", r->test->title, "");
    if (r->repeats > 1) {
        sink_text(s, " #");
        sink_number(s, r->repeat, 0);
    }
    sink_text(s, " <small>");
    sink_text(s, script_level_name(r->test->level));
    if (r->test->rfc.len > 0)
        html_cell(s, " ", r->test->rfc, "");
    if (r->test->id.len > 0)
        html_cell(s, " ", r->test->id, "");
    sink_text(s, "</small></th>");
}

void html_matrix_add(struct html_matrix *m, const struct report_result *r, size_t number)
{
    struct sink s = buffer_sink(&m->cells);
    const char *outcome = report_outcome(r);
    if (m->test != r->test || m->repeat != r->repeat) {
        html_matrix_end(m);
        begin_row(m, r);
    }
    fill_row(m, r->server);
    m->column++;
    sink_text(s, "<td class=\"");
    sink_text(s, outcome);
    sink_text(s, "\">");
    if (number > 0) {
        sink_text(s, "<a href=\"#d");
        sink_number(s, number, 0);
        sink_text(s, "\">");
    }
    sink_text(s, outcome);
    sink_text(s, number > 0 ? "</a>" : "");
    if (m->run->server_count > 1) {
        agreement_add(&m->agreement, r);
        html_cell(s, "<small class=\"codes\">", buffer_slice(&m->agreement.codes), "</small>");
    }
    sink_text(s, "</td>");
}

/* ---- tables ---- */

void html_matrix_put(const struct html_matrix *m, const struct html_rows *rows, struct sink s)
{
    bool one = m->run->server_count == 1;
    sink_text(s, rows == &m->differing ? "<div class=\"wide\"><table class=\"matrix differing\">\n"
                                       : "<div class=\"wide\"><table class=\"matrix\">\n");
    sink_text(s, "<thead><tr><th>test</th>");
    for (size_t i = 0; i < m->run->server_count; i++)
        html_cell(s, "<th>", one ? SLICE("outcome") : m->run->servers[i].name, "</th>");
    sink_text(s, "</tr></thead>\n");
    sink_put(s, buffer_slice(&rows->octets));
    sink_text(s, rows->script == NULL ? "</table></div>\n" : "</tbody></table></div>\n");
}

void html_matrix_free(struct html_matrix *m)
{
    buffer_free(&m->differing.octets);
    buffer_free(&m->alike.octets);
    buffer_free(&m->head);
    buffer_free(&m->cells);
    agreement_free(&m->agreement);
}
