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
 */
#ifndef MAILDRILL_SMTP_EHLO_H
#define MAILDRILL_SMTP_EHLO_H

#include "base/slice.h"
#include "smtp/reply.h"

enum smtp_extension {
    SMTP_EXTENSION_UNKNOWN,
    SMTP_EXTENSION_8BITMIME,
    SMTP_EXTENSION_AUTH,
    SMTP_EXTENSION_BINARYMIME,
    SMTP_EXTENSION_CHUNKING,
    SMTP_EXTENSION_DSN,
    SMTP_EXTENSION_ENHANCEDSTATUSCODES,
    SMTP_EXTENSION_ETRN,
    SMTP_EXTENSION_EXPN,
    SMTP_EXTENSION_HELP,
    SMTP_EXTENSION_PIPELINING,
    SMTP_EXTENSION_SIZE,
    SMTP_EXTENSION_SMTPUTF8,
    SMTP_EXTENSION_STARTTLS,
    SMTP_EXTENSION_VRFY,
};

struct smtp_ehlo_keyword {
    enum smtp_extension extension;
    struct slice keyword; /* as written; "AUTH" for "AUTH=PLAIN"; empty for an empty line */
    struct slice params;  /* what follows, trimmed; words separated by SP */
    uint64_t size;   /* SIZE: its parameter, saturated at UINT64_MAX; 0 where it is no number */
    uint64_t quirks; /* SMTP_QUIRK_AUTH_EQUALS, _INVALID_KEYWORD, _DUPLICATE_KEYWORD */
};

struct smtp_ehlo {
    struct slice domain; /* the server's name for itself */
    struct slice greet;  /* what follows it on the first line; may be empty */
    struct slice rest;   /* private: lines not yet read */
    uint32_t seen;       /* private: extensions met so far */
};

/** Reads the first line of a 2yz reply to EHLO; false where no domain stands right behind the code.
 */
bool smtp_ehlo_begin(const struct smtp_reply *reply, struct smtp_ehlo *ret_ehlo);

/**
 * Reads the next keyword line; false where there is none left. SMTP_QUIRK_DUPLICATE_KEYWORD marks
 * the second line of an extension that this module knows; AUTH beside the old AUTH= is none.
 */
bool smtp_ehlo_next(struct smtp_ehlo *ehlo, struct smtp_ehlo_keyword *ret_keyword);

/** Finds the first line of that keyword, without regard to case. */
bool smtp_ehlo_find(const struct smtp_reply *reply, struct slice keyword,
                    struct smtp_ehlo_keyword *ret_keyword);

/** Whether a keyword's parameters hold `word`, without regard to case ("AUTH" has "PLAIN"). */
bool smtp_ehlo_has_param(const struct smtp_ehlo_keyword *keyword, struct slice word);

#endif
