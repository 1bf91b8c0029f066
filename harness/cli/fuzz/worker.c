#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "campaign/frontier.h"
#include "campaign/opening.h"
#include "cli/fuzz/doubt.h"
#include "cli/fuzz/mutant.h"

#define SENT_OCTETS                                                                                \
    ((long)32 << 20)       /* of a log of what was sent; the one before it is kept, too            \
                            */
#define HABIT_DIALOGUES 64 /* before anything is the server's habit */

#if MAILDRILL_LIBFUZZER

/* What libFuzzer has, and what it calls. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
                                 size_t size2, uint8_t *out, size_t max_out_size,
                                 unsigned int seed);
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *data, size_t size));

/* libFuzzer reads this section as it reads the counters of an instrumented program, and clears it
 * before each run. */
__attribute__((section("__libfuzzer_extra_counters"), aligned(64),
               used)) static uint8_t marks[FEATURE_COUNT];

static struct {
    const struct campaign *campaign;
    struct campaign_worker *shared;
    size_t number;
    struct talk talk;
    struct doubt doubt;
    uint8_t seen[FEATURE_COUNT];
    struct frontier frontier;
    struct process watch; /* the server: what it logs */
    uint64_t begun_us;
    FILE *sent;
    uint64_t told[ORACLE_COUNT]; /* dialogues of which the oracle was the first to speak */
    bool opening;                /* what is said now is of opening.h: none is left out */
} * worker; /* large: a checker of leaks reads all that is static, at each exit of the program */

static void sleep_us(uint64_t us)
{
    struct timespec pause = {.tv_sec = (time_t)(us / 1000000),
                             .tv_nsec = (long)(us % 1000000) * 1000};
    nanosleep(&pause, NULL);
}

static void end_if_told(void)
{
    if (!atomic_load(&worker->campaign->shared->stop))
        return;
    if (worker->sent != NULL)
        fclose(worker->sent);
    _exit(0);
}

/* Between two dialogues, so that a server with time for one client alone has time for the leader.
 */
static void pause_if_told(void)
{
    while (atomic_load(&worker->campaign->shared->pause)) {
        talk_part(&worker->talk);
        atomic_store(&worker->shared->paused, true);
        end_if_told();
        sleep_us(5000);
    }
    if (atomic_exchange(&worker->shared->paused, false))
        process_reported(&worker->watch); /* what others said was looked into */
}

/* ---- the log of what was sent ---- */

static void open_sent(void)
{
    char name[64], before[64], path[4200], older[4200];
    snprintf(name, sizeof name, "sent-%zu.log", worker->number);
    snprintf(before, sizeof before, "sent-%zu.log.1", worker->number);
    campaign_path(worker->campaign, name, path, sizeof path);
    campaign_path(worker->campaign, before, older, sizeof older);
    if (worker->sent != NULL) {
        fclose(worker->sent);
        rename(path, older);
    }
    worker->sent = fopen(path, "ab");
}

static void log_sent(struct slice octets)
{
    if (worker->sent == NULL || ftell(worker->sent) > SENT_OCTETS)
        open_sent();
    if (worker->sent == NULL)
        return;
    fprintf(worker->sent, "# %.6f s, %zu octets\n",
            (double)(wire_now_us() - worker->begun_us) / 1e6, octets.len);
    fwrite(octets.ptr, 1, octets.len, worker->sent);
    fputc('\n', worker->sent);
}

static void remember(struct slice octets)
{
    uint64_t said = atomic_load(&worker->shared->said);
    struct campaign_said *last = &worker->shared->last[said % CAMPAIGN_LAST];
    last->len = octets.len < sizeof last->octets ? octets.len : sizeof last->octets;
    memcpy(last->octets, octets.ptr, last->len);
    last->ended[0] = '\0';
    last->names = (struct names){.last = 0};
    atomic_store(&worker->shared->said, said + 1);
}

static void remember_end(void)
{
    uint64_t said = atomic_load(&worker->shared->said);
    char *ended = worker->shared->last[(said - 1) % CAMPAIGN_LAST].ended;
    worker->shared->last[(said - 1) % CAMPAIGN_LAST].names = worker->talk.names;
    ended[session_crash_key(&worker->talk.session, ended, CAMPAIGN_KEY - 1)] = '\0';
}

