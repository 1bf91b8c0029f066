#define _GNU_SOURCE

#include "cli/fuzz/lead.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/fuzz/death.h"
#include "cli/fuzz/hoard.h"
#include "cli/fuzz/manner.h"
#include "cli/fuzz/progress.h"
#include "cli/fuzz/seed.h"
#include "cli/fuzz/tells.h"
#include "cli/fuzz/verify.h"
#include "cli/play/load.h"

#define LOOK_MS         50 /* between two looks at what the workers do */
#define GRACE_US        20000000
#define MANY_MEMORY_KIB 65536

struct leader {
    struct campaign campaign;
    struct process process;
    struct net_tls *tls;
    struct verify verify;
    pid_t pids[CAMPAIGN_MAX_JOBS];
    struct survey survey;
    uint64_t begun_us;
    uint64_t memory_kib; /* of the server, at its start */
    bool grown;          /* it was said that it has, */
    bool hoards;         /* and it is known why */
    size_t deaths, known_deaths;
    struct deaths known;
    bool dead; /* the server is gone, and not ours to start */
};

static volatile sig_atomic_t told_to_stop;

static void on_signal(int number)
{
    (void)number;
    told_to_stop = 1;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static bool interrupted(void)
{
    return told_to_stop != 0;
}

/* When the time is over, what is being looked into has a while; the rest is for another run. */
static uint64_t end_us = UINT64_MAX;

static bool is_over(void)
{
    return interrupted() || wire_now_us() > end_us;
}

static bool gives_up(void)
{
    return interrupted() || (is_over() && wire_now_us() - end_us > GRACE_US);
}

/* ---- figures ---- */

static uint64_t sum_dialogues(const struct leader *l)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < l->campaign.jobs; i++)
        sum += atomic_load(&l->campaign.shared->workers[i].dialogues);
    return sum;
}

/* ---- workers ---- */

static bool start_workers(struct leader *l)
{
    for (size_t i = 0; i < l->campaign.jobs; i++) {
        l->pids[i] = fork();
        if (l->pids[i] == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            worker_run(&l->campaign, i);
        }
        if (l->pids[i] < 0)
            return false;
    }
    return true;
}

static void signal_workers(const struct leader *l, int number)
{
    for (size_t i = 0; i < l->campaign.jobs; i++)
        if (l->pids[i] > 0)
            kill(l->pids[i], number);
}

/* How many still run. */
static size_t count_workers(struct leader *l)
{
    size_t count = 0;
    for (size_t i = 0; i < l->campaign.jobs; i++) {
        if (l->pids[i] > 0 && waitpid(l->pids[i], NULL, WNOHANG) == l->pids[i])
            l->pids[i] = 0;
        count += l->pids[i] > 0;
    }
    return count;
}

static void sleep_ms(long ms)
{
    struct timespec pause = {.tv_nsec = ms * 1000000};
    nanosleep(&pause, NULL);
}

/* Until each is between two dialogues, or cannot get there. */
static void pause_workers(struct leader *l)
{
    bool all = false;
    atomic_store(&l->campaign.shared->pause, true);
    for (unsigned i = 0; i < 1000 && !all && count_workers(l) > 0; i++) {
        sleep_ms(5);
        all = true;
        for (size_t k = 0; k < l->campaign.jobs; k++)
            all = all && (l->pids[k] == 0 || atomic_load(&l->campaign.shared->workers[k].paused));
    }
}

static void resume_workers(const struct leader *l)
{
    atomic_store(&l->campaign.shared->pause, false);
}

static void be_alone(void *context, bool alone)
{
    if (alone)
        pause_workers(context);
    else
        resume_workers(context);
}

static void stop_workers(struct leader *l)
{
    atomic_store(&l->campaign.shared->stop, true);
    for (unsigned i = 0; i < 60 && count_workers(l) > 0; i++)
        sleep_ms(LOOK_MS);
    signal_workers(l, SIGKILL);
    for (size_t i = 0; i < l->campaign.jobs; i++)
        if (l->pids[i] > 0)
            waitpid(l->pids[i], NULL, 0);
}

