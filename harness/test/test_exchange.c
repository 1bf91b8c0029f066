/*
 * %auth on both sides: a client's engine against a server's, in memory, with GNU SASL between them;
 * and against replies that no honest server gives.
 */
#include <stdio.h>

#include "cli/play/sasl.h"
#include "law.h"

#define HELLO "S: 220\nC: EHLO c\nS: 250\n"

struct side {
    struct engine *engine;
    struct engine_variable variables[2];
    char log[4096];
};

static void put(struct side *side, const char *word, struct slice text)
{
    size_t len = strlen(side->log);
    snprintf(side->log + len, sizeof side->log - len, "%s%s%s%.*s", len > 0 ? ", " : "", word,
             text.len > 0 ? " " : "", (int)text.len, (const char *)text.ptr);
}

static void emit(void *context, const struct engine_event *event)
{
    struct side *side = context;
    if (event->kind == ENGINE_EVENT_DIFFERED)
        put(side, engine_fault_text(event->fault), event->text);
    else if (event->kind == ENGINE_EVENT_SENT && slice_starts(event->text, SLICE("AUTH")))
        put(side, "sent", event->text);
    else if (event->kind == ENGINE_EVENT_VERDICT)
        put(side, engine_verdict_name(event->verdict), event->text);
}

static size_t bind_same(void *context, uint8_t *out, size_t size, bool *ret_exporter)
{
    (void)context;
    *ret_exporter = true;
    memset(out, 7, size < 32 ? size : 32);
    return 32;
}

static void begin(struct side *side, struct engine_sasl *sasl, const struct script *script,
                  enum engine_role role, struct slice user, struct slice pass)
{
    side->variables[0] = (struct engine_variable){SLICE("user"), user, false};
    side->variables[1] = (struct engine_variable){SLICE("pass"), pass, true};
    struct engine_config config = {.role = role,
                                   .match = ENGINE_MATCH_CODE,
                                   .variables = side->variables,
                                   .variable_count = 2,
                                   .sasl = sasl,
                                   .emit = emit,
                                   .context = side};
    assert_int_equal(script->error_count, 0);
    side->log[0] = '\0';
    side->engine = engine_new(script->tests, &config, 0);
    assert_non_null(side->engine);
}

/* Moves what one engine sends to the other, `piece` octets at a time; true where something moved.
 */
static bool move(struct engine *from, struct engine *to, size_t piece)
{
    unsigned wants = engine_wants(from);
    if (wants & ENGINE_WANTS_SEND) {
        struct slice out = engine_output(from);
        out.len = out.len < piece ? out.len : piece;
        struct slice copy = law_copy(out);
        engine_sent(from, out.len, 0);
        engine_receive(to, 0, copy, 0);
        law_free(copy);
        return true;
    }
    if (wants & ENGINE_WANTS_CLOSE) {
        engine_closed(from, 0);
        engine_eof(to, 0, SLICE(""), 0);
        return true;
    }
    return false;
}

static struct script *load(const char *text)
{
    struct script_options options = {.name = SLICE("t.smtp")};
    return script_load(slice_of_cstr(text), &options);
}

static const struct {
    const char *mechanism;
    const char *user, *pass; /* the client's; the server has "tester", "secret" */
    const char *client, *server;
} pairs[] = {
    {"PLAIN", "tester", "secret", "pass", "pass"},
    {"PLAIN initial=no", "tester", "secret", "pass", "pass"},
    {"PLAIN authzid=boss", "tester", "secret", "pass", "pass"},
    {"LOGIN", "tester", "secret", "pass", "pass"},
    {"CRAM-MD5", "tester", "secret", "pass", "pass"},
    {"DIGEST-MD5", "tester", "secret", "pass", "pass"},
    {"SCRAM-SHA-1", "tester", "secret", "pass", "pass"},
    {"SCRAM-SHA-256", "tester", "secret", "pass", "pass"},
    {"SCRAM-SHA-256 initial=no", "tester", "secret", "pass", "pass"},
    {"SCRAM-SHA-1-PLUS", "tester", "secret", "pass", "pass"},
    {"SCRAM-SHA-256-PLUS", "tester", "secret", "pass", "pass"},
    {"EXTERNAL", "tester", "secret", "pass", "pass"},
    {"ANONYMOUS user=guest", "tester", "secret", "pass", "pass"},
    {"XOAUTH2", "tester", "secret", "pass", "pass"},
    {"OAUTHBEARER", "tester", "secret", "pass", "pass"},
    {"PLAIN", "tester", "wrong", "reply code differs", "authentication failed on our side"},
    {"LOGIN", "tester", "wrong", "reply code differs", "authentication failed on our side"},
    {"CRAM-MD5", "tester", "wrong", "reply code differs", "authentication failed on our side"},
    {"SCRAM-SHA-256", "tester", "wrong", "reply code differs", "authentication failed on our side"},
    {"OAUTHBEARER", "tester", "wrong", "reply code differs", "authentication failed on our side"},
    {"NO-SUCH-THING", "tester", "secret", "skip", "the connection was closed here"},
};

