/*
 * What each sent line is, and which one each reply answers.
 *
 * The octets of all sends are read as a server would read them that gives the replies of the
 * script. Each command line waits in a queue for its reply, for commands may be pipelined
 * (RFC 2920 3); so does the end of data (RFC 5321 4.1.1.4), and an answer to 334 (RFC 4954 4). The
 * octets of a message and of a BDAT chunk (RFC 3030 2) are no commands.
 */
#include "script/loader.h"
#include "smtp/command.h"
#include "smtp/word.h"

#define LINE_KEPT                                                                                  \
    128 /* octets of a line that are looked at: enough for "BDAT n", "AUTH MECHANISM" */

/** A send, or a line in it, that is to be answered. */
struct awaited {
    size_t step;
    enum smtp_verb verb;
};

struct dialogue {
    struct loader *l;
    enum smtp_verb verb; /* that the last reply answers */
    struct script_step *steps;
    struct script_array queue; /* struct awaited; those before `answered` have their reply */
    size_t answered;
    size_t last_send;    /* step, or SCRIPT_NO_STEP */
    bool greeted;        /* the first reply was met */
    bool in_message;     /* after 354, before the lone dot */
    bool in_auth;        /* after 334 */
    bool in_plain;       /* after 220 to STARTTLS, before %tls */
    uint64_t chunk_left; /* octets of the BDAT chunk that are still to come */

    /* the line that is being sent; several sends may make it up */
    uint8_t line[LINE_KEPT + 2];
    size_t line_len; /* all octets; a variable counts as one */
    size_t earlier;  /* of them, octets of earlier sends */
    uint8_t last;    /* octet */
    bool dot;        /* the line before it ended a message */
};

static void await(struct dialogue *d, size_t step, enum smtp_verb verb)
{
    struct awaited *awaited = script_array_push(&d->queue, sizeof *awaited);
    *awaited = (struct awaited){step, verb};
}

/* ---- lines ---- */

static void begin_line(struct dialogue *d)
{
    d->line_len = d->earlier = 0;
    d->last = 0;
}

/* What is kept of the line, without its ending. */
static struct slice kept_line(const struct dialogue *d)
{
    struct slice line = slice_of(d->line, d->line_len < LINE_KEPT ? d->line_len : LINE_KEPT);
    while (line.len > 0 && (line.ptr[line.len - 1] == '\r' || line.ptr[line.len - 1] == '\n'))
        line.len--;
    return line;
}

/* Octets that follow "BDAT n [LAST]"; 0 where that is not what the line says. */
static uint64_t chunk_octets(struct dialogue *d, struct slice line)
{
    struct smtp_command command;
    memcpy(d->line + line.len, "\r\n", 2);
    line.len += 2;
    return smtp_command_parse(line, line.len, &command).status == PARSE_OK &&
                   command.verb == SMTP_VERB_BDAT
               ? command.chunk_octets
               : 0;
}

/* At CRLF. */
static void end_line(struct dialogue *d, size_t step)
{
    struct slice line = kept_line(d), rest = line;
    d->dot = d->in_message && d->line_len == 3 && line.len == 1 && line.ptr[0] == '.';
    if (d->dot) {
        d->in_message = false;
        await(d, step, SMTP_VERB_UNKNOWN);
    } else if (d->in_auth) {
        d->in_auth = false;
        await(d, step, SMTP_VERB_AUTH);
    } else if (!d->in_message) {
        enum smtp_verb verb = smtp_verb_of(loader_word(&rest));
        await(d, step, verb);
        if (verb == SMTP_VERB_EHLO || verb == SMTP_VERB_LHLO || slice_starts(line, SLICE("$")))
            d->l->scope.ehlo = true;
        if (verb == SMTP_VERB_BDAT)
            d->chunk_left = chunk_octets(d, line);
    }
    begin_line(d);
}

static void take_octet(struct dialogue *d, size_t step, uint8_t octet)
{
    if (d->chunk_left > 0) {
        d->chunk_left--;
        return;
    }
    if (d->line_len < LINE_KEPT)
        d->line[d->line_len] = octet;
    d->line_len++;
    bool ends = octet == '\n' && d->last == '\r';
    d->last = octet;
    if (ends)
        end_line(d, step);
}

/* ---- secrets ---- */

/* An initial response (RFC 4954 4) is nobody's business: what the send holds of the line from there
 * on is not shown. `start` is where the line begins in it, `known` where its first variable is. */
static void hide_credentials(struct dialogue *d, struct script_send *send, size_t start,
                             size_t known)
{
    struct slice line = kept_line(d), rest = line;
    if (d->in_message || send->secret || smtp_verb_of(loader_word(&rest)) != SMTP_VERB_AUTH)
        return;
    loader_word(&rest);
    smtp_word_skip_space(&rest);
    if (rest.len == 0)
        return;
    size_t offset = line.len - rest.len;
    offset = offset > d->earlier ? start + offset - d->earlier : start;
    send->secret = true;
    send->shown = offset < known ? offset : known;
}

/* ---- sends ---- */

