/*
 * The conformance and security scenarios against the reference server, in memory: each test passes
 * on the unbroken server in one of its profiles and fails in none, and each fault switch that it
 * names makes it fail, or warn where the fault is a legal laxness. A check that cannot fail is no
 * check; faults that no check sees are printed.
 *
 *   test_faults [--all] [--jobs N] [--shard I/N] [PATH...]
 *     --all    plays every check with every fault, and says which checks see a fault by chance only
 */
#define _DEFAULT_SOURCE

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "law.h"
#include "stage.h"

#define MOST_CHECKS 4096

static const char *const folders[] = {"scenarios/conformance", "scenarios/security"};

static const struct script_test *checks[MOST_CHECKS];
static size_t check_count;
static struct script *scripts[MOST_CHECKS];
static size_t script_count;

/* What the processes found, in memory that they share: for each check and fault, whether it sees
 * it. */
struct found {
    enum { FOUND_NOTHING, FOUND_KILLED, FOUND_WARNED, FOUND_SURVIVES, FOUND_WRONG } outcome;
    char text[400];
};
static struct found *found;
static uint8_t *seen;

static bool all;
static size_t jobs = 1, shard, shards = 1;

/* ---- the checks ---- */

static void add_file(const char *path)
{
    struct script *script = stage_load(path);
    if (script == NULL || script->error_count > 0)
        fail_msg("%s does not load", path);
    assert_true(script_count < MOST_CHECKS);
    scripts[script_count++] = script;
    for (size_t i = 0; i < script->test_count; i++) {
        assert_true(check_count < MOST_CHECKS);
        checks[check_count++] = &script->tests[i];
    }
}

static void add(const char *path)
{
    struct dirent **names;
    int count = scandir(path, &names, NULL, alphasort);
    size_t len = strlen(path);
    if (count < 0 && len > 5 && strcmp(path + len - 5, ".smtp") == 0)
        add_file(path);
    for (int i = 0; i < count; i++) {
        char inner[4096];
        if (names[i]->d_name[0] != '.') {
            snprintf(inner, sizeof inner, "%s/%s", path, names[i]->d_name);
            add(inner);
        }
        free(names[i]);
    }
    if (count >= 0)
        free(names);
}

/* ---- one check ---- */

static bool requires_port(const struct script_test *test, const char *port)
{
    for (size_t i = 0; i < test->require_count; i++)
        if (slice_starts(test->requires[i].token, slice_of_cstr(port)))
            return true;
    return false;
}

/* Tests that name no port are of SMTP. The limits of one profile are below what RFC 5321 asks. */
static bool is_stage_of(const struct script_test *test, enum profile profile)
{
    if (profile == PROFILE_LMTP)
        return requires_port(test, "port:") || requires_port(test, "lmtp");
    return profile != PROFILE_SMALL || !slice_starts(test->rfc, SLICE("5321#4.5.3.1."));
}

static void say(size_t check, unsigned outcome, const char *text)
{
    found[check].outcome = outcome;
    snprintf(found[check].text, sizeof found[check].text, "%s", text);
}

/* What comes of a check on the unbroken server, in each profile. */
struct sound {
    bool played[PROFILES];
    enum engine_verdict verdict[PROFILES];
};

/* It passes in one profile, and fails in none. */
static bool is_sound(size_t check, struct sound *ret_sound)
{
    bool passes = false;
    char text[400] = "";
    for (enum profile p = 0; p < PROFILES; p++) {
        ret_sound->played[p] = is_stage_of(checks[check], p);
        if (!ret_sound->played[p])
            continue;
        struct stage_result result = stage_play(checks[check], p, NULL);
        ret_sound->verdict[p] = result.verdict;
        passes = passes || result.verdict == ENGINE_PASS;
        bool wrong = result.verdict == ENGINE_FAIL || result.verdict == ENGINE_ERROR;
        if (wrong || text[0] == '\0')
            snprintf(text, sizeof text, "%s on the unbroken server (%s): %s",
                     engine_verdict_name(result.verdict), profile_name(p), result.reason);
        if (wrong) {
            say(check, FOUND_WRONG, text);
            return false;
        }
    }
    if (!passes)
        say(check, FOUND_WRONG, text);
    return passes;
}

/* How a check sees a fault: it is worse off than on the unbroken server. */
enum { SEES_NOT, SEES_WARNS, SEES_FAILS };

static uint8_t sees(size_t check, size_t fault, const struct sound *sound)
{
    bool *faults = calloc(server_fault_count, sizeof *faults);
    uint8_t how = SEES_NOT;
    assert_non_null(faults);
    faults[fault] = true;
    for (enum profile p = 0; p < PROFILES && how != SEES_FAILS; p++) {
        if (!sound->played[p])
            continue;
        enum engine_verdict verdict = stage_play(checks[check], p, faults).verdict;
        if (verdict == ENGINE_FAIL || verdict == ENGINE_ERROR)
            how = SEES_FAILS;
        else if (verdict == ENGINE_WARN && sound->verdict[p] != ENGINE_WARN)
            how = SEES_WARNS;
    }
    free(faults);
    return how;
}

