#define _POSIX_C_SOURCE 200809L

#include "cli/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/drive.h"
#include "cli/embed.h"
#include "cli/variables.h"

#define MAX_CONTEXTS 36 /* three ways to verify, three least and four greatest versions */

/* TLS contexts are costly to make and good for many handshakes. */
struct contexts {
    struct {
        struct net_tls *tls;
        enum net_verify verify;
        uint16_t min_version, max_version;
    } made[MAX_CONTEXTS];
    size_t count;
};

struct play {
    const struct options *options;
    struct net_loop *loop;
    struct embed *embed;
    struct target target;
    char target_text[300];
    struct contexts contexts;
    struct variables variables;
    struct pretty pretty;
    /* of the test that is being played */
    const struct script_test *test;
    struct drive *drive;
    bool connected;
    size_t server_differences; /* --recorded: what the server's side saw */
    bool interrupted;
};

/* ---- one test
 * -------------------------------------------------------------------------------------- */

static void emit(void *context, const struct engine_event *event)
{
    struct play *p = context;
    if (event->kind == ENGINE_EVENT_VERDICT && event->fault == ENGINE_FAULT_NO_CONNECTION)
        p->connected = false;
    pretty_event(&p->pretty, event);
}

static struct player make_player(void *context, uint64_t now_ms)
{
    struct play *p = context;
    const struct options *o = p->options;
    bool replay = p->pretty.style == PRETTY_REPLAY;
    struct engine_config config = {
        .role = ENGINE_CLIENT,
        .match = o->match_given ? o->match
                 : replay       ? ENGINE_MATCH_CODE
                                : ENGINE_MATCH_ENHANCED,
        .keep_going = replay,
        .tls_from_start = p->target.tls,
        .timeout_ms = o->timeout_ms,
        .wall_s = (uint64_t)time(NULL),
        .variables = p->variables.items,
        .variable_count = p->variables.count,
        .features = p->variables.features,
        .feature_count = p->variables.feature_count,
        .emit = emit,
        .context = p,
    };
    return (struct player){.engine = engine_new(p->test, &config, now_ms)};
}

static const struct net_tls *tls_of(void *context, const struct script_tls *wanted)
{
    static const enum net_verify verifies[] = {
        [SCRIPT_VERIFY_HOST] = NET_VERIFY_HOST,
        [SCRIPT_VERIFY_CA] = NET_VERIFY_CA,
        [SCRIPT_VERIFY_NONE] = NET_VERIFY_NONE,
    };
    struct play *p = context;
    struct contexts *c = &p->contexts;
    struct net_tls_config config = {
        .verify = p->options->verify,
        .ca_file = p->options->ca,
        .trust = p->embed == NULL ? NULL : embed_tls(p->embed),
        .min_version = wanted == NULL ? 0 : wanted->min_version,
        .max_version = wanted == NULL ? 0 : wanted->max_version,
    };
    if (wanted != NULL && wanted->verify != SCRIPT_VERIFY_DEFAULT)
        config.verify = verifies[wanted->verify];
    for (size_t i = 0; i < c->count; i++)
        if (c->made[i].verify == config.verify && c->made[i].min_version == config.min_version &&
            c->made[i].max_version == config.max_version)
            return c->made[i].tls;
    struct net_error error;
    struct net_tls *tls = c->count == MAX_CONTEXTS ? NULL : net_tls_new(&config, &error);
    if (tls == NULL)
        return NULL;
    c->made[c->count].tls = tls;
    c->made[c->count].verify = config.verify;
    c->made[c->count].min_version = config.min_version;
    c->made[c->count++].max_version = config.max_version;
    return tls;
}

static void finished(void *context, const struct player *player)
{
    struct play *p = context;
    (void)player;
    p->drive = NULL;
    net_stop(p->loop);
}

static void play_test(struct play *p, const struct script *script, const struct script_test *test)
{
    p->test = test;
    p->connected = true;
    pretty_begin(&p->pretty, script, test, slice_of_cstr(p->target_text));
    struct drive_config config = {
        .loop = p->loop,
        .make = make_player,
        .tls = tls_of,
        .finished = finished,
        .context = p,
        .host = p->target.host,
        .port = p->target.port,
        .tls_from_start = p->target.tls,
        .timeout_ms = p->options->timeout_ms,
    };
    p->drive = drive_connect(&config);
    while (p->drive != NULL)
        net_run(p->loop);
}

/* ---- the server in this process
 * -------------------------------------------------------------------- */

