/*
 * Laws of script_load: what goes out and what is awaited is what a slow second reading makes of the
 * lines, wherever no variable stands in them; diagnostics and steps have their place; what stands
 * around the lines is read as loaded.h has it.
 */
#include "custom.h"
#include "fuzz.h"
#include "laws/loaded.h"
#include "laws/mistaken.h"
#include "script/script.h"
#include "script/transcript.h"
#include "script/transcript_decode.h"

static size_t lines_of(const struct script *script)
{
    const struct script_file *last = &script->files[script->file_count - 1];
    return last->lines_before + last->line_count;
}

/* Any file that a script names is there, and holds one of these. */
static struct slice file_text(struct slice path)
{
    static const struct slice texts[] = {
        SLICE_INIT("C: EHLO a\nS: 250\n%use bb\n"),
        SLICE_INIT("%if secure\n%set x=y\nC: .${x}\n%end\n.\n"),
        SLICE_INIT(""),
        SLICE_INIT(".a\r\nb\n.\n..\r\n.c"),
    };
    return texts[path.len % 4];
}

static bool read_file(void *context, struct slice path, struct slice *ret_octets)
{
    (void)context;
    *ret_octets = fuzz_copy(file_text(path));
    return true;
}

static void release_file(void *context, struct slice octets)
{
    (void)context;
    fuzz_free(octets);
}

/* A code of three digits that is said to stand twice does so in its reply, where nothing was wrong
 * before it. */
static void check_twice(const struct script *script, const struct script_diagnostic *d)
{
    struct slice line = script_source_line(script, d->line);
    struct slice word = slice_from(line, d->column - 1);
    size_t count = 0;
    word.len = d->width < word.len ? d->width : word.len;
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] < '0' || word.ptr[i] > '9')
            return;
    if (!slice_equal(d->message, SLICE("an outcome stands twice")) || word.len != 3 ||
        script->transcript)
        return;
    for (size_t n = d->line; n > 0 && count < 2; n--) { /* a reply's lines have one verdict */
        for (line = script_source_line(script, n); line.len > 0; line = slice_from(line, 1))
            count +=
                slice_starts(line, word) || /* or any digit, "25x" */
                (line.len > 2 && line.ptr[0] == word.ptr[0] && (line.ptr[1] | line.ptr[2]) > '9');
        if (!slice_starts(script_source_line(script, n), SLICE("S")))
            break;
    }
    FUZZ_LAW(count > 1, "what is said to stand twice does");
}

static bool is_plain_line(struct slice line)
{
    static const struct slice begins[] = {SLICE_INIT("S: 2"), SLICE_INIT("C: EHLO "),
                                          SLICE_INIT("C: MAIL FROM:<"), SLICE_INIT("C: RCPT TO:<")};
    size_t i = 0;
    while (i < 4 && !slice_starts(line, begins[i]))
        i++;
    return i < 4 && slice_find(line, '$') == line.len && slice_find(line, '|') == line.len;
}

/* Of a dialogue that goes as RFC 5321 4.1.4 has it up to "%data": DATA was answered there. */
static void check_message_begins(const struct script *script, const struct script_diagnostic *d)
{
    size_t data = d->line;
    if (script->transcript || script->file_count > 1 ||
        !slice_equal(d->message, SLICE("no S: 354 stands before this message")))
        return;
    while (data > 1 && !slice_starts(script_source_line(script, data), SLICE("%data")))
        data--;
    for (size_t n = 1; n + 2 < data; n++) {
        bool reply = slice_starts(script_source_line(script, n), SLICE("S: 2"));
        if (!is_plain_line(script_source_line(script, n)) || reply != (n % 2 == 1))
            return;
    }
    FUZZ_LAW(data % 2 == 1 || data < 4 ||
                 !slice_equal(script_source_line(script, data - 2), SLICE("C: DATA")) ||
                 !slice_equal(script_source_line(script, data - 1), SLICE("S: 354")),
             "a message that S: 354 stands before is begun, and goes on to its end");
}

