/* Laws of imf_date_parse, imf_date_read, imf_date_write and imf_date_write_rfc3339. */
#include "base/octet.h"
#include "custom.h"
#include "fuzz.h"
#include "grammar.h"
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

/* ---- the model: what has the grammar is cut into its words and numbers ---- */

#define MOST_WORDS 10

/* Runs of letters or of digits, white space and comments between them left out; returns how many.
 */
static size_t cut_words(struct slice in, struct slice *words)
{
    size_t count = 0, depth = 0;
    for (size_t at = 0; at < in.len && count < MOST_WORDS; at++) {
        uint8_t octet = in.ptr[at];
        if (depth > 0 && octet == '\\') {
            at++;
            continue;
        }
        depth += octet == '(';
        depth -= octet == ')' && depth > 0;
        if (depth > 0 || !octet_is(octet, OCTET_ALPHA | OCTET_DIGIT | OCTET_EIGHT_BIT))
            continue;
        size_t from = at;
        while (at < in.len && octet_is(in.ptr[at], OCTET_ALPHA | OCTET_DIGIT | OCTET_EIGHT_BIT))
            at++;
        words[count++] = slice_sub(in, from, at--);
    }
    return count;
}

static int64_t number_of(struct slice digits)
{
    int64_t number = 0;
    for (size_t i = 0; i < digits.len; i++)
        number = number * 10 + (digits.ptr[i] - '0');
    return number;
}

static int64_t index_of(struct slice word, const char *names)
{
    int64_t index = 1;
    while (*names != '\0' && !slice_equal_nocase(word, slice_of(names, 3))) {
        names += 3;
        index++;
    }
    return *names == '\0' ? 0 : index;
}

/* RFC 5322 4.3: minutes of a named zone; a letter says nothing. */
static int64_t zone_of(struct slice name)
{
    static const char names[] = "ESTEDTCSTCDTMSTMDTPSTPDT";
    static const int64_t hours[] = {0, -5, -4, -6, -5, -7, -6, -8, -7};
    return name.len == 3 ? 60 * hours[index_of(name, names)] : 0;
}

static void check_model_members(struct slice in, const struct imf_date *date)
{
    struct slice words[MOST_WORDS];
    size_t count = cut_words(in, words), n = 0;
    FUZZ_LAW(count >= 6, "a date has its parts");
    int64_t weekday = index_of(words[0], "MonTueWedThuFriSatSun");
    n += weekday > 0;
    struct slice year = words[n + 2], zone = words[count - 1];
    bool named = octet_is(zone.ptr[0], OCTET_ALPHA);
    int64_t years = number_of(year);
    if (year.len == 2)
        years += years < 50 ? 2000 : 1900;
    else if (year.len == 3)
        years += 1900;
    size_t sign = (size_t)(zone.ptr - in.ptr) - (named ? 0 : 1);
    int64_t minutes = named ? zone_of(zone) : number_of(zone) / 100 * 60 + number_of(zone) % 100;
    minutes = !named && in.ptr[sign] == '-' ? -minutes : minutes;
    bool seconds = count - n == 7;
    FUZZ_LAW(date->weekday == weekday && date->day == number_of(words[n]) &&
                 date->month == index_of(words[n + 1], "JanFebMarAprMayJunJulAugSepOctNovDec") &&
                 date->year == years,
             "day, month and year are what their words say");
    FUZZ_LAW(date->hour == number_of(words[n + 3]) && date->minute == number_of(words[n + 4]) &&
                 date->second == (seconds ? number_of(words[n + 5]) : 0),
             "the time is what its digits say");
    FUZZ_LAW(date->zone_minutes == minutes, "the zone is what its digits or its name say");
    bool unknown = named ? zone.len == 1 : minutes == 0 && in.ptr[sign] == '-';
    FUZZ_LAW(date->zone_unknown == unknown, "-0000 and a letter say nothing of the zone");
    FUZZ_LAW((year.len < 4) == ((date->quirks & IMF_QUIRK_OBS_YEAR) != 0), "a short year is named");
    FUZZ_LAW(named == ((date->quirks & IMF_QUIRK_OBS_ZONE) != 0), "a zone's name is named");
}

