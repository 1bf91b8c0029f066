/*
 * pretty: the report for a person at a terminal.
 *
 * A run prints a line for each test and, under it, each difference in full: file, line, caret, what
 * was got and what was sent. A replay prints the dialogue as a table, a row for each reply.
 * Events are redacted by the engine; what a peer sent is made visible here (report/sink.h).
 */
#ifndef MAILDRILL_REPORT_PRETTY_H
#define MAILDRILL_REPORT_PRETTY_H

#include "engine/engine.h"
#include "report/sink.h"

struct report_totals {
    size_t pass, warn, skip, fail, error;
};

enum pretty_style {
    PRETTY_RUN,    /* a line for each test */
    PRETTY_REPLAY, /* a table of replies for each test */
};

struct pretty {
    struct sink sink;
    enum pretty_style style;
    bool color;
    bool quiet; /* only tests that did not pass, and the summary */
    struct report_totals totals;
    /* private: of the test that is being played */
    const struct script *script;
    const struct script_test *test;
    struct slice target;
    uint8_t received[512]; /* the last reply, for its row */
    size_t received_len;
    size_t received_lines;
    uint8_t secured[64]; /* protocol and cipher, or empty */
    size_t secured_len;
    uint8_t held[32768]; /* PRETTY_RUN: details, until the test's own line is known */
    size_t held_len;
    size_t matched, expected;
};

/** A test begins; `target` names the server ("smtp://127.0.0.1:25"). */
void pretty_begin(struct pretty *pretty, const struct script *script,
                  const struct script_test *test, struct slice target);
void pretty_event(struct pretty *pretty, const struct engine_event *event);
/** The summary of all tests. */
void pretty_end(struct pretty *pretty, uint64_t elapsed_ms);

#endif
