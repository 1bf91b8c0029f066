/* Every script that the manual shows (```smtp) loads without a mistake. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>

#include "law.h"
#include "script/script.h"

#define MANUAL     "scenarios/README.md"
#define MAX_OCTETS 16384

/* As maildrill reads it: an example may use what the suites use, and nothing that is not there. */
static bool read_file(void *context, struct slice path, struct slice *ret_octets)
{
    char name[256];
    (void)context;
    snprintf(name, sizeof name, "%.*s", (int)path.len, (const char *)path.ptr);
    FILE *file = fopen(name, "rb");
    if (file == NULL)
        return false;
    char *octets = malloc(MAX_OCTETS);
    assert_non_null(octets);
    size_t len = fread(octets, 1, MAX_OCTETS, file);
    fclose(file);
    assert_true(len < MAX_OCTETS);
    *ret_octets = slice_of(octets, len);
    return true;
}

static void release_file(void *context, struct slice octets)
{
    (void)context;
    free((void *)(uintptr_t)octets.ptr);
}

static void check_example(const char *example, size_t line)
{
    struct script_options options = {.name = SLICE(MANUAL),
                                     .reader = {read_file, release_file, NULL}};
    struct script *script = script_load(slice_of_cstr(example), &options);
    for (size_t i = 0; i < script->diagnostic_count; i++)
        if (script->diagnostics[i].severity != SCRIPT_NOTE)
            fail_msg(MANUAL ":%zu: %.*s", line + script->diagnostics[i].line,
                     (int)script->diagnostics[i].message.len,
                     (const char *)script->diagnostics[i].message.ptr);
    assert_true(script->test_count > 0);
    script_free(script);
}

static void examples_load(void **state)
{
    static char text[MAX_OCTETS];
    char *line = NULL;
    size_t size = 0, number = 0, first = 0, len = 0, examples = 0;
    FILE *manual = fopen(MANUAL, "r");
    (void)state;
    assert_non_null(manual);
    while (getline(&line, &size, manual) > 0) {
        number++;
        if (strcmp(line, "```smtp\n") == 0) {
            first = number;
            len = 0;
            text[0] = '\0';
        } else if (first > 0 && strcmp(line, "```\n") == 0) {
            check_example(text, first);
            examples++;
            first = 0;
        } else if (first > 0) {
            assert_true(len + strlen(line) < sizeof text);
            memcpy(text + len, line, strlen(line) + 1);
            len += strlen(line);
        }
    }
    assert_int_equal(first, 0);
    assert_true(examples > 5);
    free(line);
    fclose(manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(examples_load)};
    return cmocka_run_group_tests_name("manual", tests, NULL, NULL);
}
