#include "server/session.h"

#include "smtp/quirk.h"

void session_reset(struct server *s)
{
    s->mail = (struct transaction){.open = false};
}

void session_reset_sender(struct server *s)
{
    s->mail = (struct transaction){.recipients = s->mail.recipients,
                                   .forward_paths_len = s->mail.forward_paths_len,
                                   .rcpt_params_len = s->mail.rcpt_params_len};
}

int64_t session_time(const struct server *s)
{
    return s->config.unix_ms + (int64_t)s->now_ms;
}

/* ---- EHLO, HELO and LHLO (RFC 5321 4.1.1.1, RFC 2033 4.1) ---- */

/* The name, and nothing of what some write behind it (RFC 5321 4.1.1.1). */
static struct slice first_word(struct slice text)
{
    size_t at = 0;
    while (at < text.len && text.ptr[at] != ' ' && text.ptr[at] != '\t')
        at++;
    return slice_sub(text, 0, at);
}

static bool is_ascii(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] > 127)
            return false;
    return true;
}

static bool is_name(const struct server *s, struct slice name, bool extended)
{
    enum smtp_domain_kind kind = smtp_domain_classify(name);
    bool valid =
        smtp_domain_quirks(name, kind, true) == 0 && is_ascii(name) && name.len <= sizeof s->hello;
    if (fault(s, FAULT_EHLO_LITERAL) &&
        (kind == SMTP_DOMAIN_IPV4 || kind == SMTP_DOMAIN_IPV6 || kind == SMTP_DOMAIN_GENERAL))
        return false;
    return valid || (name.len > 0 && name.len <= sizeof s->hello &&
                     fault(s, extended ? FAULT_EHLO_ANY_NAME : FAULT_HELO_ANY_NAME));
}

/* Why a hello is refused; it then changes nothing (RFC 5321 4.1.4). */
static struct refusal check_hello(const struct server *s, const struct smtp_command *command)
{
    bool extended = command->verb != SMTP_VERB_HELO;
    enum fault refused = extended ? FAULT_EHLO_REFUSED : FAULT_HELO_REFUSED;
    struct slice name = first_word(command->argument);
    bool empty_taken = fault(s, extended ? FAULT_EHLO_NO_ARGUMENT : FAULT_HELO_NO_ARGUMENT);
    unsigned code = fault(s, FAULT_EHLO_FAILURE_CODE) ? 554 : 501;
    if (name.len == 0 && !empty_taken)
        return (struct refusal){code, "", "A domain or an address literal is needed"};
    if (name.len > 0 && !is_name(s, name, extended))
        return (struct refusal){code, "", "Neither a domain nor an address literal"};
    if (fault(s, refused))
        return (struct refusal){extended ? 500 : 502, "", "Not here"};
    if (s->greeted && fault(s, FAULT_SECOND_EHLO))
        return (struct refusal){503, "", "Said already"};
    return (struct refusal){0, "", ""};
}

static void hello(struct server *s, const struct smtp_command *command)
{
    bool extended = command->verb != SMTP_VERB_HELO;
    struct slice name = first_word(command->argument);
    struct refusal refusal = check_hello(s, command);
    if (refusal.code != 0 && fault(s, FAULT_REJECTED_EHLO_RESETS))
        session_reset(s);
    if (refusal.code != 0) {
        session_refuse(s, refusal);
        return;
    }
    s->greeted = s->extended = false;
    if (!fault(s, extended ? FAULT_EHLO_KEEPS : FAULT_HELO_KEEPS))
        session_reset(s);
    if (s->hello_len == 0 || !fault(s, FAULT_HELP_OLD_NAME)) {
        s->hello_len = name.len;
        if (name.len > 0)
            memcpy(s->hello, name.ptr, name.len);
    }
    s->extended = extended;
    bool list = (extended || fault(s, FAULT_HELO_EXTENDED)) && extension_any(s);
    if (fault(s, FAULT_ENHANCED_IN_EHLO))
        session_reply_part(s, 250, !list, "2.0.0", "", s->config.host, "");
    else
        session_reply_line(s, 250, !list,
                           fault(s, FAULT_EHLO_NO_DOMAIN) ? SLICE("<welcome>")
                           : fault(s, FAULT_EHLO_U_LABEL) ? SLICE("m\xc3\xbc.example")
                                                          : s->config.host);
    if (list)
        extension_announce(s);
    s->greeted = true;
}

