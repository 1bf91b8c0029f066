/*
 * coverage: what came of the tests of each section of each RFC, for the reports that show it.
 */
#ifndef MAILDRILL_REPORT_COVERAGE_H
#define MAILDRILL_REPORT_COVERAGE_H

#include "report/result.h"

#define COVERAGE_VERDICTS (ENGINE_ERROR + 1)

struct coverage_section {
    struct slice rfc, section;        /* "5321", "4.1.4"; either may be empty. Of the scripts */
    size_t counts[COVERAGE_VERDICTS]; /* by coverage_verdict */
};

/** Sections in order: 4.9 comes before 4.10, and tests without an RFC come last. */
struct coverage {
    struct coverage_section *sections;
    size_t count;
};

/** The verdict a result counts for: a flaky test and an expected deviation are a warning, an
 * unexpected pass is a failure. */
enum engine_verdict coverage_verdict(const struct report_result *result);

/** Counts a result; returns its section's place, which later calls may move. */
size_t coverage_add(struct coverage *coverage, const struct report_result *result);
/** The section, or NULL where no result of it was counted. */
const struct coverage_section *coverage_find(const struct coverage *coverage, struct slice rfc,
                                             struct slice section);
void coverage_free(struct coverage *coverage);

/** Orders "4.9" before "4.10", and both before appendix "F": negative, 0 or positive. */
int coverage_compare(struct slice a, struct slice b);

#endif
