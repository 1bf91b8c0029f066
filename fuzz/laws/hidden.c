#include "laws/hidden.h"

#include "fuzz.h"
#include "script/mask.h"
#include "script/script.h"

#define OCTETS      2048
#define MAX_ANSWERS 3

/* What is made: the password, and the octets that answer challenges. */
struct secret {
    uint8_t password[16], answers[MAX_ANSWERS][64];
    size_t password_len, answer_lens[MAX_ANSWERS], count;
};

static size_t choose(uint64_t *seed, size_t count)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(*seed >> 33) % count;
}

/* Letters that stand together in no word of a script. */
static size_t make_word(uint64_t *seed, uint8_t *word, size_t len)
{
    for (size_t i = 0; i < len; i++)
        word[i] = (uint8_t) "qzjxkw"[choose(seed, 6)];
    return len;
}

/* RFC 4648 4 */
static size_t put_base64(const uint8_t *octets, size_t len, uint8_t *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = 0;
    for (size_t bit = 0; bit < 8 * len; bit += 6) {
        unsigned two = octets[bit / 8] * 256u + (bit / 8 + 1 < len ? octets[bit / 8 + 1] : 0);
        out[at++] = (uint8_t)digits[two >> (10 - bit % 8) & 63];
    }
    while (at % 4 > 0)
        out[at++] = '=';
    return at;
}

/* RFC 4616 2, or what another mechanism says; the last answer tells the password. */
static void make_secret(uint64_t *seed, bool plain, struct secret *s)
{
    s->password_len = make_word(seed, s->password, 4 + choose(seed, 9));
    s->count = plain ? 1 : 2 + choose(seed, MAX_ANSWERS - 1); /* LOGIN: the first is a name */
    for (size_t i = 0; i < s->count; i++) {
        uint8_t octets[32] = {0, 'u', 0};
        size_t len = plain ? 3 : 0;
        if (i + 1 == s->count) {
            memcpy(octets + len, s->password, s->password_len);
            len += s->password_len;
        } else {
            len = make_word(seed, octets, 6);
        }
        s->answer_lens[i] = put_base64(octets, len, s->answers[i]);
    }
}

static struct slice answer(const struct secret *s, size_t i)
{
    return slice_of(s->answers[i], s->answer_lens[i]);
}

/* A dialogue before the exchange, which leaves nothing open. */
static void put_before(uint64_t *seed, struct writer *out)
{
    static const struct slice befores[] = {
        SLICE_INIT(""),
        SLICE_INIT("C: BDAT 500\nS: 503 no\n"), /* its octets never came */
        SLICE_INIT("C: MAIL FROM:<a@b>\nC: DATA\nS: 250 ok\nS: 354 go\nC: hi\nC: .\nS: 250 ok\n"),
        SLICE_INIT("C: BDAT 4\nC: ab\nS: 250 ok\n"),
        SLICE_INIT("C: AUTH X-NONE\nS: 334 \nC: *\nS: 501 no\n"),
    };
    writer_put(out, befores[choose(seed, sizeof befores / sizeof *befores)]);
}

static void put_exchange(uint64_t *seed, const struct secret *s, bool plain, struct writer *out)
{
    static const struct slice others[] = {SLICE_INIT("X-OWN"), SLICE_INIT("LOGIN"),
                                          SLICE_INIT("CRAM-MD5")};
    bool initial = choose(seed, 2) == 0;
    writer_put(out, SLICE("C: AUTH "));
    writer_put(out, plain ? SLICE("PLAIN") : others[choose(seed, 3)]);
    if (initial) {
        writer_put(out, SLICE(" "));
        writer_put(out, answer(s, 0));
    }
    writer_put(out, SLICE("\n"));
    for (size_t i = initial; i < s->count; i++) {
        writer_put(out, SLICE("S: 334 YQ==\nC: "));
        writer_put(out, answer(s, i));
        writer_put(out, SLICE("\n"));
    }
    writer_put(out, choose(seed, 2) == 0 ? SLICE("S: 235 ok\n") : SLICE("S: 535 no\n"));
}

/* Who repeats the password. */
static void put_behind(uint64_t *seed, const struct secret *s, struct writer *out)
{
    struct slice password = slice_of(s->password, s->password_len);
    writer_put(out, SLICE("C: NOOP"));
    if (s->password_len > 5 && choose(seed, 2) == 0) {
        writer_put(out, SLICE(" "));
        writer_put(out, password);
    }
    writer_put(out, SLICE("\nS: 250 hello "));
    writer_put(out, password);
    writer_put(out, SLICE(" and more\n"));
}

void hidden_check(uint64_t seed)
{
    static uint8_t room[OCTETS], masked_room[2 * OCTETS];
    struct writer text = writer_of(room, sizeof room), masked = writer_of(masked_room, 2 * OCTETS);
    struct secret s;
    bool plain = choose(&seed, 3) == 0;
    make_secret(&seed, plain, &s);
    writer_put(&text, SLICE("S: 220 a\nC: EHLO b\nS: 250 c\n"));
    put_before(&seed, &text);
    put_exchange(&seed, &s, plain, &text);
    put_behind(&seed, &s, &text);
    struct script_arena *arena = script_arena_new();
    struct mask mask = mask_script(arena, writer_slice(&text));
    for (size_t i = 0; i < mask.count; i++) {
        writer_put(&masked, mask.lines[i].text);
        writer_put(&masked, SLICE("\n"));
    }
    FUZZ_LAW(!slice_holds(writer_slice(&masked), slice_of(s.password, s.password_len)),
             "a script that is shown tells no password");
    for (size_t i = 0; i < s.count; i++)
        FUZZ_LAW(!slice_holds(writer_slice(&masked), answer(&s, i)),
                 "a script that is shown tells no answer to a challenge");
    FUZZ_LAW(slice_starts(writer_slice(&masked), SLICE("S: 220 a\nC: EHLO b\nS: 250 c\n")),
             "and else it is what it was");
    script_arena_free(arena);
}
