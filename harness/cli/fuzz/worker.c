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
#include "cli/fuzz/campaign.h"
#include "mutate_dialogue.h"

#define SENT_OCTETS                                                                                \
    ((long)32 << 20) /* of a log of what was sent; the one before it is kept, too                  \
                      */
#define MAX_KEYS        1024
#define AGAIN_US        500000 /* a reply is waited for so long when a dialogue is looked at again */
#define EARLY_US        10000
#define MAX_LOST        64
#define HABIT_DIALOGUES 64    /* before anything is the server's habit */
#define SLOW_US         10000 /* a verb that takes no longer is not slow */
#define GROUPED         16 /* of so many dialogues that went step by step, one goes in groups, too */
#define DEAR_US         2000 /* nor is a dialogue dear */
#define FEW             20   /* dialogues tell nothing about others that are like them */

#if MAILDRILL_LIBFUZZER

/* Dialogues that cost a server alike. */
enum {
    COSTS_CONNECTION = 1, /* whatever is answered, */
    MAY_COST_CONNECTION = 2,
    COSTS_MESSAGE = 4,
    COSTS = 8
};

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
    struct talk talk, again; /* the search; over connections of their own */
    struct talk kept;        /* over those of the search */
    struct before {
        size_t len;
        uint8_t octets[CAMPAIGN_INPUT_OCTETS];
    } before[TALK_LINES]; /* what was said last over each connection that is kept */
    uint8_t seen[FEATURE_COUNT];
    struct frontier *frontier; /* large: a checker of leaks reads all that is static at each exit */
    struct process watch;      /* the server: what it logs */
    uint64_t begun_us;
    uint64_t spoken, spent_us; /* dialogues behind the opening, and the time they took, */
    struct cost {
        uint64_t dialogues, us;
    } costs[COSTS];         /* of which */
    uint64_t latencies[40]; /* dialogues whose longest wait was up to 2^i us */
    uint64_t timed;
    FILE *sent;
    /* findings that were handed over, and suspicions that came to nothing */
    unsigned lost; /* replies in groups that were waited for, MAX_LOST at most */
    uint64_t known[MAX_KEYS], vain[MAX_KEYS];
    unsigned vain_count[MAX_KEYS];
    size_t known_count;
    uint64_t told[ORACLE_COUNT]; /* dialogues of which the oracle was the first to speak */
    struct mutate chance;
    bool opening; /* what is said now is of opening.h: none is left out */
} worker;

static uint64_t hash_of(struct slice octets)
{
    uint64_t hash = slice_hash(SLICE_HASH, octets);
    return hash == 0 ? 1 : hash;
}

static void sleep_us(uint64_t us)
{
    struct timespec pause = {.tv_sec = (time_t)(us / 1000000),
                             .tv_nsec = (long)(us % 1000000) * 1000};
    nanosleep(&pause, NULL);
}

static void end_if_told(void)
{
    if (!atomic_load(&worker.campaign->shared->stop))
        return;
    if (worker.sent != NULL)
        fclose(worker.sent);
    _exit(0);
}

/* Between two dialogues, so that a server with time for one client alone has time for the leader.
 */
static void pause_if_told(void)
{
    while (atomic_load(&worker.campaign->shared->pause)) {
        talk_part(&worker.talk);
        atomic_store(&worker.shared->paused, true);
        end_if_told();
        sleep_us(5000);
    }
    if (atomic_exchange(&worker.shared->paused, false))
        process_reported(&worker.watch); /* what others said was looked into */
}

/* ---- the log of what was sent ---- */

static void open_sent(void)
{
    char name[64], before[64], path[4200], older[4200];
    snprintf(name, sizeof name, "sent-%zu.log", worker.number);
    snprintf(before, sizeof before, "sent-%zu.log.1", worker.number);
    campaign_path(worker.campaign, name, path, sizeof path);
    campaign_path(worker.campaign, before, older, sizeof older);
    if (worker.sent != NULL) {
        fclose(worker.sent);
        rename(path, older);
    }
    worker.sent = fopen(path, "ab");
}

