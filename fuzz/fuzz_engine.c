/*
 * Laws of the engine. The input is a script, a line "====", and what the peer sends. Played as a
 * client and as a server against those octets: every wait has a deadline, one verdict comes, last,
 * and cuts inside a reply or a command change no event. What is called a match is one, what is
 * called wrong is wrong (judged.h), and the verdict is the worst of what differed. Played against
 * itself it passes (itself.h).
 */
#include "custom.h"
#include "laws/announced.h"
#include "laws/captured.h"
#include "laws/itself.h"
#include "laws/judged.h"
#include "laws/made.h"
#include "laws/paced.h"
#include "laws/said.h"
#include "peer.h"
#include "script/transcript.h"

#define MAX_INPUT_OCTETS 1024 /* a peer's line may have half of it */
#define MAX_ROUNDS       40   /* of %repeat in a test */
#define MAX_HELLO_STEPS  256
#define COMPARED_OCTETS  4096

struct watcher {
    size_t verdicts, events;
    enum engine_verdict verdict;
    uint64_t sum; /* of the events, so that two plays can be compared */
    const struct script_test *test;
    bool client, received;                   /* a reply, since the last step */
    size_t received_at;                      /* by which step */
    struct judged_reply reply;               /* that came last, in `octets` */
    unsigned worst;                          /* of what differed: its rank */
    enum judged replies[SCRIPT_MAX_REPLIES]; /* what each %replies says so far */
    bool hello[MAX_HELLO_STEPS];             /* which steps sent EHLO or LHLO */
    enum judged ehlo_known;                  /* what is kept of it: YES; else UNKNOWN */
    size_t ehlo_len;                         /* 0: nothing is */
    const struct engine *engine;             /* NULL until it is there */
    struct paced paced;
    bool paces;                          /* a client, alone */
    size_t room;                         /* of the engine's: octets that came and are unread */
    size_t told[SCRIPT_MAX_CONNECTIONS]; /* octets of what came, in events */
    bool untold;                         /* an event does not tell how many */
    bool departs;     /* from the script: lines may be left out of what is sent */
    size_t awaits;    /* the step whose reply came, and is to be judged */
    enum judged verb; /* server: whether what came is the written command */
    uint8_t octets[4 * MAX_INPUT_OCTETS]; /* where each was a secret, as "****" */
    uint8_t ehlo[4 * MAX_INPUT_OCTETS];
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

static unsigned rank(enum engine_verdict verdict)
{
    return verdict == ENGINE_PASS   ? 0
           : verdict == ENGINE_WARN ? 1
           : verdict == ENGINE_SKIP ? 2
           : verdict == ENGINE_FAIL ? 3
                                    : 4;
}

/* ---- the model: what the script says of the replies ---- */

/* A reply came where one is expected: what each %replies below says of it. */
static void keep_reply(struct watcher *w, const struct engine_event *event)
{
    w->received = w->reply.came = true;
    w->received_at = event->step;
    w->reply.code = (unsigned)(event->text.ptr[0] - '0') * 100 +
                    (unsigned)(event->text.ptr[1] - '0') * 10 +
                    (unsigned)(event->text.ptr[2] - '0');
    w->reply.hidden = judged_hides_code(event->text);
    w->reply.raw = slice_of(w->octets, event->text.len);
    memcpy(w->octets, event->text.ptr, w->reply.raw.len);
    size_t n = 0;
    for (size_t i = 0; i < w->test->step_count && n < SCRIPT_MAX_REPLIES; i++) {
        const struct script_step *step = &w->test->steps[i];
        if (step->kind != SCRIPT_ASSERT || step->as.assertion.of != SCRIPT_ASSERT_REPLIES)
            continue;
        if (i >= event->step && w->replies[n] == JUDGED_YES)
            w->replies[n] = judged_assertion(&step->as.assertion, &w->reply);
        n++;
    }
}

/* What a reply to EHLO announced counts until another one does; where EHLO is not known, nothing
 * is announced. */
static void keep_ehlo(struct watcher *w, size_t answers)
{
    unsigned code = w->reply.code;
    if (answers == SCRIPT_NO_STEP || answers >= MAX_HELLO_STEPS || !w->hello[answers] ||
        (!w->reply.hidden && code / 100 != 2 && code != 500 && code != 502))
        return;
    w->ehlo_known = judged_is_masked(w->reply.raw) ? JUDGED_UNKNOWN : w->ehlo_known;
    w->ehlo_len = code / 100 == 2 ? w->reply.raw.len : 0;
    memcpy(w->ehlo, w->reply.raw.ptr, w->ehlo_len);
}

/* Which steps say EHLO; on another connection, and under TLS, other things are announced. */
static void note_hello(struct watcher *w, const struct engine_event *event)
{
    bool hello = slice_starts_nocase(event->text, SLICE("EHLO")) ||
                 slice_starts_nocase(event->text, SLICE("LHLO"));
    if (event->kind == ENGINE_EVENT_SECURED)
        w->ehlo_known = JUDGED_UNKNOWN;
    if (event->kind == ENGINE_EVENT_SENT && judged_is_masked(event->text))
        w->ehlo_known = JUDGED_UNKNOWN;
    if (event->kind == ENGINE_EVENT_SENT && event->step < MAX_HELLO_STEPS)
        w->hello[event->step] = hello;
}

static enum judged ehlo_holds(const struct watcher *w, const struct script_step *step)
{
    for (size_t i = 0; i < w->test->step_count; i++)
        if (w->test->steps[i].kind == SCRIPT_CONNECT || w->test->steps[i].kind == SCRIPT_AUTH ||
            i >= MAX_HELLO_STEPS)
            return JUDGED_UNKNOWN;
    return w->ehlo_known == JUDGED_YES ? announced_holds(step, slice_of(w->ehlo, w->ehlo_len))
                                       : JUDGED_UNKNOWN;
}

/* Whether a comparison holds of texts that need nothing of the dialogue. */
static enum judged compare_holds(const struct watcher *w, const struct script_compare *compare)
{
    struct writer left = fuzz_writer(COMPARED_OCTETS), right = fuzz_writer(COMPARED_OCTETS);
    bool told =
        said_text(w->test, compare->left, &left) && said_text(w->test, compare->right, &right);
    enum judged answer =
        told ? judged_compare(compare, writer_slice(&left), writer_slice(&right)) : JUDGED_UNKNOWN;
    fuzz_free_writer(&left);
    fuzz_free_writer(&right);
    return answer;
}

/* Whether an assertion, the step `index`, holds. */
static enum judged assertion_holds(const struct watcher *w, size_t index)
{
    const struct script_assert *assertion = &w->test->steps[index].as.assertion;
    size_t n = 0;
    for (size_t i = 0; i < index; i++)
        n += w->test->steps[i].kind == SCRIPT_ASSERT &&
             w->test->steps[i].as.assertion.of == SCRIPT_ASSERT_REPLIES;
    return assertion->of == SCRIPT_ASSERT_REPLY     ? judged_assertion(assertion, &w->reply)
           : assertion->of == SCRIPT_ASSERT_REPLIES ? w->replies[n]
                                                    : compare_holds(w, &assertion->compare);
}

/* The last step that makes the verdict; what comes behind it only cleans up. */
static size_t last_decisive(const struct script_test *test)
{
    size_t last = 0;
    for (size_t i = 0; i < test->step_count; i++) {
        const struct script_step *step = &test->steps[i];
        bool asserts = (step->kind == SCRIPT_EHLO || step->kind == SCRIPT_QUIET ||
                        step->kind == SCRIPT_ASSERT || step->kind == SCRIPT_MESSAGE ||
                        step->kind == SCRIPT_SECURED) &&
                       step->weight != SCRIPT_WEIGHT_UNCLEAR;
        last = asserts || (step->kind == SCRIPT_EXPECT && step->as.expect.decisive) ? i : last;
    }
    return last;
}

/* Its reply may be passed over without a word. */
static bool only_cleans_up(const struct script_test *test, size_t index)
{
    return test->has_decisive && index > last_decisive(test);
}

static void check_matched(const struct watcher *w, size_t index)
{
    const struct script_step *step = &w->test->steps[index];
    const struct script_expectation *expect = &step->as.expect;
    if (step->kind == SCRIPT_ASSERT)
        FUZZ_LAW(assertion_holds(w, index) != JUDGED_NO, "an assertion that holds is so");
    if (step->kind == SCRIPT_EHLO)
        FUZZ_LAW(ehlo_holds(w, step) != JUDGED_NO, "what is said to be announced is");
    if (step->kind != SCRIPT_EXPECT || !w->received || w->received_at != index || w->reply.hidden ||
        only_cleans_up(w->test, index))
        return;
    FUZZ_LAW(judged_code(expect->pass, &w->reply), "what matches has its code");
    FUZZ_LAW(judged_enhanced(expect, &w->reply) != JUDGED_NO, "what matches has its enhanced code");
    FUZZ_LAW(judged_lines(expect, &w->reply) != JUDGED_NO, "what matches has its text");
}

static void check_differed(const struct watcher *w, const struct engine_event *event)
{
    const struct script_step *step = &w->test->steps[event->step];
    const struct script_expectation *expect = &step->as.expect;
    bool line = step->kind == SCRIPT_EXPECT, code = event->fault == ENGINE_FAULT_CODE;
    if (w->reply.hidden && (line || step->kind == SCRIPT_ASSERT))
        return;
    if (line && (code || event->fault == ENGINE_FAULT_NOT_CLOSED)) {
        FUZZ_LAW(w->received && !judged_code(expect->pass, &w->reply), "a wrong code is wrong");
        code = true;
    } else if (line && event->fault == ENGINE_FAULT_ENHANCED) {
        FUZZ_LAW(judged_enhanced(expect, &w->reply) != JUDGED_YES,
                 "a wrong enhanced code is wrong");
    } else if (line &&
               (event->fault == ENGINE_FAULT_TEXT || event->fault == ENGINE_FAULT_PATTERN)) {
        FUZZ_LAW(judged_lines(expect, &w->reply) != JUDGED_YES, "a wrong text is wrong");
    } else if (step->kind == SCRIPT_ASSERT && (code || event->fault == ENGINE_FAULT_ASSERT)) {
        FUZZ_LAW(assertion_holds(w, event->step) != JUDGED_YES, "an assertion that fails is wrong");
    } else if (step->kind == SCRIPT_QUIET && event->fault == ENGINE_FAULT_QUIET) {
        FUZZ_LAW(event->verdict == judged_quiet(w->test, step, event->text),
                 "what comes where nothing should comes to what its line says");
        return;
    } else if (step->kind == SCRIPT_EHLO && event->fault == ENGINE_FAULT_EHLO) {
        FUZZ_LAW(ehlo_holds(w, step) != JUDGED_YES, "what is said not to be announced is not");
        return;
    } else {
        return;
    }
    FUZZ_LAW((code && !w->reply.came) ||
                 event->verdict == judged_verdict(w->test, step, &w->reply, code),
             "what differs comes to what its line says");
}

static void check_verdict(const struct watcher *w, const struct engine_event *event)
{
    FUZZ_LAW(rank(event->verdict) >= w->worst, "a verdict is no better than what differed");
    if (rank(event->verdict) > w->worst)
        FUZZ_LAW(event->text.len > 0 || event->fault != ENGINE_FAULT_NONE,
                 "a verdict that is worse has its reason");
}

/* ---- what is told of what comes and goes ---- */

/* The variable "pass", and what base64 makes of it behind 0, 1 or 2 octets modulo 3. */
static bool holds_secret(struct slice text)
{
    static const struct slice forms[] = {SLICE_INIT("hidden"), SLICE_INIT("aGlkZGVu"),
                                         SLICE_INIT("hpZGRlb"), SLICE_INIT("oaWRkZW")};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (slice_holds(text, forms[i]))
            return true;
    return false;
}

/* Octets that came are told by their reply, or as what differs. */
static void note_told(struct watcher *w, const struct engine_event *event)
{
    bool octets = event->kind == ENGINE_EVENT_RECEIVED || event->fault == ENGINE_FAULT_UNREAD ||
                  event->fault == ENGINE_FAULT_QUIET;
    if (w->engine == NULL || !octets)
        return;
    w->told[engine_connection(w->engine)] += event->text.len;
    /* of what has no room for all of it, that which has is told */
    bool cut = event->fault == ENGINE_FAULT_UNREAD &&
               fuzz_peer_given[engine_connection(w->engine)] > w->room;
    w->untold = w->untold || cut || judged_is_masked(event->text);
}

/* Whether each octet that came is told; true where nobody knows. */
static bool all_told(const struct watcher *w)
{
    for (size_t i = 0; i <= w->test->connection_count && !w->untold; i++)
        if (w->told[i] < fuzz_peer_given[i])
            return false;
    return true;
}

/* Of a test that drops no octets on purpose, and whose clean-up changes nothing. */
static bool tells_all(const struct script_test *test)
{
    for (size_t i = 0; i < test->step_count; i++)
        if (test->steps[i].kind == SCRIPT_CLOSE || test->steps[i].kind == SCRIPT_CONNECT)
            return false;
    return !test->has_decisive;
}

static bool has_lax(const struct script_test *test)
{
    bool lax = false;
    for (size_t i = 0; i < test->step_count; i++)
        lax = lax || test->steps[i].lax;
    return lax;
}

/* A reply is judged before anything else is done, but for those that only clean up. */
static void check_awaited(struct watcher *w, const struct engine_event *event)
{
    bool judged = event->kind == ENGINE_EVENT_MATCHED || event->kind == ENGINE_EVENT_DIFFERED;
    bool skipped = event->kind == ENGINE_EVENT_VERDICT && event->verdict == ENGINE_SKIP;
    bool goes_on = event->kind == ENGINE_EVENT_SENT || event->kind == ENGINE_EVENT_RECEIVED ||
                   event->kind == ENGINE_EVENT_VERDICT;
    if (w->awaits != SCRIPT_NO_STEP && goes_on)
        FUZZ_LAW(skipped || only_cleans_up(w->test, w->awaits), "a reply that came is judged");
    bool unmet = event->kind == ENGINE_EVENT_NOTE && /* what the test requires: it ends there */
                 slice_starts(event->text, SLICE("the server does not offer "));
    if (judged || goes_on || unmet)
        w->awaits = SCRIPT_NO_STEP;
}

static void check_sent_event(const struct watcher *w, const struct engine_event *event)
{
    const struct script_step *step = &w->test->steps[event->step];
    FUZZ_LAW(w->engine == NULL || step->connection == engine_connection(w->engine),
             "what is said goes out on its connection");
}

/* RFC 5802 3 and its like: 235 counts where the server has said all that it has to. */
static void check_authenticated(const struct watcher *w, size_t index)
{
    bool about = index > 0 && w->test->steps[index].kind == SCRIPT_EXPECT &&
                 w->test->steps[index - 1].kind == SCRIPT_AUTH;
    FUZZ_LAW(w->engine == NULL || !about || !w->received || w->reply.code != 235 ||
                 itself_sasl_done(),
             "a server is believed that has proved itself");
}

/* ---- as a server ---- */

static struct slice first_word(struct slice text)
{
    text = slice_trim(slice_sub(text, 0, slice_find(text, '\r')));
    return slice_sub(text, 0, slice_find(text, ' '));
}

/* Commands are compared by their first word. */
static void check_served(struct watcher *w, const struct engine_event *event)
{
    const struct script_step *step = &w->test->steps[event->step];
    if (step->kind != SCRIPT_SEND || step->as.send.role != SCRIPT_SEND_COMMAND)
        return;
    if (event->kind == ENGINE_EVENT_MATCHED)
        FUZZ_LAW(w->verb != JUDGED_NO, "a command that is taken is the written one");
    if (event->kind == ENGINE_EVENT_DIFFERED && event->fault == ENGINE_FAULT_COMMAND)
        FUZZ_LAW(w->verb != JUDGED_YES, "a command that is refused is another");
    if (event->kind != ENGINE_EVENT_RECEIVED)
        return;
    struct writer text = fuzz_writer(COMPARED_OCTETS);
    w->verb = JUDGED_UNKNOWN;
    if (said_text(w->test, step->as.send.text, &text) && !judged_is_masked(event->text) &&
        slice_find(event->text, '\r') + 2 == event->text.len)
        w->verb = slice_equal_nocase(first_word(writer_slice(&text)), first_word(event->text))
                      ? JUDGED_YES
                      : JUDGED_NO;
    fuzz_free_writer(&text);
}

static void check_event(struct watcher *w, const struct engine_event *event)
{
    const struct script_step *step =
        event->step < w->test->step_count ? &w->test->steps[event->step] : NULL;
    bool known = w->client && step != NULL;
    bool expects = known && step->kind == SCRIPT_EXPECT;
    if (event->kind == ENGINE_EVENT_RECEIVED || event->fault == ENGINE_FAULT_UNREAD ||
        event->fault == ENGINE_FAULT_QUIET)
        FUZZ_LAW(event->text.len <= w->room || judged_is_masked(event->text),
                 "what came is no more than its buffer holds");
    if (event->kind == ENGINE_EVENT_RECEIVED && expects && event->text.len >= 3) {
        keep_reply(w, event);
        keep_ehlo(w, step->answers);
    }
    note_hello(w, event);
    note_told(w, event);
    FUZZ_LAW(!holds_secret(event->text) && !holds_secret(event->sent), "no event tells a secret");
    if (w->client)
        check_awaited(w, event);
    if (event->kind == ENGINE_EVENT_RECEIVED && expects)
        w->awaits = event->step;
    if (event->kind == ENGINE_EVENT_SENT && known)
        check_sent_event(w, event);
    if (event->kind == ENGINE_EVENT_SECURED && w->client && w->engine != NULL)
        FUZZ_LAW(!tells_all(w->test) || all_told(w),
                 "nothing from before the handshake is kept"); /* RFC 3207 4.2 */
    if (!w->client && step != NULL)
        check_served(w, event);
    if (event->kind == ENGINE_EVENT_MATCHED && known) {
        check_authenticated(w, event->step);
        check_matched(w, event->step);
    }
    if (event->kind == ENGINE_EVENT_DIFFERED && known)
        check_differed(w, event);
    if (event->kind == ENGINE_EVENT_DIFFERED && rank(event->verdict) > w->worst)
        w->worst = rank(event->verdict);
    if (event->kind == ENGINE_EVENT_MATCHED || event->kind == ENGINE_EVENT_DIFFERED) {
        w->reply.came = w->reply.came && (w->received || !expects);
        w->received = false;
    }
    if (event->kind == ENGINE_EVENT_VERDICT)
        check_verdict(w, event);
}

/* What answers a 3yz is left out where another code came; a challenge that nobody expects is
 * cancelled. */
static bool departs(const struct script_test *test, const struct engine_event *event)
{
    const struct script_step *step =
        event->step < test->step_count ? &test->steps[event->step] : NULL;
    if (event->kind == ENGINE_EVENT_NOTE)
        return slice_starts(event->text, SLICE("the server asks for an answer: "));
    if (event->kind != ENGINE_EVENT_DIFFERED || step == NULL || step->kind != SCRIPT_EXPECT)
        return event->kind == ENGINE_EVENT_PASSED_OVER;
    struct script_outcomes pass = step->as.expect.pass;
    return pass.count > 0 && pass.items[0].kind == SCRIPT_OUTCOME_CODE &&
           pass.items[0].digit[0] == 3;
}

static void watch(void *context, const struct engine_event *event)
{
    struct watcher *w = context;
    FUZZ_LAW(w->verdicts == 0, "the verdict is the last event");
    w->events++;
    w->departs = w->departs || departs(w->test, event);
    if (w->paces)
        paced_event(&w->paced, event);
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

static void watcher_begin(struct watcher *w, enum engine_match match, size_t room)
{
    memset(w, 0, offsetof(struct watcher, octets)); /* those are written before they are read */
    w->reply.match = match;
    w->room = room;
    w->ehlo_known = JUDGED_YES;
    w->awaits = SCRIPT_NO_STEP;
    memset(fuzz_peer_given, 0, sizeof fuzz_peer_given);
    for (size_t i = 0; i < SCRIPT_MAX_REPLIES; i++)
        w->replies[i] = JUDGED_YES;
}

static struct engine *new_engine(const struct script_test *test, enum engine_role role,
                                 bool keep_going, struct watcher *w)
{
    static const struct slice features[] = {SLICE_INIT("oracle"), SLICE_INIT("rcpt"),
                                            SLICE_INIT("tls"), SLICE_INIT("port:mx")};
    struct engine_config config = {
        .role = role,
        .match = w->reply.match,
        .features = features,
        .feature_count = sizeof features / sizeof *features,
        .wall_s = MADE_WALL_S,
        .keep_going = keep_going,
        .timeout_ms = 1000,
        .max_rounds = MAX_ROUNDS,
        .sasl = &itself_sasl,
        .variables = itself_variables,
        .variable_count = ITSELF_VARIABLES,
        .max_input_octets = w->room,
        .max_output_octets = 2048,
        .emit = watch,
        .context = w,
    };
    w->test = test;
    w->client = role == ENGINE_CLIENT;
    paced_begin(&w->paced, test, MAX_ROUNDS);
    return engine_new(test, &config, 0);
}

/* ---- what goes out ---- */

/* Pieces: a line at a time, as who waits for each reply receives them; all, and the peer stays. */
#define LINES   0
#define AT_ONCE (SIZE_MAX - 2)

static struct {
    uint8_t octets[SAID_OCTETS];
    size_t len;
    size_t all; /* octets that went out, those that were not kept counted */
} sent;

static void collect(const struct engine *e)
{
    struct slice out = (engine_wants(e) & ENGINE_WANTS_SEND) != 0 ? engine_output(e) : SLICE("");
    size_t take = out.len < SAID_OCTETS - sent.len ? out.len : SAID_OCTETS - sent.len;
    if (take > 0)
        memcpy(sent.octets + sent.len, out.ptr, take);
    sent.len += take;
    sent.all += out.len;
}

static void check_sent(const struct script_test *test)
{
    struct writer model = fuzz_writer(SAID_OCTETS);
    said_by_client(test, &model);
    size_t both = sent.len < model.len ? sent.len : model.len;
    FUZZ_LAW(slice_equal(slice_of(sent.octets, both), slice_sub(writer_slice(&model), 0, both)),
             "what goes out is what the script says, in its order");
    fuzz_free_writer(&model);
}

struct way {
    enum engine_role role;
    bool keep_going;
    enum engine_match match;
    size_t piece; /* octets that come at once, or LINES */
    size_t room;  /* octets that the engine keeps of them */
};

static void play(const struct script_test *test, struct way way, struct slice octets)
{
    enum engine_role role = way.role;
    size_t piece = way.piece;
    struct watcher w;
    watcher_begin(&w, way.match, way.room);
    w.paces = role == ENGINE_CLIENT;
    struct engine *e = new_engine(test, role, way.keep_going, &w);
    w.engine = e;
    uint64_t now = 0;
    sent.len = sent.all = 0;
    size_t bound = 64 + 16 * test->step_count * (MAX_ROUNDS + 1) + 4 * octets.len;
    for (size_t n = 0; (engine_wants(e) & ENGINE_DONE) == 0; n++) {
        FUZZ_LAW(n < bound + 2 * sent.all, "a test comes to its end");
        collect(e);
        if (role == ENGINE_CLIENT && (engine_wants(e) & ENGINE_WANTS_SEND) != 0)
            paced_write(&w.paced, engine_output(e).len);
        fuzz_peer_serve(e, &octets, piece == LINES ? slice_find(octets, '\n') + 1 : piece, &now);
    }
    FUZZ_LAW(w.verdicts == 1, "one verdict comes");
    if (role == ENGINE_CLIENT && way.room == MAX_INPUT_OCTETS && w.verdict == ENGINE_PASS &&
        tells_all(test) && !has_lax(test))
        FUZZ_LAW(all_told(&w), "who passes has heard nothing but what is told");
    if (role == ENGINE_CLIENT && !way.keep_going && !w.departs)
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
    struct watcher wc, ww;
    watcher_begin(&wc, ENGINE_MATCH_CODE, MAX_INPUT_OCTETS);
    watcher_begin(&ww, ENGINE_MATCH_CODE, MAX_INPUT_OCTETS);
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

/* Any few octets; or as many as a peer's first lines have, which fill it to its last one. */
static size_t small_room(struct slice octets, size_t knob)
{
    size_t room = 0;
    for (size_t lines = 0; lines <= knob / 2 % 4 && room < octets.len; lines++)
        room += slice_find(slice_from(octets, room), '\n') + 1;
    return knob % 2 == 0 || room < 8 || room > MAX_INPUT_OCTETS ? 8 + knob : room;
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size), octets;
    struct slice text = fuzz_peer_script(in, &octets);
    uint64_t seed = slice_hash(1, in);
    if (seed >> 59 == 0) /* one input in 32: it takes as long as ten others */
        captured_check(seed * 0x9e3779b97f4a7c15u);
    if (transcript_detect(text)) /* that is fuzz_transcript's, which is slower */
        return 0;
    struct script_options options = {.name = SLICE("fuzz.smtp")};
    struct script *script = script_load(text, &options);
    static const enum engine_match matches[8] = {
        ENGINE_MATCH_CODE, ENGINE_MATCH_EXACT,    ENGINE_MATCH_CODE, ENGINE_MATCH_TEXT,
        ENGINE_MATCH_CODE, ENGINE_MATCH_ENHANCED, ENGINE_MATCH_CODE, ENGINE_MATCH_CLASS,
    };
    size_t piece = 1 + fuzz_knob(in, 0, 40), all = fuzz_knob(in, 3, 2) == 0 ? AT_ONCE : SIZE_MAX;
    size_t room = small_room(octets, fuzz_knob(in, 2, 256));
    const struct way ways[] = {
        {ENGINE_CLIENT, true, ENGINE_MATCH_CODE, piece, MAX_INPUT_OCTETS},
        {ENGINE_SERVER, false, ENGINE_MATCH_CODE, piece, MAX_INPUT_OCTETS},
        {ENGINE_CLIENT, false, matches[fuzz_knob(in, 1, 8)], LINES, MAX_INPUT_OCTETS},
        {ENGINE_CLIENT, false, ENGINE_MATCH_CODE, all, room}, /* more than has room */
    };
    for (size_t i = 0; i < script->test_count && i < 4; i++) {
        const struct script_test *test = &script->tests[i];
        for (size_t k = 0; k < sizeof ways / sizeof *ways; k++)
            play(test, ways[k], octets);
        play_cut(test, piece % 2 == 0 ? ENGINE_CLIENT : ENGINE_SERVER, octets);
        if (itself_is_plain(test))
            itself_play(test, piece);
    }
    script_free(script);
    return 0;
}
