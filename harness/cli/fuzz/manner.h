/*
 * manner: how a campaign talks to a server, which some probes tell.
 */
#ifndef MAILDRILL_CLI_FUZZ_MANNER_H
#define MAILDRILL_CLI_FUZZ_MANNER_H

#include "cli/fuzz/campaign.h"

/** The first dialogue: nothing that a server can dislike. */
extern const struct slice manner_probe;

/** Sets how, keeps, kept_how, dear and patient. In one write, where the server answers that as it
 * answers step by step, and is no slower; over connections that are kept, where it answers there as
 * over others, is no slower, and serves other clients meanwhile. */
void manner_choose(struct campaign *campaign);

/** Whether MAIL is refused for want of AUTH (RFC 4954 6). */
bool manner_submits(const struct campaign *campaign);

#endif
