/*
 * expect: replies against expectations, on the client's side. Private to harness/engine.
 */
#ifndef MAILDRILL_ENGINE_EXPECT_H
#define MAILDRILL_ENGINE_EXPECT_H

#include "engine/state.h"

/** Looks at what has arrived while a reply is awaited; true where the step was dealt with. */
bool expect_reply(struct engine *e);

/** Whether these octets begin a TLS alert in plain text. */
bool expect_is_alert(struct slice in);

/** No complete reply came by the deadline. */
void expect_timeout(struct engine *e);

/** Something arrived, or may have, while nothing should. */
void expect_quiet(struct engine *e);
/** Nothing has arrived for as long as nothing should. */
void expect_quiet_end(struct engine *e);

/** %capture: of the last reply. */
void expect_capture(struct engine *e);
/** The value of the %capture that is next; false where the last reply has none, or it is too long.
 */
bool expect_take_capture(struct engine *e, bool *ret_found);

/** %secured: looks at the facts of the last handshake. */
void expect_secured(struct engine *e);

#endif
