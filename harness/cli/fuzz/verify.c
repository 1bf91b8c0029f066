#define _POSIX_C_SOURCE 200809L

#include "cli/fuzz/verify.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "campaign/finding.h"
#include "campaign/shrink.h"
#include "cli/fuzz/progress.h"
#include "cli/play/load.h"
#include "cli/play/once.h"
#include "report/buffer.h"

#define CONFIRMATIONS  3
#define SCRIPT_OCTETS  ((size_t)64 << 10)
#define SHRINK_PLAYS   3000
#define SHRINK_US      15000000
#define SHRINK_CRASHES 60 /* each one starts the server anew */
#define START_US       30000000
#define RETURN_US      120000000 /* Postfix's master starts no smtpd for a minute when one dies */
#define HANG_US        5000000
#define CANARY_US      5000000
#define HASTY_US       300000
#define MAX_STARTS     3
#define FIRST_US       2000000
#define LEAST_US       50000
#define PROMPT_US      250000

static void sleep_ms(long ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

/* ---- the server ---- */

/* A fresh dialogue, each reply to which is waited for so long. */
static bool lives_within(struct verify *v, uint64_t us, bool hasty)
{
    struct talk *canary = talk_new(&v->campaign->address, &v->campaign->tls, us);
    const struct session *session = &canary->session;
    canary->hasty = hasty;
    v->refused = !talk(canary, SLICE("EHLO client.example\r\nQUIT\r\n"), TALK_STEPS);
    /* A reply that is none is an answer, too: what is wrong with it is for the oracles. */
    bool answers = session->closed || session->oracle != ORACLE_NONE;
    bool lives = !v->refused && (session->replies >= 2 || (session->replies == 1 && answers));
    if (lives && canary->longest_us > v->canary_us)
        v->canary_us = canary->longest_us;
    talk_free(canary);
    return lives;
}

bool verify_lives(struct verify *v)
{
    uint64_t us = v->campaign->options->timeout_ms * 1000;
    return lives_within(v, us < CANARY_US ? us : CANARY_US, false);
}

/* Twenty times as long as the slowest reply to a canary took: enough while much is tried. */
static uint64_t hasty_us(const struct verify *v)
{
    return thrift_bounded(20 * v->canary_us, HASTY_US, FIRST_US);
}

/* A server that ran when it was called, is ours and says nothing for so long will say nothing
 * more. */
static bool hangs(struct verify *v, unsigned starts, uint64_t begun)
{
    return v->process->command != NULL && v->answered && starts == 0 &&
           wire_now_us() - begun > HANG_US && process_lives(v->process);
}

bool verify_start(struct verify *v)
{
    unsigned starts = 0;
    uint64_t most_us = v->process->command == NULL && v->answered ? RETURN_US : START_US;
    for (uint64_t begun = wire_now_us(); wire_now_us() - begun < most_us && !v->interrupted();) {
        /* It may be about to die of what was said before. */
        if (v->process->command != NULL && !process_lives(v->process) &&
            (starts++ == MAX_STARTS || !process_start(v->process)))
            return false;
        if (verify_lives(v))
            return v->answered = true;
        if (hangs(v, starts, begun))
            process_stop(v->process);
        sleep_ms(50);
    }
    return false;
}

/* ---- does it happen again ---- */

/* What comes back of a session was said in the one before it. */
static bool talk_twice(struct verify *v, struct slice octets)
{
    struct session *session = &v->talk.session;
    if (!talk(&v->talk, octets, v->how))
        return false;
    struct names before = v->talk.names;
    if (!talk(&v->talk, octets, v->how))
        return false;
    if (session->oracle == ORACLE_SESSION_LEAK && !names_hold(&before, session->leaked))
        session->oracle = ORACLE_NONE;
    return true;
}

/* Where there is no greeting, once more when the server answers again. Where it may
 * die, another client is served first: Postfix's master pauses where a new process dies of its
 * first client. */
static bool talk_patiently(struct verify *v, struct slice octets)
{
    if (v->may_die)
        (void)verify_lives(v);
    if (v->leaks)
        return talk_twice(v, octets);
    bool spoke = talk(&v->talk, octets, v->how);
    return spoke && talk_ungreeted(&v->talk) ? verify_start(v) && talk(&v->talk, octets, v->how)
                                             : spoke;
}

/* Says it; whether the same is wrong as `key` says. */
static bool again(struct verify *v, struct slice octets, const char *key)
{
    char now[CAMPAIGN_KEY];
    progress_meanwhile(v->survey);
    if (!talk_patiently(v, octets) || v->talk.session.oracle == ORACLE_NONE)
        return false;
    now[session_key(&v->talk.session, now, sizeof now - 1)] = '\0';
    return strcmp(now, key) == 0;
}

/* Whether it may be so, over a connection that is kept, where EHLO makes it a new one: most of what
 * is tried is not, and each connection, and message of one, may cost a server much. */
static bool may_be(struct verify *v, struct slice octets, const char *key)
{
    char now[CAMPAIGN_KEY];
    const struct campaign *c = v->campaign;
    if (!c->keeps || v->leaks || v->how == TALK_PIECES || !dialogue_greets(octets))
        return true;
    progress_meanwhile(v->survey);
    v->kept.early_us = v->talk.early_us;
    if (!talk(&v->kept, octets, v->how) || v->kept.strayed)
        return true;
    now[session_key(&v->kept.session, now, sizeof now - 1)] = '\0';
    return strcmp(now, key) == 0 || !talk_in_step(&v->kept);
}

static void set_patience(struct verify *v, uint64_t awaited_us, uint64_t early_us)
{
    v->talk.address = v->campaign->address;
    v->talk.tls = &v->campaign->tls;
    v->talk.account = &v->campaign->account;
    if (v->talk.name_count == 0)
        campaign_names(&v->talk, 2 * CAMPAIGN_MAX_JOBS);
    v->talk.awaited_us = awaited_us;
    v->talk.rest_us = awaited_us < FIRST_US ? awaited_us : FIRST_US;
    v->talk.early_us = early_us;
}

/* Whether what is wrong comes where nothing is due; the others wait for replies that are due. */
static bool comes_early(enum oracle oracle)
{
    return oracle == ORACLE_EXTRA_REPLY || oracle == ORACLE_CHUNK_RUN ||
           oracle == ORACLE_END_OF_DATA || oracle == ORACLE_TLS_INJECTION ||
           oracle == ORACLE_CLOSED || oracle == ORACLE_PIECES || oracle == ORACLE_BARE_CR;
}

/* A reply that does not come is waited for as long as the user says, the last time. */
static bool again_and_again(struct verify *v, struct slice octets, const char *key, bool early)
{
    uint64_t most_us = v->campaign->options->timeout_ms * 1000;
    uint64_t careful_us =
        early ? thrift_bounded(8 * v->talk.longest_us, TALK_LATE_US, 10 * TALK_LATE_US) : 0;
    for (unsigned i = 1; i <= CONFIRMATIONS; i++) {
        bool last = i == CONFIRMATIONS;
        set_patience(v, last || most_us < FIRST_US ? most_us : FIRST_US, careful_us);
        if (v->interrupted() || !again(v, octets, key))
            return false;
    }
    return true;
}

/* It is told by the command that was said last. */
static void name_crash(struct verify *v, char *key, size_t size)
{
    struct session *session = &v->talk.session;
    session->oracle = v->end;
    session->at = session->count - 1;
    session->since = session->steps[session->at].since;
    key[session_key(session, key, size - 1)] = '\0';
}

/* As the finding is told from others: where a sanitizer says what it died of, by that, whichever
 * command led there. */
static void name_finding(struct verify *v, char *key, size_t size)
{
    char cause[CAMPAIGN_KEY - 16];
    name_crash(v, key, size);
    if (v->reported && process_cause(v->process, cause, sizeof cause))
        snprintf(key, size, "%s-in-%s", oracle_rows[v->end].name, cause);
}

/* QUICK: a canary that is late counts for one that gets no answer; HASTY: all replies do. */
enum haste { CAREFUL, QUICK, HASTY };

/* What becomes of the server by the dialogue: v->end, NONE where it goes on as before. A sanitizer
 * may report the same place once a process: it is a new one, then. */
static bool kills(struct verify *v, struct slice octets, enum haste haste)
{
    if (v->fresh)
        process_stop(v->process);
    v->end = ORACLE_NONE;
    if (!verify_start(v))
        return false;
    process_reported(v->process);
    set_patience(v, haste == HASTY ? hasty_us(v) : FIRST_US, 0);
    (void)talk(&v->talk, octets, TALK_STEPS);
    sleep_ms(20);
    v->reported = process_reported(v->process);
    bool answers = haste == CAREFUL ? verify_lives(v) : lives_within(v, hasty_us(v), true);
    bool runs = process_lives(v->process);
    v->end = !runs || (!answers && v->refused) ? ORACLE_CRASH
             : !answers                        ? ORACLE_HANG
             : v->reported                     ? ORACLE_SANITIZER
                                               : ORACLE_NONE;
    if (!answers || !runs)
        process_stop(v->process);
    return v->end != ORACLE_NONE;
}

/* A line that is cut in two is another: what is whole stays so. */
static bool kills_whole(struct verify *v, struct slice octets, bool whole)
{
    return (!whole || (octets.len > 0 && octets.ptr[octets.len - 1] == '\n')) &&
           kills(v, octets, HASTY);
}

/* ---- smaller ---- */

/* A reply is waited for eight times as long as the slowest of the dialogue, which was just played.
 */
static void minimise(struct verify *v, struct buffer *octets, const char *key, bool early)
{
    struct shrink shrink;
    struct slice candidate;
    uint64_t begun = wire_now_us();
    size_t plays = 0, most = key == NULL ? SHRINK_CRASHES : SHRINK_PLAYS;
    uint8_t *room = report_grown(NULL, octets->len + 1);
    bool whole = octets->len > 0 && octets->ptr[octets->len - 1] == '\n';
    set_patience(v, thrift_bounded(8 * v->talk.longest_us, LEAST_US, FIRST_US / 4),
                 early ? talk_early_us(&v->talk) / 2 : 0);
    campaign_talk(v->campaign, v->talk.awaited_us, &v->kept);
    v->kept.passed = v->talk.passed;
    shrink_begin(&shrink, shrink_octets_piece, octets->ptr, octets->len, room);
    while (plays++ < most && wire_now_us() - begun < SHRINK_US && !v->hurried() &&
           shrink_next(&shrink, &candidate) && (key != NULL || shrink.grain < SHRINK_OCTETS))
        shrink_answer(&shrink, key == NULL ? kills_whole(v, candidate, whole)
                                           : may_be(v, candidate, key) && again(v, candidate, key));
    talk_part(&v->kept);
    octets->len = shrink.best_len;
    free(room);
}

/* ---- as a script ---- */

static bool script_fails(struct verify *v, const struct script *script)
{
    struct log log = {.count = 0};
    struct once *once = once_open(v->campaign->options);
    if (once == NULL)
        return false;
    enum engine_verdict verdict = once_play(once, &script->tests[0], 3000, &log);
    once_close(once);
    log_free(&log);
    return verdict == ENGINE_FAIL || verdict == ENGINE_ERROR;
}

/* A signal that comes meanwhile waits until it is caught here again. */
static bool script_fails_quietly(struct verify *v, const struct script *script)
{
    sigset_t ends, before;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, &before);
    bool fails = script_fails(v, script);
    v->catch_signals();
    sigprocmask(SIG_SETMASK, &before, NULL);
    return fails;
}

