/*
 * quirk: the departures from RFC 5322's grammar that can still be read (bits 8 and up; base/quirk.h
 * has the bits of a line of octets).
 */
#ifndef MAILDRILL_IMF_QUIRK_H
#define MAILDRILL_IMF_QUIRK_H

#include "base/quirk.h"

#define IMF_QUIRK_SPACE_BEFORE_COLON QUIRK_FAMILY(0) /* "Subject :" (RFC 5322 4.5) */
#define IMF_QUIRK_EMPTY_FOLD                                                                       \
    QUIRK_FAMILY(1) /* a folded line of white space only (RFC 5322 3.2.2) */
#define IMF_QUIRK_NO_BLANK_LINE                                                                    \
    QUIRK_FAMILY(2) /* the header ends without an empty line (RFC 5322 2.1) */
#define IMF_QUIRK_FOLD_AT_START                                                                    \
    QUIRK_FAMILY(3) /* white space before the first name: " Subject: x" (RFC 5322 2.2.3) */

/** The table entry of the quirk bit number `n` (0 to 63) of this family or of base, or NULL. */
const struct quirk *imf_quirk(unsigned n);

#endif
