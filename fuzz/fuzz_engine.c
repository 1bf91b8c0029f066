/*
 * Laws of the engine. The input is a script, a line "====", and what the peer sends; without that
 * line it is a script only. Played as a client and as a server against those octets: every wait has
 * a deadline, one verdict comes, last, and the cuts change nothing. Played against itself it
 * passes.
 */
#include "custom.h"
#include "engine/engine.h"
#include "fuzz.h"

#define MAX_INPUT_OCTETS 1024 /* a peer's line may have half of it */
#define MAX_ROUNDS       40   /* of %repeat in a test */

struct watcher {
    size_t verdicts, events;
    enum engine_verdict verdict;
};

static void watch(void *context, const struct engine_event *event)
{
    struct watcher *w = context;
    FUZZ_LAW(w->verdicts == 0, "the verdict is the last event");
    w->events++;
    if (event->kind == ENGINE_EVENT_VERDICT) {
        w->verdicts++;
        w->verdict = event->verdict;
    }
}

static struct engine *new_engine(const struct script_test *test, enum engine_role role,
                                 bool keep_going, struct watcher *w)
{
    static const struct engine_variable variables[] = {
        {SLICE_INIT("client"), SLICE_INIT("c.example"), false},
        {SLICE_INIT("rcpt"), SLICE_INIT("b@example"), false},
        {SLICE_INIT("user"), SLICE_INIT("u"), false},
        {SLICE_INIT("pass"), SLICE_INIT("hidden"), true},
    };
    struct engine_config config = {
        .role = role,
        .match = ENGINE_MATCH_CODE,
        .keep_going = keep_going,
        .timeout_ms = 1000,
        .max_rounds = MAX_ROUNDS,
        .variables = variables,
        .variable_count = sizeof variables / sizeof *variables,
        .max_input_octets = MAX_INPUT_OCTETS,
        .max_output_octets = 2048,
        .emit = watch,
        .context = w,
    };
    return engine_new(test, &config, 0);
}

/* One wish of an engine that no peer answers any more, or whose peer says `octets`. */
static void serve_wish(struct engine *e, struct slice *octets, size_t piece, uint64_t *now)
{
    unsigned wants = engine_wants(e);
    if (wants & ENGINE_WANTS_SEND) {
        engine_sent(e, engine_output(e).len, *now);
    } else if (wants & ENGINE_WANTS_TLS) {
        engine_secured(e, SLICE("TLS"), *now);
    } else if (wants & ENGINE_WANTS_SHUTDOWN) {
        engine_shut(e, *now);
    } else if (wants & ENGINE_WANTS_CONNECT) {
        if (octets->len % 3 == 0)
            engine_connect_failed(e, SLICE("refused"), *now);
        else
            engine_connected(e, octets->len % 3 == 1, *now);
    } else if (wants & ENGINE_WANTS_DROP) {
        engine_dropped(e, *now);
    } else if (wants & ENGINE_WANTS_CLOSE) {
        engine_closed(e, *now);
    } else if (octets->len > 0) {
        size_t take = octets->len < piece ? octets->len : piece;
        struct slice copy = fuzz_copy(slice_sub(*octets, 0, take));
        engine_receive(e, octets->len % 4, copy, *now);
        fuzz_free(copy);
        *octets = slice_from(*octets, take);
        if (octets->len == 0)
            engine_eof(e, engine_connection(e), SLICE(""), *now);
    } else {
        FUZZ_LAW(engine_deadline(e) != ENGINE_NEVER, "every wait has a deadline");
        *now = engine_deadline(e);
        engine_tick(e, *now);
    }
}

static enum engine_verdict play(const struct script_test *test, enum engine_role role,
                                bool keep_going, struct slice octets, size_t piece)
{
    struct watcher w = {0, 0, ENGINE_PASS};
    struct engine *e = new_engine(test, role, keep_going, &w);
    uint64_t now = 0;
    size_t bound = 64 + 16 * test->step_count * (MAX_ROUNDS + 1) + 4 * octets.len;
    for (size_t n = 0; (engine_wants(e) & ENGINE_DONE) == 0; n++) {
        FUZZ_LAW(n < bound, "a test comes to its end");
        serve_wish(e, &octets, piece, &now);
    }
    FUZZ_LAW(w.verdicts == 1, "one verdict comes");
    FUZZ_LAW(w.verdict == engine_verdict(e), "and it is the engine's");
    engine_free(e);
    return w.verdict;
}

