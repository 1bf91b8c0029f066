#define _DEFAULT_SOURCE

#include "cli/fuzz/client.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/fuzz/client_finding.h"
#include "cli/play/embed.h"
#include "cli/play/load.h"

#define MAX_JOBS       64
#define MORE_TIME      4 /* times */
#define MAX_SESSIONS   8 /* of one client in one case */
#define IDLE_MS        2000
#define CONFIRMATIONS  2 /* plays after the first that must find the same */
#define COMMAND_OCTETS 8192u

/* A client that runs, or may run. */
struct slot {
    struct fuzzing *fuzzing;
    struct embed *embed;
    char command[COMMAND_OCTETS];
    char ca[300];
    struct net_process *process; /* NULL: free */
    struct net_timer *timer;     /* kills it */
    struct fuzz_case *played;
    unsigned plays; /* of this case */
    struct deviant sessions[MAX_SESSIONS];
    size_t session_count, open;
    bool exited;
    bool marked; /* in the dialogue: the reply that deviates */
    struct outcome outcome;
    struct dialogue dialogue;
};

struct fuzzing {
    const struct options *options;
    struct net_loop *loop;
    struct slot *slots;
    size_t slot_count, running;
    char folder[64];
    struct outcome plain; /* undisturbed */
    struct fuzz_case *cases;
    size_t case_count, next, done, unsteady, findings;
    bool interrupted;
    uint64_t end_ms;            /* no case begins then (--minutes) */
    int status;                 /* progress on a terminal */
    struct chronicle chronicle; /* --out */
};

static bool start(struct slot *slot, struct fuzz_case *played);

/* ---- what is wrong ---- */

/* Each oracle knows what the client does undisturbed: only what it does otherwise is held against
 * it. */
static enum client_oracle judge(const struct slot *slot)
{
    const struct outcome *o = &slot->outcome, *plain = &slot->fuzzing->plain;
    const struct deviant_row *row = slot->played->row;
    if (client_sanitized(slot->process))
        return SANITIZER;
    if (o->hung)
        return HANG;
    if (o->signal != 0)
        return CRASH;
    if (row == NULL || !o->seen.deviated)
        return FINE;
    if (o->seen.took_injection)
        return TOOK_INJECTION;
    if (slot->fuzzing->options->require_tls && plain->seen.secured && o->seen.in_clear)
        return IN_CLEAR;
    if (plain->seen.accepted > 0 && o->exit_code == 0 && o->seen.accepted == 0)
        return SAYS_SENT;
    return FINE;
}

/* ---- sessions ---- */

static void keep(void *context, bool by_server, struct slice octets)
{
    struct slot *slot = context;
    bool deviates = by_server && slot->dialogue.decisive == SIZE_MAX &&
                    slot->sessions[0].seen.deviated && !slot->marked;
    slot->marked = slot->marked || deviates;
    dialogue_keep(&slot->dialogue, by_server, octets, deviates);
}

/* The first session deviates, those after it do not: a client may try again. */
static struct deviant *begin_session(void *context, uint64_t now_ms)
{
    struct slot *slot = context;
    bool first = slot->session_count == 0;
    struct deviant_config config = {
        .row = first ? slot->played->row : NULL,
        .reply = slot->played->reply,
        .offer_tls = !slot->fuzzing->options->no_starttls && !slot->fuzzing->options->tls,
        .offer_auth = true,
        .idle_ms = IDLE_MS,
        .tap = keep,
        .context = slot,
    };
    struct deviant *d = &slot->sessions[slot->session_count];
    if (slot->session_count + 1 < MAX_SESSIONS)
        slot->session_count++;
    slot->open++;
    net_timer_set(slot->timer, UINT64_MAX);
    deviant_begin(d, &config, now_ms);
    return d;
}

static void gather(struct slot *slot)
{
    struct deviant_seen *all = &slot->outcome.seen;
    *all = slot->sessions[0].seen;
    for (size_t i = 1; i < slot->session_count; i++) {
        const struct deviant_seen *seen = &slot->sessions[i].seen;
        all->accepted += seen->accepted;
        all->secured = all->secured || seen->secured;
        all->in_clear = all->in_clear || seen->in_clear;
    }
}

