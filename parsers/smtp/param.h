/*
 * param: the parameters of MAIL and RCPT.
 *
 *   Mail-parameters = esmtp-param *( SP esmtp-param )               ; RFC 5321 4.1.2
 *   esmtp-param     = esmtp-keyword [ "=" esmtp-value ]
 *   esmtp-keyword   = ( ALPHA / DIGIT ) *( ALPHA / DIGIT / "-" )
 *   esmtp-value     = 1*( %d33-60 / %d62-126 )
 */
#ifndef MAILDRILL_SMTP_PARAM_H
#define MAILDRILL_SMTP_PARAM_H

#include "base/parse.h"
#include "base/slice.h"

struct smtp_param {
    struct slice keyword;
    struct slice value; /* empty where has_value is false */
    bool has_value;     /* "=" stood there */
    uint64_t quirks;    /* SMTP_QUIRK_INVALID_PARAMETER, SMTP_QUIRK_EXTRA_SPACE */
};

/** Takes the next parameter off the front of `*rest`; false where nothing but white space is left.
 */
bool smtp_param_next(struct slice *rest, struct smtp_param *ret_param);

/** Finds the first parameter with that keyword, without regard to case. */
bool smtp_param_find(struct slice params, struct slice keyword, struct smtp_param *ret_param);

#endif
