#include "cli/fuzz/doubt.h"

#include <stdio.h>

#include "campaign/dialogue.h"

#define AGAIN_US 500000 /* a reply is waited for so long when a dialogue is looked at again */
#define MAX_LOST 64
#define GROUPED  16 /* of so many dialogues that went step by step, one goes in groups, too */

/* Not 0, which stands for none. */
static uint64_t hash_of(struct slice octets)
{
    uint64_t hash = slice_hash(SLICE_HASH, octets);
    return hash == 0 ? 1 : hash;
}

/* ---- what is handed over ---- */

static bool is_known(const struct doubt *d, uint64_t key)
{
    for (size_t i = 0; i < d->known_count; i++)
        if (d->known[i] == key)
            return true;
    return false;
}

/* What is handed over as it was said. */
static void hand_octets(const struct doubt *d, const char *key, struct slice octets,
                        const char *ending)
{
    char name[256], path[4400], done[4400];
    snprintf(name, sizeof name, "candidates/.%s%s", key, ending);
    campaign_path(d->campaign, name, path, sizeof path);
    snprintf(name, sizeof name, "candidates/%s%s-%zu", key, ending, d->number);
    campaign_path(d->campaign, name, done, sizeof done);
    if (campaign_write(path, octets))
        rename(path, done); /* whole or not there */
}

/* Whether the key was not handed over before. */
static bool is_new(struct doubt *d, const char *key)
{
    uint64_t hash = hash_of(slice_of_cstr(key));
    if (is_known(d, hash))
        return false;
    if (d->known_count < DOUBT_KEYS)
        d->known[d->known_count++] = hash;
    return true;
}

/* True. */
static bool hand_over(struct doubt *d, const struct session *session, struct slice octets)
{
    char key[CAMPAIGN_KEY];
    key[session_name(session, key, sizeof key - 1)] = '\0';
    if (is_new(d, key))
        hand_octets(d, key, octets, "");
    return true;
}

void doubt_reported(struct doubt *d, const struct process *server, struct slice octets)
{
    char key[CAMPAIGN_KEY], cause[CAMPAIGN_KEY - 16];
    const struct campaign_said *before =
        &d->shared->last[(atomic_load(&d->shared->said) - 2) % CAMPAIGN_LAST];
    if (!process_cause(server, cause, sizeof cause))
        snprintf(cause, sizeof cause, "somewhere");
    snprintf(key, sizeof key, "sanitizer-in-%s", cause);
    if (!is_new(d, key))
        return;
    hand_octets(d, key, octets, "");
    if (before->len > 0)
        hand_octets(d, key, slice_of(before->octets, before->len), "-before");
}

/* ---- once more ---- */

/* What looked wrong in this way: the oracle's key; where replies were only too many, how many of
 * them, and which verbs were said. */
static uint64_t look_of(const struct session *s, struct slice octets)
{
    char key[160];
    size_t len = session_name(s, key, sizeof key);
    uint64_t hash = hash_of(slice_of(key, len));
    if (s->oracle != ORACLE_NONE)
        return hash;
    return hash ^ ((uint64_t)dialogue_verbs(octets) << 8 |
                   (s->doubtful ? 255 : (s->replies - s->most) & 255)) *
                      UINT64_C(0x9e3779b97f4a7c15);
}

/* One dialogue in eight is looked at again, at most. */
static bool may_look(const struct doubt *d)
{
    return atomic_load(&d->shared->confirmed) * 8 <= atomic_load(&d->shared->dialogues) + 64;
}

/* What often looks wrong and is not is looked at less. */
static bool is_vain(struct doubt *d, uint64_t look)
{
    size_t slot = look % DOUBT_KEYS;
    bool often = d->vain[slot] == look && d->vain_count[slot] > 4;
    if (is_known(d, look) && mutate_random(&d->chance, 64) != 0)
        return true;
    return (often && mutate_random(&d->chance, d->vain_count[slot]) != 0) ||
           (!may_look(d) && d->search->session.oracle == ORACLE_NONE);
}

