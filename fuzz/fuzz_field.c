/* Laws of imf_field_parse and imf_field_unfold. */
#include "base/octet.h"
#include "base/quirk.h"
#include "custom.h"
#include "fuzz.h"
#include "grammar.h"
#include "imf/field.h"
#include "imf/quirk.h"

static bool same_result(struct parse_result a, struct parse_result b)
{
    return a.status == b.status && a.offset == b.offset && a.error == b.error;
}

/* Law 1, at prefixes of the field and of what follows it. */
static void check_prefixes(struct slice in, size_t max_octets)
{
    struct imf_field_limits limits = {max_octets, false};
    struct imf_field field;
    struct parse_result whole = imf_field_parse(in, limits, &field);
    FUZZ_LAW(whole.offset <= in.len, "no offset is beyond the input");
    FUZZ_LAW(whole.error != IMF_FIELD_TOO_LONG || whole.offset == max_octets,
             "a field is too long exactly at its limit");
    size_t knob = fuzz_knob(in, 1, 256), most = whole.offset + 8;
    for (size_t cut = 0; cut < in.len && cut < most; cut = fuzz_next_cut(cut, most, knob)) {
        struct slice copy = fuzz_copy(slice_sub(in, 0, cut));
        struct parse_result early = imf_field_parse(copy, limits, &field);
        FUZZ_LAW(early.status == PARSE_MORE || same_result(early, whole),
                 "an answer other than MORE never changes when octets are appended");
        fuzz_free(copy);
    }
    FUZZ_LAW(whole.status != PARSE_MORE || in.len <= max_octets,
             "beyond its limit no field waits for more");
}

/* RFC 3629 3: a character is what its bits say, in no more octets than it needs, and no surrogate.
 */
static bool is_utf8(struct slice text)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.ptr[i];
        size_t more = octet < 0x80 ? 0 : octet < 0xc0 ? 4 : octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3;
        if (more == 4 || octet > 0xf7 || text.len - i <= more)
            return false;
        uint32_t point = more == 0 ? octet : octet & (0x3fu >> more);
        for (size_t n = more; n > 0; n--) {
            octet = text.ptr[++i];
            point = point << 6 | (octet & 0x3fu);
            if (octet >> 6 != 2)
                return false;
        }
        if (point < least[more] || point > 0x10ffff || point >> 11 == 0xd800 >> 11)
            return false;
    }
    return true;
}

static void check_field(const struct imf_field *field)
{
    bool eight_bit = false, utf8 = (field->quirks & QUIRK_UTF8) != 0;
    for (size_t i = 0; i < field->raw.len; i++)
        eight_bit = eight_bit || field->raw.ptr[i] >= 128;
    FUZZ_LAW(utf8 + ((field->quirks & QUIRK_EIGHT_BIT) != 0) == eight_bit,
             "octets above 127 are UTF-8, or they are not");
    FUZZ_LAW(!eight_bit || is_utf8(field->raw) == utf8, "UTF-8 is what its bits say");
    FUZZ_LAW(field->name.len > 0, "a field has a name");
    for (size_t i = 0; i < field->name.len; i++)
        FUZZ_LAW(octet_is(field->name.ptr[i], OCTET_GRAPHIC) && field->name.ptr[i] != ':',
                 "a name is ftext");
    FUZZ_LAW(fuzz_inside(field->name, field->raw) && fuzz_inside(field->body, field->raw) &&
                 field->body.ptr > field->name.ptr,
             "name and body lie in the field, the body behind the name");
    size_t folds = 0;
    for (size_t i = 0; i + 1 < field->body.len; i++)
        folds += field->body.ptr[i] == '\n' && octet_is(field->body.ptr[i + 1], OCTET_WSP);
    FUZZ_LAW(imf_field_folds(field->body) == folds, "each line ending in a body is a fold's");
}