static void check_diagnostics(const struct script *script)
{
    size_t errors = 0, line = 1, nuls = 0;
    for (size_t i = 0; i < script->diagnostic_count; i++) {
        const struct script_diagnostic *d = &script->diagnostics[i];
        size_t len = script_source_line(script, d->line).len;
        errors += d->severity == SCRIPT_ERROR;
        FUZZ_LAW(d->line >= line && d->line <= lines_of(script), "each line is in a file");
        FUZZ_LAW(d->column >= 1 && d->column <= len + 1, "each column is in its line");
        FUZZ_LAW(d->width == 1 || (d->width > 1 && d->width <= len - (d->column - 1)),
                 "no caret leaves its line");
        FUZZ_LAW(d->message.len > 0, "each mistake has its message");
        nuls += slice_holds(d->message, SLICE("NUL octet"));
        if (errors == 1)
            check_twice(script, d);
        check_message_begins(script, d);
        if (d->severity == SCRIPT_ERROR && !script->transcript)
            mistaken_check(script, d);
        if (errors == 1 && !script->transcript)
            loaded_check_mistake(script, d);
        line = d->line;
    }
    FUZZ_LAW(errors == script->error_count, "each error is listed");
    FUZZ_LAW(nuls <= 8, "what is full of NUL octets is not read on");
    FUZZ_LAW((errors == 0) == (script->test_count > 0), "a script has errors or tests");
}

/* ---- a second reading of texts ---- */

static int hex_digit(uint8_t octet)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *at = octet == 0 ? NULL : strchr(digits, octet);
    return at == NULL ? -1 : (int)(at - digits) - (at - digits > 15 ? 6 : 0);
}

/* A text without variables: "$${" is "${", and where escapes are read, they are octets. */
static void put_model(struct writer *out, struct slice text, bool escapes)
{
    static const char letters[] = "rnt0\\";
    for (size_t i = 0; i < text.len; i++) {
        const char *letter =
            i + 1 < text.len && text.ptr[i + 1] > 0 ? strchr(letters, text.ptr[i + 1]) : NULL;
        if (slice_starts(slice_from(text, i), SLICE("$${"))) {
            writer_put(out, SLICE("${"));
            i += 2;
        } else if (!escapes || text.ptr[i] != '\\') {
            writer_put_octet(out, text.ptr[i]);
        } else if (letter != NULL) {
            writer_put_octet(out, (uint8_t) "\r\n\t\0\\"[letter - letters]);
            i++;
        } else { /* "\xNN": all else is a mistake */
            FUZZ_LAW(i + 3 < text.len && text.ptr[i + 1] == 'x',
                     "an escape is one of the manual's");
            writer_put_octet(
                out, (uint8_t)(hex_digit(text.ptr[i + 2]) * 16 + hex_digit(text.ptr[i + 3])));
            i += 3;
        }
    }
}

/* RFC 5321 4.5.2, of a file's lines, which LF or CRLF ends. */
static void put_file_model(struct writer *out, struct slice text)
{
    while (text.len > 0) {
        size_t end = slice_find(text, '\n');
        struct slice line = slice_sub(text, 0, end);
        text = slice_from(text, end < text.len ? end + 1 : end);
        line.len -= line.len > 0 && line.ptr[line.len - 1] == '\r';
        writer_put(out, slice_sub(SLICE("."), 0, slice_starts(line, SLICE("."))));
        writer_put(out, line);
        writer_put(out, SLICE("\r\n"));
    }
}

/* The octets of a text; false where it has variables. */
static bool put_literal(struct writer *out, struct script_text text)
{
    for (size_t i = 0; i < text.count; i++) {
        if (text.parts[i].kind != SCRIPT_PART_LITERAL)
            return false;
        writer_put(out, text.parts[i].text);
    }
    return true;
}

static struct slice skip_blanks(struct slice text)
{
    while (slice_starts(text, SLICE(" ")) || slice_starts(text, SLICE("\t")))
        text = slice_from(text, 1);
    return text;
}

