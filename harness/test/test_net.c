/* Two ends of a connection in one loop: a listener and a client, over TCP and over a Unix socket.
 */
#define _POSIX_C_SOURCE 200809L

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "law.h"
#include "net/net.h"

#define MILLION ((size_t)1 << 20)

struct end {
    struct net_stream *stream;
    size_t received;
    bool connected, ended, closed;
    struct net_error error;
    char facts[NET_FACTS_OCTETS];
    struct both *both;
};

struct both {
    struct net_loop *loop;
    struct net_listener *listener;
    struct end client, server;
    char path[64];
    void (*met)(struct both *both); /* both ends are there, and secured where that was asked for */
    const struct net_tls *client_tls, *server_tls;
    const char *sni;
    int fd;        /* a listening socket that the loop knows nothing of */
    size_t enough; /* octets at the server after which it is all over */
};

static bool there(const struct end *end, const struct net_tls *tls)
{
    return end->connected && (tls == NULL || end->facts[0] != '\0');
}

static void look(struct both *b)
{
    if (b->met != NULL && there(&b->client, b->client_tls) && there(&b->server, b->server_tls)) {
        void (*met)(struct both *) = b->met;
        b->met = NULL;
        met(b);
    }
}

static void close_end(struct end *end)
{
    if (end->stream != NULL && !end->closed)
        net_close(end->stream);
}

static void stop(struct both *b)
{
    close_end(&b->client);
    close_end(&b->server);
}

static void on_connected(void *context)
{
    struct end *end = context;
    struct both *b = end->both;
    end->connected = true;
    const struct net_tls *tls = end == &b->client ? b->client_tls : b->server_tls;
    if (tls != NULL)
        net_start_tls(end->stream, tls, end == &b->client ? b->sni : NULL, NULL, 0);
    look(b);
}

static void on_received(void *context, const uint8_t *octets, size_t count)
{
    struct end *end = context;
    (void)octets;
    end->received += count;
    if (end == &end->both->server && end->both->enough > 0 && end->received >= end->both->enough)
        stop(end->both);
}

static void on_ended(void *context)
{
    struct end *end = context;
    end->ended = true;
    stop(end->both);
}

static void on_secured(void *context, const char *facts)
{
    struct end *end = context;
    snprintf(end->facts, sizeof end->facts, "%s", facts);
    look(end->both);
}

static void on_failed(void *context, const struct net_error *error)
{
    struct end *end = context;
    end->error = *error;
    close_end(end); /* the other end shall hear of it */
}

static void on_closed(void *context)
{
    struct end *end = context;
    end->closed = true;
    if (end == &end->both->client)
        net_listener_close(end->both->listener);
}

static const struct net_events events = {
    .connected = on_connected,
    .received = on_received,
    .ended = on_ended,
    .secured = on_secured,
    .failed = on_failed,
    .closed = on_closed,
};

static bool on_accept(void *context, struct net_stream *stream,
                      const struct net_events **ret_events, void **ret_context)
{
    struct both *b = context;
    b->server.stream = stream;
    *ret_events = &events;
    *ret_context = &b->server;
    return true;
}

/* Connects the two and runs until all is closed. */
static void play(struct both *b, bool local)
{
    struct net_error error;
    b->loop = net_loop_new();
    b->client.both = b->server.both = b;
    snprintf(b->path, sizeof b->path, "/tmp/maildrill-net-%ld", (long)getpid());
    unlink(b->path);
    const char *host = local ? b->path : "127.0.0.1";
    b->listener = net_listen(b->loop, host, 0, on_accept, b, &error);
    assert_non_null(b->listener);
    uint16_t port = net_listener_port(b->listener);
    assert_int_equal(port == 0, local);
    b->client.stream = net_connect(b->loop, host, port, 10000, &events, &b->client);
    net_run(b->loop);
    assert_true(b->client.closed);
    assert_true(b->server.closed || b->server.stream == NULL);
    net_loop_free(b->loop);
    unlink(b->path);
}

/* ---- a connection's life ---- */

static void client_shuts(struct both *b)
{
    net_shutdown(b->client.stream);
}

static void client_closes(struct both *b)
{
    net_close(b->client.stream);
}

static void client_resets(struct both *b)
{
    net_reset(b->client.stream);
}

