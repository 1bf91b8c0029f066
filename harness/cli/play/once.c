#include "cli/play/once.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/play/attempt.h"
#include "cli/play/embed.h"

struct once {
    struct attempt_setting setting;
    struct contexts contexts;
    struct net_signals *signals;
    struct embed *embed; /* NULL: --server was given */
    struct peer peer;
    struct attempt attempt; /* that goes on */
    bool interrupted;
};

static void finished(struct attempt *attempt)
{
    net_stop(attempt->setting->loop);
}

static void interrupted(void *context)
{
    struct once *o = context;
    o->interrupted = true;
    attempt_abort(&o->attempt);
}

static bool find_server(struct once *o)
{
    const struct options *options = o->setting.options;
    struct target *target = &o->peer.target;
    if (options->server_count > 0 && target_read(options->servers[0], target))
        return true;
    if (options->server_count > 0) {
        fprintf(stderr, "maildrill: not a server: %s\n", options->servers[0]);
        return false;
    }
    struct embed_config config = {.loop = o->setting.loop, .options = options, .host = "127.0.0.1"};
    o->embed = embed_start(&config);
    if (o->embed == NULL)
        return false;
    o->contexts.trust = embed_tls(o->embed);
    o->setting.store = embed_store(o->embed);
    *target = (struct target){.host = "127.0.0.1",
                              .port = embed_port(o->embed),
                              .tls = options->tls,
                              .lmtp = options->mode == SERVER_LMTP};
    return true;
}

struct once *once_open(const struct options *options)
{
    struct once *o = calloc(1, sizeof *o);
    if (o == NULL)
        abort();
    o->contexts.options = options;
    o->setting = (struct attempt_setting){
        .options = options, .loop = net_loop_new(), .contexts = &o->contexts};
    if (!find_server(o)) {
        once_close(o);
        return NULL;
    }
    o->peer.options = *options;
    if (options->maildir != NULL)
        o->peer.folder = folder_open(options->maildir, net_now(o->setting.loop));
    variables_define(&o->peer.variables, options, &o->peer.target, o->embed != NULL);
    o->signals = net_signals_new(o->setting.loop, interrupted, o);
    return o;
}

enum engine_verdict once_play(struct once *once, const struct script_test *test,
                              uint64_t timeout_ms, struct log *log)
{
    log_clear(log);
    once->setting.timeout_ms = timeout_ms;
    once->attempt = (struct attempt){.setting = &once->setting,
                                     .test = test,
                                     .peer = &once->peer,
                                     .log = log,
                                     .finished = finished};
    attempt_start(&once->attempt);
    while (once->attempt.drive != NULL)
        net_run(once->setting.loop);
    return once->attempt.verdict;
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
    folder_close(once->peer.folder);
    contexts_free(&once->contexts);
    net_loop_free(once->setting.loop);
    free(once);
}
