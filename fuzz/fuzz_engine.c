/*
 * Laws of the engine. The input is a script, a line "====", and what the peer sends. Played as a
 * client and as a server against those octets: every wait has a deadline, one verdict comes, last,
 * and cuts inside a reply or a command change no event. What is called a match is one, what is
 * called a wrong code is one, and the verdict is the worst of what differed. Played against itself
 * it passes (itself.h).
 */
#include "custom.h"
#include "itself.h"
#include "peer.h"

#define MAX_INPUT_OCTETS 1024 /* a peer's line may have half of it */
#define MAX_ROUNDS       40   /* of %repeat in a test */

struct watcher {
    size_t verdicts, events;
    enum engine_verdict verdict;
    uint64_t sum; /* of the events, so that two plays can be compared */
    const struct script_test *test;
    bool client, received; /* a reply, since the last step */
    unsigned code;         /* of that */
    unsigned worst;        /* of what differed: its rank */
};

static void add(struct watcher *w, uint64_t number)
{
    w->sum = w->sum * 1099511628211u + number;
}

static void add_text(struct watcher *w, struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        add(w, text.ptr[i]);
    add(w, text.len);
}

/* ---- the model: a reply's three digits, and what the script says of them ---- */

static bool outcome_has(const struct script_outcome *outcome, unsigned code)
{
    const unsigned digits[3] = {code / 100, code / 10 % 10, code % 10};
    bool same = outcome->kind == SCRIPT_OUTCOME_CODE;
    for (size_t i = 0; i < 3 && same; i++)
        same = outcome->digit[i] == SCRIPT_ANY_DIGIT || outcome->digit[i] == digits[i];
    return same || outcome->kind == SCRIPT_OUTCOME_ANY;
}

static bool outcomes_have(struct script_outcomes set, unsigned code)
{
    bool any = false;
    for (size_t i = 0; i < set.count; i++)
        any = any || outcome_has(&set.items[i], code);
    return set.count == 0 || any != set.items[0].negated;
}

static unsigned rank(enum engine_verdict verdict)
{
    return verdict == ENGINE_PASS   ? 0
           : verdict == ENGINE_WARN ? 1
           : verdict == ENGINE_SKIP ? 2
           : verdict == ENGINE_FAIL ? 3
                                    : 4;
}

static void check_event(struct watcher *w, const struct engine_event *event)
{
    const struct script_step *step =
        event->step < w->test->step_count ? &w->test->steps[event->step] : NULL;
    bool expects = w->client && step != NULL && step->kind == SCRIPT_EXPECT;
    if (event->kind == ENGINE_EVENT_RECEIVED && expects && event->text.len >= 3) {
        w->received = true;
        w->code = (unsigned)(event->text.ptr[0] - '0') * 100 +
                  (unsigned)(event->text.ptr[1] - '0') * 10 + (unsigned)(event->text.ptr[2] - '0');
    }
    if (event->kind == ENGINE_EVENT_RECEIVED || event->kind == ENGINE_EVENT_DIFFERED)
        FUZZ_LAW(event->text.len <= MAX_INPUT_OCTETS, "what came is no more than its buffer holds");
    if (event->kind == ENGINE_EVENT_MATCHED && expects && w->received)
        FUZZ_LAW(outcomes_have(step->as.expect.pass, w->code), "what matches has its code");
    if (event->kind == ENGINE_EVENT_DIFFERED && expects && event->fault == ENGINE_FAULT_CODE)
        FUZZ_LAW(w->received && !outcomes_have(step->as.expect.pass, w->code),
                 "a wrong code is wrong");
    if (event->kind == ENGINE_EVENT_DIFFERED && rank(event->verdict) > w->worst)
        w->worst = rank(event->verdict);
    if (event->kind == ENGINE_EVENT_MATCHED || event->kind == ENGINE_EVENT_DIFFERED)
        w->received = false;
    if (event->kind == ENGINE_EVENT_VERDICT)
        FUZZ_LAW(rank(event->verdict) >= w->worst, "a verdict is no better than what differed");
    if (event->kind == ENGINE_EVENT_VERDICT && rank(event->verdict) > w->worst)
        FUZZ_LAW(event->text.len > 0 || event->fault != ENGINE_FAULT_NONE,
                 "a verdict that is worse has its reason");
}

