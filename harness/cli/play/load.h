/*
 * load: the scripts that the command line names. A folder stands for every *.smtp and *.txt below
 * it, in the order of their names; "-" for standard input.
 */
#ifndef MAILDRILL_CLI_LOAD_H
#define MAILDRILL_CLI_LOAD_H

#include "cli/options.h"
#include "script/script.h"

struct load {
    struct script **scripts;
    size_t count;
    char **paths; /* of the scripts */
    size_t errors, warnings;
};

/** Finds every operand's files: load->paths. False, with the reason printed, where one is not
 * there. Free with load_free. */
bool load_find(struct load *load, const struct options *options);

/**
 * Finds, reads and loads every operand, and prints each diagnostic on standard error (notes too
 * where `notes` is set). False where a file cannot be read; the reason was printed.
 */
bool load_all(struct load *load, const struct options *options, bool notes);
/** The same with notes, but keeps no script: one at a time is in memory. Counts their tests. */
bool load_check(struct load *load, const struct options *options, size_t *ret_tests);
void load_free(struct load *load);

/** Loads one script that stands in memory; `path` names it. Look at its error_count. */
struct script *load_octets(struct slice octets, const char *path, const struct options *options);

/** Reads a file, or standard input for "-"; free the octets. False with errno set. */
bool load_read(const char *path, struct slice *ret_octets);

/** Puts octets on standard output or error; a report sink's function. `context` is a FILE *. */
void load_put(void *file, struct slice octets);

#endif
