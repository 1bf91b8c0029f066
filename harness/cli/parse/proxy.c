/* parse proxy: headers of the PROXY protocol. */
#include "smtp/proxy.h"
#include "cli/parse/parse.h"

static void put_address(json_t *object, const char *name, enum smtp_proxy_family family,
                        const uint8_t octets[16])
{
    uint8_t text[48];
    struct writer out = writer_of(text, sizeof text);
    smtp_proxy_address_write(family, octets, &out);
    put_text(object, name, writer_slice(&out));
}

struct parse_outcome parse_proxy(struct slice window, bool whole, json_t *object)
{
    static const char *const families[] = {"unknown", "tcp4", "tcp6", "unix"};
    struct smtp_proxy proxy;
    (void)whole;
    struct parse_outcome out = {.result =
                                    smtp_proxy_parse(window, PARSE_WINDOW_OCTETS / 2, &proxy)};
    if (out.result.status == PARSE_ERROR)
        out.error = smtp_proxy_error_text(out.result.error);
    if (out.result.status != PARSE_OK)
        return out;
    put_number(object, "version", proxy.version);
    put_bool(object, "local", proxy.local);
    put_word(object, "family", families[proxy.family]);
    if (proxy.family == SMTP_PROXY_TCP4 || proxy.family == SMTP_PROXY_TCP6) {
        put_address(object, "source", proxy.family, proxy.source);
        put_number(object, "source_port", proxy.source_port);
        put_address(object, "destination", proxy.family, proxy.destination);
        put_number(object, "destination_port", proxy.destination_port);
    }
    put_text(object, "tail", proxy.tail);
    return out;
}
