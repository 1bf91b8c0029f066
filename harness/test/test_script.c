#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>

#include "law.h"
#include "script/script.h"

/* ---- a script, printed ---------------------------------------------------------------------- */

static void put_octets(FILE *out, struct slice octets)
{
    for (size_t i = 0; i < octets.len; i++) {
        uint8_t octet = octets.ptr[i];
        if (octet == '\r' || octet == '\n')
            fputs(octet == '\r' ? "\\r" : "\\n", out);
        else if (octet < 32 || octet > 126)
            fprintf(out, "\\x%02x", octet);
        else
            fputc(octet, out);
    }
}

static void put_text(FILE *out, struct script_text text)
{
    for (size_t i = 0; i < text.count; i++) {
        const struct script_part *part = &text.parts[i];
        if (part->kind == SCRIPT_PART_BASE64) {
            fputs("<b64 ", out);
            put_text(out, *part->of);
            fputc('>', out);
        } else if (part->kind == SCRIPT_PART_VARIABLE) {
            fputc('<', out);
            put_octets(out, part->text);
            if (part->has_fallback)
                fputc('=', out);
            put_octets(out, part->fallback);
            fputc('>', out);
        } else {
            fputc('[', out);
            put_octets(out, part->text);
            fputc(']', out);
        }
    }
}

static void put_outcomes(FILE *out, const char *name, struct script_outcomes set)
{
    for (size_t i = 0; i < set.count; i++) {
        const struct script_outcome *item = &set.items[i];
        fprintf(out, "%s%s", i == 0 ? name : "/", i == 0 && item->negated ? "!" : "");
        if (item->kind != SCRIPT_OUTCOME_CODE)
            fputs(item->kind == SCRIPT_OUTCOME_EOF ? "<EOF>" : "*", out);
        for (size_t j = 0; j < 3 && item->kind == SCRIPT_OUTCOME_CODE; j++)
            fputc(item->digit[j] == SCRIPT_ANY_DIGIT ? 'x' : '0' + item->digit[j], out);
    }
}

static void put_expectation(FILE *out, const struct script_expectation *reply)
{
    static const char *const kinds[] = {" line ", " exact ", " pattern"};
    put_outcomes(out, " ", reply->pass);
    put_outcomes(out, " warn ", reply->warn);
    put_outcomes(out, " unclear ", reply->unclear);
    if (reply->enhanced.written)
        fprintf(out, " enhanced %d.%d.%d", reply->enhanced.part[0], reply->enhanced.part[1],
                reply->enhanced.part[2]);
    if (reply->decisive)
        fputs(" decides", out);
    if (reply->within_ms > 0)
        fprintf(out, " within %u", (unsigned)reply->within_ms);
    for (size_t i = 0; i < reply->line_count; i++) {
        fprintf(out, "%s", kinds[reply->lines[i].kind]);
        put_text(out, reply->lines[i].text);
        assert_true((reply->lines[i].pattern != NULL) ==
                    (reply->lines[i].kind == SCRIPT_LINE_PATTERN));
    }
}

static void put_send(FILE *out, const struct script_send *send)
{
    static const char *const roles[] = {"command", "message", "auth", "raw"};
    fprintf(out, " %s ", roles[send->role]);
    put_text(out, send->text);
    if (send->alone)
        fputs(" alone", out);
    if (send->secret)
        fprintf(out, " secret after %zu", send->shown);
    if (send->ends_message)
        fputs(" ends", out);
}

static void put_rest(FILE *out, const struct script_step *step)
{
    const struct script_tls *tls = &step->as.tls;
    if (step->kind == SCRIPT_QUIET || step->kind == SCRIPT_SLEEP)
        fprintf(out, " %u", (unsigned)step->as.ms);
    if (step->kind == SCRIPT_TLS) {
        fprintf(out, " %d %x %x ", (int)tls->verify, tls->min_version, tls->max_version);
        put_octets(out, tls->sni);
    }
    for (size_t i = 0; step->kind == SCRIPT_EHLO && i < step->as.ehlo.count; i++) {
        const struct script_ehlo_claim *claim = &step->as.ehlo.items[i];
        fputs(claim->present ? " +" : " -", out);
        put_octets(out, claim->keyword);
        fputs(claim->param.len > 0 ? "=" : "", out);
        put_octets(out, claim->param);
    }
    if (step->kind == SCRIPT_CAPTURE) {
        assert_non_null(step->as.capture.pattern);
        fputc(' ', out);
        put_octets(out, step->as.capture.name);
    }
}

