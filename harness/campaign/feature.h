/*
 * feature: what a session was like, as marks in a table: an input that sets a mark which none set
 * before is worth keeping.
 *
 * A mark stands for three reply codes one after another; for two replies with their enhanced status
 * codes; for a kind of command with its reply, alone, with its text, and by what the session held
 * then; for how the session ended, how long it took, and how many more replies than commands there
 * were. Marks are presence, never a count: what repeats is not new.
 */
#ifndef MAILDRILL_CAMPAIGN_FEATURE_H
#define MAILDRILL_CAMPAIGN_FEATURE_H

#include "campaign/session.h"

#define FEATURE_COUNT 16384 /* more makes each input slower than it makes it telling */
#define FEATURE_STEP  5     /* marks of one step, at most */

/** The marks of a step, as places in the table; returns how many: 0 where nothing was answered. */
size_t feature_of_step(const struct session *session, size_t step, uint16_t *ret_marks);

/** Sets the marks of a session that took `taken_us`. */
void feature_mark(uint8_t *marks, const struct session *session, uint64_t taken_us);

#endif
