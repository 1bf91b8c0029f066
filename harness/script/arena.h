/*
 * arena: memory that is freed at once, and what grows in it.
 *
 * A script and all it points to live in one arena, so that freeing it is one call and no path can
 * leak. Work and memory stay linear in what is stored. A process that is out of memory ends.
 */
#ifndef MAILDRILL_SCRIPT_ARENA_H
#define MAILDRILL_SCRIPT_ARENA_H

#include "base/slice.h"

struct script_arena;

struct script_arena *script_arena_new(void);
void script_arena_free(struct script_arena *arena);

/** Zeroed memory, aligned for any type; never NULL. */
void *script_arena_alloc(struct script_arena *arena, size_t octets);

/** Copies `octets` into the arena. */
struct slice script_arena_copy(struct script_arena *arena, struct slice octets);

/** Octets that grow. Begin with {.arena = ...}. */
struct script_buffer {
    struct script_arena *arena;
    uint8_t *ptr;
    size_t len;
    size_t capacity;
};

void script_buffer_put(struct script_buffer *buffer, struct slice octets);
void script_buffer_put_octet(struct script_buffer *buffer, uint8_t octet);
/** Decimal digits, without sign or leading zeros. */
void script_buffer_put_number(struct script_buffer *buffer, uint64_t number);

/** What was put so far; valid until more is. */
static inline struct slice script_buffer_slice(const struct script_buffer *buffer)
{
    return slice_of(buffer->ptr, buffer->len);
}

/** Items of one type that grow. Begin with {.arena = ...}. */
struct script_array {
    struct script_arena *arena;
    void *items;
    size_t count;
    size_t capacity;
};

/** Appends a zeroed item of `octets`, the same at each call; valid until the next push. */
void *script_array_push(struct script_array *array, size_t octets);

#endif
