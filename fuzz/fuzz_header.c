/* Laws of imf_header_next and of the scan below it: the answers of imf_field_parse, each way. */
#include "custom.h"
#include "fuzz.h"
#include "imf/header.h"

static bool same_slice(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || a.ptr == b.ptr);
}

static bool same_field(const struct imf_field *a, const struct imf_field *b)
{
    return a->kind == b->kind && a->quirks == b->quirks && same_slice(a->name, b->name) &&
           same_slice(a->body, b->body) && same_slice(a->raw, b->raw);
}

static void check_fields(struct slice in, struct imf_field_limits limits)
{
    struct imf_header header;
    imf_header_begin(in, limits, &header);
    size_t at = 0;
    for (;;) {
        struct imf_field field = {.kind = IMF_HEADER_END}, expected = field;
        struct parse_result want = imf_field_parse(slice_from(in, at), limits, &expected);
        struct parse_result got = imf_header_next(&header, &field);
        FUZZ_LAW(got.status == want.status && got.offset == want.offset && got.error == want.error,
                 "the answer is imf_field_parse's");
        FUZZ_LAW(same_field(&field, &expected), "the field is imf_field_parse's");
        if (got.status == PARSE_OK)
            at += got.offset;
        FUZZ_LAW(header.at == at, "the header stands behind what was read");
        if (got.status != PARSE_OK || field.kind == IMF_HEADER_END)
            return;
    }
}

static void read_each(struct slice in, struct imf_field_limits limits)
{
    struct imf_header header;
    struct imf_field field;
    imf_header_begin(in, limits, &header);
    while (imf_header_next(&header, &field).status == PARSE_OK && field.kind != IMF_HEADER_END)
        ;
}

static void check_ways(struct slice in)
{
    struct scan_marks marks, other_marks;
    struct scan_text text, other_text;
    struct scan_words words, other_words;
    const struct scan_way *way = scan_way(0);
    way->fields(in, &marks);
    way->text(in, &text);
    way->words(in, &words);
    bool printable = way->is_printable(in);
    struct scan_line line = way->line(in);
    struct scan_ends ends = way->ends(in);
    struct scan_atoms atoms = way->atoms(in);
    for (unsigned n = 1; (way = scan_way(n)) != NULL; n++) {
        way->fields(in, &other_marks);
        way->text(in, &other_text);
        way->words(in, &other_words);
        FUZZ_LAW(marks.count == other_marks.count &&
                     memcmp(marks.mark, other_marks.mark, (marks.count + 1) * sizeof *marks.mark) ==
                         0,
                 "each way marks the same fields");
        FUZZ_LAW(memcmp(&text, &other_text, sizeof text) == 0, "each way sorts a text the same");
        FUZZ_LAW(memcmp(&words, &other_words, sizeof words) == 0, "each way sorts words the same");
        FUZZ_LAW(way->is_printable(in) == printable, "each way calls the same text printable");
        struct scan_line other_line = way->line(in);
        struct scan_ends other_ends = way->ends(in);
        struct scan_atoms other_atoms = way->atoms(in);
        FUZZ_LAW(atoms.dot == other_atoms.dot && atoms.boundary == other_atoms.boundary &&
                     atoms.boundary == text.boundary,
                 "each way sees the same atoms");
        FUZZ_LAW(line.lf == other_line.lf && line.printable == other_line.printable,
                 "each way ends a line at the same place");
        FUZZ_LAW(ends.lf == other_ends.lf && ends.odd == other_ends.odd,
                 "each way sees the same line ends");
    }
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    size_t max_octets = fuzz_knob(in, 0, 4) == 1 ? fuzz_knob(in, 1, 64) : 4000;
    const struct imf_field_limits strict = {max_octets, true}, lax = {max_octets, false};
    check_fields(in, strict);
    check_fields(in, lax);
    FUZZ_LINEAR(in.len, read_each(in, strict));
    FUZZ_LINEAR(in.len, read_each(in, lax));
    check_ways(in);
    fuzz_free(in);
    return 0;
}