/* ---- what they find ---- */

static void look_into_report(struct leader *l, const char *name, struct slice octets)
{
    bool before = strstr(name, "-before-") != NULL; /* the dialogue before the one that is blamed */
    if (!before) {
        progress_hide();
        printf("the server was reported by a sanitizer\n");
        fflush(stdout);
    }
    if (!verify_crash(&l->verify, octets, true) && !before)
        verify_unconfirmed(&l->verify, name, octets);
    l->dead = !verify_start(&l->verify);
    l->memory_kib = process_memory_kib(&l->process);
    process_reported(&l->process);
}

static void look_into(struct leader *l, const char *name)
{
    char file[300], path[4500];
    struct slice octets;
    snprintf(file, sizeof file, "candidates/%s", name);
    campaign_path(&l->campaign, file, path, sizeof path);
    if (!load_read(path, &octets))
        return;
    /* One that closes may be away for a while, and is for everybody; what a sanitizer reports is
     * looked for in a server that is started anew. */
    bool reported = strncmp(name, "sanitizer", strlen("sanitizer")) == 0;
    bool alone = reported || strncmp(name, "closed", strlen("closed")) == 0 ||
                 strncmp(name, "session-leak", strlen("session-leak")) == 0;
    if (alone)
        pause_workers(l);
    if (reported)
        look_into_report(l, name, octets);
    else
        verify_candidate(&l->verify, name, octets);
    if (alone)
        resume_workers(l);
    catch_signals();
    free((void *)(uintptr_t)octets.ptr);
    if (!gives_up())
        unlink(path);
}

/* What is worst comes first; what is told by a reply that does not come takes long, and comes last.
 */
static unsigned rank_of(const char *name)
{
    struct slice key = slice_of_cstr(name);
    const char *severity = "high";
    if (slice_holds(key, SLICE("no-reply")))
        return UINT_MAX;
    for (unsigned i = 1; i < ORACLE_COUNT; i++)
        if (slice_starts(key, slice_of_cstr(oracle_rows[i].name)))
            severity = oracle_rows[i].severity;
    return strcmp(severity, "high") == 0 ? 0 : strcmp(severity, "medium") == 0 ? 1 : 2;
}

/* The next one, into `name`. */
static bool next_candidate(const struct leader *l, char *name, size_t size)
{
    char path[4200];
    DIR *folder = opendir(campaign_path(&l->campaign, "candidates", path, sizeof path));
    name[0] = '\0';
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.' && (name[0] == '\0' || rank_of(entry->d_name) < rank_of(name)))
            snprintf(name, size, "%s", entry->d_name);
    if (folder != NULL)
        closedir(folder);
    return name[0] != '\0';
}

static void look_into_candidates(struct leader *l)
{
    char name[256];
    while (!gives_up() && next_candidate(l, name, sizeof name))
        look_into(l, name);
}

/* Of those said last, the ones that the server ended (`ended`), or the others. */
static bool find_killer_among(struct leader *l, bool ended)
{
    for (uint64_t back = 1; back <= CAMPAIGN_LAST; back++)
        for (size_t i = 0; i < l->campaign.jobs && !gives_up(); i++) {
            struct campaign_worker *worker = &l->campaign.shared->workers[i];
            uint64_t said = atomic_load(&worker->said);
            struct campaign_said *last = &worker->last[(said - back) % CAMPAIGN_LAST];
            if (said >= back && (last->ended[0] != '\0') == ended &&
                verify_crash(&l->verify, slice_of(last->octets, last->len), false)) {
                death_found(&l->known, last, l->verify.crash);
                return true;
            }
        }
    return false;
}

/* Whoever spoke last may have killed it. */
static bool find_killer(struct leader *l)
{
    return (sum_dialogues(l) == 0 && verify_crash(&l->verify, manner_probe, false)) ||
           find_killer_among(l, true) || find_killer_among(l, false);
}