static void put_step(FILE *out, const struct script_step *step)
{
    static const char *const kinds[] = {"send",  "expect",   "tls",  "quiet",  "sleep",
                                        "close", "shutdown", "ehlo", "capture"};
    fprintf(out, "%zu:%zu %s", step->line, step->column, kinds[step->kind]);
    if (step->kind == SCRIPT_SEND)
        put_send(out, &step->as.send);
    else if (step->kind == SCRIPT_EXPECT)
        put_expectation(out, &step->as.expect);
    else
        put_rest(out, step);
    if (step->answers != SCRIPT_NO_STEP)
        fprintf(out, " to %zu", step->answers);
    fputs(step->lax ? " lax\n" : "\n", out);
}

static void put_test(FILE *out, const struct script_test *test)
{
    fprintf(out, "test %zu %s ", test->line, script_level_name(test->level));
    put_octets(out, test->title);
    const struct slice words[] = {test->id, test->rfc, test->fault};
    for (size_t i = 0; i < 3; i++) {
        fputs(words[i].len > 0 ? " " : "", out);
        put_octets(out, words[i]);
    }
    for (size_t i = 0; i < test->require_count; i++) {
        const struct script_require *item = &test->requires[i];
        fprintf(out, " %zu:%zu ", item->line, item->column);
        put_octets(out, item->token);
    }
    for (size_t i = 0; i < test->secret_count; i++) {
        fputs(" secret ", out);
        put_octets(out, test->secrets[i]);
    }
    fputs(test->has_decisive ? " decisive\n" : "\n", out);
}

/* Free it. */
static char *printed(const struct script *script)
{
    static const char *const severities[] = {"error", "warning", "note"};
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    for (size_t i = 0; i < script->diagnostic_count; i++) {
        const struct script_diagnostic *d = &script->diagnostics[i];
        fprintf(out, "%s %zu:%zu:%zu ", severities[d->severity], d->line, d->column, d->width);
        put_octets(out, d->message);
        fputc('\n', out);
    }
    for (size_t i = 0; i < script->test_count; i++) {
        put_test(out, &script->tests[i]);
        for (size_t j = 0; j < script->tests[i].step_count; j++)
            put_step(out, &script->tests[i].steps[j]);
    }
    fclose(out);
    return text;
}

/* ---- laws ----------------------------------------------------------------------------------- */

static void check_places(const struct script *script)
{
    size_t errors = 0;
    for (size_t i = 0; i < script->diagnostic_count; i++) {
        const struct script_diagnostic *d = &script->diagnostics[i];
        struct slice line = script_source_line(script, d->line);
        errors += d->severity == SCRIPT_ERROR;
        assert_true(d->line >= 1 && d->line <= script->line_count);
        assert_true(d->column >= 1 && d->column <= line.len + 1 && d->width >= 1);
        assert_true(d->width == 1 || d->column - 1 + d->width <= line.len);
        assert_true(i == 0 || script->diagnostics[i - 1].line <= d->line);
        assert_true(d->message.len > 0);
    }
    assert_int_equal(errors, script->error_count);
    assert_int_equal(script->error_count == 0, script->test_count > 0);
}

static const struct slice known[] = {SLICE_INIT("given"), SLICE_INIT("queue")};
static const struct script_options options = {
    .name = SLICE_INIT("t.smtp"), .known = known, .known_count = 2};

