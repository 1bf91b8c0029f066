/*
 * The work of the loader and of the import is linear in the text, on hostile text too: one line
 * again and again, eight times as often, takes no more than eight times the steps
 * (parsers/test/steps.h), and a little.
 */
#define STEPS_COUNTED_BY_HAND
#include "steps.h"

#include <stdio.h>

#include "law.h"
#include "script/arena.h"
#include "script/script.h"

uint64_t steps_taken;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    steps_taken++;
}

enum { FEW = 1000, TIMES = 8 };

/* "%d" is the number of the line. */
static const struct {
    const char *before, *line;
} rows[] = {
    {"", "C: NOOP\n"},
    {"", "S: 250\n"},
    {"", "S: 250-a\n"},
    {"", "C!: \\x00\\r\\n\n"},
    {"", "S: 250 | warn 251/252 | unclear 4xx\n"},
    {"", "S~: ^250 [a-z]*\n"},
    {"", "C: ${client} ${b64:${upper:${from}}}\n"},
    {"", "C: ${x%d}\n"},
    {"", "C: ${${${${\n"},
    {"", "%%test \"a%d\" id=i%d\nS: 220\n"},
    {"", "%%test \"a\" id=x\nS: 220\n"},
    {"", "%%if secure\n"},
    {"", "%%if secure\n%%else\n%%end\n"},
    {"", "%%repeat 2\nC: NOOP\nS: 250\n%%end\n"},
    {"", "%%repeat 2\n"},
    {"", "%%end\n"},
    {"", "%%xyzzy%d\n"},
    {"", "%%secret n%d\n"},
    {"", "%%capture n%d /x/\n"},
    {"", "%%require fixture:n%d\n"},
    {"", "%%connect[b]\n%%proxy[b] v1\nS[b]: 220\n"},
    {"%data <<E\n", "x\n"},
    {"%data <<E\n", "..\n"},
    {"%bdat <<E chunk=1\n", "x\n"},
    {"C: DATA\nS: 354\n", "C: x\n"},
    {"", "hello %d\n"},
    {"220 a\n", "NOOP\n250 b\n"},
    {"220 a\n", "250-b\n"},
    {"220 a\nDATA\n354 b\n", "x\n"},
    {"", "10:00:0%d in: 220 a\n10:00:0%d out: QUIT\n10:00:0%d in: 221 b\n"},
    {"", "[x%d] in: 220 a\n[x%d] out: QUIT\n[x%d] in: 221 b\n"},
    {"in: 220 a\nout: EHLO b\n", "in: 250-c250-d\n"},
    {"", "<-  220 a\n -> QUIT\n"},
};

static uint64_t steps_of(size_t row, size_t lines)
{
    struct script_arena *arena = script_arena_new();
    struct script_buffer text = {.arena = arena};
    script_buffer_put(&text, slice_of_cstr(rows[row].before));
    for (size_t i = 0; i < lines; i++) {
        for (const char *at = rows[row].line; *at != '\0'; at++) {
            if (at[0] == '%' && at[1] == 'd')
                script_buffer_put_number(&text, i);
            else
                script_buffer_put_octet(&text, (uint8_t)*at);
            at += at[0] == '%';
        }
    }
    uint64_t from = steps_taken;
    script_free(script_load(script_buffer_slice(&text), NULL));
    script_arena_free(arena);
    return steps_taken - from;
}

static void work_is_linear(void **state)
{
    int wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t few = steps_of(i, FEW), many = steps_of(i, (size_t)TIMES * FEW);
        assert_true(few > FEW); /* they are counted at all */
        if (many > (TIMES + 3) * few)
            wrong +=
                printf("%s%s: %llu steps for %d lines, %llu for %d\n", rows[i].before, rows[i].line,
                       (unsigned long long)few, FEW, (unsigned long long)many, TIMES * FEW);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(work_is_linear)};
    return cmocka_run_group_tests_name("load_steps", tests, NULL, NULL);
}
