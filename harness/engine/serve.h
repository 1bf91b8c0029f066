/*
 * serve: the server's side of a script, for a real client. Private to harness/engine.
 */
#ifndef MAILDRILL_ENGINE_SERVE_H
#define MAILDRILL_ENGINE_SERVE_H

#include "engine/state.h"

/** Begins the current step on the server's side. */
void serve_step(struct engine *e);

/** Looks at what the client sent while a command is awaited; true where the step was dealt with. */
bool serve_command(struct engine *e);

/** Index of the first step that no server can play (a pattern), or SCRIPT_NO_STEP. */
size_t serve_unplayable(const struct engine *e);

#endif
