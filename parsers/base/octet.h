/*
 * octet: the one table of octet classes. No <ctype.h>, no locale, no signed char.
 */
#ifndef MAILDRILL_BASE_OCTET_H
#define MAILDRILL_BASE_OCTET_H

#include <stdbool.h>
#include <stdint.h>

#define OCTET_ALPHA     (1u << 0)  /* A-Z a-z */
#define OCTET_DIGIT     (1u << 1)  /* 0-9 */
#define OCTET_HEX_UPPER (1u << 2)  /* 0-9 A-F (xtext, RFC 3461 4) */
#define OCTET_ATEXT     (1u << 3)  /* RFC 5322 3.2.3 */
#define OCTET_WSP       (1u << 4)  /* SP, HTAB */
#define OCTET_GRAPHIC   (1u << 5)  /* 33-126 */
#define OCTET_EIGHT_BIT (1u << 6)  /* 128-255 */
#define OCTET_NUL       (1u << 7)  /* 0 */
#define OCTET_CR        (1u << 8)  /* 13 */
#define OCTET_LF        (1u << 9)  /* 10 */
#define OCTET_CONTROL   (1u << 10) /* 1-31 but HTAB, LF, CR; and 127 */
#define OCTET_XCHAR     (1u << 11) /* 33-126 but "+" and "=" (xtext, RFC 3461 4) */

extern const uint16_t base_octet_class[256];

/** Whether `octet` is in one of `classes` (OCTET_... bits). */
static inline bool octet_is(uint8_t octet, unsigned classes)
{
    return (base_octet_class[octet] & classes) != 0;
}

/** What a hexadecimal digit stands for, of either case; -1 where it is none. */
static inline int octet_hex_value(uint8_t octet)
{
    return octet >= '0' && octet <= '9'   ? octet - '0'
           : octet >= 'A' && octet <= 'F' ? octet - 'A' + 10
           : octet >= 'a' && octet <= 'f' ? octet - 'a' + 10
                                          : -1;
}

#endif
