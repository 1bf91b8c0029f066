/*
 * play: the selected tests against one server or several, several at once, with reports. It is what
 * `run`, `replay` and `compare` share.
 *
 * One event loop moves every connection: tests wait for servers, not for the processor. Results are
 * reported in the order of the files whatever the order they end in.
 */
#ifndef MAILDRILL_CLI_PLAY_H
#define MAILDRILL_CLI_PLAY_H

#include "cli/options.h"
#include "cli/play/load.h"

enum play_mode {
    PLAY_RUN,     /* the first difference ends a test */
    PLAY_REPLAY,  /* goes on past differences */
    PLAY_COMPARE, /* several servers; where they differ is the result */
    PLAY_CONFORM, /* as RUN, with a summary by RFC section */
};

/** Loads the operands, selects, plays and reports; returns what the process ends with. `command`
 * stands before its errors. */
enum exit_code play_files(const struct options *options, enum play_mode mode, const char *command);

#endif