/* Both the client and its last connection have ended. */
static void conclude(struct slot *slot);

/* One that seemed to hang may be slow, or the machine busy: it is given more time, and counts as
 * hanging where that makes no difference. */
static void await_end(struct slot *slot)
{
    bool again = slot->plays > 0 && slot->played->oracle == HANG;
    uint64_t ms = slot->fuzzing->options->timeout_ms * (again ? MORE_TIME : 1);
    net_timer_set(slot->timer, net_now(slot->fuzzing->loop) + ms);
}

static void session_ended(void *context)
{
    struct slot *slot = context;
    if (--slot->open > 0)
        return;
    if (slot->exited)
        conclude(slot);
    else
        await_end(slot);
}

/* It had its time, and no connection. */
static void out_of_time(void *context)
{
    struct slot *slot = context;
    slot->outcome.hung = true;
    net_process_signal(slot->process, SIGKILL);
}

/* The same fault of the client behind the same deviation, at another reply, is told in a line. */
static bool told_before(const struct fuzzing *f, const struct fuzz_case *c)
{
    for (size_t i = 0; i < f->case_count; i++)
        if (f->cases[i].reported && f->cases[i].row == c->row && f->cases[i].oracle == c->oracle)
            return true;
    return false;
}

static struct client_story story_of(const struct slot *slot)
{
    return (struct client_story){slot->command, slot->played, &slot->outcome, &slot->dialogue,
                                 slot->process};
}

static void report(struct slot *slot)
{
    struct fuzzing *f = slot->fuzzing;
    struct fuzz_case *c = slot->played;
    if (f->status)
        printf("\r\x1b[K");
    struct client_story story = story_of(slot);
    client_print(stdout, &story, !told_before(f, c));
    if (f->options->out != NULL)
        client_write(f->options->out, &f->chronicle, &story);
    fflush(stdout);
    c->reported = true;
    f->findings++;
}

/* ---- cases ---- */

static void start_cases(struct fuzzing *f);

static void show_progress(const struct fuzzing *f)
{
    if (f->status && !f->interrupted) {
        printf("\r%zu of %zu cases, %zu findings", f->done, f->case_count, f->findings);
        fflush(stdout);
    }
}

/* More than that it was greeted. */
static bool talks(const struct outcome *undisturbed)
{
    return undisturbed->seen.reply_count > 1;
}

/* A finding counts when it is found each time. */
static void finish_case(struct slot *slot)
{
    struct fuzzing *f = slot->fuzzing;
    struct fuzz_case *c = slot->played;
    enum client_oracle oracle = slot->outcome.oracle;
    bool again = slot->plays > 0 && oracle != c->oracle;
    if (slot->plays++ == 0)
        c->oracle = oracle;
    f->unsteady += again;
    if (oracle != FINE && !again && slot->plays <= CONFIRMATIONS && !f->interrupted &&
        start(slot, c))
        return;
    if (oracle != FINE && !again && c->row != NULL && !f->interrupted)
        report(slot);
    if (c->row == NULL && !talks(&slot->outcome) && !f->interrupted) {
        struct client_story story = story_of(slot);
        client_print_silence(stderr, &story);
    }
    net_process_free(slot->process);
    slot->process = NULL;
    f->running--;
    f->done++;
    show_progress(f);
    start_cases(f);
    if (f->running == 0)
        net_stop(f->loop);
}

static void conclude(struct slot *slot)
{
    slot->exited = false;
    gather(slot);
    slot->outcome.oracle = judge(slot);
    finish_case(slot);
}

static void ended(void *context, int exit_code, int signal_number)
{
    struct slot *slot = context;
    net_timer_set(slot->timer, UINT64_MAX);
    slot->exited = true;
    slot->outcome.exit_code = exit_code;
    slot->outcome.signal = signal_number;
    if (slot->open == 0)
        conclude(slot);
}

