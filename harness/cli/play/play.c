#define _POSIX_C_SOURCE 200809L

#include "cli/play/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/play/dry.h"
#include "cli/play/run.h"

#define MAX_JOBS 1000

static void interrupted(void *context)
{
    struct play *p = context;
    p->interrupted = true;
    snprintf(p->stopped, sizeof p->stopped, "interrupted");
    cases_abort(p);
    net_stop(p->setting.loop); /* a sanity dialogue may run */
}

static void make_slots(struct play *p)
{
    size_t jobs = p->options->jobs;
    if (p->mode == PLAY_REPLAY)
        jobs = 1; /* a replay is read line by line, and --recorded answers one at a time */
    jobs = jobs > MAX_JOBS ? MAX_JOBS : jobs;
    p->slot_count = jobs < p->case_count ? jobs : p->case_count;
    if (p->options->segment != SEGMENT_NONE)
        p->slot_count = jobs; /* ways of one case are played side by side */
    p->slots = calloc(p->slot_count + 1, sizeof *p->slots);
    p->running = calloc(p->slot_count + 1, sizeof *p->running);
    p->outcomes = calloc(p->case_count + 1, sizeof(struct outcome *));
    if (p->slots == NULL || p->running == NULL || p->outcomes == NULL)
        abort();
    for (size_t i = 0; i < p->slot_count; i++)
        p->slots[i].play = p;
}

static void play_cases(struct play *p)
{
    if (servers_are_asked(p))
        servers_ask(p, "before the first test", false);
    for (bool more = true; more;) {
        cases_start(p);
        while (p->active > 0)
            net_run(p->setting.loop);
        servers_ask(p, "any more", true);
        more = !p->interrupted && !p->ended && p->next < p->case_count;
    }
    cases_report(p, true);
    if (servers_are_asked(p) && p->reported > 0)
        servers_ask(p, "after the last test", false);
}

static enum exit_code judge(const struct play *p)
{
    const struct report_totals *t = &p->reports.totals;
    const struct options *o = p->options;
    size_t good = t->pass + t->warn + t->flaky + t->expected;
    if (p->interrupted)
        return EXIT_INTERRUPTED;
    if (p->dead)
        return EXIT_CONNECT;
    if (p->mode == PLAY_COMPARE && p->differing > 0)
        return EXIT_FAIL;
    if (p->mode != PLAY_COMPARE && p->failed + p->server_differences > 0)
        return EXIT_FAIL;
    if (t->error > 0 && p->mode != PLAY_COMPARE)
        return EXIT_CONNECT;
    size_t played = good + t->fail + t->error + t->unexpected;
    if (played < o->min_tests) {
        fprintf(stderr, "maildrill: %zu %s played, where --min-tests asks for %zu\n", played,
                played == 1 ? "test was" : "tests were", o->min_tests);
        return EXIT_NOTHING;
    }
    return p->mode == PLAY_COMPARE ? (p->reported > 0 ? EXIT_PASS : EXIT_NOTHING)
           : good + p->updated > 0 ? EXIT_PASS
                                   : EXIT_NOTHING;
}

static void write_started(char *out, size_t size)
{
    time_t seconds = time(NULL);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(out, size, "%Y-%m-%dT%H:%M:%S", &utc);
}

static enum exit_code play_and_report(struct play *p)
{
    static const enum pretty_style styles[] = {[PLAY_RUN] = PRETTY_RUN,
                                               [PLAY_REPLAY] = PRETTY_REPLAY,
                                               [PLAY_COMPARE] = PRETTY_RUN,
                                               [PLAY_CONFORM] = PRETTY_RUN};
    const struct options *o = p->options;
    char started[32];
    write_started(started, sizeof started);
    struct report_run run = {
        .version = SLICE(MAILDRILL_VERSION),
        .started = slice_of_cstr(started),
        .servers = p->servers,
        .server_count = p->server_count,
        .planned = p->case_count,
        .style = styles[p->mode],
        .color = reports_want_color(o),
        .quiet = o->quiet,
        .trace = o->trace,
    };
    uint64_t began = net_now(p->setting.loop);
    reports_begin(&p->reports, &run);
    play_cases(p);
    struct report_end end = {.taken_ms = net_now(p->setting.loop) - began,
                             .not_played = p->case_count - p->reported,
                             .stopped = slice_of_cstr(p->stopped),
                             .dead = p->dead};
    bool written = reports_end(&p->reports, &end);
    if (p->update != NULL && !update_write(p->update))
        written = false;
    return written ? judge(p) : EXIT_USAGE;
}

static void clean_up(struct play *p)
{
    cases_free(p);
    if (p->embed != NULL)
        embed_stop(p->embed);
    for (size_t i = 0; i < p->server_count; i++)
        folder_close(p->peers[i].folder);
    contexts_free(&p->contexts);
    agreement_free(&p->agreement);
    update_free(p->update);
    net_loop_free(p->setting.loop);
}

static enum exit_code play_selected(struct play *p)
{
    static const char *const kinds[] = {[PLAY_RUN] = "pretty",
                                        [PLAY_REPLAY] = "pretty",
                                        [PLAY_COMPARE] = "matrix",
                                        [PLAY_CONFORM] = "sections"};
    enum exit_code code = EXIT_USAGE;
    p->contexts.options = p->options;
    p->setting =
        (struct attempt_setting){.options = p->options,
                                 .loop = net_loop_new(),
                                 .contexts = &p->contexts,
                                 .timeout_ms = p->options->timeout_ms,
                                 .replay = p->mode == PLAY_REPLAY,
                                 .keep_going = p->mode == PLAY_REPLAY || p->options->update};
    if (servers_find(p) && reports_open(&p->reports, p->options, kinds[p->mode])) {
        p->case_count = p->selection.count * p->options->repeat * p->server_count;
        p->update = p->options->update ? update_new() : NULL;
        make_slots(p);
        struct net_signals *signals = net_signals_new(p->setting.loop, interrupted, p);
        code = play_and_report(p);
        net_signals_free(signals);
    }
    clean_up(p);
    return code;
}

static enum exit_code play_all(const struct options *options, const struct load *load,
                               enum play_mode mode)
{
    /* Large, and one a process: what is zero already is not written, so that its pages stay
     * untouched. */
    static struct play play;
    struct play *p = &play;
    enum exit_code code;
    p->options = options;
    p->mode = mode;
    if (!select_tests(&p->selection, load, options))
        return EXIT_USAGE;
    if (p->selection.count == 0)
        fprintf(stderr, "maildrill: none of the tests was asked for: see --filter, --tag, --level, "
                        "--rfc and --shard\n");
    if (options->list) {
        select_list(&p->selection);
        code = p->selection.count > 0 ? EXIT_PASS : EXIT_NOTHING;
    } else if (options->baseline != NULL &&
               !baseline_read(&p->baseline, options->baseline, &p->selection)) {
        code = EXIT_SCRIPT;
    } else if (options->dry_run) {
        code = dry_run(options, &p->selection);
    } else {
        code = play_selected(p);
    }
    baseline_free(&p->baseline);
    select_free(&p->selection);
    return code;
}

enum exit_code play_files(const struct options *options, enum play_mode mode, const char *command)
{
    struct load load;
    enum exit_code code = EXIT_SCRIPT;
    if (load_all(&load, options, false) && load.errors == 0) {
        code = EXIT_NOTHING;
        if (load.count == 0)
            fprintf(stderr, "maildrill %s: no script (*.smtp, *.txt) found\n", command);
        else
            code = play_all(options, &load, mode);
    }
    load_free(&load);
    return code;
}
