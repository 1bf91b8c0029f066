#define _DEFAULT_SOURCE

#include "cli/play/embed.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "cli/oracle/maildir.h"
#include "cli/play/drive.h"
#include "cli/play/sasl.h"
#include "cli/play/variables.h"

#define KEPT_MESSAGES 1000
#define KEPT_OCTETS   (64u << 20)

struct embed {
    struct embed_config config;
    struct net_listener *listener;
    struct net_tls *tls;
    bool *faults;
    uint8_t leftover[SERVER_LEFTOVER_OCTETS];
    struct variables variables;
    struct store *store;
    struct maildir *maildir; /* or NULL */
    struct connection *connections;
    size_t accepted;
};

struct connection {
    struct embed *embed;
    struct drive *drive;
    char peer[64];            /* the client's address literal */
    char here[64], there[64]; /* the addresses of both ends */
    uint8_t secret[32];       /* of this session */
    struct sasl sasl;         /* for the exchanges of a script */
    struct engine_sasl exchanges;
    struct deviant *deviant; /* --deviant, or NULL */
    struct trace trace;
    struct connection *next, **link; /* in the embed's list */
};

static void deliver(void *context, const struct server_message *message)
{
    struct embed *embed = context;
    if (embed->maildir != NULL)
        maildir_deliver(embed->maildir, message);
    else
        store_deliver(embed->store, message);
}

static int64_t unix_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static size_t bind_channel(void *context, uint8_t *out, size_t size, bool *ret_exporter)
{
    const struct connection *c = context;
    return drive_channel_binding(c->drive, out, size, ret_exporter);
}

static struct deviant *begin_deviant(struct connection *c, uint64_t now_ms)
{
    const struct options *o = c->embed->config.options;
    struct deviant_config config = {.offer_tls = !o->no_starttls && !o->tls, .offer_auth = true};
    size_t row = deviant_read(slice_of_cstr(o->deviant), &config.reply);
    config.row = row < deviant_row_count ? &deviant_rows[row] : NULL;
    c->deviant = malloc(sizeof *c->deviant);
    if (c->deviant == NULL)
        abort();
    deviant_begin(c->deviant, &config, now_ms);
    return c->deviant;
}

static struct trace *begin_trace(struct connection *c, uint64_t now_ms)
{
    if (c->embed->config.trace.put == NULL)
        return NULL;
    c->trace.sink = c->embed->config.trace;
    c->trace.secret = c->embed->config.options->pass;
    c->trace.number = ++c->embed->accepted;
    c->trace.began_ms = now_ms;
    return &c->trace;
}

static struct player make_player(void *context, uint64_t now_ms)
{
    struct connection *c = context;
    const struct options *o = c->embed->config.options;
    void *user = c->embed->config.context;
    if (c->embed->config.deviant != NULL)
        return (struct player){.deviant = c->embed->config.deviant(user, now_ms)};
    if (o->deviant != NULL)
        return (struct player){.deviant = begin_deviant(c, now_ms),
                               .trace = begin_trace(c, now_ms)};
    uint64_t attempt = 0;
    const struct script_test *test =
        c->embed->config.next == NULL ? NULL : c->embed->config.next(user, &attempt);
    if (test != NULL) {
        c->sasl = (struct sasl){
            .host = "mail." EMBED_DOMAIN, .port = 25, .binding = bind_channel, .context = c};
        c->exchanges = sasl_engine(&c->sasl);
        struct engine_config config = {
            .role = ENGINE_SERVER,
            .match = o->match,
            .tls_from_start = o->tls,
            .proxied = o->proxy_protocol,
            .client_end = slice_of_cstr(c->there),
            .server_end = slice_of_cstr(c->here),
            .timeout_ms = o->timeout_ms,
            .wall_s = (uint64_t)time(NULL),
            .attempt = attempt,
            .variables = c->embed->variables.items,
            .variable_count = c->embed->variables.count,
            .features = c->embed->variables.features,
            .feature_count = c->embed->variables.feature_count,
            .sasl = &c->exchanges,
            .emit = c->embed->config.emit,
            .context = user,
        };
        return (struct player){.engine = engine_new(test, &config, now_ms)};
    }
    struct server_config config = {
        .mode = o->mode,
        .host = SLICE("mail." EMBED_DOMAIN),
        .domain = SLICE(EMBED_DOMAIN),
        .without = o->without,
        .user = slice_of_cstr(o->user == NULL ? EMBED_USER : o->user),
        .password = slice_of_cstr(o->pass == NULL ? EMBED_PASS : o->pass),
        .bearer = slice_of_cstr(o->bearer == NULL ? EMBED_BEARER : o->bearer),
        .secret = slice_of(c->secret, sizeof c->secret),
        .peer = slice_of_cstr(c->peer),
        .offer_tls = !o->no_starttls,
        .tls_from_start = o->tls,
        .proxy_header = o->proxy_protocol,
        .require_tls = o->require_tls,
        .tls_unavailable = o->tls_unavailable,
        .clear_auth = o->clear_auth,
        .discloses = o->discloses,
        .xclient = o->xclient,
        .idle_ms = c->embed->config.idle_ms,
        .unix_ms = unix_ms() - (int64_t)now_ms,
        .leftover = c->embed->leftover,
        .faults = c->embed->faults,
        .deliver = deliver,
        .context = c->embed,
    };
    return (struct player){.server = server_new(&config, now_ms), .trace = begin_trace(c, now_ms)};
}

