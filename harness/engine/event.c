#include "engine/event.h"

#include <openssl/evp.h>

#include "engine/text.h"

#define MAX_SECRET_OCTETS 768
#define STARS             SLICE("****")

static bool is_secret(const struct engine *e, const struct engine_variable *variable)
{
    for (size_t i = 0; i < e->test->secret_count; i++)
        if (slice_equal(e->test->secrets[i], variable->name))
            return true;
    return variable->secret;
}

/* Copies `in` to `out`, each `needle` in it as stars. */
static void put_without(struct writer *out, struct slice in, struct slice needle)
{
    while (in.len >= needle.len) {
        size_t at = slice_find(in, needle.ptr[0]);
        if (at + needle.len > in.len)
            break;
        writer_put(out, slice_sub(in, 0, at));
        in = slice_from(in, at);
        bool found = slice_starts(in, needle);
        writer_put(out, found ? STARS : slice_sub(in, 0, 1));
        in = slice_from(in, found ? needle.len : 1);
    }
    writer_put(out, in);
}

/* The text without `needle`; in one of two scratches, turn about. */
static struct slice without(struct engine *e, struct slice text, struct slice needle)
{
    uint8_t *spare = text.ptr == e->scratch[0] ? e->scratch[1] : e->scratch[0];
    struct writer out = writer_of(spare, ENGINE_EVENT_OCTETS);
    if (text.len >
        ENGINE_EVENT_OCTETS / 4) /* what grows must fit: a one-octet secret grows by four */
        text.len = ENGINE_EVENT_OCTETS / 4;
    put_without(&out, text, needle);
    return writer_slice(&out);
}

static struct slice without_variable(struct engine *e, struct slice text,
                                     const struct engine_variable *variable)
{
    uint8_t encoded[MAX_SECRET_OCTETS / 3 * 4 + 1];
    if (!is_secret(e, variable) || variable->value.len == 0 || text.len == 0)
        return text;
    text = without(e, text, variable->value);
    if (variable->value.len > MAX_SECRET_OCTETS)
        return text;
    int len = EVP_EncodeBlock(encoded, variable->value.ptr, (int)variable->value.len);
    return without(e, text, slice_of(encoded, (size_t)len));
}

static struct slice redacted(struct engine *e, struct slice text)
{
    for (size_t i = 0; i < e->config.variable_count; i++)
        text = without_variable(e, text, &e->config.variables[i]);
    for (size_t i = 0; i < e->capture_count; i++)
        text = without_variable(e, text, &e->captures[i]);
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
        memcpy(e->sent_line + shown, "****", 4);
        return slice_of(e->sent_line, shown + 4);
    }
    line = slice_sub(line, 0, slice_find(line, '\n'));
    return line.len > 0 && line.ptr[line.len - 1] == '\r' ? slice_sub(line, 0, line.len - 1) : line;
}
