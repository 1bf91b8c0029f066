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

#endif