/* ---- the commands without state ---- */

static void rset(struct server *s, const struct smtp_command *command)
{
    (void)command;
    if (fault(s, FAULT_RSET_REFUSED) && !s->mail.open) {
        session_reply(s, 503, "5.5.1", "Nothing to reset");
        return;
    }
    bool chunked = s->mail.chunked;
    if (fault(s, FAULT_RSET_KEEPS_RCPT))
        session_reset_sender(s);
    else if (!fault(s, FAULT_RSET_KEEPS))
        session_reset(s);
    if (chunked && fault(s, FAULT_BDAT_RSET_SILENT))
        return;
    if (fault(s, FAULT_RSET_FORGETS_EHLO))
        s->greeted = s->extended = false;
    if (fault(s, FAULT_RSET_FORGETS_AUTH))
        s->authenticated = false;
    session_reply(s, 250, "2.0.0", "Reset");
    s->closing = fault(s, FAULT_RSET_CLOSES);
}

static void noop(struct server *s, const struct smtp_command *command)
{
    if (fault(s, FAULT_NOOP_RESETS))
        session_reset(s);
    if (fault(s, FAULT_NOOP_ARGUMENT) && command->argument.len > 0)
        session_reply(s, 501, "5.5.4", "NOOP takes no argument");
    else if (fault(s, FAULT_NOOP_REFUSED))
        session_reply(s, 502, "5.5.1", "Not implemented");
    else
        session_reply(s, 250, "2.0.0", "Nothing done");
}

static void quit(struct server *s, const struct smtp_command *command)
{
    (void)command;
    if (fault(s, FAULT_QUIT_IN_MAIL) && s->mail.open) {
        session_reply(s, 503, "5.5.1", "Finish your mail first");
        return;
    }
    if (!fault(s, FAULT_QUIT_SILENT))
        session_reply(s, fault(s, FAULT_QUIT_CODE) ? 250 : 221, "2.0.0", "Closing the connection");
    s->closing = !fault(s, FAULT_QUIT_STAYS);
}

/* RFC 5321 F.6, F.1: what is implemented without being announced is a fault. */
static void obsolete(struct server *s, const struct smtp_command *command)
{
    bool turn = command->verb == SMTP_VERB_TURN;
    if (fault(s, turn ? FAULT_TURN : FAULT_SEND))
        session_reply(s, 250, "2.0.0", "As you like");
    else
        session_reply(s, 502, "5.5.1", "Not implemented");
}

/* RFC 3207 4 */
static void starttls(struct server *s, const struct smtp_command *command)
{
    if (s->secured && !fault(s, FAULT_TLS_OFFERED_TWICE))
        session_reply(s, 503, "5.5.1", "TLS is up already");
    else if (!extension_offered(s, SERVER_STARTTLS))
        session_reply(s, 502, "5.5.1", "No TLS here");
    else if (command->argument.len > 0 && !fault(s, FAULT_TLS_ARGUMENT))
        session_reply(s, 501, "5.5.4", "STARTTLS takes no argument");
    else if (s->config.tls_unavailable) {
        session_reply(s, 454, "4.7.0", "TLS is not available now");
        s->closing = fault(s, FAULT_TLS_FAILURE_CLOSES);
    } else {
        session_reply(s, fault(s, FAULT_TLS_CODE) ? 250 : 220, "2.0.0", "Ready to start TLS");
        s->tls_wanted = !fault(s, FAULT_TLS_NEVER);
    }
}

