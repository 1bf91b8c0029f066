/*
 * dry: --dry-run. Each test is played against itself in memory, an engine on either side, so that
 * what is shown is what would be sent; no connection is made.
 */
#ifndef MAILDRILL_CLI_DRY_H
#define MAILDRILL_CLI_DRY_H

#include "cli/play/select.h"
#include "cli/play/variables.h"
#include "report/buffer.h"

enum exit_code dry_run(const struct options *options, const struct selection *selection);

/** Appends what a client would send, on either side of STARTTLS; only what is behind it, where a
 * test has it and `behind_tls` says so. */
void dry_octets(const struct options *options, const struct script_test *test,
                const struct variables *variables, bool behind_tls, struct buffer *out);

#endif
