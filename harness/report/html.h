/*
 * html: one page with what came of the tests, by RFC section and one by one, and the dialogue of
 * everything that did not pass. For one server what failed stands first; for several, how they
 * stand to each other: sections by servers, then the tests at which they differ, then the rest,
 * folded. It loads nothing, needs no JavaScript (which adds the search), follows the reader's light
 * or dark setting, and fits a phone.
 */
#ifndef MAILDRILL_REPORT_HTML_H
#define MAILDRILL_REPORT_HTML_H

#include "report/report.h"

void *html_begin(struct sink sink, const struct report_run *run);
void html_result(void *state, const struct report_result *result);
void html_end(void *state, const struct report_end *end);

#endif