static enum script_send_role role_of(const struct dialogue *d, enum script_send_role written)
{
    if (d->in_message || d->chunk_left > 0)
        return SCRIPT_SEND_MESSAGE;
    if (d->in_auth)
        return SCRIPT_SEND_AUTH;
    return written == SCRIPT_SEND_RAW ? SCRIPT_SEND_RAW : SCRIPT_SEND_COMMAND;
}

/* Octets before the first variable. */
static size_t known_octets(struct script_text text)
{
    size_t octets = 0;
    for (size_t i = 0; i < text.count && text.parts[i].kind == SCRIPT_PART_LITERAL; i++)
        octets += text.parts[i].text.len;
    return octets;
}

/* Takes the octets of a send; a variable's are not known, and count as one that means nothing. */
static void take_text(struct dialogue *d, size_t step)
{
    struct script_send *send = &d->steps[step].as.send;
    size_t known = known_octets(send->text), at = 0, start = 0;
    bool whole = false;
    d->earlier = d->line_len;
    for (size_t i = 0; i < send->text.count; i++) {
        const struct script_part *part = &send->text.parts[i];
        bool literal = part->kind == SCRIPT_PART_LITERAL;
        struct slice octets = literal ? part->text : SLICE("$");
        if (!literal && d->chunk_left > 0) /* then the send is taken for all that is left */
            whole = true;
        for (size_t j = 0; j < octets.len && !whole; j++, at++) {
            if (d->line_len == 0)
                start = at;
            if (octets.ptr[j] == '\n')
                hide_credentials(d, send, start, known);
            take_octet(d, step, octets.ptr[j]);
        }
    }
    hide_credentials(d, send, start, known);
    if (whole)
        d->chunk_left = 0;
}

static void meet_send(struct dialogue *d, size_t index)
{
    struct script_step *step = &d->steps[index];
    struct script_send *send = &step->as.send;
    struct loader_place place = {step->line, step->column};
    if (send->role == SCRIPT_SEND_CHUNK) {
        d->last_send = index;
        await(d, index, SMTP_VERB_BDAT);
        return;
    }
    bool data = send->role == SCRIPT_SEND_MESSAGE; /* of %data */
    if (data && !d->in_message) {
        loader_report(d->l, SCRIPT_ERROR, place, 1, SLICE("no S: 354 stands before this message"));
        d->in_message = true;
        begin_line(d);
    } else if (data && d->line_len > 0 && d->last != '\n' && d->last != '$') {
        /* A bare LF is meant, and a variable may hold the CRLF. */
        loader_report(d->l, SCRIPT_WARNING, place, SIZE_MAX,
                      SLICE("it goes on in the line before it, which \\r\\n would end"));
    }
    if (d->in_plain && send->role == SCRIPT_SEND_COMMAND)
        loader_report(d->l, SCRIPT_WARNING, place, SIZE_MAX,
                      SLICE("after STARTTLS it goes out in plain text: %tls shakes hands"));
    d->in_plain = false;
    send->role = role_of(d, send->role);
    d->dot = false;
    if (send->role == SCRIPT_SEND_AUTH) {
        send->secret = true;
        send->shown = 0;
    }
    take_text(d, index);
    send->ends_message = d->dot && d->line_len == 0;
    d->last_send = index;
}

/* ---- replies ---- */

/* Whether the script counts on that code: it is written, not only let pass by "*" or "!5xx". */
static bool counts_on(struct script_outcomes pass, unsigned code)
{
    for (size_t i = 0; i < pass.count; i++) {
        struct script_outcomes one = {&pass.items[i], 1};
        if (pass.items[i].kind == SCRIPT_OUTCOME_CODE && !pass.items[i].negated &&
            pass.items[i].digit[0] != SCRIPT_ANY_DIGIT && script_outcomes_match(one, code))
            return true;
    }
    return false;
}

/* The next send that waits for its reply; one more reply is taken for the last send's. */
static struct awaited next_awaited(struct dialogue *d)
{
    const struct awaited *queue = d->queue.items;
    if (d->answered < d->queue.count)
        return queue[d->answered++];
    return (struct awaited){d->last_send, SMTP_VERB_UNKNOWN};
}

static void meet_reply(struct dialogue *d, size_t index)
{
    struct script_step *step = &d->steps[index];
    struct script_outcomes pass = step->as.expect.pass;
    if (!d->greeted) { /* RFC 5321 4.3.1: the server speaks first */
        d->greeted = true;
        return;
    }
    struct awaited awaited = next_awaited(d);
    d->verb = awaited.verb;
    d->chunk_left = 0; /* nobody waits for a reply in the middle of a chunk */
    step->answers = awaited.step;
    if (awaited.step != SCRIPT_NO_STEP && d->steps[awaited.step].kind == SCRIPT_SEND)
        d->steps[awaited.step].as.send.answered = true;
    if (d->in_message && !script_outcomes_hold(pass, SCRIPT_OUTCOME_EOF)) {
        loader_report(d->l, SCRIPT_WARNING, (struct loader_place){step->line, step->column}, 3,
                      SLICE("the message before this reply has no lone dot"));
        d->in_message = false;
    }
    bool unknown = awaited.verb == SMTP_VERB_UNKNOWN;
    if ((awaited.verb == SMTP_VERB_DATA || unknown) && counts_on(pass, 354)) {
        d->in_message = true;
        begin_line(d);
    } else if ((awaited.verb == SMTP_VERB_AUTH || unknown) && counts_on(pass, 334)) {
        d->in_auth = true;
    }
    d->in_plain = awaited.verb == SMTP_VERB_STARTTLS && counts_on(pass, 220);
}

