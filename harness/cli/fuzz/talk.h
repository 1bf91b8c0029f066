/*
 * talk: one dialogue with a server, over a connection of its own, or over that of the one before.
 *
 * Many servers need twenty times as long for a connection as for a dialogue. So one may be kept
 * where the server was left waiting for a command: RSET then stands for the connection, and its
 * reply for the greeting. Two are, so that a dialogue that may end one does not end that of others:
 * Exim delivers the first ten messages of a connection at once, and the others later, which takes
 * a twentieth of the time.
 */
#ifndef MAILDRILL_CLI_FUZZ_TALK_H
#define MAILDRILL_CLI_FUZZ_TALK_H

#include "campaign/account.h"
#include "campaign/heard.h"
#include "campaign/thrift.h"
#include "net/wire.h"

/* Dialogues over one connection, and refused commands. Of one that is not patient few: Postfix
 * waits a second behind a hundred RSETs and NOOPs that lead to no message, and behind the tenth
 * error. */
#define TALK_FEW_KEPT    25
#define TALK_MANY_KEPT   1000
#define TALK_FEW_ERRORS  8
#define TALK_MANY_ERRORS 1000
#define TALK_EARLY_US    10000 /* a reply that nothing asked for has time, at least; */
#define TALK_LATE_US     100000
/* Connections that are kept: a server delivers the first messages of one at once, which takes it
 * longest, and what is refused or cannot be read ends one. So messages have one that little else
 * ends, and chunks another. */
enum { TALK_LINE_OTHER, TALK_LINE_PLAIN, TALK_LINE_MESSAGE, TALK_LINE_CHUNK, TALK_LINES };

enum talk_how {
    TALK_AT_ONCE, /* everything in one write behind the greeting, then half of the connection is
                     closed: fast, and a reply may be taken for another's */
    TALK_STEPS,   /* each unit waits for its reply */
    TALK_GROUPS,  /* as a client that pipelines (RFC 2920), where the server says that it may;
                     nothing is waited for behind the last reply */
    TALK_PIECES,  /* in steps; the first octet of each unit leaves before the others, and the last
                     one behind them */
};

/* TLS of a campaign's connections. */
struct talk_tls {
    const struct net_tls *context;
    const char *host; /* that is asked for */
    enum {
        TALK_PLAIN,    /* unless a dialogue says STARTTLS */
        TALK_STARTTLS, /* said before each dialogue, behind the greeting and EHLO */
        TALK_SMTPS,    /* from the first octet */
    } begins;
};

struct talk {
    struct wire_address address;
    const struct talk_tls *tls;    /* NULL: STARTTLS is a command like others, too */
    const struct account *account; /* NULL: what is said goes out as it is */
    uint64_t awaited_us; /* how long a reply is waited for; a greeting two seconds at least, */
    bool hasty;          /* but for this */
    uint64_t early_us;   /* how long, where none is due: STEPS. 0: in haste */
    uint64_t rest_us;    /* how long, when all is said */
    uint64_t keep_us; /* how long, before the connection is given up that could be kept: AT_ONCE */
    uint64_t passed;  /* oracles that are not told: shadow.h */
    uint32_t first_name, name_count; /* the names that it gives the client (names.h), in turn. 0:
                                        what is said goes out as it is */
    enum talk_how kept_how;          /* how a plain dialogue goes whose connection may be kept */
    bool ahead;                      /* while one is used, the next connection is made */
    bool alone;         /* the dialogue has a connection of its own, whatever most_kept says */
    unsigned most_kept; /* dialogues over one connection, at most; 0: each has its own. Changed as
                           the server bears it, up to */
    unsigned bound_kept;
    unsigned most_errors; /* refused commands over one connection, at most */
    /* of the last dialogue */
    struct session session;
    uint64_t taken_us;
    uint64_t longest_us; /* the longest of what was waited before something came */
    struct slice octets;
    struct names names;
    bool was_kept; /* it had the connection of the one before, */
    bool strayed;  /* or lost that, as replies came there that nothing had asked for: the one before
                      had more than was heard of it */
    enum talk_how how;
    /* private */
    uint32_t next_names[TALK_LINES + 1];
    struct wire wire;
    struct heard heard;
    bool closed;
    bool all_said; /* at once; in steps: RSET was */
    bool said;     /* nothing more comes from here */
    bool keeps;    /* this dialogue's connection may be kept */
    bool extended; /* EHLO has a reply of several lines: no other command's is taken for that */
    struct talk_line {
        struct wire wire;
        bool open;       /* it is kept, */
        unsigned kept;   /* and was used by so many dialogues, */
        unsigned errors; /* of which so many commands were refused */
        uint32_t first_name;
    } lines[TALK_LINES];
    struct talk_line *line; /* of this dialogue */
    struct wire next;       /* made ahead, */
    bool has_next;
    uint64_t next_us; /* at this time */
};

/** One to talk with, that waits so long for a reply, and when all is said. It is large, and
 * otherwise zeroed. */
struct talk *talk_new(const struct wire_address *address, const struct talk_tls *tls, uint64_t us);
void talk_free(struct talk *talk);

/** Says `octets`, and judges what comes (session); step by step in any case where they hold
 * STARTTLS, and as `kept_how` says where the connection may be kept. False where there is no
 * connection, or no TLS that has to be there. */
bool talk(struct talk *talk, struct slice octets, enum talk_how how);

/** Whether the server took the connection of the last dialogue, and said nothing. */
static inline bool talk_ungreeted(const struct talk *talk)
{
    return talk->session.silent && talk->session.count == 1;
}

/** How long a reply has time that is not due, behind a dialogue that says how long those take that
 * are. One that is late is taken for the next command's, and for another fault. */
static inline uint64_t talk_early_us(const struct talk *talk)
{
    return thrift_bounded(2 * talk->longest_us, TALK_EARLY_US, TALK_LATE_US);
}

/** Whether nothing comes over the connection that the last dialogue left but what it is asked for
 * now. True, too, where it left none. */
bool talk_in_step(struct talk *talk);

/** Closes the connections that are kept, and that made ahead. */
void talk_part(struct talk *talk);

#endif
