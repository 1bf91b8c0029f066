/* serve: the reference server, or the S: side of a script, for clients of any kind. */
#include <stdio.h>
#include <stdlib.h>

#include "campaign/deviant.h"
#include "cli/commands.h"
#include "cli/play/embed.h"
#include "cli/play/load.h"
#include "cli/play/reports.h"
#include "cli/play/target.h"
#include "report/log.h"
#include "report/pretty.h"

struct serve {
    const struct options *options;
    struct net_loop *loop;
    const struct script **scripts; /* of each test */
    const struct script_test **tests;
    size_t count, next;
    size_t ended; /* connections */
    bool interrupted;
    struct report_run run;
    struct report_totals totals;
    void *pretty;
    uint64_t started_ms, began_ms; /* the process; the test */
    /* of the test that is being played */
    size_t index;
    struct log log;
};

static const struct report_server anyone = {SLICE_INIT("this client"), SLICE_INIT("this client")};

static const struct script_test *next_test(void *context, uint64_t *ret_attempt)
{
    struct serve *s = context;
    if (s->count == 0)
        return NULL;
    *ret_attempt = s->next;
    s->index = s->next++ % s->count;
    s->began_ms = net_now(s->loop);
    log_clear(&s->log);
    return s->tests[s->index];
}

static void emit(void *context, const struct engine_event *event)
{
    struct serve *s = context;
    log_event(&s->log, event);
    if (event->kind != ENGINE_EVENT_VERDICT)
        return;
    struct report_result result = {.script = s->scripts[s->index],
                                   .test = s->tests[s->index],
                                   .verdict = event->verdict,
                                   .reason = event->text,
                                   .attempts = 1,
                                   .began_ms = s->began_ms};
    log_result(&s->log, &result);
    pretty_result(s->pretty, &result);
    report_count(&s->totals, &result);
    log_clear(&s->log);
    fflush(stdout);
}

static void put_trace(void *context, struct slice octets)
{
    load_put(context, octets);
    if (octets.len > 0 && octets.ptr[octets.len - 1] == '\n')
        fflush(context); /* whoever reads it sees the line when it is said */
}

static void finished(void *context)
{
    struct serve *s = context;
    s->ended++;
    if (s->options->once && s->ended >= (s->count == 0 ? 1 : s->count))
        net_stop(s->loop);
}

static void interrupted(void *context)
{
    struct serve *s = context;
    s->interrupted = true;
    net_stop(s->loop);
}

static void collect(struct serve *s, const struct load *load)
{
    size_t tests = 1;
    for (size_t i = 0; i < load->count; i++)
        tests += load->scripts[i]->test_count;
    s->scripts = calloc(tests, sizeof *s->scripts);
    s->tests = calloc(tests, sizeof *s->tests);
    if (s->scripts == NULL || s->tests == NULL)
        abort();
    for (size_t i = 0; i < load->count; i++) {
        for (size_t k = 0; k < load->scripts[i]->test_count; k++) {
            s->scripts[s->count] = load->scripts[i];
            s->tests[s->count++] = &load->scripts[i]->tests[k];
        }
    }
}

static enum exit_code judge(const struct serve *s)
{
    const struct report_totals *t = &s->totals;
    if (s->interrupted && s->count == 0)
        return EXIT_INTERRUPTED;
    return t->fail > 0                              ? EXIT_FAIL
           : t->error > 0                           ? EXIT_CONNECT
           : s->count > 0 && t->pass + t->warn == 0 ? EXIT_NOTHING
                                                    : EXIT_PASS;
}

static enum exit_code serve(struct serve *s)
{
    const struct options *o = s->options;
    struct target listen;
    char text[300];
    if (!target_read(o->listen == NULL ? "127.0.0.1:2525" : o->listen, &listen)) {
        fprintf(stderr, "maildrill serve: not HOST:PORT: %s\n", o->listen);
        return EXIT_USAGE;
    }
    size_t reply = 0;
    if (o->deviant != NULL &&
        (deviant_read(slice_of_cstr(o->deviant), &reply) == deviant_row_count ||
         reply == SIZE_MAX)) {
        fprintf(stderr, "maildrill serve: not NAME@REPLY: %s; --deviant list lists the names\n",
                o->deviant);
        return EXIT_USAGE;
    }
    struct embed_config config = {
        .loop = s->loop,
        .options = o,
        .host = listen.host,
        .port = listen.port,
        .idle_ms = o->timeout_given ? o->timeout_ms : 0,
        .next = s->count == 0 ? NULL : next_test,
        .trace = {o->trace ? put_trace : NULL, stdout},
        .emit = emit,
        .finished = finished,
        .context = s,
    };
    struct embed *embed = embed_start(&config);
    if (embed == NULL)
        return EXIT_CONNECT;
    enum exit_code code = EXIT_CONNECT;
    struct net_error error;
    if (o->ca_out != NULL && !net_tls_save(embed_tls(embed), o->ca_out, &error)) {
        fprintf(stderr, "maildrill serve: %s\n", error.text);
    } else {
        struct net_signals *signals = net_signals_new(s->loop, interrupted, s);
        listen.port = embed_port(embed);
        listen.tls = o->tls;
        target_write(&listen, text, sizeof text);
        printf("listening on %s\n", text);
        fflush(stdout);
        net_run(s->loop);
        net_signals_free(signals);
        code = judge(s);
    }
    embed_stop(embed);
    return code;
}

enum exit_code command_serve(const struct options *options)
{
    struct load load;
    enum exit_code code = EXIT_SCRIPT;
    if (load_all(&load, options, false) && load.errors == 0) {
        static struct serve s; /* large, and one a process */
        s = (struct serve){.options = options, .loop = net_loop_new()};
        s.started_ms = net_now(s.loop);
        s.run = (struct report_run){.servers = &anyone,
                                    .server_count = 1,
                                    .style = PRETTY_SERVE,
                                    .color = reports_want_color(options),
                                    .quiet = options->quiet,
                                    .trace = options->trace};
        s.pretty = pretty_begin((struct sink){load_put, stdout}, &s.run);
        collect(&s, &load);
        code = serve(&s);
        pretty_end(s.pretty, &(struct report_end){.totals = s.totals,
                                                  .taken_ms = net_now(s.loop) - s.started_ms});
        log_free(&s.log);
        net_loop_free(s.loop);
        free(s.scripts);
        free(s.tests);
    }
    load_free(&load);
    return code;
}
