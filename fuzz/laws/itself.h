/*
 * itself: the law that a script which is played against itself, in memory, passes on both sides.
 *
 * It holds where both sides know from the script alone what is said next. Each command has its
 * reply, in loops and in both parts of a branch; nothing is raw; no reply is a pattern; there is
 * one connection. %auth is computed by a mechanism made for it. What an assertion or a %capture
 * says of the script's own replies may not hold: then nothing is asked. Commands are compared octet
 * by octet, so that what one side captured is what the other did.
 */
#ifndef MAILDRILL_FUZZ_LAWS_ITSELF_H
#define MAILDRILL_FUZZ_LAWS_ITSELF_H

#include "engine/engine.h"

#define ITSELF_MAX_OCTETS                                                                          \
    1024                     /* that a side keeps of what came; a command may have half of them    \
                              */
#define ITSELF_MAX_ROUNDS 40 /* of %repeat in a test */

/** What scripts may ask for: client, rcpt, user and, as a secret, pass. */
#define ITSELF_VARIABLES 4
extern const struct engine_variable itself_variables[ITSELF_VARIABLES];

/** Computes %auth: as many messages as the mechanism's name has letters, up to 9, from side to
 * side; with a longer name, without end. */
extern const struct engine_sasl itself_sasl;

/** Whether all messages were said of the exchange that went on last. */
bool itself_sasl_done(void);

/** Whether the law is asked of a test. */
bool itself_is_plain(const struct script_test *test);

/** Plays a plain test, at most `piece` octets at once. */
void itself_play(const struct script_test *test, size_t piece);

#endif
