#include "campaign/graph.h"

enum phase {
    CONNECTED,
    START,
    SESSION,
    RESET,
    SENT,
    REFUSED,
    CHUNKED,
    MAIL,
    RCPT,
    STRAY,
    CHUNK,
    TEXT,
    ANSWER,
    CLOSED,
    TLS,
    STRAY_TEXT,
};

#define PHASE   15u
#define HELLO   16u /* EHLO or HELO was accepted */
#define SIGNED  32u /* AUTH was */
#define SECURED 64u /* under TLS */

static const char *const phase_names[] = {
    [CONNECTED] = "connected",
    [START] = "greeted",
    [SESSION] = "after EHLO",
    [RESET] = "after RSET",
    [SENT] = "after a message",
    [REFUSED] = "after a refused message",
    [CHUNKED] = "after the last chunk",
    [MAIL] = "MAIL taken",
    [RCPT] = "RCPT taken",
    [STRAY] = "RCPT taken without MAIL",
    [CHUNK] = "between chunks",
    [TEXT] = "in the message",
    [ANSWER] = "in AUTH",
    [CLOSED] = "closed",
    [TLS] = "TLS fails",
    [STRAY_TEXT] = "in a message to nobody",
};

/* Labels beyond the verbs. */
enum label { LABEL_GREETING = 64, LABEL_TEXT, LABEL_END, LABEL_ANSWER, LABEL_OTHER, LABEL_ODD };

void graph_state_name(unsigned state, struct writer *w)
{
    unsigned phase = state & PHASE;
    writer_put(w, slice_of_cstr(phase_names[phase]));
    if (graph_state_ends(state))
        return;
    if ((state & HELLO) == 0 && phase > START)
        writer_put(w, SLICE(", no EHLO"));
    if ((state & SIGNED) != 0)
        writer_put(w, SLICE(", signed in"));
    if ((state & SECURED) != 0)
        writer_put(w, SLICE(", under TLS"));
}

bool graph_state_ends(unsigned state)
{
    return (state & PHASE) == CLOSED || (state & PHASE) == TLS;
}

struct slice graph_label_name(unsigned label)
{
    static const char *const names[] = {"the greeting", "message text",  "end of data",
                                        "AUTH answer",  "unknown verbs", "odd octets"};
    return label >= LABEL_GREETING ? slice_of_cstr(names[label - LABEL_GREETING])
                                   : smtp_verb_name((enum smtp_verb)label);
}

bool graph_label_find(struct slice name, unsigned *ret_label)
{
    for (unsigned i = 1; i <= LABEL_ODD; i++) {
        bool verb = i <= SMTP_VERB_XFORWARD;
        if ((verb || i >= LABEL_GREETING) && slice_equal(graph_label_name(i), name)) {
            *ret_label = i;
            return true;
        }
    }
    return false;
}

unsigned graph_label(const struct session_step *step)
{
    switch (step->kind) {
    case DIALOGUE_GREETING:
        return LABEL_GREETING;
    case DIALOGUE_MESSAGE:
        return step->awaited ? LABEL_END : LABEL_TEXT;
    case DIALOGUE_ANSWER:
        return LABEL_ANSWER;
    default:
        return !step->certain                    ? LABEL_ODD
               : step->verb == SMTP_VERB_UNKNOWN ? LABEL_OTHER
                                                 : (unsigned)step->verb;
    }
}

/* ---- from state to state ---- */

static unsigned in_phase(unsigned state, enum phase phase)
{
    return (state & ~PHASE) | (unsigned)phase;
}

/* RFC 3030 2: BDAT chunk-size [ SP "LAST" ] */
static bool is_last_chunk(struct slice said)
{
    struct slice line = slice_trim(slice_sub(said, 0, slice_find(said, '\r'))),
                 last = SLICE("LAST");
    return line.len > last.len && slice_equal_nocase(slice_from(line, line.len - last.len), last);
}

static unsigned after_auth(unsigned state, unsigned code)
{
    if (code == 334)
        return in_phase(state, ANSWER);
    state |= code == 235 ? SIGNED : 0;
    return in_phase(state, (state & HELLO) != 0 ? SESSION : START);
}

