/*
 * unit.disagree: what two servers answered, and whether they mean the same. "|" stands between
 * replies; both close behind the last one.
 */
#include "campaign/disagree.h"
#include "campaign/heard.h"
#include "law.h"

#define E "EHLO client.example\r\n"
#define M "MAIL FROM:<a@b.example>\r\n"
#define R "RCPT TO:<bob@example.test>\r\n"
#define D "DATA\r\nx\r\n.\r\n"

#define HELLO "220 x|250-x\r\n250-SIZE 9\r\n250 CHUNKING"

static const struct {
    const char *what;
    struct slice in;
    const char *a, *b;
    const char *key; /* "": they agree */
} rows[] = {
    {"the same", SLICE_INIT(E M R), HELLO "|250 a|250 b", HELLO "|250 a|250 b", ""},
    {"other codes of a class, other texts", SLICE_INIT(E M R), HELLO "|250 2.1.0 a|550 5.7.1 b",
     HELLO "|251 ok|554 no", ""},
    {"a refusal for now", SLICE_INIT(E M R), HELLO "|250 a|450 later", HELLO "|250 a|250 b", ""},
    {"a farewell", SLICE_INIT(E M R), HELLO "|421 bye", HELLO "|250 a|250 b", ""},
    {"one takes it", SLICE_INIT(E R), HELLO "|503 no", HELLO "|250 b", "state-rcpt-after-ehlo"},
    {"what follows from it", SLICE_INIT(E R D), HELLO "|503 no|503 no",
     HELLO "|250 b|354 go|250 ok", "state-rcpt-after-ehlo"},
    {"the state afterwards", SLICE_INIT(E M "RSET\r\n" R), HELLO "|250 a|250 b|503 no",
     HELLO "|250 a|250 b|250 c", "state-rcpt-after-rset"},
    {"the state after a line that may be read in two ways", SLICE_INIT(E M "RSET\t\r\n" R),
     HELLO "|250 a|250 b|503 no", HELLO "|250 a|250 b|250 c", "state-rcpt-after-odd-octets"},
    {"DATA goes on", SLICE_INIT(E M "DATA\r\n"), HELLO "|250 a|354 go", HELLO "|250 a|503 no",
     "state-data-mail-taken"},
    {"odd, and taken by one", SLICE_INIT(E "MAIL FROM: a@b.example\r\n"), HELLO "|250 a",
     HELLO "|501 no", "state-mail-after-ehlo"}, /* a control makes it a line */
    {"VRFY may be declined", SLICE_INIT(E "VRFY bob\r\n"), HELLO "|250 bob", HELLO "|502 no", ""},
    {"HELP too", SLICE_INIT(E "HELP\r\n"), HELLO "|214 help", HELLO "|502 no", ""},
    {"an extension of one", SLICE_INIT(E "MAIL FROM:<a@b.example> BODY=8BITMIME\r\n"),
     HELLO "|250 a", HELLO "|555 no", ""},
    {"an extension of both", SLICE_INIT(E "MAIL FROM:<a@b.example> SIZE=3\r\n"), HELLO "|250 a",
     HELLO "|555 no", "state-mail-after-ehlo"},
    {"no extensions behind HELO",
     SLICE_INIT("HELO client.example\r\nMAIL FROM:<a@b.example> SIZE=3\r\n"), "220 x|250 x|250 a",
     "220 x|250 x|555 no", ""},
    {"chunks of both", SLICE_INIT(E M R "BDAT 3\r\nx\r\n"), HELLO "|250 a|250 b|250 c",
     HELLO "|250 a|250 b|503 c", "state-bdat-rcpt-taken"},
    {"chunks of one", SLICE_INIT(E M R "BDAT 3\r\nx\r\n"), HELLO "|250 a|250 b|250 c",
     "220 x|250 x|250 a|250 b|503 c|500 x", ""},
    {"a chunk whose size nobody knows", SLICE_INIT(E M R "BDAT 3 LATE\r\nx\r\n"),
     HELLO "|250 a|250 b|250 c", HELLO "|250 a|250 b|503 c|500 x", ""},
    {"two replies for one", SLICE_INIT(E "NOOP\nNOOP\r\n"), HELLO "|250 a|250 b", HELLO "|250 a",
     "replies-noop-bare-lf"},
    {"a farewell is no reply too many", SLICE_INIT(E "NOOP\r\n"), HELLO "|250 a|421 lost",
     HELLO "|250 a", ""},
    {"nor is what comes of closing", SLICE_INIT(E "\n\r\n"), HELLO "|500 a|500 b",
     HELLO "|554 synchronization", ""},
    {"closes", SLICE_INIT(E M R), HELLO "|250 a|250 b", HELLO "|250 a", "closed-rcpt-mail-taken"},
    {"closes at who erred", SLICE_INIT(E "X\r\n" M), HELLO "|500 x|250 b", HELLO "|500 x", ""},
    {"no reply", SLICE_INIT(E M R), HELLO "|250 a|250 b", HELLO "|250 a|hello",
     "malformed-rcpt-mail-taken"},
    {"one ends the message sooner", SLICE_INIT(E M R "DATA\r\nx\n.\nNOOP\r\n.\r\n"),
     HELLO "|250 a|250 b|354 go|250 taken|250 noop", HELLO "|250 a|250 b|354 go|*|250 taken",
     "end-of-data-message-text-bare-lf"},
    {"one refuses the message sooner", SLICE_INIT(E M R "DATA\r\nx\n.\nNOOP\r\n.\r\n"),
     HELLO "|250 a|250 b|354 go|550 no", HELLO "|250 a|250 b|354 go|*|250 taken", ""},
    {"what a message says", SLICE_INIT(E M R D), HELLO "|250 a|250 b|354 go|*|250 taken",
     HELLO "|250 a|250 b|354 go|*|550 spam", ""},
    {"how a message is written", SLICE_INIT(E M R "DATA\r\nx\ny\r\n.\r\n"),
     HELLO "|250 a|250 b|354 go|*|250 taken", HELLO "|250 a|250 b|354 go|*|521 bare LF",
     "line-end-of-data-bare-lf"},
};