static void unknown(struct server *s, const struct smtp_command *command)
{
    (void)command;
    unsigned code = fault(s, FAULT_UNKNOWN_VERB) ? 250 : fault(s, FAULT_UNKNOWN_CODE) ? 550 : 500;
    if (fault(s, FAULT_UNKNOWN_RESETS))
        session_reset(s);
    if (fault(s, FAULT_UNKNOWN_FIRST_DIGIT))
        code = 600;
    session_reply(s, code, code == 250 ? "2.0.0" : "5.5.1", "Command not recognized");
    s->closing = fault(s, FAULT_UNKNOWN_CLOSES);
}

/* ---- which command may come when (RFC 5321 4.1.4) ---- */

enum {
    NEEDS_HELLO = 1 << 0, /* EHLO or HELO before */
    NO_ARGUMENT = 1 << 1, /* 501 where one is written (RFC 5321 4.3.2) */
    BEFORE_TLS = 1 << 2,  /* not 530 where TLS is required (RFC 3207 4) */
    BEFORE_AUTH = 1 << 3, /* not 530 where AUTH is required (RFC 4954 6) */
    SMTP_ONLY = 1 << 4,   /* not with LMTP (RFC 2033 4.1) */
    LMTP_ONLY = 1 << 5,   /* */
};

static const struct handler {
    enum smtp_verb verb;
    void (*run)(struct server *s, const struct smtp_command *command);
    unsigned rules;
} handlers[] = {
    {SMTP_VERB_EHLO, hello, BEFORE_TLS | BEFORE_AUTH | SMTP_ONLY},
    {SMTP_VERB_HELO, hello, BEFORE_AUTH | SMTP_ONLY},
    {SMTP_VERB_LHLO, hello, BEFORE_TLS | BEFORE_AUTH | LMTP_ONLY},
    {SMTP_VERB_MAIL, mail_begin, NEEDS_HELLO},
    {SMTP_VERB_RCPT, mail_recipient, NEEDS_HELLO},
    {SMTP_VERB_DATA, message_data, NEEDS_HELLO | NO_ARGUMENT},
    {SMTP_VERB_BDAT, message_bdat, NEEDS_HELLO},
    {SMTP_VERB_RSET, rset, NO_ARGUMENT | BEFORE_AUTH},
    {SMTP_VERB_VRFY, query_vrfy, 0},
    {SMTP_VERB_EXPN, query_expn, 0},
    {SMTP_VERB_HELP, query_help, 0},
    {SMTP_VERB_ETRN, query_etrn, NEEDS_HELLO},
    {SMTP_VERB_NOOP, noop, BEFORE_TLS | BEFORE_AUTH},
    {SMTP_VERB_QUIT, quit, NO_ARGUMENT | BEFORE_TLS | BEFORE_AUTH},
    {SMTP_VERB_STARTTLS, starttls, NEEDS_HELLO | BEFORE_TLS | BEFORE_AUTH},
    {SMTP_VERB_AUTH, auth_begin, NEEDS_HELLO | BEFORE_AUTH},
    {SMTP_VERB_XCLIENT, xclient_take, BEFORE_AUTH},
    {SMTP_VERB_SEND, obsolete, 0},
    {SMTP_VERB_SOML, obsolete, 0},
    {SMTP_VERB_SAML, obsolete, 0},
    {SMTP_VERB_TURN, obsolete, 0},
    {SMTP_VERB_UNKNOWN, unknown, BEFORE_TLS | BEFORE_AUTH},
};

static const struct handler *handler_of(const struct server *s, enum smtp_verb verb)
{
    bool lmtp = s->config.mode == SERVER_LMTP;
    for (const struct handler *h = handlers; h->verb != SMTP_VERB_UNKNOWN; h++) {
        bool hidden = lmtp ? (h->rules & SMTP_ONLY) != 0 && !fault(s, FAULT_LMTP_EHLO)
                           : (h->rules & LMTP_ONLY) != 0 && !fault(s, FAULT_LHLO_ON_SMTP);
        if (h->verb == verb && !hidden)
            return h;
    }
    return &handlers[sizeof handlers / sizeof *handlers - 1];
}

