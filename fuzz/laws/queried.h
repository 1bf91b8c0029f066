/*
 * queried: a second reading of who has a mailbox at the reference server, and whom it tells so:
 * RCPT, VRFY, EXPN and ETRN (RFC 5321 3.4, 3.5, 7.3; RFC 1985).
 */
#ifndef MAILDRILL_FUZZ_LAWS_QUERIED_H
#define MAILDRILL_FUZZ_LAWS_QUERIED_H

#include "laws/shadowed.h"

/** Whether RCPT with nothing against it but its mailbox has the reply that this one has; true where
 * nobody knows. */
bool queried_mailbox_holds(const struct smtp_path *path, unsigned code);

/** Whether who has the mailbox refuses messages at their end. */
bool queried_is_late(const struct smtp_path *path);

/** The reply to VRFY, EXPN or ETRN, of a server that serves. */
void queried_check(const struct shadowed *s, const struct smtp_command *command, unsigned code);

#endif
