#include "campaign/shadow.h"

#include "base/utf8.h"
#include "campaign/account.h"
#include "smtp/ehlo.h"
#include "smtp/quirk.h"

/* clang-format off */
const struct oracle_row oracle_rows[ORACLE_COUNT] = {
    [ORACLE_NONE] = {"none", "", "", "nothing is wrong"},
    [ORACLE_REPLY_GRAMMAR] = {"reply-grammar", "RFC 5321 4.2", "medium", "what the server says is no reply"},
    [ORACLE_REPLY_MIXED_CODES] = {"reply-mixed-codes", "RFC 5321 4.2.1", "medium", "the lines of one reply have different codes"},
    [ORACLE_REPLY_CODE_RANGE] = {"reply-code-range", "RFC 5321 4.2", "low", "a reply code is outside the grammar"},
    [ORACLE_REPLY_LINE_ENDING] = {"reply-line-ending", "RFC 5321 2.3.8", "low", "a reply holds a CR or LF that is not part of CRLF"},
    [ORACLE_REPLY_CONTROL] = {"reply-control", "RFC 5321 4.2", "low", "a reply holds control octets"},
    [ORACLE_REPLY_EIGHT_BIT] = {"reply-eight-bit", "RFC 5321 4.2", "low", "a reply holds octets beyond ASCII"},
    [ORACLE_REPLY_LONG_LINE] = {"reply-long-line", "RFC 5321 4.5.3.1.5", "low", "a line of a reply is longer than 512 octets"},
    [ORACLE_REPLY_STATUS_CLASS] = {"reply-status-class", "RFC 2034 4", "low", "an enhanced status code is of another class than its reply"},
    [ORACLE_EXTRA_REPLY] = {"extra-reply", "RFC 5321 4.2", "high", "one command gets more than one reply"},
    [ORACLE_BARE_CR] = {"bare-cr", "RFC 5321 2.3.8", "medium", "CR without LF ends a command"},
    [ORACLE_NO_REPLY] = {"no-reply", "RFC 5321 4.2", "medium", "a command gets no reply"},
    [ORACLE_PIPELINED_NO_REPLY] = {"pipelined-no-reply", "RFC 2920 3.2", "medium", "of commands that leave in one write, one gets no reply"},
    [ORACLE_PIECES] = {"pieces", "RFC 5321 2.3.8", "medium", "a line that comes in pieces is not read as one"},
    [ORACLE_CLOSED] = {"closed", "RFC 5321 3.8", "medium", "the session ends with neither a reply nor 421"},
    [ORACLE_BEHIND_QUIT] = {"behind-quit", "RFC 5321 4.1.1.10", "low", "what comes behind QUIT is answered"},
    [ORACLE_RCPT_WITHOUT_MAIL] = {"rcpt-without-mail", "RFC 5321 4.1.4", "medium", "RCPT is taken where there is no transaction"},
    [ORACLE_MESSAGE_WITHOUT_RCPT] = {"message-without-rcpt", "RFC 5321 3.3", "medium", "a message is taken that has no recipient"},
    [ORACLE_BDAT_WITHOUT_RCPT] = {"bdat-without-rcpt", "RFC 3030 2", "medium", "a chunk is taken where there is no recipient"},
    [ORACLE_NESTED_MAIL] = {"nested-mail", "RFC 5321 4.1.4", "low", "MAIL is taken inside a transaction"},
    [ORACLE_OUT_OF_SEQUENCE] = {"out-of-sequence", "RFC 5321 4.1.4", "medium", "a command that is in its sequence is refused as out of it"},
    [ORACLE_AUTH_IN_MAIL] = {"auth-in-mail", "RFC 4954 4", "medium", "AUTH is taken inside a transaction"},
    [ORACLE_AUTH_TWICE] = {"auth-twice", "RFC 4954 4", "medium", "AUTH is taken by a session that is authenticated"},
    [ORACLE_AUTH_ANSWER_RUN] = {"auth-answer-run", "RFC 4954 4", "medium", "what answers a challenge of AUTH is run as a command"},
    [ORACLE_AUTH_BYPASSED] = {"auth-bypassed", "RFC 4954 6", "high", "MAIL that wanted AUTH is taken, and AUTH did not succeed"},
    [ORACLE_AUTH_NO_PASSWORD] = {"auth-no-password", "RFC 4954 4", "high", "AUTH succeeds without a password"},
    [ORACLE_AUTH_WRONG_PASSWORD] = {"auth-wrong-password", "RFC 4954 4", "high", "AUTH succeeds with what is made up"},
    [ORACLE_END_OF_DATA] = {"end-of-data", "RFC 5321 4.1.1.4", "high", "a message ends before CRLF . CRLF was sent"},
    [ORACLE_CHUNK_RUN] = {"chunk-run", "RFC 3030 2", "high", "octets of a chunk are run as commands"},
    [ORACLE_TLS_INJECTION] = {"starttls-injection", "RFC 3207 4.2", "high", "plain text behind STARTTLS is run under TLS, as in CVE-2011-0411"},
    [ORACLE_TLS_STATE] = {"starttls-state", "RFC 3207 4.2", "medium", "a transaction from before TLS goes on under it"},
    [ORACLE_TLS_IN_CLEAR] = {"starttls-in-clear", "RFC 3207 4", "medium", "plain text is answered where TLS has to begin"},
    [ORACLE_TLS_AGAIN] = {"starttls-again", "RFC 3207 4.2", "low", "STARTTLS is announced under TLS"},
    [ORACLE_SESSION_LEAK] = {"session-leak", "RFC 5321 3.1", "high", "a reply holds words of another session"},
    [ORACLE_STALE_WORDS] = {"stale-words", "RFC 5321 4.1.4", "low", "a reply holds words from before EHLO"},
    [ORACLE_CRASH] = {"crash", "RFC 5321 7.8", "high", "the server dies"},
    [ORACLE_HANG] = {"hang", "RFC 5321 7.8", "high", "the server answers nobody any more"},
    [ORACLE_SANITIZER] = {"sanitizer", "RFC 5321 7.8", "high", "a sanitizer reports an error of the server"},
};
/* clang-format on */