static const struct script_test *recorded_test(void *context)
{
    const struct play *p = context;
    return p->test;
}

/* What the recorded server saw of the client: its side must hold as well. */
static void recorded_emit(void *context, const struct engine_event *event)
{
    struct play *p = context;
    if (event->kind != ENGINE_EVENT_DIFFERED)
        return;
    p->server_differences++;
    fprintf(stderr, "the server's side: %s: ", engine_fault_text(event->fault));
    sink_visible((struct sink){load_put, stderr}, event->text, 100);
    fputc('\n', stderr);
}

static bool find_target(struct play *p)
{
    const struct options *o = p->options;
    if (o->server != NULL) {
        if (!target_read(o->server, &p->target)) {
            fprintf(stderr,
                    "maildrill: not a server: %s\n"
                    "Write smtp://HOST:PORT, smtps://HOST:PORT or HOST:PORT.\n",
                    o->server);
            return false;
        }
    } else {
        struct embed_config config = {
            .loop = p->loop,
            .options = o,
            .host = "127.0.0.1",
            .next = o->recorded ? recorded_test : NULL,
            .emit = recorded_emit,
            .context = p,
        };
        p->embed = embed_start(&config);
        if (p->embed == NULL)
            return false;
        p->target = (struct target){"127.0.0.1", embed_port(p->embed), o->tls};
    }
    target_write(&p->target, p->target_text, sizeof p->target_text);
    if (p->embed != NULL) {
        size_t len = strlen(p->target_text);
        snprintf(p->target_text + len, sizeof p->target_text - len, " (%s)",
                 o->recorded ? "answers as recorded" : "the reference server");
    }
    return true;
}

/* ---- all tests
 * ------------------------------------------------------------------------------------- */

static void interrupted(void *context)
{
    struct play *p = context;
    p->interrupted = true;
    if (p->drive != NULL)
        drive_abort(p->drive);
}

static size_t count_tests(const struct load *load)
{
    size_t tests = 0;
    for (size_t i = 0; i < load->count; i++)
        tests += load->scripts[i]->test_count;
    return tests;
}

static void play_scripts(struct play *p, const struct load *load)
{
    size_t played = 0;
    for (size_t i = 0; i < load->count; i++) {
        for (size_t k = 0; k < load->scripts[i]->test_count; k++) {
            play_test(p, load->scripts[i], &load->scripts[i]->tests[k]);
            played++;
            if (p->interrupted || !p->connected) {
                size_t left = count_tests(load) - played;
                if (left > 0)
                    printf("%zu more not played\n", left);
                return;
            }
        }
    }
}

static enum exit_code judge(const struct play *p)
{
    const struct report_totals *t = &p->pretty.totals;
    if (p->interrupted)
        return EXIT_INTERRUPTED;
    if (t->fail > 0 || p->server_differences > 0 || (p->options->strict && t->warn > 0))
        return EXIT_FAIL;
    if (t->error > 0)
        return EXIT_CONNECT;
    return t->pass + t->warn == 0 ? EXIT_NOTHING : EXIT_PASS;
}

bool play_wants_color(const struct options *options)
{
    const char *no_color = getenv("NO_COLOR");
    return !options->no_color && (no_color == NULL || no_color[0] == '\0') && isatty(1) == 1;
}

enum exit_code play_all(const struct options *options, const struct load *load,
                        enum pretty_style style)
{
    static struct play play; /* large, and one a process */
    struct play *p = &play;
    *p = (struct play){.options = options, .loop = net_loop_new()};
    p->pretty = (struct pretty){.sink = {load_put, stdout},
                                .style = style,
                                .color = play_wants_color(options),
                                .quiet = options->quiet};
    enum exit_code code = EXIT_USAGE;
    if (find_target(p)) {
        struct net_signals *signals = net_signals_new(p->loop, interrupted, p);
        variables_define(&p->variables, options, &p->target, p->embed != NULL);
        uint64_t started = net_now(p->loop);
        if (style == PRETTY_RUN)
            printf("%zu test%s against %s\n", count_tests(load), count_tests(load) == 1 ? "" : "s",
                   p->target_text);
        play_scripts(p, load);
        pretty_end(&p->pretty, net_now(p->loop) - started);
        code = judge(p);
        net_signals_free(signals);
    }
    if (p->embed != NULL)
        embed_stop(p->embed);
    for (size_t i = 0; i < p->contexts.count; i++)
        net_tls_free(p->contexts.made[i].tls);
    net_loop_free(p->loop);
    return code;
}
