/*
 * pair: two servers that are told the same, and whether what they do not agree on is so: again and
 * again, in as few commands as show it, and at last as a script that passes at one of them.
 */
#ifndef MAILDRILL_CLI_FUZZ_PAIR_H
#define MAILDRILL_CLI_FUZZ_PAIR_H

#include "campaign/disagree.h"
#include "cli/fuzz/campaign.h"
#include "cli/fuzz/chronicle.h"

#define PAIR_KNOWN 1024

struct pair_server {
    const char *url; /* as --server gives it */
    char name[80];
    struct talk talk;
};

struct pair {
    const struct campaign *campaign;
    struct chronicle *chronicle;
    struct pair_server *a, *b;
    bool (*interrupted)(void);
    char mail[600], rcpt[600];  /* commands that both take */
    uint64_t known[PAIR_KNOWN]; /* keys that need no other look */
    size_t known_count;
    size_t findings;
    uint64_t begun_us, dialogues; /* of the campaign, for the chronicle */
};

enum pair_patience { PAIR_QUICK, PAIR_STEADY, PAIR_CAREFUL };

/** Says the same to both; false where one of them takes no connection. */
bool pair_talk(struct pair *pair, struct slice octets, enum pair_patience patience);

/** Looks into a dialogue in which they seem not to agree: writes OUT/findings/KEY.smtp, or
 * OUT/unconfirmed. The sessions of the last pair_talk are that dialogue's. */
void pair_look(struct pair *pair, struct slice octets);

#endif
