#include "smtp/path.h"

#include "base/octet.h"
#include "smtp/quirk.h"
#include "smtp/word.h"

/* Where a path is read: each read_... and skip_... returns 0, or the error, its octet at `at`. */
struct cursor {
    struct slice in;
    size_t at;
    bool bracketed; /* "<" opened the path */
};

/** The octet at the cursor, or -1 at the end. */
static int peek(const struct cursor *c)
{
    return c->at < c->in.len ? c->in.ptr[c->at] : -1;
}

static bool at_any_of(const struct cursor *c, unsigned classes)
{
    return peek(c) >= 0 && octet_is((uint8_t)peek(c), classes);
}

static bool at_space_or_end(const struct cursor *c)
{
    return peek(c) < 0 || at_any_of(c, OCTET_WSP);
}

static bool at_path_end(const struct cursor *c)
{
    return c->bracketed ? peek(c) == '>' : at_space_or_end(c);
}

/** Whether reading stopped because what `close` should close goes on to the end of the line. */
static bool never_closed(const struct cursor *c, uint8_t close)
{
    struct slice rest = slice_from(c->in, c->at);
    return at_space_or_end(c) && slice_find(rest, close) == rest.len;
}

/* "[" content "]"; which content, smtp_domain_classify says. */
static int skip_literal(struct cursor *c)
{
    size_t open = c->at++;
    while (at_any_of(c, OCTET_GRAPHIC | OCTET_EIGHT_BIT) && peek(c) != '[' && peek(c) != '\\' &&
           peek(c) != ']')
        c->at++;
    if (peek(c) == ']') {
        c->at++;
        return 0;
    }
    if (!never_closed(c, ']'))
        return SMTP_PATH_BAD_DOMAIN;
    c->at = open;
    return SMTP_PATH_UNCLOSED_LITERAL;
}

static int read_domain(struct cursor *c, struct slice *ret_domain)
{
    size_t from = c->at;
    if (peek(c) == '[') {
        int error = skip_literal(c);
        if (error != 0)
            return error;
    } else
        while (at_any_of(c, OCTET_ATEXT | OCTET_EIGHT_BIT) || peek(c) == '.')
            c->at++;
    if (c->at == from)
        return SMTP_PATH_BAD_DOMAIN;
    *ret_domain = slice_sub(c->in, from, c->at);
    return 0;
}

/*
 * A-d-l     = At-domain *( "," At-domain )
 * At-domain = "@" Domain
 */
static int read_route(struct cursor *c, struct smtp_path *path)
{
    size_t from = c->at, domains = 0;
    for (;; c->at++) {
        struct slice domain;
        if (peek(c) != '@')
            return SMTP_PATH_BAD_ROUTE;
        c->at++;
        int error = read_domain(c, &domain);
        if (error != 0)
            return error == SMTP_PATH_BAD_DOMAIN ? SMTP_PATH_BAD_ROUTE : error;
        path->quirks |= smtp_domain_quirks(domain, smtp_domain_classify(domain), false);
        domains++;
        if (peek(c) != ',')
            break;
    }
    if (peek(c) != ':') {
        if (domains > 1 || !at_path_end(c))
            return SMTP_PATH_BAD_ROUTE;
        c->at = from; /* no route at all, but a mailbox that begins with its "@" */
        return SMTP_PATH_EMPTY_LOCAL_PART;
    }
    path->route = slice_sub(c->in, from, c->at++);
    path->quirks |= SMTP_QUIRK_SOURCE_ROUTE;
    return 0;
}

/* Quoted-string = DQUOTE *QcontentSMTP DQUOTE, and in it HTAB and any octet above 127. */
static int skip_quoted_string(struct cursor *c)
{
    size_t open = c->at++;
    while (at_any_of(c, OCTET_GRAPHIC | OCTET_EIGHT_BIT | OCTET_WSP) && peek(c) != '"') {
        bool escape = peek(c) == '\\';
        c->at++;
        if (escape && at_any_of(c, OCTET_GRAPHIC)) /* a quote or a backslash, if it matters */
            c->at++;
    }
    if (peek(c) == '"') {
        c->at++;
        return 0;
    }
    if (peek(c) >= 0)
        return SMTP_PATH_BAD_LOCAL_PART;
    c->at = open;
    return SMTP_PATH_UNCLOSED_QUOTE;
}

/* Quoted-string, of a local part that begins with a quote and whose quotes are all closed. */
static bool is_quoted_string(struct slice text)
{
    size_t at = 1;
    for (; text.ptr[at] != '"'; at++)
        if (text.ptr[at] == '\\' && octet_is(text.ptr[++at], OCTET_EIGHT_BIT))
            return false; /* quoted-pairSMTP = %d92 %d32-126 */
    return at + 1 == text.len && slice_find(text, '\t') == text.len;
}

/* Dot-string = Atom *( "." Atom ), of a local part that has an octet. */
static bool is_dot_string(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool atom_due = i == 0 || text.ptr[i - 1] == '.';
        if (text.ptr[i] == '"' || (atom_due && text.ptr[i] == '.'))
            return false;
    }
    return text.ptr[text.len - 1] != '.';
}

