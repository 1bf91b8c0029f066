#include "laws/loaded.h"

/* ---- lines ---- */

static struct slice skip_blanks(struct slice text)
{
    while (slice_starts(text, SLICE(" ")) || slice_starts(text, SLICE("\t")))
        text = slice_from(text, 1);
    return text;
}

static struct slice take_word(struct slice *rest)
{
    size_t len = 0;
    *rest = skip_blanks(*rest);
    while (len < rest->len && rest->ptr[len] != ' ' && rest->ptr[len] != '\t')
        len++;
    struct slice word = slice_sub(*rest, 0, len);
    *rest = slice_from(*rest, len);
    return word;
}

/* Whether the line is that directive; *ret_args: what follows it. */
static bool is_directive(struct slice line, struct slice name, struct slice *ret_args)
{
    *ret_args = line;
    struct slice word = take_word(ret_args);
    return slice_equal(word, name);
}

/* Whether a text of many lines may hold what looks like a directive. */
static bool has_texts(const struct script *script)
{
    return slice_holds(script->source, SLICE("<<"));
}

/* The line of %test; 0: the test is what stands before the first of them. */
static size_t line_of(const struct script *script, const struct script_test *test)
{
    struct slice args;
    bool said = test->line > 0 &&
                is_directive(script_source_line(script, test->line), SLICE("%test"), &args);
    return said ? test->line : 0;
}

/* ---- how long ---- */

static uint64_t duration_of(struct slice word)
{
    uint64_t number = 0;
    while (word.len > 0 && word.ptr[0] >= '0' && word.ptr[0] <= '9') {
        number = number * 10 + word.ptr[0] - '0';
        word = slice_from(word, 1);
    }
    return slice_equal(word, SLICE("ms"))  ? number
           : slice_equal(word, SLICE("s")) ? number * 1000
           : slice_equal(word, SLICE("m")) ? number * 60 * 1000
                                           : 0;
}

static void check_wait(const struct script *script, const struct script_step *step)
{
    struct slice rest = slice_from(script_source_line(script, step->line), step->column - 1);
    take_word(&rest);
    FUZZ_LAW(step->as.wait.ms == duration_of(take_word(&rest)),
             "a wait is as long as its line says");
}

/* The last %within before a reply bounds it, and no other one. */
static void check_within(const struct script *script)
{
    size_t written = 0, bounded = 0;
    struct slice args;
    for (size_t n = 1; n <= script->line_count; n++)
        written += is_directive(script_source_line(script, n), SLICE("%within"), &args);
    for (size_t i = 0; i < script->test_count; i++)
        for (size_t k = 0; k < script->tests[i].step_count; k++) {
            const struct script_step *step = &script->tests[i].steps[k];
            if (step->kind != SCRIPT_EXPECT || step->as.expect.within_ms == 0)
                continue;
            size_t n = step->line;
            while (n > 0 && !is_directive(script_source_line(script, n), SLICE("%within"), &args))
                n--;
            FUZZ_LAW(n > 0 && step->as.expect.within_ms == duration_of(take_word(&args)),
                     "a reply has the bound that is written before it");
            bounded++;
        }
    FUZZ_LAW(bounded <= written, "%within bounds one reply");
}

void loaded_check_mistake(const struct script *script, const struct script_diagnostic *d)
{
    bool unbound = slice_equal(d->message, SLICE("no reply follows that it could bound"));
    if (script->file_count == 1 && !has_texts(script) && d->line < script->line_count)
        FUZZ_LAW(!unbound || !slice_equal(script_source_line(script, d->line + 1), SLICE("S: 250")),
                 "a reply right behind %within is bounded by it");
}

/* ---- %ehlo ---- */

