#include "smtp/ending.h"

#include "law.h"

#define BIT(model) (1u << SMTP_ENDING_##model)
#define STRICT     BIT(STRICT)
#define ALL        ((1u << SMTP_ENDING_MODELS) - 1)
#define LFS        (BIT(LF) | BIT(CR_LF) | BIT(UNICODE)) /* that take LF for a line ending */
#define CRS        (BIT(CR) | BIT(CR_LF) | BIT(UNICODE)) /* and CR */

/* One look-alike; FUZZING's list of patterns by which mail was smuggled, and what is near them. */
struct row {
    struct slice in; /* no strict end of data in it; one is put behind */
    const char *pattern;
    size_t offset; /* of the dot */
    unsigned ends_for;
};

/* clang-format off */
static const struct row rows[] = {
    {SLICE_INIT("a\n.\nb"), "lf.lf", 2, LFS},
    {SLICE_INIT("a\n.\r\nb"), "lf.crlf", 2, LFS},
    {SLICE_INIT("a\n.\rb"), "lf.cr", 2, BIT(CR_LF) | BIT(UNICODE)},
    {SLICE_INIT("a\r\n.\nb"), "crlf.lf", 3, LFS},
    {SLICE_INIT("a\r\n.\rb"), "crlf.cr", 3, CRS},
    {SLICE_INIT("a\r.\rb"), "cr.cr", 2, CRS},
    {SLICE_INIT("a\r.\nb"), "cr.lf", 2, BIT(CR_LF) | BIT(UNICODE)},
    {SLICE_INIT("a\r.\r\nb"), "cr.crlf", 2, CRS},
    {SLICE_INIT("a \n.\r\nb"), "lf.crlf", 3, LFS},
    {SLICE_INIT("a\n\n.\r\nb"), "lf-lf.crlf", 3, LFS},
    {SLICE_INIT("a\n\n.\nb"), "lf-lf.lf", 3, LFS},
    {SLICE_INIT("a\r\n.\r\r\nb"), "crlf.cr-crlf", 3, CRS | BIT(CRS_LF)},
    {SLICE_INIT("a\r\r\n.\r\r\nb"), "cr-crlf.cr-crlf", 4, CRS | BIT(CRS_LF)},
    {SLICE_INIT("a\r\n\0.\r\nb"), "crlf-nul.crlf", 4, BIT(NUL)},
    {SLICE_INIT("a\r\n.\0\r\nb"), "crlf.nul-crlf", 3, BIT(NUL)},
    {SLICE_INIT("a\r\0\n.\r\nb"), "lf.crlf", 4, BIT(NUL) | LFS},
    {SLICE_INIT("a\r\n .\r\nb"), "crlf-sp.crlf", 4, BIT(TRIM)},
    {SLICE_INIT("a\r\n. \r\nb"), "crlf.sp-crlf", 3, BIT(TRIM)},
    {SLICE_INIT("a\r\n\t. \t\r\nb"), "crlf-tab.sp-tab-crlf", 4, BIT(TRIM)},
    {SLICE_INIT("a\r\n\v.\r\nb"), "vt.crlf", 4, BIT(TRIM) | BIT(UNICODE)},
    {SLICE_INIT("a\r\n.\f\r\nb"), "crlf.ff-crlf", 3, BIT(UNICODE) | BIT(TRIM)},
    {SLICE_INIT("a\r\n.\x1a\r\nb"), "crlf.sub-crlf", 3, BIT(SUB)},
    {SLICE_INIT("a\r\n\xef\xbb\xbf.\r\nb"), "crlf-bom.crlf", 6, BIT(BOM)},
    {SLICE_INIT("a\x85.\x85""b"), "nel.nel", 2, BIT(UNICODE)},
    {SLICE_INIT("a\xc2\x85.\xc2\x85""b"), "nel.nel", 3, BIT(UNICODE)},
    {SLICE_INIT("a\xe2\x80\xa8.\xe2\x80\xa8""b"), "ls.ls", 4, BIT(UNICODE)},
    {SLICE_INIT("a\xe2\x80\xa9.\x1c""b"), "ps.fs", 4, BIT(UNICODE)},
    {SLICE_INIT(".\nb"), "start.lf", 0, LFS},
    {SLICE_INIT(".\rb"), "start.cr", 0, CRS},
    {SLICE_INIT(" .\r\nb"), "start-sp.crlf", 1, BIT(TRIM)},
    {SLICE_INIT("\n.\nb"), "lf.lf", 1, LFS},
    {SLICE_INIT("aaaaaaaaaaaaaaaaaaaaa\n.\nb"), "lf.lf", 22, LFS},
};

