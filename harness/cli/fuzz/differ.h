/*
 * differ: a campaign against several servers (fuzz --differential): each is told the same, and what
 * they do not agree on is looked into.
 */
#ifndef MAILDRILL_CLI_FUZZ_DIFFER_H
#define MAILDRILL_CLI_FUZZ_DIFFER_H

#include "cli/options.h"

enum exit_code differ_campaign(const struct options *options);

#endif
