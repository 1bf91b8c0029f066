/*
 * exchange: the exchanges of %auth (RFC 4954 4), on either side. Private to harness/engine.
 */
#ifndef MAILDRILL_ENGINE_EXCHANGE_H
#define MAILDRILL_ENGINE_EXCHANGE_H

#include "engine/state.h"

/** Begins the exchange of the current step, and puts the AUTH command into the output. */
void exchange_begin(struct engine *e);

/** Whether a reply is no challenge, and the next step is about it. */
bool exchange_leaves(const struct engine *e, unsigned code);

/** A reply of the exchange: a challenge, or its end. */
void exchange_reply(struct engine *e, const struct smtp_reply *reply);

enum exchange_progress {
    EXCHANGE_GOES_ON, /* a challenge is in the output */
    EXCHANGE_DONE,
    EXCHANGE_FAILED,        /* the reason is there */
    EXCHANGE_OTHER_COMMAND, /* not AUTH with that mechanism */
};

/** The server's side: takes a line of the client, without its ending. */
enum exchange_progress exchange_serve(struct engine *e, struct slice line,
                                      struct slice *ret_reason);

/** Name of a variable of the credentials that has no value. */
bool exchange_missing(const struct engine *e, const struct script_auth *auth,
                      struct slice *ret_name);

/** Forgets the exchange, if there is one. */
void exchange_end(struct engine *e);

#endif
