/*
 * names: by which a reply shows whose words it holds.
 *
 * What a campaign says, and keeps, calls the client NAMES_TEXT. Octets that go out have in its
 * place a name of the same length that no other session has, and another one from each line EHLO,
 * HELO or LHLO on: each stands for a number, and those of one dialogue follow each other. A name
 * that comes back in another session was kept from one client for the next.
 */
#ifndef MAILDRILL_CAMPAIGN_NAMES_H
#define MAILDRILL_CAMPAIGN_NAMES_H

#include "base/writer.h"

#define NAMES_TEXT   "client.example"
#define NAMES_NUMBER 16796160u /* numbers are below it: there are no more names */

/* Of a session. */
struct names {
    uint32_t connection; /* the first number that was said over this connection */
    uint32_t dialogue;   /* the first of this dialogue */
    uint32_t last;       /* the last of it */
};

/** Whether the dialogue has that name. */
static inline bool names_hold(const struct names *names, uint32_t number)
{
    return number >= names->dialogue && number <= names->last;
}

/** Lines of `octets` that begin between two offsets, and begin as those that change the name do. */
uint32_t names_changes(struct slice octets, size_t from, size_t to);

/** Writes octets from `from` to `to` as they go out; `number`: the first of the dialogue. */
void names_fill(struct slice octets, size_t from, size_t to, uint32_t number, struct writer *out);

/** Writes `octets`, each NAMES_TEXT replaced by `name`, which is as long. */
void names_replace(struct slice octets, struct slice name, struct writer *out);

/** The next name in `*rest`, which is cut behind it; false where there is none. In any case: a
 * server may change that of the letters. */
bool names_next(struct slice *rest, uint32_t *ret_number);

#endif
