#include "laws/itself.h"

#include "fuzz.h"
#include "laws/made.h"
#include "laws/said.h"

#define MAX_STEPS   2000 /* that are played, those of each round counted */
#define MAX_WAIT_MS 500  /* of %sleep and %quiet: less than the peer's patience */
#define PATIENCE_MS 1000
#define MAX_MEANING                                                                                \
    128 /* octets that a server puts where a reply has no text: what its code means */

#define MAX_LETTERS 9  /* of a mechanism whose exchange ends */
#define MAX_ROUNDS  32 /* of one that does not */

static bool sasl_done; /* of the last exchange that went on */

bool itself_sasl_done(void)
{
    return sasl_done;
}

/* ---- which tests: the steps as they will be played ---- */

struct walk {
    const struct script_test *test;
    size_t steps, rounds;
    size_t pending;    /* commands without a reply so far */
    bool greeted;      /* the first reply was met */
    bool in_message;   /* before its lone dot */
    bool over;         /* nothing may follow */
    uint64_t waits_ms; /* %sleep and %quiet */
};

#define MAX_MESSAGE_LINE 6000 /* octets; more than leave in one write */

/* Text whose octets are known, or a variable's; what is longer than the peer takes is seen then. */
static bool is_known_text(struct script_text text, size_t max, size_t *ret_octets)
{
    *ret_octets = 0;
    for (size_t i = 0; i < text.count; i++) {
        const struct script_part *part = &text.parts[i];
        size_t inside = part->text.len;
        if (part->kind == SCRIPT_PART_TIMES &&
            (part->count > max || !is_known_text(*part->of, max, &inside)))
            return false;
        if (part->kind == SCRIPT_PART_LITERAL || part->kind == SCRIPT_PART_TIMES)
            *ret_octets += part->kind == SCRIPT_PART_TIMES ? inside * (size_t)part->count : inside;
        else if (part->kind != SCRIPT_PART_VARIABLE && part->kind != SCRIPT_PART_ROUND)
            return false;
        if (part->has_fallback)
            return false;
    }
    return *ret_octets <= max;
}

/* The server can reply, and rightly. */
static bool has_code(struct script_outcomes pass)
{
    for (unsigned code = 200; code < 600; code++)
        if (script_outcomes_match(pass, code))
            return true;
    return false;
}

static bool is_plain_reply(const struct script_expectation *expect)
{
    size_t octets = 0;
    for (size_t i = 0; i < expect->line_count; i++) {
        const struct script_text *text = &expect->lines[i].text;
        size_t here;
        if (expect->lines[i].kind == SCRIPT_LINE_PATTERN ||
            !is_known_text(*text, ITSELF_MAX_OCTETS, &here))
            return false;
        if (expect->lines[i].kind == SCRIPT_LINE_EXACT &&
            (text->count != 1 || text->parts[0].kind != SCRIPT_PART_LITERAL))
            return false;
        for (size_t k = 0; k < text->count; k++)
            if (slice_find(text->parts[k].text, '\r') < text->parts[k].text.len)
                return false;
        octets += here + 6; /* code, separator and line ending */
        if (text->count == 0)
            octets += MAX_MEANING;
    }
    return octets <= ITSELF_MAX_OCTETS && has_code(expect->pass);
}

/* CRLF ends it, and no CR stands elsewhere. */
static bool is_line(struct script_text text, size_t max)
{
    size_t octets;
    if (text.count == 0 || !is_known_text(text, max, &octets))
        return false;
    for (size_t i = 0; i < text.count; i++) {
        struct slice part = text.parts[i].text;
        size_t cr = slice_find(part, '\r');
        bool last = i + 1 == text.count;
        if (last ? text.parts[i].kind != SCRIPT_PART_LITERAL || part.len < 2 || cr + 2 != part.len
                 : text.parts[i].kind == SCRIPT_PART_LITERAL && cr < part.len)
            return false;
    }
    return true;
}

