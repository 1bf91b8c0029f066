/*
 * flow: which step is next. Private to harness/engine.
 */
#ifndef MAILDRILL_ENGINE_FLOW_H
#define MAILDRILL_ENGINE_FLOW_H

#include "engine/state.h"

/** Goes on from %if, %else, %repeat and %end to a step that does something, or to the end. */
void flow_settle(struct engine *e);

#endif
