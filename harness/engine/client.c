#include "engine/client.h"

#include "engine/assert.h"
#include "engine/event.h"
#include "engine/exchange.h"
#include "engine/expect.h"
#include "engine/flow.h"
#include "engine/judge.h"
#include "engine/lane.h"
#include "engine/message.h"
#include "engine/need.h"
#include "engine/secure.h"
#include "engine/segment.h"
#include "engine/text.h"

/* ---- sending ---- */

/* Puts as much of the current step as fits; true where all of it is in the output. */
static bool put_step(struct engine *e, const struct script_send *send)
{
    struct text_window window = {.skip = e->send_octets,
                                 .ptr = e->output + e->output_len,
                                 .room = e->config.max_output_octets - e->output_len};
    engine_text_put(e, send->text, &window);
    e->output_len += window.len;
    e->send_octets += window.len;
    if (e->send_octets < window.total)
        return false;
    e->send_octets = 0;
    return true;
}

/* What a reply was to bring may not be there when it is needed. */
static bool lacks_value(struct engine *e, struct script_text text)
{
    struct slice name;
    if (!engine_text_missing(e, text, &name))
        return false;
    need_value(e, name);
    return true;
}

/* Consecutive sends leave in one write, but for those that stand alone. */
static void send_group(struct engine *e)
{
    const struct script_step *step = engine_step(e);
    e->mid_group = false;
    while (step != NULL && step->kind == SCRIPT_SEND) {
        if (lacks_value(e, step->as.send.text))
            return;
        const struct script_segment *segment = step->as.send.segment;
        e->piece = segment == e->segment ? e->piece : 0;
        e->segment = segment;
        if (!put_step(e, &step->as.send)) {
            e->mid_group = true;
            break;
        }
        event_sent(e, e->step);
        e->awaited += step->as.send.answered;
        bool joined = e->config.joined || (segment != NULL && segment->kind == SCRIPT_SEGMENT_ALL);
        bool alone = step->as.send.alone && !joined;
        e->step++;
        flow_settle(e);
        if (engine_over(e))
            return;
        step = engine_step(e);
        if (step == NULL || step->kind != SCRIPT_SEND || step->connection != e->connection ||
            step->as.send.segment != segment || alone || (step->as.send.alone && !joined))
            break;
    }
    engine_send_out(e);
    if (e->wait == WAIT_SENT)
        segment_next(e);
}

/* What came behind as many replies: those to commands that were pipelined may come together. One
 * that is not whole, or is none, is judged when it is expected. */
static struct slice behind_replies(const struct engine *e, size_t awaited)
{
    struct slice rest = awaited > 0 ? lane_unread(e) : lane_unread_at_all(e);
    for (; awaited > 0 && rest.len > 0; awaited--) {
        struct smtp_reply_parser parser = {.limits = e->config.reply_limits};
        struct smtp_reply reply;
        struct parse_result result = smtp_reply_parse(&parser, rest, &reply);
        rest = slice_from(rest, result.status == PARSE_OK ? result.offset : rest.len);
    }
    return rest;
}

/* Every reply must be consumed before the next send, but for those that are awaited: one too many
 * is how smuggling shows. */
static bool refuse_unread(struct engine *e, size_t awaited)
{
    const struct script_step *step = engine_step(e);
    struct slice unread = behind_replies(e, awaited);
    bool lax = step != NULL
                   ? step->lax
                   : e->test->step_count > 0 && e->test->steps[e->test->step_count - 1].lax;
    if (unread.len == 0 || (lax && (step == NULL || step->kind != SCRIPT_TLS)))
        return false;
    lane_drop(e);
    judge_differed(e, JUDGE_FAIL, 0,
                   (struct engine_event){.fault = ENGINE_FAULT_UNREAD, .text = unread});
    return true;
}

/* RFC 3207 4.2: what came before the handshake was not the server's; but an alert refuses it. */
static void begin_tls(struct engine *e, const struct script_tls *written)
{
    const struct script_tls *tls = secure_settings(e, written);
    if (tls == NULL)
        return;
    bool alert = expect_is_alert(lane_unread(e)) && tls->refused != SCRIPT_REFUSED_ERROR;
    e->tls_as = tls;
    if (!alert && refuse_unread(e, 0)) {
        judge_finish_as_found(e);
        return;
    }
    engine_wait_for(e, WAIT_TLS, e->config.timeout_ms);
    if (alert)
        engine_tls_failed(e, SLICE("a TLS alert came before the handshake"), false, e->now_ms);
}

void client_cancel(struct engine *e)
{
    static const struct slice cancel = SLICE_INIT("*\r\n"); /* RFC 4954 4 */
    memcpy(e->output, cancel.ptr, cancel.len);
    e->output_len = cancel.len;
    e->cancel = false;
    e->swallow_reply = true;
    engine_send_out(e);
}

/* ---- the client's steps ---- */

void client_await(struct engine *e, uint32_t within_ms)
{
    e->reply_parser = (struct smtp_reply_parser){.limits = e->config.reply_limits};
    engine_wait_for(e, WAIT_REPLY, within_ms > 0 ? within_ms : e->config.timeout_ms);
    expect_reply(e);
}

void client_end(struct engine *e)
{
    if (e->config.role == ENGINE_CLIENT && lane_find_unread(e) && refuse_unread(e, 0))
        return;
    judge_finish_as_found(e);
}

void client_step(struct engine *e)
{
    const struct script_step *step = engine_step(e);
    switch (step->kind) {
    case SCRIPT_SEND:
        if (e->mid_group || !refuse_unread(e, e->awaited))
            send_group(e);
        break;
    case SCRIPT_EXPECT:
        client_await(e, step->as.expect.within_ms);
        break;
    case SCRIPT_TLS:
        begin_tls(e, &step->as.tls);
        break;
    case SCRIPT_QUIET: /* what came with the last reply is judged as if it came now */
        e->reply_parser = (struct smtp_reply_parser){.limits = e->config.reply_limits};
        engine_wait_for(e, WAIT_QUIET, step->as.wait.ms);
        expect_quiet(e);
        break;
    case SCRIPT_SLEEP:
        engine_wait_for(e, WAIT_SLEEP, step->as.wait.ms);
        break;
    case SCRIPT_SHUTDOWN:
        engine_wait_for(e, WAIT_SHUTDOWN, e->config.timeout_ms);
        break;
    case SCRIPT_CLOSE:
        e->input_at = e->input_len;
        engine_wait_for(e, WAIT_DROP, e->config.timeout_ms);
        break;
    case SCRIPT_CONNECT:
        if (!refuse_unread(e, 0))
            engine_wait_for(e, WAIT_CONNECT, e->config.timeout_ms);
        break;
    case SCRIPT_BARRIER:
        if (!lane_find_unread(e) || !refuse_unread(e, e->awaited))
            judge_matched(e);
        break;
    case SCRIPT_EHLO:
        assert_ehlo(e);
        break;
    case SCRIPT_ASSERT:
        assert_step(e);
        break;
    case SCRIPT_CAPTURE:
        expect_capture(e);
        break;
    case SCRIPT_SECURED:
        expect_secured(e);
        break;
    case SCRIPT_MESSAGE:
        message_step(e);
        break;
    case SCRIPT_AUTH:
        if (e->exchange != NULL) /* what it sends is out */
            client_await(e, 0);
        else if (!refuse_unread(e, 0))
            exchange_begin(e);
        break;
    case SCRIPT_IF:
    case SCRIPT_ELSE:
    case SCRIPT_END:
    case SCRIPT_REPEAT:
    case SCRIPT_AGAIN: /* flow_settle has dealt with them */
        break;
    }
}
