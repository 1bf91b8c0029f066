/*
 * reports: where the results of a run go: files, standard output, the progress line of a terminal.
 */
#ifndef MAILDRILL_CLI_REPORTS_H
#define MAILDRILL_CLI_REPORTS_H

#include <stdio.h>

#include "cli/options.h"

struct reports {
    struct {
        const struct report_kind *kind;
        void *state;
        FILE *file;
        const char *path;      /* NULL: standard output */
        struct report_run run; /* colours only where it goes to a terminal */
    } items[OPTIONS_MAX_REPORTS + 1];
    size_t count;
    struct report_totals totals;
    size_t reported, planned;
    bool progress; /* a line shows it, and must go before anything else is printed */
};

/**
 * Opens what --report asks for, and `terminal` on standard output where nothing else goes there
 * (annotations may stand beside it). False with the reason printed.
 */
bool reports_open(struct reports *reports, const struct options *options, const char *terminal);
void reports_begin(struct reports *reports, const struct report_run *run);
void reports_result(struct reports *reports, const struct report_result *result);
/** Ends every report; false, with the reason printed, where one could not be written. */
bool reports_end(struct reports *reports, struct report_end *end);

/** Whether colours suit standard output: a terminal, NO_COLOR unset, no --no-color. */
bool reports_want_color(const struct options *options);

#endif