/* "-SIZE", "+AUTH=PLAIN", "+SIZE>100", "unique" */
static bool is_claim(const struct script_ehlo_claim *claim, struct slice word)
{
    bool present = slice_starts(word, SLICE("+"));
    if (!present && !slice_starts(word, SLICE("-")))
        return claim->kind == (slice_equal_nocase(word, SLICE("unique")) ? SCRIPT_CLAIM_UNIQUE
                                                                         : SCRIPT_CLAIM_REGISTERED);
    size_t above = slice_find(word, '>');
    struct slice name = slice_sub(word, 1, above), digits = slice_from(word, above);
    uint64_t number = 0;
    for (size_t i = 1; i < digits.len; i++)
        number = number * 10 + digits.ptr[i] - '0';
    size_t equals = slice_find(name, '=');
    struct slice param = slice_from(name, equals < name.len ? equals + 1 : equals);
    return claim->kind == SCRIPT_CLAIM_KEYWORD && claim->present == present &&
           claim->has_above == (digits.len > 0) && claim->above == number &&
           slice_equal(claim->keyword, slice_sub(name, 0, equals)) &&
           slice_equal(claim->param, param);
}

static void check_claims(const struct script *script, const struct script_step *step)
{
    struct slice args, line = script_source_line(script, step->line), word;
    size_t count = 0;
    if (!is_directive(line, SLICE("%ehlo"), &args) || slice_find(line, '|') < line.len)
        return;
    args = slice_trim(args);
    for (; args.len > 0; count++) {
        word = take_word(&args);
        args = skip_blanks(args);
        FUZZ_LAW(count < step->as.ehlo.count && is_claim(&step->as.ehlo.items[count], word),
                 "%ehlo claims what its line says");
    }
    FUZZ_LAW(count == step->as.ehlo.count, "and nothing else");
}

/* ---- branches and loops ---- */

static void check_blocks(const struct script_test *test)
{
    size_t open[SCRIPT_MAX_DEPTH + 1], depth = 0;
    for (size_t i = 0; i < test->step_count; i++) {
        const struct script_flow *flow = &test->steps[i].as.flow;
        enum script_step_kind kind = test->steps[i].kind;
        const struct script_step *top = depth > 0 ? &test->steps[open[depth - 1]] : NULL;
        if (kind == SCRIPT_IF || kind == SCRIPT_REPEAT) {
            FUZZ_LAW(depth < SCRIPT_MAX_DEPTH, "blocks stand in each other eight times at most");
            open[depth++] = i;
        } else if (kind == SCRIPT_ELSE) {
            FUZZ_LAW(top != NULL && top->kind == SCRIPT_IF && top->as.flow.target == i + 1,
                     "where %if does not hold, what stands behind %else is played");
            open[depth - 1] = i;
        } else if (kind == SCRIPT_END) {
            FUZZ_LAW(top != NULL && top->kind != SCRIPT_REPEAT && top->as.flow.target == i,
                     "a branch goes on at its %end");
            depth--;
        } else if (kind == SCRIPT_AGAIN) {
            FUZZ_LAW(top != NULL && top->kind == SCRIPT_REPEAT && top->as.flow.target == i + 1 &&
                         flow->target == open[depth - 1] + 1 && flow->depth == top->as.flow.depth,
                     "a loop is all between %repeat and its %end");
            depth--;
        }
    }
    FUZZ_LAW(depth == 0, "each block has its %end");
}

/* ---- reckoning ---- */

/* 1*DIGIT [ "." 1*3DIGIT ], as thousandths. */
static bool take_thousandths(struct slice *text, uint64_t *ret)
{
    size_t digits = 0, decimals = 0;
    bool point = false;
    *ret = 0;
    for (; text->len > 0; *text = slice_from(*text, 1)) {
        uint8_t octet = text->ptr[0];
        if (octet == '.' && !point && digits > 0) {
            point = true;
            continue;
        }
        if (octet < '0' || octet > '9')
            break;
        *ret = *ret * 10 + octet - '0';
        digits++;
        decimals += point;
    }
    for (; decimals < 3; decimals++)
        *ret *= 10;
    return digits > 0 && digits < 16;
}

/* Whether a text begins with that reckoning, as it is written behind a name. */
static bool begins_reckoned(struct slice text, const struct script_part *part)
{
    static const struct slice names[] = {
        [SCRIPT_ADD] = SLICE_INIT("+"),      [SCRIPT_SUBTRACT] = SLICE_INIT("-"),
        [SCRIPT_MULTIPLY] = SLICE_INIT("*"), [SCRIPT_DIVIDE] = SLICE_INIT("/"),
        [SCRIPT_MIN] = SLICE_INIT("min"),    [SCRIPT_MAX] = SLICE_INIT("max"),
    };
    for (size_t i = 0; i < part->operation_count; i++) {
        const struct script_operation *operation = &part->operations[i];
        uint64_t thousandths;
        text = skip_blanks(text);
        if (!slice_starts(text, names[operation->what]))
            return false;
        text = skip_blanks(slice_from(text, names[operation->what].len));
        if (!take_thousandths(&text, &thousandths) || operation->scale > 1000 ||
            thousandths != operation->number * (1000 / operation->scale))
            return false;
    }
    return slice_starts(skip_blanks(text), SLICE("}"));
}

