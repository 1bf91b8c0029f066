/*
 * enhanced: the enhanced status code at the head of a reply's text.
 *
 *   status-code = class "." subject "." detail      ; RFC 3463 2, RFC 2034 4
 *   class       = "2" / "4" / "5"
 *   subject     = 1*3DIGIT                          ; without leading zeros
 *   detail      = 1*3DIGIT                          ; without leading zeros
 */
#ifndef MAILDRILL_SMTP_ENHANCED_H
#define MAILDRILL_SMTP_ENHANCED_H

#include "base/slice.h"
#include "base/writer.h"

struct smtp_enhanced {
    uint16_t status_class; /* 2, 4 or 5 */
    uint16_t subject;      /* 0-999 */
    uint16_t detail;       /* 0-999 */
};

/**
 * Reads a code at the start of a reply's text; it ends at SP or at the end of the text, so that an
 * address ("2.0.0.1 hello") is not taken for one.
 * Returns the octets read, the SP not included, or 0 where the text does not begin with one; only
 * then *ret_code is left alone.
 */
size_t smtp_enhanced_parse(struct slice text, struct smtp_enhanced *ret_code);

static inline bool smtp_enhanced_equal(struct smtp_enhanced a, struct smtp_enhanced b)
{
    return a.status_class == b.status_class && a.subject == b.subject && a.detail == b.detail;
}

struct smtp_enhanced_status {
    const char *meaning; /* without its full stop: "mailbox full" */
    const char *source;  /* that defines it: "RFC 3463 3.3" */
};

/**
 * What subject and detail mean, whatever the class (RFC 3463 3, and the registry of RFC 5248); NULL
 * where they are not registered, which is no quirk: the grammar leaves room for more.
 */
const struct smtp_enhanced_status *smtp_enhanced_find(struct smtp_enhanced code);

/** Writes "5.7.1". */
void smtp_enhanced_write(struct smtp_enhanced code, struct writer *out);

#endif
