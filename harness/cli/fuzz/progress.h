/*
 * progress: how far a campaign is, for who watches it: one line that changes on a terminal, and
 * elsewhere a line every ten seconds.
 */
#ifndef MAILDRILL_CLI_FUZZ_PROGRESS_H
#define MAILDRILL_CLI_FUZZ_PROGRESS_H

#include "cli/fuzz/survey.h"

/** Shows it, where something is to be shown now. */
void progress_show(struct survey *survey);

/** The same, for who is busy with a finding meanwhile; most often it does nothing. */
void progress_meanwhile(struct survey *survey);

/** Takes the line off the terminal: something else is about to be printed. */
void progress_hide(void);

/** The last line: the whole run. */
void progress_end(struct survey *survey);

#endif