static void check_reckoning(const struct script *script, const struct script_part *part)
{
    const struct script_file *last = &script->files[script->file_count - 1];
    bool found = false;
    for (size_t n = 1; n <= last->lines_before + last->line_count && !found; n++) {
        struct slice line = script_source_line(script, n);
        for (size_t at = 0; at < line.len && !found; at++)
            found = begins_reckoned(slice_from(line, at), part);
    }
    FUZZ_LAW(found, "a reckoning is the one that is written");
}

static void check_text(const struct script *script, struct script_text text)
{
    for (size_t i = 0; i < text.count; i++)
        if (text.parts[i].kind == SCRIPT_PART_NUMBER)
            check_reckoning(script, &text.parts[i]);
}

/* ---- %set ---- */

static bool is_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t octet = name.ptr[i], small = octet | 32;
        bool letter = (small >= 'a' && small <= 'z') || octet == '_';
        if (!letter && (i == 0 || ((octet < '0' || octet > '9') && octet != '-')))
            return false;
    }
    return name.len > 0;
}

/* Whether a line gives the name a value; *ret_value is NULL where nobody knows it here. */
static bool defines(struct slice line, struct slice name, struct slice *ret_value)
{
    struct slice args;
    *ret_value = slice_of(NULL, 0);
    if (is_directive(line, SLICE("%capture"), &args))
        return slice_equal(take_word(&args), name);
    if (!is_directive(line, SLICE("%set"), &args))
        return false;
    args = slice_trim(args);
    if (!slice_starts(args, name) || !slice_starts(slice_from(args, name.len), SLICE("=")))
        return false;
    args = slice_from(args, name.len + 1);
    if (slice_find(args, '$') == args.len && slice_find(args, '\r') == args.len && args.len > 0)
        *ret_value = args;
    return true;
}

/* What %set said last, in the test or before the first one. */
static bool find_value(const struct script *script, const struct script_test *test, size_t line,
                       struct slice name, struct slice *ret_value)
{
    size_t first = line_of(script, &script->tests[0]), own = line_of(script, test);
    for (size_t n = line - 1; n > 0; n--) {
        if (n == own && first == 0)
            return false;
        n = n == own ? first - 1 : n;
        if (n > 0 && defines(script_source_line(script, n), name, ret_value))
            return ret_value->ptr != NULL;
        if (n == 0)
            break;
    }
    return false;
}

/* A line of the client's with "${name}", each of which %set gave a value as it stands. */
static bool put_expanded(struct writer *out, const struct script *script,
                         const struct script_test *test, const struct script_step *step)
{
    struct slice text = slice_from(script_source_line(script, step->line), step->column - 1), value;
    bool any = false;
    while (text.len > 0) {
        size_t end = slice_find(text, '}');
        if (slice_starts(text, SLICE("$${")))
            return false;
        if (!slice_starts(text, SLICE("${"))) {
            writer_put_octet(out, text.ptr[0]);
            text = slice_from(text, 1);
            continue;
        }
        struct slice name = end < text.len ? slice_sub(text, 2, end) : SLICE("");
        if (!is_name(name) || !find_value(script, test, step->line, name, &value))
            return false;
        writer_put(out, value);
        any = true;
        text = slice_from(text, end + 1);
    }
    writer_put(out, SLICE("\r\n"));
    return any && !out->overflow;
}

