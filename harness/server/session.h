/*
 * session: a server's members, shared by its parts. Private to harness/server.
 *
 *   server.c    octets in and out, time
 *   session.c   commands and the states that allow them
 *   mail.c      MAIL, RCPT, DATA, BDAT: the transaction
 *   auth.c      AUTH
 *   fault.c     the fault switches
 */
#ifndef MAILDRILL_SERVER_SESSION_H
#define MAILDRILL_SERVER_SESSION_H

#include "base/writer.h"
#include "server/fault.h"
#include "smtp/command.h"
#include "smtp/data.h"

#define SESSION_COMMAND_OCTETS                                                                     \
    1024u                            /* longest command line (RFC 5321 4.5.3.1.4 and extensions)   \
                                      */
#define SESSION_LINE_OCTETS   12288u /* longest AUTH line (RFC 4954 4) */
#define SESSION_OUTPUT_OCTETS 32768u
#define SESSION_REPLY_OCTETS  2048u /* the most that one line or event makes the server say */
#define SESSION_PATH_OCTETS   512u

enum session_mode {
    SESSION_COMMAND, /* a command line is next */
    SESSION_DATA,    /* a message, up to the end of data */
    SESSION_BDAT,    /* the octets of a chunk */
    SESSION_AUTH,    /* an answer to a 334 */
};

struct server {
    struct server_config config;
    uint64_t now_ms, deadline;
    enum session_mode mode;
    /* what the client has done: each clears with the one before it */
    bool greeted, extended; /* HELO or EHLO; EHLO */
    bool secured, authenticated;
    bool mail; /* MAIL was accepted: a transaction is open */
    bool tls_wanted, closing, ended;
    /* the transaction */
    uint8_t reverse_path[SESSION_PATH_OCTETS];
    size_t reverse_path_len;
    size_t recipients;
    uint8_t *forward_paths; /* each followed by LF */
    size_t forward_paths_len, forward_paths_room;
    uint8_t *content;
    size_t content_len, content_room;
    bool content_overflow;
    bool chunked; /* BDAT was used: DATA may not be */
    struct smtp_data_decoder decoder;
    uint8_t before[3]; /* DATA: octets seen last, for the faults that end a message wrongly */
    uint64_t chunk_left;
    bool chunk_last, chunk_refused;
    /* AUTH */
    enum { AUTH_NONE, AUTH_PLAIN, AUTH_LOGIN_USER, AUTH_LOGIN_PASSWORD } auth;
    bool auth_user_matches;
    /* octets */
    uint8_t line[SESSION_LINE_OCTETS];
    size_t line_len;
    uint8_t last_octet; /* of a line that has not ended: LF after it ends the line if it is CR */
    bool skipping;      /* the rest of a line that was too long */
    uint8_t output[SESSION_OUTPUT_OCTETS];
    size_t output_len, output_sent;
    uint8_t injected[SESSION_COMMAND_OCTETS]; /* fault TLS_KEEPS_INPUT */
    size_t injected_len;
    uint8_t memory[]; /* forward_paths, content */
};

static inline bool fault(const struct server *s, enum fault which)
{
    return s->config.faults != NULL && s->config.faults[which];
}

/** Sends "250 2.1.0 text"; `enhanced` is "2.1.0", or "" for none. */
void session_reply(struct server *s, unsigned code, const char *enhanced, const char *text);
/** Sends one line of a longer reply: "250-text", or "250 text" of the last. */
void session_reply_line(struct server *s, unsigned code, bool last, struct slice text);
/** Forgets the transaction. */
void session_reset(struct server *s);
/** Whether AUTH may be used now. */
bool session_offers_auth(const struct server *s);

/** A command line, its ending included. */
void session_command(struct server *s, struct slice line);

void mail_begin(struct server *s, const struct smtp_command *command);
void mail_recipient(struct server *s, const struct smtp_command *command);
void mail_data(struct server *s, const struct smtp_command *command);
void mail_bdat(struct server *s, const struct smtp_command *command);
/** Octets of a message or a chunk; returns those that belong to it. */
size_t mail_receive(struct server *s, struct slice octets);

void auth_begin(struct server *s, const struct smtp_command *command);
/** A line that answers a 334, its ending included. */
void auth_continue(struct server *s, struct slice line);

#endif
