/*
 * xtext: octets that an esmtp-value may not hold, written with those it may.
 *
 *   xtext   = *( xchar / hexchar )                                   ; RFC 3461 4
 *   xchar   = %d33-42 / %d44-60 / %d62-126      ; but "+" and "="
 *   hexchar = "+" 2( DIGIT / "A" / "B" / "C" / "D" / "E" / "F" )
 *
 * A hexchar in lower case is read, and named SMTP_QUIRK_LOWER_CASE_XTEXT.
 */
#ifndef MAILDRILL_SMTP_XTEXT_H
#define MAILDRILL_SMTP_XTEXT_H

#include "base/slice.h"
#include "base/writer.h"

/** Quirks of `text` as xtext: INVALID_VALUE where it is none, LOWER_CASE_XTEXT; else 0. */
uint64_t smtp_xtext_quirks(struct slice text);

/** Whether all of `text` is xchars, which stand for themselves. */
bool smtp_xtext_is_plain(struct slice text);

/** Takes one octet that an xchar or hexchar stands for off the front of `*rest`; false, and nothing
 * taken, where neither stands there. */
bool smtp_xtext_next(struct slice *rest, uint8_t *ret_octet);

/** Writes the octets that `text` stands for; they are never more than its own. False where it is no
 * xtext: then those before the fault are written. */
bool smtp_xtext_decode(struct slice text, struct writer *out);

/** Writes `octets` as xtext, a hexchar only where one is needed: up to three for each. Decodes to
 * the same. */
void smtp_xtext_encode(struct slice octets, struct writer *out);

#endif
