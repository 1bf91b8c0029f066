/*
 * proved: a client of CRAM-MD5 and SCRAM (RFC 2195, RFC 5802, RFC 7677) that knows the password of
 * the reference server's user, or another one.
 */
#ifndef MAILDRILL_FUZZ_LAWS_PROVED_H
#define MAILDRILL_FUZZ_LAWS_PROVED_H

#include "fuzz.h"
#include "server/server.h"

/** Authenticates as the seed has it, to a server that has greeted: it breaks off where who knows
 * the password is not let in, or who does not is. */
void proved_check(struct server *server, uint64_t seed);

#endif
