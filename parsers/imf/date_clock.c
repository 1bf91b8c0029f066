/* The time of day and the zone, and the tokens of a date-time. */
#include "imf/date_read.h"
#include "imf/quirk.h"
#include "imf/zone.h"

/* ---- tokens ---- */

void imf_date_skip_gap(struct reading *r)
{
    size_t from = r->c.at;
    r->c.comment = (struct slice){NULL, 0};
    imf_skip_cfws(&r->c);
    r->comment = r->c.comment.ptr != NULL;
    r->space = r->c.at > from;
}

uint32_t imf_date_value_of(struct slice digits)
{
    uint32_t value = 0;
    for (size_t i = 0; i < digits.len; i++)
        value = i < 9 ? value * 10 + digits.ptr[i] - '0' : 999999999;
    return value;
}

struct number imf_date_take_digits(struct reading *r, size_t most)
{
    size_t from = r->c.at;
    while (date_is_digit(imf_peek(&r->c)) && r->c.at - from < most)
        r->c.at++;
    struct slice text = slice_sub(r->c.in, from, r->c.at);
    return (struct number){text, imf_date_value_of(text)};
}

struct slice imf_date_take_letters(struct reading *r)
{
    size_t from = r->c.at;
    while (imf_at(&r->c, OCTET_ALPHA | OCTET_EIGHT_BIT))
        r->c.at++;
    return slice_sub(r->c.in, from, r->c.at);
}

/* ---- the time of day ---- */

/* What separates hour, minute and second: a colon, maybe between CFWS, or a period or the "h" of
 * "14h36" in its place. */
static bool take_colon(struct reading *r)
{
    struct imf_cursor before = r->c;
    int mark = imf_peek(&r->c);
    if ((mark == '.' || (mark | 0x20) == 'h') && date_is_digit(date_peek(r, r->c.at + 1))) {
        r->c.at++;
        date_quirk(r, IMF_QUIRK_TIME_SYNTAX);
        return true;
    }
    imf_date_skip_gap(r);
    if (imf_take(&r->c, ':')) {
        bool spaced = r->space;
        imf_date_skip_gap(r);
        if (spaced || r->space)
            date_quirk(r, IMF_QUIRK_OBS_CFWS);
        return true;
    }
    r->c = before;
    return false;
}

/* A minute or a second. "9::6" has no minute: 0. */
static bool take_sixty(struct reading *r, uint8_t *ret_value)
{
    struct number n = imf_date_take_digits(r, 3);
    if (n.text.len > 2 || (n.text.len == 0 && imf_peek(&r->c) != ':'))
        return date_fail(r, IMF_DATE_BAD_TIME, r->c.at - n.text.len);
    if (n.text.len != 2)
        date_quirk(r, IMF_QUIRK_TIME_SYNTAX);
    *ret_value = (uint8_t)n.value;
    return true;
}

/* time-of-day = hour ":" minute [ ":" second ], behind the hour; and a fraction of the second. */
bool imf_date_take_clock(struct reading *r, struct number hour)
{
    if (hour.text.len != 2)
        date_quirk(r, IMF_QUIRK_TIME_SYNTAX);
    r->date.hour = (uint8_t)hour.value;
    take_colon(r); /* who calls has seen it */
    if (!take_sixty(r, &r->date.minute))
        return false;
    if (take_colon(r)) {
        if (!take_sixty(r, &r->date.second))
            return false;
        int mark = imf_peek(&r->c);
        if ((mark == '.' || mark == ',' || mark == ':') &&
            date_is_digit(date_peek(r, r->c.at + 1))) {
            date_quirk(r, IMF_QUIRK_TIME_SYNTAX);
            r->c.at++;
            imf_date_take_digits(r, SIZE_MAX);
        }
    }
    return true;
}

void imf_date_set_basic_clock(struct reading *r, struct slice digits)
{
    date_quirk(r, IMF_QUIRK_TIME_SYNTAX);
    r->date.hour = (uint8_t)imf_date_value_of(slice_sub(digits, 0, 2));
    r->date.minute = (uint8_t)imf_date_value_of(slice_sub(digits, 2, 4));
    if (digits.len == 6)
        r->date.second = (uint8_t)imf_date_value_of(slice_sub(digits, 4, 6));
}

/* "16 23 42", "16h": numbers where a time should be. */
void imf_date_take_spaced_clock(struct reading *r, struct number hour)
{
    uint8_t *next[] = {&r->date.minute, &r->date.second};
    date_quirk(r, IMF_QUIRK_TIME_SYNTAX);
    r->date.hour = (uint8_t)hour.value;
    struct imf_cursor behind = r->c;
    if (!slice_equal_nocase(imf_date_take_letters(r), SLICE("h")))
        r->c = behind;
    for (size_t i = 0; i < 2; i++) {
        struct imf_cursor before = r->c;
        imf_date_skip_gap(r);
        struct number n = imf_date_take_digits(r, 3);
        if (n.text.len != 2 || !r->space) {
            r->c = before;
            return;
        }
        *next[i] = (uint8_t)n.value;
    }
}

/* "AM", "p.m.", and "P" right behind an hour that a clock of twelve has: "1:23P". A letter behind
 * white space is a zone (RFC 5322 4.3). Says whether it was one. */