static void log_sent(struct slice octets)
{
    if (worker.sent == NULL || ftell(worker.sent) > SENT_OCTETS)
        open_sent();
    if (worker.sent == NULL)
        return;
    fprintf(worker.sent, "# %.6f s, %zu octets\n", (double)(wire_now_us() - worker.begun_us) / 1e6,
            octets.len);
    fwrite(octets.ptr, 1, octets.len, worker.sent);
    fputc('\n', worker.sent);
}

static void remember(struct slice octets)
{
    uint64_t said = atomic_load(&worker.shared->said);
    struct campaign_said *last = &worker.shared->last[said % CAMPAIGN_LAST];
    last->len = octets.len < sizeof last->octets ? octets.len : sizeof last->octets;
    memcpy(last->octets, octets.ptr, last->len);
    last->ended[0] = '\0';
    last->names = (struct names){.last = 0};
    atomic_store(&worker.shared->said, said + 1);
}

static void remember_end(void)
{
    uint64_t said = atomic_load(&worker.shared->said);
    char *ended = worker.shared->last[(said - 1) % CAMPAIGN_LAST].ended;
    worker.shared->last[(said - 1) % CAMPAIGN_LAST].names = worker.talk.names;
    ended[session_crash_key(&worker.talk.session, ended, CAMPAIGN_KEY - 1)] = '\0';
}

/* ---- verbs that take long ---- */

/* The verbs of a dialogue, as bits. */
static uint32_t verbs_of(struct slice octets)
{
    uint32_t verbs = 0;
    while (octets.len > 0) {
        size_t end = slice_find(octets, '\n'), len = 0;
        while (len < end && len < 10 && octets.ptr[len] > ' ')
            len++;
        verbs |= 1u << ((unsigned)smtp_verb_of(slice_sub(octets, 0, len)) % CAMPAIGN_VERBS);
        octets = slice_from(octets, end < octets.len ? end + 1 : end);
    }
    return verbs & ~1u;
}

static unsigned costs_of(struct slice octets, uint32_t verbs)
{
    uint32_t message = 1u << SMTP_VERB_DATA | 1u << SMTP_VERB_BDAT;
    return (talk_ends(octets) ? COSTS_CONNECTION : 0u) |
           (talk_is_plain(octets) ? 0u : MAY_COST_CONNECTION) |
           ((verbs & message) != 0 ? COSTS_MESSAGE : 0u);
}

/* A verb is slow where dialogues with it take eight times as long as the mean. */
static void judge_costs(struct slice octets, uint32_t verbs, uint64_t taken_us)
{
    if (worker.opening) /* its dialogues are chosen */
        return;
    worker.spent_us += taken_us;
    struct cost *cost = &worker.costs[costs_of(octets, verbs)];
    cost->dialogues++;
    cost->us += taken_us;
    uint64_t mean = worker.spent_us / ++worker.spoken;
    for (unsigned i = 1; i < CAMPAIGN_VERBS; i++) {
        if ((verbs >> i & 1) == 0)
            continue;
        uint64_t n = atomic_fetch_add(&worker.shared->verbs[i].dialogues, 1) + 1;
        uint64_t us = atomic_fetch_add(&worker.shared->verbs[i].us, taken_us) + taken_us;
        bool slow = n >= 20 && us / n > SLOW_US && us / n > 8 * mean;
        if (slow)
            atomic_store(&worker.shared->verbs[i].slow, true);
    }
}

/* Whether dialogues that cost so much take four times as long as those that cost the least. */
static bool is_dear(unsigned costs, uint64_t least_us)
{
    const struct cost *cost = &worker.costs[costs];
    uint64_t mean = cost->dialogues == 0 ? 0 : cost->us / cost->dialogues;
    return cost->dialogues >= FEW && mean > DEAR_US && mean > 4 * least_us;
}

