#include "laws/paced.h"

#include "fuzz.h"
#include "laws/announced.h"
#include "laws/itself.h"
#include "laws/said.h"

void paced_begin(struct paced *p, const struct script_test *test, size_t rounds)
{
    *p = (struct paced){.test = test, .rounds = rounds, .tls_refused = SCRIPT_NO_STEP};
    bool first = true, same = true;
    for (size_t i = 0; i < test->step_count; i++) {
        const struct script_step *step = &test->steps[i];
        same = same && step->kind != SCRIPT_AUTH && step->connection == 0;
        if (step->kind != SCRIPT_SEND)
            continue;
        same = same && (first || step->as.send.segment == p->segment);
        p->segment = step->as.send.segment;
        first = false;
    }
    if (!same || p->segment == NULL || p->segment->kind != SCRIPT_SEGMENT_LENGTHS)
        p->segment = NULL;
}

void paced_write(struct paced *p, size_t octets)
{
    if (p->segment != NULL)
        FUZZ_LAW(octets <= p->segment->lengths[p->pieces++ % p->segment->count],
                 "a write has no more octets than its turn");
}

/* ---- what is said ---- */

static bool shows_credentials(const struct script_step *step)
{
    return step->kind == SCRIPT_AUTH || (step->kind == SCRIPT_SEND && step->as.send.secret);
}

/* Behind these, what goes out need not answer the expectation before them: branches say themselves
 * what does. */
static bool parts(enum script_step_kind kind)
{
    return kind == SCRIPT_EXPECT || kind == SCRIPT_IF || kind == SCRIPT_ELSE ||
           kind == SCRIPT_END || kind == SCRIPT_AGAIN || kind == SCRIPT_CONNECT;
}

/* RFC 5321 4.3.2, RFC 4954 4: what answers a 3yz is not said where another code came. */
static void check_asked(const struct paced *p, size_t index)
{
    const struct script_step *step = &p->test->steps[index];
    enum script_send_role role = step->as.send.role;
    if (step->kind != SCRIPT_SEND || (role != SCRIPT_SEND_AUTH && role != SCRIPT_SEND_MESSAGE))
        return;
    size_t i = index;
    while (i > 0 && !parts(p->test->steps[i - 1].kind)) {
        i--;
        if (p->test->steps[i].kind == SCRIPT_SEND &&
            p->test->steps[i].as.send.role == SCRIPT_SEND_COMMAND) /* BDAT: its octets need none */
            return;
    }
    if (i == 0 || i > PACED_STEPS || p->test->steps[i - 1].kind != SCRIPT_EXPECT)
        return;
    struct script_outcomes pass = p->test->steps[i - 1].as.expect.pass;
    bool asks = pass.count > 0 && pass.items[0].kind == SCRIPT_OUTCOME_CODE &&
                pass.items[0].digit[0] == 3 && !pass.items[0].negated;
    FUZZ_LAW(!asks || p->refused[i - 1] == 0 || p->refused[i - 1] / 100 == 3,
             "what the server did not ask for does not go out");
}

/* One that CRLF ends is told without it, and all else as octets; of stars nobody knows what they
 * stand for. */
static void check_told(const struct script_send *send, const struct engine_event *event)
{
    struct slice text = event->text;
    size_t cr = slice_find(text, '\r'), lf = slice_find(text, '\n');
    if (send->secret || event->more > 0 || slice_find(text, '*') < text.len)
        return;
    FUZZ_LAW(event->raw ? text.len < 2 || cr != text.len - 2 || lf != text.len - 1
                        : cr == text.len && lf == text.len,
             "what is told as a line is one");
}

static void check_said(struct paced *p, const struct engine_event *event)
{
    const struct script_step *step = &p->test->steps[event->step];
    /* RFC 3207 4: who wanted TLS, and was refused, shows nobody a password */
    FUZZ_LAW(p->secured || p->tls_refused >= event->step || !shows_credentials(step),
             "no credentials go out where TLS was refused");
    if (step->kind != SCRIPT_SEND)
        return;
    if (event->step < PACED_STEPS)
        FUZZ_LAW(p->said[event->step]++ <= p->rounds, "a line is said once a round");
    FUZZ_LAW(!said_never(p->test, step->as.send.text), "what has no value is not said");
    check_asked(p, event->step);
    check_told(&step->as.send, event);
}

/* ---- what comes ---- */

static bool is_hello(const struct script_test *test, size_t answers)
{
    if (answers == SCRIPT_NO_STEP || test->steps[answers].kind != SCRIPT_SEND)
        return false;
    struct script_text text = test->steps[answers].as.send.text;
    return text.count > 0 && text.parts[0].kind == SCRIPT_PART_LITERAL &&
           slice_starts_nocase(text.parts[0].text, SLICE("EHLO "));
}

