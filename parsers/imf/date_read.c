/* The grammar of imf/date.h, and what is read beyond it: part by part, whatever their order. */
#include "imf/date_read.h"

#include "imf/calendar.h"
#include "imf/quirk.h"

/*
 * A part was read. Between parts FWS stands, and before the first none is needed; a comment, or
 * nothing at all, stands there in the obsolete syntax only (RFC 5322 4.3).
 */
static void took(struct reading *r, enum part part, bool space, bool comment)
{
    bool first = r->last == NOTHING && !r->comma;
    bool in_order = part == r->last + 1 || (first && part == DAY);
    if (!in_order || (part == DAY && r->last == WEEKDAY && !r->comma))
        date_quirk(r, IMF_QUIRK_DATE_SYNTAX);
    bool needs_space = part != WEEKDAY && part != DAY && part != ZONE && !r->joined;
    if (comment || (!space && needs_space && r->last != NOTHING))
        date_quirk(r, IMF_QUIRK_OBS_CFWS);
    if (part == ZONE && !space)
        date_quirk(r, IMF_QUIRK_INVALID_ZONE);
    r->has |= HAS(part);
    r->last = part;
    r->joined = false;
}

/* Passes a quote before it all: "18-Dec-2017 14:36:00 +0100" between two, as IMAP writes it. */
static bool take_quote(struct reading *r)
{
    r->c.at++;
    date_quirk(r, IMF_QUIRK_DATE_SYNTAX);
    return true;
}

/* Passes what separates parts where white space should: "18-Dec-2017", "2017-12-18T14:36". */
static bool take_separator(struct reading *r)
{
    r->c.at++;
    r->joined = true;
    date_quirk(r, IMF_QUIRK_DATE_SYNTAX);
    return true;
}

/* year = 4*DIGIT; obs-year = 2*DIGIT. RFC 5322 4.3: 00-49 add 2000, 50-99 and three digits 1900. */
static bool set_year(struct reading *r, struct number n)
{
    if (n.text.len < 2 || n.text.len > 9)
        return false;
    r->date.year = (int32_t)n.value;
    if (n.text.len < 4) {
        date_quirk(r, IMF_QUIRK_OBS_YEAR);
        r->date.year += n.text.len == 2 && n.value < 50 ? 2000 : 1900;
    }
    return true;
}

/* ---- a date in numbers ---- */

/* Whether a separator and a digit stand behind a number: "2017-12", "18.12", "12/18"; a colon only
 * behind a year, "2017:12", where no hour can be meant. */
static bool joined_number_follows(const struct reading *r, bool year)
{
    int mark = imf_peek(&r->c);
    return (mark == '-' || mark == '/' || mark == '.' || (mark == ':' && year)) &&
           date_is_digit(date_peek(r, r->c.at + 1));
}

static bool set_day_and_month(struct reading *r, struct number day, struct number month)
{
    if (month.value > 12 && day.value <= 12) {
        struct number other = day;
        day = month;
        month = other;
    }
    if (month.value < 1 || month.value > 12 || day.text.len > 2)
        return false;
    r->date.day = (uint8_t)day.value;
    r->date.month = (uint8_t)month.value;
    return true;
}

/* "2017-12-18", "18-12-2017", "12/18/2017", behind the first number: a slash between small numbers
 * puts the month first, as in America, unless only the second can be a month. A first number that
 * no month has a day for is the year of "92/01/02". */
static bool take_joined_date(struct reading *r, struct number first)
{
    size_t at = r->c.at - first.text.len;
    bool slash = imf_peek(&r->c) == '/', colon = imf_peek(&r->c) == ':';
    bool year_first = first.text.len >= 4;
    r->c.at++;
    struct number second = imf_date_take_digits(r, 3), third = {{NULL, 0}, 0};
    if (joined_number_follows(r, colon)) {
        r->c.at++;
        third = imf_date_take_digits(r, SIZE_MAX);
    }
    year_first = year_first || (first.value > 31 && third.text.len <= 2);
    struct number year = year_first ? first : third;
    bool known = year_first                     ? set_day_and_month(r, third, second)
                 : slash && (first.value <= 12) ? set_day_and_month(r, second, first)
                                                : set_day_and_month(r, first, second);
    if (!known || third.text.len == 0 || !set_year(r, year))
        return date_fail(r, IMF_DATE_BAD_NUMBER, at);
    date_quirk(r, IMF_QUIRK_DATE_SYNTAX);
    r->has |= HAS_DATE;
    r->last = YEAR;
    return true;
}

