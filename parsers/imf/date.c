#include "imf/date.h"

#include "base/load.h"
#include "imf/calendar.h"
#include "imf/quirk.h"

/* ---- the calendar ---- */

static inline int64_t timestamp_of(const struct imf_date *date, int64_t days)
{
    return days * 86400 + date->hour * 3600 + date->minute * 60 + date->second -
           date->zone_minutes * 60;
}

static inline void finish(struct imf_date *date)
{
    int64_t days = imf_calendar_days(date->year, date->month, date->day);
    date->timestamp = timestamp_of(date, days);
    bool has_day =
        date->day >= 1 &&
        (date->day <= 28 || date->day <= imf_calendar_month_days(date->year, date->month));
    if (!has_day || date->year < 1900 || date->hour > 23 || date->minute > 59 || date->second > 60)
        date->quirks |= IMF_QUIRK_DATE_RANGE;
    if (date->weekday != 0 && date->weekday != imf_calendar_weekday(days))
        date->quirks |= IMF_QUIRK_INVALID_WEEKDAY;
}

void imf_date_finish(struct imf_date *date)
{
    finish(date);
}

/* ---- the ordinary way: "Mon, 18 Dec 2017 14:36:00 +0100", read eight octets at a time ---- */

#define FOUR(a, b, c, d)                                                                           \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

struct named {
    uint32_t text;
    uint8_t number;
};

/* Each name at the place that its hash gives; only equal octets are a match. */
#define DAY_HASH(text)   ((uint32_t)((text)*UINT32_C(0x3a902931)) >> 29)
#define MONTH_HASH(text) ((uint32_t)((text)*UINT32_C(0x0741c7a9)) >> 28)

static const struct named days[8] = {
    {FOUR('T', 'h', 'u', ','), 4}, {FOUR('M', 'o', 'n', ','), 1},
    {FOUR('W', 'e', 'd', ','), 3}, {0, 0},
    {FOUR('F', 'r', 'i', ','), 5}, {FOUR('S', 'a', 't', ','), 6},
    {FOUR('T', 'u', 'e', ','), 2}, {FOUR('S', 'u', 'n', ','), 7},
};

static const struct named months[16] = {
    {0, 0},
    {FOUR('J', 'u', 'n', ' '), 6},
    {FOUR('M', 'a', 'r', ' '), 3},
    {FOUR('D', 'e', 'c', ' '), 12},
    {FOUR('O', 'c', 't', ' '), 10},
    {FOUR('A', 'u', 'g', ' '), 8},
    {0, 0},
    {FOUR('F', 'e', 'b', ' '), 2},
    {FOUR('J', 'u', 'l', ' '), 7},
    {FOUR('M', 'a', 'y', ' '), 5},
    {FOUR('A', 'p', 'r', ' '), 4},
    {0, 0},
    {FOUR('S', 'e', 'p', ' '), 9},
    {0, 0},
    {FOUR('N', 'o', 'v', ' '), 11},
    {FOUR('J', 'a', 'n', ' '), 1},
};

/* In each octet, ten times itself and the octet behind it: two digits' number. */
static inline uint64_t pairs_of(uint64_t digits)
{
    return digits * 10 + (digits >> 8);
}

/* A comment of ordinary octets between a space and the end: " (CET)". */
static bool is_plain_comment(struct slice rest)
{
    if (rest.len < 3 || rest.ptr[0] != ' ' || rest.ptr[1] != '(' || rest.ptr[rest.len - 1] != ')')
        return false;
    for (size_t i = 2; i < rest.len - 1; i++)
        if (rest.ptr[i] < ' ' || rest.ptr[i] > '~' || rest.ptr[i] == '(' || rest.ptr[i] == ')' ||
            rest.ptr[i] == '\\')
            return false;
    return true;
}

#define TAIL_OCTETS 23 /* "Dec 2017 14:36:00 +0100" */

/* Reads "Dec 2017 14:36:00 +0100"; false where something is not ordinary. */
static inline bool read_tail(const uint8_t *at, struct imf_date *date)
{
    uint64_t year, clock, zone;
    uint32_t name = load_4(at);
    const struct named *month = &months[MONTH_HASH(name)];
    uint64_t wrong = load_digits(load_4(at + 4), 0x30303030, UINT64_C(0x7f7f7f7f76767676), &year);
    wrong |= load_digits(load_8(at + 9), UINT64_C(0x30303a30303a3030), UINT64_C(0x76767f76767f7676),
                         &clock);
    wrong |= load_digits(load_8(at + 15) & UINT64_C(0xffffffff00ffffff),
                         UINT64_C(0x3030303000203030), UINT64_C(0x767676767f7f7676), &zone);
    if (wrong != 0 || month->text != name || at[8] != ' ' || (at[18] != '+' && at[18] != '-'))
        return false;
    year = pairs_of(year);
    clock = pairs_of(clock);
    zone = pairs_of(zone);
    date->year = (int32_t)(load_octet(year, 0) * 100 + load_octet(year, 2));
    date->month = month->number;
    date->hour = (uint8_t)load_octet(clock, 0);
    date->minute = (uint8_t)load_octet(clock, 3);
    date->second = (uint8_t)load_octet(clock, 6);
    int minutes = (int)(load_octet(zone, 4) * 60 + load_octet(zone, 6));
    date->zone_minutes = (int16_t)(at[18] == '-' ? -minutes : minutes);
    date->zone_unknown = at[18] == '-' && minutes == 0;
    return load_octet(zone, 6) <= 59;
}

