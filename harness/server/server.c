#include "server/server.h"

#include <stdlib.h>

#include "server/session.h"

#define IDLE_MS        (5u * 60 * 1000) /* RFC 5321 4.5.3.2.7 */
#define MESSAGE_OCTETS (1024u * 1024)
#define RECIPIENTS     100u /* RFC 5321 4.5.3.1.8 */

static void restart_clock(struct server *s, uint64_t now_ms)
{
    s->now_ms = now_ms;
    s->deadline = now_ms + s->config.idle_ms;
}

static void greet(struct server *s)
{
    uint8_t text[300];
    struct writer w = writer_of(text, sizeof text);
    if (!fault(s, FAULT_GREETING_DOMAIN)) {
        writer_put(&w, s->config.host);
        writer_put(&w, SLICE(" "));
    }
    writer_put(&w, fault(s, FAULT_GREETING_DOMAIN) ? SLICE("(ready)") : SLICE("ESMTP maildrill"));
    session_reply_line(s, fault(s, FAULT_GREETING_CODE) ? 250 : 220, true, writer_slice(&w));
}

struct server *server_new(const struct server_config *config, uint64_t now_ms)
{
    size_t content = config->max_message_octets > 0 ? config->max_message_octets : MESSAGE_OCTETS;
    size_t recipients = config->max_recipients > 0 ? config->max_recipients : RECIPIENTS;
    size_t paths = recipients * SESSION_PATH_OCTETS;
    struct server *s = calloc(1, sizeof *s + paths + content);
    if (s == NULL)
        return NULL;
    s->config = *config;
    s->config.max_message_octets = content;
    s->config.max_recipients = recipients;
    s->config.idle_ms = config->idle_ms > 0 ? config->idle_ms : IDLE_MS;
    s->forward_paths = s->memory;
    s->forward_paths_room = paths;
    s->content = s->memory + paths;
    s->content_room = content;
    s->secured = config->tls_from_start;
    restart_clock(s, now_ms);
    greet(s);
    return s;
}

void server_free(struct server *s)
{
    free(s);
}

/* ---- octets
 * ------------------------------------------------------------------------------------------ */

unsigned server_wants(const struct server *s)
{
    if (s->output_sent < s->output_len)
        return SERVER_WANTS_SEND | (s->closing || s->tls_wanted ? 0 : SERVER_WANTS_RECEIVE);
    if (s->closing || s->ended)
        return SERVER_WANTS_CLOSE;
    return s->tls_wanted ? SERVER_WANTS_TLS : SERVER_WANTS_RECEIVE;
}

struct slice server_output(const struct server *s)
{
    return slice_of(s->output + s->output_sent, s->output_len - s->output_sent);
}

void server_sent(struct server *s, size_t octets, uint64_t now_ms)
{
    size_t left = s->output_len - s->output_sent;
    restart_clock(s, now_ms);
    s->output_sent += octets < left ? octets : left;
    if (s->output_sent == s->output_len)
        s->output_sent = s->output_len = 0;
}

static bool has_room(const struct server *s)
{
    return SESSION_OUTPUT_OCTETS - s->output_len >= SESSION_REPLY_OCTETS;
}

/* A whole line, its ending included. */
static void take_line(struct server *s, struct slice line)
{
    if (s->mode == SESSION_AUTH)
        auth_continue(s, line);
    else
        session_command(s, line);
}

/* RFC 5321 4.5.3.1.4: a line over the limit is refused once, all of it. */
static void refuse_long_line(struct server *s, bool ended)
{
    s->line_len = 0;
    s->mode = SESSION_COMMAND;
    s->skipping = !ended && !fault(s, FAULT_LONG_LINE_SPLIT);
    session_reply(s, 500, "5.5.2", "Line too long");
}

