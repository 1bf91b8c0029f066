/*
 * engine: plays one test of a script, as either side of the dialogue.
 *
 * It never touches a socket, a clock or a terminal. The driver asks engine_wants what it is to do,
 * moves the octets, says what the time is, and passes the events on:
 *
 *   SEND      engine_output, engine_sent          TLS       a handshake: engine_secured, or
 *   RECEIVE   engine_receive, engine_eof                    engine_tls_failed
 *   SHUTDOWN  engine_shut                         DONE      engine_verdict
 *   CLOSE     engine_closed
 *
 * and calls engine_tick no later than at engine_deadline.
 *
 * The same engine is driven by sockets (harness/cli), by arrays (its tests) and by a fuzzer. Laws:
 * how the input is cut into calls of engine_receive changes no verdict; a script played against
 * itself passes; failure is sticky; every wait has a deadline; memory is bounded by the config.
 */
#ifndef MAILDRILL_ENGINE_ENGINE_H
#define MAILDRILL_ENGINE_ENGINE_H

#include "base/writer.h"
#include "script/script.h"
#include "smtp/ehlo.h"
#include "smtp/reply.h"

#define ENGINE_NEVER UINT64_MAX

enum engine_role {
    ENGINE_CLIENT, /* sends the C: lines, expects the S: lines */
    ENGINE_SERVER, /* sends the S: lines, expects the C: lines */
};

/** How closely a reply must be what the script says. Each level holds those before it. */
enum engine_match {
    ENGINE_MATCH_CLASS, /* first digit */
    ENGINE_MATCH_CODE,  /* three digits: RFC 5321 4.2, what a client acts on. Default of replay */
    ENGINE_MATCH_ENHANCED, /* and the enhanced status code where one is written. Default of run */
    ENGINE_MATCH_TEXT,     /* and the text of each line */
    ENGINE_MATCH_EXACT,    /* every octet */
};

enum engine_want {
    ENGINE_WANTS_SEND = 1 << 0,
    ENGINE_WANTS_RECEIVE = 1 << 1,
    ENGINE_WANTS_TLS = 1 << 2,
    ENGINE_WANTS_SHUTDOWN = 1 << 3,
    ENGINE_WANTS_CLOSE = 1 << 4,
    ENGINE_DONE = 1 << 5,
    ENGINE_WANTS_CONNECT = 1 << 6, /* connect: a new connection in the place of the one there is */
    ENGINE_WANTS_MESSAGE = 1 << 8, /* look for a delivered message: engine_query */
    ENGINE_WANTS_DROP = 1 << 7,    /* close that connection; the test goes on */
};

enum engine_verdict {
    ENGINE_PASS,
    ENGINE_WARN,  /* a SHOULD, or legal but lax */
    ENGINE_SKIP,  /* what the test needs is not there, or the outcome is inconclusive */
    ENGINE_FAIL,  /* a MUST is broken */
    ENGINE_ERROR, /* no connection, no TLS, no answer in time */
};

/** Why a step did not go as written. */
enum engine_fault {
    ENGINE_FAULT_NONE,
    ENGINE_FAULT_CODE,          /* reply code differs */
    ENGINE_FAULT_ENHANCED,      /* enhanced status code differs or is missing */
    ENGINE_FAULT_TEXT,          /* text differs (--match text, exact, S=:) */
    ENGINE_FAULT_PATTERN,       /* no line of the reply matches (S~:, %capture) */
    ENGINE_FAULT_RUNAWAY,       /* whether a pattern matches takes too many steps to know */
    ENGINE_FAULT_MALFORMED,     /* not a reply; see reply_error and offset */
    ENGINE_FAULT_ALERT,         /* a TLS alert in plain text */
    ENGINE_FAULT_CLOSED,        /* the peer closed where a reply or command was expected */
    ENGINE_FAULT_LOST,          /* the connection broke there; text: why */
    ENGINE_FAULT_NOT_CLOSED,    /* a reply where the peer should have closed */
    ENGINE_FAULT_UNREAD,        /* octets nobody expected, before a send or at the end */
    ENGINE_FAULT_TIMEOUT,       /* no complete reply, or octets not taken, by the deadline */
    ENGINE_FAULT_TLS,           /* handshake or certificate; text says what */
    ENGINE_FAULT_VALUE,         /* a value of %tls, with variables, that is none; text says why */
    ENGINE_FAULT_SASL,          /* the peer's part of an exchange is wrong; text says what */
    ENGINE_FAULT_SECURED,       /* a fact about TLS is not as %secured says; text is the fact */
    ENGINE_FAULT_QUIET,         /* octets during %quiet */
    ENGINE_FAULT_EHLO,          /* a %ehlo claim does not hold */
    ENGINE_FAULT_ASSERT,        /* nor does a %reply, %replies or %assert */
    ENGINE_FAULT_UNDELIVERED,   /* %message: no such message by the deadline; text: what it was to
                                   contain */
    ENGINE_FAULT_MAILBOX,       /* %message: nobody could look whether it is there; text: why */
    ENGINE_FAULT_DELIVERED,     /* %message absent: there is one; text: its first line */
    ENGINE_FAULT_COMMAND,       /* server role: the client sent another command than written */
    ENGINE_FAULT_NO_VALUE,      /* a variable has no value: a skip, the text names it */
    ENGINE_FAULT_NO_CONNECTION, /* set by the driver, engine_connect_failed */
    ENGINE_FAULT_TOO_LONG,      /* a text that does not fit the buffers */
};

