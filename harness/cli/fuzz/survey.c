#define _POSIX_C_SOURCE 200809L

#include "cli/fuzz/survey.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_INTERVAL_S 0.5
#define MIN_DIALOGUES    20 /* with a verb, before its time says anything */

/* ---- transitions ---- */

static struct graph_transition *row_of(struct survey *v, const struct graph_transition *t)
{
    for (size_t i = 0; i < v->row_count; i++) {
        struct graph_transition *row = &v->rows[i];
        if (row->from == t->from && row->to == t->to && row->label == t->label &&
            row->code == t->code)
            return row;
    }
    if (v->row_count == GRAPH_TRANSITIONS)
        return NULL;
    struct graph_transition *row = &v->rows[v->row_count++];
    *row = *t;
    row->count = 0;
    row->wrong = false;
    return row;
}

static void add_row(struct survey *v, const struct graph_transition *t)
{
    struct graph_transition *row = row_of(v, t);
    if (row == NULL)
        return;
    row->count += t->count;
    row->wrong = row->wrong || t->wrong;
}

static int in_order(const void *a, const void *b)
{
    const struct graph_transition *x = a, *y = b;
    const unsigned keys[][2] = {
        {x->from, y->from}, {x->label, y->label}, {x->code, y->code}, {x->to, y->to}};
    for (size_t i = 0; i < 4; i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    return 0;
}

/* Of all workers, and of earlier runs. */
static void gather(struct survey *v)
{
    struct graph_transition t;
    memcpy(v->rows, v->earlier, sizeof v->rows);
    v->row_count = v->earlier_count;
    for (size_t i = 0; i < v->campaign->jobs; i++)
        for (size_t slot = 0; slot < GRAPH_TRANSITIONS; slot++)
            if (graph_at(&v->campaign->shared->workers[i].graph, slot, &t))
                add_row(v, &t);
    qsort(v->rows, v->row_count, sizeof *v->rows, in_order);
}

static size_t count_states(const struct survey *v)
{
    bool seen[GRAPH_STATES] = {false};
    size_t count = 0;
    for (size_t i = 0; i < v->row_count; i++)
        seen[v->rows[i].from] = seen[v->rows[i].to] = true;
    for (size_t i = 0; i < GRAPH_STATES; i++)
        count += seen[i];
    return count;
}

/* ---- samples ---- */

static void keep_sample(struct survey *v, struct survey_sample now)
{
    double last = v->sample_count == 0 ? -1 : v->samples[v->sample_count - 1].at_s;
    if (now.at_s < last + v->interval_s)
        return;
    v->samples[v->sample_count++] = now;
    if (v->sample_count <= SURVEY_SAMPLES)
        return;
    for (size_t i = 0; 2 * i < v->sample_count; i++)
        v->samples[i] = v->samples[2 * i];
    v->sample_count = (v->sample_count + 1) / 2;
    v->interval_s *= 2;
}

/* Of this run and those before. */
static double at_s(const struct survey *v)
{
    return v->before.at_s + (double)(wire_now_us() - v->begun_us) / 1e6;
}

struct survey_sample survey_look(struct survey *v)
{
    struct survey_sample now = v->before;
    const struct campaign *c = v->campaign;
    uint64_t features = 0;
    gather(v);
    for (size_t i = 0; i < c->jobs; i++) {
        uint64_t marks = atomic_load(&c->shared->workers[i].marks);
        features = marks > features ? marks : features;
        now.dialogues += atomic_load(&c->shared->workers[i].dialogues);
    }
    now.at_s = at_s(v);
    now.features = features > now.features ? features : now.features;
    now.states = count_states(v);
    now.transitions = v->row_count;
    now.inputs = campaign_count(c, "corpus");
    now.findings += v->findings;
    keep_sample(v, now);
    return now;
}

size_t survey_verbs(const struct survey *v, struct survey_verb *ret, size_t most)
{
    size_t count = 0;
    for (unsigned i = 1; i < THRIFT_VERBS; i++) {
        struct survey_verb verb = {.verb = (enum smtp_verb)i};
        uint64_t us = 0;
        for (size_t k = 0; k < v->campaign->jobs; k++) {
            struct campaign_worker *w = &v->campaign->shared->workers[k];
            verb.dialogues += atomic_load(&w->thrift.verbs[i].dialogues);
            us += atomic_load(&w->thrift.verbs[i].us);
            verb.left_out = verb.left_out || atomic_load(&w->thrift.verbs[i].slow);
        }
        if (verb.dialogues < MIN_DIALOGUES)
            continue;
        verb.mean_ms = (double)us / (double)verb.dialogues / 1000;
        size_t at = count < most ? count++ : most;
        for (; at > 0 && ret[at - 1].mean_ms < verb.mean_ms; at--)
            if (at < most)
                ret[at] = ret[at - 1];
        if (at < most)
            ret[at] = verb;
    }
    return count;
}

/* ---- what earlier runs left ---- */

static uint64_t count_of(const json_t *object, const char *name)
{
    json_int_t number = json_integer_value(json_object_get(object, name));
    return number > 0 ? (uint64_t)number : 0;
}

static bool read_transition(const json_t *row, struct graph_transition *ret)
{
    const char *said = json_string_value(json_object_get(row, "said"));
    uint64_t from = count_of(row, "from"), to = count_of(row, "to"), code = count_of(row, "code");
    if (said == NULL || from >= GRAPH_STATES || to >= GRAPH_STATES || code > 999 ||
        !graph_label_find(slice_of_cstr(said), &ret->label))
        return false;
    ret->from = (unsigned)from;
    ret->to = (unsigned)to;
    ret->code = (unsigned)code;
    ret->count = count_of(row, "count");
    ret->wrong = json_is_true(json_object_get(row, "wrong"));
    return true;
}

static void read_earlier(struct survey *v)
{
    const json_t *e = v->chronicle.earlier, *rows = json_object_get(e, "transitions"), *row;
    size_t i;
    json_array_foreach(rows, i, row) if (v->earlier_count < GRAPH_TRANSITIONS &&
                                         read_transition(row, &v->earlier[v->earlier_count]))
        v->earlier_count++;
    json_array_foreach(json_object_get(e, "samples"), i, row)
    {
        struct survey_sample sample = {json_number_value(json_object_get(row, "at_s")),
                                       count_of(row, "dialogues"),
                                       count_of(row, "states"),
                                       count_of(row, "transitions"),
                                       count_of(row, "features"),
                                       count_of(row, "inputs"),
                                       count_of(row, "findings")};
        keep_sample(v, sample);
    }
    v->before = (struct survey_sample){.at_s = json_number_value(json_object_get(e, "seconds")),
                                       .dialogues = count_of(e, "dialogues"),
                                       .features = count_of(e, "features"),
                                       .findings = json_array_size(json_object_get(e, "findings"))};
}

void survey_begin(struct survey *v, const struct campaign *c)
{
    v->campaign = c;
    v->interval_s = FIRST_INTERVAL_S;
    v->begun_us = wire_now_us();
    chronicle_begin(&v->chronicle, c->options, c->out, "server", c->options->servers[0], true);
    read_earlier(v);
}

/* ---- a finding ---- */

void survey_finding(struct survey *v, const struct session *s, struct slice title, const char *file,
                    struct slice script)
{
    const struct oracle_row *row = &oracle_rows[s->oracle];
    struct chronicle *r = &v->chronicle;
    json_t *f = chronicle_new_finding(r, row->name, row->severity, row->section, title, file);
    chronicle_set(f, "at_s", json_real(at_s(v)));
    chronicle_set(f, "script", chronicle_lines(r, script));
    for (size_t i = 0; i <= s->at && i < s->count; i++) {
        const struct session_step *step = &s->steps[i];
        bool decisive = i == s->at;
        const char *note = decisive ? row->summary : NULL;
        bool heard = step->raw.len > 0;
        if (step->said.len > 0)
            chronicle_say(r, f, "C", step->said, decisive && !heard, heard ? NULL : note);
        if (heard)
            chronicle_say(r, f, "S", step->raw, decisive, note);
    }
    chronicle_finding(r, f);
    v->findings++;
}

void survey_memory(struct survey *v, struct slice octets, uint64_t kib, const char *file)
{
    char title[80];
    struct chronicle *r = &v->chronicle;
    snprintf(title, sizeof title, "the server keeps %" PRIu64 " KiB of each such dialogue", kib);
    json_t *f =
        chronicle_new_finding(r, "memory", "medium", "RFC 5321 7.8", slice_of_cstr(title), file);
    chronicle_set(f, "at_s", json_real(at_s(v)));
    chronicle_say(r, f, "C", octets, true, title);
    chronicle_finding(r, f);
    v->findings++;
}

/* ---- the record ---- */

static void set_samples(struct survey *v)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < v->sample_count; i++) {
        const struct survey_sample *s = &v->samples[i];
        json_array_append_new(
            rows,
            json_pack("{s:f,s:I,s:I,s:I,s:I,s:I,s:I}", "at_s", s->at_s, "dialogues",
                      (json_int_t)s->dialogues, "states", (json_int_t)s->states, "transitions",
                      (json_int_t)s->transitions, "features", (json_int_t)s->features, "inputs",
                      (json_int_t)s->inputs, "findings", (json_int_t)s->findings));
    }
    chronicle_set(v->chronicle.root, "samples", rows);
}