const char *shadow_since_text(enum shadow_since since)
{
    static const char *const texts[] = {
        "at the start",    "after EHLO",           "after RSET",     "after a message",
        "after a refusal", "after the last chunk", "after STARTTLS", "after MAIL"};
    return texts[since];
}

static void end_transaction(struct shadow *s, enum shadow_since since)
{
    s->mail = s->rcpt = s->several = s->open = s->received = s->chunk = false;
    s->since = since;
}

/* RFC 5321 4.2.3: the server closes, whatever it was asked. Postfix says 221 to who speaks HTTP. */
static bool closes(unsigned code)
{
    return code == 221 || code == 421 || code == 521;
}

static bool is_utf8(struct slice octets)
{
    size_t len = 1;
    for (; octets.len > 0 && len > 0; octets = slice_from(octets, len))
        len = base_utf8_sequence(octets);
    return len > 0;
}

/* How the reply is written. RFC 6531 3.7.4: UTF-8 is for who asked for it. */
static enum oracle judge_form(const struct shadow *s, const struct smtp_reply *reply)
{
    bool owes = s->statuses && !s->lost && reply->code / 100 != 3;
    const struct {
        bool wrong;
        enum oracle oracle;
    } rows[] = {
        {reply->quirks & QUIRK_EIGHT_BIT && !(s->utf8 && is_utf8(reply->raw)),
         ORACLE_REPLY_EIGHT_BIT},
        {reply->quirks & SMTP_QUIRK_CODE_RANGE, ORACLE_REPLY_CODE_RANGE},
        {reply->quirks & (QUIRK_BARE_LF | QUIRK_BARE_CR), ORACLE_REPLY_LINE_ENDING},
        {reply->quirks & (QUIRK_NUL | QUIRK_CONTROL), ORACLE_REPLY_CONTROL},
        {owes && reply->quirks & SMTP_QUIRK_ENHANCED_CLASS, ORACLE_REPLY_STATUS_CLASS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].wrong && (s->passed >> rows[i].oracle & 1) == 0)
            return rows[i].oracle;
    return ORACLE_NONE;
}