/* What a sanitizer reports is not seen by the script: then it is the log that shows it. */
static bool script_shows(struct verify *v, const struct script *script)
{
    if (v->end == ORACLE_SANITIZER)
        process_stop(v->process);
    if (!verify_start(v))
        return false;
    process_reported(v->process);
    bool fails = script_fails_quietly(v, script);
    sleep_ms(v->end == ORACLE_SANITIZER ? 20 : 0);
    if (v->end == ORACLE_SANITIZER)
        return process_reported(v->process);
    if (fails && v->end != ORACLE_NONE && (v->end == ORACLE_HANG || !verify_lives(v)))
        process_stop(v->process);
    return fails;
}

static bool script_always_fails(struct verify *v, struct slice text)
{
    struct script *script = load_octets(text, "finding", v->campaign->options);
    bool fails = script->error_count == 0 && script->test_count == 1;
    for (unsigned i = 0; fails && i < CONFIRMATIONS; i++)
        fails = script_shows(v, script) && !v->interrupted();
    script_free(script);
    return fails;
}

static bool write_beside(const struct verify *v, const char *folder, const char *name,
                         const char *ending, struct slice octets)
{
    char file[300], path[4500];
    snprintf(file, sizeof file, "%s/%s%s", folder, name, ending);
    if (campaign_write(campaign_path(v->campaign, file, path, sizeof path), octets))
        return true;
    fprintf(stderr, "maildrill fuzz: %s: %s\n", path, strerror(errno));
    return false;
}