/* Reads what is ordinary and has no quirk; false: the grammar shall look. */
static inline bool read_ordinary(struct slice in, struct imf_date *ret_date)
{
    struct imf_date date;
    if (in.len < 7 + TAIL_OCTETS)
        return false;
    const uint8_t *at = in.ptr + (*in.ptr == ' '), *end = in.ptr + in.len;
    uint32_t name = load_4(at);
    const struct named *weekday = &days[DAY_HASH(name)];
    bool one = at[6] == ' ', padded = at[5] == ' ';
    unsigned tens = (at[5] - (unsigned)'0') & ((unsigned)(one | padded) - 1u);
    unsigned units = at[6 - one] - (unsigned)'0';
    bool spaces = at[4] == ' ' && at[7 - one] == ' ';
    at += 8 - one;
    if (weekday->text != name || !spaces || tens > 9 || units > 9 || end - at < TAIL_OCTETS ||
        !read_tail(at, &date))
        return false;
    date.weekday = weekday->number;
    date.day = (uint8_t)(tens * 10 + units);
    date.quirks = 0;
    finish(&date);
    at += TAIL_OCTETS;
    if (date.quirks != 0 || (at < end && !is_plain_comment(slice_of(at, (size_t)(end - at)))))
        return false;
    /* Member by member: copied as a whole, wide loads would wait for the narrow stores before. */
    ret_date->timestamp = date.timestamp;
    ret_date->quirks = 0;
    ret_date->year = date.year;
    ret_date->zone_minutes = date.zone_minutes;
    ret_date->zone_unknown = date.zone_unknown;
    ret_date->weekday = date.weekday;
    ret_date->month = date.month;
    ret_date->day = date.day;
    ret_date->hour = date.hour;
    ret_date->minute = date.minute;
    ret_date->second = date.second;
    return true;
}

struct parse_result imf_date_parse(struct slice in, struct imf_date *ret_date)
{
    if (read_ordinary(in, ret_date))
        return parse_ok(in.len);
    return imf_date_read(in, ret_date);
}

/* ---- writing ---- */

/* At least `width` digits. */
static void put_digits(struct writer *out, uint32_t number, unsigned width)
{
    uint32_t least = 1;
    for (unsigned i = 1; i < width; i++)
        least *= 10;
    for (; least > number && least > 1; least /= 10)
        writer_put_octet(out, '0');
    writer_put_number(out, number);
}

static void put_zone(struct writer *out, const struct imf_date *date, struct slice colon)
{
    uint32_t minutes =
        (uint32_t)(date->zone_minutes < 0 ? -date->zone_minutes : date->zone_minutes);
    writer_put_octet(out, date->zone_minutes < 0 || date->zone_unknown ? '-' : '+');
    put_digits(out, minutes / 60, 2);
    writer_put(out, colon);
    put_digits(out, minutes % 60, 2);
}

static void put_clock(struct writer *out, const struct imf_date *date)
{
    put_digits(out, date->hour, 2);
    writer_put_octet(out, ':');
    put_digits(out, date->minute, 2);
    writer_put_octet(out, ':');
    put_digits(out, date->second, 2);
}

void imf_date_write(const struct imf_date *date, struct writer *out)
{
    if (date->weekday != 0) {
        writer_put(out, imf_calendar_weekday_name(date->weekday));
        writer_put(out, SLICE(", "));
    }
    put_digits(out, date->day, 2);
    writer_put_octet(out, ' ');
    writer_put(out, imf_calendar_month(date->month));
    writer_put_octet(out, ' ');
    put_digits(out, (uint32_t)date->year, 4);
    writer_put_octet(out, ' ');
    put_clock(out, date);
    writer_put_octet(out, ' ');
    put_zone(out, date, SLICE(""));
}

bool imf_date_write_rfc3339(const struct imf_date *date, struct writer *out)
{
    int day_minutes = 24 * 60;
    if (date->year > 9999 || date->day == 0 ||
        date->day > imf_calendar_month_days(date->year, date->month) || date->hour > 23 ||
        date->minute > 59 || date->second > 60 || date->zone_minutes >= day_minutes ||
        date->zone_minutes <= -day_minutes)
        return false;
    put_digits(out, (uint32_t)date->year, 4);
    writer_put_octet(out, '-');
    put_digits(out, date->month, 2);
    writer_put_octet(out, '-');
    put_digits(out, date->day, 2);
    writer_put_octet(out, 'T');
    put_clock(out, date);
    put_zone(out, date, SLICE(":"));
    return true;
}

static const char *const error_texts[] = {
    [IMF_DATE_EMPTY] = "there is no date and time",
    [IMF_DATE_BAD_WORD] = "a word has no meaning in a date and time",
    [IMF_DATE_BAD_NUMBER] = "a number has no meaning in a date and time",
    [IMF_DATE_BAD_TIME] = "no number follows a colon of a time",
    [IMF_DATE_BAD_OCTET] = "an octet may not stand in a date and time",
    [IMF_DATE_INCOMPLETE] = "the day, the month or the year is missing",
};

const char *imf_date_error_text(int error)
{
    bool known = error > 0 && (size_t)error < sizeof error_texts / sizeof *error_texts;
    return known ? error_texts[error] : NULL;
}