/* All that are dear have half of the time, and each kind of them the same part of that. */
static bool is_too_dear(unsigned costs)
{
    uint64_t least_us = UINT64_MAX / 4, dear = 0;
    for (const struct cost *cost = worker.costs; cost < worker.costs + COSTS; cost++)
        if (cost->dialogues >= FEW && cost->us / cost->dialogues < least_us)
            least_us = cost->us / cost->dialogues;
    for (unsigned i = 0; i < COSTS; i++)
        dear += is_dear(i, least_us);
    return is_dear(costs, least_us) && 2 * dear * worker.costs[costs].us > worker.spent_us;
}

/* Each verb that is slow has an eighth of the time. */
static bool left_out(struct slice octets, uint32_t verbs)
{
    bool out = is_too_dear(costs_of(octets, verbs));
    for (unsigned i = 1; i < CAMPAIGN_VERBS && !out; i++)
        out = (verbs >> i & 1) != 0 && atomic_load(&worker.shared->verbs[i].slow) &&
              8 * atomic_load(&worker.shared->verbs[i].us) > worker.spent_us;
    return out;
}

/* How long a wait was in so many of a hundred dialogues, at most. */
static uint64_t taken_by(unsigned percent)
{
    uint64_t within = 0;
    size_t bucket = 0;
    for (; bucket < 39 && within * 100 < worker.timed * percent; bucket++)
        within += worker.latencies[bucket];
    return UINT64_C(1) << bucket;
}

/* Four times the longest wait of 99 in 100 dialogues, from 20 ms to a second: what was longer is
 * looked at again. What was waited in vain is not counted: that is no time of the server's, and
 * would lengthen itself. A connection is given up sooner, after twice the longest of 90: no reply
 * is lost by that. */
static void adapt_timeout(uint64_t longest_us)
{
    size_t bucket = 0;
    while (bucket < 39 && longest_us >> bucket > 1)
        bucket++;
    worker.latencies[bucket]++;
    if (++worker.timed % 64 != 0)
        return;
    worker.talk.rest_us = talk_bounded(4 * taken_by(99), 20000, 1000000);
    worker.talk.awaited_us = worker.talk.rest_us;
    worker.talk.keep_us = talk_bounded(2 * taken_by(90), 2000, worker.talk.rest_us / 2);
}

/* ---- without doubt ---- */

/* The same lines in printable ASCII, each ended by CRLF: what every server reads alike, so that
 * each reply to them can be judged. Returns the octets. */
static size_t put_plain(struct slice text, uint8_t *out, size_t capacity)
{
    struct writer w = writer_of(out, capacity);
    while (text.len > 0 && !w.overflow) {
        size_t end = slice_find(text, '\n'), before = w.len;
        for (size_t i = 0; i < end; i++)
            if (text.ptr[i] >= ' ' && text.ptr[i] < 0x7f)
                writer_put_octet(&w, text.ptr[i]);
        if (w.len > before)
            writer_put(&w, SLICE("\r\n"));
        text = slice_from(text, end < text.len ? end + 1 : end);
    }
    return w.len;
}

/* ---- what looks wrong ---- */

static bool is_known(uint64_t key)
{
    for (size_t i = 0; i < worker.known_count; i++)
        if (worker.known[i] == key)
            return true;
    return false;
}

/* What is handed over as it was said. */
static void hand_octets(const char *key, struct slice octets, const char *ending)
{
    char name[256], path[4400], done[4400];
    snprintf(name, sizeof name, "candidates/.%s%s", key, ending);
    campaign_path(worker.campaign, name, path, sizeof path);
    snprintf(name, sizeof name, "candidates/%s%s-%zu", key, ending, worker.number);
    campaign_path(worker.campaign, name, done, sizeof done);
    if (campaign_write(path, octets))
        rename(path, done); /* whole or not there */
}

/* Whether the key was not handed over before. */
static bool is_new(const char *key)
{
    uint64_t hash = hash_of(slice_of_cstr(key));
    if (is_known(hash))
        return false;
    if (worker.known_count < MAX_KEYS)
        worker.known[worker.known_count++] = hash;
    return true;
}

