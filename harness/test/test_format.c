#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>

#include "law.h"
#include "printed.h"
#include "script/format.h"

/* clang-format off */
static const struct row {
    const char *name;
    struct slice source, formatted;
} rows[] = {
    {"nothing", SLICE_INIT(""), SLICE_INIT("")},
    {"blank lines only", SLICE_INIT("\n \t\n\r\n"), SLICE_INIT("")},
    {"what is laid out stays", SLICE_INIT("# c\n\nS: 220\nC: EHLO x\n"), SLICE_INIT("# c\n\nS: 220\nC: EHLO x\n")},
    {"a byte order mark, CRLF, no last line ending", SLICE_INIT("\xEF\xBB\xBFS: 220\r\nC: a"), SLICE_INIT("S: 220\nC: a\n")},
    {"indentation, and the space behind the tag", SLICE_INIT("  S:220\n\tC:a\n C[b]:x\n   %close\n"), SLICE_INIT("S: 220\nC: a\nC[b]: x\n%close\n")},
    {"what is sent stays", SLICE_INIT("C: a  b \nC:  a\nC:\nC: \nC:  \nC!:\\r \n"), SLICE_INIT("C: a  b \nC:  a\nC:\nC:\nC:  \nC!: \\r \n")},
    {"what is expected stays", SLICE_INIT("S: 250-a  b \nS:250 a | b \nS~: ^2 5 \nS=: 250  a | warn 4xx\n"), SLICE_INIT("S: 250-a  b \nS: 250 a | b \nS~: ^2 5 \nS=: 250  a | warn 4xx\n")},
    {"verdicts", SLICE_INIT("S: 250  a   |  warn   4xx\t| unclear 421 \nS~: a b  | warn 5xx\n"), SLICE_INIT("S: 250  a | warn 4xx | unclear 421\nS~: a b | warn 5xx\n")},
    {"a CR that belongs to the line", SLICE_INIT("C: a\r\r\nC: b\r"), SLICE_INIT("C: a\r\r\nC: b\r\r\n")},
    {"words", SLICE_INIT("%require   rcpt\trcpt2  \n%tls  min=1.2   sni=a \n%quiet  1s  |  warn  5xx\n"), SLICE_INIT("%require rcpt rcpt2\n%tls min=1.2 sni=a\n%quiet 1s | warn 5xx\n")},
    {"a title is one word", SLICE_INIT("%test  \"a  b\"   rfc=5321   level=MUST \n%test \"open  \n%test \"a\"b  c\n"), SLICE_INIT("%test \"a  b\" rfc=5321 level=MUST\n\n%test \"open  \n\n%test \"a\"b c\n")},
    {"texts of directives stay", SLICE_INIT("%set   a =  b  c\n%capture  x  /a  b/\n%use  a  b\n%tsl  a  b\n"), SLICE_INIT("%set a =  b  c\n%capture x  /a  b/\n%use a  b\n%tsl a  b\n")},
    {"blank lines", SLICE_INIT("\n\nS: 220\n\n\n \nC: a\n\n"), SLICE_INIT("S: 220\n\nC: a\n")},
    {"a blank line before a test", SLICE_INIT("%require tls\n%test \"a\"\nS: 220\n\n%test \"b\"\n"), SLICE_INIT("%require tls\n\n%test \"a\"\nS: 220\n\n%test \"b\"\n")},
    {"a test's comment", SLICE_INIT("S: 220\n# b \n#\n%test \"b\"\n# last\n"), SLICE_INIT("S: 220\n\n# b\n#\n%test \"b\"\n# last\n")},
    {"a comment apart from the test", SLICE_INIT("# head\n\n# of a\n%test \"a\"\nS: 220\n# of a, too\n\n%test \"b\"\n\n\n# end\n\n"), SLICE_INIT("# head\n\n# of a\n%test \"a\"\nS: 220\n# of a, too\n\n%test \"b\"\n\n# end\n")},
    {"a message stays", SLICE_INIT("%data   <<END\n  a \n\n\n%test  x\n#\r\n END \n%sleep  1s\n"), SLICE_INIT("%data <<END\n  a \n\n\n%test  x\n#\nEND\n%sleep 1s\n")},
    {"a chunk that does not end", SLICE_INIT("%bdat <<E  last\n\n x \n\n"), SLICE_INIT("%bdat <<E last\n\n x \n\n")},
    {"a byte order mark in the second line", SLICE_INIT("\n\xEF\xBB\xBF# x\n"), SLICE_INIT("\n\xEF\xBB\xBF# x\n")},
    {"a mark behind a colon stays a mistake", SLICE_INIT("C:! a\nC: ! a\nS:!250\n"), SLICE_INIT("C:! a\nC: ! a\nS: !250\n")},
    {"no line of a script", SLICE_INIT("  X:  y \n  # no comment\n"), SLICE_INIT("  X:  y \n  # no comment\n")},
};
/* clang-format on */

static void rows_are_formatted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct script_arena *arena = script_arena_new();
        struct slice in = law_copy(rows[i].source), out = script_format(arena, in);
        law_free(in);
        if (!slice_equal(out, rows[i].formatted))
            fail_msg("%s: [%.*s]", rows[i].name, (int)out.len, (const char *)out.ptr);
        if (!slice_equal(script_format(arena, out), out))
            fail_msg("%s: once is not enough", rows[i].name);
        for (size_t cut = 0; cut < rows[i].source.len; cut++) {
            struct slice piece = law_copy(slice_sub(rows[i].source, 0, cut));
            struct slice once = script_format(arena, piece);
            assert_true(slice_equal(script_format(arena, once), once));
            law_free(piece);
        }
        script_arena_free(arena);
    }
}

/* Each line of what is printed begins with a place, "3:4 ", which may change. */
static void drop_places(char *text)
{
    char *to = text;
    bool begins = true;
    for (const char *from = text; *from != '\0'; from++) {
        if (begins)
            from += strspn(from, "0123456789:");
        begins = *from == '\n';
        *to++ = *from;
    }
    *to = '\0';
}

static void loads_to_the_same(void **state)
{
    static const struct slice script = SLICE_INIT(
        "\r\n  S:220\r\n C:EHLO ${client}\r\nS:250   | warn  4xx\r\n%ehlo   +SIZE | warn\r\n"
        "C:DATA\r\nS:354\r\n%data  <<E\r\n a \r\n\r\n.\r\n E\r\nS:250\r\n");
    (void)state;
    struct script_arena *arena = script_arena_new();
    char *before = printed_loaded(script), *after = printed_loaded(script_format(arena, script));
    drop_places(before);
    drop_places(after);
    assert_string_equal(before, after);
    assert_non_null(strstr(before, "[..\\r\\n]"));
    free(before);
    free(after);
    script_arena_free(arena);
}

/* Twice the lines come to twice the work: a million of them are laid out at once. */
static void hostile_input_is_linear(void **state)
{
    static const char *const lines[] = {
        "# a\n", "\n", "%test \"a\"\n", "S: 250 | warn 4xx | warn ", "%data <<A\n", "%tls a=b  "};
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct script_arena *arena = script_arena_new();
        struct script_buffer text = {.arena = arena};
        for (size_t n = 0; n < 200000; n++)
            script_buffer_put(&text, slice_of_cstr(lines[i]));
        struct slice out = script_format(arena, script_buffer_slice(&text));
        assert_true(out.len <= text.len + 200001);
        script_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_formatted),
        cmocka_unit_test(loads_to_the_same),
        cmocka_unit_test(hostile_input_is_linear),
    };
    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
