/*
 * quirk: the departures from SMTP's grammar that can still be read (bits 8 and up; base/quirk.h has
 * the bits of a line of octets). smtp_quirk tells each one's name, RFC section and meaning.
 */
#ifndef MAILDRILL_SMTP_QUIRK_H
#define MAILDRILL_SMTP_QUIRK_H

#include "base/quirk.h"

/* clang-format off */
/* command line */
#define SMTP_QUIRK_SPACE_BEFORE_PATH   QUIRK_FAMILY(0)  /* "MAIL FROM: <a@b>" */
#define SMTP_QUIRK_NO_BRACKETS         QUIRK_FAMILY(1)  /* "MAIL FROM:a@b" */
#define SMTP_QUIRK_TRAILING_SPACE      QUIRK_FAMILY(2)  /* white space before the line ending */
#define SMTP_QUIRK_EXTRA_SPACE         QUIRK_FAMILY(3)  /* between words: HTAB, or more than one SP */
#define SMTP_QUIRK_LEADING_SPACE       QUIRK_FAMILY(4)  /* white space before the verb */
#define SMTP_QUIRK_UNWANTED_ARGUMENT   QUIRK_FAMILY(5)  /* DATA, RSET, QUIT, STARTTLS, TURN with one */
#define SMTP_QUIRK_MISSING_ARGUMENT    QUIRK_FAMILY(6)  /* EHLO, HELO, LHLO, VRFY, EXPN without one */
#define SMTP_QUIRK_INVALID_DOMAIN      QUIRK_FAMILY(7)  /* of EHLO, HELO, LHLO, the reply to EHLO, a path or its route */
#define SMTP_QUIRK_SOURCE_ROUTE        QUIRK_FAMILY(8)  /* "<@a,@b:c@d>" */
#define SMTP_QUIRK_LONG_LOCAL_PART     QUIRK_FAMILY(9)  /* more than 64 octets */
#define SMTP_QUIRK_LONG_DOMAIN         QUIRK_FAMILY(10) /* more than 255 octets */
#define SMTP_QUIRK_LONG_PATH           QUIRK_FAMILY(11) /* more than 256 octets with its brackets */
#define SMTP_QUIRK_NO_DOMAIN           QUIRK_FAMILY(12) /* "<bob>", but not "RCPT TO:<postmaster>"; "250-" to EHLO */
#define SMTP_QUIRK_DUPLICATE_PARAMETER QUIRK_FAMILY(13) /* the same keyword twice */
#define SMTP_QUIRK_INVALID_PARAMETER   QUIRK_FAMILY(14) /* not esmtp-keyword [ "=" esmtp-value ] */
#define SMTP_QUIRK_INVALID_BASE64      QUIRK_FAMILY(15) /* of AUTH's initial response */
#define SMTP_QUIRK_INVALID_LOCAL_PART  QUIRK_FAMILY(16) /* neither Dot-string nor Quoted-string */
#define SMTP_QUIRK_NULL_FORWARD_PATH   QUIRK_FAMILY(17) /* "RCPT TO:<>" */
#define SMTP_QUIRK_INVALID_VALUE       QUIRK_FAMILY(18) /* of a known parameter: "SIZE=big" */
#define SMTP_QUIRK_MISPLACED_PARAMETER QUIRK_FAMILY(19) /* "RCPT TO:<a@b> SIZE=1" */
#define SMTP_QUIRK_LOWER_CASE_XTEXT    QUIRK_FAMILY(20) /* "ENVID=a+2b" */
#define SMTP_QUIRK_UNTAGGED_IPV6       QUIRK_FAMILY(21) /* "[2001:db8::1]", of a path or EHLO */
#define SMTP_QUIRK_TWO_HOLDS           QUIRK_FAMILY(22) /* "HOLDFOR=60 HOLDUNTIL=..." */
#define SMTP_QUIRK_NO_VERB             QUIRK_FAMILY(23) /* an empty line */
/* reply */
#define SMTP_QUIRK_NO_TEXT             QUIRK_FAMILY(24) /* code without the SP after it */
#define SMTP_QUIRK_CODE_RANGE          QUIRK_FAMILY(25) /* first digit not 2-5, or second not 0-5 */
#define SMTP_QUIRK_ENHANCED_CLASS      QUIRK_FAMILY(26) /* class differs from the code's */
#define SMTP_QUIRK_ENHANCED_MIXED      QUIRK_FAMILY(27) /* lines of one reply disagree */
#define SMTP_QUIRK_ENHANCED_PARTIAL    QUIRK_FAMILY(28) /* lines of one reply with it and without */
/* EHLO reply */
#define SMTP_QUIRK_AUTH_EQUALS         QUIRK_FAMILY(32) /* "AUTH=PLAIN", the old form */
#define SMTP_QUIRK_INVALID_KEYWORD     QUIRK_FAMILY(33) /* not ehlo-keyword *( SP ehlo-param ) */
#define SMTP_QUIRK_DUPLICATE_KEYWORD   QUIRK_FAMILY(34) /* the same keyword on two lines */
#define SMTP_QUIRK_INVALID_EHLO_PARAM  QUIRK_FAMILY(35) /* "SIZE 10M": not the extension's syntax */
/* end of data */
#define SMTP_QUIRK_UNSTUFFED_DOT       QUIRK_FAMILY(40) /* a line begins with one dot and goes on */
#define SMTP_QUIRK_LF_DOT              QUIRK_FAMILY(41) /* lone dot, not CRLF on both its sides */
/* clang-format on */

/** The table entry of the quirk bit number `n` (0 to 63) of this family or of base, or NULL. */
const struct quirk *smtp_quirk(unsigned n);

#endif
