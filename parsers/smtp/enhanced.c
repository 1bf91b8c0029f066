#include "smtp/enhanced.h"

#include "base/octet.h"

/* RFC 3463 2: 1*3DIGIT, "expressed without leading zero digits". Returns the octets read, or 0. */
static size_t read_number(struct slice in, uint16_t *ret_number)
{
    unsigned number = 0;
    size_t len = 0;
    for (; len < in.len && octet_is(in.ptr[len], OCTET_DIGIT); len++) {
        if (len == 3 || (len == 1 && number == 0))
            return 0;
        number = number * 10 + (unsigned)(in.ptr[len] - '0');
    }
    *ret_number = (uint16_t)number;
    return len;
}

size_t smtp_enhanced_parse(struct slice text, struct smtp_enhanced *ret_code)
{
    uint16_t parts[3];
    size_t at = 0;
    for (size_t i = 0; i < 3; i++) {
        if (i > 0 && (at == text.len || text.ptr[at++] != '.'))
            return 0;
        size_t len = read_number(slice_from(text, at), &parts[i]);
        if (len == 0)
            return 0;
        at += len;
    }
    if (at < text.len && text.ptr[at] != ' ')
        return 0;
    if (parts[0] != 2 && parts[0] != 4 && parts[0] != 5)
        return 0;
    *ret_code = (struct smtp_enhanced){parts[0], parts[1], parts[2]};
    return at;
}

