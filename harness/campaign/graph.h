/*
 * graph: the states that a server was seen in, and what led from one to the next.
 *
 * The state is the model's: what a server that keeps to RFC 5321 3.3, 4.1.4 and RFC 3030 may be in
 * after these replies. Each step of a session is a transition: from a state, by something said,
 * with a reply code, to a state. They are counted in a table that one process fills and others may
 * read meanwhile.
 */
#ifndef MAILDRILL_CAMPAIGN_GRAPH_H
#define MAILDRILL_CAMPAIGN_GRAPH_H

#include <stdatomic.h>

#include "base/writer.h"
#include "campaign/session.h"

#define GRAPH_STATES      128 /* states are below it; 0 is the connection before its greeting */
#define GRAPH_TRANSITIONS 2048

struct graph_transition {
    unsigned from, to; /* states */
    unsigned label;    /* what was said */
    unsigned code;     /* of the reply; 0: the server closed without one */
    uint64_t count;
    bool wrong; /* an oracle objected to it */
};

/** Begin with a zeroed one. */
struct graph {
    struct {
        atomic_uint_least64_t key, count;
        atomic_bool wrong;
    } slots[GRAPH_TRANSITIONS];
    atomic_uint_least64_t distinct; /* so far */
    atomic_uint_least64_t dropped;  /* steps for which the table has no room */
};

/**
 * Counts the steps of a session. `exact`: each reply is its command's for certain (lock-step), and
 * what an oracle says of it counts; else the session is counted up to where replies and commands
 * may have come apart.
 */
void graph_add(struct graph *graph, const struct session *session, bool exact);

/** The transition of a slot, which is below GRAPH_TRANSITIONS; false where it is empty. */
bool graph_at(const struct graph *graph, size_t slot, struct graph_transition *ret_transition);

/** The state before a step of a session that was played in lock-step. */
unsigned graph_state_before(const struct session *session, size_t at);
/** What was said in a step. */
unsigned graph_label(const struct session_step *step);

/** "after RSET, no EHLO". */
void graph_state_name(unsigned state, struct writer *out);
/** Whether nothing leads on from it: the connection is closed, or TLS does not begin. */
bool graph_state_ends(unsigned state);

/** "MAIL", "end of data", "odd octets". */
struct slice graph_label_name(unsigned label);
/** The label of that name; false where there is none. */
bool graph_label_find(struct slice name, unsigned *ret_label);

#endif
