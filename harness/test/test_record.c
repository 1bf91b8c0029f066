#include "law.h"
#include "script/record.h"

struct row {
    const char *name;
    struct slice said; /* lines that begin with "<" are the server's, "!" closes */
    const char *script;
};

/* clang-format off */
static const struct row rows[] = {
    {"a dialogue", SLICE_INIT("<220 a\r\nEHLO b\r\n<250-a\r\n<250 SIZE\r\nQUIT\r\n<221 c\r\n!"), "S: 220 a\nC: EHLO b\nS: 250-a\nS: 250 SIZE\nC: QUIT\nS: 221 c\nS: <EOF>\n"},
    {"an empty line, blanks, a tab", SLICE_INIT("<220\r\n\r\n a\t \r\n"), "S: 220\nC:\nC:  a\t \n"},
    {"octets", SLICE_INIT("<220 a\r\nx\\\001\r\nbare\n\r\nopen"), "S: 220 a\nC!: x\\x5c\\x01\\r\\n\nC!: bare\\n\\r\\n\nC!: open\n"},
    {"what means something in a script", SLICE_INIT("<220 ${a} | warn 250\r\n${b} | c\r\n${d}\001\r\n"), "S: 220 $${a} ${bar:-|} warn 250\nC: $${b} | c\nC!: $${d}\\x01\\r\\n\n"},
    {"bare LF of the server", SLICE_INIT("<220 a\n<250-b\n<250 c\n"), "S: 220 a\nS: 250-b\nS: 250 c\n"},
    {"no replies", SLICE_INIT("<hello\r\n<199 a\r\n<220a\r\n<220 b\r\n"), "# the server said, and it is no reply: hello\n# the server said, and it is no reply: 199 a\n# the server said, and it is no reply: 220a\nS: 220 b\n"},
    {"a reply that changes its code", SLICE_INIT("<250-a\r\n<251 b\r\n"), "# the reply did not end: its last line is taken for the end\nS: 250 a\nS: 251 b\n"},
    {"a reply that does not end", SLICE_INIT("<250-a\r\n<250-b\r\n!"), "# the reply did not end: its last line is taken for the end\nS: 250-a\nS: 250 b\nS: <EOF>\n"},
    {"a command inside of a reply", SLICE_INIT("<250-a\r\nNOOP\r\n<250 b\r\n<250 c\r\n"), "C: NOOP\nS: 250-a\nS: 250 b\nS: 250 c\n"},
    {"TLS", SLICE_INIT("<220 a\r\nstarttls\r\n<220 go\r\nEHLO b\r\n"), "S: 220 a\nC: starttls\nS: 220 go\n%tls\nC: EHLO b\n"},
    {"TLS is refused", SLICE_INIT("<220 a\r\nSTARTTLS\r\n<454 no\r\nNOOP\r\n<250 b\r\n"), "S: 220 a\nC: STARTTLS\nS: 454 no\nC: NOOP\nS: 250 b\n"},
    {"signs for a line's end, and the script is no log", SLICE_INIT("NOOP<CRLF>\r\n<250 a <CRLF>\r\n"), "C: NOOP<CRLF${sign:->}\nS: 250 a <CRLF>\n"},
    {"in a reply", SLICE_INIT("<220-a<CRLF> \r\n<220 b<CRLF>\r\n"), "S: 220-a<CRLF${sign:->} \nS: 220 b<CRLF>\n"},
    {"nothing", SLICE_INIT(""), ""},
};
/* clang-format on */

static void say(struct record *r, struct slice line)
{
    bool tls = false;
    struct slice octets = law_copy(line);
    if (slice_starts(octets, SLICE("!")))
        record_closed(r);
    else if (slice_starts(octets, SLICE("<")))
        record_server(r, slice_from(octets, 1), &tls);
    else
        record_client(r, octets);
    if (tls)
        record_tls(r, true);
    law_free(octets);
}

static void rows_are_recorded(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct script_arena *arena = script_arena_new();
        struct record r;
        record_begin(&r, arena);
        for (struct slice rest = rows[i].said; rest.len > 0;) {
            size_t end = slice_find(rest, '\n');
            end += end < rest.len;
            say(&r, slice_sub(rest, 0, end));
            rest = slice_from(rest, end);
        }
        struct slice got = record_end(&r);
        if (!slice_equal(got, slice_of_cstr(rows[i].script)))
            fail_msg("%s: got\n%.*s", rows[i].name, (int)got.len, (const char *)got.ptr);
        script_arena_free(arena);
    }
}

static void what_is_passed_through_is_not_recorded(void **state)
{
    (void)state;
    struct script_arena *arena = script_arena_new();
    struct record r;
    bool tls;
    record_begin(&r, arena);
    record_client(&r, SLICE("STARTTLS\r\n"));
    assert_int_equal(record_server(&r, SLICE("220 go\r\n\x16\x03"), &tls), 8);
    assert_true(tls);
    record_tls(&r, false);
    record_client(&r, SLICE("\x16\x03\x01\r\n"));
    assert_int_equal(record_server(&r, SLICE("\x16\r\n"), &tls), 3);
    record_closed(&r);
    assert_true(slice_equal(record_end(&r),
                            SLICE("C: STARTTLS\nS: 220 go\n%tls\n"
                                  "# TLS was passed through: what follows was not recorded\n")));
    script_arena_free(arena);
}

/* A line without end, and more than a script may hold. */
static void recordings_are_bounded(void **state)
{
    (void)state;
    static uint8_t octets[65536];
    struct script_arena *arena = script_arena_new();
    struct record r;
    bool tls;
    memset(octets, 'a', sizeof octets);
    record_begin(&r, arena);
    for (size_t i = 0; i < 512; i++) {
        record_client(&r, slice_of(octets, sizeof octets));
        record_server(&r, slice_of(octets, sizeof octets), &tls);
    }
    assert_true(record_end(&r).len < RECORD_MAX_OCTETS + (1 << 18));
    script_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_recorded),
        cmocka_unit_test(what_is_passed_through_is_not_recorded),
        cmocka_unit_test(recordings_are_bounded),
    };
    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
