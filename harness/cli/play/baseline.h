/*
 * baseline: deviations that are expected, each with its reason.
 *
 *   # one line a test: its id (as --list shows it), the verdict it is known to have, and why
 *   rcpt-before-mail | fail | bug 1234: fixed in 2.3
 *
 *   line    = id SP "|" SP verdict SP "|" SP reason
 *   verdict = "fail" / "error" / "warn" / "skip"
 *
 * A test with that verdict fails no run. One that passes does ("unexpected pass": take its line
 * out); one with another verdict counts as it is. An id that no loaded test has is an error.
 */
#ifndef MAILDRILL_CLI_BASELINE_H
#define MAILDRILL_CLI_BASELINE_H

#include "cli/play/select.h"

struct baseline_entry {
    struct slice id;
    enum engine_verdict verdict;
    struct slice reason;
    size_t line;
};

struct baseline {
    struct slice octets; /* of the file */
    struct baseline_entry *entries;
    size_t count;
};

/** Reads a file; false with every mistake printed. */
bool baseline_read(struct baseline *baseline, const char *path, const struct selection *selection);
/** Says how a result stands to the baseline. */
void baseline_judge(const struct baseline *baseline, struct report_result *result);
void baseline_free(struct baseline *baseline);

#endif
