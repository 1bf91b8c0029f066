/*
 * sasl: computes the exchanges of %auth through GNU SASL (RFC 4422 and its mechanisms), and those
 * of bearer tokens (OAUTHBEARER, RFC 7628; XOAUTH2) that it does not know.
 */
#ifndef MAILDRILL_CLI_SASL_H
#define MAILDRILL_CLI_SASL_H

#include "engine/engine.h"

struct sasl {
    const char *host; /* the server's name, for DIGEST-MD5 and OAUTHBEARER */
    uint16_t port;
    /** Octets that bind to the TLS channel, as net_channel_binding gives them; NULL: no TLS. */
    size_t (*binding)(void *context, uint8_t *out, size_t size, bool *ret_exporter);
    void *context;
};

/** What an engine's config takes; `sasl` must outlive the engine. */
struct engine_sasl sasl_engine(struct sasl *sasl);

#endif
