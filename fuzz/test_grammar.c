/* The reader of ABNF that parsers are held against: it has no law but these tables. */
#include "law.h"

#include "grammar.h"

static const char abnf[] = "; a comment, then rules\n"
                           "word = 1*3letter ; behind a rule, too\n"
                           "letter = %x61-63 / up\n"
                           "\n"
                           "up = %d65\n"
                           "sign = \"x\" %x58.59\n"
                           "list = word *( \",\" word ) [ \".\" ]\n"
                           "two = 2letter\n"
                           "most = *2letter \"!\"\n"
                           "nest = \"(\" *( letter / nest ) \")\"\n"
                           "long = word /\n"
                           "    sign\n"
                           "empty = *( *letter )\n";

static const struct {
    const char *rule, *text;
    size_t reach; /* strlen(text) where nothing is wrong, or only the end is */
    bool has;
} rows[] = {
    {"word", "abc", 3, true},         {"word", "", 0, false},       {"word", "abca", 3, false},
    {"word", "A", 1, true},           {"word", "aB", 1, false},     {"sign", "xXY", 3, true},
    {"sign", "XXY", 3, true},         {"sign", "xxY", 1, false},    {"sign", "xX", 2, false},
    {"list", "a", 1, true},           {"list", "a,bc,A.", 7, true}, {"list", "a,", 2, false},
    {"list", "a,,b", 2, false},       {"list", "a.b", 2, false},    {"two", "ab", 2, true},
    {"two", "a", 1, false},           {"two", "abc", 2, false},     {"most", "!", 1, true},
    {"most", "ab!", 3, true},         {"most", "abc!", 2, false},   {"nest", "()", 2, true},
    {"nest", "(a(b)(()))", 10, true}, {"nest", "(a(b)", 5, false},  {"nest", "(a))", 3, false},
    {"LONG", "xXY", 3, true},         {"long", "bb", 2, true},      {"empty", "", 0, true},
    {"empty", "abc", 3, true},        {"empty", "ab-", 2, false},
};

static void a_rule_has_what_its_text_says(void **state)
{
    (void)state;
    grammar_load(abnf);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice text = law_copy(slice_of(rows[i].text, strlen(rows[i].text)));
        if (grammar_has(rows[i].rule, text) != rows[i].has ||
            grammar_reach(rows[i].rule, text) != rows[i].reach)
            fail_msg("%s \"%s\": %d, %zu", rows[i].rule, rows[i].text,
                     grammar_has(rows[i].rule, text), grammar_reach(rows[i].rule, text));
        law_free(text);
    }
}

static void the_longest_text_is_read(void **state)
{
    (void)state;
    static uint8_t octets[GRAMMAR_MAX_OCTETS + 1];
    grammar_load("many = *%x41-42\nnest = \"(\" [ nest ] \")\"\n");
    memset(octets, 'A', sizeof octets);
    struct slice text = slice_of(octets, GRAMMAR_MAX_OCTETS);
    assert_true(grammar_takes(text) && !grammar_takes(slice_of(octets, sizeof octets)));
    assert_true(grammar_has("many", text));
    octets[GRAMMAR_MAX_OCTETS - 1] = 'C';
    assert_false(grammar_has("many", text));
    assert_int_equal(grammar_reach("many", text), GRAMMAR_MAX_OCTETS - 1);
    memset(octets, '(', 127);
    memset(octets + 127, ')', 127);
    assert_true(grammar_has("nest", slice_of(octets, 254)));
    assert_false(grammar_has("nest", slice_of(octets, 253)));
}

/* A rule that none of smtp.abnf and imf.abnf has would abort. */
static void the_grammars_of_the_parsers_load(void **state)
{
    (void)state;
    grammar_load(NULL);
    assert_true(grammar_has("Reverse-path", SLICE("<a@b.example>")));
    assert_false(grammar_has("Reverse-path", SLICE("<a@b.example")));
}

/* What is made is an instance, and nearly one mostly is none. */
static void what_is_made_is_an_instance(void **state)
{
    (void)state;
    static const char *const rules[] = {"word", "list", "two", "most", "long", "nest", "sign"};
    const size_t count = sizeof rules / sizeof *rules;
    size_t wrong = 0;
    grammar_load(abnf);
    for (uint64_t seed = 0; seed < 700; seed++) {
        uint8_t room[GRAMMAR_MAX_OCTETS];
        struct writer out = writer_of(room, sizeof room);
        const char *rule = rules[seed % count];
        if (grammar_make(rule, seed, false, &out))
            assert_true(grammar_has(rule, writer_slice(&out)));
        out = writer_of(room, sizeof room);
        if (grammar_make(rule, seed, true, &out))
            wrong += !grammar_has(rule, writer_slice(&out));
    }
    assert_true(wrong > 35);
    grammar_load(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_has_what_its_text_says),
        cmocka_unit_test(the_longest_text_is_read),
        cmocka_unit_test(what_is_made_is_an_instance),
        cmocka_unit_test(the_grammars_of_the_parsers_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
