#define _POSIX_C_SOURCE 200809L

#include "cli/fuzz/talk.h"

#include <stdlib.h>
#include <time.h>

#define CONNECT_US 5000000
#define WRITE_US   2000000
#define PIECE_NS   3000000  /* between two pieces of a line */
#define HANDS_US   10000000 /* a handshake: it costs a busy server much */
/* A server that is late with it is busy: one who leaves and comes again makes it busier. */
#define GREETING_US 2000000
#define NEXT_US     2000000 /* a connection that was made ahead so long ago may be left soon */

/* Reads what comes within `us`; false where nothing more does. */
static bool read_more(struct talk *t, uint64_t us)
{
    size_t got = 0;
    uint64_t begun = wire_now_us();
    if (t->closed || t->heard.len == HEARD_MAX_OCTETS)
        return false;
    enum wire_end end = wire_read(&t->wire, t->heard.octets + t->heard.len,
                                  HEARD_MAX_OCTETS - t->heard.len, us, &got);
    uint64_t waited = wire_now_us() - begun;
    t->closed = end == WIRE_CLOSED || end == WIRE_RESET;
    t->heard.len += got;
    if ((end == WIRE_OCTETS || t->closed) && waited > t->longest_us)
        t->longest_us = waited;
    return end == WIRE_OCTETS;
}

/* The next reply, for at most `us` from now. */
static enum session_heard wait_reply(struct talk *t, uint64_t us, struct smtp_reply *ret_reply,
                                     int *ret_error)
{
    uint64_t begun = wire_now_us();
    for (;;) {
        enum session_heard heard = heard_next(&t->heard, ret_reply, ret_error);
        if (heard != SESSION_NOTHING)
            return heard;
        uint64_t gone = wire_now_us() - begun;
        if (!read_more(t, gone < us ? us - gone : 0))
            return t->closed ? SESSION_CLOSED : SESSION_NOTHING;
    }
}

static enum session_heard wait_greeting(struct talk *t, struct smtp_reply *ret_reply,
                                        int *ret_error)
{
    bool longer = t->was_kept || t->awaited_us > GREETING_US || t->hasty;
    return wait_reply(t, longer ? t->awaited_us : GREETING_US, ret_reply, ret_error);
}

/* As they go out: a part of the dialogue, or all. */
static void put_octets(const struct talk *t, struct slice octets, struct writer *out)
{
    static uint8_t room[HEARD_MAX_OCTETS];
    struct writer named = writer_of(room, sizeof room);
    size_t from = (size_t)(octets.ptr - t->octets.ptr);
    if (t->name_count > 0)
        names_fill(t->octets, from, from + octets.len, t->names.dialogue, &named);
    if (t->name_count > 0 && !named.overflow)
        octets = writer_slice(&named);
    if (t->account != NULL)
        account_fill(t->account, octets, out);
    else
        writer_put(out, octets);
}

static void finish(struct talk *t)
{
    if (!t->closed && !t->said)
        wire_finish(&t->wire);
    t->said = true;
}

/* In three writes, which a server that waits for more reads one by one. */
static void write_pieces(struct talk *t, struct slice octets)
{
    const size_t ends[] = {octets.len > 0, octets.len > 1 ? octets.len - 1 : octets.len,
                           octets.len};
    struct timespec pause = {.tv_nsec = PIECE_NS};
    for (size_t i = 0, at = 0; i < sizeof ends / sizeof *ends; at = ends[i++]) {
        if (at > 0 && ends[i] > at)
            nanosleep(&pause, NULL);
        if (ends[i] > at)
            (void)wire_write(&t->wire, octets.ptr + at, ends[i] - at, WRITE_US);
    }
}

/* Exim keeps its reply to QUIT for 200 ms, for the client to close first. aiosmtpd gives none to
 * one that does: not where that is to be seen for certain. */