static void check_model(struct slice in, struct parse_result result, const struct imf_date *date)
{
    bool ok = result.status == PARSE_OK, name = ok && date->weekday != 0; /* a day's, if not its */
    const uint64_t of_calendar = IMF_QUIRK_DATE_RANGE | IMF_QUIRK_EMPTY_FOLD | QUIRK_UTF8 |
                                 (name ? IMF_QUIRK_INVALID_WEEKDAY : 0);
    const uint64_t obsolete = of_calendar | IMF_QUIRK_OBS_CFWS | IMF_QUIRK_OBS_YEAR |
                              IMF_QUIRK_OBS_ZONE | IMF_QUIRK_EMPTY_FOLD;
    bool strict = grammar_has("imf-date-time", in), obs = grammar_has("obs-date-time", in);
    FUZZ_LAW(strict == (ok && (date->quirks & ~of_calendar) == 0),
             "a date without quirks is one of RFC 5322 3.3, and one of that has none");
    FUZZ_LAW(!obs || (ok && (date->quirks & ~obsolete) == 0),
             "the obsolete syntax is read, with its quirks only");
    if (strict || obs)
        check_model_members(in, date);
}

/* RFC 5322 4.3: one of the years of two digits or three, which a knob chooses. */
static void check_short_year(size_t year)
{
    char text[32];
    struct imf_date date;
    int len = snprintf(text, sizeof text, "1 Feb %02zu 23:59 EDT", year);
    size_t expected = year < 50 ? 2000 + year : 1900 + year;
    FUZZ_LAW(imf_date_parse(slice_of(text, (size_t)len), &date).status == PARSE_OK &&
                 (size_t)date.year == expected && (date.quirks & IMF_QUIRK_OBS_YEAR),
             "a short year is of its century");
}

/* The calendar, counted otherwise: of a day that a knob chooses. */
static void check_calendar(size_t knob)
{
    static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t year = (int32_t)(knob % 800) + 1600;
    unsigned month = (unsigned)(knob % 12) + 1;
    bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
    unsigned length = lengths[month - 1] + (month == 2 && leap);
    FUZZ_LAW(imf_calendar_month_days(year, month) == length, "a month has its days");
    int64_t days = imf_calendar_days(year, month, length);
    int32_t next = month == 12 ? year + 1 : year;
    FUZZ_LAW(imf_calendar_days(next, month % 12 + 1, 1) == days + 1,
             "the next month begins behind the last day");
    FUZZ_LAW(imf_calendar_weekday(days + 1) == imf_calendar_weekday(days) % 7 + 1,
             "a week goes on");
    FUZZ_LAW(imf_calendar_days(1970, 1, 1) == 0 && imf_calendar_weekday(0) == 4,
             "1970-01-01 was a Thursday");
}

/* Zones as people write them, one of which a knob chooses, in any case. */
static void check_zone(size_t knob)
{
    static const struct {
        const char *name;
        int minutes;
        bool obsolete; /* RFC 5322 4.3 has it */
    } zones[] = {
        {"GMT", 0, true},
        {"UT", 0, true},
        {"EST", -300, true},
        {"EDT", -240, true},
        {"CST", -360, true},
        {"CDT", -300, true},
        {"MST", -420, true},
        {"MDT", -360, true},
        {"PST", -480, true},
        {"PDT", -420, true},
        {"UTC", 0, false},
        {"WET", 0, false},
        {"WEST", 60, false},
        {"BST", 60, false},
        {"CET", 60, false},
        {"CEST", 120, false},
        {"MET", 60, false},
        {"MEST", 120, false},
        {"MEZ", 60, false},
        {"MESZ", 120, false},
        {"EET", 120, false},
        {"EEST", 180, false},
        {"MSK", 180, false},
        {"MSD", 240, false},
        {"SAST", 120, false},
        {"IDT", 180, false},
        {"PKT", 300, false},
        {"NPT", 345, false},
        {"ICT", 420, false},
        {"WIB", 420, false},
        {"HKT", 480, false},
        {"SGT", 480, false},
        {"AWST", 480, false},
        {"JST", 540, false},
        {"KST", 540, false},
        {"ACST", 570, false},
        {"AEST", 600, false},
        {"ACDT", 630, false},
        {"AEDT", 660, false},
        {"NZST", 720, false},
        {"NZDT", 780, false},
        {"NST", -210, false},
        {"NDT", -150, false},
        {"AST", -240, false},
        {"ADT", -180, false},
        {"BRT", -180, false},
        {"BRST", -120, false},
        {"ART", -180, false},
        {"AKST", -540, false},
        {"AKDT", -480, false},
        {"HST", -600, false},
        {"Eastern Standard Time", -300, false},
        {"Eastern Daylight Time", -240, false},
        {"Central Standard Time", -360, false},
        {"Central Daylight Time", -300, false},
        {"Mountain Standard Time", -420, false},
        {"Mountain Daylight Time", -360, false},
        {"Pacific Standard Time", -480, false},
        {"Pacific Daylight Time", -420, false},
    };
    size_t n = knob % (sizeof zones / sizeof *zones);
    char text[64];
    struct imf_date date = {.quirks = 0};
    int len = snprintf(text, sizeof text, "1 May 2024 10:00:00 %s", zones[n].name);
    uint64_t quirk = zones[n].obsolete ? IMF_QUIRK_OBS_ZONE : IMF_QUIRK_INVALID_ZONE;
    FUZZ_LAW(imf_date_parse(slice_of(text, (size_t)len), &date).status == PARSE_OK &&
                 date.zone_minutes == zones[n].minutes && !date.zone_unknown,
             "a zone is what its name says");
    FUZZ_LAW(date.quirks == quirk, "a zone's name is obsolete, or in no RFC");
}

