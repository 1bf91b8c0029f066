/*
 * limited: a second reading of the parameters of MAIL that have a limit: SIZE, BY and the holds.
 */
#ifndef MAILDRILL_FUZZ_LAWS_LIMITED_H
#define MAILDRILL_FUZZ_LAWS_LIMITED_H

#include "laws/shadowed.h"

/** RFC 1870 6.1: a message that says that it is longer than the limit. */
static inline bool limited_is_too_long(struct slice params)
{
    uint64_t octets = 0;
    while (params.len > 0 && !slice_starts_nocase(params, SLICE("SIZE=")))
        params = slice_from(params, 1);
    params = slice_from(params, params.len > 0 ? 5 : 0);
    for (; params.len > 0 && params.ptr[0] >= '0' && params.ptr[0] <= '9';
         params = slice_from(params, 1))
        octets = octets > SHADOWED_MESSAGE_OCTETS ? octets : octets * 10 + params.ptr[0] - '0';
    return octets > SHADOWED_MESSAGE_OCTETS;
}

/* The seconds from now that "1970-01-02T01:00:00+01:00" is away; false of another day than those
 * two (RFC 3339 5.6). */
static inline bool limited_read_until(struct slice text, int64_t *ret_seconds)
{
    static const struct slice days[] = {SLICE_INIT("1970-01-01T"), SLICE_INIT("1970-01-02T")};
    int64_t part[5] = {0};
    size_t day = slice_starts(text, days[0]) ? 0 : 1, at = days[0].len;
    if (!slice_starts(text, days[day]))
        return false;
    for (size_t i = 0; i < 3; i++, at += 3)
        for (size_t k = 0; k < 2; k++)
            part[i] = part[i] * 10 + text.ptr[at + k] - '0';
    *ret_seconds = (int64_t)day * 86400 + part[0] * 3600 + part[1] * 60 + part[2];
    struct slice zone = slice_from(text, at - 1);
    for (size_t i = 0; i < 4 && zone.len == 6; i++)
        part[3 + i / 2] = part[3 + i / 2] * 10 + zone.ptr[1 + i + i / 2] - '0';
    int64_t offset = zone.len == 6 ? part[3] * 3600 + part[4] * 60 : 0;
    *ret_seconds += zone.ptr[0] == '-' ? offset : -offset;
    return zone.len == 6 || slice_equal_nocase(zone, SLICE("Z"));
}

static inline int64_t limited_read_number(struct slice text)
{
    int64_t number = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9' && i < 18; i++)
        number = number * 10 + text.ptr[i] - '0';
    return number;
}

/** Whether the only parameter of MAIL asks for what EHLO announces: RFC 1870 3, RFC 4865 4.2 (a
 * hold of 86400 seconds at most) and RFC 2852 3 (60 seconds at least); false where that is not
 * told. */
static inline bool limited_tells(bool submission, struct slice params, bool *ret_within)
{
    struct slice value = slice_from(
        params, slice_find(params, '=') < params.len ? slice_find(params, '=') + 1 : params.len);
    int64_t number = limited_read_number(value);
    if (slice_find(params, ' ') < params.len)
        return false;
    if (slice_starts_nocase(params, SLICE("SIZE="))) {
        *ret_within = number <= SHADOWED_MESSAGE_OCTETS;
        return value.len < 18;
    }
    if (slice_starts_nocase(params, SLICE("BY="))) {
        *ret_within = number >= 60;
        return value.len > 2 && value.ptr[0] != '+' &&
               slice_equal_nocase(slice_from(value, value.len - 2), SLICE(";R"));
    }
    bool until = slice_starts_nocase(params, SLICE("HOLDUNTIL="));
    if (!submission || (until && !limited_read_until(value, &number)))
        return false;
    *ret_within = number >= 0 && number <= 86400;
    return until || slice_starts_nocase(params, SLICE("HOLDFOR="));
}

#endif
