/*
 * session: what a client says, said to a server unit by unit, and what the oracles make of it.
 *
 * How octets go and replies come is the caller's: a socket in lock-step, a socket that was written
 * to in one piece, a server in memory. The judgement is the same.
 */
#ifndef MAILDRILL_CAMPAIGN_SESSION_H
#define MAILDRILL_CAMPAIGN_SESSION_H

#include "campaign/names.h"
#include "campaign/shadow.h"

enum session_wait {
    SESSION_AWAITED, /* a reply is due */
    SESSION_EARLY,   /* none is due: what comes in a short while, or nothing; CLOSED is told where
                        the next unit was not said yet */
    SESSION_REST,    /* nothing more is said: what comes until the server closes */
    SESSION_IDLE,    /* nor is anything due: the server waits for a command */
};

enum session_heard {
    SESSION_REPLY,
    SESSION_MALFORMED, /* *ret_error: of smtp_reply_parse */
    SESSION_CLOSED,
    SESSION_NOTHING, /* in the time that the wait has */
};

enum session_hands {
    SESSION_SECURED,
    SESSION_UNSECURED,
    SESSION_IN_CLEAR, /* a reply came in its place, and can be heard */
};

struct session_line {
    /** Sends octets; false where the server took them no more. */
    bool (*say)(void *context, struct slice octets);
    /** The reply's slices are valid until the session is over. */
    enum session_heard (*hear)(void *context, enum session_wait wait, struct smtp_reply *ret_reply,
                               int *ret_error);
    /** Shakes hands behind the 220 to STARTTLS (RFC 3207 4). NULL: what comes then is not looked
     * at. */
    enum session_hands (*secure)(void *context);
    uint64_t passed;           /* oracles that are not told: shadow.h */
    const struct names *names; /* by which words of other sessions are told; NULL: none are */
    void *context;
    bool secured; /* under TLS from the start */
    bool groups;  /* units leave in groups (RFC 2920): all that is judged is whether each gets a
                     reply, while the server keeps the connection */
    bool pieces;  /* units leave in pieces: whatever is wrong then is wrong of that */
    bool steps; /* each unit waits for its reply: whether the server leaves before the next one, or
                   because of it, can be told */
};

/* What was said, and what came. A message whose end is in sight makes two steps: its text, to which
 * no reply is due, and its end. */
struct session_step {
    enum dialogue_kind kind;
    enum smtp_verb verb; /* of a command that was certain, else UNKNOWN */
    struct slice said;
    bool certain;
    bool joined;                   /* it left in one write with the step before */
    bool awaited;                  /* a reply was due */
    unsigned code;                 /* 0: there was none */
    struct slice raw;              /* the reply */
    struct smtp_enhanced enhanced; /* of it; all 0 where it has none */
    bool injects;                  /* STARTTLS: something went along with it */
    bool secured;                  /* TLS began behind it */
    unsigned further;              /* replies behind it, before the next step, but for 421 */
    enum shadow_since since;       /* when it was said: what had left no transaction, */
    uint8_t held;                  /* and what the session held (shadow_held) */
};

#define SESSION_MAX_STEPS 512

struct session {
    struct session_step steps[SESSION_MAX_STEPS];
    size_t count;
    size_t commands, replies;
    size_t most; /* replies that there may be behind the greeting, in whichever way the server reads
                    what was said */
    bool secured;  /* under TLS from the start */
    bool closed;   /* the server closed */
    bool silent;   /* a reply that was due did not come */
    bool doubtful; /* it closed without a reply where it had refused what was before: by itself, or
                      because of what was said then, only steps can tell */
    bool quit;     /* QUIT, 421 or their like was answered: it was to close */
    bool lost;     /* the shadow was, at the end */
    bool idle; /* at the end the server waits for a command, or an answer to AUTH, and it is known
                  what the session holds: RSET makes it a new one, but for EHLO, and AUTH. Not so
                  behind a chunk that others were to follow: Exim answers nothing then until a
                  message has come */
    /* The first thing that is wrong. */
    enum oracle oracle;
    size_t at; /* its step */
    bool led;  /* behind the greeting, EHLO and STARTTLS were said that are no steps */
    enum shadow_since since;
    bool pieces;     /* units left in pieces */
    uint32_t leaked; /* SESSION_LEAK: the name that came back */
};

/** Plays `octets`. */
void session_play(struct session *session, struct slice octets, const struct session_line *line);

/** Whether there were more replies than any reading of the octets explains. */
static inline bool session_exceeds(const struct session *session)
{
    return session->replies > session->most + 1;
}

/** Whether a session that was played in one write is worth another look, in lock-step: then each
 * reply can be told from the next. */
static inline bool session_suspicious(const struct session *session)
{
    return session->oracle != ORACLE_NONE || session->doubtful || session_exceeds(session);
}

/** Writes what tells one finding from another: oracle, verb, state, code. Returns the octets. */
size_t session_key(const struct session *session, char *out, size_t size);

/** The key of a crash, if the last command was what the server died of, or of a hang; 0 where the
 * last one that is due a reply got it. */
size_t session_crash_key(const struct session *session, char *out, size_t size);

/** The key, and behind it, where that is what is wrong, what was taken for the end of a message:
 * "-lf-dot-crlf", or behind what a command was refused as out of sequence: "-behind-noop". Each is
 * another fault; where there are several, the first is named. */
size_t session_name(const struct session *session, char *out, size_t size);

#endif
