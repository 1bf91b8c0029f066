#include "cli/fuzz/talk.h"

#define CONNECT_US 5000000
#define WRITE_US   2000000

/* Reads what comes within `us`; false where nothing more does. */
static bool read_more(struct talk *t, uint64_t us)
{
    size_t got = 0;
    if (t->closed || t->heard.len == HEARD_MAX_OCTETS)
        return false;
    enum wire_end end = wire_read(&t->wire, t->heard.octets + t->heard.len,
                                  HEARD_MAX_OCTETS - t->heard.len, us, &got);
    t->closed = end == WIRE_CLOSED || end == WIRE_RESET;
    t->heard.len += got;
    return end == WIRE_OCTETS;
}

/* The next reply, for at most `us` from now. */
static enum session_heard wait_reply(struct talk *t, uint64_t us, struct smtp_reply *ret_reply,
                                     int *ret_error)
{
    uint64_t begun = wire_now_us();
    for (;;) {
        enum session_heard heard = heard_next(&t->heard, ret_reply, ret_error);
        if (heard != SESSION_NOTHING)
            return heard;
        uint64_t gone = wire_now_us() - begun;
        if (!read_more(t, gone < us ? us - gone : 0))
            return t->closed ? SESSION_CLOSED : SESSION_NOTHING;
    }
}

static bool say(void *context, struct slice octets)
{
    struct talk *t = context;
    /* A server that takes no more may have said why: what it says is heard all the same. */
    if (t->how == TALK_STEPS && !t->closed)
        (void)wire_write(&t->wire, octets.ptr, octets.len, WRITE_US);
    return true;
}

static void say_all(struct talk *t)
{
    uint64_t begun = wire_now_us(), gone = 0;
    t->said = true;
    (void)wire_write(&t->wire, t->octets.ptr, t->octets.len, WRITE_US);
    wire_finish(&t->wire);
    while (gone < t->rest_us && read_more(t, t->rest_us - gone))
        gone = wire_now_us() - begun;
}

static enum session_heard hear_at_once(struct talk *t, enum session_wait wait,
                                       struct smtp_reply *ret_reply, int *ret_error)
{
    if (t->heard.at == 0 && t->heard.len == 0) /* the greeting */
        return wait_reply(t, t->awaited_us, ret_reply, ret_error);
    if (!t->said)
        say_all(t);
    if (wait == SESSION_EARLY)
        return SESSION_NOTHING;
    enum session_heard heard = heard_next(&t->heard, ret_reply, ret_error);
    return heard == SESSION_NOTHING && t->closed ? SESSION_CLOSED : heard;
}

static enum session_heard hear(void *context, enum session_wait wait, struct smtp_reply *ret_reply,
                               int *ret_error)
{
    struct talk *t = context;
    if (t->how == TALK_AT_ONCE)
        return hear_at_once(t, wait, ret_reply, ret_error);
    if (wait == SESSION_REST && !t->said) {
        t->said = true;
        if (!t->closed)
            wire_finish(&t->wire);
    }
    uint64_t us = wait == SESSION_AWAITED ? t->awaited_us
                  : wait == SESSION_EARLY ? t->early_us
                                          : t->rest_us;
    enum session_heard heard = wait_reply(t, us, ret_reply, ret_error);
    return wait == SESSION_EARLY && heard == SESSION_CLOSED ? SESSION_NOTHING : heard;
}

bool talk(struct talk *t, struct slice octets, enum talk_how how)
{
    uint64_t begun = wire_now_us();
    if (!wire_connect(&t->wire, &t->address, CONNECT_US))
        return false;
    t->how = how;
    t->octets = octets;
    t->closed = t->said = false;
    heard_clear(&t->heard);
    session_play(&t->session, octets, &(struct session_line){say, hear, t});
    t->taken_us = wire_now_us() - begun;
    wire_close(&t->wire, !t->closed);
    return true;
}
