/*
 * store: the messages that the reference server took, in memory, for the program that embeds it.
 *
 *   struct store *store = store_new(100, 10 << 20);
 *   config.deliver = store_deliver;
 *   config.context = store;
 *   ...
 *   const struct store_message *message =
 *       store_find(store, SLICE("t0ken"), SLICE("bob@example.test"));
 */
#ifndef MAILDRILL_SERVER_STORE_H
#define MAILDRILL_SERVER_STORE_H

#include "server/server.h"

/** A message that was delivered; its slices live until store_clear or store_free. */
struct store_message {
    struct server_message message;
    struct store_message *next; /* the one that came after it, or NULL */
};

struct store;

/** Keeps up to `max_messages` of together `max_octets`; what comes then is not kept. NULL where
 * memory is short. */
struct store *store_new(size_t max_messages, size_t max_octets);
void store_free(struct store *store);

/** server_config.deliver, with the store as its context: keeps a copy. */
void store_deliver(void *store, const struct server_message *message);

/** The oldest message whose content holds `token` and which went to `mailbox` (in any case); an
 * empty token or mailbox fits every message. NULL where there is none. */
const struct store_message *store_find(const struct store *store, struct slice token,
                                       struct slice mailbox);

/** Forgets every message. */
void store_clear(struct store *store);

#endif
