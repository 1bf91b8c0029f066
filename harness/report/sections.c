#include "report/sections.h"

#include <stdlib.h>

#include "report/buffer.h"
#include "report/color.h"
#include "report/coverage.h"

#define NAME_COLUMNS   24
#define OBSTACLE_TESTS 10 /* so many are not told one by one: it lies in the way of all */

/* What did not pass: it stands under its section when all results are there. */
struct remark {
    struct slice rfc, section;
    struct buffer text;
};

/* Why tests were skipped, and how many. */
struct cause {
    struct buffer reason;
    bool is_inconclusive; /* what the server did, and not something that is missing */
    size_t count;
    struct buffer tests; /* of those that no reply made so */
};

/* A reply that kept many tests from what they look at: its code, and the verb that it answers
 * (none: the greeting). */
struct obstacle {
    struct buffer code, verb, reply;
    size_t count;
    struct buffer tests;
};

struct sections {
    struct sink sink;
    const struct report_run *run;
    struct coverage coverage;
    struct remark *remarks;
    size_t remark_count;
    struct cause *causes;
    size_t cause_count;
    struct obstacle *obstacles;
    size_t obstacle_count;
};

/* The order of columns, and their colours. */
static const struct column {
    enum engine_verdict verdict;
    const char *name, *color;
} columns[] = {
    {ENGINE_PASS, "pass", GREEN}, {ENGINE_WARN, "warn", YELLOW}, {ENGINE_FAIL, "fail", RED},
    {ENGINE_ERROR, "error", RED}, {ENGINE_SKIP, "skip", DIM},
};

static void colored(const struct sections *t, struct sink s, const char *color)
{
    if (t->run->color)
        sink_text(s, color);
}

/* ---- results ---- */

static void put_place(struct sink s, const struct report_result *r)
{
    struct report_where where = report_where_wrong(r);
    sink_text(s, "\n           ");
    sink_visible(s, where.file, 0);
    sink_text(s, ":");
    sink_number(s, where.line, 0);
    sink_text(s, "\n");
}

static void put_skipped(struct sink s, const struct report_result *r)
{
    uint8_t message[1200];
    sink_text(s, "         ");
    sink_visible(s, r->test->title, 0);
    sink_text(s, "\n           ");
    sink_put(s, report_message(r, message, sizeof message));
    put_place(s, r);
}

/* The obstacle that this result met; NULL: it was no reply. */
static struct obstacle *find_obstacle(struct sections *t, const struct report_result *r)
{
    const struct engine_event *event = report_first_difference(r);
    if (event == NULL || event->text.len < 3 || !report_shows_octets(event))
        return NULL;
    struct slice rest = event->text, sent = event->sent, line = report_line(&rest);
    struct slice code = slice_sub(line, 0, line.len < 3 ? line.len : 3);
    struct slice verb = slice_sub(sent, 0, sent.len < 4 ? sent.len : 4);
    size_t i = 0;
    while (i < t->obstacle_count && !(slice_equal(buffer_slice(&t->obstacles[i].code), code) &&
                                      slice_equal(buffer_slice(&t->obstacles[i].verb), verb)))
        i++;
    if (i == t->obstacle_count) {
        t->obstacles = report_grown(t->obstacles, ++t->obstacle_count * sizeof *t->obstacles);
        t->obstacles[i] = (struct obstacle){.count = 0};
        buffer_put(&t->obstacles[i].code, code);
        buffer_put(&t->obstacles[i].verb, verb);
        buffer_put(&t->obstacles[i].reply, line);
    }
    return &t->obstacles[i];
}

/* "inconclusive at line 7": the line is of the test, the cause is one for all. */
static void count_cause(struct sections *t, const struct report_result *r)
{
    static const struct slice inconclusive = SLICE_INIT("inconclusive");
    bool of_reply = slice_starts(r->reason, inconclusive);
    struct slice reason = of_reply ? inconclusive : r->reason;
    size_t i = 0;
    while (i < t->cause_count && !slice_equal(buffer_slice(&t->causes[i].reason), reason))
        i++;
    if (i == t->cause_count) {
        t->causes = report_grown(t->causes, ++t->cause_count * sizeof *t->causes);
        t->causes[i] = (struct cause){.is_inconclusive = of_reply};
        buffer_put(&t->causes[i].reason, reason);
    }
    t->causes[i].count++;
    if (of_reply) {
        struct obstacle *obstacle = find_obstacle(t, r);
        put_skipped(buffer_sink(obstacle == NULL ? &t->causes[i].tests : &obstacle->tests), r);
        if (obstacle != NULL)
            obstacle->count++;
    }
}

