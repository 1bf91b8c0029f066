/*
 * unit.names: the names that a client has in each session, and what is told by them.
 */
#include "campaign/heard.h"
#include "campaign/names.h"
#include "law.h"

static struct slice filled(struct slice octets, size_t from, uint32_t number, uint8_t *room,
                           size_t size)
{
    struct writer w = writer_of(room, size);
    names_fill(octets, from, octets.len, number, &w);
    return writer_slice(&w);
}

/* What goes out is as long, says what number it has, and another from each greeting on. */
static void test_filled(void **state)
{
    (void)state;
    static const struct {
        struct slice in;
        size_t from;
        uint32_t numbers[4]; /* behind the first, those that follow; 0: there are no more */
    } rows[] = {
        {SLICE_INIT("NOOP client.example\r\n"), 0, {7}},
        {SLICE_INIT("EHLO client.example\r\nMAIL FROM:<a@client.example.test>\r\n"), 0, {8, 8}},
        {SLICE_INIT("NOOP\r\nehlo a\r\nHELO client.example\r\nVRFY client.example\r\n"), 6, {9, 9}},
        {SLICE_INIT("NOOP\nLHLO client.example\nX EHLO client.example\n"), 0, {8, 8}},
        {SLICE_INIT("client.exampl client.Example"), 0, {0}},
    };
    uint8_t room[200];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice in = law_copy(rows[i].in);
        struct slice rest = filled(in, rows[i].from, 7, room, sizeof room);
        assert_int_equal(rest.len, in.len - rows[i].from);
        uint32_t number = 0;
        for (size_t k = 0; rows[i].numbers[k] != 0; k++) {
            assert_true(names_next(&rest, &number));
            assert_int_equal(number, rows[i].numbers[k]);
        }
        assert_false(names_next(&rest, &number));
        law_free(in);
    }
}

static void test_every_number_has_a_name(void **state)
{
    (void)state;
    uint8_t room[32];
    for (uint32_t number = 0; number < NAMES_NUMBER; number += 4093) {
        uint32_t found = 0;
        struct slice rest = filled(SLICE(NAMES_TEXT), 0, number, room, sizeof room);
        assert_true(names_next(&rest, &found));
        assert_int_equal(found, number);
        for (size_t i = 0; i < sizeof NAMES_TEXT - 1; i++)
            room[i] = slice_upper(room[i]);
        rest = slice_of(room, sizeof NAMES_TEXT - 1);
        assert_true(names_next(&rest, &found));
        assert_int_equal(found, number);
    }
}

static void test_others_are_none(void **state)
{
    (void)state;
    static const struct slice rows[] = {
        SLICE_INIT(NAMES_TEXT),       SLICE_INIT(".example"),       SLICE_INIT("z1234.example"),
        SLICE_INIT("zz1234.example"), SLICE_INIT("y12345.example"), SLICE_INIT("z1234-.example"),
        SLICE_INIT("z12345.exampl"),  SLICE_INIT("z12345 example"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t number = 0;
        struct slice copy = law_copy(rows[i]), rest = copy;
        assert_false(names_next(&rest, &number));
        law_free(copy);
    }
}

/* ---- what a session makes of them ---- */

/* A server that says what it is told to. */
struct parrot {
    const char *const *says;
    struct heard heard;
};

static bool say(void *context, struct slice octets)
{
    (void)context;
    (void)octets;
    return true;
}

static enum session_heard hear(void *context, enum session_wait wait, struct smtp_reply *ret_reply,
                               int *ret_error)
{
    struct parrot *p = context;
    if (wait != SESSION_AWAITED || *p->says == NULL)
        return SESSION_NOTHING;
    struct slice text = slice_of_cstr(*p->says++);
    memcpy(p->heard.octets + p->heard.len, text.ptr, text.len);
    p->heard.len += text.len;
    return heard_next(&p->heard, ret_reply, ret_error);
}

#define E "EHLO client.example\r\n"

static void test_sessions(void **state)
{
    (void)state;
    static const struct {
        struct slice in;
        const char *says[6];
        enum oracle oracle;
    } rows[] = {
        /* number 40 is "z00014", and the connection began with 36, "z00010" */
        {SLICE_INIT(E "HELP\r\n"),
         {"220 x\r\n", "250 z00015.example\r\n", "214 z00015.example\r\n"},
         ORACLE_NONE},
        {SLICE_INIT(E "HELP\r\n"),
         {"220 x\r\n", "250 x\r\n", "214 a@Z0000Z.EXAMPLE\r\n"},
         ORACLE_SESSION_LEAK},
        {SLICE_INIT(E "HELP\r\n"),
         {"220 z0003z.example\r\n", "250 x\r\n", "214 x\r\n"},
         ORACLE_SESSION_LEAK},
        /* of a dialogue before, over the same connection: the greeting may still say that */
        {SLICE_INIT("HELP\r\n"), {"220 x\r\n", "214 z00010.example\r\n"}, ORACLE_NONE},
        {SLICE_INIT(E "HELP\r\n"),
         {"220 x\r\n", "250 x\r\n", "214 z00010.example\r\n"},
         ORACLE_STALE_WORDS},
        {SLICE_INIT(E "HELP\r\n"),
         {"220 x\r\n", "550 x\r\n", "214 z00010.example\r\n"},
         ORACLE_NONE},
        {SLICE_INIT(E E "HELP\r\n"),
         {"220 x\r\n", "250 x\r\n", "250 z00015.example\r\n", "214 x\r\n"},
         ORACLE_NONE},
        {SLICE_INIT(E E "HELP\r\n"),
         {"220 x\r\n", "250 x\r\n", "250 x\r\n", "214 z00015.example\r\n"},
         ORACLE_STALE_WORDS},
        {SLICE_INIT(E E "HELP\r\n"),
         {"220 x\r\n", "250 x\r\n", "250 x\r\n", "214 z00016.example\r\n"},
         ORACLE_NONE},
    };
    static struct session session;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static struct parrot parrot;
        parrot.says = rows[i].says;
        heard_clear(&parrot.heard);
        struct names names = {.connection = 36,
                              .dialogue = 40,
                              .last = 40 + names_changes(rows[i].in, 0, rows[i].in.len)};
        session_play(
            &session, rows[i].in,
            &(struct session_line){
                .say = say, .hear = hear, .names = &names, .context = &parrot, .steps = true});
        if (session.oracle != rows[i].oracle)
            fail_msg("row %zu: %s", i, oracle_rows[session.oracle].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filled),
        cmocka_unit_test(test_every_number_has_a_name),
        cmocka_unit_test(test_others_are_none),
        cmocka_unit_test(test_sessions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
