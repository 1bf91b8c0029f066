/*
 * trace: what a server and its client say to each other, line by line as the lines end, for servers
 * that play no script. What passwords can be read or guessed from is not shown: a client's response
 * of AUTH (RFC 4954 4), whether the server wanted it or not, and the server's challenges to it.
 */
#ifndef MAILDRILL_CLI_TRACE_H
#define MAILDRILL_CLI_TRACE_H

#include "report/sink.h"
#include "script/credential.h"

#define TRACE_LINE_OCTETS 1024 /* of a line; of a longer one its beginning is shown */

struct trace_side {
    uint8_t line[TRACE_LINE_OCTETS];
    size_t len; /* octets so far, also those that are not kept */
};

struct trace {
    struct sink sink;
    size_t number;      /* of the connection */
    uint64_t began_ms;  /* on the clock of the calls */
    const char *secret; /* the account's password, which is not shown wherever it stands; or NULL */
    struct credential_watch watch;
    struct trace_side client, server;
};

/** Octets that came from the client, or went to it. */
void trace_client(struct trace *trace, struct slice octets, uint64_t now_ms);
void trace_server(struct trace *trace, struct slice octets, uint64_t now_ms);
/** TLS holds from here on; its facts. */
void trace_secured(struct trace *trace, struct slice facts, uint64_t now_ms);
/** The connection is over: shows what no line ending followed. */
void trace_end(struct trace *trace, uint64_t now_ms);

#endif
