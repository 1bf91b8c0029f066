/*
 * net: the only place that touches the world. Sockets, names, timers (libuv) and TLS (OpenSSL).
 *
 * It knows nothing of SMTP, scripts or engines: it moves octets, shakes hands and says what
 * happened. Everything runs in one thread, from net_run; callbacks may call any function of this
 * header, also net_close on their own stream. A stream's last callback is `closed`, exactly once;
 * it is freed after.
 */
#ifndef MAILDRILL_NET_NET_H
#define MAILDRILL_NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct net_loop;
struct net_stream;
struct net_listener;
struct net_timer;
struct net_tls;

/** Why something failed; text is for people and says what to do where that is known. */
struct net_error {
    enum {
        NET_OK,
        NET_RESOLVE,     /* no address for the name */
        NET_CONNECT,     /* refused, unreachable, timed out: no connection */
        NET_TLS,         /* handshake failed */
        NET_CERTIFICATE, /* the peer's certificate does not verify */
        NET_RESET,       /* connection lost */
        NET_SYSTEM,      /* anything else */
    } kind;
    char text[256];
};

/**
 * What a handshake agreed on and what certificate the peer showed, for people and for assertions: a
 * first line "TLSv1.3 TLS_AES_256_GCM_SHA384", then "key: value" lines. Keys: version, cipher, alpn
 * (may be empty); and where there is a certificate: subject, issuer (RFC 2253 form), names (of
 * subjectAltName, with commas), not-after (RFC 3339), days (until then, may be negative), verified
 * ("ok", or the reason), certificate-sha256, key-sha256 (of SubjectPublicKeyInfo; RFC 7671), hex.
 */
#define NET_FACTS_OCTETS 4096

/** What a stream reports. Unused members may be NULL. */
struct net_events {
    void (*connected)(void *context);
    void (*received)(void *context, const uint8_t *octets, size_t count);
    void (*sent)(void *context);                       /* what could not leave at once has left */
    void (*ended)(void *context);                      /* the peer closed its sending side */
    void (*secured)(void *context, const char *facts); /* handshake done; see NET_FACTS */
    void (*failed)(void *context,
                   const struct net_error *error); /* connect, handshake or connection; closed
                                                      follows only after net_close */
    void (*closed)(void *context);
};

struct net_loop *net_loop_new(void);
/** Frees a loop; every stream, listener and timer must be closed. */
void net_loop_free(struct net_loop *loop);
/** Runs until nothing is open any more, or net_stop. */
void net_run(struct net_loop *loop);
void net_stop(struct net_loop *loop);
/** Milliseconds of a monotonic clock, as the loop saw it last. */
uint64_t net_now(const struct net_loop *loop);

/**
 * Connects to host (name, IPv4, IPv6 without brackets; each address of a name is tried in turn) and
 * port, or to the Unix socket whose path, beginning with "/", is host. TCP_NODELAY is set. Failure
 * comes through events->failed, never as a return value.
 */
struct net_stream *net_connect(struct net_loop *loop, const char *host, uint16_t port,
                               uint64_t timeout_ms, const struct net_events *events, void *context);

/** Writes the peer's address as SMTP's literal, "[192.0.2.1]" or "[IPv6:2001:db8::1]"; "" where it
 * has none. */
void net_peer(const struct net_stream *stream, char *out, size_t size);

/** The addresses of both ends with their ports: "192.0.2.1:1234", "[2001:db8::1]:25"; empty for a
 * Unix socket. Up to 56 octets with their NUL. */
void net_ends(const struct net_stream *stream, char *ret_here, char *ret_there, size_t size);

/** Copies the octets and sends them in one write. */
void net_send(struct net_stream *stream, const uint8_t *octets, size_t count);
/** Octets given to net_send that have not left. */
size_t net_unsent(const struct net_stream *stream);
/** Stops and starts reading; a paused stream lets the peer wait. A new stream reads. */
void net_pause(struct net_stream *stream, bool paused);
/** Sends what is queued, then closes the sending side (with TLS: close_notify first). */
void net_shutdown(struct net_stream *stream);
/** Sends what is queued if it leaves at once, and closes. `closed` follows. */
void net_close(struct net_stream *stream);
/** Closes with RST. */
void net_reset(struct net_stream *stream);

