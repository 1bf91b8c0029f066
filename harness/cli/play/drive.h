/*
 * drive: moves octets and time between network streams and a player that knows neither.
 *
 * The drive owns its streams, its timer and its player, and frees them and itself after `finished`.
 */
#ifndef MAILDRILL_CLI_DRIVE_H
#define MAILDRILL_CLI_DRIVE_H

#include "cli/play/player.h"
#include "net/net.h"

/** How what is sent is cut into writes. A short pause after each piece gives the peer time to read
 * it alone. */
struct drive_cut {
    bool each;    /* every octet leaves in a write of its own; beyond 64 KiB a write's last 512 */
    size_t after; /* octets of all that is sent after which a write ends; 0: nowhere */
};

/** How a drive meets the world. */
struct drive_config {
    struct net_loop *loop;
    /** Makes the player once there is a connection (and TLS, where it is there from the start), or
     * there will be none. */
    struct player (*make)(void *context, uint64_t now_ms);
    /** The TLS context for a handshake that `wanted` describes (NULL: as the command line says);
     * NULL, with the reason in *ret_error, where there is none. */
    const struct net_tls *(*tls)(void *context, const struct script_tls *wanted,
                                 struct net_error *ret_error);
    /** Looks for a delivered message once: drive_fetched follows, perhaps before this returns. NULL
     * on the server's side. */
    void (*fetch)(void *context, const struct engine_query *query);
    uint64_t fetch_pause_ms; /* between two looks */
    /** The player is done and the stream closed; the player is still there. */
    void (*finished)(void *context, const struct player *player);
    void *context;
    const char *host; /* to connect to, and the name in certificates; NULL on the server's side */
    uint16_t port;
    bool tls_from_start;
    bool header_first; /* of the first connection: a header of the PROXY protocol precedes TLS */
    bool
        reads_header; /* of one that was accepted: it is taken off, but where the player reads it */
    uint64_t timeout_ms; /* for the connection and a first handshake */
    struct drive_cut cut;
};

struct drive;

/** Connects and plays. */
struct drive *drive_connect(const struct drive_config *config);

/** Plays on a connection that was accepted; gives events and context for net_accept. */
struct drive *drive_accept(const struct drive_config *config, struct net_stream *stream,
                           const struct net_events **ret_events, void **ret_context);

/** The answer to config.fetch: the message, or NULL where there is none yet; `trouble`: why nobody
 * could look, else "". */
void drive_fetched(struct drive *drive, const struct slice *found, const char *trouble);

/** Octets that bind to its TLS channel: net_channel_binding. */
size_t drive_channel_binding(const struct drive *drive, uint8_t *out, size_t size,
                             bool *ret_exporter);

/** The addresses of the current connection: this end's, and the other's. */
void drive_ends(const struct drive *drive, char *ret_here, char *ret_there, size_t size);

/** Ends it at once, as an interruption does; `finished` follows. */
void drive_abort(struct drive *drive);

#endif
