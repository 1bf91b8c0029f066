#include "engine/engine.h"

#include <stdlib.h>

#include "engine/assert.h"
#include "engine/client.h"
#include "engine/event.h"
#include "engine/exchange.h"
#include "engine/expect.h"
#include "engine/flow.h"
#include "engine/header.h"
#include "engine/judge.h"
#include "engine/lane.h"
#include "engine/message.h"
#include "engine/need.h"
#include "engine/segment.h"
#include "engine/serve.h"
#include "engine/text.h"

#define INPUT_OCTETS   (128u * 1024)
#define OUTPUT_OCTETS  (64u * 1024)
#define REPLY_OCTETS   (96u * 1024) /* has room for what repeats a command of 64 KiB, as some do */
#define MESSAGE_OCTETS (1024u * 1024)
#define TIMEOUT_MS     20000
#define ROUNDS         2000000u

void engine_wait_for(struct engine *e, enum engine_wait wait, uint64_t bound_ms)
{
    e->wait = wait;
    unsigned percent = e->config.time_percent;
    e->deadline = e->now_ms + (percent == 0 ? bound_ms : bound_ms * percent / 100);
}

void engine_send_out(struct engine *e)
{
    if (e->ended && e->lost)
        e->output_len = 0;
    e->wait = WAIT_NOTHING;
    if (e->output_len > 0)
        engine_wait_for(e, WAIT_SENT, e->config.timeout_ms);
}

/* ---- the step loop ---- */

static void run(struct engine *e)
{
    while (e->wait == WAIT_NOTHING) {
        flow_settle(e);
        if (engine_over(e))
            break;
        lane_settle(e);
        if (e->cancel)
            client_cancel(e);
        else if (e->swallow_reply)
            client_await(e, 0);
        else if (e->lanes[e->connection].owes_header && !e->ended)
            header_send(e);
        else if (engine_step(e) == NULL)
            client_end(e);
        else if (header_tls_is_due(e))
            header_begin_tls(e);
        else if (e->config.role == ENGINE_SERVER)
            serve_step(e);
        else
            client_step(e);
    }
}

/* What arrived may end the wait. */
static void look(struct engine *e)
{
    bool more = true;
    while (more) {
        more = false;
        if (e->wait == WAIT_REPLY)
            more = expect_reply(e) && e->wait == WAIT_REPLY;
        else if (e->wait == WAIT_COMMAND)
            more = serve_command(e) && e->wait == WAIT_COMMAND;
    }
    if (e->wait == WAIT_QUIET)
        expect_quiet(e);
    run(e);
}

/* ---- life ---- */

static size_t last_decisive(const struct script_test *test)
{
    size_t last = SCRIPT_NO_STEP;
    for (size_t i = 0; i < test->step_count; i++) {
        const struct script_step *step = &test->steps[i];
        if (step->kind == SCRIPT_EXPECT ? step->as.expect.decisive : judge_asserts(step))
            last = i;
    }
    return last;
}

static size_t or_default(size_t given, size_t otherwise)
{
    return given > 0 ? given : otherwise;
}

static void poison_gaps(struct engine *e)
{
    struct poison_gap *gaps[] = {
        &e->behind_loss,    &e->behind_trouble, &e->behind_token, &e->behind_watches,
        &e->behind_query,   &e->behind_facts,   &e->behind_tls,   &e->behind_captures,
        &e->behind_scratch, &e->behind_sent,    &e->behind_shown, &e->behind_said,
    };
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++)
        poison_gap(gaps[i]);
}

