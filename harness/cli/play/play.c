#define _POSIX_C_SOURCE 200809L

#include "cli/play/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/play/attempt.h"
#include "cli/play/baseline.h"
#include "cli/play/dry.h"
#include "cli/play/embed.h"
#include "cli/play/reports.h"
#include "cli/play/sanity.h"
#include "cli/play/segment.h"
#include "cli/play/select.h"
#include "cli/play/update.h"
#include "report/agreement.h"

#define MAX_JOBS 1000

/* What came of one case; kept until it is its turn in the reports. */
struct outcome {
    struct report_result result;
    struct log log;
    char variant[48]; /* --segment: the cut at which it went another way */
};

/* Where one case at a time is played, attempt by attempt. Case number ((test * repeats) + repeat) *
 * servers + server. */
struct slot {
    struct attempt attempt; /* first, so that what ends an attempt finds its slot */
    struct play *play;
    size_t number;
    struct peer *peer;
    struct outcome *outcome;
    struct log later; /* of the attempts after the first */
    size_t attempts;
    size_t sent;               /* octets that were sent as written */
    enum engine_verdict plain; /* the verdict as written */
    bool flaky;                /* a later attempt passed */
};

struct play {
    const struct options *options;
    enum play_mode mode;
    struct attempt_setting setting; /* setting.loop moves it all */
    struct embed *embed;
    struct peer peers[OPTIONS_MAX_SERVERS];
    struct report_server servers[OPTIONS_MAX_SERVERS];
    size_t server_count;
    struct contexts contexts;
    struct selection selection;
    struct baseline baseline;
    struct update *update; /* --update */
    struct reports reports;
    /* cases */
    size_t case_count, next, reported;
    struct outcome **outcomes; /* NULL: not played yet */
    struct outcome *spare;     /* whose memory the next case takes, or NULL */
    size_t turn;               /* the case that is reported next */
    struct slot *slots;
    size_t slot_count, active;
    size_t failed;              /* results that make the run fail */
    size_t server_differences;  /* --recorded: what the server's side saw */
    size_t differing;           /* compare: tests at which servers differ */
    struct agreement agreement; /* compare: about the test that is reported */
    bool interrupted, ended;    /* ended: by --fail-fast */
    bool dead;
    char stopped[600]; /* why the run ended early */
};

static void start_cases(struct play *p);

/* ---- reporting in order ---- */

static bool fails(const struct play *p, const struct report_result *r)
{
    bool informs = r->test->level == SCRIPT_LEVEL_INTEROP;
    if (r->baseline != REPORT_NOT_LISTED && r->baseline != REPORT_OTHERWISE)
        return r->baseline == REPORT_UNEXPECTED_PASS;
    if (r->verdict == ENGINE_FAIL)
        return true;
    return p->options->strict && (r->flaky || (r->verdict == ENGINE_WARN && !informs));
}

static void report(struct play *p, struct outcome *outcome)
{
    struct report_result *r = &outcome->result;
    log_result(&outcome->log, r);
    for (size_t i = 0; i < r->event_count; i++)
        if (r->events[i].kind == ENGINE_EVENT_VERDICT && !r->flaky)
            r->reason = r->events[i].text;
    if (p->options->baseline != NULL)
        baseline_judge(&p->baseline, r);
    r->failed = fails(p, r);
    if (p->mode == PLAY_COMPARE)
        p->differing += agreement_add(&p->agreement, r);
    reports_result(&p->reports, r);
    if (p->update != NULL && r->variant.len == 0)
        update_collect(p->update, r);
    p->reported++;
    p->failed += r->failed;
    if (p->options->fail_fast && (r->failed || r->verdict == ENGINE_ERROR)) {
        p->ended = true;
        snprintf(p->stopped, sizeof p->stopped, "the first failure ended the run (--fail-fast)");
    }
}

static void free_outcome(struct outcome *outcome)
{
    if (outcome != NULL)
        log_free(&outcome->log);
    free(outcome);
}

static struct outcome *take_outcome(struct play *p)
{
    struct outcome *outcome = p->spare;
    p->spare = NULL;
    if (outcome == NULL)
        *(outcome = report_grown(NULL, sizeof *outcome)) = (struct outcome){.log = {.count = 0}};
    return outcome;
}

static void give_outcome(struct play *p, struct outcome *outcome)
{
    free_outcome(p->spare);
    log_clear(&outcome->log);
    p->spare = outcome;
}

/* Reports what is done, up to the first case that is not; `all`: past those that were not played.
 */
