/*
 * wire: one TCP connection at a time, in plain calls that wait; for what makes thousands of short
 * ones a second and has nothing else to do.
 *
 * Replies are acknowledged at once (TCP_QUICKACK before each wait): a server whose small writes
 * wait for an acknowledgement is forty times faster so. When the ports of one loopback address are
 * used up, the next one of 127.0.0.0/8 is the source.
 *
 * Under TLS a peer that is gone raises SIGPIPE: ignore it.
 */
#ifndef MAILDRILL_NET_WIRE_H
#define MAILDRILL_NET_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/net.h"

struct wire_address {
    uint8_t octets[128]; /* a sockaddr */
    uint32_t length;
    uint32_t source; /* of 127.0.0.0/8: what is added to 127.0.0.1 */
    bool loopback;
};

/** Resolves a host; the first address counts. False with the reason. */
bool wire_resolve(const char *host, uint16_t port, struct wire_address *ret_address,
                  struct net_error *ret_error);

struct wire {
    int fd;             /* -1: there is none */
    struct ssl_st *ssl; /* NULL: plain text */
};

enum wire_end {
    WIRE_OCTETS,
    WIRE_SILENT, /* nothing in that time */
    WIRE_CLOSED, /* the peer closed its side */
    WIRE_RESET,  /* the connection is lost */
};

/** False where there is no connection in that time. */
bool wire_connect(struct wire *wire, struct wire_address *to, uint64_t timeout_us);

/** Whether the peer keeps the connection open, as far as it has said; what it sent stays to be
 * read. */
bool wire_is_open(const struct wire *wire);

/** Waits for octets and reads what is there. */
enum wire_end wire_read(struct wire *wire, uint8_t *out, size_t size, uint64_t timeout_us,
                        size_t *ret_count);

/** Sends all; false where the peer does not take them in that time, or is gone. */
bool wire_write(struct wire *wire, const uint8_t *octets, size_t count, uint64_t timeout_us);

enum wire_hands {
    WIRE_SECURED,
    WIRE_UNSECURED, /* no handshake in that time, or a failed one: the connection is of no use */
    WIRE_IN_CLEAR,  /* the peer answers with a digit, as SMTP's replies begin: it can be read */
};

/** Shakes hands as a client: what is read and written from then on is under TLS. `name`: the
 * host that is asked for. */
enum wire_hands wire_secure(struct wire *wire, const struct net_tls *tls, const char *name,
                            uint64_t timeout_us);

/** Says that nothing more comes. */
void wire_finish(struct wire *wire);

/** Closes; `reset`: with RST, so that no port is left waiting. */
void wire_close(struct wire *wire, bool reset);

/** Microseconds of a monotonic clock. */
uint64_t wire_now_us(void);

#endif
