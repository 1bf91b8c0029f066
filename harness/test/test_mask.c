#include "law.h"
#include "script/mask.h"
#include "script/script.h"

#define GIVEN "# The credentials are left out: --user and --pass give them.\n"
#define LEFT(n)                                                                                    \
    "# A response of AUTH is left out: --set response" n "=BASE64 gives it.\n%require "            \
    "fixture:response" n "\n%secret response" n "\n"

/* A script, and what is left of it. AGJvYgBodW50ZXIy: "\0bob\0hunter2"; Ym9i: "bob"; aHVudGVyMg==:
 * "hunter2"; dXNlcj1ib2IBYXV0aD1CZWFyZXIgaHVudGVyMgEB: "user=bob\1auth=Bearer hunter2\1\1" */
/* clang-format off */
static const struct {
    const char *name, *script, *masked;
} rows[] = {
    {"PLAIN", "S: 220\nC: AUTH PLAIN AGJvYgBodW50ZXIy\nS: 235 ok\n", "S: 220\n" GIVEN "%auth PLAIN\nS: 235 ok\n"},
    {"PLAIN, later", "C: auth plain\nS: 334 \nC: AGJvYgBodW50ZXIy\nS: 235 ok\n", GIVEN "%auth plain initial=no\nS: 235 ok\n"},
    {"PLAIN, of another identity", "C: AUTH PLAIN eABib2IAaHVudGVyMg==\nS: 235\n", LEFT("1") "C: AUTH PLAIN ${response1}\nS: 235\n"},
    {"LOGIN", "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: Ym9i\nS: 334 UGFzc3dvcmQ6\nC: aHVudGVyMg==\nS: 535-no\nS: 535 no\n", GIVEN "%auth LOGIN\nS: 535-no\nS: 535 no\n"},
    {"LOGIN with a name", "C: AUTH LOGIN Ym9i\nS: 334 UGFzc3dvcmQ6\nC: aHVudGVyMg==\nS: 235\n", GIVEN "%auth LOGIN\nS: 235\n"},
    {"CRAM-MD5", "C: AUTH CRAM-MD5\nS: 334 PDEuMkBtPg==\nC: Ym9iIDAwMTEyMg==\nS: 235\nC: QUIT\n", GIVEN "%auth CRAM-MD5\nS: 235\nC: QUIT\n"},
    {"XOAUTH2", "C: AUTH XOAUTH2 dXNlcj1ib2IBYXV0aD1CZWFyZXIgaHVudGVyMgEB\nS: 334 e30=\nC:\nS: 535 no hunter2\n", GIVEN "%auth XOAUTH2\nS: 535 no ****\n"},
    {"two exchanges", "C: AUTH PLAIN AGJvYgBodW50ZXIy\nS: 535\nC: AUTH PLAIN AGJvYgBodW50ZXIz\nS: 235\n", GIVEN "%auth PLAIN\nS: 535\n%auth PLAIN\nS: 235\n"},
    {"cancelled", "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: Ym9iYmllcw==\nS: 334 UGFzc3dvcmQ6\nC: *\nS: 501\n", "C: AUTH LOGIN\nS: 334\n" LEFT("1") "C: ${response1}\nS: 334\nC: *\nS: 501\n"},
    {"the half of an escape", "C: AUTH PLAIN hunter2$\nS: 501 no\nC: NOOP hunter2$${x}\n", LEFT("1") "C: AUTH PLAIN ${response1}\nS: 501 no\nC: NOOP ****{x}\n"},
    {"no base64", "C: AUTH PLAIN hunter2\nS: 501 what is hunter2\n", LEFT("1") "C: AUTH PLAIN ${response1}\nS: 501 what is ****\n"},
    {"a mechanism of one's own", "C: AUTH X-KEY aHVudGVyMg==\nS: 334 e30=\nC: aHVudGVyMg==\nS: 235\n", LEFT("1") "C: AUTH X-KEY ${response1}\nS: 334\n" LEFT("2") "C: ${response2}\nS: 235\n"},
    {"the second of them said again", "C: AUTH X-KEY Ym9iYmllcw==\nS: 334 e30=\nC: aHVudGVyMg==\nS: 235 hunter2\n", LEFT("1") "C: AUTH X-KEY ${response1}\nS: 334\n" LEFT("2") "C: ${response2}\nS: 235 ****\n"},
    {"pipelined", "C: AUTH PLAIN AGJvYgBodW50ZXIy\nC: NOOP\nS: 235\nS: 250\n", LEFT("1") "C: AUTH PLAIN ${response1}\nC: NOOP\nS: 235\nS: 250\n"},
    {"behind a command", "C: NOOP\nC: AUTH PLAIN AGJvYgBodW50ZXIy\nS: 250\nS: 235\n", "C: NOOP\n" LEFT("1") "C: AUTH PLAIN ${response1}\nS: 250\nS: 235\n"},
    {"unasked", "C: AUTH LOGIN\nC: Ym9i\nC: aHVudGVyMg==\nS: 334\n", "C: AUTH LOGIN\n" LEFT("1") "C: ${response1}\n" LEFT("2") "C: ${response2}\nS: 334\n"},
    {"octets", "C!: AUTH LOGIN\\nYm9i\\x0aaHVudGVyMg==\\r\\nQUIT\\r\\n\n", LEFT("1") LEFT("2") "C!: AUTH LOGIN\\n${response1}\\x0a${response2}\\r\\nQUIT\\r\\n\n"},
    {"octets of a line that did not end", "C!: AUTH\\tPLAIN AGJvYgBodW50ZXIy\n", LEFT("1") "C!: AUTH\\tPLAIN ${response1}\n"},
    {"nothing was said", "C: AUTH PLAIN\nS: 334\nC: *\nS: 501\nC: AUTH EXTERNAL =\nS: 535\n", "C: AUTH PLAIN\nS: 334\nC: *\nS: 501\nC: AUTH EXTERNAL =\nS: 535\n"},
    {"no end", "C: AUTH PLAIN AGJvYgBodW50ZXIy\n", LEFT("1") "C: AUTH PLAIN ${response1}\n"},
    {"said again", "C: AUTH PLAIN AGJvYgBodW50ZXIy\nS: 235 bob\nC: NOOP hunter2 aHVudGVy\nS: 500 AGJvYgBodW50ZXIy hunter2\n# the server said: hunter2\nC: MAIL FROM:<bob@example.test>\n", GIVEN "%auth PLAIN\nS: 235 bob\nC: NOOP **** aHVudGVy\nS: 500 **** ****\n# the server said: ****\nC: MAIL FROM:<bob@example.test>\n"},
    {"a message", "C: DATA\nS: 354\nC: AUTH PLAIN AGJvYgBodW50ZXIy\nC: .\nS: 250\nC: AUTH PLAIN AGJvYgBodW50ZXIy\nS: 503\n", "C: DATA\nS: 354\nC: AUTH PLAIN ****\nC: .\nS: 250\n" GIVEN "%auth PLAIN\nS: 503\n"},
    {"a chunk", "C: BDAT 15 LAST\nC: AUTH PLAIN AA\nC: AUTH X AA\nS: 250\n", "C: BDAT 15 LAST\nC: AUTH PLAIN AA\n" LEFT("1") "C: AUTH X ${response1}\nS: 250\n"},
    {"variables", "C: AUTH PLAIN ${b64:\\0${user}\\0${pass}}\nS: 235\nC: AUTH X $${a}\nS: 504\n", "C: AUTH PLAIN ${b64:\\0${user}\\0${pass}}\nS: 235\n" LEFT("1") "C: AUTH X ${response1}\nS: 504\n"},
    {"here-document", "%data <<END\nC: AUTH PLAIN AA\nEND\nS: 250\n", "%data <<END\nC: AUTH PLAIN AA\nEND\nS: 250\n"},
    {"no here-document", "%test \"a <<b\"\nC: AUTH X AA\n", "%test \"a <<b\"\n" LEFT("1") "C: AUTH X ${response1}\n"},
    {"another connection", "C[b]: AUTH X AA\nS[b]: 334 e30=\nC[b]: AA\nS[b]=: 334 e30=\n", LEFT("1") "C[b]: AUTH X ${response1}\nS[b]: 334\n" LEFT("2") "C[b]: ${response2}\nS[b]: 334\n"},
    {"verdicts", "C: AUTH X AA\nS: 334 e30= | warn 235\n", LEFT("1") "C: AUTH X ${response1}\nS: 334 | warn 235\n"},
    {"a secret that is a name of ours", "C!: AUTH X response\\nNOOP response ${b64:\\0a} response\\n\nS: 500 response1\n", LEFT("1") "C!: AUTH X ${response1}\\nNOOP **** ${b64:\\0a} ****\\n\nS: 500 ****1\n"},
    {"indented, CRLF", "  C: AUTH PLAIN AGJvYgBodW50ZXIy\r\n  S: 235\r\n", GIVEN "%auth PLAIN\n  S: 235\n"},
};
/* clang-format on */