/* RFC 5321 4.1.4: 503 is for what is out of order. Whether a command is not, what was taken before
 * it says: a transaction goes on until something ends it (4.1.1.5, 4.1.1.4), behind each message
 * and RSET another may begin, and behind a chunk another comes (RFC 3030 2). */
static enum oracle judge_order(const struct dialogue_unit *unit, unsigned code, bool in_order)
{
    bool plain = unit->readable && unit->command.quirks == 0;
    return code == 503 && in_order && plain ? ORACLE_OUT_OF_SEQUENCE : ORACLE_NONE;
}

/* RFC 5321 4.1.1.2, 4.1.4 */
static enum oracle reply_to_mail(struct shadow *s, const struct dialogue_unit *unit, unsigned code)
{
    struct slice said = unit->octets;
    bool accepted = code / 100 == 2;
    /* RFC 4954 6: 530 is for want of AUTH; who may do without is told by the sender at most. */
    bool bypassed = accepted && !s->authenticated && slice_equal(s->wants_auth, said);
    bool in_order = !s->mail && slice_equal(said, s->mail_taken);
    enum oracle oracle = bypassed              ? ORACLE_AUTH_BYPASSED
                         : accepted && s->open ? ORACLE_NESTED_MAIL
                                               : judge_order(unit, code, in_order);
    s->wants_auth = code == 530 ? said : s->wants_auth;
    if (accepted) {
        s->mail = s->open = true;
        s->mail_taken = said;
        s->rcpt = s->several = s->received = false;
        s->binary = slice_holds_nocase(unit->command.params, SLICE("BINARYMIME"));
        s->since = SHADOW_SINCE_MAIL;
    }
    return oracle;
}

/* RFC 5321 3.3, 4.1.4 */
static enum oracle reply_to_rcpt(struct shadow *s, const struct dialogue_unit *unit, unsigned code)
{
    bool accepted = code / 100 == 2;
    bool in_order = s->open && slice_equal(unit->octets, s->rcpt_taken);
    enum oracle oracle = !accepted                           ? judge_order(unit, code, in_order)
                         : s->mail                           ? ORACLE_NONE
                         : s->since == SHADOW_SINCE_STARTTLS ? ORACLE_TLS_STATE
                                                             : ORACLE_RCPT_WITHOUT_MAIL;
    s->several = s->several || (s->rcpt && accepted);
    s->rcpt = s->rcpt || accepted;
    s->rcpt_taken = accepted ? unit->octets : s->rcpt_taken;
    s->received = s->received || (s->open && accepted);
    return oracle;
}

/* RFC 2033 4.2: an LMTP server, which nobody may have greeted, has a reply for each of several
 * recipients. */
static void end_message(struct shadow *s, enum shadow_since since)
{
    s->lost = s->lost || (s->several && !s->greeted);
    end_transaction(s, since);
}

/* RFC 3030 2: what a refused chunk leaves behind, it does not say. */
static enum oracle reply_to_bdat(struct shadow *s, const struct dialogue_unit *unit, unsigned code)
{
    bool accepted = code / 100 == 2;
    bool in_order = s->flows || (s->open && s->received && s->chunking);
    enum oracle oracle = judge_order(unit, code, in_order);
    s->open = false;
    if (accepted && !s->rcpt)
        return ORACLE_BDAT_WITHOUT_RCPT;
    s->chunk = s->chunk || accepted;
    if (!accepted)
        s->mail_taken = slice_of(NULL, 0); /* Postfix wants RSET, or more, behind it */
    s->flows = s->chunking && accepted && !unit->command.last;
    if (accepted && unit->command.last)
        end_message(s, SHADOW_SINCE_CHUNK);
    bool known = s->chunking && code != 500 && code != 502;
    s->lost = s->lost || (!accepted && unit->command.chunk_octets > 0 && !known);
    return oracle;
}

