#include "cli/oracle/pop3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/oracle/mailbox.h"

#define MOST_MESSAGES 50u                /* the newest ones */
#define LINE_OCTETS   2048u              /* RFC 2449 4: a response has 512 at most */
#define INPUT_OCTETS  (4u * 1024 * 1024) /* of one message */

enum state { GREETING, USER, PASS, STAT, RETR, TEXT, QUIT };

struct address {
    char user[256], pass[256], host[256];
    uint16_t port;
    bool tls;
};

struct pop3 {
    struct pop3_config config;
    struct address address;
    struct net_stream *stream;
    struct net_timer *timer;
    enum state state;
    uint8_t *input;
    size_t input_len, text_len; /* octets there; of them, those of the message so far */
    size_t number, least;       /* of the message that is read; of the last one to read */
    bool told, closing;
    bool read, refused; /* some message, by RETR */
    char trouble[128];  /* why the session came to nothing */
    struct engine_query query;
    char token[1024], mailbox[1024];
};

/* ---- URLs ---- */

static bool copy(char *out, size_t size, const char *text, size_t len)
{
    if (len >= size || len == 0)
        return false;
    memcpy(out, text, len);
    out[len] = '\0';
    return true;
}

static bool read_url(const char *url, struct address *ret_address)
{
    struct address a = {.port = 110};
    if (strncmp(url, "pop3://", 7) == 0) {
        url += 7;
    } else if (strncmp(url, "pop3s://", 8) == 0) {
        url += 8;
        a.port = 995;
        a.tls = true;
    } else {
        return false;
    }
    const char *at = strrchr(url, '@'), *colon;
    if (at != NULL) {
        colon = memchr(url, ':', (size_t)(at - url));
        if (colon == NULL || !copy(a.user, sizeof a.user, url, (size_t)(colon - url)) ||
            !copy(a.pass, sizeof a.pass, colon + 1, (size_t)(at - colon - 1)))
            return false;
        url = at + 1;
    }
    size_t len = url[0] == '[' ? strcspn(url, "]") + 1 : strcspn(url, ":/");
    const char *rest = strlen(url) < len ? "?" : url + len;
    if (url[0] == '[' ? !copy(a.host, sizeof a.host, url + 1, len - 2)
                      : !copy(a.host, sizeof a.host, url, len))
        return false;
    if (rest[0] == ':') {
        char *end;
        unsigned long port = strtoul(rest + 1, &end, 10);
        if (end == rest + 1 || port == 0 || port > 65535)
            return false;
        a.port = (uint16_t)port;
        rest = end;
    }
    if (rest[0] != '\0' && strcmp(rest, "/") != 0)
        return false;
    *ret_address = a;
    return true;
}

bool pop3_is_url(const char *url)
{
    struct address address;
    return read_url(url, &address);
}

/* ---- the dialogue ---- */

/* What was waited for: it goes into a report, where a server's own words could hold a password. */
static const char *const awaited[] = {
    [GREETING] = "a greeting",    [USER] = "an answer to USER", [PASS] = "an answer to PASS",
    [STAT] = "an answer to STAT", [RETR] = "an answer to RETR", [TEXT] = "the end of a message",
    [QUIT] = "an answer to QUIT",
};

static void end(struct pop3 *p)
{
    if (p->closing)
        return;
    p->closing = true;
    net_timer_set(p->timer, UINT64_MAX);
    net_close(p->stream);
}

/* It ends without having looked; the first reason counts. */
static void give_up(struct pop3 *p, const char *what)
{
    if (p->trouble[0] == '\0')
        snprintf(p->trouble, sizeof p->trouble, "POP3: %s where %s was expected", what,
                 awaited[p->state]);
    end(p);
}

static void tell(struct pop3 *p, const struct slice *found)
{
    if (!p->told) {
        p->told = true;
        p->config.looked(p->config.context, found, p->trouble);
    }
}

static void say(struct pop3 *p, enum state next, const char *word, const char *argument)
{
    char line[512];
    int len =
        snprintf(line, sizeof line, "%s%s%s\r\n", word, argument[0] == '\0' ? "" : " ", argument);
    p->state = next;
    if (len > 0 && (size_t)len < sizeof line)
        net_send(p->stream, (const uint8_t *)line, (size_t)len);
}

static void ask_next(struct pop3 *p)
{
    char number[24];
    if (p->number < p->least || p->number == 0) {
        if (p->refused && !p->read)
            snprintf(p->trouble, sizeof p->trouble, "POP3: -ERR to every RETR");
        tell(p, NULL);
        say(p, QUIT, "QUIT", "");
        return;
    }
    snprintf(number, sizeof number, "%zu", p->number);
    say(p, RETR, "RETR", number);
}

/* "+OK 3 4711": the newest have the highest numbers. */
static void begin_reading(struct pop3 *p, struct slice line)
{
    size_t count = 0;
    for (size_t i = 4; i < line.len && line.ptr[i] >= '0' && line.ptr[i] <= '9' && count < 1000000;
         i++)
        count = count * 10 + (size_t)(line.ptr[i] - '0');
    p->number = count;
    p->least = count > MOST_MESSAGES ? count - MOST_MESSAGES + 1 : 1;
    ask_next(p);
}

