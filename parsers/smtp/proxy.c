#include "smtp/proxy.h"

#include "base/ip.h"
#include "base/octet.h"

#define V2_HEAD_OCTETS 16

static const struct slice v1_signature = SLICE_INIT("PROXY ");
static const struct slice v2_signature = SLICE_INIT("\r\n\r\n\0\r\nQUIT\n");

static const struct {
    uint8_t octet; /* of version 2: family, then transport */
    enum smtp_proxy_family family;
    size_t octets; /* of both addresses and ports */
} families[] = {
    {0x11, SMTP_PROXY_TCP4, 12}, {0x12, SMTP_PROXY_TCP4, 12},  {0x21, SMTP_PROXY_TCP6, 36},
    {0x22, SMTP_PROXY_TCP6, 36}, {0x31, SMTP_PROXY_UNIX, 216}, {0x32, SMTP_PROXY_UNIX, 216},
};

const char *smtp_proxy_error_text(int error)
{
    static const char *const texts[] = {
        "",
        "neither \"PROXY \" nor the signature of version 2 stands there",
        "neither TCP4, TCP6 nor UNKNOWN",
        "no address of that family",
        "no port from 0 to 65535",
        "the line does not end with CRLF within 107 octets",
        "not version 2, or neither LOCAL nor PROXY",
        "too short for its addresses, or too long",
    };
    return error > 0 && (size_t)error < sizeof texts / sizeof *texts ? texts[error] : texts[0];
}

/* ---- addresses as text ---- */

static void read_ipv4(struct slice text, uint8_t *ret_octets)
{
    unsigned value = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i == text.len || text.ptr[i] == '.') {
            *ret_octets++ = (uint8_t)value;
            value = 0;
        } else {
            value = 10 * value + (unsigned)(text.ptr[i] - '0');
        }
    }
}

/* Groups up to `text`'s end; returns their octets. */
static size_t read_groups(struct slice text, uint8_t out[16])
{
    size_t len = 0;
    while (text.len > 0 && len < 16) {
        size_t colon = slice_find(text, ':');
        struct slice group = slice_sub(text, 0, colon);
        if (slice_find(group, '.') < group.len) {
            read_ipv4(group, out + len);
            len += 4;
        } else if (group.len > 0) {
            unsigned value = 0;
            for (size_t i = 0; i < group.len; i++)
                value = 16 * value + (unsigned)octet_hex_value(group.ptr[i]);
            out[len++] = (uint8_t)(value >> 8);
            out[len++] = (uint8_t)value;
        }
        text = slice_from(text, colon < text.len ? colon + 1 : colon);
    }
    return len;
}

static void read_ipv6(struct slice text, uint8_t ret_octets[16])
{
    size_t gap = 0;
    while (gap < text.len && !slice_starts(slice_from(text, gap), SLICE("::")))
        gap++;
    uint8_t before[20] = {0}, behind[20] = {0};
    size_t left = read_groups(slice_sub(text, 0, gap), before);
    size_t right = gap == text.len ? 0 : read_groups(slice_from(text, gap + 2), behind);
    memset(ret_octets, 0, 16);
    memcpy(ret_octets, before, left);
    memcpy(ret_octets + 16 - right, behind, right);
}

enum smtp_proxy_family smtp_proxy_address(struct slice text, uint8_t ret_octets[16])
{
    if (base_is_ipv4(text)) {
        memset(ret_octets, 0, 16);
        read_ipv4(text, ret_octets);
        return SMTP_PROXY_TCP4;
    }
    if (!base_is_ipv6(text))
        return SMTP_PROXY_UNKNOWN;
    read_ipv6(text, ret_octets);
    return SMTP_PROXY_TCP6;
}

/* The longest run of zero groups, of two at least; the first of equals (RFC 5952 4.2). */
static size_t longest_zeros(const uint8_t octets[16], size_t *ret_groups)
{
    size_t at = 8, longest = 1;
    for (size_t from = 0; from < 8; from++) {
        size_t to = from;
        while (to < 8 && octets[2 * to] == 0 && octets[2 * to + 1] == 0)
            to++;
        if (to - from > longest) {
            at = from;
            longest = to - from;
        }
    }
    *ret_groups = at < 8 ? longest : 0;
    return at;
}

static void write_group(unsigned value, struct writer *out)
{
    static const char digits[] = "0123456789abcdef";
    for (unsigned shift = 16; shift > 0;) {
        shift -= 4;
        if (value >> shift != 0 || shift == 0)
            writer_put_octet(out, (uint8_t)digits[value >> shift & 15]);
    }
}

void smtp_proxy_address_write(enum smtp_proxy_family family, const uint8_t octets[16],
                              struct writer *out)
{
    if (family == SMTP_PROXY_TCP4) {
        for (size_t i = 0; i < 4; i++) {
            if (i > 0)
                writer_put(out, SLICE("."));
            writer_put_number(out, octets[i]);
        }
        return;
    }
    size_t zeros, gap = longest_zeros(octets, &zeros);
    for (size_t i = 0; i < 8; i++) {
        if (i == gap) {
            writer_put(out, SLICE("::"));
            i += zeros - 1;
            continue;
        }
        if (i > 0 && i != gap + zeros)
            writer_put(out, SLICE(":"));
        write_group((unsigned)octets[2 * i] << 8 | octets[2 * i + 1], out);
    }
}