/* With patience, over the connections that the search keeps. */
static bool talk_kept(struct doubt *d, struct slice octets, enum talk_how how)
{
    struct talk *t = &d->kept;
    memcpy(t->lines, d->search->lines, sizeof t->lines);
    t->alone = d->search->alone;
    t->most_kept = d->search->most_kept;
    t->extended = d->search->extended;
    bool spoke = talk(t, octets, how);
    if (spoke && how == TALK_STEPS && t->session.oracle == ORACLE_NONE)
        t->strayed = !talk_in_step(t);
    memcpy(d->search->lines, t->lines, sizeof t->lines);
    return spoke;
}

/* In lock-step each reply is its command's, where none comes too late: `early_us` says how long one
 * has time to come before the next command leaves. False where nothing is wrong. */
static bool is_wrong_in_steps(struct doubt *d, struct slice octets, uint64_t early_us)
{
    d->again.early_us = early_us;
    return talk(&d->again, octets, TALK_STEPS) &&
           (talk_ungreeted(&d->again) || d->again.session.oracle != ORACLE_NONE);
}

/* Over a connection that is kept, as it was there: where that cost the server something. */
static bool is_wrong_still(struct doubt *d, struct slice octets)
{
    return !d->search->was_kept || !dialogue_greets(octets) || !talk_kept(d, octets, TALK_STEPS) ||
           d->kept.session.oracle != ORACLE_NONE || d->kept.strayed;
}

/* Nearly all of what looks wrong is not, which is seen soonest without that time: a reply too many
 * would be taken for the next command's, and be one too many at the end. */
static bool is_wrong(struct doubt *d, struct slice octets)
{
    atomic_fetch_add(&d->shared->confirmed, 1);
    if (!is_wrong_still(d, octets))
        return false;
    /* As in verify.c: no process dies of its first client. */
    if (d->search->session.oracle == ORACLE_CLOSED || d->search->session.doubtful)
        (void)is_wrong_in_steps(d, SLICE("EHLO client.example\r\nQUIT\r\n"), 0);
    if (!is_wrong_in_steps(d, octets, 0) || !is_wrong_in_steps(d, octets, talk_early_us(&d->again)))
        return false;
    if (talk_ungreeted(&d->again)) /* it may be what does that: the leader waits and sees */
        return hand_over(d, &d->search->session, octets);
    graph_add(&d->shared->graph, &d->again.session, true);
    return hand_over(d, &d->again.session, octets);
}

/* As a client that pipelines: a reply is lost that comes where each is waited for. */
static bool loses_reply(struct doubt *d, struct slice octets)
{
    if (d->lost >= MAX_LOST || !talk_kept(d, octets, TALK_GROUPS))
        return false;
    d->lost += d->kept.session.silent;
    if (d->kept.session.oracle == ORACLE_NONE)
        return false;
    d->lost = MAX_LOST; /* one is enough */
    return hand_over(d, &d->kept.session, octets);
}

/* Where some lines can be read in two ways, once more in plain ones. */
static bool is_plainly_wrong(struct doubt *d, struct slice octets)
{
    static uint8_t room[CAMPAIGN_INPUT_OCTETS];
    struct writer plain = writer_of(room, sizeof room);
    if (!d->search->session.lost || !session_exceeds(&d->search->session))
        return false;
    dialogue_put_plain(octets, &plain);
    return is_wrong(d, writer_slice(&plain));
}

/* The server had been greeted where the connection was kept. */
static struct slice greeted(struct slice octets)
{
    static uint8_t room[CAMPAIGN_INPUT_OCTETS];
    struct writer w = writer_of(room, sizeof room);
    if (!dialogue_greets(octets))
        writer_put(&w, SLICE("EHLO client.example\r\n"));
    writer_put(&w, octets);
    return writer_slice(&w);
}

/* What was said over the connection before. */
static bool was_wrong(struct doubt *d)
{
    const struct doubt_before *before = &d->before[d->search->line - d->search->lines];
    return is_wrong(d, greeted(slice_of(before->octets, before->len)));
}

static void remember_before(struct doubt *d, struct slice octets)
{
    struct doubt_before *before = &d->before[d->search->line - d->search->lines];
    before->len = octets.len < sizeof before->octets ? octets.len : sizeof before->octets;
    memcpy(before->octets, octets.ptr, before->len);
}

