/*
 * shadowed: what a session with the reference server may be, told from its replies alone (RFC 5321
 * 4.1.4, 4.3.2): which command is taken when, who is let in, what is delivered.
 */
#ifndef MAILDRILL_FUZZ_LAWS_SHADOWED_H
#define MAILDRILL_FUZZ_LAWS_SHADOWED_H

#include "fuzz.h"
#include "server/server.h"
#include "smtp/command.h"

#define SHADOWED_RECIPIENTS     3            /* that the server takes */
#define SHADOWED_MESSAGE_OCTETS 100          /* likewise: so that messages are often too long */
#define SHADOWED_TRANSACTIONS   6            /* likewise, in a session */
#define SHADOWED_MOST_OCTETS    (64u * 1024) /* of an input */

struct shadowed {
    enum server_mode mode;
    int64_t unix_ms; /* the clock */
    bool tls;        /* is offered, and AUTH under it alone */
    bool requires_tls, discloses;
    bool greeted, mail, quit, secured, authenticated;
    bool xclient;  /* is offered, until it names another client */
    bool extended; /* by EHLO, and not HELO */
    bool binary;   /* MAIL said BODY=BINARYMIME */
    bool utf8;     /* MAIL said SMTPUTF8 */
    bool chunked;  /* BDAT was said */
    bool unsure;   /* a chunk was refused: whether the transaction goes on is the server's affair */
    size_t recipients;
    size_t reverse_path, forward_paths; /* octets of them in `sent` */
    size_t peer;                        /* octets in `sent` of what XCLIENT says where it is */
    size_t content;                     /* octets of chunks taken, in `sent` */
    size_t guesses;                     /* passwords that were wrong */
    struct slice hello;                 /* the client's name */
    size_t nonce;                       /* SCRAM: octets of it in `sent`, 0: none was said */
    bool proved;                        /* SCRAM: by the server, who then has only to be heard */
    size_t deliveries, transactions;
    size_t mail_params, rcpt_params; /* octets of them in `sent` */
    bool late[SHADOWED_RECIPIENTS];  /* who refuses a message at its end */
    size_t answers;                  /* LOGIN: to challenges, and whether the first was the name */
    bool named;
    struct slice answered; /* what came of the octets that were given last */
};

/** The reply to a command came: it breaks off where a law is broken. */
void shadowed_reply(struct shadowed *s, const struct smtp_command *command, unsigned code);

/** The same of an answer to a challenge, of an exchange of that mechanism. */
void shadowed_auth(struct shadowed *s, unsigned code, struct slice mechanism, struct slice answer);

/** A chunk was taken (RFC 3030 2). */
void shadowed_chunk(struct shadowed *s, struct slice octets);

/** What the server delivers; it is kept for shadowed_is_delivered. */
void shadowed_deliver(struct shadowed *s, const struct server_message *message);

/** What was delivered last is that content, to whom and from whom it was sent. */
void shadowed_is_delivered(const struct shadowed *s, struct slice content);

/** The chunks that were taken, joined. */
struct slice shadowed_content(const struct shadowed *s);

/** A message was taken: with LMTP each recipient has its reply (RFC 2033 4.2). */
void shadowed_each(const struct shadowed *s);

/** The transaction is over. */
void shadowed_end(struct shadowed *s);

#endif
