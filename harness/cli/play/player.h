/*
 * player: an engine, a reference server or a deviant one, as what a drive moves octets for. They
 * have the same shape; this makes them one type.
 */
#ifndef MAILDRILL_CLI_PLAYER_H
#define MAILDRILL_CLI_PLAYER_H

#include "campaign/deviant.h"
#include "cli/play/trace.h"
#include "engine/engine.h"
#include "server/server.h"

enum player_want {
    PLAYER_WANTS_SEND = 1 << 0,
    PLAYER_WANTS_RECEIVE = 1 << 1,
    PLAYER_WANTS_TLS = 1 << 2,
    PLAYER_WANTS_SHUTDOWN = 1 << 3,
    PLAYER_WANTS_CLOSE = 1 << 4,
    PLAYER_DONE = 1 << 5,
    PLAYER_WANTS_CONNECT = 1 << 6,
    PLAYER_WANTS_DROP = 1 << 7,
    PLAYER_WANTS_MESSAGE = 1 << 8,
};

/** One of the three, or none. A deviant server is the caller's, who looks at what it saw. */
struct player {
    struct engine *engine;
    struct server *server;
    struct deviant *deviant;
    struct trace *trace; /* of a server, or NULL; the caller's */
    size_t sent;         /* octets that have left */
};

static inline bool player_none(const struct player *p)
{
    return p->engine == NULL && p->server == NULL && p->deviant == NULL;
}

unsigned player_wants(const struct player *p);
struct slice player_output(const struct player *p);
void player_sent(struct player *p, size_t octets, uint64_t now_ms);
/** The connection that the wishes are about; a server has one. */
unsigned player_connection(const struct player *p);
/** Returns the octets taken. */
size_t player_receive(struct player *p, unsigned connection, struct slice octets, uint64_t now_ms);
void player_eof(struct player *p, unsigned connection, struct slice lost, uint64_t now_ms);
/** The addresses of the connection that was made: the player's end, and the other. */
void player_between(struct player *p, const char *here, const char *there);
void player_connected(struct player *p, bool secured, uint64_t now_ms);
void player_dropped(struct player *p, uint64_t now_ms);
void player_secured(struct player *p, struct slice facts, struct slice name, uint64_t now_ms);
void player_tls_failed(struct player *p, struct slice reason, bool ours, uint64_t now_ms);
void player_connect_failed(struct player *p, struct slice reason, uint64_t now_ms);
void player_shut(struct player *p, uint64_t now_ms);
void player_closed(struct player *p, uint64_t now_ms);
uint64_t player_deadline(const struct player *p);
void player_tick(struct player *p, uint64_t now_ms);
/** Whether a script for clients begins with %proxy: the header is its own to read. */
bool player_reads_header(const struct player *p);
/** How to shake hands, or NULL: as the command line says. */
const struct script_tls *player_tls(const struct player *p);
void player_free(struct player *p);

#endif
