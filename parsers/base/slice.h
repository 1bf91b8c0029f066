/*
 * slice: a borrowed run of octets.
 *
 * Nothing in maildrill's parsers is a C string: NUL is an octet like any other, and a slice is
 * never followed by one. A slice points into the caller's input and lives as long as that does.
 */
#ifndef MAILDRILL_BASE_SLICE_H
#define MAILDRILL_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const uint8_t *ptr; /* may be NULL when len is 0 */
    size_t len;         /* octets */
};

/** The slice of a string literal, without its NUL: SLICE_INIT in an initializer of static data. */
#define SLICE_INIT(literal)                                                                        \
    {                                                                                              \
        (const uint8_t *)("" literal), sizeof(literal) - 1                                         \
    }
#define SLICE(literal) ((struct slice)SLICE_INIT(literal))

/** The slice of `len` octets at `ptr`. */
static inline struct slice slice_of(const void *ptr, size_t len)
{
    return (struct slice){(const uint8_t *)ptr, len};
}

/** The slice of a NUL-terminated string; for text that comes from C (a command line, a table). */
static inline struct slice slice_of_cstr(const char *text)
{
    return slice_of(text, strlen(text));
}

/** Octets [from, to) of s; requires from <= to <= s.len. */
static inline struct slice slice_sub(struct slice s, size_t from, size_t to)
{
    return (struct slice){from == 0 ? s.ptr : s.ptr + from, to - from}; /* NULL + 0 is undefined */
}

/** s without its first n octets; requires n <= s.len. */
static inline struct slice slice_from(struct slice s, size_t n)
{
    return slice_sub(s, n, s.len);
}

/** Offset of the first `octet` in s, or s.len where there is none. */
static inline size_t slice_find(struct slice s, uint8_t octet)
{
    const uint8_t *at = s.len == 0 ? NULL : (const uint8_t *)memchr(s.ptr, octet, s.len);
    return at == NULL ? s.len : (size_t)(at - s.ptr);
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/** ASCII upper case of one octet; every other octet is itself. */
static inline uint8_t slice_upper(uint8_t octet)
{
    return octet >= 'a' && octet <= 'z' ? (uint8_t)(octet - 'a' + 'A') : octet;
}

/** ASCII lower case of one octet; every other octet is itself. */
static inline uint8_t slice_lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet - 'A' + 'a') : octet;
}

/** Equality without regard to ASCII case (RFC 5321 2.4: verbs and keywords). */
static inline bool slice_equal_nocase(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (slice_upper(a.ptr[i]) != slice_upper(b.ptr[i]))
            return false;
    return true;
}

static inline bool slice_starts(struct slice s, struct slice prefix)
{
    return s.len >= prefix.len && slice_equal(slice_sub(s, 0, prefix.len), prefix);
}

static inline bool slice_starts_nocase(struct slice s, struct slice prefix)
{
    return s.len >= prefix.len && slice_equal_nocase(slice_sub(s, 0, prefix.len), prefix);
}

/** Whether `part` stands somewhere in s; one that is empty does. */
static inline bool slice_holds(struct slice s, struct slice part)
{
    for (size_t at = 0; at + part.len <= s.len; at++) {
        if (part.len > 0)
            at += slice_find(slice_sub(s, at, s.len - part.len + 1), part.ptr[0]);
        if (slice_starts(slice_from(s, at), part))
            return true;
    }
    return false;
}

/** The same without regard to ASCII case. */
static inline bool slice_holds_nocase(struct slice s, struct slice part)
{
    for (size_t at = 0; at + part.len <= s.len; at++)
        if (slice_starts_nocase(slice_from(s, at), part))
            return true;
    return false;
}

#define SLICE_HASH UINT64_C(0xcbf29ce484222325)

/** FNV-1a of what `hash` is of with s behind it; SLICE_HASH is of nothing. */
static inline uint64_t slice_hash(uint64_t hash, struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ s.ptr[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/** s without leading and trailing octets that are SP or HTAB. */
static inline struct slice slice_trim(struct slice s)
{
    size_t from = 0, to = s.len;
    while (from < to && (s.ptr[from] == ' ' || s.ptr[from] == '\t'))
        from++;
    while (to > from && (s.ptr[to - 1] == ' ' || s.ptr[to - 1] == '\t'))
        to--;
    return slice_sub(s, from, to);
}

#endif
