#include "report/matrix.h"

#include <stdlib.h>

#include "report/buffer.h"

#define TITLE_COLUMNS 48
#define MIN_COLUMNS   8
#define MAX_COLUMNS   16

/* What one server made of the test that is being collected. */
struct cell {
    bool played;
    const char *outcome;
    enum engine_verdict verdict;
    struct buffer codes; /* of all replies, "220 250 550": what tells servers apart */
    struct buffer what;  /* what went wrong, in words; each server has its own */
};

struct matrix {
    struct sink sink;
    const struct report_run *run;
    const struct script *script;
    const struct script_test *test;
    size_t repeat;
    struct cell *cells; /* one a server */
    size_t rows, differing;
};

static void put_color(const struct matrix *m, const char *color)
{
    if (m->run->color)
        sink_text(m->sink, color);
}

static const char *color_of(enum engine_verdict verdict)
{
    static const char *const colors[] = {
        [ENGINE_PASS] = "\x1b[32m", [ENGINE_WARN] = "\x1b[33m",  [ENGINE_SKIP] = "\x1b[2m",
        [ENGINE_FAIL] = "\x1b[31m", [ENGINE_ERROR] = "\x1b[31m",
    };
    return colors[verdict];
}

static size_t columns_of(const struct matrix *m, size_t server)
{
    size_t len = m->run->servers[server].name.len;
    return len < MIN_COLUMNS ? MIN_COLUMNS : len > MAX_COLUMNS ? MAX_COLUMNS : len;
}

static void put_column(struct sink s, struct slice text, size_t columns)
{
    size_t written = sink_visible(s, text, columns);
    sink_repeat(s, ' ', columns - written + 2);
}

void *matrix_begin(struct sink sink, const struct report_run *run)
{
    struct matrix *m = report_grown(NULL, sizeof *m);
    *m = (struct matrix){.sink = sink, .run = run};
    m->cells = report_grown(NULL, run->server_count * sizeof *m->cells);
    memset(m->cells, 0, run->server_count * sizeof *m->cells);
    for (size_t i = 0; i < run->server_count; i++) {
        put_column(sink, run->servers[i].name, columns_of(m, i));
        sink_visible(sink, run->servers[i].url, 0);
        sink_text(sink, "\n");
    }
    sink_text(sink, "\n");
    put_column(sink, SLICE(""), TITLE_COLUMNS);
    for (size_t i = 0; i < run->server_count; i++)
        put_column(sink, run->servers[i].name, columns_of(m, i));
    sink_text(sink, "\n");
    return m;
}

static bool all_agree(const struct matrix *m)
{
    const struct cell *first = NULL;
    for (size_t i = 0; i < m->run->server_count; i++) {
        const struct cell *cell = &m->cells[i];
        if (!cell->played)
            continue;
        if (first != NULL &&
            (cell->outcome != first->outcome ||
             !slice_equal(buffer_slice(&cell->codes), buffer_slice(&first->codes))))
            return false;
        first = first == NULL ? cell : first;
    }
    return true;
}

static bool all_pass(const struct matrix *m)
{
    for (size_t i = 0; i < m->run->server_count; i++)
        if (!m->cells[i].played || m->cells[i].verdict != ENGINE_PASS)
            return false;
    return true;
}

static void put_row(struct matrix *m, bool agree)
{
    put_column(m->sink, m->test->title, TITLE_COLUMNS);
    for (size_t i = 0; i < m->run->server_count; i++) {
        const struct cell *cell = &m->cells[i];
        put_color(m, cell->played ? color_of(cell->verdict) : "");
        put_column(m->sink, slice_of_cstr(cell->played ? cell->outcome : "-"), columns_of(m, i));
        put_color(m, "\x1b[0m");
    }
    sink_text(m->sink, agree ? "\n" : "differ\n");
}

static void end_row(struct matrix *m)
{
    if (m->test == NULL)
        return;
    bool agree = all_agree(m);
    m->rows++;
    m->differing += !agree;
    if (!m->run->quiet || !agree || !all_pass(m))
        put_row(m, agree);
    for (size_t i = 0; i < m->run->server_count; i++) {
        struct cell *cell = &m->cells[i];
        if (!agree && cell->played) {
            sink_text(m->sink, "    ");
            put_column(m->sink, m->run->servers[i].name, columns_of(m, i));
            sink_visible(m->sink, buffer_slice(&cell->codes), 0);
            sink_text(m->sink, cell->what.len > 0 ? "; " : "");
            sink_visible(m->sink, buffer_slice(&cell->what), 0);
            sink_text(m->sink, "\n");
        }
        cell->played = false;
        cell->codes.len = cell->what.len = 0;
    }
}

void matrix_result(void *state, const struct report_result *r)
{
    struct matrix *m = state;
    struct cell *cell = &m->cells[r->server];
    uint8_t message[1200];
    if (m->test != r->test || m->repeat != r->repeat) {
        end_row(m);
        if (m->script != r->script && !m->run->quiet) {
            sink_visible(m->sink, r->script->name, 0);
            sink_text(m->sink, "\n");
        }
        m->script = r->script;
        m->test = r->test;
        m->repeat = r->repeat;
    }
    cell->played = true;
    cell->outcome = report_outcome(r);
    cell->verdict = r->verdict;
    cell->codes.len = cell->what.len = 0;
    report_codes(buffer_sink(&cell->codes), r);
    buffer_put(&cell->what, report_message(r, message, sizeof message));
}

void matrix_end(void *state, const struct report_end *end)
{
    struct matrix *m = state;
    end_row(m);
    if (end->not_played > 0) {
        sink_number(m->sink, end->not_played, 0);
        sink_text(m->sink, " more not played\n");
    }
    if (end->stopped.len > 0) {
        sink_visible(m->sink, end->stopped, 0);
        sink_text(m->sink, "\n");
    }
    sink_text(m->sink, "\n");
    sink_number(m->sink, m->rows, 0);
    sink_text(m->sink, m->rows == 1 ? " test, " : " tests, ");
    sink_number(m->sink, m->differing, 0);
    sink_text(m->sink, " in which the servers differ\n");
    for (size_t i = 0; i < m->run->server_count; i++) {
        buffer_free(&m->cells[i].codes);
        buffer_free(&m->cells[i].what);
    }
    free(m->cells);
    free(m);
}
