/* unit.shrink: what is left of an input is as small as the failure allows, piece by piece. */
#include "campaign/shrink.h"
#include "law.h"

#include <stdlib.h>

/* Octets [at, end) of `needle` stand in `text`, in order, with anything between. */
static bool holds(struct slice text, struct slice needle)
{
    size_t found = 0;
    for (size_t i = 0; i < text.len && found < needle.len; i++)
        found += text.ptr[i] == needle.ptr[found];
    return found == needle.len;
}

/* Shrinks `from` as long as `needle` stands in it; returns how many candidates were asked for. */
static size_t shrink_to(shrink_piece_fn *piece, const char *from, const char *needle,
                        const char *expected)
{
    size_t len = strlen(from), asked = 0;
    uint8_t *best = malloc(len + 1), *room = malloc(len + 1);
    struct shrink s;
    struct slice candidate;
    memcpy(best, from, len);
    shrink_begin(&s, piece, best, len, room);
    while (shrink_next(&s, &candidate)) {
        assert_true(candidate.len < s.best_len);
        assert_true(++asked < 10000);
        shrink_answer(&s, holds(candidate, slice_of_cstr(needle)));
    }
    if (s.best_len != strlen(expected) || memcmp(best, expected, s.best_len) != 0)
        fail_msg("of \"%s\" is left \"%.*s\"", from, (int)s.best_len, (const char *)best);
    free(best);
    free(room);
    return asked;
}

static void test_octets(void **state)
{
    (void)state;
    static const struct {
        const char *from, *needle, *expected;
    } rows[] = {
        {"", "", ""},
        {"a", "", ""},
        {"a", "a", "a"},
        {"EHLO a\r\nNOOP\r\nMAIL x\r\nQUIT\r\n", "M", "M"},
        {"EHLO a\r\nNOOP\r\nMAIL x\r\nQUIT\r\n", "EM\n", "EM\n"},
        {"one two three four five", "tv", "tv"},
        /* x goes only with its neighbour, and that only when x was gone */
        {"\n\n\n\r\r\n", "\r\r", "\r\r"},
        {"no line ending", "g", "g"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        shrink_to(shrink_octets_piece, rows[i].from, rows[i].needle, rows[i].expected);
}

static void test_script(void **state)
{
    (void)state;
    static const struct {
        const char *from, *needle, *expected;
    } rows[] = {
        /* an exchange goes with its replies, and the title stays */
        {"# why\n%test \"t\"\nS: 220\nC: EHLO x\nS: 250\nC: RSET\nS: 250\nC: MAIL\nS: 503\n",
         "C: MAILS: 503", "%test \"t\"\nC: MAIL\nS: 503\n"},
        /* words and octets go of what the client sends, and of nothing else */
        {"C: NOOP one two\nS: 250 a b\n", "C: tS: 250 a b", "C: t\nS: 250 a b\n"},
        {"C: NOOP one two\r\nS: 250 a b\r\n", "C: oS: 250 a b", "C: o\r\nS: 250 a b\r\n"},
        /* escapes and variables are taken out whole */
        {"C!: a\\x0db\\n${rcpt}c\n", "C: \\n${rcpt}", "C!: \\n${rcpt}\n"},
        {"C!: ${from}${rcpt}\n", "C!: ${}", "C!: ${rcpt}\n"},
        {"C!: \\\n", "C!: \\\n", "C!: \\\n"},
        {"C: ${open\nS: 250\n", "C: $\nS: 250\n", "C: ${open\nS: 250\n"},
        /* lines of a message have no tag, and stay inside its block */
        {"%data <<END\nfirst line\nsecond line\nEND\nS: 250\n", "%data <<ENDnEND\n",
         "%data <<END\nn\nEND\n"},
        {"  C: a b\n", "b", "  C: b\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        shrink_to(shrink_script_piece, rows[i].from, rows[i].needle, rows[i].expected);
}

/* Long runs go first: a needle in n lines is found with far fewer than n candidates. */
static void test_few_candidates(void **state)
{
    (void)state;
    enum { LINES = 512 };
    char *text = malloc(LINES * 3 + 1);
    for (size_t i = 0; i < LINES; i++)
        memcpy(text + 3 * i, i == 300 ? "X\r\n" : "n\r\n", 3);
    text[3 * LINES] = '\0';
    size_t asked = shrink_to(shrink_octets_piece, text, "X", "X");
    assert_in_range(asked, 1, 60);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_octets),
        cmocka_unit_test(test_script),
        cmocka_unit_test(test_few_candidates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