static void put_heading(const struct verify *v, struct writer *w)
{
    const struct oracle_row *row = &oracle_rows[v->talk.session.oracle];
    writer_put(w, SLICE("# Found by maildrill fuzz. Oracle: "));
    writer_put(w, slice_of_cstr(row->name));
    writer_put(w, SLICE("; "));
    writer_put(w, slice_of_cstr(row->section));
    writer_put(w, SLICE("; severity: "));
    writer_put(w, slice_of_cstr(row->severity));
    writer_put(w, SLICE(".\n"));
    if (!v->reported || v->end == ORACLE_NONE)
        return;
    writer_put(w, SLICE("# server.log: "));
    writer_put(w, slice_of_cstr(v->process->report));
    writer_put(w, v->end == ORACLE_SANITIZER ? SLICE("\n# maildrill run does not see that.\n")
                                             : SLICE("\n"));
}

static void tell(const struct verify *v, const char *key, struct slice script)
{
    const struct oracle_row *row = &oracle_rows[v->talk.session.oracle];
    uint8_t title[300];
    struct writer w = writer_of(title, sizeof title);
    char path[4500], file[300];
    finding_title(&v->talk.session, &w);
    snprintf(file, sizeof file, "findings/%s.smtp", key);
    survey_finding(v->survey, &v->talk.session, writer_slice(&w), file, script);
    progress_hide();
    printf("finding: %s: %.*s (%s)\n         %s\n", row->severity, (int)w.len, (const char *)title,
           row->section, campaign_path(v->campaign, file, path, sizeof path));
    fflush(stdout);
}

