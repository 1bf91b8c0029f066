#include "cli/play/player.h"

unsigned player_wants(const struct player *p)
{
    static const struct {
        unsigned theirs, ours;
    } of_engine[] = {{ENGINE_WANTS_SEND, PLAYER_WANTS_SEND},
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
                     {SERVER_WANTS_CLOSE, PLAYER_WANTS_CLOSE}};
    unsigned wants = p->engine != NULL ? engine_wants(p->engine) : server_wants(p->server);
    unsigned mapped = 0;
    if (p->engine != NULL) {
        for (size_t i = 0; i < sizeof of_engine / sizeof *of_engine; i++)
            mapped |= wants & of_engine[i].theirs ? of_engine[i].ours : 0;
    } else {
        for (size_t i = 0; i < sizeof of_server / sizeof *of_server; i++)
            mapped |= wants & of_server[i].theirs ? of_server[i].ours : 0;
    }
    return mapped;
}

struct slice player_output(const struct player *p)
{
    return p->engine != NULL ? engine_output(p->engine) : server_output(p->server);
}

void player_sent(struct player *p, size_t octets, uint64_t now_ms)
{
    p->sent += octets;
    if (p->engine != NULL)
        engine_sent(p->engine, octets, now_ms);
    else
        server_sent(p->server, octets, now_ms);
}

unsigned player_connection(const struct player *p)
{
    return p->engine != NULL ? engine_connection(p->engine) : 0;
}

size_t player_receive(struct player *p, unsigned connection, struct slice octets, uint64_t now_ms)
{
    if (p->server != NULL)
        return server_receive(p->server, octets, now_ms);
    engine_receive(p->engine, connection, octets, now_ms);
    return octets.len;
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
    else
        server_eof(p->server, now_ms);
}

void player_secured(struct player *p, struct slice facts, uint64_t now_ms)
{
    if (p->engine != NULL)
        engine_secured(p->engine, facts, now_ms);
    else
        server_secured(p->server, now_ms);
}

void player_tls_failed(struct player *p, struct slice reason, uint64_t now_ms)
{
    if (p->engine != NULL)
        engine_tls_failed(p->engine, reason, now_ms);
    else
        server_eof(p->server, now_ms);
}

void player_connect_failed(struct player *p, struct slice reason, uint64_t now_ms)
{
    if (p->engine != NULL)
        engine_connect_failed(p->engine, reason, now_ms);
    else
        server_eof(p->server, now_ms);
}

void player_shut(struct player *p, uint64_t now_ms)
{
    if (p->engine != NULL)
        engine_shut(p->engine, now_ms);
}

void player_closed(struct player *p, uint64_t now_ms)
{
    if (p->engine != NULL)
        engine_closed(p->engine, now_ms);
}

uint64_t player_deadline(const struct player *p)
{
    return p->engine != NULL ? engine_deadline(p->engine) : server_deadline(p->server);
}

void player_tick(struct player *p, uint64_t now_ms)
{
    if (p->engine != NULL)
        engine_tick(p->engine, now_ms);
    else
        server_tick(p->server, now_ms);
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
