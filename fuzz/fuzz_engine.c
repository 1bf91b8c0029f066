/*
 * Laws of the engine. The input is a script, a line "====", and what the peer sends. Played as a
 * client and as a server against those octets: every wait has a deadline, one verdict comes, last,
 * and cuts inside a reply or a command change no event. What is called a match is one, what is
 * called a wrong code is one, and the verdict is the worst of what differed. Played against itself
 * it passes.
 */
#include "custom.h"
#include "peer.h"
#include "smtp/code.h"

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

/* ---- exchanges of %auth: a mechanism of as many messages as its name has letters, each of which
 * says whose turn it is and the password; the other side takes no other octets ---- */

struct exchange {
    bool client;
    size_t at, count; /* messages */
    size_t pass_len;
    uint8_t pass[64];
};

static void *sasl_begin(void *context, const struct engine_credentials *as, bool *ret_first,
                        struct slice *ret_reason)
{
    (void)context;
    *ret_reason = SLICE("a name of up to 9 letters");
    if (as->mechanism.len > 9)
        return NULL;
    struct exchange *x = fuzz_take(sizeof *x);
    *x = (struct exchange){.client = as->role == ENGINE_CLIENT, .count = as->mechanism.len};
    x->pass_len = as->pass.len < sizeof x->pass ? as->pass.len : sizeof x->pass;
    if (x->pass_len > 0)
        memcpy(x->pass, as->pass.ptr, x->pass_len);
    *ret_first = x->count % 2 == 1; /* the client says the last */
    return x;
}

static struct slice sasl_message(const struct exchange *x, uint8_t room[80])
{
    struct writer w = writer_of(room, 80);
    writer_put_octet(&w, (uint8_t)x->at);
    writer_put(&w, slice_of(x->pass, x->pass_len));
    return writer_slice(&w);
}

static bool sasl_step(void *exchange, struct slice in, struct writer *out, bool *ret_done,
                      struct slice *ret_reason)
{
    struct exchange *x = exchange;
    uint8_t room[80];
    bool mine = (x->count - x->at) % 2 == (x->client ? 1 : 0);
    FUZZ_LAW(x->at < x->count, "an exchange that is over is not asked again");
    *ret_reason = SLICE("not what the other side says");
    if (!mine) {
        if (!slice_equal(in, sasl_message(x, room)))
            return false;
        x->at++;
    } else if (in.len > 0) {
        return false;
    }
    if (x->at < x->count) {
        writer_put(out, sasl_message(x, room));
        x->at++;
    }
    *ret_done = x->at == x->count;
    return true;
}

static void sasl_end(void *exchange)
{
    fuzz_give(exchange);
}

static const struct engine_sasl sasl = {sasl_begin, sasl_step, sasl_end, NULL};

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
        .sasl = &sasl,
        .variables = variables,
        .variable_count = sizeof variables / sizeof *variables,
        .max_input_octets = MAX_INPUT_OCTETS,
        .max_output_octets = 2048,
        .emit = watch,
        .context = w,
    };
    w->test = test;
    w->client = role == ENGINE_CLIENT;
    return engine_new(test, &config, 0);
}

