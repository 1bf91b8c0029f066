#include "server/store.h"

#include <stdlib.h>

struct store {
    size_t max_messages, max_octets;
    size_t messages, octets;
    struct store_message *first, *last;
};

struct store *store_new(size_t max_messages, size_t max_octets)
{
    struct store *store = calloc(1, sizeof *store);
    if (store != NULL)
        *store = (struct store){.max_messages = max_messages, .max_octets = max_octets};
    return store;
}

void store_clear(struct store *store)
{
    for (struct store_message *m = store->first, *next; m != NULL; m = next) {
        next = m->next;
        free(m);
    }
    *store = (struct store){.max_messages = store->max_messages, .max_octets = store->max_octets};
}

void store_free(struct store *store)
{
    if (store != NULL)
        store_clear(store);
    free(store);
}

/** Copies to *at, moves it behind the copy, and returns the copy. */
static struct slice copy(uint8_t **at, struct slice octets)
{
    struct slice made = slice_of(*at, octets.len);
    if (octets.len > 0)
        memcpy(*at, octets.ptr, octets.len);
    *at += octets.len;
    return made;
}

void store_deliver(void *context, const struct server_message *message)
{
    struct store *store = context;
    size_t octets = message->reverse_path.len + message->mail_parameters.len +
                    message->forward_paths.len + message->rcpt_parameters.len +
                    message->content.len;
    bool fits =
        store->messages < store->max_messages && octets <= store->max_octets - store->octets;
    struct store_message *m = fits ? malloc(sizeof *m + octets) : NULL;
    if (m == NULL)
        return;
    uint8_t *at = (uint8_t *)(m + 1);
    m->next = NULL;
    m->message = (struct server_message){
        .reverse_path = copy(&at, message->reverse_path),
        .mail_parameters = copy(&at, message->mail_parameters),
        .forward_paths = copy(&at, message->forward_paths),
        .rcpt_parameters = copy(&at, message->rcpt_parameters),
        .forward_path_count = message->forward_path_count,
        .content = copy(&at, message->content),
    };
    if (store->last == NULL)
        store->first = m;
    else
        store->last->next = m;
    store->last = m;
    store->messages++;
    store->octets += octets;
}

static bool went_to(struct slice paths, struct slice mailbox)
{
    if (mailbox.len == 0)
        return true;
    while (paths.len > 0) {
        size_t end = slice_find(paths, '\n');
        if (slice_equal_nocase(slice_sub(paths, 0, end), mailbox))
            return true;
        paths = slice_from(paths, end + 1);
    }
    return false;
}

const struct store_message *store_find(const struct store *store, struct slice token,
                                       struct slice mailbox)
{
    const struct store_message *m = store->first;
    while (m != NULL &&
           !(slice_holds(m->message.content, token) && went_to(m->message.forward_paths, mailbox)))
        m = m->next;
    return m;
}
