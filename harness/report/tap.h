/*
 * tap: TAP version 14 (https://testanything.org/tap-version-14-specification.html).
 *
 *   ok 1 - file#title
 *   not ok 2 - file#title          with a YAML block: message, severity, at, got, sent
 *   ok 3 - file#title # SKIP reason
 *   not ok 4 - file#title # TODO reason      a deviation that the baseline expects
 *
 * Nothing in it is new in version 14, so that only the first line tells it from version 13.
 */
#ifndef MAILDRILL_REPORT_TAP_H
#define MAILDRILL_REPORT_TAP_H

#include "report/report.h"

void *tap_begin(struct sink sink, const struct report_run *run);
void *tap13_begin(struct sink sink, const struct report_run *run);
void tap_result(void *state, const struct report_result *result);
void tap_end(void *state, const struct report_end *end);

#endif