static bool has_rule(const struct handler *h, unsigned rule)
{
    return (h->rules & rule) != 0;
}

/* RFC 3207 4: TLS is required. */
static bool needs_tls(const struct server *s, const struct handler *h)
{
    bool required = s->config.require_tls ||
                    (s->config.mode == SERVER_MX && fault(s, FAULT_TLS_REQUIRED_OF_ALL));
    return required && !s->secured && !fault(s, FAULT_TLS_NOT_REQUIRED) &&
           (!has_rule(h, BEFORE_TLS) ||
            (h->verb == SMTP_VERB_NOOP && fault(s, FAULT_TLS_REQUIRED_FOR_NOOP)));
}

/* RFC 6409 4.3: AUTH is required. */
static bool needs_auth(const struct server *s, const struct handler *h)
{
    return s->config.mode == SERVER_SUBMISSION && !s->authenticated &&
           !fault(s, FAULT_AUTH_NOT_REQUIRED) &&
           (!has_rule(h, BEFORE_AUTH) ||
            (h->verb != SMTP_VERB_AUTH && h->verb != SMTP_VERB_EHLO && h->verb != SMTP_VERB_QUIT &&
             h->verb != SMTP_VERB_STARTTLS && fault(s, FAULT_AUTH_REQUIRED_FOR_NOOP)));
}

static struct refusal check_sequence(struct server *s, const struct handler *h,
                                     const struct smtp_command *command)
{
    bool exempt = fault(s, FAULT_MAIL_BEFORE_EHLO) ||
                  (h->verb == SMTP_VERB_AUTH && fault(s, FAULT_AUTH_BEFORE_EHLO));
    bool early = has_rule(h, NEEDS_HELLO) && !s->greeted && !exempt;
    bool early_too = !s->greeted && h->run != hello && h->verb != SMTP_VERB_UNKNOWN &&
                     fault(s, FAULT_EHLO_BEFORE_ALL);
    bool argument =
        has_rule(h, NO_ARGUMENT) && command->argument.len > 0 && !fault(s, FAULT_UNWANTED_ARGUMENT);
    if (needs_tls(s, h))
        return (struct refusal){fault(s, FAULT_TLS_REQUIRED_CODE) ? 554 : 530, "5.7.0",
                                "Must issue a STARTTLS command first"};
    if (needs_auth(s, h))
        return (struct refusal){fault(s, FAULT_AUTH_REQUIRED_CODE) ? 554 : 530, "5.7.0",
                                "Authentication required"};
    if (early && h->run == starttls && fault(s, FAULT_TLS_BEFORE_EHLO))
        return (struct refusal){250, "2.0.0", "Say EHLO first"};
    if (early || early_too)
        return (struct refusal){503, "5.5.1", "EHLO or HELO comes first"};
    if (argument)
        return (struct refusal){501, "5.5.4", "This command takes no argument"};
    return (struct refusal){0, "", ""};
}

/* Behind a BDAT that is refused its chunk comes all the same (RFC 3030 2). */
static void refuse_command(struct server *s, const struct smtp_command *command,
                           struct refusal refusal)
{
    if (command->verb == SMTP_VERB_BDAT)
        message_refuse_bdat(s, command, refusal);
    else
        session_refuse(s, refusal);
}

/* After a greeting of 554 or 521 (RFC 5321 3.1, RFC 7504 3). */
static bool turned_away(struct server *s, const struct smtp_command *command)
{
    bool refusing = s->config.mode == SERVER_REFUSING;
    if (s->config.mode != SERVER_REJECTING && !refusing)
        return false;
    if (command->verb == SMTP_VERB_QUIT || fault(s, FAULT_REJECTING_SERVES))
        return false;
    if (fault(s, FAULT_REJECTING_CLOSES))
        s->closing = true;
    else
        refuse_command(s, command,
                       refusing ? (struct refusal){521, "5.3.2", "No mail here"}
                                : (struct refusal){503, "5.5.1", "No mail here"});
    return true;
}

