#include "campaign/feature.h"

enum kind { KIND_REPLIES, KIND_COMMAND, KIND_END, KIND_SURPLUS };

static void mark(uint8_t *marks, enum kind kind, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t mixed = (uint64_t)kind + 1;
    mixed = (mixed ^ a) * UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ b ^ mixed >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ c ^ mixed >> 32) * UINT64_C(0x94d049bb133111eb);
    marks[(mixed >> 40) % FEATURE_COUNT] = 1;
}

/* The logarithm of the time: 1 ms and 2 ms are the same server in another mood. */
static unsigned latency_bucket(uint64_t us)
{
    unsigned bucket = 0;
    for (uint64_t ms = us / 8000; ms > 0; ms /= 8)
        bucket++;
    return bucket;
}

void feature_mark_steps(uint8_t *marks, const struct session *session)
{
    unsigned before = 0, last = 0;
    for (size_t i = 0; i < session->count; i++) {
        const struct session_step *step = &session->steps[i];
        const struct smtp_enhanced *e = &step->enhanced;
        if (step->code == 0)
            continue;
        mark(marks, KIND_REPLIES, before, last, step->code);
        mark(marks, KIND_COMMAND, (uint64_t)step->kind << 8 | (uint64_t)step->verb, step->code,
             (uint64_t)e->class << 32 | (uint64_t)e->subject << 16 | e->detail);
        before = last;
        last = step->code;
    }
}

void feature_mark(uint8_t *marks, const struct session *session, uint64_t taken_us)
{
    feature_mark_steps(marks, session);
    mark(marks, KIND_END, session->closed, session->silent, latency_bucket(taken_us));
    size_t more = session->replies > session->commands ? session->replies - session->commands : 0;
    size_t fewer = session->replies < session->commands ? session->commands - session->replies : 0;
    mark(marks, KIND_SURPLUS, more > 8 ? 8 : more, fewer > 8 ? 8 : fewer, session->quit);
}
