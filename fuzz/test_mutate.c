/* The mutators of fuzz/: pure, bounded, and mutants stay dialogues and messages mostly. */
#include "law.h"
#include "mutate_dialogue.h"
#include "mutate_message.h"

#include <stdlib.h>

#include "imf/field.h"
#include "smtp/command.h"
#include "smtp/reply.h"

#define ROUNDS 4000

static const struct slice dialogue = SLICE_INIT("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
                                                "DATA\r\nx\r\n.\r\nQUIT\r\n");
static const struct slice message = SLICE_INIT("From: a@b\r\nTo: c@d,\r\n e@f\r\n"
                                               "Date: Fri, 21 Nov 1997 09:55:06 -0600\r\n\r\n");

typedef size_t mutator(struct mutate *m, struct slice text, uint8_t *room, size_t capacity);

/* In a room of exactly its size, whatever that is: a sanitizer sees one octet too many. */
static void nothing_is_written_beyond_the_room(void **state)
{
    (void)state;
    static mutator *const mutators[] = {mutate_dialogue, mutate_message};
    const struct slice texts[] = {dialogue,    message,      SLICE(""),
                                  SLICE("\n"), SLICE("C: "), SLICE("250 ok")};
    for (uint64_t seed = 0; seed < ROUNDS; seed++) {
        struct mutate m = {.random = seed};
        struct slice text = law_copy(texts[seed % (sizeof texts / sizeof *texts)]);
        size_t capacity = seed % 97;
        uint8_t *room = malloc(capacity);
        assert_true(mutators[seed % 2](&m, text, room, capacity) <= capacity);
        assert_true(mutate_dialogue_cross(&m, text, message, room, capacity) <= capacity);
        assert_true(mutate_message_cross(&m, dialogue, text, room, capacity) <= capacity);
        free(room);
        law_free(text);
    }
}

static void octets_are_changed_inside_their_room(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < ROUNDS; seed++) {
        struct mutate m = {.random = seed};
        size_t len = seed % 20, capacity = len + seed % 3;
        uint8_t *room = malloc(capacity);
        for (size_t i = 0; i < len; i++)
            room[i] = (uint8_t)i;
        assert_true(mutate_octets(&m, room, len, capacity) <= capacity);
        free(room);
    }
}

/* Takes all the room that it is given. */
static size_t fill(uint8_t *octets, size_t len, size_t capacity)
{
    memset(octets + len, 'x', capacity - len);
    return capacity;
}

/* Behind what is written already there is less room, which shows without a sanitizer, too. */
static void what_is_changed_stays_in_the_rest_of_the_room(void **state)
{
    (void)state;
    static const struct slice text = SLICE_INIT("QUIT");
    for (size_t before = 0; before <= 40; before++) {
        uint8_t room[64];
        struct mutate m = {.octets = fill};
        struct writer out = writer_of(room, 40);
        memset(room, '.', sizeof room);
        out.len = before;
        mutate_put_changed(&m, text, &out);
        assert_true(out.len <= 40);
        assert_true(out.overflow == (before + text.len > 40));
        for (size_t i = 40; i < sizeof room; i++)
            assert_int_equal(room[i], '.');
    }
}

static void the_same_seed_makes_the_same_mutant(void **state)
{
    (void)state;
    uint8_t rooms[2][1024];
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct mutate one = {.random = seed}, other = one;
        size_t len = mutate_dialogue(&one, dialogue, rooms[0], sizeof rooms[0]);
        size_t again = mutate_dialogue(&other, dialogue, rooms[1], sizeof rooms[1]);
        assert_slice_equal(slice_of(rooms[0], len), slice_of(rooms[1], again));
    }
}

/* Each verb, whole and ended by CRLF, comes of so many mutants of one short dialogue. */
static void mutants_hold_commands_of_each_verb(void **state)
{
    (void)state;
    bool seen[SMTP_VERB_XFORWARD + 1] = {false};
    size_t whole = 0, lines = 0;
    for (uint64_t seed = 0; seed < ROUNDS; seed++) {
        uint8_t room[1024];
        struct mutate m = {.random = seed};
        size_t len = mutate_dialogue(&m, dialogue, room, sizeof room);
        struct slice rest = slice_of(room, len);
        struct smtp_command command;
        for (struct parse_result r;
             (r = smtp_command_parse(rest, 1024, &command)).status == PARSE_OK;
             rest = slice_from(rest, r.offset), lines++) {
            whole += command.verb != SMTP_VERB_UNKNOWN && command.quirks == 0;
            seen[command.verb] = true;
        }
    }
    static const enum smtp_verb verbs[] = {SMTP_VERB_EHLO, SMTP_VERB_MAIL, SMTP_VERB_RCPT,
                                           SMTP_VERB_DATA, SMTP_VERB_BDAT, SMTP_VERB_AUTH,
                                           SMTP_VERB_RSET, SMTP_VERB_VRFY, SMTP_VERB_STARTTLS};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        assert_true(seen[verbs[i]]);
    assert_true(whole > lines / 2);
}

static void mutants_of_a_header_hold_fields(void **state)
{
    (void)state;
    size_t fields = 0, bad = 0;
    for (uint64_t seed = 0; seed < ROUNDS; seed++) {
        uint8_t room[1024];
        struct mutate m = {.random = seed};
        struct slice rest = slice_of(room, mutate_message(&m, message, room, sizeof room));
        struct imf_field field;
        while (rest.len > 0) {
            struct parse_result r =
                imf_field_parse(rest, (struct imf_field_limits){1024, true}, &field);
            bad += r.status != PARSE_OK;
            if (r.status != PARSE_OK || field.kind == IMF_HEADER_END)
                break;
            rest = slice_from(rest, r.offset);
            fields++;
        }
    }
    assert_true(fields > 25 * bad);
    assert_true(fields > 2 * ROUNDS);
}

