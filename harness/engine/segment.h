/*
 * segment: where writes are cut (%segment). Private to harness/engine.
 */
#ifndef MAILDRILL_ENGINE_SEGMENT_H
#define MAILDRILL_ENGINE_SEGMENT_H

#include "engine/state.h"

/** Says how much of the output leaves in the next write. */
void segment_next(struct engine *e);

#endif
