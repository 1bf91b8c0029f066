#include "script/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#include "base/poison.h"
#include "base/writer.h"

/* Behind each allocation, so that an octet past its end is seen. */
#ifdef POISON_IS_SEEN
#define GAP_OCTETS ((size_t)16)
#else
#define GAP_OCTETS ((size_t)0)
#endif
#define FIRST_CHUNK_OCTETS ((size_t)2 << 10)
#define MAX_CHUNK_OCTETS   ((size_t)1 << 20)

struct chunk {
    struct chunk *earlier;
    alignas(max_align_t) uint8_t octets[];
};

struct script_arena {
    struct chunk *last;
    size_t used;     /* of the last chunk */
    size_t capacity; /* of the last chunk */
    size_t total;    /* of all chunks */
    size_t next;     /* capacity of the next one: half of all so far, so that there are few */
};

static void *grab(size_t octets)
{
    void *memory = calloc(1, octets);
    if (memory == NULL)
        abort();
    return memory;
}

struct script_arena *script_arena_new(void)
{
    struct script_arena *arena = grab(sizeof *arena);
    arena->next = FIRST_CHUNK_OCTETS;
    return arena;
}

void script_arena_free(struct script_arena *arena)
{
    for (struct chunk *chunk = arena->last, *earlier; chunk != NULL; chunk = earlier) {
        earlier = chunk->earlier;
        free(chunk);
    }
    free(arena);
}

static struct chunk *chunk_of(struct script_arena *arena, size_t capacity)
{
    if (capacity > SIZE_MAX - sizeof(struct chunk))
        abort();
    arena->total += capacity;
    struct chunk *chunk = grab(sizeof(struct chunk) + capacity);
    ASAN_POISON_MEMORY_REGION(chunk->octets, capacity);
    return chunk;
}

static void add_chunk(struct script_arena *arena, size_t octets)
{
    arena->capacity = octets > arena->next ? octets : arena->next;
    struct chunk *chunk = chunk_of(arena, arena->capacity);
    chunk->earlier = arena->last;
    arena->last = chunk;
    if (arena->next < arena->total / 2)
        arena->next = arena->total / 2 < MAX_CHUNK_OCTETS ? arena->total / 2 : MAX_CHUNK_OCTETS;
}

/* What is large has a chunk of its own before the last one, whose rest remains for others. */
static void *add_large(struct script_arena *arena, size_t octets)
{
    struct chunk *chunk = chunk_of(arena, octets);
    chunk->earlier = arena->last->earlier;
    arena->last->earlier = chunk;
    ASAN_UNPOISON_MEMORY_REGION(chunk->octets, octets);
    return chunk->octets;
}

void *script_arena_alloc(struct script_arena *arena, size_t octets)
{
    size_t align = alignof(max_align_t);
    size_t start = (arena->used + align - 1) / align * align;
    if (arena->last == NULL || start > arena->capacity || octets > arena->capacity - start) {
        if (arena->last != NULL && octets > arena->next / 2)
            return add_large(arena, octets);
        add_chunk(arena, octets);
        start = 0;
    }
    arena->used = start + octets + GAP_OCTETS;
    ASAN_UNPOISON_MEMORY_REGION(arena->last->octets + start, octets);
    return arena->last->octets + start;
}

struct slice script_arena_copy(struct script_arena *arena, struct slice octets)
{
    uint8_t *copy = script_arena_alloc(arena, octets.len);
    if (octets.len > 0)
        memcpy(copy, octets.ptr, octets.len);
    return slice_of(copy, octets.len);
}

/* Room for `needed` items; doubling keeps the copies linear in the end. */
static void *grown(struct script_arena *arena, const void *items, size_t count, size_t *capacity,
                   size_t needed, size_t octets)
{
    size_t larger = *capacity < 8 ? 8 : *capacity;
    while (larger < needed && larger <= SIZE_MAX / 2)
        larger *= 2;
    if (larger < needed || larger > SIZE_MAX / octets)
        abort();
    void *copy = script_arena_alloc(arena, larger * octets);
    if (count > 0)
        memcpy(copy, items, count * octets);
    *capacity = larger;
    return copy;
}

void script_buffer_put(struct script_buffer *buffer, struct slice octets)
{
    if (octets.len > buffer->capacity - buffer->len)
        buffer->ptr = grown(buffer->arena, buffer->ptr, buffer->len, &buffer->capacity,
                            buffer->len + octets.len, 1);
    if (octets.len > 0)
        memcpy(buffer->ptr + buffer->len, octets.ptr, octets.len);
    buffer->len += octets.len;
}

void script_buffer_put_octet(struct script_buffer *buffer, uint8_t octet)
{
    script_buffer_put(buffer, slice_of(&octet, 1));
}

void script_buffer_put_number(struct script_buffer *buffer, uint64_t number)
{
    uint8_t digits[20];
    struct writer out = writer_of(digits, sizeof digits);
    writer_put_number(&out, number);
    script_buffer_put(buffer, writer_slice(&out));
}

void *script_array_push(struct script_array *array, size_t octets)
{
    if (array->count == array->capacity)
        array->items = grown(array->arena, array->items, array->count, &array->capacity,
                             array->count + 1, octets);
    void *item = (uint8_t *)array->items + octets * array->count++;
    return memset(item, 0, octets); /* an array may be emptied and filled again */
}
