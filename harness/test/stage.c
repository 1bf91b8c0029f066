#define _POSIX_C_SOURCE 200809L

#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/play/sasl.h"
#include "law.h"
#include "server/store.h"

#define MOST_ROUNDS 1000000

/* What a handshake agreed on, as net/facts.c writes it: there is none here. */
static const struct slice handshake =
    SLICE_INIT("TLSv1.3 TLS_AES_256_GCM_SHA384\nversion: TLSv1.3\n"
               "cipher: TLS_AES_256_GCM_SHA384\nalpn: \nverified: ok");

/* Whom the client's certificate names. */
static const struct slice certified = SLICE_INIT("tester");

/* ---- files ---- */

static bool read_file(void *context, struct slice path, struct slice *ret_octets)
{
    char name[4096];
    (void)context;
    if (snprintf(name, sizeof name, "%.*s", (int)path.len, (const char *)path.ptr) < 0)
        return false;
    FILE *file = fopen(name, "rb");
    if (file == NULL)
        return false;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    uint8_t *octets = size < 0 ? NULL : malloc((size_t)size + 1);
    size_t len = octets == NULL ? 0 : fread(octets, 1, (size_t)size, file);
    fclose(file);
    *ret_octets = slice_of(octets, len);
    return octets != NULL;
}

static void release_file(void *context, struct slice octets)
{
    (void)context;
    free((void *)(uintptr_t)octets.ptr);
}

struct script *stage_load(const char *path)
{
    struct slice octets;
    struct script_options options = {.name = slice_of_cstr(path),
                                     .reader = {read_file, release_file, NULL}};
    if (!read_file(NULL, options.name, &octets))
        return NULL;
    struct script *script = script_load(octets, &options);
    release_file(NULL, octets);
    return script;
}

/* ---- both sides ---- */

static size_t features_of(enum profile profile, struct slice *ret_features)
{
    static const struct slice always[] = {
        SLICE_INIT("raw"),    SLICE_INIT("tls"),    SLICE_INIT("rcpt"),       SLICE_INIT("rcpt2"),
        SLICE_INIT("norcpt"), SLICE_INIT("remote"), SLICE_INIT("slow"),       SLICE_INIT("creds"),
        SLICE_INIT("oracle"), SLICE_INIT("multi"),  SLICE_INIT("client-cert")};
    struct server_config config = profile_config(profile);
    bool tls = config.tls_from_start;
    size_t count = sizeof always / sizeof *always;
    memcpy(ret_features, always, sizeof always);
    ret_features[count++] = tls ? SLICE("implicit-tls") : SLICE("plain");
    if (config.mode == SERVER_LMTP) {
        ret_features[count++] = SLICE("lmtp");
        ret_features[count++] = SLICE("port:lmtp");
        return count;
    }
    ret_features[count++] = SLICE("smtp");
    if (config.mode == SERVER_SUBMISSION)
        ret_features[count++] = tls ? SLICE("port:submissions") : SLICE("port:submission");
    else
        ret_features[count++] = SLICE("port:mx");
    return count;
}

static void keep_reason(void *context, const struct engine_event *event)
{
    struct stage_result *result = context;
    bool differed = event->kind == ENGINE_EVENT_DIFFERED;
    if (differed || (event->kind == ENGINE_EVENT_VERDICT && event->text.len > 0))
        snprintf(result->reason, sizeof result->reason, "%s%.*s",
                 differed ? engine_fault_text(event->fault) : "",
                 (int)(differed ? 0 : event->text.len), (const char *)event->text.ptr);
}

