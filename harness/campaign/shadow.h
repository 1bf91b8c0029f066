/*
 * shadow: what a session may be, told from its replies alone, and the oracles that judge it.
 *
 * The state is what the server may hold at most: a transaction (RFC 5321 3.3, 4.1.4: MAIL begins
 * it; EHLO, RSET, STARTTLS and the end of a message leave nothing behind) and recipients. An oracle
 * speaks only where the clause leaves no choice. Where the client's own octets can be read in two
 * ways (a bare LF or CR, NUL, a long line that is taken, a chunk of unknown size) the shadow is
 * lost, and says nothing more of that session but whether its replies are replies.
 */
#ifndef MAILDRILL_CAMPAIGN_SHADOW_H
#define MAILDRILL_CAMPAIGN_SHADOW_H

#include "campaign/dialogue.h"
#include "smtp/reply.h"

enum oracle {
    ORACLE_NONE,
    ORACLE_REPLY_GRAMMAR,
    ORACLE_REPLY_MIXED_CODES,
    ORACLE_REPLY_CODE_RANGE,
    ORACLE_REPLY_LINE_ENDING,
    ORACLE_REPLY_CONTROL,
    ORACLE_REPLY_EIGHT_BIT,
    ORACLE_REPLY_LONG_LINE,
    ORACLE_REPLY_STATUS_CLASS,
    ORACLE_EXTRA_REPLY,
    ORACLE_BARE_CR,
    ORACLE_NO_REPLY,
    ORACLE_PIPELINED_NO_REPLY,
    ORACLE_PIECES,
    ORACLE_CLOSED,
    ORACLE_BEHIND_QUIT,
    ORACLE_RCPT_WITHOUT_MAIL,
    ORACLE_MESSAGE_WITHOUT_RCPT,
    ORACLE_BDAT_WITHOUT_RCPT,
    ORACLE_NESTED_MAIL,
    ORACLE_OUT_OF_SEQUENCE,
    ORACLE_AUTH_IN_MAIL,
    ORACLE_AUTH_TWICE,
    ORACLE_AUTH_ANSWER_RUN,
    ORACLE_AUTH_BYPASSED,
    ORACLE_AUTH_NO_PASSWORD,
    ORACLE_AUTH_WRONG_PASSWORD,
    ORACLE_END_OF_DATA,
    ORACLE_CHUNK_RUN,
    ORACLE_TLS_INJECTION,
    ORACLE_TLS_STATE,
    ORACLE_TLS_IN_CLEAR,
    ORACLE_TLS_AGAIN,
    ORACLE_SESSION_LEAK,
    ORACLE_STALE_WORDS,
    ORACLE_CRASH,
    ORACLE_HANG,
    ORACLE_SANITIZER,
    ORACLE_COUNT,
};

struct oracle_row {
    const char *name;     /* kebab-case: the file of a finding begins with it */
    const char *section;  /* "RFC 5321 4.1.4" */
    const char *severity; /* "high", "medium", "low" */
    const char *summary;  /* one sentence without its full stop */
};

/** The row of each oracle; NONE has one too. */
extern const struct oracle_row oracle_rows[ORACLE_COUNT];

/* What left the server without a transaction. */
enum shadow_since {
    SHADOW_SINCE_START,
    SHADOW_SINCE_EHLO,
    SHADOW_SINCE_RSET,
    SHADOW_SINCE_MESSAGE,
    SHADOW_SINCE_REFUSED_MESSAGE,
    SHADOW_SINCE_CHUNK,
    SHADOW_SINCE_STARTTLS,
    SHADOW_SINCE_MAIL, /* there is one, without recipients */
};

/** In words, for a title: "after RSET". */
const char *shadow_since_text(enum shadow_since since);

/* How replies are written: what may be wrong with all of them, and then keeps nobody from judging
 * what they say. */
