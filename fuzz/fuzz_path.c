/* Laws of smtp_path_parse: what is written parses to the same, and quoting never changes a meaning.
 */
#include "fuzz.h"
#include "smtp/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    struct smtp_path path, back;
    struct parse_result result = smtp_path_parse(in, &path);
    FUZZ_LAW(result.status != PARSE_MORE, "the input is whole");
    if (result.status == PARSE_OK) {
        FUZZ_LAW(path.raw.ptr == in.ptr && path.raw.len == result.offset, "raw is what was read");
        FUZZ_LAW(fuzz_inside(path.mailbox, path.raw) && fuzz_inside(path.route, path.raw) &&
                     fuzz_inside(path.local_part, path.mailbox) &&
                     fuzz_inside(path.domain, path.mailbox),
                 "each part lies in the one around it");
        FUZZ_LAW(path.null == (path.mailbox.len == 0), "the null path alone has no mailbox");
        uint8_t *octets = malloc(in.len + 3), *plain = malloc(in.len + 1);
        struct writer out = writer_of(octets, in.len + 3), unquoted = writer_of(plain, in.len + 1);
        smtp_path_write(&path, &out);
        FUZZ_LAW(!out.overflow, "the canonical form is two brackets longer at most");
        result = smtp_path_parse(writer_slice(&out), &back);
        FUZZ_LAW(result.status == PARSE_OK && result.offset == out.len, "what is written parses");
        FUZZ_LAW(slice_equal(path.mailbox, back.mailbox) && slice_equal(path.route, back.route) &&
                     slice_equal(path.domain, back.domain) && path.domain_kind == back.domain_kind,
                 "and parses to the same");
        smtp_path_unquote(path.local_part, &unquoted);
        FUZZ_LAW(!unquoted.overflow, "unquoting makes nothing longer");
        free(octets);
        free(plain);
    } else {
        FUZZ_LAW(result.error != 0 && result.offset <= in.len, "an error has a place");
    }
    fuzz_free(in);
    return 0;
}