bool imf_date_take_meridiem(struct reading *r, struct slice word, bool space)
{
    uint8_t first = slice_upper(word.ptr[0]);
    bool letters = word.len == 2 && slice_upper(word.ptr[1]) == 'M';
    bool dotted =
        word.len == 1 && imf_peek(&r->c) == '.' && (date_peek(r, r->c.at + 1) | 0x20) == 'm';
    bool alone = word.len == 1 && !space && r->date.hour >= 1 && r->date.hour <= 12;
    if ((first != 'A' && first != 'P') || (!letters && !dotted && !alone))
        return false;
    if (dotted)
        r->c.at += 2;
    imf_take(&r->c, '.');
    date_quirk(r, IMF_QUIRK_TIME_SYNTAX);
    if (first == 'P' && r->date.hour < 12)
        r->date.hour = (uint8_t)(r->date.hour + 12);
    else if (first == 'A' && r->date.hour == 12)
        r->date.hour = 0;
    return true;
}

/* ---- the zone ---- */

static void set_zone(struct reading *r, int minutes, bool unknown)
{
    bool in_range = minutes >= -5999 && minutes <= 5999;
    r->date.zone_minutes = (int16_t)(in_range && !unknown ? minutes : 0);
    r->date.zone_unknown = unknown || !in_range;
    if (!in_range)
        date_quirk(r, IMF_QUIRK_INVALID_ZONE);
}

void imf_date_set_offset(struct reading *r, struct number n, bool negative)
{
    uint32_t hours, minutes;
    bool colon =
        n.text.len <= 2 && imf_peek(&r->c) == ':' && date_is_digit(date_peek(r, r->c.at + 1));
    if (n.text.len <= 2) {
        hours = n.value;
        minutes = 0;
    } else {
        size_t digits = n.text.len > 4 ? 4 : n.text.len;
        hours = imf_date_value_of(slice_sub(n.text, 0, digits - 2));
        minutes = imf_date_value_of(slice_sub(n.text, digits - 2, digits));
    }
    if (colon) {
        r->c.at++;
        minutes = imf_date_take_digits(r, 2).value;
    }
    if (n.text.len != 4 || minutes > 59)
        date_quirk(r, IMF_QUIRK_INVALID_ZONE);
    int offset = (int)(hours * 60 + minutes);
    set_zone(r, negative ? -offset : offset, n.text.len > 6 || (negative && offset == 0));
}

/* RFC 5322 3.3: zone = FWS ( "+" / "-" ) 4DIGIT */
bool imf_date_take_offset(struct reading *r)
{
    struct imf_cursor before = r->c;
    bool negative = false;
    size_t signs = 0;
    /* Two signs have been seen; more would be looked at again by whoever takes the first for
     * another thing. */
    for (; signs < 2 && (imf_peek(&r->c) == '+' || imf_peek(&r->c) == '-'); signs++)
        negative = r->c.in.ptr[r->c.at++] == '-';
    bool space = false;
    while (imf_take(&r->c, ' '))
        space = true;
    struct number n = imf_date_take_digits(r, SIZE_MAX);
    if (signs == 0 || n.text.len == 0) {
        r->c = before;
        return false;
    }
    if (signs > 1 || space)
        date_quirk(r, IMF_QUIRK_INVALID_ZONE);
    imf_date_set_offset(r, n, negative);
    return true;
}

/* "Pacific Daylight Time": how Windows calls the zones of RFC 822. */
static bool take_long_zone(struct reading *r, struct slice word)
{
    static const struct {
        struct slice name;
        int minutes;
    } zones[] = {
        {SLICE_INIT("Eastern"), -300},
        {SLICE_INIT("Central"), -360},
        {SLICE_INIT("Mountain"), -420},
        {SLICE_INIT("Pacific"), -480},
    };
    struct imf_cursor before = r->c;
    imf_date_skip_gap(r);
    struct slice season = imf_date_take_letters(r);
    imf_date_skip_gap(r);
    bool time = slice_equal_nocase(imf_date_take_letters(r), SLICE("Time"));
    bool summer = slice_equal_nocase(season, SLICE("Daylight"));
    bool winter = slice_equal_nocase(season, SLICE("Standard"));
    for (size_t i = 0; time && (summer || winter) && i < sizeof zones / sizeof *zones; i++) {
        if (!slice_equal_nocase(word, zones[i].name))
            continue;
        set_zone(r, zones[i].minutes + (summer ? 60 : 0), false);
        return true;
    }
    r->c = before;
    return false;
}

/* A word where the zone must stand. RFC 5322 4.3: an unknown one is -0000. */
void imf_date_take_zone_name(struct reading *r, struct slice word)
{
    bool military = word.len == 1 && slice_upper(*word.ptr) != 'J' && *word.ptr < 128;
    const struct imf_zone *zone = imf_zone_find(word);
    if (military) {
        date_quirk(r, IMF_QUIRK_OBS_ZONE);
        set_zone(r, 0, !(r->iso && slice_upper(*word.ptr) == 'Z'));
        return;
    }
    if (zone == NULL) {
        date_quirk(r, IMF_QUIRK_INVALID_ZONE);
        if (!take_long_zone(r, word)) {
            set_zone(r, 0, true);
            r->weak_zone = true;
        }
        return;
    }
    set_zone(r, zone->minutes, false);
    date_quirk(r, zone->obsolete ? IMF_QUIRK_OBS_ZONE : IMF_QUIRK_INVALID_ZONE);
    if (zone->minutes == 0) { /* "GMT+0100", "UT +0200" */
        struct imf_cursor before = r->c;
        while (imf_take(&r->c, ' '))
            ;
        if (imf_date_take_offset(r))
            date_quirk(r, IMF_QUIRK_INVALID_ZONE);
        else
            r->c = before;
    }
}
