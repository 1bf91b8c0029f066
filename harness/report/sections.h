/*
 * sections: a table of RFC sections, for a person at a terminal. Under each section stands what did
 * not pass there, and at the end how much of the suite was run, and why the rest was not.
 */
#ifndef MAILDRILL_REPORT_SECTIONS_H
#define MAILDRILL_REPORT_SECTIONS_H

#include "report/report.h"

void *sections_begin(struct sink sink, const struct report_run *run);
void sections_result(void *state, const struct report_result *result);
void sections_end(void *state, const struct report_end *end);

#endif
