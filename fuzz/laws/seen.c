#include "laws/seen.h"

#include "report/buffer.h"

/* ---- lines ---- */

static void put(struct buffer *line, const char *text)
{
    buffer_put(line, slice_of_cstr(text));
}

static void put_number(struct buffer *line, uint64_t number)
{
    uint8_t digits[24];
    struct writer w = writer_of(digits, sizeof digits);
    writer_put_number(&w, number);
    buffer_put(line, writer_slice(&w));
}

static void put_shown(struct buffer *line, struct slice text)
{
    sink_visible(buffer_sink(line), text, 0);
}

/* Takes the lines up to that one, and it; frees it. */
static void take_line(struct slice *rest, struct buffer *line, const char *law)
{
    bool found = false;
    while (rest->len > 0 && !found) {
        size_t end = slice_find(*rest, '\n');
        found = slice_equal(slice_sub(*rest, 0, end), buffer_slice(line));
        *rest = slice_from(*rest, end < rest->len ? end + 1 : end);
    }
    if (!found)
        fprintf(stderr, "%.*s\n", (int)line->len, (const char *)line->ptr);
    FUZZ_LAW(found, law);
    buffer_free(line);
    *line = (struct buffer){.len = 0};
}

/* ---- pretty ---- */

static void put_replayed(struct buffer *line, const struct report_result *r)
{
    size_t matched = 0, expected = 0;
    for (size_t i = 0; i < r->test->step_count; i++)
        expected += r->test->steps[i].kind == SCRIPT_EXPECT;
    for (size_t i = 0; i < r->event_count; i++)
        matched += r->events[i].kind == ENGINE_EVENT_MATCHED &&
                   r->events[i].step < r->test->step_count &&
                   r->test->steps[r->events[i].step].kind == SCRIPT_EXPECT;
    put_number(line, matched);
    put(line, " of ");
    put_number(line, expected);
    put(line, " replies as written");
}

static void put_remarks(struct buffer *line, const struct report_result *r)
{
    static const char *const begins[] = {
        [REPORT_EXPECTED] = " (expected: ",
        [REPORT_UNEXPECTED_PASS] = " (passes, but the baseline says otherwise: ",
        [REPORT_OTHERWISE] = " (not as the baseline says: ",
    };
    put(line, r->flaky ? " (flaky: passed at attempt 2)" : "");
    put(line, r->variant.len > 0 ? " (" : "");
    put_shown(line, r->variant);
    put(line, r->variant.len > 0 ? ")" : "");
    if (r->baseline == REPORT_NOT_LISTED)
        return;
    put(line, begins[r->baseline]);
    put_shown(line, r->baseline_reason);
    put(line, ")");
}

static void put_result(struct buffer *line, const struct report_result *r,
                       const struct report_run *run)
{
    bool unexpected = r->baseline == REPORT_UNEXPECTED_PASS;
    const char *name = unexpected ? "FAIL" : engine_verdict_name(r->verdict);
    put(line, "  ");
    put(line, unexpected ? engine_verdict_name(ENGINE_FAIL) : name);
    put(line, strlen(name) > 4 ? "  " : "   ");
    if (run->style == PRETTY_REPLAY)
        put_replayed(line, r);
    else
        put_shown(line, r->test->title);
    if (r->repeats > 1) {
        put(line, " [");
        put_number(line, r->repeat);
        put(line, " of ");
        put_number(line, r->repeats);
        put(line, "]");
    }
    put(line, run->server_count > 1 ? " [" : "");
    if (run->server_count > 1)
        put_shown(line, run->servers[r->server].name);
    put(line, run->server_count > 1 ? "]" : "");
    put(line, r->reason.len > 0 ? ": " : "");
    put_shown(line, r->reason);
    put_remarks(line, r);
}

static size_t count(const struct all_told *all, const char *outcome)
{
    size_t found = 0;
    for (size_t i = 0; i < all->count; i++)
        found += strcmp(all->results[i].outcome, outcome) == 0;
    return found;
}

static void put_sums(struct buffer *line, const struct all_told *all)
{
    static const struct {
        const char *outcome, *words;
    } rows[] = {
        {"fail", " failed"},         {"unexpected-pass", " passed unexpectedly"},
        {"error", " in error"},      {"flaky", " flaky"},
        {"warn", " with a warning"}, {"expected", " failed as expected"},
        {"skip", " skipped"},
    };
    put_number(line, count(all, "pass"));
    put(line, count(all, "fail") == 0 ? " passed, 0 failed" : " passed");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t found = count(all, rows[i].outcome);
        put(line, found > 0 ? ", " : "");
        if (found > 0)
            put_number(line, found);
        put(line, found > 0 ? rows[i].words : "");
    }
    put(line, " in ");
    put_number(line, all->end->taken_ms / 1000);
    put(line, ".");
    put_number(line, all->end->taken_ms / 100 % 10);
    put(line, " s");
}

