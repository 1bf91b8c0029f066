#include "report/log.h"

#include <stdlib.h>

/* While events come the octets may move: until log_result a slice holds its offset. */
static struct slice kept(struct log *log, struct slice text)
{
    size_t at = log->octets.len;
    text.len = text.len < LOG_TEXT_OCTETS ? text.len : LOG_TEXT_OCTETS;
    buffer_put(&log->octets, text);
    return (struct slice){(const uint8_t *)(uintptr_t)at, text.len};
}

void log_event(struct log *log, const struct engine_event *event)
{
    bool needed = event->kind == ENGINE_EVENT_DIFFERED || event->kind == ENGINE_EVENT_VERDICT;
    if (!needed && (log->count >= LOG_EVENTS || log->octets.len >= LOG_OCTETS)) {
        log->dropped++;
        return;
    }
    if (log->count == log->capacity) {
        log->capacity = 2 * log->capacity + 16;
        log->events = report_grown(log->events, log->capacity * sizeof *log->events);
    }
    struct engine_event *copy = &log->events[log->count++];
    *copy = *event;
    copy->text = kept(log, event->text);
    copy->sent = kept(log, event->sent);
}

static struct slice placed(const struct log *log, struct slice text)
{
    return text.len == 0 ? SLICE("") : slice_of(log->octets.ptr + (uintptr_t)text.ptr, text.len);
}

void log_result(struct log *log, struct report_result *result)
{
    for (size_t i = 0; i < log->count; i++) {
        struct engine_event *event = &log->events[i];
        event->text = placed(log, event->text);
        event->sent = placed(log, event->sent);
    }
    result->events = log->events;
    result->event_count = log->count;
    result->dropped = log->dropped;
}

void log_clear(struct log *log)
{
    log->count = log->dropped = log->octets.len = 0;
}

void log_free(struct log *log)
{
    free(log->events);
    buffer_free(&log->octets);
    *log = (struct log){.events = NULL};
}
