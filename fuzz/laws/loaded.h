/*
 * loaded: a second reading of what stands around the lines of a script: how long it waits, where
 * branches and loops go on, what %set said last, what a line is in its dialogue; and a test is what
 * it is alone.
 */
#ifndef MAILDRILL_FUZZ_LAWS_LOADED_H
#define MAILDRILL_FUZZ_LAWS_LOADED_H

#include "fuzz.h"
#include "script/script.h"

/** The laws of a script that was loaded without errors, and is no transcript. */
void loaded_check(const struct script *script);

/** A mistake that is listed is one. */
void loaded_check_mistake(const struct script *script, const struct script_diagnostic *d);

/** Each test is the same where the others are blank lines. */
void loaded_check_alone(const struct script *script, const struct script_options *options);

#endif
