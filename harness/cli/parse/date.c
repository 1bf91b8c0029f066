/* parse date: the body of a Date field. */
#include "imf/date.h"
#include "cli/parse/parse.h"
#include "imf/calendar.h"
#include "imf/quirk.h"

void put_date(json_t *object, const struct imf_date *date)
{
    uint8_t buffer[64];
    struct writer out = writer_of(buffer, sizeof buffer);
    struct slice weekday = imf_calendar_weekday_name(date->weekday);
    put_number(object, "year", (uint64_t)date->year);
    put_number(object, "month", date->month);
    put_number(object, "day", date->day);
    put_number(object, "hour", date->hour);
    put_number(object, "minute", date->minute);
    put_number(object, "second", date->second);
    put(object, "weekday", weekday.len == 0 ? json_null() : text_of(weekday));
    put(object, "zone_minutes", json_integer(date->zone_minutes));
    put_bool(object, "zone_unknown", date->zone_unknown);
    put(object, "timestamp", json_integer((json_int_t)date->timestamp));
    imf_date_write(date, &out);
    put_text(object, "canonical", writer_slice(&out));
    out = writer_of(buffer, sizeof buffer);
    bool written = imf_date_write_rfc3339(date, &out);
    put(object, "rfc3339", written ? text_of(writer_slice(&out)) : json_null());
}

struct parse_outcome parse_date(struct slice window, bool whole, json_t *object)
{
    struct imf_date date;
    if (!whole)
        return (struct parse_outcome){.result = parse_more()};
    struct parse_outcome out = {.result = imf_date_parse(window, &date)};
    if (out.result.status == PARSE_ERROR)
        out.error = imf_date_error_text(out.result.error);
    if (out.result.status != PARSE_OK)
        return out;
    out.quirks = date.quirks;
    put_date(object, &date);
    return out;
}
