#include "engine/lane.h"

static void use(struct engine *e, unsigned connection)
{
    struct engine_lane *here = &e->lanes[e->connection], *there = &e->lanes[connection];
    *here = (struct engine_lane){.input = e->input,
                                 .input_at = e->input_at,
                                 .input_len = e->input_len,
                                 .awaited = e->awaited,
                                 .ehlo = e->ehlo,
                                 .ehlo_len = e->ehlo_len,
                                 .ended = e->ended,
                                 .lost = e->lost,
                                 .secured = e->secured};
    e->connection = connection;
    e->input = there->input;
    e->input_at = there->input_at;
    e->input_len = there->input_len;
    e->awaited = there->awaited;
    e->ehlo = there->ehlo;
    e->ehlo_len = there->ehlo_len;
    e->ended = there->ended;
    e->lost = there->lost || there->overrun; /* what did not fit is gone */
    e->secured = there->secured;
}

void lane_settle(struct engine *e)
{
    if (e->step >= e->test->step_count)
        return;
    unsigned wanted = e->test->steps[e->step].connection;
    if (wanted != e->connection)
        use(e, wanted);
}

void lane_receive(struct engine *e, unsigned connection, struct slice octets)
{
    struct engine_lane *lane = &e->lanes[connection];
    if (lane->input_at > 0) {
        lane->input_len -= lane->input_at;
        memmove(lane->input, lane->input + lane->input_at, lane->input_len);
        lane->input_at = 0;
    }
    size_t room = e->config.max_input_octets - lane->input_len;
    size_t take = octets.len < room ? octets.len : room;
    memcpy(lane->input + lane->input_len, octets.ptr, take);
    lane->input_len += take;
    if (take == octets.len)
        return;
    lane->overrun = true;
    lane->ended = true;
}

struct slice lane_unread(const struct engine *e)
{
    return slice_of(e->input + e->input_at, e->input_len - e->input_at);
}

struct slice lane_unread_at_all(const struct engine *e)
{
    struct slice unread = lane_unread(e);
    size_t most = e->config.max_input_octets;
    if (unread.len > 0 || e->more_of != e->connection)
        return unread;
    return slice_sub(e->more, 0, e->more.len < most ? e->more.len : most);
}

void lane_drop(struct engine *e)
{
    e->input_at = e->input_len;
    if (e->more_of == e->connection)
        e->more = SLICE("");
}

bool lane_find_unread(struct engine *e)
{
    for (unsigned i = 0; i <= e->test->connection_count && lane_unread_at_all(e).len == 0; i++)
        if (i != e->connection && e->lanes[i].input_len > e->lanes[i].input_at)
            use(e, i);
    return lane_unread_at_all(e).len > 0;
}

void lane_renew(struct engine *e, bool secured)
{
    e->input_at = e->input_len = e->awaited = 0;
    lane_drop(e);
    e->ehlo_len = 0;
    e->ended = e->lost = false;
    e->secured = secured;
}
