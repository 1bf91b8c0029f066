/*
 * dialogue: a run of octets cut into what a client says, as a strict server reads it.
 *
 *   command = line CRLF [ chunk ]                ; RFC 5321 2.4; a chunk behind BDAT, RFC 3030 2
 *   message = *octet CRLF "." CRLF               ; behind a reply 354, RFC 5321 4.1.1.4
 *   answer  = line CRLF                          ; behind a reply 334, RFC 4954 4
 *   tls     = "STARTTLS" CRLF [ *octet %x16 ]    ; RFC 3207 4: with what goes in the same segment,
 *                                                ; in plain text; %x16 begins a handshake
 *
 * Which of them comes next, the replies tell: call dialogue_next, then dialogue_reply with the code
 * that the unit got, and so on.
 */
#ifndef MAILDRILL_CAMPAIGN_DIALOGUE_H
#define MAILDRILL_CAMPAIGN_DIALOGUE_H

#include "base/writer.h"
#include "smtp/command.h"

#define DIALOGUE_HANDSHAKE 0x16 /* RFC 8446 5.1: the type of its records */

enum dialogue_kind {
    DIALOGUE_GREETING, /* nothing is said */
    DIALOGUE_COMMAND,
    DIALOGUE_MESSAGE,
    DIALOGUE_ANSWER,
};

struct dialogue_unit {
    enum dialogue_kind kind;
    struct slice octets; /* a message with its end, a BDAT command with its chunk, STARTTLS with
                            what goes along with it */
    size_t text_octets;  /* of a message: those before the dot that ends it */
    bool injects;        /* something goes along with STARTTLS */
    bool whole;          /* its end is in sight */
    bool certain; /* every server reads it so: printable ASCII, 512 octets at most, ended by CRLF;
                     a message always, where it is whole */
    bool single;  /* not certain for its length, or for octets that no command has: one line all the
                     same, to which no chunk belongs */
    bool bare_cr; /* not certain for CRs without LF alone: one line, and one command at most */
    struct smtp_command command; /* of a certain command; its verb is UNKNOWN where it cannot be
                                    read */
    bool readable;               /* the command was read */
};

/** Begin with {.rest = octets}. */
struct dialogue {
    struct slice rest;
    enum dialogue_kind next; /* private */
    bool greeted;            /* private */
    size_t skip;             /* private */
};

/** The next unit: the greeting first. False where no octets are left. */
bool dialogue_next(struct dialogue *dialogue, struct dialogue_unit *ret_unit);

/** Whether a client that pipelines (RFC 2920 3.1) waits behind this line: what may be said next is
 * for its reply to tell, or it is the last. */
bool dialogue_waits(struct slice line);

/** Octets at the beginning of `rest` that leave in one write: through the first line to wait
 * behind.
 */
size_t dialogue_group(struct slice rest);

/** What `unit` was answered with; 0 where it was not. */
void dialogue_reply(struct dialogue *dialogue, const struct dialogue_unit *unit, unsigned code);

/* ---- what can be told of octets before they are said ---- */

/** Whether they begin with EHLO or HELO, which makes a session a new one (RFC 5321 4.1.4). */
static inline bool dialogue_greets(struct slice octets)
{
    return slice_starts_nocase(octets, SLICE("EHLO ")) ||
           slice_starts_nocase(octets, SLICE("HELO "));
}

/** Whether a line begins with `verb`. */
bool dialogue_has(struct slice octets, struct slice verb);

/** Whether STARTTLS is said. It need not begin a line: it may stand behind the octets of a chunk.
 */
bool dialogue_secures(struct slice octets);

/** Whether no more can be said behind these, whatever is answered: a line is STARTTLS or QUIT, or
 * the last one has no end. */
bool dialogue_ends(struct slice octets);

/** Octets up to the QUITs at the end: nothing is heard behind those. */
struct slice dialogue_without_quit(struct slice octets);

/** Whether these are printable ASCII in whole lines. */
bool dialogue_is_text(struct slice octets);

/** Whether every server answers each line of these, as none can be read in two ways. */
bool dialogue_is_plain(struct slice octets);

/** Writes the same lines in printable ASCII, each ended by CRLF; empty ones not. */
void dialogue_put_plain(struct slice octets, struct writer *out);

/** The verbs, a bit each: 1 << enum smtp_verb; 0 for those that are unknown. */
uint32_t dialogue_verbs(struct slice octets);

#endif
