/*
 * Laws of smtp_proxy_parse, smtp_proxy_write and smtp_proxy_address: a header is what a slow second
 * reading makes of it, by the words of HAProxy's document, inet_pton and strtoul.
 */
#include <arpa/inet.h>
#include <stdlib.h>

#include "fuzz.h"
#include "grammar.h"
#include "smtp/proxy.h"

#define MAX_OCTETS 600

static bool same(const struct smtp_proxy *a, const struct smtp_proxy *b)
{
    return a->version == b->version && a->local == b->local && a->family == b->family &&
           a->source_port == b->source_port && a->destination_port == b->destination_port &&
           slice_equal(a->tail, b->tail) && memcmp(a->source, b->source, 16) == 0 &&
           memcmp(a->destination, b->destination, 16) == 0;
}

static void check_written(const struct smtp_proxy *proxy)
{
    struct writer out = fuzz_writer(MAX_OCTETS + SMTP_PROXY_V1_OCTETS);
    smtp_proxy_write(proxy, &out);
    struct smtp_proxy again;
    struct parse_result result = smtp_proxy_parse(writer_slice(&out), MAX_OCTETS, &again);
    FUZZ_LAW(result.status == PARSE_OK && result.offset == out.len, "what is written is read");
    FUZZ_LAW(same(&again, proxy), "read(write(x)) = x");
    fuzz_free_writer(&out);
}

/* ---- a second reading ---- */

/* What inet_pton reads, too, it reads to the same. */
static void check_octets(struct slice text, enum smtp_proxy_family family, const uint8_t octets[16])
{
    char copy[64] = {0};
    uint8_t again[16];
    bool ipv4 = family == SMTP_PROXY_TCP4;
    if (family == SMTP_PROXY_UNKNOWN || text.len >= sizeof copy)
        return;
    memcpy(copy, text.ptr, text.len);
    if (inet_pton(ipv4 ? AF_INET : AF_INET6, copy, again) == 1)
        FUZZ_LAW(memcmp(octets, again, ipv4 ? 4 : 16) == 0, "an address is what inet_pton reads");
}

static bool model_address(struct slice text, enum smtp_proxy_family family, uint8_t ret_octets[16])
{
    bool same = smtp_proxy_address(text, ret_octets) == family;
    if (same)
        check_octets(text, family, ret_octets);
    return same;
}

/* "0" / %x31-39 *4DIGIT, 65535 at most */
static bool model_port(struct slice text, uint16_t *ret_port)
{
    char copy[8] = {0};
    if (text.len == 0 || text.len > 5)
        return false;
    memcpy(copy, text.ptr, text.len);
    bool digits = strspn(copy, "0123456789") == text.len && (copy[0] != '0' || text.len == 1);
    unsigned long value = strtoul(copy, NULL, 10);
    *ret_port = (uint16_t)value;
    return digits && value <= 65535;
}

/* A line of version 1, without its CRLF. */
static bool model_line(struct slice line, struct smtp_proxy *m)
{
    struct slice words[7], rest = line;
    size_t count = 0;
    for (bool more = true; more && count < 7; count++) {
        size_t end = slice_find(rest, ' ');
        words[count] = slice_sub(rest, 0, end);
        more = end < rest.len;
        rest = slice_from(rest, more ? end + 1 : end);
    }
    m->version = 1;
    if (slice_equal(words[1], SLICE("UNKNOWN"))) {
        m->tail = slice_from(line, strlen("PROXY UNKNOWN"));
        return true;
    }
    m->family = slice_equal(words[1], SLICE("TCP4")) ? SMTP_PROXY_TCP4 : SMTP_PROXY_TCP6;
    return count == 6 && (m->family == SMTP_PROXY_TCP4 || slice_equal(words[1], SLICE("TCP6"))) &&
           model_address(words[2], m->family, m->source) &&
           model_address(words[3], m->family, m->destination) &&
           model_port(words[4], &m->source_port) && model_port(words[5], &m->destination_port);
}

