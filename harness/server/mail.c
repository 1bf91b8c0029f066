/* MAIL and RCPT (RFC 5321 4.1.1.2, 4.1.1.3): the envelope. */
#include "server/session.h"
#include "smtp/param.h"
#include "smtp/quirk.h"

static const struct refusal fine = {0, "", ""};

/* ---- paths ---- */

/* The faults that take what is not the grammar. */
static uint64_t tolerated(const struct server *s)
{
    static const struct {
        enum fault fault;
        uint64_t quirks;
    } rows[] = {
        {FAULT_NO_BRACKETS, SMTP_QUIRK_NO_BRACKETS},
        {FAULT_DOT_STRING, SMTP_QUIRK_INVALID_LOCAL_PART},
        {FAULT_BAD_DOMAIN, SMTP_QUIRK_INVALID_DOMAIN},
    };
    uint64_t quirks = SMTP_QUIRK_SOURCE_ROUTE | SMTP_QUIRK_NO_DOMAIN |
                      SMTP_QUIRK_NULL_FORWARD_PATH | SMTP_QUIRK_LONG_LOCAL_PART | QUIRK_EIGHT_BIT;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        quirks |= fault(s, rows[i].fault) ? rows[i].quirks : 0;
    return quirks;
}

static bool has_atext_special(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr("!#$%&'*/=?^`{|}~", text.ptr[i]) != NULL && text.ptr[i] != 0)
            return true;
    return false;
}

/* The faults that refuse what is the grammar. */
static bool spurned(const struct server *s, const struct smtp_path *path)
{
    bool quoted = path->local_part.len > 0 && path->local_part.ptr[0] == '"';
    bool pair = quoted && slice_find(path->local_part, '\\') < path->local_part.len;
    bool angle = quoted && slice_find(path->local_part, '>') < path->local_part.len;
    return (fault(s, FAULT_QUOTED_LOCAL) && quoted) || (fault(s, FAULT_QUOTED_PAIR) && pair) ||
           (fault(s, FAULT_QUOTED_ANGLE) && angle) ||
           (fault(s, FAULT_ATEXT) && !quoted && has_atext_special(path->local_part)) ||
           (fault(s, FAULT_SOURCE_ROUTE) && path->route.len > 0) ||
           (fault(s, FAULT_LITERAL_IPV4) && path->domain_kind == SMTP_DOMAIN_IPV4) ||
           (fault(s, FAULT_LITERAL_IPV6) && path->domain_kind == SMTP_DOMAIN_IPV6) ||
           (fault(s, FAULT_LOCAL_PART_64) && path->local_part.len > 60) ||
           (fault(s, FAULT_PATH_256) && path->raw.len > 250);
}

/* The reference is strict: what can be read but is not the grammar is refused, but for source
 * routes and local parts over 64 octets, which RFC 5321 4.5.3.1 lets a server take. */
static struct refusal check_path(const struct server *s, const struct smtp_command *command,
                                 bool utf8)
{
    const struct smtp_path *path = &command->path;
    bool mail = command->verb == SMTP_VERB_MAIL;
    bool eight_bit = (path->quirks & QUIRK_EIGHT_BIT) != 0;
    uint64_t wrong = path->quirks & ~tolerated(s);
    if (command->quirks & SMTP_QUIRK_SPACE_BEFORE_PATH && !fault(s, FAULT_SPACE_BEFORE_PATH))
        return (struct refusal){501, "5.5.2", "No space between the colon and the path"};
    if (eight_bit && !utf8 && !fault(s, FAULT_EIGHT_BIT_PATH)) /* RFC 6531 3.5 */
        return (struct refusal){mail ? 550 : 553, "5.6.7", "SMTPUTF8 is needed for that"};
    if (eight_bit && fault(s, FAULT_UTF8_REFUSED))
        return (struct refusal){550, "5.6.7", "ASCII only"};
    if (eight_bit && fault(s, FAULT_UTF8_INVALID))
        wrong = 0;
    if (wrong != 0 || spurned(s, path))
        return (struct refusal){501, mail ? "5.1.7" : "5.1.3", "Syntax error in the path"};
    return fine;
}

/* ---- MAIL ---- */

void mail_open(struct server *s, struct slice mailbox, struct slice parameters)
{
    if (!s->mail.open && fault(s, FAULT_RSET_KEEPS_RCPT))
        session_reset_sender(s);
    else
        session_reset(s);
    s->mail.open = true;
    s->mail.reverse_path_len = mailbox.len < SESSION_PATH_OCTETS ? mailbox.len : 0;
    if (s->mail.reverse_path_len > 0)
        memcpy(s->mail.reverse_path, mailbox.ptr, s->mail.reverse_path_len);
    s->mail.parameters_len = parameters.len < sizeof s->mail.parameters ? parameters.len : 0;
    if (s->mail.parameters_len > 0)
        memcpy(s->mail.parameters, parameters.ptr, s->mail.parameters_len);
}