struct side {
    struct session session;
    struct heard heard;
    const char *next;
};

static struct side sides[2];

static bool say_nothing(void *context, struct slice octets)
{
    (void)context;
    (void)octets;
    return true;
}

/* "*" stands for a while without a reply: in the middle of a message, or where none is due. */
static enum session_heard hear(void *context, enum session_wait wait, struct smtp_reply *ret_reply,
                               int *ret_error)
{
    struct side *s = context;
    bool quiet = *s->next == '*';
    size_t len = strcspn(s->next, "|");
    const char *last = strrchr(s->next, '|');
    bool early = wait == SESSION_EARLY && s->session.count > 0 &&
                 s->session.steps[s->session.count - 1].kind != DIALOGUE_MESSAGE;
    (void)last;
    if (early || (quiet && wait == SESSION_EARLY)) {
        s->next += quiet && !early ? len + (s->next[len] == '|') : 0;
        return SESSION_NOTHING;
    }
    if (*s->next == '\0')
        return SESSION_CLOSED;
    memcpy(s->heard.octets + s->heard.len, s->next, len);
    memcpy(s->heard.octets + s->heard.len + len, "\r\n", 2);
    s->heard.len += len + 2;
    s->next += len + (s->next[len] == '|');
    return heard_next(&s->heard, ret_reply, ret_error);
}

static const struct session *play(struct side *s, struct slice in, const char *replies)
{
    heard_clear(&s->heard);
    s->next = replies;
    session_play(&s->session, in,
                 &(struct session_line){.say = say_nothing, .hear = hear, .context = s});
    return &s->session;
}