static void watch(void *context, const struct engine_event *event)
{
    struct watcher *w = context;
    FUZZ_LAW(w->verdicts == 0, "the verdict is the last event");
    w->events++;
    check_event(w, event);
    add(w, (uint64_t)event->kind << 16 | (uint64_t)event->fault << 8 | (uint64_t)event->verdict);
    add(w, event->step ^ event->quirks ^ event->offset << 32 ^ event->taken_ms);
    add_text(w, event->text);
    add_text(w, event->sent);
    if (event->kind == ENGINE_EVENT_VERDICT) {
        w->verdicts++;
        w->verdict = event->verdict;
    }
}

static struct engine *new_engine(const struct script_test *test, enum engine_role role,
                                 bool keep_going, struct watcher *w)
{
    struct engine_config config = {
        .role = role,
        .match = ENGINE_MATCH_CODE,
        .keep_going = keep_going,
        .timeout_ms = 1000,
        .max_rounds = MAX_ROUNDS,
        .sasl = &itself_sasl,
        .variables = itself_variables,
        .variable_count = ITSELF_VARIABLES,
        .max_input_octets = MAX_INPUT_OCTETS,
        .max_output_octets = 2048,
        .emit = watch,
        .context = w,
    };
    w->test = test;
    w->client = role == ENGINE_CLIENT;
    return engine_new(test, &config, 0);
}

/* ---- what goes out ---- */

#define MOST_SENT (64u * 1024)
#define LINES     0 /* a piece: a line at a time, as who waits for each reply receives them */

/* Octets of a text; false from the first part on that is no literal, nor one again and again. */
static bool put_literal(struct writer *out, struct script_text text)
{
    for (size_t i = 0; i < text.count && !out->overflow; i++) {
        const struct script_part *part = &text.parts[i];
        bool times = part->kind == SCRIPT_PART_TIMES;
        if (part->kind != SCRIPT_PART_LITERAL && !times)
            return false;
        for (uint64_t k = 0; times && k < part->count && k < MOST_SENT && !out->overflow; k++)
            if (!put_literal(out, *part->of))
                return false;
        writer_put(out, times ? SLICE("") : part->text);
    }
    return !out->overflow;
}

/* RFC 3030 2: a chunk says how many octets follow. */
static bool put_chunk(struct writer *out, const struct script_part *part)
{
    struct writer text = fuzz_writer(MOST_SENT);
    bool literal = part->count == 0 && put_literal(&text, *part->of);
    writer_put(out, SLICE("BDAT "));
    writer_put_number(out, text.len);
    writer_put(out, part->ends ? SLICE(" LAST\r\n") : SLICE("\r\n"));
    writer_put(out, writer_slice(&text));
    fuzz_free_writer(&text);
    return literal && !out->overflow;
}

/* All that a client says in a test that goes straight on, as far as that is told here. */
static void put_sends(struct writer *out, const struct script_test *test)
{
    for (size_t i = 0; i < test->step_count; i++) {
        const struct script_step *step = &test->steps[i];
        size_t before = out->len;
        bool told = step->kind == SCRIPT_EXPECT;
        if (step->kind == SCRIPT_SEND && step->as.send.role == SCRIPT_SEND_CHUNK)
            told = put_chunk(out, step->as.send.text.parts);
        else if (step->kind == SCRIPT_SEND)
            told = put_literal(out, step->as.send.text);
        if (!told || step->connection != 0) {
            out->len = before;
            return;
        }
    }
}

static struct {
    uint8_t octets[MOST_SENT];
    size_t len;
} sent;

static void collect(const struct engine *e)
{
    struct slice out = (engine_wants(e) & ENGINE_WANTS_SEND) != 0 ? engine_output(e) : SLICE("");
    size_t take = out.len < MOST_SENT - sent.len ? out.len : MOST_SENT - sent.len;
    if (take > 0)
        memcpy(sent.octets + sent.len, out.ptr, take);
    sent.len += take;
}