static struct engine *new_engine(const struct script_test *test, enum profile profile,
                                 struct stage_result *result, struct slice *features,
                                 const struct engine_sasl *exchanges)
{
    static const struct engine_variable variables[] = {
        {SLICE_INIT("host"), SLICE_INIT("192.0.2.7"), false},
        {SLICE_INIT("client"), SLICE_INIT("client.example.test"), false},
        {SLICE_INIT("from"), SLICE_INIT("tester@example.test"), false},
        {SLICE_INIT("rcpt"), SLICE_INIT("bob@example.test"), false},
        {SLICE_INIT("rcpt2"), SLICE_INIT("alice@example.test"), false},
        {SLICE_INIT("remote"), SLICE_INIT("someone@elsewhere.test"), false},
        {SLICE_INIT("user"), SLICE_INIT("tester"), false},
        {SLICE_INIT("pass"), SLICE_INIT("secret"), true},
        {SLICE_INIT("token"), SLICE_INIT("t0"), false},
        {SLICE_INIT("norcpt"), SLICE_INIT("nosuch@example.test"), false},
        {SLICE_INIT("list"), SLICE_INIT("list"), false},
        {SLICE_INIT("moved"), SLICE_INIT("moved@example.test"), false},
        {SLICE_INIT("forwarded"), SLICE_INIT("forwarded@example.test"), false},
        {SLICE_INIT("full"), SLICE_INIT("full@example.test"), false},
        {SLICE_INIT("busy"), SLICE_INIT("busy@example.test"), false},
        {SLICE_INIT("late"), SLICE_INIT("late@example.test"), false},
        {SLICE_INIT("bearer"), SLICE_INIT("token"), false},
    };
    struct engine_config config = {
        .role = ENGINE_CLIENT,
        .match = ENGINE_MATCH_ENHANCED,
        .tls_from_start = profile_config(profile).tls_from_start,
        .timeout_ms = 10000,
        .variables = variables,
        .variable_count = sizeof variables / sizeof *variables,
        .features = features,
        .feature_count = features_of(profile, features),
        .wall_s = PROFILE_TIME / 1000,
        .sasl = exchanges,
        .emit = keep_reason,
        .context = result,
    };
    return engine_new(test, &config, 0);
}

/* The engine, and a server for each of its connections. */
struct stage {
    struct engine *engine;
    struct server_config config;
    struct server **servers; /* NULL: not connected */
    uint8_t leftover[SERVER_LEFTOVER_OCTETS];
    struct store *store; /* what they delivered */
    unsigned count;
    uint64_t now;
};

static void open_connection(struct stage *stage, unsigned connection, bool tls)
{
    struct server_config config = stage->config;
    config.tls_from_start = tls;
    config.leftover = stage->leftover;
    stage->servers[connection] = server_new(&config, stage->now);
    assert_non_null(stage->servers[connection]);
    if (tls)
        server_secured(stage->servers[connection], certified, stage->now);
}

static void disconnect(struct stage *stage, unsigned connection)
{
    if (stage->servers[connection] == NULL)
        return;
    server_eof(stage->servers[connection], stage->now);
    server_free(stage->servers[connection]);
    stage->servers[connection] = NULL;
}

static bool send_to_server(struct stage *stage, struct server *server)
{
    struct slice copy = law_copy(engine_output(stage->engine));
    size_t taken = server_receive(server, copy, stage->now);
    engine_sent(stage->engine, taken, stage->now);
    law_free(copy);
    return taken > 0;
}

/* What a server says, or that it closes, reaches the engine at any time. */
static bool hear(struct stage *stage, unsigned connection)
{
    struct server *server = stage->servers[connection];
    unsigned theirs = server == NULL ? 0 : server_wants(server);
    if (theirs & SERVER_WANTS_SEND) {
        struct slice copy = law_copy(server_output(server));
        server_sent(server, copy.len, stage->now);
        engine_receive(stage->engine, connection, copy, stage->now);
        law_free(copy);
        return true;
    }
    bool current = connection == engine_connection(stage->engine);
    unsigned ours = engine_wants(stage->engine);
    if ((theirs & SERVER_WANTS_CLOSE) == 0 || (current && (ours & ENGINE_WANTS_RECEIVE) == 0))
        return false;
    engine_eof(stage->engine, connection, SLICE(""), stage->now);
    disconnect(stage, connection);
    return true;
}

static bool secure(struct stage *stage, struct server *server)
{
    bool both = server != NULL && server_wants(server) & SERVER_WANTS_TLS;
    if (both) {
        engine_secured(stage->engine, handshake, stage->now);
        server_secured(server, certified, stage->now);
    } else
        engine_tls_failed(stage->engine, SLICE("the server does not shake hands"), false,
                          stage->now);
    return true;
}

