/* Laws of script_format: total; once is enough; what loads, loads to the same. */
#include "custom.h"
#include "fuzz.h"
#include "script/format.h"
#include "script/script.h"
#include "script/transcript.h"

static bool same_text(struct script_text a, struct script_text b)
{
    bool same = a.count == b.count;
    for (size_t i = 0; same && i < a.count; i++) {
        const struct script_part *x = &a.parts[i], *y = &b.parts[i];
        same = x->kind == y->kind && x->function == y->function && slice_equal(x->text, y->text) &&
               slice_equal(x->fallback, y->fallback) && x->count == y->count &&
               (x->of == NULL) == (y->of == NULL) && (x->of == NULL || same_text(*x->of, *y->of));
    }
    return same;
}

static bool same_outcomes(struct script_outcomes a, struct script_outcomes b)
{
    bool same = a.count == b.count;
    for (size_t i = 0; same && i < a.count; i++)
        same = a.items[i].kind == b.items[i].kind && a.items[i].negated == b.items[i].negated &&
               memcmp(a.items[i].digit, b.items[i].digit, sizeof a.items[i].digit) == 0;
    return same;
}

static bool same_expectation(const struct script_expectation *a, const struct script_expectation *b)
{
    bool same = same_outcomes(a->pass, b->pass) && same_outcomes(a->warn, b->warn) &&
                same_outcomes(a->unclear, b->unclear) && a->line_count == b->line_count &&
                memcmp(a->enhanced.part, b->enhanced.part, sizeof a->enhanced.part) == 0 &&
                a->decisive == b->decisive && a->within_ms == b->within_ms;
    for (size_t i = 0; same && i < a->line_count; i++)
        same =
            a->lines[i].kind == b->lines[i].kind && same_text(a->lines[i].text, b->lines[i].text);
    return same;
}

static bool same_tls(const struct script_tls *a, const struct script_tls *b)
{
    bool same = a->verify == b->verify && a->refused == b->refused &&
                a->min_version == b->min_version && a->max_version == b->max_version &&
                slice_equal(a->sni, b->sni) && slice_equal(a->ciphers, b->ciphers) &&
                slice_equal(a->alpn, b->alpn) && slice_equal(a->cert, b->cert) &&
                slice_equal(a->pin, b->pin) && a->later_count == b->later_count;
    for (size_t i = 0; same && i < a->later_count; i++)
        same =
            a->later[i].name == b->later[i].name && same_text(a->later[i].text, b->later[i].text);
    return same;
}

static bool same_step(const struct script_step *a, const struct script_step *b)
{
    if (a->kind != b->kind || a->connection != b->connection || a->lax != b->lax ||
        a->weight != b->weight || a->answers != b->answers)
        return false;
    if (a->kind == SCRIPT_SEND)
        return same_text(a->as.send.text, b->as.send.text) && a->as.send.role == b->as.send.role &&
               a->as.send.alone == b->as.send.alone && a->as.send.secret == b->as.send.secret;
    if (a->kind == SCRIPT_EXPECT)
        return same_expectation(&a->as.expect, &b->as.expect);
    if (a->kind == SCRIPT_QUIET || a->kind == SCRIPT_SLEEP)
        return a->as.wait.ms == b->as.wait.ms && same_outcomes(a->as.wait.warn, b->as.wait.warn);
    if (a->kind == SCRIPT_TLS)
        return same_tls(&a->as.tls, &b->as.tls);
    if (a->kind == SCRIPT_ASSERT)
        return a->as.assertion.kind == b->as.assertion.kind &&
               same_text(a->as.assertion.compare.right, b->as.assertion.compare.right);
    if (a->kind == SCRIPT_MESSAGE)
        return same_text(a->as.message.token, b->as.message.token);
    return true;
}

static void check_same(const struct script *a, const struct script *b)
{
    FUZZ_LAW(b->error_count == 0, "a script that loads still does");
    FUZZ_LAW(a->diagnostic_count == b->diagnostic_count, "the remarks stay");
    FUZZ_LAW(a->test_count == b->test_count, "the tests stay");
    for (size_t i = 0; i < a->test_count; i++) {
        const struct script_test *x = &a->tests[i], *y = &b->tests[i];
        FUZZ_LAW(slice_equal(x->title, y->title) && slice_equal(x->rfc, y->rfc) &&
                     slice_equal(x->id, y->id) && slice_equal(x->tags, y->tags) &&
                     x->level == y->level && x->require_count == y->require_count &&
                     x->step_count == y->step_count,
                 "a test stays what it is");
        for (size_t j = 0; j < x->step_count; j++)
            FUZZ_LAW(same_step(&x->steps[j], &y->steps[j]), "a step stays what it is");
    }
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    struct script_arena *arena = script_arena_new();
    struct slice once = fuzz_copy(script_format(arena, in));
    FUZZ_LAW(slice_equal(script_format(arena, once), once), "once is enough");
    if (!transcript_detect(in)) {
        const struct script_options options = {.name = SLICE("fuzz")};
        struct script *script = script_load(in, &options);
        if (script->error_count == 0) {
            struct script *formatted = script_load(once, &options);
            check_same(script, formatted);
            script_free(formatted);
        }
        script_free(script);
    }
    script_arena_free(arena);
    fuzz_free(once);
    fuzz_free(in);
    return 0;
}
