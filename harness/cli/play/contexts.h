/*
 * contexts: the TLS contexts of a run. They are costly to make and good for many handshakes, so one
 * is made for each way in which scripts shake hands.
 */
#ifndef MAILDRILL_CLI_CONTEXTS_H
#define MAILDRILL_CLI_CONTEXTS_H

#include "cli/options.h"

struct contexts {
    const struct options *options;
    const struct net_tls *trust; /* the embedded server's certificate is trusted too; or NULL */
    struct context *first;
};

/** The context for a handshake as `wanted` has it, or as the command line has it where that is
 * NULL or silent. NULL, with the reason in *ret_error, where these settings make none. */
const struct net_tls *contexts_find(struct contexts *contexts, const struct script_tls *wanted,
                                    struct net_error *ret_error);

void contexts_free(struct contexts *contexts);

#endif
