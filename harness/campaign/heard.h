/*
 * heard: what a server has said, reply by reply.
 */
#ifndef MAILDRILL_CAMPAIGN_HEARD_H
#define MAILDRILL_CAMPAIGN_HEARD_H

#include "campaign/session.h"

#define HEARD_MAX_OCTETS                                                                           \
    ((size_t)256 << 10) /* of one session; what comes behind is not looked at */

struct heard {
    uint8_t octets[HEARD_MAX_OCTETS]; /* stay where they are */
    size_t len;
    size_t at; /* the next reply begins here */
    struct smtp_reply_parser parser;
    bool spent; /* what begins there is no reply */
};

void heard_clear(struct heard *heard);

/** SESSION_REPLY, SESSION_MALFORMED, or SESSION_NOTHING: no reply is complete yet. */
enum session_heard heard_next(struct heard *heard, struct smtp_reply *ret_reply, int *ret_error);

#endif
