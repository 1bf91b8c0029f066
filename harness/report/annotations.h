/*
 * annotations: GitHub workflow commands, which show at the lines of a pull request:
 *
 *   ::error file=smtp/a.smtp,line=3,col=4,title=RCPT before MAIL::reply code differs: got 250 ok
 */
#ifndef MAILDRILL_REPORT_ANNOTATIONS_H
#define MAILDRILL_REPORT_ANNOTATIONS_H

#include "report/report.h"

void *annotations_begin(struct sink sink, const struct report_run *run);
void annotations_result(void *state, const struct report_result *result);
void annotations_end(void *state, const struct report_end *end);

#endif
