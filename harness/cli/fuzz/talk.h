/*
 * talk: one dialogue with a server, over a connection of its own, or over that of the one before.
 *
 * Many servers need twenty times as long for a connection as for a dialogue. So one may be kept
 * where the server was left waiting for a command: RSET then stands for the connection, and its
 * reply for the greeting.
 */
#ifndef MAILDRILL_CLI_FUZZ_TALK_H
#define MAILDRILL_CLI_FUZZ_TALK_H

#include "campaign/account.h"
#include "campaign/heard.h"
#include "net/wire.h"

#define TALK_MOST_KEPT   100 /* dialogues over one connection */
#define TALK_FEW_ERRORS  8   /* Postfix waits a second behind the tenth */
#define TALK_MANY_ERRORS 1000

enum talk_how {
    TALK_AT_ONCE, /* everything in one write behind the greeting, then half of the connection is
                     closed: fast, and a reply may be taken for another's */
    TALK_STEPS,   /* each unit waits for its reply */
    TALK_GROUPS,  /* as a client that pipelines (RFC 2920), where the server says that it may;
                     nothing  is waited for behind the last reply */
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
    enum talk_how kept_how;          /* how a dialogue goes whose connection may be kept */
    unsigned most_kept;   /* dialogues over one connection, at most; 0: each has its own. Changed as
                             the server bears it */
    unsigned most_errors; /* refused commands over one connection, at most */
    /* of the last dialogue */
    struct session session;
    uint64_t taken_us;
    uint64_t longest_us; /* the longest of what was waited before something came */
    struct slice octets;
    struct names names;
    bool was_kept; /* it had the connection of the one before */
    enum talk_how how;
    /* private */
    uint32_t next_name;
    struct wire wire;
    struct heard heard;
    bool closed;
    bool all_said;   /* at once; in steps: RSET was */
    bool said;       /* nothing more comes from here */
    bool keeps;      /* this dialogue's connection may be kept */
    bool open;       /* a connection is kept, */
    unsigned kept;   /* and was used by so many dialogues, */
    unsigned errors; /* of which so many commands were refused */
};

/** Says `octets`, and judges what comes (session); step by step in any case where they hold
 * STARTTLS, and as `kept_how` says where the connection may be kept. False where there is no
 * connection, or no TLS that has to be there. */
bool talk(struct talk *talk, struct slice octets, enum talk_how how);

/** Whether the connection may be kept behind these: every server answers each line, none can be
 * read in two ways, and none is the end. What RSET does not clear is seen in the replies. */
bool talk_may_keep(struct slice octets);

/** Whether the server took the connection of the last dialogue, and said nothing. */
static inline bool talk_ungreeted(const struct talk *talk)
{
    return talk->session.silent && talk->session.count == 1;
}

static inline uint64_t talk_bounded(uint64_t us, uint64_t least_us, uint64_t most_us)
{
    return us < least_us ? least_us : us > most_us ? most_us : us;
}

/** Closes the connection that was kept, if there is one. */
void talk_part(struct talk *talk);

#endif
