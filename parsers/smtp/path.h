/*
 * path: where a message comes from or goes to.
 *
 *   Reverse-path = Path / "<>"                                      ; RFC 5321 4.1.2
 *   Forward-path = Path
 *   Path         = "<" [ A-d-l ":" ] Mailbox ">"
 *   A-d-l        = At-domain *( "," At-domain )
 *   At-domain    = "@" Domain
 *   Mailbox      = Local-part "@" ( Domain / address-literal )
 *   Local-part   = Dot-string / Quoted-string
 */
#ifndef MAILDRILL_SMTP_PATH_H
#define MAILDRILL_SMTP_PATH_H

#include "base/parse.h"
#include "base/slice.h"
#include "base/writer.h"

enum smtp_path_error {
    SMTP_PATH_EMPTY = 1,        /* nothing where a path must stand */
    SMTP_PATH_UNCLOSED,         /* "<" without ">" */
    SMTP_PATH_UNCLOSED_QUOTE,   /* a quoted string without its end */
    SMTP_PATH_UNCLOSED_LITERAL, /* "[" without "]" */
    SMTP_PATH_BAD_ROUTE,        /* A-d-l without domain or ":" */
    SMTP_PATH_BAD_LOCAL_PART,   /* an octet that no local part may hold */
    SMTP_PATH_EMPTY_LOCAL_PART, /* "<@example.org>" without route */
    SMTP_PATH_BAD_DOMAIN,       /* an octet that no domain may hold, or an empty domain */
    SMTP_PATH_TRAILING,         /* octets between the mailbox and ">" */
};

enum smtp_domain_kind {
    SMTP_DOMAIN_NONE,    /* no "@" */
    SMTP_DOMAIN_NAME,    /* Domain, or U-label of RFC 6531 */
    SMTP_DOMAIN_IPV4,    /* [192.0.2.1] */
    SMTP_DOMAIN_IPV6,    /* [IPv6:2001:db8::1] */
    SMTP_DOMAIN_GENERAL, /* [tag:content] */
    SMTP_DOMAIN_INVALID, /* none of these; see QUIRK INVALID_DOMAIN */
};

struct smtp_path {
    struct slice raw;        /* as written, with its brackets where it has them */
    struct slice route;      /* A-d-l without ":"; empty where there is none */
    struct slice mailbox;    /* Local-part "@" domain; empty for the null path */
    struct slice local_part; /* as written, with its quotes */
    struct slice domain;     /* with its square brackets where it is a literal; may be empty */
    enum smtp_domain_kind domain_kind;
    bool null; /* "<>" */
    uint64_t quirks;
};

/**
 * Reads one path from the start of `in`, which holds the rest of a command line without its ending:
 * the input is whole, so that the answer is never MORE. Consumes no white space on either side.
 * A path without brackets ends at SP, HTAB or the end (SMTP_QUIRK_NO_BRACKETS).
 */
struct parse_result smtp_path_parse(struct slice in, struct smtp_path *ret_path);

/** Kind of a domain or address literal; SMTP_DOMAIN_INVALID where it is none (RFC
 * 5321 4.1.2, 4.1.3). */
enum smtp_domain_kind smtp_domain_classify(struct slice domain);

/** Writes the canonical form: brackets always, route kept. Parses to the same (but raw and quirks).
 */
void smtp_path_write(const struct smtp_path *path, struct writer *out);

/** Local-part without quotes and backslashes (RFC 5321 4.1.2: the meaning, not the spelling). */
void smtp_path_unquote(struct slice local_part, struct writer *out);

#endif
