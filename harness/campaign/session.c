#include "campaign/session.h"

#include "base/writer.h"

struct play {
    struct session *session;
    const struct session_line *line;
    struct dialogue dialogue;
    struct slice octets;
    size_t said; /* of them */
    struct shadow shadow;
    unsigned last_code;
    size_t long_line; /* the step with one; 0: there was none */
    uint32_t fresh;   /* names before it are of before the last EHLO */
    bool unsure;      /* the next reply may be another unit's */
    bool left;        /* the server closed before the last unit was said */
    bool over;        /* nothing more can be said or heard */
};

static struct session_step *last_step(struct play *p)
{
    return &p->session->steps[p->session->count - 1];
}

static void note(struct play *p, enum oracle oracle, enum shadow_since since)
{
    if (oracle == ORACLE_NONE || p->session->oracle != ORACLE_NONE)
        return;
    if ((p->shadow.passed >> oracle & 1) != 0)
        return;
    if (p->line->groups && oracle != ORACLE_NO_REPLY)
        return;
    p->session->oracle = p->line->groups   ? ORACLE_PIPELINED_NO_REPLY
                         : p->line->pieces ? ORACLE_PIECES
                                           : oracle;
    p->session->at = p->session->count - 1;
    p->session->since = since;
}

/* Whose words a reply holds. What was said before EHLO is to be forgotten (RFC 5321 4.1.4), where
 * it is known what the server took for one. */
static void note_names(struct play *p, const struct smtp_reply *reply)
{
    const struct names *names = p->line->names;
    struct slice rest = reply->raw;
    uint32_t number = 0;
    while (names != NULL && names_next(&rest, &number)) {
        bool own = number >= names->connection && number <= names->last;
        bool stale = own && number < p->fresh && !p->shadow.lost;
        if (!own && p->session->oracle == ORACLE_NONE)
            p->session->leaked = number;
        note(p,
             !own    ? ORACLE_SESSION_LEAK
             : stale ? ORACLE_STALE_WORDS
                     : ORACLE_NONE,
             p->shadow.since);
    }
}

/* Behind the reply to EHLO. */
static void note_hello(struct play *p, const struct session_step *step)
{
    bool hello = step->verb == SMTP_VERB_EHLO || step->verb == SMTP_VERB_HELO;
    size_t end = (size_t)(step->said.ptr - p->octets.ptr) + step->said.len;
    if (p->line->names != NULL && hello && step->code / 100 == 2)
        p->fresh = p->line->names->dialogue + names_changes(p->octets, 0, end);
}

/* What comes though nothing is due. */
static void take_further(struct play *p, const struct dialogue_unit *unit, enum session_wait wait)
{
    struct smtp_reply reply;
    int error = 0;
    for (;;) {
        enum shadow_since since = p->shadow.since;
        switch (p->line->hear(p->line->context, wait, &reply, &error)) {
        case SESSION_REPLY:
            p->session->replies++;
            note_names(p, &reply);
            last_step(p)->further += reply.code != 421; /* a farewell is no answer */
            /* A server says why it closes, or gives up what it had asked for. */
            if (reply.code == 421 || (wait != SESSION_EARLY && p->last_code / 100 == 3))
                p->session->most++;
            else
                note(p, shadow_further(&p->shadow, unit, &reply), since);
            break;
        case SESSION_MALFORMED:
            note(p, shadow_malformed(&p->shadow, error), since);
            p->over = true;
            return;
        case SESSION_CLOSED:
            p->left = true;
            p->session->closed = wait != SESSION_EARLY; /* else the next unit hears of it */
            p->over = p->session->closed;
            return;
        default:
            return;
        }
    }
}

/* Many servers leave those who make mistakes. One that leaves before it hears the next command may;
 * one that hears it, and leaves then, owes a reply. */
static void note_silence(struct play *p, const struct dialogue_unit *unit)
{
    struct session *s = p->session;
    bool refused = p->last_code / 100 > 3;
    bool leaves = s->closed && refused && (p->left || !p->line->steps);
    bool certain = unit->certain && !p->shadow.lost && !p->shadow.over;
    s->doubtful = leaves && !p->line->steps && certain && unit->kind != DIALOGUE_GREETING;
    note(p, shadow_silence(&p->shadow, unit, s->closed, leaves), p->shadow.since);
}