static bool may_finish(const struct talk *t, struct slice octets)
{
    return t->how == TALK_STEPS && t->early_us == 0 &&
           slice_equal_nocase(octets, SLICE("QUIT\r\n")) &&
           t->session.steps[t->session.count - 1].kind == DIALOGUE_COMMAND;
}

static bool say(void *context, struct slice octets)
{
    static uint8_t room[HEARD_MAX_OCTETS];
    struct writer w = writer_of(room, sizeof room);
    struct talk *t = context;
    if (t->how == TALK_AT_ONCE || t->closed || t->said)
        return true;
    bool finishes = may_finish(t, octets);
    if (finishes) /* with all that comes behind it */
        octets = slice_from(t->octets, (size_t)(octets.ptr - t->octets.ptr));
    put_octets(t, octets, &w);
    /* A server that takes no more may have said why: what it says is heard all the same. */
    if (t->how == TALK_PIECES)
        write_pieces(t, writer_slice(&w));
    else
        (void)wire_write(&t->wire, room, w.len, WRITE_US);
    if (finishes)
        finish(t);
    return true;
}

static void say_all(struct talk *t)
{
    static uint8_t room[sizeof t->heard.octets];
    struct writer w = writer_of(room, sizeof room);
    if (t->was_kept)
        writer_put(&w, SLICE("RSET\r\n"));
    put_octets(t, t->octets, &w);
    t->all_said = true;
    (void)wire_write(&t->wire, room, w.len, WRITE_US);
}

/* Without `keeps`, the server's end is read as well: then nothing is waited for. */
static void hear_all(struct talk *t)
{
    uint64_t begun = wire_now_us(), gone = 0;
    finish(t);
    while (gone < t->rest_us && read_more(t, t->rest_us - gone))
        gone = wire_now_us() - begun;
}

static enum session_heard hear_at_once(struct talk *t, enum session_wait wait,
                                       struct smtp_reply *ret_reply, int *ret_error)
{
    bool first = t->heard.at == 0 && t->heard.len == 0; /* the greeting, or the reply to RSET */
    if (t->was_kept && first) {
        say_all(t);
        if (!t->keeps)
            finish(t); /* as soon as all is said: say() */
    }
    if (first)
        return wait_greeting(t, ret_reply, ret_error);
    if (!t->all_said)
        say_all(t);
    if (t->keeps && wait == SESSION_AWAITED && !t->said) {
        enum session_heard heard = wait_reply(t, t->keep_us, ret_reply, ret_error);
        if (heard != SESSION_NOTHING)
            return heard;
        hear_all(t); /* it is no use to wait: a server that closes says so sooner */
    }
    if (t->keeps && wait == SESSION_IDLE)
        (void)read_more(t, 0);
    else if (!t->said && (!t->keeps || wait == SESSION_REST))
        hear_all(t);
    if (wait == SESSION_EARLY)
        return SESSION_NOTHING;
    enum session_heard heard = heard_next(&t->heard, ret_reply, ret_error);
    return heard == SESSION_NOTHING && t->closed ? SESSION_CLOSED : heard;
}

/* What may answer plain text under TLS: a server that sees the client leave may give up what it was
 * about to say, as those with asyncio do. */
static enum session_heard hear_injected(struct talk *t, struct smtp_reply *ret_reply,
                                        int *ret_error)
{
    bool injected = t->wire.ssl != NULL && t->session.steps[t->session.count - 1].injects;
    return !injected || t->said
               ? SESSION_NOTHING
               : wait_reply(t, thrift_bounded(t->rest_us / 8, 50000, 250000), ret_reply, ret_error);
}

