#include "report/html.h"

#include <stdlib.h>

#include "report/buffer.h"
#include "report/coverage.h"
#include "report/html_dialogue.h"
#include "report/html_matrix.h"
#include "report/html_page.h"
#include "report/html_text.h"

/* What a result may come to, as report_outcome names it: in the order of the page. */
static const char *const outcomes[] = {"pass",  "fail", "error",    "unexpected-pass",
                                       "flaky", "warn", "expected", "skip"};
#define OUTCOMES (sizeof outcomes / sizeof *outcomes)

/* The dialogues, by how much they matter. */
enum group { FAILURES, WARNINGS, EXPECTED, SKIPPED, GROUPS };

static const struct {
    const char *id, *title;
} groups[GROUPS] = {
    [FAILURES] = {"failures", "Failures"},
    [WARNINGS] = {"warnings", "Warnings"},
    [EXPECTED] = {"expected", "Expected deviations"},
    [SKIPPED] = {"skipped", "Skipped"},
};

struct html {
    struct sink sink;
    const struct report_run *run;
    struct html_matrix matrix;
    struct coverage *coverage; /* one a server, and that of all */
    size_t (*counts)[OUTCOMES];
    size_t details; /* dialogues so far: their number is their anchor */
    struct buffer dialogues[GROUPS];
    size_t grouped[GROUPS];
};

static bool is_one(const struct html *h)
{
    return h->run->server_count == 1;
}

/* ---- results ---- */

void *html_begin(struct sink sink, const struct report_run *run)
{
    struct html *h = report_grown(NULL, sizeof *h);
    *h = (struct html){.sink = sink, .run = run, .matrix = {.run = run}};
    size_t columns = run->server_count + 1;
    h->coverage = report_grown(NULL, columns * sizeof *h->coverage);
    h->counts = report_grown(NULL, columns * sizeof *h->counts);
    memset(h->coverage, 0, columns * sizeof *h->coverage);
    memset(h->counts, 0, columns * sizeof *h->counts);
    return h;
}

static enum group group_of(const struct report_result *r)
{
    if (r->failed || r->verdict == ENGINE_ERROR)
        return FAILURES;
    if (r->baseline == REPORT_EXPECTED)
        return EXPECTED;
    return r->verdict == ENGINE_SKIP ? SKIPPED : WARNINGS;
}

static size_t outcome_of(const struct report_result *r)
{
    size_t i = 0;
    struct slice outcome = slice_of_cstr(report_outcome(r));
    while (i + 1 < OUTCOMES && !slice_equal(slice_of_cstr(outcomes[i]), outcome))
        i++;
    return i;
}

void html_result(void *state, const struct report_result *r)
{
    struct html *h = state;
    enum group group = group_of(r);
    bool detailed = !report_passed(r);
    h->counts[r->server][outcome_of(r)]++;
    coverage_add(&h->coverage[r->server], r);
    coverage_add(&h->coverage[h->run->server_count], r);
    h->details += detailed;
    html_matrix_add(&h->matrix, r, detailed ? h->details : 0);
    if (!detailed)
        return;
    h->grouped[group]++;
    html_dialogue(buffer_sink(&h->dialogues[group]), h->run, r, h->details,
                  group == FAILURES && is_one(h));
}

/* ---- the beginning of the page ---- */

static void put_head(struct html *h)
{
    struct sink s = h->sink;
    sink_text(s, html_page_head);
    for (size_t i = 0; i < h->run->server_count; i++)
        html_cell(s, i > 0 ? ", " : "", h->run->servers[i].name, "");
    sink_text(s, html_page_style);
    sink_text(s, "maildrill report</h1>\n");
    html_cell(s, "<p class=\"meta\">maildrill ", h->run->version, "");
    html_cell(s, " &middot; ", h->run->started, " UTC");
    for (size_t i = 0; i < h->run->server_count && is_one(h); i++) {
        const struct report_server *server = &h->run->servers[i];
        html_cell(s, " &middot; ", server->name, "");
        if (!slice_equal(server->name, server->url))
            html_cell(s, " (", server->url, ")");
    }
    sink_text(s, "</p>\n");
}

static void put_summary(struct html *h, const struct report_end *end)
{
    const struct report_totals *t = &end->totals;
    const size_t counts[OUTCOMES] = {t->pass,  t->fail, t->error,    t->unexpected,
                                     t->flaky, t->warn, t->expected, t->skip};
    struct sink s = h->sink;
    sink_text(s, "<ul class=\"summary\">");
    for (size_t i = 0; i < OUTCOMES; i++) {
        if (counts[i] == 0 && i > 1)
            continue;
        sink_text(s, "<li>");
        html_count(s, counts[i], outcomes[i], outcomes[i]);
        sink_text(s, "</li>");
    }
    sink_text(s, "</ul>\n");
    if (end->not_played > 0) {
        sink_text(s, "<p>");
        sink_number(s, end->not_played, 0);
        sink_text(s, " more not played.</p>\n");
    }
    if (end->stopped.len > 0)
        html_cell(s, "<p class=\"stopped\">", end->stopped, "</p>\n");
}