/* RFC 4954 4: 235 says that the client has proved who it is. "=" is an empty response. */
static enum oracle judge_proof(const struct shadow *s, struct slice response, unsigned code)
{
    bool empty = response.len == 0 || slice_equal(response, SLICE("="));
    enum account_proof proof = empty && s->shows ? ACCOUNT_NOTHING : account_proof(response);
    return code != 235                ? ORACLE_NONE
           : proof == ACCOUNT_NOTHING ? ORACLE_AUTH_NO_PASSWORD
           : proof == ACCOUNT_FALSE   ? ORACLE_AUTH_WRONG_PASSWORD
                                      : ORACLE_NONE;
}

/* RFC 4954 4: 503 is owed to AUTH inside a transaction, and to a second one that follows a success.
 * A challenge (334) takes the command too. */
static enum oracle reply_to_auth(struct shadow *s, const struct dialogue_unit *unit, unsigned code)
{
    const struct smtp_command *command = &unit->command;
    bool taken = code / 100 == 2 || code == 334;
    struct smtp_ehlo_keyword announced = {.params = s->mechanisms};
    bool in_order = s->proved && !s->mail && smtp_ehlo_has_param(&announced, command->mechanism);
    s->shows = slice_equal_nocase(command->mechanism, SLICE("PLAIN")) ||
               slice_equal_nocase(command->mechanism, SLICE("LOGIN"));
    enum oracle proof = judge_proof(s, command->initial_response, code);
    enum oracle oracle = proof != ORACLE_NONE        ? proof
                         : taken && s->open          ? ORACLE_AUTH_IN_MAIL
                         : taken && s->authenticated ? ORACLE_AUTH_TWICE
                                                     : judge_order(unit, code, in_order);
    s->authenticated = s->authenticated || code == 235;
    s->proved = false;
    return oracle;
}

/* RFC 4954 4: 235, or the exchange goes on, or it failed. Whatever else is taken was a command. */
static enum oracle reply_to_answer(struct shadow *s, struct slice answer, unsigned code)
{
    s->authenticated = s->authenticated || code == 235;
    if (code == 235)
        return judge_proof(s, slice_sub(answer, 0, answer.len - 2), code); /* without its CRLF */
    if (code == 334 || code / 100 > 3)
        return ORACLE_NONE;
    s->lost = true;
    return ORACLE_AUTH_ANSWER_RUN;
}

static bool announces(const struct smtp_reply *reply, struct slice keyword)
{
    struct slice rest = reply->raw;
    struct smtp_reply_line line;
    while (smtp_reply_line_next(&rest, &line))
        if (slice_equal_nocase(slice_trim(line.text), keyword))
            return true;
    return false;
}

/* What the client has proved, or may do, no reply before says. */
static void forget_who(struct shadow *s)
{
    s->authenticated = false;
    s->mechanisms = s->mail_taken = s->rcpt_taken = s->wants_auth = slice_of(NULL, 0);
}

