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

/* The days from 1970 on, year by year and month by month. */
static inline int64_t limited_days(int64_t year, int64_t month, int64_t day)
{
    static const int64_t months[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int64_t days = day - 1 + (leap && month > 2);
    for (int64_t m = 1; m < month; m++)
        days += months[m - 1];
    for (int64_t y = 1970; y < year; y++)
        days += 365 + ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0);
    return days;
}

/* Two digits, or four. */
static inline int64_t limited_digits(struct slice text, size_t at, size_t digits)
{
    int64_t number = 0;
    for (size_t i = at; i < at + digits && i < text.len; i++)
        number = number * 10 + text.ptr[i] - '0';
    return number;
}

/* The UNIX time of "1970-01-02T01:00:00+01:00", which has its syntax; false of what has a fraction,
 * or is before 1970 (RFC 3339 5.6). */
static inline bool limited_read_until(struct slice text, int64_t *ret_seconds)
{
    struct slice zone = slice_from(text, text.len < 19 ? text.len : 19);
    if (zone.len == 0 || zone.ptr[0] == '.' || limited_digits(text, 0, 4) < 1970)
        return false;
    *ret_seconds = limited_days(limited_digits(text, 0, 4), limited_digits(text, 5, 2),
                                limited_digits(text, 8, 2)) *
                       86400 +
                   limited_digits(text, 11, 2) * 3600 + limited_digits(text, 14, 2) * 60 +
                   limited_digits(text, 17, 2);
    int64_t offset =
        zone.len == 6 ? limited_digits(zone, 1, 2) * 3600 + limited_digits(zone, 4, 2) * 60 : 0;
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

/* Of a parameter without a limit: AUTH= may be said of who has authenticated, too (RFC 4954 5), and
 * REQUIRETLS under TLS alone (RFC 8689 2); no other server than one for submission holds mail. */
static inline bool limited_tells_offered(const struct shadowed *s, struct slice params,
                                         bool *ret_offered)
{
    bool auth = slice_equal_nocase(params, SLICE("AUTH=<>"));
    bool tls = slice_equal_nocase(params, SLICE("REQUIRETLS"));
    *ret_offered = auth ? s->authenticated || !s->tls || s->secured : tls && s->secured;
    return auth || tls ||
           (s->mode != SERVER_SUBMISSION && slice_starts_nocase(params, SLICE("HOLD")));
}

/** Whether the only parameter of MAIL asks for what EHLO announces: RFC 1870 3, RFC 4865 4.2 (a
 * hold of 86400 seconds at most) and RFC 2852 3 (60 seconds at least); false where that is not
 * told. */
static inline bool limited_tells(const struct shadowed *s, struct slice params, bool *ret_within)
{
    struct slice value = slice_from(
        params, slice_find(params, '=') < params.len ? slice_find(params, '=') + 1 : params.len);
    int64_t number = limited_read_number(value);
    if (slice_find(params, ' ') < params.len)
        return false;
    if (limited_tells_offered(s, params, ret_within))
        return true;
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
    if (s->mode != SERVER_SUBMISSION || (until && !limited_read_until(value, &number)))
        return false;
    number -= until ? s->unix_ms / 1000 : 0;
    *ret_within = number >= 0 && number <= 86400;
    return until || slice_starts_nocase(params, SLICE("HOLDFOR="));
}

/** Whether the only parameter of RCPT is about an owner since 2000 (RFC 7293 3.1); false where that
 * is not told. */
static inline bool limited_tells_since(struct slice params, bool *ret_since)
{
    int64_t seconds = 0;
    struct slice value = slice_from(params, params.len < 5 ? params.len : 5);
    value = slice_sub(value, 0, slice_find(value, ';'));
    if (!slice_starts_nocase(params, SLICE("RRVS=")) || slice_find(params, ' ') < params.len ||
        !limited_read_until(value, &seconds))
        return false;
    *ret_since = seconds >= INT64_C(946684800);
    return true;
}

#endif
