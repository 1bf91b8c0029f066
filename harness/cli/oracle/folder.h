/*
 * folder: the messages of a Maildir, numbered as they were first seen, so that a look for one need
 * not read those that were there before.
 *
 *   const char *trouble = folder_scan(folder, asked_ms, now_ms);
 *   for (size_t i = since; i < folder_count(folder); i++)
 *       struct slice octets = folder_read(folder, i, now_ms, &final);
 */
#ifndef MAILDRILL_CLI_FOLDER_H
#define MAILDRILL_CLI_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct folder;

/** Sees what is there now. */
struct folder *folder_open(const char *maildir, uint64_t now_ms);
void folder_close(struct folder *folder);

/** Looks for messages that came; "", or what is in the way, until the next call. A scan that began
 * after asked_ms serves as well: then there is none. */
const char *folder_scan(struct folder *folder, uint64_t asked_ms, uint64_t now_ms);
/** When the next scan may begin, so that they take a part of the time, however many messages there
 * are. */
uint64_t folder_due_ms(const struct folder *folder);
/** Those that were ever seen. */
size_t folder_count(const struct folder *folder);
/** The octets of one, to be freed; none where the file is gone, or longer than 8 MiB. *ret_final:
 * it will not be read otherwise later: it is not moved just now, nor so new that a server which
 * writes in place may not be done. */
struct slice folder_read(const struct folder *folder, size_t number, uint64_t now_ms,
                         bool *ret_final);

#endif