static void run(struct server *s, const struct smtp_command *command)
{
    const struct handler *handler = handler_of(s, command->verb);
    struct refusal refusal = check_sequence(s, handler, command);
    if (refusal.code != 0)
        refuse_command(s, command, refusal);
    else
        handler->run(s, command);
}

/* ---- lines that are no commands ---- */

/* The faults that take a line of MAIL or RCPT as it is. */
static bool takes_anyway(const struct server *s, int error)
{
    static const struct {
        int error;
        enum fault fault;
    } rows[] = {
        {SMTP_COMMAND_NO_FROM, FAULT_MAIL_SYNTAX},
        {SMTP_COMMAND_NO_TO, FAULT_RCPT_SYNTAX},
        {SMTP_COMMAND_PATH_ERROR(SMTP_PATH_EMPTY), FAULT_EMPTY_PATH},
        {SMTP_COMMAND_PATH_ERROR(SMTP_PATH_UNCLOSED), FAULT_UNCLOSED_PATH},
        {SMTP_COMMAND_PATH_ERROR(SMTP_PATH_UNCLOSED_QUOTE), FAULT_UNCLOSED_QUOTE},
        {SMTP_COMMAND_PATH_ERROR(SMTP_PATH_BAD_DOMAIN), FAULT_TWO_AT},
        {SMTP_COMMAND_PATH_ERROR(SMTP_PATH_TRAILING), FAULT_GLUED_PARAMETER},
        {SMTP_COMMAND_PATH_ERROR(SMTP_PATH_BAD_LOCAL_PART), FAULT_CONTROL_IN_PATH},
        {SMTP_COMMAND_PATH_ERROR(SMTP_PATH_EMPTY_LOCAL_PART), FAULT_EMPTY_LOCAL_PART},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].error == error && fault(s, rows[i].fault))
            return true;
    return false;
}

/* RFC 3030 2: of a wrong chunk-size or end-marker, what to do with the octets behind it is unsaid.
 */
static bool takes_bad_chunk(struct server *s, struct slice line, int error)
{
    bool size = error == SMTP_COMMAND_BAD_SIZE && fault(s, FAULT_BDAT_ANY_SIZE);
    bool last = error == SMTP_COMMAND_BAD_LAST && fault(s, FAULT_BDAT_ANY_MARKER);
    if (!slice_starts_nocase(line, SLICE("BDAT")) || (!size && !last))
        return false;
    session_reply(s, 250, "2.0.0", "Chunk taken");
    return true;
}

/* What a line is instead of a command decides the code. */
static void refuse(struct server *s, struct slice line, int error)
{
    s->closing = fault(s, FAULT_SYNTAX_CLOSES);
    struct slice text = slice_trim(line);
    bool mail = slice_starts_nocase(text, SLICE("MAIL")),
         rcpt = slice_starts_nocase(text, SLICE("RCPT"));
    if ((mail || rcpt) && takes_anyway(s, error)) {
        if (mail)
            mail_open(s, SLICE(""), SLICE(""));
        session_reply(s, 250, "2.1.0", "Taken as it is");
    } else if (takes_bad_chunk(s, text, error)) {
        return;
    } else if (mail || rcpt) {
        if (mail && fault(s, FAULT_REJECTED_MAIL_OPENS))
            mail_open(s, SLICE(""), SLICE(""));
        session_reply(s, fault(s, FAULT_SYNTAX_CODE) ? 550 : 501, mail ? "5.1.7" : "5.1.3",
                      "Syntax error in the path");
    } else {
        session_reply(s, fault(s, FAULT_SYNTAX_CODE) ? 550 : 501, "5.5.4",
                      smtp_command_error_text(error));
    }
}

static bool is_upper(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (slice_upper(name.ptr[i]) != name.ptr[i])
            return false;
    return true;
}