static void save_last(const struct leader *l)
{
    char name[64], path[4200];
    for (size_t i = 0; i < l->campaign.jobs; i++)
        for (size_t k = 0; k < CAMPAIGN_LAST; k++) {
            const struct campaign_said *last = &l->campaign.shared->workers[i].last[k];
            snprintf(name, sizeof name, "unconfirmed/death-%zu-%zu-%zu.octets", l->deaths, i, k);
            campaign_write(campaign_path(&l->campaign, name, path, sizeof path),
                           slice_of(last->octets, last->len));
        }
}

/* A server that others start again is waited for; why it was away may be found already. */
static bool find_reason(struct leader *l)
{
    size_t before = l->verify.findings;
    if (l->process.command == NULL) {
        if (!process_lives(&l->process) || !verify_start(&l->verify))
            return false;
        look_into_candidates(l);
    }
    return l->verify.findings > before || find_killer(l);
}

static void look_into_death(struct leader *l, const char *what, bool hangs)
{
    pause_workers(l);
    l->survey.deaths = ++l->deaths;
    bool known = l->process.command != NULL && death_known(&l->known, &l->campaign);
    l->known_deaths += known;
    if (!known) {
        progress_hide();
        printf("the server %s\n", what);
        fflush(stdout);
    }
    if (l->process.command != NULL && hangs)
        process_stop(&l->process); /* it is started again where it is gone only */
    bool found = known || find_reason(l);
    if (!found) {
        save_last(l);
        printf(
            "         no dialogue of the last ones does that alone: they stand in %s/unconfirmed\n",
            l->campaign.out);
    }
    catch_signals();
    l->dead = !verify_start(&l->verify);
    l->memory_kib = process_memory_kib(&l->process);
    process_reported(&l->process);
    for (size_t i = 0; i < l->campaign.jobs; i++)
        atomic_store(&l->campaign.shared->workers[i].down, false);
    resume_workers(l);
}

static bool any_down(const struct leader *l)
{
    for (size_t i = 0; i < l->campaign.jobs; i++)
        if (atomic_load(&l->campaign.shared->workers[i].down))
            return true;
    return false;
}

static void look_at_server(struct leader *l)
{
    bool down = any_down(l);
    if (!process_lives(&l->process))
        look_into_death(l, "has ended", false);
    else if (down && !verify_lives(&l->verify))
        look_into_death(l, "does not answer any more", true);
    else if (down)
        for (size_t i = 0; i < l->campaign.jobs; i++)
            atomic_store(&l->campaign.shared->workers[i].down, false);
}

/* What made it hang is looked into before what was seen of that: a reply that is missing. */
static void look_before_candidates(struct leader *l)
{
    if (l->process.command == NULL || campaign_count(&l->campaign, "candidates") == 0)
        return;
    pause_workers(l);
    bool hangs = process_lives(&l->process) && !verify_lives(&l->verify);
    resume_workers(l);
    if (hangs)
        look_into_death(l, "does not answer any more", true);
}

/* Of a server that is ours to start, which dialogue it keeps. */
static void look_at_memory(struct leader *l)
{
    uint64_t kib = process_memory_kib(&l->process), each = 0;
    if (l->grown || kib < 4 * l->memory_kib || kib < l->memory_kib + MANY_MEMORY_KIB)
        return;
    l->grown = true;
    progress_hide();
    printf("the memory of the server has grown from %" PRIu64 " to %" PRIu64 " KiB\n",
           l->memory_kib, kib);
    fflush(stdout);
    if (l->process.command == NULL)
        return;
    pause_workers(l);
    l->hoards = hoard_find(&l->verify, &each);
    if (l->hoards)
        printf("         %" PRIu64 " KiB stay of each dialogue like %s/unconfirmed/memory.octets\n",
               each, l->campaign.out);
    catch_signals();
    l->dead = !verify_start(&l->verify);
    l->memory_kib = process_memory_kib(&l->process);
    resume_workers(l);
}