/* talk.session is the last play of `octets`. */
static bool write_finding(struct verify *v, const char *key, struct slice octets)
{
    struct writer w = writer_of(report_grown(NULL, SCRIPT_OCTETS), SCRIPT_OCTETS);
    put_heading(v, &w);
    finding_script(&v->talk.session, &w);
    bool good = !w.overflow && script_always_fails(v, writer_slice(&w));
    if (good) {
        write_beside(v, "findings", key, ".smtp", writer_slice(&w));
        write_beside(v, "findings", key, ".octets", octets);
        v->findings++;
        tell(v, key, writer_slice(&w));
    } else if (!v->interrupted()) {
        write_beside(v, "unconfirmed", key, ".smtp", writer_slice(&w));
    }
    free(w.ptr);
    return good;
}

static bool is_known(const struct verify *v, const char *key)
{
    char file[300], path[4500];
    snprintf(file, sizeof file, "findings/%s.smtp", key);
    return access(campaign_path(v->campaign, file, path, sizeof path), F_OK) == 0;
}

/* Whether the command is known to kill the server, or to keep it from answering: then it gets no
 * reply for that. */
static bool is_of_crash(const struct verify *v)
{
    char key[CAMPAIGN_KEY];
    struct session crash = v->talk.session;
    if (crash.oracle != ORACLE_NO_REPLY && crash.oracle != ORACLE_CLOSED)
        return false;
    for (enum oracle end = ORACLE_CRASH; end <= ORACLE_HANG; end++) {
        crash.oracle = end;
        key[session_key(&crash, key, sizeof key - 1)] = '\0';
        if (is_known(v, key))
            return true;
    }
    return false;
}

static bool starts(const char *name, const char *with)
{
    return strncmp(name, with, strlen(with)) == 0;
}

/* As a bit. */
static uint64_t oracle_named(const char *name)
{
    for (unsigned i = 1; i < ORACLE_COUNT; i++)
        if ((SHADOW_FORMS >> i & 1) != 0 && starts(name, oracle_rows[i].name))
            return UINT64_C(1) << i;
    return 0;
}

