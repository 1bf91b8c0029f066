/*
 * custom: gives a target a mutator of its own. FUZZ_MUTATOR(mutate_dialogue) stands once in a
 * target's file.
 *
 * One time in four the engine's own mutator has the whole input, so that its dictionary and the
 * comparisons it saw come in; else ours has, and the engine's changes octets inside one line.
 */
#ifndef MAILDRILL_FUZZ_CUSTOM_H
#define MAILDRILL_FUZZ_CUSTOM_H

#include "mutate_dialogue.h"
#include "mutate_message.h"

typedef size_t fuzz_mutate_fn(struct mutate *m, struct slice text, uint8_t *room, size_t capacity);
typedef size_t fuzz_cross_fn(struct mutate *m, struct slice one, struct slice other, uint8_t *room,
                             size_t capacity);

/* What engines call. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
                                 size_t size2, uint8_t *out, size_t max_out_size,
                                 unsigned int seed);

size_t fuzz_custom_mutate(fuzz_mutate_fn *mutate, uint8_t *data, size_t size, size_t max_size,
                          unsigned int seed);
size_t fuzz_custom_cross(fuzz_cross_fn *cross, struct slice one, struct slice other, uint8_t *room,
                         size_t capacity, unsigned int seed);

#define FUZZ_MUTATOR(mutator)                                                                      \
    size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) \
    {                                                                                              \
        return fuzz_custom_mutate(mutator, data, size, max_size, seed);                            \
    }                                                                                              \
    size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,     \
                                     size_t size2, uint8_t *out, size_t max_out_size,              \
                                     unsigned int seed)                                            \
    {                                                                                              \
        return fuzz_custom_cross(mutator##_cross, slice_of(data1, size1), slice_of(data2, size2),  \
                                 out, max_out_size, seed);                                         \
    }

#endif
