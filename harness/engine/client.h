/*
 * client: the client's side: what it sends, and what it waits for after that. Private to
 * harness/engine.
 */
#ifndef MAILDRILL_ENGINE_CLIENT_H
#define MAILDRILL_ENGINE_CLIENT_H

#include "engine/state.h"

/** Plays the current step, or begins to. */
void client_step(struct engine *e);

/** Waits for a reply: `within_ms`, or as long as for any where that is 0. */
void client_await(struct engine *e, uint32_t within_ms);

/** Sends "*": the peer asks for an answer that the script lacks (RFC 4954 4). */
void client_cancel(struct engine *e);

/** After the last step, on either side: replies that nobody read are too many. */
void client_end(struct engine *e);

#endif
