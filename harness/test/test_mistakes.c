/* What a newcomer writes: each mistake has its place, a suggestion, and where to read on. */
#include <stdio.h>

#include "law.h"
#include "printed.h"

struct row {
    struct slice source;
    const char *expected; /* of the first diagnostic: line:column:width severity topic message */
};

#define NO_LINE "no line of a script: C:, C!:, S:, S~:, S=:, %directive or #"
#define NO_CODE "no reply code: 200 to 599, x for any digit, * or <EOF>"

/* clang-format off */
static const struct row rows[] = {
    /* who speaks */
    {SLICE_INIT("S: 220\nC EHLO x\n"), "2:1:1 error lines " NO_LINE "; did you mean C:?"},
    {SLICE_INIT("S 220\n%close\n"), "1:1:1 error lines " NO_LINE "; did you mean S:?"},
    {SLICE_INIT("S: 220\nc: EHLO x\n"), "2:1:2 error lines " NO_LINE "; did you mean C:?"},
    {SLICE_INIT("S: 220\n  s: 250\n"), "2:3:2 error lines " NO_LINE "; did you mean S:?"},
    {SLICE_INIT("S: 220\nC; NOOP\n"), "2:1:2 error lines " NO_LINE "; did you mean C:?"},
    {SLICE_INIT("S: 220\nC : NOOP\n"), "2:1:1 error lines " NO_LINE "; did you mean C:?"},
    {SLICE_INIT("S: 220\nC:! NOOP\n"), "2:3:1 warning lines it goes out as it stands; did you mean C!:?"},
    {SLICE_INIT("S: 220\nS\xEF\xBC\x9A 250\n"), "2:1:4 error lines " NO_LINE "; did you mean S:?"},
    {SLICE_INIT("S: 220\nClient: NOOP\n"), "2:1:7 error lines " NO_LINE "; did you mean C:?"},
    {SLICE_INIT("S: 220\nserver: 250\n"), "2:1:7 error lines " NO_LINE "; did you mean S:?"},
    {SLICE_INIT("S: 220\nR: 250\n"), "2:1:2 error lines " NO_LINE "; did you mean S:?"},
    {SLICE_INIT("S: 220\n> NOOP\n"), "2:1:1 error lines " NO_LINE "; did you mean C:?"},
    {SLICE_INIT("S: 220\n<- 250\n"), "2:1:2 error lines " NO_LINE "; did you mean S:?"},
    {SLICE_INIT("S: 220\nX: NOOP\n"), "2:1:2 error lines " NO_LINE},
    {SLICE_INIT("S: 220\nNOOP\n"), "2:1:4 error lines " NO_LINE "; did you mean C:?"},
    {SLICE_INIT("S: 220\nC[b]: NOOP\n"), "2:2:3 error lines no %connect of that name stands before it"},
    {SLICE_INIT("S: 220\nC[b]!: NOOP\\r\\n\n"), "2:1:6 error lines " NO_LINE "; did you mean C![b]:?"},
    {SLICE_INIT("S: 220\nS[b]=: 250\n"), "2:1:6 error lines " NO_LINE "; did you mean S=[b]:?"},
    {SLICE_INIT("S: 220\nC[b]! NOOP\n"), "2:1:5 error lines " NO_LINE "; did you mean C![b]:?"},
    {SLICE_INIT("S: 220\nC[b!: NOOP\n"), "2:1:5 error lines " NO_LINE},
    /* comments */
    {SLICE_INIT("// x\nS: 220\n"), "1:1:2 error lines no line of a script: a comment begins with # in column 1"},
    {SLICE_INIT("S: 220\n  # x\n"), "2:3:1 error lines no line of a script: a comment begins with # in column 1"},
    {SLICE_INIT("S: 220\n; x\n"), "2:1:1 error lines no line of a script: a comment begins with # in column 1"},
    /* directives */
    {SLICE_INIT("S: 220\n%tsl\n"), "2:1:4 error directives unknown directive; did you mean %tls?"},
    {SLICE_INIT("S: 220\n%TLS\n"), "2:1:4 error directives unknown directive; did you mean %tls?"},
    {SLICE_INIT("S: 220\n%endif\n"), "2:1:6 error directives unknown directive; did you mean %end?"},
    {SLICE_INIT("S: 220\n%starttls\n"), "2:1:9 error directives unknown directive; did you mean %tls?"},
    {SLICE_INIT("S: 220\n%wait 1s\n"), "2:1:5 error directives unknown directive; did you mean %sleep?"},
    {SLICE_INIT("S: 220\n%xyzzy\n"), "2:1:6 error directives unknown directive"},
    {SLICE_INIT("S: 220\n%if VRFY\n%end\n"), "2:5:4 error branches-and-loops no condition: ehlo KEY, reply CODES, secure, or a word of %require; did you mean ehlo VRFY?"},
    {SLICE_INIT("S~: /250.*/\n"), "1:5:7 warning lines the slashes are part of the pattern: leave them out"},
    {SLICE_INIT("S: 250 or 251\n"), "1:8:6 warning codes this is text: codes are joined by a slash, 250/251"},
    {SLICE_INIT("S: 250 or so\n"), NULL},
    {SLICE_INIT("C: NOOP\n250 ok\n"), "2:1:3 error lines " NO_LINE "; did you mean S:?"},
    {SLICE_INIT("S: 220\nC: RCPT TO:<${recipient}>\n"), "2:13:12 error variables undefined variable: %set, %capture and --set define them"},
    {SLICE_INIT("S: 220\n% tls\n"), "2:1:1 error directives a directive's name stands right behind the %: %test, %data"},
    {SLICE_INIT("%test RCPT first\nS: 220\n"), "1:7:10 error directives a title in quotes follows: %test \"title\""},
    {SLICE_INIT("%test \"a\nS: 220\n"), "1:7:1 error directives no quote ends the title"},
    {SLICE_INIT("%test \"a\" lvl=MUST\nS: 220\n"), "1:11:3 error directives unknown attribute"},
    {SLICE_INIT("%test \"a\" levle=MUST\nS: 220\n"), "1:11:5 error directives unknown attribute; did you mean level=?"},
    {SLICE_INIT("%test \"a\" rfc=RFC5321\nS: 220\n"), "1:15:7 error directives rfc= is a number and a section: 5321#4.1.4"},
    {SLICE_INIT("%require size\nS: 220\n"), "1:10:4 error directives unknown requirement; did you mean ehlo:size?"},
    {SLICE_INIT("%require rctp\nS: 220\n"), "1:10:4 error directives unknown requirement; did you mean rcpt?"},
    {SLICE_INIT("S: 220\n%ehlo SIZE\n"), "2:7:4 error assertions no claim: +KEYWORD, -KEYWORD, +KEYWORD=PARAM, unique or registered; did you mean +SIZE?"},
    {SLICE_INIT("S: 220\n%sleep 2\n"), "2:8:1 error directives no duration: 500ms, 2s or 1m, a day at most"},
    {SLICE_INIT("S: 220\n%auth SCRAM-SHA256\n"), "2:7:12 warning directives nothing here computes that mechanism: the test is skipped; did you mean SCRAM-SHA-256?"},
    {SLICE_INIT("S: 220\n%auth GSS-SPNEGO\n"), "2:7:10 warning directives nothing here computes that mechanism: the test is skipped"},
    {SLICE_INIT("%secret pas\nS: 220\n"), "1:9:3 warning directives nothing defines it so far; did you mean pass?"},
    {SLICE_INIT("S: 220\n%message header Subject\n"), "2:1:8 error delivered-messages about which message? %message contains TEXT stands before it"},
    {SLICE_INIT("S: 220\n%message absent contains x\n%capture a message /b/\n"), "3:1:8 error directives about which message? %message contains TEXT stands before it"},
    {SLICE_INIT("%require ehlo:SIZE\nS: 220\nC: HELO a\nS: 250\n"), "1:1:5 warning directives %require ehlo: has no effect: the test sends no EHLO"},
    {SLICE_INIT("S: 354\n%data << EOT\nEOT\n"), "2:7:2 error directives no blank stands behind it: <<EOT, @message.eml"},
    {SLICE_INIT("S: 354\n%data <<EOT\nx\n"), "2:9:3 error directives no line with this word ends the text"},
    {SLICE_INIT("S: 220\n%use none.smtp\n"), "2:6:9 error other-files cannot read none.smtp"},
    /* branches */
    {SLICE_INIT("S: 220\n%if ehlo SIZE\nC: QUIT\n"), "2:1:3 error branches-and-loops no %end closes it"},
    {SLICE_INIT("S: 220\n%end\n"), "2:1:4 error branches-and-loops no %if or %repeat stands before it"},
    {SLICE_INIT("S: 220\n%else\n"), "2:1:5 error branches-and-loops no %if stands before it"},
    {SLICE_INIT("S: 220\n%if sercure\n%end\n"), "2:5:7 error branches-and-loops no condition: ehlo KEY, reply CODES, secure, or a word of %require; did you mean secure?"},
    /* replies */
    {SLICE_INIT("S:\t220\n"), "1:3:4 error codes one space, and no more, stands before the code: S: 250"},
    {SLICE_INIT("S:  220\n"), "1:4:4 error codes one space, and no more, stands before the code: S: 250"},
    {SLICE_INIT("S:\n"), "1:3:1 error codes a reply code is missing: S: 250"},
    {SLICE_INIT("S: OK\n"), "1:4:2 error codes " NO_CODE},
    {SLICE_INIT("S: 2500\n"), "1:4:4 error codes " NO_CODE},
    {SLICE_INIT("S: 250|251\n"), "1:4:7 error codes " NO_CODE "; did you mean 250/251?"},
    {SLICE_INIT("S: 250,251\n"), "1:4:7 error codes " NO_CODE "; did you mean 250/251?"},
    {SLICE_INIT("S: EOF\n"), "1:4:3 error codes " NO_CODE "; did you mean <EOF>?"},
    {SLICE_INIT("S: 250 | wran 5xx\n"), "1:10:4 error verdicts no verdict: pass, warn or unclear; did you mean warn?"},
    {SLICE_INIT("S: 250 | warn\n"), "1:10:4 error verdicts its codes follow a verdict: | warn 250/251"},
    {SLICE_INIT("S: 250-a\nC: NOOP\n"), "1:4:3 error lines the reply does not end: its last line has no \"-\""},
    {SLICE_INIT("S~: (250\n"), "1:9:1 error lines bad pattern: missing closing parenthesis"},
    /* variables */
    {SLICE_INIT("S: 220\nC: EHLO ${clinet}\n"), "2:9:9 error variables undefined variable; did you mean ${client}?"},
    {SLICE_INIT("S: 220\nC: EHLO ${client\n"), "2:9:2 error variables no } ends this ${; $${ is ${ itself"},
    {SLICE_INIT("S: 220\nC: RCPT TO:<$rcpt>\n"), "2:13:1 warning lines it goes out as it stands; a variable is written ${name}"},
    {SLICE_INIT("S: 220\nC: RCPT TO:<$(rcpt)>\n"), "2:13:1 warning lines it goes out as it stands; a variable is written ${name}"},
    {SLICE_INIT("S: 220\nC: $rcpts and $\n"), NULL},
    {SLICE_INIT("S: 220\nC: NOOP\\r\\n\n"), "2:8:2 warning lines it goes out as it stands; escapes are read in C!: lines"},
    /* no mistakes at all */
    {SLICE_INIT("\xEF\xBB\xBFS: 220\r\n\tC: QUIT\r\n \t\r\nS: 221\r\n"), NULL},
};
/* clang-format on */

static void each_has_its_place_and_topic(void **state)
{
    static const char *const severities[] = {"error", "warning", "note"};
    int wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice in = law_copy(rows[i].source);
        struct script *script = script_load(in, &printed_options);
        law_free(in);
        char got[512] = "";
        printed_check_places(script);
        if (script->diagnostic_count > 0) {
            const struct script_diagnostic *d = &script->diagnostics[0];
            snprintf(got, sizeof got, "%zu:%zu:%zu %s %s %.*s", d->line, d->column, d->width,
                     severities[d->severity], d->topic, (int)d->message.len,
                     (const char *)d->message.ptr);
        }
        if (strcmp(got, rows[i].expected == NULL ? "" : rows[i].expected) != 0)
            wrong += printf("%.*s\n  got      %s\n  expected %s\n", (int)rows[i].source.len,
                            (const char *)rows[i].source.ptr, got,
                            rows[i].expected == NULL ? "" : rows[i].expected);
        script_free(script);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_has_its_place_and_topic)};
    return cmocka_run_group_tests_name("mistakes", tests, NULL, NULL);
}
