/*
 * date_read: what the readers of a date-time share; private to date_read.c and date_clock.c.
 */
#ifndef MAILDRILL_IMF_DATE_READ_H
#define MAILDRILL_IMF_DATE_READ_H

#include "imf/date.h"
#include "imf/token.h"

/* The parts of a date-time in the order of the grammar. */
enum part { NOTHING, WEEKDAY, DAY, MONTH, YEAR, CLOCK, ZONE };

#define HAS(part) (1u << (part))
#define HAS_DATE  (HAS(DAY) | HAS(MONTH) | HAS(YEAR))

struct reading {
    struct imf_cursor c;
    struct imf_date date;
    unsigned has;   /* HAS(part) of what was read */
    enum part last; /* the part before the cursor */
    bool space;     /* white space, and ... */
    bool comment;   /* ... a comment stand before the cursor */
    bool joined;    /* a separator stands before the cursor, and has its quirk */
    bool comma;     /* a comma stood behind the day of the week */
    bool done;      /* nothing but the end may follow: the rest is TRAILING_TEXT */
    bool weak_zone; /* the zone is a word without meaning: a number may still follow */
    bool mardi;     /* the month is "Mar" before all else: Tuesday of French, if another follows */
    bool iso;       /* "T" stood between date and time: "Z" is UTC */
    int error;      /* or 0 */
    size_t error_at;
};

struct number {
    struct slice text;
    uint32_t value; /* at most 999999999 */
};

static inline void date_quirk(struct reading *r, uint64_t quirks)
{
    r->c.quirks |= quirks;
}

/* Always false, so that a reader can return it. */
static inline bool date_fail(struct reading *r, int error, size_t at)
{
    r->error = error;
    r->error_at = at;
    return false;
}

/** The octet at an offset, or -1. */
static inline int date_peek(const struct reading *r, size_t at)
{
    return at < r->c.in.len ? r->c.in.ptr[at] : -1;
}

static inline bool date_is_digit(int octet)
{
    return octet >= '0' && octet <= '9';
}

/** Passes CFWS, and notes in r->space and r->comment what there was. */
void imf_date_skip_gap(struct reading *r);

/** Takes digits, `most` at most; the text is empty where there are none. */
struct number imf_date_take_digits(struct reading *r, size_t most);
uint32_t imf_date_value_of(struct slice digits);

/** Takes letters and octets above 127. */
struct slice imf_date_take_letters(struct reading *r);

/** Takes what follows an hour: [":" minute [":" second]], and a fraction of the second. */
bool imf_date_take_clock(struct reading *r, struct number hour);

/** Takes minute and second behind an hour, with white space for colons: "16 23 42". */
void imf_date_take_spaced_clock(struct reading *r, struct number hour);

/** "1436" or "143600", as ISO 8601 has it. */
void imf_date_set_basic_clock(struct reading *r, struct slice digits);

/** Whether `word`, just taken, and what follows is "AM" or "p.m."; moves the hour then. */
bool imf_date_take_meridiem(struct reading *r, struct slice word, bool space);

/** Sets the zone by its number. Grammar: HHMM; also read: "1", "01", "100", "01:00", "01000". */
void imf_date_set_offset(struct reading *r, struct number n, bool negative);

/** zone = FWS ( "+" / "-" ) 4DIGIT, at its sign; says whether digits follow. */
bool imf_date_take_offset(struct reading *r);

/** Sets the zone by a word, just taken. RFC 5322 4.3: an unknown one is -0000. */
void imf_date_take_zone_name(struct reading *r, struct slice word);

#endif
