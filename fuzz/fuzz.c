#include "fuzz.h"

#include "base/poison.h"

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#endif
#endif

/* What was given back stays out of use for long enough to be seen, which is while an input lasts;
 * with AddressSanitizer's own 256 MiB each allocation has pages that no cache holds. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=4:thread_local_quarantine_size_kb=256";
}

#define ARENA_OCTETS (1u << 20)
#define ALIGNMENT    16
#define GAP_OCTETS   32 /* that nobody may touch, before each piece and behind the last */
#define PIECES       8192

/* Pieces stand one behind another; where the last ones were given back, their place is free. */
static _Alignas(ALIGNMENT) uint8_t arena[ARENA_OCTETS];
static struct piece {
    uint8_t *ptr;
    size_t octets;
    bool held;
} pieces[PIECES];
static size_t piece_count;
static uint16_t piece_at[ARENA_OCTETS / ALIGNMENT]; /* its number, by its place */

static size_t end_of_last(void)
{
    size_t end = 0;
    if (piece_count > 0)
        end = (size_t)(pieces[piece_count - 1].ptr - arena) + pieces[piece_count - 1].octets;
    return ((end + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1)) + GAP_OCTETS;
}

/* NULL for what had no room there. */
static struct piece *piece_of(const void *memory)
{
    uintptr_t at = (uintptr_t)memory - (uintptr_t)arena;
    return at < ARENA_OCTETS ? &pieces[piece_at[at / ALIGNMENT]] : NULL;
}

void *fuzz_take(size_t octets)
{
    static bool begun;
    if (!begun)
        ASAN_POISON_MEMORY_REGION(arena, ARENA_OCTETS);
    begun = true;
    size_t at = end_of_last();
    if (piece_count == PIECES || octets > ARENA_OCTETS || at + octets + GAP_OCTETS > ARENA_OCTETS) {
        void *memory = malloc(octets == 0 ? 1 : octets);
        if (memory == NULL)
            abort();
        return memory;
    }
    piece_at[at / ALIGNMENT] = (uint16_t)piece_count;
    pieces[piece_count++] = (struct piece){arena + at, octets, true};
    ASAN_UNPOISON_MEMORY_REGION(arena + at, octets);
#ifdef MSAN_INTERFACE_H
    __msan_allocated_memory(arena + at, octets);
#endif
    return arena + at;
}

void fuzz_give(void *memory)
{
    struct piece *piece = piece_of(memory);
    if (piece == NULL) {
        free(memory);
        return;
    }
    FUZZ_LAW(piece->ptr == memory && piece->held, "memory is given back once");
    ASAN_POISON_MEMORY_REGION(memory, piece->octets);
    piece->held = false;
    while (piece_count > 0 && !pieces[piece_count - 1].held)
        piece_count--;
}

void *fuzz_take_more(void *memory, size_t octets)
{
    const struct piece *piece = piece_of(memory);
    if (piece == NULL && memory != NULL) {
        memory = realloc(memory, octets == 0 ? 1 : octets);
        if (memory == NULL)
            abort();
        return memory;
    }
    void *more = fuzz_take(octets);
    if (piece != NULL) {
        memcpy(more, memory, piece->octets < octets ? piece->octets : octets);
        fuzz_give(memory);
    }
    return more;
}

size_t fuzz_held(void)
{
    return piece_count;
}
