/* Laws of smtp_reply_parse and smtp_reply_line_next. */
#include "custom.h"
#include "fuzz.h"
#include "smtp/code.h"
#include "smtp/quirk.h"
#include "smtp/reply.h"

static struct parse_result parse_afresh(struct slice in, struct smtp_reply_limits limits,
                                        struct smtp_reply *ret_reply)
{
    struct smtp_reply_parser parser = {.limits = limits};
    return smtp_reply_parse(&parser, in, ret_reply);
}

static bool same_result(struct parse_result a, struct parse_result b)
{
    return a.status == b.status && a.offset == b.offset && a.error == b.error;
}

static bool same_reply(const struct smtp_reply *a, const struct smtp_reply *b)
{
    return a->code == b->code && a->has_enhanced == b->has_enhanced &&
           smtp_enhanced_equal(a->enhanced, b->enhanced) && a->lines == b->lines &&
           slice_equal(a->raw, b->raw) && a->quirks == b->quirks;
}

/* Feeds `in` in pieces of `step` octets, each time in a copy of its own. */
static void check_pieces(struct slice in, size_t step, struct smtp_reply_limits limits,
                         struct parse_result whole, const struct smtp_reply *reply)
{
    struct smtp_reply_parser parser = {.limits = limits};
    for (size_t len = 0;; len = len + step < in.len ? len + step : in.len) {
        struct slice copy = fuzz_copy(slice_sub(in, 0, len));
        struct smtp_reply got;
        struct parse_result result = smtp_reply_parse(&parser, copy, &got);
        FUZZ_LAW(same_result(result, parse_afresh(copy, limits, &got)),
                 "a parser that remembers answers as one that does not");
        if (result.status != PARSE_MORE || len == in.len) {
            FUZZ_LAW(same_result(result, whole), "whole and split input give the same answer");
            FUZZ_LAW(result.status != PARSE_OK || same_reply(&got, reply),
                     "whole and split input give the same reply");
            fuzz_free(copy);
            return;
        }
        fuzz_free(copy);
    }
}

static void check_lines(const struct smtp_reply *reply)
{
    struct slice rest = reply->raw;
    struct smtp_reply_line line;
    size_t lines = 0, octets = 0;
    bool last = false;
    while (smtp_reply_line_next(&rest, &line)) {
        FUZZ_LAW(!last, "no line is behind the last one");
        FUZZ_LAW(fuzz_inside(line.raw, reply->raw) && fuzz_inside(line.line, line.raw) &&
                     fuzz_inside(line.text, line.line),
                 "the parts of a line lie in it");
        FUZZ_LAW(line.line.len >= 3 &&
                     slice_equal(slice_sub(line.line, 0, 3), slice_sub(reply->raw, 0, 3)),
                 "each line begins with the reply's code");
        octets += line.raw.len;
        last = line.last;
        lines++;
    }
    FUZZ_LAW(lines == reply->lines && last, "a reply has its lines, the last one once");
    FUZZ_LAW(octets == reply->raw.len && rest.len == 0, "the lines joined are the reply");
}

/* What may answer a command is a code that is known, of the classes there are. */
static void check_code(unsigned code)
{
    const struct smtp_code *known = smtp_code_find(code);
    FUZZ_LAW(known == NULL || known->code == code, "a code's entry is its own");
    for (int context = 0; context < SMTP_CODE_CONTEXTS; context++)
        FUZZ_LAW(!smtp_code_is_allowed(code, (enum smtp_code_context)context) ||
                     (code >= 200 && code <= 559),
                 "only codes in range may be answers");
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    /* Small limits one time in four, so that seeds are mostly read whole. */
    bool tight = fuzz_knob(in, 0, 4) == 1;
    struct smtp_reply_limits limits = {
        .max_line_octets = tight ? fuzz_knob(in, 1, 64) : 1000,
        .max_octets = tight ? fuzz_knob(in, 2, 256) : 4000,
    };
    struct smtp_reply reply;
    struct parse_result whole = parse_afresh(in, limits, &reply);
    if (whole.status == PARSE_OK) {
        FUZZ_LAW(reply.raw.ptr == in.ptr && reply.raw.len == whole.offset,
                 "a reply is what was consumed");
        FUZZ_LAW(whole.offset <= limits.max_octets, "no reply is longer than its limit");
        FUZZ_LAW(!reply.has_enhanced || reply.enhanced.class == reply.code / 100 ||
                     (reply.quirks & SMTP_QUIRK_ENHANCED_CLASS),
                 "a class that differs from the code's is named");
        FUZZ_LAW(reply.lines > 1 ||
                     !(reply.quirks & (SMTP_QUIRK_ENHANCED_MIXED | SMTP_QUIRK_ENHANCED_PARTIAL)),
                 "one line agrees with itself");
        check_lines(&reply);
        check_code(reply.code);
        FUZZ_LAW(fuzz_nameless(reply.quirks, smtp_quirk) == 64, "each quirk has a name");
    }
    FUZZ_LAW(whole.offset <= in.len, "no offset is beyond the input");
    FUZZ_LAW((whole.status == PARSE_ERROR) == (smtp_reply_error_text(whole.error) != NULL),
             "each error has a text");
    check_pieces(in, 1 + fuzz_knob(in, 3, 7), limits, whole, &reply);
    fuzz_free(in);
    return 0;
}
