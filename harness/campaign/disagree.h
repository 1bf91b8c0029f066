/*
 * disagree: where two servers, told the same, do not mean the same.
 *
 * Replies are compared by what they mean: yes (2xx), go on (3xx), no for good (5xx), one too many,
 * none, none that is a reply. 250 and 251, other texts and other codes of refusal are alike. The
 * first difference ends the comparison: what comes behind it follows from it. What may differ
 * between two good servers is no disagreement: refusals for now (4xx) and farewells, what depends
 * on an extension that not both announce, commands that a server may decline (VRFY, EXPN, HELP; RFC
 * 5321 7.3), and which well-formed commands it dislikes for what they name: that one is told by a
 * control (disagree_control).
 */
#ifndef MAILDRILL_CAMPAIGN_DISAGREE_H
#define MAILDRILL_CAMPAIGN_DISAGREE_H

#include "base/writer.h"
#include "campaign/session.h"

enum disagree_kind {
    DISAGREE_NONE,
    DISAGREE_STATE,     /* one takes in this state what the other refuses */
    DISAGREE_LINE,      /* one takes a line that is not well-formed, the other refuses it */
    DISAGREE_REPLIES,   /* one gives more replies to it */
    DISAGREE_END,       /* one takes the message before its end was sent */
    DISAGREE_CLOSED,    /* one closes without a reply */
    DISAGREE_SILENT,    /* one says nothing */
    DISAGREE_MALFORMED, /* what one says is no reply */
    DISAGREE_KINDS,
};

struct disagree_row {
    const char *name;     /* kebab-case */
    const char *section;  /* "RFC 5321 4.1.4" */
    const char *severity; /* "high", "medium", "low" */
    const char *summary;  /* what the one does that the other does not */
};

extern const struct disagree_row disagree_rows[DISAGREE_KINDS];

struct disagreement {
    enum disagree_kind kind;
    size_t at;           /* the step */
    bool first;          /* the first server takes it, says more, closes, ... */
    unsigned state;      /* before the step, of the first server: graph.h */
    bool after_odd;      /* odd octets went before: the state is anybody's guess */
    unsigned label;      /* what was said: graph.h */
    const char *oddness; /* what is odd about it, "bare-lf"; "": nothing */
};

/** Compares two sessions of the same octets. STATE stands for LINE, too, until a control tells. */
bool disagree_find(const struct session *a, const struct session *b, struct disagreement *ret);

/** Writes the dialogue in which nothing but the step's own line can matter: `mail` and `rcpt` are
 * commands that both servers take. False where a control tells nothing (the step is no command). */
bool disagree_control(const struct session_step *step, struct slice mail, struct slice rcpt,
                      struct writer *out);

/** What to make of STATE, given the sessions of its control: it stays where they agree there; is
 * LINE where they do not, and the line is odd; else NONE. */
void disagree_judge(struct disagreement *d, const struct session *a, const struct session *b);

/** What tells one disagreement from another: kind, verb, state, oddness. */
void disagree_key(const struct disagreement *d, struct writer *out);

/** For people: "a takes what b refuses (RCPT, after RSET)". */
void disagree_title(const struct disagreement *d, struct slice a, struct slice b,
                    struct writer *out);

/** Writes the script: the steps up to the one in question, what each said to it, and what the one
 * of them does. */
void disagree_script(const struct disagreement *d, const struct session *a, struct slice a_name,
                     const struct session *b, struct slice b_name, struct writer *out);

#endif
