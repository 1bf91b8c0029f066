/*
 * server: the reference server.
 *
 * A strict SMTP server built on the same parsers as everything else: octets and the time in, octets
 * out. It is the embedded target of `maildrill run` and `replay`, a fuzz target, and what proves
 * the conformance suite: each fault switch breaks one clause on purpose, and must turn the check of
 * that clause red. Driven like the engine: server_wants says what to do next.
 *
 * It serves all verbs of RFC 5321 and LMTP (RFC 2033), and what the table of enum server_extension
 * lists. Messages get the trace fields of RFC 5321 4.4 and go to `deliver`; nothing leaves the
 * server. SASL is done here, with OpenSSL's digests: a library's server side cannot be broken one
 * clause at a time, and the client side of maildrill is then tested against other code than its
 * own.
 */
#ifndef MAILDRILL_SERVER_SERVER_H
#define MAILDRILL_SERVER_SERVER_H

#include "base/slice.h"

#define SERVER_NEVER           UINT64_MAX
#define SERVER_LEFTOVER_OCTETS 256

enum server_want {
    SERVER_WANTS_SEND = 1 << 0,
    SERVER_WANTS_RECEIVE = 1 << 1,
    SERVER_WANTS_TLS = 1 << 2, /* shake hands as server, then server_secured or server_eof */
    SERVER_WANTS_CLOSE = 1 << 3,
};

/* What the server is. */
enum server_mode {
    SERVER_MX,         /* takes mail for its domain from anybody (RFC 5321) */
    SERVER_SUBMISSION, /* takes mail to anywhere from its user; AUTH comes first (RFC 6409) */
    SERVER_LMTP,       /* delivers, with a reply for each recipient (RFC 2033) */
    SERVER_REJECTING,  /* greets with 554 (RFC 5321 3.1) */
    SERVER_REFUSING,   /* greets with 521 (RFC 7504 3) */
    SERVER_MODES,
};

/* What EHLO may announce; extension.c says where. */
enum server_extension {
    SERVER_PIPELINING,          /* RFC 2920 */
    SERVER_SIZE,                /* RFC 1870 */
    SERVER_8BITMIME,            /* RFC 6152 */
    SERVER_CHUNKING,            /* RFC 3030 */
    SERVER_BINARYMIME,          /* RFC 3030 */
    SERVER_SMTPUTF8,            /* RFC 6531 */
    SERVER_DSN,                 /* RFC 3461 */
    SERVER_DELIVERBY,           /* RFC 2852 */
    SERVER_FUTURERELEASE,       /* RFC 4865, submission only */
    SERVER_MT_PRIORITY,         /* RFC 6710 */
    SERVER_RRVS,                /* RFC 7293 */
    SERVER_REQUIRETLS,          /* RFC 8689, under TLS only */
    SERVER_LIMITS,              /* RFC 9422 */
    SERVER_ETRN,                /* RFC 1985, not for submission */
    SERVER_EXPN,                /* RFC 5321 4.1.1.7 */
    SERVER_VRFY,                /* RFC 5321 4.1.1.6 */
    SERVER_HELP,                /* RFC 5321 4.1.1.8 */
    SERVER_STARTTLS,            /* RFC 3207, until TLS is up */
    SERVER_AUTH,                /* RFC 4954 */
    SERVER_XCLIENT,             /* Postfix, XCLIENT_README: where server_config says so */
    SERVER_ENHANCEDSTATUSCODES, /* RFC 2034 */
    SERVER_EXTENSIONS,
};

/* What becomes of mail for a mailbox of the server's domain. */
enum server_mailbox_kind {
    SERVER_MAILBOX_OPEN,      /* delivered; so is mail for every local part without a row */
    SERVER_MAILBOX_NONE,      /* 550: no such mailbox */
    SERVER_MAILBOX_FULL,      /* 552: over quota */
    SERVER_MAILBOX_CROWDED,   /* 452: over quota, for now */
    SERVER_MAILBOX_BUSY,      /* 450: locked, for now */
    SERVER_MAILBOX_MOVED,     /* 551, with `target` */
    SERVER_MAILBOX_FORWARDED, /* 251, with `target` */
    SERVER_MAILBOX_LIST,      /* a mailing list, its members in `target` */
    SERVER_MAILBOX_LATE,      /* RCPT is taken, the message is not: 550 after it */
};

struct server_mailbox {
    struct slice local_part; /* without quotes; matched in any case */
    enum server_mailbox_kind kind;
    struct slice target; /* mailboxes, one a line, each ended by LF */
};