static void check_sent(const struct script_test *test)
{
    struct writer model = fuzz_writer(MOST_SENT);
    put_sends(&model, test);
    size_t both = sent.len < model.len ? sent.len : model.len;
    FUZZ_LAW(slice_equal(slice_of(sent.octets, both), slice_sub(writer_slice(&model), 0, both)),
             "what goes out is what the script says, in its order");
    fuzz_free_writer(&model);
}

static void play(const struct script_test *test, enum engine_role role, bool keep_going,
                 struct slice octets, size_t piece)
{
    struct watcher w = {.events = 0};
    struct engine *e = new_engine(test, role, keep_going, &w);
    uint64_t now = 0;
    sent.len = 0;
    size_t bound = 64 + 16 * test->step_count * (MAX_ROUNDS + 1) + 4 * octets.len;
    for (size_t n = 0; (engine_wants(e) & ENGINE_DONE) == 0; n++) {
        FUZZ_LAW(n < bound, "a test comes to its end");
        collect(e);
        fuzz_peer_serve(e, &octets, piece == LINES ? slice_find(octets, '\n') + 1 : piece, &now);
    }
    FUZZ_LAW(w.verdicts == 1, "one verdict comes");
    if (role == ENGINE_CLIENT && !keep_going)
        check_sent(test);
    FUZZ_LAW(w.verdict == engine_verdict(e), "and it is the engine's");
    engine_free(e);
}

/* ---- cut and whole ---- */

/* Gives one engine octets one by one, until it says something or wants something else, and the
 * other the same octets at once. */
static void give_both(struct engine *cut, struct engine *whole, const struct watcher *w,
                      struct slice *octets, uint64_t now)
{
    size_t events = w->events, given = 0;
    unsigned wants = engine_wants(cut), connection = engine_connection(cut);
    while (given < octets->len && w->events == events && engine_wants(cut) == wants) {
        struct slice copy = fuzz_copy(slice_sub(*octets, given, given + 1));
        engine_receive(cut, connection, copy, now);
        fuzz_free(copy);
        given++;
    }
    struct slice copy = fuzz_copy(slice_sub(*octets, 0, given));
    engine_receive(whole, connection, copy, now);
    fuzz_free(copy);
    *octets = slice_from(*octets, given);
}

static void play_cut(const struct script_test *test, enum engine_role role, struct slice octets)
{
    struct watcher wc = {.events = 0}, ww = {.events = 0};
    struct engine *cut = new_engine(test, role, true, &wc);
    struct engine *whole = new_engine(test, role, true, &ww);
    for (uint64_t now = 0; (engine_wants(cut) & ENGINE_DONE) == 0;) {
        const unsigned others = ~(unsigned)ENGINE_WANTS_RECEIVE;
        if (octets.len > 0 && (engine_wants(cut) & others) == 0) {
            give_both(cut, whole, &wc, &octets, now);
        } else {
            struct slice none = octets, same = octets;
            uint64_t then = now;
            fuzz_peer_serve(cut, &none, 0, &now);
            fuzz_peer_serve(whole, &same, 0, &then);
            FUZZ_LAW(now == then, "cuts change no deadline");
        }
        FUZZ_LAW(wc.events == ww.events && wc.sum == ww.sum,
                 "how a reply or a command is cut changes no event");
        FUZZ_LAW(engine_wants(cut) == engine_wants(whole), "and no wish");
    }
    engine_free(cut);
    engine_free(whole);
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size), octets;
    struct slice text = fuzz_peer_script(in, &octets);
    struct script_options options = {.name = SLICE("fuzz.smtp")};
    struct script *script = script_load(text, &options);
    size_t piece = 1 + fuzz_knob(in, 0, 40);
    for (size_t i = 0; i < script->test_count && i < 4; i++) {
        const struct script_test *test = &script->tests[i];
        play(test, ENGINE_CLIENT, true, octets, piece);
        play(test, ENGINE_SERVER, false, octets, piece);
        play(test, ENGINE_CLIENT, false, octets, LINES);
        play(test, ENGINE_CLIENT, false, octets, SIZE_MAX); /* more at once than its buffer holds */
        play_cut(test, piece % 2 == 0 ? ENGINE_CLIENT : ENGINE_SERVER, octets);
        if (itself_is_plain(test))
            itself_play(test, piece);
    }
    script_free(script);
    return 0;
}
