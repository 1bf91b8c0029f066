#include "cli/play/player.h"

struct wish {
    unsigned theirs, ours;
};

static unsigned mapped(unsigned wants, const struct wish *wishes, size_t count)
{
    unsigned ours = 0;
    for (size_t i = 0; i < count; i++)
        ours |= wants & wishes[i].theirs ? wishes[i].ours : 0;
    return ours;
}

unsigned player_wants(const struct player *p)
{
    static const struct wish of_engine[] = {{ENGINE_WANTS_SEND, PLAYER_WANTS_SEND},
                                            {ENGINE_WANTS_RECEIVE, PLAYER_WANTS_RECEIVE},
                                            {ENGINE_WANTS_TLS, PLAYER_WANTS_TLS},
                                            {ENGINE_WANTS_SHUTDOWN, PLAYER_WANTS_SHUTDOWN},
                                            {ENGINE_WANTS_CLOSE, PLAYER_WANTS_CLOSE},
                                            {ENGINE_WANTS_CONNECT, PLAYER_WANTS_CONNECT},
                                            {ENGINE_WANTS_DROP, PLAYER_WANTS_DROP},
                                            {ENGINE_WANTS_MESSAGE, PLAYER_WANTS_MESSAGE},
                                            {ENGINE_DONE, PLAYER_DONE}},
                             of_server[] = {{SERVER_WANTS_SEND, PLAYER_WANTS_SEND},
                                            {SERVER_WANTS_RECEIVE, PLAYER_WANTS_RECEIVE},
                                            {SERVER_WANTS_TLS, PLAYER_WANTS_TLS},
                                            {SERVER_WANTS_CLOSE, PLAYER_WANTS_CLOSE}},
                             of_deviant[] = {{DEVIANT_WANTS_SEND, PLAYER_WANTS_SEND},
                                             {DEVIANT_WANTS_RECEIVE, PLAYER_WANTS_RECEIVE},
                                             {DEVIANT_WANTS_TLS, PLAYER_WANTS_TLS},
                                             {DEVIANT_WANTS_CLOSE, PLAYER_WANTS_CLOSE}};
    if (p->engine != NULL)
        return mapped(engine_wants(p->engine), of_engine, sizeof of_engine / sizeof *of_engine);
    if (p->server != NULL)
        return mapped(server_wants(p->server), of_server, sizeof of_server / sizeof *of_server);
    return mapped(deviant_wants(p->deviant), of_deviant, sizeof of_deviant / sizeof *of_deviant);
}

struct slice player_output(const struct player *p)
{
    return p->engine != NULL   ? engine_output(p->engine)
           : p->server != NULL ? server_output(p->server)
                               : deviant_output(p->deviant);
}

void player_sent(struct player *p, size_t octets, uint64_t now_ms)
{
    if (p->trace != NULL)
        trace_server(p->trace, slice_sub(player_output(p), 0, octets), now_ms);
    p->sent += octets;
    if (p->engine != NULL)
        engine_sent(p->engine, octets, now_ms);
    else if (p->server != NULL)
        server_sent(p->server, octets, now_ms);
    else
        deviant_sent(p->deviant, octets, now_ms);
}

unsigned player_connection(const struct player *p)
{
    return p->engine != NULL ? engine_connection(p->engine) : 0;
}

size_t player_receive(struct player *p, unsigned connection, struct slice octets, uint64_t now_ms)
{
    size_t taken = octets.len;
    if (p->server != NULL)
        taken = server_receive(p->server, octets, now_ms);
    else if (p->deviant != NULL)
        taken = deviant_receive(p->deviant, octets, now_ms);
    else
        engine_receive(p->engine, connection, octets, now_ms);
    if (p->trace != NULL)
        trace_client(p->trace, slice_sub(octets, 0, taken), now_ms);
    return taken;
}

void player_between(struct player *p, const char *here, const char *there)
{
    if (p->engine != NULL)
        engine_between(p->engine, slice_of_cstr(here), slice_of_cstr(there));
}

void player_connected(struct player *p, bool secured, uint64_t now_ms)
{
    if (p->engine != NULL)
        engine_connected(p->engine, secured, now_ms);
}

void player_dropped(struct player *p, uint64_t now_ms)
{
    if (p->engine != NULL)
        engine_dropped(p->engine, now_ms);
}

void player_eof(struct player *p, unsigned connection, struct slice lost, uint64_t now_ms)
{
    if (p->engine != NULL)
        engine_eof(p->engine, connection, lost, now_ms);
    else if (p->server != NULL)
        server_eof(p->server, now_ms);
    else
        deviant_eof(p->deviant);
}

void player_secured(struct player *p, struct slice facts, struct slice name, uint64_t now_ms)
{
    if (p->trace != NULL)
        trace_secured(p->trace, facts, now_ms);
    if (p->engine != NULL)
        engine_secured(p->engine, facts, now_ms);
    else if (p->server != NULL)
        server_secured(p->server, name, now_ms);
    else
        deviant_secured(p->deviant);
}

void player_tls_failed(struct player *p, struct slice reason, bool ours, uint64_t now_ms)
{
    if (p->engine != NULL)
        engine_tls_failed(p->engine, reason, ours, now_ms);
    else if (p->server != NULL)
        server_eof(p->server, now_ms);
    else
        deviant_eof(p->deviant);
}

void player_connect_failed(struct player *p, struct slice reason, uint64_t now_ms)
{
    if (p->engine != NULL)
        engine_connect_failed(p->engine, reason, now_ms);
    else if (p->server != NULL)
        server_eof(p->server, now_ms);
    else
        deviant_eof(p->deviant);
}

void player_shut(struct player *p, uint64_t now_ms)
{
    if (p->engine != NULL)
        engine_shut(p->engine, now_ms);
}

void player_closed(struct player *p, uint64_t now_ms)
{
    if (p->trace != NULL)
        trace_end(p->trace, now_ms);
    if (p->engine != NULL)
        engine_closed(p->engine, now_ms);
}

uint64_t player_deadline(const struct player *p)
{
    return p->engine != NULL   ? engine_deadline(p->engine)
           : p->server != NULL ? server_deadline(p->server)
                               : deviant_deadline(p->deviant);
}

void player_tick(struct player *p, uint64_t now_ms)
{
    if (p->engine != NULL)
        engine_tick(p->engine, now_ms);
    else if (p->server != NULL)
        server_tick(p->server, now_ms);
    else
        deviant_tick(p->deviant, now_ms);
}

bool player_reads_header(const struct player *p)
{
    return p->engine != NULL && engine_reads_header(p->engine);
}

const struct script_tls *player_tls(const struct player *p)
{
    return p->engine != NULL ? engine_tls(p->engine) : NULL;
}

void player_free(struct player *p)
{
    engine_free(p->engine);
    server_free(p->server);
    *p = (struct player){.engine = NULL};
}
