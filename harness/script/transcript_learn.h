/*
 * transcript_learn: logs of programs that transcript_log does not know. Private to harness/script.
 *
 * Programs that log a dialogue put the same words before what the server says, and others before
 * what the client says; times, numbers and ids aside (transcript_shape). The two beginnings are
 * those that stand before most replies and before most commands:
 *
 *   12:58:47: [514116] --> 220 mx            the server's: "\1:\1:\1: [\1] --> "
 *   12:58:47: [514116] <-- ehlo me           the client's: "\1:\1:\1: [\1] <-- "
 *
 * A line with either is its speaker's, whatever it says; the others are the program's own. Where
 * only one side has a beginning, or both have the same (a quotation, a time, a line number), that
 * is taken off, and the rest read as a transcript (transcript_scan).
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_LEARN_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_LEARN_H

#include "script/transcript_log.h"

enum transcript_learned {
    TRANSCRIPT_LEARNED_NOTHING,
    TRANSCRIPT_LEARNED_LOG,    /* each line that counts says who speaks */
    TRANSCRIPT_LEARNED_PREFIX, /* all lines begin alike */
    TRANSCRIPT_LEARNED_SIDE,   /* one side's lines are marked */
};

/** What the beginnings of the lines of `source` say; then its lines, but where that is nothing.
 * Linear. */
enum transcript_learned transcript_learn(struct script_arena *arena, struct slice source,
                                         struct transcript_log *ret_log);

#endif
