/*
 * quirk: the departures from RFC 5322's grammar that can still be read (bits 8 and up; base/quirk.h
 * has the bits of a line of octets). imf_quirk tells each one's name, RFC section and meaning.
 */
#ifndef MAILDRILL_IMF_QUIRK_H
#define MAILDRILL_IMF_QUIRK_H

#include "base/quirk.h"

/* clang-format off */
/* field */
#define IMF_QUIRK_SPACE_BEFORE_COLON   QUIRK_FAMILY(0)  /* "Subject :" */
#define IMF_QUIRK_EMPTY_FOLD           QUIRK_FAMILY(1)  /* a folded line of white space only */
#define IMF_QUIRK_NO_BLANK_LINE        QUIRK_FAMILY(2)  /* the header ends without an empty line */
#define IMF_QUIRK_FOLD_AT_START        QUIRK_FAMILY(3)  /* white space before the first name */
/* tokens of structured fields */
#define IMF_QUIRK_UNCLOSED_COMMENT     QUIRK_FAMILY(4)  /* "(" without its ")" */
#define IMF_QUIRK_UNCLOSED_QUOTE       QUIRK_FAMILY(5)  /* a quoted-string without its second quote */
#define IMF_QUIRK_UNCLOSED_LITERAL     QUIRK_FAMILY(6)  /* "[" without its "]" */
#define IMF_QUIRK_OBS_TEXT             QUIRK_FAMILY(7)  /* control octet in a comment, quotes, brackets */
#define IMF_QUIRK_OBS_CFWS             QUIRK_FAMILY(8)  /* comment or space where only obs- syntax has it */
#define IMF_QUIRK_BARE_FOLD            QUIRK_FAMILY(9)  /* line ending without white space behind it */
#define IMF_QUIRK_TRAILING_TEXT        QUIRK_FAMILY(10) /* something behind what the field's syntax takes */
/* address */
#define IMF_QUIRK_OBS_LOCAL_PART       QUIRK_FAMILY(11) /* words and dots: a."b".c@d */
#define IMF_QUIRK_OBS_DOMAIN           QUIRK_FAMILY(12) /* white space or comment at a dot of a domain */
#define IMF_QUIRK_OBS_ROUTE            QUIRK_FAMILY(13) /* <@a,@b:c@d> */
#define IMF_QUIRK_OBS_PHRASE           QUIRK_FAMILY(14) /* a period in a phrase: J. Doe <j@d> */
#define IMF_QUIRK_EMPTY_ELEMENT        QUIRK_FAMILY(15) /* "a@b,,c@d" */
#define IMF_QUIRK_INVALID_LOCAL_PART   QUIRK_FAMILY(16) /* "a..b@c", octets that no local-part has */
#define IMF_QUIRK_INVALID_DOMAIN       QUIRK_FAMILY(17) /* "a@b..c", octets that no domain has */
#define IMF_QUIRK_NO_LOCAL_PART        QUIRK_FAMILY(18) /* "@d" */
#define IMF_QUIRK_NO_DOMAIN            QUIRK_FAMILY(19) /* "bob" */
#define IMF_QUIRK_NULL_ADDRESS         QUIRK_FAMILY(20) /* "Bob <>" */
#define IMF_QUIRK_UNPAIRED_ANGLE       QUIRK_FAMILY(21) /* "Bob <a@b", "<<a@b>>", "a@b>" */
#define IMF_QUIRK_UNCLOSED_GROUP       QUIRK_FAMILY(22) /* "list: a@b" */
#define IMF_QUIRK_UNQUOTED_SPECIAL     QUIRK_FAMILY(23) /* "Bob @ Home <a@b>", "=?x?Q?a,b?=" */
#define IMF_QUIRK_STRAY_SEPARATOR      QUIRK_FAMILY(24) /* ";" outside of a group, a group in one, ":" alone */
#define IMF_QUIRK_NO_ANGLE             QUIRK_FAMILY(25) /* "Bob a@b", ""a@b"" */
#define IMF_QUIRK_LONG_LOCAL_PART      QUIRK_FAMILY(26) /* more than 64 octets */
#define IMF_QUIRK_LONG_DOMAIN          QUIRK_FAMILY(27) /* more than 255 octets */
#define IMF_QUIRK_MISSING_SEPARATOR    QUIRK_FAMILY(55) /* "<a@b> <c@d>" */
/* date-time */
#define IMF_QUIRK_OBS_YEAR             QUIRK_FAMILY(28) /* two or three digits */
#define IMF_QUIRK_OBS_ZONE             QUIRK_FAMILY(29) /* "GMT", "EST", "A" */
#define IMF_QUIRK_INVALID_WEEKDAY      QUIRK_FAMILY(30) /* no day's name, or of another date's */
#define IMF_QUIRK_INVALID_ZONE         QUIRK_FAMILY(31) /* missing, unknown, "+01:00", "+0199" */
#define IMF_QUIRK_TIME_SYNTAX          QUIRK_FAMILY(32) /* "9:5", "12.30.00", "9:05 PM", no time */
#define IMF_QUIRK_DATE_SYNTAX          QUIRK_FAMILY(33) /* "18-Dec-2017", "December", ISO 8601 */
#define IMF_QUIRK_DATE_RANGE           QUIRK_FAMILY(34) /* 31 Feb, year before 1900, 24:00 */
/* msg-id */
#define IMF_QUIRK_OBS_ID               QUIRK_FAMILY(35) /* quotes, comments or space inside; words beside it */
#define IMF_QUIRK_INVALID_ID           QUIRK_FAMILY(36) /* no "@", octets that no msg-id has */
#define IMF_QUIRK_NO_ID_BRACKETS       QUIRK_FAMILY(37) /* "a@b" */
/* Received */
#define IMF_QUIRK_NO_DATE              QUIRK_FAMILY(38) /* no date-time behind a semicolon */
#define IMF_QUIRK_INVALID_CLAUSE       QUIRK_FAMILY(39) /* out of order, twice, or of no known name */
/* encoded-word */
#define IMF_QUIRK_INVALID_ENCODING     QUIRK_FAMILY(40) /* octets that its encoding does not have */
#define IMF_QUIRK_LONG_ENCODED_WORD    QUIRK_FAMILY(41) /* more than 75 octets */
#define IMF_QUIRK_GLUED_ENCODED_WORD   QUIRK_FAMILY(42) /* no white space beside it */
#define IMF_QUIRK_SPACE_IN_ENCODED     QUIRK_FAMILY(43) /* white space inside it */
#define IMF_QUIRK_UNKNOWN_ENCODING     QUIRK_FAMILY(50) /* neither Q nor B */
#define IMF_QUIRK_UNCLOSED_ENCODED_WORD QUIRK_FAMILY(51) /* "=?utf-8?Q?a" without "?=" */
#define IMF_QUIRK_EMPTY_ENCODED_WORD   QUIRK_FAMILY(52) /* nothing between "?Q?" and "?=" */
#define IMF_QUIRK_INVALID_CHARSET      QUIRK_FAMILY(53) /* charset or language that is no token; octets of another charset: for who converts them to name */
/* parameters of Content-Type and its like */
#define IMF_QUIRK_DUPLICATE_PARAMETER  QUIRK_FAMILY(44) /* the same attribute twice */
#define IMF_QUIRK_PARAMETER_SECTIONS   QUIRK_FAMILY(45) /* sections missing, twice, or with a zero before their number */
#define IMF_QUIRK_INVALID_PARAMETER    QUIRK_FAMILY(46) /* no ";", no attribute, no "=", no value */
#define IMF_QUIRK_UNQUOTED_VALUE       QUIRK_FAMILY(47) /* a value that needs quotes and has none */
#define IMF_QUIRK_INVALID_EXTENDED     QUIRK_FAMILY(48) /* bad "%", charset not where it must be; octets of another: likewise */
#define IMF_QUIRK_MISPLACED_ENCODED_WORD QUIRK_FAMILY(54) /* an encoded word in a value; in quotes: for who decodes it to name */
#define IMF_QUIRK_NO_SUBTYPE           QUIRK_FAMILY(49) /* "text" */
/* clang-format on */

/**
 * The quirks of a field's body, or of a part of it, that its grammar does not matter to: BARE_CR,
 * NUL, CONTROL, BARE_LF; BARE_FOLD where no white space follows a CRLF in it; and UTF8 where all
 * octets above 127 are well-formed UTF-8 (RFC 6532), else EIGHT_BIT.
 */
uint64_t imf_quirks_of_octets(struct slice text);

/** `seen` in `text`: EIGHT_BIT becomes UTF8 where `text` is well-formed UTF-8. */
uint64_t imf_quirks_tell_utf8(uint64_t seen, struct slice text);

/** The table entry of the quirk bit number `n` (0 to 63) of this family or of base, or NULL. */
const struct quirk *imf_quirk(unsigned n);

#endif
