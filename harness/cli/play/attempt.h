/*
 * attempt: one test at one server, once: an engine, a connection for it, and what it asks of the
 * world: TLS contexts, SASL, delivered messages.
 */
#ifndef MAILDRILL_CLI_PLAY_ATTEMPT_H
#define MAILDRILL_CLI_PLAY_ATTEMPT_H

#include "cli/options.h"
#include "cli/oracle/oracle.h"
#include "cli/play/contexts.h"
#include "cli/play/drive.h"
#include "cli/play/sasl.h"
#include "cli/play/target.h"
#include "cli/play/variables.h"
#include "report/log.h"

/** A server, and what scripts may know of it. */
struct peer {
    struct target target;
    char url[300];
    struct variables variables;
    struct options options; /* of the run, with what holds for this server alone */
    struct folder *folder;  /* of --maildir, or NULL */
    bool suspect;           /* there was no connection: it is asked whether it lives */
    bool dead;
};

/** What the attempts of a run have in common. */
struct attempt_setting {
    const struct options *options;
    struct net_loop *loop;
    struct contexts *contexts;
    const struct store *store; /* of the embedded server, or NULL */
    uint64_t timeout_ms; /* bounds the connection, and each wait that has no bound of its own */
    bool replay;         /* a recorded session: codes count, unless the command line says more */
    bool keep_going;     /* past differences */
    uint64_t attempts;   /* that began */
};

struct attempt {
    struct attempt_setting *setting;
    const struct script_test *test;
    const struct peer *peer;
    size_t variant;  /* --segment: 0 as written, then each way to cut its writes */
    size_t octets;   /* --segment: that it sends as written */
    struct log *log; /* takes its events */
    /** It is over; the rest of the members say how. */
    void (*finished)(struct attempt *attempt);
    size_t sent; /* octets */
    enum engine_verdict verdict;
    bool connected;
    /* while it runs */
    uint64_t number;     /* of all attempts */
    size_t since;        /* messages that the folder had before */
    struct drive *drive; /* NULL: it does not */
    struct sasl sasl;
    struct engine_sasl exchanges; /* what it computes */
    struct oracle *oracle;
};

/** Connects and plays; the attempt stays where it is until `finished`. */
void attempt_start(struct attempt *attempt);
/** Ends one that runs, as an interruption does; `finished` follows. */
void attempt_abort(struct attempt *attempt);

#endif
