/*
 *   auth-command = "AUTH" SP sasl-mech [SP initial-response] *(CRLF [base64]) [CRLF
 * cancel-response] CRLF initial-response = base64 / "="                                  ; RFC 4954
 * 8 continue-req = "334" SP [base64] CRLF
 */
#include "engine/exchange.h"

#include <openssl/evp.h>

#include "engine/event.h"
#include "engine/judge.h"
#include "engine/text.h"

#define EXCHANGE_OCTETS 9216  /* of a challenge or a response; as base64 12288 (RFC 4954 4) */
#define LINE_OCTETS     12290 /* and its CRLF */
#define COMMAND_OCTETS  512 /* RFC 5321 4.5.3.1.4: with an initial response that makes it longer */
#define MAX_ROUNDS      16

static const struct script_auth *current(const struct engine *e)
{
    return &e->test->steps[e->step].as.auth;
}

void exchange_end(struct engine *e)
{
    if (e->exchange != NULL)
        e->config.sasl->end(e->exchange);
    e->exchange = NULL;
}

bool exchange_missing(const struct engine *e, const struct script_auth *auth,
                      struct slice *ret_name)
{
    return engine_text_missing(e, auth->user, ret_name) ||
           engine_text_missing(e, auth->pass, ret_name) ||
           engine_text_missing(e, auth->authzid, ret_name);
}

/* ---- base64 (RFC 4648 4) ---- */

static struct slice encode(struct slice octets, uint8_t *out)
{
    return slice_of(out, (size_t)EVP_EncodeBlock(out, octets.ptr, (int)octets.len));
}

static bool decode(struct slice text, uint8_t *out, struct slice *ret_octets)
{
    size_t pad = 0;
    if (text.len % 4 != 0 || text.len / 4 * 3 > EXCHANGE_OCTETS)
        return false;
    while (pad < 2 && pad < text.len && text.ptr[text.len - 1 - pad] == '=')
        pad++;
    int octets = text.len == 0 ? 0 : EVP_DecodeBlock(out, text.ptr, (int)text.len);
    *ret_octets = slice_of(out, octets < 0 ? 0 : (size_t)octets - pad);
    return octets >= 0;
}

/* ---- what goes out ---- */

static void put(struct engine *e, struct slice octets)
{
    size_t room = e->config.max_output_octets - e->output_len;
    size_t take = octets.len < room ? octets.len : room;
    if (take > 0)
        memcpy(e->output + e->output_len, octets.ptr, take);
    e->output_len += take;
}

static void put_encoded(struct engine *e, struct slice octets)
{
    uint8_t text[LINE_OCTETS];
    struct slice encoded = encode(octets, text);
    if (e->config.role == ENGINE_CLIENT)
        event_said(e, encoded);
    put(e, encoded);
    put(e, SLICE("\r\n"));
}

static void send_out(struct engine *e)
{
    event_emit(e, (struct engine_event){.kind = ENGINE_EVENT_SENT,
                                        .step = e->step,
                                        .text = e->auth_rounds == 0 ? event_sent_text(e, e->step)
                                                                    : SLICE("****")});
    engine_send_out(e);
}

/* ---- an exchange ---- */

static struct slice value_of(const struct engine *e, struct script_text text, uint8_t *room,
                             size_t size)
{
    struct text_window window = {.ptr = room, .room = size};
    engine_text_put(e, text, &window);
    return slice_of(room, window.len);
}

static bool begin(struct engine *e, struct slice *ret_reason)
{
    uint8_t user[1024], pass[4096], authzid[1024];
    const struct script_auth *auth = current(e);
    const struct engine_credentials as = {
        .role = e->config.role,
        .mechanism = auth->mechanism,
        .user = value_of(e, auth->user, user, sizeof user),
        .pass = value_of(e, auth->pass, pass, sizeof pass),
        .authzid = value_of(e, auth->authzid, authzid, sizeof authzid),
    };
    *ret_reason = SLICE("nothing here computes SASL exchanges");
    e->auth_rounds = 0;
    e->auth_done = false;
    if (e->config.sasl != NULL)
        e->exchange =
            e->config.sasl->begin(e->config.sasl->context, &as, &e->auth_first, ret_reason);
    return e->exchange != NULL;
}

/* The next octets of our side, or the reason why there are none. */
static bool next(struct engine *e, struct slice in, struct writer *out, struct slice *ret_reason)
{
    *ret_reason = SLICE("too many challenges, or too long ones");
    return e->auth_rounds++ < MAX_ROUNDS &&
           e->config.sasl->step(e->exchange, in, out, &e->auth_done, ret_reason) && !out->overflow;
}

/* ---- the client's side ---- */

/* The first response as it stands in the command; empty: it stands in none. */
static bool put_initial(struct engine *e, struct slice *ret_reason)
{
    uint8_t octets[EXCHANGE_OCTETS], text[LINE_OCTETS];
    struct writer first = writer_of(octets, sizeof octets);
    if (!e->config.sasl->step(e->exchange, SLICE(""), &first, &e->auth_done, ret_reason))
        return false;
    struct slice initial = encode(writer_slice(&first), text);
    initial = initial.len == 0 ? SLICE("=") : initial;
    if (e->output_len + 1 + initial.len + 2 <= COMMAND_OCTETS) {
        event_said(e, initial);
        put(e, SLICE(" "));
        put(e, initial);
        return true;
    }
    exchange_end(e); /* RFC 4954 4: too long for a command line, it waits for an empty challenge */
    return begin(e, ret_reason);
}

