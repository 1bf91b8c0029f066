/*
 * grammar: the grammars of the RFCs, read as they stand there, for laws.
 *
 * smtp.abnf and imf.abnf are ABNF (RFC 5234); this is a slow and plain reader of it, which follows
 * all alternatives at once and remembers nothing of how a parser is written. A target holds its
 * parser against it: what the parser takes, the grammar has, and what the grammar has, it takes.
 */
#ifndef MAILDRILL_FUZZ_GRAMMAR_H
#define MAILDRILL_FUZZ_GRAMMAR_H

#include "base/slice.h"
#include "base/writer.h"

#define GRAMMAR_MAX_OCTETS 255

/** Whether an input is short enough to be read. */
static inline bool grammar_takes(struct slice in)
{
    return in.len <= GRAMMAR_MAX_OCTETS;
}

/** Whether all of `in`, which is short enough, is an instance of the rule of that name. Aborts
 * where no rule has it. */
bool grammar_has(const char *rule, struct slice in);

/** Octets at the start of `in` with which an instance of the rule may begin: where it is none, what
 * stands there is the first octet that is wrong. in.len where nothing is wrong but the end. */
size_t grammar_reach(const char *rule, struct slice in);

/**
 * Writes an instance of the rule, which the seed chooses: borders of ranges, first and last
 * alternatives, no repetition and some. `wrong`: or nearly one, with an octet just outside of what
 * may stand there, or something once too often. False, and something written, where that would have
 * been too long or too deep.
 */
bool grammar_make(const char *rule, uint64_t seed, bool wrong, struct writer *out);

/** Checks the input and, one time in four, an instance of one of the rules of those names, or
 * nearly one, which its hash chooses. */
void grammar_check(const char *const *names, size_t count, struct slice in,
                   void (*check)(struct slice text));

/** Loads a grammar of its own in place of those: for tests. NULL: those again. */
void grammar_load(const char *abnf);

#endif