enum engine_event_kind {
    ENGINE_EVENT_SENT,     /* a step's octets were handed over; text: a line without its CRLF, or,
                              where it is raw, all octets */
    ENGINE_EVENT_RECEIVED, /* a reply (client) or command line (server) arrived; text: all its
                              octets */
    ENGINE_EVENT_MATCHED,  /* the step `step` is as written */
    ENGINE_EVENT_DIFFERED, /* it is not: fault, text (what was got), judged */
    ENGINE_EVENT_PASSED_OVER, /* replay: the step cannot be played after a difference; text says why
                               */
    ENGINE_EVENT_NOTE,    /* something worth knowing; text says what (a quirk of a reply, ...) */
    ENGINE_EVENT_SECURED, /* TLS is up; text: protocol and cipher */
    ENGINE_EVENT_CLOSED,  /* the peer closed; text: what else ended the connection */
    ENGINE_EVENT_VERDICT, /* the last event: verdict, text (reason of a skip or an error), and the
                             step of an error that is about one */
};

struct engine_event {
    enum engine_event_kind kind;
    size_t step;       /* index of the step, or SCRIPT_NO_STEP */
    uint64_t now_ms;   /* the driver's clock */
    uint64_t taken_ms; /* RECEIVED, MATCHED, DIFFERED: since the send it answers */
    enum engine_fault fault;
    enum engine_verdict
        verdict;       /* DIFFERED: what this difference makes of the test; VERDICT: the test's */
    struct slice text; /* valid during the call only; secrets redacted */
    bool raw;          /* SENT: not one line that CRLF ends; its ends of lines stand in text */
    size_t more;       /* SENT: octets behind those of text */
    struct slice sent; /* DIFFERED: what was sent last before it, redacted; may be empty */
    int reply_error;   /* MALFORMED: an smtp_reply_error */
    size_t offset;     /* MALFORMED: of the octet at fault in text; VERDICT: of the value at fault
                          behind the place of the step */
    uint64_t quirks;   /* RECEIVED: of the reply */
};

struct engine_variable {
    struct slice name;
    struct slice value;
    bool secret; /* never shown, plain or base64 */
};

/** Who an exchange of %auth is for. */
struct engine_credentials {
    enum engine_role role;
    struct slice mechanism, user, pass, authzid;
};

/**
 * What computes the exchanges of %auth (RFC 4422): the driver's, because nonces are chance and
 * channel binding is of the connection. Octets in, octets out; the engine does the base64.
 */
struct engine_sasl {
    /** Begins; NULL, with the reason for people, where there is no such mechanism. *ret_first: the
     * client's octets come first. */
    void *(*begin)(void *context, const struct engine_credentials *as, bool *ret_first,
                   struct slice *ret_reason);
    /** Takes the peer's octets and writes the next ones; false, with the reason for people, where
     * the peer's are wrong. *ret_done: this side is satisfied. */
    bool (*step)(void *exchange, struct slice in, struct writer *out, bool *ret_done,
                 struct slice *ret_reason);
    void (*end)(void *exchange);
    void *context;
};

struct engine_config {
    enum engine_role role;
    enum engine_match match;
    bool joined;         /* what was written to leave alone leaves with its neighbours */
    bool keep_going;     /* replay: go on after a difference where the dialogue allows it */
    bool tls_from_start; /* implicit TLS: the driver shook hands before the first octet, or, where
                            the test begins with %proxy, is asked to behind its header */
    bool proxied;        /* each connection begins with a header of the PROXY protocol, but in tests
                            that see to it themselves: %proxy, %require proxy. A server: the driver
                            reads it, but where %proxy does */
    struct slice client_end, server_end; /* "192.0.2.1:1234", "[::1]:25"; empty: not known */
    uint64_t timeout_ms;   /* for each reply, send and handshake without a bound of its own */
    unsigned time_percent; /* every bound and pause is multiplied by it: 200 doubles; 0 for 100 */
    struct smtp_reply_limits reply_limits;
    const struct engine_variable *variables;
    size_t variable_count;
    const struct slice
        *features; /* %require tokens that hold: "tls", "creds", "rcpt", "raw", ... */
    size_t feature_count;
    uint64_t wall_s;         /* seconds since 1970-01-01 UTC when the test begins, for ${now} */
    uint64_t attempt;        /* unlike that of any other time the test is played, for ${token} */
    size_t max_rounds;       /* of all %repeat of the test: 0 for 2000000; more is an error */
    size_t max_input_octets; /* unread octets kept: 0 for 128 KiB; more is TOO_LONG */
    size_t
        max_output_octets; /* octets in one write: 0 for 64 KiB; a longer group leaves in several */
    size_t max_message_octets;      /* of a delivered message that is looked at: 0 for 1 MiB */
    const struct engine_sasl *sasl; /* NULL: %auth skips its test */
    void (*emit)(void *context, const struct engine_event *event);
    void *context;
};