/* How often it was come to; the first one: how many sessions began. */
static uint64_t visits_of(const struct survey *v, unsigned state)
{
    uint64_t visits = 0;
    for (size_t i = 0; i < v->row_count; i++) {
        const struct graph_transition *t = &v->rows[i];
        bool comes = t->to == state && t->from != state;
        visits += comes || (state == 0 && t->from == 0) ? t->count : 0;
    }
    return visits;
}

static void set_graph(struct survey *v)
{
    json_t *states = json_array(), *rows = json_array();
    bool seen[GRAPH_STATES] = {false};
    for (size_t i = 0; i < v->row_count; i++) {
        const struct graph_transition *t = &v->rows[i];
        seen[t->from] = seen[t->to] = true;
        json_t *row = json_pack("{s:i,s:o,s:i,s:i,s:I}", "from", (int)t->from, "said",
                                chronicle_text(&v->chronicle, graph_label_name(t->label)), "code",
                                (int)t->code, "to", (int)t->to, "count", (json_int_t)t->count);
        if (t->wrong)
            chronicle_set(row, "wrong", json_true());
        json_array_append_new(rows, row);
    }
    for (unsigned i = 0; i < GRAPH_STATES; i++) {
        char name[80];
        struct writer w = writer_of(name, sizeof name - 1);
        if (!seen[i])
            continue;
        graph_state_name(i, &w);
        name[w.len] = '\0';
        json_array_append_new(states, json_pack("{s:i,s:s,s:I}", "id", (int)i, "name", name,
                                                "visits", (json_int_t)visits_of(v, i)));
    }
    chronicle_set(v->chronicle.root, "states", states);
    chronicle_set(v->chronicle.root, "transitions", rows);
}

