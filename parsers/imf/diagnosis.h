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
 * Dominic Sayers' is_email, whose names stand behind ours below; a diagnosis depends on the octets
 * alone, so there is none that asks DNS.
 */
#ifndef MAILDRILL_IMF_DIAGNOSIS_H
#define MAILDRILL_IMF_DIAGNOSIS_H

#include "base/slice.h"

/* clang-format off */
enum imf_finding {                         /* ISEMAIL_... */
    IMF_VALID,                             /* VALID */
    /* rfc5321 */
    IMF_SINGLE_LABEL,                      /* RFC5321_TLD: "a@b" */
    IMF_NUMERIC_TLD,                       /* RFC5321_TLDNUMERIC: "a@b.1" */
    IMF_QUOTED_STRING,                     /* RFC5321_QUOTEDSTRING: ""a b"@c.d" */
    IMF_ADDRESS_LITERAL,                   /* RFC5321_ADDRESSLITERAL: "a@[192.0.2.1]" */
    IMF_IPV6_DEPRECATED,                   /* RFC5321_IPV6DEPRECATED: "::" for one group alone */
    /* cfws */
    IMF_CFWS_COMMENT,                      /* CFWS_COMMENT */
    IMF_CFWS_FWS,                          /* CFWS_FWS */
    /* deprecated */
    IMF_DEPRECATED_LOCAL_PART,             /* DEPREC_LOCALPART: ""a".b@c.d" */
    IMF_DEPRECATED_FWS,                    /* DEPREC_FWS: "a . b@c.d", two folds in a row */
    IMF_DEPRECATED_QTEXT,                  /* DEPREC_QTEXT: control octet in quotes */
    IMF_DEPRECATED_QUOTED_PAIR,            /* DEPREC_QP: control octet behind a backslash */
    IMF_DEPRECATED_COMMENT,                /* DEPREC_COMMENT: "a.(c)b@c.d" */
    IMF_DEPRECATED_CTEXT,                  /* DEPREC_CTEXT: control octet in a comment */
    IMF_CFWS_NEAR_AT,                      /* DEPREC_CFWS_NEAR_AT: "a @c.d" */
    /* rfc5322 */
    IMF_DOMAIN_NOT_RFC5321,                /* RFC5322_DOMAIN: "a@b_c.d" */
    IMF_TOO_LONG,                          /* RFC5322_TOOLONG: more than 254 octets */
    IMF_LOCAL_PART_TOO_LONG,               /* RFC5322_LOCAL_TOOLONG: more than 64 */
    IMF_DOMAIN_TOO_LONG,                   /* RFC5322_DOMAIN_TOOLONG: more than 255 */
    IMF_LABEL_TOO_LONG,                    /* RFC5322_LABEL_TOOLONG: more than 63 */
    IMF_DOMAIN_LITERAL,                    /* RFC5322_DOMAINLITERAL: no address literal: "a@[b]" */
    IMF_OBS_DTEXT,                         /* RFC5322_DOMLIT_OBSDTEXT: "a@[\b]" */
    IMF_IPV6_GROUP_COUNT,                  /* RFC5322_IPV6_GRPCOUNT: not eight, and no "::" */
    IMF_IPV6_TWO_DOUBLE_COLONS,            /* RFC5322_IPV6_2X2XCOLON */
    IMF_IPV6_BAD_GROUP,                    /* RFC5322_IPV6_BADCHAR: not 1*4HEXDIG */
    IMF_IPV6_TOO_MANY_GROUPS,              /* RFC5322_IPV6_MAXGRPS: beside "::" */
    IMF_IPV6_COLON_AT_START,               /* RFC5322_IPV6_COLONSTRT */
    IMF_IPV6_COLON_AT_END,                 /* RFC5322_IPV6_COLONEND */
    /* error */
    IMF_EXPECTING_DTEXT,                   /* ERR_EXPECTING_DTEXT */
    IMF_MISSING_LOCAL_PART,                /* ERR_NOLOCALPART */
    IMF_MISSING_DOMAIN,                    /* ERR_NODOMAIN: no "@" too */
    IMF_CONSECUTIVE_DOTS,                  /* ERR_CONSECUTIVEDOTS */
    IMF_ATEXT_AFTER_CFWS,                  /* ERR_ATEXT_AFTER_CFWS */
    IMF_ATEXT_AFTER_QUOTED_STRING,         /* ERR_ATEXT_AFTER_QS */
    IMF_ATEXT_AFTER_DOMAIN_LITERAL,        /* ERR_ATEXT_AFTER_DOMLIT */
    IMF_EXPECTING_QUOTED_PAIR,             /* ERR_EXPECTING_QPAIR */
    IMF_EXPECTING_ATEXT,                   /* ERR_EXPECTING_ATEXT */
    IMF_EXPECTING_QTEXT,                   /* ERR_EXPECTING_QTEXT */
    IMF_EXPECTING_CTEXT,                   /* ERR_EXPECTING_CTEXT */
    IMF_BACKSLASH_AT_END,                  /* ERR_BACKSLASHEND */
    IMF_DOT_AT_START,                      /* ERR_DOT_START: of local part or domain */
    IMF_DOT_AT_END,                        /* ERR_DOT_END */
    IMF_HYPHEN_AT_START,                   /* ERR_DOMAINHYPHENSTART: of a label */
    IMF_HYPHEN_AT_END,                     /* ERR_DOMAINHYPHENEND */
    IMF_UNCLOSED_QUOTED_STRING,            /* ERR_UNCLOSEDQUOTEDSTR */
    IMF_UNCLOSED_COMMENT,                  /* ERR_UNCLOSEDCOMMENT */
    IMF_UNCLOSED_DOMAIN_LITERAL,           /* ERR_UNCLOSEDDOMLIT */
    IMF_CRLF_TWICE,                        /* ERR_FWS_CRLF_X2: no white space between two */
    IMF_CRLF_AT_END,                       /* ERR_FWS_CRLF_END: no white space behind it */
    IMF_CR_WITHOUT_LF,                     /* ERR_CR_NO_LF */
};
/* clang-format on */

struct imf_finding_entry {
    const char *name;     /* kebab-case, as printed */
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