static bool start(struct slot *slot, struct fuzz_case *played)
{
    static const struct net_process_events events = {ended};
    struct net_error error;
    if (slot->process != NULL)
        net_process_free(slot->process);
    slot->played = played;
    slot->session_count = 0;
    slot->marked = false;
    dialogue_begin(&slot->dialogue);
    slot->outcome = (struct outcome){.oracle = FINE};
    slot->process = net_process_start(slot->fuzzing->loop, slot->command, &events, slot, &error);
    if (slot->process == NULL) {
        fprintf(stderr, "maildrill fuzz: %s\n", error.text);
        return false;
    }
    await_end(slot);
    return true;
}

/* A case more may begin. */
static bool goes_on(const struct fuzzing *f)
{
    bool bounded = f->options->runs > 0 && f->next >= f->options->runs;
    return f->next < f->case_count && !bounded && !f->interrupted && net_now(f->loop) < f->end_ms;
}

static void start_cases(struct fuzzing *f)
{
    for (size_t i = 0; i < f->slot_count && goes_on(f); i++) {
        struct slot *slot = &f->slots[i];
        if (slot->process != NULL)
            continue;
        slot->plays = 0;
        f->running += start(slot, &f->cases[f->next++]);
    }
}

/* ---- the run ---- */

static void interrupted(void *context)
{
    struct fuzzing *f = context;
    f->interrupted = true;
    for (size_t i = 0; i < f->slot_count; i++)
        if (f->slots[i].process != NULL)
            net_process_signal(f->slots[i].process, SIGKILL);
}

/* {host}, {port} and {ca} become what they stand for. */
static bool expand(struct slot *slot, const char *command)
{
    char port[8];
    const char *const names[] = {"{host}", "{port}", "{ca}"};
    const char *values[] = {"127.0.0.1", port, slot->ca};
    struct writer w = writer_of(slot->command, sizeof slot->command - 1);
    snprintf(port, sizeof port, "%u", embed_port(slot->embed));
    while (*command != '\0') {
        size_t i = 0;
        while (i < 3 && strncmp(command, names[i], strlen(names[i])) != 0)
            i++;
        if (i < 3)
            writer_put(&w, slice_of_cstr(values[i]));
        else
            writer_put_octet(&w, (uint8_t)*command);
        command += i < 3 ? strlen(names[i]) : 1;
    }
    slot->command[w.len] = '\0';
    return !w.overflow;
}

static bool make_slot(struct fuzzing *f, size_t number)
{
    struct slot *slot = &f->slots[number];
    struct net_error error = {.text = "the command is too long"};
    struct embed_config config = {.loop = f->loop,
                                  .options = f->options,
                                  .host = "127.0.0.1",
                                  .deviant = begin_session,
                                  .finished = session_ended,
                                  .context = slot};
    slot->fuzzing = f;
    slot->embed = embed_start(&config);
    if (slot->embed == NULL)
        return false;
    slot->timer = net_timer_new(f->loop, out_of_time, slot);
    snprintf(slot->ca, sizeof slot->ca, "%s/ca-%zu.pem", f->folder, number);
    if (net_tls_save(embed_tls(slot->embed), slot->ca, &error) && expand(slot, f->options->exec))
        return true;
    fprintf(stderr, "maildrill fuzz: %s\n", error.text);
    return false;
}

static void free_slots(struct fuzzing *f)
{
    for (size_t i = 0; i < f->slot_count; i++) {
        if (f->slots[i].embed != NULL)
            embed_close(f->slots[i].embed);
        if (f->slots[i].timer != NULL)
            net_timer_free(f->slots[i].timer);
    }
    for (size_t i = 0; i < f->slot_count; i++) {
        struct slot *slot = &f->slots[i];
        if (slot->embed != NULL)
            embed_stop(slot->embed);
        if (slot->ca[0] != '\0')
            unlink(slot->ca);
    }
    free(f->slots);
    rmdir(f->folder);
}

static void play_cases(struct fuzzing *f)
{
    start_cases(f);
    while (f->running > 0)
        net_run(f->loop);
}

