#include "cli/play/attempt.h"

#include <time.h>

#include "cli/play/segment.h"

/* Between two looks for a delivered message. */
#define FOLDER_PAUSE_MS  50
#define MAILBOX_PAUSE_MS 500

static void emit(void *context, const struct engine_event *event)
{
    struct attempt *a = context;
    if (event->kind == ENGINE_EVENT_VERDICT) {
        a->verdict = event->verdict;
        a->connected = event->fault != ENGINE_FAULT_NO_CONNECTION;
    }
    log_event(a->log, event);
}

static struct player make_player(void *context, uint64_t now_ms)
{
    struct attempt *a = context;
    const struct options *o = a->setting->options;
    const struct variables *variables = &a->peer->variables;
    enum engine_match usual = a->setting->replay ? ENGINE_MATCH_CODE : ENGINE_MATCH_ENHANCED;
    char here[64], there[64];
    drive_ends(a->drive, here, there, sizeof here);
    struct engine_config config = {
        .role = ENGINE_CLIENT,
        .match = o->match_given ? o->match : usual,
        .keep_going = a->setting->keep_going,
        .joined = a->variant > 0 && o->segment == SEGMENT_COALESCED,
        .tls_from_start = a->peer->target.tls,
        .proxied = o->proxy_protocol,
        .client_end = slice_of_cstr(here),
        .server_end = slice_of_cstr(there),
        .timeout_ms = a->setting->timeout_ms,
        .time_percent = o->time_percent,
        .wall_s = (uint64_t)time(NULL),
        .attempt = a->number,
        .variables = variables->items,
        .variable_count = variables->count,
        .features = variables->features,
        .feature_count = variables->feature_count,
        .sasl = &a->exchanges,
        .emit = emit,
        .context = a,
    };
    return (struct player){.engine = engine_new(a->test, &config, now_ms)};
}

static const struct net_tls *tls_of(void *context, const struct script_tls *wanted,
                                    struct net_error *ret_error)
{
    struct attempt *a = context;
    return contexts_find(a->setting->contexts, wanted, ret_error);
}

static size_t bind_channel(void *context, uint8_t *out, size_t size, bool *ret_exporter)
{
    struct attempt *a = context;
    return drive_channel_binding(a->drive, out, size, ret_exporter);
}

static const struct net_tls *oracle_tls(void *context, struct net_error *ret_error)
{
    return tls_of(context, NULL, ret_error);
}

static void looked(void *context, const struct slice *found, const char *trouble)
{
    struct attempt *a = context;
    drive_fetched(a->drive, found, trouble);
}

static void fetch(void *context, const struct engine_query *query)
{
    struct attempt *a = context;
    struct oracle_config config = {
        .loop = a->setting->loop,
        .options = &a->peer->options,
        .folder = a->peer->folder,
        .since = a->since,
        .store = a->setting->store,
        .tls = oracle_tls,
        .looked = looked,
        .context = a,
    };
    if (a->oracle == NULL)
        a->oracle = oracle_new(&config);
    oracle_look(a->oracle, query);
}

static void finished(void *context, const struct player *player)
{
    struct attempt *a = context;
    a->drive = NULL;
    oracle_free(a->oracle);
    a->oracle = NULL;
    a->sent = player->sent;
    a->finished(a);
}

void attempt_start(struct attempt *a)
{
    const struct options *o = a->setting->options;
    const struct target *target = &a->peer->target;
    struct drive_config config = {
        .loop = a->setting->loop,
        .make = make_player,
        .tls = tls_of,
        .finished = finished,
        .fetch = fetch,
        .fetch_pause_ms = o->pop3 != NULL ? MAILBOX_PAUSE_MS : FOLDER_PAUSE_MS,
        .context = a,
        .host = target->host,
        .port = target->port,
        .tls_from_start = target->tls,
        .header_first = engine_begins_with_header(a->test, o->proxy_protocol),
        .timeout_ms = a->setting->timeout_ms * o->time_percent / 100,
        .cut = segment_cut(o->segment, a->variant, a->octets),
    };
    a->sasl = (struct sasl){
        .host = target->host, .port = target->port, .binding = bind_channel, .context = a};
    a->exchanges = sasl_engine(&a->sasl);
    a->number = ++a->setting->attempts;
    a->since = a->peer->folder == NULL ? 0 : folder_count(a->peer->folder);
    a->connected = true;
    a->verdict = ENGINE_ERROR;
    a->drive = drive_connect(&config);
}

void attempt_abort(struct attempt *a)
{
    if (a->drive != NULL)
        drive_abort(a->drive);
}
