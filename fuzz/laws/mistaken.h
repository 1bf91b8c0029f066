/*
 * mistaken: what is surely right, and so no mistake of a script's, word by word.
 */
#ifndef MAILDRILL_FUZZ_LAWS_MISTAKEN_H
#define MAILDRILL_FUZZ_LAWS_MISTAKEN_H

#include "fuzz.h"
#include "script/script.h"

/** An error of a script that is no transcript: it breaks off where the word that it marks is right.
 */
void mistaken_check(const struct script *script, const struct script_diagnostic *d);

/** A script that loaded, of one file: each line of the client and each directive that does
 * something is a step. */
void mistaken_check_lines(const struct script *script);

#endif
