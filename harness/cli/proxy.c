/* proxy: stands between a client and a server, and prints a script of each connection. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/play/load.h"
#include "cli/play/target.h"
#include "net/net.h"
#include "script/mask.h"
#include "script/record.h"

#define MAX_UNSENT ((size_t)1 << 20) /* octets that one side has not taken: the other waits */

struct link;

struct proxy {
    const struct options *options;
    struct net_loop *loop;
    struct target server;
    struct net_tls *to_server, *to_client;
    struct link *links; /* that are open */
    size_t connections;
    bool interrupted, failed, printed;
};

/* One client and its connection to the server. */
struct link {
    struct proxy *proxy;
    struct link *next, **from;          /* `from`: what points at this one */
    struct net_stream *client, *server; /* NULL: closed */
    struct script_arena *arena;
    struct record record;
    struct slice agreed; /* the reply to STARTTLS, which waits for the server's handshake */
    size_t number;
    bool passing, client_left;
};

static void put_script(struct script_arena *arena, struct slice script, bool secrets)
{
    struct mask lines = secrets ? mask_nothing(arena, script) : mask_script(arena, script);
    for (size_t i = 0; i < lines.count; i++) {
        load_put(stdout, lines.lines[i].text);
        load_put(stdout, SLICE("\n"));
    }
}

static void free_link(struct link *l)
{
    if (l->client != NULL || l->server != NULL)
        return;
    *l->from = l->next;
    if (l->next != NULL)
        l->next->from = l->from;
    struct slice script = record_end(&l->record);
    if (script.len > 0) {
        printf("%s%%test \"connection %zu\"\n", l->proxy->printed ? "\n" : "", l->number);
        put_script(l->arena, script, l->proxy->options->keep_secrets);
        l->proxy->printed = true;
        fflush(stdout);
    }
    script_arena_free(l->arena);
    if (l->proxy->options->once)
        net_stop(l->proxy->loop);
    free(l);
}

/* The side that closed or broke takes the other one with it, once what it said has left. */
static void close_both(struct link *l)
{
    if (l->client != NULL)
        net_close(l->client);
    if (l->server != NULL)
        net_close(l->server);
}

static void client_received(void *context, const uint8_t *octets, size_t count)
{
    struct link *l = context;
    record_client(&l->record, slice_of(octets, count));
    if (l->server == NULL)
        return;
    net_send(l->server, octets, count);
    net_pause(l->client, net_unsent(l->server) > MAX_UNSENT);
}

static void forward(struct link *l, struct slice octets)
{
    if (l->client == NULL || octets.len == 0)
        return;
    net_send(l->client, octets.ptr, octets.len);
    net_pause(l->server, net_unsent(l->client) > MAX_UNSENT);
}

/* STARTTLS was agreed to. Decrypting, the server's handshake comes first, so that the client's
 * octets have somewhere to go when its own is done. */
static void begin_tls(struct link *l, struct slice octets, size_t read)
{
    struct slice head = slice_sub(octets, 0, read), tail = slice_from(octets, read);
    bool decrypt = l->proxy->options->decrypt;
    record_tls(&l->record, decrypt);
    l->passing = !decrypt;
    if (!decrypt) {
        forward(l, octets);
        return;
    }
    l->agreed = script_arena_copy(l->arena, head);
    net_start_tls(l->server, l->proxy->to_server, l->proxy->server.host, tail.ptr, tail.len);
}

static void upstream_received(void *context, const uint8_t *octets, size_t count)
{
    struct link *l = context;
    struct slice in = slice_of(octets, count);
    bool tls = false;
    size_t read = l->passing ? count : record_server(&l->record, in, &tls);
    if (tls)
        begin_tls(l, in, read);
    else
        forward(l, in);
}

static void upstream_secured(void *context, const char *facts)
{
    struct link *l = context;
    (void)facts;
    if (l->agreed.len == 0)
        return; /* TLS from the first octet */
    forward(l, l->agreed);
    l->agreed.len = 0;
    if (l->client != NULL)
        net_start_tls(l->client, l->proxy->to_client, NULL, NULL, 0);
}

static void upstream_connected(void *context)
{
    struct link *l = context;
    if (l->proxy->server.tls)
        net_start_tls(l->server, l->proxy->to_server, l->proxy->server.host, NULL, 0);
    if (l->client != NULL)
        net_pause(l->client, false);
}

static void client_sent(void *context)
{
    struct link *l = context;
    if (l->server != NULL)
        net_pause(l->server, false);
}

static void upstream_sent(void *context)
{
    struct link *l = context;
    if (l->client != NULL)
        net_pause(l->client, false);
}

/* A half-closed connection stays half open: the other side may still answer. */
static void client_ended(void *context)
{
    struct link *l = context;
    l->client_left = true;
    if (l->server != NULL)
        net_shutdown(l->server);
}

