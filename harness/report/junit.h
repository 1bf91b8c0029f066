/*
 * junit: JUnit XML that both common schemas accept, the one of Ant (JUnit.xsd) and the one of
 * Jenkins (junit-10.xsd): a suite for each file and server, a testcase for each test.
 *
 * A failure or an error carries the dialogue as its text. JUnit knows no warning, no flaky test and
 * no expected deviation: a warning passes and is told in the suite's system-out; a flaky test and
 * an expected deviation are skipped, with a message that says so, and never green.
 */
#ifndef MAILDRILL_REPORT_JUNIT_H
#define MAILDRILL_REPORT_JUNIT_H

#include "report/report.h"

void *junit_begin(struct sink sink, const struct report_run *run);
void junit_result(void *state, const struct report_result *result);
void junit_end(void *state, const struct report_end *end);

#endif
