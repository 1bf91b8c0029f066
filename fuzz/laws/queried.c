#include "laws/queried.h"

static const struct mailbox {
    struct slice name;
    unsigned rcpt, vrfy;
} mailboxes[] = {
    {SLICE_INIT("nosuch"), 550, 550},  {SLICE_INIT("full"), 552, 250},
    {SLICE_INIT("crowded"), 452, 250}, {SLICE_INIT("busy"), 450, 250},
    {SLICE_INIT("moved"), 551, 551},   {SLICE_INIT("forwarded"), 251, 251},
    {SLICE_INIT("list"), 250, 250},    {SLICE_INIT("late"), 250, 250},
};
#define MAILBOXES (sizeof mailboxes / sizeof *mailboxes)

/* RFC 5321 4.1.2: quotes around letters are spelling. */
static struct slice meaning_of(struct slice local)
{
    bool quoted = local.len > 1 && local.ptr[0] == '"' && local.ptr[local.len - 1] == '"';
    return quoted ? slice_sub(local, 1, local.len - 1) : local;
}

static bool is_letters(struct slice text)
{
    size_t letters = 0;
    while (letters < text.len && (text.ptr[letters] | 32) >= 'a' && (text.ptr[letters] | 32) <= 'z')
        letters++;
    return letters > 0 && letters == text.len;
}

/* The row of a name; NULL: it is like any other. */
static const struct mailbox *row_of(struct slice name)
{
    for (size_t i = 0; i < MAILBOXES; i++)
        if (slice_equal_nocase(mailboxes[i].name, name))
            return &mailboxes[i];
    return NULL;
}

static bool is_here(struct slice domain)
{
    return slice_equal_nocase(domain, SLICE("example.test"));
}

bool queried_mailbox_holds(const struct smtp_path *path, unsigned code)
{
    struct slice name = meaning_of(path->local_part);
    if (!is_here(path->domain) || !is_letters(name))
        return true;
    const struct mailbox *row = row_of(name);
    return code == (row == NULL ? 250 : row->rcpt);
}

bool queried_is_late(const struct smtp_path *path)
{
    return is_here(path->domain) && slice_equal_nocase(meaning_of(path->local_part), SLICE("late"));
}

/* Whom VRFY asks for: a name of letters, "name@domain" or "<name@domain>"; false of all else. */
static bool read_user(struct slice argument, struct slice *ret_name, struct slice *ret_domain)
{
    bool closed = argument.len > 2 && argument.ptr[0] == '<';
    if (closed && argument.ptr[argument.len - 1] != '>')
        return false;
    argument = closed ? slice_sub(argument, 1, argument.len - 1) : argument;
    size_t at = slice_find(argument, '@');
    *ret_name = slice_sub(argument, 0, at);
    *ret_domain = at < argument.len ? slice_from(argument, at + 1) : SLICE("example.test");
    return is_letters(*ret_name) && (is_here(*ret_domain) || is_letters(*ret_domain));
}

/* RFC 5321 3.5.1: a 250 has the mailbox in it. */
static bool tells(struct slice answered, struct slice name)
{
    for (; answered.len > 0; answered = slice_from(answered, 1))
        if (answered.ptr[0] == '<' && slice_starts(slice_from(answered, 1), name) &&
            slice_starts(slice_from(answered, 1 + name.len), SLICE("@example.test>")))
            return true;
    return false;
}

void queried_check(const struct shadowed *s, const struct smtp_command *command, unsigned code)
{
    struct slice name, domain;
    bool trusted = s->authenticated || s->discloses, expn = command->verb == SMTP_VERB_EXPN;
    if (command->verb == SMTP_VERB_ETRN) {
        FUZZ_LAW(code / 100 != 2 ||
                     (command->argument.len > 0 && s->mode == SERVER_MX && (s->unsure || !s->mail)),
                 "ETRN names a node, and stands outside a transaction");
        return;
    }
    if ((s->mode == SERVER_SUBMISSION && !s->authenticated) || command->quirks != 0 ||
        !read_user(command->argument, &name, &domain))
        return;
    const struct mailbox *row = row_of(name);
    unsigned vrfy = !trusted ? 252 : !is_here(domain) ? 550 : row == NULL ? 250 : row->vrfy;
    bool list = trusted && is_here(domain) && slice_equal_nocase(name, SLICE("list"));
    bool beyond = name.len > 64 && code == 550; /* RFC 5321 4.5.3.1.1 */
    FUZZ_LAW(beyond || code == (!expn  ? vrfy
                                : list ? 250
                                       : 550),
             "who is there is told to whom may know");
    FUZZ_LAW(expn || code != 250 || tells(s->answered, name), "and it is whom was asked for");
}
