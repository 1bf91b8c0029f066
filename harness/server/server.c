#include "server/server.h"

#include <stdlib.h>
#include <string.h>

#include "server/session.h"
#include "smtp/proxy.h"

#define IDLE_MS        (5u * 60 * 1000) /* RFC 5321 4.5.3.2.7 */
#define MESSAGE_OCTETS (1024u * 1024)
#define RECIPIENTS     100u /* RFC 5321 4.5.3.1.8 */
#define TRANSACTIONS   1000u
#define OUTPUT_OCTETS  32768u

static const struct server_mailbox fixtures[] = {
    {SLICE_INIT("nosuch"), SERVER_MAILBOX_NONE, {NULL, 0}},
    {SLICE_INIT("full"), SERVER_MAILBOX_FULL, {NULL, 0}},
    {SLICE_INIT("crowded"), SERVER_MAILBOX_CROWDED, {NULL, 0}},
    {SLICE_INIT("busy"), SERVER_MAILBOX_BUSY, {NULL, 0}},
    {SLICE_INIT("moved"), SERVER_MAILBOX_MOVED, SLICE_INIT("moved@elsewhere.test\n")},
    {SLICE_INIT("forwarded"), SERVER_MAILBOX_FORWARDED, SLICE_INIT("forwarded@elsewhere.test\n")},
    {SLICE_INIT("list"), SERVER_MAILBOX_LIST,
     SLICE_INIT("alice@example.test\nbob@example.test\ncarol@elsewhere.test\n")},
    {SLICE_INIT("late"), SERVER_MAILBOX_LATE, {NULL, 0}},
};

const char *server_mode_name(enum server_mode mode)
{
    static const char *const names[SERVER_MODES] = {
        [SERVER_MX] = "mx",
        [SERVER_SUBMISSION] = "submission",
        [SERVER_LMTP] = "lmtp",
        [SERVER_REJECTING] = "rejecting",
        [SERVER_REFUSING] = "refusing",
    };
    return mode < SERVER_MODES ? names[mode] : NULL;
}

static void restart_clock(struct server *s, uint64_t now_ms)
{
    bool short_wait = fault(s, s->mode == SESSION_COMMAND ? FAULT_IDLE_SHORT : FAULT_IDLE_IN_DATA);
    s->now_ms = now_ms;
    s->deadline = now_ms + (short_wait ? 5000 : s->config.idle_ms);
}

/* RFC 5321 4.3.1, 3.1; RFC 7504 3 */
static unsigned greeting_code(const struct server *s)
{
    bool submission = s->config.mode == SERVER_SUBMISSION;
    if (s->config.mode == SERVER_REJECTING)
        return 554;
    if (s->config.mode == SERVER_REFUSING || (submission && fault(s, FAULT_SUBMISSION_521)))
        return 521;
    return fault(s, FAULT_GREETING_CODE) ? 250 : 220;
}

void session_greet(struct server *s)
{
    static const struct slice protocols[SERVER_MODES] = {
        [SERVER_MX] = SLICE_INIT("ESMTP maildrill"),
        [SERVER_SUBMISSION] = SLICE_INIT("ESMTP maildrill"),
        [SERVER_LMTP] = SLICE_INIT("LMTP maildrill"),
        [SERVER_REJECTING] = SLICE_INIT("does not accept mail"),
        [SERVER_REFUSING] = SLICE_INIT("does not accept mail"),
    };
    uint8_t text[400];
    struct writer w = writer_of(text, sizeof text);
    if (fault(s, FAULT_GREETING_NONE))
        return;
    if (fault(s, FAULT_GREETING_STATUS))
        writer_put(&w, SLICE("2.0.0 "));
    if (!fault(s, FAULT_GREETING_DOMAIN)) {
        writer_put(&w, s->config.host);
        writer_put(&w, SLICE(" "));
    }
    writer_put(&w, fault(s, FAULT_GREETING_DOMAIN) ? SLICE("(ready)") : protocols[s->config.mode]);
    if (fault(s, FAULT_GREETING_VERSION))
        writer_put(&w, SLICE(" 1.2.3-4+deb12u1 (Linux)"));
    if (fault(s, FAULT_GREETING_LINES))
        session_reply_line(s, 220, false, SLICE("ready"));
    session_reply_line(s, greeting_code(s), true, writer_slice(&w));
}

static struct server_config with_defaults(const struct server_config *config)
{
    struct server_config c = *config;
    if (c.max_message_octets == 0)
        c.max_message_octets = MESSAGE_OCTETS;
    if (c.max_recipients == 0)
        c.max_recipients = RECIPIENTS;
    if (c.max_transactions == 0)
        c.max_transactions = TRANSACTIONS;
    if (c.idle_ms == 0)
        c.idle_ms = IDLE_MS;
    if (c.mailboxes == NULL) {
        c.mailboxes = fixtures;
        c.mailbox_count = sizeof fixtures / sizeof *fixtures;
    }
    return c;
}

