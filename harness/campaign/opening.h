/*
 * opening: the dialogues that a campaign begins with, before chance has its turn: each spelling of
 * what looks like the end of a message, and each size at which buffers end, what is said again and
 * again, nested, or means something elsewhere.
 *
 * What is rare among mutants (LF . LF inside a message, a line of 1000 octets and two, a chunk of
 * 65) is so tried on every server, and in its first seconds.
 */
#ifndef MAILDRILL_CAMPAIGN_OPENING_H
#define MAILDRILL_CAMPAIGN_OPENING_H

#include "base/writer.h"

#define OPENING_OCTETS 4800 /* of the longest dialogue, without what `greeting` takes */

#define OPENING_SINGLES 8 /* the first ones are short, and of all kinds */

/**
 * Writes the dialogue of that number; false, with nothing written, where there are no more.
 *
 * `greeting` is what leads to a transaction with a recipient: the lines EHLO, MAIL and RCPT. Where
 * the dialogue is longer than the room, out->overflow is set. *ret_alone: it needs a connection of
 * its own, as where its lines lie in the stream of octets is what matters.
 */
bool opening_put(size_t number, struct slice greeting, struct writer *out, bool *ret_alone);

#endif
