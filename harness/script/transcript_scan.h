/*
 * transcript_scan: the lines of a pasted document, each by itself. Private to harness/script.
 *
 * What the document put before a line is taken off it: a quotation's ">", a speaker's mark. What a
 * terminal or a web page put into it is undone. Blank lines are counted, not kept.
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_SCAN_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_SCAN_H

#include "script/arena.h"
#include "script/transcript_noise.h"
#include "script/transcript_shape.h"

enum transcript_speaker {
    TRANSCRIPT_ANYBODY,
    TRANSCRIPT_CLIENT,
    TRANSCRIPT_SERVER,
};

struct transcript_line {
    struct slice text; /* as a message holds it */
    struct slice body; /* as a command or a reply: without blanks around it */
    size_t number;     /* in the document, from 1 */
    size_t indent;     /* octets before body */
    size_t blanks;     /* blank lines right before it */
    enum transcript_class class;
    enum transcript_speaker speaker; /* that a mark names */
    bool typing_undone;              /* backspaces, escape sequences */
    struct slice remark;             /* that stood behind it; empty where none did */
    size_t remark_at;                /* octets of body before it */
    bool taken_apart;                /* the first of several commands that stood in one line */
    bool partial;                    /* the client's octets, and no CRLF after them */
    struct slice id;                 /* of the session, in a log that says it; else empty */
    bool begins;                     /* a session, in a log that tells them apart */
    bool code_added;                 /* the program shows it before the reply's first line alone */
    const char *left_out;            /* the note that says why it is; or NULL */
    bool is_354;                     /* and it answers DATA, as far as can be seen */
    size_t octets;                   /* of all text up to and with this line */
    size_t next_dot;                 /* index of the next lone dot from here on, or the count */
    size_t next_354;                 /* of the next line with is_354 */
    size_t next_reply;               /* of the next reply behind this line */
};

struct transcript_lines {
    struct transcript_line *items; /* those that are not blank */
    size_t count;
    bool double_spaced; /* blank lines stand between all lines: they mean nothing */
    bool indented;      /* text is without the blanks that all replies stood behind */
};

/** What marks the lines of each side; NULL where nothing does. Both are the same where every line
 * begins so. */
struct transcript_marked {
    const struct transcript_shape *server, *client;
};

struct transcript_lines transcript_scan(struct script_arena *arena, struct slice source);
struct transcript_lines transcript_scan_marked(struct script_arena *arena, struct slice source,
                                               const struct transcript_marked *marked);

/** How many lines of replies transcript_scan finds by itself. */
size_t transcript_scan_replies(struct slice source);

/** Sets the next_... of each line. */
void transcript_look_ahead(struct transcript_lines *lines);

/** "250", "250 text", "250-text", of a code that SMTP has (RFC 5321 4.2). */
bool transcript_is_reply(struct slice body);

enum transcript_class transcript_class_of(struct slice body);

#endif