static void poison_gaps(struct server *s)
{
    poison_gap(&s->behind_peer);
    poison_gap(&s->behind_hello);
    poison_gap(&s->behind_identity);
    poison_gap(&s->behind_line);
    poison_gap(&s->behind_injected);
}

struct server *server_new(const struct server_config *config, uint64_t now_ms)
{
    struct server_config c = with_defaults(config);
    size_t replies = SESSION_REPLY_OCTETS + c.max_recipients * SESSION_RECIPIENT_OCTETS;
    size_t output = replies + OUTPUT_OCTETS, paths = c.max_recipients * SESSION_PATH_OCTETS;
    size_t content = SESSION_TRACE_OCTETS + c.max_message_octets;
    struct server *s = malloc(sizeof *s + output + 2 * paths + c.max_recipients + content +
                              5 * sizeof(struct poison_gap));
    if (s == NULL)
        return NULL;
    memset(s, 0, sizeof *s);
    poison_gaps(s);
    uint8_t *rest = s->memory;
    s->config = c;
    s->output = poison_carve(&rest, output);
    s->output_room = output;
    s->reply_octets = replies;
    s->forward_paths = poison_carve(&rest, paths);
    s->rcpt_params = poison_carve(&rest, paths);
    s->paths_room = paths;
    s->kinds = poison_carve(&rest, c.max_recipients);
    s->content = poison_carve(&rest, content) + SESSION_TRACE_OCTETS;
    s->content_room = c.max_message_octets;
    s->secured = c.tls_from_start && !c.proxy_header;
    restart_clock(s, now_ms);
    s->awaits_header = c.proxy_header;
    if (!s->awaits_header)
        session_greet(s);
    return s;
}

void server_free(struct server *s)
{
    free(s);
}

/* ---- octets ---- */

unsigned server_wants(const struct server *s)
{
    if (s->output_sent < s->output_len && !s->withheld)
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
    return s->output_room - s->output_len >= s->reply_octets;
}

/* A whole line, its ending included. */
static void take_line(struct server *s, struct slice line)
{
    restart_clock(s, s->now_ms);
    if (s->mode == SESSION_AUTH)
        auth_continue(s, line);
    else
        session_command(s, line);
}

/* RFC 5321 4.5.3.1.4: a line over the limit is refused once, all of it; so is the exchange that an
 * AUTH line belongs to. */
