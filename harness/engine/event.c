#include "engine/event.h"

#include <openssl/evp.h>

#include "base/octet.h"
#include "engine/text.h"
#include "script/credential.h"

#define MAX_SECRET_OCTETS 768
#define MIN_ENCODED       4 /* characters of base64 that are taken for a secret */
#define STARS             SLICE("****")

static bool is_secret(const struct engine *e, const struct engine_variable *variable)
{
    for (size_t i = 0; i < e->test->secret_count; i++)
        if (slice_equal(e->test->secrets[i], variable->name))
            return true;
    return variable->secret;
}

static bool is_base64(uint8_t octet)
{
    return octet_is(octet, OCTET_ALPHA | OCTET_DIGIT) || octet == '+' || octet == '/' ||
           octet == '=';
}

/* What grows has to fit: a secret of one octet grows by four. */
static struct slice other_scratch(struct engine *e, struct slice text, struct writer *ret_writer)
{
    *ret_writer =
        writer_of(text.ptr == e->scratch[0] ? e->scratch[1] : e->scratch[0], ENGINE_EVENT_OCTETS);
    return slice_sub(text, 0,
                     text.len < ENGINE_EVENT_OCTETS / 4 ? text.len : ENGINE_EVENT_OCTETS / 4);
}

static size_t base64_run(struct slice s)
{
    size_t len = 0;
    while (len < s.len && is_base64(s.ptr[len]))
        len++;
    return len;
}

/* Whether base64 of so many octets could be in it; most texts are let go here. */
static bool may_hold_encoded(struct slice text, size_t octets)
{
    size_t least = octets * 8 / 6 > MIN_ENCODED ? octets * 8 / 6 - 1 : MIN_ENCODED;
    for (size_t at = 0, run; at + least <= text.len; at += run + 1) {
        run = base64_run(slice_from(text, at));
        if (run >= least)
            return true;
    }
    return false;
}

/* The text with stars for each `needle` in it; `encoded`: and for the base64 around it. In one of
 * two scratches, turn about; the text itself where it holds none. */
static struct slice without(struct engine *e, struct slice text, struct slice needle, bool encoded)
{
    struct writer out;
    bool any = false;
    if (needle.len == 0 || text.len < needle.len)
        return text;
    struct slice in = other_scratch(e, text, &out);
    while (in.len >= needle.len) {
        size_t at = slice_find(in, needle.ptr[0]);
        if (at + needle.len > in.len)
            break;
        writer_put(&out, slice_sub(in, 0, at));
        in = slice_from(in, at);
        if (!slice_starts(in, needle)) {
            writer_put(&out, slice_sub(in, 0, 1));
            in = slice_from(in, 1);
            continue;
        }
        any = true;
        while (encoded && out.len > 0 && is_base64(out.ptr[out.len - 1]))
            out.len--;
        in = slice_from(in, needle.len);
        in = slice_from(in, encoded ? base64_run(in) : 0);
        writer_put(&out, STARS);
    }
    writer_put(&out, in);
    return any ? writer_slice(&out) : text;
}

/* A secret, plain and in base64: also where other octets stand before and behind it, as in
 * "\0user\0pass". Of three encodings, by where it begins in a group of three octets, what only it
 * decides is looked for. */
static struct slice without_secret(struct engine *e, struct slice text, struct slice secret)
{
    static const size_t undecided[] = {0, 2, 3}; /* leading characters */
    uint8_t octets[MAX_SECRET_OCTETS + 2] = {0}, encoded[(MAX_SECRET_OCTETS + 2) / 3 * 4 + 5];
    text = without(e, text, secret, false);
    if (secret.len == 0 || !may_hold_encoded(text, secret.len))
        return text;
    size_t len = secret.len < MAX_SECRET_OCTETS ? secret.len : MAX_SECRET_OCTETS;
    for (size_t shift = 0; shift < 3; shift++) {
        memcpy(octets + shift, secret.ptr, len);
        int count = EVP_EncodeBlock(encoded, octets, (int)(shift + len));
        struct slice whole = slice_of(encoded, (size_t)count);
        size_t decided = (shift + len) * 8 / 6;
        if (shift == 0)
            text = without(e, text, whole, true);
        if (decided >= undecided[shift] + MIN_ENCODED)
            text = without(e, text, slice_sub(whole, undecided[shift], decided), true);
    }
    return text;
}