/* Over a connection that was kept, a reply may have come that the dialogue before it caused. */
static bool is_wrong_by_itself(struct doubt *d, struct slice octets)
{
    if (!d->search->was_kept)
        return is_wrong(d, octets);
    return is_wrong(d, greeted(octets)) || (session_exceeds(&d->search->session) && was_wrong(d));
}

/* What comes back of a session that says the same. */
static bool leaks(struct doubt *d, struct slice octets)
{
    d->again.early_us = 0;
    if (!talk(&d->again, octets, TALK_STEPS))
        return false;
    struct names before = d->again.names;
    return talk(&d->again, octets, TALK_STEPS) && d->again.session.oracle == ORACLE_SESSION_LEAK &&
           names_hold(&before, d->again.session.leaked) && hand_over(d, &d->again.session, octets);
}

/* One dialogue behind another, over one connection. */
static bool leaks_joined(struct doubt *d, struct slice first, struct slice second)
{
    static uint8_t joined[CAMPAIGN_INPUT_OCTETS];
    struct writer w = writer_of(joined, sizeof joined);
    writer_put(&w, dialogue_without_quit(first));
    writer_put(&w, SLICE("RSET\r\n"));
    writer_put(&w, second);
    return !w.overflow && leaks(d, writer_slice(&w));
}

/* Whoever said it; what shows it may stand before that, or behind. */
static bool is_leak(struct doubt *d, struct slice octets)
{
    uint32_t leaked = d->search->session.leaked;
    if (leaks(d, octets))
        return true;
    for (size_t i = 0; i < CAMPAIGN_LAST; i++) {
        const struct campaign_said *last = &d->shared->last[i];
        struct slice said = slice_of(last->octets, last->len);
        if (names_hold(&last->names, leaked))
            return leaks_joined(d, octets, said) || leaks_joined(d, said, octets);
    }
    return false;
}

static void look_again(struct doubt *d, struct slice octets, bool chosen)
{
    uint64_t look = look_of(&d->search->session, octets);
    size_t slot = look % DOUBT_KEYS;
    if (chosen ? is_known(d, look) : is_vain(d, look))
        return;
    if (d->search->session.oracle == ORACLE_SESSION_LEAK)
        (void)is_leak(d, octets);
    else
        (void)(is_wrong_by_itself(d, octets) || is_plainly_wrong(d, octets) ||
               loses_reply(d, octets));
    d->vain_count[slot] = d->vain[slot] == look ? d->vain_count[slot] + 1 : 1;
    d->vain[slot] = look;
}

/* ---- all that is said ---- */

void doubt_begin(struct doubt *d, const struct campaign *campaign, size_t number,
                 struct talk *search)
{
    *d = (struct doubt){.campaign = campaign,
                        .shared = &campaign->shared->workers[number],
                        .number = number,
                        .search = search};
    campaign_talk(campaign, AGAIN_US, &d->again);
    d->kept = d->again;
    d->again.most_kept = 0;
    campaign_names(&d->again, 2 * number + 1);
    d->chance.random = campaign->options->seed + number;
}

void doubt_pass(struct doubt *d, uint64_t passed)
{
    d->again.passed = d->kept.passed = passed;
}

void doubt_said(struct doubt *d, struct slice octets, bool chosen)
{
    const struct talk *search = d->search;
    if (search->strayed && may_look(d))
        (void)was_wrong(d);
    if (session_suspicious(&search->session))
        look_again(d, octets, chosen);
    else if (search->how == TALK_STEPS && dialogue_is_text(octets) &&
             (chosen || mutate_random(&d->chance, GROUPED) == 0))
        (void)loses_reply(d, octets);
    if (search->keeps)
        remember_before(d, octets);
}

void doubt_pieces(struct doubt *d, struct slice octets)
{
    d->again.early_us = TALK_EARLY_US;
    if (!talk(&d->again, octets, TALK_PIECES) || d->again.session.oracle == ORACLE_NONE)
        return;
    if (is_wrong_in_steps(d, octets, talk_early_us(&d->again))) {
        if (!talk_ungreeted(&d->again))
            (void)hand_over(d, &d->again.session, octets);
    } else if (talk(&d->again, octets, TALK_PIECES) && d->again.session.oracle != ORACLE_NONE) {
        (void)hand_over(d, &d->again.session, octets);
    }
}
