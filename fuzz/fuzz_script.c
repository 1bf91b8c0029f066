/* Laws of script_load: total, deterministic; every mistake has a place; each reply answers an
 * earlier send. */
#include "fuzz.h"
#include "script/script.h"

static void check_steps(const struct script_test *test, const struct script *script)
{
    for (size_t i = 0; i < test->step_count; i++) {
        const struct script_step *step = &test->steps[i];
        FUZZ_LAW(step->line >= 1 && step->line <= script->line_count, "a step has a line");
        if (step->kind != SCRIPT_EXPECT || step->answers == SCRIPT_NO_STEP)
            continue;
        FUZZ_LAW(step->answers < i && test->steps[step->answers].kind == SCRIPT_SEND,
                 "a reply answers an earlier send");
    }
}

static void check_diagnostics(const struct script *script)
{
    size_t errors = 0;
    for (size_t i = 0; i < script->diagnostic_count; i++) {
        const struct script_diagnostic *d = &script->diagnostics[i];
        errors += d->severity == SCRIPT_ERROR;
        FUZZ_LAW(d->line >= 1 && d->column >= 1 && d->width >= 1, "a diagnostic has a place");
        FUZZ_LAW(d->line == 1 || d->line <= script->line_count, "inside the source");
    }
    FUZZ_LAW((errors > 0) == (script->error_count > 0), "errors are listed");
    FUZZ_LAW((script->error_count > 0) == (script->test_count == 0),
             "errors and tests exclude each other");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    struct script_options options = {.name = SLICE("fuzz.smtp")};
    struct script *script = script_load(in, &options), *again = script_load(in, &options);
    check_diagnostics(script);
    FUZZ_LAW(script->test_count == again->test_count &&
                 script->diagnostic_count == again->diagnostic_count,
             "loading is deterministic");
    for (size_t i = 0; i < script->test_count; i++) {
        FUZZ_LAW(script->tests[i].step_count == again->tests[i].step_count, "step by step");
        check_steps(&script->tests[i], script);
    }
    script_free(script);
    script_free(again);
    fuzz_free(in);
    return 0;
}
