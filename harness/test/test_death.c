/*
 * unit.death: deaths of a server that are like those before.
 */
#include "cli/fuzz/death.h"
#include "law.h"

#include <stdio.h>

static struct campaign_shared shared;
static struct campaign campaign = {.jobs = 2, .shared = &shared};
static struct deaths deaths;

static int begin(void **state)
{
    (void)state;
    memset(&shared, 0, sizeof shared);
    memset(&deaths, 0, sizeof deaths);
    return 0;
}

/* A worker said something, and saw this end of it. */
static struct campaign_said *say(size_t number, const char *ended)
{
    struct campaign_worker *worker = &shared.workers[number];
    struct campaign_said *last = &worker->last[worker->said++ % CAMPAIGN_LAST];
    snprintf(last->ended, sizeof last->ended, "%s", ended);
    return last;
}

static void test_first_is_not_known(void **state)
{
    (void)state;
    say(0, "crash-rset");
    assert_false(death_known(&deaths, &campaign));
    say(0, "");
    assert_false(death_known(&deaths, &campaign));
}

/* The second, the fourth, the eighth are looked into. */
static void test_those_alike_are_known(void **state)
{
    (void)state;
    death_found(&deaths, say(1, "crash-rset"), "crash-rset");
    shared.workers[1].last[0].ended[0] = '\0';
    for (unsigned count = 2; count <= 32; count++) {
        struct campaign_said *last = say(count % 2, "crash-rset");
        assert_int_equal(death_known(&deaths, &campaign), (count & (count - 1)) != 0);
        last->ended[0] = '\0'; /* one that was looked into */
    }
}

/* Behind it others were said, to no server. */
static void test_last_ones_found_no_server(void **state)
{
    (void)state;
    death_found(&deaths, say(0, "crash-rset"), "crash-rset");
    shared.workers[0].last[0].ended[0] = '\0';
    say(0, "crash-rset");
    assert_false(death_known(&deaths, &campaign)); /* the second */
    shared.workers[0].last[1].ended[0] = '\0';
    say(0, "crash-rset");
    say(0, "");
    say(1, "");
    assert_true(death_known(&deaths, &campaign));
    assert_false(death_known(&deaths, &campaign)); /* each stands for one death */
}

static void test_another_cause_is_looked_into(void **state)
{
    (void)state;
    death_found(&deaths, say(0, "crash-rset"), "crash-rset");
    shared.workers[0].last[0].ended[0] = '\0';
    for (unsigned count = 0; count < 10; count++) {
        say(0, "crash-mail");
        assert_false(death_known(&deaths, &campaign));
    }
}

/* Where the worker saw it end elsewhere, nothing is told by what workers see. */
static void test_seen_elsewhere(void **state)
{
    (void)state;
    death_found(&deaths, say(0, "crash-ehlo"), "crash-rset");
    for (unsigned count = 0; count < 10; count++) {
        say(0, count % 2 == 0 ? "crash-ehlo" : "crash-rset");
        assert_false(death_known(&deaths, &campaign));
    }
}

/* No more kinds than there is room for. */
static void test_many_causes(void **state)
{
    (void)state;
    char key[CAMPAIGN_KEY];
    for (unsigned i = 0; i < 3 * DEATH_KEYS; i++) {
        snprintf(key, sizeof key, "crash-%u", i);
        death_found(&deaths, say(0, key), key);
    }
    assert_int_equal(deaths.known_count, DEATH_KEYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_first_is_not_known, begin),
        cmocka_unit_test_setup(test_those_alike_are_known, begin),
        cmocka_unit_test_setup(test_last_ones_found_no_server, begin),
        cmocka_unit_test_setup(test_another_cause_is_looked_into, begin),
        cmocka_unit_test_setup(test_seen_elsewhere, begin),
        cmocka_unit_test_setup(test_many_causes, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
