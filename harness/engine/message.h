/*
 * message: %message, what holds of a message that the server delivered. Private to harness/engine.
 */
#ifndef MAILDRILL_ENGINE_MESSAGE_H
#define MAILDRILL_ENGINE_MESSAGE_H

#include "engine/state.h"

/** Whether the test asks for delivered messages. */
bool message_asked(const struct script_test *test);
/** Whether it does so whatever happens: in no %if. */
bool message_needed(const struct script_test *test);

/** At a MESSAGE step: looks at what there is, or begins to wait for the driver's message. */
void message_step(struct engine *e);

/** The driver has found it; false where none is waited for. */
bool message_take(struct engine *e, struct slice octets);

/** A look is over, and it was not there; or there was trouble. */
void message_missing(struct engine *e, struct slice trouble);

/** The wait is over without one. */
void message_timeout(struct engine *e);

#endif
