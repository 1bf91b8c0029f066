/*
 * judge: what a difference makes of the test, and how the dialogue goes on after it. Private to
 * harness/engine.
 */
#ifndef MAILDRILL_ENGINE_JUDGE_H
#define MAILDRILL_ENGINE_JUDGE_H

#include "engine/state.h"

/** How a reply stands to an expectation. */
enum judge_outcome {
    JUDGE_PASS,
    JUDGE_WARN,
    JUDGE_UNCLEAR,
    JUDGE_FAIL,
};

/** What comes of a code that does not pass: the set that names it more exactly ("warn 5xx | unclear
 * 530") says it. */
enum judge_outcome judge_code(struct script_outcomes warn, struct script_outcomes unclear,
                              unsigned code);
/** What comes of EOF, QUIET or ALERT where a reply may stand. */
enum judge_outcome judge_other(struct script_outcomes pass, struct script_outcomes warn,
                               struct script_outcomes unclear, enum script_outcome_kind other);

/** Whether the step is an assertion that decides. */
bool judge_asserts(const struct script_step *step);

/** The current step is as written; goes on with the next. Where a pattern ran away, it is an error,
 * here and in judge_differed. */
void judge_matched(struct engine *e);

/** The current step is not as written. `event` says how: fault, text, reply_error, offset. `code`:
 * of the reply, or 0. */
void judge_differed(struct engine *e, enum judge_outcome outcome, unsigned code,
                    struct engine_event event);

/** Ends the test. `fault` says why, where it is no difference of a step. What differed before and
 * is worse than `verdict` stands; `reason` is a note then. */
void judge_finish(struct engine *e, enum engine_verdict verdict, enum engine_fault fault,
                  struct slice reason);

/** Ends the test with what its differences came to. */
void judge_finish_as_found(struct engine *e);

#endif