static enum oracle reply_to_command(struct shadow *s, const struct dialogue_unit *unit,
                                    const struct smtp_reply *reply)
{
    bool accepted = reply->code / 100 == 2;
    struct smtp_ehlo_keyword auth;
    switch (unit->command.verb) {
    case SMTP_VERB_EHLO:
    case SMTP_VERB_HELO:
        s->chunking = accepted && announces(reply, SLICE("CHUNKING"));
        s->pipelining = accepted && announces(reply, SLICE("PIPELINING"));
        s->statuses = accepted && announces(reply, SLICE("ENHANCEDSTATUSCODES"));
        s->open = false; /* what a refused one leaves is not judged, */
        forget_who(s);   /* nor whether a server forgets who it talks to */
        s->greeted = s->greeted || accepted;
        if (accepted) {
            end_transaction(s, SHADOW_SINCE_EHLO);
            if (smtp_ehlo_find(reply, SLICE("AUTH"), &auth))
                s->mechanisms = auth.params;
        }
        return accepted && s->secured && announces(reply, SLICE("STARTTLS")) ? ORACLE_TLS_AGAIN
                                                                             : ORACLE_NONE;
    case SMTP_VERB_LHLO: /* then a message has a reply for each recipient (RFC 2033 4.2) */
        s->lost = s->lost || accepted;
        return ORACLE_NONE;
    case SMTP_VERB_RSET:
        s->open = false;
        if (accepted)
            end_transaction(s, SHADOW_SINCE_RSET);
        return ORACLE_NONE;
    case SMTP_VERB_MAIL:
        return reply_to_mail(s, unit, reply->code);
    case SMTP_VERB_RCPT:
        return reply_to_rcpt(s, unit, reply->code);
    case SMTP_VERB_BDAT:
        return reply_to_bdat(s, unit, reply->code);
    case SMTP_VERB_NOOP:
    case SMTP_VERB_VRFY:
    case SMTP_VERB_EXPN:
    case SMTP_VERB_HELP:
    case SMTP_VERB_UNKNOWN:
        return ORACLE_NONE;
    case SMTP_VERB_AUTH:
        return reply_to_auth(s, unit, reply->code);
    case SMTP_VERB_DATA: {
        bool in_order = s->open && s->received && !s->binary;
        s->open = false;
        return judge_order(unit, reply->code, in_order);
    }
    case SMTP_VERB_QUIT:
    case SMTP_VERB_STARTTLS: /* what comes then is no plain text: shadow_secured */
        s->over = s->over || accepted;
        s->open = false;
        return ORACLE_NONE;
    default: /* SEND, XCLIENT, BURL, ...: what they change is between the two sides */
        s->lost = s->lost || accepted;
        return ORACLE_NONE;
    }
}

static enum oracle reply_to_message(struct shadow *s, unsigned code)
{
    bool accepted = code / 100 == 2;
    if (accepted && !s->rcpt)
        return ORACLE_MESSAGE_WITHOUT_RCPT;
    end_message(s, accepted ? SHADOW_SINCE_MESSAGE : SHADOW_SINCE_REFUSED_MESSAGE);
    return ORACLE_NONE;
}

/* RFC 5321 4.1.1.10: the server closes behind its reply. */
static enum oracle judge_behind_quit(struct shadow *s, const struct dialogue_unit *unit,
                                     unsigned code)
{
    bool judged = s->quit && unit->certain && !closes(code);
    s->quit = false;
    return judged ? ORACLE_BEHIND_QUIT : ORACLE_NONE;
}

enum oracle shadow_reply(struct shadow *s, const struct dialogue_unit *unit,
                         const struct smtp_reply *reply)
{
    if (s->over)
        return judge_behind_quit(s, unit, reply->code);
    enum oracle oracle = judge_form(s, reply);
    if (oracle != ORACLE_NONE)
        return oracle;
    if (unit->kind == DIALOGUE_GREETING) {
        s->over = reply->code / 100 != 2;
        return ORACLE_NONE;
    }
    /* A long line that is refused was one command, and did nothing (RFC 5321 4.5.3.1.9). */
    bool refused = unit->single && reply->code / 100 > 3;
    s->bare_cr = unit->bare_cr && !s->lost;
    s->flows = s->flows && unit->kind == DIALOGUE_COMMAND && unit->command.verb == SMTP_VERB_BDAT;
    s->lost = s->lost || (!unit->certain && !refused);
    s->quit =
        unit->readable && unit->command.verb == SMTP_VERB_QUIT && reply->code == 221 && !s->lost;
    s->over = s->over || closes(reply->code);
    s->open = s->open && !refused;
    if (s->lost || s->over || refused)
        return ORACLE_NONE;
    if (unit->kind == DIALOGUE_MESSAGE)
        return reply_to_message(s, reply->code);
    if (unit->kind == DIALOGUE_ANSWER)
        return reply_to_answer(s, unit->octets, reply->code);
    /* A command that is taken though nobody knows it, or can read it, might be any: RSETX, RSET. */
    bool known = unit->readable && unit->command.verb != SMTP_VERB_UNKNOWN;
    s->lost = s->lost || (!known && reply->code / 100 == 2);
    return s->lost ? ORACLE_NONE : reply_to_command(s, unit, reply);
}

