/*
 * said: what both sides of a script say, told from its steps alone, without the engine: the octets
 * that go out and how each reply begins and ends. What is told stops where the script alone does
 * not say what comes: conditions, captures, %auth, another connection.
 */
#ifndef MAILDRILL_FUZZ_LAWS_SAID_H
#define MAILDRILL_FUZZ_LAWS_SAID_H

#include "base/writer.h"
#include "script/script.h"

#define SAID_OCTETS (64u * 1024) /* that are told of one side at most */

/** Octets of what the client sends; false where they are told up to there only. */
bool said_by_client(const struct script_test *test, struct writer *out);

/** Whether `octets` are the server's replies as they are written, in that order, as far as that is
 * told and as far as they go. */
bool said_by_server(const struct script_test *test, struct slice octets);

/** Octets of a text that stands in no %repeat; false where they are not told. */
bool said_text(const struct script_test *test, struct script_text text, struct writer *out);

/** Whether a text has no octets: it names a variable that nobody gives a value, or a function can
 * make nothing of what it is given. */
bool said_never(const struct script_test *test, struct script_text text);

/** How many rounds a %repeat has, or the chunks of a %bdat but the last; false where that is not
 * told. */
bool said_rounds(const struct script_test *test, const struct script_flow *flow, uint64_t *ret);

#endif