/* ---- against itself ---- */

/* Scripts whose both sides say the same: no patterns, no verdicts, nothing raw, no line too long
 * for the peer, every reply asked for. */
static bool is_plain(const struct script_test *test)
{
    size_t asked = 0, answered = 0;
    for (size_t i = 0; i < test->step_count; i++) {
        const struct script_step *step = &test->steps[i];
        if (step->kind != SCRIPT_SEND && step->kind != SCRIPT_EXPECT)
            return false;
        if (step->kind == SCRIPT_SEND) {
            if (step->as.send.role == SCRIPT_SEND_RAW || step->as.send.role == SCRIPT_SEND_MESSAGE)
                return false;
            for (size_t k = 0; k < step->as.send.text.count; k++)
                if (step->as.send.text.parts[k].text.len > MAX_INPUT_OCTETS / 2 ||
                    step->as.send.text.parts[k].kind != SCRIPT_PART_LITERAL ||
                    slice_find(step->as.send.text.parts[k].text, '\r') + 2 !=
                        step->as.send.text.parts[k].text.len)
                    return false;
            asked++;
            continue;
        }
        const struct script_expectation *expect = &step->as.expect;
        if (expect->line_count == 0 || expect->within_ms > 0 || expect->pass.count != 1 ||
            expect->pass.items[0].kind != SCRIPT_OUTCOME_CODE || expect->pass.items[0].negated)
            return false;
        for (size_t k = 0; k < expect->line_count; k++)
            if (expect->lines[k].kind != SCRIPT_LINE_CODE)
                return false;
        if (step->answers == SCRIPT_NO_STEP && i > 0)
            return false;
        answered++;
    }
    return test->require_count == 0 && !test->has_decisive && asked + 1 == answered;
}

static bool move(struct engine *from, struct engine *to, size_t piece)
{
    if ((engine_wants(from) & ENGINE_WANTS_SEND) == 0)
        return false;
    struct slice out = engine_output(from);
    size_t take = out.len < piece ? out.len : piece;
    struct slice copy = fuzz_copy(slice_sub(out, 0, take));
    engine_sent(from, take, 0);
    engine_receive(to, 0, copy, 0);
    fuzz_free(copy);
    return true;
}

static void play_itself(const struct script_test *test, size_t piece)
{
    struct watcher wc = {0, 0, ENGINE_PASS}, ws = {0, 0, ENGINE_PASS};
    struct engine *client = new_engine(test, ENGINE_CLIENT, false, &wc);
    struct engine *server = new_engine(test, ENGINE_SERVER, false, &ws);
    while (move(client, server, piece) || move(server, client, piece))
        ;
    if (wc.verdict != ENGINE_SKIP)
        FUZZ_LAW(wc.verdicts == 1 && wc.verdict == ENGINE_PASS && ws.verdicts == 1 &&
                     ws.verdict == ENGINE_PASS,
                 "a script played against itself passes");
    engine_free(client);
    engine_free(server);
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct slice line = SLICE_INIT("\n====\n");
    struct slice in = slice_of(data, size), text = in, octets = SLICE("");
    for (size_t i = 0; i + line.len <= in.len; i++) {
        if (slice_starts(slice_from(in, i), line)) {
            text = slice_sub(in, 0, i + 1);
            octets = slice_from(in, i + line.len);
            break;
        }
    }
    struct script_options options = {.name = SLICE("fuzz.smtp")};
    struct script *script = script_load(text, &options);
    size_t piece = 1 + fuzz_knob(in, 0, 40);
    for (size_t i = 0; i < script->test_count && i < 4; i++) {
        const struct script_test *test = &script->tests[i];
        enum engine_verdict whole = play(test, ENGINE_CLIENT, false, octets, 1024);
        enum engine_verdict pieces = play(test, ENGINE_CLIENT, false, octets, 1024);
        FUZZ_LAW(whole == pieces, "the same octets come to the same verdict");
        play(test, ENGINE_CLIENT, true, octets, piece);
        play(test, ENGINE_SERVER, false, octets, piece);
        if (is_plain(test) && test->step_count < 200)
            play_itself(test, piece);
    }
    script_free(script);
    return 0;
}