static struct slice without_variable(struct engine *e, struct slice text,
                                     const struct engine_variable *variable)
{
    return is_secret(e, variable) ? without_secret(e, text, variable->value) : text;
}

/* A value that the script itself holds. */
static struct slice without_text(struct engine *e, struct slice text, struct script_text secret)
{
    uint8_t octets[MAX_SECRET_OCTETS];
    struct text_window window = {.ptr = octets, .room = sizeof octets};
    engine_text_put(e, secret, &window);
    return without_secret(e, text, slice_of(octets, window.len));
}

/* ---- what AUTH brings ---- */

void event_said(struct engine *e, struct slice response)
{
    size_t len = base64_run(response);
    e->said_len = len < sizeof e->said ? len : sizeof e->said;
    if (len > 0)
        memcpy(e->said, response.ptr, e->said_len);
}

/* A server that repeats what it was sent: "501 Cannot decode AGJvYgBz...". */
static struct slice without_said(struct engine *e, struct slice text)
{
    struct slice said = slice_of(e->said, e->said_len);
    return said.len < MIN_ENCODED ? text : without(e, text, said, true);
}

/* Where in a line a secret begins that nobody here has sent or set; its length where there is none.
 * A client's "AUTH PLAIN ..." where another command was expected; and, in the last challenge, the
 * server's signature (RFC 5802 5.1 "v=", RFC 2831 2.1.3 "rspauth="): with the other messages it is
 * enough to guess passwords. */
static size_t secret_of_line(const struct engine *e, struct slice line)
{
    static const struct slice signatures[] = {SLICE_INIT("dj0"), SLICE_INIT("dj1"),
                                              SLICE_INIT("cnNwYXV0aD")};
    if (slice_starts(line, SLICE("334 ")) || slice_starts(line, SLICE("235 ")))
        for (size_t i = 0; i < 3; i++)
            if (slice_starts(slice_from(line, 4), signatures[i]))
                return 4;
    return e->config.role == ENGINE_SERVER ? credential_of_line(line) : line.len;
}

static struct slice without_responses(struct engine *e, struct slice text)
{
    bool any = false;
    for (struct slice rest = text; rest.len > 0 && !any;) {
        size_t lf = slice_find(rest, '\n');
        struct slice line = slice_sub(rest, 0, lf);
        any = secret_of_line(e, line) < line.len;
        rest = slice_from(rest, lf < rest.len ? lf + 1 : lf);
    }
    if (!any)
        return text;
    struct writer out;
    for (struct slice rest = other_scratch(e, text, &out); rest.len > 0;) {
        size_t lf = slice_find(rest, '\n');
        struct slice line = slice_sub(rest, 0, lf);
        size_t from = secret_of_line(e, line);
        writer_put(&out, slice_sub(line, 0, from));
        writer_put(&out, from < line.len ? STARS : SLICE(""));
        writer_put(&out, lf < rest.len ? SLICE("\n") : SLICE(""));
        rest = slice_from(rest, lf < rest.len ? lf + 1 : lf);
    }
    return writer_slice(&out);
}

/* ---- events ---- */

void event_begin(struct engine *e)
{
    e->knows_secrets = e->test->secret_count > 0 || e->test->secret_text_count > 0;
    for (size_t i = 0; i < e->config.variable_count; i++)
        e->knows_secrets = e->knows_secrets || e->config.variables[i].secret;
}

static struct slice redacted(struct engine *e, struct slice text)
{
    text = without_responses(e, without_said(e, text));
    if (text.len == 0 || !e->knows_secrets)
        return text;
    for (size_t i = 0; i < e->config.variable_count; i++)
        text = without_variable(e, text, &e->config.variables[i]);
    for (size_t i = 0; i < e->capture_count; i++)
        text = without_variable(e, text, &e->captures[i]);
    for (size_t i = 0; i < e->test->secret_text_count; i++)
        text = without_text(e, text, e->test->secret_texts[i]);
    return text;
}

