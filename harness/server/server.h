/*
 * server: the reference server.
 *
 * A small, strict SMTP server built on the same parsers as everything else: octets and the time in,
 * octets out. It is the embedded target of `maildrill run` and `replay`, a fuzz target, and what
 * proves the conformance suite: each fault switch breaks one clause on purpose, and must turn the
 * check of that clause red.
 *
 * Serves RFC 5321 (all verbs), PIPELINING, SIZE, 8BITMIME, ENHANCEDSTATUSCODES, CHUNKING (BDAT),
 * STARTTLS and AUTH PLAIN/LOGIN. Driven like the engine: server_wants says what to do next.
 */
#ifndef MAILDRILL_SERVER_SERVER_H
#define MAILDRILL_SERVER_SERVER_H

#include "base/slice.h"

#define SERVER_NEVER UINT64_MAX

enum server_want {
    SERVER_WANTS_SEND = 1 << 0,
    SERVER_WANTS_RECEIVE = 1 << 1,
    SERVER_WANTS_TLS = 1 << 2, /* shake hands as server, then server_secured or server_eof */
    SERVER_WANTS_CLOSE = 1 << 3,
};

/** A message that was accepted; slices are valid during the call. */
struct server_message {
    struct slice reverse_path;  /* mailbox, or empty for <> */
    struct slice forward_paths; /* mailboxes, each followed by LF */
    size_t forward_path_count;
    struct slice content; /* dots taken off */
};

struct server_config {
    struct slice host;   /* name in the greeting: "mail.example.test" */
    struct slice domain; /* recipients of this domain are local: "example.test"; others need AUTH */
    struct slice unknown; /* local part that is refused with 550 5.1.1: "nosuch" */
    struct slice user;    /* AUTH identity and password; empty: AUTH is not offered */
    struct slice password;
    bool offer_tls;            /* STARTTLS is announced until TLS is up */
    bool tls_from_start;       /* implicit TLS: the driver has shaken hands */
    size_t max_message_octets; /* SIZE; 0: 1 MiB */
    size_t max_recipients;     /* 0: 100, the least RFC 5321 4.5.3.1.8 allows */
    uint64_t idle_ms;          /* 421 after this long without a command; 0: 5 minutes */
    const bool *faults;        /* server_fault_count switches, or NULL for none */
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

struct server;

/** Makes a session, in one allocation that never grows; NULL where memory is short. */
struct server *server_new(const struct server_config *config, uint64_t now_ms);
void server_free(struct server *server);

/** A set of enum server_want. */
unsigned server_wants(const struct server *server);

struct slice server_output(const struct server *server);
void server_sent(struct server *server, size_t octets, uint64_t now_ms);

/** Takes octets; returns how many it took: fewer than all while replies wait to be sent. Offer the
 * rest again then. */
size_t server_receive(struct server *server, struct slice octets, uint64_t now_ms);
/** The client closed its sending side or was lost: what is complete is answered, then the server
 * closes. */
void server_eof(struct server *server, uint64_t now_ms);
void server_secured(struct server *server, uint64_t now_ms);

uint64_t server_deadline(const struct server *server);
void server_tick(struct server *server, uint64_t now_ms);

#endif
