/*
 * variables: what a script may use, from the command line: ${...} values and %require features.
 */
#ifndef MAILDRILL_CLI_VARIABLES_H
#define MAILDRILL_CLI_VARIABLES_H

#include "cli/options.h"
#include "cli/play/target.h"

#define VARIABLES_MAX (24 + OPTIONS_MAX_SETTINGS)
#define FEATURES_MAX  32

struct variables {
    struct engine_variable items[VARIABLES_MAX];
    size_t count;
    struct slice features[FEATURES_MAX];
    size_t feature_count;
    char token[48]; /* unlike any other run's */
};

/**
 * Fills in place (items point into it). `embedded`: the server is this process's, and what it
 * accepts is known; else a value that the command line does not give is missing, and tests that
 * need it are skipped.
 */
void variables_define(struct variables *variables, const struct options *options,
                      const struct target *target, bool embedded);

#endif