struct engine *engine_new(const struct script_test *test, const struct engine_config *config,
                          uint64_t now_ms)
{
    size_t input = or_default(config->max_input_octets, INPUT_OCTETS);
    size_t output = or_default(config->max_output_octets, OUTPUT_OCTETS);
    output = output < 16 ? 16 : output;
    size_t lanes = test->connection_count + 1;
    bool asked = config->role == ENGINE_CLIENT && message_asked(test);
    size_t message = asked ? or_default(config->max_message_octets, MESSAGE_OCTETS) : 0;
    size_t octets = (lanes + 1) * input + output + lanes * ENGINE_EHLO_OCTETS + message;
    struct engine *e = malloc(sizeof *e + octets + (3 + 2 * lanes) * sizeof(struct poison_gap));
    if (e == NULL)
        return NULL;
    memset(e, 0, offsetof(struct engine, watches));
    poison_gaps(e);
    e->test = test;
    e->config = *config;
    e->config.max_input_octets = input;
    e->config.max_output_octets = output;
    e->config.timeout_ms = config->timeout_ms > 0 ? config->timeout_ms : TIMEOUT_MS;
    e->config.max_rounds = or_default(config->max_rounds, ROUNDS);
    bool owed, header = header_needed(e, script_begins_with_proxy(test), &owed);
    e->secured = config->tls_from_start && !header;
    struct smtp_reply_limits *limits = &e->config.reply_limits;
    limits->max_octets = or_default(limits->max_octets, REPLY_OCTETS);
    limits->max_octets = limits->max_octets < input ? limits->max_octets : input;
    limits->max_line_octets = or_default(limits->max_line_octets, REPLY_OCTETS);
    uint8_t *rest = e->memory;
    e->last_reply = poison_carve(&rest, input);
    e->output = poison_carve(&rest, output);
    for (size_t i = 0; i < lanes; i++) {
        e->lanes[i].input = poison_carve(&rest, input);
        e->lanes[i].ehlo = poison_carve(&rest, ENGINE_EHLO_OCTETS);
        e->lanes[i].ended = e->lanes[i].lost = i > 0; /* until %connect */
    }
    e->lanes[0].owes_header = owed;
    e->lanes[0].owes_tls = config->tls_from_start && header;
    engine_between(e, config->client_end, config->server_end);
    e->message = asked ? poison_carve(&rest, message) : NULL;
    e->config.max_message_octets = message;
    e->input = e->lanes[0].input;
    e->ehlo = e->lanes[0].ehlo;
    e->now_ms = e->asked_ms = now_ms;
    e->last_decisive = last_decisive(test);
    event_begin(e);
    engine_token_make(e);
    assert_watch(e);
    if (config->role == ENGINE_SERVER && serve_unplayable(e) != SCRIPT_NO_STEP)
        judge_finish(e, ENGINE_ERROR, ENGINE_FAULT_PATTERN,
                     SLICE("a server plays no pattern (S~:) and no %connect"));
    else
        need_check(e);
    run(e);
    return e;
}

void engine_free(struct engine *engine)
{
    if (engine != NULL)
        exchange_end(engine);
    free(engine);
}

unsigned engine_wants(const struct engine *e)
{
    static const unsigned wants[] = {
        [WAIT_NOTHING] = 0,
        [WAIT_SENT] = ENGINE_WANTS_SEND | ENGINE_WANTS_RECEIVE,
        [WAIT_REPLY] = ENGINE_WANTS_RECEIVE,
        [WAIT_COMMAND] = ENGINE_WANTS_RECEIVE,
        [WAIT_TLS] = ENGINE_WANTS_TLS,
        [WAIT_QUIET] = ENGINE_WANTS_RECEIVE,
        [WAIT_SLEEP] = ENGINE_WANTS_RECEIVE,
        [WAIT_SHUTDOWN] = ENGINE_WANTS_SHUTDOWN,
        [WAIT_CONNECT] = ENGINE_WANTS_CONNECT,
        [WAIT_DROP] = ENGINE_WANTS_DROP,
        [WAIT_MESSAGE] = ENGINE_WANTS_MESSAGE | ENGINE_WANTS_RECEIVE,
        [WAIT_PAUSE] = ENGINE_WANTS_RECEIVE,
        [WAIT_CLOSE] = ENGINE_WANTS_CLOSE,
        [WAIT_OVER] = ENGINE_DONE,
    };
    return wants[e->wait];
}

struct slice engine_output(const struct engine *e)
{
    size_t end = e->piece_end > 0 ? e->piece_end : e->output_len;
    return slice_of(e->output + e->output_sent, e->wait == WAIT_SENT ? end - e->output_sent : 0);
}

void engine_sent(struct engine *e, size_t octets, uint64_t now_ms)
{
    if (e->wait != WAIT_SENT)
        return;
    size_t left = engine_output(e).len;
    e->now_ms = e->asked_ms = now_ms;
    e->output_sent += octets < left ? octets : left;
    if (octets < left)
        return;
    if (e->output_sent < e->output_len) {
        segment_next(e);
        if (e->segment != NULL && e->segment->every_ms > 0)
            engine_wait_for(e, WAIT_PAUSE, e->segment->every_ms);
        return;
    }
    e->output_sent = e->output_len = e->piece_end = 0;
    e->wait = WAIT_NOTHING;
    run(e);
}

