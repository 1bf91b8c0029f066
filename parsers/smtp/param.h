/*
 * param: the parameters of MAIL and RCPT.
 *
 *   Mail-parameters = esmtp-param *( SP esmtp-param )               ; RFC 5321 4.1.2
 *   esmtp-param     = esmtp-keyword [ "=" esmtp-value ]
 *   esmtp-keyword   = ( ALPHA / DIGIT ) *( ALPHA / DIGIT / "-" )
 *   esmtp-value     = 1*( %d33-60 / %d62-126 / UTF8-non-ascii )     ; RFC 6531 3.3
 *
 * Any run of octets without white space is read as a parameter; one outside the grammar is named
 * SMTP_QUIRK_INVALID_PARAMETER. Its keyword is then what stands before the first "=".
 */
#ifndef MAILDRILL_SMTP_PARAM_H
#define MAILDRILL_SMTP_PARAM_H

#include "base/parse.h"
#include "base/slice.h"
#include "base/writer.h"

struct smtp_param {
    struct slice keyword;
    struct slice value; /* empty where has_value is false */
    bool has_value;     /* "=" stood there */
    uint64_t quirks;    /* SMTP_QUIRK_INVALID_PARAMETER; SMTP_QUIRK_EXTRA_SPACE before it */
};

/** Takes the next parameter off the front of `*rest`; false where nothing but white space is left.
 */
bool smtp_param_next(struct slice *rest, struct smtp_param *ret_param);

/** Finds the first parameter with that keyword, without regard to case. */
bool smtp_param_find(struct slice params, struct slice keyword, struct smtp_param *ret_param);

/** A keyword is known to stand twice when it is one of this many different ones that come first:
 * a bound that keeps the work linear, well above the number of keywords registered. */
#define SMTP_PARAM_MAX_COMPARED 32

/**
 * Quirks of all parameters together where one of `commands` (SMTP_ON_... bits of smtp/value.h) has
 * them: those of each, DUPLICATE_PARAMETER, and of known ones MISPLACED_PARAMETER, INVALID_VALUE,
 * LOWER_CASE_XTEXT and TWO_HOLDS.
 */
uint64_t smtp_param_quirks(struct slice params, unsigned commands);

/** Writes all parameters, each after one SP; parses to the same without EXTRA_SPACE. */
void smtp_param_write(struct slice params, struct writer *out);

#endif
