/*
 * traced: a second reading of what the reference server puts before a message (RFC 5321 4.4): its
 * trace fields, and what a submitted message lacks (RFC 6409 8.2, 8.3).
 */
#ifndef MAILDRILL_FUZZ_LAWS_TRACED_H
#define MAILDRILL_FUZZ_LAWS_TRACED_H

#include "fuzz.h"

/** What the fields are to tell; the clock stands at 0. */
struct traced {
    bool lmtp, submission, utf8, extended, secured, authenticated;
    bool proxied;                  /* an address stands behind the client's name */
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
    bool id = t->submission && slice_starts(got, SLICE("Message-ID: <0."));
    got = slice_from(got, id ? slice_find(got, '\n') + 1 : 0);
    bool date =
        t->submission && traced_take(&got, SLICE("Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n"));
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
    size_t end = slice_find(got, '\r');
    FUZZ_LAW(t->proxied || end == 0, "and nothing that is not known");
    got = slice_from(got, end);
    FUZZ_LAW(traced_take(&got, SLICE("\r\n by mail.example.test with ")) &&
                 traced_take_protocol(t, &got),
             "and the server's, and by which protocol");
    FUZZ_LAW(t->to.len == 0 || (traced_take(&got, SLICE("\r\n for <")) &&
                                traced_take(&got, t->to) && traced_take(&got, SLICE(">"))),
             "and to whom, where it is one only");
    FUZZ_LAW(traced_take(&got, SLICE(";\r\n Thu, 1 Jan 1970 00:00:00 +0000\r\n")),
             "and when, and nothing else");
    return traced_behind_missing(t, got);
}

#endif