static void take_status(struct pop3 *p, struct slice line)
{
    const struct address *a = &p->address;
    bool ok = slice_starts(line, SLICE("+OK"));
    if (p->state == RETR && !ok) { /* deleted meanwhile, where others are there */
        p->refused = true;
        p->number--;
        ask_next(p);
        return;
    }
    if (p->state == QUIT) {
        end(p);
        return;
    }
    if (!ok) {
        give_up(p, slice_starts(line, SLICE("-ERR")) ? "-ERR" : "no POP3 answer");
        return;
    }
    if (p->state == GREETING)
        say(p, USER, "USER", a->user[0] != '\0' ? a->user : p->config.user);
    else if (p->state == USER)
        say(p, PASS, "PASS", a->user[0] != '\0' ? a->pass : p->config.pass);
    else if (p->state == PASS)
        say(p, STAT, "STAT", "");
    else if (p->state == STAT)
        begin_reading(p, line);
    else
        p->state = TEXT;
}

static void take_message(struct pop3 *p)
{
    p->read = true;
    struct slice text = slice_of(p->input, p->text_len);
    if (mailbox_holds(text, &p->query)) {
        tell(p, &text);
        say(p, QUIT, "QUIT", "");
        return;
    }
    p->number--;
    ask_next(p);
}

/* A line of a message joins those before it, at the front of the input, without its first dot
 * (RFC 1939 3); the lone dot ends it. */
static size_t take_text(struct pop3 *p, size_t at, size_t lf)
{
    struct slice line = slice_sub(slice_of(p->input, p->input_len), at, lf + 1);
    bool dot = line.ptr[0] == '.';
    bool lone = dot && line.ptr[1] != '\n' ? line.len == 3 && line.ptr[1] == '\r' : dot;
    if (lone) {
        take_message(p);
        p->text_len = 0;
        return lf + 1;
    }
    memmove(p->input + p->text_len, line.ptr + dot, line.len - dot);
    p->text_len += line.len - dot;
    return lf + 1;
}

static void take_lines(struct pop3 *p)
{
    size_t at = p->text_len;
    while (!p->closing) {
        struct slice rest = slice_sub(slice_of(p->input, p->input_len), at, p->input_len);
        size_t lf = slice_find(rest, '\n');
        if (lf == rest.len)
            break;
        if (p->state == TEXT) {
            at = take_text(p, at, at + lf);
            continue;
        }
        at += lf + 1;
        take_status(p, slice_sub(rest, 0, lf));
    }
    memmove(p->input + p->text_len, p->input + at, p->input_len - at);
    p->input_len = p->text_len + p->input_len - at;
    if (p->state != TEXT && p->input_len > LINE_OCTETS)
        give_up(p, "a line without an end");
}

/* ---- what the network reports ---- */

static void on_failed(void *context, const struct net_error *error)
{
    struct pop3 *p = context;
    if (p->trouble[0] == '\0')
        snprintf(p->trouble, sizeof p->trouble, "POP3: %.120s", error->text);
    end(p);
}

static void on_connected(void *context)
{
    struct pop3 *p = context;
    struct net_error error;
    if (p->closing || !p->address.tls)
        return;
    const struct net_tls *tls = p->config.tls(p->config.tls_context, &error);
    if (tls == NULL)
        on_failed(p, &error);
    else
        net_start_tls(p->stream, tls, p->address.host, NULL, 0);
}

static void on_received(void *context, const uint8_t *octets, size_t count)
{
    struct pop3 *p = context;
    while (count > 0 && !p->closing) {
        size_t room = INPUT_OCTETS - p->input_len;
        size_t take = count < room ? count : room;
        if (take == 0) {
            give_up(p, "more than 4 MiB");
            return;
        }
        memcpy(p->input + p->input_len, octets, take);
        p->input_len += take;
        octets += take;
        count -= take;
        take_lines(p);
    }
}

static void on_nothing(void *context)
{
    (void)context;
}

static void on_secured(void *context, const char *facts)
{
    (void)context;
    (void)facts;
}

static void on_ended(void *context)
{
    give_up(context, "the connection's end");
}

static void on_timer(void *context)
{
    give_up(context, "silence");
}

static void on_closed(void *context)
{
    struct pop3 *p = context;
    tell(p, NULL);
    net_timer_free(p->timer);
    free(p->input);
    free(p);
}

static const struct net_events events = {
    .connected = on_connected,
    .received = on_received,
    .sent = on_nothing,
    .ended = on_ended,
    .secured = on_secured,
    .failed = on_failed,
    .closed = on_closed,
};

struct pop3 *pop3_look(const struct pop3_config *config, const struct engine_query *query)
{
    struct pop3 *p = calloc(1, sizeof *p);
    if (p == NULL || (p->input = malloc(INPUT_OCTETS)) == NULL)
        abort();
    p->config = *config;
    if (!read_url(config->url, &p->address)) /* the command line has been checked */
        abort();
    memcpy(p->token, query->token.ptr, query->token.len);
    p->query.token = slice_of((const uint8_t *)p->token, query->token.len);
    if (query->mailbox.len > 0)
        memcpy(p->mailbox, query->mailbox.ptr, query->mailbox.len);
    p->query.mailbox = slice_of((const uint8_t *)p->mailbox, query->mailbox.len);
    p->timer = net_timer_new(config->loop, on_timer, p);
    net_timer_set(p->timer, net_now(config->loop) + config->timeout_ms);
    p->stream =
        net_connect(config->loop, p->address.host, p->address.port, config->timeout_ms, &events, p);
    return p;
}

void pop3_cancel(struct pop3 *pop3)
{
    if (pop3 == NULL)
        return;
    pop3->told = true;
    end(pop3);
}
