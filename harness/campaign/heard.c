#include "campaign/heard.h"

/* RFC 5321 4.5.3.1.5 says 512 octets a line; servers exceed it, and none has to say more. */
static const struct smtp_reply_limits limits = {.max_line_octets = 8192, .max_octets = 65536};

void heard_clear(struct heard *heard)
{
    heard->len = heard->at = 0;
    heard->parser = (struct smtp_reply_parser){.limits = limits};
    heard->spent = false;
}

enum session_heard heard_next(struct heard *heard, struct smtp_reply *ret_reply, int *ret_error)
{
    if (heard->spent || heard->at == heard->len)
        return SESSION_NOTHING;
    struct slice in = slice_of(heard->octets + heard->at, heard->len - heard->at);
    struct parse_result result = smtp_reply_parse(&heard->parser, in, ret_reply);
    if (result.status == PARSE_MORE)
        return SESSION_NOTHING;
    heard->parser = (struct smtp_reply_parser){.limits = limits};
    if (result.status == PARSE_ERROR) {
        heard->spent = true;
        *ret_error = result.error;
        return SESSION_MALFORMED;
    }
    heard->at += result.offset;
    return SESSION_REPLY;
}
