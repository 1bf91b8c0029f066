/*
 * client_finding: what a client did in one case, what is wrong with that, and how it is told.
 */
#ifndef MAILDRILL_CLI_FUZZ_CLIENT_FINDING_H
#define MAILDRILL_CLI_FUZZ_CLIENT_FINDING_H

#include "campaign/deviant.h"
#include "cli/fuzz/chronicle.h"
#include "net/process.h"

#define DIALOGUE_OCTETS 65536u
#define MAX_TURNS       256

enum client_oracle { CRASH, SANITIZER, HANG, IN_CLEAR, TOOK_INJECTION, SAYS_SENT, FINE };

struct outcome {
    struct deviant_seen seen; /* of all its sessions together; replies of the first */
    int exit_code, signal;
    bool hung;
    enum client_oracle oracle;
};

/* A reply, and how it deviates; row NULL: nothing does. */
struct fuzz_case {
    const struct deviant_row *row;
    size_t reply;
    enum deviant_place place;
    enum client_oracle oracle;
    bool reported;
};

/* What went and came, as it was; of a long one the beginning. */
struct dialogue {
    uint8_t octets[DIALOGUE_OCTETS];
    size_t len;
    struct turn {
        bool by_server;
        size_t end; /* in `octets` */
    } turns[MAX_TURNS];
    size_t count;
    size_t decisive; /* the turn of the reply that deviates; SIZE_MAX: it has no octets */
};

/* What there is to tell of a case. */
struct client_story {
    const char *command;
    const struct fuzz_case *played;
    const struct outcome *outcome;
    const struct dialogue *dialogue;
    const struct net_process *process;
};

void dialogue_begin(struct dialogue *dialogue);
/** Appends octets; `deviates`: they begin the reply that does. */
void dialogue_keep(struct dialogue *dialogue, bool by_server, struct slice octets, bool deviates);

/** Whether a sanitizer speaks in what the client printed. */
bool client_sanitized(const struct net_process *process);

/** For people; `whole`: with the dialogue, and what the client said. */
void client_print(void *file, const struct client_story *story, bool whole);
/** Why there is nothing to disturb: how a client ended that said nothing, and its last words. */
void client_print_silence(void *file, const struct client_story *story);
/** Writes it into the folder, and into its record. */
void client_write(const char *folder, struct chronicle *chronicle,
                  const struct client_story *story);

#endif
