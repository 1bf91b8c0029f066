/*
 * Laws of the reports. The input is a script, a line "====", and what the peer sends; its lines are
 * the names and reasons of the run, too. Each report is well-formed as who reads it sees it, says
 * of each result what it is, and holds no control octet of the peer's and no secret.
 */
#include "custom.h"
#include "laws/seen.h"
#include "laws/shown.h"
#include "laws/told.h"
#include "peer.h"
#include "report/log.h"
#include "report/report.h"

#define MAX_TESTS (TOLD_MAX / 2)

/* ---- a run ---- */

struct play {
    struct script *script;
    struct slice octets; /* of the peer, a secret in them */
    struct slice words[8];
    size_t knob;
};

/* A log, and which difference it is about: the first one that is more than a warning, or the first.
 */
struct kept {
    struct log log;
    bool differed, decided;
    size_t step;
    struct buffer reason; /* of a test that was not played, or not to its end */
};

static void keep(void *context, const struct engine_event *event)
{
    struct kept *kept = context;
    bool decides = event->verdict != ENGINE_WARN;
    log_event(&kept->log, event);
    if (event->kind == ENGINE_EVENT_VERDICT)
        buffer_put(&kept->reason, event->text);
    if (event->kind != ENGINE_EVENT_DIFFERED || kept->decided || (kept->differed && !decides))
        return;
    kept->differed = true;
    kept->decided = decides;
    kept->step = event->step;
}

static enum engine_verdict play(const struct script_test *test, struct slice octets,
                                struct kept *kept)
{
    static const struct engine_variable variables[] = {
        {SLICE_INIT("user"), SLICE_INIT("u"), false},
        {SLICE_INIT("pass"), SLICE_INIT(TOLD_SECRET), true},
    };
    struct engine_config config = {
        .role = ENGINE_CLIENT,
        .timeout_ms = 1000,
        .max_rounds = 40,
        .variables = variables,
        .variable_count = sizeof variables / sizeof *variables,
        .max_input_octets = 1024,
        .max_output_octets = 2048,
        .emit = keep,
        .context = kept,
    };
    struct engine *e = engine_new(test, &config, 0);
    uint64_t now = 0;
    while ((engine_wants(e) & ENGINE_DONE) == 0)
        fuzz_peer_serve(e, &octets, 200, &now);
    enum engine_verdict verdict = engine_verdict(e);
    engine_free(e);
    return verdict;
}

/* What the runner makes of a verdict, by a knob. */
static void judge(struct report_result *r, const struct play *p)
{
    bool passed = r->verdict == ENGINE_PASS;
    bool strict = p->knob / 72 % 2 == 1;
    r->failed = r->verdict == ENGINE_FAIL || (strict && r->verdict == ENGINE_WARN);
    if (p->knob % 3 == 1 && r->verdict != ENGINE_SKIP) {
        r->baseline = passed ? REPORT_UNEXPECTED_PASS : REPORT_EXPECTED;
        r->baseline_reason = p->words[4];
        r->failed = passed;
    } else if (p->knob % 3 == 2 && passed) {
        r->flaky = true;
        r->failed = strict;
        r->attempts = 2;
    }
}

static struct told told_of(const struct report_result *r, const struct kept *kept)
{
    struct told told = {
        .id = r->id,
        .title = r->test->title,
        .outcome = report_outcome(r),
        .taken_ms = r->taken_ms,
        .failed = r->failed,
        .detailed = !report_passed(r),
        .annotated = !report_passed(r) && (r->verdict != ENGINE_SKIP || r->flaky),
        .wrong = r->baseline != REPORT_EXPECTED &&
                 (r->failed || r->verdict == ENGINE_FAIL || r->verdict == ENGINE_ERROR),
        .where = report_where_wrong(r),
    };
    if (kept->differed && kept->step < r->test->step_count) {
        told.where.line = r->test->steps[kept->step].line;
        told.where.column = r->test->steps[kept->step].column;
    }
    return told;
}

/* The events where no other ones stand behind them, as the log has them. */
static void take_events(struct told *told, const struct kept *kept)
{
    struct report_result *r = &told->result;
    struct engine_event *events = fuzz_take(r->event_count * sizeof *events);
    told->texts = fuzz_copy(buffer_slice(&kept->log.octets));
    for (size_t i = 0; i < r->event_count; i++) {
        events[i] = r->events[i];
        if (events[i].text.len > 0)
            events[i].text.ptr = told->texts.ptr + (events[i].text.ptr - kept->log.octets.ptr);
        if (events[i].sent.len > 0)
            events[i].sent.ptr = told->texts.ptr + (events[i].sent.ptr - kept->log.octets.ptr);
    }
    r->events = events;
}

static void give_events(struct told *told)
{
    fuzz_give((void *)(uintptr_t)told->result.events);
    fuzz_free(told->result.reason);
    fuzz_free(told->texts);
}

#define MAX_KINDS 16

/* A run, and what each report makes of it. */
struct run {
    struct report_server servers[2];
    struct report_run run, colored; /* the latter for kinds behind `plain_count` */
    struct report_end end;
    struct all_told told;
    const struct report_kind *kinds[MAX_KINDS];
    size_t kind_count, plain_count;
    void *states[MAX_KINDS];
    struct buffer out[MAX_KINDS];
};

/* TAP of both versions is the same behind its first line: one of them, by the knob. */
static void choose_kinds(struct run *run, size_t knob)
{
    const char *other = knob / 36 % 2 == 1 ? "tap" : "tap13";
    FUZZ_LAW(report_kind_count <= MAX_KINDS, "there is room for each report");
    for (size_t i = 0; i < report_kind_count; i++)
        if (strcmp(report_kinds[i].name, other) != 0)
            run->kinds[run->kind_count++] = &report_kinds[i];
    run->plain_count = run->kind_count;
    run->kinds[run->kind_count++] = run->kinds[knob / 72 % 3]; /* those for a terminal */
    FUZZ_LAW(run->kind_count <= MAX_KINDS, "there is room for colours");
}

