/*
 * lane: several connections, of which one is looked at. Private to harness/engine.
 *
 * The engine's own members are those of the current connection; the others' wait in lanes.
 */
#ifndef MAILDRILL_ENGINE_LANE_H
#define MAILDRILL_ENGINE_LANE_H

#include "engine/state.h"

/** Makes the connection of the current step the current one. */
void lane_settle(struct engine *e);

/** Octets that arrived on a connection that is not the current one. */
void lane_receive(struct engine *e, unsigned connection, struct slice octets);

/** What came on the current connection and is not read, as far as it has room. */
struct slice lane_unread(const struct engine *e);

/** The same; where all of that is read, what came along with it and had no room. */
struct slice lane_unread_at_all(const struct engine *e);

/** Drops all of it. */
void lane_drop(struct engine *e);

/** At the end: goes to a connection with unread octets; false where there is none. */
bool lane_find_unread(struct engine *e);

/** A new connection takes the place of the current one. */
void lane_renew(struct engine *e, bool secured);

#endif
