/*
 * talk: one dialogue with a server, over a connection of its own.
 */
#ifndef MAILDRILL_CLI_FUZZ_TALK_H
#define MAILDRILL_CLI_FUZZ_TALK_H

#include "campaign/heard.h"
#include "net/wire.h"

enum talk_how {
    TALK_AT_ONCE, /* everything in one write behind the greeting, then half of the connection is
                     closed: fast, and a reply may be taken for another's */
    TALK_STEPS,   /* each unit waits for its reply */
};

struct talk {
    struct wire_address address;
    uint64_t awaited_us; /* how long a reply is waited for */
    uint64_t early_us;   /* how long, where none is due: STEPS */
    uint64_t rest_us;    /* how long, when all is said */
    /* of the last dialogue */
    struct session session;
    uint64_t taken_us;
    struct slice octets;
    /* private */
    enum talk_how how;
    struct wire wire;
    struct heard heard;
    bool closed, said;
};

/** Says `octets`, and judges what comes (session). False where there is no connection. */
bool talk(struct talk *talk, struct slice octets, enum talk_how how);

#endif
