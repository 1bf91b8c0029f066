#include "campaign/frontier.h"

static void keep(struct frontier *f, uint16_t mark, struct slice way, unsigned code)
{
    struct frontier_way *kept = &f->ways[mark];
    if (way.len == 0 || way.len > FRONTIER_OCTETS || (kept->len > 0 && kept->len <= way.len))
        return;
    if (kept->len == 0)
        f->known[f->count++] = mark;
    kept->len = (uint16_t)way.len;
    kept->code = code;
    memcpy(kept->octets, way.ptr, way.len);
}

void frontier_note(struct frontier *f, const struct session *s, struct slice octets)
{
    uint16_t marks[FEATURE_STEP];
    for (size_t i = 0; i < s->count; i++) {
        const struct session_step *step = &s->steps[i];
        size_t len =
            step->said.len == 0 ? 0 : (size_t)(step->said.ptr + step->said.len - octets.ptr);
        for (size_t k = feature_of_step(s, i, marks); k > 0; k--) {
            f->ways[marks[k - 1]].taken++;
            keep(f, marks[k - 1], slice_sub(octets, 0, len), step->code);
        }
    }
}

/* The one that was taken least often; which of several, chance decides. */
static uint16_t least_taken(const struct frontier *f, size_t from)
{
    uint16_t least = f->known[from];
    for (size_t i = 1; i < f->count; i++) {
        uint16_t mark = f->known[(from + i) % f->count];
        if (f->ways[mark].taken < f->ways[least].taken)
            least = mark;
    }
    return least;
}

const struct frontier_way *frontier_next(struct frontier *f, uint64_t random)
{
    if (f->count == 0)
        return NULL;
    uint64_t number = random / 4;
    size_t recent = f->count < FRONTIER_RECENT ? f->count : FRONTIER_RECENT;
    uint16_t mark = random % 4 == 0 ? f->known[f->count - 1 - (size_t)(number % recent)]
                                    : least_taken(f, (size_t)(number % f->count));
    f->ways[mark].taken++;
    return &f->ways[mark];
}