/* True. */
static bool hand_over(const struct session *session, struct slice octets)
{
    char key[CAMPAIGN_KEY];
    key[session_name(session, key, sizeof key - 1)] = '\0';
    if (is_new(key))
        hand_octets(key, octets, "");
    return true;
}

/* A sanitizer has reported since the dialogue before this one: of this one, or still of that. */
static void hand_over_report(struct slice octets)
{
    char key[CAMPAIGN_KEY], cause[CAMPAIGN_KEY - 16];
    const struct campaign_said *before =
        &worker.shared->last[(atomic_load(&worker.shared->said) - 2) % CAMPAIGN_LAST];
    if (!process_cause(&worker.watch, cause, sizeof cause))
        snprintf(cause, sizeof cause, "somewhere");
    snprintf(key, sizeof key, "sanitizer-in-%s", cause);
    if (!is_new(key))
        return;
    hand_octets(key, octets, "");
    if (before->len > 0)
        hand_octets(key, slice_of(before->octets, before->len), "-before");
}

/* What looked wrong in this way: the oracle's key; where replies were only too many, how many of
 * them, and which verbs were said. */
static uint64_t look_of(const struct session *s, struct slice octets)
{
    char key[160];
    size_t len = session_name(s, key, sizeof key);
    uint64_t hash = hash_of(slice_of(key, len));
    if (s->oracle != ORACLE_NONE)
        return hash;
    return hash ^
           ((uint64_t)verbs_of(octets) << 8 | (s->doubtful ? 255 : (s->replies - s->most) & 255)) *
               UINT64_C(0x9e3779b97f4a7c15);
}

/* One dialogue in eight is looked at again, at most. */
static bool may_look(void)
{
    return atomic_load(&worker.shared->confirmed) * 8 <=
           atomic_load(&worker.shared->dialogues) + 64;
}

/* What often looks wrong and is not is looked at less. */
static bool is_vain(uint64_t look)
{
    size_t slot = look % MAX_KEYS;
    bool often = worker.vain[slot] == look && worker.vain_count[slot] > 4;
    if (is_known(look) && mutate_random(&worker.chance, 64) != 0)
        return true;
    return (often && mutate_random(&worker.chance, worker.vain_count[slot]) != 0) ||
           (!may_look() && worker.talk.session.oracle == ORACLE_NONE);
}

/* With patience, over the connections that the search keeps. */
static bool talk_kept(struct slice octets, enum talk_how how)
{
    struct talk *t = &worker.kept;
    memcpy(t->lines, worker.talk.lines, sizeof t->lines);
    t->alone = worker.talk.alone;
    t->most_kept = worker.talk.most_kept;
    t->extended = worker.talk.extended;
    bool spoke = talk(t, octets, how);
    if (spoke && how == TALK_STEPS && t->session.oracle == ORACLE_NONE)
        t->strayed = !talk_in_step(t);
    memcpy(worker.talk.lines, t->lines, sizeof t->lines);
    return spoke;
}

/* In lock-step each reply is its command's, where none comes too late: `early_us` says how long one
 * has time to come before the next command leaves. False where nothing is wrong. */
static bool is_wrong_in_steps(struct slice octets, uint64_t early_us)
{
    worker.again.early_us = early_us;
    return talk(&worker.again, octets, TALK_STEPS) &&
           (talk_ungreeted(&worker.again) || worker.again.session.oracle != ORACLE_NONE);
}

/* Over a connection that is kept, as it was there: where that cost the server something. */
static bool is_wrong_still(struct slice octets)
{
    return !worker.talk.was_kept || !talk_greets(octets) || !talk_kept(octets, TALK_STEPS) ||
           worker.kept.session.oracle != ORACLE_NONE || worker.kept.strayed;
}

/* Nearly all of what looks wrong is not, which is seen soonest without that time: a reply too many
 * would be taken for the next command's, and be one too many at the end. */