static void refuse_long_line(struct server *s, bool ended)
{
    bool answer = s->mode == SESSION_AUTH;
    s->line_len = 0;
    s->mode = SESSION_COMMAND;
    s->sasl.mechanism = NULL;
    s->skipping = !ended && !fault(s, FAULT_LONG_LINE_SPLIT);
    if (fault(s, FAULT_LONG_LINE_CLOSES))
        s->closing = true;
    else if (answer) /* RFC 4954 6 */
        session_reply(s, 500, "5.5.6", "Authentication exchange line is too long");
    else
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

/* The same where a fault takes CR for the end of a line, too. */
static size_t line_end_or_cr(const struct server *s, struct slice octets, uint8_t last)
{
    size_t end = line_end(s, octets, last);
    size_t cr = fault(s, FAULT_BARE_CR_COMMAND) ? slice_find(octets, '\r') : octets.len;
    bool bare = cr + 1 < octets.len && octets.ptr[cr + 1] != '\n';
    return bare && (end == 0 || cr + 1 < end) ? cr + 1 : end;
}

/* Takes octets up to the end of a line; returns how many. */
static size_t take_line_octets(struct server *s, struct slice octets)
{
    size_t end = line_end_or_cr(s, octets, s->last_octet);
    size_t take = end > 0 ? end : octets.len;
    size_t limit = s->mode != SESSION_AUTH           ? SESSION_COMMAND_OCTETS
                   : fault(s, FAULT_SHORT_AUTH_LINE) ? SESSION_COMMAND_OCTETS
                                                     : SESSION_LINE_OCTETS;
    s->last_octet = end > 0 ? '\0' : octets.ptr[take - 1];
    if (s->skipping) {
        s->skipping = end == 0;
        return take;
    }
    bool split_512 = end > 0 && s->line_len + take == SMTP_COMMAND_LINE_MAX_OCTETS &&
                     s->mode != SESSION_AUTH && fault(s, FAULT_LINE_512_SPLIT);
    if (split_512 && take > 1) { /* as one that has room for 511, and reads on */
        take--;
        s->last_octet = octets.ptr[take - 1];
    }
    if (take > limit - s->line_len) {
        size_t fits = limit - s->line_len;
        bool split = fault(s, FAULT_LONG_LINE_SPLIT);
        refuse_long_line(s, end > 0 && !split);
        return split ? fits : take;
    }
    memcpy(s->line + s->line_len, octets.ptr, take);
    s->line_len += take;
    if (end > 0 || fault(s, FAULT_READ_IS_COMMAND)) {
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

/* The client is whom the header names, unless it leaves that open. */
static void take_peer(struct server *s, const struct smtp_proxy *proxy)
{
    struct writer w = writer_of(s->peer, sizeof s->peer);
    if (proxy->family != SMTP_PROXY_TCP4 && proxy->family != SMTP_PROXY_TCP6)
        return;
    writer_put(&w, proxy->family == SMTP_PROXY_TCP4 ? SLICE("[") : SLICE("[IPv6:"));
    smtp_proxy_address_write(proxy->family, proxy->source, &w);
    writer_put(&w, SLICE("]"));
    s->config.peer = writer_slice(&w);
}

/* HAProxy, "The PROXY protocol", 2: who does not send a header is not served. */
static size_t take_header(struct server *s, struct slice octets)
{
    struct smtp_proxy proxy;
    size_t before = s->line_len, room = SMTP_PROXY_OCTETS - before;
    size_t take = octets.len < room ? octets.len : room;
    memcpy(s->line + before, octets.ptr, take);
    s->line_len += take;
    struct parse_result result =
        smtp_proxy_parse(slice_of(s->line, s->line_len), SMTP_PROXY_OCTETS, &proxy);
    if (result.status == PARSE_MORE)
        return take;
    s->line_len = 0;
    s->awaits_header = false;
    if (result.status == PARSE_ERROR) {
        s->closing = true;
        return take;
    }
    take_peer(s, &proxy);
    s->tls_wanted = s->config.tls_from_start;
    if (!s->tls_wanted)
        session_greet(s);
    return result.offset - before;
}

/* Behind the header, implicit TLS: what the client sends is its handshake. */
static bool awaits_first_tls(const struct server *s)
{
    return s->tls_wanted && s->config.tls_from_start && !s->secured;
}

size_t server_receive(struct server *s, struct slice octets, uint64_t now_ms)
{
    size_t taken = s->awaits_header && octets.len > 0 ? take_header(s, octets) : 0;
    if (awaits_first_tls(s))
        return taken;
    bool midway = s->mode == SESSION_COMMAND && (s->line_len > 0 || s->skipping);
    if (midway && !fault(s, FAULT_DRIBBLE_WAITS))
        s->now_ms = now_ms; /* the time is that of a whole command */
    else
        restart_clock(s, now_ms);
    while (taken < octets.len && has_room(s) && !s->closing) {
        struct slice rest = slice_from(octets, taken);
        if (s->tls_wanted) {
            drop(s, rest);
            return octets.len;
        }
        size_t lost = s->output_len;
        taken += s->mode == SESSION_DATA || s->mode == SESSION_BDAT ? message_receive(s, rest)
                                                                    : take_line_octets(s, rest);
        bool answered = s->output_len > lost;
        if (answered && fault(s, FAULT_PIPELINING_LOSES) && s->mode == SESSION_COMMAND)
            return octets.len;
        if (answered && fault(s, FAULT_AUTH_LOSES) && s->mode == SESSION_AUTH)
            return octets.len;
    }
    return s->closing ? octets.len : taken;
}

void server_eof(struct server *s, uint64_t now_ms)
{
    s->now_ms = now_ms;
    s->ended = true;
    bool midway = s->mode == SESSION_DATA || (s->mode == SESSION_BDAT && !s->chunk_refused);
    if (midway && fault(s, FAULT_ABORTED_DELIVERED))
        message_end(s);
}

void server_secured(struct server *s, struct slice identity, uint64_t now_ms)
{
    restart_clock(s, now_ms);
    s->identity_len = identity.len <= sizeof s->identity ? identity.len : 0;
    if (s->identity_len > 0)
        memcpy(s->identity, identity.ptr, identity.len);
    if (!s->tls_wanted)
        return; /* TLS from the start */
    if (awaits_first_tls(s))
        session_greet(s);
    s->tls_wanted = false;
    s->secured = true;
    if (!fault(s, FAULT_TLS_KEEPS_STATE)) {
        session_reset(s);
        s->greeted = s->extended = false;
        s->authenticated = s->authenticated && fault(s, FAULT_TLS_KEEPS_AUTH);
    }
    size_t injected = s->injected_len;
    s->injected_len = 0;
    server_receive(s, slice_of(s->injected, injected), now_ms);
}

/* ---- time ---- */

uint64_t server_deadline(const struct server *s)
{
    return s->deadline;
}

void server_tick(struct server *s, uint64_t now_ms)
{
    s->now_ms = now_ms;
    if (now_ms < s->deadline || s->closing)
        return;
    if (s->output_len > 0 || s->tls_wanted ||
        fault(s, FAULT_IDLE_SILENT)) /* nobody reads: no farewell either */
        s->output_len = s->output_sent = 0;
    else
        session_reply(s, 421, "4.4.2", "Idle for too long, closing");
    s->closing = true;
    s->deadline = now_ms + s->config.idle_ms;
}