/** Which delivered message is wanted. */
struct engine_query {
    size_t number;        /* of those of the test, from 1; 0: none is wanted */
    bool own;             /* the token holds ${token}: no older message has it */
    struct slice token;   /* it contains these octets */
    struct slice mailbox; /* it went there; empty: anywhere */
};

struct engine;

/** Whether the first connection of the test begins with such a header; `proxied` as in the config.
 */
bool engine_begins_with_header(const struct script_test *test, bool proxied);

/** Whether it plays the server's side of such a test: the header is the first that it reads. */
bool engine_reads_header(const struct engine *e);

/**
 * Makes an engine, in one allocation that never grows; NULL where memory is short. The test, its
 * script and the config's slices must outlive it.
 */
struct engine *engine_new(const struct script_test *test, const struct engine_config *config,
                          uint64_t now_ms);
void engine_free(struct engine *engine);

/** A set of enum engine_want. */
unsigned engine_wants(const struct engine *engine);

/** Octets to send; stays valid until engine_sent. */
struct slice engine_output(const struct engine *engine);
void engine_sent(struct engine *engine, size_t octets, uint64_t now_ms);

/** The connection that the wishes are about: 0 for the first one, up to test.connection_count. What
 * the others bring is taken at any time. */
unsigned engine_connection(const struct engine *engine);

/** Octets that arrived on a connection; all are taken. */
void engine_receive(struct engine *engine, unsigned connection, struct slice octets,
                    uint64_t now_ms);
/** The peer closed its sending side; or the connection was lost, and `lost` says why (a reset, a
 * broken TLS record), else it is empty. */
void engine_eof(struct engine *engine, unsigned connection, struct slice lost, uint64_t now_ms);

/** While the engine wants CONNECT: with TLS from the start or not. */
enum script_connect engine_connect(const struct engine *engine);
/** There is a new connection. `secured`: under TLS. */
/** The addresses of the connection that was made, before engine_connected. */
void engine_between(struct engine *engine, struct slice client_end, struct slice server_end);
void engine_connected(struct engine *engine, bool secured, uint64_t now_ms);
/** While the engine wants DROP: whether with RST. */
bool engine_drop_resets(const struct engine *engine);
void engine_dropped(struct engine *engine, uint64_t now_ms);

/** While the engine wants MESSAGE: which one. Valid until it no longer does. */
struct engine_query engine_query(const struct engine *engine);
/** It was found; its octets are copied. Where it is not found by engine_deadline there is none;
 * only a first look that is not over by then may take as long as a reply. */
void engine_message(struct engine *engine, struct slice octets, uint64_t now_ms);
/** A look is over, and it was not there; or nobody could look, and `trouble` says why, else it is
 * empty. Where no look was made in all that time, nobody knows: that is an error. */
void engine_no_message(struct engine *engine, struct slice trouble);

/** While the engine wants TLS: how to shake hands. */
const struct script_tls *engine_tls(const struct engine *engine);
/** The handshake is done. `facts`: a first line for people, protocol and cipher; then a line
 * "key: value" for each fact that %secured may look at. */
void engine_secured(struct engine *engine, struct slice facts, uint64_t now_ms);
/** The handshake failed. `reason`: for people. `ours`: the peer has refused nothing: this side
 * would not have it (the certificate, the settings), or nothing came in time. */
void engine_tls_failed(struct engine *engine, struct slice reason, bool ours, uint64_t now_ms);
/** There is no connection. `reason`: for people, with what to do. */
void engine_connect_failed(struct engine *engine, struct slice reason, uint64_t now_ms);
void engine_shut(struct engine *engine, uint64_t now_ms);
void engine_closed(struct engine *engine, uint64_t now_ms);

/** When engine_tick must be called at the latest, or ENGINE_NEVER. */
uint64_t engine_deadline(const struct engine *engine);
void engine_tick(struct engine *engine, uint64_t now_ms);

/** Once the engine wants ENGINE_DONE. */
enum engine_verdict engine_verdict(const struct engine *engine);

const char *engine_verdict_name(enum engine_verdict verdict);
/** "reply code differs", ... */
const char *engine_fault_text(enum engine_fault fault);

#endif
