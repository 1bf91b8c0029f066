/*
 * internal: what the files of net share.
 *
 *   loop.c     loop, timers, signals
 *   stream.c   a connection: connect, read, write, end
 *   secure.c   TLS on a connection, through memory BIOs
 *   context.c  TLS contexts and self-made certificates
 *   facts.c    what a handshake agreed on
 *   listen.c   listeners
 *   process.c  programs that run beside
 */
#ifndef MAILDRILL_NET_INTERNAL_H
#define MAILDRILL_NET_INTERNAL_H

#include <openssl/ssl.h>
#include <uv.h>

#include "net/net.h"

#define NET_READ_OCTETS 65536u

struct net_loop {
    uv_loop_t uv;
    char read_buffer[NET_READ_OCTETS];
};

struct net_tls {
    SSL_CTX *ctx;
    bool server;
    enum net_verify verify;
    bool pinned;
    uint8_t pin[32];
    uint8_t alpn[256]; /* each protocol with its length before it */
    unsigned alpn_len;
};

/* A connection's handle: TCP, or a Unix socket. */
union net_handle {
    uv_handle_t any;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
};

struct net_stream {
    struct net_loop *loop;
    union net_handle *handle; /* replaced for each address that is tried */
    bool local;               /* a Unix socket */
    uv_timer_t timer;         /* bounds connecting */
    size_t open;              /* handles and requests that are not closed yet */
    const struct net_events *events;
    void *context;
    /* connecting */
    char host[256];
    uint16_t port;
    uint64_t timeout_ms;
    uv_getaddrinfo_t resolve;
    struct addrinfo *addresses, *next_address;
    uv_connect_t connect;
    int last_error;
    bool resolving;
    /* life */
    bool connected, paused, closing, failed, ended;
    int broken;    /* why writing failed: what has arrived is read before that is told; or 0 */
    bool answered; /* something was sent since the last read */
    size_t unsent; /* octets that were given to libuv and have not left */
    /* TLS */
    SSL *ssl;
    BIO *in, *out; /* memory: from and to the network; owned by ssl */
    const struct net_tls *tls;
    bool secured, began; /* under TLS; its first octet, `first`, has come */
    uint8_t first;
    char name[256]; /* that was asked for */
};

/** `stream->events->failed`, once. */
void net_stream_fail(struct net_stream *stream, int kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Puts octets on the wire as they are. */
void net_stream_write(struct net_stream *stream, const uint8_t *octets, size_t count);
/** Makes a stream with an initialised, unconnected handle; `local`: of a Unix socket. */
struct net_stream *net_stream_new(struct net_loop *loop, bool local);
/** Initialises a handle of either kind. */
void net_handle_init(struct net_loop *loop, union net_handle *handle, bool local);
/** Whether a host is the path of a Unix socket. */
bool net_is_local(const char *host);
/** A stream whose handle is connected begins to read. */
void net_stream_begin(struct net_stream *stream);
/** The peer's octets have ended. */
void net_stream_end(struct net_stream *stream);

/** Octets from the network of a stream that has TLS. */
void net_secure_feed(struct net_stream *stream, const uint8_t *octets, size_t count);
/** Encrypts and sends. */
void net_secure_send(struct net_stream *stream, const uint8_t *octets, size_t count);
/** Sends close_notify. */
void net_secure_shutdown(struct net_stream *stream);
void net_secure_free(struct net_stream *stream);

/** Writes the facts of a handshake that is done (net.h), cut where they are too long. */
void net_facts(const struct net_stream *stream, char out[NET_FACTS_OCTETS]);
/** The SHA-256 of the peer's SubjectPublicKeyInfo; false where it showed no certificate. */
bool net_key_digest(const struct net_stream *stream, uint8_t ret_digest[32]);

/** Text and kind of an error. */
void net_error_set(struct net_error *error, int kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Memory or the end. */
void *net_alloc(size_t octets);

#endif
