#define _POSIX_C_SOURCE 200809L

#include "printed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "law.h"

/* ---- a script, printed ---- */

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

/* What is done with the text inside. */
static void put_part_head(FILE *out, const struct script_part *part)
{
    static const char *const functions[] = {
        [SCRIPT_FUNCTION_BASE64] = "b64",    [SCRIPT_FUNCTION_UNBASE64] = "unb64",
        [SCRIPT_FUNCTION_XTEXT] = "xtext",   [SCRIPT_FUNCTION_UPPER] = "upper",
        [SCRIPT_FUNCTION_LOWER] = "lower",   [SCRIPT_FUNCTION_LOCAL_PART] = "local",
        [SCRIPT_FUNCTION_DOMAIN] = "domain", [SCRIPT_FUNCTION_BACKSLASHED] = "backslash",
        [SCRIPT_FUNCTION_LENGTH] = "len",    [SCRIPT_FUNCTION_PROXY] = "proxy",
    };
    static const char operators[] = "+-*/<>";
    if (part->kind == SCRIPT_PART_FUNCTION)
        fprintf(out, "<%s ", functions[part->function]);
    else if (part->kind == SCRIPT_PART_TIMES)
        fprintf(out, "<%" PRIu64 " times ", part->count);
    else if (part->kind == SCRIPT_PART_CHUNK)
        fprintf(out, "<chunk %" PRIu64 "%s%s of ", part->count, part->last ? " last" : "",
                part->ends ? " ends" : "");
    else if (part->kind == SCRIPT_PART_CHUNKS)
        fprintf(out, "<chunks %" PRIu64 " of ", part->count);
    else
        fputs("<number", out);
    for (size_t i = 0; i < part->operation_count; i++)
        fprintf(out, " %c %" PRIu64 "/%" PRIu64, operators[part->operations[i].what],
                part->operations[i].number, part->operations[i].scale);
    if (part->operation_count > 0)
        fputs(" of ", out);
}