/* The fault of reading FROM: and TO: as written. */
static bool written_small(const struct server *s, const struct smtp_command *command)
{
    size_t colon = slice_find(command->argument, ':');
    bool envelope = command->verb == SMTP_VERB_MAIL || command->verb == SMTP_VERB_RCPT;
    return envelope && fault(s, FAULT_KEYWORD_CASE) &&
           !is_upper(slice_sub(command->argument, 0, colon));
}

/* Octets and white space that no command may hold, or not there; 0 where all is well. */
static struct refusal check_octets(const struct server *s, const struct smtp_command *command)
{
    unsigned code = command->verb == SMTP_VERB_UNKNOWN ? 500 : 501;
    bool envelope = command->verb == SMTP_VERB_MAIL || command->verb == SMTP_VERB_RCPT;
    if (command->quirks & (QUIRK_NUL | QUIRK_CONTROL | QUIRK_BARE_CR) &&
        !fault(s, FAULT_CONTROL_IN_COMMAND))
        return (struct refusal){code, "5.5.2", "An octet that no command may hold"};
    if (command->quirks & SMTP_QUIRK_LEADING_SPACE && !fault(s, FAULT_LEADING_SPACE))
        return (struct refusal){500, "5.5.2", "White space before the command"};
    if (command->quirks & SMTP_QUIRK_TRAILING_SPACE && fault(s, FAULT_TRAILING_SPACE))
        return (struct refusal){501, "5.5.2", "White space behind the command"};
    if (envelope && command->quirks & SMTP_QUIRK_EXTRA_SPACE && !fault(s, FAULT_EXTRA_SPACE))
        return (struct refusal){501, "5.5.2", "One space stands between words"};
    if (written_small(s, command))
        return (struct refusal){501, "5.5.4", "FROM: and TO: are written large"};
    return (struct refusal){0, "", ""};
}

/* What the faults of command lines make of a line before it is read. */
static struct slice spoil(const struct server *s, struct slice line)
{
    size_t nul = slice_find(line, '\0');
    if (nul < line.len && fault(s, FAULT_NUL_ENDS_COMMAND))
        return slice_sub(line, 0, nul);
    while (line.len > 2 && line.ptr[0] < ' ' && fault(s, FAULT_CONTROL_SKIPPED))
        line = slice_from(line, 1);
    while (line.len > 0 && line.ptr[0] > 127 && fault(s, FAULT_EIGHT_BIT_SKIPPED))
        line = slice_from(line, 1 + (size_t)(line.ptr[0] == 255 && line.len > 1));
    return line;
}

static void run_line(struct server *s, struct slice line)
{
    struct smtp_command command;
    struct parse_result result = smtp_command_parse(line, SESSION_COMMAND_OCTETS, &command);
    if (result.status == PARSE_MORE) { /* a fault took the line's end away */
        session_reply(s, 250, "2.0.0", "Taken as it is");
        return;
    }
    if (result.status != PARSE_OK) {
        refuse(s, line, result.error);
        return;
    }
    if (fault(s, FAULT_VERB_CASE) && !is_upper(command.name))
        command.verb = SMTP_VERB_UNKNOWN;
    struct refusal refusal = check_octets(s, &command);
    if (command.name.len == 0 && fault(s, FAULT_EMPTY_LINE_CLOSES))
        s->closing = true;
    else if (turned_away(s, &command))
        return;
    else if (refusal.code != 0)
        refuse_command(s, &command, refusal);
    else
        run(s, &command);
}

void session_command(struct server *s, struct slice line)
{
    line = spoil(s, line);
    s->withheld = false;
    if (++s->commands == 100 && fault(s, FAULT_HUNDRED_CLOSES)) {
        s->closing = true;
        return;
    }
    if (slice_find(line, '\n') + 1 < line.len) {
        session_reply(s, 500, "5.5.2", "LF without CR ends no line");
        return;
    }
    if (line.len > 100 && fault(s, FAULT_SHORT_COMMAND_LINE)) {
        session_reply(s, 500, "5.5.2", "Line too long");
        return;
    }
    run_line(s, line);
}
