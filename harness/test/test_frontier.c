/*
 * unit.frontier: which way a campaign goes on from.
 */
#include "campaign/frontier.h"
#include "law.h"

static struct session session;
static struct frontier frontier;

/* Commands of four octets, each answered with its code. */
static struct slice play(const char *octets, const unsigned *codes)
{
    struct slice said = slice_of_cstr(octets);
    session = (struct session){.count = said.len / 4};
    for (size_t i = 0; i < session.count; i++)
        session.steps[i] = (struct session_step){.kind = DIALOGUE_COMMAND,
                                                 .said = slice_sub(said, 4 * i, 4 * i + 4),
                                                 .code = codes[i],
                                                 .raw = SLICE("250 ok\r\n")};
    frontier_note(&frontier, &session, said);
    return said;
}

static size_t count_ways(const char *octets)
{
    size_t count = 0;
    for (size_t i = 0; i < frontier.count; i++) {
        const struct frontier_way *way = &frontier.ways[frontier.known[i]];
        if (slice_equal(slice_of(way->octets, way->len), slice_of_cstr(octets)))
            count++;
    }
    return count;
}

/* Up to the step that was answered so, and no longer than the shortest. */
static void test_shortest(void **state)
{
    (void)state;
    frontier = (struct frontier){.count = 0};
    assert_null(frontier_next(&frontier, 1));
    play("aaaabbbbcccc", (unsigned[]){250, 503, 0});
    size_t longer = count_ways("aaaabbbb");
    assert_int_equal(count_ways("aaaa"), FEATURE_STEP);
    assert_int_equal(longer, FEATURE_STEP);
    assert_int_equal(frontier.count, 2 * FEATURE_STEP);
    play("bbbb", (unsigned[]){503}); /* the exchange is reached sooner; the order is not */
    size_t shorter = count_ways("bbbb");
    assert_true(shorter > 0 && count_ways("aaaabbbb") < longer && count_ways("aaaabbbb") > 0);
    play("aaaabbbb", (unsigned[]){250, 503});
    assert_int_equal(count_ways("bbbb"), shorter);
}

static uint16_t mark_of(const struct frontier_way *way)
{
    return (uint16_t)(way - frontier.ways);
}

/* What is rare comes first; what was handed out counts as taken, so that none is starved. */
static void test_rare(void **state)
{
    (void)state;
    frontier = (struct frontier){.count = 0};
    for (size_t i = 0; i < 100; i++)
        play("aaaa", (unsigned[]){250});
    size_t common = frontier.count;
    play("bbbb", (unsigned[]){451});
    assert_true(frontier.count > common);
    bool handed[FEATURE_COUNT] = {false};
    for (size_t i = 0; i < 10 * frontier.count; i++) {
        const struct frontier_way *way = frontier_next(&frontier, 4 * i + 1);
        assert_int_equal(way->octets[0], 'b');
        handed[mark_of(way)] = true;
    }
    for (size_t i = common; i < frontier.count; i++)
        assert_true(handed[frontier.known[i]]);
    /* now and then one of the last, whichever it is */
    assert_int_equal(frontier_next(&frontier, 0)->octets[0], 'b');
    for (size_t i = 0; i < 1000; i++)
        frontier_next(&frontier, 4 * i + 1);
    assert_int_equal(frontier.ways[frontier.known[0]].octets[0], 'a');
    assert_true(frontier.ways[frontier.known[0]].taken > 100);
}

/* A way that is too long to keep is none; the mark may be reached by a shorter one. */
static void test_long(void **state)
{
    (void)state;
    static char octets[FRONTIER_OCTETS + 9];
    static unsigned codes[FRONTIER_OCTETS / 4 + 2];
    frontier = (struct frontier){.count = 0};
    memset(octets, 'a', FRONTIER_OCTETS + 8);
    for (size_t i = 0; i < FRONTIER_OCTETS / 4; i++)
        codes[i] = 250;
    codes[FRONTIER_OCTETS / 4] = 421;
    play(octets, codes);
    for (size_t i = 0; i < frontier.count; i++)
        assert_int_equal(frontier.ways[frontier.known[i]].code, 250);
    size_t count = frontier.count;
    play("aaaaaaaa", (unsigned[]){250, 421});
    assert_true(frontier.count > count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shortest),
        cmocka_unit_test(test_rare),
        cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests_name("frontier", tests, NULL, NULL);
}
