/*
 * shipped: the scenarios and the manual that came with the program.
 */
#ifndef MAILDRILL_CLI_SHIPPED_H
#define MAILDRILL_CLI_SHIPPED_H

#include <stdbool.h>
#include <stddef.h>

/** The folder scenarios/: beside the program where it is installed, wherever that was moved to;
 * else in the sources that it was built from. `out` is room for its name. */
const char *shipped_scenarios(char *out, size_t size);

/** Whether there is a folder of that name. */
bool shipped_is_folder(const char *path);

#endif
