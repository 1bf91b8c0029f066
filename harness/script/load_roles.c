/*
 * What each sent line is, and which one each reply answers: the dialogue is followed as a server
 * would follow it. Commands wait in a queue for their replies, for they may be pipelined (RFC
 * 2920).
 */
#include "base/octet.h"
#include "script/loader.h"
#include "smtp/command.h"

struct follower {
    struct loader *l;
    size_t *queue; /* SEND steps without a reply so far */
    size_t first, last;
    bool in_message;     /* between 354 and the end of data */
    bool in_auth;        /* a 334 is to be answered */
    uint64_t chunk_left; /* octets of a BDAT chunk */
    size_t last_send;
    size_t plain_starttls; /* the reply 220 to STARTTLS, until %tls */
};

static struct script_step *steps_of(const struct follower *f)
{
    return f->l->steps.items;
}

/* The octets that a send begins with, as far as they are known before it is played. */
static struct slice head_of(const struct script_send *send)
{
    bool literal = send->text.count > 0 && send->text.parts[0].kind == SCRIPT_PART_LITERAL;
    return literal ? send->text.parts[0].text : SLICE("");
}

static bool is_known(const struct script_send *send)
{
    return send->text.count == 1 && send->text.parts[0].kind == SCRIPT_PART_LITERAL;
}

static struct slice first_word(struct slice text, struct slice *ret_rest)
{
    size_t end = 0;
    while (end < text.len && octet_is(text.ptr[end], OCTET_GRAPHIC))
        end++;
    *ret_rest = slice_from(text, end);
    return slice_sub(text, 0, end);
}

static enum smtp_verb verb_of(const struct script_send *send)
{
    struct slice rest;
    return smtp_verb_of(first_word(head_of(send), &rest));
}

static void enqueue(struct follower *f, size_t step)
{
    f->queue[f->last++] = step;
}

/* ---- sends
 * -----------------------------------------------------------------------------------------------
 */

/* AUTH MECHANISM initial-response: the response is nobody's business. */
static void hide_credentials(struct script_send *send)
{
    struct slice head = head_of(send), rest;
    first_word(head, &rest);
    rest = slice_trim(rest);
    struct slice mechanism = first_word(rest, &rest);
    struct slice response = slice_trim(rest);
    bool any = send->text.count > 1 || (response.len > 0 && response.ptr[0] != '\r');
    if (mechanism.len == 0 || !any)
        return;
    send->secret = true;
    send->shown = (size_t)(mechanism.ptr + mechanism.len - head.ptr) + 1;
}

/* BDAT n [LAST]: how many octets follow. */
static uint64_t chunk_octets(const struct script_send *send)
{
    struct smtp_command command;
    struct slice line = head_of(send);
    return is_known(send) && smtp_command_parse(line, line.len + 1, &command).status == PARSE_OK
               ? command.chunk_octets
               : 0;
}

static bool ends_with(struct slice text, struct slice tail)
{
    return text.len >= tail.len && slice_equal(slice_from(text, text.len - tail.len), tail);
}

static void follow_message(struct follower *f, size_t index, struct script_send *send)
{
    struct slice text = is_known(send) ? head_of(send) : SLICE("");
    bool raw = send->role == SCRIPT_SEND_RAW;
    bool ends = slice_equal(text, SLICE(".\r\n")) || (raw && ends_with(text, SLICE("\r\n.\r\n")));
    send->role = raw && !ends ? SCRIPT_SEND_RAW : SCRIPT_SEND_MESSAGE;
    send->ends_message = ends;
    if (ends) {
        f->in_message = false;
        enqueue(f, index);
    }
}

static size_t literal_octets(const struct script_send *send)
{
    size_t octets = 0;
    for (size_t i = 0; i < send->text.count; i++)
        octets +=
            send->text.parts[i].kind == SCRIPT_PART_LITERAL ? send->text.parts[i].text.len : 0;
    return octets;
}

static void follow_command(struct follower *f, size_t index, struct script_send *send)
{
    enum smtp_verb verb = verb_of(send);
    enqueue(f, index);
    if (verb == SMTP_VERB_AUTH)
        hide_credentials(send);
    if (verb == SMTP_VERB_BDAT && send->role == SCRIPT_SEND_COMMAND)
        f->chunk_left = chunk_octets(send);
}