static void remark(struct sections *t, const struct report_result *r)
{
    uint8_t message[1200];
    t->remarks = report_grown(t->remarks, (t->remark_count + 1) * sizeof *t->remarks);
    struct remark *at = &t->remarks[t->remark_count++];
    *at = (struct remark){.rfc = report_rfc(r->test), .section = report_section(r->test)};
    struct sink s = buffer_sink(&at->text);
    size_t i = 0;
    while (columns[i].verdict != coverage_verdict(r))
        i++;
    sink_text(s, "    ");
    colored(t, s, columns[i].color);
    sink_text(s, report_outcome(r));
    colored(t, s, PLAIN);
    sink_repeat(s, ' ', strlen(report_outcome(r)) < 5 ? 7 - strlen(report_outcome(r)) : 2);
    sink_visible(s, r->test->title, 0);
    if (t->run->server_count > 1) {
        sink_text(s, " [");
        sink_visible(s, t->run->servers[r->server].name, 0);
        sink_text(s, "]");
    }
    sink_text(s, "\n           ");
    sink_put(s, report_message(r, message, sizeof message));
    if (r->baseline == REPORT_EXPECTED) {
        sink_text(s, "; expected: ");
        sink_visible(s, r->baseline_reason, 0);
    }
    put_place(s, r);
}

void *sections_begin(struct sink sink, const struct report_run *run)
{
    struct sections *t = report_grown(NULL, sizeof *t);
    *t = (struct sections){.sink = sink, .run = run};
    sink_number(sink, run->planned, 0);
    sink_text(sink, run->planned == 1 ? " clause against " : " clauses against ");
    for (size_t i = 0; i < run->server_count; i++) {
        sink_text(sink, i > 0 ? ", " : "");
        sink_visible(sink, run->servers[i].url, 0);
    }
    sink_text(sink, "\n");
    return t;
}

void sections_result(void *state, const struct report_result *r)
{
    struct sections *t = state;
    coverage_add(&t->coverage, r);
    if (coverage_verdict(r) == ENGINE_SKIP)
        count_cause(t, r);
    else if (!report_passed(r))
        remark(t, r);
}

/* ---- the table ---- */

static void put_counts(const struct sections *t, const struct coverage_section *section)
{
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        size_t count = section->counts[columns[i].verdict];
        if (count == 0) {
            sink_text(t->sink, "      .");
            continue;
        }
        colored(t, t->sink, columns[i].color);
        sink_number(t->sink, count, 7);
        colored(t, t->sink, PLAIN);
    }
    sink_text(t->sink, "\n");
}

static void put_name(const struct sections *t, const char *before, struct slice name)
{
    size_t before_len = strlen(before);
    sink_text(t->sink, before);
    size_t len = before_len + sink_visible(t->sink, name, NAME_COLUMNS - before_len);
    sink_repeat(t->sink, ' ', len < NAME_COLUMNS ? NAME_COLUMNS - len : 1);
}

static void put_remarks(const struct sections *t, const struct coverage_section *section)
{
    for (size_t i = 0; i < t->remark_count; i++) {
        const struct remark *at = &t->remarks[i];
        if (slice_equal(at->rfc, section->rfc) && slice_equal(at->section, section->section))
            sink_put(t->sink, buffer_slice(&at->text));
    }
}

static void put_table(const struct sections *t)
{
    struct slice rfc = SLICE("-");
    put_name(t, "", SLICE("section"));
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        sink_repeat(t->sink, ' ', 7 - strlen(columns[i].name));
        sink_text(t->sink, columns[i].name);
    }
    sink_text(t->sink, "\n");
    for (size_t i = 0; i < t->coverage.count; i++) {
        const struct coverage_section *section = &t->coverage.sections[i];
        if (!slice_equal(section->rfc, rfc)) {
            rfc = section->rfc;
            sink_text(t->sink, rfc.len > 0 ? "RFC " : "no RFC");
            sink_visible(t->sink, rfc, 0);
            sink_text(t->sink, "\n");
        }
        put_name(t, "  ", section->section.len > 0 ? section->section : SLICE("-"));
        put_counts(t, section);
        put_remarks(t, section);
    }
}

/* ---- how much of it ---- */

