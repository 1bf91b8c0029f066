/*
 * oracle: where delivered messages are read (%message): the embedded server's store, a Maildir, or
 * a POP3 mailbox.
 */
#ifndef MAILDRILL_CLI_ORACLE_H
#define MAILDRILL_CLI_ORACLE_H

#include "cli/options.h"
#include "cli/oracle/folder.h"
#include "server/store.h"

struct oracle;

struct oracle_config {
    struct net_loop *loop;
    const struct options *options; /* --pop3, ... */
    struct folder *folder;         /* of --maildir, or NULL */
    size_t since;                  /* its messages before that are no attempt's that goes on now */
    const struct store *store;     /* of the embedded server, or NULL */
    /** TLS for POP3; NULL, with the reason, where there is none. */
    const struct net_tls *(*tls)(void *context, struct net_error *ret_error);
    /** A look is over; `found` NULL where no message is as the query says, or where nobody could
     * look: `trouble` says why, else it is "". Both are valid during the call. */
    void (*looked)(void *context, const struct slice *found, const char *trouble);
    void *context;
};

/** Whether the command line, or the embedded server, has a place to read messages. */
bool oracle_given(const struct options *options, bool embedded);

struct oracle *oracle_new(const struct oracle_config *config);
/** Looks once; `looked` follows, perhaps before this returns. */
void oracle_look(struct oracle *oracle, const struct engine_query *query);
/** Ends a look that runs; `looked` does not follow. */
void oracle_free(struct oracle *oracle);

#endif