static void put_text(FILE *out, struct script_text text)
{
    for (size_t i = 0; i < text.count; i++) {
        const struct script_part *part = &text.parts[i];
        if (part->of != NULL) {
            put_part_head(out, part);
            put_text(out, *part->of);
            fputc('>', out);
        } else if (part->kind == SCRIPT_PART_ROUND) {
            fprintf(out, "<round %d>", part->depth);
        } else if (part->kind == SCRIPT_PART_DATE) {
            fprintf(out, "<date %+" PRId64 "%s>", part->offset_s, part->rfc3339 ? " rfc3339" : "");
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
        static const char *const names[] = {"", "*", "<EOF>", "<quiet>", "<alert>"};
        fputs(names[item->kind], out);
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
        assert_int_equal(reply->lines[i].pattern != NULL,
                         reply->lines[i].kind == SCRIPT_LINE_PATTERN);
    }
}

static void put_segment(FILE *out, const struct script_segment *segment)
{
    static const char *const kinds[] = {" cut", " cut at random", " joined"};
    fputs(kinds[segment->kind], out);
    for (size_t i = 0; i < segment->count; i++)
        fprintf(out, " %u", (unsigned)segment->lengths[i]);
    if (segment->kind == SCRIPT_SEGMENT_RANDOM)
        fprintf(out, " %" PRIu64, segment->seed);
    if (segment->every_ms > 0)
        fprintf(out, " every %u", (unsigned)segment->every_ms);
}

static void put_send(FILE *out, const struct script_send *send)
{
    static const char *const roles[] = {"command", "message", "auth", "raw", "chunk", "proxy"};
    fprintf(out, " %s ", roles[send->role]);
    put_text(out, send->text);
    if (send->alone)
        fputs(" alone", out);
    if (send->segment != NULL)
        put_segment(out, send->segment);
    if (send->secret)
        fprintf(out, " secret after %zu", send->shown);
    if (send->ends_message)
        fputs(" ends", out);
}

static void put_condition(FILE *out, const struct script_condition *condition)
{
    static const char *const kinds[] = {"ehlo ",  "reply",    "pattern",
                                        "secure", "feature ", "compare"};
    fprintf(out, " %s%s", condition->negated ? "!" : "", kinds[condition->kind]);
    put_octets(out, condition->claim.keyword);
    fputs(condition->claim.param.len > 0 ? "=" : "", out);
    put_octets(out, condition->claim.param);
    put_outcomes(out, " ", condition->reply);
    put_octets(out, condition->feature);
}

static void put_assertion(FILE *out, const struct script_assert *assertion)
{
    static const char *const of[] = {" reply", " replies", " text "};
    static const char *const kinds[] = {
        "code",           "some",      "every",    "no",          "first",
        "last",           "other",     "raw",      "form",        "crlf",
        "ascii",          "length",    "enhanced", "no-enhanced", "same-enhanced",
        "enhanced-class", "registered"};
    fputs(of[assertion->of], out);
    if (assertion->of == SCRIPT_ASSERT_TEXT) {
        put_text(out, assertion->compare.left);
        fprintf(out, " %d ", (int)assertion->compare.how);
        put_text(out, assertion->compare.right);
        return;
    }
    fprintf(out, " %s", kinds[assertion->kind]);
    put_outcomes(out, " ", assertion->pass);
    put_outcomes(out, " warn ", assertion->warn);
    put_outcomes(out, " unclear ", assertion->unclear);
    if (assertion->max_octets > 0)
        fprintf(out, " %zu", assertion->max_octets);
    bool lines = assertion->kind >= SCRIPT_ASSERT_SOME_LINE && assertion->kind <= SCRIPT_ASSERT_RAW;
    assert_int_equal(lines, assertion->pattern != NULL);
}

static void put_secure(FILE *out, const struct script_step *step)
{
    const struct script_tls *tls = &step->as.tls;
    if (step->kind == SCRIPT_TLS) {
        fprintf(out, " %d %x %x ", (int)tls->verify, tls->min_version, tls->max_version);
        put_octets(out, tls->sni);
        const struct slice texts[] = {tls->ciphers, tls->alpn, tls->cert, tls->pin};
        for (size_t i = 0; i < 4; i++) {
            fputs(texts[i].len > 0 ? " " : "", out);
            put_octets(out, texts[i]);
        }
        for (size_t i = 0; i < tls->later_count; i++) {
            fputc(' ', out);
            put_octets(out, script_tls_names[tls->later[i].name]);
            fputc('=', out);
            put_text(out, tls->later[i].text);
        }
    }
    if (step->kind == SCRIPT_AUTH) {
        const struct script_auth *auth = &step->as.auth;
        fputc(' ', out);
        put_octets(out, auth->mechanism);
        const struct script_text texts[] = {auth->user, auth->pass, auth->authzid};
        for (size_t i = 0; i < 3; i++) {
            fputc(' ', out);
            put_text(out, texts[i]);
        }
        fputs(auth->late ? " late" : "", out);
    }
    if (step->kind == SCRIPT_SECURED) {
        assert_non_null(step->as.secured.pattern);
        fputs(step->as.secured.negated ? " ! " : " ", out);
        put_octets(out, step->as.secured.key);
    }
}

static void put_connection(FILE *out, const struct script_step *step)
{
    static const char *const how[] = {"", " tls", " plain"};
    if (step->kind == SCRIPT_CONNECT)
        fputs(how[step->as.connect], out);
    if (step->kind == SCRIPT_CLOSE && step->as.reset)
        fputs(" reset", out);
}

static void put_message(FILE *out, const struct script_message *message)
{
    static const char *const kinds[] = {" arrives ", " absent ", " header ", " line", " raw"};
    static const char *const amounts[] = {"", " no", " one", " first"};
    fprintf(out, "%s%s", amounts[message->amount], kinds[message->kind]);
    if (message->within_ms > 0)
        fprintf(out, "%u ", (unsigned)message->within_ms);
    put_text(out, message->to);
    put_text(out, message->token);
    put_octets(out, message->field);
    fputs(message->pattern != NULL ? " matches" : "", out);
}

static void put_rest(FILE *out, const struct script_step *step)
{
    if (step->kind == SCRIPT_QUIET || step->kind == SCRIPT_SLEEP)
        fprintf(out, " %u", (unsigned)step->as.wait.ms);
    if (step->kind == SCRIPT_QUIET) {
        put_outcomes(out, " warn ", step->as.wait.warn);
        put_outcomes(out, " unclear ", step->as.wait.unclear);
    }
    if (step->kind == SCRIPT_ASSERT)
        put_assertion(out, &step->as.assertion);
    put_secure(out, step);
    put_connection(out, step);
    if (step->kind == SCRIPT_MESSAGE)
        put_message(out, &step->as.message);
    for (size_t i = 0; step->kind == SCRIPT_EHLO && i < step->as.ehlo.count; i++) {
        const struct script_ehlo_claim *claim = &step->as.ehlo.items[i];
        static const char *const claims[] = {"", " unique", " registered"};
        fputs(claims[claim->kind], out);
        if (claim->kind == SCRIPT_CLAIM_KEYWORD)
            fputs(claim->present ? " +" : " -", out);
        if (claim->has_above)
            fprintf(out, ">%" PRIu64 " of ", claim->above);
        put_octets(out, claim->keyword);
        fputs(claim->param.len > 0 ? "=" : "", out);
        put_octets(out, claim->param);
    }
    const struct script_flow *flow = &step->as.flow;
    if (step->kind == SCRIPT_REPEAT) {
        fprintf(out, " depth %d ", flow->depth);
        put_text(out, flow->count);
    }
    if (step->kind >= SCRIPT_IF && step->kind <= SCRIPT_AGAIN && flow->condition != NULL)
        put_condition(out, flow->condition);
    if (step->kind >= SCRIPT_IF && step->kind <= SCRIPT_AGAIN)
        fprintf(out, " -> %zu", flow->target);
    if (step->kind == SCRIPT_CAPTURE) {
        assert_non_null(step->as.capture.pattern);
        fputc(' ', out);
        put_octets(out, step->as.capture.name);
    }
}

static void put_step(FILE *out, const struct script_step *step)
{
    static const char *const kinds[] = {"send",    "expect",  "tls",     "quiet",    "sleep",
                                        "close",   "connect", "barrier", "shutdown", "ehlo",
                                        "capture", "assert",  "auth",    "secured",  "message",
                                        "if",      "else",    "repeat",  "again",    "end"};
    fprintf(out, "%zu:%zu %s", step->line, step->column, kinds[step->kind]);
    if (step->connection > 0)
        fprintf(out, "[%u]", step->connection);
    if (step->kind == SCRIPT_SEND)
        put_send(out, &step->as.send);
    else if (step->kind == SCRIPT_EXPECT)
        put_expectation(out, &step->as.expect);
    else
        put_rest(out, step);
    static const char *const weights[] = {"", " | fail", " | warn", " | unclear"};
    fputs(weights[step->weight], out);
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

char *printed_script(const struct script *script)
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

/* ---- laws ---- */

void printed_check_places(const struct script *script)
{
    size_t errors = 0;
    for (size_t i = 0; i < script->diagnostic_count; i++) {
        const struct script_diagnostic *d = &script->diagnostics[i];
        struct slice line = script_source_line(script, d->line);
        errors += d->severity == SCRIPT_ERROR;
        const struct script_file *last = &script->files[script->file_count - 1];
        assert_true(d->line >= 1 && d->line <= last->lines_before + last->line_count);
        assert_true(d->column >= 1 && d->column <= line.len + 1 && d->width >= 1);
        assert_true(d->width == 1 || d->column - 1 + d->width <= line.len);
        assert_true(i == 0 || script->diagnostics[i - 1].line <= d->line);
        assert_true(d->message.len > 0);
    }
    assert_int_equal(errors, script->error_count);
    assert_int_equal(script->error_count == 0, script->test_count > 0);
}

/* ---- files that %use may name ---- */

static const struct {
    struct slice path, octets;
} files[] = {
    {SLICE_INIT("hello.smtp"), SLICE_INIT("# a prelude\nS: 220\nC: EHLO ${client}\nS: 250\n")},
    {SLICE_INIT("sub/deep.smtp"), SLICE_INIT("%use ../hello.smtp\n%use more.smtp\n")},
    {SLICE_INIT("sub/more.smtp"), SLICE_INIT("C: NOOP\nS: 250")},
    {SLICE_INIT("sets.smtp"), SLICE_INIT("%set hi=NOOP\n%require tls\n%lax\n")},
    {SLICE_INIT("self.smtp"), SLICE_INIT("%use self.smtp\n")},
    {SLICE_INIT("wrong.smtp"), SLICE_INIT("S: 220\n%tsl\nS: 250-a\n")},
    {SLICE_INIT("open.smtp"), SLICE_INIT("%if secure\n%test \"x\"\n")},
    {SLICE_INIT("end.smtp"), SLICE_INIT("%end\n%else\n")},
    {SLICE_INIT("a.eml"), SLICE_INIT("a: b\r\n\n.${x}\nno end")},
    {SLICE_INIT("empty"), SLICE_INIT("")},
};

static bool read_file(void *context, struct slice path, struct slice *ret_octets)
{
    (void)context;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (slice_equal(files[i].path, path)) {
            *ret_octets = law_copy(files[i].octets);
            return true;
        }
    return false;
}

static void release_file(void *context, struct slice octets)
{
    (void)context;
    law_free(octets);
}

static const struct slice known[] = {SLICE_INIT("given"), SLICE_INIT("queue")};
const struct script_options printed_options = {
    .name = SLICE_INIT("t.smtp"),
    .known = known,
    .known_count = 2,
    .reader = {read_file, release_file, NULL},
};

char *printed_loaded(struct slice source)
{
    struct slice copy = law_copy(source);
    struct script *script = script_load(copy, &printed_options);
    law_free(copy);
    assert_slice_equal(script->source, source);
    assert_slice_equal(script->name, SLICE("t.smtp"));
    printed_check_places(script);
    char *text = printed_script(script);
    script_free(script);
    return text;
}

void printed_check_rows(const struct printed_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *text = printed_loaded(rows[i].source);
        if (strcmp(text, rows[i].expected) != 0)
            fail_msg("%s\n--- is\n%s--- should be\n%s", rows[i].name, text, rows[i].expected);
        free(text);
        for (size_t len = 0; len < rows[i].source.len; len++)
            free(printed_loaded(slice_sub(rows[i].source, 0, len)));
    }
}
