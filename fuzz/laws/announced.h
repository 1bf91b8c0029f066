/*
 * announced: a plain second reading of what %ehlo claims of a reply to EHLO (RFC 5321 4.1.1.1),
 * where each of its lines is written as it should be.
 */
#ifndef MAILDRILL_FUZZ_LAWS_ANNOUNCED_H
#define MAILDRILL_FUZZ_LAWS_ANNOUNCED_H

#include "laws/judged.h"

/** Whether all claims of a step hold of the reply that is kept; empty: nothing was announced. */
enum judged announced_holds(const struct script_step *step, struct slice kept);

#endif
