#include "smtp/xtext.h"

#include "base/load.h"
#include "base/octet.h"
#include "smtp/quirk.h"

static bool is_xchar(uint8_t octet)
{
    return octet_is(octet, OCTET_XCHAR);
}

/* Eight octets at once: whether one of them is no xchar. What is borrowed or carried comes from an
 * octet that is none. */
static bool holds_other(uint64_t octets)
{
    const uint64_t every = UINT64_C(0x0101010101010101);
    uint64_t outside = (octets - every * '!') | (octets + every * (0x7f - '~')) | octets;
    uint64_t plus = octets ^ every * '+', equals = octets ^ every * '=';
    uint64_t none = ((plus - every) & ~plus) | ((equals - every) & ~equals);
    return ((outside | none) & LOAD_TOP_BITS) != 0;
}

bool smtp_xtext_is_plain(struct slice text)
{
    size_t at = 0;
    if (text.len >= sizeof(uint64_t)) {
        size_t last = text.len - sizeof(uint64_t);
        for (; at < last; at += sizeof(uint64_t))
            if (holds_other(load_8(text.ptr + at)))
                return false;
        return !holds_other(load_8(text.ptr + last));
    }
    while (at < text.len && is_xchar(text.ptr[at]))
        at++;
    return at == text.len;
}

bool smtp_xtext_next(struct slice *rest, uint8_t *ret_octet)
{
    if (rest->len > 0 && is_xchar(rest->ptr[0])) {
        *ret_octet = rest->ptr[0];
        *rest = slice_from(*rest, 1);
        return true;
    }
    if (rest->len < 3 || rest->ptr[0] != '+')
        return false;
    int high = octet_hex_value(rest->ptr[1]), low = octet_hex_value(rest->ptr[2]);
    if (high < 0 || low < 0)
        return false;
    *ret_octet = (uint8_t)(16 * high + low);
    *rest = slice_from(*rest, 3);
    return true;
}

static bool holds_lower_case(struct slice hexchar)
{
    return hexchar.ptr[0] == '+' && (hexchar.ptr[1] >= 'a' || hexchar.ptr[2] >= 'a');
}

uint64_t smtp_xtext_quirks(struct slice text)
{
    uint64_t quirks = 0;
    while (text.len > 0) {
        struct slice at = text;
        uint8_t octet;
        if (!smtp_xtext_next(&text, &octet))
            return SMTP_QUIRK_INVALID_VALUE;
        if (holds_lower_case(at))
            quirks = SMTP_QUIRK_LOWER_CASE_XTEXT;
    }
    return quirks;
}

bool smtp_xtext_decode(struct slice text, struct writer *out)
{
    for (uint8_t octet; smtp_xtext_next(&text, &octet);)
        writer_put_octet(out, octet);
    return text.len == 0;
}

void smtp_xtext_encode(struct slice octets, struct writer *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < octets.len; i++) {
        uint8_t octet = octets.ptr[i];
        if (is_xchar(octet)) {
            writer_put_octet(out, octet);
            continue;
        }
        const char hexchar[] = {'+', digits[octet >> 4], digits[octet & 15]};
        writer_put(out, slice_of(hexchar, sizeof hexchar));
    }
}