static void put_share(const struct sections *t, const struct report_end *end)
{
    size_t counts[COVERAGE_VERDICTS] = {0};
    size_t all = end->not_played;
    for (size_t i = 0; i < t->coverage.count; i++) {
        for (size_t k = 0; k < COVERAGE_VERDICTS; k++) {
            counts[k] += t->coverage.sections[i].counts[k];
            all += t->coverage.sections[i].counts[k];
        }
    }
    size_t ran = all - end->not_played - counts[ENGINE_SKIP];
    sink_text(t->sink, "\n");
    sink_number(t->sink, ran, 0);
    sink_text(t->sink, " of ");
    sink_number(t->sink, all, 0);
    sink_text(t->sink, " clauses were run (");
    sink_number(t->sink, all == 0 ? 0 : ran * 100 / all, 0);
    sink_text(t->sink, " %)");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (columns[i].verdict == ENGINE_SKIP)
            continue;
        sink_text(t->sink, i == 0 ? ": " : ", ");
        sink_number(t->sink, counts[columns[i].verdict], 0);
        sink_text(t->sink, " ");
        sink_text(t->sink, columns[i].name);
    }
    sink_text(t->sink, "\n");
    if (counts[ENGINE_SKIP] > 0) {
        sink_number(t->sink, counts[ENGINE_SKIP], 0);
        sink_text(t->sink, " skipped:\n");
    }
}

/* What may be done about an obstacle. */
static const char *advice(const struct obstacle *at)
{
    if (at->verb.len == 0)
        return slice_equal(buffer_slice(&at->code), SLICE("421"))
                   ? "; --jobs 1 opens one connection at a time"
                   : "";
    return slice_equal_nocase(buffer_slice(&at->verb), SLICE("RCPT"))
               ? "; --rcpt names an address that it takes"
               : "";
}

/* Greylisting, a limit on connections, mail that needs AUTH or TLS: what one refusal kept from
 * being looked at. */
static bool is_in_the_way(const struct obstacle *at)
{
    return at->count >= OBSTACLE_TESTS && (at->code.ptr[0] == '4' || at->code.ptr[0] == '5');
}

static void put_causes(const struct sections *t)
{
    for (size_t i = 0; i < t->cause_count; i++) {
        const struct cause *cause = &t->causes[i];
        sink_number(t->sink, cause->count, 5);
        sink_text(t->sink, "  ");
        sink_visible(t->sink, buffer_slice(&cause->reason), 200);
        sink_text(t->sink, "\n");
        sink_put(t->sink, buffer_slice(&cause->tests));
        for (size_t k = 0; cause->is_inconclusive && k < t->obstacle_count; k++)
            if (!is_in_the_way(&t->obstacles[k]))
                sink_put(t->sink, buffer_slice(&t->obstacles[k].tests));
    }
}

static void put_obstacles(const struct sections *t)
{
    for (size_t i = 0; i < t->obstacle_count; i++) {
        const struct obstacle *at = &t->obstacles[i];
        if (!is_in_the_way(at))
            continue;
        sink_text(t->sink, "in the way of ");
        sink_number(t->sink, at->count, 0);
        sink_text(t->sink, " tests: ");
        sink_visible(t->sink, buffer_slice(&at->reply), 200);
        sink_text(t->sink, at->verb.len > 0 ? ", the answer to " : ", the greeting");
        sink_visible(t->sink, buffer_slice(&at->verb), 0);
        sink_text(t->sink, advice(at));
        sink_text(t->sink, "\n");
    }
}

static void free_all(struct sections *t)
{
    for (size_t i = 0; i < t->remark_count; i++)
        buffer_free(&t->remarks[i].text);
    for (size_t i = 0; i < t->cause_count; i++) {
        buffer_free(&t->causes[i].reason);
        buffer_free(&t->causes[i].tests);
    }
    for (size_t i = 0; i < t->obstacle_count; i++) {
        buffer_free(&t->obstacles[i].code);
        buffer_free(&t->obstacles[i].verb);
        buffer_free(&t->obstacles[i].reply);
        buffer_free(&t->obstacles[i].tests);
    }
    coverage_free(&t->coverage);
    free(t->remarks);
    free(t->causes);
    free(t->obstacles);
    free(t);
}

void sections_end(void *state, const struct report_end *end)
{
    struct sections *t = state;
    put_table(t);
    put_share(t, end);
    put_causes(t);
    put_obstacles(t);
    if (end->not_played > 0) {
        sink_number(t->sink, end->not_played, 0);
        sink_text(t->sink, " not played\n");
    }
    if (end->stopped.len > 0) {
        colored(t, t->sink, RED);
        sink_text(t->sink, end->dead ? "DEAD   " : "STOPPED   ");
        colored(t, t->sink, PLAIN);
        sink_visible(t->sink, end->stopped, 0);
        sink_text(t->sink, "\n");
    }
    free_all(t);
}