static void play_pair(size_t row, const char *rest, size_t piece)
{
    char text[256];
    struct sasl sasl = {.host = "mail.example.test", .port = 25, .binding = bind_same};
    struct engine_sasl functions = sasl_engine(&sasl);
    struct side client, server;
    snprintf(text, sizeof text, HELLO "%%auth %s\n%sC: QUIT\nS: 221\n", pairs[row].mechanism, rest);
    struct script *script = load(text);
    begin(&server, &functions, script, ENGINE_SERVER, SLICE("tester"), SLICE("secret"));
    begin(&client, &functions, script, ENGINE_CLIENT, slice_of_cstr(pairs[row].user),
          slice_of_cstr(pairs[row].pass));
    size_t moves = 0;
    while (move(client.engine, server.engine, piece) || move(server.engine, client.engine, piece))
        assert_true(++moves < 10000);
    if (strstr(client.log, pairs[row].client) == NULL ||
        strstr(server.log, pairs[row].server) == NULL || strstr(client.log, "secret") != NULL ||
        strstr(server.log, "secret") != NULL)
        fail_msg("%s%s: client: %s; server: %s", text, rest, client.log, server.log);
    engine_free(client.engine);
    engine_free(server.engine);
    script_free(script);
}

static void test_against_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        play_pair(i, "", SIZE_MAX);
        play_pair(i, "", 1);
        play_pair(i, "S: 235\n", SIZE_MAX);
    }
}

/* What a client makes of a server's replies; each row is the server's part after EHLO. */
static const struct {
    const char *name, *script, *replies, *log;
} rows[] = {
    {"accepted", "%auth PLAIN\n", "235 yes\r\n", "sent AUTH PLAIN ****, pass"},
    {"refused", "%auth PLAIN\n", "535 5.7.8 no\r\n",
     "sent AUTH PLAIN ****, reply code differs 535 5.7.8 no\r\n, fail"},
    {"refused, as written", "%auth PLAIN\nS: 535\n", "535 5.7.8 no\r\n",
     "sent AUTH PLAIN ****, pass"},
    {"refused, and the script has more to say", "%auth PLAIN\nS: 235 | warn 535\n", "535 no\r\n",
     "sent AUTH PLAIN ****, reply code differs 535 no\r\n, warn"},
    {"a precondition", "%auth PLAIN\nC: NOOP\nS: 250 | warn 5xx\n", "535 no\r\n",
     "sent AUTH PLAIN ****, reply code differs 535 no\r\n, skip inconclusive at line 4"},
    {"a challenge that PLAIN has no answer to", "%auth PLAIN\n", "334 \r\n",
     "sent AUTH PLAIN ****, authentication failed on our side a challenge after the exchange "
     "was over, fail"},
    {"no base64", "%auth CRAM-MD5\n", "334 !!\r\n",
     "sent AUTH CRAM-MD5 ****, authentication failed on our side a challenge that is not base64, "
     "fail"},
    {"accepted without proof", "%auth SCRAM-SHA-256\nS: 235\n", "235 come in\r\n",
     "sent AUTH SCRAM-SHA-256 ****, authentication failed on our side 235 before the exchange was "
     "over, fail"},
    {"closed", "%auth LOGIN\n", "334 VXNlcm5hbWU6\r\n",
     "sent AUTH LOGIN ****, the connection was closed here, fail"},
    {"refused, and the next one accepted", "%auth PLAIN\nS: 535\n%auth PLAIN\nS: 235\n",
     "535 no\r\n235 yes\r\n", "sent AUTH PLAIN ****, sent AUTH PLAIN ****, pass"},
    {"unread", "%auth PLAIN\n", "250 early\r\n235 yes\r\n",
     "sent AUTH PLAIN ****, reply code differs 250 early\r\n, fail"},
};

static void test_replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t piece = 1; piece < 64; piece += 62) {
            struct sasl sasl = {.host = "mail.example.test"};
            struct engine_sasl functions = sasl_engine(&sasl);
            struct side side;
            char text[512];
            snprintf(text, sizeof text, HELLO "%s", rows[i].script);
            struct script *script = load(text);
            begin(&side, &functions, script, ENGINE_CLIENT, SLICE("tester"), SLICE("secret"));
            struct slice octets = SLICE("220 hi\r\n250 hello\r\n");
            struct slice replies = slice_of_cstr(rows[i].replies);
            while ((engine_wants(side.engine) & ENGINE_DONE) == 0) {
                if (engine_wants(side.engine) & ENGINE_WANTS_SEND) {
                    engine_sent(side.engine, engine_output(side.engine).len, 0);
                } else if (engine_wants(side.engine) & ENGINE_WANTS_CLOSE) {
                    engine_closed(side.engine, 0);
                } else if (octets.len == 0 && replies.len == 0) {
                    engine_eof(side.engine, 0, SLICE(""), 0);
                } else { /* one line a turn, at most, as a server speaks */
                    struct slice *from = octets.len > 0 ? &octets : &replies;
                    size_t line = slice_find(*from, '\n') + 1;
                    size_t take = line < piece ? line : piece;
                    struct slice copy = law_copy(slice_sub(*from, 0, take));
                    engine_receive(side.engine, 0, copy, 0);
                    law_free(copy);
                    *from = slice_from(*from, take);
                }
            }
            if (strcmp(side.log, rows[i].log) != 0)
                fail_msg("%s: %s\nexpected: %s", rows[i].name, side.log, rows[i].log);
            engine_free(side.engine);
            script_free(script);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_itself),
                                       cmocka_unit_test(test_replies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