void exchange_begin(struct engine *e)
{
    struct slice reason;
    if (!begin(e, &reason)) {
        judge_finish(e, ENGINE_SKIP, ENGINE_FAULT_NONE, reason);
        return;
    }
    put(e, SLICE("AUTH "));
    put(e, current(e)->mechanism);
    if (e->auth_first && !current(e)->late && !put_initial(e, &reason)) {
        e->output_len = 0;
        judge_finish(e, ENGINE_ERROR, ENGINE_FAULT_SASL, reason);
        return;
    }
    put(e, SLICE("\r\n"));
    send_out(e);
}

static bool is_about_it(const struct engine *e)
{
    return e->step + 1 < e->test->step_count && e->test->steps[e->step + 1].kind == SCRIPT_EXPECT;
}

bool exchange_leaves(const struct engine *e, unsigned code)
{
    bool believed = code != 235 || e->auth_done;
    return code != 334 && believed && is_about_it(e);
}

/* The server does not prove what it should: the line that judges the exchange fails. */
static void fail(struct engine *e, struct slice reason, unsigned code)
{
    exchange_end(e);
    e->step += is_about_it(e);
    judge_differed(e, JUDGE_FAIL, code,
                   (struct engine_event){.fault = ENGINE_FAULT_SASL, .text = reason});
    e->cancel = code == 334 && e->wait == WAIT_NOTHING; /* the server still waits for an answer */
}

static void end(struct engine *e, const struct smtp_reply *reply)
{
    if (reply->code == 235 && !e->auth_done) { /* RFC 5802 3: it must prove that it knows it too */
        fail(e, SLICE("235 before the exchange was over"), reply->code);
        return;
    }
    exchange_end(e);
    if (reply->code == 235)
        judge_matched(e);
    else
        judge_differed(e, JUDGE_FAIL, reply->code,
                       (struct engine_event){.fault = ENGINE_FAULT_CODE, .text = reply->raw});
}

void exchange_reply(struct engine *e, const struct smtp_reply *reply)
{
    uint8_t in[EXCHANGE_OCTETS], out[EXCHANGE_OCTETS];
    struct writer response = writer_of(out, sizeof out);
    struct slice rest = reply->raw, challenge, reason;
    struct smtp_reply_line line;
    if (reply->code != 334) {
        end(e, reply);
        return;
    }
    smtp_reply_line_next(&rest, &line);
    if (!decode(slice_trim(line.text), in, &challenge))
        fail(e, SLICE("a challenge that is not base64"), reply->code);
    else if (!next(e, challenge, &response, &reason))
        fail(e, reason, reply->code);
    else {
        put_encoded(e, writer_slice(&response));
        send_out(e);
    }
}

/* ---- the server's side ---- */

static struct slice word(struct slice *rest)
{
    *rest = slice_trim(*rest);
    struct slice word = slice_sub(*rest, 0, slice_find(*rest, ' '));
    *rest = slice_trim(slice_from(*rest, word.len));
    return word;
}

static void challenge_with(struct engine *e, struct slice octets)
{
    put(e, SLICE("334 "));
    put_encoded(e, octets);
    event_emit(e, (struct engine_event){.kind = ENGINE_EVENT_SENT,
                                        .step = e->step,
                                        .text = slice_of(e->output, e->output_len)});
}

static enum exchange_progress respond(struct engine *e, struct slice text, struct slice *ret_reason)
{
    uint8_t in[EXCHANGE_OCTETS], out[EXCHANGE_OCTETS];
    struct writer challenge = writer_of(out, sizeof out);
    struct slice response;
    if (e->auth_done && text.len == 0) { /* what was sent last needed no answer */
        exchange_end(e);
        return EXCHANGE_DONE;
    }
    if (slice_equal(text, SLICE("=")))
        text = SLICE("");
    *ret_reason = SLICE("the client's response is not base64");
    if (!decode(text, in, &response) || !next(e, response, &challenge, ret_reason))
        return EXCHANGE_FAILED;
    if (e->auth_done && writer_slice(&challenge).len == 0) {
        exchange_end(e);
        return EXCHANGE_DONE;
    }
    challenge_with(e, writer_slice(&challenge));
    return EXCHANGE_GOES_ON;
}

enum exchange_progress exchange_serve(struct engine *e, struct slice line, struct slice *ret_reason)
{
    enum exchange_progress progress = EXCHANGE_GOES_ON;
    if (e->exchange != NULL) {
        progress = respond(e, slice_trim(line), ret_reason);
    } else if (!slice_equal_nocase(word(&line), SLICE("AUTH")) ||
               !slice_equal_nocase(word(&line), current(e)->mechanism)) {
        return EXCHANGE_OTHER_COMMAND;
    } else if (!begin(e, ret_reason)) {
        return EXCHANGE_FAILED;
    } else if (line.len > 0 || !e->auth_first) {
        progress = respond(e, line, ret_reason);
    } else {
        challenge_with(e, SLICE(""));
    }
    if (progress == EXCHANGE_FAILED)
        exchange_end(e);
    return progress;
}
