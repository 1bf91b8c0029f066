#include "base/ip.h"

#include "base/octet.h"

bool base_is_ipv4(struct slice text)
{
    size_t at = 0;
    for (unsigned part = 0; part < 4; part++) {
        if (part > 0 && (at == text.len || text.ptr[at++] != '.'))
            return false;
        size_t from = at;
        unsigned value = 0;
        while (at < text.len && at < from + 3 && octet_is(text.ptr[at], OCTET_DIGIT))
            value = 10 * value + (unsigned)(text.ptr[at++] - '0');
        if (at == from || value > 255)
            return false;
    }
    return at == text.len;
}

/* IPv6-hex = 1*4HEXDIG; returns its octets, 0 where there is none. */
static size_t hex_group(struct slice in)
{
    size_t len = 0;
    while (len < in.len && len < 4 && octet_is(slice_upper(in.ptr[len]), OCTET_HEX_UPPER))
        len++;
    return len;
}

/*
 * RFC 5321 4.1.3: groups of hexadecimal digits; an IPv4 address at the end counts as two.
 *   IPv6-full   = IPv6-hex 7(":" IPv6-hex)
 *   IPv6-comp   = [IPv6-hex *5(":" IPv6-hex)] "::" [IPv6-hex *5(":" IPv6-hex)]
 *               ; "::" stands for at least two groups: no more than 6 others
 *   IPv6v4-full = IPv6-hex 5(":" IPv6-hex) ":" IPv4-address-literal
 *   IPv6v4-comp = [IPv6-hex *3(":" IPv6-hex)] "::" [IPv6-hex *3(":" IPv6-hex) ":"]
 *                 IPv4-address-literal    ; no more than 4 other groups
 */
bool base_is_ipv6(struct slice text)
{
    bool compressed = slice_starts(text, SLICE("::"));
    struct slice rest = compressed ? slice_from(text, 2) : text;
    unsigned groups = 0;
    bool group_due = !compressed; /* only "::" may end the address */
    while (rest.len > 0) {
        if (base_is_ipv4(rest)) {
            groups += 2;
            group_due = false;
            break;
        }
        size_t len = hex_group(rest);
        if (len == 0)
            return false;
        groups++;
        rest = slice_from(rest, len);
        group_due = false;
        if (slice_starts(rest, SLICE("::"))) {
            if (compressed)
                return false;
            compressed = true;
            rest = slice_from(rest, 2);
        } else if (rest.len > 0) {
            if (rest.ptr[0] != ':')
                return false;
            rest = slice_from(rest, 1);
            group_due = true;
        }
    }
    return !group_due && (compressed ? groups <= 6 : groups == 8);
}