/* "12/18/2024": a slash puts the month first where that can be one; else the day stands first
 * unless only the second can be it. */
static void check_joined(size_t knob)
{
    unsigned a = (unsigned)(knob % 31) + 1, b = (unsigned)(knob / 31 % 31) + 1;
    char mark = "/-."[knob % 3], text[64];
    bool month_first = mark == '/' ? a <= 12 : b > 12 && a <= 12;
    unsigned month = month_first ? a : b, day = month_first ? b : a;
    struct imf_date date = {.quirks = 0};
    int len = snprintf(text, sizeof text, "%u%c%u%c2024 10:00:00 +0000", a, mark, b, mark);
    bool read = imf_date_parse(slice_of(text, (size_t)len), &date).status == PARSE_OK;
    FUZZ_LAW(read == (month <= 12), "a date in numbers has a month");
    FUZZ_LAW(!read || (date.month == month && date.day == day && date.year == 2024),
             "day and month of a date in numbers are told apart");
}

/* "1st", "2nd", "3rd", "4th": a day as people write it. */
static void check_ordinal(size_t knob)
{
    unsigned day = (unsigned)(knob % 31) + 1, last = day % 10;
    bool teen = day > 10 && day < 14;
    const char *end = teen ? "th" : last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th";
    char text[64];
    struct imf_date date = {.quirks = 0};
    int len = snprintf(text, sizeof text, "%u%s Jan 2024 10:00:00 +0000", day, end);
    FUZZ_LAW(imf_date_parse(slice_of(text, (size_t)len), &date).status == PARSE_OK &&
                 date.day == day && (date.quirks & IMF_QUIRK_DATE_SYNTAX),
             "a day is what its number says");
}

/* An hour of a clock of twelve. */
static void check_meridiem(size_t knob)
{
    static const char *const marks[] = {"AM", "pm", " a.m.", " P.M."};
    unsigned hour = (unsigned)(knob % 12) + 1, mark = (unsigned)(knob / 12 % 4);
    char text[64];
    struct imf_date date = {.quirks = 0};
    int len = snprintf(text, sizeof text, "1 May 2024 %02u:07%s +0000", hour, marks[mark]);
    FUZZ_LAW(imf_date_parse(slice_of(text, (size_t)len), &date).status == PARSE_OK &&
                 date.hour == hour % 12 + (mark % 2 == 1 ? 12 : 0) && date.minute == 7,
             "noon is 12 pm, midnight 12 am");
}

static void check_named(struct slice before, struct slice word, struct slice behind,
                        unsigned weekday, unsigned month)
{
    struct writer out = fuzz_writer(before.len + word.len + behind.len);
    struct imf_date date;
    writer_put(&out, before);
    writer_put(&out, word);
    writer_put(&out, behind);
    bool read = imf_date_parse(writer_slice(&out), &date).status == PARSE_OK;
    FUZZ_LAW(read == (month != 0), "a date has a month where its word is the name of one");
    FUZZ_LAW(!read || (date.month == month && date.weekday == weekday),
             "months and days of the week are what their names say");
    fuzz_free_writer(&out);
}