/* "20171218", "20171218143600". */
static bool take_basic_date(struct reading *r, struct number n)
{
    struct slice text = n.text;
    struct number year = {slice_sub(text, 0, 4), imf_date_value_of(slice_sub(text, 0, 4))};
    struct number month = {slice_sub(text, 4, 6), imf_date_value_of(slice_sub(text, 4, 6))};
    struct number day = {slice_sub(text, 6, 8), imf_date_value_of(slice_sub(text, 6, 8))};
    if (month.value > 12 || !set_day_and_month(r, day, month) || !set_year(r, year))
        return date_fail(r, IMF_DATE_BAD_NUMBER, r->c.at - text.len);
    date_quirk(r, IMF_QUIRK_DATE_SYNTAX);
    r->has |= HAS_DATE;
    r->last = YEAR;
    if (text.len == 14) {
        imf_date_set_basic_clock(r, slice_sub(text, 8, 14));
        r->has |= HAS(CLOCK);
        r->last = CLOCK;
    }
    return true;
}

static bool number_follows(const struct reading *r)
{
    struct imf_cursor c = r->c;
    imf_skip_cfws(&c);
    return c.at > r->c.at && date_is_digit(imf_peek(&c));
}

/* A number alone, while day, month or year is missing. */
static bool take_date_number(struct reading *r, struct number n, bool space, bool comment)
{
    size_t at = r->c.at - n.text.len;
    bool small = n.text.len <= 2;
    bool month_next =
        (r->has & HAS_DATE) == HAS(YEAR) && n.value >= 1 && n.value <= 12 && number_follows(r);
    enum part part;
    if (small && !(r->has & HAS(DAY)) && !month_next) { /* but "2017 12 18" */
        part = DAY;
        r->date.day = (uint8_t)n.value;
    } else if (small && !(r->has & HAS(MONTH)) && n.value >= 1 && n.value <= 12) {
        part = MONTH;
        r->date.month = (uint8_t)n.value;
        date_quirk(r, IMF_QUIRK_DATE_SYNTAX);
    } else if (!(r->has & HAS(YEAR)) && (!small || (r->has & HAS(MONTH))) && set_year(r, n)) {
        part = YEAR;
    } else {
        return date_fail(r, IMF_DATE_BAD_NUMBER, at);
    }
    took(r, part, space, comment);
    if (part == DAY && imf_at(&r->c, OCTET_ALPHA)) { /* "1st", "22nd", "3rd", "18th" */
        struct imf_cursor before = r->c;
        struct slice end = imf_date_take_letters(r);
        if (slice_equal_nocase(end, SLICE("st")) || slice_equal_nocase(end, SLICE("nd")) ||
            slice_equal_nocase(end, SLICE("rd")) || slice_equal_nocase(end, SLICE("th")))
            date_quirk(r, IMF_QUIRK_DATE_SYNTAX);
        else
            r->c = before;
    }
    return true;
}

/* ---- part by part ---- */

static bool colon_follows(struct reading *r)
{
    struct imf_cursor c = r->c;
    imf_skip_cfws(&c);
    return imf_peek(&c) == ':';
}

/* The text from here on is not of the date. */
static bool trailing(struct reading *r, size_t from)
{
    r->c.at = from;
    r->done = true;
    date_quirk(r, IMF_QUIRK_TRAILING_TEXT);
    return true;
}

static bool take_number(struct reading *r)
{
    size_t from = r->c.at;
    bool space = r->space, comment = r->comment;
    bool whole_date = (r->has & HAS_DATE) == HAS_DATE, empty = (r->has & HAS_DATE) == 0;
    struct number n = imf_date_take_digits(r, SIZE_MAX);
    size_t digits = n.text.len;
    bool colon = digits <= 6 && !(r->has & HAS(CLOCK)) && colon_follows(r);
    bool day_and_month = (r->has & (HAS(DAY) | HAS(MONTH))) == (HAS(DAY) | HAS(MONTH));
    int mark = imf_peek(&r->c);
    bool other_mark = day_and_month && digits <= 2 && (mark == '.' || (mark | 0x20) == 'h') &&
                      date_is_digit(date_peek(r, r->c.at + 1)) && !(r->has & HAS(CLOCK));
    if ((colon && digits <= 2) || other_mark) {
        took(r, CLOCK, space, comment);
        return imf_date_take_clock(r, n);
    }
    if (colon && digits > 4 && (r->has & HAS_DATE) == (HAS(DAY) | HAS(MONTH))) {
        r->c.at = from; /* "200407:32": the hour stands right behind the year */
        took(r, YEAR, space, comment);
        set_year(r, imf_date_take_digits(r, 4));
        return true;
    }
    if (!whole_date) {
        if (empty && (digits <= 2 || digits == 4) && joined_number_follows(r, digits == 4))
            return take_joined_date(r, n);
        if (empty && (digits == 8 || digits == 14))
            return take_basic_date(r, n);
        return take_date_number(r, n, space, comment);
    }
    if (!(r->has & HAS(CLOCK)) && (digits <= 2 || digits == 4 || digits == 6)) {
        took(r, CLOCK, space, comment);
        if (digits <= 2)
            imf_date_take_spaced_clock(r, n);
        else
            imf_date_set_basic_clock(r, n.text);
        return true;
    }
    if ((r->has & HAS(CLOCK)) && !(r->has & HAS(ZONE)) && (digits == 3 || digits == 4)) {
        took(r, ZONE, space, comment); /* a zone without its sign */
        date_quirk(r, IMF_QUIRK_INVALID_ZONE);
        imf_date_set_offset(r, n, false);
        return true;
    }
    return trailing(r, from);
}

