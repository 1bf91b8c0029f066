/*
 * date: when a message was written, or a server took it over.
 *
 *   date-time   = [ day-of-week "," ] date time [CFWS]              ; RFC 5322 3.3
 *   day-of-week = [FWS] day-name                                    ; "Mon" to "Sun"
 *   date        = day month year
 *   day         = [FWS] 1*2DIGIT FWS
 *   year        = FWS 4*DIGIT FWS
 *   time        = hour ":" minute [ ":" second ] zone               ; 00:00 to 23:59:60
 *   zone        = FWS ( "+" / "-" ) 4DIGIT                          ; minutes 00-59; -0000: unknown
 *   obs-year    = [CFWS] 2*DIGIT [CFWS]        ; RFC 5322 4.3: 00-49 are of 2000, 50-999 of 1900
 *   obs-zone    = "UT" / "GMT" / "EST" / ... / "PDT" / ALPHA but "J"
 *
 * A date without quirks is one of section 3.3: the obsolete syntax of section 4.3 (years, zones,
 * comments and white space elsewhere) has its quirks too, so that a strict caller refuses it.
 *
 * What is read beyond the grammar, and named: parts in any order whose meaning is clear ("Mon Dec
 * 18 14:36:00 2017", "December 18, 2017", "2017-12-18T14:36:00+01:00", "18-Dec-17", "18.12.2017",
 * "12/18/2017", "2017:12:18"); names spelled out, cut short or in the languages of western Europe;
 * days of the week that are none; a time of single digits, with dots, "h", fractions, AM or PM (or
 * their first letter, right behind it), or none at all; zones without sign, with a colon, with a
 * name that has one meaning, behind "GMT", unknown or missing; numbers out of their range; quotes
 * around it; text behind it all; text before it that ends with a semicolon.
 */
#ifndef MAILDRILL_IMF_DATE_H
#define MAILDRILL_IMF_DATE_H

#include "base/parse.h"
#include "base/slice.h"
#include "base/writer.h"

/* Offsets are those of the octet where what is at fault begins. */
enum imf_date_error {
    IMF_DATE_EMPTY = 1,  /* nothing but white space, comments and quotes */
    IMF_DATE_BAD_WORD,   /* a word that has no meaning before day, month and year are known */
    IMF_DATE_BAD_NUMBER, /* a number that has no meaning there */
    IMF_DATE_BAD_TIME,   /* ":" without the number that must follow */
    IMF_DATE_BAD_OCTET,  /* an octet that stands in no date */
    IMF_DATE_INCOMPLETE, /* it ends, and the day, the month or the year is missing; its length */
};

struct imf_date {
    int64_t timestamp;    /* seconds since 1970-01-01T00:00:00Z, leap seconds not counted: 23:59:60
                             is the second after 23:59:59, and numbers out of range carry over */
    uint64_t quirks;      /* the members below are as written where they are out of range */
    int32_t year;         /* 0 to 999999999; 2017 where "17" was written */
    int16_t zone_minutes; /* east of UTC, -5999 to 5999; 0 where it is unknown */
    bool zone_unknown;    /* "-0000", a zone of one letter, a name unknown here, or none */
    uint8_t weekday;      /* 1 Monday to 7 Sunday, as written; 0: none, or no day's name */
    uint8_t month;        /* 1 to 12 */
    uint8_t day;          /* 0 to 99 */
    uint8_t hour;         /* 0 to 99 */
    uint8_t minute;       /* 0 to 99; 0 where there is no time */
    uint8_t second;       /* 0 to 99; 0 where it is not written */
};

/**
 * Reads a date-time. `in` is the body of a Date field, or what follows ";" in a Received field: it
 * is whole, so that the answer is never MORE, and all of it is consumed.
 */
struct parse_result imf_date_parse(struct slice in, struct imf_date *ret_date);

/** The same by the grammar alone: imf_date_parse's way for what is not ordinary. */
struct parse_result imf_date_read(struct slice in, struct imf_date *ret_date);

/** Works out timestamp from the other members, and the quirks that the calendar knows of:
 * DATE_RANGE and INVALID_WEEKDAY (added to date->quirks). */
void imf_date_finish(struct imf_date *date);

/** Writes "Mon, 18 Dec 2017 14:36:00 +0100", without day of the week where it is 0. Parses to the
 * same (but quirks about the spelling). */
void imf_date_write(const struct imf_date *date, struct writer *out);

/** Writes "2017-12-18T14:36:00+01:00", -00:00 where the zone is unknown (RFC 3339 4.3); false, and
 * nothing is written, where RFC 3339 has no such date. */
bool imf_date_write_rfc3339(const struct imf_date *date, struct writer *out);

/** One sentence for an error of this parser, without its full stop; NULL for any other number. */
const char *imf_date_error_text(int error);

#endif
