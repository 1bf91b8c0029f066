#include "cli/embed.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/drive.h"
#include "cli/variables.h"

struct embed {
    struct embed_config config;
    struct net_listener *listener;
    struct net_tls *tls;
    bool *faults;
    struct variables variables;
    struct connection *connections;
};

struct connection {
    struct embed *embed;
    struct drive *drive;
    struct connection *next, **link; /* in the embed's list */
};

static struct player make_player(void *context, uint64_t now_ms)
{
    struct connection *c = context;
    const struct options *o = c->embed->config.options;
    void *user = c->embed->config.context;
    const struct script_test *test =
        c->embed->config.next == NULL ? NULL : c->embed->config.next(user);
    if (test != NULL) {
        struct engine_config config = {
            .role = ENGINE_SERVER,
            .match = o->match,
            .tls_from_start = o->tls,
            .timeout_ms = o->timeout_ms,
            .wall_s = (uint64_t)time(NULL),
            .variables = c->embed->variables.items,
            .variable_count = c->embed->variables.count,
            .features = c->embed->variables.features,
            .feature_count = c->embed->variables.feature_count,
            .emit = c->embed->config.emit,
            .context = user,
        };
        return (struct player){.engine = engine_new(test, &config, now_ms)};
    }
    struct server_config config = {
        .host = SLICE("mail." EMBED_DOMAIN),
        .domain = SLICE(EMBED_DOMAIN),
        .unknown = SLICE("nosuch"),
        .user = slice_of_cstr(o->user == NULL ? EMBED_USER : o->user),
        .password = slice_of_cstr(o->pass == NULL ? EMBED_PASS : o->pass),
        .offer_tls = true,
        .tls_from_start = o->tls,
        .faults = c->embed->faults,
    };
    return (struct player){.server = server_new(&config, now_ms)};
}

static const struct net_tls *tls_of(void *context, const struct script_tls *wanted)
{
    const struct connection *c = context;
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
    free(c);
    if (config.finished != NULL)
        config.finished(config.context);
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
    struct drive_config config = {
        .loop = embed->config.loop,
        .make = make_player,
        .tls = tls_of,
        .finished = finished,
        .context = c,
        .tls_from_start = embed->config.options->tls,
        .timeout_ms = embed->config.options->timeout_ms,
    };
    c->drive = drive_accept(&config, stream, ret_events);
    *ret_context = c->drive;
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

struct embed *embed_start(const struct embed_config *config)
{
    struct embed *embed = calloc(1, sizeof *embed);
    struct net_error error;
    if (embed == NULL)
        abort();
    embed->config = *config;
    const struct options *o = config->options;
    struct net_tls_config tls = {
        .server = true, .cert_file = o->cert, .key_file = o->key, .host = "mail." EMBED_DOMAIN};
    struct target here = {.port = config->port, .tls = o->tls};
    snprintf(here.host, sizeof here.host, "%s", config->host);
    variables_define(&embed->variables, o, &here, true);
    if (!set_faults(embed, o)) {
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

const struct net_tls *embed_tls(const struct embed *embed)
{
    return embed->tls;
}

void embed_stop(struct embed *embed)
{
    if (embed->listener != NULL)
        net_listener_close(embed->listener);
    embed->config.finished = NULL;
    for (struct connection *c = embed->connections; c != NULL; c = c->next)
        drive_abort(c->drive);
    net_run(embed->config.loop);
    if (embed->tls != NULL)
        net_tls_free(embed->tls);
    free(embed->faults);
    free(embed);
}