void engine_receive(struct engine *e, unsigned connection, struct slice octets, uint64_t now_ms)
{
    e->now_ms = now_ms;
    if (engine_over(e) || octets.len == 0 || connection > e->test->connection_count)
        return;
    if (connection != e->connection) {
        if (!e->lanes[connection].ended)
            lane_receive(e, connection, octets);
        return;
    }
    if (e->ended)
        return;
    if (e->input_at > 0) {
        e->input_len -= e->input_at;
        memmove(e->input, e->input + e->input_at, e->input_len);
        e->input_at = 0;
    }
    while (octets.len > 0 &&
           !engine_over(e)) { /* in pieces, where what fits is dealt with at once */
        size_t room = e->config.max_input_octets - e->input_len;
        size_t take = octets.len < room ? octets.len : room;
        if (take == 0) {
            e->garbled = true;
            judge_differed(e, JUDGE_FAIL, 0, (struct engine_event){.fault = ENGINE_FAULT_TOO_LONG});
            break;
        }
        memcpy(e->input + e->input_len, octets.ptr, take);
        e->input_len += take;
        e->more = slice_from(octets, take);
        e->more_of = connection;
        look(e);
        octets = e->more;
        if (connection != e->connection) {
            lane_receive(e, connection, octets);
            break;
        }
        if (octets.len > 0 && e->input_at > 0) {
            e->input_len -= e->input_at;
            memmove(e->input, e->input + e->input_at, e->input_len);
            e->input_at = 0;
        }
    }
    e->more = SLICE("");
    run(e);
}

/* What a loss is reported with. */
static void keep_loss(struct engine *e, unsigned connection, struct slice lost)
{
    e->loss_of = connection;
    e->loss_len = lost.len < sizeof e->loss ? lost.len : sizeof e->loss;
    memcpy(e->loss, lost.ptr, e->loss_len);
}

void engine_eof(struct engine *e, unsigned connection, struct slice reason, uint64_t now_ms)
{
    bool lost = reason.len > 0;
    e->now_ms = now_ms;
    if (engine_over(e) || connection > e->test->connection_count)
        return;
    if (lost)
        keep_loss(e, connection, reason);
    if (connection != e->connection) {
        e->lanes[connection].ended = true;
        e->lanes[connection].lost = e->lanes[connection].lost || lost;
        return;
    }
    if (e->ended && !lost)
        return;
    e->lost = e->lost || lost;
    if (!e->ended)
        event_emit(e, (struct engine_event){
                          .kind = ENGINE_EVENT_CLOSED, .step = SCRIPT_NO_STEP, .text = reason});
    e->ended = true;
    if (e->lost &&
        (e->wait == WAIT_SENT ||
         e->wait == WAIT_PAUSE)) { /* nobody takes the rest: the next reply will be missing */
        e->output_len = e->output_sent = e->piece_end = 0;
        e->wait = WAIT_NOTHING;
    }
    if (e->lost && e->wait == WAIT_TLS)
        engine_tls_failed(e, SLICE("the connection was lost during the handshake"), false, now_ms);
    look(e);
}

const struct script_tls *engine_tls(const struct engine *e)
{
    return e->tls_as;
}

void engine_secured(struct engine *e, struct slice facts, uint64_t now_ms)
{
    e->now_ms = now_ms;
    if (engine_over(e))
        return;
    event_emit(e, (struct engine_event){.kind = ENGINE_EVENT_SECURED,
                                        .step = SCRIPT_NO_STEP,
                                        .text = slice_sub(facts, 0, slice_find(facts, '\n'))});
    e->secured = true;
    e->facts_len = facts.len < sizeof e->facts ? facts.len : sizeof e->facts;
    if (e->facts_len > 0)
        memcpy(e->facts, facts.ptr, e->facts_len);
    if (e->wait != WAIT_TLS)
        return;      /* TLS from the start: there was no step for it */
    e->ehlo_len = 0; /* RFC 3207 4.2: what was announced before counts no more */
    e->wait = WAIT_NOTHING;
    if (engine_step(e) != NULL && engine_step(e)->kind == SCRIPT_TLS)
        judge_matched(e);
    run(e);
}

