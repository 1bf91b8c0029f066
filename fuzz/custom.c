#include "custom.h"

#include <stdlib.h>

/* The engine's own; NULL where it has none (AFL++). */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* The state lets a mutant be several edits away from its parent, mostly one. */
static size_t mutate_once(fuzz_mutate_fn *mutate, struct mutate *m, uint8_t *data, size_t size,
                          uint8_t *room, size_t max_size)
{
    size_t len = mutate(m, slice_of(data, size), room, max_size);
    memcpy(data, room, len);
    return len;
}

/* MAILDRILL_PLAIN_MUTATOR=1 shows what the mutator is worth. */
static bool is_plain(void)
{
    static int plain = -1;
    if (plain < 0)
        plain = getenv("MAILDRILL_PLAIN_MUTATOR") != NULL;
    return plain == 1;
}

size_t fuzz_custom_mutate(fuzz_mutate_fn *mutate, uint8_t *data, size_t size, size_t max_size,
                          unsigned int seed)
{
    struct mutate m = {.random = seed, .octets = LLVMFuzzerMutate};
    if (m.octets != NULL && (is_plain() || mutate_random(&m, 4) == 0))
        return m.octets(data, size, max_size);
    uint8_t *room = malloc(max_size == 0 ? 1 : max_size);
    if (room == NULL)
        return size;
    do
        size = mutate_once(mutate, &m, data, size, room, max_size);
    while (mutate_random(&m, 3) == 0);
    free(room);
    return size;
}

size_t fuzz_custom_cross(fuzz_cross_fn *cross, struct slice one, struct slice other, uint8_t *room,
                         size_t capacity, unsigned int seed)
{
    struct mutate m = {.random = seed};
    /* libFuzzer would make every second mutant so; 0: it takes another way. Its own mutator
     * crosses by itself. */
    if (is_plain() || mutate_random(&m, 8) > 0)
        return 0;
    return cross(&m, one, other, room, capacity);
}
