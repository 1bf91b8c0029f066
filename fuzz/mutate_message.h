/*
 * mutate_message: mutants of a message's header, or of the value of one field.
 *
 * Text that has fields is changed field by field, other text word by word: fields, addresses,
 * dates, trace clauses, encoded words, parameters and comments are put in, doubled, dropped,
 * swapped and moved; folds are made and undone; and octets are changed inside one field or word.
 */
#ifndef MAILDRILL_FUZZ_MUTATE_MESSAGE_H
#define MAILDRILL_FUZZ_MUTATE_MESSAGE_H

#include "mutate.h"

/** As mutate_dialogue. */
size_t mutate_message(struct mutate *m, struct slice text, uint8_t *room, size_t capacity);

/** As mutate_dialogue_cross. */
size_t mutate_message_cross(struct mutate *m, struct slice one, struct slice other, uint8_t *room,
                            size_t capacity);

#endif
