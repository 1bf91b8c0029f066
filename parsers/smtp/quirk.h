/*
 * quirk: the departures from SMTP's grammar that can still be read (bits 8 and up; base/quirk.h has
 * the bits of a line of octets).
 */
#ifndef MAILDRILL_SMTP_QUIRK_H
#define MAILDRILL_SMTP_QUIRK_H

#include "base/quirk.h"

/* command line */
#define SMTP_QUIRK_SPACE_BEFORE_PATH QUIRK_FAMILY(0) /* "MAIL FROM: <a@b>" (RFC 5321 3.3) */
#define SMTP_QUIRK_NO_BRACKETS       QUIRK_FAMILY(1) /* "MAIL FROM:a@b" (RFC 5321 4.1.2) */
#define SMTP_QUIRK_TRAILING_SPACE                                                                  \
    QUIRK_FAMILY(2) /* white space before the line ending (RFC 5321 4.1.1) */
#define SMTP_QUIRK_EXTRA_SPACE                                                                     \
    QUIRK_FAMILY(3) /* more than one SP, or HTAB, between words (RFC 5321 4.1.1) */
#define SMTP_QUIRK_LEADING_SPACE                                                                   \
    QUIRK_FAMILY(4) /* white space before the verb (RFC 5321 4.1.1)                                \
                     */
#define SMTP_QUIRK_UNWANTED_ARGUMENT                                                               \
    QUIRK_FAMILY(5) /* DATA, RSET, QUIT, STARTTLS with one (RFC 5321 4.1.1) */
#define SMTP_QUIRK_MISSING_ARGUMENT                                                                \
    QUIRK_FAMILY(6) /* EHLO, HELO, VRFY, EXPN without one (RFC 5321 4.1.1) */
#define SMTP_QUIRK_INVALID_DOMAIN                                                                  \
    QUIRK_FAMILY(7) /* argument of EHLO, HELO, LHLO or domain of a path (RFC 5321 4.1.2, 4.1.3) */
#define SMTP_QUIRK_SOURCE_ROUTE    QUIRK_FAMILY(8)  /* "<@a,@b:c@d>" (RFC 5321 4.1.2, appendix C) */
#define SMTP_QUIRK_LONG_LOCAL_PART QUIRK_FAMILY(9)  /* more than 64 octets (RFC 5321 4.5.3.1.1) */
#define SMTP_QUIRK_LONG_DOMAIN     QUIRK_FAMILY(10) /* more than 255 octets (RFC 5321 4.5.3.1.2) */
#define SMTP_QUIRK_LONG_PATH                                                                       \
    QUIRK_FAMILY(11) /* more than 256 octets with its brackets (RFC 5321 4.5.3.1.3) */
#define SMTP_QUIRK_NO_DOMAIN                                                                       \
    QUIRK_FAMILY(12) /* "<bob>" other than <postmaster> in RCPT (RFC 5321 4.1.2) */
#define SMTP_QUIRK_DUPLICATE_PARAMETER                                                             \
    QUIRK_FAMILY(13) /* the same MAIL or RCPT keyword twice (RFC 5321 4.1.1.11) */
#define SMTP_QUIRK_INVALID_PARAMETER                                                               \
    QUIRK_FAMILY(14) /* not esmtp-keyword ["=" esmtp-value] (RFC 5321 4.1.2) */
#define SMTP_QUIRK_INVALID_BASE64                                                                  \
    QUIRK_FAMILY(15) /* AUTH initial response (RFC 4954 4, RFC 4648 4) */
#define SMTP_QUIRK_INVALID_LOCAL_PART                                                              \
    QUIRK_FAMILY(16) /* readable, but neither Dot-string nor Quoted-string (RFC 5321 4.1.2) */
#define SMTP_QUIRK_NULL_FORWARD_PATH QUIRK_FAMILY(17) /* "RCPT TO:<>" (RFC 5321 4.1.2) */
/* reply */
#define SMTP_QUIRK_NO_TEXT QUIRK_FAMILY(24) /* code without the SP after it (RFC 5321 4.2.1) */
#define SMTP_QUIRK_CODE_RANGE                                                                      \
    QUIRK_FAMILY(25) /* first digit not 2-5 or second not 0-5 (RFC 5321 4.2) */
#define SMTP_QUIRK_ENHANCED_CLASS                                                                  \
    QUIRK_FAMILY(26)                               /* class differs from the code's (RFC 2034 4)   \
                                                    */
#define SMTP_QUIRK_ENHANCED_MIXED QUIRK_FAMILY(27) /* lines of one reply disagree (RFC 2034 4) */
/* EHLO reply */
#define SMTP_QUIRK_AUTH_EQUALS                                                                     \
    QUIRK_FAMILY(32) /* "AUTH=PLAIN", the old form (RFC 4954 3 superseding drafts) */
#define SMTP_QUIRK_INVALID_KEYWORD                                                                 \
    QUIRK_FAMILY(33) /* not ehlo-keyword *(SP ehlo-param) (RFC 5321 4.1.1.1) */
#define SMTP_QUIRK_DUPLICATE_KEYWORD                                                               \
    QUIRK_FAMILY(34) /* the same keyword on two lines (RFC 5321 4.1.1.1) */
/* end of data */
#define SMTP_QUIRK_UNSTUFFED_DOT                                                                   \
    QUIRK_FAMILY(40) /* a line begins with one dot and goes on (RFC 5321 4.5.2) */
#define SMTP_QUIRK_LF_DOT                                                                          \
    QUIRK_FAMILY(                                                                                  \
        41) /* a lone dot with a line ending other than CRLF beside it (RFC 5321 4.1.1.4) */

/** The table entry of the quirk bit number `n` (0 to 63) of this family or of base, or NULL. */
const struct quirk *smtp_quirk(unsigned n);

#endif