#define SHADOW_FORMS                                                                               \
    (UINT64_C(1) << ORACLE_REPLY_CODE_RANGE | UINT64_C(1) << ORACLE_REPLY_LINE_ENDING |            \
     UINT64_C(1) << ORACLE_REPLY_CONTROL | UINT64_C(1) << ORACLE_REPLY_EIGHT_BIT |                 \
     UINT64_C(1) << ORACLE_REPLY_STATUS_CLASS | UINT64_C(1) << ORACLE_SESSION_LEAK |               \
     UINT64_C(1) << ORACLE_STALE_WORDS)

/** Begin with a zeroed one. */
struct shadow {
    uint64_t passed;    /* of SHADOW_FORMS, bits 1 << enum oracle: they are not told */
    bool lost;          /* of what the client says */
    bool greeted;       /* EHLO or HELO was taken: it is SMTP, not LMTP, that is spoken */
    bool over;          /* QUIT, STARTTLS or 421 was answered: nothing more is judged, */
    bool quit;          /* but that nothing is, where it was QUIT */
    bool mail;          /* there may be a transaction */
    bool rcpt;          /* it may have a recipient, */
    bool several;       /* or more than one */
    bool open;          /* there is one for certain, */
    bool received;      /* and it has a recipient for certain, */
    bool binary;        /* or its message is for BDAT alone */
    bool flows;         /* the last command was a chunk that was taken, and that others follow */
    bool chunk;         /* of its message, and more has to follow */
    bool chunking;      /* CHUNKING was announced, */
    bool pipelining;    /* and PIPELINING, */
    bool statuses;      /* and ENHANCEDSTATUSCODES */
    bool authenticated; /* for certain: since the last EHLO */
    bool proved;        /* AUTH succeeded before TLS, and was not said under it yet */
    bool shows;         /* the last AUTH was by a mechanism that shows the password */
    bool utf8;          /* the client said SMTPUTF8 */
    bool bare_cr;       /* the last line had one, and nothing before it was doubtful */
    bool early;         /* a message was refused before its end */
    bool secured;       /* under TLS */
    bool injected;      /* a reply would answer what was said in plain text, though under TLS; */
    bool in_clear;      /* or is in plain text though TLS is to begin */
    enum shadow_since since;
    /* Since the last EHLO: */
    struct slice wants_auth; /* the last MAIL that was refused for want of AUTH */
    struct slice mail_taken; /* the last MAIL that was taken, and nothing keeps it from being so
                                again: some say 503 to who has to authenticate first */
    struct slice rcpt_taken; /* and the last RCPT */
    struct slice mechanisms; /* of AUTH, as announced */
};

/** What the session holds, as a small number: a transaction, a recipient; or that nobody knows. */
static inline uint8_t shadow_held(const struct shadow *shadow)
{
    return (uint8_t)(shadow->lost ? 4 : shadow->mail + 2 * shadow->rcpt);
}

/** The one reply to a unit. */
enum oracle shadow_reply(struct shadow *shadow, const struct dialogue_unit *unit,
                         const struct smtp_reply *reply);

/** TLS has begun behind STARTTLS. `injects`: something went along with that, and nothing is said
 * any more. */
void shadow_secured(struct shadow *shadow, bool injects);

/** A further reply behind it. */
enum oracle shadow_further(struct shadow *shadow, const struct dialogue_unit *unit,
                           const struct smtp_reply *reply);

/** A reply that comes before the end of the message was sent. */
enum oracle shadow_early(struct shadow *shadow, const struct smtp_reply *reply);

/** Whether a line of the reply to a command of 512 octets at most is longer. Where nothing else is
 * wrong with a session, that is. */
bool shadow_long(const struct shadow *shadow, const struct dialogue_unit *unit,
                 const struct smtp_reply *reply);

/** No reply: the server closed, or says nothing. `leaves`: it closed for what was before the unit.
 */
enum oracle shadow_silence(struct shadow *shadow, const struct dialogue_unit *unit, bool closed,
                           bool leaves);

/** Octets that are no reply: an error of smtp_reply_parse. */
enum oracle shadow_malformed(struct shadow *shadow, int error);

#endif