/* Undisturbed: what its session is like. */
static bool play_plain(struct fuzzing *f)
{
    struct fuzz_case undisturbed = {.row = NULL};
    f->cases = &undisturbed;
    f->case_count = 1;
    f->next = 0;
    f->slot_count = 1;
    play_cases(f);
    f->cases = NULL;
    f->plain = f->slots[0].outcome;
    return !f->interrupted;
}

static void describe_plain(const struct fuzzing *f)
{
    const struct deviant_seen *seen = &f->plain.seen;
    printf("undisturbed: exit code %d; %zu message%s taken%s; replies:", f->plain.exit_code,
           seen->accepted, seen->accepted == 1 ? "" : "s", seen->secured ? " under TLS" : "");
    for (size_t i = 0; i < seen->reply_count && i < DEVIANT_MAX_REPLIES; i++)
        printf("%s %s", i == 0 ? "" : ",", deviant_place_name(seen->replies[i]));
    printf("\n");
}

/* Whether the command line asks for this case. */
static bool wanted(const struct options *o, size_t row, size_t reply)
{
    size_t only;
    return o->deviant == NULL || (deviant_read(slice_of_cstr(o->deviant), &only) == row &&
                                  (only == SIZE_MAX || only == reply));
}

static void make_cases(struct fuzzing *f)
{
    size_t replies = f->plain.seen.reply_count;
    replies = replies < DEVIANT_MAX_REPLIES ? replies : DEVIANT_MAX_REPLIES;
    f->cases = calloc(replies * deviant_row_count + 1, sizeof *f->cases);
    if (f->cases == NULL)
        abort();
    f->case_count = f->next = f->done = 0;
    for (size_t i = 0; i < deviant_row_count; i++)
        for (size_t reply = 0; reply < replies; reply++) {
            enum deviant_place place = f->plain.seen.replies[reply];
            if (deviant_rows[i].places & 1u << place && wanted(f->options, i, reply))
                f->cases[f->case_count++] =
                    (struct fuzz_case){.row = &deviant_rows[i], .reply = reply, .place = place};
        }
}

/* ---- the record ---- */

static void setting(struct fuzzing *f, const char *name, const char *value)
{
    chronicle_pair(&f->chronicle, "settings", "name", slice_of_cstr(name), "value",
                   slice_of_cstr(value));
}

static void set_settings(struct fuzzing *f)
{
    const struct options *o = f->options;
    char text[200];
    int at = 0;
    setting(f, "STARTTLS",
            o->tls           ? "TLS from the first octet"
            : o->no_starttls ? "not offered"
                             : "offered");
    setting(f, "the client speaks without TLS", o->require_tls ? "that is a finding" : "it may");
    snprintf(text, sizeof text, "%" PRIu64, o->timeout_ms);
    setting(f, "it may run without a connection, ms", text);
    for (size_t i = 0; i < f->plain.seen.reply_count && i < DEVIANT_MAX_REPLIES && at < 160; i++)
        at += snprintf(text + at, sizeof text - (size_t)at, i == 0 ? "%s" : ", %s",
                       deviant_place_name(f->plain.seen.replies[i]));
    setting(f, "undisturbed, it is given replies to", text);
    snprintf(text, sizeof text, "%d; messages taken: %zu", f->plain.exit_code,
             f->plain.seen.accepted);
    setting(f, "and ends with", text);
}

/* Each way to deviate: at how many replies it was played, or why not. */
static void set_played(struct fuzzing *f)
{
    for (size_t i = 0; i < deviant_row_count; i++) {
        char what[200], often[100];
        size_t played = 0, findings = 0;
        for (size_t k = 0; k < f->case_count; k++) {
            played += f->cases[k].row == &deviant_rows[i];
            findings += f->cases[k].row == &deviant_rows[i] && f->cases[k].reported;
        }
        snprintf(what, sizeof what, "%s: the server %s", deviant_rows[i].name,
                 deviant_rows[i].summary);
        snprintf(often, sizeof often, findings > 0 ? "%zu cases, findings: %zu" : "%zu cases",
                 played, findings);
        if (played > 0)
            chronicle_pair(&f->chronicle, "played", "what", slice_of_cstr(what), "how_often",
                           slice_of_cstr(often));
        else if (f->options->deviant == NULL)
            chronicle_pair(&f->chronicle, "not_tried", "what", slice_of_cstr(what), "why",
                           SLICE("the client asks for nothing that it could be an answer to"));
    }
    if (f->options->deviant != NULL)
        chronicle_pair(&f->chronicle, "not_tried", "what", SLICE("every other case"), "why",
                       SLICE("--deviant asked for one"));
}

