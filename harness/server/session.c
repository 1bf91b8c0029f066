#include "server/session.h"

#include "smtp/quirk.h"

/* ---- replies
 * ------------------------------------------------------------------------------------------ */

void session_reply_line(struct server *s, unsigned code, bool last, struct slice text)
{
    struct writer w = writer_of(s->output + s->output_len, sizeof s->output - s->output_len);
    writer_put_number(&w, code);
    writer_put_octet(&w, last ? ' ' : '-');
    writer_put(&w, text);
    writer_put(&w, SLICE("\r\n"));
    s->output_len += w.overflow ? 0 : w.len; /* server_receive keeps SESSION_REPLY_OCTETS free */
}

void session_reply(struct server *s, unsigned code, const char *enhanced, const char *text)
{
    uint8_t line[256];
    struct writer w = writer_of(line, sizeof line);
    if (enhanced[0] != '\0' && !fault(s, FAULT_NO_ENHANCED)) {
        writer_put(&w, slice_of_cstr(enhanced));
        writer_put_octet(&w, ' ');
    }
    writer_put(&w, slice_of_cstr(text));
    session_reply_line(s, code, true, writer_slice(&w));
}

void session_reset(struct server *s)
{
    s->mail = false;
    s->reverse_path_len = 0;
    s->recipients = 0;
    s->forward_paths_len = 0;
    s->content_len = 0;
    s->content_overflow = false;
    s->chunked = false;
}

bool session_offers_auth(const struct server *s)
{
    return s->config.user.len > 0 && (s->secured || !s->config.offer_tls) && !s->authenticated;
}

/* ---- EHLO and HELO (RFC 5321 4.1.1.1)
 * ----------------------------------------------------------------- */

static void announce(struct server *s)
{
    uint8_t size[32];
    struct writer w = writer_of(size, sizeof size);
    writer_put(&w, SLICE("SIZE "));
    writer_put_number(&w, s->config.max_message_octets);
    bool tls = s->config.offer_tls && (!s->secured || fault(s, FAULT_TLS_OFFERED_TWICE));
    session_reply_line(s, 250, false, SLICE("PIPELINING"));
    session_reply_line(s, 250, false, writer_slice(&w));
    session_reply_line(s, 250, false, SLICE("8BITMIME"));
    session_reply_line(s, 250, false, SLICE("CHUNKING"));
    if (tls)
        session_reply_line(s, 250, false, SLICE("STARTTLS"));
    if (session_offers_auth(s))
        session_reply_line(s, 250, false, SLICE("AUTH PLAIN LOGIN"));
    unsigned code = fault(s, FAULT_EHLO_MIXED_CODES) ? 251 : 250;
    session_reply_line(s, code, true, SLICE("ENHANCEDSTATUSCODES"));
}

static void hello(struct server *s, const struct smtp_command *command)
{
    bool extended = command->verb == SMTP_VERB_EHLO;
    if (command->argument.len == 0 && !(extended && fault(s, FAULT_EHLO_NO_ARGUMENT))) {
        session_reply(s, 501, "", "A domain or an address literal is needed");
        return;
    }
    if (extended ? fault(s, FAULT_EHLO_REFUSED) : fault(s, FAULT_HELO_REFUSED)) {
        session_reply(s, extended ? 500 : 502, "", "Not here");
        return;
    }
    s->greeted = true;
    s->extended = extended;
    if (!fault(s, FAULT_EHLO_KEEPS))
        session_reset(s);
    session_reply_line(s, 250, !extended, s->config.host);
    if (extended)
        announce(s);
}

/* ---- the commands without state
 * ------------------------------------------------------------------------ */

static void rset(struct server *s, const struct smtp_command *command)
{
    (void)command;
    if (fault(s, FAULT_RSET_REFUSED) && !s->mail) {
        session_reply(s, 503, "5.5.1", "Nothing to reset");
        return;
    }
    if (!fault(s, FAULT_RSET_KEEPS))
        session_reset(s);
    session_reply(s, 250, "2.0.0", "Reset");
}

static void noop(struct server *s, const struct smtp_command *command)
{
    (void)command;
    if (fault(s, FAULT_NOOP_RESETS))
        session_reset(s);
    if (fault(s, FAULT_NOOP_REFUSED))
        session_reply(s, 502, "5.5.1", "Not implemented");
    else
        session_reply(s, 250, "2.0.0", "Nothing done");
}

/* RFC 5321 3.5.3: 252 tells nobody which mailboxes there are. */
static void vrfy(struct server *s, const struct smtp_command *command)
{
    if (fault(s, FAULT_VRFY_RESETS))
        session_reset(s);
    if (fault(s, FAULT_VRFY_UNKNOWN))
        session_reply(s, 500, "5.5.1", "Command not recognized");
    else if (command->argument.len == 0)
        session_reply(s, 501, "5.5.4", "A user or mailbox is needed");
    else
        session_reply(s, 252, "2.1.5", "Cannot verify, will try to deliver");
}

static void expn(struct server *s, const struct smtp_command *command)
{
    (void)command;
    session_reply(s, 502, "5.5.1", "Lists are not expanded");
}

static void help(struct server *s, const struct smtp_command *command)
{
    (void)command;
    if (!fault(s, FAULT_HELP_SILENT))
        session_reply(s, 214, "2.0.0", "See RFC 5321");
}

static void quit(struct server *s, const struct smtp_command *command)
{
    (void)command;
    session_reply(s, fault(s, FAULT_QUIT_CODE) ? 250 : 221, "2.0.0", "Closing the connection");
    s->closing = !fault(s, FAULT_QUIT_STAYS);
}

