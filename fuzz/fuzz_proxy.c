/* Laws of smtp_proxy_parse, smtp_proxy_write and smtp_proxy_address. */
#include "fuzz.h"
#include "grammar.h"
#include "smtp/proxy.h"

#define MAX_OCTETS 600

static void check_written(const struct smtp_proxy *proxy)
{
    struct writer out = fuzz_writer(MAX_OCTETS + SMTP_PROXY_V1_OCTETS);
    smtp_proxy_write(proxy, &out);
    struct smtp_proxy again;
    struct parse_result result = smtp_proxy_parse(writer_slice(&out), MAX_OCTETS, &again);
    FUZZ_LAW(result.status == PARSE_OK && result.offset == out.len, "what is written is read");
    FUZZ_LAW(again.version == proxy->version && again.local == proxy->local &&
                 again.source_port == proxy->source_port &&
                 again.destination_port == proxy->destination_port &&
                 again.family == proxy->family && slice_equal(again.tail, proxy->tail) &&
                 memcmp(again.source, proxy->source, 16) == 0 &&
                 memcmp(again.destination, proxy->destination, 16) == 0,
             "read(write(x)) = x");
    fuzz_free_writer(&out);
}

/* An address is one of the grammar, is written, and is read to the same; an endpoint too, with a
 * port behind it. */
static void check_address(struct slice in)
{
    uint8_t octets[16] = {0}, again[16] = {0};
    uint16_t port = 0;
    enum smtp_proxy_family family = smtp_proxy_address(in, octets);
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
    fuzz_free_writer(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    struct smtp_proxy proxy, other;
    struct parse_result whole = smtp_proxy_parse(in, MAX_OCTETS, &proxy);
    FUZZ_LAW(whole.status != PARSE_ERROR || smtp_proxy_error_text(whole.error)[0] != '\0',
             "an error has a name");
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