/* Prints what an exact-size copy of `source` loads to, freed before it is printed. Free it. */
static char *loaded(struct slice source)
{
    struct slice copy = law_copy(source);
    struct script *script = script_load(copy, &options);
    law_free(copy);
    assert_slice_equal(script->source, source);
    assert_slice_equal(script->name, SLICE("t.smtp"));
    check_places(script);
    char *text = printed(script);
    script_free(script);
    return text;
}

struct row {
    const char *name;
    struct slice source;
    const char *expected;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *text = loaded(rows[i].source);
        if (strcmp(text, rows[i].expected) != 0)
            fail_msg("%s\n--- is\n%s--- should be\n%s", rows[i].name, text, rows[i].expected);
        free(text);
        for (size_t len = 0; len < rows[i].source.len; len++)
            free(loaded(slice_sub(rows[i].source, 0, len)));
    }
}
#define CHECK_ROWS(rows) check_rows((rows), sizeof(rows) / sizeof *(rows))

/* ---- good scripts --------------------------------------------------------------------------- */

/* clang-format off */
static const struct row sends[] = {
    {"lines, and who answers what",
     SLICE_INIT("S: 220\nC: EHLO a\nS: 250-a\nS: 250 SIZE\nC: NOOP\nC: QUIT\nS: 250\nS: 221\nS: <EOF>\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:4 send command [EHLO a\\r\\n]\n"
     "3:4 expect 250 decides line [a] line [SIZE] to 1\n"
     "5:4 send command [NOOP\\r\\n]\n"
     "6:4 send command [QUIT\\r\\n]\n"
     "7:4 expect 250 decides line  to 3\n"
     "8:4 expect 221 decides line  to 4\n"
     "9:4 expect <EOF> decides to 4\n"},
    {"CRLF, indentation, comments, blank lines, no space after the tag, a byte order mark",
     SLICE_INIT("\xEF\xBB\xBF# \xEF\r\n\r\n   S: 220 hi\r\n\tC:NOOP \r\n \t \r\nS:250"),
     "test 1 MUST t.smtp\n"
     "3:7 expect 220 decides line [hi]\n"
     "4:4 send command [NOOP \\r\\n]\n"
     "6:3 expect 250 decides line  to 1\n"},
    {"empty line, blanks and a # are octets too",
     SLICE_INIT("S: 220\nC:\nC:  # \\q\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:3 send command [\\r\\n]\n"
     "3:4 send command [ # \\q\\r\\n]\n"},
    {"octets", SLICE_INIT("S: 220\nC!: a\\r\\n\\t\\0\\\\\\x7F\\xff \nS: 500\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:5 send raw [a\\r\\n\\x09\\x00\\\\x7f\\xff ] alone\n"
     "3:4 expect 500 decides line  to 1\n"},
    {"two commands in one write, one command in two",
     SLICE_INIT("S: 220\nC!: NOOP\\r\\nRSET\\r\\n\nC!: QU\nC!: IT\\r\\n\nS: 250\nS: 251\nS: 221\n"),
     "test 1 MUST t.smtp\n"
     "1:4 expect 220 decides line \n"
     "2:5 send raw [NOOP\\r\\nRSET\\r\\n] alone\n"
     "3:5 send raw [QU] alone\n"
     "4:5 send raw [IT\\r\\n] alone\n"
     "5:4 expect 250 decides line  to 1\n"
     "6:4 expect 251 decides line  to 1\n"
     "7:4 expect 221 decides line  to 3\n"},
    {"%flush",
     SLICE_INIT("%flush each\nC: a\n%flush group\nC: b\n"),
     "test 1 MUST t.smtp\n2:4 send command [a\\r\\n] alone\n4:4 send command [b\\r\\n]\n"},
    {"%lax",
     SLICE_INIT("%lax\nC: a\n%lax off\nC: b\n%lax on\n%close\n"),
     "test 1 MUST t.smtp\n2:4 send command [a\\r\\n] lax\n4:4 send command [b\\r\\n]\n6:1 close lax\n"},
};
/* clang-format on */

static void lines(void **state)
{
    (void)state;
    CHECK_ROWS(sends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines)};
    return cmocka_run_group_tests_name("script", tests, NULL, NULL);
}