/* Octets of the header, 0 where there is none, SIZE_MAX where more has to come. */
static size_t model_v1(struct slice in, struct smtp_proxy *m)
{
    size_t end = 0, seen = in.len < SMTP_PROXY_V1_OCTETS ? in.len : SMTP_PROXY_V1_OCTETS;
    while (end < seen && in.ptr[end] != '\r' && in.ptr[end] != '\n')
        end++;
    if (end < seen && in.ptr[end] == '\r' && end + 1 < seen && in.ptr[end + 1] == '\n')
        return model_line(slice_sub(in, 0, end), m) ? end + 2 : 0;
    bool open = end == seen || (in.ptr[end] == '\r' && end + 1 == seen);
    return open && seen < SMTP_PROXY_V1_OCTETS ? SIZE_MAX : 0;
}

static size_t model_v2(struct slice in, struct smtp_proxy *m)
{
    static const uint8_t addresses[4] = {0, 4, 16, 108}; /* octets of one, by family */
    if (in.len > 12 && in.ptr[12] != 0x20 && in.ptr[12] != 0x21)
        return 0;
    if (in.len < 16)
        return SIZE_MAX;
    size_t family = in.ptr[13] / 16, transport = in.ptr[13] % 16;
    size_t octets = in.ptr[14] * 256u + in.ptr[15], known = 0;
    m->version = 2;
    m->local = in.ptr[12] == 0x20;
    if (!m->local && family > 0 && family < 4 && (transport == 1 || transport == 2)) {
        m->family = (enum smtp_proxy_family)family;
        known = 2u * addresses[family] + (family < 3 ? 4 : 0);
    }
    if (octets < known || 16 + octets > MAX_OCTETS)
        return 0;
    if (in.len < 16 + octets)
        return SIZE_MAX;
    const uint8_t *at = in.ptr + 16;
    m->tail = slice_sub(in, 16 + (family < 3 ? known : 0), 16 + octets);
    if (known > 0 && family < 3) {
        size_t one = addresses[family];
        memcpy(m->source, at, one);
        memcpy(m->destination, at + one, one);
        m->source_port = (uint16_t)(at[2 * one] * 256 + at[2 * one + 1]);
        m->destination_port = (uint16_t)(at[2 * one + 2] * 256 + at[2 * one + 3]);
    }
    return 16 + octets;
}

/* Version 1: at what ends a line without being CRLF, or at the last octet that a line may have. */
static void check_ending(struct slice in, size_t offset)
{
    bool ends = offset < in.len && (in.ptr[offset] == '\r' || in.ptr[offset] == '\n');
    FUZZ_LAW(ends || (offset == 106 && in.len > offset),
             "an error stands where the line goes wrong");
}

static void check_model(struct slice in, struct parse_result got, const struct smtp_proxy *proxy)
{
    struct smtp_proxy m = {.tail = SLICE("")};
    size_t octets;
    if (slice_starts(in, SLICE("PROXY ")))
        octets = model_v1(in, &m);
    else if (slice_starts(in, SLICE("\r\n\r\n\0\r\nQUIT\n")))
        octets = model_v2(in, &m);
    else
        return;
    FUZZ_LAW(got.status == (octets == SIZE_MAX ? PARSE_MORE
                            : octets == 0      ? PARSE_ERROR
                                               : PARSE_OK),
             "a header is one for the model, too");
    if (got.status == PARSE_ERROR && got.error == SMTP_PROXY_ERROR_ENDING)
        check_ending(in, got.offset);
    if (got.status != PARSE_OK)
        return;
    FUZZ_LAW(got.offset == octets && same(proxy, &m), "the header is the model's");
}

/* ---- addresses ---- */

/* An address is one of the grammar, is written, and is read to the same; an endpoint too, with a
 * port behind it. */
