/*
 * domain: the name of a host, or the literal that stands for one.
 *
 *   Domain           = sub-domain *( "." sub-domain )                ; RFC 5321 4.1.2
 *   sub-domain       = Let-dig [ Ldh-str ] / U-label                 ; RFC 6531 3.3
 *   Ldh-str          = *( ALPHA / DIGIT / "-" ) Let-dig
 *   address-literal  = "[" ( IPv4-address-literal / IPv6-address-literal /
 *                      General-address-literal ) "]"                 ; RFC 5321 4.1.3
 *
 * How long a label may be, and which characters a U-label may hold, is for DNS and IDNA to say.
 */
#ifndef MAILDRILL_SMTP_DOMAIN_H
#define MAILDRILL_SMTP_DOMAIN_H

#include "base/slice.h"

#define SMTP_DOMAIN_MAX_OCTETS 255 /* RFC 5321 4.5.3.1.2 */

enum smtp_domain_kind {
    SMTP_DOMAIN_NONE,    /* of a path: no "@" */
    SMTP_DOMAIN_NAME,    /* Domain, its labels of ASCII or well-formed UTF-8 */
    SMTP_DOMAIN_IPV4,    /* [192.0.2.1] */
    SMTP_DOMAIN_IPV6,    /* [IPv6:2001:db8::1] */
    SMTP_DOMAIN_GENERAL, /* [tag:content], the tag not IPv6; by its grammar [2001:db8::1] too */
    SMTP_DOMAIN_INVALID, /* none of these */
};

/** Kind of a domain or address literal; SMTP_DOMAIN_INVALID where it is none, or empty. */
enum smtp_domain_kind smtp_domain_classify(struct slice domain);

/**
 * Quirks of a domain of that kind: INVALID_DOMAIN, and also where it is a literal but only a Domain
 * may stand there (HELO, a source route); LONG_DOMAIN; UNTAGGED_IPV6, for a literal that is no more
 * than an IPv6 address, whether or not its first group can be read as a tag: none but IPv6 is
 * registered.
 */
uint64_t smtp_domain_quirks(struct slice domain, enum smtp_domain_kind kind, bool literal_allowed);

#endif
