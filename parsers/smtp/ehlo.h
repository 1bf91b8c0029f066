/*
 * ehlo: what a server announces in its reply to EHLO.
 *
 *   ehlo-ok-rsp  = "250-" Domain [ SP ehlo-greet ] CRLF             ; RFC 5321 4.1.1.1
 *                  *( "250-" ehlo-line CRLF ) "250" SP ehlo-line CRLF
 *   ehlo-line    = ehlo-keyword *( SP ehlo-param )
 *   ehlo-keyword = ( ALPHA / DIGIT ) *( ALPHA / DIGIT / "-" )
 *   ehlo-param   = 1*( %d33-126 )
 *
 * Unknown keywords are kept. The old form "AUTH=PLAIN" is keyword AUTH with SMTP_QUIRK_AUTH_EQUALS.
 * A line outside the grammar is SMTP_QUIRK_INVALID_KEYWORD and read as well as it can be: "=" and
 * HTAB separate as SP does, runs of white space count as one, and white space at the ends is cut.
 * Parameters that a known keyword's extension does not foresee are SMTP_QUIRK_INVALID_EHLO_PARAM.
 */
#ifndef MAILDRILL_SMTP_EHLO_H
#define MAILDRILL_SMTP_EHLO_H

#include "base/slice.h"
#include "smtp/reply.h"

enum smtp_extension {
    SMTP_EXTENSION_UNKNOWN,
    SMTP_EXTENSION_8BITMIME,            /* RFC 6152 */
    SMTP_EXTENSION_ATRN,                /* RFC 2645 */
    SMTP_EXTENSION_AUTH,                /* RFC 4954 */
    SMTP_EXTENSION_BINARYMIME,          /* RFC 3030 */
    SMTP_EXTENSION_BURL,                /* RFC 4468 */
    SMTP_EXTENSION_CHECKPOINT,          /* RFC 1845 */
    SMTP_EXTENSION_CHUNKING,            /* RFC 3030 */
    SMTP_EXTENSION_CONNEG,              /* RFC 4141 */
    SMTP_EXTENSION_CONPERM,             /* RFC 4141 */
    SMTP_EXTENSION_DELIVERBY,           /* RFC 2852 */
    SMTP_EXTENSION_DSN,                 /* RFC 3461 */
    SMTP_EXTENSION_ENHANCEDSTATUSCODES, /* RFC 2034 */
    SMTP_EXTENSION_ETRN,                /* RFC 1985 */
    SMTP_EXTENSION_EXPN,                /* RFC 5321 */
    SMTP_EXTENSION_FUTURERELEASE,       /* RFC 4865 */
    SMTP_EXTENSION_HELP,                /* RFC 5321 */
    SMTP_EXTENSION_LIMITS,              /* RFC 9422 */
    SMTP_EXTENSION_MT_PRIORITY,         /* RFC 6710 */
    SMTP_EXTENSION_MTRK,                /* RFC 3885 */
    SMTP_EXTENSION_NO_SOLICITING,       /* RFC 3865 */
    SMTP_EXTENSION_ONEX,                /* registered without an RFC: Sendmail */
    SMTP_EXTENSION_PIPELINING,          /* RFC 2920 */
    SMTP_EXTENSION_REQUIRETLS,          /* RFC 8689 */
    SMTP_EXTENSION_RRVS,                /* RFC 7293 */
    SMTP_EXTENSION_SAML,                /* RFC 821 */
    SMTP_EXTENSION_SEND,                /* RFC 821 */
    SMTP_EXTENSION_SIZE,                /* RFC 1870 */
    SMTP_EXTENSION_SMTPUTF8,            /* RFC 6531 */
    SMTP_EXTENSION_SOML,                /* RFC 821 */
    SMTP_EXTENSION_STARTTLS,            /* RFC 3207 */
    SMTP_EXTENSION_SUBMITTER,           /* RFC 4405 */
    SMTP_EXTENSION_TURN,                /* RFC 821 */
    SMTP_EXTENSION_UTF8SMTP,            /* RFC 5336, obsolete */
    SMTP_EXTENSION_VERB,                /* registered without an RFC: Sendmail */
    SMTP_EXTENSION_VRFY,                /* RFC 5321 */
    SMTP_EXTENSION_XCLIENT,             /* Postfix, XCLIENT_README */
    SMTP_EXTENSION_XFORWARD,            /* Postfix, XFORWARD_README */
};