void event_emit(struct engine *e, struct engine_event event)
{
    event.now_ms = e->now_ms;
    if (e->config.emit == NULL)
        return;
    event.sent = redacted(e, event.sent);
    size_t kept = event.sent.len < sizeof e->shown_sent ? event.sent.len : sizeof e->shown_sent;
    if (kept > 0)
        memcpy(e->shown_sent, event.sent.ptr, kept);
    event.sent = slice_of(e->shown_sent, kept);
    event.text = redacted(e, event.text);
    e->config.emit(e->config.context, &event);
}

void event_note(struct engine *e, size_t step, struct slice text)
{
    event_emit(e, (struct engine_event){.kind = ENGINE_EVENT_NOTE, .step = step, .text = text});
}

struct slice event_sent_text(struct engine *e, size_t step)
{
    if (e->test->steps[step].kind == SCRIPT_AUTH) {
        struct writer w = writer_of(e->sent_line, sizeof e->sent_line);
        writer_put(&w, SLICE("AUTH "));
        writer_put(&w, e->test->steps[step].as.auth.mechanism);
        writer_put(&w, SLICE(" ****"));
        return writer_slice(&w);
    }
    const struct script_send *send = &e->test->steps[step].as.send;
    struct text_window window = {.ptr = e->sent_line, .room = sizeof e->sent_line - 4};
    engine_text_put(e, send->text, &window);
    struct slice line = slice_of(e->sent_line, window.len);
    if (send->secret) {
        size_t shown = send->shown < line.len ? send->shown : line.len;
        event_said(e, slice_from(line, shown));
        memcpy(e->sent_line + shown, "****", 4);
        return slice_of(e->sent_line, shown + 4);
    }
    line = slice_sub(line, 0, slice_find(line, '\n'));
    return line.len > 0 && line.ptr[line.len - 1] == '\r' ? slice_sub(line, 0, line.len - 1) : line;
}

/* One that CRLF ends; of a text that was cut, the beginning of one. */
static bool is_line(struct slice octets, bool cut)
{
    size_t cr = slice_find(octets, '\r'), lf = slice_find(octets, '\n');
    return cut ? cr == octets.len && lf == octets.len
               : octets.len >= 2 && cr == octets.len - 2 && lf == octets.len - 1;
}

/* Commands that leave in one write with the answers to what AUTH will ask. */
static struct slice without_credentials(struct engine *e, struct slice octets)
{
    struct credential_watch watch = {.open = false};
    struct writer out = writer_of(e->scratch[0], sizeof e->scratch[0]);
    while (octets.len > 0) {
        size_t lf = slice_find(octets, '\n');
        struct slice line = slice_sub(octets, 0, lf);
        size_t end = line.len > 0 && line.ptr[line.len - 1] == '\r' ? line.len - 1 : line.len;
        size_t shown = credential_client(&watch, slice_sub(line, 0, end));
        writer_put(&out, slice_sub(line, 0, shown));
        writer_put(&out, shown < end ? STARS : SLICE(""));
        writer_put(&out, slice_sub(octets, end, lf < octets.len ? lf + 1 : lf));
        octets = slice_from(octets, lf < octets.len ? lf + 1 : lf);
    }
    return writer_slice(&out);
}

void event_sent(struct engine *e, size_t step)
{
    const struct script_send *send = &e->test->steps[step].as.send;
    struct engine_event event = {.kind = ENGINE_EVENT_SENT, .step = step};
    if (send->secret) {
        event.text = event_sent_text(e, step);
    } else {
        struct text_window window = {.ptr = e->sent_line, .room = sizeof e->sent_line};
        engine_text_put(e, send->text, &window);
        event.text = slice_of(e->sent_line, window.len);
        event.more = window.total - window.len;
        event.raw = !is_line(event.text, event.more > 0);
        if (event.raw)
            event.text = without_credentials(e, event.text);
        else if (event.more == 0)
            event.text.len -= 2;
    }
    event_emit(e, event);
}
