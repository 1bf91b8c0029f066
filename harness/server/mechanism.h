/*
 * mechanism: what SASL mechanisms are written with. Private to harness/server.
 *
 * A mechanism takes each answer, decoded, and ends with one of auth_end, auth_malformed and
 * auth_ask.
 */
#ifndef MAILDRILL_SERVER_MECHANISM_H
#define MAILDRILL_SERVER_MECHANISM_H

#include "server/session.h"

/** Ends the exchange: 235, or 535. */
void auth_end(struct server *s, bool accepted);
/** Ends the exchange: 501, the answer is not of the mechanism's form. */
void auth_malformed(struct server *s);
/** Sends a challenge; the next answer finds `step` in s->sasl. */
void auth_ask(struct server *s, unsigned step, struct slice challenge);
/** Equality, in a time that does not tell where they differ. */
bool auth_same(struct slice a, struct slice b);
/** Decodes base64 to `out`, of 3 octets for each 4; returns the octets, or -1. */
int auth_decode(struct slice text, uint8_t *out);

/* challenge.c */
void challenge_cram_begin(struct server *s);
void challenge_cram(struct server *s, struct slice answer);
void challenge_scram_sha1(struct server *s, struct slice answer);
void challenge_scram_sha256(struct server *s, struct slice answer);

#endif
