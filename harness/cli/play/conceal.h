/*
 * conceal: texts for reports, without the password that was given.
 */
#ifndef MAILDRILL_CLI_CONCEAL_H
#define MAILDRILL_CLI_CONCEAL_H

#include "report/buffer.h"

/** Puts `text` with "****" for each `secret` (NULL: none), plain or in base64, alone or inside
 * "\0user\0secret" and the like. */
void conceal(struct buffer *out, struct slice text, const char *secret);

#endif