/* "3 more not played", and why. */
static void check_end(struct slice *text, const struct all_told *all, const char *begin)
{
    struct buffer line = {.len = 0};
    if (all->end->not_played > 0) {
        put_number(&line, all->end->not_played);
        put(&line, " more not played");
        take_line(text, &line, "it is said what was not played");
    }
    if (all->end->stopped.len > 0) {
        put(&line, begin);
        put_shown(&line, all->end->stopped);
        take_line(text, &line, "and what ended the run");
    }
}

void seen_check_pretty(struct slice text, const struct all_told *all)
{
    struct buffer line = {.len = 0};
    if (all->run->style == PRETTY_RUN) {
        put_number(&line, all->run->planned);
        put(&line, all->run->planned == 1 ? " test against " : " tests against ");
        for (size_t i = 0; i < all->run->server_count; i++) {
            put(&line, i > 0 ? ", " : "");
            put_shown(&line, all->run->servers[i].url);
        }
        take_line(&text, &line, "it is said how many tests there are, and against whom");
    }
    for (size_t i = 0; i < all->count; i++) {
        put_result(&line, &all->results[i].result, all->run);
        take_line(&text, &line, "each result has its line");
    }
    if (all->run->style == PRETTY_SERVE && all->count == 0) {
        FUZZ_LAW(text.len == 0, "where nobody came nothing is said");
        return;
    }
    check_end(&text, all, "STOPPED   ");
    put_sums(&line, all);
    take_line(&text, &line, "the results are summed up");
    FUZZ_LAW(text.len == 0, "and that is all");
}

/* ---- matrix ---- */

static void put_column(struct buffer *line, struct slice text, size_t columns)
{
    size_t written = sink_visible(buffer_sink(line), text, columns);
    for (; written < columns + 2; written++)
        put(line, " ");
}

static bool same_cells(const struct report_result *a, const struct report_result *b)
{
    struct buffer codes[2] = {{.len = 0}, {.len = 0}};
    report_codes(buffer_sink(&codes[0]), a);
    report_codes(buffer_sink(&codes[1]), b);
    bool same = strcmp(report_outcome(a), report_outcome(b)) == 0 &&
                slice_equal(buffer_slice(&codes[0]), buffer_slice(&codes[1]));
    buffer_free(&codes[0]);
    buffer_free(&codes[1]);
    return same;
}

void seen_check_matrix(struct slice text, const struct all_told *all)
{
    struct buffer line = {.len = 0};
    size_t rows = 0, differing = 0, servers = all->run->server_count;
    for (size_t i = 0; i < all->count; i += servers, rows++) {
        bool agree = true;
        put_column(&line, all->results[i].title, 48);
        for (size_t k = 0; k < servers; k++) {
            size_t name = all->run->servers[k].name.len;
            put_column(&line, slice_of_cstr(all->results[i + k].outcome),
                       name < 8    ? 8
                       : name > 16 ? 16
                                   : name);
            agree = agree && same_cells(&all->results[i].result, &all->results[i + k].result);
        }
        put(&line, agree ? "" : "differ");
        differing += !agree;
        take_line(&text, &line, "each test has its row, with what each server made of it");
    }
    check_end(&text, all, "");
    put_number(&line, rows);
    put(&line, rows == 1 ? " test, " : " tests, ");
    put_number(&line, differing);
    put(&line, " in which the servers differ");
    take_line(&text, &line, "it is counted where servers differ");
    FUZZ_LAW(text.len == 0, "and that is all");
}

/* ---- sections ---- */

/* In the order of their columns; how a result counts there. */
static const enum engine_verdict columns[] = {ENGINE_PASS, ENGINE_WARN, ENGINE_FAIL, ENGINE_ERROR,
                                              ENGINE_SKIP};
#define COLUMNS (sizeof columns / sizeof *columns)

static enum engine_verdict counts_as(const struct report_result *r)
{
    return r->baseline == REPORT_UNEXPECTED_PASS        ? ENGINE_FAIL
           : r->flaky || r->baseline == REPORT_EXPECTED ? ENGINE_WARN
                                                        : r->verdict;
}

static size_t count_as(const struct all_told *all, enum engine_verdict verdict)
{
    size_t found = 0;
    for (size_t i = 0; i < all->count; i++)
        found += counts_as(&all->results[i].result) == verdict;
    return found;
}

static void put_share(struct buffer *line, const struct all_told *all)
{
    size_t clauses = all->count + all->end->not_played;
    size_t ran = all->count - count_as(all, ENGINE_SKIP);
    put_number(line, ran);
    put(line, " of ");
    put_number(line, clauses);
    put(line, " clauses were run (");
    put_number(line, clauses == 0 ? 0 : ran * 100 / clauses);
    for (size_t i = 0; i + 1 < COLUMNS; i++) {
        put(line, i == 0 ? " %): " : ", ");
        put_number(line, count_as(all, columns[i]));
        put(line, " ");
        put(line, engine_verdict_name(columns[i]));
    }
}

/* What did not pass, and was played: under its section. */
static void put_remark(struct buffer *line, const struct told *told, const struct report_run *run)
{
    size_t octets = strlen(told->outcome);
    put(line, "    ");
    put(line, told->outcome);
    do
        put(line, " ");
    while (++octets < 7);
    put(line, strlen(told->outcome) > 5 ? " " : "");
    put_shown(line, told->title);
    put(line, run->server_count > 1 ? " [" : "");
    put_shown(line, run->server_count > 1 ? run->servers[told->result.server].name : SLICE(""));
    put(line, run->server_count > 1 ? "]" : "");
}

