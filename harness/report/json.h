/*
 * json: one object, described by harness/report/report-1.schema.json ("schema":
 * "maildrill-report-1").
 *
 * Octets of a peer are a string where they are UTF-8, else {"hex": "..."}, as in maildrill parse.
 */
#ifndef MAILDRILL_REPORT_JSON_H
#define MAILDRILL_REPORT_JSON_H

#include "report/report.h"

void *json_begin(struct sink sink, const struct report_run *run);
void json_result(void *state, const struct report_result *result);
void json_end(void *state, const struct report_end *end);

#endif
