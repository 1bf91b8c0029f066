/*
 * traced: a second reading of what the reference server puts before a message (RFC 5321 4.4): its
 * trace fields, and what a submitted message lacks (RFC 6409 8.2, 8.3).
 */
#ifndef MAILDRILL_FUZZ_LAWS_TRACED_H
#define MAILDRILL_FUZZ_LAWS_TRACED_H

#include <time.h>

#include "fuzz.h"

/** What the fields are to tell. */
struct traced {
    int64_t unix_ms; /* the clock, from 1970 on */
    bool lmtp, submission, utf8, extended, secured, authenticated;
    struct slice peer;             /* the address literal behind the client's name, or empty */
    struct slice hello;            /* the name */
    struct slice reverse_path, to; /* mailboxes; to: of the only recipient, or empty */
};

static inline bool traced_take(struct slice *text, struct slice word)
{
    bool there = slice_starts(*text, word);
    *text = slice_from(*text, there ? word.len : 0);
    return there;
}

/* RFC 3848, RFC 2033, RFC 6531 4.3: "UTF8SMTPSA" and its like */
static inline bool traced_take_protocol(const struct traced *t, struct slice *text)
{
    bool there = !t->utf8 || traced_take(text, SLICE("UTF8"));
    there = there && (t->lmtp || !t->extended || t->utf8 || traced_take(text, SLICE("E"))) &&
            traced_take(text, t->lmtp ? SLICE("LMTP") : SLICE("SMTP"));
    there = there && (!t->extended || !t->secured || traced_take(text, SLICE("S")));
    return there && (!t->extended || !t->authenticated || traced_take(text, SLICE("A")));
}

/** The clock, as strftime writes it. */
static inline struct slice traced_date(int64_t unix_ms, const char *format, char room[64])
{
    time_t seconds = (time_t)(unix_ms / 1000);
    return slice_of(room, strftime(room, 64, format, gmtime(&seconds)));
}

static inline bool traced_take_date(int64_t unix_ms, struct slice *text)
{
    char day[64], rest[64]; /* date-time, its day without a zero (RFC 5322 3.3) */
    struct slice number = traced_date(unix_ms, "%d", day);
    bool there = traced_take(text, traced_date(unix_ms, "%a, ", rest));
    return there && traced_take(text, slice_from(number, number.ptr[0] == '0')) &&
           traced_take(text, traced_date(unix_ms, " %b %Y %H:%M:%S +0000\r\n", rest));
}

/** Whether a line of the header begins so. White space first begins no header. */
static inline bool traced_has_field(struct slice header, struct slice begin)
{
    bool found = false, first = true;
    for (; header.len > 0 && !found; first = false) {
        size_t name = 0, end = slice_find(header, '\n');
        while (name < end && header.ptr[name] > ' ' && header.ptr[name] < 127 &&
               header.ptr[name] != ':')
            name++;
        bool folded = header.ptr[0] == ' ' || header.ptr[0] == '\t';
        if (folded ? first : (name == 0 || name == end || header.ptr[name] != ':'))
            return false;
        found = slice_starts_nocase(header, begin);
        header = slice_from(header, end < header.len ? end + 1 : end);
    }
    return found;
}

/* "Message-ID" and "Date" are added where there are none (RFC 6409 8.2, 8.3). */
static inline struct slice traced_behind_missing(const struct traced *t, struct slice got)
{
    uint8_t text[32];
    struct writer w = writer_of(text, sizeof text);
    writer_put_number(&w, (uint64_t)t->unix_ms);
    writer_put_octet(&w, '.');
    struct slice rest = got;
    bool id = t->submission && traced_take(&rest, SLICE("Message-ID: <")) &&
              slice_starts(rest, writer_slice(&w));
    got = slice_from(got, id ? slice_find(got, '\n') + 1 : 0);
    rest = got;
    bool date =
        t->submission && traced_take(&rest, SLICE("Date: ")) && traced_take_date(t->unix_ms, &rest);
    got = date ? rest : got;
    FUZZ_LAW((!id || !traced_has_field(got, SLICE("Message-ID:"))) &&
                 (!date || !traced_has_field(got, SLICE("Date:"))),
             "what is there is not added");
    return got;
}

/** What stands behind the fields in a message that was delivered, which is what was sent. */
static inline struct slice traced_behind(const struct traced *t, struct slice got)
{
    FUZZ_LAW(traced_take(&got, SLICE("Return-Path: <")) && traced_take(&got, t->reverse_path) &&
                 traced_take(&got, SLICE(">\r\n")),
             "Return-Path is from whom it was sent");
    FUZZ_LAW(traced_take(&got, SLICE("Received: from ")) && traced_take(&got, t->hello),
             "Received tells the client's name");
    FUZZ_LAW(t->peer.len == 0 || (traced_take(&got, SLICE(" (")) && traced_take(&got, t->peer) &&
                                  traced_take(&got, SLICE(")"))),
             "and where it is, as XCLIENT has it");
    FUZZ_LAW(traced_take(&got, SLICE("\r\n by mail.example.test with ")) &&
                 traced_take_protocol(t, &got),
             "and the server's, and by which protocol");
    FUZZ_LAW(t->to.len == 0 || (traced_take(&got, SLICE("\r\n for <")) &&
                                traced_take(&got, t->to) && traced_take(&got, SLICE(">"))),
             "and to whom, where it is one only");
    FUZZ_LAW(traced_take(&got, SLICE(";\r\n ")) && traced_take_date(t->unix_ms, &got),
             "and when, and nothing else");
    return traced_behind_missing(t, got);
}

#endif
