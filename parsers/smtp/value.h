/*
 * value: what the values of known parameters mean.
 *
 * A parameter of MAIL or RCPT, and an attribute of XCLIENT or XFORWARD, is one row of a table:
 * where it may stand, and how its value is read. Keywords and the words of a value are read in any
 * case. A keyword without a row is kept as it is.
 */
#ifndef MAILDRILL_SMTP_VALUE_H
#define MAILDRILL_SMTP_VALUE_H

#include "base/fold.h"
#include "base/slice.h"

/* Where a parameter may stand: bits. */
#define SMTP_ON_MAIL     (1u << 0) /* SEND, SOML and SAML likewise */
#define SMTP_ON_RCPT     (1u << 1)
#define SMTP_ON_XCLIENT  (1u << 2)
#define SMTP_ON_XFORWARD (1u << 3)
/* HOLDFOR, HOLDUNTIL: a command has one of them at most (RFC 4865 4.2). */
#define SMTP_HOLD (1u << 4)

#define SMTP_ENVID_MAX_OCTETS 100 /* RFC 3461 4.4: of the value */
#define SMTP_ORCPT_MAX_OCTETS 500 /* RFC 3461 4.2: of the parameter, "ORCPT=" included */

enum smtp_body { SMTP_BODY_7BIT, SMTP_BODY_8BITMIME, SMTP_BODY_BINARYMIME };

enum smtp_ret { SMTP_RET_FULL, SMTP_RET_HDRS };

/* NOTIFY: bits */
#define SMTP_NOTIFY_NEVER   (1u << 0) /* alone */
#define SMTP_NOTIFY_SUCCESS (1u << 1)
#define SMTP_NOTIFY_FAILURE (1u << 2)
#define SMTP_NOTIFY_DELAY   (1u << 3)

/* Which member of a value is set. */
enum smtp_value_type {
    SMTP_VALUE_NONE,     /* a keyword that takes no value */
    SMTP_VALUE_OCTETS,   /* SIZE */
    SMTP_VALUE_BODY,     /* BODY */
    SMTP_VALUE_RET,      /* RET */
    SMTP_VALUE_NOTIFY,   /* NOTIFY */
    SMTP_VALUE_ADDRESS,  /* ORCPT */
    SMTP_VALUE_BY,       /* BY */
    SMTP_VALUE_PRIORITY, /* MT-PRIORITY */
    SMTP_VALUE_SECONDS,  /* HOLDFOR */
    SMTP_VALUE_TIME,     /* HOLDUNTIL, RRVS */
    SMTP_VALUE_TRACKING, /* MTRK */
    SMTP_VALUE_XTEXT,    /* AUTH, ENVID, SUBMITTER, attributes: see smtp/xtext.h */
    SMTP_VALUE_TEXT,     /* SOLICIT, TRANSID: as written */
};

struct smtp_value {
    enum smtp_value_type type;
    uint64_t quirks; /* LOWER_CASE_XTEXT, or 0 */
    union {
        uint64_t octets; /* saturated at UINT64_MAX, which 20 digits may exceed */
        enum smtp_body body;
        enum smtp_ret ret;
        unsigned notify; /* SMTP_NOTIFY_... bits, never 0 */
        struct {
            struct slice type;    /* addr-type: "rfc822" */
            struct slice encoded; /* xtext; behind "utf-8", RFC 6533's form of it */
        } address;
        struct {
            int32_t seconds; /* -999999999 to 999999999; above 0 with `returned` */
            bool returned;   /* R: a message that is late goes back; N: its sender is told */
            bool trace;      /* T */
        } by;
        int priority;     /* -9 to 9 */
        uint32_t seconds; /* 1 to 999999999 */
        struct {
            struct slice date_time; /* RFC 3339 5.6 */
            uint8_t action;         /* RRVS: 'C' or 'R' when no longer the same; else 0 */
        } time;
        struct {
            struct slice certifier; /* base64 */
            uint32_t seconds;       /* 0 to 999999999 */
            bool has_seconds;
        } tracking;
        struct slice text; /* XTEXT, TEXT */
    };
};

/* One row of the table. */
struct smtp_value_rule {
    struct fold_name keyword;                                  /* in upper case */
    unsigned commands;                                         /* SMTP_ON_... bits, SMTP_HOLD */
    const char *section;                                       /* "RFC 1870 6" */
    bool (*read)(struct slice text, struct smtp_value *value); /* NULL: it takes no value */
    enum smtp_value_type type;
};

/** The rule of a keyword in any case, or NULL where it is unknown. */
const struct smtp_value_rule *smtp_value_rule(struct slice keyword);

/** The rule of row `n`, or NULL behind the last. */
const struct smtp_value_rule *smtp_value_rule_at(size_t n);

/**
 * Reads what stands behind the keyword: `text` behind "=", or no "=" at all where `has_value` is
 * false. False where that is outside the syntax of the parameter.
 */
bool smtp_value_read(const struct smtp_value_rule *rule, struct slice text, bool has_value,
                     struct smtp_value *ret_value);

/** Takes a date-time of RFC 3339 5.6, of a day that there is, off the front of `*rest`; false where
 * none stands there: then *rest may have lost octets. */
bool smtp_value_take_date_time(struct slice *rest, struct slice *ret_date_time);

/** The quirks of what smtp_value_read reads; SMTP_QUIRK_INVALID_VALUE where it answers false. */
uint64_t smtp_value_quirks(const struct smtp_value_rule *rule, struct slice text, bool has_value);

/**
 * Whether a parameter is known, may stand where one of `commands` is, and has a value without
 * quirks; and whether its bits are new to *seen, where they are then set. For the plain lines of
 * smtp/plain.h: `param` lies in `around` and has at most one "=", behind the first `keyword`
 * octets.
 */
bool smtp_value_is_plain(struct slice around, struct slice param, size_t keyword, unsigned commands,
                         uint64_t *seen);

#endif
