/*
 * report: what every report has in common. A report is a row of report_kinds: results in, octets
 * out through a sink. It knows no file, no terminal and no clock.
 *
 * Results come in the order of the files and tests, one for each test and server, whatever the
 * order they were played in. A report keeps what it needs of a result: its events are gone after
 * the call.
 */
#ifndef MAILDRILL_REPORT_REPORT_H
#define MAILDRILL_REPORT_REPORT_H

#include "report/result.h"
#include "report/sink.h"

struct report_server {
    struct slice name; /* as --server NAME=URL gives it, else the URL */
    struct slice url;
};

enum pretty_style {
    PRETTY_RUN,    /* a line for each test */
    PRETTY_REPLAY, /* a table of replies for each test */
    PRETTY_SERVE,  /* as RUN, without its head: who will connect is not known */
};

/** What is known before the first test. */
struct report_run {
    struct slice version; /* of maildrill */
    struct slice started; /* UTC: "2026-11-25T19:56:00" */
    const struct report_server *servers;
    size_t server_count;
    size_t planned; /* results that will come, where nothing ends the run early */
    /* pretty */
    enum pretty_style style;
    bool color;
    bool quiet; /* only what did not pass, and the summary */
    bool trace; /* every line that went or came, with its time */
};

struct report_totals {
    size_t pass, warn, skip, fail, error; /* by verdict; those below are not in them */
    size_t flaky;                         /* passed only when played again */
    size_t expected;                      /* deviates as the baseline says */
    size_t unexpected;                    /* passes though the baseline says otherwise */
};

/** What is known after the last one. */
struct report_end {
    struct report_totals totals;
    uint64_t taken_ms;
    size_t not_played;    /* planned results that did not come */
    struct slice stopped; /* why the run ended early: "the server died ..."; else empty */
    bool dead;            /* the target does not answer any more */
};

struct report_kind {
    const char *name;
    const char *summary; /* for --help */
    /** Begins; returns the report's state. `run` outlives it. */
    void *(*begin)(struct sink sink, const struct report_run *run);
    void (*result)(void *state, const struct report_result *result);
    /** Writes what is left, and frees the state. */
    void (*end)(void *state, const struct report_end *end);
};

extern const struct report_kind report_kinds[];
extern const size_t report_kind_count;

/** Counts a result. */
void report_count(struct report_totals *totals, const struct report_result *result);

#endif