static void play(const struct script_test *test, enum engine_role role, bool keep_going,
                 struct slice octets, size_t piece)
{
    struct watcher w = {.events = 0};
    struct engine *e = new_engine(test, role, keep_going, &w);
    uint64_t now = 0;
    size_t bound = 64 + 16 * test->step_count * (MAX_ROUNDS + 1) + 4 * octets.len;
    for (size_t n = 0; (engine_wants(e) & ENGINE_DONE) == 0; n++) {
        FUZZ_LAW(n < bound, "a test comes to its end");
        fuzz_peer_serve(e, &octets, piece, &now);
    }
    FUZZ_LAW(w.verdicts == 1, "one verdict comes");
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

/* ---- against itself ---- */

/* The octets that a server puts where a reply has no text: its code's meaning. */
static size_t meaning_octets(const struct script_outcome *outcome)
{
    unsigned code = 0;
    for (size_t i = 0; i < 3; i++)
        code = code * 10 + (outcome->digit[i] == SCRIPT_ANY_DIGIT ? 0 : outcome->digit[i]);
    const struct smtp_code *known = smtp_code_find(code);
    return known == NULL ? strlen("OK") : strlen(known->meaning);
}

/* Codes and texts, no more than the peer takes. */
static bool is_plain_reply(const struct script_expectation *expect)
{
    size_t octets = 0;
    for (size_t i = 0; i < expect->line_count; i++) {
        const struct script_text *text = &expect->lines[i].text;
        if (expect->lines[i].kind != SCRIPT_LINE_CODE)
            return false;
        octets += 6; /* code, separator and line ending */
        if (text->count == 0)
            octets += meaning_octets(&expect->pass.items[0]);
        for (size_t k = 0; k < text->count; k++) {
            if (text->parts[k].kind != SCRIPT_PART_LITERAL) /* it may become longer */
                return false;
            octets += text->parts[k].text.len;
        }
    }
    return octets <= MAX_INPUT_OCTETS;
}

/* An exchange, once what was asked before has its answer, and the 235 that ends it. */
static bool is_plain_auth(const struct script_test *test, size_t index)
{
    if (index == 0 || index + 1 == test->step_count ||
        test->steps[index - 1].kind != SCRIPT_EXPECT ||
        test->steps[index + 1].kind != SCRIPT_EXPECT)
        return false;
    struct script_outcomes pass = test->steps[index + 1].as.expect.pass;
    return test->steps[index].as.auth.mechanism.len < 10 && pass.count == 1 &&
           pass.items[0].kind == SCRIPT_OUTCOME_CODE && pass.items[0].digit[0] == 2 &&
           pass.items[0].digit[1] == 3 && pass.items[0].digit[2] == 5;
}

/* Scripts whose both sides say the same: no patterns, no verdicts, nothing raw, no line too long
 * for the peer, every reply asked for. */
static bool is_plain(const struct script_test *test)
{
    size_t asked = 0, answered = 0;
    for (size_t i = 0; i < test->step_count; i++) {
        const struct script_step *step = &test->steps[i];
        if (step->kind == SCRIPT_AUTH && is_plain_auth(test, i)) {
            asked++;
            continue;
        }
        if (step->kind != SCRIPT_SEND && step->kind != SCRIPT_EXPECT)
            return false;
        if (step->kind == SCRIPT_SEND) {
            if (step->as.send.role == SCRIPT_SEND_PROXY) /* it awaits no reply */
                continue;
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
        if (!is_plain_reply(expect))
            return false;
        if (step->answers == SCRIPT_NO_STEP && asked + answered > 0) /* the greeting is first */
            return false;
        answered++;
        if (answered > asked + 1) /* it answers what comes later */
            return false;
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
    struct watcher wc = {.events = 0}, ws = {.events = 0};
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
    struct slice in = slice_of(data, size), octets;
    struct slice text = fuzz_peer_script(in, &octets);
    struct script_options options = {.name = SLICE("fuzz.smtp")};
    struct script *script = script_load(text, &options);
    size_t piece = 1 + fuzz_knob(in, 0, 40);
    for (size_t i = 0; i < script->test_count && i < 4; i++) {
        const struct script_test *test = &script->tests[i];
        play(test, ENGINE_CLIENT, true, octets, piece);
        play(test, ENGINE_SERVER, false, octets, piece);
        play(test, ENGINE_CLIENT, false, octets, SIZE_MAX); /* more at once than its buffer holds */
        play_cut(test, piece % 2 == 0 ? ENGINE_CLIENT : ENGINE_SERVER, octets);
        if (is_plain(test) && test->step_count < 200)
            play_itself(test, piece);
    }
    script_free(script);
    return 0;
}
