/* Laws of base_line_parse. */
#include "base/line.h"
#include "custom.h"
#include "fuzz.h"

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    size_t max_octets = 1 + fuzz_knob(in, 0, 200);
    struct slice rest = in;
    size_t total = 0;
    for (;;) {
        struct base_line line;
        struct parse_result result = base_line_parse(rest, max_octets, &line);
        for (size_t cut = 0; cut < rest.len && cut < 64; cut++) {
            struct base_line part;
            struct parse_result early = base_line_parse(slice_sub(rest, 0, cut), max_octets, &part);
            FUZZ_LAW(early.status == PARSE_MORE ||
                         (early.status == result.status && early.offset == result.offset),
                     "an answer other than MORE never changes when octets are appended");
        }
        if (result.status == PARSE_ERROR)
            FUZZ_LAW(result.offset == max_octets && rest.len >= max_octets,
                     "a line is too long exactly at its limit");
        if (result.status != PARSE_OK)
            break;
        FUZZ_LAW(line.raw.ptr == rest.ptr && line.raw.len == result.offset,
                 "the lines joined are the input");
        FUZZ_LAW(fuzz_inside(line.text, line.raw), "the text lies in the line");
        FUZZ_LAW(result.offset <= max_octets, "no line is longer than its limit");
        FUZZ_LAW(slice_find(line.text, '\n') == line.text.len, "no line holds LF");
        total += result.offset;
        rest = slice_from(rest, result.offset);
    }
    FUZZ_LAW(total + rest.len == size, "no octet is lost");
    fuzz_free(in);
    return 0;
}
