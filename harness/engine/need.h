/*
 * need: why a test cannot be played, and what to give the command line for it. Private to
 * harness/engine.
 */
#ifndef MAILDRILL_ENGINE_NEED_H
#define MAILDRILL_ENGINE_NEED_H

#include "engine/state.h"

#define ENGINE_NEED_OCTETS 160

/** Skips the test: "needs rcpt (--rcpt)". */
void need_feature(struct engine *e, struct slice token);

/** Skips the test: "no value for the variable rcpt (--rcpt)". */
void need_value(struct engine *e, struct slice name);

/** Before the first step: skips a test that needs what is known to be missing, so that nothing is
 * sent. */
void need_check(struct engine *e);

#endif
