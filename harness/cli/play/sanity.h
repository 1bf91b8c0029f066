/* sanity: whether a target lives: it greets, answers EHLO in some way, and QUIT (RFC 5321 3.1,
 * 4.1.1.10). What it answers does not matter. */
#ifndef MAILDRILL_CLI_PLAY_SANITY_H
#define MAILDRILL_CLI_PLAY_SANITY_H

#include "cli/play/attempt.h"

/** Asks `peer` once, and runs the loop until it has answered, its deadline is past, or the loop was
 * stopped and `*interrupted` is set. Where it does not live, `why` says so in up to `size` octets,
 * with a NUL. */
bool sanity_lives(const struct attempt_setting *setting, const struct peer *peer,
                  const bool *interrupted, char *why, size_t size);

#endif
