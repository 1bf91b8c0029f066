/*
 * secure: the values of %tls, those with variables read. Private to harness/engine.
 */
#ifndef MAILDRILL_ENGINE_SECURE_H
#define MAILDRILL_ENGINE_SECURE_H

#include "engine/state.h"

/** The name of the first variable among the values that has no value now; false where each has. */
bool secure_missing(const struct engine *e, const struct script_tls *tls, struct slice *ret_name);

/** How the handshake is to go: `tls` itself, or one with what its variables are worth, valid until
 * the next call. NULL, with the test over, where one has no value, or one that is none. */
const struct script_tls *secure_settings(struct engine *e, const struct script_tls *tls);

#endif
