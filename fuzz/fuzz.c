#include "fuzz.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#elif __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#endif
#elif defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(octets, size)   ((void)(octets), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(octets, size) ((void)(octets), (void)(size))
#endif

/* What was given back stays out of use for long enough to be seen, which is while an input lasts;
 * with AddressSanitizer's own 256 MiB each allocation has pages that no cache holds. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=4:thread_local_quarantine_size_kb=256";
}

#define ARENA_OCTETS (1u << 20)
#define GAP_OCTETS   32 /* that nobody may touch, before each piece and behind the last */
#define PIECES       256

/* Pieces stand one behind another; where the last ones were given back, their place is free. */
static _Alignas(16) uint8_t arena[ARENA_OCTETS];
static struct piece {
    uint8_t *ptr;
    size_t octets;
    bool held;
} pieces[PIECES];
static size_t piece_count;

static size_t end_of_last(void)
{
    size_t end = 0;
    if (piece_count > 0)
        end = (size_t)(pieces[piece_count - 1].ptr - arena) + pieces[piece_count - 1].octets;
    return ((end + 15) & ~(size_t)15) + GAP_OCTETS;
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
    pieces[piece_count++] = (struct piece){arena + at, octets, true};
    ASAN_UNPOISON_MEMORY_REGION(arena + at, octets);
#ifdef MSAN_INTERFACE_H
    __msan_allocated_memory(arena + at, octets);
#endif
    return arena + at;
}

void fuzz_give(void *memory)
{
    size_t i = piece_count;
    while (i > 0 && pieces[i - 1].ptr != memory)
        i--;
    if (i == 0) {
        free(memory);
        return;
    }
    ASAN_POISON_MEMORY_REGION(memory, pieces[i - 1].octets);
    pieces[i - 1].held = false;
    while (piece_count > 0 && !pieces[piece_count - 1].held)
        piece_count--;
}
