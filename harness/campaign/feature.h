/*
 * feature: what a session was like, as marks in a table: an input that sets a mark which none set
 * before is worth keeping.
 *
 * A mark stands for three replies one after another, for a kind of command with the code and the
 * enhanced status code of its reply, for how the session ended, how long it took, and how many more
 * replies than commands there were. Marks are presence, never a count: what repeats is not new.
 */
#ifndef MAILDRILL_CAMPAIGN_FEATURE_H
#define MAILDRILL_CAMPAIGN_FEATURE_H

#include "campaign/session.h"

#define FEATURE_COUNT 4096 /* more makes each input slower than it makes it telling */

/** Sets the marks of a session that took `taken_us`. */
void feature_mark(uint8_t *marks, const struct session *session, uint64_t taken_us);

/** Those of its replies alone. */
void feature_mark_steps(uint8_t *marks, const struct session *session);

#endif
