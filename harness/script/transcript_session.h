/*
 * transcript_session: the sessions of a log in which they interleave. Private to harness/script.
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_SESSION_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_SESSION_H

#include "script/transcript_scan.h"

/** Puts the lines of each id together, in the order in which the ids appear, and says where a
 * session begins. Lines without an id stay with the line before. Linear. */
void transcript_sessions(struct script_arena *arena, struct transcript_lines *lines);

/** What the ids make of the log. Linear. */
struct transcript_session_count {
    size_t sessions;  /* 0 where they are too many for ids */
    size_t greeted;   /* sessions that begin with a greeting and in which both sides speak */
    size_t astray;    /* replies that answer nothing, and commands without a reply */
    bool interleaved; /* an id comes again behind another one */
};

struct transcript_session_count transcript_session_count(struct script_arena *arena,
                                                         const struct transcript_lines *lines);

#endif