/* "%data @name": the file's octets, or the lone dot. */
static void put_data_model(struct writer *out, struct slice line, bool ends)
{
    struct slice name = slice_trim(slice_from(line, slice_find(line, '@') + 1));
    if (ends)
        writer_put(out, SLICE(".\r\n"));
    else
        put_file_model(out, file_text(name));
}

/* What the line of a send says that goes out; false where that is not told here. */
static bool put_send_model(struct writer *out, struct slice line, const struct script_step *step)
{
    struct slice text = slice_from(line, step->column - 1);
    struct slice tag = skip_blanks(slice_sub(line, 0, step->column - 1));
    const struct script_send *send = &step->as.send;
    if (slice_starts(tag, SLICE("C"))) {
        bool octets = slice_starts(tag, SLICE("C!"));
        put_model(out, text, octets);
        writer_put(out, octets ? SLICE("") : SLICE("\r\n"));
        return true;
    }
    if (send->role != SCRIPT_SEND_MESSAGE)
        return false;
    if (slice_starts(text, SLICE("%data")) && slice_find(text, '@') < text.len) {
        put_data_model(out, text, send->ends_message);
        return true;
    }
    if (step->column != 1)
        return false;
    if (slice_find(text, '.') == text.len && send->text.count == 1 &&
        slice_equal(send->text.parts[0].text,
                    SLICE(".\r\n"))) { /* the word; behind "C!: x" it ends nothing */
        writer_put(out, SLICE(".\r\n"));
        return true;
    }
    writer_put(out, slice_sub(SLICE("."), 0, slice_starts(text, SLICE("."))));
    put_model(out, text, false);
    writer_put(out, SLICE("\r\n"));
    return true;
}

/* "${octets:text}" is no variable, and none of this model's either. */
static bool has_brackets(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (slice_starts(slice_from(text, i), SLICE("$${")))
            i += 2;
        else if (slice_starts(slice_from(text, i), SLICE("${")))
            return true;
    return false;
}

static void check_send(const struct script *script, const struct script_step *step)
{
    struct slice line = script_source_line(script, step->line);
    struct writer model = fuzz_writer(2 * line.len + 64), sent = fuzz_writer(2 * line.len + 64);
    bool literal = put_literal(&sent, step->as.send.text);
    bool in_text = slice_starts(line, SLICE("%data")) && /* a line of a message, as it looks */
                   slice_starts(writer_slice(&sent), slice_sub(line, 0, slice_find(line, '$')));
    if (literal && !in_text && !has_brackets(line) && put_send_model(&model, line, step))
        FUZZ_LAW(slice_equal(writer_slice(&sent), writer_slice(&model)),
                 "what goes out is what the line says");
    fuzz_free_writer(&sent);
    fuzz_free_writer(&model);
}

/* "chunk=N" of a %bdat. */
static void check_chunk(const struct script *script, const struct script_step *step)
{
    struct slice line = script_source_line(script, step->line);
    const struct script_part *part = step->as.send.text.parts;
    uint64_t octets = 0;
    while (line.len > 0 && !slice_starts(line, SLICE("chunk=")))
        line = slice_from(line, 1);
    line = slice_from(line, line.len > 6 ? 6 : line.len);
    for (; line.len > 0 && line.ptr[0] >= '0' && line.ptr[0] <= '9'; line = slice_from(line, 1))
        octets = octets * 10 + line.ptr[0] - '0';
    if (part->count > 0)
        FUZZ_LAW(part->count == octets, "a chunk has the octets that are written");
    FUZZ_LAW(part->count <= 99999999, "chunk= has eight digits at most");
}