static bool is_wrong(struct slice octets)
{
    atomic_fetch_add(&worker.shared->confirmed, 1);
    if (!is_wrong_still(octets))
        return false;
    /* As in verify.c: no process dies of its first client. */
    if (worker.talk.session.oracle == ORACLE_CLOSED || worker.talk.session.doubtful)
        (void)is_wrong_in_steps(SLICE("EHLO client.example\r\nQUIT\r\n"), 0);
    if (!is_wrong_in_steps(octets, 0) || !is_wrong_in_steps(octets, EARLY_US))
        return false;
    if (talk_ungreeted(&worker.again)) /* it may be what does that: the leader waits and sees */
        return hand_over(&worker.talk.session, octets);
    graph_add(&worker.shared->graph, &worker.again.session, true);
    return hand_over(&worker.again.session, octets);
}

/* As a client that pipelines: a reply is lost that comes where each is waited for. */
static bool loses_reply(struct slice octets)
{
    if (worker.lost >= MAX_LOST || !talk_kept(octets, TALK_GROUPS))
        return false;
    worker.lost += worker.kept.session.silent;
    if (worker.kept.session.oracle == ORACLE_NONE)
        return false;
    worker.lost = MAX_LOST; /* one is enough */
    return hand_over(&worker.kept.session, octets);
}

/* As a terminal or a slow network sends, a line comes in pieces; and what is wrong with it whole.
 */
static bool misses_pieces(struct slice octets)
{
    worker.again.early_us = EARLY_US;
    if (!talk(&worker.again, octets, TALK_PIECES) || worker.again.session.oracle == ORACLE_NONE)
        return false;
    if (is_wrong_in_steps(octets, EARLY_US))
        return !talk_ungreeted(&worker.again) && hand_over(&worker.again.session, octets);
    return talk(&worker.again, octets, TALK_PIECES) && worker.again.session.oracle != ORACLE_NONE &&
           hand_over(&worker.again.session, octets);
}

/* Where some lines can be read in two ways, once more in plain ones. */
static bool is_plainly_wrong(struct slice octets)
{
    static uint8_t plain[CAMPAIGN_INPUT_OCTETS];
    return worker.talk.session.lost && session_exceeds(&worker.talk.session) &&
           is_wrong(slice_of(plain, put_plain(octets, plain, sizeof plain)));
}

/* The server had been greeted where the connection was kept. */
static struct slice greeted(struct slice octets)
{
    static uint8_t room[CAMPAIGN_INPUT_OCTETS];
    struct writer w = writer_of(room, sizeof room);
    if (!talk_greets(octets))
        writer_put(&w, SLICE("EHLO client.example\r\n"));
    writer_put(&w, octets);
    return writer_slice(&w);
}

/* What was said over the connection before. */
static bool was_wrong(void)
{
    const struct before *before = &worker.before[worker.talk.line - worker.talk.lines];
    return is_wrong(greeted(slice_of(before->octets, before->len)));
}

static void remember_before(struct slice octets)
{
    struct before *before = &worker.before[worker.talk.line - worker.talk.lines];
    before->len = octets.len < sizeof before->octets ? octets.len : sizeof before->octets;
    memcpy(before->octets, octets.ptr, before->len);
}

/* Over a connection that was kept, a reply may have come that the dialogue before it caused. */
static bool is_wrong_by_itself(struct slice octets)
{
    if (!worker.talk.was_kept)
        return is_wrong(octets);
    return is_wrong(greeted(octets)) || (session_exceeds(&worker.talk.session) && was_wrong());
}

/* Behind QUIT nothing is heard, and half of what is put in goes to the end. */
static size_t without_quit(struct slice text)
{
    static const struct slice quit = SLICE_INIT("QUIT\r\n");
    size_t len = text.len;
    while (len >= quit.len && slice_equal_nocase(slice_sub(text, len - quit.len, len), quit))
        len -= quit.len;
    return len;
}

/* What comes back of a session that says the same. */
static bool leaks(struct slice octets)
{
    worker.again.early_us = 0;
    if (!talk(&worker.again, octets, TALK_STEPS))
        return false;
    struct names before = worker.again.names;
    return talk(&worker.again, octets, TALK_STEPS) &&
           worker.again.session.oracle == ORACLE_SESSION_LEAK &&
           names_hold(&before, worker.again.session.leaked) &&
           hand_over(&worker.again.session, octets);
}

