/* The syntax files of editors know every directive that the loader knows, and no other. */
#include <stdio.h>

#include "law.h"
#include "script/script.h"

static size_t read_whole(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s cannot be read", path);
    size_t len = fread(out, 1, size - 1, file);
    fclose(file);
    assert_true(len < size - 1);
    out[len] = '\0';
    return len;
}

static bool is_directive(const char *word, size_t len)
{
    struct slice name;
    for (size_t i = 0; (name = script_directive_name(i)).len > 0; i++)
        if (slice_equal(name, slice_of(word, len)))
            return true;
    return false;
}

static void check_file(const char *path, const char *before, const char *between, const char *after)
{
    static char text[16384];
    read_whole(path, text, sizeof text);
    const char *at = strstr(text, before);
    assert_non_null(at);
    at += strlen(before);
    const char *end = strstr(at, after);
    assert_non_null(end);
    size_t words = 0, directives = 0;
    while (script_directive_name(directives).len > 0)
        directives++;
    for (; at < end; words++) {
        const char *next = strstr(at, between);
        size_t len = next != NULL && next < end ? (size_t)(next - at) : (size_t)(end - at);
        if (!is_directive(at, len))
            fail_msg("%s: %%%.*s is no directive", path, (int)len, at);
        for (const char *other = at + len;
             (other = strstr(other, between)) != NULL && other < end;) {
            other += strlen(between);
            assert_false(strncmp(other, at, len) == 0 && strncmp(other + len, between, 1) == 0);
        }
        at += len + (next != NULL && next < end ? strlen(between) : 0);
    }
    if (words != directives)
        fail_msg("%s names %zu directives, and the loader %zu", path, words, directives);
}

static void syntax_files_are_whole(void **state)
{
    (void)state;
    assert_true(script_directive_name(0).len > 0);
    check_file("scenarios/editors/vim/syntax/maildrill.vim", "maildrillDirective /^\\s*%\\(", "\\|",
               "\\)");
    check_file("scenarios/editors/vscode/syntaxes/maildrill.tmLanguage.json",
               "\"match\": \"^\\\\s*(%(?:", "|", ")");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(syntax_files_are_whole)};
    return cmocka_run_group_tests_name("editors", tests, NULL, NULL);
}