void engine_tls_failed(struct engine *e, struct slice reason, bool ours, uint64_t now_ms)
{
    static const enum engine_verdict verdicts[] = {
        [SCRIPT_REFUSED_ERROR] = ENGINE_ERROR,
        [SCRIPT_REFUSED_PASS] = ENGINE_PASS,
        [SCRIPT_REFUSED_WARN] = ENGINE_WARN,
        [SCRIPT_REFUSED_UNCLEAR] = ENGINE_SKIP,
    };
    e->now_ms = now_ms;
    bool asked = e->wait == WAIT_TLS && e->tls_as != NULL && !ours;
    enum script_refused refused = asked ? e->tls_as->refused : SCRIPT_REFUSED_ERROR;
    judge_finish(e, verdicts[refused], ENGINE_FAULT_TLS, reason);
}

void engine_connect_failed(struct engine *e, struct slice reason, uint64_t now_ms)
{
    e->now_ms = now_ms;
    if (e->wait != WAIT_CONNECT) {
        judge_finish(e, ENGINE_ERROR, ENGINE_FAULT_NO_CONNECTION, reason);
        return;
    }
    event_note(e, e->step, reason);
    lane_renew(e, false); /* as one that was closed at once: what is expected of it decides */
    e->ended = e->lost = true;
    judge_matched(e);
    run(e);
}

unsigned engine_connection(const struct engine *e)
{
    return e->connection;
}

enum script_connect engine_connect(const struct engine *e)
{
    if (e->wait != WAIT_CONNECT)
        return SCRIPT_CONNECT_AS_FIRST;
    bool owed, header = header_needed(e, engine_step(e)->proxied, &owed);
    return header ? SCRIPT_CONNECT_PLAIN : engine_step(e)->as.connect;
}

void engine_between(struct engine *e, struct slice client_end, struct slice server_end)
{
    const struct slice texts[] = {client_end, server_end};
    for (size_t i = 0; i < 2; i++) {
        e->ends[i].len = texts[i].len <= sizeof e->ends[i].text ? texts[i].len : 0;
        if (e->ends[i].len > 0)
            memcpy(e->ends[i].text, texts[i].ptr, e->ends[i].len);
    }
}

void engine_connected(struct engine *e, bool secured, uint64_t now_ms)
{
    e->now_ms = now_ms;
    if (e->wait != WAIT_CONNECT)
        return;
    bool tls = engine_step(e)->as.connect == SCRIPT_CONNECT_TLS ||
               (engine_step(e)->as.connect == SCRIPT_CONNECT_AS_FIRST && e->config.tls_from_start);
    bool owed, header = header_needed(e, engine_step(e)->proxied, &owed);
    lane_renew(e, secured);
    e->lanes[e->connection].owes_header = owed;
    e->lanes[e->connection].owes_tls = tls && header;
    judge_matched(e);
    run(e);
}

bool engine_drop_resets(const struct engine *e)
{
    return e->wait == WAIT_DROP && engine_step(e)->as.reset;
}

void engine_dropped(struct engine *e, uint64_t now_ms)
{
    e->now_ms = now_ms;
    if (e->wait != WAIT_DROP)
        return;
    e->ended = e->lost = true;
    judge_matched(e);
    run(e);
}

void engine_message(struct engine *e, struct slice octets, uint64_t now_ms)
{
    e->now_ms = now_ms;
    if (message_take(e, octets))
        run(e);
}

void engine_no_message(struct engine *e, struct slice trouble)
{
    if (e->wait == WAIT_MESSAGE)
        message_missing(e, trouble);
}

void engine_shut(struct engine *e, uint64_t now_ms)
{
    e->now_ms = now_ms;
    if (e->wait == WAIT_SHUTDOWN)
        judge_matched(e);
    run(e);
}

void engine_closed(struct engine *e, uint64_t now_ms)
{
    e->now_ms = now_ms;
    e->closed = true;
    if (!engine_over(e))
        judge_finish(e, ENGINE_ERROR, ENGINE_FAULT_CLOSED, SLICE("interrupted"));
    e->wait = WAIT_OVER;
}

