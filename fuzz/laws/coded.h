/*
 * coded: which code the reference server refuses a command with, where only one thing speaks
 * against it (RFC 5321 4.2.4, 4.3.2), and the enhanced code before the text (RFC 2034 4).
 */
#ifndef MAILDRILL_FUZZ_LAWS_CODED_H
#define MAILDRILL_FUZZ_LAWS_CODED_H

#include "laws/shadowed.h"

/** The reply to a command, before the shadow takes note of it: it breaks off where a law is
 * broken. `plain`: nothing but the sequence may speak against the command. */
void coded_check(const struct shadowed *s, const struct smtp_command *command, unsigned code,
                 bool plain);

#endif