static void upstream_ended(void *context)
{
    struct link *l = context;
    if (!l->client_left)
        record_closed(&l->record);
    close_both(l);
}

/* A side is lost. A client that resets has left, in the ruder of two ways: one that closes with
 * octets unread (a close_notify behind the last reply) does so; and nobody misses a server then. */
static void broken(void *context, const struct net_error *error)
{
    struct link *l = context;
    if (l->client_left && error->kind == NET_RESET) {
        close_both(l);
        return;
    }
    fprintf(stderr, "maildrill proxy: connection %zu: %s\n", l->number, error->text);
    l->proxy->failed = true;
    close_both(l);
}

static void client_failed(void *context, const struct net_error *error)
{
    struct link *l = context;
    l->client_left = l->client_left || error->kind == NET_RESET;
    broken(l, error);
}

static void client_closed(void *context)
{
    struct link *l = context;
    l->client = NULL;
    close_both(l);
    free_link(l);
}

static void upstream_closed(void *context)
{
    struct link *l = context;
    l->server = NULL;
    close_both(l);
    free_link(l);
}

static const struct net_events client_events = {.received = client_received,
                                                .sent = client_sent,
                                                .ended = client_ended,
                                                .failed = client_failed,
                                                .closed = client_closed};
static const struct net_events upstream_events = {.connected = upstream_connected,
                                                  .received = upstream_received,
                                                  .sent = upstream_sent,
                                                  .ended = upstream_ended,
                                                  .secured = upstream_secured,
                                                  .failed = broken,
                                                  .closed = upstream_closed};

static bool accept_one(void *context, struct net_stream *stream,
                       const struct net_events **ret_events, void **ret_context)
{
    struct proxy *p = context;
    struct link *l = calloc(1, sizeof *l);
    if (l == NULL)
        return false;
    l->proxy = p;
    l->client = stream;
    l->next = p->links;
    l->from = &p->links;
    if (l->next != NULL)
        l->next->from = &l->next;
    p->links = l;
    l->number = ++p->connections;
    l->arena = script_arena_new();
    record_begin(&l->record, l->arena);
    l->server = net_connect(p->loop, p->server.host, p->server.port, p->options->timeout_ms,
                            &upstream_events, l);
    net_pause(stream, true); /* until there is a server that it can speak to */
    *ret_events = &client_events;
    *ret_context = l;
    return true;
}

static void interrupted(void *context)
{
    struct proxy *p = context;
    p->interrupted = true;
    net_stop(p->loop);
}

static bool make_tls(struct proxy *p, struct net_error *error)
{
    const struct options *o = p->options;
    struct net_tls_config client = {.verify = o->verify, .ca_file = o->ca, .pin = o->pin};
    struct net_tls_config server = {
        .server = true, .cert_file = o->cert, .key_file = o->key, .host = p->server.host};
    p->to_server = net_tls_new(&client, error);
    p->to_client = p->to_server == NULL ? NULL : net_tls_new(&server, error);
    return p->to_client != NULL &&
           (o->ca_out == NULL || net_tls_save(p->to_client, o->ca_out, error));
}

static enum exit_code run(struct proxy *p, struct target *listen)
{
    struct net_error error;
    char text[300];
    if (!make_tls(p, &error)) {
        fprintf(stderr, "maildrill proxy: %s\n", error.text);
        return EXIT_CONNECT;
    }
    struct net_listener *listener =
        net_listen(p->loop, listen->host, listen->port, accept_one, p, &error);
    if (listener == NULL) {
        fprintf(stderr, "maildrill proxy: %s\n", error.text);
        return EXIT_CONNECT;
    }
    struct net_signals *signals = net_signals_new(p->loop, interrupted, p);
    listen->port = net_listener_port(listener);
    target_write(listen, text, sizeof text);
    fprintf(stderr, "listening on %s\n", text);
    net_run(p->loop);
    net_signals_free(signals);
    net_listener_close(listener);
    for (struct link *l = p->links; l != NULL; l = l->next)
        close_both(l);
    return p->interrupted ? EXIT_INTERRUPTED : p->failed ? EXIT_CONNECT : EXIT_PASS;
}

enum exit_code command_proxy(const struct options *options)
{
    struct proxy p = {.options = options};
    struct target listen;
    const char *where = options->listen == NULL ? "127.0.0.1:2525" : options->listen;
    if (options->server_count != 1 || !target_read(options->servers[0], &p.server) ||
        !target_read(where, &listen) || options->operand_count > 0) {
        fprintf(stderr, "maildrill proxy: give --server URL, and --listen HOST:PORT\n");
        return EXIT_USAGE;
    }
    p.loop = net_loop_new();
    enum exit_code code = run(&p, &listen);
    net_run(p.loop); /* what is open closes */
    net_loop_free(p.loop);
    if (p.to_server != NULL)
        net_tls_free(p.to_server);
    if (p.to_client != NULL)
        net_tls_free(p.to_client);
    return code;
}