/* Opens and closes the current connection, as the engine wants. */
static bool open_or_close(struct stage *stage, unsigned ours, unsigned connection)
{
    if (ours & ENGINE_WANTS_DROP) {
        disconnect(stage, connection);
        engine_dropped(stage->engine, stage->now);
        return true;
    }
    if (ours & ENGINE_WANTS_CONNECT) {
        enum script_connect how = engine_connect(stage->engine);
        bool tls = how == SCRIPT_CONNECT_AS_FIRST ? stage->config.tls_from_start
                                                  : how == SCRIPT_CONNECT_TLS;
        disconnect(stage, connection);
        open_connection(stage, connection, tls);
        engine_connected(stage->engine, tls, stage->now);
        return true;
    }
    if (ours & ENGINE_WANTS_CLOSE) {
        engine_closed(stage->engine, stage->now);
        return true;
    }
    return false;
}

static bool find_message(struct stage *stage)
{
    struct engine_query query = engine_query(stage->engine);
    const struct store_message *found = store_find(stage->store, query.token, query.mailbox);
    if (found != NULL)
        engine_message(stage->engine, found->message.content, stage->now);
    else
        engine_no_message(stage->engine, SLICE(""));
    return found != NULL;
}

/* Moves what can be moved; false where all wait for the clock. */
static bool move(struct stage *stage)
{
    for (unsigned i = 0; i < stage->count; i++)
        if (hear(stage, i))
            return true;
    unsigned ours = engine_wants(stage->engine), connection = engine_connection(stage->engine);
    struct server *server = stage->servers[connection];
    if (ours & ENGINE_WANTS_TLS)
        return secure(stage, server);
    if (ours & ENGINE_WANTS_MESSAGE)
        return find_message(stage);
    if (ours & ENGINE_WANTS_SEND && server != NULL && server_wants(server) & SERVER_WANTS_TLS) {
        send_to_server(stage, server); /* no ClientHello: a fatal alert */
        server_eof(server, stage->now);
        return true;
    }
    if (ours & ENGINE_WANTS_SEND &&
        server == NULL) { /* a write behind the server's close is taken */
        engine_sent(stage->engine, engine_output(stage->engine).len, stage->now);
        return true;
    }
    if (ours & ENGINE_WANTS_SEND && send_to_server(stage, server))
        return true;
    if (ours & ENGINE_WANTS_SHUTDOWN) {
        if (server != NULL)
            server_eof(server, stage->now);
        engine_shut(stage->engine, stage->now);
        return true;
    }
    return open_or_close(stage, ours, connection);
}

/* Time passes until somebody has waited long enough. */
static void let_time_pass(struct stage *stage)
{
    uint64_t first = engine_deadline(stage->engine);
    for (unsigned i = 0; i < stage->count; i++) {
        uint64_t theirs =
            stage->servers[i] == NULL ? SERVER_NEVER : server_deadline(stage->servers[i]);
        first = theirs > stage->now && theirs < first ? theirs : first;
    }
    stage->now = first;
    for (unsigned i = 0; i < stage->count; i++)
        if (stage->servers[i] != NULL)
            server_tick(stage->servers[i], stage->now);
    engine_tick(stage->engine, stage->now);
}

struct stage_result stage_play(const struct script_test *test, enum profile profile,
                               const bool *faults)
{
    struct stage_result result = {.verdict = ENGINE_ERROR};
    struct slice features[20];
    struct sasl sasl = {.host = "mail.example.test", .port = 25};
    struct engine_sasl exchanges = sasl_engine(&sasl);
    struct stage stage = {.config = profile_config(profile),
                          .count = (unsigned)test->connection_count + 1};
    stage.config.faults = faults;
    stage.config.deliver = store_deliver;
    stage.config.context = stage.store = store_new(64, 8u << 20);
    stage.servers = calloc(stage.count, sizeof(struct server *));
    stage.engine = new_engine(test, profile, &result, features, &exchanges);
    assert_true(stage.engine != NULL && stage.servers != NULL && stage.store != NULL);
    open_connection(&stage, 0, stage.config.tls_from_start);
    if (stage.config.tls_from_start)
        engine_secured(stage.engine, handshake, stage.now);
    for (size_t rounds = 0; (engine_wants(stage.engine) & ENGINE_DONE) == 0; rounds++) {
        if (rounds == MOST_ROUNDS)
            fail_msg("%.*s:%zu never ends", (int)test->script->name.len,
                     (const char *)test->script->name.ptr, test->line);
        if (!move(&stage))
            let_time_pass(&stage);
    }
    result.verdict = engine_verdict(stage.engine);
    engine_free(stage.engine);
    for (unsigned i = 0; i < stage.count; i++)
        disconnect(&stage, i);
    free(stage.servers);
    store_free(stage.store);
    return result;
}
