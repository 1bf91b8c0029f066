#include "laws/said.h"

#include "fuzz.h"
#include "laws/itself.h"
#include "laws/made.h"

#define MAX_NESTING 12   /* of texts */
#define MAX_STEPS   4000 /* that are told, those of each round counted */

struct walk {
    const struct script_test *test;
    uint64_t rounds[SCRIPT_MAX_DEPTH + 2]; /* the one that is played, of each depth */
    size_t steps;
    struct writer *client; /* or NULL */
    struct slice server;   /* what is left of it */
    bool wrong;            /* that is not as written */
};

/* ---- texts ---- */

static bool put_text(struct walk *w, struct script_text text, struct writer *out, unsigned depth);

/* A variable that the test does not define on its way. */
static bool put_variable(const struct walk *w, const struct script_part *part, struct writer *out)
{
    for (size_t i = 0; i < w->test->step_count; i++)
        if (w->test->steps[i].kind == SCRIPT_CAPTURE &&
            slice_equal(w->test->steps[i].as.capture.name, part->text))
            return false;
    for (size_t i = 0; i < ITSELF_VARIABLES; i++) {
        if (slice_equal(itself_variables[i].name, part->text)) {
            writer_put(out, itself_variables[i].value);
            return true;
        }
    }
    writer_put(out, part->fallback);
    return part->has_fallback && !slice_starts(part->text, SLICE("ehlo."));
}

/* How many octets of a text stand before chunk `index`, RFC 3030 2; all of them behind the last. */
static size_t before_chunk(size_t total, uint64_t size, uint64_t index)
{
    uint64_t before = 0;
    for (uint64_t i = 0; i < index && before < total; i++)
        before += size;
    return before < total ? (size_t)before : total;
}

/* A chunk says how many octets follow. */
static bool put_chunk(struct walk *w, const struct script_part *part, struct slice text,
                      struct writer *out)
{
    uint64_t round = part->last ? 0 : w->rounds[part->depth] - 1;
    size_t from = 0, to = text.len;
    while (part->last && part->count > 0 && text.len - from > part->count)
        from += (size_t)part->count;
    if (!part->last) {
        from = before_chunk(text.len, part->count, round);
        to = before_chunk(text.len, part->count, round + 1);
    }
    writer_put(out, SLICE("BDAT "));
    writer_put_number(out, to - from);
    writer_put(out, part->ends ? SLICE(" LAST\r\n") : SLICE("\r\n"));
    writer_put(out, slice_sub(text, from, to));
    return true;
}

static bool put_part(struct walk *w, const struct script_part *part, struct writer *out,
                     unsigned depth)
{
    if (part->kind == SCRIPT_PART_LITERAL)
        writer_put(out, part->text);
    else if (part->kind == SCRIPT_PART_VARIABLE)
        return put_variable(w, part, out);
    else if (part->kind == SCRIPT_PART_ROUND)
        writer_put_number(out, w->rounds[part->depth]);
    else if (part->kind == SCRIPT_PART_DATE)
        made_date(part, out);
    if (part->kind == SCRIPT_PART_LITERAL || part->kind == SCRIPT_PART_DATE)
        return true;
    if (part->kind == SCRIPT_PART_ROUND)
        return w->rounds[part->depth] > 0;
    if (part->of == NULL || part->kind == SCRIPT_PART_CHUNKS)
        return false;
    struct writer inside = fuzz_writer(SAID_OCTETS);
    bool told = put_text(w, *part->of, &inside, depth + 1);
    struct slice text = writer_slice(&inside);
    if (told && part->kind == SCRIPT_PART_CHUNK)
        told = put_chunk(w, part, text, out);
    else if (told && part->kind == SCRIPT_PART_FUNCTION)
        told = made_function(part->function, text, out) == JUDGED_YES;
    else if (told && part->kind == SCRIPT_PART_NUMBER)
        told = made_number(part, text, out) == JUDGED_YES;
    for (uint64_t i = 0; told && part->kind == SCRIPT_PART_TIMES && text.len > 0 &&
                         i < part->count && !out->overflow;
         i++)
        writer_put(out, text);
    fuzz_free_writer(&inside);
    return told;
}

