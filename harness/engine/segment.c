#include "engine/segment.h"

/* xorshift64*: the same lengths for the same seed, on every machine */
static uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(2685821657736338717);
}

static size_t next_length(struct engine *e)
{
    const struct script_segment *segment = e->segment;
    if (segment->kind == SCRIPT_SEGMENT_LENGTHS)
        return segment->lengths[e->piece++ % segment->count];
    if (e->piece++ == 0)
        e->random = segment->seed * 2 + 1;
    return 1 + (size_t)(next_random(&e->random) >> 58);
}

void segment_next(struct engine *e)
{
    bool whole = e->segment == NULL || e->segment->kind == SCRIPT_SEGMENT_ALL;
    size_t left = e->output_len - e->output_sent;
    size_t length = whole ? left : next_length(e);
    e->piece_end = e->output_sent + (length < left ? length : left);
}
