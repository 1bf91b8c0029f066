#define _POSIX_C_SOURCE 200809L

#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/sasl.h"
#include "law.h"

#define MOST_ROUNDS 1000000

/* What a handshake agreed on, as net/facts.c writes it: there is none here. */
static const struct slice handshake =
    SLICE_INIT("TLSv1.3 TLS_AES_256_GCM_SHA384\nversion: TLSv1.3\n"
               "cipher: TLS_AES_256_GCM_SHA384\nalpn: \nverified: ok");

/* ---- files
 * ----------------------------------------------------------------------------------------- */

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

/* ---- both sides
 * ------------------------------------------------------------------------------------ */

static size_t features_of(enum profile profile, struct slice *ret_features)
{
    static const struct slice always[] = {
        SLICE_INIT("raw"),    SLICE_INIT("tls"),    SLICE_INIT("rcpt"), SLICE_INIT("rcpt2"),
        SLICE_INIT("norcpt"), SLICE_INIT("remote"), SLICE_INIT("slow"), SLICE_INIT("creds")};
    struct server_config config = profile_config(profile);
    bool tls = config.tls_from_start;
    size_t count = sizeof always / sizeof *always;
    memcpy(ret_features, always, sizeof always);
    ret_features[count++] = tls ? SLICE("implicit-tls") : SLICE("plain");
    if (config.mode == SERVER_LMTP) {
        ret_features[count++] = SLICE("lmtp");
        ret_features[count++] = SLICE("port:lmtp");
    } else if (config.mode == SERVER_SUBMISSION)
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
        {SLICE_INIT("host"), SLICE_INIT("mail.example.test"), false},
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

static bool send_to_server(struct engine *engine, struct server *server, uint64_t now)
{
    struct slice copy = law_copy(engine_output(engine));
    size_t taken = server_receive(server, copy, now);
    engine_sent(engine, taken, now);
    law_free(copy);
    return taken > 0;
}

static void send_to_engine(struct engine *engine, struct server *server, uint64_t now)
{
    struct slice copy = law_copy(server_output(server));
    server_sent(server, copy.len, now);
    engine_receive(engine, 0, copy, now);
    law_free(copy);
}

/* Moves what can be moved; false where both sides wait for the clock. */
static bool move(struct engine *engine, struct server *server, uint64_t now)
{
    unsigned ours = engine_wants(engine), theirs = server_wants(server);
    if (theirs & SERVER_WANTS_SEND) {
        send_to_engine(engine, server, now);
        return true;
    }
    if (ours & ENGINE_WANTS_TLS && theirs & SERVER_WANTS_TLS) {
        engine_secured(engine, handshake, now);
        server_secured(server, now);
        return true;
    }
    if (ours & ENGINE_WANTS_TLS) {
        engine_tls_failed(engine, SLICE("the server does not shake hands"), now);
        return true;
    }
    if (ours & ENGINE_WANTS_SEND && theirs & SERVER_WANTS_TLS) { /* no ClientHello: a fatal alert */
        send_to_server(engine, server, now);
        server_eof(server, now);
        return true;
    }
    if (ours & ENGINE_WANTS_SEND && send_to_server(engine, server, now))
        return true;
    if (ours & ENGINE_WANTS_SHUTDOWN) {
        server_eof(server, now);
        engine_shut(engine, now);
        return true;
    }
    if (ours & ENGINE_WANTS_DROP) {
        server_eof(server, now);
        engine_dropped(engine, now);
        return true;
    }
    if (ours & ENGINE_WANTS_CLOSE) {
        engine_closed(engine, now);
        return true;
    }
    if (theirs & SERVER_WANTS_CLOSE && ours & ENGINE_WANTS_RECEIVE) {
        engine_eof(engine, 0, false, now);
        return engine_wants(engine) != ours;
    }
    return false;
}

struct stage_result stage_play(const struct script_test *test, enum profile profile,
                               const bool *faults)
{
    struct stage_result result = {.verdict = ENGINE_ERROR};
    struct slice features[16];
    struct server_config config = profile_config(profile);
    config.faults = faults;
    struct sasl sasl = {.host = "mail.example.test", .port = 25};
    struct engine_sasl exchanges = sasl_engine(&sasl);
    struct engine *engine = new_engine(test, profile, &result, features, &exchanges);
    struct server *server = server_new(&config, 0);
    assert_true(engine != NULL && server != NULL);
    uint64_t now = 0;
    for (size_t rounds = 0; (engine_wants(engine) & ENGINE_DONE) == 0; rounds++) {
        if (rounds == MOST_ROUNDS)
            fail_msg("%.*s:%zu never ends", (int)test->script->name.len,
                     (const char *)test->script->name.ptr, test->line);
        if (move(engine, server, now))
            continue;
        uint64_t theirs = server_deadline(server), ours = engine_deadline(engine);
        now = theirs > now && theirs < ours ? theirs : ours;
        server_tick(server, now);
        engine_tick(engine, now);
    }
    result.verdict = engine_verdict(engine);
    engine_free(engine);
    server_free(server);
    return result;
}
