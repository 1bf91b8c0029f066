#include "smtp/domain.h"

#include "base/ip.h"
#include "base/octet.h"
#include "smtp/quirk.h"
#include "smtp/word.h"

/* sub-domain = Let-dig [ Ldh-str ] / U-label, which is UTF-8 already */
static bool is_label(struct slice label)
{
    if (label.len == 0 || label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (label.ptr[i] != '-' &&
            !octet_is(label.ptr[i], OCTET_ALPHA | OCTET_DIGIT | OCTET_EIGHT_BIT))
            return false;
    return true;
}

/* Domain = sub-domain *( "." sub-domain ) */
static bool is_name(struct slice name)
{
    for (;;) {
        size_t dot = slice_find(name, '.');
        if (!is_label(slice_sub(name, 0, dot)))
            return false;
        if (dot == name.len)
            return true;
        name = slice_from(name, dot + 1);
    }
}

/*
 * RFC 5321 4.1.3
 *   General-address-literal = Standardized-tag ":" 1*dcontent
 *   Standardized-tag        = Ldh-str
 *   dcontent                = %d33-90 / %d94-126
 */
static bool is_general(struct slice tag, struct slice content)
{
    if (tag.len == 0 || tag.ptr[tag.len - 1] == '-' || content.len == 0)
        return false;
    for (size_t i = 0; i < tag.len; i++)
        if (tag.ptr[i] != '-' && !octet_is(tag.ptr[i], OCTET_ALPHA | OCTET_DIGIT))
            return false;
    for (size_t i = 0; i < content.len; i++)
        if (!octet_is(content.ptr[i], OCTET_GRAPHIC) ||
            (content.ptr[i] >= '[' && content.ptr[i] <= ']'))
            return false;
    return true;
}

static enum smtp_domain_kind classify_literal(struct slice inside)
{
    if (base_is_ipv4(inside))
        return SMTP_DOMAIN_IPV4;
    size_t colon = slice_find(inside, ':');
    if (colon == inside.len)
        return SMTP_DOMAIN_INVALID;
    struct slice tag = slice_sub(inside, 0, colon), content = slice_from(inside, colon + 1);
    if (slice_equal_nocase(tag, SLICE("IPv6")))
        return base_is_ipv6(content) ? SMTP_DOMAIN_IPV6 : SMTP_DOMAIN_INVALID;
    return is_general(tag, content) ? SMTP_DOMAIN_GENERAL : SMTP_DOMAIN_INVALID;
}

enum smtp_domain_kind smtp_domain_classify(struct slice domain)
{
    if (domain.len >= 2 && domain.ptr[0] == '[' && domain.ptr[domain.len - 1] == ']')
        return classify_literal(slice_sub(domain, 1, domain.len - 1));
    return smtp_word_is_utf8(domain) && is_name(domain) ? SMTP_DOMAIN_NAME : SMTP_DOMAIN_INVALID;
}

/* A General-address-literal whose tag is an address's first group, or nothing that has no group
 * before its "::". */
static bool is_untagged_ipv6(struct slice domain)
{
    return domain.len >= 2 && domain.ptr[0] == '[' && domain.ptr[domain.len - 1] == ']' &&
           base_is_ipv6(slice_sub(domain, 1, domain.len - 1));
}

uint64_t smtp_domain_quirks(struct slice domain, enum smtp_domain_kind kind, bool literal_allowed)
{
    bool invalid = kind == SMTP_DOMAIN_INVALID || (!literal_allowed && kind != SMTP_DOMAIN_NAME);
    return (invalid ? SMTP_QUIRK_INVALID_DOMAIN : 0) |
           (domain.len > SMTP_DOMAIN_MAX_OCTETS ? SMTP_QUIRK_LONG_DOMAIN : 0) |
           (is_untagged_ipv6(domain) ? SMTP_QUIRK_UNTAGGED_IPV6 : 0);
}