static bool walk_send(struct walk *w, const struct script_send *send)
{
    bool first = !w->greeted && w->pending == 0;
    if (send->segment != NULL && send->segment->every_ms > 0)
        return false;
    switch (send->role) {
    case SCRIPT_SEND_PROXY: /* it awaits no reply */
        return first;
    case SCRIPT_SEND_COMMAND:
    case SCRIPT_SEND_AUTH:
        w->pending++;
        return !w->in_message && is_line(send->text, ITSELF_MAX_OCTETS / 4);
    case SCRIPT_SEND_CHUNK:
        w->pending++;
        return !w->in_message;
    case SCRIPT_SEND_MESSAGE:
        w->in_message = !send->ends_message;
        w->pending += send->ends_message;
        return !send->alone && is_line(send->text, MAX_MESSAGE_LINE);
    default:
        return false;
    }
}

static bool walk_reply(struct walk *w, const struct script_step *step, bool last)
{
    const struct script_expectation *expect = &step->as.expect;
    if (w->in_message)
        return false;
    if (expect->line_count == 0) { /* the server closes, and nothing else is meant */
        w->over = true;
        return last && w->pending == 0 && w->greeted && expect->pass.count == 1 &&
               expect->pass.items[0].kind == SCRIPT_OUTCOME_EOF;
    }
    bool greeting = !w->greeted && w->pending == 0 && step->answers == SCRIPT_NO_STEP;
    if (!is_plain_reply(expect) ||
        (!greeting && (w->pending == 0 || !w->greeted || step->answers == SCRIPT_NO_STEP)))
        return false;
    w->pending -= !greeting;
    w->greeted = true;
    return true;
}

static bool says_334(struct script_outcomes pass)
{
    return script_outcomes_match(pass, 334);
}

static bool walk_auth(struct walk *w, size_t index)
{
    const struct script_step *next =
        index + 1 < w->test->step_count ? &w->test->steps[index + 1] : NULL;
    size_t octets;
    const struct script_auth *auth = &w->test->steps[index].as.auth;
    if (auth->mechanism.len > MAX_LETTERS || w->pending > 0 || w->in_message || !w->greeted ||
        !is_known_text(auth->user, 64, &octets) || !is_known_text(auth->pass, 64, &octets))
        return false;
    if (next != NULL && next->kind == SCRIPT_EXPECT) {
        w->pending++;
        return !says_334(next->as.expect.pass);
    }
    return true;
}

static bool walk_steps(struct walk *w, size_t from, size_t to);

/* Both parts leave as many commands without a reply. */
static bool walk_branch(struct walk *w, size_t index, size_t *ret_next)
{
    size_t target = w->test->steps[index].as.flow.target;
    const struct script_step *last = &w->test->steps[target - 1];
    bool has_else = target - 1 > index && last->kind == SCRIPT_ELSE;
    struct walk other = *w;
    *ret_next = has_else ? last->as.flow.target : target;
    if (!w->greeted || !walk_steps(w, index + 1, has_else ? target - 1 : target))
        return false;
    other.steps = w->steps;
    other.rounds = w->rounds;
    other.waits_ms = w->waits_ms;
    if (has_else && !walk_steps(&other, target, *ret_next))
        return false;
    w->steps = other.steps;
    w->rounds = other.rounds;
    w->waits_ms = other.waits_ms;
    return w->pending == other.pending && w->in_message == other.in_message && !w->over &&
           !other.over;
}

/* It leaves, after any round, as many commands without a reply as before: which one a line of
 * replies answers is the same in all rounds. */
static bool walk_loop(struct walk *w, size_t index, size_t *ret_next)
{
    const struct script_flow *flow = &w->test->steps[index].as.flow;
    const struct script_step *again = &w->test->steps[flow->target - 1];
    uint64_t rounds;
    if (again->kind != SCRIPT_AGAIN || !w->greeted || !said_rounds(w->test, flow, &rounds) ||
        rounds > ITSELF_MAX_ROUNDS)
        return false;
    *ret_next = flow->target;
    for (uint64_t i = 0; i < rounds; i++) {
        size_t pending = w->pending;
        bool in_message = w->in_message;
        if (++w->rounds > ITSELF_MAX_ROUNDS || !walk_steps(w, index + 1, flow->target - 1))
            return false;
        if (pending != w->pending || in_message != w->in_message)
            return false;
    }
    return true;
}

