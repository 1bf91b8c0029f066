/*
 * deviant: a server that says yes to everything, but gives one of its replies as no server should.
 *
 * Mail clients trust servers too much: a reply without an end, two replies for one, a refusal where
 * none was expected, an answer injected before TLS (CVE-2011-0411, CVE-2021-22947, CVE-2021-38371,
 * CVE-2016-0772, CVE-2019-3823). Each way to go wrong is a row of a table, and may befall each of
 * the replies of a session to which it applies. What the client then does is kept, for a verdict.
 *
 * Octets and the time in, octets out; driven like the reference server. It has no mailboxes and
 * checks nothing: what matters is what the client makes of its answers.
 */
#ifndef MAILDRILL_CAMPAIGN_DEVIANT_H
#define MAILDRILL_CAMPAIGN_DEVIANT_H

#include "base/slice.h"
#include "base/writer.h"

#define DEVIANT_NEVER UINT64_MAX

/* What a reply answers. */
enum deviant_place {
    DEVIANT_GREETING,
    DEVIANT_EHLO, /* or HELO, LHLO */
    DEVIANT_STARTTLS,
    DEVIANT_AUTH, /* and what follows it, up to its outcome */
    DEVIANT_MAIL,
    DEVIANT_RCPT,
    DEVIANT_DATA,
    DEVIANT_END_OF_DATA,
    DEVIANT_QUIT,
    DEVIANT_OTHER,
    DEVIANT_PLACES,
};

struct deviant_row {
    const char *name;    /* kebab-case */
    const char *section; /* of what it violates, or of what a client has to do: "RFC 5321 4.2" */
    const char *summary; /* what the server does, in one sentence without its full stop */
    unsigned places;     /* bits 1 << enum deviant_place where it makes sense */
    bool denies;         /* the reply no longer means yes */
    /* how, and with what: deviant.c */
    int how;
    struct slice text;
    size_t count;
};

extern const struct deviant_row deviant_rows[];
extern const size_t deviant_row_count;

/** "greeting", "EHLO", "end of data". */
const char *deviant_place_name(enum deviant_place place);
/** Index of the row of that name, or deviant_row_count. */
size_t deviant_find(struct slice name);
/** Reads NAME or NAME@REPLY: the row's index, and the reply (SIZE_MAX: any). deviant_row_count
 * where there is no such row, or the reply is no number. */
size_t deviant_read(struct slice text, size_t *ret_reply);

#define DEVIANT_MAX_REPLIES 64

struct deviant_config {
    const struct deviant_row *row; /* NULL: all replies are as they should be */
    size_t reply;                  /* the one that deviates, from 0, which is the greeting */
    bool offer_tls, offer_auth;
    uint64_t idle_ms; /* closes after this long without a command; 0: waits for ever */
    /** What went and came, in order; may be NULL. */
    void (*tap)(void *context, bool by_server, struct slice octets);
    void *context;
};

/** What the client has done so far. */
struct deviant_seen {
    uint8_t replies[DEVIANT_MAX_REPLIES]; /* the place of each reply */
    size_t reply_count;
    bool deviated;
    bool secured;        /* TLS is up */
    bool in_clear;       /* AUTH, MAIL or a message came before TLS */
    bool took_injection; /* under TLS, it went on before its EHLO was answered */
    size_t messages;     /* that came whole */
    size_t accepted;     /* whose end of data was answered with yes */
};

enum deviant_want {
    DEVIANT_WANTS_SEND = 1 << 0,
    DEVIANT_WANTS_RECEIVE = 1 << 1,
    DEVIANT_WANTS_TLS = 1 << 2,
    DEVIANT_WANTS_CLOSE = 1 << 3,
};

struct deviant {
    struct deviant_config config;
    struct deviant_seen seen;
    /* private */
    enum deviant_state { DEVIANT_COMMANDS, DEVIANT_TEXT, DEVIANT_EXCHANGE } state;
    unsigned exchange;  /* AUTH: challenges that are still to come */
    uint8_t text_state; /* DEVIANT_TEXT: how much of CRLF . CRLF has been seen */
    uint8_t line[4096];
    size_t line_len;
    uint8_t out[8192];
    size_t out_len, out_sent;
    uint8_t fill[4096]; /* of a reply that is long: what is sent behind `out`, again and again */
    size_t fill_len, fill_at;
    size_t fill_left; /* octets of it that are still to be sent, from `fill_at` on */
    bool injected;    /* before TLS; the reply to the EHLO under it is held back for a while */
    bool drip;        /* an octet at a time */
    bool starts_tls, closes, mute;
    bool pending_ehlo;
    uint64_t at_ms;      /* nothing is done before */
    uint64_t idle_at_ms; /* then it closes */
};

/** Begins with the greeting. */
void deviant_begin(struct deviant *deviant, const struct deviant_config *config, uint64_t now_ms);

/** A set of enum deviant_want. */
unsigned deviant_wants(const struct deviant *deviant);
struct slice deviant_output(const struct deviant *deviant);
void deviant_sent(struct deviant *deviant, size_t octets, uint64_t now_ms);
/** Takes octets; returns how many: fewer than all while a reply waits to be sent. */
size_t deviant_receive(struct deviant *deviant, struct slice octets, uint64_t now_ms);
void deviant_eof(struct deviant *deviant);
void deviant_secured(struct deviant *deviant);
uint64_t deviant_deadline(const struct deviant *deviant);
void deviant_tick(struct deviant *deviant, uint64_t now_ms);

#endif