/* What takes long, playing, is done once for all reports; none may keep what is the log's. */
static void add_result(struct run *run, const struct play *p, const struct script_test *test,
                       size_t server)
{
    struct kept kept = {.differed = false};
    struct report_result r = {.script = p->script,
                              .test = test,
                              .server = server,
                              .taken_ms = 12 + 331 * (p->knob + run->told.count),
                              .attempts = 1,
                              .repeat = 1 + p->knob % 2,
                              .repeats = 1 + p->knob / 9 % 2 * 2,
                              .variant = p->words[3],
                              .id = test->id.len > 0 ? test->id : p->words[2]};
    struct slice octets = p->octets;
    if (server > 0 && p->knob / 4 % 2 == 1) /* another server says something else */
        report_line(&octets);
    r.verdict = play(test, octets, &kept);
    judge(&r, p);
    log_result(&kept.log, &r);
    struct told *told = &run->told.results[run->told.count++];
    *told = told_of(&r, &kept);
    told->result = r;
    take_events(told, &kept);
    r.events = told->result.events;
    r.reason = told->result.reason = fuzz_copy(buffer_slice(&kept.reason));
    buffer_free(&kept.reason);
    log_free(&kept.log);
    for (size_t i = 0; i < run->kind_count; i++)
        run->kinds[i]->result(run->states[i], &r);
    report_count(&run->end.totals, &r);
}

static void write_reports(struct run *run, const struct play *p)
{
    size_t tests = p->script->test_count < MAX_TESTS ? p->script->test_count : MAX_TESTS;
    choose_kinds(run, p->knob);
    run->servers[0] = (struct report_server){p->words[0], p->words[1]};
    run->servers[1] = (struct report_server){SLICE("two"), p->words[1]};
    run->run = (struct report_run){.version = SLICE("1"),
                                   .started = SLICE("2026-01-02T03:04:05"),
                                   .servers = run->servers,
                                   .server_count = 1 + p->knob / 3 % 2,
                                   .planned = tests * 2,
                                   .style = (enum pretty_style)(p->knob / 6 % 3),
                                   .trace = p->knob / 18 % 2 == 1};
    run->end = (struct report_end){.taken_ms = 1234,
                                   .stopped = p->knob % 5 == 1 ? p->words[5] : SLICE("")};
    run->colored = run->run;
    run->colored.color = true;
    for (size_t i = 0; i < run->kind_count; i++)
        run->states[i] = run->kinds[i]->begin(buffer_sink(&run->out[i]),
                                              i < run->plain_count ? &run->run : &run->colored);
    for (size_t i = 0; i < tests; i++)
        for (size_t server = 0; server < run->run.server_count; server++)
            add_result(run, p, &p->script->tests[i], server);
    run->end.not_played = run->run.planned - run->told.count;
    for (size_t i = 0; i < run->kind_count; i++)
        run->kinds[i]->end(run->states[i], &run->end);
}

/* ---- the input ---- */

static bool take(struct slice *text, struct slice word)
{
    bool there = slice_starts(*text, word);
    *text = slice_from(*text, there ? word.len : 0);
    return there;
}

/* Replies that hold a secret: "${pass}" and "${pass64}" stand for it. */
static struct slice with_secrets(struct slice octets)
{
    struct writer out = fuzz_writer(2 * octets.len);
    while (octets.len > 0) {
        size_t run = slice_find(octets, '$');
        writer_put(&out, slice_sub(octets, 0, run));
        octets = slice_from(octets, run);
        if (take(&octets, SLICE("${pass}")))
            writer_put(&out, SLICE(TOLD_SECRET));
        else if (take(&octets, SLICE("${pass64}")))
            writer_put(&out, SLICE(TOLD_SECRET_64));
        else if (take(&octets, SLICE("$")))
            writer_put_octet(&out, '$');
    }
    struct slice copy = fuzz_copy(writer_slice(&out));
    fuzz_free_writer(&out);
    return copy;
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    told_begin();
    struct slice in = slice_of(data, size), octets;
    struct slice text = fuzz_peer_script(in, &octets);
    struct script_options options = {.name = SLICE("a b.smtp")};
    struct play p = {.script = script_load(text, &options),
                     .octets = with_secrets(octets),
                     .knob = fuzz_knob(in, 0, 256)};
    for (size_t i = 0; i < sizeof p.words / sizeof *p.words && octets.len > 0; i++)
        p.words[i] = report_line(&octets);
    /* Who writes a secret into the script shows it. */
    bool secret = !told_holds(in, SLICE("hid9")) && !told_holds(in, SLICE("aGlkOW"));
    struct run run = {.told = {.count = 0}};
    shown_check(p.script, octets, p.knob);
    write_reports(&run, &p);
    run.told.run = &run.run;
    run.told.end = &run.end;
    for (size_t i = 0; i < run.plain_count; i++)
        told_check(run.kinds[i], buffer_slice(&run.out[i]), &run.told, secret);
    seen_check_colors(buffer_slice(&run.out[p.knob / 72 % 3]),
                      buffer_slice(&run.out[run.plain_count]));
    for (size_t i = 0; i < run.kind_count; i++)
        buffer_free(&run.out[i]);
    for (size_t i = 0; i < run.told.count; i++)
        give_events(&run.told.results[i]);
    script_free(p.script);
    fuzz_free(p.octets);
    FUZZ_LAW(fuzz_held() == 0, "what JSON and XML took is given back");
    return 0;
}
