#define _POSIX_C_SOURCE 200809L

#include "cli/fuzz/pair.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "campaign/shrink.h"
#include "cli/fuzz/progress.h"
#include "cli/play/load.h"
#include "cli/play/once.h"

#define CONFIRMATIONS 3
#define SCRIPT_OCTETS ((size_t)64 << 10)
#define SHRINK_PLAYS  1500
#define SHRINK_US     20000000
#define KEY_OCTETS    200

/* Replies that are due are waited for, further ones, and the end of the connection. */
static const struct {
    uint64_t awaited_us, early_us, rest_us;
} patience[] = {
    [PAIR_QUICK] = {1000000, 0, 20000},
    [PAIR_STEADY] = {2000000, 5000, 200000},
    [PAIR_CAREFUL] = {0, 100000, 1000000}, /* as long as the user says */
};

static bool talk_to(struct pair *p, struct pair_server *server, struct slice octets,
                    enum pair_patience how)
{
    uint64_t awaited_us = patience[how].awaited_us;
    server->talk.account = &p->campaign->account;
    server->talk.awaited_us =
        awaited_us == 0 ? p->campaign->options->timeout_ms * 1000 : awaited_us;
    server->talk.early_us = patience[how].early_us;
    server->talk.rest_us = patience[how].rest_us;
    p->dialogues++;
    return talk(&server->talk, octets, TALK_STEPS);
}

bool pair_talk(struct pair *p, struct slice octets, enum pair_patience how)
{
    return talk_to(p, p->a, octets, how) && talk_to(p, p->b, octets, how);
}

/* ---- what it is ---- */

static bool find(struct pair *p, struct disagreement *ret)
{
    return disagree_find(&p->a->talk.session, &p->b->talk.session, ret);
}

/* Plays the control, and with it the sessions go. */
static void judge(struct pair *p, struct disagreement *d)
{
    uint8_t room[CAMPAIGN_INPUT_OCTETS];
    struct writer w = writer_of(room, sizeof room);
    if (d->kind != DISAGREE_STATE)
        return;
    const struct session_step *step = &p->a->talk.session.steps[d->at];
    bool tells = disagree_control(step, slice_of_cstr(p->mail), slice_of_cstr(p->rcpt), &w) &&
                 pair_talk(p, writer_slice(&w), PAIR_STEADY);
    if (tells)
        disagree_judge(d, &p->a->talk.session, &p->b->talk.session);
    else
        d->kind = DISAGREE_NONE;
}

/* The dialogue that shows it: of a line that is odd in itself, its control, which is as short as
 * can be: then true. */
static bool choose_dialogue(struct pair *p, struct slice octets, struct buffer *out)
{
    struct disagreement d;
    uint8_t room[CAMPAIGN_INPUT_OCTETS];
    struct writer w = writer_of(room, sizeof room);
    bool found = pair_talk(p, octets, PAIR_STEADY) && find(p, &d) && d.kind == DISAGREE_STATE;
    found = found && disagree_control(&p->a->talk.session.steps[d.at], slice_of_cstr(p->mail),
                                      slice_of_cstr(p->rcpt), &w);
    if (found) {
        judge(p, &d);
        found = d.kind == DISAGREE_LINE;
    }
    buffer_put(out, found ? writer_slice(&w) : octets);
    return found;
}

/* Its key, "" where they agree after all. */
static bool key_of(struct pair *p, struct slice octets, enum pair_patience how, char *key)
{
    struct disagreement d;
    struct writer w = writer_of(key, KEY_OCTETS - 1);
    key[0] = '\0';
    if (!pair_talk(p, octets, how) || !find(p, &d))
        return false;
    judge(p, &d);
    if (d.kind == DISAGREE_NONE)
        return false;
    disagree_key(&d, &w);
    key[w.len] = '\0';
    return true;
}

static bool again(struct pair *p, struct slice octets, enum pair_patience how, const char *key)
{
    char now[KEY_OCTETS];
    return !p->interrupted() && key_of(p, octets, how, now) && strcmp(now, key) == 0;
}

static void minimise(struct pair *p, struct buffer *octets, const char *key)
{
    struct shrink shrink;
    struct slice candidate;
    uint64_t begun = wire_now_us();
    size_t plays = 0;
    uint8_t *room = report_grown(NULL, octets->len + 1);
    shrink_begin(&shrink, shrink_octets_piece, octets->ptr, octets->len, room);
    while (plays++ < SHRINK_PLAYS && wire_now_us() - begun < SHRINK_US && !p->interrupted() &&
           shrink_next(&shrink, &candidate) && shrink.grain < SHRINK_OCTETS)
        shrink_answer(&shrink, again(p, candidate, PAIR_STEADY, key));
    octets->len = shrink.best_len;
    free(room);
}

/* ---- the script ---- */

static enum engine_verdict verdict_at(struct pair *p, const struct pair_server *server,
                                      const struct script *script)
{
    struct log log = {.count = 0};
    struct options options = *p->campaign->options;
    options.servers[0] = server->url;
    options.server_count = 1;
    struct once *once = once_open(&options);
    if (once == NULL)
        return ENGINE_SKIP;
    enum engine_verdict verdict = once_play(once, &script->tests[0], 3000, &log);
    once_close(once);
    log_free(&log);
    return verdict;
}

