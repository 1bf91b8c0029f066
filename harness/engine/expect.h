/*
 * expect: replies against expectations, on the client's side. Private to harness/engine.
 */
#ifndef MAILDRILL_ENGINE_EXPECT_H
#define MAILDRILL_ENGINE_EXPECT_H

#include "engine/state.h"

/** Looks at what has arrived while a reply is awaited; true where the step was dealt with. */
bool expect_reply(struct engine *e);

/** No complete reply came by the deadline. */
void expect_timeout(struct engine *e);

/** %ehlo and %capture: on the last replies. */
void expect_ehlo_claims(struct engine *e);
void expect_capture(struct engine *e);
/** The value of the %capture that is next; false where the last reply has none, or it is too long.
 */
bool expect_take_capture(struct engine *e, bool *ret_found);

#endif
