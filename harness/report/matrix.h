/*
 * matrix: a table of tests by servers, for a person at a terminal. Where the servers answer
 * differently, what each of them did stands under the row.
 */
#ifndef MAILDRILL_REPORT_MATRIX_H
#define MAILDRILL_REPORT_MATRIX_H

#include "report/report.h"

void *matrix_begin(struct sink sink, const struct report_run *run);
void matrix_result(void *state, const struct report_result *result);
void matrix_end(void *state, const struct report_end *end);

#endif
