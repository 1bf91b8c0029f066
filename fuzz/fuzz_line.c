/* Laws of base_line_parse and of base_lines_take, which reads most lines. */
#include "base/line.h"
#include "custom.h"
#include "fuzz.h"

/* The model: up to LF, and what stands there octet by octet. */
static void check_model(struct slice in, const struct base_line *line)
{
    size_t lf = slice_find(in, '\n');
    bool crlf = lf > 0 && in.ptr[lf - 1] == '\r';
    struct slice text = slice_sub(in, 0, lf - crlf);
    FUZZ_LAW(line->raw.len == lf + 1 && line->text.ptr == text.ptr && line->text.len == text.len,
             "a line ends at the first LF, and its text before its CR");
    FUZZ_LAW(line->quirks == (fuzz_odd_octets(text) | (crlf ? 0 : QUIRK_BARE_LF)),
             "a line's quirks are those of its octets");
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    size_t max_octets = 1 + fuzz_knob(in, 0, 200);
    struct slice rest = in;
    struct base_lines lines = {.in = in};
    size_t total = 0;
    for (;;) {
        struct base_line line, taken;
        size_t at = lines.at;
        bool took = base_lines_take(&lines, max_octets, &taken);
        struct parse_result result;
        FUZZ_LINEAR(result.offset, result = base_line_parse(rest, max_octets, &line));
        FUZZ_LAW(!took || (result.status == PARSE_OK && lines.at == at + result.offset &&
                           line.quirks == 0 && taken.quirks == 0 && taken.raw.ptr == line.raw.ptr &&
                           taken.text.ptr == line.text.ptr && taken.text.len == line.text.len),
                 "a line that is taken is the one that is parsed");
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
        check_model(rest, &line);
        FUZZ_LAW(slice_find(line.text, '\n') == line.text.len, "no line holds LF");
        lines.at = at + result.offset;
        total += result.offset;
        rest = slice_from(rest, result.offset);
    }
    FUZZ_LAW(total + rest.len == size, "no octet is lost");
    fuzz_free(in);
    return 0;
}