static enum session_heard hear(void *context, enum session_wait wait, struct smtp_reply *ret_reply,
                               int *ret_error)
{
    struct talk *t = context;
    if (t->how == TALK_AT_ONCE)
        return hear_at_once(t, wait, ret_reply, ret_error);
    if (t->was_kept && !t->all_said) {
        t->all_said = true;
        (void)wire_write(&t->wire, SLICE("RSET\r\n").ptr, SLICE("RSET\r\n").len, WRITE_US);
    }
    bool at_once =
        t->how == TALK_GROUPS ? wait != SESSION_AWAITED : t->said && wait == SESSION_EARLY;
    if (at_once)
        return SESSION_NOTHING;
    if (t->session.count == 1 && wait == SESSION_AWAITED)
        return wait_greeting(t, ret_reply, ret_error);
    bool ends = wait == SESSION_REST || (wait == SESSION_IDLE && !t->keeps);
    enum session_heard heard = ends ? hear_injected(t, ret_reply, ret_error) : SESSION_NOTHING;
    if (heard != SESSION_NOTHING)
        return heard;
    if (ends)
        finish(t);
    uint64_t us = wait == SESSION_AWAITED ? t->awaited_us : ends ? t->rest_us : t->early_us;
    return wait_reply(t, us, ret_reply, ret_error);
}

/* ---- TLS ---- */

static enum session_hands secure(void *context)
{
    struct talk *t = context;
    if (t->closed || t->said || t->wire.ssl != NULL)
        return SESSION_UNSECURED;
    if (t->heard.at < t->heard.len)
        return SESSION_IN_CLEAR;
    uint64_t us = t->awaited_us > GREETING_US ? t->awaited_us : GREETING_US;
    enum wire_hands hands = wire_secure(&t->wire, t->tls->context, t->tls->host, us);
    return hands == WIRE_SECURED    ? SESSION_SECURED
           : hands == WIRE_IN_CLEAR ? SESSION_IN_CLEAR
                                    : SESSION_UNSECURED;
}

/* Through EHLO and STARTTLS into TLS (RFC 3207 4). The greeting stays to be heard. */
static bool lead_into_tls(struct talk *t)
{
    static const struct slice says[] = {SLICE_INIT(""), SLICE_INIT("EHLO client.example\r\n"),
                                        SLICE_INIT("STARTTLS\r\n")};
    size_t greeting = 0;
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
        struct smtp_reply reply;
        int error;
        if (!wire_write(&t->wire, says[i].ptr, says[i].len, WRITE_US) ||
            wait_reply(t, HANDS_US, &reply, &error) != SESSION_REPLY || reply.code / 100 != 2)
            return false;
        greeting = i == 0 ? t->heard.at : greeting;
    }
    t->heard.at = 0;
    t->heard.len = greeting;
    return wire_secure(&t->wire, t->tls->context, t->tls->host, HANDS_US) == WIRE_SECURED;
}

static bool begin_tls(struct talk *t)
{
    switch (t->tls == NULL ? TALK_PLAIN : t->tls->begins) {
    case TALK_STARTTLS:
        return lead_into_tls(t);
    case TALK_SMTPS:
        return wire_secure(&t->wire, t->tls->context, t->tls->host, HANDS_US) == WIRE_SECURED;
    default:
        return true;
    }
}

/* ---- whose connection it is ---- */

static bool may_keep(const struct talk *t, struct slice octets, enum talk_how how)
{
    return !t->alone && how != TALK_PIECES && t->most_kept > 1 && !dialogue_ends(octets) &&
           (how != TALK_AT_ONCE || dialogue_is_plain(octets));
}

static void part(struct talk_line *line)
{
    if (line->open)
        wire_close(&line->wire, true);
    line->open = false;
    line->kept = line->errors = 0;
}

static void drop_next(struct talk *t)
{
    if (t->has_next)
        wire_close(&t->next, true);
    t->has_next = false;
}

void talk_part(struct talk *t)
{
    for (size_t i = 0; i < TALK_LINES; i++)
        part(&t->lines[i]);
    drop_next(t);
}

static void begin(struct talk *t)
{
    t->closed = t->said = t->all_said = false;
    t->longest_us = 0;
    heard_clear(&t->heard);
}

