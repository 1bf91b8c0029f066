/*
 * mutate_dialogue: mutants of what a client says to a mail server, line by line.
 *
 * A mutant is mostly a dialogue still: whole commands are put in (one time in two at the end),
 * doubled, dropped, swapped and moved; verbs, paths, parameters, line endings and what stands
 * between words come from the grammar; what looks like the end of a message is put into one; and
 * octets are changed inside one line. Replies are made beside replies, and the tags of a script
 * ("C: ", "S: ") are kept where lines have them.
 */
#ifndef MAILDRILL_FUZZ_MUTATE_DIALOGUE_H
#define MAILDRILL_FUZZ_MUTATE_DIALOGUE_H

#include "mutate.h"

/**
 * Writes a mutant of `text` to `room`, which does not overlap it; returns its octets.
 *
 * A mutant that would be longer than `capacity` loses its end.
 */
size_t mutate_dialogue(struct mutate *m, struct slice text, uint8_t *room, size_t capacity);

/** Writes a dialogue made of the lines of two. */
size_t mutate_dialogue_cross(struct mutate *m, struct slice one, struct slice other, uint8_t *room,
                             size_t capacity);

#endif