static void put_link(struct sink s, const char *id, const char *title)
{
    sink_text(s, "<a href=\"#");
    sink_text(s, id);
    sink_text(s, "\">");
    sink_text(s, title);
    sink_text(s, "</a> ");
}

static void put_group_link(struct html *h, enum group group)
{
    if (h->grouped[group] > 0)
        put_link(h->sink, groups[group].id, groups[group].title);
}

static bool has_sections(const struct html *h)
{
    const struct coverage *all = &h->coverage[h->run->server_count];
    return all->count > 0 && all->sections[0].rfc.len > 0;
}

static void put_bar(struct html *h)
{
    struct sink s = h->sink;
    sink_text(s, "<div class=\"bar\"><nav>");
    if (!is_one(h) && has_sections(h))
        put_link(s, "coverage", "RFC sections");
    if (!is_one(h))
        put_link(s, "differences", "Differences");
    for (size_t i = 0; i < EXPECTED; i++)
        put_group_link(h, (enum group)i);
    if (is_one(h) && has_sections(h))
        put_link(s, "coverage", "RFC sections");
    put_link(s, "tests", is_one(h) ? "All tests" : "The same everywhere");
    for (size_t i = EXPECTED; i < GROUPS; i++)
        put_group_link(h, (enum group)i);
    sink_text(s, "</nav>\n");
    sink_text(s, html_page_filter);
    sink_text(s, "</div>\n");
}

/* ---- servers ---- */

static void put_servers(struct html *h)
{
    struct sink s = h->sink;
    bool used[OUTCOMES] = {true, true};
    for (size_t i = 0; i < h->run->server_count * OUTCOMES; i++)
        used[i % OUTCOMES] = used[i % OUTCOMES] || h->counts[i / OUTCOMES][i % OUTCOMES] > 0;
    sink_text(s, "<div class=\"wide\"><table class=\"counts\">\n<thead><tr><th>server</th>");
    for (size_t k = 0; k < OUTCOMES; k++)
        if (used[k])
            html_cell(s, "<th>", slice_of_cstr(outcomes[k]), "</th>");
    sink_text(s, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < h->run->server_count; i++) {
        const struct report_server *server = &h->run->servers[i];
        html_cell(s, "<tr><th>", server->name, "");
        if (!slice_equal(server->name, server->url))
            html_cell(s, " <small>", server->url, "</small>");
        sink_text(s, "</th>");
        for (size_t k = 0; k < OUTCOMES; k++) {
            if (!used[k])
                continue;
            sink_text(s, "<td>");
            if (h->counts[i][k] > 0)
                html_count(s, h->counts[i][k], outcomes[k], "");
            sink_text(s, "</td>");
        }
        sink_text(s, "</tr>\n");
    }
    sink_text(s, "</tbody></table></div>\n");
}

/* ---- sections ---- */

/* Of one server: a column for each verdict. */
static void put_verdicts(struct sink s, const struct coverage_section *section)
{
    for (size_t k = 0; k < COVERAGE_VERDICTS; k++) {
        const char *name = engine_verdict_name((enum engine_verdict)k);
        sink_text(s, "<td>");
        if (section->counts[k] > 0)
            html_count(s, section->counts[k], name, "");
        sink_text(s, "</td>");
    }
}

/* "12", "10 pass 2 fail"; a dash where none could be played. */
static void put_section_of(struct sink s, const struct coverage_section *section)
{
    static const enum engine_verdict shown[] = {ENGINE_PASS, ENGINE_WARN, ENGINE_FAIL,
                                                ENGINE_ERROR};
    bool any = false;
    size_t others = section == NULL ? 0
                                    : section->counts[ENGINE_WARN] + section->counts[ENGINE_FAIL] +
                                          section->counts[ENGINE_ERROR];
    sink_text(s, "<td>");
    for (size_t i = 0; section != NULL && i < sizeof shown / sizeof *shown; i++) {
        const char *name = engine_verdict_name(shown[i]);
        if (section->counts[shown[i]] == 0)
            continue;
        sink_text(s, any ? " " : "");
        html_count(s, section->counts[shown[i]], name, others == 0 ? "" : name);
        any = true;
    }
    sink_text(s, any ? "</td>" : "<span class=\"skip\">&ndash;</span></td>");
}

static void put_rfc(struct html *h, const struct coverage_section *section)
{
    sink_text(h->sink, "<tr class=\"file\"><th colspan=\"");
    sink_number(h->sink, is_one(h) ? COVERAGE_VERDICTS + 1 : h->run->server_count + 1, 0);
    sink_text(h->sink, "\"><span>");
    html_reference(h->sink, section->rfc, SLICE(""));
    sink_text(h->sink, "</span></th></tr>\n");
}

