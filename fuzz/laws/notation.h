/*
 * notation: a session that is made, and how programs write it, for fuzz_transcript.
 *
 * A seed makes a session that needs no repair; it is written as its script, and as a terminal, a
 * known program or a page shows it. Whatever the notation is, the import has to be that script.
 */
#ifndef MAILDRILL_FUZZ_LAWS_NOTATION_H
#define MAILDRILL_FUZZ_LAWS_NOTATION_H

#include "base/slice.h"
#include "base/writer.h"

#define NOTATION_OCTETS 16384 /* of a session in any notation, at most */

/** Writes the script of a session: a line each, with "C: " or "S: ". */
void notation_make(uint64_t seed, struct writer *script);

/** Writes that script's session in the notation and the encoding that the seed chooses; its name.
 * Where the notation says what the script does not, as that the server closed, the script has it
 * then, too. */
const char *notation_write(uint64_t seed, struct writer *script, struct writer *out);

#endif