static void check_rows(struct slice text, const struct all_told *all)
{
    for (size_t i = 0; i < all->count; i++) {
        struct buffer line = {.len = 0};
        const struct told *told = &all->results[i];
        if (counts_as(&told->result) == ENGINE_SKIP || report_passed(&told->result))
            continue;
        struct slice rest = text;
        put_remark(&line, told, all->run);
        take_line(&rest, &line, "what did not pass stands under its section");
    }
}

void seen_check_sections(struct slice text, const struct all_told *all)
{
    struct buffer line = {.len = 0};
    put_number(&line, all->run->planned);
    put(&line, all->run->planned == 1 ? " clause against " : " clauses against ");
    for (size_t i = 0; i < all->run->server_count; i++) {
        put(&line, i > 0 ? ", " : "");
        put_shown(&line, all->run->servers[i].url);
    }
    take_line(&text, &line, "it is said how many clauses there are, and against whom");
    check_rows(text, all);
    put_share(&line, all);
    take_line(&text, &line, "it is said how many were run");
    size_t skipped = count_as(all, ENGINE_SKIP);
    if (skipped > 0) {
        put_number(&line, skipped);
        put(&line, " skipped:");
        take_line(&text, &line, "and how many were not");
    }
}

/* ---- a page ---- */

/* What a page has for each result; a dialogue, where it did not pass. */
#define PARTS(outcome)                                                                             \
    {                                                                                              \
        outcome, SLICE_INIT("<details class=\"test\" data-outcome=\"" outcome "\""),               \
            SLICE_INIT("<td class=\"" outcome "\">")                                               \
    }
static const struct {
    const char *outcome;
    struct slice dialogue, cell;
} parts[] = {PARTS("pass"),  PARTS("fail"), PARTS("error"),    PARTS("unexpected-pass"),
             PARTS("flaky"), PARTS("warn"), PARTS("expected"), PARTS("skip")};
#define OUTCOMES (sizeof parts / sizeof *parts)

/* Octets near the end are compared first: most tags differ there, and a sanitizer sees to each
 * memcmp. */
static bool begins(struct slice page, struct slice word)
{
    return page.len >= word.len && page.ptr[word.len - 3] == word.ptr[word.len - 3] &&
           slice_starts(page, word);
}

void seen_check_page(struct slice page, const struct all_told *all)
{
    struct buffer summary = {.len = 0};
    size_t dialogues[OUTCOMES] = {0}, cells[OUTCOMES] = {0}, summaries = 0;
    put(&summary, "<ul class=\"summary\">");
    for (size_t i = 0; i < OUTCOMES; i++) {
        size_t results = count(all, parts[i].outcome);
        if (results == 0 && i > 1)
            continue;
        put(&summary, "<li><b class=\"");
        put(&summary, parts[i].outcome);
        put(&summary, "\">");
        put_number(&summary, results);
        put(&summary, " ");
        put(&summary, parts[i].outcome);
        put(&summary, "</b></li>");
    }
    put(&summary, "</ul>\n");
    for (page = slice_from(page, slice_find(page, '<')); page.len > 1;
         page = slice_from(page, 1 + slice_find(slice_from(page, 1), '<'))) {
        for (size_t i = 0; page.ptr[1] == 'd' && i < OUTCOMES; i++)
            dialogues[i] += begins(page, parts[i].dialogue);
        for (size_t i = 0; page.ptr[1] == 't' && i < OUTCOMES; i++)
            cells[i] += begins(page, parts[i].cell);
        summaries += page.ptr[1] == 'u' && slice_starts(page, buffer_slice(&summary));
    }
    for (size_t i = 0; i < OUTCOMES; i++) {
        size_t results = count(all, parts[i].outcome);
        FUZZ_LAW(dialogues[i] == (i == 0 ? 0 : results),
                 "a page has a dialogue of each result that did not pass");
        FUZZ_LAW(cells[i] == results, "a page has a cell for each result");
    }
    FUZZ_LAW(summaries == 1, "a page sums up each outcome");
    buffer_free(&summary);
}

/* ---- colours (ECMA-48 8.3.117) ---- */

void seen_check_colors(struct slice plain, struct slice colored)
{
    bool on = false;
    for (; colored.len > 0; colored = slice_from(colored, 1)) {
        if (slice_starts(colored, SLICE("\x1b["))) {
            on =
                !slice_starts(colored, SLICE("\x1b[0m")) && !slice_starts(colored, SLICE("\x1b[m"));
            colored = slice_from(colored, slice_find(colored, 'm'));
            continue;
        }
        FUZZ_LAW(plain.len > 0 && plain.ptr[0] == colored.ptr[0], "colours change no text");
        FUZZ_LAW(!on || colored.ptr[0] != '\n', "a colour ends in its line");
        plain = slice_from(plain, 1);
    }
    FUZZ_LAW(plain.len == 0 && !on, "colours leave nothing out");
}
