/* VRFY and EXPN (RFC 5321 3.5), HELP (4.1.1.8) and ETRN (RFC 1985): questions that leave a
 * transaction alone. */
#include "server/session.h"
#include "smtp/quirk.h"
#include "smtp/word.h"

/* Whom the server tells who is there (RFC 5321 7.3). */
static bool trusts(const struct server *s)
{
    return s->authenticated || s->config.discloses;
}

/* RFC 6531 3.7.4.2: VRFY and EXPN take the parameter SMTPUTF8 */
static struct slice without_smtputf8(const struct server *s, struct slice argument,
                                     bool *ret_parameter)
{
    static const struct slice parameter = SLICE_INIT(" SMTPUTF8");
    size_t at = argument.len < parameter.len ? 0 : argument.len - parameter.len;
    *ret_parameter = at > 0 && extension_offered(s, SERVER_SMTPUTF8) &&
                     slice_equal_nocase(slice_from(argument, at), parameter);
    return *ret_parameter ? slice_sub(argument, 0, at) : argument;
}

/* "bob", "<bob@example.test>" or "bob@example.test": the local part, or empty where it is not of
 * this domain. */
static struct slice local_user(const struct server *s, struct slice argument)
{
    struct smtp_path path;
    struct parse_result result = smtp_path_parse(argument, &path);
    bool whole = result.status == PARSE_OK && result.offset == argument.len;
    bool here =
        whole && (path.domain.len == 0 || slice_equal_nocase(path.domain, s->config.domain));
    return here ? path.local_part : SLICE("");
}

/* Refusals that VRFY and EXPN share. */
static struct refusal check_query(struct server *s, const struct smtp_command *command,
                                  enum fault no_argument, struct slice *ret_user)
{
    bool utf8;
    struct slice user = without_smtputf8(s, command->argument, &utf8);
    *ret_user = user;
    if (fault(s, FAULT_VRFY_NO_UTF8) && utf8)
        return (struct refusal){501, "5.5.4", "One argument is all it takes"};
    if (user.len == 0 && !fault(s, no_argument))
        return (struct refusal){501, "5.5.4", "A user or mailbox is needed"};
    if (command->quirks & QUIRK_EIGHT_BIT && !utf8)
        return (struct refusal){553, "5.6.7", "SMTPUTF8 is needed for that"};
    if (utf8 && !smtp_word_is_utf8(user)) /* what is answered would be none either */
        return (struct refusal){553, "5.1.3", "Not UTF-8"};
    return (struct refusal){0, "", ""};
}

static const struct server_mailbox *row_of(const struct server *s, struct slice user)
{
    static const struct server_mailbox open = {.kind = SERVER_MAILBOX_OPEN};
    const struct server_mailbox *row = mail_mailbox(s, user);
    return row == NULL ? &open : row;
}

/* RFC 5321 3.5.1: a 250 or 251 holds the mailbox. */
static void verify(struct server *s, struct slice user)
{
    struct slice local = local_user(s, user);
    const struct server_mailbox *row = row_of(s, local);
    uint8_t text[SESSION_PATH_OCTETS];
    struct writer w = writer_of(text, 300);
    writer_put(&w, SLICE("<"));
    if (fault(s, FAULT_VRFY_ROUTE))
        writer_put(&w, SLICE("@relay.example.test:"));
    writer_put(&w, local);
    if (!fault(s, FAULT_VRFY_NO_MAILBOX)) {
        writer_put(&w, SLICE("@"));
        writer_put(&w, s->config.domain);
    }
    writer_put(&w, SLICE(">"));
    /* one that no reply has room for is beyond RFC 5321 4.5.3.1.1 */
    bool none = local.len == 0 || row->kind == SERVER_MAILBOX_NONE || w.overflow;
    if (none && !fault(s, FAULT_VRFY_ALWAYS_250))
        session_reply(s, 550, "5.1.1", "No such mailbox");
    else if (row->kind == SERVER_MAILBOX_MOVED || row->kind == SERVER_MAILBOX_FORWARDED) {
        bool moved = row->kind == SERVER_MAILBOX_MOVED;
        struct slice target = slice_sub(row->target, 0, slice_find(row->target, '\n'));
        session_reply_part(s, moved ? 551 : 251, true, moved ? "5.1.6" : "2.1.5",
                           moved ? "Please try <" : "Will forward to <", target, ">");
    } else
        session_reply_part(s, 250, true, "2.1.5", "", writer_slice(&w), "");
}

