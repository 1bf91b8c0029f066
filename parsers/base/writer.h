/*
 * writer: octets appended to a buffer that the caller owns.
 *
 * Overflow is sticky: once something did not fit, nothing more is written, and `overflow` says so.
 * A NULL buffer of capacity 0 is allowed. `len` never exceeds `capacity`.
 */
#ifndef MAILDRILL_BASE_WRITER_H
#define MAILDRILL_BASE_WRITER_H

#include "base/slice.h"

struct writer {
    uint8_t *ptr;
    size_t capacity; /* octets */
    size_t len;      /* octets written */
    bool overflow;
};

static inline struct writer writer_of(void *ptr, size_t capacity)
{
    return (struct writer){.ptr = (uint8_t *)ptr, .capacity = capacity};
}

static inline struct slice writer_slice(const struct writer *w)
{
    return slice_of(w->ptr, w->len);
}

static inline void writer_put(struct writer *w, struct slice s)
{
    if (w->overflow || s.len > w->capacity - w->len) {
        w->overflow = true;
        return;
    }
    if (s.len > 0)
        memcpy(w->ptr + w->len, s.ptr, s.len);
    w->len += s.len;
}

static inline void writer_put_octet(struct writer *w, uint8_t octet)
{
    writer_put(w, slice_of(&octet, 1));
}

/** Decimal digits of `number`, without sign or leading zeros. */
static inline void writer_put_number(struct writer *w, uint64_t number)
{
    uint8_t digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (uint8_t)('0' + number % 10);
    while ((number /= 10) != 0);
    writer_put(w, slice_of(digits + at, sizeof digits - at));
}

#endif