/* unfold(fold(x)) is x: a body without line endings, with one put before each white space. */
static void check_unfold(const struct imf_field *field)
{
    uint8_t *plain = fuzz_take(field->body.len + 1), *back = fuzz_take(field->body.len + 1);
    uint8_t *folded = fuzz_take(3 * field->body.len + 1);
    struct writer unfolded = writer_of(plain, field->body.len);
    imf_field_unfold(field->body, &unfolded);
    FUZZ_LAW(!unfolded.overflow, "unfolding makes nothing longer");
    FUZZ_LAW(slice_find(writer_slice(&unfolded), '\n') == unfolded.len, "no fold is left");

    struct writer refolded = writer_of(folded, 3 * field->body.len);
    for (size_t i = 0; i < unfolded.len; i++) {
        if (octet_is(plain[i], OCTET_WSP))
            writer_put(&refolded, SLICE("\r\n"));
        writer_put_octet(&refolded, plain[i]);
    }
    struct writer again = writer_of(back, unfolded.len);
    imf_field_unfold(writer_slice(&refolded), &again);
    FUZZ_LAW(!again.overflow && slice_equal(writer_slice(&again), writer_slice(&unfolded)),
             "what was folded is unfolded");
    fuzz_give(plain);
    fuzz_give(folded);
    fuzz_give(back);
}

/* ---- the model: octet by octet ---- */

static bool is_space(uint8_t octet)
{
    return octet == ' ' || octet == '\t';
}

/* Where the field ends: behind the first line that white space does not follow. */
static size_t model_end(struct slice in)
{
    for (size_t at = 0; at < in.len; at++)
        if (in.ptr[at] == '\n' && (at + 1 == in.len || !is_space(in.ptr[at + 1])))
            return at + 1;
    return in.len;
}

static uint64_t model_quirks(struct slice raw)
{
    uint64_t quirks = 0;
    bool first = true;
    for (struct slice rest = raw; rest.len > 0; first = false) {
        size_t lf = slice_find(rest, '\n');
        bool ended = lf < rest.len, crlf = ended && lf > 0 && rest.ptr[lf - 1] == '\r';
        struct slice line = slice_sub(rest, 0, lf - crlf);
        size_t text = 0;
        for (size_t i = 0; i < line.len; i++)
            text += !is_space(line.ptr[i]);
        quirks |= fuzz_odd_octets(line) | (ended && !crlf ? QUIRK_BARE_LF : 0) |
                  (line.len > 998 ? QUIRK_LONG_LINE : 0) |
                  (text == 0 && !first ? IMF_QUIRK_EMPTY_FOLD : 0);
        rest = slice_from(rest, lf + ended);
    }
    return quirks;
}