static bool walk_step(struct walk *w, size_t index, size_t *ret_next)
{
    const struct script_step *step = &w->test->steps[index];
    bool idle = w->pending == 0 && !w->in_message;
    if (w->over || ++w->steps > MAX_STEPS)
        return false;
    switch (step->kind) {
    case SCRIPT_SEND:
        return walk_send(w, &step->as.send);
    case SCRIPT_EXPECT:
        return walk_reply(w, step, index + 1 == w->test->step_count);
    case SCRIPT_AUTH:
        return walk_auth(w, index);
    case SCRIPT_IF:
        return walk_branch(w, index, ret_next);
    case SCRIPT_REPEAT:
        return walk_loop(w, index, ret_next);
    case SCRIPT_QUIET:
    case SCRIPT_SLEEP:
        w->waits_ms += step->as.wait.ms;
        return idle && w->greeted && w->waits_ms < MAX_WAIT_MS;
    case SCRIPT_TLS: /* a value that is read as it is played may be none */
        return idle && w->greeted && step->as.tls.later_count == 0;
    case SCRIPT_BARRIER:
        return idle && w->greeted;
    case SCRIPT_CLOSE:
        w->over = true;
        return idle && w->greeted && !step->as.reset;
    case SCRIPT_CAPTURE:
        return !step->as.capture.message && !w->in_message;
    case SCRIPT_EHLO:
    case SCRIPT_ASSERT:
    case SCRIPT_SECURED:
    case SCRIPT_END:
        return !w->in_message;
    default:
        return false;
    }
}

static bool walk_steps(struct walk *w, size_t from, size_t to)
{
    for (size_t i = from, next; i < to; i = next) {
        next = i + 1;
        if (!walk_step(w, i, &next))
            return false;
    }
    return true;
}

bool itself_is_plain(const struct script_test *test)
{
    struct walk w = {.test = test};
    return walk_steps(&w, 0, test->step_count) && w.pending == 0 && !w.in_message && w.greeted;
}

/* ---- exchanges of %auth: a mechanism of as many messages as its name has letters, each of which
 * says whose turn it is and the password; the other side takes no other octets ---- */

struct exchange {
    bool client;
    size_t at, count; /* messages */
    size_t steps;
    bool endless; /* a mechanism whose messages have no end */
    size_t pass_len;
    uint8_t pass[64];
};

static void *sasl_begin(void *context, const struct engine_credentials *as, bool *ret_first,
                        struct slice *ret_reason)
{
    (void)context;
    *ret_reason = SLICE("a name of letters");
    sasl_done = false;
    if (as->mechanism.len == 0)
        return NULL;
    struct exchange *x = fuzz_take(sizeof *x);
    *x = (struct exchange){.client = as->role == ENGINE_CLIENT,
                           .count = as->mechanism.len,
                           .endless = as->mechanism.len > MAX_LETTERS};
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
    *ret_reason = SLICE("not what the other side says");
    FUZZ_LAW(x->steps++ < MAX_ROUNDS, "an exchange has an end");
    if (x->endless) { /* whatever is said */
        writer_put_octet(out, 'x');
        return true;
    }
    if (x->at == x->count) /* a challenge behind the last one */
        return false;
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
    *ret_done = sasl_done = x->at == x->count;
    return true;
}

static void sasl_end(void *exchange)
{
    fuzz_give(exchange);
}

const struct engine_sasl itself_sasl = {sasl_begin, sasl_step, sasl_end, NULL};

/* ---- both sides ---- */

struct side {
    const struct script_test *test;
    struct writer said;
    size_t verdicts;
    enum engine_verdict verdict;
    bool asserts; /* an assertion or a %capture did not hold */
    bool too_long;
    bool no_value; /* of %tls */
};

static void watch(void *context, const struct engine_event *event)
{
    struct side *side = context;
    bool differs = event->kind == ENGINE_EVENT_DIFFERED;
    if (differs && event->step < side->test->step_count) {
        enum script_step_kind kind = side->test->steps[event->step].kind;
        side->asserts = side->asserts || kind == SCRIPT_EHLO || kind == SCRIPT_ASSERT ||
                        kind == SCRIPT_SECURED || kind == SCRIPT_CAPTURE;
    }
    side->too_long = side->too_long || (differs && event->fault == ENGINE_FAULT_TOO_LONG);
    side->no_value = side->no_value || event->fault == ENGINE_FAULT_VALUE;
    side->verdicts += event->kind == ENGINE_EVENT_VERDICT;
    side->verdict = event->kind == ENGINE_EVENT_VERDICT ? event->verdict : side->verdict;
}

