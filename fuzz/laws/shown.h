/*
 * shown: laws of what all reports are made of, for fuzz_report: texts that are shown, places in a
 * script, and the log of a test.
 */
#ifndef MAILDRILL_FUZZ_LAWS_SHOWN_H
#define MAILDRILL_FUZZ_LAWS_SHOWN_H

#include "script/script.h"

/** Breaks off where a law does not hold of lines of these octets, of that script, or of a log. */
void shown_check(const struct script *script, struct slice octets, size_t knob);

#endif
