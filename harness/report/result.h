/*
 * result: what came of one test against one server, as every report reads it.
 *
 * It holds the engine's events, which were redacted when they were made (engine/event.c): nothing
 * that a report can reach holds a secret.
 */
#ifndef MAILDRILL_REPORT_RESULT_H
#define MAILDRILL_REPORT_RESULT_H

#include "engine/engine.h"

/** How a result stands to the baseline of expected deviations. */
enum report_baseline {
    REPORT_NOT_LISTED,
    REPORT_EXPECTED,        /* deviates as the baseline says: fails no run */
    REPORT_UNEXPECTED_PASS, /* passes where the baseline says it does not: fails the run */
    REPORT_OTHERWISE,       /* deviates, but not as the baseline says: counts as it is */
};

struct report_result {
    const struct script *script;
    const struct script_test *test;
    struct slice id;             /* id= of the test, else "file" or "file#title" */
    size_t server;               /* index of report_run.servers */
    enum engine_verdict verdict; /* of the last attempt */
    struct slice reason;         /* of a skip or an error; may be empty */
    uint64_t taken_ms;
    size_t attempts;        /* 1, or more with --retry */
    bool flaky;             /* a later attempt passed; the events are those of the first */
    size_t repeat, repeats; /* of --repeat: 1 of 1 */
    struct slice variant;   /* of --segment: how writes were cut where it went wrong; else empty */
    enum report_baseline baseline;
    struct slice baseline_reason; /* as the baseline's line gives it */
    bool failed;                  /* makes the run fail */
    uint64_t began_ms;            /* on the clock of the events */
    const struct engine_event *events;
    size_t event_count;
    size_t dropped; /* events too many to keep */
};

struct sink;

/** The first event that says what went wrong, or NULL. */
const struct engine_event *report_first_difference(const struct report_result *result);

/** A place in the result's script, or in a file that it uses: of an event's step, else of the test.
 */
struct report_where {
    struct slice file;
    size_t line;          /* in the file, from 1 */
    size_t column, width; /* octets, from 1 */
    size_t number;        /* the line as script_source_line counts it */
};
struct report_where report_where(const struct report_result *result, size_t step);

/** ... of a verdict: of the step, or of the value in it that is at fault. */
struct report_where report_where_verdict(const struct report_result *result,
                                         const struct engine_event *verdict);

/** ... of what went wrong: of the first difference, or of the step at which an error ended it. */
struct report_where report_where_wrong(const struct report_result *result);

/** One line that says what went wrong: "reply code differs: got 550 ...", or the reason. Puts it
 * into `out`, which holds `size` octets, as UTF-8 and without controls; returns the octets. */
struct slice report_message(const struct report_result *result, uint8_t *out, size_t size);

/** "rfc" and "section" of a test's "5321#4.1.4"; either may be empty. */
struct slice report_rfc(const struct script_test *test);
struct slice report_section(const struct script_test *test);

/** "pass", "fail", ...; "flaky", "expected", "unexpected-pass" where that says more. */
const char *report_outcome(const struct report_result *result);

/** It passed, and nothing more is to be said of it. */
bool report_passed(const struct report_result *result);

/** Event `index` is a reply, and the next thing said of it is a difference; or an assertion that
 * does not hold is about it. */
bool report_differs(const struct report_result *result, size_t index);

/** Writes the next line of what a SENT event shows, and takes it off *rest: as it is, or, where the
 * event is raw, as a C!: line has it, with its end. After the last one, how much more was sent. */
void report_sent_line(struct sink s, const struct engine_event *event, struct slice *rest);

/** The text of a difference is what the peer sent, and not a remark of ours on it. */
bool report_shows_octets(const struct engine_event *difference);

/** The codes of all replies, "220 250 503": what tells two servers apart that both pass. */
void report_codes(struct sink sink, const struct report_result *result);

/** The dialogue as lines: "C: ...", "S: ...", and under what differed a line that says how. */
void report_dialogue(struct sink sink, const struct report_result *result);

/** Line `*rest` begins with, without its ending; moves behind it. */
struct slice report_line(struct slice *rest);

#endif