/* The reply that is due. */
static unsigned take_reply(struct play *p, const struct dialogue_unit *unit)
{
    struct smtp_reply reply;
    int error = 0;
    struct session_step *step = last_step(p);
    enum shadow_since since = p->shadow.since;
    step->awaited = true;
    enum session_heard heard = p->line->hear(p->line->context, SESSION_AWAITED, &reply, &error);
    if (heard == SESSION_REPLY) {
        p->session->replies++;
        step->code = reply.code;
        step->raw = reply.raw;
        step->enhanced =
            reply.has_enhanced ? reply.enhanced : (struct smtp_enhanced){.status_class = 0};
        p->last_code = reply.code;
        note_names(p, &reply);
        note_hello(p, step);
        note(p, shadow_reply(&p->shadow, unit, &reply), since);
        if (p->long_line == 0 && shadow_long(&p->shadow, unit, &reply))
            p->long_line = p->session->count - 1;
        return reply.code;
    }
    p->over = true;
    p->session->closed = heard == SESSION_CLOSED;
    p->session->silent = heard == SESSION_NOTHING;
    if (heard == SESSION_MALFORMED)
        note(p, shadow_malformed(&p->shadow, error), since);
    else
        note_silence(p, unit);
    return 0;
}

/* What is to leave with them leaves with them; what has left already is not said again. */
static bool say_octets(struct play *p, struct slice octets)
{
    size_t from = (size_t)(octets.ptr - p->octets.ptr), to = from + octets.len;
    last_step(p)->joined = to <= p->said;
    if (to <= p->said)
        return true;
    size_t group = dialogue_group(slice_from(p->octets, from));
    if (p->line->groups && p->shadow.pipelining && group > octets.len)
        to = from + group;
    struct slice next = slice_sub(p->octets, from > p->said ? from : p->said, to);
    p->said = to;
    return p->line->say(p->line->context, next);
}

/* RFC 6531 3.3: a parameter of MAIL, VRFY and EXPN. */
static bool asks_for_utf8(struct slice octets)
{
    struct slice keyword = SLICE("SMTPUTF8");
    for (; octets.len >= keyword.len; octets = slice_from(octets, 1))
        if (slice_starts_nocase(octets, keyword))
            return true;
    return false;
}

static bool add_step(struct play *p, const struct dialogue_unit *unit, struct slice octets)
{
    if (p->session->count == SESSION_MAX_STEPS)
        return false;
    p->session->steps[p->session->count++] = (struct session_step){
        .kind = unit->kind,
        .verb = unit->kind == DIALOGUE_COMMAND && unit->certain ? unit->command.verb
                                                                : SMTP_VERB_UNKNOWN,
        .said = octets,
        .certain = unit->certain,
        .injects = unit->injects,
        .since = p->shadow.since,
        .held = shadow_held(&p->shadow),
    };
    p->shadow.utf8 = p->shadow.utf8 || asks_for_utf8(octets);
    return octets.len == 0 || say_octets(p, octets);
}

/* A reply to a message before its end (RFC 5321 4.1.1.4); false where no other may follow. */
static bool take_early(struct play *p, enum session_wait wait)
{
    struct smtp_reply reply;
    int error = 0;
    enum shadow_since since = p->shadow.since;
    switch (p->line->hear(p->line->context, wait, &reply, &error)) {
    case SESSION_REPLY:
        p->session->replies++;
        note_names(p, &reply);
        if (last_step(p)->code == 0) {
            last_step(p)->code = reply.code;
            last_step(p)->raw = reply.raw;
        } else {
            last_step(p)->further++;
        }
        note(p, shadow_early(&p->shadow, &reply), since);
        return true;
    case SESSION_MALFORMED:
        note(p, shadow_malformed(&p->shadow, error), since);
        p->over = true;
        return false;
    case SESSION_CLOSED: /* no more than a client that leaves in a message can expect */
        p->session->closed = p->over = wait != SESSION_EARLY;
        return false;
    default:
        return false;
    }
}

static void say_text(struct play *p, const struct dialogue_unit *unit)
{
    if (!add_step(p, unit, slice_sub(unit->octets, 0, unit->text_octets)))
        p->over = true;
    while (!p->over && take_early(p, unit->whole ? SESSION_EARLY : SESSION_REST)) {
    }
}

/* Where the shadow is lost, each line may be a command: of a chunk, of a message, or behind a bare
 * CR or LF. */
static size_t most_replies(const struct play *p, const struct dialogue_unit *unit)
{
    size_t crs = 0, lfs = 0;
    if (unit->kind == DIALOGUE_GREETING)
        return 0;
    for (size_t i = 0; p->shadow.lost && i < unit->octets.len; i++) {
        crs += unit->octets.ptr[i] == '\r';
        lfs += unit->octets.ptr[i] == '\n';
    }
    size_t lines = crs > lfs ? crs : lfs;
    return lines > 1 ? lines : 1;
}

/* RFC 3207 4: TLS begins behind 220. What went along with STARTTLS is answered then, or never: no
 * more is said. */