static unsigned after_command(unsigned state, const struct session_step *step)
{
    bool accepted = step->code / 100 == 2;
    switch (step->verb) {
    case SMTP_VERB_EHLO:
    case SMTP_VERB_HELO:
    case SMTP_VERB_LHLO:
        return accepted ? in_phase(state | HELLO, SESSION) : state;
    case SMTP_VERB_RSET:
        return accepted ? in_phase(state, RESET) : state;
    case SMTP_VERB_MAIL:
        return accepted ? in_phase(state, MAIL) : state;
    case SMTP_VERB_RCPT:
        return !accepted
                   ? state
                   : in_phase(state,
                              (state & PHASE) == MAIL || (state & PHASE) == RCPT ? RCPT : STRAY);
    case SMTP_VERB_DATA:
        return step->code != 354         ? state
               : (state & PHASE) == RCPT ? in_phase(state, TEXT)
                                         : in_phase(state, STRAY_TEXT);
    case SMTP_VERB_BDAT:
        return accepted ? in_phase(state, is_last_chunk(step->said) ? CHUNKED : CHUNK) : state;
    case SMTP_VERB_AUTH:
        return step->code == 334 || step->code == 235 ? after_auth(state, step->code) : state;
    case SMTP_VERB_STARTTLS: /* RFC 3207 4.2: nothing is left of what was said before */
        return step->code != 220 ? state : step->secured ? START | SECURED : TLS;
    default:
        return state;
    }
}

/* RFC 5321 4.2.3: what closes, whatever was asked. */
static bool closes(unsigned code)
{
    return code == 221 || code == 421 || code == 521;
}

static unsigned after(unsigned state, const struct session_step *step, bool closed)
{
    if (step->code == 0)
        return closed ? CLOSED : state;
    if (closes(step->code))
        return CLOSED;
    switch (step->kind) {
    case DIALOGUE_GREETING:
        return step->code / 100 == 2 ? START : CLOSED;
    case DIALOGUE_MESSAGE:
        return in_phase(state, step->code / 100 == 2 ? SENT : REFUSED);
    case DIALOGUE_ANSWER:
        return after_auth(state, step->code);
    default:
        return step->certain ? after_command(state, step) : state;
    }
}

/* ---- counting ---- */

/* 16 bits each, and never 0. */
static uint64_t key_of(unsigned from, unsigned label, unsigned code, unsigned to)
{
    return (uint64_t)1 << 63 | (uint64_t)from << 48 | (uint64_t)label << 32 | (uint64_t)code << 16 |
           to;
}

static void count(struct graph *g, uint64_t key, bool wrong)
{
    uint64_t place = (key ^ key >> 29) * UINT64_C(0x9e3779b97f4a7c15) >> 40;
    for (size_t i = 0; i < GRAPH_TRANSITIONS; i++) {
        size_t slot = (place + i) % GRAPH_TRANSITIONS;
        uint64_t there = atomic_load(&g->slots[slot].key);
        if (there == 0) {
            atomic_store(&g->slots[slot].key, key);
            atomic_fetch_add(&g->distinct, 1);
        } else if (there != key) {
            continue;
        }
        atomic_fetch_add(&g->slots[slot].count, 1);
        if (wrong)
            atomic_store(&g->slots[slot].wrong, true);
        return;
    }
    atomic_fetch_add(&g->dropped, 1);
}

/* Whether the replies behind this step may be those of other commands. */
static bool comes_apart(const struct session_step *step)
{
    return step->further > 0 || !step->certain;
}

/* A reply that is due, or any that came: the text of a message gets none. */
static bool counts(const struct session *s, size_t at)
{
    const struct session_step *step = &s->steps[at];
    bool ends = at + 1 == s->count && s->closed;
    return step->code != 0 || (step->awaited && ends);
}

static unsigned next_state(const struct session *s, size_t at, unsigned state)
{
    if (!counts(s, at))
        return state;
    unsigned next = after(state, &s->steps[at], at + 1 == s->count && s->closed);
    return at == 0 && s->secured && next != CLOSED ? next | SECURED : next;
}

unsigned graph_state_before(const struct session *s, size_t at)
{
    unsigned state = in_phase(0, CONNECTED);
    for (size_t i = 0; i < at && i < s->count && !graph_state_ends(state); i++)
        state = next_state(s, i, state);
    return state;
}

void graph_add(struct graph *g, const struct session *s, bool exact)
{
    unsigned state = in_phase(0, CONNECTED);
    for (size_t i = 0; i < s->count && !graph_state_ends(state); i++) {
        const struct session_step *step = &s->steps[i];
        unsigned to = next_state(s, i, state);
        if (counts(s, i)) {
            bool wrong = exact && s->oracle != ORACLE_NONE && s->at == i;
            count(g, key_of(state, graph_label(step), step->code, to), wrong);
        }
        state = to;
        if (!exact && comes_apart(step))
            return;
    }
}

bool graph_at(const struct graph *g, size_t slot, struct graph_transition *ret)
{
    uint64_t key = atomic_load(&g->slots[slot].key);
    if (key == 0)
        return false;
    *ret = (struct graph_transition){
        .from = (unsigned)(key >> 48) & 0x7fff,
        .label = (unsigned)(key >> 32) & 0xffff,
        .code = (unsigned)(key >> 16) & 0xffff,
        .to = (unsigned)key & 0xffff,
        .count = atomic_load(&g->slots[slot].count),
        .wrong = atomic_load(&g->slots[slot].wrong),
    };
    return true;
}