/* Whether the server closes one connection, and serves others as before. */
static bool goes_on(struct verify *v)
{
    uint64_t begun = wire_now_us();
    return v->may_die && verify_lives(v) && wire_now_us() - begun < PROMPT_US;
}

/* One that closes may be away for a while, and is for everybody: then nobody else talks to it while
 * a dialogue is made small, either. */
static void minimise_candidate(struct verify *v, struct buffer *octets, const char *key, bool early)
{
    bool together = goes_on(v);
    if (together)
        v->alone(v->context, false);
    minimise(v, octets, key, early);
    if (together)
        v->alone(v->context, true);
}

/* Made small, or, where that was done in too much haste, as it is. */
static bool confirm(struct verify *v, struct slice octets, const char *key, struct buffer *ret)
{
    bool early = comes_early(v->talk.session.oracle);
    buffer_put(ret, octets);
    minimise_candidate(v, ret, key, early);
    if (again_and_again(v, buffer_slice(ret), key, early))
        return true;
    bool smaller = ret->len < octets.len;
    ret->len = 0;
    buffer_put(ret, octets);
    return smaller && again_and_again(v, octets, key, early);
}

void verify_unconfirmed(const struct verify *v, const char *name, struct slice octets)
{
    if (!v->interrupted())
        write_beside(v, "unconfirmed", name, ".octets", octets);
}

/* In haste, and once more where the server is slow. */
static bool looks_wrong(struct verify *v, struct slice octets)
{
    set_patience(v, FIRST_US, TALK_EARLY_US);
    bool spoke = talk_patiently(v, octets);
    if (spoke && talk_early_us(&v->talk) > TALK_EARLY_US) {
        set_patience(v, FIRST_US, talk_early_us(&v->talk));
        spoke = talk_patiently(v, octets);
    }
    return spoke && v->talk.session.oracle != ORACLE_NONE;
}

void verify_candidate(struct verify *v, const char *name, struct slice octets)
{
    char key[CAMPAIGN_KEY];
    struct buffer small = {.ptr = NULL};
    v->end = ORACLE_NONE;
    v->how = starts(name, "pipelined") ? TALK_GROUPS
             : starts(name, "pieces")  ? TALK_PIECES
                                       : TALK_STEPS;
    v->may_die = starts(name, "closed");
    v->talk.passed = atomic_load(&v->campaign->shared->passed) & ~oracle_named(name);
    v->leaks = starts(name, oracle_rows[ORACLE_SESSION_LEAK].name);
    bool found = looks_wrong(v, octets);
    key[session_key(&v->talk.session, key, sizeof key - 1)] = '\0';
    if (found && (is_known(v, key) || is_of_crash(v)))
        return;
    found = found && confirm(v, octets, key, &small);
    if (found) { /* what is small may be named more exactly, and be known */
        key[session_name(&v->talk.session, key, sizeof key - 1)] = '\0';
        found = is_known(v, key) || write_finding(v, key, buffer_slice(&small));
    }
    if (!found)
        verify_unconfirmed(v, name, octets);
    buffer_free(&small);
}

/* With care the last time. */
static bool always_kills(struct verify *v, struct slice octets)
{
    enum oracle end = ORACLE_NONE;
    for (unsigned i = 1; i <= CONFIRMATIONS; i++) {
        if (!kills(v, octets, i < CONFIRMATIONS ? QUICK : CAREFUL) || (i > 1 && v->end != end) ||
            v->interrupted())
            return false;
        end = v->end;
    }
    return true;
}

bool verify_crash(struct verify *v, struct slice octets, bool fresh)
{
    char key[CAMPAIGN_KEY];
    struct buffer small = {.ptr = NULL};
    v->fresh = fresh;
    if (!kills(v, octets, QUICK))
        return false;
    name_crash(v, v->crash, sizeof v->crash);
    name_finding(v, key, sizeof key);
    if (is_known(v, key))
        return true;
    buffer_put(&small, octets);
    minimise(v, &small, NULL, false);
    bool always = always_kills(v, buffer_slice(&small));
    name_finding(v, key, sizeof key); /* what is small may be known */
    if (!is_known(v, key) && (!always || !write_finding(v, key, buffer_slice(&small))))
        write_beside(v, "unconfirmed", key, ".octets", octets);
    buffer_free(&small);
    return true;
}
