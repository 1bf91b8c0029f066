/*
 * need: why a test cannot be played, and what to give the command line for it.
 */
#ifndef MAILDRILL_ENGINE_NEED_H
#define MAILDRILL_ENGINE_NEED_H

#include "engine/state.h"

#define ENGINE_NEED_OCTETS 160

/** Skips the test: "needs rcpt (--rcpt)". */
void need_feature(struct engine *e, struct slice token);

/** Skips the test: "no value for the variable rcpt (--rcpt)". */
void need_value(struct engine *e, struct slice name);

#endif