/* RFC 6409 4.2: a domain is fully qualified; a literal is, too */
static bool is_qualified(const struct smtp_path *path)
{
    return path->null || path->domain_kind != SMTP_DOMAIN_NAME ||
           slice_find(path->domain, '.') < path->domain.len;
}

static struct refusal check_sender(const struct server *s, const struct smtp_path *path)
{
    bool submission = s->config.mode == SERVER_SUBMISSION;
    if (path->null && fault(s, submission ? FAULT_SUBMISSION_NULL_PATH : FAULT_NULL_PATH))
        return (struct refusal){550, "5.1.8", "No null reverse-path here"};
    if (path->quirks & SMTP_QUIRK_NO_DOMAIN && !fault(s, FAULT_MAIL_NO_DOMAIN))
        return (struct refusal){501, "5.1.7", "A domain is needed"};
    if (submission && !is_qualified(path) && !fault(s, FAULT_UNQUALIFIED))
        return (struct refusal){554, "5.1.8", "The domain is not fully qualified"};
    if (slice_equal_nocase(path->domain, s->config.domain) && fault(s, FAULT_MAIL_REFUSED))
        return (struct refusal){550, "5.1.8", "Not you"};
    return fine;
}

static struct refusal check_mail(struct server *s, const struct smtp_command *command,
                                 struct transaction *mail)
{
    bool utf8 = s->extended && extension_offered(s, SERVER_SMTPUTF8);
    struct smtp_param param;
    if (s->mail.open && !fault(s, FAULT_NESTED_MAIL))
        return (struct refusal){503, "5.5.1", "A transaction is open already"};
    if (s->transactions >= s->config.max_transactions && !fault(s, FAULT_LIMITS_MAILMAX))
        return (struct refusal){452, "4.5.3", "Too many transactions in this session"};
    utf8 = utf8 && smtp_param_find(command->params, SLICE("SMTPUTF8"), &param);
    struct refusal refusal = check_path(s, command, utf8);
    if (refusal.code == 0)
        refusal = check_sender(s, &command->path);
    return refusal.code == 0 ? parameter_check(s, command, mail) : refusal;
}

/* For the fault that tells it to another client. */
static void leave_over(const struct server *s, struct slice mailbox)
{
    if (s->config.leftover == NULL || !fault(s, FAULT_HELP_LEFTOVER) ||
        mailbox.len >= SERVER_LEFTOVER_OCTETS || mailbox.len == 0)
        return;
    memcpy(s->config.leftover, mailbox.ptr, mailbox.len);
    s->config.leftover[mailbox.len] = '\0';
}

void mail_begin(struct server *s, const struct smtp_command *command)
{
    struct transaction asked = {.open = true};
    bool nested = s->mail.open;
    struct refusal refusal = check_mail(s, command, &asked);
    if (refusal.code != 0) {
        if (nested && fault(s, FAULT_NESTED_MAIL_RESETS))
            session_reset(s);
        if (!nested && fault(s, FAULT_REJECTED_MAIL_OPENS))
            mail_open(s, command->path.mailbox, SLICE(""));
        session_refuse(s, refusal);
        return;
    }
    mail_open(s, command->path.mailbox, command->params);
    leave_over(s, command->path.mailbox);
    s->mail.utf8 = asked.utf8;
    s->mail.binary = asked.binary;
    s->mail.size = asked.size;
    s->transactions++;
    if (asked.lowered)
        session_reply(s, 250, "2.3.6", "Reverse-path taken, priority lowered to 0");
    else
        session_reply(s, fault(s, FAULT_MAIL_CODE) ? 251 : 250, "2.1.0", "Reverse-path taken");
    s->withheld = fault(s, FAULT_REPLY_WITHHELD);
}

/* ---- RCPT ---- */

/* RFC 5321 4.1.2: quotes are spelling; the meaning is compared. */
const struct server_mailbox *mail_mailbox(const struct server *s, struct slice local_part)
{
    uint8_t octets[SESSION_COMMAND_OCTETS];
    struct writer w = writer_of(octets, sizeof octets);
    smtp_path_unquote(local_part, &w);
    for (size_t i = 0; i < s->config.mailbox_count; i++)
        if (slice_equal_nocase(writer_slice(&w), s->config.mailboxes[i].local_part))
            return &s->config.mailboxes[i];
    return NULL;
}

bool mail_is_postmaster(struct slice local_part)
{
    return slice_equal_nocase(local_part, SLICE("postmaster")) ||
           slice_equal_nocase(local_part, SLICE("\"postmaster\""));
}