static const struct row none[] = {
    {SLICE_INIT("a"), NULL, 0, 0}, {SLICE_INIT(""), NULL, 0, 0}, {SLICE_INIT("a\r\n..\r\nb"), NULL, 0, 0},
    {SLICE_INIT("a\r\n.a\r\nb"), NULL, 0, 0}, {SLICE_INIT("a\n..\nb"), NULL, 0, 0}, {SLICE_INIT("..\r\n"), NULL, 0, 0},
    {SLICE_INIT("a.\r\nb"), NULL, 0, 0}, {SLICE_INIT("a\r\n.\xc2\r\nb"), NULL, 0, 0}, {SLICE_INIT("\xe2\x80.\r\n"), NULL, 0, 0},
    {SLICE_INIT("a\r\n.\x80\r\n"), NULL, 0, 0}, {SLICE_INIT("\xe2.\r\n"), NULL, 0, 0},
};
/* clang-format on */

#define MOST 8

struct found {
    struct smtp_ending endings[MOST];
    size_t count;
    size_t consumed;
    struct smtp_ending_detector detector;
};

/* Reads `in` in two pieces, each where an octet beyond it is fatal. */
static void read_in_two(struct slice in, size_t cut, struct found *found)
{
    found->count = found->consumed = 0;
    smtp_ending_begin(&found->detector);
    for (int half = 0; half < 2; half++) {
        struct slice piece = law_copy(half == 0 ? slice_sub(in, 0, cut) : slice_from(in, cut));
        struct slice rest = piece;
        struct smtp_ending ending;
        struct parse_result result;
        while ((result = smtp_ending_next(&found->detector, rest, &ending)).status == PARSE_OK) {
            assert_true(found->count < MOST);
            found->endings[found->count++] = ending;
            found->consumed += result.offset;
            rest = slice_from(rest, result.offset);
            if (ending.ends_for & STRICT) {
                law_free(piece);
                return;
            }
        }
        assert_int_equal(result.status, PARSE_MORE);
        found->consumed += rest.len;
        law_free(piece);
    }
    found->count += smtp_ending_finish(&found->detector, &found->endings[found->count]);
}

static void check_pattern(const struct smtp_ending *ending, const char *expected)
{
    uint8_t room[SMTP_ENDING_PATTERN_MAX];
    struct writer out = writer_of(room, sizeof room);
    smtp_ending_write_pattern(ending, &out);
    assert_slice_equal(writer_slice(&out), slice_of_cstr(expected));
}

static void check_row(const struct row *row)
{
    uint8_t room[128];
    struct writer message = writer_of(room, sizeof room);
    writer_put(&message, row->in);
    writer_put(&message, SLICE("\r\n.\r\n"));
    struct slice in = writer_slice(&message);
    writer_put(&message, SLICE("NOOP\r\n.\r\n"));
    for (size_t cut = 0; cut <= message.len; cut++) {
        struct found found;
        read_in_two(writer_slice(&message), cut, &found);
        assert_int_equal(found.consumed, in.len); /* the rest is not touched */
        const struct smtp_ending *last = &found.endings[found.count - 1];
        assert_int_equal(last->ends_for, ALL);
        assert_int_equal(last->offset, in.len - 3);
        assert_int_equal(smtp_ending_models_disagree(&found.detector), row->pattern != NULL);
        assert_int_equal(found.count, row->pattern != NULL ? 2 : 1);
        if (row->pattern == NULL)
            continue;
        assert_int_equal(found.endings[0].ends_for, row->ends_for);
        assert_int_equal(found.endings[0].offset, row->offset);
        check_pattern(&found.endings[0], row->pattern);
    }
}

static void look_alikes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("%s\n", rows[i].pattern);
        check_row(&rows[i]);
    }
}

static void plain_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        print_message("%zu\n", i);
        check_row(&none[i]);
    }
}

/* At the end of input: what is decided by then is told. */
static void finished(void **state)
{
    (void)state;
    struct found found;
    read_in_two(SLICE("a\r.\r"), 2, &found);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.endings[0].ends_for, CRS);
    check_pattern(&found.endings[0], "cr.cr");
    read_in_two(SLICE("a\r\n."), 2, &found);
    assert_int_equal(found.count, 0);
    assert_false(smtp_ending_models_disagree(&found.detector));
}

/* Where each model's message ends, the first time. */
static void ends(void **state)
{
    (void)state;
    struct found found;
    read_in_two(SLICE("a\n.\nb\r.\r\nc\r\n.\r\n"), 5, &found);
    assert_int_equal(found.count, 3);
    assert_int_equal(found.detector.ends_at[SMTP_ENDING_STRICT], 15);
    assert_int_equal(found.detector.ends_at[SMTP_ENDING_LF], 4);
    assert_int_equal(found.detector.ends_at[SMTP_ENDING_CR], 9);
    assert_int_equal(found.detector.ends_at[SMTP_ENDING_CR_LF], 4);
    assert_int_equal(found.detector.ends_at[SMTP_ENDING_NUL], 15);
    assert_true(smtp_ending_models_disagree(&found.detector));
}

static void models_have_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < SMTP_ENDING_MODELS; i++)
        assert_true(smtp_ending_models[i].name != NULL && smtp_ending_models[i].summary != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_alikes),       cmocka_unit_test(plain_text),
        cmocka_unit_test(finished),          cmocka_unit_test(ends),
        cmocka_unit_test(models_have_names),
    };
    return cmocka_run_group_tests_name("ending", tests, NULL, NULL);
}