/* The text of a reply's line stands behind its code, and nothing behind it but verdicts. */
static void check_reply_line(const struct script *script, const struct script_reply_line *expect)
{
    struct slice line = script_source_line(script, expect->line);
    struct writer text = fuzz_writer(line.len + 1);
    bool literal = put_literal(&text, expect->text);
    struct slice rest = slice_from(line, slice_find(line, ':'));
    rest = slice_from(rest, rest.len > 0);
    rest = slice_from(rest, slice_starts(rest, SLICE(" ")));
    size_t code = 0;
    while (code < rest.len && slice_find(SLICE("- \t"), rest.ptr[code]) == 3)
        code++;
    rest = slice_from(rest, code < rest.len ? code + 1 : code);
    if (literal && expect->kind == SCRIPT_LINE_CODE && slice_find(rest, '$') == rest.len) {
        FUZZ_LAW(slice_starts(rest, writer_slice(&text)), "a reply's text is the line's");
        struct slice behind = slice_trim(slice_from(rest, text.len));
        FUZZ_LAW(behind.len == 0 || behind.ptr[0] == '|', "nothing but verdicts follows it");
    }
    fuzz_free_writer(&text);
}

static void check_codes(const struct script *script, const struct script_step *step)
{
    struct slice text = slice_from(script_source_line(script, step->line), step->column - 1);
    const struct script_outcome *first = step->as.expect.pass.items;
    bool digits = text.len >= 3 && first->kind == SCRIPT_OUTCOME_CODE && !first->negated;
    for (size_t i = 0; digits && i < 3; i++)
        digits = text.ptr[i] >= '0' && text.ptr[i] <= '9';
    for (size_t i = 0; digits && i < 3; i++)
        FUZZ_LAW(first->digit[i] == text.ptr[i] - '0', "a reply's code is the line's");
    for (size_t i = 0; i < step->as.expect.line_count; i++)
        check_reply_line(script, &step->as.expect.lines[i]);
}

/* What is sent stands behind "C", and what is awaited behind "S", or a directive says it. */
static void check_side(const struct script *script, const struct script_step *step)
{
    struct slice tag = skip_blanks(script_source_line(script, step->line));
    bool client = step->kind == SCRIPT_SEND, server = step->kind == SCRIPT_EXPECT;
    if ((client && step->column > 1) || server)
        FUZZ_LAW(slice_starts(tag, client ? SLICE("C") : SLICE("S")) ||
                     slice_starts(tag, SLICE("%")),
                 "a step is its side's line");
}

static void check_texts(const struct script *script, const struct script_step *step)
{
    if (script->transcript) /* the lines are what the import made of the source's */
        return;
    check_side(script, step);
    if (step->kind == SCRIPT_EXPECT)
        check_codes(script, step);
    else if (step->kind == SCRIPT_SEND && step->as.send.role == SCRIPT_SEND_CHUNK)
        check_chunk(script, step);
    else if (step->kind == SCRIPT_SEND)
        check_send(script, step);
}

/* ---- steps ---- */

/* RFC 5321 4.2: %x32-35 %x30-35 %x30-39, where 5 is no limit but of the first digit; an exact line
 * says what it will. */
static void check_outcomes(struct script_outcomes set, bool exact)
{
    for (size_t i = 0; i < set.count; i++) {
        const struct script_outcome *one = &set.items[i];
        for (size_t k = 0; k < 3 && one->kind == SCRIPT_OUTCOME_CODE; k++)
            FUZZ_LAW(one->digit[k] == SCRIPT_ANY_DIGIT ||
                         (one->digit[k] <= 9 &&
                          (exact || k > 0 || (one->digit[k] >= 2 && one->digit[k] <= 5))),
                     "a code is one that a reply may have");
        FUZZ_LAW(one->negated == set.items[0].negated, "all of a set are negated, or none is");
        FUZZ_LAW(!one->negated || one->kind != SCRIPT_OUTCOME_ANY, "a set lets something pass");
        for (size_t k = 0; k < i; k++)
            FUZZ_LAW(one->kind != set.items[k].kind ||
                         memcmp(one->digit, set.items[k].digit, sizeof one->digit) != 0,
                     "no outcome stands twice in a set");
    }
}

