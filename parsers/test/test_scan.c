/* Each way of scan against a reading of its contract octet by octet. */
#include "base/octet.h"
#include "base/scan.h"
#include "law.h"

/* What a line is: its end, whether the end is in sight, whether a plain field may hold it. */
struct line {
    size_t end;
    bool in_sight, plain;
};

static struct line read_line(struct slice in, size_t from)
{
    struct line line = {.end = from, .plain = true};
    for (; line.end < in.len; line.end++) {
        uint8_t octet = in.ptr[line.end];
        if (octet == '\n') {
            size_t text = line.end - 1;
            line.plain = line.plain && line.end > from && in.ptr[text] == '\r' &&
                         text - from <= 998 && slice_trim(slice_sub(in, from, text)).len > 0;
            line.in_sight = true;
            line.end++;
            return line;
        }
        bool last_cr = octet == '\r' && line.end + 1 < in.len && in.ptr[line.end + 1] == '\n';
        if (!last_cr && !octet_is(octet, OCTET_GRAPHIC | OCTET_WSP))
            line.plain = false;
    }
    return line;
}

static size_t name_end(struct slice in, size_t at)
{
    size_t from = at;
    while (at < in.len && octet_is(in.ptr[at], OCTET_GRAPHIC) && in.ptr[at] != ':')
        at++;
    return at > from && at < in.len && in.ptr[at] == ':' ? at : 0;
}

static bool is_empty(struct slice in, struct line line, size_t from)
{
    return line.in_sight &&
           (line.end - from == 1 || (line.end - from == 2 && in.ptr[from] == '\r'));
}

static void expect_fields(struct slice in, struct scan_marks *ret_marks)
{
    size_t start = 0;
    in = slice_sub(in, 0, in.len < SCAN_WINDOW_OCTETS ? in.len : SCAN_WINDOW_OCTETS);
    *ret_marks = (struct scan_marks){0};
    while (ret_marks->count < SCAN_MARKS) {
        struct line line = read_line(in, start);
        bool plain = line.plain, empty = is_empty(in, line, start);
        while (!empty && line.in_sight && line.end < in.len &&
               octet_is(in.ptr[line.end], OCTET_WSP)) {
            line = read_line(in, line.end);
            plain = plain && line.plain;
        }
        if (!line.in_sight || (line.end == in.len && !empty))
            break;
        struct scan_mark *mark = &ret_marks->mark[ret_marks->count++];
        mark->start = (uint16_t)start;
        mark->colon = plain ? (uint16_t)name_end(in, start) : 0;
        start = line.end;
        if (empty)
            break;
    }
    ret_marks->mark[ret_marks->count].start = (uint16_t)start;
}

static struct scan_line expect_line(struct slice in)
{
    struct scan_line line = {.lf = 0, .printable = true};
    for (; line.lf < in.len && in.ptr[line.lf] != '\n'; line.lf++) {
        bool crlf = in.ptr[line.lf] == '\r' && line.lf + 1 < in.len && in.ptr[line.lf + 1] == '\n';
        line.printable =
            line.printable && (crlf || (in.ptr[line.lf] >= 32 && in.ptr[line.lf] <= 126));
    }
    return line;
}

static void expect_text(struct slice in, struct scan_text *ret_text)
{
    *ret_text = (struct scan_text){0};
    for (size_t i = 0; i < in.len && i < SCAN_TEXT_OCTETS; i++) {
        uint8_t octet = in.ptr[i];
        uint64_t bit = UINT64_C(1) << i;
        ret_text->lf |= octet == '\n' ? bit : 0;
        ret_text->odd |= octet < 32 || octet > 126 ? bit : 0;
        ret_text->space |= octet == ' ' ? bit : 0;
        ret_text->equals |= octet == '=' ? bit : 0;
        ret_text->dot |= octet == '.' ? bit : 0;
        ret_text->hyphen |= octet == '-' ? bit : 0;
        ret_text->alnum |= octet_is(octet, OCTET_ALPHA | OCTET_DIGIT) ? bit : 0;
        ret_text->boundary |= octet_is(octet, OCTET_ATEXT) || octet == '.' ? 0 : bit;
    }
}

