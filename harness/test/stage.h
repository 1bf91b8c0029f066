/*
 * stage: plays a test of a script against the reference server, in memory: the engine on one side,
 * the server on the other, and a clock that jumps to the next deadline when both wait.
 */
#ifndef MAILDRILL_TEST_STAGE_H
#define MAILDRILL_TEST_STAGE_H

#include "engine/engine.h"
#include "profile.h"

struct stage_result {
    enum engine_verdict verdict;
    char reason[256]; /* of a skip, a failure or an error */
};

/** Plays it against the server of that profile, with these faults or none. */
struct stage_result stage_play(const struct script_test *test, enum profile profile,
                               const bool *faults);

/** Loads a script as `maildrill run` does; NULL where the file cannot be read. */
struct script *stage_load(const char *path);

#endif
