/*
 * embed: a server inside this process, on a loopback port. Without a script it is the reference
 * server; with a test it plays the test's S: side.
 */
#ifndef MAILDRILL_CLI_EMBED_H
#define MAILDRILL_CLI_EMBED_H

#include "cli/options.h"
#include "net/net.h"
#include "report/sink.h"
#include "script/script.h"
#include "server/store.h"

/** Who uses the reference server in scripts: what an embedded server accepts. */
#define EMBED_DOMAIN "example.test"
#define EMBED_USER   "tester"
#define EMBED_PASS   "secret"
#define EMBED_BEARER "token"

struct embed_config {
    struct net_loop *loop;
    const struct options *options;
    const char *host; /* to listen on */
    uint16_t port;    /* 0: a free one */
    uint64_t idle_ms; /* of the reference server; 0: 5 minutes (RFC 5321 4.5.3.2.7) */
    /** The test for the next connection, or NULL for the reference server; *ret_attempt: that of
     * the client that plays it in this process, or else one for each time it is played. */
    const struct script_test *(*next)(void *context, uint64_t *ret_attempt);
    /** A deviant server for the next connection, which it begins. NULL: --deviant says whether
     * there is one. */
    struct deviant *(*deviant)(void *context, uint64_t now_ms);
    /** Where a trace of each connection goes that plays no script; put NULL: there is none. */
    struct sink trace;
    /** An event of a played test. */
    void (*emit)(void *context, const struct engine_event *event);
    /** A connection ended. */
    void (*finished)(void *context);
    void *context;
};

struct embed;

/** Starts listening; NULL with the reason printed on standard error. */
struct embed *embed_start(const struct embed_config *config);
uint16_t embed_port(const struct embed *embed);
/** What it took so far: server/store.h finds a message. */
struct store *embed_store(const struct embed *embed);
/** Its TLS context, for a client in the same process to trust. */
const struct net_tls *embed_tls(const struct embed *embed);
/** Stops listening and begins to end every connection. For all embeds of a loop, before the first
 * embed_stop of one of them. */
void embed_close(struct embed *embed);
/** Closes it; runs the loop until nothing is open any more, then frees. */
void embed_stop(struct embed *embed);

#endif