/* Lines and words of a limit's length, and of one octet more, come of mutants of short ones. */
static void lengths_at_limits_come(void **state)
{
    (void)state;
    size_t lines[1026] = {0}, words[1026] = {0};
    for (uint64_t seed = 0; seed < 20 * ROUNDS; seed++) {
        uint8_t room[2048];
        struct mutate m = {.random = seed};
        struct slice rest = seed % 2 == 0
                                ? slice_of(room, mutate_dialogue(&m, dialogue, room, sizeof room))
                                : slice_of(room, mutate_message(&m, message, room, sizeof room));
        for (size_t lf; (lf = slice_find(rest, '\n')) < rest.len; rest = slice_from(rest, lf + 1)) {
            struct slice line = slice_sub(rest, 0, lf + 1);
            size_t word = slice_find(line, ' ') < line.len ? slice_find(line, ' ') : 0;
            lines[line.len < 1026 ? line.len : 0]++;
            words[word < 1026 ? word : 0]++;
        }
    }
    static const size_t limits[] = {512, 513, 998, 999, 1000, 1001},
                        short_ones[] = {20, 21, 64, 65};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        assert_true(lines[limits[i]] > 0);
    for (size_t i = 0; i < sizeof short_ones / sizeof *short_ones; i++)
        assert_true(words[short_ones[i]] > 0);
}

/* Whatever octets stand there, and as wide as they were. */
static void numbers_next_to_one_come(void **state)
{
    (void)state;
    static const struct {
        struct slice digits, more, less;
    } rows[] = {
        {SLICE_INIT("8"), SLICE_INIT("9"), SLICE_INIT("7")},
        {SLICE_INIT("099"), SLICE_INIT("100"), SLICE_INIT("098")},
        {SLICE_INIT("99"), SLICE_INIT("100"), SLICE_INIT("98")},
        {SLICE_INIT("70"), SLICE_INIT("71"), SLICE_INIT("69")},
        {SLICE_INIT("4294967296"), SLICE_INIT("4294967297"), SLICE_INIT("4294967295")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool more = false, less = false;
        for (uint64_t seed = 0; seed < 100; seed++) {
            uint8_t room[32];
            struct mutate m = {.random = seed};
            struct writer out = writer_of(room, sizeof room);
            mutate_put_number(&m, rows[i].digits, &out);
            more = more || slice_equal(writer_slice(&out), rows[i].more);
            less = less || slice_equal(writer_slice(&out), rows[i].less);
        }
        assert_true(more && less);
    }
}

/* Mutants of a reply are replies, also of several lines, and some whose lines differ in code. */
static void mutants_of_a_reply_hold_replies(void **state)
{
    (void)state;
    size_t replies = 0, of_lines = 0, mixed = 0, bad = 0;
    for (uint64_t seed = 0; seed < ROUNDS; seed++) {
        uint8_t room[1024];
        struct mutate m = {.random = seed};
        const struct slice one = SLICE("250-mail.example\r\n250 SIZE 1000\r\n");
        struct slice rest = slice_of(room, mutate_dialogue(&m, one, room, sizeof room));
        for (struct parse_result r = parse_ok(0); rest.len > 0 && r.status == PARSE_OK;) {
            struct smtp_reply_parser parser = {.limits = {1024, 1024}};
            struct smtp_reply reply;
            r = smtp_reply_parse(&parser, rest, &reply);
            mixed += r.status == PARSE_ERROR && r.error == SMTP_REPLY_MIXED_CODES;
            bad += r.status == PARSE_ERROR && r.error != SMTP_REPLY_MIXED_CODES;
            if (r.status != PARSE_OK)
                break;
            replies++;
            of_lines += reply.lines > 2;
            rest = slice_from(rest, r.offset);
        }
    }
    assert_true(replies > ROUNDS / 2);
    assert_true(of_lines > ROUNDS / 20);
    assert_true(mixed > ROUNDS / 100);
    assert_true(bad < ROUNDS / 3);
}

static void a_cross_holds_lines_of_both(void **state)
{
    (void)state;
    size_t both = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        uint8_t room[1024];
        struct mutate m = {.random = seed};
        const struct slice other = SLICE("NOOP\r\nNOOP\r\n");
        struct slice mixed =
            slice_of(room, mutate_dialogue_cross(&m, dialogue, other, room, sizeof room));
        bool noop = false;
        for (size_t i = 0; i < mixed.len; i++)
            noop = noop || slice_starts(slice_from(mixed, i), SLICE("NOOP\r\n"));
        both += noop && slice_starts(mixed, SLICE("EHLO a\r\n"));
    }
    assert_true(both > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_written_beyond_the_room),
        cmocka_unit_test(octets_are_changed_inside_their_room),
        cmocka_unit_test(what_is_changed_stays_in_the_rest_of_the_room),
        cmocka_unit_test(the_same_seed_makes_the_same_mutant),
        cmocka_unit_test(mutants_hold_commands_of_each_verb),
        cmocka_unit_test(mutants_of_a_header_hold_fields),
        cmocka_unit_test(lengths_at_limits_come),
        cmocka_unit_test(numbers_next_to_one_come),
        cmocka_unit_test(mutants_of_a_reply_hold_replies),
        cmocka_unit_test(a_cross_holds_lines_of_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
