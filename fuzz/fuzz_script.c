/* Laws of script_load. */
#include "custom.h"
#include "fuzz.h"
#include "script/script.h"

static size_t lines_of(const struct script *script)
{
    const struct script_file *last = &script->files[script->file_count - 1];
    return last->lines_before + last->line_count;
}

/* Any file that a script names is there, and holds this. */
static bool read_file(void *context, struct slice path, struct slice *ret_octets)
{
    static const struct slice texts[] = {SLICE_INIT("S: 220\nC: EHLO a\nS: 250\n%use b\n"),
                                         SLICE_INIT("%if secure\n%set x=y\nC: .${x}\n%end\n.\n"),
                                         SLICE_INIT("")};
    (void)context;
    *ret_octets = fuzz_copy(texts[path.len % 3]);
    return true;
}

static void release_file(void *context, struct slice octets)
{
    (void)context;
    fuzz_free(octets);
}

static void check_diagnostics(const struct script *script)
{
    size_t errors = 0, line = 1;
    for (size_t i = 0; i < script->diagnostic_count; i++) {
        const struct script_diagnostic *d = &script->diagnostics[i];
        size_t len = script_source_line(script, d->line).len;
        errors += d->severity == SCRIPT_ERROR;
        FUZZ_LAW(d->line >= line && d->line <= lines_of(script), "each line is in a file");
        FUZZ_LAW(d->column >= 1 && d->column <= len + 1, "each column is in its line");
        FUZZ_LAW(d->width == 1 || (d->width > 1 && d->width <= len - (d->column - 1)),
                 "no caret leaves its line");
        FUZZ_LAW(d->message.len > 0, "each mistake has its message");
        line = d->line;
    }
    FUZZ_LAW(errors == script->error_count, "each error is listed");
    FUZZ_LAW((errors == 0) == (script->test_count > 0), "a script has errors or tests");
}

static void check_reply(const struct script_test *test, const struct script_expectation *reply)
{
    FUZZ_LAW(reply->pass.count > 0, "each reply has codes");
    FUZZ_LAW(reply->line_count > 0 || script_outcomes_hold(reply->pass, SCRIPT_OUTCOME_EOF),
             "only an end of the connection has no line");
    FUZZ_LAW(reply->decisive || test->has_decisive, "without verdicts each reply decides");
    for (size_t i = 0; i < reply->line_count; i++)
        FUZZ_LAW((reply->lines[i].kind == SCRIPT_LINE_PATTERN) == (reply->lines[i].pattern != NULL),
                 "a pattern has its code");
}

static void check_step(const struct script *script, const struct script_test *test, size_t index)
{
    const struct script_step *step = &test->steps[index];
    bool reply = step->kind == SCRIPT_EXPECT;
    FUZZ_LAW(step->line >= 1 && step->line <= lines_of(script), "each step is in a file");
    FUZZ_LAW(step->column >= 1 && step->column <= script_source_line(script, step->line).len + 1,
             "each step is in its line");
    FUZZ_LAW(step->answers == SCRIPT_NO_STEP ||
                 (reply && step->answers < index && test->steps[step->answers].kind == SCRIPT_SEND),
             "a reply answers an earlier send");
    if (reply)
        check_reply(test, &step->as.expect);
    if (step->kind >= SCRIPT_IF && step->kind <= SCRIPT_AGAIN)
        FUZZ_LAW(step->as.flow.target <= test->step_count &&
                     (step->kind == SCRIPT_AGAIN) == (step->as.flow.target <= index),
                 "only a loop goes back, and nothing leaves the test");
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

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct slice known[] = {SLICE_INIT("given")};
    const struct script_options options = {.name = SLICE("fuzz"),
                                           .reader = {read_file, release_file, NULL},
                                           .known = known,
                                           .known_count = 1};
    struct slice in = fuzz_copy(slice_of(data, size));
    struct script *script = script_load(in, &options);
    struct script *again = fuzz_knob(in, 0, 4) == 1 ? script_load(in, &options) : NULL;
    fuzz_free(in);
    FUZZ_LAW(slice_equal(script->source, slice_of(data, size)), "the source is kept as it is");
    check_diagnostics(script);
    if (again != NULL)
        check_same(script, again);
    for (size_t i = 0; i < script->test_count; i++)
        for (size_t j = 0; j < script->tests[i].step_count; j++)
            check_step(script, &script->tests[i], j);
    script_free(script);
    script_free(again);
    return 0;
}
