/*
 * session: a server's members, shared by its parts. Private to harness/server.
 *
 *   server.c     octets in and out, time
 *   session.c    commands and the states that allow them; EHLO, RSET, NOOP, QUIT, STARTTLS
 *   reply.c      what is said, and how
 *   extension.c  what EHLO announces
 *   query.c      VRFY, EXPN, HELP, ETRN
 *   mail.c       MAIL and RCPT: the envelope
 *   parameter.c  their parameters
 *   message.c    DATA and BDAT: the message, and its end
 *   trace.c      the fields that are put before it
 *   auth.c       AUTH, and the mechanisms that show a secret; challenge.c: those that prove one
 *   xclient.c    XCLIENT: for whom a proxy speaks
 *   fault.c      the fault switches
 *   store.c      a mail store in memory, for who embeds the server
 */
#ifndef MAILDRILL_SERVER_SESSION_H
#define MAILDRILL_SERVER_SESSION_H

#include "base/poison.h"
#include "base/writer.h"
#include "server/fault.h"
#include "smtp/command.h"
#include "smtp/data.h"

/* Longest command line: RFC 5321 4.5.3.1.4 and what SIZE, BODY, AUTH, SMTPUTF8, DSN, BY, HOLDFOR,
 * MT-PRIORITY and REQUIRETLS add to MAIL. */
#define SESSION_COMMAND_OCTETS   (512u + 26 + 16 + 500 + 10 + 107 + 17 + 34 + 15 + 11)
#define SESSION_LINE_OCTETS      12288u /* longest AUTH line (RFC 4954 4) */
#define SESSION_REPLY_OCTETS     4096u  /* most that one line makes the server say, but for LMTP */
#define SESSION_RECIPIENT_OCTETS 64u    /* most that LMTP says of one recipient */
#define SESSION_PATH_OCTETS      512u
#define SESSION_TRACE_OCTETS     2048u
#define SESSION_DIGEST_OCTETS    32u /* SHA-256 */
#define SESSION_SCRAM_OCTETS     1024u

enum session_mode {
    SESSION_COMMAND, /* a command line is next */
    SESSION_DATA,    /* a message, up to the end of data */
    SESSION_BDAT,    /* the octets of a chunk */
    SESSION_AUTH,    /* an answer to a 334 */
};

/* Why something is refused; code 0: it is not. */
struct refusal {
    unsigned code;
    const char *enhanced, *text;
};

/* From MAIL to the end of the message, RSET, EHLO or TLS. */
struct transaction {
    bool open;
    bool utf8;    /* SMTPUTF8 */
    bool binary;  /* BODY=BINARYMIME: DATA may not follow */
    bool chunked; /* BDAT was used: DATA may not be */
    bool failed;  /* a chunk was refused: so is the rest */
    bool lowered; /* MT-PRIORITY of a stranger */
    bool held;    /* HOLDFOR or HOLDUNTIL was read */
    uint8_t reverse_path[SESSION_PATH_OCTETS];
    size_t reverse_path_len;
    uint8_t parameters[SESSION_COMMAND_OCTETS];
    size_t parameters_len;
    size_t recipients;        /* accepted */
    size_t refused;           /* not accepted */
    size_t forward_paths_len; /* of server.forward_paths */
    size_t rcpt_params_len;   /* of server.rcpt_params */
    size_t content_len;       /* of server.content */
    bool content_overflow;
    uint64_t content_quirks; /* of the decoder: BARE_LF, BARE_CR */
    bool long_line;          /* of nearly 1000 octets, for a fault */
    uint64_t size;           /* SIZE, or 0 */
};

struct mechanism; /* of SASL: auth.c */

/* What a mechanism keeps between two answers. */
struct sasl {
    const struct mechanism *mechanism;
    unsigned step;
    bool user_matches;
    uint8_t
        text[SESSION_SCRAM_OCTETS]; /* the challenge; SCRAM: client-first-bare "," server-first */
    size_t text_len;
    uint8_t header[64]; /* SCRAM: gs2-header */
    size_t header_len;
    size_t nonce_at, nonce_len; /* in text: r= of server-first */
};

struct server {
    struct server_config config;
    uint64_t now_ms, deadline;
    enum session_mode mode;
    /* what the client has done: each clears with the one before it */
    bool greeted, extended; /* HELO or EHLO; EHLO */
    bool secured, authenticated;
    bool tls_wanted, closing, ended;
    bool awaits_header; /* of the PROXY protocol, in `line` so far */
    uint8_t peer[64];   /* whom it or XCLIENT named: an address literal */
    struct poison_gap behind_peer;
    bool proxied;                          /* XCLIENT named another client */
    uint8_t hello[SMTP_DOMAIN_MAX_OCTETS]; /* the client's name */
    struct poison_gap behind_hello;
    size_t hello_len;
    size_t transactions; /* MAIL that was accepted */
    size_t commands;     /* for a fault */
    struct transaction mail;
    /* a message on its way */
    struct smtp_data_decoder decoder;
    uint8_t before[8];  /* DATA: octets seen last, for the faults that end a message wrongly */
    size_t seen;        /* DATA: octets of the message so far, as sent */
    size_t line_octets; /* DATA: of the line so far, for a fault */
    size_t raw_octets;  /* DATA: the same, as sent */
    bool lf_first, first_line_ended; /* DATA: LF alone ended the first line; it ended */
    uint64_t chunk_left;
    bool chunk_last, chunk_refused;
    /* AUTH */
    struct sasl sasl;
    unsigned auth_failures;
    uint8_t identity[256]; /* whom the client's certificate names */
    struct poison_gap behind_identity;
    size_t identity_len;
    uint64_t challenges; /* made so far */
    /* octets */
    uint8_t line[SESSION_LINE_OCTETS];
    struct poison_gap behind_line;
    size_t line_len;
    uint8_t last_octet; /* of a line that has not ended: LF after it ends the line if it is CR */
    bool skipping;      /* the rest of a line that was too long */
    bool withheld;      /* fault REPLY_WITHHELD: the reply waits for another command */
    uint8_t injected[SESSION_COMMAND_OCTETS]; /* fault TLS_KEEPS_INPUT */
    struct poison_gap behind_injected;
    size_t injected_len;
    /* in `memory`, each with its room */
    uint8_t *output, *forward_paths, *rcpt_params, *kinds, *content;
    size_t output_room, output_len, output_sent;
    size_t reply_octets; /* the most that one line or event makes the server say */
    size_t paths_room, content_room;
    uint8_t memory[];
};

