#include "script/transcript_echo.h"

#include "script/transcript_scan.h"
#include "script/transcript_text.h"

struct echo {
    size_t twice, once; /* commands, and lines of messages */
    size_t replies;
    bool in_message;
};

static bool ends_reply(struct slice body)
{
    return body.len == 3 || body.ptr[3] != '-';
}

/* Counts the line; says whether the next one repeats it. */
static bool count_line(struct echo *e, struct slice line, struct slice rest)
{
    struct slice body = slice_trim(line);
    enum transcript_class class = transcript_class_of(body);
    if (!e->in_message && class == TRANSCRIPT_REPLY) {
        e->replies += ends_reply(body);
        e->in_message = slice_starts(body, SLICE("354"));
        return false;
    }
    bool said = e->in_message || class == TRANSCRIPT_COMMAND || class == TRANSCRIPT_OTHER;
    bool again = said && rest.len > 0 && slice_equal(slice_trim(transcript_next_line(&rest)), body);
    e->twice += again && class == TRANSCRIPT_COMMAND && !e->in_message;
    e->once += !again && (e->in_message || class == TRANSCRIPT_COMMAND);
    if (slice_equal(body, SLICE(".")))
        e->in_message = false;
    return again;
}

bool transcript_echo_read(struct script_arena *arena, struct slice source, struct slice *ret_text)
{
    struct script_buffer out = {.arena = arena};
    struct echo e = {.in_message = false};
    while (source.len > 0) {
        struct slice line = transcript_next_line(&source);
        if (count_line(&e, line, source))
            transcript_next_line(&source);
        script_buffer_put(&out, line);
        script_buffer_put_octet(&out, '\n');
    }
    if (e.twice < 2 || e.once > 0 || e.replies >= 2 * e.twice)
        return false;
    *ret_text = script_buffer_slice(&out);
    return true;
}