static void shake_hands(struct play *p, const struct dialogue_unit *unit)
{
    enum session_hands hands = p->line->secure(p->line->context);
    last_step(p)->secured = hands == SESSION_SECURED;
    p->shadow.in_clear = hands == SESSION_IN_CLEAR;
    if (hands == SESSION_SECURED)
        shadow_secured(&p->shadow, unit->injects);
    if (hands == SESSION_IN_CLEAR || (hands == SESSION_SECURED && unit->injects))
        take_further(p, unit, SESSION_REST);
    p->over = p->over || hands != SESSION_SECURED || unit->injects;
    p->session->closed = p->session->closed || p->over;
}

/* Where TLS does not begin, what went along with STARTTLS is commands. */
static bool begins_tls(struct play *p, const struct dialogue_unit *unit, unsigned code)
{
    bool asks =
        unit->kind == DIALOGUE_COMMAND && unit->certain && unit->command.verb == SMTP_VERB_STARTTLS;
    bool begins = asks && code == 220 && p->line->secure != NULL;
    p->shadow.lost = p->shadow.lost || (unit->injects && !begins);
    return begins;
}

/* Whether the unit was one line that had one reply, and did what is known to leave the server
 * waiting for a line. */
static bool leaves_in_step(const struct play *p, const struct dialogue_unit *unit, unsigned code)
{
    struct slice line = unit->octets;
    if (unit->kind == DIALOGUE_GREETING || unit->kind == DIALOGUE_MESSAGE || !p->shadow.lost)
        return true;
    if (slice_starts_nocase(line, SLICE("BDAT")) || line.len < 2 ||
        slice_find(line, '\r') != line.len - 2 || slice_find(line, '\n') != line.len - 1)
        return false;
    if (code / 100 > 3 || code == 334)
        return true;
    size_t word = slice_find(line, ' ');
    switch (smtp_verb_of(slice_sub(line, 0, word < line.len ? word : line.len - 2))) {
    case SMTP_VERB_EHLO:
    case SMTP_VERB_HELO:
    case SMTP_VERB_MAIL:
    case SMTP_VERB_RCPT:
    case SMTP_VERB_RSET:
    case SMTP_VERB_NOOP:
    case SMTP_VERB_VRFY:
    case SMTP_VERB_EXPN:
    case SMTP_VERB_HELP:
        return code / 100 == 2;
    case SMTP_VERB_DATA:
        return code == 354;
    default:
        return false;
    }
}

static void say(struct play *p, struct dialogue_unit *unit)
{
    unsigned code = 0;
    if (unit->kind == DIALOGUE_MESSAGE && (unit->text_octets > 0 || !unit->whole)) {
        say_text(p, unit);
        if (p->over || !unit->whole) {
            p->session->most += most_replies(p, unit);
            return;
        }
        if (!add_step(p, unit, slice_from(unit->octets, unit->text_octets)))
            p->over = true;
    } else if (!add_step(p, unit, unit->octets)) {
        p->over = true;
    }
    /* A server that takes no more may have said why. */
    p->session->commands += unit->kind != DIALOGUE_GREETING;
    if (unit->whole)
        code = take_reply(p, unit);
    p->unsure = p->unsure || !leaves_in_step(p, unit, code);
    if (begins_tls(p, unit, code))
        shake_hands(p, unit);
    p->session->most += most_replies(p, unit);
    p->session->quit = p->shadow.over;
    if (!p->over)
        dialogue_reply(&p->dialogue, unit, code);
}

void session_play(struct session *session, struct slice octets, const struct session_line *line)
{
    struct play p = {.session = session,
                     .line = line,
                     .dialogue = {.rest = octets},
                     .shadow = {.secured = line->secured, .passed = line->passed},
                     .octets = octets,
                     .fresh = line->names == NULL ? 0 : line->names->connection};
    struct dialogue_unit unit = {.kind = DIALOGUE_GREETING};
    session->count = session->commands = session->replies = session->most = session->at = 0;
    session->closed = session->silent = session->quit = session->doubtful = session->led = false;
    session->secured = line->secured;
    session->pieces = line->pieces;
    session->oracle = ORACLE_NONE;
    session->since = SHADOW_SINCE_START;
    while (!p.over && session->count + 2 < SESSION_MAX_STEPS && dialogue_next(&p.dialogue, &unit)) {
        say(&p, &unit);
        if (!p.over && !unit.whole)
            break;
        if (!p.over && p.dialogue.rest.len > 0)
            take_further(&p, &unit, SESSION_EARLY);
    }
    bool waits = p.last_code / 100 != 3 || p.last_code == 334;
    bool idle = !p.over && !p.shadow.over && !p.unsure && unit.whole && waits;
    if (!p.over)
        take_further(&p, &unit, idle ? SESSION_IDLE : SESSION_REST);
    session->lost = p.shadow.lost;
    session->idle = idle && !session->closed && session->oracle == ORACLE_NONE && !p.shadow.chunk;
    if (p.long_line > 0 && session->oracle == ORACLE_NONE && !line->groups) {
        session->oracle = ORACLE_REPLY_LONG_LINE;
        session->at = p.long_line;
        session->since = session->steps[p.long_line].since;
    }
}

