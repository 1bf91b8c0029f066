/*
 * unit.thrift: what takes a server long has a part of the time.
 */
#include "campaign/thrift.h"
#include "law.h"
#include "smtp/command.h"

static struct thrift thrift;

/* Says each of them so often, where it is not left out; returns how often it was said. */
static size_t say(const char *octets, size_t times, uint64_t taken_us)
{
    size_t said = 0;
    for (size_t i = 0; i < times; i++) {
        if (thrift_leaves_out(&thrift, slice_of_cstr(octets)))
            continue;
        thrift_note(&thrift, slice_of_cstr(octets), taken_us);
        said++;
    }
    return said;
}

static void begin(void)
{
    memset(&thrift, 0, sizeof thrift);
}

/* An eighth of the time, and no more than one dialogue over it. */
static void slow_verb(void **state)
{
    (void)state;
    begin();
    assert_int_equal(say("NOOP\r\n", 2000, 100), 2000);
    assert_int_equal(say("VRFY a\r\n", 19, 20000), 19);
    assert_false(atomic_load(&thrift.verbs[SMTP_VERB_VRFY].slow)); /* too few to tell */
    assert_int_equal(say("VRFY a\r\n", 100, 20000), 1);
    assert_true(atomic_load(&thrift.verbs[SMTP_VERB_VRFY].slow));
    assert_false(atomic_load(&thrift.verbs[SMTP_VERB_NOOP].slow));
    for (size_t i = 0; i < 1000; i++) {
        say("NOOP\r\n", 100, 100);
        say("EHLO a\r\nvrfy a\r\n", 1, 20000);
    }
    uint64_t us = atomic_load(&thrift.verbs[SMTP_VERB_VRFY].us);
    assert_true(8 * (us - 20000) <= thrift.us && us > 20 * 20000);
}

/* One that is fast beside others is not slow, whatever they take; nor is one of 10 ms. */
static void no_slow_verb(void **state)
{
    (void)state;
    begin();
    say("NOOP\r\n", 100, 40000);
    assert_int_equal(say("VRFY a\r\n", 100, 100000), 100);
    begin();
    say("NOOP\r\n", 1000, 10);
    assert_int_equal(say("VRFY a\r\n", 100, 2000), 100); /* not dear either */
}

/* A connection, or a message, may take half of the time. */
static void dear_kinds(void **state)
{
    (void)state;
    begin();
    say("NOOP\r\n", 1000, 100);
    for (size_t i = 0; i < 1000; i++) {
        say("NOOP\r\n", 50, 100);
        say("NOOP\r\nQUIT\r\n", 1, 9000); /* it ends the connection */
    }
    const uint64_t us = atomic_load(&thrift.verbs[SMTP_VERB_QUIT].us);
    assert_true(2 * (us - 9000) <= thrift.us && 2 * (us + 18000) > thrift.us);
    assert_false(atomic_load(&thrift.verbs[SMTP_VERB_QUIT].slow));
    assert_false(thrift_leaves_out(&thrift, SLICE("NOOP\r\n")));
    begin();
    say("NOOP\r\n", 1000, 100);
    assert_int_equal(say("NOOP\r\nQUIT\r\n", 100, 1900), 100); /* too little to be dear */
}

static void waits(void **state)
{
    (void)state;
    uint64_t rest_us = 0, keep_us = 0;
    begin();
    for (unsigned i = 1; i < 64; i++)
        assert_false(thrift_wait(&thrift, 900, &rest_us, &keep_us));
    assert_true(thrift_wait(&thrift, 900, &rest_us, &keep_us));
    assert_int_equal(rest_us, 20000); /* the least */
    assert_int_equal(keep_us, 2048);
    for (unsigned i = 0; i < 128; i++) /* one in 16 takes long */
        thrift_wait(&thrift, i % 16 == 0 ? 30000 : 900, &rest_us, &keep_us);
    assert_int_equal(rest_us, 4 * 32768);
    assert_int_equal(keep_us, 2048);
    for (unsigned i = 0; i < 640; i++)
        thrift_wait(&thrift, UINT64_MAX, &rest_us, &keep_us);
    assert_int_equal(rest_us, 1000000); /* the most */
    assert_int_equal(keep_us, 500000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_verb),
        cmocka_unit_test(no_slow_verb),
        cmocka_unit_test(dear_kinds),
        cmocka_unit_test(waits),
    };
    return cmocka_run_group_tests_name("thrift", tests, NULL, NULL);
}