/* A word while day, month or year is missing: a day's or a month's name. */
static bool take_date_word(struct reading *r, struct slice word, bool space, bool comment)
{
    unsigned weekday = imf_calendar_find_weekday(word);
    unsigned month = weekday != 0 ? 0 : imf_calendar_find_month(word);
    if (month != 0 && r->mardi) {
        r->mardi = false;
        r->has &= ~HAS(MONTH);
        date_quirk(r, IMF_QUIRK_INVALID_WEEKDAY);
    }
    if (month != 0 && !(r->has & HAS(MONTH))) {
        r->mardi = r->last == NOTHING && slice_equal_nocase(word, SLICE("Mar"));
        r->date.month = (uint8_t)month;
        if (!slice_equal_nocase(word, imf_calendar_month(month)))
            date_quirk(r, IMF_QUIRK_DATE_SYNTAX);
        took(r, MONTH, space, comment);
    } else if (weekday != 0 && !(r->has & HAS(WEEKDAY))) {
        r->date.weekday = (uint8_t)weekday;
        if (word.len != 3)
            date_quirk(r, IMF_QUIRK_DATE_SYNTAX);
        took(r, WEEKDAY, space, comment);
    } else if (r->last == NOTHING) {
        date_quirk(r, IMF_QUIRK_INVALID_WEEKDAY);
        took(r, WEEKDAY, space, comment);
    } else if (slice_equal_nocase(word, SLICE("of")) || slice_equal_nocase(word, SLICE("de"))) {
        date_quirk(r, IMF_QUIRK_DATE_SYNTAX);
    } else {
        return date_fail(r, IMF_DATE_BAD_WORD, (size_t)(word.ptr - r->c.in.ptr));
    }
    if (imf_take(&r->c, '.'))
        date_quirk(r, IMF_QUIRK_DATE_SYNTAX);
    return true;
}

static bool take_word(struct reading *r)
{
    size_t from = r->c.at;
    bool space = r->space, comment = r->comment;
    struct slice word = imf_date_take_letters(r);
    bool whole_date = (r->has & HAS_DATE) == HAS_DATE, clock = (r->has & HAS(CLOCK)) != 0;
    if (clock && r->last == CLOCK && imf_date_take_meridiem(r, word, space))
        return true;
    bool name = !whole_date && clock &&
                (imf_calendar_find_weekday(word) != 0 || imf_calendar_find_month(word) != 0);
    if (!whole_date && (name || !clock))
        return take_date_word(r, word, space, comment);
    if (!clock) {
        bool iso = slice_equal_nocase(word, SLICE("T")) && date_is_digit(imf_peek(&r->c));
        if (!iso && !slice_equal_nocase(word, SLICE("at")))
            return trailing(r, from);
        r->iso = iso;
        r->joined = true;
        date_quirk(r, IMF_QUIRK_DATE_SYNTAX);
        return true;
    }
    if (r->has & HAS(ZONE))
        return whole_date ? trailing(r, from) : date_fail(r, IMF_DATE_BAD_WORD, from);
    if (comment) /* obs-zone stands behind a second, which CFWS follows */
        date_quirk(r, IMF_QUIRK_OBS_CFWS);
    imf_date_take_zone_name(r, word);
    r->has |= HAS(ZONE);
    if (r->last != CLOCK)
        date_quirk(r, IMF_QUIRK_DATE_SYNTAX);
    r->last = ZONE;
    return true;
}

/* Whether a time of day stands behind a hyphen, not a zone: "2017-12-18-14:36", "- 14:36". */
static bool clock_follows(const struct reading *r)
{
    size_t at = r->c.at + 1;
    while (date_peek(r, at) == ' ')
        at++;
    if (!date_is_digit(date_peek(r, at)))
        return false;
    at += date_is_digit(date_peek(r, at + 1)) ? 2 : 1;
    return date_peek(r, at) == ':' && date_is_digit(date_peek(r, at + 1));
}

