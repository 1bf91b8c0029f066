/*
 * buffer: octets that a report keeps until it knows what stands before them. Grows as it is filled.
 */
#ifndef MAILDRILL_REPORT_BUFFER_H
#define MAILDRILL_REPORT_BUFFER_H

#include "report/sink.h"

struct buffer {
    uint8_t *ptr;
    size_t len, capacity;
};

void buffer_put(struct buffer *buffer, struct slice octets);
/** A sink that fills the buffer. */
struct sink buffer_sink(struct buffer *buffer);
void buffer_free(struct buffer *buffer);

static inline struct slice buffer_slice(const struct buffer *buffer)
{
    return slice_of(buffer->ptr, buffer->len);
}

/** realloc that never fails: a report without memory cannot go on. */
void *report_grown(void *array, size_t octets);

#endif
