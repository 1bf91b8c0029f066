/*
 * enhanced: the enhanced status code at the head of a reply's text.
 *
 *   status-code = class "." subject "." detail      ; RFC 3463 2, RFC 2034 4
 *   class       = "2" / "4" / "5"
 *   subject     = 1*3DIGIT
 *   detail      = 1*3DIGIT
 */
#ifndef MAILDRILL_SMTP_ENHANCED_H
#define MAILDRILL_SMTP_ENHANCED_H

#include "base/slice.h"
#include "base/writer.h"

struct smtp_enhanced {
    uint16_t class;   /* 2, 4 or 5 */
    uint16_t subject; /* 0-999 */
    uint16_t detail;  /* 0-999 */
};

/**
 * Reads a code at the start of a reply's text; it ends at SP or at the end of the text.
 * Returns the octets read, the SP not included, or 0 where the text does not begin with one.
 */
size_t smtp_enhanced_parse(struct slice text, struct smtp_enhanced *ret_code);

/** Writes "5.7.1". */
void smtp_enhanced_write(struct smtp_enhanced code, struct writer *out);

#endif