static void report_done(struct play *p, bool all)
{
    for (; p->turn < p->next && !p->ended && (all || p->outcomes[p->turn] != NULL); p->turn++) {
        struct outcome *outcome = p->outcomes[p->turn];
        if (outcome == NULL)
            continue;
        report(p, outcome);
        give_outcome(p, outcome);
        p->outcomes[p->turn] = NULL;
    }
}

/* ---- cases ---- */

static const struct selected *test_of(const struct play *p, size_t number)
{
    return &p->selection.tests[number / p->server_count / p->options->repeat];
}

static void abort_all(struct play *p)
{
    for (size_t i = 0; i < p->slot_count; i++)
        attempt_abort(&p->slots[i].attempt);
}

/* This attempt went wrong: by itself, or beside the test as it is written. */
static bool went_wrong(const struct slot *slot)
{
    bool failed = slot->attempt.verdict == ENGINE_FAIL || slot->attempt.verdict == ENGINE_ERROR;
    return failed || (slot->attempt.variant > 0 && slot->attempt.verdict == ENGINE_WARN &&
                      slot->plain != ENGINE_WARN);
}

static bool over(const struct play *p)
{
    return p->interrupted || p->ended;
}

static bool again(const struct slot *slot)
{
    const struct play *p = slot->play;
    return went_wrong(slot) && slot->attempt.connected && slot->attempts <= p->options->retry &&
           !over(p);
}

static void finish_case(struct slot *slot)
{
    struct play *p = slot->play;
    struct report_result *r = &slot->outcome->result;
    bool varied = slot->attempt.variant > 0 && (went_wrong(slot) || slot->flaky);
    r->verdict = varied || slot->attempt.variant == 0 ? slot->attempt.verdict : slot->plain;
    r->attempts = slot->attempts;
    r->flaky = slot->flaky;
    r->taken_ms = net_now(p->setting.loop) - r->began_ms;
    if (varied) {
        segment_name(p->options->segment, slot->attempt.variant, slot->outcome->variant,
                     sizeof slot->outcome->variant);
        r->variant = slice_of_cstr(slot->outcome->variant);
    }
    p->outcomes[slot->number] = slot->outcome;
    slot->outcome = NULL;
    p->active--;
    if (!slot->attempt.connected)
        slot->peer->suspect = true;
    report_done(p, false);
    if (p->ended)
        abort_all(p);
}

static void keep_log(struct slot *slot)
{
    struct log first = slot->later;
    slot->later = slot->outcome->log;
    slot->outcome->log = first;
}

/* --segment: whether the test is played with its writes cut in yet another way. */
static bool next_variant(struct slot *slot)
{
    const struct play *p = slot->play;
    bool sound = slot->attempt.verdict == ENGINE_PASS || slot->attempt.verdict == ENGINE_WARN;
    if (over(p) || slot->flaky || went_wrong(slot) || (slot->attempt.variant == 0 && !sound) ||
        slot->attempt.variant >= segment_count(p->options->segment, slot->attempt.test, slot->sent))
        return false;
    if (slot->attempt.variant++ == 0)
        slot->plain = slot->attempt.verdict;
    slot->attempts = 0;
    return true;
}

static void start_attempt(struct slot *slot)
{
    slot->attempts++;
    attempt_start(&slot->attempt);
}

static void finished(struct attempt *attempt)
{
    struct slot *slot = (struct slot *)attempt;
    slot->flaky = slot->attempts > 1 && !went_wrong(slot);
    if (attempt->variant == 0)
        slot->sent = attempt->sent;
    else if (slot->attempts == 1 && went_wrong(slot))
        keep_log(slot); /* the reports show the first attempt that went wrong */
    if (again(slot) || next_variant(slot)) {
        attempt->log = &slot->later;
        log_clear(attempt->log);
        start_attempt(slot);
        return;
    }
    finish_case(slot);
    start_cases(slot->play);
    if (slot->play->active == 0)
        net_stop(slot->play->setting.loop);
}

static void start_case(struct slot *slot, size_t number)
{
    struct play *p = slot->play;
    const struct selected *selected = test_of(p, number);
    size_t server = number % p->server_count;
    slot->number = number;
    slot->peer = &p->peers[server];
    slot->outcome = take_outcome(p);
    slot->attempts = slot->sent = 0;
    slot->flaky = false;
    slot->attempt = (struct attempt){.setting = &p->setting,
                                     .test = selected->test,
                                     .peer = slot->peer,
                                     .log = &slot->outcome->log,
                                     .finished = finished};
    slot->outcome->result =
        (struct report_result){.script = selected->script,
                               .test = selected->test,
                               .id = selected->id,
                               .server = server,
                               .repeat = number / p->server_count % p->options->repeat + 1,
                               .repeats = p->options->repeat,
                               .began_ms = net_now(p->setting.loop)};
    p->active++;
    start_attempt(slot);
}