static int read_local_part(struct cursor *c, struct smtp_path *path)
{
    size_t from = c->at;
    while (at_any_of(c, OCTET_ATEXT | OCTET_EIGHT_BIT) || peek(c) == '.' || peek(c) == '"') {
        if (peek(c) == '"') {
            int error = skip_quoted_string(c);
            if (error != 0)
                return error;
        } else
            c->at++;
    }
    if (peek(c) != '@' && !at_path_end(c))
        return SMTP_PATH_BAD_LOCAL_PART;
    if (c->at == from)
        return SMTP_PATH_EMPTY_LOCAL_PART;

    struct slice local = slice_sub(c->in, from, c->at);
    bool valid = local.ptr[0] == '"' ? is_quoted_string(local) : is_dot_string(local);
    if (!valid || !smtp_word_is_utf8(local))
        path->quirks |= SMTP_QUIRK_INVALID_LOCAL_PART;
    if (local.len > SMTP_LOCAL_PART_MAX_OCTETS)
        path->quirks |= SMTP_QUIRK_LONG_LOCAL_PART;
    path->local_part = local;
    return 0;
}

/* Mailbox = Local-part "@" ( Domain / address-literal ) */
static int read_mailbox(struct cursor *c, struct smtp_path *path)
{
    size_t from = c->at;
    int error = read_local_part(c, path);
    if (error != 0)
        return error;
    if (peek(c) == '@') {
        c->at++;
        bool literal = peek(c) == '[';
        error = read_domain(c, &path->domain);
        if (error != 0)
            return error;
        if (!at_path_end(c))
            return literal || at_any_of(c, OCTET_WSP) ? SMTP_PATH_TRAILING : SMTP_PATH_BAD_DOMAIN;
        path->domain_kind = smtp_domain_classify(path->domain);
        path->quirks |= smtp_domain_quirks(path->domain, path->domain_kind, true);
    } else
        path->quirks |= SMTP_QUIRK_NO_DOMAIN;
    path->mailbox = slice_sub(c->in, from, c->at);
    return 0;
}

/* Reverse-path = Path / "<>"; Path = "<" [ A-d-l ":" ] Mailbox ">" */
static int read_path(struct cursor *c, struct smtp_path *path)
{
    if (at_space_or_end(c))
        return SMTP_PATH_EMPTY;
    if (peek(c) == '<') {
        c->bracketed = true;
        c->at++;
        path->null = peek(c) == '>';
    }
    int error = peek(c) == '@' ? read_route(c, path) : 0;
    if (error == 0 && !path->null)
        error = read_mailbox(c, path);
    return error;
}

struct parse_result smtp_path_parse(struct slice in, struct smtp_path *ret_path)
{
    struct cursor c = {.in = in};
    struct smtp_path path = {.null = false};
    int error = read_path(&c, &path);
    if (error != 0)
        return c.bracketed && never_closed(&c, '>') ? parse_error(SMTP_PATH_UNCLOSED, 0)
                                                    : parse_error(error, c.at);
    size_t octets = c.at + 1; /* with the second bracket */
    if (c.bracketed)
        c.at++;
    else {
        octets++;
        path.quirks |= SMTP_QUIRK_NO_BRACKETS;
    }
    path.raw = slice_sub(in, 0, c.at);
    path.quirks |= base_quirks_of_text(path.raw);
    if (octets > SMTP_PATH_MAX_OCTETS)
        path.quirks |= SMTP_QUIRK_LONG_PATH;
    *ret_path = path;
    return parse_ok(c.at);
}

void smtp_path_write(const struct smtp_path *path, struct writer *out)
{
    writer_put_octet(out, '<');
    if (path->route.len > 0) {
        writer_put(out, path->route);
        writer_put_octet(out, ':');
    }
    writer_put(out, path->mailbox);
    writer_put_octet(out, '>');
}

void smtp_path_unquote(struct slice local_part, struct writer *out)
{
    bool quoted = false;
    for (size_t i = 0; i < local_part.len; i++) {
        if (local_part.ptr[i] == '"') {
            quoted = !quoted;
            continue;
        }
        if (quoted && local_part.ptr[i] == '\\' && i + 1 < local_part.len)
            i++;
        writer_put_octet(out, local_part.ptr[i]);
    }
}

const char *smtp_path_error_text(int error)
{
    static const char *const texts[] = {
        [SMTP_PATH_EMPTY] = "a path is missing",
        [SMTP_PATH_UNCLOSED] = "a path has no closing angle bracket",
        [SMTP_PATH_UNCLOSED_QUOTE] = "a quoted string has no closing quote",
        [SMTP_PATH_UNCLOSED_LITERAL] = "an address literal has no closing square bracket",
        [SMTP_PATH_BAD_ROUTE] = "a source route lacks an at sign, a domain or its colon",
        [SMTP_PATH_BAD_LOCAL_PART] = "an octet that no local part may hold",
        [SMTP_PATH_EMPTY_LOCAL_PART] = "a mailbox has no local part",
        [SMTP_PATH_BAD_DOMAIN] = "a domain is empty or holds an octet that no domain may hold",
        [SMTP_PATH_TRAILING] = "an octet that does not belong to the path follows its mailbox",
    };
    bool known = error >= SMTP_PATH_EMPTY && error <= SMTP_PATH_TRAILING;
    return known ? texts[error] : "no error of this parser";
}