static void expect_words(struct slice in, struct scan_words *ret_words)
{
    struct scan_text text;
    expect_text(in, &text);
    *ret_words = (struct scan_words){text.dot, text.boundary, text.space, 0, text.odd};
    bool inside = false;
    for (size_t i = 0; i < in.len && i < SCAN_TEXT_OCTETS; i++) {
        bool quote = in.ptr[i] == '"';
        ret_words->quoted |= (uint64_t)(inside || quote) << i;
        inside = inside != quote;
        ret_words->hard |= (uint64_t)(in.ptr[i] == '\\') << i;
    }
}

static void check(const char *what, struct slice in)
{
    struct slice copy = law_copy(in);
    struct scan_marks expected_marks;
    struct scan_text expected_text;
    expect_fields(copy, &expected_marks);
    struct scan_words expected_words;
    expect_text(copy, &expected_text);
    expect_words(copy, &expected_words);
    struct scan_line expected_line = expect_line(copy);
    bool printable = true;
    for (size_t i = 0; i < copy.len; i++)
        printable = printable && copy.ptr[i] >= 32 && copy.ptr[i] <= 126;

    const struct scan_way *way;
    for (unsigned n = 0; (way = scan_way(n)) != NULL; n++) {
        struct scan_marks marks;
        struct scan_text text;
        struct scan_words words;
        way->fields(copy, &marks);
        way->text(copy, &text);
        way->words(copy, &words);
        if (marks.count != expected_marks.count)
            fail_msg("%s, %s: %zu fields, not %zu", what, way->name, marks.count,
                     expected_marks.count);
        for (size_t i = 0; i <= marks.count; i++)
            if (marks.mark[i].start != expected_marks.mark[i].start ||
                marks.mark[i].colon != expected_marks.mark[i].colon)
                fail_msg("%s, %s: field %zu starts at %u with colon %u, not at %u with %u", what,
                         way->name, i, marks.mark[i].start, marks.mark[i].colon,
                         expected_marks.mark[i].start, expected_marks.mark[i].colon);
        struct scan_line line = way->line(copy);
        assert_int_equal(line.lf, expected_line.lf);
        assert_int_equal(line.printable, expected_line.printable);
        assert_int_equal(way->ends(copy).lf, expected_text.lf);
        assert_int_equal(way->ends(copy).odd, expected_text.odd);
        assert_int_equal(text.lf, expected_text.lf);
        assert_int_equal(text.odd, expected_text.odd);
        assert_int_equal(text.space, expected_text.space);
        assert_int_equal(text.equals, expected_text.equals);
        assert_int_equal(text.dot, expected_text.dot);
        assert_int_equal(text.hyphen, expected_text.hyphen);
        assert_int_equal(text.alnum, expected_text.alnum);
        assert_int_equal(text.boundary, expected_text.boundary);
        assert_memory_equal(&words, &expected_words, sizeof words);
        assert_int_equal(way->atoms(copy).dot, expected_text.dot);
        assert_int_equal(way->atoms(copy).boundary, expected_text.boundary);
        assert_int_equal(way->is_printable(copy), printable);
    }
    law_free(copy);
}

/* clang-format off */
static const struct {
    const char *what;
    struct slice in;
} rows[] = {
    {"nothing", SLICE_INIT("")},
    {"one field, its end not in sight", SLICE_INIT("A: x\r\n")},
    {"a field and the next octet", SLICE_INIT("A: x\r\nB")},
    {"the empty line", SLICE_INIT("A: x\r\n\r\n body\r\n")},
    {"the empty line alone", SLICE_INIT("\r\n")},
    {"a bare LF for the empty line", SLICE_INIT("A: x\r\n\nB")},
    {"a bare LF before a block", SLICE_INIT("\nA: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\nB: x\r\n\r\n")},
    {"folds", SLICE_INIT("A: x\r\n y\r\n\tz\r\nB: y\r\n\r\n")},
    {"white space at a line's end", SLICE_INIT("A: x \r\nB: x\r\n \t\r\nC: x\r\nD")},
    {"white space first", SLICE_INIT(" A: x\r\nB: x\r\nC")},
    {"odd octets", SLICE_INIT("A: \x01\r\nB: \x7f\r\nC: \x80\r\nD: \0\r\nE: \t\r\nF: x\ty\r\nG")},
    {"line endings", SLICE_INIT("A: x\nB: x\r\r\nC: x\ry\r\nD: x\r\nE")},
    {"names", SLICE_INIT(": x\r\nA : x\r\nA\r\nA!~:x\r\nA::\r\n\xc3:\r\nE")},
    {"a long name", SLICE_INIT("Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: x\r\nE: x\r\nF")},
    {"every octet that a name or text has", SLICE_INIT(" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~")},
};
/* clang-format on */

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t len = 0; len <= rows[i].in.len; len++)
            check(rows[i].what, slice_sub(rows[i].in, 0, len));
}

