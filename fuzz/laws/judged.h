/*
 * judged: a plain second reading of what a script says of a reply, line by line, and of what it
 * comes to where the reply is another.
 */
#ifndef MAILDRILL_FUZZ_LAWS_JUDGED_H
#define MAILDRILL_FUZZ_LAWS_JUDGED_H

#include "engine/engine.h"

/* Of what holds variables, was masked, or runs away, this reading does not know. */
enum judged { JUDGED_NO, JUDGED_YES, JUDGED_UNKNOWN };

/** What came last. */
struct judged_reply {
    bool hidden; /* a digit of its code is left out, as a secret is: nothing is told of it */
    struct slice raw;
    unsigned code;
    enum engine_match match;
    bool came; /* it did; else the peer closed, or was quiet, where a reply may stand */
};

/** Whether a secret may have stood in a text of an event's, which does not tell it. */
bool judged_is_masked(struct slice text);

/** Whether one may have stood in the code of a reply, which then nobody knows. */
bool judged_hides_code(struct slice reply);

/** Whether the code of a reply that came is in the set, none of which lets any pass. */
bool judged_code(struct script_outcomes pass, const struct judged_reply *reply);

/** Whether the enhanced code and the lines are those of the expectation, as far as `match` asks. */
enum judged judged_enhanced(const struct script_expectation *expect,
                            const struct judged_reply *reply);
enum judged judged_lines(const struct script_expectation *expect, const struct judged_reply *reply);

/** Whether an assertion about a reply holds. */
enum judged judged_assertion(const struct script_assert *assertion,
                             const struct judged_reply *reply);

/** Whether a comparison of two texts holds. */
enum judged judged_compare(const struct script_compare *compare, struct slice left,
                           struct slice right);

/** What it makes of the test that a reply differs from an S: line or an assertion; `code`: it is
 * its code that does. */
enum engine_verdict judged_verdict(const struct script_test *test, const struct script_step *step,
                                   const struct judged_reply *reply, bool code);

/** What it makes of the test that octets came, or the end, while nothing should. */
enum engine_verdict judged_quiet(const struct script_test *test, const struct script_step *step,
                                 struct slice octets);

#endif