/* "user%elsewhere@here", "elsewhere!user@here": routes in disguise, and no mailbox's name. */
static bool is_disguised_route(struct slice local_part)
{
    static const char marks[] = "%!@";
    for (size_t i = 0; i < local_part.len; i++)
        if (local_part.ptr[i] != 0 && strchr(marks, local_part.ptr[i]) != NULL)
            return true;
    return false;
}

static bool is_local(const struct server *s, const struct smtp_path *path)
{
    bool route_local = path->route.len > 0 && fault(s, FAULT_RELAY_ROUTE);
    bool own_address =
        path->domain.len > 0 && path->domain.ptr[0] == '[' && fault(s, FAULT_RELAY_DISGUISED);
    bool exact = fault(s, FAULT_DOMAIN_CASE);
    return path->domain.len == 0 || route_local || own_address ||
           (exact ? slice_equal(path->domain, s->config.domain)
                  : slice_equal_nocase(path->domain, s->config.domain));
}

static bool relays(const struct server *s)
{
    struct slice from = slice_of(s->mail.reverse_path, s->mail.reverse_path_len);
    size_t at = slice_find(from, '@');
    bool local_sender =
        at < from.len && slice_equal_nocase(slice_from(from, at + 1), s->config.domain);
    return s->authenticated || fault(s, FAULT_RELAY) ||
           (fault(s, FAULT_RELAY_NULL_SENDER) && from.len == 0) ||
           (fault(s, FAULT_RELAY_LOCAL_SENDER) && local_sender);
}

static struct refusal check_postmaster(const struct server *s, const struct smtp_path *path)
{
    struct refusal none = {550, "5.1.1", "No such mailbox"};
    bool upper = slice_find(path->local_part, 'p') == path->local_part.len;
    if (fault(s, FAULT_POSTMASTER) || (path->domain.len == 0 && fault(s, FAULT_POSTMASTER_BARE)) ||
        (path->domain.len > 0 && fault(s, FAULT_POSTMASTER_DOMAIN)) ||
        (upper && fault(s, FAULT_POSTMASTER_CASE)) ||
        (s->mail.reverse_path_len == 0 && fault(s, FAULT_POSTMASTER_NULL_SENDER)))
        return none;
    return fine;
}

static struct refusal refuse_mailbox(const struct server *s, enum server_mailbox_kind kind)
{
    switch (kind) {
    case SERVER_MAILBOX_NONE:
        if (fault(s, FAULT_ANY_MAILBOX))
            return fine;
        return (struct refusal){fault(s, FAULT_UNKNOWN_MAILBOX_CODE) ? 554 : 550,
                                fault(s, FAULT_UNKNOWN_MAILBOX_STATUS) ? "5.3.0" : "5.1.1",
                                "No such mailbox"};
    case SERVER_MAILBOX_FULL:
        return (struct refusal){552, "5.2.2", "Mailbox full"};
    case SERVER_MAILBOX_CROWDED:
        return (struct refusal){452, "4.2.2", "Mailbox full for now"};
    case SERVER_MAILBOX_BUSY:
        return (struct refusal){450, "4.2.1", "Mailbox locked for now"};
    default:
        return fine;
    }
}

/* Whether this server takes mail for the path. */
static struct refusal check_recipient(const struct server *s, const struct smtp_path *path)
{
    const struct server_mailbox *row = mail_mailbox(s, path->local_part);
    if (path->null)
        return fault(s, FAULT_NULL_RECIPIENT)
                   ? fine
                   : (struct refusal){501, "5.1.3", "The null path is no recipient"};
    if (!is_local(s, path))
        return relays(s) ? fine
                         : (struct refusal){fault(s, FAULT_RELAY_CODE) ? 554 : 550, "5.7.1",
                                            "Relaying denied"};
    if (mail_is_postmaster(path->local_part))
        return check_postmaster(s, path);
    bool led_astray = is_disguised_route(path->local_part) && fault(s, FAULT_RELAY_DISGUISED);
    if (path->domain.len == 0 && !led_astray && !fault(s, FAULT_RCPT_NO_DOMAIN))
        return (struct refusal){550, "5.1.1", "A domain is needed"};
    if (path->local_part.len > 0 && path->local_part.ptr[0] == '"' && fault(s, FAULT_QUOTED_OTHER))
        return (struct refusal){550, "5.1.1", "No such mailbox"};
    if (is_disguised_route(path->local_part) && !fault(s, FAULT_RELAY_DISGUISED))
        return (struct refusal){550, "5.1.1", "No such mailbox"};
    if (s->hello_len > 0 && fault(s, FAULT_EHLO_NAME_POLICY) &&
        !slice_equal_nocase(slice_of(s->hello, s->hello_len), s->config.host))
        return (struct refusal){550, "5.7.1", "Your name is not your address"};
    return row == NULL ? fine : refuse_mailbox(s, row->kind);
}

