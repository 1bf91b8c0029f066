/*
 * campaign: what the process that leads a campaign shares with those that search.
 *
 * Each worker is a process: it runs libFuzzer, which never returns, and the leader ends it. They
 * share a folder (the corpus, candidates for findings) and this memory.
 */
#ifndef MAILDRILL_CLI_FUZZ_CAMPAIGN_H
#define MAILDRILL_CLI_FUZZ_CAMPAIGN_H

#include <stdatomic.h>

#include "campaign/graph.h"
#include "cli/fuzz/process.h"
#include "cli/fuzz/talk.h"
#include "cli/options.h"
#include "cli/play/target.h"

#define CAMPAIGN_MAX_JOBS     64
#define CAMPAIGN_INPUT_OCTETS 8192 /* of the longest dialogue */
#define CAMPAIGN_LAST         4    /* dialogues of each worker that are remembered */
#define CAMPAIGN_KEY          161  /* octets of a key with its NUL */

/* What a worker said last: the one that killed the server is among them. */
struct campaign_said {
    struct names names;
    size_t len;
    uint8_t octets[CAMPAIGN_INPUT_OCTETS];
    char ended[CAMPAIGN_KEY]; /* where the server gave no reply: session_crash_key */
};

struct campaign_worker {
    atomic_uint_least64_t dialogues, confirmed; /* in lock-step */
    atomic_uint_least64_t marks;                /* set so far: feature.h */
    atomic_bool down;                           /* it finds no server, and waits */
    atomic_bool paused;                         /* as told: it has no connection */
    struct thrift thrift;
    struct graph graph; /* of its sessions */
    struct campaign_said last[CAMPAIGN_LAST];
    atomic_uint_least64_t said; /* the last one stands at (said - 1) % CAMPAIGN_LAST */
};

struct campaign_shared {
    atomic_bool stop, pause;
    atomic_uint_least64_t begun;  /* dialogues, of all workers */
    atomic_uint_least64_t passed; /* oracles that say the same of many dialogues: they are told no
                                     more, so that others are heard */
    struct campaign_worker workers[CAMPAIGN_MAX_JOBS];
};

struct campaign {
    const struct options *options;
    const char *out; /* the folder */
    struct target target;
    struct wire_address address;
    struct talk_tls tls;
    struct account account; /* that --user and --pass give */
    enum talk_how how;      /* the search talks so, */
    bool keeps;             /* and keeps connections (talk.h), */
    enum talk_how kept_how; /* over which it talks so, */
    bool dear;              /* as a new one costs the server much, */
    bool patient;           /* also after many errors */
    bool submits;           /* MAIL is for those that AUTH knows */
    bool opens;             /* with the dialogues of opening.h, */
    size_t greeting_octets;
    uint8_t greeting[1024];        /* behind this */
    const struct process *process; /* the server's */
    size_t jobs;
    uint64_t runs; /* 0: no bound */
    struct campaign_shared *shared;
};

/** Gives one who talks names of its own: each worker is two, and the leader the last. */
static inline void campaign_names(struct talk *talk, size_t number)
{
    talk->name_count = NAMES_NUMBER / (2 * CAMPAIGN_MAX_JOBS + 1);
    talk->first_name = (uint32_t)number * talk->name_count;
}

/** Runs a worker; does not return. */
_Noreturn void worker_run(const struct campaign *campaign, size_t number);

/** Whether this build has an engine; else writes what to do about it. */
bool worker_possible(void);

/** "OUT/corpus", into `out`. */
const char *campaign_path(const struct campaign *campaign, const char *name, char *out,
                          size_t size);

/** Makes the folder and those in it; false with the reason printed. */
bool campaign_folders(const struct campaign *campaign);

/** Reads a URL and finds its address; false, with the reason printed, where it is no server that
 * may be talked to. */
bool campaign_server(const struct options *options, const char *url, struct target *ret_target,
                     struct wire_address *ret_address);

/** Makes `account` of --user and --pass, where both are given. */
void campaign_account(struct campaign *campaign);

/** Readies it to talk to the server, over connections that are kept where that is known to go;
 * waits for a reply so long. */
void campaign_talk(const struct campaign *campaign, uint64_t awaited_us, struct talk *ret_talk);

/** How many files there are in a folder of the campaign. */
size_t campaign_count(const struct campaign *campaign, const char *name);

/** Writes a file whole; false with errno. */
bool campaign_write(const char *path, struct slice octets);

#endif
