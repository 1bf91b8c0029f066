/*
 * The conformance and security scenarios against the reference server, in memory: each test passes
 * on the unbroken server, and the fault switch that it names makes it fail. A check that cannot
 * fail is no check; how many faults no check names is printed.
 */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "law.h"
#include "server/server.h"

static const char *const folders[] = {
    "scenarios/conformance/rfc1870", "scenarios/conformance/rfc2034",
    "scenarios/conformance/rfc2920", "scenarios/conformance/rfc3030",
    "scenarios/conformance/rfc3207", "scenarios/conformance/rfc4954",
    "scenarios/conformance/rfc5321", "scenarios/security",
};

static size_t checks, killed;
static bool *named; /* faults that a test names */

/* ---- one test, in memory
 * ------------------------------------------------------------------------- */

static struct engine *new_engine(const struct script_test *test)
{
    static const struct engine_variable variables[] = {
        {SLICE_INIT("client"), SLICE_INIT("client.example.test"), false},
        {SLICE_INIT("from"), SLICE_INIT("tester@example.test"), false},
        {SLICE_INIT("rcpt"), SLICE_INIT("bob@example.test"), false},
        {SLICE_INIT("remote"), SLICE_INIT("someone@elsewhere.test"), false},
        {SLICE_INIT("user"), SLICE_INIT("tester"), false},
        {SLICE_INIT("pass"), SLICE_INIT("secret"), true},
        {SLICE_INIT("token"), SLICE_INIT("t0"), false},
    };
    static const struct slice features[] = {
        SLICE_INIT("raw"),  SLICE_INIT("tls"),    SLICE_INIT("plain"),
        SLICE_INIT("rcpt"), SLICE_INIT("remote"), SLICE_INIT("creds"),
    };
    struct engine_config config = {
        .role = ENGINE_CLIENT,
        .match = ENGINE_MATCH_ENHANCED,
        .timeout_ms = 10000,
        .variables = variables,
        .variable_count = sizeof variables / sizeof *variables,
        .features = features,
        .feature_count = sizeof features / sizeof *features,
    };
    return engine_new(test, &config, 0);
}

static struct server *new_server(const bool *faults)
{
    struct server_config config = {
        .host = SLICE("mail.example.test"),
        .domain = SLICE("example.test"),
        .user = SLICE("tester"),
        .password = SLICE("secret"),
        .offer_tls = true,
        .faults = faults,
    };
    return server_new(&config, 0);
}

/* Moves what can be moved; false where both sides wait for the clock. */
static bool move(struct engine *engine, struct server *server, uint64_t now)
{
    bool moved = false;
    unsigned engine_wish = engine_wants(engine), server_wish = server_wants(server);
    if (server_wish & SERVER_WANTS_SEND) {
        struct slice copy = law_copy(server_output(server));
        server_sent(server, copy.len, now);
        engine_receive(engine, copy, now);
        law_free(copy);
        return true;
    }
    if (engine_wish & ENGINE_WANTS_SEND) {
        struct slice copy = law_copy(engine_output(engine));
        size_t taken = server_receive(server, copy, now);
        engine_sent(engine, taken, now);
        law_free(copy);
        moved = taken > 0;
    } else if ((engine_wish & ENGINE_WANTS_TLS) && (server_wish & SERVER_WANTS_TLS)) {
        engine_secured(engine, SLICE("in memory"), now);
        server_secured(server, now);
        moved = true;
    } else if (engine_wish & ENGINE_WANTS_CLOSE) {
        engine_closed(engine, now);
        moved = true;
    } else if ((server_wish & SERVER_WANTS_CLOSE) && (engine_wish & ENGINE_WANTS_RECEIVE)) {
        engine_eof(engine, false, now);
        moved = engine_wants(engine) != engine_wish;
    }
    return moved;
}

static enum engine_verdict play(const struct script_test *test, const bool *faults)
{
    struct engine *engine = new_engine(test);
    struct server *server = new_server(faults);
    uint64_t now = 0;
    for (size_t rounds = 0; (engine_wants(engine) & ENGINE_DONE) == 0; rounds++) {
        assert_true(rounds < 100000);
        if (move(engine, server, now))
            continue;
        now = engine_deadline(engine);
        engine_tick(engine, now);
    }
    enum engine_verdict verdict = engine_verdict(engine);
    engine_free(engine);
    server_free(server);
    return verdict;
}

/* ---- every test of every scenario
 * ------------------------------------------------------------------ */

static void prove(const struct script *script, const struct script_test *test)
{
    bool *faults = calloc(server_fault_count, sizeof *faults);
    size_t fault = server_fault_find(test->fault);
    assert_non_null(faults);
    checks++;
    enum engine_verdict sound = play(test, faults);
    if (sound != ENGINE_PASS)
        fail_msg("%.*s:%zu: %s on the unbroken server", (int)script->name.len,
                 (const char *)script->name.ptr, test->line, engine_verdict_name(sound));
    if (fault == server_fault_count)
        fail_msg("%.*s:%zu: names no fault switch", (int)script->name.len,
                 (const char *)script->name.ptr, test->line);
    named[fault] = faults[fault] = true;
    enum engine_verdict broken = play(test, faults);
    bool must = test->level == SCRIPT_LEVEL_MUST || test->level == SCRIPT_LEVEL_SECURITY;
    bool seen = broken == ENGINE_FAIL || (!must && broken == ENGINE_WARN) ||
                (broken == ENGINE_ERROR && sound == ENGINE_PASS);
    if (!seen)
        fail_msg("%.*s:%zu: %s with the fault %s", (int)script->name.len,
                 (const char *)script->name.ptr, test->line, engine_verdict_name(broken),
                 server_faults[fault].name);
    killed++;
    free(faults);
}

static void prove_file(const char *path)
{
    static char octets[1 << 20];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(octets, 1, sizeof octets, file);
    fclose(file);
    struct script_options options = {.name = slice_of_cstr(path)};
    struct script *script = script_load(slice_of(octets, len), &options);
    if (script->error_count > 0)
        fail_msg("%s does not load", path);
    for (size_t i = 0; i < script->test_count; i++)
        prove(script, &script->tests[i]);
    script_free(script);
}

static void every_check_can_fail(void **state)
{
    (void)state;
    named = calloc(server_fault_count, sizeof *named);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        DIR *folder = opendir(folders[i]);
        assert_non_null(folder);
        for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
            char path[512];
            if (entry->d_name[0] == '.')
                continue;
            assert_true(snprintf(path, sizeof path, "%s/%s", folders[i], entry->d_name) < 512);
            prove_file(path);
        }
        closedir(folder);
    }
    printf("checks killed by their fault: %zu of %zu\n", killed, checks);
    assert_true(checks > 0);
    size_t unseen = 0;
    for (size_t i = 0; i < server_fault_count; i++)
        unseen += !named[i];
    printf("faults that no check names: %zu of %zu\n", unseen, server_fault_count);
    free(named);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_check_can_fail)};
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
