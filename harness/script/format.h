/*
 * format: a script, laid out in one way.
 *
 * Only what means nothing changes: line endings become LF, blanks before a tag go, one space stands
 * behind it, words of a directive and verdicts stand one space apart, blank lines do not follow
 * each other, one stands before a %test and the comment that belongs to it, none at the end.
 * Comments, texts of %data and %bdat, what is sent and what is expected stay octet by octet; so
 * does a line that is no line of a script.
 *
 * Laws: format(format(x)) is format(x); what loads without an error loads to the same steps and the
 * same remarks.
 */
#ifndef MAILDRILL_SCRIPT_FORMAT_H
#define MAILDRILL_SCRIPT_FORMAT_H

#include "script/arena.h"

/** The script laid out; it lives in the arena. `source` is no transcript (transcript_detect).
 * Total, and linear in the source. */
struct slice script_format(struct script_arena *arena, struct slice source);

#endif
