#include "laws/captured.h"

#include "engine/engine.h"
#include "fuzz.h"
#include "script/script.h"

#define CAPTURES 32 /* that the engine keeps, and octets of them all */
#define OCTETS   8192
#define NAMES    4
#define EXTRA    2   /* more than it keeps */
#define MAX_TEXT 400 /* of a reply's line, with its code (RFC 5321 4.5.3.1.5 has 512) */

static size_t choose(uint64_t *seed, size_t count)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(*seed >> 33) % count;
}

/* What each reply has for a name; at the border of what is kept, one octet more or less. */
struct value {
    uint8_t name;
    size_t len;
};

static size_t choose_values(uint64_t seed, struct value values[CAPTURES + EXTRA])
{
    size_t count = 1 + choose(&seed, CAPTURES + EXTRA), left = OCTETS;
    size_t least = choose(&seed, 2) * (MAX_TEXT - 40) + 1;
    for (size_t i = 0; i < count; i++) {
        values[i].name = (uint8_t)choose(&seed, NAMES);
        values[i].len = least + choose(&seed, 40);
        if (left <= MAX_TEXT - 4 && left > 2)
            values[i].len = left + choose(&seed, 4) - 1;
        left = values[i].len < left ? left - values[i].len : 0;
    }
    return count;
}

static void put_value(struct writer *out, const struct value *values, size_t i)
{
    for (size_t k = 0; k < values[i].len; k++)
        writer_put_octet(out, (uint8_t)('a' + (i + k) % 26));
}

static void put_script(struct writer *out, const struct value *values, size_t count)
{
    writer_put(out, SLICE("S: 220\n"));
    for (size_t i = 0; i < count; i++) {
        uint8_t name = (uint8_t)('a' + values[i].name);
        writer_put(out, SLICE("C: NOOP\nS: 250\n%capture "));
        writer_put_octet(out, name);
        writer_put(out, SLICE(" /^250 (.*)$/\nC: VRFY ${"));
        writer_put_octet(out, (uint8_t)('a' + values[i / 2].name));
        writer_put(out, SLICE("}\nS: 250\n"));
    }
}

static void watch(void *context, const struct engine_event *event)
{
    bool *differed = context;
    *differed = *differed || event->kind == ENGINE_EVENT_DIFFERED;
}

/* The engine says `command`, and has the reply that is in `reply`. */
static void exchange(struct engine *e, struct slice command, struct slice reply)
{
    FUZZ_LAW((engine_wants(e) & ENGINE_WANTS_SEND) != 0 && slice_equal(engine_output(e), command),
             "a variable is what was captured last");
    engine_sent(e, command.len, 0);
    engine_receive(e, 0, reply, 0);
}

/* What is said behind the i-th capture: the last value so far of that name. */
static void put_command(struct writer *out, const struct value *values, size_t i)
{
    size_t last = i;
    while (values[last].name != values[i / 2].name)
        last--;
    writer_put(out, SLICE("VRFY "));
    put_value(out, values, last);
    writer_put(out, SLICE("\r\n"));
}

static void play(struct engine *e, const struct value *values, size_t count, const bool *differed)
{
    size_t octets = 0;
    engine_receive(e, 0, SLICE("220 a\r\n"), 0);
    for (size_t i = 0; i < count; i++) {
        struct writer reply = fuzz_writer(MAX_TEXT + 16), command = fuzz_writer(MAX_TEXT + 16);
        writer_put(&reply, SLICE("250 "));
        put_value(&reply, values, i);
        writer_put(&reply, SLICE("\r\n"));
        put_command(&command, values, i);
        exchange(e, SLICE("NOOP\r\n"), writer_slice(&reply));
        octets += values[i].len;
        bool fits = octets <= OCTETS && i < CAPTURES;
        FUZZ_LAW(fits == !*differed, "what fits is captured, no more");
        if (fits)
            exchange(e, writer_slice(&command), SLICE("250 ok\r\n"));
        fuzz_free_writer(&reply);
        fuzz_free_writer(&command);
        if (!fits)
            break;
    }
}

void captured_check(uint64_t seed)
{
    struct value values[CAPTURES + EXTRA];
    bool differed = false;
    size_t count = choose_values(seed, values);
    struct writer text = fuzz_writer(count * 64 + 16);
    put_script(&text, values, count);
    struct script_options options = {.name = SLICE("captures.smtp")};
    struct script *script = script_load(writer_slice(&text), &options);
    struct engine_config config = {.role = ENGINE_CLIENT,
                                   .timeout_ms = 1000,
                                   .max_input_octets = 1024,
                                   .max_output_octets = 2048,
                                   .emit = watch,
                                   .context = &differed};
    FUZZ_LAW(script->test_count == 1, "what is captured may be said");
    struct engine *e = engine_new(&script->tests[0], &config, 0);
    play(e, values, count, &differed);
    engine_free(e);
    script_free(script);
    fuzz_free_writer(&text);
}