static void put_section(struct html *h, const struct coverage_section *section)
{
    struct sink s = h->sink;
    sink_text(s, "<tr><th>");
    html_section(s, section->rfc, section->section);
    sink_text(s, "</th>");
    if (is_one(h))
        put_verdicts(s, section);
    for (size_t i = 0; i < h->run->server_count && !is_one(h); i++)
        put_section_of(s, coverage_find(&h->coverage[i], section->rfc, section->section));
    sink_text(s, "</tr>\n");
}

static void put_sections(struct html *h)
{
    struct sink s = h->sink;
    const struct coverage *all = &h->coverage[h->run->server_count];
    if (!has_sections(h))
        return;
    sink_text(s, "<h2 id=\"coverage\">RFC sections</h2>\n");
    if (!is_one(h))
        sink_text(s, "<p class=\"meta\">How many tests of a section pass; where some do not, how "
                     "many of which. &ndash;: none could be played there.</p>\n");
    sink_text(s,
              "<div class=\"wide\"><table class=\"counts sections\">\n<thead><tr><th>section</th>");
    for (size_t k = 0; k < COVERAGE_VERDICTS && is_one(h); k++)
        html_cell(s, "<th>", slice_of_cstr(engine_verdict_name((enum engine_verdict)k)), "</th>");
    for (size_t i = 0; i < h->run->server_count && !is_one(h); i++)
        html_cell(s, "<th>", h->run->servers[i].name, "</th>");
    sink_text(s, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < all->count && all->sections[i].rfc.len > 0; i++) {
        if (i == 0 || !slice_equal(all->sections[i].rfc, all->sections[i - 1].rfc))
            put_rfc(h, &all->sections[i]);
        put_section(h, &all->sections[i]);
    }
    sink_text(s, "</tbody></table></div>\n");
}

/* ---- dialogues ---- */

static void put_count(struct sink s, size_t count)
{
    sink_text(s, " <small>");
    sink_number(s, count, 0);
    sink_text(s, "</small>");
}

/* What is folded is a heading all the same. */
static void begin_fold(struct sink s, const char *id, const char *title, size_t count, bool folded)
{
    sink_text(s, folded ? "<details class=\"fold\"><summary><h2 id=\"" : "<h2 id=\"");
    sink_text(s, id);
    sink_text(s, "\">");
    sink_text(s, title);
    put_count(s, count);
    sink_text(s, folded ? "</h2></summary>\n" : "</h2>\n");
}

static void put_group(struct html *h, enum group group, bool folded)
{
    struct sink s = h->sink;
    if (h->grouped[group] == 0)
        return;
    begin_fold(s, groups[group].id, groups[group].title, h->grouped[group], folded);
    sink_put(s, buffer_slice(&h->dialogues[group]));
    sink_text(s, folded ? "</details>\n" : "");
}

static void put_tests(struct html *h)
{
    const struct html_rows *rows = &h->matrix.alike;
    bool folded = !is_one(h);
    begin_fold(h->sink, "tests", folded ? "The same everywhere" : "All tests", rows->count, folded);
    html_matrix_put(&h->matrix, rows, h->sink);
    sink_text(h->sink, folded ? "</details>\n" : "");
}

/* ---- the page ---- */

/* First what failed, then what came of everything. */
static void put_body_of_one(struct html *h)
{
    put_group(h, FAILURES, false);
    put_group(h, WARNINGS, false);
    put_sections(h);
    put_tests(h);
}

/* First how they stand to each other; a dialogue is where a cell's link leads. */
static void put_body_of_several(struct html *h)
{
    put_servers(h);
    put_sections(h);
    begin_fold(h->sink, "differences", "Where they differ", h->matrix.differing.count, false);
    if (h->matrix.differing.count > 0)
        html_matrix_put(&h->matrix, &h->matrix.differing, h->sink);
    else
        sink_text(h->sink, "<p>They all did the same.</p>\n");
    put_group(h, FAILURES, false);
    put_group(h, WARNINGS, true);
    put_tests(h);
}

static void free_all(struct html *h)
{
    for (size_t i = 0; i <= h->run->server_count; i++)
        coverage_free(&h->coverage[i]);
    for (size_t i = 0; i < GROUPS; i++)
        buffer_free(&h->dialogues[i]);
    html_matrix_free(&h->matrix);
    free(h->coverage);
    free(h->counts);
    free(h);
}

void html_end(void *state, const struct report_end *end)
{
    struct html *h = state;
    html_matrix_end(&h->matrix);
    put_head(h);
    put_summary(h, end);
    put_bar(h);
    if (is_one(h))
        put_body_of_one(h);
    else
        put_body_of_several(h);
    put_group(h, EXPECTED, true);
    put_group(h, SKIPPED, true);
    sink_text(h->sink, html_page_foot);
    free_all(h);
}
