/*
 * tells: whether a server's replies tell who has a mailbox there (RFC 5321 7.3). That is for its
 * operator to know, and no fault: most servers have to refuse whom they do not know.
 */
#ifndef MAILDRILL_CLI_FUZZ_TELLS_H
#define MAILDRILL_CLI_FUZZ_TELLS_H

#include "cli/fuzz/campaign.h"
#include "cli/fuzz/chronicle.h"

/** Says VRFY, EXPN and RCPT of --rcpt and of one whom nobody knows (--norcpt), and writes down, and
 * prints, which of them are answered with two codes. Without --rcpt nothing. */
void tells_note(const struct campaign *campaign, struct chronicle *chronicle);

#endif
