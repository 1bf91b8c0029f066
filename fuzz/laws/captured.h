/*
 * captured: the law of what %capture keeps, for fuzz_engine: a script that is made, whose replies
 * are told beforehand. The last value of a name counts, and what does not fit is refused.
 */
#ifndef MAILDRILL_FUZZ_LAWS_CAPTURED_H
#define MAILDRILL_FUZZ_LAWS_CAPTURED_H

#include <stdint.h>

/** Plays a script that the seed makes, and breaks off where the engine keeps anything else. */
void captured_check(uint64_t seed);

#endif