/* A name of a month or a day as people write it, which a knob chooses, and one with more behind it.
 */
static void check_name(size_t knob)
{
    static const char *const months[] = {
        "January",   "February",  "March",      "April",     "May",       "June",      "July",
        "August",    "September", "October",    "November",  "December",  "Januar",    "Februar",
        "März",      "April",     "Mai",        "Juni",      "Juli",      "August",    "September",
        "Oktober",   "November",  "Dezember",   "janvier",   "février",   "mars",      "avril",
        "mai",       "juin",      "juillet",    "août",      "septembre", "octobre",   "novembre",
        "décembre",  "enero",     "febrero",    "marzo",     "abril",     "mayo",      "junio",
        "julio",     "agosto",    "septiembre", "octubre",   "noviembre", "diciembre", "gennaio",
        "febbraio",  "marzo",     "aprile",     "maggio",    "giugno",    "luglio",    "agosto",
        "settembre", "ottobre",   "novembre",   "dicembre",  "januari",   "februari",  "maart",
        "april",     "mei",       "juni",       "juli",      "augustus",  "september", "oktober",
        "november",  "december",  "janeiro",    "fevereiro", "março",     "abril",     "maio",
        "junho",     "julho",     "agosto",     "setembro",  "outubro",   "novembro",  "dezembro",
        "januari",   "februari",  "mars",       "april",     "maj",       "juni",      "juli",
        "augusti",   "september", "oktober",    "november",  "december"};
    static const struct {
        struct slice name;
        unsigned weekday;
    } days[] = {{SLICE_INIT("Monday"), 1},   {SLICE_INIT("Tues"), 2},   {SLICE_INIT("Weds"), 3},
                {SLICE_INIT("Thursday"), 4}, {SLICE_INIT("Friday"), 5}, {SLICE_INIT("Saturday"), 6},
                {SLICE_INIT("Sun"), 7}};
    static const char *const others[] = {"Janx", "Junx", "Julx", "Decemberx"};
    const struct slice behind = SLICE(" 2024 10:00:00 +0000");
    size_t count = sizeof months / sizeof *months;
    check_named(SLICE("1 "), slice_of_cstr(months[knob % count]), behind, 0,
                (unsigned)(knob % 12 + 1));
    check_named(SLICE("1 "), slice_of_cstr(others[knob % 4]), behind, 0, 0);
    check_named(SLICE(""), days[knob % 7].name, SLICE(", 1 May 2024 10:00:00 +0000"),
                days[knob % 7].weekday, 5);
}

static void check(struct slice text)
{
    struct slice in = fuzz_copy(text);
    struct imf_date date = {.quirks = UINT64_MAX}, by_grammar = date;
    struct parse_result result, other;
    FUZZ_LINEAR(in.len, result = imf_date_parse(in, &date));
    FUZZ_LINEAR(in.len, other = imf_date_read(in, &by_grammar));
    FUZZ_LAW(result.status != PARSE_MORE, "a whole input never wants more");
    FUZZ_LAW(result.offset <= in.len, "offsets lie in the input");
    FUZZ_LAW(result.status == other.status && result.offset == other.offset &&
                 result.error == other.error,
             "the short way answers as the grammar does");
    if (grammar_takes(in))
        check_model(in, result, &date);
    check_short_year(fuzz_knob(in, 0, 128) + 8 * fuzz_knob(in, 1, 110));
    check_name(fuzz_knob(in, 0, 256));
    check_zone(fuzz_knob(in, 0, 256));
    check_joined(fuzz_knob(in, 0, 256) + 256 * fuzz_knob(in, 1, 4));
    check_ordinal(fuzz_knob(in, 0, 256));
    check_meridiem(fuzz_knob(in, 0, 256));
    check_calendar(fuzz_knob(in, 0, 256) + 256 * fuzz_knob(in, 1, 256));
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
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const rules[] = {"imf-date-time", "obs-date-time"};
    grammar_check(rules, sizeof rules / sizeof *rules, slice_of(data, size), check);
    return 0;
}