/* RFC 3207 4.2: nothing from before the handshake counts after it. */
static void meet_tls(struct dialogue *d)
{
    d->answered = d->queue.count;
    d->in_message = d->in_auth = d->in_plain = false;
    d->chunk_left = 0;
    begin_line(d);
}

/* ---- branches ---- */

/* What the last reply asks for, where it is known to be, or not to be, one of the condition's. */
static void know_reply(struct dialogue *d, const struct script_condition *condition, bool holds)
{
    if (condition->kind != SCRIPT_IF_REPLY)
        return;
    holds = holds != condition->negated;
    bool data = d->verb == SMTP_VERB_DATA || d->verb == SMTP_VERB_UNKNOWN;
    bool auth = d->verb == SMTP_VERB_AUTH || d->verb == SMTP_VERB_UNKNOWN;
    d->in_message = script_outcomes_match(condition->reply, 354) == holds &&
                    (d->in_message || (holds && data && counts_on(condition->reply, 354)));
    d->in_auth = script_outcomes_match(condition->reply, 334) == holds &&
                 (d->in_auth || (holds && auth && counts_on(condition->reply, 334)));
    d->in_plain = d->in_plain && script_outcomes_match(condition->reply, 220) == holds;
}

/* An %else goes on from where its %if was met; items of the queue are never written over by it. */
static void meet_else(struct dialogue *d, const struct dialogue *at_if)
{
    struct script_array queue = d->queue;
    queue.count = at_if->queue.count;
    *d = *at_if;
    d->queue = queue;
}

/* The reply that ends an exchange is the next one, where the script is about it. */
static void meet_auth(struct dialogue *d, size_t index)
{
    d->last_send = index;
    if (index + 1 < d->l->steps.count && d->steps[index + 1].kind == SCRIPT_EXPECT)
        await(d, index, SMTP_VERB_NOOP);
}

static void meet(struct dialogue *d, size_t index)
{
    struct script_step *step = &d->steps[index];
    if (step->kind == SCRIPT_SEND && step->as.send.role == SCRIPT_SEND_PROXY)
        return; /* it is no part of the dialogue */
    if (step->kind == SCRIPT_SEND)
        meet_send(d, index);
    else if (step->kind == SCRIPT_EXPECT)
        meet_reply(d, index);
    else if (step->kind == SCRIPT_TLS)
        meet_tls(d);
    else if (step->kind == SCRIPT_AUTH)
        meet_auth(d, index);
}

/* The dialogue of a connection; it begins anew with %connect. */
static struct dialogue *dialogue_of(struct dialogue *all, struct script_step *step)
{
    struct dialogue *d = &all[step->connection];
    if (step->kind == SCRIPT_CONNECT) {
        d->queue = (struct script_array){.arena = d->l->steps.arena};
        d->answered = 0;
        d->last_send = SCRIPT_NO_STEP;
        d->greeted = d->in_message = d->in_auth = d->in_plain = d->dot = false;
        d->chunk_left = 0;
        begin_line(d);
    }
    return d;
}

void loader_roles(struct loader *l)
{
    l->topic = "messages-and-secrets";
    struct dialogue all[SCRIPT_MAX_CONNECTIONS], at_if[SCRIPT_MAX_DEPTH][SCRIPT_MAX_CONNECTIONS];
    const struct script_condition *conditions[SCRIPT_MAX_DEPTH];
    struct script_step *steps = l->steps.items;
    size_t depth = 0;
    for (size_t i = 0; i < SCRIPT_MAX_CONNECTIONS; i++)
        all[i] = (struct dialogue){.l = l,
                                   .steps = steps,
                                   .queue = {.arena = l->steps.arena},
                                   .last_send = SCRIPT_NO_STEP};
    for (size_t i = 0; i < l->steps.count; i++) {
        struct dialogue *d = dialogue_of(all, &steps[i]);
        if (steps[i].kind == SCRIPT_IF) {
            conditions[depth] = steps[i].as.flow.condition;
            memcpy(at_if[depth++], all, sizeof all);
            know_reply(d, conditions[depth - 1], true);
        } else if (steps[i].kind == SCRIPT_ELSE) {
            for (size_t k = 0; k < SCRIPT_MAX_CONNECTIONS; k++)
                meet_else(&all[k], &at_if[depth - 1][k]);
            know_reply(d, conditions[depth - 1], false);
        } else if (steps[i].kind == SCRIPT_END) {
            depth--;
        } else {
            meet(d, i);
        }
    }
}