static void set_verbs(struct survey *v)
{
    struct survey_verb verbs[THRIFT_VERBS];
    json_t *rows = json_array();
    size_t count = survey_verbs(v, verbs, THRIFT_VERBS);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            rows, json_pack("{s:o,s:I,s:f,s:b}", "verb",
                            chronicle_text(&v->chronicle, smtp_verb_name(verbs[i].verb)),
                            "dialogues", (json_int_t)verbs[i].dialogues, "mean_ms",
                            verbs[i].mean_ms, "left_out", (int)verbs[i].left_out));
    chronicle_set(v->chronicle.root, "verbs", rows);
}

static void set_count(struct survey *v, const char *name, uint64_t count)
{
    chronicle_set(v->chronicle.root, name, json_integer((json_int_t)count));
}

/* ---- settings, and what they leave out ---- */

static void setting(struct survey *v, const char *name, const char *value)
{
    chronicle_pair(&v->chronicle, "settings", "name", slice_of_cstr(name), "value",
                   slice_of_cstr(value));
}

static void bound(struct survey *v, const char *name, size_t number, const char *none)
{
    char text[32];
    snprintf(text, sizeof text, "%zu", number);
    setting(v, name, number == 0 ? none : text);
}

static void set_settings(struct survey *v)
{
    const struct options *o = v->campaign->options;
    char minutes[32];
    chronicle_set(v->chronicle.root, "settings", json_array());
    setting(v, "server", o->servers[0]);
    setting(v, "another machine's server may be talked to",
            !o->own                         ? "no"
            : v->campaign->address.loopback ? "yes, and it is this one's"
                                            : "yes");
    setting(v, "a dialogue goes out",
            v->campaign->how == TALK_AT_ONCE
                ? "in one write; what looks wrong is said again step by step"
                : "step by step");
    bound(v, "processes that talk to it", v->campaign->jobs, "1");
    snprintf(minutes, sizeof minutes, "%g", o->minutes);
    setting(v, "minutes at most", minutes);
    bound(v, "dialogues at most", o->runs, "no bound");
    bound(v, "dialogues a second at most", o->rate, "no bound");
    bound(v, "octets of a dialogue at most", CAMPAIGN_INPUT_OCTETS, "");
    bound(v, "a reply is waited for, ms", o->timeout_ms, "");
    bound(v, "seed of chance", o->seed, "0");
    setting(v, "the server's process",
            o->exec != NULL ? "started, and started again where it dies"
            : o->pid > 0    ? "watched"
                            : "not known");
    if (v->first_kib > 0) {
        char memory[80];
        snprintf(memory, sizeof memory, "%" PRIu64 " at first, %" PRIu64 " at last", v->first_kib,
                 v->last_kib);
        setting(v, "memory of the server, since it was started, KiB", memory);
    }
    setting(v, "what is answered in a new way is kept", o->blind ? "no (--blind)" : "yes");
}

