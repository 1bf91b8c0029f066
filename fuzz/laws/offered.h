/*
 * offered: what the reference server says to EHLO, line by line: which keyword where, and with
 * which parameters.
 */
#ifndef MAILDRILL_FUZZ_LAWS_OFFERED_H
#define MAILDRILL_FUZZ_LAWS_OFFERED_H

#include "laws/shadowed.h"

/** The reply to a hello that was taken: it breaks off where a line is missing, or one too many. */
void offered_check(const struct shadowed *s);

#endif
