/*
 * pretty: the report for a person at a terminal.
 *
 * A run prints a line for each test and, under it, each difference in full: file, line, caret, what
 * was got and what was sent. A replay prints the dialogue as a table, a row for each reply. With
 * `trace` every line that went or came stands under its test, with its time.
 * What a peer sent is made visible here (report/sink.h).
 */
#ifndef MAILDRILL_REPORT_PRETTY_H
#define MAILDRILL_REPORT_PRETTY_H

#include "report/report.h"

void *pretty_begin(struct sink sink, const struct report_run *run);
void pretty_result(void *state, const struct report_result *result);
void pretty_end(void *state, const struct report_end *end);

#endif