/* A server that refused a connection is asked first whether it lives; until then nothing begins. */
static bool may_start(const struct play *p)
{
    bool suspect = false;
    for (size_t i = 0; i < p->server_count; i++)
        suspect = suspect || (p->peers[i].suspect && !p->peers[i].dead);
    return !p->interrupted && !p->ended && !suspect;
}

static void start_cases(struct play *p)
{
    for (size_t i = 0; i < p->slot_count && p->next < p->case_count && may_start(p); i++) {
        if (p->slots[i].attempt.drive != NULL)
            continue;
        while (p->next < p->case_count && p->peers[p->next % p->server_count].dead)
            p->next++;
        if (p->next < p->case_count)
            start_case(&p->slots[i], p->next++);
    }
}

/* ---- does the target live ---- */

static bool asks_whether_it_lives(const struct play *p)
{
    if (p->mode == PLAY_REPLAY || p->options->sanity == SANITY_NEVER)
        return false;
    return p->options->sanity == SANITY_ALWAYS || p->case_count > p->server_count;
}

static void declare_dead(struct play *p, struct peer *peer, const char *when, const char *why)
{
    peer->dead = p->dead = true;
    snprintf(p->stopped, sizeof p->stopped, "%s does not answer as a mail server %s: %s", peer->url,
             when, why);
}

/* Asks every server, or those that are suspect. */
static void ask(struct play *p, const char *when, bool suspects)
{
    char why[300];
    for (size_t i = 0; i < p->server_count && !p->interrupted; i++) {
        struct peer *peer = &p->peers[i];
        if (peer->dead || (suspects && !peer->suspect))
            continue;
        peer->suspect = false;
        if (suspects && !asks_whether_it_lives(p))
            peer->dead = true; /* the test itself says why there is no connection */
        else if (!sanity_lives(&p->setting, peer, &p->interrupted, why, sizeof why) &&
                 !p->interrupted)
            declare_dead(p, peer, when, why);
    }
}

/* ---- the server in this process ---- */

static const struct script_test *recorded_test(void *context)
{
    const struct play *p = context;
    return p->slots[0].attempt.test;
}

/* What the recorded server saw of the client: its side must hold as well. */
static void recorded_emit(void *context, const struct engine_event *event)
{
    struct play *p = context;
    if (event->kind != ENGINE_EVENT_DIFFERED)
        return;
    p->server_differences++;
    fprintf(stderr, "the server's side: %s: ", engine_fault_text(event->fault));
    sink_visible((struct sink){load_put, stderr}, event->text, 100);
    fputc('\n', stderr);
}

static bool start_embedded(struct play *p)
{
    struct peer *peer = &p->peers[0];
    struct embed_config config = {
        .loop = p->setting.loop,
        .options = p->options,
        .host = "127.0.0.1",
        .next = p->options->recorded ? recorded_test : NULL,
        .emit = recorded_emit,
        .context = p,
    };
    p->embed = embed_start(&config);
    if (p->embed == NULL)
        return false;
    p->contexts.trust = embed_tls(p->embed);
    p->setting.store = embed_store(p->embed);
    peer->target = (struct target){.host = "127.0.0.1",
                                   .port = embed_port(p->embed),
                                   .tls = p->options->tls,
                                   .lmtp = p->options->mode == SERVER_LMTP};
    target_write(&peer->target, peer->url, sizeof peer->url);
    size_t len = strlen(peer->url);
    snprintf(peer->url + len, sizeof peer->url - len, " (%s)",
             p->options->recorded ? "answers as recorded" : "the reference server");
    p->server_count = 1;
    return true;
}

static bool usage(const char *what, struct slice server)
{
    fprintf(stderr, "maildrill: %s", what);
    sink_visible((struct sink){load_put, stderr}, server, 100);
    fputc('\n', stderr);
    return false;
}

/* What is told of one server alone is told of one that there is; a name is one server's. */
static bool knows_names(const struct play *p)
{
    struct slice names[OPTIONS_MAX_SERVERS];
    for (size_t i = 0; i < p->server_count; i++) {
        names[i] = p->servers[i].name;
        for (size_t k = 0; k < i && p->peers[i].target.name[0] != '\0'; k++)
            if (slice_equal(names[k], names[i]))
                return usage("two servers have the name ", names[i]);
    }
    struct slice stranger = options_stranger(p->options, names, p->server_count);
    return stranger.len == 0 || usage("no --server has that name: ", stranger);
}