static void expect(const char *what, const struct session *a, const struct session *b,
                   const char *key, bool swapped)
{
    struct disagreement d;
    char text[200];
    struct writer w = writer_of(text, sizeof text);
    if (disagree_find(a, b, &d))
        disagree_key(&d, &w);
    if (!slice_equal(writer_slice(&w), slice_of_cstr(key)))
        fail_msg("%s%s: \"%.*s\"", what, swapped ? ", swapped" : "", (int)w.len, text);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct session *a = play(&sides[0], rows[i].in, rows[i].a);
        const struct session *b = play(&sides[1], rows[i].in, rows[i].b);
        expect(rows[i].what, a, b, rows[i].key, false);
        expect(rows[i].what, b, a, rows[i].key, true);
        expect("one with itself", a, a, "", false);
    }
}

/* The control tells whether the state or the line is what they part over. */
static void test_controls(void **state)
{
    static const struct {
        struct slice in;
        const char *a, *b;       /* of the dialogue */
        const char *control;     /* what it is */
        const char *in_a, *in_b; /* of that */
        enum disagree_kind kind;
    } cases[] = {
        {SLICE_INIT(E R), HELLO "|503 no", HELLO "|250 b", E M R, HELLO "|250 a|250 b",
         HELLO "|250 a|250 b", DISAGREE_STATE},
        {SLICE_INIT(E M R), HELLO "|250 a|550 relaying", HELLO "|250 a|250 b", E M R,
         HELLO "|250 a|550 relaying", HELLO "|250 a|250 b", DISAGREE_NONE},
        {SLICE_INIT(M "MAIL FROM: a@b\r\n"), "220 x|250 a|250 a", "220 x|250 a|501 no",
         E "MAIL FROM: a@b\r\n", HELLO "|250 a", HELLO "|501 no", DISAGREE_LINE},
        {SLICE_INIT(E "DATA\r\n"), HELLO "|354 go", HELLO "|503 no", E M R "DATA\r\n",
         HELLO "|250 a|250 b|354 go", HELLO "|250 a|250 b|354 go", DISAGREE_STATE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct disagreement d;
        uint8_t room[1000];
        struct writer w = writer_of(room, sizeof room);
        const struct session *a = play(&sides[0], cases[i].in, cases[i].a);
        const struct session *b = play(&sides[1], cases[i].in, cases[i].b);
        assert_true(disagree_find(a, b, &d));
        assert_int_equal(d.kind, DISAGREE_STATE);
        assert_true(disagree_control(&a->steps[d.at], SLICE(M), SLICE(R), &w));
        assert_true(slice_equal(writer_slice(&w), slice_of_cstr(cases[i].control)));
        a = play(&sides[0], writer_slice(&w), cases[i].in_a);
        b = play(&sides[1], writer_slice(&w), cases[i].in_b);
        disagree_judge(&d, a, b);
        if (d.kind != cases[i].kind)
            fail_msg("case %zu: %s", i, disagree_rows[d.kind].name);
    }
}

/* The script holds what each said, and what the first does. */
static void test_script(void **state)
{
    char text[2000];
    struct writer w = writer_of(text, sizeof text);
    struct disagreement d;
    (void)state;
    const struct session *a = play(&sides[0], SLICE(E R), HELLO "|503 5.5.1 first \x01");
    const struct session *b = play(&sides[1], SLICE(E R), "220 x|250 y|250 second");
    assert_true(disagree_find(a, b, &d));
    disagree_script(&d, a, SLICE("one"), b, SLICE("two"), &w);
    text[w.len] = '\0';
    static const char *const parts[] = {
        "%test \"two takes in this state what the other refuses (RCPT, after EHLO)\"",
        "id=state-rcpt-after-ehlo", "S: 220\nC: EHLO client.example\nS: 250\nC: RCPT TO:",
        "# one: 503 5.5.1 first ?\n# two: 250 second\nS: 5xx\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(text, parts[i]) == NULL)
            fail_msg("lacks %s:\n%s", parts[i], text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_controls),
        cmocka_unit_test(test_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