static const struct net_tls *tls_of(void *context, const struct script_tls *wanted,
                                    struct net_error *ret_error)
{
    const struct connection *c = context;
    (void)ret_error;
    (void)wanted; /* what a script asks of a handshake is asked of the client */
    return c->embed->tls;
}

static void finished(void *context, const struct player *player)
{
    struct connection *c = context;
    struct embed_config config = c->embed->config;
    (void)player;
    *c->link = c->next;
    if (c->next != NULL)
        c->next->link = c->link;
    free(c->deviant);
    free(c);
    if (config.finished != NULL)
        config.finished(config.context);
}

/* It reads a header of the PROXY protocol itself: the client is whom that names. */
static bool is_reference(const struct embed_config *config)
{
    return config->next == NULL && config->deviant == NULL && config->options->deviant == NULL;
}

static bool accept_one(void *context, struct net_stream *stream,
                       const struct net_events **ret_events, void **ret_context)
{
    struct embed *embed = context;
    struct connection *c = calloc(1, sizeof *c);
    if (c == NULL)
        return false;
    c->embed = embed;
    c->link = &embed->connections;
    c->next = embed->connections;
    if (c->next != NULL)
        c->next->link = &c->next;
    embed->connections = c;
    net_peer(stream, c->peer, sizeof c->peer);
    net_ends(stream, c->here, c->there, sizeof c->here);
    if (getrandom(c->secret, sizeof c->secret, 0) != (ssize_t)sizeof c->secret)
        abort();
    struct drive_config config = {
        .loop = embed->config.loop,
        .make = make_player,
        .tls = tls_of,
        .finished = finished,
        .context = c,
        .tls_from_start = embed->config.options->tls,
        .header_first = embed->config.options->proxy_protocol && is_reference(&embed->config),
        .reads_header = embed->config.options->proxy_protocol && !is_reference(&embed->config),
        .timeout_ms = embed->config.options->timeout_ms,
    };
    c->drive = drive_accept(&config, stream, ret_events, ret_context);
    return true;
}

static bool set_faults(struct embed *embed, const struct options *o)
{
    embed->faults = calloc(server_fault_count + 1, sizeof *embed->faults);
    if (embed->faults == NULL)
        abort();
    for (size_t i = 0; i < o->fault_count; i++) {
        size_t fault = server_fault_find(slice_of_cstr(o->faults[i]));
        if (fault == server_fault_count) {
            fprintf(stderr, "maildrill: no fault switch \"%s\"; --fault list lists them\n",
                    o->faults[i]);
            return false;
        }
        embed->faults[fault] = true;
    }
    return true;
}

static bool open_maildir(struct embed *embed, const struct options *o)
{
    if (o->maildir == NULL)
        return true;
    embed->maildir = maildir_open(o->maildir);
    if (embed->maildir == NULL)
        fprintf(stderr, "maildrill: cannot make a Maildir of %s\n", o->maildir);
    return embed->maildir != NULL;
}

struct embed *embed_start(const struct embed_config *config)
{
    struct embed *embed = calloc(1, sizeof *embed);
    struct net_error error;
    if (embed == NULL)
        abort();
    embed->config = *config;
    const struct options *o = config->options;
    struct net_tls_config tls = {.server = true,
                                 .ca_file = o->client_ca,
                                 .cert_file = o->cert,
                                 .key_file = o->key,
                                 .host = "mail." EMBED_DOMAIN};
    struct target here = {.port = config->port, .tls = o->tls, .lmtp = o->mode == SERVER_LMTP};
    snprintf(here.host, sizeof here.host, "%s", config->host);
    variables_define(&embed->variables, o, &here, true);
    embed->store = store_new(KEPT_MESSAGES, KEPT_OCTETS);
    if (embed->store == NULL)
        abort();
    if (!set_faults(embed, o) || !open_maildir(embed, o)) {
        embed_stop(embed);
        return NULL;
    }
    embed->tls = net_tls_new(&tls, &error);
    if (embed->tls != NULL)
        embed->listener =
            net_listen(config->loop, config->host, config->port, accept_one, embed, &error);
    if (embed->listener == NULL) {
        fprintf(stderr, "maildrill: %s\n", error.text);
        embed_stop(embed);
        return NULL;
    }
    return embed;
}

uint16_t embed_port(const struct embed *embed)
{
    return net_listener_port(embed->listener);
}

struct store *embed_store(const struct embed *embed)
{
    return embed->store;
}

const struct net_tls *embed_tls(const struct embed *embed)
{
    return embed->tls;
}

void embed_close(struct embed *embed)
{
    if (embed->listener != NULL)
        net_listener_close(embed->listener);
    embed->listener = NULL;
    embed->config.finished = NULL;
    for (struct connection *c = embed->connections; c != NULL; c = c->next)
        drive_abort(c->drive);
}

void embed_stop(struct embed *embed)
{
    embed_close(embed);
    net_run(embed->config.loop);
    if (embed->tls != NULL)
        net_tls_free(embed->tls);
    store_free(embed->store);
    maildir_close(embed->maildir);
    free(embed->faults);
    free(embed);
}
