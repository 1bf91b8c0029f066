/*
 * client: how a mail client bears a server that answers as no server should (fuzz --client).
 *
 * The client is a command. It is run once undisturbed, which tells what replies its session has;
 * then once for each way in which each of these replies may go wrong (campaign/deviant.h).
 */
#ifndef MAILDRILL_CLI_FUZZ_CLIENT_H
#define MAILDRILL_CLI_FUZZ_CLIENT_H

#include "cli/options.h"

enum exit_code fuzz_client(const struct options *options);

#endif