/* ---- what people see ---- */

static void put_summary(struct leader *l)
{
    progress_end(&l->survey);
    if (l->survey.before.dialogues > 0)
        printf("with earlier runs: %" PRIu64 " dialogues\n",
               l->survey.before.dialogues + sum_dialogues(l));
    if (l->deaths > 0)
        printf("deaths of the server: %zu, of which %zu were like one that was looked into\n",
               l->deaths, l->known_deaths);
    uint64_t memory = process_memory_kib(&l->process);
    if (memory > 0)
        printf("memory of the server, since it was started: %" PRIu64 " KiB at first, %" PRIu64
               " KiB at last\n",
               l->memory_kib, memory);
    printf("findings%s: %zu, in %s/findings/*.smtp; what was sent: %s/sent-*.log\n",
           l->survey.before.dialogues > 0 ? " with earlier runs'" : "",
           campaign_count(&l->campaign, "findings") / 2, l->campaign.out, l->campaign.out);
    size_t left = campaign_count(&l->campaign, "candidates");
    if (left > 0)
        printf(
            "not looked into for want of time: %zu; a further run with the same --out does that\n",
            left);
    printf("the whole of it as a page: %s/campaign.html\n", l->campaign.out);
}

/* ---- the campaign ---- */

static void write_record(struct leader *l, const char *stopped)
{
    l->survey.last_kib = process_memory_kib(&l->process);
    l->survey.first_kib = l->survey.last_kib > 0 ? l->memory_kib : 0;
    survey_write(&l->survey, stopped);
}

static const char *why_stopped(const struct leader *l)
{
    return l->dead         ? "The server does not answer any more: the campaign ended early."
           : interrupted() ? "The campaign was interrupted."
                           : NULL;
}

static void lead(struct leader *l)
{
    end_us = l->begun_us + (uint64_t)(l->campaign.options->minutes * 60e6);
    for (unsigned look = 0; !is_over() && !l->dead; look++) {
        if (count_workers(l) == 0)
            break;
        look_before_candidates(l);
        look_into_candidates(l);
        if (look % 4 == 0)
            look_at_server(l);
        progress_show(&l->survey);
        if (look % 100 == 0)
            write_record(l, NULL);
        if (look % 20 == 19)
            look_at_memory(l);
        sleep_ms(LOOK_MS);
    }
    stop_workers(l);
    look_into_candidates(l);
    if (!interrupted() && !l->dead) {
        look_at_server(l);
        look_at_memory(l);
    }
    progress_hide();
    write_record(l, why_stopped(l));
}

static enum exit_code play(struct leader *l)
{
    bool resumed = campaign_count(&l->campaign, "corpus") > 0;
    l->campaign.submits = account_given(&l->campaign.account) && manner_submits(&l->campaign);
    if ((!resumed || l->campaign.options->seed_count > 0) && seed_corpus(&l->campaign) == 0)
        return EXIT_SCRIPT;
    survey_begin(&l->survey, &l->campaign);
    manner_choose(&l->campaign);
    if (!process_lives(&l->process) || !verify_lives(&l->verify)) {
        look_into_death(l, "has ended at the first dialogues", process_lives(&l->process));
        if (interrupted() || l->dead) {
            survey_write(&l->survey, why_stopped(l));
            return EXIT_FAIL;
        }
    }
    if (!l->campaign.options->quiet)
        printf("%s %s, %s%s; in %s%s\n", resumed ? "goes on with" : "begins with",
               l->campaign.options->servers[0],
               l->campaign.how == TALK_AT_ONCE ? "a dialogue a write" : "step by step",
               !l->campaign.keeps ? ""
               : l->campaign.kept_how == l->campaign.how
                   ? ", connections are kept"
                   : ", or over a connection that is kept step by step",
               l->campaign.out, l->campaign.options->blind ? "; blind" : "");
    tells_note(&l->campaign, &l->survey.chronicle);
    fflush(stdout);
    process_reported(&l->process);
    l->memory_kib = process_memory_kib(&l->process);
    l->begun_us = wire_now_us();
    l->survey.begun_us = l->begun_us;
    if (!start_workers(l)) {
        fprintf(stderr, "maildrill fuzz: %s\n", strerror(errno));
        return EXIT_USAGE;
    }
    lead(l);
    put_summary(l);
    return interrupted()                                          ? EXIT_INTERRUPTED
           : l->verify.findings > 0 || l->deaths > 0 || l->hoards ? EXIT_FAIL
                                                                  : EXIT_PASS;
}

