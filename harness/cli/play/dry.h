/*
 * dry: --dry-run. Each test is played against itself in memory, an engine on either side, so that
 * what is shown is what would be sent; no connection is made.
 */
#ifndef MAILDRILL_CLI_DRY_H
#define MAILDRILL_CLI_DRY_H

#include "cli/play/select.h"

enum exit_code dry_run(const struct options *options, const struct selection *selection);

#endif
