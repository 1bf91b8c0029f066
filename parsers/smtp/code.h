/*
 * code: the reply codes of SMTP and its extensions, and what each may answer.
 *
 * RFC 5321 4.2.3 lists the codes, 4.3.2 which of them each command may draw; the extensions add
 * to both. This is a table to look things up in: any code can still come from any server, and a
 * client acts on its first digit alone (RFC 5321 4.2.1).
 */
#ifndef MAILDRILL_SMTP_CODE_H
#define MAILDRILL_SMTP_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct smtp_code {
    uint16_t code;       /* 200-559 */
    const char *meaning; /* in a few words, without its full stop */
    const char *section; /* that defines it: "RFC 5321 4.2.3" */
};

/** What a reply answers. */
enum smtp_code_context {
    SMTP_CODE_GREETING, /* the connection itself */
    SMTP_CODE_EHLO,
    SMTP_CODE_HELO,
    SMTP_CODE_LHLO,
    SMTP_CODE_MAIL,
    SMTP_CODE_RCPT,
    SMTP_CODE_DATA,
    SMTP_CODE_END_OF_DATA, /* of DATA; of BDAT it is part of that command */
    SMTP_CODE_BDAT,
    SMTP_CODE_BURL,
    SMTP_CODE_RSET,
    SMTP_CODE_VRFY,
    SMTP_CODE_EXPN,
    SMTP_CODE_HELP,
    SMTP_CODE_NOOP,
    SMTP_CODE_QUIT,
    SMTP_CODE_STARTTLS,
    SMTP_CODE_AUTH, /* each reply of the exchange */
    SMTP_CODE_ETRN,
    SMTP_CODE_ATRN,
    SMTP_CODE_TURN,
    SMTP_CODE_SEND, /* and SOML, SAML */
    SMTP_CODE_XCLIENT,
    SMTP_CODE_XFORWARD,
    SMTP_CODE_UNKNOWN, /* a command that the server does not know */
    SMTP_CODE_CONTEXTS,
};

/** The entry of `code`, or NULL where none is registered. */
const struct smtp_code *smtp_code_find(unsigned code);

/**
 * The section by which `code` may answer `context`, or NULL where no RFC foresees it. A code that
 * is right only in some state (530 before STARTTLS, 503 out of order) is allowed.
 */
const char *smtp_code_allowed_by(unsigned code, enum smtp_code_context context);

static inline bool smtp_code_is_allowed(unsigned code, enum smtp_code_context context)
{
    return smtp_code_allowed_by(code, context) != NULL;
}

#endif
