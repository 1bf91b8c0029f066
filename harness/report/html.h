/*
 * html: one page with the matrix of tests by servers, the coverage of RFC sections, and the
 * dialogue of everything that did not pass. It loads nothing, needs no JavaScript (which adds only
 * the search), follows the reader's light or dark setting, and fits a phone.
 */
#ifndef MAILDRILL_REPORT_HTML_H
#define MAILDRILL_REPORT_HTML_H

#include "report/report.h"

void *html_begin(struct sink sink, const struct report_run *run);
void html_result(void *state, const struct report_result *result);
void html_end(void *state, const struct report_end *end);

#endif