/* Whether a text begins with an enhanced code as it is written, "x" for any part. */
static bool begins_enhanced(struct slice text, const struct script_enhanced *code)
{
    for (size_t i = 0; i < 3; i++) {
        uint8_t digits[8] = "x";
        struct writer w = writer_of(digits, sizeof digits);
        bool any = code->part[i] < 0;
        if (!any)
            writer_put_number(&w, (uint64_t)code->part[i]);
        size_t len = any ? 1 : w.len;
        if (text.len < len ||
            (any ? (text.ptr[0] | 0x20) < 'x' || (text.ptr[0] | 0x20) > 'z'
                 : !slice_equal(slice_sub(text, 0, len), slice_of(digits, len))) ||
            (i < 2 && (text.len == len || text.ptr[len] != '.')))
            return false;
        text = slice_from(text, len + (i < 2));
    }
    return text.len == 0 || text.ptr[0] < '0' || text.ptr[0] > '9';
}

/* RFC 3463 2 */
static void check_enhanced(const struct script *script, const struct script_step *step)
{
    const struct script_enhanced *code = &step->as.expect.enhanced;
    bool found = script->transcript || !code->written;
    if (!code->written)
        return;
    FUZZ_LAW(code->part[0] == -1 || code->part[0] == 2 || code->part[0] == 4 || code->part[0] == 5,
             "an enhanced code has a class");
    FUZZ_LAW(code->part[1] >= -1 && code->part[1] <= 999 && code->part[2] >= -1 &&
                 code->part[2] <= 999,
             "and parts of up to three digits");
    for (size_t n = step->line; !found && n <= lines_of(script); n++)
        for (struct slice line = script_source_line(script, n); !found && line.len > 0;
             line = slice_from(line, 1))
            found = begins_enhanced(line, code);
    FUZZ_LAW(found, "an enhanced code is written so");
}

/* "${a" in what is searched for would match nothing. */
static void check_pattern(const struct script *script, const struct script_reply_line *expect)
{
    struct slice line = script_source_line(script, expect->line);
    FUZZ_LAW((expect->kind == SCRIPT_LINE_PATTERN) == (expect->pattern != NULL),
             "a pattern has its code");
    for (; expect->pattern != NULL && line.len > 2; line = slice_from(line, 1))
        FUZZ_LAW(line.ptr[0] != '$' || line.ptr[1] != '{' || (line.ptr[2] | 32) < 'a' ||
                     (line.ptr[2] | 32) > 'z',
                 "no variable stands in a pattern");
}

static void check_reply(const struct script *script, const struct script_test *test,
                        const struct script_expectation *reply)
{
    check_outcomes(reply->pass, reply->line_count > 0 && reply->lines[0].kind == SCRIPT_LINE_EXACT);
    check_outcomes(reply->warn, false);
    check_outcomes(reply->unclear, false);
    FUZZ_LAW(reply->pass.count > 0, "each reply has codes");
    FUZZ_LAW(reply->line_count > 0 || script_outcomes_hold(reply->pass, SCRIPT_OUTCOME_EOF),
             "only an end of the connection has no line");
    FUZZ_LAW(reply->decisive || test->has_decisive, "without verdicts each reply decides");
    FUZZ_LAW(reply->decisive || reply->warn.count + reply->unclear.count == 0,
             "a line with a verdict decides");
    for (size_t i = 0; i < reply->line_count; i++)
        check_pattern(script, &reply->lines[i]);
}

/* A number of rounds that is written has its limit. */
static void check_rounds(const struct script_flow *flow)
{
    struct slice digits = flow->count.count == 1 && flow->count.parts[0].kind == SCRIPT_PART_LITERAL
                              ? flow->count.parts[0].text
                              : SLICE("0");
    uint64_t number = 0;
    for (size_t i = 0; i < digits.len && number < 100000000; i++)
        number = number * 10 + digits.ptr[i] - '0';
    FUZZ_LAW(number <= 1000000, "%repeat has 1000000 rounds at most");
}

