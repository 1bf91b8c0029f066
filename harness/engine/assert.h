/*
 * assert: what holds of the dialogue so far. Private to harness/engine.
 */
#ifndef MAILDRILL_ENGINE_ASSERT_H
#define MAILDRILL_ENGINE_ASSERT_H

#include "engine/state.h"

/** %ehlo: the current step. */
void assert_ehlo(struct engine *e);

/** %reply, %replies, %assert: the current step. */
void assert_step(struct engine *e);

/** Finds the %replies of the test, before it begins. */
void assert_watch(struct engine *e);
/** A reply has come: each %replies that is still ahead looks at it. */
void assert_reply_came(struct engine *e, const struct smtp_reply *reply);
/** The step that an ill-formed reply is a fault of: an assertion ahead about the lines of this
 * reply or of all, else the current one. */
size_t assert_of_form(const struct engine *e);

/** Whether a comparison holds; not where a variable has no value. */
bool assert_compare(struct engine *e, const struct script_compare *compare);

#endif
