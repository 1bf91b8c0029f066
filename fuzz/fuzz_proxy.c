/* Laws of smtp_proxy_parse, smtp_proxy_write and smtp_proxy_address. */
#include "fuzz.h"
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
    if (whole.status == PARSE_OK)
        check_written(&proxy);
    fuzz_free(piece);
    fuzz_free(in);
    return 0;
}