/* RFC 5321 2.3.8: CRLF ends a line, and nothing else does. `last` is the octet before `octets`. */
static size_t line_end(const struct server *s, struct slice octets, uint8_t last)
{
    for (size_t at = 0; at < octets.len; at++) {
        at += slice_find(slice_from(octets, at), '\n');
        uint8_t before = at == 0 ? last : at < octets.len ? octets.ptr[at - 1] : 0;
        if (at < octets.len && (before == '\r' || fault(s, FAULT_BARE_LF_COMMAND)))
            return at + 1;
    }
    return 0;
}

/* Takes octets up to the end of a line; returns how many. */
static size_t take_line_octets(struct server *s, struct slice octets)
{
    size_t end = line_end(s, octets, s->last_octet);
    size_t take = end > 0 ? end : octets.len;
    size_t limit = s->mode == SESSION_AUTH ? SESSION_LINE_OCTETS : SESSION_COMMAND_OCTETS;
    s->last_octet = end > 0 ? '\0' : octets.ptr[take - 1];
    if (s->skipping) {
        s->skipping = end == 0;
        return take;
    }
    if (take > limit - s->line_len) {
        size_t fits = limit - s->line_len;
        bool split = fault(s, FAULT_LONG_LINE_SPLIT);
        refuse_long_line(s, end > 0 && !split);
        return split ? fits : take;
    }
    memcpy(s->line + s->line_len, octets.ptr, take);
    s->line_len += take;
    if (end > 0) {
        size_t len = s->line_len;
        s->line_len = 0;
        take_line(s, slice_of(s->line, len));
    }
    return take;
}

/* RFC 3207 4.2: what the client sent behind STARTTLS in plain text must never run. */
static void drop(struct server *s, struct slice octets)
{
    if (!fault(s, FAULT_TLS_KEEPS_INPUT) || octets.len > sizeof s->injected)
        return;
    if (octets.len > 0)
        memcpy(s->injected, octets.ptr, octets.len);
    s->injected_len = octets.len;
}

size_t server_receive(struct server *s, struct slice octets, uint64_t now_ms)
{
    size_t taken = 0;
    restart_clock(s, now_ms);
    while (taken < octets.len && has_room(s) && !s->closing) {
        struct slice rest = slice_from(octets, taken);
        if (s->tls_wanted) {
            drop(s, rest);
            return octets.len;
        }
        size_t lost = s->output_len;
        taken += s->mode == SESSION_DATA || s->mode == SESSION_BDAT ? mail_receive(s, rest)
                                                                    : take_line_octets(s, rest);
        bool answered = s->output_len > lost;
        if (answered && fault(s, FAULT_PIPELINING_LOSES) && s->mode == SESSION_COMMAND)
            return octets.len;
    }
    return s->closing ? octets.len : taken;
}

void server_eof(struct server *s, uint64_t now_ms)
{
    s->now_ms = now_ms;
    s->ended = true;
}

void server_secured(struct server *s, uint64_t now_ms)
{
    restart_clock(s, now_ms);
    if (!s->tls_wanted)
        return; /* TLS from the start */
    s->tls_wanted = false;
    s->secured = true;
    if (!fault(s, FAULT_TLS_KEEPS_STATE)) {
        session_reset(s);
        s->greeted = s->extended = s->authenticated = false;
    }
    size_t injected = s->injected_len;
    s->injected_len = 0;
    server_receive(s, slice_of(s->injected, injected), now_ms);
}

/* ---- time
 * ---------------------------------------------------------------------------------------------- */

uint64_t server_deadline(const struct server *s)
{
    return s->deadline;
}

void server_tick(struct server *s, uint64_t now_ms)
{
    s->now_ms = now_ms;
    if (now_ms < s->deadline || s->closing)
        return;
    if (s->output_len > 0 || s->tls_wanted) /* nobody reads: no farewell either */
        s->output_len = s->output_sent = 0;
    else
        session_reply(s, 421, "4.4.2", "Idle for too long, closing");
    s->closing = true;
    s->deadline = now_ms + s->config.idle_ms;
}