static void follow_send(struct follower *f, size_t index)
{
    struct script_step *step = &steps_of(f)[index];
    struct script_send *send = &step->as.send;
    if (f->plain_starttls != SCRIPT_NO_STEP) {
        struct loader_place place = {step->line, step->column};
        loader_report(f->l, SCRIPT_WARNING, place, 1,
                      SLICE("this goes out in plain text after STARTTLS; %tls shakes hands"));
        f->plain_starttls = SCRIPT_NO_STEP;
    }
    f->last_send = index;
    if (f->in_message) {
        follow_message(f, index, send);
    } else if (f->chunk_left > 0) {
        size_t octets = literal_octets(send);
        send->role = SCRIPT_SEND_MESSAGE;
        f->chunk_left -= octets < f->chunk_left ? octets : f->chunk_left;
    } else if (f->in_auth) {
        f->in_auth = false;
        send->role = SCRIPT_SEND_AUTH;
        send->secret = !slice_equal(head_of(send), SLICE("*\r\n"));
        enqueue(f, index);
    } else {
        follow_command(f, index, send);
    }
}

/* ---- replies
 * ---------------------------------------------------------------------------------------------- */

/* Whether the script goes on after a 3yz: then what it sends next answers it. */
static bool expects_more(const struct script_expectation *expect, unsigned code)
{
    for (size_t i = 0; i < expect->pass.count; i++)
        if (expect->pass.items[i].kind == SCRIPT_OUTCOME_CODE && !expect->pass.items[i].negated &&
            expect->pass.items[i].digit[0] == 3)
            return script_outcomes_match(expect->pass, code);
    return false;
}

static void warn_unended(struct follower *f, const struct script_step *step)
{
    bool raw =
        f->last_send != SCRIPT_NO_STEP && steps_of(f)[f->last_send].as.send.role == SCRIPT_SEND_RAW;
    if (raw) /* octets on purpose: the message may go on behind this reply */
        return;
    struct loader_place place = {step->line, step->column};
    loader_report(f->l, SCRIPT_WARNING, place, 3,
                  SLICE("the message before this reply has no lone dot (RFC 5321 4.1.1.4)"));
    f->in_message = false;
}

static void follow_reply(struct follower *f, size_t index)
{
    struct script_step *step = &steps_of(f)[index];
    struct script_expectation *expect = &step->as.expect;
    bool in_message = f->in_message && f->first == f->last;
    if (in_message)
        warn_unended(f, step);
    step->answers = f->first < f->last ? f->queue[f->first++]
                    : in_message       ? f->last_send
                                       : SCRIPT_NO_STEP;
    expect->decisive = expect->decisive || !f->l->test.has_decisive;
    if (step->answers == SCRIPT_NO_STEP)
        return;
    const struct script_send *answered = &steps_of(f)[step->answers].as.send;
    enum smtp_verb verb = verb_of(answered);
    if (verb == SMTP_VERB_DATA && expects_more(expect, 354))
        f->in_message = true;
    else if (expects_more(expect, 334))
        f->in_auth = true;
    if (verb == SMTP_VERB_STARTTLS && expect->pass.count == 1 &&
        script_outcomes_match(expect->pass, 220) && !script_outcomes_match(expect->pass, 500))
        f->plain_starttls = index;
}

void loader_roles(struct loader *l)
{
    struct follower f = {.l = l, .last_send = SCRIPT_NO_STEP, .plain_starttls = SCRIPT_NO_STEP};
    f.queue = script_arena_alloc(l->arena, (l->steps.count + 1) * sizeof *f.queue);
    for (size_t i = 0; i < l->steps.count; i++) {
        switch (steps_of(&f)[i].kind) {
        case SCRIPT_SEND:
            follow_send(&f, i);
            break;
        case SCRIPT_EXPECT:
            follow_reply(&f, i);
            break;
        case SCRIPT_TLS:
            f.first = f.last;
            f.plain_starttls = SCRIPT_NO_STEP;
            break;
        default:
            break;
        }
    }
}