/* Each fault of `fault=a,b` is seen. */
static void prove_named(size_t check, const struct sound *sound)
{
    struct slice names = checks[check]->fault;
    char text[400];
    say(check, FOUND_SURVIVES, "names no fault switch");
    while (names.len > 0) {
        struct slice name = slice_sub(names, 0, slice_find(names, ','));
        size_t fault = server_fault_find(name);
        bool known = fault < server_fault_count;
        names = slice_from(names, name.len + (name.len < names.len));
        if (known)
            seen[check * server_fault_count + fault] = sees(check, fault, sound);
        uint8_t how = known ? seen[check * server_fault_count + fault] : SEES_NOT;
        if (how != SEES_NOT) {
            if (found[check].outcome != FOUND_WARNED)
                say(check, how == SEES_FAILS ? FOUND_KILLED : FOUND_WARNED, "");
            continue;
        }
        snprintf(text, sizeof text,
                 known ? "does not see the fault %.*s" : "no fault is named %.*s", (int)name.len,
                 (const char *)name.ptr);
        say(check, FOUND_SURVIVES, text);
        return;
    }
}

static void prove(size_t check)
{
    struct sound sound;
    if (!is_sound(check, &sound))
        return;
    for (size_t i = 0; all && i < server_fault_count; i++)
        seen[check * server_fault_count + i] = sees(check, i, &sound);
    prove_named(check, &sound);
}

/* ---- all of them ---- */

static void *shared(size_t octets)
{
    void *memory = mmap(NULL, octets, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    return memory;
}

static bool is_ours(size_t check)
{
    return check % shards == shard;
}

static void prove_some(size_t job)
{
    for (size_t i = 0, turn = 0; i < check_count; i++)
        if (is_ours(i) && turn++ % jobs == job)
            prove(i);
}

static void prove_all(void)
{
    for (size_t job = 1; job < jobs; job++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            prove_some(job);
            _exit(0);
        }
    }
    prove_some(0);
    for (size_t job = 1; job < jobs; job++) {
        int status = 1;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
}

static size_t print_checks(size_t *ret_total)
{
    size_t killed = 0, warned = 0, total = 0;
    for (size_t i = 0; i < check_count; i++) {
        const struct script *script = checks[i]->script;
        if (!is_ours(i))
            continue;
        total++;
        killed += found[i].outcome == FOUND_KILLED;
        warned += found[i].outcome == FOUND_WARNED;
        if (found[i].outcome != FOUND_KILLED && found[i].outcome != FOUND_WARNED)
            printf("%.*s:%zu: %s\n", (int)script->name.len, (const char *)script->name.ptr,
                   checks[i]->line, found[i].text);
    }
    *ret_total = total;
    printf("checks killed by the fault they name: %zu of %zu (%zu warn, the others fail)\n",
           killed + warned, total, warned);
    return killed + warned;
}

static void print_faults(void)
{
    size_t unseen = 0;
    for (size_t fault = 0; fault < server_fault_count; fault++) {
        size_t checks_that_see = 0;
        for (size_t i = 0; i < check_count; i++)
            checks_that_see += seen[i * server_fault_count + fault] != SEES_NOT;
        unseen += checks_that_see == 0;
        if (checks_that_see == 0 && shards == 1)
            printf("  unseen: %s (%s)\n", server_faults[fault].name, server_faults[fault].section);
    }
    printf("faults that %s: %zu of %zu\n", all ? "no check sees" : "no check names", unseen,
           server_fault_count);
}

static char **paths;
static int path_count;

static void every_check_can_fail(void **state)
{
    (void)state;
    size_t total;
    for (int i = 0; i < path_count; i++)
        add(paths[i]);
    for (size_t i = 0; path_count == 0 && i < sizeof folders / sizeof *folders; i++)
        add(folders[i]);
    assert_true(check_count > 0);
    found = shared(check_count * sizeof *found);
    seen = shared(check_count * server_fault_count);
    fflush(stdout);
    prove_all();
    size_t killed = print_checks(&total);
    print_faults();
    munmap(found, check_count * sizeof *found);
    munmap(seen, check_count * server_fault_count);
    for (size_t i = 0; i < script_count; i++)
        script_free(scripts[i]);
    assert_int_equal(killed, total);
}

static void read_arguments(int argc, char **argv)
{
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--all") == 0)
            all = true;
        else if (strcmp(argv[i], "--jobs") == 0 && i + 1 < argc)
            jobs = strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--shard") == 0 && i + 1 < argc &&
                 sscanf(argv[++i], "%zu/%zu", &shard, &shards) == 2 && shard > 0)
            shard--;
        else {
            fprintf(stderr, "usage: %s [--all] [--jobs N] [--shard I/N] [PATH...]\n", argv[0]);
            exit(2);
        }
    }
    paths = argv + i;
    path_count = argc - i;
    jobs = jobs == 0 ? 1 : jobs;
    shards = shards == 0 ? 1 : shards;
}

int main(int argc, char **argv)
{
    read_arguments(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_check_can_fail)};
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