void query_vrfy(struct server *s, const struct smtp_command *command)
{
    struct slice user;
    struct refusal refusal = check_query(s, command, FAULT_VRFY_NO_ARGUMENT, &user);
    if (fault(s, FAULT_VRFY_RESETS))
        session_reset(s);
    if (fault(s, FAULT_VRFY_UNKNOWN))
        session_reply(s, 500, "5.5.1", "Command not recognized");
    else if (refusal.code != 0)
        session_refuse(s, refusal);
    else if (fault(s, FAULT_VRFY_ALWAYS_550))
        session_reply(s, 550, "5.7.1", "Not told");
    else if (trusts(s) || fault(s, FAULT_VRFY_TELLS) || fault(s, FAULT_VRFY_ALWAYS_250))
        verify(s, user);
    else
        session_reply(s, fault(s, FAULT_VRFY_DISABLED_CODE) ? 502 : 252,
                      fault(s, FAULT_VRFY_DISABLED_CODE) ? "5.5.1" : "2.1.5",
                      "Cannot verify, will try to deliver");
}

/* RFC 5321 3.5.1: one mailbox a line */
static void expand(struct server *s, struct slice members)
{
    while (members.len > 0) {
        size_t end = slice_find(members, '\n');
        struct slice member = slice_sub(members, 0, end);
        members = slice_from(members, end < members.len ? end + 1 : end);
        if (fault(s, FAULT_EXPN_TWO_A_LINE))
            session_reply_part(s, 250, members.len == 0, "2.1.5", "<a@example.test> <", member,
                               ">");
        else
            session_reply_part(s, 250, members.len == 0, "2.1.5", "<", member, ">");
    }
}

void query_expn(struct server *s, const struct smtp_command *command)
{
    struct slice user;
    struct refusal refusal = check_query(s, command, FAULT_EXPN_NO_ARGUMENT, &user);
    if (fault(s, FAULT_EXPN_RESETS))
        session_reset(s);
    if (!extension_offered(s, SERVER_EXPN) || fault(s, FAULT_EXPN_REFUSED)) {
        session_reply(s, 502, "5.5.1", "Lists are not expanded");
        return;
    }
    const struct server_mailbox *row = row_of(s, local_user(s, user));
    if (refusal.code != 0)
        session_refuse(s, refusal);
    else if (!trusts(s) && !fault(s, FAULT_EXPN_TELLS))
        session_reply(s, 550, "5.7.1", "Lists are not expanded for strangers");
    else if (row->kind != SERVER_MAILBOX_LIST)
        session_reply(s, fault(s, FAULT_EXPN_CODE) ? 554 : 550, "5.1.1", "No such list");
    else
        expand(s, row->target);
}

/* RFC 5321 4.1.1.8 */
void query_help(struct server *s, const struct smtp_command *command)
{
    bool known = command->argument.len == 0 || smtp_verb_of(command->argument) != SMTP_VERB_UNKNOWN;
    unsigned code = fault(s, FAULT_HELP_CODE) ? 200 : 214;
    if (fault(s, FAULT_HELP_RESETS))
        session_reset(s);
    if (fault(s, FAULT_HELP_SILENT))
        return;
    if (fault(s, FAULT_HELP_LEFTOVER) && s->config.leftover != NULL)
        session_reply_part(s, code, true, "2.0.0", "The last mail was from ",
                           slice_of_cstr((const char *)s->config.leftover), "");
    else if (fault(s, FAULT_HELP_OLD_NAME) && s->hello_len > 0)
        session_reply_part(s, code, true, "2.0.0", "At your service, ",
                           slice_of(s->hello, s->hello_len), "");
    else if (fault(s, FAULT_HELP_REFUSED))
        session_reply(s, 500, "5.5.1", "Command not recognized");
    else if (!known)
        session_reply(s, 504, "5.5.4", "No help on that");
    else {
        session_reply_part(s, code, false, "2.0.0", "Commands:", SLICE(""), "");
        session_reply_part(s, fault(s, FAULT_HELP_MIXED_CODES) ? 211 : code, false, "2.0.0",
                           "EHLO HELO MAIL RCPT DATA BDAT RSET NOOP QUIT", SLICE(""), "");
        session_reply_part(s, code, true, "2.0.0", "VRFY EXPN HELP ETRN STARTTLS AUTH: RFC 5321",
                           SLICE(""), "");
    }
}

/* RFC 1985 5: there is never mail to send */
void query_etrn(struct server *s, const struct smtp_command *command)
{
    bool invalid = command->quirks & (SMTP_QUIRK_MISSING_ARGUMENT | SMTP_QUIRK_INVALID_DOMAIN);
    if (!extension_offered(s, SERVER_ETRN))
        session_reply(s, 502, "5.5.1", "Not implemented");
    else if (s->mail.open && !fault(s, FAULT_ETRN_IN_MAIL))
        session_reply(s, 503, "5.5.1", "Not inside a transaction");
    else if (invalid && !fault(s, FAULT_ETRN_NO_ARGUMENT))
        session_reply(s, 501, "5.5.4", "A node name is needed");
    else if (fault(s, FAULT_ETRN_CODE))
        session_reply(s, 221, "2.0.0", "As you like");
    else
        session_reply(s, 251, "2.0.0", "No messages waiting");
}
