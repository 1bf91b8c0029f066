#include "smtp/quirk.h"

/* clang-format off */
static const struct quirk quirks[] = {
    /* command line */
    {SMTP_QUIRK_SPACE_BEFORE_PATH, "space-before-path", "RFC 5321 3.3",
     "white space stands between the colon of FROM: or TO: and the path"},
    {SMTP_QUIRK_NO_BRACKETS, "no-brackets", "RFC 5321 4.1.2",
     "a path has no angle brackets"},
    {SMTP_QUIRK_TRAILING_SPACE, "trailing-space", "RFC 5321 4.1.1",
     "white space stands before the line ending"},
    {SMTP_QUIRK_EXTRA_SPACE, "extra-space", "RFC 5321 4.1.1",
     "words are separated by HTAB or by more than one SP"},
    {SMTP_QUIRK_LEADING_SPACE, "leading-space", "RFC 5321 4.1.1",
     "white space stands before the verb"},
    {SMTP_QUIRK_UNWANTED_ARGUMENT, "unwanted-argument", "RFC 5321 4.1.1",
     "a command has an argument that its syntax does not allow"},
    {SMTP_QUIRK_MISSING_ARGUMENT, "missing-argument", "RFC 5321 4.1.1",
     "a command lacks the argument that its syntax asks for"},
    {SMTP_QUIRK_INVALID_DOMAIN, "invalid-domain", "RFC 5321 4.1.2",
     "a domain is neither a Domain nor an address literal"},
    {SMTP_QUIRK_SOURCE_ROUTE, "source-route", "RFC 5321 4.1.2",
     "a path has a source route, which is obsolete"},
    {SMTP_QUIRK_LONG_LOCAL_PART, "long-local-part", "RFC 5321 4.5.3.1.1",
     "a local part is longer than 64 octets"},
    {SMTP_QUIRK_LONG_DOMAIN, "long-domain", "RFC 5321 4.5.3.1.2",
     "a domain is longer than 255 octets"},
    {SMTP_QUIRK_LONG_PATH, "long-path", "RFC 5321 4.5.3.1.3",
     "a path is longer than 256 octets"},
    {SMTP_QUIRK_NO_DOMAIN, "no-domain", "RFC 5321 4.1.2",
     "a mailbox has no domain, and is not the postmaster of RCPT"},
    {SMTP_QUIRK_DUPLICATE_PARAMETER, "duplicate-parameter", "RFC 5321 4.1.1.11",
     "a parameter of MAIL or RCPT is given twice"},
    {SMTP_QUIRK_INVALID_PARAMETER, "invalid-parameter", "RFC 5321 4.1.2",
     "a parameter is not a keyword with an optional value"},
    {SMTP_QUIRK_INVALID_BASE64, "invalid-base64", "RFC 4954 4",
     "an initial response is neither base64 nor a single equals sign"},
    {SMTP_QUIRK_INVALID_LOCAL_PART, "invalid-local-part", "RFC 5321 4.1.2",
     "a local part is neither a Dot-string nor a Quoted-string"},
    {SMTP_QUIRK_NULL_FORWARD_PATH, "null-forward-path", "RFC 5321 4.1.2",
     "a forward-path is null, which only a reverse-path may be"},
    {SMTP_QUIRK_INVALID_VALUE, "invalid-value", "RFC 5321 4.1.1.11",
     "the value of a known parameter is outside its syntax"},
    {SMTP_QUIRK_MISPLACED_PARAMETER, "misplaced-parameter", "RFC 5321 4.1.1.11",
     "a known parameter stands on a command that does not take it"},
    {SMTP_QUIRK_LOWER_CASE_XTEXT, "lower-case-xtext", "RFC 3461 4",
     "an octet of xtext is written with hexadecimal digits in lower case"},
    {SMTP_QUIRK_UNTAGGED_IPV6, "untagged-ipv6", "RFC 5321 4.1.3",
     "an address literal has an IPv6 address without the tag IPv6: before it"},
    {SMTP_QUIRK_TWO_HOLDS, "two-holds", "RFC 4865 4.2",
     "HOLDFOR and HOLDUNTIL stand on one command, which takes one of them at most"},
    {SMTP_QUIRK_NO_VERB, "no-verb", "RFC 5321 4.1.1",
     "a command line is empty, or white space alone"},
    /* reply */
    {SMTP_QUIRK_NO_TEXT, "no-text", "RFC 5321 4.2.1",
     "a reply code is not followed by SP"},
    {SMTP_QUIRK_CODE_RANGE, "code-range", "RFC 5321 4.2",
     "a reply code is outside its grammar: first digit 2 to 5, second 0 to 5"},
    {SMTP_QUIRK_ENHANCED_CLASS, "enhanced-class", "RFC 2034 4",
     "the class of the enhanced status code differs from the reply code's first digit"},
    {SMTP_QUIRK_ENHANCED_MIXED, "enhanced-mixed", "RFC 2034 4",
     "the lines of a reply differ in their enhanced status code"},
    {SMTP_QUIRK_ENHANCED_PARTIAL, "enhanced-partial", "RFC 2034 4",
     "lines of a reply lack the enhanced status code that others of its lines carry"},
    /* EHLO reply */
    {SMTP_QUIRK_AUTH_EQUALS, "auth-equals", "RFC 4954 3",
     "AUTH is announced in the form AUTH=, which no standard defines"},
    {SMTP_QUIRK_INVALID_KEYWORD, "invalid-keyword", "RFC 5321 4.1.1.1",
     "a line of the EHLO reply is not a keyword with its parameters"},
    {SMTP_QUIRK_DUPLICATE_KEYWORD, "duplicate-keyword", "RFC 5321 4.1.1.1",
     "a keyword of the EHLO reply stands on two lines"},
    {SMTP_QUIRK_INVALID_EHLO_PARAM, "invalid-ehlo-param", "RFC 5321 4.1.1.1",
     "the parameters of a keyword of the EHLO reply are outside its extension's syntax"},
    /* end of data */
    {SMTP_QUIRK_UNSTUFFED_DOT, "unstuffed-dot", "RFC 5321 4.5.2",
     "a line begins with a single dot and goes on"},
    {SMTP_QUIRK_LF_DOT, "lf-dot", "RFC 5321 4.1.1.4",
     "a lone dot has a line ending other than CRLF before or after it"},
};
/* clang-format on */

const struct quirk *smtp_quirk(unsigned n)
{
    for (size_t i = 0; i < sizeof quirks / sizeof *quirks; i++)
        if (n < 64 && quirks[i].bit == UINT64_C(1) << n)
            return &quirks[i];
    return base_quirk(n);
}
