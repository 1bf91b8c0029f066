/*
 * unit.dialogue: what is told of octets before they are said. How they are cut, unit.session shows.
 */
#include "campaign/dialogue.h"
#include "law.h"

static void glance(void **state)
{
    (void)state;
    static const struct {
        const char *octets;
        uint32_t verbs;
        bool ends, text, plain;
        const char *put;
    } rows[] = {
        {"", 0, true, true, true, ""},
        {"NOOP\r\n", 1u << SMTP_VERB_NOOP, false, true, true, "NOOP\r\n"},
        {"noop\r\nDATA\r\nx\r\n", 1u << SMTP_VERB_NOOP | 1u << SMTP_VERB_DATA, false, true, true,
         "noop\r\nDATA\r\nx\r\n"},
        {"QUIT\r\n", 1u << SMTP_VERB_QUIT, true, true, true, "QUIT\r\n"},
        {"NOOP\r\nquit", 1u << SMTP_VERB_NOOP | 1u << SMTP_VERB_QUIT, true, false, false,
         "NOOP\r\nquit\r\n"},
        {"BDAT 3\r\nabcSTARTTLS\r\n", 1u << SMTP_VERB_BDAT, true, true, true,
         "BDAT 3\r\nabcSTARTTLS\r\n"},
        {"NOOP\n\r\nRS\tET\x01\r\n", 1u << SMTP_VERB_NOOP, false, false, false, "NOOP\r\nRSET\r\n"},
        {"NOOPE\r\n", 0, false, true, true, "NOOPE\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t room[64];
        struct slice octets = law_copy(slice_of_cstr(rows[i].octets));
        struct writer w = writer_of(room, sizeof room);
        dialogue_put_plain(octets, &w);
        if (dialogue_verbs(octets) != rows[i].verbs || dialogue_ends(octets) != rows[i].ends ||
            dialogue_is_text(octets) != rows[i].text || dialogue_is_plain(octets) != rows[i].plain)
            fail_msg("%s", rows[i].octets);
        assert_slice_equal(writer_slice(&w), slice_of_cstr(rows[i].put));
        law_free(octets);
    }
    assert_slice_equal(dialogue_without_quit(SLICE("NOOP\r\nQUIT\r\nquit\r\n")), SLICE("NOOP\r\n"));
    assert_slice_equal(dialogue_without_quit(SLICE("QUIT")), SLICE("QUIT"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(glance)};
    return cmocka_run_group_tests_name("dialogue", tests, NULL, NULL);
}