/* What EHLO offers once is offered. */
static void note_offers(struct paced *p, const struct engine_event *event)
{
    if (!is_hello(p->test, p->test->steps[event->step].answers) || event->text.ptr[0] != '2' ||
        judged_is_masked(event->text))
        return;
    for (size_t i = 0; i < p->test->require_count && i < 64; i++) {
        struct script_step step = {.kind = SCRIPT_EHLO};
        step.as.ehlo.items = &p->test->requires[i].claim;
        step.as.ehlo.count = 1;
        if (slice_starts(p->test->requires[i].token, SLICE("ehlo:")) &&
            announced_holds(&step, event->text) == JUDGED_YES)
            p->offered |= UINT64_C(1) << i;
    }
}

static void note_received(struct paced *p, const struct engine_event *event)
{
    if (event->step >= p->test->step_count || p->test->steps[event->step].kind != SCRIPT_EXPECT)
        return;
    if (event->text.len > 3)
        note_offers(p, event);
}

/* ---- how it goes on ---- */

static void note_refused(struct paced *p, size_t step, struct slice reply)
{
    unsigned code = 0;
    for (size_t i = 0; i < 3; i++)
        code = code * 10 + (unsigned)(reply.ptr[i] - '0');
    code = judged_hides_code(reply) ? 0 : code;
    if (step < PACED_STEPS)
        p->refused[step] = code;
}

static void check_differed(struct paced *p, const struct engine_event *event)
{
    size_t next = event->step + 1;
    if (event->fault == ENGINE_FAULT_ALERT) /* RFC 8446 5.1: ContentType 21, of a version 3.x */
        FUZZ_LAW(event->text.len > 1 && event->text.ptr[0] == 21 && event->text.ptr[1] == 3,
                 "an alert is one");
    bool reply = event->fault == ENGINE_FAULT_CODE && event->text.len > 2 &&
                 p->test->steps[event->step].kind == SCRIPT_EXPECT;
    note_refused(p, event->step, reply ? event->text : SLICE("000"));
    if (slice_starts(event->text,
                     SLICE("334"))) /* "*" answers it, which no line of the script is */
        p->segment = NULL;
    if (reply && next < p->test->step_count && p->test->steps[next].kind == SCRIPT_TLS &&
        event->text.ptr[0] > '3')
        p->tls_refused = next;
}

static void check_matched(struct paced *p, const struct engine_event *event)
{
    const struct script_step *step = &p->test->steps[event->step];
    if (step->kind == SCRIPT_CONNECT)
        p->tls_refused = SCRIPT_NO_STEP;
    note_refused(p, event->step, SLICE("000"));
}

/* What a test is skipped for is not there; fuzz_engine.c says what is. */
static void check_needed(struct slice text)
{
    static const struct slice there[] = {SLICE_INIT("oracle"), SLICE_INIT("rcpt"),
                                         SLICE_INIT("tls"), SLICE_INIT("port:mx")};
    if (!slice_starts(text, SLICE("needs ")))
        return;
    struct slice token = slice_from(text, 6);
    token = slice_sub(token, 0, slice_find(token, ' '));
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        FUZZ_LAW(!slice_equal_nocase(token, there[i]), "what is needed is not there");
    for (size_t i = 0; i < ITSELF_VARIABLES && slice_starts(token, SLICE("fixture:")); i++)
        FUZZ_LAW(!slice_equal(slice_from(token, 8), itself_variables[i].name),
                 "a fixture that has its value is there");
}

/* What %require asks of EHLO is offered by one reply at least. */
static void check_verdict(const struct paced *p, const struct engine_event *event)
{
    struct slice text = event->text, begin = SLICE("the server does not offer ");
    check_needed(text);
    for (size_t i = 0; i < p->test->require_count && i < 64; i++) {
        struct slice token = p->test->requires[i].token;
        if (slice_starts(text, begin) && slice_starts(token, SLICE("ehlo:")) &&
            slice_equal(slice_from(text, begin.len), slice_from(token, 5)))
            FUZZ_LAW((p->offered >> i & 1) == 0, "what was offered once is offered");
    }
}

void paced_event(struct paced *p, const struct engine_event *event)
{
    bool at_step = event->step < p->test->step_count;
    if (event->kind == ENGINE_EVENT_SENT && at_step)
        check_said(p, event);
    else if (event->kind == ENGINE_EVENT_RECEIVED)
        note_received(p, event);
    else if (event->kind == ENGINE_EVENT_DIFFERED && at_step)
        check_differed(p, event);
    else if (event->kind == ENGINE_EVENT_MATCHED && at_step)
        check_matched(p, event);
    else if (event->kind == ENGINE_EVENT_SECURED)
        p->secured = true;
    else if (event->kind == ENGINE_EVENT_VERDICT)
        check_verdict(p, event);
}
