#include "campaign/shrink.h"

static size_t count_pieces(const struct shrink *s)
{
    struct slice best = slice_of(s->best, s->best_len);
    size_t count = 0;
    bool stays;
    for (size_t at = 0; at < best.len; count += !stays)
        at += s->piece(best, at, s->grain, &stays);
    return count;
}

static void begin_grain(struct shrink *s)
{
    s->pieces = count_pieces(s);
    s->run = s->pieces > 1 ? s->pieces / 2 : 1;
    s->at = 0;
    s->took = false;
}

void shrink_begin(struct shrink *shrink, shrink_piece_fn *piece, uint8_t *best, size_t len,
                  uint8_t *room)
{
    *shrink = (struct shrink){.best = best, .best_len = len, .room = room, .piece = piece};
    begin_grain(shrink);
}

/* The next run, the next length of runs, or the next grain. */
static bool find_place(struct shrink *s)
{
    while (s->at >= s->pieces) {
        bool again = s->took && s->pieces > 0;
        s->at = 0;
        if (s->run > 1) {
            s->run /= 2;
            s->took = false;
        } else if (again) { /* what one piece held may be free now */
            s->took = false;
        } else if (++s->grain == SHRINK_DONE) {
            return false;
        } else {
            begin_grain(s);
        }
    }
    return true;
}

bool shrink_next(struct shrink *shrink, struct slice *ret_candidate)
{
    if (shrink->grain == SHRINK_DONE || !find_place(shrink))
        return false;
    struct slice best = slice_of(shrink->best, shrink->best_len);
    shrink->room_len = 0;
    for (size_t at = 0, i = 0; at < best.len;) {
        bool stays;
        size_t octets = shrink->piece(best, at, shrink->grain, &stays);
        if (stays || i < shrink->at || i >= shrink->at + shrink->run) {
            memcpy(shrink->room + shrink->room_len, best.ptr + at, octets);
            shrink->room_len += octets;
        }
        i += !stays;
        at += octets;
    }
    *ret_candidate = slice_of(shrink->room, shrink->room_len);
    return true;
}

void shrink_answer(struct shrink *shrink, bool fails)
{
    if (!fails) {
        shrink->at += shrink->run;
        return;
    }
    if (shrink->room_len > 0)
        memcpy(shrink->best, shrink->room, shrink->room_len);
    shrink->best_len = shrink->room_len;
    shrink->took = true;
    shrink->pieces = count_pieces(shrink);
}
