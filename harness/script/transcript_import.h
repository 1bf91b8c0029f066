/*
 * transcript_import: what the parts of the import share. Private to transcript.c,
 * transcript_dialogue.c and transcript_write.c.
 *
 *   transcript.c           the text, line by line: who speaks
 *   transcript_dialogue.c  what a line of either side makes of the dialogue
 *   transcript_write.c     lines of the script, and notes
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_IMPORT_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_IMPORT_H

#include "script/transcript.h"
#include "script/transcript_scan.h"
#include "smtp/command.h"

/** A reply's line, held back until it is known how it goes on. */
struct held {
    bool any;
    struct slice code;
    bool more; /* "250-" */
    struct script_buffer text;
    const struct transcript_line *line;
    size_t last; /* index of the last line of it */
};

struct import {
    struct transcript *t;
    struct script_arena *arena;
    struct transcript_lines lines;
    struct script_buffer text;
    struct script_array origins, notes;
    struct held held;
    size_t at;         /* index of the line that is read */
    size_t unanswered; /* commands without a reply so far */
    size_t sessions;
    bool another;      /* session, behind one that was closed */
    bool over;         /* the server said 221 */
    bool left;         /* the person at the terminal ended it */
    bool log;          /* each line says who speaks */
    bool mute;         /* no reply stands in all of it */
    bool log_is_known; /* what its lines begin with was not learned */
    bool greeted;      /* a reply came in this session */
    bool told_indented;
    bool tagged; /* a line of either side was written */
    bool begun, closed, in_message, in_auth, starttls, after_tls_client;
    enum smtp_verb verb; /* of the last command */
    uint64_t chunk_left;
};

/* ---- transcript_write.c ---- */

/** A note about a line; NULL: about the whole. */
void import_note(struct import *m, enum script_severity severity,
                 const struct transcript_line *line, const char *message);
/** A note of what was repaired. */
void import_repair(struct import *m, const struct transcript_line *line, const char *message);
/** A line of the script is done: it came from `line`. */
void import_end_line(struct import *m, const struct transcript_line *line);
void import_put_tagged(struct import *m, const char *tag, struct slice text,
                       const struct transcript_line *line);
/** What the client said: as C:, or as C!: where that cannot hold it. */
void import_put_client(struct import *m, struct slice text, const struct transcript_line *line);
/** Writes the line of the reply that is held. */
void import_flush_reply(struct import *m);
/** The reply that is held is over, also where its last line got lost. */
void import_end_reply(struct import *m);
/** NULL behind the last one. */
const struct transcript_line *import_line_at(const struct import *m, size_t index);
/** Whether anything of the dialogue is left. */
bool import_dialogue_follows(const struct import *m, size_t index);
/** A session begins with the server's greeting, also where the paste does not. */
void import_begin(struct import *m, const struct transcript_line *line, bool by_server);
/** openssl s_client -starttls smtp shows nothing of what it did before the handshake. */
void import_begin_after_tls_client(struct import *m, const struct transcript_line *line);

/* ---- transcript_dialogue.c ---- */

void import_client_line(struct import *m, const struct transcript_line *line);
/** The lone dot. */
void import_end_message(struct import *m, const struct transcript_line *line);
/** One line while a message is being sent; false where it is none of the message's. */
bool import_message_line(struct import *m, const struct transcript_line *line);
/** A reply in what is left of the document, which does not fill the chunk. */
bool import_ends_chunk(const struct import *m, const struct transcript_line *line);
void import_chunk_line(struct import *m, const struct transcript_line *line);
/** A reply is whole: what it makes of the dialogue. */
void import_reply_done(struct import *m, struct slice code);
/** A log may go on with the next session: a greeting comes where no command awaits a reply. */
void import_next_session(struct import *m);
void import_server_line(struct import *m, const struct transcript_line *line);
/** Whether the line may be the rest of the reply before: right behind it, and its first word would
 * not have gone into that line. */
bool import_may_be_wrapped(const struct import *m, const struct transcript_line *line);
void import_wrapped_line(struct import *m, const struct transcript_line *line);
/** Puts the rest of a command that the terminal wrapped behind what is at hand of it. */
void import_join_wrapped(struct import *m);

#endif