bool shadow_long(const struct shadow *s, const struct dialogue_unit *unit,
                 const struct smtp_reply *reply)
{
    return (reply->quirks & QUIRK_LONG_LINE) != 0 && unit->certain && !s->lost && !s->over;
}

void shadow_secured(struct shadow *s, bool injects)
{
    s->over = false;
    s->secured = true;
    s->injected = injects;
    s->proved = s->authenticated;
    s->flows = s->chunking = s->pipelining = s->statuses = false; /* until EHLO says more */
    forget_who(s);
    end_transaction(s, injects ? s->since : SHADOW_SINCE_STARTTLS);
}

/* RFC 3207 4.2. A server that closes, and says so, or says that this is no place for more, has run
 * nothing; nor has one that greets once more. */
static enum oracle judge_boundary(struct shadow *s, unsigned code)
{
    if (s->lost || closes(code) || code == 554 || code == 220)
        return ORACLE_NONE;
    s->over = true;
    return s->injected ? ORACLE_TLS_INJECTION : code / 100 < 4 ? ORACLE_TLS_IN_CLEAR : ORACLE_NONE;
}

enum oracle shadow_further(struct shadow *s, const struct dialogue_unit *unit,
                           const struct smtp_reply *reply)
{
    if (s->injected || s->in_clear)
        return judge_boundary(s, reply->code);
    bool split = s->bare_cr && unit->bare_cr && !s->over && !closes(reply->code);
    s->bare_cr = false;
    if (split)
        return ORACLE_BARE_CR;
    /* 421 may come at any time (RFC 5321 3.8), and with it whatever ends a session. */
    bool clear = unit->certain || unit->single;
    s->lost = s->lost || !clear;
    if (s->over || s->lost || closes(reply->code))
        return ORACLE_NONE;
    bool chunk = unit->command.verb == SMTP_VERB_BDAT && unit->kind == DIALOGUE_COMMAND;
    s->lost = true;
    return chunk && unit->command.chunk_octets > 0 ? ORACLE_CHUNK_RUN : ORACLE_EXTRA_REPLY;
}

enum oracle shadow_early(struct shadow *s, const struct smtp_reply *reply)
{
    bool judged = !s->over && (!s->lost || s->early) && !closes(reply->code);
    bool second = s->early;
    /* It may refuse before the end, and wait for that or close; then it is lost. What it says
     * behind that answers what is no command. */
    s->early = s->early || !s->lost;
    s->lost = true;
    s->over = s->over || closes(reply->code);
    return judged && (second || reply->code / 100 == 2) ? ORACLE_END_OF_DATA : ORACLE_NONE;
}

enum oracle shadow_silence(struct shadow *s, const struct dialogue_unit *unit, bool closed,
                           bool leaves)
{
    bool greeting = unit->kind == DIALOGUE_GREETING; /* a server that is busy may just close */
    /* Odd octets, or too many, may make it close, too; but not wait for more. */
    bool owed = unit->certain || (unit->single && !closed);
    /* What went along with STARTTLS, or with BDAT where that is not known, is lines: half of one
     * may keep the reply back until it is whole, as in smtp-sink. */
    bool lines = unit->injects || (unit->kind == DIALOGUE_COMMAND && !s->chunking &&
                                   unit->command.verb == SMTP_VERB_BDAT);
    if (lines && unit->octets.ptr[unit->octets.len - 1] != '\n')
        owed = false;
    bool judged = !s->over && !s->lost && owed && !greeting && !leaves;
    s->over = true;
    return !judged ? ORACLE_NONE : closed ? ORACLE_CLOSED : ORACLE_NO_REPLY;
}

enum oracle shadow_malformed(struct shadow *s, int error)
{
    bool judged = !s->over && !s->lost; /* the server may have been led into TLS */
    s->over = true;
    if (!judged || error == SMTP_REPLY_TOO_LONG || error == SMTP_REPLY_LINE_TOO_LONG)
        return ORACLE_NONE;
    return error == SMTP_REPLY_MIXED_CODES ? ORACLE_REPLY_MIXED_CODES : ORACLE_REPLY_GRAMMAR;
}
