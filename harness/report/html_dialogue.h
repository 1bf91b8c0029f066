/*
 * html_dialogue: one result with its dialogue, the differing reply marked in it.
 */
#ifndef MAILDRILL_REPORT_HTML_DIALOGUE_H
#define MAILDRILL_REPORT_HTML_DIALOGUE_H

#include "report/report.h"

/** Writes a result; links to "#d<number>" lead to it. `open`: unfolded from the start. */
void html_dialogue(struct sink sink, const struct report_run *run,
                   const struct report_result *result, size_t number, bool open);

#endif
