/*
 * steps: how much work a parser does, as a number that is the same on every machine and every day.
 *
 * The parsers are compiled once more, with a call at each of their branches, which counts it; of
 * the memory functions of the C library, each 16 octets count as one. This file is put before each
 * of their sources, and so its functions take the place of the library's.
 */
#ifndef MAILDRILL_TEST_STEPS_H
#define MAILDRILL_TEST_STEPS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

extern uint64_t steps_taken;

static inline void steps_add(size_t octets)
{
    steps_taken += octets / 16 + 1;
}

static inline void *steps_memchr(const void *text, int octet, size_t len)
{
    const char *from = text, *at = memchr(text, octet, len);
    steps_add(at == NULL ? len : (size_t)(at - from));
    return (void *)(uintptr_t)at;
}

static inline int steps_memcmp(const void *a, const void *b, size_t len)
{
    steps_add(len);
    return memcmp(a, b, len);
}

static inline void *steps_memcpy(void *to, const void *from, size_t len)
{
    steps_add(len);
    return memcpy(to, from, len);
}

static inline void *steps_memset(void *to, int octet, size_t len)
{
    steps_add(len);
    return memset(to, octet, len);
}

#ifndef STEPS_COUNTED_BY_HAND
#define memchr(text, octet, len) steps_memchr(text, octet, len)
#define memcmp(a, b, len)        steps_memcmp(a, b, len)
#define memcpy(to, from, len)    steps_memcpy(to, from, len)
#define memset(to, octet, len)   steps_memset(to, octet, len)
#endif

#endif
