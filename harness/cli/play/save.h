/*
 * save: replaces a file as a whole, or leaves it as it was: a disk that is full costs no script.
 */
#ifndef MAILDRILL_CLI_SAVE_H
#define MAILDRILL_CLI_SAVE_H

#include <stdbool.h>

#include "base/slice.h"

/** Writes `octets` beside the file (behind symbolic links), with its mode, and renames that to it.
 * False with errno set. */
bool save_file(const char *path, struct slice octets);

#endif