static bool put_text(struct walk *w, struct script_text text, struct writer *out, unsigned depth)
{
    bool told = depth < MAX_NESTING;
    for (size_t i = 0; told && i < text.count; i++)
        told = put_part(w, &text.parts[i], out, depth) && !out->overflow;
    return told;
}

/* ---- replies ---- */

static struct slice take_line(struct slice *rest)
{
    size_t end = slice_find(*rest, '\n');
    struct slice line = slice_sub(*rest, 0, end);
    *rest = slice_from(*rest, end < rest->len ? end + 1 : end);
    line.len -= line.len > 0 && line.ptr[line.len - 1] == '\r';
    return line;
}

/* One line of a reply, the last where `last`; what was cut off is not looked at. */
static bool is_line(struct walk *w, const struct script_reply_line *written, struct slice line,
                    bool last)
{
    struct writer text = fuzz_writer(SAID_OCTETS);
    bool told = put_text(w, written->text, &text, 0), code = written->kind == SCRIPT_LINE_CODE;
    bool right = line.len > 3 || (!code && line.len >= 3);
    for (size_t i = 0; i < 3 && right; i++)
        right = line.ptr[i] >= '0' && line.ptr[i] <= '9';
    right = right && (!code || line.ptr[3] == (last ? ' ' : '-'));
    if (right && told && (!code || written->text.count > 0))
        right = slice_equal(slice_from(line, code ? 4 : 0), writer_slice(&text));
    fuzz_free_writer(&text);
    return right;
}

static bool walk_reply(struct walk *w, const struct script_expectation *expect)
{
    for (size_t i = 0; i < expect->line_count && w->client == NULL; i++) {
        if (slice_find(w->server, '\n') == w->server.len)
            return false;
        struct slice line = take_line(&w->server);
        bool same = is_line(w, &expect->lines[i], line, i + 1 == expect->line_count);
        w->wrong = w->wrong || !same;
        unsigned code =
            same ? (line.ptr[0] - '0') * 100u + (line.ptr[1] - '0') * 10u + line.ptr[2] - '0' : 0;
        w->wrong = w->wrong || !script_outcomes_match(expect->pass, code);
    }
    return !w->wrong;
}

/* ---- steps ---- */

static bool count_rounds(struct walk *w, const struct script_flow *flow, uint64_t *ret)
{
    struct script_text count = flow->count;
    *ret = 0;
    if (count.count != 1)
        return false;
    const struct script_part *part = &count.parts[0];
    if (part->kind == SCRIPT_PART_CHUNKS) {
        struct writer text = fuzz_writer(SAID_OCTETS);
        bool told = put_text(w, *part->of, &text, 0);
        while (*ret * part->count + part->count < text.len)
            ++*ret;
        fuzz_free_writer(&text);
        return told;
    }
    bool told = part->kind == SCRIPT_PART_LITERAL && part->text.len > 0 && part->text.len <= 4;
    for (size_t i = 0; told && i < part->text.len; i++) {
        told = part->text.ptr[i] >= '0' && part->text.ptr[i] <= '9';
        *ret = *ret * 10 + part->text.ptr[i] - '0';
    }
    return told;
}

static bool walk_steps(struct walk *w, size_t from, size_t to);

static bool walk_rounds(struct walk *w, size_t index)
{
    const struct script_flow *flow = &w->test->steps[index].as.flow;
    const struct script_step *again = &w->test->steps[flow->target - 1];
    uint64_t rounds;
    if (!count_rounds(w, flow, &rounds) || again->kind != SCRIPT_AGAIN ||
        again->as.flow.condition != NULL)
        return false;
    for (uint64_t i = 1; i <= rounds; i++) {
        w->rounds[flow->depth] = i;
        if (!walk_steps(w, index + 1, flow->target - 1))
            return false;
    }
    return true;
}

