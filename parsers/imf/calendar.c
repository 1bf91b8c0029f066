#include "imf/calendar.h"

static const struct slice weekdays[] = {
    SLICE_INIT("Monday"), SLICE_INIT("Tuesday"),  SLICE_INIT("Wednesday"), SLICE_INIT("Thursday"),
    SLICE_INIT("Friday"), SLICE_INIT("Saturday"), SLICE_INIT("Sunday"),
};

static const struct slice months[] = {
    SLICE_INIT("January"),   SLICE_INIT("February"), SLICE_INIT("March"),    SLICE_INIT("April"),
    SLICE_INIT("May"),       SLICE_INIT("June"),     SLICE_INIT("July"),     SLICE_INIT("August"),
    SLICE_INIT("September"), SLICE_INIT("October"),  SLICE_INIT("November"), SLICE_INIT("December"),
};

/* Months as mail programs of western Europe put them into Date fields: the first letters, as many
 * as tell the word from English. */
static const struct {
    struct slice start;
    uint8_t month;
} foreign_months[] = {
    {SLICE_INIT("jän"), 1},      {SLICE_INIT("ene"), 1},
    {SLICE_INIT("gen"), 1},      {SLICE_INIT("janv"), 1},
    {SLICE_INIT("januari"), 1},  {SLICE_INIT("janei"), 1},
    {SLICE_INIT("fév"), 2},      {SLICE_INIT("fev"), 2},
    {SLICE_INIT("febb"), 2},     {SLICE_INIT("febre"), 2},
    {SLICE_INIT("februari"), 2}, {SLICE_INIT("mär"), 3},
    {SLICE_INIT("mrz"), 3},      {SLICE_INIT("mrt"), 3},
    {SLICE_INIT("mars"), 3},     {SLICE_INIT("marz"), 3},
    {SLICE_INIT("març"), 3},     {SLICE_INIT("maart"), 3},
    {SLICE_INIT("avr"), 4},      {SLICE_INIT("abr"), 4},
    {SLICE_INIT("aprile"), 4},   {SLICE_INIT("mai"), 5},
    {SLICE_INIT("mei"), 5},      {SLICE_INIT("mag"), 5},
    {SLICE_INIT("mayo"), 5},     {SLICE_INIT("maj"), 5},
    {SLICE_INIT("giu"), 6},      {SLICE_INIT("juni"), 6},
    {SLICE_INIT("junho"), 6},    {SLICE_INIT("jui"), 0}, /* juin or juillet: see below */
    {SLICE_INIT("juli"), 7},     {SLICE_INIT("julho"), 7},
    {SLICE_INIT("lug"), 7},      {SLICE_INIT("aoû"), 8},
    {SLICE_INIT("aou"), 8},      {SLICE_INIT("ago"), 8},
    {SLICE_INIT("augusti"), 8},  {SLICE_INIT("augustu"), 8},
    {SLICE_INIT("set"), 9},      {SLICE_INIT("septembr"), 9},
    {SLICE_INIT("septi"), 9},    {SLICE_INIT("okt"), 10},
    {SLICE_INIT("ott"), 10},     {SLICE_INIT("out"), 10},
    {SLICE_INIT("octobr"), 10},  {SLICE_INIT("octu"), 10},
    {SLICE_INIT("novembr"), 11}, {SLICE_INIT("novi"), 11},
    {SLICE_INIT("dez"), 12},     {SLICE_INIT("déc"), 12},
    {SLICE_INIT("dic"), 12},     {SLICE_INIT("decembr"), 12},
};

#define LOWER(a, b, c) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16)

/* The first three letters of each name, in lower case: where to look. */
static const uint32_t weekday_starts[] = {
    LOWER('m', 'o', 'n'), LOWER('t', 'u', 'e'), LOWER('w', 'e', 'd'), LOWER('t', 'h', 'u'),
    LOWER('f', 'r', 'i'), LOWER('s', 'a', 't'), LOWER('s', 'u', 'n'),
};

static const uint32_t month_starts[] = {
    LOWER('j', 'a', 'n'), LOWER('f', 'e', 'b'), LOWER('m', 'a', 'r'), LOWER('a', 'p', 'r'),
    LOWER('m', 'a', 'y'), LOWER('j', 'u', 'n'), LOWER('j', 'u', 'l'), LOWER('a', 'u', 'g'),
    LOWER('s', 'e', 'p'), LOWER('o', 'c', 't'), LOWER('n', 'o', 'v'), LOWER('d', 'e', 'c'),
};

/* 1 and up: which of the names the word is, or is the beginning of, by three letters at least. */
static unsigned find_name(const struct slice *names, const uint32_t *starts, unsigned count,
                          struct slice word)
{
    if (word.len < 3)
        return 0;
    uint32_t start = LOWER(word.ptr[0] | 0x20, word.ptr[1] | 0x20, word.ptr[2] | 0x20);
    for (unsigned i = 0; i < count; i++)
        if (starts[i] == start)
            return slice_starts_nocase(names[i], word) ? i + 1 : 0;
    return 0;
}

unsigned imf_calendar_find_weekday(struct slice word)
{
    if (slice_equal_nocase(word, SLICE("Weds")))
        return 3;
    return find_name(weekdays, weekday_starts, 7, word);
}

unsigned imf_calendar_find_month(struct slice word)
{
    unsigned month = find_name(months, month_starts, 12, word);
    for (size_t i = 0; month == 0 && i < sizeof foreign_months / sizeof *foreign_months; i++) {
        if (!slice_starts_nocase(word, foreign_months[i].start))
            continue;
        bool july = slice_starts_nocase(word, SLICE("juil"));
        return foreign_months[i].month != 0 ? foreign_months[i].month : july ? 7 : 6;
    }
    return month;
}

struct slice imf_calendar_weekday_name(unsigned weekday)
{
    return weekday < 1 || weekday > 7 ? SLICE("") : slice_sub(weekdays[weekday - 1], 0, 3);
}

struct slice imf_calendar_month(unsigned month)
{
    return month < 1 || month > 12 ? SLICE("") : slice_sub(months[month - 1], 0, 3);
}