/** A message that was accepted; slices are valid during the call. */
struct server_message {
    struct slice reverse_path;    /* mailbox, or empty for <> */
    struct slice mail_parameters; /* of MAIL, as written: "SIZE=100 RET=HDRS" */
    struct slice forward_paths;   /* mailboxes, each followed by LF */
    struct slice rcpt_parameters; /* of each RCPT, as written, each followed by LF */
    size_t forward_path_count;
    struct slice content; /* Return-Path, Received, then the message with its dots taken off */
};

struct server_config {
    enum server_mode mode;
    struct slice host;   /* name in the greeting: "mail.example.test" */
    struct slice domain; /* recipients of this domain are local: "example.test"; others need AUTH */
    /* NULL: those that scripts may rely on: nosuch, full, crowded, busy, moved, forwarded, list,
     * late, each of the kind it is named for */
    const struct server_mailbox *mailboxes;
    size_t mailbox_count;
    uint64_t without;      /* extensions that are not offered: bits 1 << enum server_extension */
    struct slice user;     /* AUTH identity and password; empty: AUTH is not offered */
    struct slice password; /* */
    struct slice bearer;   /* token of OAUTHBEARER and XOAUTH2; empty: they are not offered */
    struct slice secret;  /* octets nobody can guess: challenges, nonces and salts come from them */
    struct slice peer;    /* the client's address literal, for Received: "[192.0.2.1]" */
    bool offer_tls;       /* STARTTLS is announced until TLS is up */
    bool tls_from_start;  /* implicit TLS: the driver has shaken hands, or does behind the header */
    bool proxy_header;    /* a header of the PROXY protocol comes before the greeting and TLS;
                             without one that can be read the connection is closed */
    bool require_tls;     /* 530 for all but NOOP, EHLO, STARTTLS and QUIT before TLS is up */
    bool tls_unavailable; /* STARTTLS is answered with 454 */
    bool clear_auth;      /* CRAM-MD5 and SCRAM are offered before TLS, too */
    bool xclient;         /* the client may say with XCLIENT for whom it speaks */
    bool discloses;       /* VRFY and EXPN tell strangers what they tell the user */
    size_t max_message_octets; /* SIZE; 0: 1 MiB */
    size_t max_recipients;     /* RCPTMAX; 0: 100, the least RFC 5321 4.5.3.1.8 allows */
    size_t max_transactions;   /* MAILMAX, of a session; 0: 1000 */
    uint64_t idle_ms;          /* 421 after this long without a command; 0: 5 minutes */
    int64_t unix_ms;           /* UNIX time in milliseconds where now_ms is 0 */
    uint8_t *leftover;  /* SERVER_LEFTOVER_OCTETS that all sessions share, 0 at first, for the fault
                           that tells one client's words to the next; or NULL */
    const bool *faults; /* server_fault_count switches, or NULL for none */
    void (*deliver)(void *context, const struct server_message *message); /* or NULL */
    void *context;
};

struct server_fault {
    const char *name;    /* kebab-case: "rcpt-before-mail" */
    const char *section; /* of the clause it breaks: "RFC 5321 4.1.4" */
    const char *summary; /* what it does wrong */
};

/** The fault switches. */
extern const struct server_fault server_faults[];
extern const size_t server_fault_count;

/** Index of the fault switch of that name, or server_fault_count. */
size_t server_fault_find(struct slice name);

/** "mx", "submission", "lmtp", "rejecting", "refusing". */
const char *server_mode_name(enum server_mode mode);
/** The keyword, "8BITMIME"; NULL behind the last. */
const char *server_extension_name(enum server_extension extension);

struct server;

/** Makes a session, in one allocation that never grows; NULL where memory is short. */
struct server *server_new(const struct server_config *config, uint64_t now_ms);
void server_free(struct server *server);

/** A set of enum server_want. */
unsigned server_wants(const struct server *server);

struct slice server_output(const struct server *server);
void server_sent(struct server *server, size_t octets, uint64_t now_ms);

/** Takes octets; returns how many it took: fewer than all while replies wait to be sent. Offer the
 * rest again then. What stands behind a header that TLS follows is the handshake's. */
size_t server_receive(struct server *server, struct slice octets, uint64_t now_ms);
/** The client closed its sending side or was lost: what is complete is answered, then the server
 * closes. */
void server_eof(struct server *server, uint64_t now_ms);
/** TLS is up, also where it was from the start. `identity`: whom the client's certificate names,
 * where it verifies; empty: EXTERNAL is not offered. */
void server_secured(struct server *server, struct slice identity, uint64_t now_ms);

uint64_t server_deadline(const struct server *server);
void server_tick(struct server *server, uint64_t now_ms);

#endif