/* clang-format off */
/* The registry of RFC 5248: a row's place is its detail, and none is left out. */
/* X.0.YYY: Other or Undefined */
static const struct smtp_enhanced_status undefined[] = {
    [0] = {"other or undefined status", "RFC 3463 3.1"},
};
/* X.1.YYY: Addressing */
static const struct smtp_enhanced_status addressing[] = {
    [0] = {"other address status", "RFC 3463 3.2"},
    [1] = {"bad destination mailbox address", "RFC 3463 3.2"},
    [2] = {"bad destination system address", "RFC 3463 3.2"},
    [3] = {"bad destination mailbox address syntax", "RFC 3463 3.2"},
    [4] = {"destination mailbox address ambiguous", "RFC 3463 3.2"},
    [5] = {"destination address valid", "RFC 3463 3.2"},
    [6] = {"destination mailbox has moved, no forwarding address", "RFC 3463 3.2"},
    [7] = {"bad sender's mailbox address syntax", "RFC 3463 3.2"},
    [8] = {"bad sender's system address", "RFC 3463 3.2"},
    [9] = {"message relayed to non-compliant mailer", "RFC 3886"},
    [10] = {"recipient address has null MX", "RFC 7505"},
};
/* X.2.YYY: Mailbox */
static const struct smtp_enhanced_status mailbox[] = {
    [0] = {"other or undefined mailbox status", "RFC 3463 3.3"},
    [1] = {"mailbox disabled, not accepting messages", "RFC 3463 3.3"},
    [2] = {"mailbox full", "RFC 3463 3.3"},
    [3] = {"message length exceeds administrative limit", "RFC 3463 3.3"},
    [4] = {"mailing list expansion problem", "RFC 3463 3.3"},
};
/* X.3.YYY: Mail System */
static const struct smtp_enhanced_status mail_system[] = {
    [0] = {"other or undefined mail system status", "RFC 3463 3.4"},
    [1] = {"mail system full", "RFC 3463 3.4"},
    [2] = {"system not accepting network messages", "RFC 3463 3.4"},
    [3] = {"system not capable of selected features", "RFC 3463 3.4"},
    [4] = {"message too big for system", "RFC 3463 3.4"},
    [5] = {"system incorrectly configured", "RFC 3463 3.4"},
    [6] = {"requested priority was changed", "RFC 6710"},
};
/* X.4.YYY: Network and Routing */
static const struct smtp_enhanced_status network[] = {
    [0] = {"other or undefined network or routing status", "RFC 3463 3.5"},
    [1] = {"no answer from host", "RFC 3463 3.5"},
    [2] = {"bad connection", "RFC 3463 3.5"},
    [3] = {"directory server failure", "RFC 3463 3.5"},
    [4] = {"unable to route", "RFC 3463 3.5"},
    [5] = {"mail system congestion", "RFC 3463 3.5"},
    [6] = {"routing loop detected", "RFC 3463 3.5"},
    [7] = {"delivery time expired", "RFC 3463 3.5"},
};
/* X.5.YYY: Mail Delivery Protocol */
static const struct smtp_enhanced_status protocol[] = {
    [0] = {"other or undefined protocol status", "RFC 3463 3.6"},
    [1] = {"invalid command", "RFC 3463 3.6"},
    [2] = {"syntax error", "RFC 3463 3.6"},
    [3] = {"too many recipients", "RFC 3463 3.6"},
    [4] = {"invalid command arguments", "RFC 3463 3.6"},
    [5] = {"wrong protocol version", "RFC 3463 3.6"},
    [6] = {"authentication exchange line is too long", "RFC 4954"},
};
/* X.6.YYY: Message Content or Media */
static const struct smtp_enhanced_status content[] = {
    [0] = {"other or undefined media error", "RFC 3463 3.7"},
    [1] = {"media not supported", "RFC 3463 3.7"},
    [2] = {"conversion required and prohibited", "RFC 3463 3.7"},
    [3] = {"conversion required but not supported", "RFC 3463 3.7"},
    [4] = {"conversion with loss performed", "RFC 3463 3.7"},
    [5] = {"conversion failed", "RFC 3463 3.7"},
    [6] = {"message content not available", "RFC 4468"},
    [7] = {"non-ASCII address not permitted for that sender or recipient", "RFC 6531"},
    [8] = {"UTF-8 reply needed, but not permitted by the client", "RFC 6531"},
    [9] = {"UTF-8 message cannot go to one or more recipients", "RFC 6531"},
    [10] = {"deprecated double of X.6.8", "RFC 6531"},
};
/* X.7.YYY: Security or Policy */
static const struct smtp_enhanced_status security[] = {
    [0] = {"other or undefined security status", "RFC 3463 3.8"},
    [1] = {"delivery not authorized, message refused", "RFC 3463 3.8"},
    [2] = {"mailing list expansion prohibited", "RFC 3463 3.8"},
    [3] = {"security conversion required but not possible", "RFC 3463 3.8"},
    [4] = {"security features not supported", "RFC 3463 3.8"},
    [5] = {"cryptographic failure", "RFC 3463 3.8"},
    [6] = {"cryptographic algorithm not supported", "RFC 3463 3.8"},
    [7] = {"message integrity failure", "RFC 3463 3.8"},
    [8] = {"authentication credentials invalid", "RFC 4954"},
    [9] = {"authentication mechanism is too weak", "RFC 4954"},
    [10] = {"encryption needed", "RFC 5248"},
    [11] = {"encryption required for requested authentication mechanism", "RFC 4954"},
    [12] = {"a password transition is needed", "RFC 4954"},
    [13] = {"user account disabled", "RFC 5248"},
    [14] = {"trust relationship required", "RFC 5248"},
    [15] = {"priority level is too low", "RFC 6710"},
    [16] = {"message is too big for the specified priority", "RFC 6710"},
    [17] = {"mailbox owner has changed", "RFC 7293"},
    [18] = {"domain owner has changed", "RFC 7293"},
    [19] = {"RRVS test cannot be completed", "RFC 7293"},
    [20] = {"no passing DKIM signature found", "RFC 7372"},
    [21] = {"no acceptable DKIM signature found", "RFC 7372"},
    [22] = {"no valid author-matched DKIM signature found", "RFC 7372"},
    [23] = {"SPF validation failed", "RFC 7372"},
    [24] = {"SPF validation error", "RFC 7372"},
    [25] = {"reverse DNS validation failed", "RFC 7372"},
    [26] = {"multiple authentication checks failed", "RFC 7372"},
    [27] = {"sender address has null MX", "RFC 7505"},
    [28] = {"mail flood detected", "IANA registry"},
    [29] = {"ARC validation failure", "RFC 8617"},
    [30] = {"REQUIRETLS support required", "RFC 8689"},
};

#define SUBJECT(table) {table, sizeof table / sizeof *table}
static const struct {
    const struct smtp_enhanced_status *details;
    size_t count;
} subjects[] = {
    SUBJECT(undefined),
    SUBJECT(addressing),
    SUBJECT(mailbox),
    SUBJECT(mail_system),
    SUBJECT(network),
    SUBJECT(protocol),
    SUBJECT(content),
    SUBJECT(security),
};
/* clang-format on */

const struct smtp_enhanced_status *smtp_enhanced_find(struct smtp_enhanced code)
{
    if (code.subject >= sizeof subjects / sizeof *subjects ||
        code.detail >= subjects[code.subject].count)
        return NULL;
    return &subjects[code.subject].details[code.detail];
}

void smtp_enhanced_write(struct smtp_enhanced code, struct writer *out)
{
    writer_put_number(out, code.status_class);
    writer_put_octet(out, '.');
    writer_put_number(out, code.subject);
    writer_put_octet(out, '.');
    writer_put_number(out, code.detail);
}
