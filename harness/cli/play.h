/*
 * play: every test of the loaded scripts, one after the other, against one server, with a report.
 * It is what `run` and `replay` share.
 */
#ifndef MAILDRILL_CLI_PLAY_H
#define MAILDRILL_CLI_PLAY_H

#include "cli/load.h"
#include "cli/options.h"
#include "report/pretty.h"

/** Plays and reports; returns what the process ends with. */
enum exit_code play_all(const struct options *options, const struct load *load,
                        enum pretty_style style);

/** Whether colours suit standard output: a terminal, NO_COLOR unset, no --no-color. */
bool play_wants_color(const struct options *options);

#endif