/* ---- version 1 ---- */

static struct slice take_field(struct slice *rest)
{
    struct slice field = slice_sub(*rest, 0, slice_find(*rest, ' '));
    *rest = slice_from(*rest, field.len < rest->len ? field.len + 1 : field.len);
    return field;
}

static bool read_port(struct slice text, uint16_t *ret_port)
{
    unsigned value = 0;
    if (text.len == 0 || text.len > 5 || (text.len > 1 && text.ptr[0] == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!octet_is(text.ptr[i], OCTET_DIGIT))
            return false;
        value = 10 * value + (unsigned)(text.ptr[i] - '0');
    }
    *ret_port = (uint16_t)value;
    return value <= UINT16_MAX;
}

enum smtp_proxy_family smtp_proxy_endpoint(struct slice text, uint8_t ret_octets[16],
                                           uint16_t *ret_port)
{
    bool bracket = slice_starts(text, SLICE("["));
    size_t end = bracket ? slice_find(text, ']') : slice_find(text, ':');
    bool bare = !bracket && end < text.len &&
                slice_find(slice_from(text, end + 1), ':') + end + 1 < text.len;
    struct slice address = bare ? text : slice_sub(text, bracket, end);
    struct slice port = bare ? SLICE("") : slice_from(text, end);
    if (bracket && port.len > 0)
        port = slice_from(port, 1);
    *ret_port = 0;
    if ((bracket && end == text.len) || (port.len > 0 && port.ptr[0] != ':') ||
        (port.len > 0 && !read_port(slice_from(port, 1), ret_port)))
        return SMTP_PROXY_UNKNOWN;
    enum smtp_proxy_family family = smtp_proxy_address(address, ret_octets);
    return bracket && family != SMTP_PROXY_TCP6 ? SMTP_PROXY_UNKNOWN : family;
}

static struct parse_result read_addresses(struct slice line, struct slice rest,
                                          struct smtp_proxy *proxy)
{
    uint8_t *const addresses[] = {proxy->source, proxy->destination};
    uint16_t *const ports[] = {&proxy->source_port, &proxy->destination_port};
    for (size_t i = 0; i < 2; i++) {
        struct slice field = take_field(&rest);
        if (smtp_proxy_address(field, addresses[i]) != proxy->family)
            return parse_error(SMTP_PROXY_ERROR_ADDRESS, (size_t)(field.ptr - line.ptr));
    }
    for (size_t i = 0; i < 2; i++) {
        struct slice field = i == 0 ? take_field(&rest) : rest;
        if (!read_port(field, ports[i]))
            return parse_error(SMTP_PROXY_ERROR_PORT, (size_t)(field.ptr - line.ptr));
    }
    return parse_ok(line.len + 2);
}

static struct parse_result read_line(struct slice line, struct smtp_proxy *proxy)
{
    struct slice rest = slice_from(line, v1_signature.len);
    struct slice unknown = SLICE("UNKNOWN");
    proxy->version = 1;
    if (slice_starts(rest, unknown) && (rest.len == unknown.len || rest.ptr[unknown.len] == ' ')) {
        proxy->tail = slice_from(rest, unknown.len);
        return parse_ok(line.len + 2);
    }
    struct slice protocol = take_field(&rest);
    if (slice_equal(protocol, SLICE("TCP4")))
        proxy->family = SMTP_PROXY_TCP4;
    else if (slice_equal(protocol, SLICE("TCP6")))
        proxy->family = SMTP_PROXY_TCP6;
    else
        return parse_error(SMTP_PROXY_ERROR_PROTOCOL, v1_signature.len);
    return read_addresses(line, rest, proxy);
}

static struct parse_result parse_v1(struct slice in, struct smtp_proxy *proxy)
{
    size_t limit = in.len < SMTP_PROXY_V1_OCTETS ? in.len : SMTP_PROXY_V1_OCTETS;
    for (size_t i = v1_signature.len; i < limit; i++) {
        bool cr = in.ptr[i] == '\r';
        if (cr && i + 1 == limit)
            break;
        if (cr && in.ptr[i + 1] == '\n')
            return read_line(slice_sub(in, 0, i), proxy);
        if (cr || in.ptr[i] == '\n')
            return parse_error(SMTP_PROXY_ERROR_ENDING, i);
    }
    return limit == SMTP_PROXY_V1_OCTETS ? parse_error(SMTP_PROXY_ERROR_ENDING, limit - 1)
                                         : parse_more();
}

/* ---- version 2 ---- */

static unsigned load16(const uint8_t *octets)
{
    return (unsigned)octets[0] << 8 | octets[1];
}