/* A transcript that began under TLS is replayed so where the server is written without a scheme. */
static void follow_transcripts(const struct play *p, struct target *target)
{
    size_t tls = 0;
    for (size_t i = 0; i < p->selection.count; i++)
        tls += p->selection.tests[i].test->script->implicit_tls;
    if (p->mode != PLAY_REPLAY || tls == 0 || target->tls)
        return;
    if (target->bare && tls == p->selection.count) {
        target->tls = true;
        target->port = target->usual_port ? 465 : target->port;
    } else {
        fprintf(stderr, "maildrill: TLS came first in the transcript: smtps:// plays it so\n");
    }
}

static bool find_servers(struct play *p)
{
    const struct options *o = p->options;
    if (o->server_count == 0 && !start_embedded(p))
        return false;
    for (size_t i = 0; i < o->server_count; i++) {
        struct peer *peer = &p->peers[p->server_count++];
        if (!target_read(o->servers[i], &peer->target)) {
            fprintf(stderr,
                    "maildrill: not a server: %s\n"
                    "Write smtp://HOST:PORT, smtps://HOST:PORT, lmtp://HOST:PORT, HOST:PORT, "
                    "unix:/PATH or lmtp:unix:/PATH, each after an optional NAME=.\n",
                    o->servers[i]);
            return false;
        }
        follow_transcripts(p, &peer->target);
        target_write(&peer->target, peer->url, sizeof peer->url);
    }
    for (size_t i = 0; i < p->server_count; i++) {
        struct peer *peer = &p->peers[i];
        struct slice url = slice_of_cstr(peer->url), name = slice_of_cstr(peer->target.name);
        p->servers[i] = (struct report_server){name.len > 0 ? name : url, url};
        peer->options = *o;
        if (p->mode == PLAY_COMPARE && !options_of_server(&peer->options, p->servers[i].name))
            return usage("no such mode for the server ", p->servers[i].name);
        variables_define(&peer->variables, &peer->options, &peer->target, p->embed != NULL);
    }
    return p->mode != PLAY_COMPARE || knows_names(p);
}

/* ---- all of it ---- */

static void interrupted(void *context)
{
    struct play *p = context;
    p->interrupted = true;
    snprintf(p->stopped, sizeof p->stopped, "interrupted");
    abort_all(p);
    net_stop(p->setting.loop); /* a sanity dialogue may run */
}

static void make_slots(struct play *p)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t jobs = p->options->jobs > 0 ? p->options->jobs : cores > 0 ? (size_t)cores : 1;
    if (p->mode == PLAY_REPLAY)
        jobs = 1; /* a replay is read line by line, and --recorded answers one at a time */
    jobs = jobs > MAX_JOBS ? MAX_JOBS : jobs;
    p->slot_count = jobs < p->case_count ? jobs : p->case_count;
    p->slots = calloc(p->slot_count + 1, sizeof *p->slots);
    p->outcomes = calloc(p->case_count + 1, sizeof(struct outcome *));
    if (p->slots == NULL || p->outcomes == NULL)
        abort();
    for (size_t i = 0; i < p->slot_count; i++)
        p->slots[i].play = p;
}

static void play_cases(struct play *p)
{
    if (asks_whether_it_lives(p))
        ask(p, "before the first test", false);
    for (bool more = true; more;) {
        start_cases(p);
        while (p->active > 0)
            net_run(p->setting.loop);
        ask(p, "any more", true);
        more = !p->interrupted && !p->ended && p->next < p->case_count;
    }
    report_done(p, true);
    if (asks_whether_it_lives(p) && p->reported > 0)
        ask(p, "after the last test", false);
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
           : good == 0             ? EXIT_NOTHING
                                   : EXIT_PASS;
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
    for (size_t i = 0; p->outcomes != NULL && i < p->case_count; i++)
        free_outcome(p->outcomes[i]);
    free_outcome(p->spare);
    for (size_t i = 0; i < p->slot_count; i++)
        log_free(&p->slots[i].later);
    if (p->embed != NULL)
        embed_stop(p->embed);
    contexts_free(&p->contexts);
    agreement_free(&p->agreement);
    update_free(p->update);
    free(p->outcomes);
    free(p->slots);
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
    if (find_servers(p) && reports_open(&p->reports, p->options, kinds[p->mode])) {
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
    static struct play play; /* large, and one a process */
    struct play *p = &play;
    enum exit_code code;
    *p = (struct play){.options = options, .mode = mode};
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
