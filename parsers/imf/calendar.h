/*
 * calendar: days of the Gregorian calendar, counted, and the names of weekdays and months.
 */
#ifndef MAILDRILL_IMF_CALENDAR_H
#define MAILDRILL_IMF_CALENDAR_H

#include "base/slice.h"

static inline bool imf_calendar_is_leap(int32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 16 == 0); /* of centuries, 400 has 16 */
}

/** How many days a month has, 1 to 12. */
static inline unsigned imf_calendar_month_days(int32_t year, unsigned month)
{
    static const uint8_t days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month] + (month == 2 && imf_calendar_is_leap(year) ? 1u : 0u);
}

/** Days from 1970-01-01 to a day; month 1 to 12, year not negative, day any number. */
static inline int64_t imf_calendar_days(int32_t year, unsigned month, unsigned day)
{
    static const uint16_t before[13] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    /* Years end with February here, so that each counts the leap day before it; 400 years more, so
     * that there is a year before 0. */
    uint32_t years = (uint32_t)year + 400 - (month <= 2);
    uint32_t centuries = years / 100, leap_days = years / 4 - centuries + centuries / 4;
    return (int64_t)365 * ((int64_t)year + 400) + leap_days + before[month] + (int64_t)day -
           (719528 + 146097);
}

/** The day of the week, 1 Monday to 7 Sunday, of a day from 0000-01-01 on, counted from 1970. */
static inline unsigned imf_calendar_weekday(int64_t days)
{
    return (unsigned)((uint64_t)(days + 719533) % 7) + 1;
}

/** 1 to 7 for "Mon", "mond" or "Monday", in any case; 0 for what is no weekday's name. */
unsigned imf_calendar_find_weekday(struct slice word);

/** 1 to 12 for "Dec", "Decem", "December", and names in other languages ("déc", "Dez"); or 0. */
unsigned imf_calendar_find_month(struct slice word);

/** "Mon" to "Sun"; empty for any other number than 1 to 7. */
struct slice imf_calendar_weekday_name(unsigned weekday);

/** "Jan" to "Dec"; empty for any other number than 1 to 12. */
struct slice imf_calendar_month(unsigned month);

#endif
