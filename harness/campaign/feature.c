#include "campaign/feature.h"

#include "base/octet.h"

#define TEXTS       16 /* of one code to one command that are told apart */
#define TEXT_OCTETS 80

enum kind {
    KIND_CODES,
    KIND_REPLIES,
    KIND_EXCHANGE,
    KIND_TEXT,
    KIND_STATE,
    KIND_END,
    KIND_SURPLUS
};

static uint64_t mix(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t mixed = (a + 1) * UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ b ^ mixed >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ c ^ mixed >> 32) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

static uint16_t place(enum kind kind, uint64_t a, uint64_t b, uint64_t c)
{
    return (uint16_t)((mix(mix((uint64_t)kind, a, b), c, 0) >> 24) % FEATURE_COUNT);
}

/* The logarithm of the time: 1 ms and 2 ms are the same server in another mood. */
static unsigned latency_bucket(uint64_t us)
{
    unsigned bucket = 0;
    for (uint64_t ms = us / 8000; ms > 0; ms /= 8)
        bucket++;
    return bucket;
}

static uint64_t reply_of(const struct session_step *step)
{
    const struct smtp_enhanced *e = &step->enhanced;
    return mix(step->code, (uint64_t)e->status_class << 32 | (uint64_t)e->subject << 16 | e->detail,
               0);
}

/* What was said, and how it was answered. */
static uint64_t exchange_of(const struct session_step *step)
{
    return mix((uint64_t)step->kind << 8 | (uint64_t)step->verb, reply_of(step), 0);
}

/* The letters of the reply's first words, but not the words with digits, which name a client, a
 * message or a time. Some texts change all the same: how many of them count, TEXTS bounds. */
static uint64_t text_of(const struct session_step *step)
{
    struct slice text = slice_from(step->raw, 3);
    uint64_t hash = 0, word = 0;
    bool digits = false;
    for (size_t i = 0; i <= text.len && i < TEXT_OCTETS; i++) {
        uint8_t octet = i < text.len ? text.ptr[i] : ' ';
        digits = digits || octet_is(octet, OCTET_DIGIT);
        if (octet > ' ') {
            word = mix(word, octet, 0);
            continue;
        }
        hash = digits ? hash : mix(hash, word, 0);
        word = 0;
        digits = false;
    }
    return hash % TEXTS;
}

/* The last step before `at` that was answered; NULL: there is none. */
static const struct session_step *answered_before(const struct session *session, size_t at)
{
    while (at > 0)
        if (session->steps[--at].code != 0)
            return &session->steps[at];
    return NULL;
}

size_t feature_of_step(const struct session *session, size_t at, uint16_t *ret_marks)
{
    const struct session_step *step = &session->steps[at];
    if (step->code == 0)
        return 0;
    const struct session_step *last = answered_before(session, at);
    const struct session_step *before =
        last == NULL ? NULL : answered_before(session, (size_t)(last - session->steps));
    uint64_t exchange = exchange_of(step);
    ret_marks[0] = place(KIND_CODES, before == NULL ? 0 : before->code,
                         last == NULL ? 0 : last->code, step->code);
    ret_marks[1] = place(KIND_REPLIES, last == NULL ? 0 : reply_of(last), reply_of(step), 0);
    ret_marks[2] = place(KIND_EXCHANGE, exchange, 0, 0);
    ret_marks[3] = place(KIND_TEXT, exchange, text_of(step), 0);
    ret_marks[4] = place(KIND_STATE, exchange, step->held == 0 ? step->since : 16, step->held);
    return FEATURE_STEP;
}

void feature_mark(uint8_t *marks, const struct session *session, uint64_t taken_us)
{
    uint16_t set[FEATURE_STEP];
    for (size_t i = 0; i < session->count; i++)
        for (size_t k = feature_of_step(session, i, set); k > 0; k--)
            marks[set[k - 1]] = 1;
    marks[place(KIND_END, session->closed, session->silent, latency_bucket(taken_us))] = 1;
    size_t more = session->replies > session->commands ? session->replies - session->commands : 0;
    size_t fewer = session->replies < session->commands ? session->commands - session->replies : 0;
    marks[place(KIND_SURPLUS, more > 8 ? 8 : more, fewer > 8 ? 8 : fewer, session->quit)] = 1;
}