static void write_record(struct fuzzing *f, uint64_t taken_ms)
{
    struct chronicle *c = &f->chronicle;
    chronicle_set(c->root, "seconds", json_real((double)taken_ms / 1000));
    chronicle_set(c->root, "cases", json_integer((json_int_t)f->done));
    chronicle_set(c->root, "unconfirmed", json_integer((json_int_t)f->unsteady));
    if (f->interrupted)
        chronicle_set(c->root, "stopped", json_string("The campaign was interrupted."));
    else if (f->next < f->case_count)
        chronicle_set(c->root, "stopped", json_string("--minutes or --runs ended it early."));
    set_settings(f);
    set_played(f);
    chronicle_write(c);
    chronicle_free(c);
    printf("the whole of it as a page: %s/campaign.html\n", f->options->out);
}

static enum exit_code fuzz(struct fuzzing *f, size_t jobs)
{
    enum exit_code code = EXIT_CONNECT;
    f->slots = calloc(jobs, sizeof *f->slots);
    if (f->slots == NULL)
        abort();
    for (size_t i = 0; i < jobs; i++) {
        f->slot_count = i + 1;
        if (!make_slot(f, i))
            return EXIT_CONNECT;
    }
    uint64_t began_ms = net_now(f->loop);
    f->end_ms = began_ms + (uint64_t)(f->options->minutes * 60e3);
    bool played = play_plain(f);
    f->slot_count = jobs;
    if (!played)
        return EXIT_INTERRUPTED;
    if (!talks(&f->plain))
        return code;
    describe_plain(f);
    make_cases(f);
    if (f->case_count == 0) {
        fprintf(stderr, "maildrill fuzz: no such case: --deviant list lists what may go wrong\n");
        code = EXIT_USAGE;
    } else {
        if (f->options->out != NULL) {
            mkdir(f->options->out, 0777);
            chronicle_begin(&f->chronicle, f->options, f->options->out, "client", f->options->exec,
                            false);
        }
        play_cases(f);
        if (f->status)
            printf("\r\x1b[K");
        printf("%zu of %zu cases, %zu findings", f->done, f->case_count, f->findings);
        if (f->unsteady > 0)
            printf(" (%zu that were not found again are left out)", f->unsteady);
        printf(" in %.1f s\n", (double)(net_now(f->loop) - began_ms) / 1000);
        if (f->options->out != NULL)
            write_record(f, net_now(f->loop) - began_ms);
        code = f->interrupted ? EXIT_INTERRUPTED : f->findings > 0 ? EXIT_FAIL : EXIT_PASS;
    }
    free(f->cases);
    return code;
}

enum exit_code fuzz_client(const struct options *options)
{
    struct fuzzing f = {.options = options,
                        .loop = net_loop_new(),
                        .folder = "/tmp/maildrill-XXXXXX",
                        .status = isatty(STDOUT_FILENO)};
    enum exit_code code = EXIT_USAGE;
    if (options->exec == NULL)
        fprintf(stderr,
                "maildrill fuzz: --client needs --exec \"COMMAND ... {host} ... {port}\"\n");
    else if (mkdtemp(f.folder) == NULL)
        perror(f.folder);
    else {
        struct net_signals *signals = net_signals_new(f.loop, interrupted, &f);
        code = fuzz(&f, options->jobs < MAX_JOBS ? options->jobs : MAX_JOBS);
        free_slots(&f);
        net_signals_free(signals);
    }
    net_loop_free(f.loop);
    return code;
}
