/*
 * verify: whether what a worker found is so: again and again, in as few commands as show it, and at
 * last as a script that maildrill run fails.
 */
#ifndef MAILDRILL_CLI_FUZZ_VERIFY_H
#define MAILDRILL_CLI_FUZZ_VERIFY_H

#include "cli/fuzz/campaign.h"
#include "cli/fuzz/survey.h"

struct verify {
    const struct campaign *campaign;
    struct process *process;
    struct survey *survey;
    bool (*interrupted)(void);
    bool (*hurried)(void);                    /* what is found is made no smaller */
    void (*catch_signals)(void);              /* anew: a play of a script takes them */
    void (*alone)(void *context, bool alone); /* nobody else talks to the server meanwhile */
    void *context;
    struct talk talk;    /* each dialogue has a connection */
    struct talk kept;    /* over one that is kept: what is tried while a dialogue is made small */
    bool answered;       /* it did once: one that stops may come back by itself */
    enum talk_how how;   /* of what is looked into */
    bool may_die;        /* of what is looked into: it closes without a reply */
    bool leaks;          /* of what is looked into: words come back in the next session */
    uint64_t memory_kib; /* of the server, when it was started anew: hoard.c */
    size_t findings;     /* written by this run */
    enum oracle end;     /* of the server, by the last dialogue that was to be its end */
    bool reported;       /* a sanitizer did, of that dialogue */
    bool fresh;          /* the server is started anew for each of them */
    bool refused;        /* the last canary: it got no connection */
    uint64_t canary_us;  /* the longest wait of those that were answered */
    char crash[CAMPAIGN_KEY]; /* the key of the last one that was seen again, before it was made
                                 small */
};

/** Whether a fresh dialogue is answered. */
bool verify_lives(struct verify *verify);

/** Starts the server where it is ours and has ended, and waits until it answers; false where it
 * does not in half a minute, or in two where somebody else may start it again. */
bool verify_start(struct verify *verify);

/** Looks into a dialogue in which a worker saw something wrong: writes OUT/findings/KEY.smtp, or
 * OUT/unconfirmed/NAME. */
void verify_candidate(struct verify *verify, const char *name, struct slice octets);

/** Keeps a dialogue of which nothing was seen again: OUT/unconfirmed/NAME.octets. */
void verify_unconfirmed(const struct verify *verify, const char *name, struct slice octets);

/** Whether the dialogue kills the server, or keeps it from answering, or makes a sanitizer report;
 * then it is written likewise. `fresh`: the server is started anew for it. */
bool verify_crash(struct verify *verify, struct slice octets, bool fresh);

#endif