static void check_address(struct slice in)
{
    uint8_t octets[16] = {0}, again[16] = {0};
    uint16_t port = 0;
    enum smtp_proxy_family family = smtp_proxy_address(in, octets);
    check_octets(in, family, octets);
    bool ipv4 = grammar_has("IPv4-address-literal", in);
    FUZZ_LAW((family == SMTP_PROXY_TCP4) == ipv4, "an IPv4 address is one of the grammar");
    FUZZ_LAW(family != SMTP_PROXY_UNKNOWN || !grammar_has("IPv6-addr", in),
             "an IPv6 address of the grammar is one");
    FUZZ_LAW(family == SMTP_PROXY_UNKNOWN ||
                 (smtp_proxy_endpoint(in, again, &port) == family && port == 0 &&
                  memcmp(octets, again, sizeof again) == 0),
             "an address is an endpoint without a port");
    smtp_proxy_endpoint(in, again, &port);
    if (family == SMTP_PROXY_UNKNOWN)
        return;
    struct writer out = fuzz_writer(64);
    smtp_proxy_address_write(family, octets, &out);
    FUZZ_LAW(!out.overflow && smtp_proxy_address(writer_slice(&out), again) == family &&
                 memcmp(octets, again, sizeof again) == 0,
             "an address that is written is read to the same");
    char text[INET6_ADDRSTRLEN];
    bool mapped =
        memcmp(octets, "\0\0\0\0\0\0\0\0\0\0", 10) == 0; /* libc writes an IPv4 address there */
    if (!mapped && inet_ntop(family == SMTP_PROXY_TCP4 ? AF_INET : AF_INET6, octets, text,
                             sizeof text) != NULL)
        FUZZ_LAW(slice_equal(writer_slice(&out), slice_of_cstr(text)),
                 "an address is written as inet_ntop writes it (RFC 5952)");
    fuzz_free_writer(&out);
}

/* An endpoint: an address, one with a port behind it, one of IPv6 in brackets with a port or none.
 */
static enum smtp_proxy_family model_endpoint(struct slice text, uint16_t *ret_port)
{
    uint8_t octets[16];
    bool bracket = text.len > 0 && text.ptr[0] == '[';
    size_t end = slice_find(text, bracket ? ']' : ':');
    enum smtp_proxy_family family = smtp_proxy_address(text, octets);
    *ret_port = 0;
    if (family != SMTP_PROXY_UNKNOWN || end == text.len)
        return family;
    family = smtp_proxy_address(slice_sub(text, bracket, end), octets);
    struct slice behind = slice_from(text, end + bracket);
    bool port =
        behind.len == 0 || (behind.ptr[0] == ':' && model_port(slice_from(behind, 1), ret_port));
    return port && family == (bracket ? SMTP_PROXY_TCP6 : SMTP_PROXY_TCP4) ? family
                                                                           : SMTP_PROXY_UNKNOWN;
}

static void check_endpoint(size_t knob)
{
    static const char *const hosts[] = {
        "192.0.2.1", "[192.0.2.1]", "2001:db8::1", "[2001:db8::1]", "[::1", "[]", ""};
    static const char *const ports[] = {"", ":25", ":0", ":65535", ":65536", ":", "x", ":01"};
    char text[64];
    uint8_t octets[16];
    uint16_t port, expected;
    int len = snprintf(text, sizeof text, "%s%s", hosts[knob % 7], ports[knob / 7 % 8]);
    struct slice in = slice_of(text, (size_t)len);
    enum smtp_proxy_family family = model_endpoint(in, &expected);
    FUZZ_LAW(smtp_proxy_endpoint(in, octets, &port) == family &&
                 (family == SMTP_PROXY_UNKNOWN || port == expected),
             "an endpoint is its address and its port");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    struct smtp_proxy proxy, other;
    struct parse_result whole;
    FUZZ_LINEAR(in.len, whole = smtp_proxy_parse(in, MAX_OCTETS, &proxy));
    FUZZ_LAW(whole.status != PARSE_ERROR || smtp_proxy_error_text(whole.error)[0] != '\0',
             "an error has a name");
    check_model(in, whole, &proxy);
    check_endpoint(fuzz_knob(in, 0, 256));
    size_t cut = in.len == 0 ? 0 : fuzz_knob(in, 0, 256) * in.len / 256;
    struct slice piece = fuzz_copy(slice_sub(in, 0, cut));
    struct parse_result part = smtp_proxy_parse(piece, MAX_OCTETS, &other);
    FUZZ_LAW(part.status == PARSE_MORE ||
                 (part.status == whole.status && part.offset == whole.offset &&
                  part.error == whole.error),
             "an answer other than MORE never changes");
    if (grammar_takes(in))
        check_address(in);
    if (whole.status == PARSE_OK)
        check_written(&proxy);
    fuzz_free(piece);
    fuzz_free(in);
    return 0;
}
