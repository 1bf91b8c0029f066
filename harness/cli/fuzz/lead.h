/*
 * lead: a campaign against a running server (fuzz --server). This process leads: it starts the
 * workers, looks into what they find, and ends them.
 */
#ifndef MAILDRILL_CLI_FUZZ_LEAD_H
#define MAILDRILL_CLI_FUZZ_LEAD_H

#include "cli/options.h"

enum exit_code lead_campaign(const struct options *options);

#endif