/* One dialogue behind another, over one connection. */
static bool leaks_joined(struct slice first, struct slice second)
{
    static uint8_t joined[CAMPAIGN_INPUT_OCTETS];
    struct writer w = writer_of(joined, sizeof joined);
    writer_put(&w, slice_of(first.ptr, without_quit(first)));
    writer_put(&w, SLICE("RSET\r\n"));
    writer_put(&w, second);
    return !w.overflow && leaks(writer_slice(&w));
}

/* Whoever said it; what shows it may stand before that, or behind. */
static bool is_leak(struct slice octets)
{
    uint32_t leaked = worker.talk.session.leaked;
    if (leaks(octets))
        return true;
    for (size_t i = 0; i < CAMPAIGN_LAST; i++) {
        const struct campaign_said *last = &worker.shared->last[i];
        struct slice said = slice_of(last->octets, last->len);
        if (names_hold(&last->names, leaked))
            return leaks_joined(octets, said) || leaks_joined(said, octets);
    }
    return false;
}

static void look_again(struct slice octets)
{
    uint64_t look = look_of(&worker.talk.session, octets);
    size_t slot = look % MAX_KEYS;
    if (worker.opening ? is_known(look) : is_vain(look))
        return;
    if (worker.talk.session.oracle == ORACLE_SESSION_LEAK)
        (void)is_leak(octets);
    else
        (void)(is_wrong_by_itself(octets) || is_plainly_wrong(octets) || loses_reply(octets));
    worker.vain_count[slot] = worker.vain[slot] == look ? worker.vain_count[slot] + 1 : 1;
    worker.vain[slot] = look;
}

/* ---- mutants ---- */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* What may follow a message that is asked for (354), and an answer to AUTH (334). */
static const struct slice texts[] = {
    SLICE_INIT(".\r\n"),
    SLICE_INIT("Subject: x\r\n\r\nx\r\n.\r\n"),
    SLICE_INIT("x\r\n..\r\n.\r\n"),
};
static const struct slice answers[] = {
    SLICE_INIT("*\r\n"),
    SLICE_INIT("=\r\n"),
    SLICE_INIT("dGVzdGVy\r\n"),
    SLICE_INIT("c2VjcmV0\r\n"),
    SLICE_INIT("AHRlc3RlcgBzZWNyZXQ=\r\n"),
    SLICE_INIT("\r\n"),
    SLICE_INIT(ACCOUNT_NO_PLAIN_TEXT "\r\n"),
    SLICE_INIT(ACCOUNT_NO_PASS_TEXT "\r\n"),
};
/* Where there is an account. */
static const struct slice credentials[] = {
    SLICE_INIT(ACCOUNT_USER_TEXT "\r\n"),  SLICE_INIT(ACCOUNT_PASS_TEXT "\r\n"),
    SLICE_INIT(ACCOUNT_PLAIN_TEXT "\r\n"), SLICE_INIT(ACCOUNT_WRONG_TEXT "\r\n"),
    SLICE_INIT(ACCOUNT_EMPTY_TEXT "\r\n"),
};
static const struct slice commands[] = {
    SLICE_INIT("EHLO client.example\r\n"),
    SLICE_INIT("HELO client.example\r\n"),
    SLICE_INIT("MAIL FROM:<a@client.example>\r\n"),
    SLICE_INIT("RCPT TO:<postmaster>\r\n"),
    SLICE_INIT("DATA\r\n"),
    SLICE_INIT("RSET\r\n"),
    SLICE_INIT("NOOP\r\n"),
    SLICE_INIT("VRFY postmaster\r\n"),
    SLICE_INIT("VRFY a@client.example\r\n"),
    SLICE_INIT("EXPN list\r\n"),
    SLICE_INIT("HELP\r\n"),
    SLICE_INIT("BDAT 0 LAST\r\n"),
    SLICE_INIT("BDAT 3\r\nx\r\n"),
    SLICE_INIT("AUTH PLAIN\r\n"),
};

