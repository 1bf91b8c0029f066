/*
 * pop3: looks for a message in a mailbox (RFC 1939): signs on, reads the newest messages, newest
 * first, signs off. Nothing is deleted.
 */
#ifndef MAILDRILL_CLI_POP3_H
#define MAILDRILL_CLI_POP3_H

#include "engine/engine.h"
#include "net/net.h"

struct pop3_config {
    struct net_loop *loop;
    const char *url;         /* pop3://[USER:PASS@]HOST[:PORT], pop3s:// */
    const char *user, *pass; /* where the URL names none */
    uint64_t timeout_ms;     /* for all of the session */
    const struct net_tls *(*tls)(void *tls_context, struct net_error *ret_error); /* for pop3s */
    void *tls_context;
    /** Once; `found` NULL: there is none, or nobody could look, and `trouble` says why; else it is
     * "". */
    void (*looked)(void *context, const struct slice *found, const char *trouble);
    void *context;
};

struct pop3;

/** Whether this is a URL of a mailbox. */
bool pop3_is_url(const char *url);

struct pop3 *pop3_look(const struct pop3_config *config, const struct engine_query *query);
/** Ends the session; `looked` does not follow. NULL is none. */
void pop3_cancel(struct pop3 *pop3);

#endif
