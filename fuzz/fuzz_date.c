/* Laws of imf_date_parse, imf_date_read, imf_date_write and imf_date_write_rfc3339. */
#include "custom.h"
#include "fuzz.h"
#include "imf/calendar.h"
#include "imf/date.h"
#include "imf/quirk.h"

static bool same_date(const struct imf_date *a, const struct imf_date *b)
{
    return a->timestamp == b->timestamp && a->year == b->year && a->month == b->month &&
           a->day == b->day && a->hour == b->hour && a->minute == b->minute &&
           a->second == b->second && a->weekday == b->weekday &&
           a->zone_minutes == b->zone_minutes && a->zone_unknown == b->zone_unknown;
}

static void check_members(const struct imf_date *date)
{
    FUZZ_LAW(date->month >= 1 && date->month <= 12 && date->day <= 99, "a date has a month");
    FUZZ_LAW(date->year >= 0 && date->year <= 999999999, "years have nine digits at most");
    FUZZ_LAW(date->hour <= 99 && date->minute <= 99 && date->second <= 99, "a time of two digits");
    FUZZ_LAW(date->weekday <= 7, "a week has seven days");
    FUZZ_LAW(date->zone_minutes >= -5999 && date->zone_minutes <= 5999, "-9959 to +9959");
    FUZZ_LAW(!date->zone_unknown || date->zone_minutes == 0, "an unknown zone is -0000");

    bool in_range =
        date->day >= 1 && date->day <= imf_calendar_month_days(date->year, date->month) &&
        date->year >= 1900 && date->hour <= 23 && date->minute <= 59 && date->second <= 60;
    FUZZ_LAW(in_range == !(date->quirks & IMF_QUIRK_DATE_RANGE), "what is out of range is named");
    int64_t days = imf_calendar_days(date->year, date->month, date->day);
    FUZZ_LAW(date->weekday == 0 || date->weekday == imf_calendar_weekday(days) ||
                 (date->quirks & IMF_QUIRK_INVALID_WEEKDAY),
             "a wrong day of the week is named");
    FUZZ_LAW(date->timestamp + date->zone_minutes * 60 ==
                 days * 86400 + date->hour * 3600 + date->minute * 60 + date->second,
             "the timestamp is the members'");
}

static void check_round_trip(const struct imf_date *date)
{
    uint8_t buffer[64];
    struct writer out = writer_of(buffer, sizeof buffer), iso = writer_of(buffer, sizeof buffer);
    struct imf_date again = {.quirks = 0};
    imf_date_write(date, &out);
    FUZZ_LAW(!out.overflow, "64 octets are enough");
    struct slice written = fuzz_copy(writer_slice(&out));
    FUZZ_LAW(imf_date_parse(written, &again).status == PARSE_OK, "what is written parses");
    FUZZ_LAW(same_date(date, &again), "what is written parses to the same");
    FUZZ_LAW((again.quirks & ~(IMF_QUIRK_DATE_RANGE | IMF_QUIRK_INVALID_WEEKDAY)) == 0,
             "what is written has no quirk of its spelling");
    fuzz_free(written);

    if (!imf_date_write_rfc3339(date, &iso))
        return;
    FUZZ_LAW(imf_date_parse(writer_slice(&iso), &again).status == PARSE_OK &&
                 again.timestamp == date->timestamp,
             "RFC 3339's form is read as the same second");
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    struct imf_date date = {.quirks = UINT64_MAX}, by_grammar = date;
    struct parse_result result = imf_date_parse(in, &date);
    struct parse_result other = imf_date_read(in, &by_grammar);
    FUZZ_LAW(result.status != PARSE_MORE, "a whole input never wants more");
    FUZZ_LAW(result.offset <= in.len, "offsets lie in the input");
    FUZZ_LAW(result.status == other.status && result.offset == other.offset &&
                 result.error == other.error,
             "the short way answers as the grammar does");
    if (result.status == PARSE_OK) {
        FUZZ_LAW(result.offset == in.len, "all of the input is consumed");
        FUZZ_LAW(same_date(&date, &by_grammar) && date.quirks == by_grammar.quirks,
                 "the short way reads what the grammar reads");
        check_members(&date);
        check_round_trip(&date);
    } else {
        FUZZ_LAW(date.quirks == UINT64_MAX && by_grammar.quirks == UINT64_MAX,
                 "only success writes");
        FUZZ_LAW(imf_date_error_text(result.error) != NULL, "each error has a text");
    }
    fuzz_free(in);
    return 0;
}