static void untried(struct survey *v, const char *what, const char *why)
{
    chronicle_pair(&v->chronicle, "not_tried", "what", slice_of_cstr(what), "why",
                   slice_of_cstr(why));
}

static bool was_said(const struct survey *v, enum smtp_verb verb)
{
    for (size_t i = 0; i < v->row_count; i++)
        if (v->rows[i].label == (unsigned)verb)
            return true;
    return false;
}

/* Verbs that no dialogue held in a plain line, and those that were too slow to be held often. */
static void set_untried_verbs(struct survey *v)
{
    struct survey_verb verbs[THRIFT_VERBS];
    size_t count = survey_verbs(v, verbs, THRIFT_VERBS);
    char text[400];
    int at = 0;
    for (size_t i = 0; i < count; i++) {
        struct slice name = smtp_verb_name(verbs[i].verb);
        char what[80], why[120];
        if (!verbs[i].left_out)
            continue;
        snprintf(what, sizeof what, "most dialogues with %.*s", (int)name.len,
                 (const char *)name.ptr);
        snprintf(why, sizeof why, "they take %.1f ms, eight times as long as others and more",
                 verbs[i].mean_ms);
        untried(v, what, why);
    }
    for (unsigned i = 1; i <= SMTP_VERB_XFORWARD; i++) {
        struct slice name = smtp_verb_name((enum smtp_verb)i);
        if (!was_said(v, (enum smtp_verb)i) && (size_t)at + name.len + 3 < sizeof text)
            at += snprintf(text + at, sizeof text - (size_t)at, "%s%.*s", at > 0 ? ", " : "",
                           (int)name.len, (const char *)name.ptr);
    }
    if (at > 0)
        untried(v, text, "no dialogue had them in a line that can be read in one way only");
}

static void set_untried(struct survey *v)
{
    const struct options *o = v->campaign->options;
    chronicle_set(v->chronicle.root, "not_tried", json_array());
    if (v->campaign->tls.begins == TALK_PLAIN)
        untried(v, "most of what is behind STARTTLS",
                "only what is said around it is tried: --starttls goes on from there");
    else
        untried(v, "what is said in plain text, around STARTTLS",
                "every dialogue goes under TLS: give smtp://, without --starttls");
    if (o->user == NULL || o->pass == NULL)
        untried(v, "what is behind AUTH", "no account was given: --user and --pass");
    set_untried_verbs(v);
    if (o->rcpt == NULL)
        untried(v, "mail to a mailbox that surely exists",
                "none was given (--rcpt): postmaster is asked for");
    if (o->exec == NULL && o->pid == 0)
        untried(v, "crashes of one process among others, reports of sanitizers, memory",
                "the server's process is not known: --exec or --pid");
    untried(v, "dialogues over 4096 octets", "shorter ones are said more often");
}

void survey_write(struct survey *v, const char *stopped)
{
    struct survey_sample now;
    v->interval_s = v->interval_s / 2; /* the last one is kept for certain, nearly */
    now = survey_look(v);
    v->interval_s = v->interval_s * 2;
    chronicle_set(v->chronicle.root, "seconds", json_real(now.at_s));
    set_count(v, "dialogues", now.dialogues);
    set_count(v, "inputs", now.inputs);
    set_count(v, "features", now.features);
    set_count(v, "state_count", now.states);
    set_count(v, "transition_count", now.transitions);
    set_count(v, "unconfirmed", campaign_count(v->campaign, "unconfirmed"));
    set_count(v, "deaths", count_of(v->chronicle.earlier, "deaths") + v->deaths);
    if (stopped != NULL)
        chronicle_set(v->chronicle.root, "stopped", json_string(stopped));
    set_settings(v);
    set_samples(v);
    set_graph(v);
    set_verbs(v);
    set_untried(v);
    chronicle_write(&v->chronicle);
}
