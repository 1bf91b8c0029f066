#include "cli/play/dry.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/play/sasl.h"
#include "report/place.h"

struct dry {
    bool skipped, behind_tls;
    size_t sent;
    struct buffer *octets; /* of the client; NULL: they are shown */
};

static void client_emit(void *context, const struct engine_event *event)
{
    struct dry *dry = context;
    struct sink out = {load_put, stdout};
    if (dry->octets != NULL) {
        if (event->kind == ENGINE_EVENT_SECURED && dry->behind_tls)
            dry->octets->len = 0;
        return;
    }
    if (event->kind == ENGINE_EVENT_SENT) {
        dry->sent++;
        struct slice rest = event->text;
        do {
            printf(event->raw ? "    C!: " : "    C: ");
            report_sent_line(out, event, &rest);
            printf("\n");
        } while (rest.len > 0);
    }
    if (event->kind == ENGINE_EVENT_VERDICT && event->verdict == ENGINE_SKIP) {
        dry->skipped = true;
        printf("    skipped: ");
        sink_visible(out, event->text, 0);
        printf("\n");
    }
}

/* One round: what either side wants is done to the other. False where both only wait. */
static bool turn(struct engine *self, struct engine *other, struct dry *keeps, uint64_t now_ms)
{
    unsigned wants = engine_wants(self);
    if (wants & ENGINE_WANTS_SEND) {
        struct slice out = engine_output(self);
        if (keeps != NULL && keeps->octets != NULL)
            buffer_put(keeps->octets, out);
        engine_receive(other, 0, out, now_ms);
        engine_sent(self, out.len, now_ms);
        return true;
    }
    if (wants & ENGINE_WANTS_TLS && engine_wants(other) & ENGINE_WANTS_TLS) {
        engine_secured(self, SLICE("dry run"), now_ms);
        engine_secured(other, SLICE("dry run"), now_ms);
        return true;
    }
    if (wants & ENGINE_WANTS_SHUTDOWN) {
        engine_shut(self, now_ms);
        engine_eof(other, 0, SLICE(""), now_ms);
        return true;
    }
    if (wants & ENGINE_WANTS_DROP) {
        engine_dropped(self, now_ms);
        engine_eof(other, 0, SLICE(""), now_ms);
        return true;
    }
    if (wants & ENGINE_WANTS_CLOSE) {
        engine_closed(self, now_ms);
        engine_eof(other, 0, SLICE(""), now_ms);
        return true;
    }
    return false;
}

/* Time passes only where both wait: to the next deadline. */
static uint64_t next_deadline(const struct engine *a, const struct engine *b)
{
    uint64_t x = engine_deadline(a), y = engine_deadline(b);
    return x < y ? x : y;
}

static void play(struct engine *client, struct engine *server, struct dry *dry)
{
    uint64_t now_ms = 0;
    while ((engine_wants(client) & ENGINE_DONE) == 0) {
        if (turn(client, server, dry, now_ms) || turn(server, client, NULL, now_ms))
            continue;
        uint64_t next = next_deadline(client, server);
        if (next == ENGINE_NEVER)
            return;
        now_ms = next;
        engine_tick(client, now_ms);
        engine_tick(server, now_ms);
    }
}

/* Both sides see the same channel, so that -PLUS mechanisms have something to bind to. */
static size_t binding(void *context, uint8_t *out, size_t size, bool *ret_exporter)
{
    const size_t octets = 32; /* RFC 9266 3 */
    (void)context;
    memset(out, 0, size < octets ? size : octets);
    *ret_exporter = true;
    return size < octets ? size : octets;
}

static struct dry play_itself(const struct options *o, const struct script_test *test,
                              const struct variables *variables, bool behind_tls,
                              struct buffer *octets)
{
    struct dry dry = {.octets = octets, .behind_tls = behind_tls};
    struct sasl sasl = {.host = "mail.example.test", .port = 25, .binding = binding};
    struct engine_sasl exchanges = sasl_engine(&sasl);
    struct engine_config config = {
        .role = ENGINE_CLIENT,
        .match = ENGINE_MATCH_CLASS,
        .keep_going = true,
        .tls_from_start = o->tls,
        .variables = variables->items,
        .variable_count = variables->count,
        .features = variables->features,
        .feature_count = variables->feature_count,
        .sasl = &exchanges,
        .emit = client_emit,
        .context = &dry,
    };
    struct engine *client = engine_new(test, &config, 0);
    config.role = ENGINE_SERVER;
    config.emit = NULL;
    struct engine *server = engine_new(test, &config, 0);
    if (client == NULL || server == NULL)
        abort();
    play(client, server, &dry);
    engine_free(client);
    engine_free(server);
    return dry;
}

void dry_octets(const struct options *options, const struct script_test *test,
                const struct variables *variables, bool behind_tls, struct buffer *out)
{
    play_itself(options, test, variables, behind_tls, out);
}

/* A reply that is a pattern cannot be made up: then the lines are shown as they are written. */
static void show_source(const struct selected *at)
{
    for (size_t i = 0; i < at->test->step_count; i++) {
        const struct script_step *step = &at->test->steps[i];
        if (step->kind != SCRIPT_SEND)
            continue;
        printf("    ");
        place_put_source((struct sink){load_put, stdout}, at->script, step->line);
        printf("\n");
    }
}

enum exit_code dry_run(const struct options *o, const struct selection *selection)
{
    static struct variables variables;
    struct target target = {
        .host = "127.0.0.1", .port = 25, .tls = o->tls, .lmtp = o->mode == SERVER_LMTP};
    size_t played = 0;
    if (o->server_count > 0 && !target_read(o->servers[0], &target)) {
        fprintf(stderr, "maildrill: not a server: %s\n", o->servers[0]);
        return EXIT_USAGE;
    }
    variables_define(&variables, o, &target, o->server_count == 0);
    for (size_t i = 0; i < selection->count; i++) {
        const struct selected *at = &selection->tests[i];
        sink_visible((struct sink){load_put, stdout}, at->id, 0);
        printf("\n");
        struct dry dry = play_itself(o, at->test, &variables, false, NULL);
        if (!dry.skipped && dry.sent == 0)
            show_source(at);
        played += !dry.skipped;
    }
    printf("%zu test%s would be played, %zu skipped\n", played, played == 1 ? "" : "s",
           selection->count - played);
    return played > 0 ? EXIT_PASS : EXIT_NOTHING;
}
