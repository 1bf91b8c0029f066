/* Laws of smtp_reply_parse: every cut gives the same reply, all lines have one code, memory is
 * bounded. */
#include "fuzz.h"
#include "smtp/quirk.h"
#include "smtp/reply.h"

static struct parse_result parse(struct slice in, struct smtp_reply_limits limits,
                                 struct smtp_reply *ret_reply)
{
    struct smtp_reply_parser parser = {.limits = limits};
    return smtp_reply_parse(&parser, in, ret_reply);
}

static struct parse_result parse_in_pieces(struct slice in, struct smtp_reply_limits limits,
                                           size_t piece, struct smtp_reply *ret_reply)
{
    struct smtp_reply_parser parser = {.limits = limits};
    struct parse_result result = {PARSE_MORE, 0, 0};
    for (size_t len = 0; result.status == PARSE_MORE && len < in.len;) {
        len = in.len - len < piece ? in.len : len + piece;
        struct slice copy = fuzz_copy(slice_sub(in, 0, len));
        result = smtp_reply_parse(&parser, copy, ret_reply);
        fuzz_free(copy);
    }
    return result;
}

static void check_lines(const struct smtp_reply *reply)
{
    struct slice rest = reply->raw;
    size_t lines = 0, octets = 0;
    for (struct smtp_reply_line line; smtp_reply_line_next(&rest, &line); lines++) {
        unsigned code = (line.line.ptr[0] - '0') * 100u + (line.line.ptr[1] - '0') * 10u +
                        (line.line.ptr[2] - '0') * 1u;
        FUZZ_LAW(code == reply->code, "all lines carry the reply's code");
        FUZZ_LAW(line.last == (lines + 1 == reply->lines), "the last line comes exactly once");
        FUZZ_LAW(fuzz_inside(line.text, line.raw), "the text lies in its line");
        octets += line.raw.len;
    }
    FUZZ_LAW(lines == reply->lines && octets == reply->raw.len, "the lines joined are the reply");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    struct smtp_reply_limits limits = {8 + fuzz_knob(in, 0, 200), 16 + fuzz_knob(in, 1, 250) * 4};
    struct smtp_reply whole, pieces;
    struct parse_result result = parse(in, limits, &whole);
    struct parse_result again = parse_in_pieces(in, limits, 1 + fuzz_knob(in, 2, 9), &pieces);
    FUZZ_LAW(in.len == 0 || (result.status == again.status && result.offset == again.offset &&
                             result.error == again.error),
             "how the octets are cut changes nothing");
    if (result.status == PARSE_OK) {
        FUZZ_LAW(pieces.code == whole.code && pieces.lines == whole.lines &&
                     pieces.quirks == whole.quirks,
                 "how the octets are cut changes no member");
        FUZZ_LAW(whole.raw.ptr == in.ptr && whole.raw.len == result.offset, "raw is what was read");
        FUZZ_LAW(result.offset <= limits.max_octets, "no reply is longer than its limit");
        FUZZ_LAW(!whole.has_enhanced || whole.enhanced.class == whole.code / 100 ||
                     (whole.quirks & SMTP_QUIRK_ENHANCED_CLASS) != 0,
                 "an enhanced code of another class is a quirk");
        check_lines(&whole);
    }
    if (result.status == PARSE_MORE)
        FUZZ_LAW(in.len < limits.max_octets, "MORE has an end");
    fuzz_free(in);
    return 0;
}