static void client_sends_much(struct both *b)
{
    uint8_t *octets = calloc(1, MILLION);
    assert_non_null(octets);
    net_send(b->client.stream, octets, MILLION);
    free(octets);
    net_shutdown(b->client.stream);
}

static void test_life(void **state)
{
    static const struct {
        const char *name;
        void (*met)(struct both *both);
        bool tcp_only;
        bool ended;
        int error;
        size_t received;
    } rows[] = {
        {"half close", client_shuts, false, true, NET_OK, 0},
        {"close", client_closes, false, true, NET_OK, 0},
        {"reset", client_resets, true, false, NET_RESET, 0},
        {"a mebibyte, then half close", client_sends_much, false, true, NET_OK, MILLION},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int local = 0; local <= !rows[i].tcp_only; local++) {
            struct both b = {.met = rows[i].met};
            play(&b, local != 0);
            if (b.server.ended != rows[i].ended || (int)b.server.error.kind != rows[i].error ||
                b.server.received != rows[i].received)
                fail_msg("%s: ended %d, error %d (%s), %zu octets", rows[i].name, b.server.ended,
                         (int)b.server.error.kind, b.server.error.text, b.server.received);
        }
    }
}

static void ignore_connected(void *context)
{
    (void)context;
    fail_msg("connected to what is not there");
}

static void close_failed(void *context, const struct net_error *error)
{
    struct end *end = context;
    end->error = *error;
    net_close(end->stream);
}

/* ---- a reset behind octets ---- */