/* libFuzzer chooses among all inputs; three times in four, a way to what is rare is put in the
 * place of its choice (campaign/frontier.h), mostly with plain commands behind it. */
static size_t step_further(struct mutate *m, const struct frontier_way *way, uint8_t *data,
                           size_t max_size)
{
    struct writer w = writer_of(data, max_size);
    if (mutate_random(m, 2) == 0)
        w.len = put_plain(slice_of(way->octets, way->len), data, max_size);
    else
        writer_put(&w, slice_of(way->octets, way->len));
    if (way->code == 354)
        writer_put(&w, mutate_word(m, MUTATE_WORDS(texts)));
    else if (way->code == 334 && worker.talk.account != NULL && mutate_random(m, 2) == 0)
        writer_put(&w, mutate_word(m, MUTATE_WORDS(credentials)));
    else if (way->code == 334)
        writer_put(&w, mutate_word(m, MUTATE_WORDS(answers)));
    for (size_t more = (mutate_random(m, 8) + 3) / 4; more > 0; more--)
        writer_put(&w, mutate_word(m, MUTATE_WORDS(commands)));
    return w.len;
}

/* As fuzz_custom_mutate, but the engine's own changes are seldom worth a dialogue. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    static uint8_t room[CAMPAIGN_INPUT_OCTETS];
    struct mutate m = {.random = seed, .octets = LLVMFuzzerMutate};
    max_size = max_size < sizeof room ? max_size : sizeof room;
    const struct frontier_way *way = NULL;
    if (!worker.campaign->options->blind && mutate_random(&m, 4) > 0)
        way = frontier_next(worker.frontier, mutate_random(&m, SIZE_MAX));
    if (way != NULL) {
        size = step_further(&m, way, data, max_size);
        if (mutate_random(&m, 4) > 0)
            return size;
    } else if (mutate_random(&m, 8) > 0) {
        size = without_quit(slice_of(data, size));
    }
    if (mutate_random(&m, 16) == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    do {
        size = mutate_dialogue(&m, slice_of(data, size), room, max_size);
        memcpy(data, room, size);
    } while (mutate_random(&m, 3) == 0);
    return size;
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
                                 size_t size2, uint8_t *out, size_t max_out_size, unsigned int seed)
{
    struct mutate m = {.random = seed};
    size_t len = without_quit(slice_of(data1, size1));
    return mutate_dialogue_cross(&m, slice_of(data1, len), slice_of(data2, size2), out,
                                 max_out_size);
}

/* ---- one dialogue ---- */

static void wait_for_server(void)
{
    atomic_store(&worker.shared->down, true);
    talk_part(&worker.talk);
    while (atomic_load(&worker.shared->down)) {
        end_if_told();
        pause_if_told();
        sleep_us(10000);
    }
}