static enum exit_code begin(struct leader *l)
{
    static char log[4200];
    l->process.command = l->campaign.options->exec;
    l->process.pid = (long)l->campaign.options->pid;
    l->process.log = campaign_path(&l->campaign, "server.log", log, sizeof log);
    catch_signals();
    enum exit_code code = EXIT_CONNECT;
    if (verify_start(&l->verify))
        code = play(l);
    else if (!interrupted())
        fprintf(stderr, "maildrill fuzz: %s does not answer as a mail server%s%s\n",
                l->campaign.options->servers[0], l->process.command == NULL ? "" : ": see ",
                l->process.command == NULL ? "" : log);
    process_stop(&l->process);
    return code;
}

static bool prepare_tls(struct leader *l)
{
    struct campaign *c = &l->campaign;
    struct net_error error;
    c->tls.context = l->tls =
        net_tls_new(&(struct net_tls_config){.verify = NET_VERIFY_NONE}, &error);
    c->tls.host = c->target.host;
    c->tls.begins = c->target.tls                ? TALK_SMTPS
                    : c->options->leads_into_tls ? TALK_STARTTLS
                                                 : TALK_PLAIN;
    if (l->tls == NULL)
        fprintf(stderr, "maildrill fuzz: %s\n", error.text);
    return l->tls != NULL;
}

/* False, with the reason printed, where there is nothing to begin with. */
static bool prepare(struct leader *l, const struct options *options)
{
    struct campaign *c = &l->campaign;
    *c = (struct campaign){.options = options,
                           .out = options->out == NULL ? "fuzz-out" : options->out,
                           .jobs = options->jobs < CAMPAIGN_MAX_JOBS ? options->jobs
                                                                     : CAMPAIGN_MAX_JOBS,
                           .process = &l->process,
                           .runs = options->runs};
    campaign_account(c);
    l->verify = (struct verify){.campaign = c,
                                .process = &l->process,
                                .survey = &l->survey,
                                .interrupted = gives_up,
                                .hurried = is_over,
                                .catch_signals = catch_signals,
                                .alone = be_alone,
                                .context = l};
    if (!worker_possible() ||
        !campaign_server(options, options->servers[0], &c->target, &c->address) ||
        !prepare_tls(l) || !campaign_folders(c))
        return false;
    c->shared =
        mmap(NULL, sizeof *c->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (c->shared == MAP_FAILED)
        abort();
    return true;
}

enum exit_code lead_campaign(const struct options *given)
{
    struct options options = *given;
    options.verify =
        NET_VERIFY_NONE; /* findings are played likewise: whose server it is, is known */
    if (options.server_count != 1 || options.operand_count != 0) {
        fprintf(stderr, "maildrill fuzz: give one --server, several with --differential, or "
                        "--client with --exec\n");
        return EXIT_USAGE;
    }
    struct leader *l = calloc(1, sizeof *l);
    if (l == NULL)
        abort();
    enum exit_code code = prepare(l, &options) ? begin(l) : EXIT_USAGE;
    talk_part(&l->verify.talk);
    talk_part(&l->verify.kept);
    chronicle_free(&l->survey.chronicle);
    if (l->tls != NULL)
        net_tls_free(l->tls);
    free(l);
    return code;
}