uint64_t engine_deadline(const struct engine *e)
{
    return e->wait == WAIT_OVER || e->wait == WAIT_NOTHING ? ENGINE_NEVER : e->deadline;
}

void engine_tick(struct engine *e, uint64_t now_ms)
{
    e->now_ms = now_ms;
    if (now_ms < engine_deadline(e))
        return;
    if (e->wait == WAIT_REPLY)
        expect_timeout(e);
    else if (e->wait == WAIT_QUIET)
        expect_quiet_end(e);
    else if (e->wait == WAIT_SLEEP)
        judge_matched(e);
    else if (e->wait == WAIT_TLS)
        engine_tls_failed(e, SLICE("no TLS handshake in time"), true, now_ms);
    else if (e->wait == WAIT_MESSAGE)
        message_timeout(e);
    else if (e->wait == WAIT_PAUSE)
        engine_wait_for(e, WAIT_SENT, e->config.timeout_ms);
    else if (e->wait == WAIT_CONNECT)
        engine_connect_failed(e, SLICE("no connection in time"), now_ms);
    else if (e->wait == WAIT_DROP)
        engine_dropped(e, now_ms);
    else if (e->wait == WAIT_SENT || e->wait == WAIT_COMMAND || e->wait == WAIT_SHUTDOWN)
        judge_finish(e, ENGINE_ERROR, ENGINE_FAULT_TIMEOUT,
                     e->wait == WAIT_COMMAND ? SLICE("the client sent nothing in time")
                                             : SLICE("the server did not take what was sent"));
    else
        e->wait = WAIT_OVER; /* the driver did not close */
    run(e);
}

enum engine_verdict engine_verdict(const struct engine *e)
{
    return e->verdict;
}

const char *engine_verdict_name(enum engine_verdict verdict)
{
    static const char *const names[] = {
        [ENGINE_PASS] = "pass", [ENGINE_WARN] = "warn",   [ENGINE_SKIP] = "skip",
        [ENGINE_FAIL] = "fail", [ENGINE_ERROR] = "error",
    };
    return names[verdict];
}

const char *engine_fault_text(enum engine_fault fault)
{
    static const char *const texts[] = {
        [ENGINE_FAULT_NONE] = "nothing differs",
        [ENGINE_FAULT_CODE] = "reply code differs",
        [ENGINE_FAULT_ENHANCED] = "enhanced status code differs",
        [ENGINE_FAULT_TEXT] = "reply text differs",
        [ENGINE_FAULT_PATTERN] = "no line of the reply matches the pattern",
        [ENGINE_FAULT_RUNAWAY] =
            "the pattern takes too many steps on this text: nobody knows whether it matches",
        [ENGINE_FAULT_MALFORMED] = "this is no SMTP reply",
        [ENGINE_FAULT_ALERT] = "a TLS alert is no SMTP reply",
        [ENGINE_FAULT_CLOSED] = "the connection was closed here",
        [ENGINE_FAULT_LOST] = "the connection broke here",
        [ENGINE_FAULT_NOT_CLOSED] = "the connection should have been closed here",
        [ENGINE_FAULT_UNREAD] = "octets arrived that nothing asked for",
        [ENGINE_FAULT_TIMEOUT] = "no answer in time",
        [ENGINE_FAULT_TLS] = "TLS failed",
        [ENGINE_FAULT_VALUE] = "a value that cannot be used",
        [ENGINE_FAULT_SASL] = "authentication failed on our side",
        [ENGINE_FAULT_SECURED] = "TLS is not as it should be",
        [ENGINE_FAULT_QUIET] = "something arrived where nothing should",
        [ENGINE_FAULT_EHLO] = "EHLO does not announce what it should",
        [ENGINE_FAULT_ASSERT] = "this does not hold",
        [ENGINE_FAULT_UNDELIVERED] = "no such message was delivered",
        [ENGINE_FAULT_MAILBOX] = "the mailbox cannot be read",
        [ENGINE_FAULT_DELIVERED] = "a message was delivered that should not have been",
        [ENGINE_FAULT_COMMAND] = "the client sent another command",
        [ENGINE_FAULT_NO_VALUE] = "a variable has no value",
        [ENGINE_FAULT_NO_CONNECTION] = "no connection",
        [ENGINE_FAULT_TOO_LONG] = "longer than any limit allows",
    };
    return texts[fault];
}