static void check_set(const struct script *script, const struct script_test *test,
                      const struct script_step *step)
{
    uint8_t rooms[2][1024];
    struct writer model = writer_of(rooms[0], sizeof rooms[0]);
    struct writer sent = writer_of(rooms[1], sizeof rooms[1]);
    struct slice line = skip_blanks(script_source_line(script, step->line));
    struct script_text text = step->as.send.text;
    if (!slice_starts(line, SLICE("C:")) || !put_expanded(&model, script, test, step))
        return;
    for (size_t i = 0; i < text.count; i++) {
        FUZZ_LAW(text.parts[i].kind == SCRIPT_PART_LITERAL, "%set gives a variable its value");
        writer_put(&sent, text.parts[i].text);
    }
    FUZZ_LAW(sent.overflow || slice_equal(writer_slice(&sent), writer_slice(&model)),
             "a variable is what %set said last");
}

/* ---- what a line is in the dialogue ---- */

/* The only octets of a text, which CRLF ends. */
static bool is_line(const struct script_step *step, struct slice *ret_line)
{
    struct script_text text = step->as.send.text;
    if (step->connection != 0 || text.count != 1 || text.parts[0].kind != SCRIPT_PART_LITERAL)
        return false;
    *ret_line = text.parts[0].text;
    return ret_line->len > 1 && slice_find(*ret_line, '\n') + 1 == ret_line->len &&
           ret_line->ptr[ret_line->len - 2] == '\r';
}

/* The only code that passes, or 0. */
static unsigned code_of(const struct script_step *step)
{
    struct script_outcomes pass = step->as.expect.pass;
    const uint8_t *digit = pass.count > 0 ? pass.items[0].digit : NULL;
    if (step->connection != 0 || pass.count != 1 || pass.items[0].kind != SCRIPT_OUTCOME_CODE ||
        pass.items[0].negated || digit[0] > 9 || digit[1] > 9 || digit[2] > 9)
        return 0;
    return digit[0] * 100u + digit[1] * 10u + digit[2];
}

/* In lock-step, as far as that is plain: RFC 5321 4.1.1.4, RFC 4954 4. */
static void check_roles(const struct script *script, const struct script_test *test)
{
    enum { COMMANDS, MESSAGE, ANSWER } state = COMMANDS;
    struct slice line = SLICE(""), verb = SLICE("");
    bool pending = true; /* the greeting */
    for (size_t i = 0; i < test->step_count; i++) {
        const struct script_step *step = &test->steps[i];
        const struct script_send *send = &step->as.send;
        if (step->kind == SCRIPT_EXPECT && pending) {
            unsigned code = code_of(step);
            if (code == 0 || i == 1)
                return;
            bool auth = slice_equal_nocase(verb, SLICE("AUTH"));
            state = code == 354 && slice_equal_nocase(verb, SLICE("DATA")) ? MESSAGE
                    : code == 334 && auth                                  ? ANSWER
                                                                           : COMMANDS;
            if (code / 100 == 3 && state == COMMANDS)
                return;
            pending = false;
            continue;
        }
        bool tagged =
            step->kind == SCRIPT_SEND && step->column > 1 &&
            slice_starts(skip_blanks(script_source_line(script, step->line)), SLICE("C:"));
        if (!tagged || pending || !is_line(step, &line))
            return;
        bool dot = state == MESSAGE && slice_equal(line, SLICE(".\r\n"));
        FUZZ_LAW(send->role == (state == MESSAGE  ? SCRIPT_SEND_MESSAGE
                                : state == ANSWER ? SCRIPT_SEND_AUTH
                                                  : SCRIPT_SEND_COMMAND),
                 "a line is what the dialogue makes of it");
        FUZZ_LAW(send->ends_message == dot, "a lone dot ends a message, and nothing else");
        FUZZ_LAW(state != ANSWER || send->secret, "an answer to 334 is a secret");
        pending = state != MESSAGE || dot;
        verb = state == ANSWER ? verb : take_word(&line);
        verb.len -= verb.len > 1 && verb.ptr[verb.len - 1] == '\n' ? 2 : 0;
        if (state == COMMANDS && (verb.len != 4 || slice_equal_nocase(verb, SLICE("BDAT"))))
            return;
        verb = dot ? SLICE("") : verb;
    }
}

/* ---- all ---- */

