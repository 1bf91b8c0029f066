/*
 * header: the header of the PROXY protocol that a connection begins with, and TLS from the start
 * behind it. Private to harness/engine.
 */
#ifndef MAILDRILL_ENGINE_HEADER_H
#define MAILDRILL_ENGINE_HEADER_H

#include "engine/state.h"

/** Whether a connection begins with a header, `written` as its first step or not; `ret_owed`: one
 * that no step sends. */
bool header_needed(const struct engine *e, bool written, bool *ret_owed);

/** Sends a header that no %proxy asks for: the addresses are those of the connection. */
void header_send(struct engine *e);

/** Where TLS comes first, only the header of %proxy goes before it. */
bool header_tls_is_due(const struct engine *e);

/** Waits for the handshake of TLS from the start, behind the header. */
void header_begin_tls(struct engine *e);

#endif