/* The peer says something, and resets: what it said has come when writing fails. */
static void met_by_reset(void *context)
{
    struct both *b = ((struct end *)context)->both;
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    int peer = accept(b->fd, NULL, NULL);
    assert_int_equal(write(peer, "221 bye\r\n", 9), 9);
    assert_int_equal(setsockopt(peer, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    close(peer);
    net_send(b->client.stream, (const uint8_t *)"x", 1);
}

static void test_reset(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    struct net_events met = events;
    struct both b = {.loop = net_loop_new(), .fd = socket(AF_INET, SOCK_STREAM, 0)};
    (void)state;
    met.connected = met_by_reset;
    met.failed = close_failed;
    met.closed = NULL;
    b.client.both = &b;
    assert_int_equal(bind(b.fd, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(b.fd, 1), 0);
    assert_int_equal(getsockname(b.fd, (struct sockaddr *)&at, &size), 0);
    b.client.stream = net_connect(b.loop, "127.0.0.1", ntohs(at.sin_port), 10000, &met, &b.client);
    net_run(b.loop);
    net_loop_free(b.loop);
    close(b.fd);
    assert_int_equal(b.client.received, 9);
    assert_int_equal(b.client.error.kind, NET_RESET);
}

static void mark_closed(void *context)
{
    struct end *end = context;
    end->closed = true;
}

static void test_nobody_there(void **state)
{
    static const struct net_events alone = {
        .connected = ignore_connected, .failed = close_failed, .closed = mark_closed};
    static const struct {
        const char *host;
        uint16_t port;
        int error;
        const char *text;
    } rows[] = {
        {"127.0.0.1", 1, NET_CONNECT, "127.0.0.1 port 1: connection refused"},
        {"/nonexistent/socket", 0, NET_CONNECT, "/nonexistent/socket: no such file"},
        {"name.invalid", 25, NET_RESOLVE, "cannot resolve name.invalid"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct net_loop *loop = net_loop_new();
        struct end end = {0};
        end.stream = net_connect(loop, rows[i].host, rows[i].port, 10000, &alone, &end);
        net_run(loop);
        net_loop_free(loop);
        assert_true(end.closed);
        assert_int_equal(end.error.kind, rows[i].error);
        if (strncmp(end.error.text, rows[i].text, strlen(rows[i].text)) != 0)
            fail_msg("%s: %s", rows[i].host, end.error.text);
    }
}

/* ---- handshakes ---- */

static struct net_tls *tls_of(const struct net_tls_config *config)
{
    struct net_error error = {0};
    struct net_tls *tls = net_tls_new(config, &error);
    if (tls == NULL)
        fail_msg("%s", error.text);
    return tls;
}

static void test_handshakes(void **state)
{
    static const struct {
        const char *name;
        struct net_tls_config client;
        const char *alpn; /* the server's */
        uint16_t server_max;
        const char *sni;
        bool trusted;      /* the server's certificate is a trust anchor */
        int error;         /* at the client */
        const char *holds; /* in the facts; or in the error's text */
    } rows[] = {
        {"newest version",
         {.verify = NET_VERIFY_HOST},
         NULL,
         0,
         "mail.example.test",
         true,
         NET_OK,
         "version: TLSv1.3"},
        {"wanted version",
         {.max_version = 0x0303},
         NULL,
         0,
         "mail.example.test",
         true,
         NET_OK,
         "version: TLSv1.2"},
        {"old version",
         {.min_version = 0x0304},
         NULL,
         0x0303,
         "mail.example.test",
         true,
         NET_TLS,
         "TLS handshake failed"},
        {"ciphers of TLS 1.2",
         {.max_version = 0x0303, .ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305"},
         NULL,
         0,
         "mail.example.test",
         true,
         NET_OK,
         "cipher: ECDHE-ECDSA-CHACHA20-POLY1305"},
        {"ciphers of TLS 1.3",
         {.ciphers = "TLS_CHACHA20_POLY1305_SHA256"},
         NULL,
         0,
         "mail.example.test",
         true,
         NET_OK,
         "TLSv1.3 TLS_CHACHA20_POLY1305_SHA256"},
        {"protocol",
         {.alpn = "imap,smtp"},
         "smtp",
         0,
         "mail.example.test",
         true,
         NET_OK,
         "alpn: smtp\n"},
        {"no common protocol",
         {.alpn = "http/1.1"},
         "smtp",
         0,
         "mail.example.test",
         true,
         NET_TLS,
         "TLS handshake failed"},
        {"certificate",
         {.verify = NET_VERIFY_HOST},
         NULL,
         0,
         "127.0.0.1",
         true,
         NET_OK,
         "names: mail.example.test,localhost,127.0.0.1,0000"},
        {"wrong name",
         {.verify = NET_VERIFY_HOST},
         NULL,
         0,
         "other.example",
         true,
         NET_CERTIFICATE,
         "the certificate of other.example does not verify"},
        {"wrong name, chain only",
         {.verify = NET_VERIFY_CA},
         NULL,
         0,
         "other.example",
         true,
         NET_OK,
         "verified: ok"},
        {"unknown issuer",
         {.verify = NET_VERIFY_CA},
         NULL,
         0,
         "mail.example.test",
         false,
         NET_CERTIFICATE,
         "does not verify: self"},
        {"not verified",
         {.verify = NET_VERIFY_NONE},
         NULL,
         0,
         "other.example",
         false,
         NET_OK,
         "verified: self"},
        {"another key",
         {.verify = NET_VERIFY_NONE,
          .pin = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
         NULL,
         0,
         "mail.example.test",
         true,
         NET_CERTIFICATE,
         "is not the one of the pin"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct net_tls *server = tls_of(&(struct net_tls_config){.server = true,
                                                                 .host = "mail.example.test",
                                                                 .max_version = rows[i].server_max,
                                                                 .alpn = rows[i].alpn});
        struct net_tls_config config = rows[i].client;
        config.trust = rows[i].trusted ? server : NULL;
        struct net_tls *client = tls_of(&config);
        struct both b = {
            .met = stop, .client_tls = client, .server_tls = server, .sni = rows[i].sni};
        play(&b, false);
        const char *text = rows[i].error == NET_OK ? b.client.facts : b.client.error.text;
        if ((int)b.client.error.kind != rows[i].error || strstr(text, rows[i].holds) == NULL)
            fail_msg("%s: error %d, %s", rows[i].name, (int)b.client.error.kind, text);
        net_tls_free(client);
        net_tls_free(server);
    }
}

/* A key is pinned by what the facts call key-sha256. */
static void test_pin(void **state)
{
    (void)state;
    struct net_tls *server = tls_of(&(struct net_tls_config){.server = true});
    char pin[65] = "";
    for (int round = 0; round < 2; round++) {
        struct net_tls *client = tls_of(
            &(struct net_tls_config){.verify = NET_VERIFY_NONE, .pin = round == 0 ? NULL : pin});
        struct both b = {.met = stop, .client_tls = client, .server_tls = server, .sni = "x"};
        play(&b, true);
        assert_int_equal(b.client.error.kind, NET_OK);
        const char *key = strstr(b.client.facts, "\nkey-sha256: ");
        assert_non_null(key);
        snprintf(pin, sizeof pin, "%.64s", key + strlen("\nkey-sha256: "));
        net_tls_free(client);
    }
    net_tls_free(server);
}

static uint8_t bound[2][64];
static size_t bound_len[2];
static bool exporter[2];

static void bind_channel(struct both *b)
{
    bound_len[0] = net_channel_binding(b->client.stream, bound[0], sizeof bound[0], &exporter[0]);
    bound_len[1] = net_channel_binding(b->server.stream, bound[1], sizeof bound[1], &exporter[1]);
    stop(b);
}

/* Both ends bind to the same octets: RFC 5929 3, RFC 9266. */
static void test_channel_binding(void **state)
{
    static const uint16_t versions[] = {0x0303, 0x0304};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct net_tls *server = tls_of(&(struct net_tls_config){.server = true});
        struct net_tls *client = tls_of(&(struct net_tls_config){
            .verify = NET_VERIFY_NONE, .min_version = versions[i], .max_version = versions[i]});
        struct both b = {
            .met = bind_channel, .client_tls = client, .server_tls = server, .sni = "x"};
        play(&b, false);
        assert_int_equal(bound_len[0], i == 0 ? 12 : 32);
        assert_slice_equal(slice_of(bound[0], bound_len[0]), slice_of(bound[1], bound_len[1]));
        assert_true(exporter[0] == (i == 1) && exporter[1] == (i == 1));
        net_tls_free(client);
        net_tls_free(server);
    }
}

static void test_bad_settings(void **state)
{
    static const struct net_tls_config rows[] = {
        {.pin = "abcd"},   {.pin = "not hex"},          {.ciphers = "NO-SUCH-CIPHER"},
        {.alpn = ",smtp"}, {.ca_file = "/nonexistent"}, {.cert_file = "/nonexistent"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct net_error error = {0};
        assert_null(net_tls_new(&rows[i], &error));
        assert_true(error.text[0] != '\0');
    }
}

/* ---- timers ---- */

struct alarm {
    struct net_loop *loop;
    struct net_timer *timer, *guard;
    uint64_t due_ms;
    unsigned fired;
};

static void fire(void *context)
{
    struct alarm *alarm = context;
    alarm->fired++;
    assert_true(net_now(alarm->loop) >= alarm->due_ms);
}

static void end_of_alarms(void *context)
{
    net_stop(((struct alarm *)context)->loop);
}

/* Told twice, in ms from now: fires once, not before what it was told last. */
static void test_timers(void **state)
{
    static const uint64_t rows[][2] = {
        {5, 40}, {40, 5}, {10, 10}, {5, UINT64_MAX}, {UINT64_MAX, 5}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct alarm alarm = {.loop = net_loop_new()};
        alarm.timer = net_timer_new(alarm.loop, fire, &alarm);
        alarm.guard = net_timer_new(alarm.loop, end_of_alarms, &alarm);
        uint64_t now = net_now(alarm.loop);
        for (size_t k = 0; k < 2; k++) {
            alarm.due_ms = rows[i][k] == UINT64_MAX ? UINT64_MAX : now + rows[i][k];
            net_timer_set(alarm.timer, alarm.due_ms);
        }
        net_timer_set(alarm.guard, alarm.due_ms == UINT64_MAX ? now + 10 : alarm.due_ms + 1);
        net_run(alarm.loop);
        assert_int_equal(alarm.fired, alarm.due_ms != UINT64_MAX);
        net_timer_free(alarm.timer);
        net_timer_free(alarm.guard);
        net_loop_free(alarm.loop);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),         cmocka_unit_test(test_reset),
        cmocka_unit_test(test_nobody_there), cmocka_unit_test(test_handshakes),
        cmocka_unit_test(test_pin),          cmocka_unit_test(test_channel_binding),
        cmocka_unit_test(test_bad_settings), cmocka_unit_test(test_timers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
