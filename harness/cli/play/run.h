/*
 * run: what a run of tests is made of. Private to play.c, cases.c and servers.c.
 *
 * A case is a test at a server, once. Slots play cases side by side; reports get them in the order
 * in which they stand.
 */
#ifndef MAILDRILL_CLI_PLAY_RUN_H
#define MAILDRILL_CLI_PLAY_RUN_H

#include "cli/play/attempt.h"
#include "cli/play/baseline.h"
#include "cli/play/embed.h"
#include "cli/play/play.h"
#include "cli/play/reports.h"
#include "cli/play/select.h"
#include "cli/play/update.h"
#include "report/agreement.h"

/* What came of one case; kept until it is its turn in the reports. */
struct outcome {
    struct report_result result;
    struct log log;
    char variant[48]; /* --segment: the cut at which it went another way */
};

/* A case that is being played: as written, and then each way to cut its writes (--segment), side by
 * side where slots are free. Case number ((test * repeats) + repeat) * servers + server. */
struct running {
    size_t number;
    struct peer *peer;
    struct outcome *outcome;   /* of it as written, or of the first way that went wrong; NULL: none
                                * is played here */
    size_t octets;             /* that it sends as written */
    size_t ways, begun;        /* to cut its writes: all of them, and those that began */
    size_t wrong;              /* the way that the outcome is of, or 0 */
    size_t active;             /* its attempts that go on */
    enum engine_verdict plain; /* the verdict as written */
};

/* Where one way of a case at a time is played, attempt by attempt. */
struct slot {
    struct attempt attempt; /* first, so that what ends an attempt finds its slot */
    struct play *play;
    struct running *running; /* NULL: the slot is free */
    struct log first, later; /* of the first attempt, and of the last one after it */
    size_t attempts;
};

struct play {
    const struct options *options;
    enum play_mode mode;
    struct attempt_setting setting; /* setting.loop moves it all */
    struct embed *embed;
    struct peer peers[OPTIONS_MAX_SERVERS];
    struct report_server servers[OPTIONS_MAX_SERVERS];
    size_t server_count;
    struct contexts contexts;
    struct selection selection;
    struct baseline baseline;
    struct update *update; /* --update */
    struct reports reports;
    /* cases */
    size_t case_count, next, reported;
    struct outcome **outcomes; /* NULL: not played yet */
    struct outcome *spare;     /* whose memory the next case takes, or NULL */
    size_t turn;               /* the case that is reported next */
    struct slot *slots;
    struct running *running;    /* as many as slots */
    size_t slot_count, active;  /* active: cases */
    size_t failed;              /* results that make the run fail */
    size_t updated;             /* results that their script says now (--update) */
    size_t server_differences;  /* --recorded: what the server's side saw */
    size_t differing;           /* compare: tests at which servers differ */
    struct agreement agreement; /* compare: about the test that is reported */
    bool interrupted, ended;    /* ended: by --fail-fast */
    bool dead;
    char stopped[600]; /* why the run ended early */
};

/* ---- cases.c ---- */

/** Begins cases in all slots that are free, as long as no server is suspect. */
void cases_start(struct play *p);
/** Ends those that are being played. */
void cases_abort(struct play *p);
/** Reports what is done, up to the first case that is not; `all`: past those that were not played.
 */
void cases_report(struct play *p, bool all);
void cases_free(struct play *p);

/* ---- servers.c ---- */

/** Finds the servers that the options name, or starts one; false, with the reason printed. */
bool servers_find(struct play *p);
/** Whether servers are asked if they live, before and after the tests. */
bool servers_are_asked(const struct play *p);
/** Asks every server, or those that are suspect; `when` is for people. */
void servers_ask(struct play *p, const char *when, bool suspects);

#endif
