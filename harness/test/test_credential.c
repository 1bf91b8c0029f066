#include "law.h"
#include "script/credential.h"

/* A line, and what of it may be shown. */
static const struct {
    struct slice line;
    size_t shown;
} lines[] = {
    {SLICE_INIT(""), 0},
    {SLICE_INIT("AUTH"), 4},
    {SLICE_INIT("AUTH "), 5},
    {SLICE_INIT("AUTH PLAIN"), 10},
    {SLICE_INIT("AUTH PLAIN "), 11},
    {SLICE_INIT("AUTH PLAIN AGE="), 11},
    {SLICE_INIT("auth  plain\t AGE="), 13},
    {SLICE_INIT("AUTH=PLAIN AGE="), 11},
    {SLICE_INIT(" AUTH LOGIN YQ=="), 12},
    {SLICE_INIT("NOOP\rAUTH PLAIN AGE="), 16},
    {SLICE_INIT("C AUTH SCRAM-SHA-256 biws"), 21},
    {SLICE_INIT("AUTHOR PLAIN AGE="), 17},
    {SLICE_INIT("XAUTH PLAIN AGE="), 16},
    {SLICE_INIT("250-AUTH PLAIN LOGIN"), 20},
    {SLICE_INIT("250 AUTH PLAIN LOGIN"), 20},
    {SLICE_INIT("MAIL FROM:<a@b.example> AUTH=<>"), 31},
};

static void responses_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct slice line = law_copy(lines[i].line);
        if (credential_of_line(line) != lines[i].shown)
            fail_msg("%s: %zu", (const char *)lines[i].line.ptr, credential_of_line(line));
        law_free(line);
    }
}

/* A dialogue: "C " and "S " lines; the client's that are hidden stand behind "C*". */
static void lines_of_an_exchange_are_hidden(void **state)
{
    static const char *const dialogues[] = {
        "C AUTH LOGIN|S 334 VXNl|C*Ym9i|S 334 UGFz|C*c2Vj|S 235 ok|C NOOP",
        "C AUTH LOGIN|S 334 VXNl|C*QUIT|S 535 no|C what", /* judged: the exchange is over */
        "C AUTH LOGIN|S 538 no|C*Ym9i|S 500 what|C*c2Vj|S 500 what|C RSET|C what",
        "C AUTH LOGIN|C*Ym9i|C*c2Vj|S 334 VXNl|S 334 UGFz|S 235 ok",
        "C AUTH PLAIN|C*AGE=|C MAIL FROM:<>|C what",
        "C hello|S 500 what|C what",
    };
    (void)state;
    for (size_t i = 0; i < sizeof dialogues / sizeof *dialogues; i++) {
        struct credential_watch watch = {.open = false};
        for (struct slice rest = slice_of_cstr(dialogues[i]); rest.len > 0;) {
            size_t bar = slice_find(rest, '|');
            struct slice line = law_copy(slice_sub(rest, 2, bar));
            bool hidden = rest.ptr[1] == '*';
            size_t shown = rest.ptr[0] == 'C' ? credential_client(&watch, line)
                                              : credential_server(&watch, line);
            bool challenge = rest.ptr[0] == 'S' && slice_starts(line, SLICE("334"));
            if (shown != (hidden ? 0 : challenge ? 4 : line.len))
                fail_msg("%s: %.*s", dialogues[i], (int)bar, (const char *)rest.ptr);
            law_free(line);
            rest = slice_from(rest, bar < rest.len ? bar + 1 : bar);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(responses_are_found),
        cmocka_unit_test(lines_of_an_exchange_are_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