static bool walk_step(struct walk *w, size_t index)
{
    const struct script_step *step = &w->test->steps[index];
    if (step->connection != 0 || ++w->steps > MAX_STEPS)
        return false;
    switch (step->kind) {
    case SCRIPT_SEND: {
        size_t before = w->client == NULL ? 0 : w->client->len;
        if (w->client == NULL || put_text(w, step->as.send.text, w->client, 0))
            return true;
        w->client->len = before;
        return false;
    }
    case SCRIPT_EXPECT:
        return walk_reply(w, &step->as.expect);
    case SCRIPT_REPEAT:
        return walk_rounds(w, index);
    case SCRIPT_IF:
    case SCRIPT_ELSE:
    case SCRIPT_AGAIN:
    case SCRIPT_AUTH:
    case SCRIPT_CONNECT:
        return false;
    default:
        return true;
    }
}

static bool walk_steps(struct walk *w, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (!walk_step(w, i))
            return false;
        if (w->test->steps[i].kind == SCRIPT_REPEAT)
            i = w->test->steps[i].as.flow.target - 1;
    }
    return true;
}

bool said_text(const struct script_test *test, struct script_text text, struct writer *out)
{
    struct walk w = {.test = test};
    return put_text(&w, text, out, 0) && !out->overflow;
}

static bool is_impossible(const struct script_test *test, struct script_text text, unsigned depth);

/* A variable that nobody gives a value: neither the run, nor a reply. */
static bool lacks_value(const struct script_test *test, const struct script_part *part)
{
    bool given = part->has_fallback || slice_starts(part->text, SLICE("ehlo.")) ||
                 slice_starts(part->text, SLICE("connection "));
    for (size_t i = 0; i < ITSELF_VARIABLES; i++)
        given = given || slice_equal(itself_variables[i].name, part->text);
    for (size_t i = 0; i < test->step_count; i++)
        given = given || (test->steps[i].kind == SCRIPT_CAPTURE &&
                          slice_equal(test->steps[i].as.capture.name, part->text));
    return !given;
}

static bool is_impossible_part(const struct script_test *test, const struct script_part *part,
                               unsigned depth)
{
    struct walk w = {.test = test};
    enum judged made = JUDGED_UNKNOWN;
    if (part->kind == SCRIPT_PART_VARIABLE)
        return lacks_value(test, part);
    if (part->of == NULL)
        return false;
    if (is_impossible(test, *part->of, depth + 1))
        return true;
    if (part->kind != SCRIPT_PART_FUNCTION && part->kind != SCRIPT_PART_NUMBER)
        return false;
    struct writer inside = fuzz_writer(SAID_OCTETS), out = fuzz_writer(SAID_OCTETS);
    if (put_text(&w, *part->of, &inside, 0) && part->kind == SCRIPT_PART_FUNCTION)
        made = made_function(part->function, writer_slice(&inside), &out);
    else if (!inside.overflow && part->kind == SCRIPT_PART_NUMBER && part->of->count == 1 &&
             part->of->parts[0].kind == SCRIPT_PART_LITERAL)
        made = made_number(part, part->of->parts[0].text, &out);
    fuzz_free_writer(&out);
    fuzz_free_writer(&inside);
    return made == JUDGED_NO;
}

static bool is_impossible(const struct script_test *test, struct script_text text, unsigned depth)
{
    for (size_t i = 0; i < text.count && depth < MAX_NESTING; i++)
        if (is_impossible_part(test, &text.parts[i], depth))
            return true;
    return false;
}

bool said_never(const struct script_test *test, struct script_text text)
{
    return is_impossible(test, text, 0);
}

bool said_by_client(const struct script_test *test, struct writer *out)
{
    struct walk w = {.test = test, .client = out};
    return walk_steps(&w, 0, test->step_count);
}

bool said_by_server(const struct script_test *test, struct slice octets)
{
    struct walk w = {.test = test, .server = octets};
    walk_steps(&w, 0, test->step_count);
    return !w.wrong;
}

bool said_rounds(const struct script_test *test, const struct script_flow *flow, uint64_t *ret)
{
    struct walk w = {.test = test};
    return count_rounds(&w, flow, ret);
}
