/*
 * select: which of the loaded tests are played, by --filter, --tag, --level, --rfc and --shard, and
 * what each test is called.
 */
#ifndef MAILDRILL_CLI_SELECT_H
#define MAILDRILL_CLI_SELECT_H

#include "cli/play/load.h"

struct selected {
    const struct script *script;
    const struct script_test *test;
    struct slice id; /* id= of the test; else the file, and "#title" where it has several tests */
};

struct selection {
    struct selected *tests; /* those to be played, in the order of files and lines */
    size_t count;
    struct selected *all; /* every test that was loaded */
    size_t all_count;
    char *names; /* of tests without an id= */
};

/** False with the reason printed, where --filter is no regular expression. */
bool select_tests(struct selection *selection, const struct load *load,
                  const struct options *options);
void select_free(struct selection *selection);

/** Prints a line for each selected test: place, level, RFC, id, title. */
void select_list(const struct selection *selection);

#endif