static void make_next(struct talk *t)
{
    t->has_next = t->ahead && wire_connect(&t->next, &t->address, CONNECT_US);
    t->next_us = wire_now_us();
}

static bool begin_anew(struct talk *t)
{
    begin(t);
    t->names.connection = t->names.dialogue;
    if (t->keeps)
        t->line->first_name = t->names.dialogue;
    if (t->has_next && wire_now_us() - t->next_us < NEXT_US && wire_is_open(&t->next)) {
        t->wire = t->next;
    } else {
        drop_next(t);
        if (!wire_connect(&t->wire, &t->address, CONNECT_US))
            return false;
    }
    make_next(t);
    if (begin_tls(t))
        return true;
    wire_close(&t->wire, true);
    return false;
}

static void play(struct talk *t)
{
    session_play(&t->session, t->octets,
                 &(struct session_line){.say = say,
                                        .hear = hear,
                                        .secure = t->tls == NULL ? NULL : secure,
                                        .passed = t->passed,
                                        .names = t->name_count > 0 ? &t->names : NULL,
                                        .context = t,
                                        .secured = t->wire.ssl != NULL,
                                        .groups = t->how == TALK_GROUPS,
                                        .pieces = t->how == TALK_PIECES,
                                        .steps = t->how == TALK_STEPS || t->how == TALK_PIECES});
    t->session.led = t->tls != NULL && t->tls->begins == TALK_STARTTLS;
}

/* A connection that was kept too long: the server closes it, or answers RSET in another way. */
static bool overstayed(const struct talk *t)
{
    return t->session.count <= 1 && t->session.steps[0].code / 100 != 2;
}

static bool is_ehlo(const struct session_step *step)
{
    return step->verb == SMTP_VERB_EHLO && step->code == 250;
}

static bool has_lines(const struct session_step *step)
{
    return slice_find(step->raw, '\n') + 1 < step->raw.len;
}

/* The reply to EHLO is another command's, and all others are, too. */
static bool is_shifted(const struct talk *t)
{
    const struct session_step *second = &t->session.steps[1];
    return t->extended && t->session.count > 1 && is_ehlo(second) && !has_lines(second);
}

/* RFC 4954 4: an answer that is asked for is refused with an asterisk. */
static bool takes_back(struct talk *t)
{
    static const struct slice answer = SLICE_INIT("*\r\n");
    struct smtp_reply reply;
    int error;
    const struct session_step *last = &t->session.steps[t->session.count - 1];
    return last->code != 334 ||
           (wire_write(&t->wire, answer.ptr, answer.len, WRITE_US) &&
            wait_reply(t, t->awaited_us, &reply, &error) == SESSION_REPLY && reply.code / 100 == 5);
}

/* Whether the connection can be kept. */
static bool is_left_idle(struct talk *t)
{
    bool leaves = false; /* what RSET does not clear (RFC 4954 4) */
    for (size_t i = 0; i < t->session.count; i++) {
        const struct session_step *step = &t->session.steps[i];
        leaves = leaves || step->code == 235;
        t->line->errors += step->code / 100 == 5;
        if (is_ehlo(step))
            t->extended = has_lines(step);
    }
    t->line->kept++;
    return t->session.idle && !leaves && t->heard.at == t->heard.len && takes_back(t) &&
           t->heard.at == t->heard.len;
}

static void settle(struct talk *t)
{
    struct talk_line *line = t->line;
    bool stays = t->keeps && is_left_idle(t);
    if (stays && line->kept >= t->most_kept) {
        t->most_kept = t->most_kept * 2 < t->bound_kept ? t->most_kept * 2 : t->bound_kept;
        stays = false;
    }
    if (stays && line->errors < t->most_errors) {
        line->wire = t->wire;
        line->open = true;
    } else {
        wire_close(&t->wire, !t->closed);
        if (t->keeps)
            *line = (struct talk_line){.kept = 0};
    }
}

