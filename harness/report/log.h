/*
 * log: the events of one test, kept until its turn comes in the reports.
 *
 * Bounded: of a text the first LOG_TEXT_OCTETS are kept, of a test LOG_OCTETS and LOG_EVENTS; what
 * is too much is counted. What a verdict rests on (DIFFERED, VERDICT) is always kept.
 */
#ifndef MAILDRILL_REPORT_LOG_H
#define MAILDRILL_REPORT_LOG_H

#include "report/buffer.h"
#include "report/result.h"

#define LOG_TEXT_OCTETS 8192
#define LOG_OCTETS      (256u * 1024)
#define LOG_EVENTS      4096

struct log {
    struct engine_event *events;
    size_t count, capacity;
    size_t dropped;
    struct buffer octets;
};

/** Copies an event and its texts. */
void log_event(struct log *log, const struct engine_event *event);
/** Points the result at the events; they are valid until the log is cleared or freed. */
void log_result(struct log *log, struct report_result *result);
/** Forgets the events, and keeps the memory for the next test. */
void log_clear(struct log *log);
void log_free(struct log *log);

#endif
