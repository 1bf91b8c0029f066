/*
 * transcript: a session as a terminal printed it -> a tagged script.
 *
 * People paste telnet sessions: without tags, with "Trying ...", prompts, blank lines between
 * lines, replies wrapped by the terminal, the lone dot lost. The import says who spoke each line,
 * and names each repair in a note with its line. What it prints is a script that script_load reads.
 *
 * How a line is read (the first rule that holds):
 *   in a message (after 354), up to the lone dot: the client's
 *   "220 text", "250-text", "250": the server's
 *   "Trying ...", "Connected to ...", "Escape character is ...", prompts, "$ telnet host port":
 * dropped
 *   "Connection closed by foreign host." and its like: the server closed
 *   a verb, or an answer to 334: the client's
 *   anything else right behind a reply that had no room for its first word: the rest of that reply,
 * which the terminal wrapped; else it is left out, with a note
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_H

#include "script/script.h"

/** Where a line of the tagged text came from. */
struct transcript_origin {
    size_t line;   /* in the transcript, from 1; the line before it for what the import added */
    size_t indent; /* octets before the text that the tagged line repeats */
};

struct transcript {
    struct slice source;                     /* decoded: lines and columns are those of it */
    struct slice text;                       /* the tagged script */
    const struct transcript_origin *origins; /* one a line of text */
    size_t line_count;
    const struct script_diagnostic *notes; /* repairs, and errors where it is no dialogue at all */
    size_t note_count;
    size_t error_count;
    struct slice host;          /* of "telnet host port"; empty where not seen */
    uint16_t port;              /* 0 where not seen */
    bool implicit_tls;          /* openssl s_client without -starttls, or port 465 */
    struct script_arena *arena; /* private */
};

/** Whether `source` is an unmarked transcript: no line has a tag, or the first says %format telnet.
 */
bool transcript_detect(struct slice source);

/** Whether no line of `source` is one that only a script has, as "%tls": where it does not load as
 * a script, it may be a log with C: and S: that has other lines, too. */
bool transcript_may_be(struct slice source);

/** Imports a transcript. Free with transcript_free. */
struct transcript *transcript_import(struct slice source, struct slice name);

void transcript_free(struct transcript *transcript);

#endif