static inline bool fault(const struct server *s, enum fault which)
{
    return which < FAULT_COUNT && s->config.faults != NULL && s->config.faults[which];
}

/* ---- reply.c ---- */

/** Sends "250 2.1.0 text"; `enhanced` is "2.1.0", or "" for none. */
void session_reply(struct server *s, unsigned code, const char *enhanced, const char *text);
void session_refuse(struct server *s, struct refusal refusal);
/** Sends one line of a longer reply: "250-text", or "250 text" of the last. */
void session_reply_line(struct server *s, unsigned code, bool last, struct slice text);
/** The same with an enhanced status code, and before and after `text` what else it says. */
void session_reply_part(struct server *s, unsigned code, bool last, const char *enhanced,
                        const char *before, struct slice text, const char *after);

/* ---- session.c ---- */

void session_greet(struct server *s);
/** A command line, its ending included. */
void session_command(struct server *s, struct slice line);
/** Forgets the transaction. */
void session_reset(struct server *s);
/** The same, but for the recipients: a fault. */
void session_reset_sender(struct server *s);
/** UNIX time in milliseconds. */
int64_t session_time(const struct server *s);

/* ---- extension.c ---- */

/** Whether a client that said EHLO may use it now. */
bool extension_offered(const struct server *s, enum server_extension extension);
/** Whether EHLO announces anything. */
bool extension_any(const struct server *s);
/** The lines of the EHLO reply behind the first, where there are any. */
void extension_announce(struct server *s);

#define EXTENSION_HOLD_SECONDS 86400 /* FUTURERELEASE: longest hold */
#define EXTENSION_MIN_BY       60    /* DELIVERBY: least seconds with R */

/* ---- query.c, mail.c, message.c, auth.c: commands ---- */

void query_vrfy(struct server *s, const struct smtp_command *command);
void query_expn(struct server *s, const struct smtp_command *command);
void query_help(struct server *s, const struct smtp_command *command);
void query_etrn(struct server *s, const struct smtp_command *command);

void mail_begin(struct server *s, const struct smtp_command *command);
void mail_recipient(struct server *s, const struct smtp_command *command);
/** Opens a transaction from that mailbox. */
void mail_open(struct server *s, struct slice mailbox, struct slice parameters);
/** The row of a local part as written in a path, or NULL. */
const struct server_mailbox *mail_mailbox(const struct server *s, struct slice local_part);
bool mail_is_postmaster(struct slice local_part);

void message_data(struct server *s, const struct smtp_command *command);
void message_bdat(struct server *s, const struct smtp_command *command);
/** Answers a BDAT that may not stand here; its chunk is taken off the stream. */
void message_refuse_bdat(struct server *s, const struct smtp_command *command,
                         struct refusal refusal);
/** Octets of a message or a chunk; returns those that belong to it. */
size_t message_receive(struct server *s, struct slice octets);
/** Ends a message as its end of data does. */
void message_end(struct server *s);

void auth_begin(struct server *s, const struct smtp_command *command);
/** A line that answers a 334, its ending included. */
void auth_continue(struct server *s, struct slice line);
/** Whether any mechanism may be used now. */
bool auth_offered(const struct server *s);
/** Writes their names, each after a space. */
void auth_write_mechanisms(const struct server *s, struct writer *out);

/* ---- xclient.c ---- */

/** Whether this client may say for whom it speaks. */
bool xclient_allowed(const struct server *s);
void xclient_take(struct server *s, const struct smtp_command *command);

/* ---- parameter.c ---- */

/** Judges the parameters of MAIL or RCPT; of MAIL notes what they ask for in `mail`. */
struct refusal parameter_check(struct server *s, const struct smtp_command *command,
                               struct transaction *mail);

/* ---- trace.c ---- */

/** Puts the trace fields before the content and returns both; takes an older Return-Path out. */
struct slice trace_message(struct server *s);
/** Received fields that the content begins with. */
size_t trace_count(struct slice content);
/** "Mon, 1 Jan 2024 00:00:00 +0000" */
void trace_write_date(int64_t unix_ms, struct writer *out);
/** "2024-01-01T00:00:00Z" (RFC 3339 5.6) */
void trace_write_timestamp(int64_t unix_ms, struct writer *out);
/** UNIX time in seconds of a date-time that smtp/value.h has read. */
int64_t trace_read_timestamp(struct slice date_time);

#endif