/* A field of a whole input, read without a limit in its way. */
static void check_model(struct slice in, struct parse_result result, const struct imf_field *field)
{
    size_t end = model_end(in), line = slice_find(in, '\n'), colon = slice_find(in, ':');
    bool crlf = line > 0 && line < in.len && in.ptr[line - 1] == '\r';
    size_t text = line - crlf;
    if (text == 0) {
        FUZZ_LAW(result.status == PARSE_OK && field->kind == IMF_HEADER_END &&
                     result.offset == line + (line < in.len),
                 "an empty line ends a header");
        FUZZ_LAW(field->quirks == (line == in.len ? IMF_QUIRK_NO_BLANK_LINE
                                   : crlf         ? 0
                                                  : QUIRK_BARE_LF),
                 "an empty line has the quirks of its ending");
        return;
    }
    size_t from = 0, to = colon;
    while (from < to && is_space(in.ptr[from]))
        from++;
    while (to > from && is_space(in.ptr[to - 1]))
        to--;
    size_t bad = from;
    while (bad < to && in.ptr[bad] > 32 && in.ptr[bad] < 127)
        bad++;
    int error = colon >= text ? IMF_FIELD_NO_COLON
                : from == to  ? IMF_FIELD_NO_NAME
                : bad < to    ? IMF_FIELD_BAD_NAME
                              : 0;
    size_t at = colon >= text ? text : from == to ? colon : bad;
    FUZZ_LAW((result.status == PARSE_ERROR) == (error != 0) && result.error == error &&
                 result.offset == (error != 0 ? at : end),
             "the answer is the model's");
    if (error != 0)
        return;
    size_t body_end = end;
    body_end -= body_end > 0 && in.ptr[body_end - 1] == '\n';
    body_end -= body_end < end && in.ptr[body_end - 1] == '\r';
    FUZZ_LAW(field->name.ptr == in.ptr + from && field->name.len == to - from &&
                 field->body.ptr == in.ptr + colon + 1 && field->body.len == body_end - colon - 1,
             "name and body are the model's");
    uint64_t quirks = model_quirks(field->raw) | (from > 0 ? IMF_QUIRK_FOLD_AT_START : 0) |
                      (to < colon ? IMF_QUIRK_SPACE_BEFORE_COLON : 0);
    const uint64_t beyond_ascii = QUIRK_UTF8 | QUIRK_EIGHT_BIT;
    FUZZ_LAW((field->quirks & ~beyond_ascii) == (quirks & ~beyond_ascii), "quirks are the model's");
    if (grammar_takes(field->raw) && (quirks & QUIRK_EIGHT_BIT))
        FUZZ_LAW(grammar_has("utf8-text", field->raw) == ((field->quirks & QUIRK_UTF8) != 0),
                 "UTF-8 is known");
}

/* Each CR LF, or LF, before white space goes, and nothing else. */
static void check_unfolded(struct slice body)
{
    struct writer out = fuzz_writer(body.len), expected = fuzz_writer(body.len);
    for (size_t i = 0; i < body.len; i++) {
        bool cr = body.ptr[i] == '\r' && i + 2 < body.len && body.ptr[i + 1] == '\n' &&
                  is_space(body.ptr[i + 2]);
        bool lf = body.ptr[i] == '\n' && i + 1 < body.len && is_space(body.ptr[i + 1]);
        if (!cr && !lf)
            writer_put_octet(&expected, body.ptr[i]);
    }
    imf_field_unfold(body, &out);
    FUZZ_LAW(slice_equal(writer_slice(&out), writer_slice(&expected)),
             "only the line endings of folds go");
    fuzz_free_writer(&expected);
    fuzz_free_writer(&out);
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    /* A small limit one time in four, so that seeds are mostly read whole. */
    size_t max_octets = fuzz_knob(in, 0, 4) == 1 ? fuzz_knob(in, 1, 64) : 4000;
    struct slice rest = in;
    for (;;) {
        struct imf_field field;
        check_prefixes(rest, max_octets);
        const struct imf_field_limits limits = {max_octets, true};
        struct parse_result result;
        FUZZ_LINEAR(result.status == PARSE_OK ? result.offset : rest.len,
                    result = imf_field_parse(rest, limits, &field));
        FUZZ_LAW(result.status != PARSE_MORE, "a whole input never waits for more");
        if (rest.len > 0 && rest.len <= max_octets)
            check_model(rest, result, &field);
        FUZZ_LAW((result.status == PARSE_ERROR) == (imf_field_error_text(result.error) != NULL),
                 "each error has a text");
        if (result.status == PARSE_ERROR)
            break;
        FUZZ_LAW(field.raw.ptr == rest.ptr && field.raw.len == result.offset,
                 "the fields joined are the input");
        FUZZ_LAW(result.offset <= max_octets, "no field is longer than its limit");
        rest = slice_from(rest, result.offset);
        if (field.kind == IMF_HEADER_END)
            break;
        FUZZ_LAW(result.offset > 0, "a field is not empty");
        FUZZ_LAW(fuzz_nameless(field.quirks, imf_quirk) == 64, "each quirk has a name");
        check_field(&field);
        check_unfold(&field);
        check_unfolded(field.body);
    }
    fuzz_free(in);
    return 0;
}
