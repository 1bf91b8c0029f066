/*
 * path: where a message comes from or goes to.
 *
 *   Reverse-path  = Path / "<>"                                     ; RFC 5321 4.1.2
 *   Forward-path  = Path
 *   Path          = "<" [ A-d-l ":" ] Mailbox ">"
 *   A-d-l         = At-domain *( "," At-domain )
 *   At-domain     = "@" Domain
 *   Mailbox       = Local-part "@" ( Domain / address-literal )
 *   Local-part    = Dot-string / Quoted-string
 *   Dot-string    = Atom *( "." Atom )
 *   Quoted-string = DQUOTE *QcontentSMTP DQUOTE
 *   QcontentSMTP  = qtextSMTP / quoted-pairSMTP
 *   qtextSMTP     = %d32-33 / %d35-91 / %d93-126 / UTF8-non-ascii   ; RFC 6531 3.3
 *   quoted-pairSMTP = %d92 %d32-126
 *
 * What is read beyond the grammar, and named: a path without brackets or without "@" domain; a
 * local part of atext, dots and quoted strings in any order, HTAB in its quotes, octets above 127
 * that are not UTF-8; a domain of atext, dots and octets above 127 in any order. No path that is
 * read holds NUL, CR, LF or another control octet.
 */
#ifndef MAILDRILL_SMTP_PATH_H
#define MAILDRILL_SMTP_PATH_H

#include "base/parse.h"
#include "base/slice.h"
#include "base/writer.h"
#include "smtp/domain.h"

#define SMTP_LOCAL_PART_MAX_OCTETS 64  /* RFC 5321 4.5.3.1.1: as written, quotes and all */
#define SMTP_PATH_MAX_OCTETS       256 /* RFC 5321 4.5.3.1.3: with brackets and route */

/* Offsets are those of the octet at fault; of an UNCLOSED_..., of what opens it. */
enum smtp_path_error {
    SMTP_PATH_EMPTY = 1,        /* nothing, or white space, where a path must stand */
    SMTP_PATH_UNCLOSED,         /* "<" without ">" */
    SMTP_PATH_UNCLOSED_QUOTE,   /* a quoted string without its end */
    SMTP_PATH_UNCLOSED_LITERAL, /* "[" without "]" */
    SMTP_PATH_BAD_ROUTE,        /* A-d-l without "@", domain or ":" */
    SMTP_PATH_BAD_LOCAL_PART,   /* an octet that no local part may hold */
    SMTP_PATH_EMPTY_LOCAL_PART, /* "<@example.org>", at its "@"; "<@a:>", after the ":" */
    SMTP_PATH_BAD_DOMAIN,       /* an octet that no domain may hold, or an empty domain */
    SMTP_PATH_TRAILING, /* an octet between the mailbox and ">", or right after a path's end */
};

struct smtp_path {
    struct slice raw;        /* as written, with its brackets where it has them */
    struct slice route;      /* A-d-l without ":"; empty where there is none */
    struct slice mailbox;    /* Local-part "@" domain; empty for the null path */
    struct slice local_part; /* as written, with its quotes */
    struct slice domain;     /* with its square brackets where it is a literal; may be empty */
    enum smtp_domain_kind domain_kind;
    bool null; /* "<>" */
    uint64_t
        quirks; /* NO_DOMAIN for every mailbox without: who knows the verb excuses postmaster */
};

/**
 * Reads one path from the start of `in`, which holds the rest of a command line without its ending:
 * the input is whole, so that the answer is never MORE. Consumes no white space on either side.
 * A path without brackets ends at SP, HTAB or the end (SMTP_QUIRK_NO_BRACKETS); what follows one
 * with brackets is the caller's to judge.
 */
struct parse_result smtp_path_parse(struct slice in, struct smtp_path *ret_path);

/** Writes the canonical form from route and mailbox, or "<>": brackets always, route kept. Parses
 * to the same (but raw and NO_BRACKETS). */
void smtp_path_write(const struct smtp_path *path, struct writer *out);

/** Local-part without quotes and backslashes (RFC 5321 4.1.2: the meaning, not the spelling). */
void smtp_path_unquote(struct slice local_part, struct writer *out);

/** One sentence for an error of this parser, without its full stop. */
const char *smtp_path_error_text(int error);

#endif
