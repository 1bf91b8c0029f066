/*
 * rows: the option table. A row is one option of one or more subcommands; --help prints it.
 */
#ifndef MAILDRILL_CLI_OPTIONS_ROWS_H
#define MAILDRILL_CLI_OPTIONS_ROWS_H

#include "cli/options/value.h"

/** The headings of --help, in its order. */
enum option_group {
    OPTION_TARGET,
    OPTION_NAMES,
    OPTION_TLS,
    OPTION_SELECTION,
    OPTION_PLAYING,
    OPTION_CAMPAIGN,
    OPTION_CLIENT,
    OPTION_REFERENCE,
    OPTION_RESULT,
    OPTION_OTHER,
    OPTION_GROUPS,
};

/** One option: `metavar` is NULL for a flag; one that may be repeated counts its values at
 * `offset`. Where a name has several rows, each command has one of them. */
struct row {
    enum option_group group;
    const char *name;
    const char *metavar;
    unsigned commands;
    size_t offset; /* of its member in struct options: for text, flag, count, own */
    value_reader *read;
    const char *help; /* a phrase; lines are broken where it is printed */
};

/** The commands whose options may stand in maildrill.conf and in the environment. */
#define OPTION_TALKS                                                                               \
    (COMMAND_RUN | COMMAND_COMPARE | COMMAND_CONFORM | COMMAND_REPLAY | COMMAND_SHRINK |           \
     COMMAND_SERVE)

#define OPTION_ROWS_MAX 160

extern const struct row option_rows[];
extern const size_t option_row_count;

#endif