static struct refusal check_rcpt(struct server *s, const struct smtp_command *command)
{
    size_t most = fault(s, FAULT_FEW_RECIPIENTS) ? 20 : s->config.max_recipients;
    if (!s->mail.open && !fault(s, FAULT_RCPT_BEFORE_MAIL))
        return (struct refusal){503, "5.5.1", "MAIL comes first"};
    struct refusal refusal = check_path(s, command, s->mail.utf8);
    if (refusal.code == 0)
        refusal = parameter_check(s, command, &s->mail);
    if (refusal.code == 0)
        refusal = check_recipient(s, &command->path);
    if (refusal.code == 0 && s->mail.recipients >= most)
        refusal = (struct refusal){fault(s, FAULT_TOO_MANY_CODE) ? 550 : 452, "4.5.3",
                                   "Too many recipients"};
    if (refusal.code == 550 && fault(s, FAULT_TOO_MANY_CODE))
        refusal.enhanced = "5.5.3";
    return refusal;
}

/* Whether there was room for one more. */
static bool add_recipient(struct server *s, const struct smtp_command *command)
{
    struct transaction *mail = &s->mail;
    const struct server_mailbox *row = mail_mailbox(s, command->path.local_part);
    struct writer path = writer_of(s->forward_paths + mail->forward_paths_len,
                                   s->paths_room - mail->forward_paths_len);
    struct writer params =
        writer_of(s->rcpt_params + mail->rcpt_params_len, s->paths_room - mail->rcpt_params_len);
    writer_put(&path, command->path.mailbox);
    writer_put_octet(&path, '\n');
    writer_put(&params, command->params);
    writer_put_octet(&params, '\n');
    if (path.overflow || params.overflow || mail->recipients >= s->config.max_recipients)
        return false;
    mail->forward_paths_len += path.len;
    mail->rcpt_params_len += params.len;
    s->kinds[mail->recipients++] =
        row == NULL || !is_local(s, &command->path) ? SERVER_MAILBOX_OPEN : (uint8_t)row->kind;
    return true;
}

/* RFC 5321 3.4: 251 and 551 say where to. */
static void say_where(struct server *s, const struct server_mailbox *row)
{
    bool moved = row->kind == SERVER_MAILBOX_MOVED;
    struct slice target = slice_sub(row->target, 0, slice_find(row->target, '\n'));
    if (fault(s, FAULT_MOVED_NOWHERE))
        session_reply(s, moved ? 551 : 251, moved ? "5.1.6" : "2.1.5", "Not local");
    else
        session_reply_part(s, moved ? 551 : 251, true, moved ? "5.1.6" : "2.1.5",
                           moved ? "Please try <" : "Will forward to <", target, ">");
}

static bool is_repeated(const struct server *s, struct slice mailbox)
{
    struct slice paths = slice_of(s->forward_paths, s->mail.forward_paths_len);
    while (paths.len > 0) {
        size_t end = slice_find(paths, '\n');
        if (slice_equal(slice_sub(paths, 0, end), mailbox))
            return true;
        paths = slice_from(paths, end + 1);
    }
    return false;
}

void mail_recipient(struct server *s, const struct smtp_command *command)
{
    struct refusal refusal = check_rcpt(s, command);
    const struct smtp_path *path = &command->path;
    const struct server_mailbox *row = is_local(s, path) ? mail_mailbox(s, path->local_part) : NULL;
    bool moved = row != NULL && row->kind == SERVER_MAILBOX_MOVED;
    bool forwarded = row != NULL && row->kind == SERVER_MAILBOX_FORWARDED;
    if (refusal.code == 0 && fault(s, FAULT_RCPT_REPEATED) && is_repeated(s, path->mailbox))
        refusal = (struct refusal){550, "5.5.0", "Named already"};
    if (refusal.code == 0 && !moved && !add_recipient(s, command))
        refusal = (struct refusal){452, "4.5.3", "Too many recipients"};
    s->mail.refused += refusal.code != 0 && s->mail.open;
    if ((refusal.code == 550 && fault(s, FAULT_REFUSED_RCPT_RESETS)) ||
        (refusal.code == 452 && fault(s, FAULT_TOO_MANY_RESETS)))
        session_reset(s);
    if (refusal.code != 0)
        session_refuse(s, refusal);
    else if (moved || forwarded)
        say_where(s, row);
    else
        session_reply(s, fault(s, FAULT_RCPT_CODE) ? 252 : 250, "2.1.5", "Forward-path taken");
}