/* Over the connection that was kept; false where that is of no use any more. */
static bool talk_on(struct talk *t)
{
    if (!t->keeps || !t->line->open)
        return t->was_kept = false;
    t->was_kept = true;
    t->wire = t->line->wire;
    t->names.connection = t->line->first_name;
    begin(t);
    play(t);
    bool over = overstayed(t);
    if (!over && !is_shifted(t))
        return true;
    if (over && !t->session.silent) /* it grows again: settle */
        t->most_kept = t->line->kept > 2 ? t->line->kept : 2;
    t->strayed =
        !over || !(t->session.closed || t->session.silent || t->session.steps[0].code == 421);
    part(t->line);
    return t->was_kept = false;
}

static enum talk_how how_to(const struct talk *t, enum talk_how how)
{
    if (t->keeps)
        return how == TALK_AT_ONCE ? t->kept_how : how;
    return t->tls != NULL && dialogue_secures(t->octets) && how != TALK_PIECES ? TALK_STEPS : how;
}

/* Over a new one; where it was made ahead and the server does not greet well, over another. */
static bool talk_anew(struct talk *t)
{
    bool ahead = t->has_next;
    t->was_kept = false;
    if (!begin_anew(t))
        return false;
    play(t);
    if (!ahead || !overstayed(t))
        return true;
    wire_close(&t->wire, true);
    drop_next(t);
    if (!begin_anew(t))
        return false;
    play(t);
    return true;
}

/* Each connection that is kept has names of its own, and so have those that are not: whoever else
 * said one can be told. When all were given, they begin anew, over a new connection. */
static void take_names(struct talk *t)
{
    uint32_t more = names_changes(t->octets, 0, t->octets.len),
             count = t->name_count / (TALK_LINES + 1);
    uint32_t kind = t->keeps ? (uint32_t)(t->line - t->lines) : TALK_LINES;
    if (t->next_names[kind] + more >= count) {
        if (t->keeps)
            part(t->line);
        t->next_names[kind] = 0;
    }
    t->names.dialogue = t->first_name + kind * count + t->next_names[kind];
    t->names.last = t->names.dialogue + more;
    t->next_names[kind] += more + 1;
}

static unsigned line_for(struct slice octets)
{
    if (!dialogue_is_text(octets))
        return TALK_LINE_OTHER;
    if (dialogue_has(octets, SLICE("BDAT")))
        return TALK_LINE_CHUNK;
    if (dialogue_has(octets, SLICE("DATA")))
        return TALK_LINE_MESSAGE;
    return dialogue_is_plain(octets) ? TALK_LINE_PLAIN : TALK_LINE_OTHER;
}

bool talk(struct talk *t, struct slice octets, enum talk_how how)
{
    uint64_t begun = wire_now_us();
    t->octets = octets;
    t->keeps = may_keep(t, octets, how);
    t->how = how_to(t, how);
    t->line = &t->lines[line_for(octets)];
    t->strayed = false;
    if (t->name_count > 0)
        take_names(t);
    if (!talk_on(t) && !talk_anew(t))
        return false;
    t->taken_us = wire_now_us() - begun;
    settle(t);
    return true;
}

bool talk_in_step(struct talk *t)
{
    if (!t->keeps || !t->line->open)
        return true;
    t->octets = SLICE("EHLO client.example\r\n");
    t->strayed = false;
    if (t->name_count > 0)
        take_names(t);
    if (talk_on(t))
        settle(t);
    return !t->strayed;
}

struct talk *talk_new(const struct wire_address *address, const struct talk_tls *tls, uint64_t us)
{
    struct talk *t = calloc(1, sizeof *t);
    if (t == NULL)
        abort();
    t->address = *address;
    t->tls = tls;
    t->awaited_us = t->rest_us = us;
    return t;
}

void talk_free(struct talk *t)
{
    talk_part(t);
    free(t);
}