static void check_step(const struct script *script, const struct script_test *test, size_t index)
{
    const struct script_step *step = &test->steps[index];
    bool reply = step->kind == SCRIPT_EXPECT;
    FUZZ_LAW(step->line >= 1 && step->line <= lines_of(script), "each step is in a file");
    FUZZ_LAW(step->column >= 1 && step->column <= script_source_line(script, step->line).len + 1,
             "each step is in its line");
    FUZZ_LAW(step->answers == SCRIPT_NO_STEP || (reply && step->answers < index &&
                                                 (test->steps[step->answers].kind == SCRIPT_SEND ||
                                                  test->steps[step->answers].kind == SCRIPT_AUTH)),
             "a reply answers an earlier send, or %auth");
    check_texts(script, step);
    if (reply) {
        check_reply(script, test, &step->as.expect);
        check_enhanced(script, step);
    }
    if (step->kind >= SCRIPT_IF && step->kind <= SCRIPT_AGAIN)
        FUZZ_LAW(step->as.flow.target <= test->step_count &&
                     (step->kind == SCRIPT_AGAIN) == (step->as.flow.target <= index),
                 "only a loop goes back, and nothing leaves the test");
    if (step->kind == SCRIPT_REPEAT)
        check_rounds(&step->as.flow);
    if (step->kind == SCRIPT_SEND)
        FUZZ_LAW(!step->as.send.ends_message || step->as.send.role == SCRIPT_SEND_MESSAGE,
                 "only a message's octets end it");
}

static void check_same(const struct script *a, const struct script *b)
{
    FUZZ_LAW(a->diagnostic_count == b->diagnostic_count && a->test_count == b->test_count,
             "loading twice is the same");
    for (size_t i = 0; i < a->diagnostic_count; i++)
        FUZZ_LAW(a->diagnostics[i].line == b->diagnostics[i].line &&
                     slice_equal(a->diagnostics[i].message, b->diagnostics[i].message),
                 "loading twice lists the same");
    for (size_t i = 0; i < a->test_count; i++)
        FUZZ_LAW(a->tests[i].step_count == b->tests[i].step_count, "loading twice plays the same");
}

/* A transcript is shown as it was read: decoded. */
static void check_source(const struct script *script, struct slice in)
{
    struct script_arena *arena = script_arena_new();
    struct slice text = slice_from(in, slice_starts(in, SLICE("\xef\xbb\xbf")) ? 3 : 0);
    FUZZ_LAW(slice_equal(script->source, in) ||
                 (script->transcript &&
                  slice_equal(script->source, transcript_decode(arena, text).source)),
             "the source is kept as it is");
    script_arena_free(arena);
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct slice known[] = {SLICE_INIT("given")};
    const struct script_options options = {.name = SLICE("fuzz"),
                                           .reader = {read_file, release_file, NULL},
                                           .known = known,
                                           .known_count = 1};
    struct slice in = fuzz_copy(slice_of(data, size));
    size_t knob = fuzz_knob(in, 0, 4);
    bool twice = knob == 1;
    if (!twice && transcript_detect(in)) { /* it takes most of the time, and has its own target */
        fuzz_free(in);
        return 0;
    }
    struct script *script = script_load(in, &options);
    struct script *again = twice ? script_load(in, &options) : NULL;
    fuzz_free(in);
    check_source(script, slice_of(data, size));
    check_diagnostics(script);
    if (again != NULL)
        check_same(script, again);
    for (size_t i = 0; i < script->test_count; i++)
        for (size_t j = 0; j < script->tests[i].step_count; j++)
            check_step(script, &script->tests[i], j);
    if (!script->transcript && script->test_count > 0)
        loaded_check(script);
    if (!script->transcript && script->test_count > 0 && script->file_count == 1)
        mistaken_check_lines(script);
    if (!script->transcript && knob == 2)
        loaded_check_alone(script, &options);
    script_free(script);
    script_free(again);
    return 0;
}