const struct engine_variable itself_variables[ITSELF_VARIABLES] = {
    {SLICE_INIT("client"), SLICE_INIT("c.example"), false},
    {SLICE_INIT("rcpt"), SLICE_INIT("b@example"), false},
    {SLICE_INIT("user"), SLICE_INIT("u"), false},
    {SLICE_INIT("pass"), SLICE_INIT("hidden"), true},
};

static struct engine *new_side(enum engine_role role, struct side *side)
{
    struct engine_config config = {
        .role = role,
        .match = role == ENGINE_SERVER ? ENGINE_MATCH_EXACT : ENGINE_MATCH_CODE,
        .timeout_ms = PATIENCE_MS,
        .max_rounds = ITSELF_MAX_ROUNDS,
        .wall_s = MADE_WALL_S,
        .variables = itself_variables,
        .variable_count = ITSELF_VARIABLES,
        .max_input_octets = ITSELF_MAX_OCTETS,
        .max_output_octets = 2048,
        .sasl = &itself_sasl,
        .emit = watch,
        .context = side,
    };
    return engine_new(side->test, &config, 0);
}

static bool move(struct engine *from, struct engine *to, struct side *side, size_t piece,
                 uint64_t now)
{
    unsigned wants = engine_wants(from);
    if (wants & ENGINE_WANTS_SEND) {
        struct slice out = engine_output(from);
        size_t take = out.len < piece ? out.len : piece;
        struct slice copy = fuzz_copy(slice_sub(out, 0, take));
        writer_put(&side->said, copy);
        engine_sent(from, take, now);
        engine_receive(to, 0, copy, now);
        fuzz_free(copy);
        return true;
    }
    if ((wants & ENGINE_WANTS_TLS) && (engine_wants(to) & ENGINE_WANTS_TLS)) {
        engine_secured(from, SLICE("TLS"), now);
        engine_secured(to, SLICE("TLS"), now);
        return true;
    }
    if (wants & ENGINE_WANTS_CLOSE) {
        engine_closed(from, now);
        engine_eof(to, 0, SLICE(""), now);
        return true;
    }
    return false;
}

/* What went out is what the script says; all of it, where it was played to its end. */
static void check_said(const struct script_test *test, const struct side *client,
                       const struct side *server, bool passed)
{
    struct writer model = fuzz_writer(SAID_OCTETS);
    bool told = said_by_client(test, &model);
    struct slice said = writer_slice(&client->said), written = writer_slice(&model);
    size_t both = said.len < written.len ? said.len : written.len;
    FUZZ_LAW(slice_equal(slice_sub(said, 0, both), slice_sub(written, 0, both)),
             "what a client says is what the script says");
    FUZZ_LAW(!passed || client->said.overflow || said.len == written.len ||
                 (!told && said.len > written.len),
             "a client that passes has said all of it");
    FUZZ_LAW(said_by_server(test, writer_slice(&server->said)),
             "what a server replies is what the script says");
    fuzz_free_writer(&model);
}

void itself_play(const struct script_test *test, size_t piece)
{
    struct side c = {.test = test, .said = fuzz_writer(SAID_OCTETS)};
    struct side s = {.test = test, .said = fuzz_writer(SAID_OCTETS)};
    struct engine *client = new_side(ENGINE_CLIENT, &c);
    struct engine *server = new_side(ENGINE_SERVER, &s);
    uint64_t now = 0;
    while (now <= 2 * (uint64_t)PATIENCE_MS) {
        if (move(client, server, &c, piece, now) || move(server, client, &s, piece, now))
            continue;
        if ((engine_wants(client) & engine_wants(server) & ENGINE_DONE) != 0)
            break;
        uint64_t a = engine_deadline(client), b = engine_deadline(server);
        if (a == ENGINE_NEVER && b == ENGINE_NEVER)
            break;
        now = a < b ? a : b;
        engine_tick(client, now);
        engine_tick(server, now);
    }
    bool passed =
        c.verdicts == 1 && c.verdict == ENGINE_PASS && s.verdicts == 1 && s.verdict == ENGINE_PASS;
    bool law = c.verdict != ENGINE_SKIP && !c.asserts && !c.too_long && !s.too_long &&
               !c.no_value && !s.no_value;
    FUZZ_LAW(passed || !law, "a script played against itself passes");
    check_said(test, &c, &s, passed);
    engine_free(client);
    engine_free(server);
    fuzz_free_writer(&s.said);
    fuzz_free_writer(&c.said);
}
