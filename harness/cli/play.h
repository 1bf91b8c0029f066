/*
 * play: the selected tests against one server or several, several at once, with reports. It is what
 * `run`, `replay` and `compare` share.
 *
 * One event loop moves every connection: tests wait for servers, not for the processor. Results are
 * reported in the order of the files whatever the order they end in.
 */
#ifndef MAILDRILL_CLI_PLAY_H
#define MAILDRILL_CLI_PLAY_H

#include "cli/load.h"
#include "cli/options.h"

enum play_mode {
    PLAY_RUN,     /* the first difference ends a test */
    PLAY_REPLAY,  /* goes on past differences */
    PLAY_COMPARE, /* several servers; where they differ is the result */
};

/** Selects, plays and reports; returns what the process ends with. */
enum exit_code play_all(const struct options *options, const struct load *load,
                        enum play_mode mode);

#endif