/* Each octet value at each place of a text that is longer than any vector. */
static void test_octets(void **state)
{
    (void)state;
    uint8_t text[67];
    for (size_t at = 0; at < sizeof text; at++)
        for (unsigned octet = 0; octet < 256; octet++) {
            memset(text, 'x', sizeof text);
            text[at] = (uint8_t)octet;
            for (size_t len = at + 1; len <= sizeof text; len += 7)
                check("one octet", slice_of(text, len));
        }
}

/* Each octet value at each place of fields that are plain but for it; and with a bare LF behind. */
static void test_octets_of_fields(void **state)
{
    (void)state;
    static const char fields[] = "A: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n\txxxxxxxxxxxx\r\n"
                                 "Bbbbbbbbbbbbbbbbbbbbb: x\r\nC: x\r\n\r\nx";
    uint8_t text[sizeof fields];
    for (size_t at = 0; at + 1 < sizeof fields; at++)
        for (unsigned octet = 0; octet < 256; octet++) {
            memcpy(text, fields, sizeof fields);
            text[at] = (uint8_t)octet;
            check("one octet of fields", slice_of(text, sizeof fields - 1));
            text[at + 1] = '\n';
            check("one octet before LF", slice_of(text, sizeof fields - 1));
        }
}

/* A line of n octets, at each border: of a vector, of a block, of a line, of the window. */
static void test_lengths(void **state)
{
    (void)state;
    static uint8_t text[2 * SCAN_WINDOW_OCTETS];
    for (size_t len = 3; len < sizeof text - 16; len += len < 200 || len % 998 < 8 ? 1 : 61) {
        memset(text, 'y', sizeof text);
        memcpy(text, "A:", 2);
        memcpy(text + len - 2, "\r\n", 2);
        memcpy(text + len, "B: x\r\n z\r\n\r\n", 12);
        check("lengths", slice_of(text, len + 12));
        check("lengths, cut", slice_of(text, len + 1));
        memcpy(text + len, "\rB: x\r\nC", 9);
        check("lengths, a bare CR behind", slice_of(text, len + 9));
        memcpy(text + len, "\r\n\x80\r", 4);
        check("lengths, a body behind", slice_of(text, len + 4));
        memcpy(text + len, "B: x\r\n z\r\n\r\n", 12);
        if (len > 1200)
            memcpy(text + 600, "\r\n\t", 3), check("lengths, folded", slice_of(text, len + 12));
    }
}

/* Words of the header's own alphabet, put together at random from a fixed seed. */
static void test_mixtures(void **state)
{
    (void)state;
    static const char *const words[] = {
        "\r\n",   "\r\n", "\r\n", "\n",   "\r",
        " ",      "\t",   "A:",   "Bb:",  "x",
        "yyyy",   ":",    "\x80", "\x01", "A: xxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "\r\nC: "};
    static uint8_t text[6000];
    uint32_t seed = 1;
    for (unsigned round = 0; round < 4000; round++) {
        size_t len = 0, most = round % 8 == 0 ? sizeof text - 64 : 300, kinds = 5 + round % 12;
        while (len < most) {
            seed = seed * 1664525 + 1013904223;
            struct slice word = slice_of_cstr(words[(seed >> 16) % kinds]);
            memcpy(text + len, word.ptr, word.len);
            len += word.len;
        }
        check("mixture", slice_of(text, len));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_octets),
        cmocka_unit_test(test_octets_of_fields),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_mixtures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
