/*
 * hidden: a script with credentials in it, which nobody sees who is shown it without them.
 */
#ifndef MAILDRILL_FUZZ_LAWS_HIDDEN_H
#define MAILDRILL_FUZZ_LAWS_HIDDEN_H

#include <stdint.h>

/** Makes one of a seed, and looks for its credentials in what mask_script leaves of it. */
void hidden_check(uint64_t seed);

#endif