static struct slice masked(struct script_arena *arena, struct slice script)
{
    struct script_buffer text = {.arena = arena};
    struct mask m = mask_script(arena, script);
    for (size_t i = 0; i < m.count; i++) {
        script_buffer_put(&text, m.lines[i].text);
        script_buffer_put_octet(&text, '\n');
    }
    return script_buffer_slice(&text);
}

static void rows_are_masked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct script_arena *arena = script_arena_new();
        struct slice script = law_copy(slice_of_cstr(rows[i].script));
        struct slice got = masked(arena, script);
        if (!slice_equal(got, slice_of_cstr(rows[i].masked)))
            fail_msg("%s: got\n%.*s", rows[i].name, (int)got.len, (const char *)got.ptr);
        if (!slice_equal(masked(arena, got), got))
            fail_msg("%s: what is masked is masked again", rows[i].name);
        law_free(script);
        script_arena_free(arena);
    }
}

/* Whatever a transcript is cut to. */
static void any_beginning_is_masked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t len = 0; len <= strlen(rows[i].script); len++) {
            struct script_arena *arena = script_arena_new();
            struct slice script = law_copy(slice_of(rows[i].script, len));
            struct mask m = mask_script(arena, script);
            for (size_t j = 0; j < m.count; j++)
                assert_in_range(m.lines[j].from, 0, len);
            law_free(script);
            script_arena_free(arena);
        }
}

/* More responses than there are variables for. */
static void names_are_bounded(void **state)
{
    (void)state;
    struct script_arena *arena = script_arena_new();
    struct script_buffer text = {.arena = arena};
    script_buffer_put(&text, SLICE("S: 220\n"));
    for (size_t i = 0; i < 300; i++)
        script_buffer_put(&text, SLICE("C: AUTH X AA\nS: 504\n"));
    struct script *script = script_load(masked(arena, script_buffer_slice(&text)), NULL);
    assert_int_equal(script->error_count, 0);
    script_free(script);
    script_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_masked),
        cmocka_unit_test(any_beginning_is_masked),
        cmocka_unit_test(names_are_bounded),
    };
    return cmocka_run_group_tests_name("mask", tests, NULL, NULL);
}