/* RFC 3207 4 */
static void starttls(struct server *s, const struct smtp_command *command)
{
    if (s->secured && !fault(s, FAULT_TLS_OFFERED_TWICE))
        session_reply(s, 503, "5.5.1", "TLS is up already");
    else if (!s->config.offer_tls)
        session_reply(s, 502, "5.5.1", "No TLS here");
    else if (command->argument.len > 0 && !fault(s, FAULT_TLS_ARGUMENT))
        session_reply(s, 501, "5.5.4", "STARTTLS takes no argument");
    else {
        session_reply(s, fault(s, FAULT_TLS_CODE) ? 250 : 220, "2.0.0", "Ready to start TLS");
        s->tls_wanted = true;
    }
}

static void unknown(struct server *s, const struct smtp_command *command)
{
    (void)command;
    unsigned code = fault(s, FAULT_UNKNOWN_VERB) ? 250 : 500;
    session_reply(s, code, code == 250 ? "2.0.0" : "5.5.1", "Command not recognized");
}

/* ---- which command may come when (RFC 5321 4.1.4)
 * ------------------------------------------------------ */

enum {
    NEEDS_HELLO = 1 << 0, /* EHLO or HELO before */
    NO_ARGUMENT = 1 << 1, /* 501 where one is written (RFC 5321 4.3.2) */
};

static const struct {
    enum smtp_verb verb;
    void (*run)(struct server *s, const struct smtp_command *command);
    unsigned rules;
} handlers[] = {
    {SMTP_VERB_EHLO, hello, 0},
    {SMTP_VERB_HELO, hello, 0},
    {SMTP_VERB_MAIL, mail_begin, NEEDS_HELLO},
    {SMTP_VERB_RCPT, mail_recipient, NEEDS_HELLO},
    {SMTP_VERB_DATA, mail_data, NEEDS_HELLO | NO_ARGUMENT},
    {SMTP_VERB_BDAT, mail_bdat, NEEDS_HELLO},
    {SMTP_VERB_RSET, rset, NO_ARGUMENT},
    {SMTP_VERB_VRFY, vrfy, 0},
    {SMTP_VERB_EXPN, expn, 0},
    {SMTP_VERB_HELP, help, 0},
    {SMTP_VERB_NOOP, noop, 0},
    {SMTP_VERB_QUIT, quit, NO_ARGUMENT},
    {SMTP_VERB_STARTTLS, starttls, NEEDS_HELLO},
    {SMTP_VERB_AUTH, auth_begin, NEEDS_HELLO},
};

static void run(struct server *s, const struct smtp_command *command)
{
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
        if (handlers[i].verb != command->verb)
            continue;
        bool early = (handlers[i].rules & NEEDS_HELLO) != 0 && !s->greeted;
        if (early && !fault(s, FAULT_MAIL_BEFORE_EHLO))
            session_reply(s, 503, "5.5.1", "EHLO or HELO comes first");
        else if ((handlers[i].rules & NO_ARGUMENT) != 0 && command->argument.len > 0)
            session_reply(s, 501, "5.5.4", "This command takes no argument");
        else
            handlers[i].run(s, command);
        return;
    }
    unknown(s, command);
}

/* A line that is not a command: what it is instead decides the code. */
static void refuse(struct server *s, struct slice line, int error)
{
    bool mail = slice_starts_nocase(line, SLICE("MAIL"));
    bool tolerated =
        (error == SMTP_COMMAND_NO_FROM && fault(s, FAULT_MAIL_SYNTAX)) ||
        (error == SMTP_COMMAND_NO_TO && fault(s, FAULT_RCPT_SYNTAX)) ||
        (error == SMTP_COMMAND_PATH_ERROR(SMTP_PATH_UNCLOSED) && fault(s, FAULT_UNCLOSED_PATH));
    if (tolerated) {
        s->mail = s->mail || mail;
        session_reply(s, 250, "2.1.0", "Taken as it is");
    } else if (error == SMTP_COMMAND_BAD_SIZE || error == SMTP_COMMAND_BAD_LAST) {
        session_reply(s, 501, "5.5.4", smtp_command_error_text(error));
    } else if (error == SMTP_COMMAND_NO_MECHANISM) {
        session_reply(s, 501, "5.5.4", "A mechanism is needed");
    } else {
        session_reply(s, 501, mail ? "5.1.7" : "5.1.3", "Syntax error in the path");
    }
}

static bool is_upper(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (slice_upper(name.ptr[i]) != name.ptr[i])
            return false;
    return true;
}

void session_command(struct server *s, struct slice line)
{
    struct smtp_command command;
    struct parse_result result = smtp_command_parse(line, SESSION_COMMAND_OCTETS, &command);
    if (slice_find(line, '\n') + 1 < line.len) {
        session_reply(s, 500, "5.5.2", "LF without CR ends no line");
        return;
    }
    if (line.len > 100 && fault(s, FAULT_SHORT_COMMAND_LINE)) {
        session_reply(s, 500, "5.5.2", "Line too long");
        return;
    }
    if (result.status != PARSE_OK) {
        refuse(s, line, result.error);
        return;
    }
    if (fault(s, FAULT_VERB_CASE) && !is_upper(command.name))
        command.verb = SMTP_VERB_UNKNOWN;
    if (command.quirks & (QUIRK_NUL | QUIRK_CONTROL | QUIRK_BARE_CR))
        session_reply(s, 500, "5.5.2", "An octet that no command may hold");
    else
        run(s, &command);
}