/* "+" and "-": of a zone, or "-" between the parts of a date. */
static bool take_sign(struct reading *r)
{
    size_t from = r->c.at;
    bool whole_date = (r->has & HAS_DATE) == HAS_DATE, clock = (r->has & HAS(CLOCK)) != 0;
    bool minus = imf_peek(&r->c) == '-';
    bool zone = clock && date_is_digit(date_peek(r, from + 3)) && (r->space || r->last == CLOCK);
    if (!whole_date && !zone) {
        return minus ? take_separator(r) : date_fail(r, IMF_DATE_BAD_OCTET, from);
    }
    if ((r->has & HAS(ZONE)) && !r->weak_zone)
        return whole_date ? trailing(r, from) : date_fail(r, IMF_DATE_BAD_OCTET, from);
    bool space = r->space, comment = r->comment;
    if (minus && !clock && clock_follows(r))
        return take_separator(r);
    if (imf_date_take_offset(r)) {
        if (r->weak_zone)
            date_quirk(r, IMF_QUIRK_INVALID_ZONE);
        r->weak_zone = false;
        took(r, ZONE, space, comment);
        return true;
    }
    if (minus && (octet_is((uint8_t)date_peek(r, from + 1), OCTET_ALPHA) || !clock)) {
        if (!clock)
            return take_separator(r); /* "2017 - 14:36" */
        r->c.at++;                    /* "03:19:52-Z" */
        date_quirk(r, IMF_QUIRK_INVALID_ZONE);
        return true;
    }
    return trailing(r, from);
}

static bool take_comma(struct reading *r)
{
    bool at_weekday = r->last == WEEKDAY && !r->comma;
    r->c.at++;
    r->comma = true;
    r->joined = true;
    if (!at_weekday)
        date_quirk(r, IMF_QUIRK_DATE_SYNTAX);
    else if (r->space)
        date_quirk(r, IMF_QUIRK_OBS_CFWS);
    return true;
}

static bool take_part(struct reading *r)
{
    int octet = imf_peek(&r->c);
    bool whole_date = (r->has & HAS_DATE) == HAS_DATE, clock = (r->has & HAS(CLOCK)) != 0;
    if (date_is_digit(octet))
        return take_number(r);
    if (imf_at(&r->c, OCTET_ALPHA | OCTET_EIGHT_BIT))
        return take_word(r);
    if (octet == '+' || octet == '-')
        return take_sign(r);
    if (octet == ',' && !(whole_date && clock))
        return take_comma(r);
    bool between = !whole_date && r->last != NOTHING && (octet == '.' || octet == '/');
    if (between || (octet == ':' && whole_date && !clock))
        return take_separator(r);
    if (octet == '"' && r->has == 0)
        return take_quote(r);
    return whole_date ? trailing(r, r->c.at) : date_fail(r, IMF_DATE_BAD_OCTET, r->c.at);
}

/* What was not found, and what the calendar says. */
static void finish(struct reading *r)
{
    if (!(r->has & HAS(CLOCK)))
        date_quirk(r, IMF_QUIRK_TIME_SYNTAX);
    if (!(r->has & HAS(ZONE))) {
        date_quirk(r, IMF_QUIRK_INVALID_ZONE);
        r->date.zone_unknown = true;
    }
    r->date.quirks = r->c.quirks | imf_quirks_of_octets(r->c.in);
    imf_date_finish(&r->date);
}

static struct parse_result read_from(struct slice in, size_t at, uint64_t quirks,
                                     struct imf_date *ret_date)
{
    struct reading r = {.c = {.in = in, .at = at, .quirks = quirks}};
    bool going = true;
    for (imf_date_skip_gap(&r); going && !r.done && imf_peek(&r.c) >= 0;) {
        going = take_part(&r);
        if (going)
            imf_date_skip_gap(&r);
    }
    if (r.error != 0)
        return parse_error(r.error, r.error_at);
    if ((r.has & HAS_DATE) != HAS_DATE)
        return parse_error(r.last == NOTHING ? IMF_DATE_EMPTY : IMF_DATE_INCOMPLETE, in.len);
    finish(&r);
    *ret_date = r.date;
    return parse_ok(in.len);
}

struct parse_result imf_date_read(struct slice in, struct imf_date *ret_date)
{
    struct parse_result result = read_from(in, 0, 0, ret_date);
    if (result.status == PARSE_OK)
        return result;
    /* Text and a semicolon before it: the body of a Received field. */
    size_t behind = in.len;
    while (behind > 0 && in.ptr[behind - 1] != ';')
        behind--;
    if (behind > 0 && read_from(in, behind, IMF_QUIRK_DATE_SYNTAX, ret_date).status == PARSE_OK)
        return parse_ok(in.len);
    return result;
}
