/*
 * diagnosis: what is wrong with one addr-spec, or unusual about it, named as exactly as it can be.
 *
 *   addr-spec  = local-part "@" domain                               ; RFC 5322 3.4.1, 4.4
 *   local-part = dot-atom / quoted-string / obs-local-part
 *   domain     = dot-atom / domain-literal / obs-domain
 *
 * RFC 5322 says what may stand in a message; RFC 5321 and RFC 1035 what can be mailed to. So the
 * findings have categories, each worse than the one before it:
 *
 *   valid        a Mailbox of RFC 5321 with nothing unusual about it
 *   rfc5321      a Mailbox, with something unusual about it
 *   cfws         valid in a message; white space or comments must go before it can be mailed to
 *   deprecated   only the obsolete syntax has it
 *   rfc5322      valid in a message, but no mail can be sent to it
 *   error        not an addr-spec
 *
 * The worst finding is the diagnosis; an error ends the reading. The classification is that of
 * Dominic Sayers' is_email 3.05, and each finding has its name for it; a diagnosis depends on the
 * octets alone, so there is none that asks DNS. Three things are judged by the grammar where
 * is_email does otherwise: LF in a domain literal is an error, no obs-dtext; so is whatever follows
 * a domain literal, a dot too; and what is not closed is named so, white space at its end or not.
 */
#ifndef MAILDRILL_IMF_DIAGNOSIS_H
#define MAILDRILL_IMF_DIAGNOSIS_H

#include "base/slice.h"

/* clang-format off */
enum imf_finding {
    IMF_VALID,
    /* rfc5321 */
    IMF_SINGLE_LABEL,                      /* "a@b" */
    IMF_NUMERIC_TLD,                       /* "a@b.1" */
    IMF_QUOTED_STRING,                     /* ""a b"@c.d" */
    IMF_ADDRESS_LITERAL,                   /* "a@[192.0.2.1]" */
    /* cfws */
    IMF_CFWS_COMMENT,
    IMF_CFWS_FWS,
    /* deprecated */
    IMF_DEPRECATED_LOCAL_PART,             /* ""a".b@c.d" */
    IMF_DEPRECATED_FWS,                    /* "a . b@c.d", two folds in a row */
    IMF_DEPRECATED_QTEXT,                  /* control octet in quotes */
    IMF_DEPRECATED_QUOTED_PAIR,            /* control octet behind a backslash */
    IMF_DEPRECATED_COMMENT,                /* "a.(c)b@c.d" */
    IMF_DEPRECATED_CTEXT,                  /* control octet in a comment */
    IMF_IPV6_DEPRECATED,                   /* "::" for one group alone */
    IMF_CFWS_NEAR_AT,                      /* "a @c.d" */
    /* rfc5322 */
    IMF_DOMAIN_NOT_RFC5321,                /* "a@b_c.d" */
    IMF_TOO_LONG,                          /* more than 254 octets */
    IMF_LOCAL_PART_TOO_LONG,               /* more than 64 */
    IMF_DOMAIN_TOO_LONG,                   /* more than 255 */
    IMF_LABEL_TOO_LONG,                    /* more than 63 */
    IMF_DOMAIN_LITERAL,                    /* no address literal: "a@[b]" */
    IMF_OBS_DTEXT,                         /* "a@[\b]" */
    IMF_IPV6_GROUP_COUNT,                  /* not eight, and no "::" */
    IMF_IPV6_TWO_DOUBLE_COLONS,
    IMF_IPV6_BAD_GROUP,                    /* not 1*4HEXDIG */
    IMF_IPV6_TOO_MANY_GROUPS,              /* beside "::" */
    IMF_IPV6_COLON_AT_START,
    IMF_IPV6_COLON_AT_END,
    /* error */
    IMF_EXPECTING_DTEXT,
    IMF_MISSING_LOCAL_PART,
    IMF_MISSING_DOMAIN,                    /* no "@" too */
    IMF_CONSECUTIVE_DOTS,
    IMF_ATEXT_AFTER_CFWS,
    IMF_ATEXT_AFTER_QUOTED_STRING,
    IMF_ATEXT_AFTER_DOMAIN_LITERAL,
    IMF_EXPECTING_QUOTED_PAIR,
    IMF_EXPECTING_ATEXT,
    IMF_EXPECTING_QTEXT,
    IMF_EXPECTING_CTEXT,
    IMF_BACKSLASH_AT_END,
    IMF_DOT_AT_START,                      /* of local part or domain */
    IMF_DOT_AT_END,
    IMF_HYPHEN_AT_START,                   /* of a label */
    IMF_HYPHEN_AT_END,
    IMF_UNCLOSED_QUOTED_STRING,
    IMF_UNCLOSED_COMMENT,
    IMF_UNCLOSED_DOMAIN_LITERAL,
    IMF_CRLF_TWICE,                        /* no white space between two */
    IMF_CRLF_AT_END,                       /* no white space behind it */
    IMF_CR_WITHOUT_LF,
};
/* clang-format on */

struct imf_finding_entry {
    const char *name;     /* kebab-case, as printed */
    const char *is_email; /* is_email's name for it: "ISEMAIL_RFC5321_TLD" */
    const char *category; /* as above */
    const char *section;  /* "RFC 5322 3.4.1" */
    const char *summary;  /* one sentence without its full stop */
};

struct imf_diagnosis {
    enum imf_finding worst;
    size_t offset; /* of the octet where it was found; the length where the end is what is wrong;
                      0 for IMF_VALID */
};

/**
 * Reads all of `addr_spec` and says the worst about it. `utf8`: well-formed UTF-8 is text as in
 * RFC 6532 3.2; else, and where it is not well-formed, an octet above 127 is an error.
 */
struct imf_diagnosis imf_diagnose(struct slice addr_spec, bool utf8);

/** The table entry of a finding. */
const struct imf_finding_entry *imf_finding_entry(enum imf_finding finding);

#endif