/* ---- mutants ---- */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Three times in four, a way to what is rare is put in the place of the engine's choice. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    struct mutate m = {.random = seed, .octets = LLVMFuzzerMutate};
    const struct frontier_way *way = NULL;
    if (!worker->campaign->options->blind && mutate_random(&m, 4) > 0)
        way = frontier_next(&worker->frontier, mutate_random(&m, SIZE_MAX));
    return mutant_make(&m, way, worker->talk.account != NULL, data, size, max_size);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
                                 size_t size2, uint8_t *out, size_t max_out_size, unsigned int seed)
{
    struct mutate m = {.random = seed};
    return mutant_cross(&m, slice_of(data1, size1), slice_of(data2, size2), out, max_out_size);
}

/* ---- one dialogue ---- */

static void wait_for_server(void)
{
    atomic_store(&worker->shared->down, true);
    talk_part(&worker->talk);
    while (atomic_load(&worker->shared->down)) {
        end_if_told();
        pause_if_told();
        sleep_us(10000);
    }
}

static bool say(struct slice octets)
{
    for (unsigned i = 0; i < 20; i++) {
        bool spoke = talk(&worker->talk, octets, worker->campaign->how);
        if (spoke && talk_ungreeted(&worker->talk))
            break;
        if (spoke)
            return true;
        end_if_told();
        pause_if_told();
        sleep_us(20000);
    }
    wait_for_server();
    return false;
}

static void keep_rate(void)
{
    uint64_t rate = worker->campaign->options->rate;
    if (rate == 0)
        return;
    uint64_t done = atomic_load(&worker->shared->dialogues) * worker->campaign->jobs;
    uint64_t due_us = worker->begun_us + done * 1000000 / rate;
    for (uint64_t now; (now = wire_now_us()) < due_us;) {
        end_if_told();
        sleep_us(due_us - now < 100000 ? due_us - now : 100000);
    }
}

/* What is wrong with how many replies are written, of more than one dialogue in four, hides what
 * else is wrong. */
static void pass_habit(void)
{
    enum oracle oracle = worker->talk.session.oracle;
    uint64_t dialogues = atomic_load(&worker->shared->dialogues);
    uint64_t seen = ++worker->told[oracle];
    if ((SHADOW_FORMS >> oracle & 1) != 0 && dialogues >= HABIT_DIALOGUES && 4 * seen > dialogues)
        atomic_fetch_or(&worker->campaign->shared->passed, UINT64_C(1) << oracle);
    worker->talk.passed = atomic_load(&worker->campaign->shared->passed);
    doubt_pass(&worker->doubt, worker->talk.passed);
}

static void take_in_time(struct slice octets)
{
    struct thrift *thrift = &worker->shared->thrift;
    if (thrift_wait(thrift, worker->talk.longest_us, &worker->talk.rest_us, &worker->talk.keep_us))
        worker->talk.awaited_us = worker->talk.rest_us;
    if (!worker->opening) /* its dialogues are chosen */
        thrift_note(thrift, octets, worker->talk.taken_us);
}

static void count_marks(void)
{
    uint64_t count = 0;
    for (size_t i = 0; i < FEATURE_COUNT; i++)
        count += worker->seen[i] |= marks[i];
    atomic_store(&worker->shared->marks, count);
}

static int run(const uint8_t *data, size_t size)
{
    const struct campaign *c = worker->campaign;
    struct slice octets = slice_of(data, size);
    marks[0] = 1; /* libFuzzer ends where a run leaves no mark at all */
    end_if_told();
    pause_if_told();
    if (size == 0 || (!worker->opening && thrift_leaves_out(&worker->shared->thrift, octets)))
        return 0;
    if (atomic_fetch_add(&c->shared->begun, 1) >= c->runs && c->runs > 0) {
        atomic_store(&c->shared->stop, true);
        end_if_told();
    }
    keep_rate();
    remember(octets);
    log_sent(octets);
    if (!say(octets))
        return 0;
    remember_end();
    if (process_reported(&worker->watch))
        doubt_reported(&worker->doubt, &worker->watch, octets);
    atomic_fetch_add(&worker->shared->dialogues, 1);
    take_in_time(octets);
    if (!c->options->blind) {
        feature_mark(marks, &worker->talk.session, worker->talk.taken_us);
        frontier_note(&worker->frontier, &worker->talk.session, octets);
    }
    count_marks();
    graph_add(&worker->shared->graph, &worker->talk.session, worker->talk.how == TALK_STEPS);
    doubt_said(&worker->doubt, octets, worker->opening);
    pass_habit();
    return 0;
}