static void read_block(struct slice block, size_t address_octets, struct smtp_proxy *proxy)
{
    const uint8_t *at = block.ptr;
    memcpy(proxy->source, at, address_octets);
    memcpy(proxy->destination, at + address_octets, address_octets);
    proxy->source_port = (uint16_t)load16(at + 2 * address_octets);
    proxy->destination_port = (uint16_t)load16(at + 2 * address_octets + 2);
}

static struct parse_result parse_v2(struct slice in, size_t max_octets, struct smtp_proxy *proxy)
{
    size_t at = v2_signature.len;
    if (in.len > at && (in.ptr[at] & 0xfe) != 0x20)
        return parse_error(SMTP_PROXY_ERROR_VERSION, at);
    if (in.len < V2_HEAD_OCTETS)
        return parse_more();
    size_t octets = load16(in.ptr + at + 2), total = V2_HEAD_OCTETS + octets, known = 0;
    proxy->version = 2;
    proxy->local = in.ptr[at] == 0x20;
    for (size_t i = 0; i < sizeof families / sizeof *families && !proxy->local; i++)
        if (families[i].octet == in.ptr[at + 1]) {
            proxy->family = families[i].family;
            known = families[i].octets;
        }
    if (octets < known || total > max_octets)
        return parse_error(SMTP_PROXY_ERROR_LENGTH, at + 2);
    if (in.len < total)
        return parse_more();
    struct slice block = slice_sub(in, V2_HEAD_OCTETS, total);
    if (proxy->family == SMTP_PROXY_TCP4 || proxy->family == SMTP_PROXY_TCP6) {
        read_block(block, (known - 4) / 2, proxy);
        block = slice_from(block, known);
    }
    proxy->tail = block;
    return parse_ok(total);
}

/* ---- both ---- */

struct parse_result smtp_proxy_parse(struct slice in, size_t max_octets,
                                     struct smtp_proxy *ret_proxy)
{
    bool second = in.len > 0 && in.ptr[0] == v2_signature.ptr[0];
    struct slice signature = second ? v2_signature : v1_signature;
    for (size_t i = 0; i < in.len && i < signature.len; i++)
        if (in.ptr[i] != signature.ptr[i])
            return parse_error(SMTP_PROXY_ERROR_SIGNATURE, i);
    if (in.len < signature.len)
        return parse_more();
    struct smtp_proxy proxy = {.tail = SLICE("")};
    struct parse_result result = second ? parse_v2(in, max_octets, &proxy) : parse_v1(in, &proxy);
    if (result.status == PARSE_OK)
        *ret_proxy = proxy;
    return result;
}

static void write_v1(const struct smtp_proxy *proxy, struct writer *out)
{
    const uint8_t *const addresses[] = {proxy->source, proxy->destination};
    const unsigned ports[] = {proxy->source_port, proxy->destination_port};
    writer_put(out, v1_signature);
    if (proxy->family != SMTP_PROXY_TCP4 && proxy->family != SMTP_PROXY_TCP6) {
        writer_put(out, SLICE("UNKNOWN"));
        writer_put(out, proxy->tail);
    } else {
        writer_put(out, proxy->family == SMTP_PROXY_TCP4 ? SLICE("TCP4") : SLICE("TCP6"));
        for (size_t i = 0; i < 2; i++) {
            writer_put(out, SLICE(" "));
            smtp_proxy_address_write(proxy->family, addresses[i], out);
        }
        for (size_t i = 0; i < 2; i++) {
            writer_put(out, SLICE(" "));
            writer_put_number(out, ports[i]);
        }
    }
    writer_put(out, SLICE("\r\n"));
}

static void write_16(unsigned value, struct writer *out)
{
    writer_put_octet(out, (uint8_t)(value >> 8));
    writer_put_octet(out, (uint8_t)value);
}

static void write_v2(const struct smtp_proxy *proxy, struct writer *out)
{
    static const uint8_t octets[] = {[SMTP_PROXY_UNKNOWN] = 0x00,
                                     [SMTP_PROXY_TCP4] = 0x11,
                                     [SMTP_PROXY_TCP6] = 0x21,
                                     [SMTP_PROXY_UNIX] = 0x31};
    size_t address = proxy->family == SMTP_PROXY_TCP4   ? 4
                     : proxy->family == SMTP_PROXY_TCP6 ? 16
                                                        : 0;
    writer_put(out, v2_signature);
    writer_put_octet(out, proxy->local ? 0x20 : 0x21);
    writer_put_octet(out, octets[proxy->family]);
    write_16((unsigned)(proxy->tail.len + (address > 0 ? 2 * address + 4 : 0)), out);
    if (address > 0) {
        writer_put(out, slice_of(proxy->source, address));
        writer_put(out, slice_of(proxy->destination, address));
        write_16(proxy->source_port, out);
        write_16(proxy->destination_port, out);
    }
    writer_put(out, proxy->tail);
}

void smtp_proxy_write(const struct smtp_proxy *proxy, struct writer *out)
{
    if (proxy->version == 1)
        write_v1(proxy, out);
    else
        write_v2(proxy, out);
}
