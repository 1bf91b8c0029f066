#include "cli/play/once.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/oracle/oracle.h"
#include "cli/play/contexts.h"
#include "cli/play/drive.h"
#include "cli/play/embed.h"
#include "cli/play/sasl.h"
#include "cli/play/variables.h"

struct once {
    const struct options *options;
    struct net_loop *loop;
    struct net_signals *signals;
    struct embed *embed; /* NULL: --server was given */
    struct target target;
    struct variables variables;
    struct contexts contexts;
    bool interrupted;
    /* of the play that goes on */
    const struct script_test *test;
    uint64_t timeout_ms;
    struct log *log;
    struct drive *drive;
    struct sasl sasl;
    struct engine_sasl exchanges;
    struct oracle *oracle;
    enum engine_verdict verdict;
};

static void emit(void *context, const struct engine_event *event)
{
    struct once *o = context;
    if (event->kind == ENGINE_EVENT_VERDICT)
        o->verdict = event->verdict;
    log_event(o->log, event);
}

static struct player make_player(void *context, uint64_t now_ms)
{
    struct once *o = context;
    struct engine_config config = {
        .role = ENGINE_CLIENT,
        .match = o->options->match_given ? o->options->match : ENGINE_MATCH_ENHANCED,
        .tls_from_start = o->target.tls,
        .timeout_ms = o->timeout_ms,
        .time_percent = o->options->time_percent,
        .wall_s = (uint64_t)time(NULL),
        .variables = o->variables.items,
        .variable_count = o->variables.count,
        .features = o->variables.features,
        .feature_count = o->variables.feature_count,
        .sasl = &o->exchanges,
        .emit = emit,
        .context = o,
    };
    return (struct player){.engine = engine_new(o->test, &config, now_ms)};
}

static const struct net_tls *tls_of(void *context, const struct script_tls *wanted,
                                    struct net_error *ret_error)
{
    struct once *o = context;
    return contexts_find(&o->contexts, wanted, ret_error);
}

static size_t bind_channel(void *context, uint8_t *out, size_t size, bool *ret_exporter)
{
    struct once *o = context;
    return drive_channel_binding(o->drive, out, size, ret_exporter);
}

static const struct net_tls *oracle_tls(void *context, struct net_error *ret_error)
{
    return tls_of(context, NULL, ret_error);
}

static void looked(void *context, const struct slice *found, const char *trouble)
{
    struct once *o = context;
    drive_fetched(o->drive, found, trouble);
}

static void fetch(void *context, const struct engine_query *query)
{
    struct once *o = context;
    struct oracle_config config = {.loop = o->loop,
                                   .options = o->options,
                                   .store = o->embed == NULL ? NULL : embed_store(o->embed),
                                   .tls = oracle_tls,
                                   .looked = looked,
                                   .context = o};
    if (o->oracle == NULL)
        o->oracle = oracle_new(&config);
    oracle_look(o->oracle, query);
}

static void finished(void *context, const struct player *player)
{
    struct once *o = context;
    (void)player;
    o->drive = NULL;
    oracle_free(o->oracle);
    o->oracle = NULL;
    net_stop(o->loop);
}

static void interrupted(void *context)
{
    struct once *o = context;
    o->interrupted = true;
    if (o->drive != NULL)
        drive_abort(o->drive);
}

static bool find_server(struct once *o)
{
    if (o->options->server_count > 0 && target_read(o->options->servers[0], &o->target))
        return true;
    if (o->options->server_count > 0) {
        fprintf(stderr, "maildrill: not a server: %s\n", o->options->servers[0]);
        return false;
    }
    struct embed_config config = {.loop = o->loop, .options = o->options, .host = "127.0.0.1"};
    o->embed = embed_start(&config);
    if (o->embed == NULL)
        return false;
    o->target = (struct target){.host = "127.0.0.1",
                                .port = embed_port(o->embed),
                                .tls = o->options->tls,
                                .lmtp = o->options->mode == SERVER_LMTP};
    return true;
}

struct once *once_open(const struct options *options)
{
    struct once *o = calloc(1, sizeof *o);
    if (o == NULL)
        abort();
    o->options = options;
    o->loop = net_loop_new();
    o->contexts.options = options;
    if (!find_server(o)) {
        once_close(o);
        return NULL;
    }
    if (o->embed != NULL)
        o->contexts.trust = embed_tls(o->embed);
    variables_define(&o->variables, options, &o->target, o->embed != NULL);
    o->signals = net_signals_new(o->loop, interrupted, o);
    return o;
}

enum engine_verdict once_play(struct once *once, const struct script_test *test,
                              uint64_t timeout_ms, struct log *log)
{
    struct drive_config config = {.loop = once->loop,
                                  .make = make_player,
                                  .tls = tls_of,
                                  .fetch = fetch,
                                  .fetch_pause_ms = 50,
                                  .finished = finished,
                                  .context = once,
                                  .host = once->target.host,
                                  .port = once->target.port,
                                  .tls_from_start = once->target.tls,
                                  .timeout_ms = timeout_ms};
    log_clear(log);
    once->test = test;
    once->log = log;
    once->timeout_ms = timeout_ms;
    once->verdict = ENGINE_ERROR;
    once->sasl = (struct sasl){.host = once->target.host,
                               .port = once->target.port,
                               .binding = bind_channel,
                               .context = once};
    once->exchanges = sasl_engine(&once->sasl);
    once->drive = drive_connect(&config);
    while (once->drive != NULL)
        net_run(once->loop);
    return once->verdict;
}

bool once_interrupted(const struct once *once)
{
    return once->interrupted;
}

void once_close(struct once *once)
{
    if (once->signals != NULL)
        net_signals_free(once->signals);
    if (once->embed != NULL)
        embed_stop(once->embed);
    contexts_free(&once->contexts);
    net_loop_free(once->loop);
    free(once);
}