/* ---- keys ---- */

static struct slice said_what(const struct session_step *step)
{
    static const struct slice kinds[] = {[DIALOGUE_GREETING] = SLICE_INIT("greeting"),
                                         [DIALOGUE_COMMAND] = SLICE_INIT("command"),
                                         [DIALOGUE_MESSAGE] = SLICE_INIT("message"),
                                         [DIALOGUE_ANSWER] = SLICE_INIT("answer")};
    return step->verb != SMTP_VERB_UNKNOWN ? smtp_verb_name(step->verb) : kinds[step->kind];
}

/* What left the server without a transaction is another fault for each command that does. */
static bool told_by_state(enum oracle oracle)
{
    return oracle == ORACLE_RCPT_WITHOUT_MAIL || oracle == ORACLE_MESSAGE_WITHOUT_RCPT ||
           oracle == ORACLE_BDAT_WITHOUT_RCPT;
}

static void put_small(struct writer *w, struct slice word)
{
    for (; word.len > 0; word = slice_from(word, 1))
        writer_put_octet(w, slice_lower(word.ptr[0]));
}

static size_t put_key(const struct session *s, enum oracle oracle, size_t number, char *out,
                      size_t size)
{
    struct writer w = writer_of(out, size);
    const struct session_step *step = &s->steps[number];
    writer_put(&w, slice_of_cstr(oracle_rows[oracle].name));
    /* Whichever command it was: the last reply is the one that is missed; the longest echo. */
    if (oracle == ORACLE_PIPELINED_NO_REPLY || oracle == ORACLE_REPLY_LONG_LINE ||
        oracle == ORACLE_BEHIND_QUIT || oracle == ORACLE_PIECES || oracle == ORACLE_BARE_CR)
        return w.len;
    writer_put_octet(&w, '-');
    put_small(&w, said_what(step));
    for (const char *at = told_by_state(oracle) ? shadow_since_text(s->since) : "", *from = at;
         *at != '\0'; at++) {
        if (at == from)
            writer_put_octet(&w, '-');
        writer_put_octet(&w, *at == ' ' ? '-' : (uint8_t)*at);
    }
    return w.len;
}

size_t session_key(const struct session *s, char *out, size_t size)
{
    return put_key(s, s->oracle, s->at, out, size);
}

size_t session_crash_key(const struct session *s, char *out, size_t size)
{
    bool unanswered = (s->closed || s->silent) && s->count > 0 && s->steps[s->count - 1].awaited &&
                      s->steps[s->count - 1].code == 0;
    enum oracle oracle = s->closed ? ORACLE_CRASH : ORACLE_HANG;
    return unanswered ? put_key(s, oracle, s->count - 1, out, size) : 0;
}

static bool is_line_end(uint8_t octet)
{
    return octet == '\r' || octet == '\n';
}

static void put_line_ends(struct writer *w, struct slice octets)
{
    for (size_t i = 0; i < octets.len; i++)
        writer_put(w, octets.ptr[i] == '\r' ? SLICE("cr") : SLICE("lf"));
}

/* A dot between line ends; at the beginning of a message the one before it ended the line DATA. */
static void put_look_alike(struct writer *w, struct slice text)
{
    for (size_t dot = 0; dot < text.len; dot++) {
        size_t from = dot, to = dot + 1;
        while (from > 0 && is_line_end(text.ptr[from - 1]))
            from--;
        while (to < text.len && is_line_end(text.ptr[to]) &&
               (to == dot + 1 || text.ptr[to - 1] == '\r'))
            to++;
        if (text.ptr[dot] != '.' || (from == dot && dot > 0) || to == dot + 1)
            continue;
        writer_put_octet(w, '-');
        put_line_ends(w, dot == 0 ? SLICE("\r\n") : slice_sub(text, from, dot));
        writer_put(w, SLICE("-dot-"));
        put_line_ends(w, slice_sub(text, dot + 1, to));
        return;
    }
}

size_t session_name(const struct session *s, char *out, size_t size)
{
    struct writer w = writer_of(out, size);
    w.len = session_key(s, out, size);
    const struct session_step *step = &s->steps[s->at];
    if (s->oracle == ORACLE_END_OF_DATA && step->kind == DIALOGUE_MESSAGE)
        put_look_alike(&w, step->said);
    if (s->oracle == ORACLE_OUT_OF_SEQUENCE && s->at > 0) {
        writer_put(&w, SLICE("-behind-"));
        put_small(&w, said_what(step - 1));
    }
    return w.len;
}
