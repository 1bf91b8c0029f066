#include <stdio.h>

#include "cli/play/run.h"
#include "cli/play/sanity.h"

/* ---- the server in this process ---- */

static const struct script_test *recorded_test(void *context, uint64_t *ret_attempt)
{
    const struct attempt *only = &((const struct play *)context)->slots[0].attempt;
    *ret_attempt = only->number;
    return only->test;
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

static bool start_embedded(struct play *p)
{
    struct peer *peer = &p->peers[0];
    struct embed_config config = {
        .loop = p->setting.loop,
        .options = p->options,
        .host = "127.0.0.1",
        .next = p->options->recorded ? recorded_test : NULL,
        .emit = recorded_emit,
        .context = p,
    };
    p->embed = embed_start(&config);
    if (p->embed == NULL)
        return false;
    p->contexts.trust = embed_tls(p->embed);
    p->setting.store = embed_store(p->embed);
    peer->target = (struct target){.host = "127.0.0.1",
                                   .port = embed_port(p->embed),
                                   .tls = p->options->tls,
                                   .lmtp = p->options->mode == SERVER_LMTP};
    target_write(&peer->target, peer->url, sizeof peer->url);
    size_t len = strlen(peer->url);
    snprintf(peer->url + len, sizeof peer->url - len, " (%s)",
             p->options->recorded ? "answers as recorded" : "the reference server");
    p->server_count = 1;
    return true;
}

static bool usage(const char *what, struct slice server)
{
    fprintf(stderr, "maildrill: %s", what);
    sink_visible((struct sink){load_put, stderr}, server, 100);
    fputc('\n', stderr);
    return false;
}

/* What is told of one server alone is told of one that there is; a name is one server's. */
static bool knows_names(const struct play *p)
{
    struct slice names[OPTIONS_MAX_SERVERS];
    for (size_t i = 0; i < p->server_count; i++) {
        names[i] = p->servers[i].name;
        for (size_t k = 0; k < i && p->peers[i].target.name[0] != '\0'; k++)
            if (slice_equal(names[k], names[i]))
                return usage("two servers have the name ", names[i]);
    }
    struct slice stranger = options_stranger(p->options, names, p->server_count);
    return stranger.len == 0 || usage("no --server has that name: ", stranger);
}

/* A transcript that began under TLS is replayed so where the server is written without a scheme. */
static void follow_transcripts(const struct play *p, struct target *target)
{
    size_t tls = 0;
    for (size_t i = 0; i < p->selection.count; i++)
        tls += p->selection.tests[i].test->script->implicit_tls;
    if (p->mode != PLAY_REPLAY || tls == 0 || target->tls)
        return;
    if (target->bare && tls == p->selection.count) {
        target->tls = true;
        target->port = target->usual_port ? 465 : target->port;
    } else {
        fprintf(stderr, "maildrill: TLS came first in the transcript: smtps:// plays it so\n");
    }
}

bool servers_find(struct play *p)
{
    const struct options *o = p->options;
    if (o->server_count == 0 && !start_embedded(p))
        return false;
    for (size_t i = 0; i < o->server_count; i++) {
        struct peer *peer = &p->peers[p->server_count++];
        if (!target_read(o->servers[i], &peer->target)) {
            fprintf(stderr,
                    "maildrill: not a server: %s\n"
                    "Write smtp://HOST:PORT, smtps://HOST:PORT, lmtp://HOST:PORT, HOST:PORT, "
                    "unix:/PATH or lmtp:unix:/PATH, each after an optional NAME=.\n",
                    o->servers[i]);
            return false;
        }
        follow_transcripts(p, &peer->target);
        target_write(&peer->target, peer->url, sizeof peer->url);
    }
    for (size_t i = 0; i < p->server_count; i++) {
        struct peer *peer = &p->peers[i];
        struct slice url = slice_of_cstr(peer->url), name = slice_of_cstr(peer->target.name);
        p->servers[i] = (struct report_server){name.len > 0 ? name : url, url};
        peer->options = *o;
        if (p->mode == PLAY_COMPARE && !options_of_server(&peer->options, p->servers[i].name))
            return usage("no such mode for the server ", p->servers[i].name);
        if (peer->options.maildir != NULL)
            peer->folder = folder_open(peer->options.maildir, net_now(p->setting.loop));
        variables_define(&peer->variables, &peer->options, &peer->target, p->embed != NULL);
    }
    return p->mode != PLAY_COMPARE || knows_names(p);
}

/* ---- does the target live ---- */

bool servers_are_asked(const struct play *p)
{
    if (p->mode == PLAY_REPLAY || p->options->sanity == SANITY_NEVER)
        return false;
    return p->options->sanity == SANITY_ALWAYS || p->case_count > p->server_count;
}

static void declare_dead(struct play *p, struct peer *peer, const char *when, const char *why)
{
    peer->dead = p->dead = true;
    snprintf(p->stopped, sizeof p->stopped, "%s does not answer as a mail server %s: %s", peer->url,
             when, why);
}

void servers_ask(struct play *p, const char *when, bool suspects)
{
    char why[300];
    for (size_t i = 0; i < p->server_count && !p->interrupted; i++) {
        struct peer *peer = &p->peers[i];
        if (peer->dead || (suspects && !peer->suspect))
            continue;
        peer->suspect = false;
        if (suspects && !servers_are_asked(p))
            peer->dead = true; /* the test itself says why there is no connection */
        else if (!sanity_lives(&p->setting, peer, &p->interrupted, why, sizeof why) &&
                 !p->interrupted)
            declare_dead(p, peer, when, why);
    }
}