static bool say(struct slice octets)
{
    for (unsigned i = 0; i < 20; i++) {
        bool spoke = talk(&worker.talk, octets, worker.campaign->how);
        if (spoke && talk_ungreeted(&worker.talk))
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
    uint64_t rate = worker.campaign->options->rate;
    if (rate == 0)
        return;
    uint64_t done = atomic_load(&worker.shared->dialogues) * worker.campaign->jobs;
    uint64_t due_us = worker.begun_us + done * 1000000 / rate;
    for (uint64_t now; (now = wire_now_us()) < due_us;) {
        end_if_told();
        sleep_us(due_us - now < 100000 ? due_us - now : 100000);
    }
}

/* What is wrong with how many replies are written, of more than one dialogue in four, hides what
 * else is wrong. */
static void pass_habit(void)
{
    enum oracle oracle = worker.talk.session.oracle;
    uint64_t dialogues = atomic_load(&worker.shared->dialogues);
    uint64_t seen = ++worker.told[oracle];
    if ((SHADOW_FORMS >> oracle & 1) != 0 && dialogues >= HABIT_DIALOGUES && 4 * seen > dialogues)
        atomic_fetch_or(&worker.campaign->shared->passed, UINT64_C(1) << oracle);
    worker.talk.passed = atomic_load(&worker.campaign->shared->passed);
    worker.again.passed = worker.kept.passed = worker.talk.passed;
}

static void count_marks(void)
{
    uint64_t count = 0;
    for (size_t i = 0; i < FEATURE_COUNT; i++)
        count += worker.seen[i] |= marks[i];
    atomic_store(&worker.shared->marks, count);
}

static int run(const uint8_t *data, size_t size)
{
    const struct campaign *c = worker.campaign;
    struct slice octets = slice_of(data, size);
    uint32_t verbs = verbs_of(octets);
    marks[0] = 1; /* libFuzzer ends where a run leaves no mark at all */
    end_if_told();
    pause_if_told();
    if (size == 0 || (!worker.opening && left_out(octets, verbs)))
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
    if (process_reported(&worker.watch))
        hand_over_report(octets);
    atomic_fetch_add(&worker.shared->dialogues, 1);
    adapt_timeout(worker.talk.longest_us);
    judge_costs(octets, verbs, worker.talk.taken_us);
    if (!c->options->blind) {
        feature_mark(marks, &worker.talk.session, worker.talk.taken_us);
        frontier_note(worker.frontier, &worker.talk.session, octets);
    }
    count_marks();
    graph_add(&worker.shared->graph, &worker.talk.session, worker.talk.how == TALK_STEPS);
    if (worker.talk.strayed && may_look())
        (void)was_wrong();
    if (session_suspicious(&worker.talk.session))
        look_again(octets);
    else if (worker.talk.how == TALK_STEPS && talk_is_text(octets) &&
             (worker.opening || mutate_random(&worker.chance, GROUPED) == 0))
        (void)loses_reply(octets);
    if (worker.talk.keeps)
        remember_before(octets);
    pass_habit();
    return 0;
}

/* Each worker says its share. In one write, each has a connection: what is said before would shift
 * the stream's borders. */
static void open_campaign(void)
{
    static uint8_t room[CAMPAIGN_INPUT_OCTETS];
    const struct campaign *c = worker.campaign;
    struct slice greeting = slice_of(c->greeting, c->greeting_octets);
    bool alone = false;
    worker.opening = true;
    for (size_t number = worker.number; c->opens; number += c->jobs) {
        struct writer w = writer_of(room, sizeof room);
        if (!opening_put(number, greeting, &w, &alone))
            break;
        worker.talk.alone = alone || c->how == TALK_AT_ONCE;
        if (!w.overflow)
            (void)run(w.ptr, w.len);
        if (number < OPENING_SINGLES && !w.overflow)
            (void)misses_pieces(writer_slice(&w));
    }
    worker.opening = worker.talk.alone = false;
}

bool worker_possible(void)
{
    return true;
}

static void be_quiet(void)
{
    char name[64], path[4200];
    snprintf(name, sizeof name, "worker-%zu.log", worker.number);
    int log = open(campaign_path(worker.campaign, name, path, sizeof path),
                   O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(log, 1);
    dup2(log, 2);
}

_Noreturn void worker_run(const struct campaign *campaign, size_t number)
{
    char corpus[4200], seed[32], length[32];
    worker.campaign = campaign;
    worker.shared = &campaign->shared->workers[number];
    worker.number = number;
    worker.frontier = calloc(1, sizeof *worker.frontier);
    if (worker.frontier == NULL)
        abort();
    worker.begun_us = wire_now_us();
    worker.watch = *campaign->process;
    process_reported(&worker.watch);
    campaign_talk(campaign, 200000, &worker.talk);
    worker.talk.ahead = campaign->dear;
    campaign_talk(campaign, AGAIN_US, &worker.again);
    worker.kept = worker.again;
    worker.again.most_kept = 0;
    campaign_names(&worker.talk, 2 * number);
    campaign_names(&worker.again, 2 * number + 1);
    worker.chance.random = campaign->options->seed + number;
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