struct smtp_ehlo_keyword {
    enum smtp_extension extension;
    struct slice keyword; /* as written; "AUTH" for "AUTH=PLAIN"; empty for an empty line */
    struct slice params;  /* what follows, trimmed; words separated by SP */
    uint64_t size;        /* SIZE: octets, saturated at UINT64_MAX; 0: none, or no number */
    uint32_t seconds;     /* DELIVERBY: the least, FUTURERELEASE: the longest time; 0: none */
    struct slice until;   /* FUTURERELEASE: the latest date-time (RFC 3339); empty: none */
    uint64_t quirks;      /* SMTP_QUIRK_AUTH_EQUALS, _INVALID_KEYWORD, _INVALID_EHLO_PARAM,
                             _DUPLICATE_KEYWORD */
};

struct smtp_ehlo {
    struct slice domain; /* the server's name; empty where none is right behind the code */
    struct slice greet;  /* what follows it on the first line; may be empty */
    struct slice rest;   /* private: the lines not yet read */
    uint64_t seen;       /* private: extensions met so far */
};

/** Reads the first line of a 2yz reply to EHLO; smtp_ehlo_next reads the others, whatever stood on
 * the first. */
void smtp_ehlo_begin(const struct smtp_reply *reply, struct smtp_ehlo *ret_ehlo);

/**
 * Quirks of the first line: NO_DOMAIN where no domain stands right behind the code, INVALID_DOMAIN
 * where it is none (an address literal is none there), LONG_DOMAIN.
 */
uint64_t smtp_ehlo_domain_quirks(const struct smtp_reply *reply);

/**
 * Reads the next keyword line; false where there is none left. SMTP_QUIRK_DUPLICATE_KEYWORD marks
 * the second line of an extension that this module knows; AUTH beside the old AUTH= is none.
 */
bool smtp_ehlo_next(struct smtp_ehlo *ehlo, struct smtp_ehlo_keyword *ret_keyword);

/** The same by the grammar alone, without the short way for plain lines: for tests. */
bool smtp_ehlo_next_by_grammar(struct smtp_ehlo *ehlo, struct smtp_ehlo_keyword *ret_keyword);

/** Finds the first line of that keyword, without regard to case. */
bool smtp_ehlo_find(const struct smtp_reply *reply, struct slice keyword,
                    struct smtp_ehlo_keyword *ret_keyword);

/** Takes the next parameter off the front of `*params`, as one of AUTH's mechanisms; false where
 * none is left. */
bool smtp_ehlo_param_next(struct slice *params, struct slice *ret_param);

/** Whether a keyword's parameters hold `word`, without regard to case ("AUTH" has "PLAIN"). */
bool smtp_ehlo_has_param(const struct smtp_ehlo_keyword *keyword, struct slice word);

/** One parameter of LIMITS: "RCPTMAX=100". */
struct smtp_ehlo_limit {
    struct slice name;  /* "RCPTMAX" */
    struct slice value; /* empty where none is given */
    uint32_t number;    /* MAILMAX, RCPTMAX, RCPTDOMAINMAX: 1-999999; else, or outside of that: 0 */
};

/** Takes the next limit off the front of `*params`, which begin as those of LIMITS; false where
 * none is left. */
bool smtp_ehlo_limit_next(struct slice *params, struct smtp_ehlo_limit *ret_limit);

#endif