/* Each worker says its share. In one write, each has a connection: what is said before would shift
 * the stream's borders. */
static void open_campaign(void)
{
    static uint8_t room[CAMPAIGN_INPUT_OCTETS];
    const struct campaign *c = worker->campaign;
    struct slice greeting = slice_of(c->greeting, c->greeting_octets);
    bool alone = false;
    worker->opening = true;
    for (size_t number = worker->number; c->opens; number += c->jobs) {
        struct writer w = writer_of(room, sizeof room);
        if (!opening_put(number, greeting, &w, &alone))
            break;
        worker->talk.alone = alone || c->how == TALK_AT_ONCE;
        if (!w.overflow)
            (void)run(w.ptr, w.len);
        if (number < OPENING_SINGLES && !w.overflow)
            doubt_pieces(&worker->doubt, writer_slice(&w));
    }
    worker->opening = worker->talk.alone = false;
}

bool worker_possible(void)
{
    return true;
}

static void be_quiet(void)
{
    char name[64], path[4200];
    snprintf(name, sizeof name, "worker-%zu.log", worker->number);
    int log = open(campaign_path(worker->campaign, name, path, sizeof path),
                   O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(log, 1);
    dup2(log, 2);
}

_Noreturn void worker_run(const struct campaign *campaign, size_t number)
{
    char corpus[4200], seed[32], length[32];
    worker = calloc(1, sizeof *worker);
    if (worker == NULL)
        abort();
    worker->campaign = campaign;
    worker->shared = &campaign->shared->workers[number];
    worker->number = number;
    worker->begun_us = wire_now_us();
    worker->watch = *campaign->process;
    process_reported(&worker->watch);
    campaign_talk(campaign, 200000, &worker->talk);
    worker->talk.ahead = campaign->dear;
    campaign_names(&worker->talk, 2 * number);
    doubt_begin(&worker->doubt, campaign, number, &worker->talk);
    signal(SIGINT, SIG_IGN); /* the leader says when */
    be_quiet();
    snprintf(seed, sizeof seed, "-seed=%zu", campaign->options->seed + number);
    snprintf(length, sizeof length, "-max_len=%d", CAMPAIGN_INPUT_OCTETS);
    char *arguments[] = {
        "maildrill",
        (char *)(uintptr_t)campaign_path(campaign, "corpus", corpus, sizeof corpus),
        seed,
        length,
        "-len_control=0",
        "-reload=2",
        "-timeout=3600",
        "-report_slow_units=3600", /* they would be written to where the user is */
        "-rss_limit_mb=0",
        "-handle_int=0",
        "-handle_term=0",
        "-handle_usr1=0",
        "-handle_usr2=0",
        "-handle_segv=0",
        "-handle_abrt=0",
        "-handle_bus=0",
        "-handle_ill=0",
        "-handle_fpe=0",
        "-handle_xfsz=0",
        "-detect_leaks=0",
        "-print_final_stats=0",
        campaign->options->blind ? "-keep_seed=1" : "-keep_seed=0",
        NULL};
    char **argv = arguments;
    int argc = (int)(sizeof arguments / sizeof *arguments) - 1;
    open_campaign();
    LLVMFuzzerRunDriver(&argc, &argv, run);
    _exit(1);
}

#else

bool worker_possible(void)
{
    fprintf(
        stderr,
        "maildrill fuzz: this build has no libFuzzer. Install it (Debian: libclang-rt-14-dev and\n"
        "libstdc++-12-dev), and build maildrill again.\n");
    return false;
}

_Noreturn void worker_run(const struct campaign *campaign, size_t number)
{
    (void)campaign;
    (void)number;
    _exit(1);
}

#endif