static bool script_tells(struct pair *p, struct slice text)
{
    struct script *script = load_octets(text, "finding", p->campaign->options);
    bool tells = script->error_count == 0 && script->test_count == 1;
    for (unsigned i = 0; tells && i < CONFIRMATIONS && !p->interrupted(); i++)
        tells = (verdict_at(p, p->a, script) == ENGINE_PASS) !=
                (verdict_at(p, p->b, script) == ENGINE_PASS);
    script_free(script);
    return tells;
}

static void write_beside(const struct pair *p, const char *folder, const char *name,
                         const char *ending, struct slice octets)
{
    char file[300], path[4500];
    snprintf(file, sizeof file, "%s/%s%s", folder, name, ending);
    if (!campaign_write(campaign_path(p->campaign, file, path, sizeof path), octets))
        fprintf(stderr, "maildrill fuzz: %s: %s\n", path, strerror(errno));
}

/* ---- telling ---- */

static void chronicle_step(const struct pair *p, json_t *f, const struct disagreement *d, size_t at)
{
    const struct session *a = &p->a->talk.session, *b = &p->b->talk.session;
    const struct session_step *x = &a->steps[at], *y = &b->steps[at];
    bool decisive = at == d->at, alike = x->code == y->code && !decisive;
    struct slice nothing = SLICE("(no reply)");
    if (x->said.len > 0)
        chronicle_say(p->chronicle, f, "C", x->said, false, NULL);
    if (alike && x->raw.len > 0)
        chronicle_say(p->chronicle, f, "S", x->raw, false, NULL);
    if (alike)
        return;
    chronicle_say(p->chronicle, f, p->a->name, x->raw.len > 0 ? x->raw : nothing, decisive, NULL);
    chronicle_say(p->chronicle, f, p->b->name, y->raw.len > 0 ? y->raw : nothing, decisive,
                  decisive && x->further != y->further ? "one says more than the other" : NULL);
}

/* The sessions are those of the disagreement. */
static void tell(struct pair *p, const struct disagreement *d, const char *key, struct slice script)
{
    const struct disagree_row *row = &disagree_rows[d->kind];
    uint8_t title[400];
    char file[300], path[4500];
    struct writer w = writer_of(title, sizeof title);
    disagree_title(d, slice_of_cstr(p->a->name), slice_of_cstr(p->b->name), &w);
    snprintf(file, sizeof file, "findings/%s.smtp", key);
    json_t *f = chronicle_new_finding(p->chronicle, row->name, row->severity, row->section,
                                      writer_slice(&w), file);
    chronicle_set(f, "at_s", json_real((double)(wire_now_us() - p->begun_us) / 1e6));
    chronicle_set(f, "script", chronicle_lines(p->chronicle, script));
    for (size_t i = 0; i <= d->at; i++)
        chronicle_step(p, f, d, i);
    chronicle_finding(p->chronicle, f);
    p->findings++;
    progress_hide();
    printf("finding: %s: %.*s (%s)\n         %s\n", row->severity, (int)w.len, (const char *)title,
           row->section, campaign_path(p->campaign, file, path, sizeof path));
    fflush(stdout);
}

/* Plays it once more, so that the sessions are its own, and writes it down. */
static bool write_finding(struct pair *p, struct slice octets, const char *key)
{
    struct disagreement d, judged;
    struct writer w = writer_of(report_grown(NULL, SCRIPT_OCTETS), SCRIPT_OCTETS);
    bool good = pair_talk(p, octets, PAIR_CAREFUL) && find(p, &d);
    if (good) {
        judged = d;
        judge(p, &judged);
        good = judged.kind != DISAGREE_NONE && pair_talk(p, octets, PAIR_CAREFUL) && find(p, &d);
        d.kind = judged.kind;
    }
    if (good) {
        disagree_script(&d, &p->a->talk.session, slice_of_cstr(p->a->name), &p->b->talk.session,
                        slice_of_cstr(p->b->name), &w);
        good = !w.overflow;
    }
    good = good && script_tells(p, writer_slice(&w));
    write_beside(p, good ? "findings" : "unconfirmed", key, ".smtp", writer_slice(&w));
    write_beside(p, good ? "findings" : "unconfirmed", key, ".octets", octets);
    if (good)
        tell(p, &d, key, writer_slice(&w));
    free(w.ptr);
    return good;
}

/* ---- what needs no other look ---- */

static uint64_t hash_of(const char *key)
{
    return slice_hash(SLICE_HASH, slice_of_cstr(key));
}

static bool is_known(const struct pair *p, const char *key)
{
    char file[300], path[4500];
    for (size_t i = 0; i < p->known_count; i++)
        if (p->known[i] == hash_of(key))
            return true;
    snprintf(file, sizeof file, "findings/%s.smtp", key);
    return access(campaign_path(p->campaign, file, path, sizeof path), F_OK) == 0;
}

static void know(struct pair *p, const char *key)
{
    if (p->known_count < PAIR_KNOWN)
        p->known[p->known_count++] = hash_of(key);
}

void pair_look(struct pair *p, struct slice octets)
{
    char key[KEY_OCTETS];
    struct buffer small = {.ptr = NULL};
    if (!key_of(p, octets, PAIR_STEADY, key) || is_known(p, key))
        return;
    if (!choose_dialogue(p, octets, &small))
        minimise(p, &small, key);
    bool found = true;
    for (unsigned i = 0; i < CONFIRMATIONS && found; i++)
        found = again(p, buffer_slice(&small), PAIR_CAREFUL, key);
    if (found)
        write_finding(p, buffer_slice(&small), key);
    if (!p->interrupted())
        know(p, key);
    buffer_free(&small);
}
