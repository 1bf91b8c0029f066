#define _POSIX_C_SOURCE 200809L

#include "cli/oracle/folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "law.h"

#define LATER 10000 /* ms: who writes a message is done by then */

static char top[] = "/tmp/maildrill-folder-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", top, name);
    return path;
}

static void put(const char *name, const char *octets)
{
    FILE *file = fopen(path_of(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(octets, 1, strlen(octets), file), strlen(octets));
    assert_int_equal(fclose(file), 0);
}

static void move(const char *from, const char *to)
{
    char path[256];
    snprintf(path, sizeof path, "%s", path_of(from));
    assert_int_equal(rename(path, path_of(to)), 0);
}

/* Message `number` is `expected` at that time, and final or not. */
static void holds(const struct folder *f, size_t number, uint64_t now_ms, const char *expected,
                  bool expected_final)
{
    bool final;
    struct slice octets = folder_read(f, number, now_ms, &final);
    assert_slice_equal(octets, slice_of_cstr(expected));
    assert_int_equal(final, expected_final);
    free((void *)(uintptr_t)octets.ptr);
}

static int make(void **state)
{
    (void)state;
    return mkdtemp(top) == NULL;
}

static int make_parts(void **state)
{
    (void)state;
    return mkdir(path_of("new"), 0700) != 0 || mkdir(path_of("cur"), 0700) != 0;
}

static void remove_all(const char *part)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", path_of(part));
    assert_int_equal(system(command), 0); /* NOLINT: a path of our own */
}

static int remove_parts(void **state)
{
    (void)state;
    remove_all("new");
    remove_all("cur");
    return 0;
}

static int remove_top(void **state)
{
    (void)state;
    return rmdir(top);
}

/* Each keeps its number while it moves and gets flags; one that is gone holds nothing, for good. */
static void numbers(void **state)
{
    (void)state;
    put("new/1.a", "one");
    struct folder *f = folder_open(top, 0);
    assert_int_equal(folder_count(f), 1);
    put("new/2.a", "two");
    put("cur/3.a:2,S", "three");
    put("new/.hidden", "none");
    assert_string_equal(folder_scan(f, LATER, LATER), "");
    assert_int_equal(folder_count(f), 3);
    holds(f, 0, LATER, "one", true);
    move("new/1.a", "cur/1.a:2,");
    holds(f, 0, LATER, "", false); /* until the next scan says where it is */
    move("cur/3.a:2,S", "cur/3.a:2,RS");
    assert_int_equal(unlink(path_of("new/2.a")), 0);
    assert_string_equal(folder_scan(f, LATER, LATER), "");
    assert_int_equal(folder_count(f), 3);
    holds(f, 0, LATER, "one", true);
    holds(f, 1, LATER, "", true);
    holds(f, 2, 2 * LATER, "three", true);
    folder_close(f);
}

/* One that was just seen may not be whole yet. */
static void written_in_place(void **state)
{
    (void)state;
    struct folder *f = folder_open(top, 0);
    put("new/1.a", "o");
    folder_scan(f, LATER, LATER);
    holds(f, 0, LATER, "o", false);
    put("new/1.a", "one");
    holds(f, 0, LATER + 1, "one", false);
    holds(f, 0, 2 * LATER, "one", true);
    folder_close(f);
}

/* A scan serves all who asked before it began. */
static void one_scan(void **state)
{
    (void)state;
    struct folder *f = folder_open(top, 0);
    folder_scan(f, 10, 20);
    put("new/1.a", "one");
    folder_scan(f, 19, 30);
    assert_int_equal(folder_count(f), 0);
    folder_scan(f, 20, 30);
    assert_int_equal(folder_count(f), 1);
    folder_close(f);
}

/* More than a table first holds; each once. */
static void many(void **state)
{
    (void)state;
    char name[32], text[16];
    struct folder *f = folder_open(top, 0);
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, i % 2 == 0 ? "new/%u.a" : "cur/%u.a:2,", i);
        snprintf(text, sizeof text, "%u", i);
        put(name, text);
        if (i % 1000 == 999)
            folder_scan(f, i, i);
    }
    assert_int_equal(folder_count(f), 5000);
    folder_scan(f, 5000, 5000);
    assert_int_equal(folder_count(f), 5000);
    bool *seen = calloc(5000, sizeof *seen);
    for (size_t i = 0; i < 5000; i++) {
        bool final;
        struct slice octets = folder_read(f, i, 0, &final);
        assert_true(octets.len > 0 && octets.len < sizeof text);
        memcpy(text, octets.ptr, octets.len);
        text[octets.len] = '\0';
        unsigned long number = strtoul(text, NULL, 10);
        assert_true(number < 5000 && !seen[number]);
        seen[number] = true;
        free((void *)(uintptr_t)octets.ptr);
    }
    free(seen);
    folder_close(f);
}

/* A Maildir that nobody made yet is empty; one that nobody could make is in the way. */
static void missing(void **state)
{
    (void)state;
    char path[300];
    struct folder *f = folder_open(top, 0);
    assert_string_equal(folder_scan(f, 0, 0), "");
    assert_int_equal(folder_count(f), 0);
    folder_close(f);
    snprintf(path, sizeof path, "%s/no/Maildir", top);
    f = folder_open(path, 0);
    assert_non_null(strstr(folder_scan(f, 0, 0), "No such file or directory"));
    folder_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing),
        cmocka_unit_test_setup_teardown(numbers, make_parts, remove_parts),
        cmocka_unit_test_setup_teardown(written_in_place, make_parts, remove_parts),
        cmocka_unit_test_setup_teardown(one_scan, make_parts, remove_parts),
        cmocka_unit_test_setup_teardown(many, make_parts, remove_parts),
    };
    return cmocka_run_group_tests(tests, make, remove_top);
}