/**
 * Shakes hands over the stream. `sni` is the name that is asked for and, in mode NET_VERIFY_HOST,
 * verified (NULL for a server). `already` holds octets of the handshake that were received before.
 */
void net_start_tls(struct net_stream *stream, const struct net_tls *tls, const char *sni,
                   const uint8_t *already, size_t already_count);

/** Writes the common name of the certificate that the peer showed and that verifies; "" where there
 * is none. */
void net_peer_name(const struct net_stream *stream, char *out, size_t size);

/**
 * Octets that bind SASL to the TLS channel (RFC 5929 tls-unique up to TLS 1.2, RFC 9266
 * tls-exporter from 1.3 on). Returns how many were written; 0 without TLS. *ret_exporter says which
 * it is.
 */
size_t net_channel_binding(const struct net_stream *stream, uint8_t *out, size_t size,
                           bool *ret_exporter);

enum net_verify {
    NET_VERIFY_HOST, /* chain and host name */
    NET_VERIFY_CA,   /* chain only */
    NET_VERIFY_NONE,
};

struct net_tls_config {
    bool server;
    enum net_verify verify; /* client */
    const char *ca_file;    /* client: extra trust anchors, PEM; NULL: the system's only. Server:
                               those of client certificates, which are asked for; one that does not
                               verify ends nothing */
    const char
        *cert_file; /* PEM chain; a server without one makes its own (self-signed, for host) */
    const char *key_file; /* PEM */
    const char *host; /* server: name in the self-made certificate; 127.0.0.1, ::1 and localhost are
                         added */
    const struct net_tls
        *trust; /* client: the self-made certificate of that server is a trust anchor too */
    uint16_t min_version; /* 0x0301 to 0x0304; 0: TLS 1.2 */
    uint16_t max_version; /* 0: the newest */
    const char *ciphers;  /* OpenSSL's list; names that begin with TLS_ are suites of TLS 1.3. NULL:
                             the library's */
    const char
        *alpn;       /* protocols to ask for (client) or to take (server), with commas (RFC 7301) */
    const char *pin; /* client: 64 hex digits, the SHA-256 of the SubjectPublicKeyInfo that the
                        peer's certificate must have (TLSA 3 1 1, RFC 7671 5.1); besides `verify` */
};

/** Makes a TLS context; NULL with the reason in *ret_error. */
struct net_tls *net_tls_new(const struct net_tls_config *config, struct net_error *ret_error);
void net_tls_free(struct net_tls *tls);
/** Writes a server's certificate to a PEM file, for a client to trust. */
bool net_tls_save(const struct net_tls *tls, const char *path, struct net_error *ret_error);

/** Called for each connection: return events and context for it through the pointers; false refuses
 * it. */
typedef bool net_accept(void *listener_context, struct net_stream *stream,
                        const struct net_events **ret_events, void **ret_context);

/** Listens on host and port (0 picks a free one), or on the Unix socket of that path. NULL with the
 * reason in *ret_error. */
struct net_listener *net_listen(struct net_loop *loop, const char *host, uint16_t port,
                                net_accept *accept, void *context, struct net_error *ret_error);
uint16_t net_listener_port(const struct net_listener *listener);
void net_listener_close(struct net_listener *listener);

/** A one-shot timer, not running at first. */
struct net_timer *net_timer_new(struct net_loop *loop, void (*fire)(void *context), void *context);
/** (Re)starts it, at `at_ms` of net_now's clock; UINT64_MAX stops it. */
void net_timer_set(struct net_timer *timer, uint64_t at_ms);
void net_timer_free(struct net_timer *timer);

/** Calls `interrupted` on SIGINT, SIGTERM and, unless it is ignored, SIGHUP until freed; does not
 * keep the loop alive. */
struct net_signals;
struct net_signals *net_signals_new(struct net_loop *loop, void (*interrupted)(void *context),
                                    void *context);
void net_signals_free(struct net_signals *signals);

#endif