void loaded_check(const struct script *script)
{
    bool plain = script->file_count == 1 && !has_texts(script);
    if (plain)
        check_within(script);
    for (size_t i = 0; i < script->test_count; i++) {
        const struct script_test *test = &script->tests[i];
        check_blocks(test);
        if (plain)
            check_roles(script, test);
        for (size_t k = 0; k < test->step_count; k++) {
            const struct script_step *step = &test->steps[k];
            if (step->kind == SCRIPT_QUIET || step->kind == SCRIPT_SLEEP)
                check_wait(script, step);
            if (step->kind == SCRIPT_EHLO)
                check_claims(script, step);
            if (step->kind == SCRIPT_SEND)
                check_text(script, step->as.send.text);
            if (plain && step->kind == SCRIPT_SEND && step->column > 1)
                check_set(script, test, step);
        }
    }
}

/* ---- a test alone ---- */

static bool same_text(struct script_text a, struct script_text b)
{
    bool same = a.count == b.count;
    for (size_t i = 0; same && i < a.count; i++) {
        const struct script_part *p = &a.parts[i], *q = &b.parts[i];
        same = p->kind == q->kind && slice_equal(p->text, q->text) &&
               slice_equal(p->fallback, q->fallback) && p->has_fallback == q->has_fallback &&
               p->count == q->count && p->function == q->function && p->depth == q->depth &&
               p->operation_count == q->operation_count && (p->of == NULL) == (q->of == NULL) &&
               (p->of == NULL || same_text(*p->of, *q->of));
    }
    return same;
}

/* `lines` are the source's: behind them stand the files that %use names, in a place of their own.
 */
static bool same_step(const struct script_step *a, const struct script_step *b, size_t lines)
{
    bool placed = a->line == b->line || (a->line > lines && b->line > lines);
    bool same = a->kind == b->kind && placed && a->column == b->column && a->lax == b->lax &&
                a->weight == b->weight && a->answers == b->answers &&
                a->connection == b->connection;
    if (!same || (a->kind != SCRIPT_SEND && a->kind != SCRIPT_EXPECT))
        return same;
    if (a->kind == SCRIPT_EXPECT)
        return a->as.expect.within_ms == b->as.expect.within_ms &&
               a->as.expect.decisive == b->as.expect.decisive &&
               a->as.expect.line_count == b->as.expect.line_count;
    return same_text(a->as.send.text, b->as.send.text) && a->as.send.role == b->as.send.role &&
           a->as.send.alone == b->as.send.alone && a->as.send.secret == b->as.send.secret &&
           (a->as.send.segment == NULL) == (b->as.send.segment == NULL);
}

static void check_same(const struct script_test *a, const struct script_test *b, size_t lines)
{
    FUZZ_LAW(a->step_count == b->step_count && a->require_count == b->require_count &&
                 a->secret_count == b->secret_count && a->level == b->level &&
                 a->has_decisive == b->has_decisive,
             "a test is what it is alone");
    for (size_t i = 0; i < a->step_count; i++)
        FUZZ_LAW(same_step(&a->steps[i], &b->steps[i], lines),
                 "each step of a test is what it is alone");
}

/* The source, whose lines from `from` up to `to` are blank, and those from `then` on. */
static void put_alone(struct writer *out, struct slice source, size_t from, size_t to, size_t then)
{
    for (size_t n = 1; source.len > 0; n++) {
        size_t end = slice_find(source, '\n');
        bool blank = (n >= from && n < to) || n >= then;
        writer_put(out, blank ? SLICE("") : slice_sub(source, 0, end));
        writer_put(out, end < source.len ? SLICE("\n") : SLICE(""));
        source = slice_from(source, end < source.len ? end + 1 : end);
    }
}

void loaded_check_alone(const struct script *script, const struct script_options *options)
{
    if (script->test_count < 2 || has_texts(script))
        return;
    size_t head = line_of(script, &script->tests[0]);
    head += head == 0;
    for (size_t i = 1; i < script->test_count && i < 4; i++) {
        size_t then = i + 1 < script->test_count ? script->tests[i + 1].line : SIZE_MAX;
        struct writer out = fuzz_writer(script->source.len + 1);
        put_alone(&out, script->source, head, script->tests[i].line, then);
        struct slice alone = fuzz_copy(writer_slice(&out));
        struct script *other = script_load(alone, options);
        fuzz_free(alone);
        fuzz_free_writer(&out);
        FUZZ_LAW(other->error_count == 0 && other->test_count == 1, "a test stands alone");
        check_same(&script->tests[i], &other->tests[0], script->line_count);
        script_free(other);
    }
}
