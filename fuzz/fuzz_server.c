/*
 * Laws of the reference server: how the client's octets are cut changes no octet of the answers,
 * what it says are replies, and a shadow model of the session (RFC 5321 4.1.4) agrees with each of
 * them, and with what is delivered.
 */
#include "custom.h"
#include "fuzz.h"
#include "server/server.h"
#include "smtp/command.h"
#include "smtp/quirk.h"
#include "smtp/reply.h"

#define RECIPIENTS    3
#define ANSWER_OCTETS (256u * 1024)

static uint8_t answers[2][ANSWER_OCTETS];

static void count_delivery(void *context, const struct server_message *message);

static struct server *new_server(enum server_mode mode)
{
    struct server_config config = {
        .mode = mode,
        .deliver = count_delivery,
        .host = SLICE("mail.example.test"),
        .domain = SLICE("example.test"),
        .user = SLICE("tester"),
        .password = SLICE("secret"),
        .max_message_octets = 4096,
        .max_recipients = RECIPIENTS,
    };
    return server_new(&config, 0);
}

static void collect(struct server *server, struct writer *out)
{
    while (server_wants(server) & SERVER_WANTS_SEND) {
        struct slice octets = server_output(server);
        writer_put(out, octets);
        server_sent(server, octets.len, 0);
    }
}

static struct slice talk(enum server_mode mode, struct slice in, size_t piece, unsigned which)
{
    struct server *server = new_server(mode);
    struct writer out = writer_of(answers[which], ANSWER_OCTETS);
    collect(server, &out);
    while (in.len > 0 && (server_wants(server) & SERVER_WANTS_RECEIVE)) {
        size_t take = in.len < piece ? in.len : piece;
        struct slice copy = fuzz_copy(slice_sub(in, 0, take));
        size_t taken = server_receive(server, copy, 0);
        fuzz_free(copy);
        collect(server, &out);
        in = slice_from(in, taken);
    }
    server_free(server);
    return writer_slice(&out);
}

/* What a session may be, told from its replies alone. */
struct shadow {
    bool greeted, mail, quit;
    bool unsure; /* a chunk was refused: whether the transaction goes on is the server's affair */
    size_t recipients;
};

static void end_transaction(struct shadow *s)
{
    s->mail = s->unsure = false;
    s->recipients = 0;
}

static void check_reply(struct shadow *s, const struct smtp_command *command, unsigned code)
{
    bool accepted = code / 100 == 2;
    FUZZ_LAW(!s->quit, "nothing is answered after QUIT");
    switch (command->verb) {
    case SMTP_VERB_EHLO:
    case SMTP_VERB_HELO:
        s->greeted = s->greeted || accepted;
        if (accepted)
            end_transaction(s);
        break;
    case SMTP_VERB_MAIL:
        FUZZ_LAW(!accepted || (s->greeted && (s->unsure || !s->mail)),
                 "MAIL needs EHLO, and no transaction");
        if (accepted)
            end_transaction(s);
        s->mail = s->mail || accepted;
        break;
    case SMTP_VERB_RCPT:
        FUZZ_LAW(!accepted || s->mail, "RCPT needs MAIL");
        s->recipients += accepted;
        FUZZ_LAW(s->recipients <= RECIPIENTS, "recipients have a limit");
        break;
    case SMTP_VERB_DATA:
        FUZZ_LAW(code != 354 || (s->mail && s->recipients > 0), "DATA needs RCPT");
        break;
    case SMTP_VERB_BDAT:
        FUZZ_LAW(!accepted || (s->mail && s->recipients > 0), "BDAT needs RCPT");
        s->unsure = s->unsure || !accepted;
        if (command->last && code != 503)
            end_transaction(s);
        break;
    case SMTP_VERB_RSET:
        if (accepted)
            end_transaction(s);
        break;
    case SMTP_VERB_QUIT:
        s->quit = accepted;
        break;
    default:
        break;
    }
}

static size_t deliveries;

static void count_delivery(void *context, const struct server_message *message)
{
    (void)context;
    FUZZ_LAW(message->forward_path_count > 0, "a message that is delivered has recipients");
    deliveries++;
}

/* Gives octets to the server; the code of the one reply that has to come, or 0 where none may. */
static unsigned give(struct server *server, struct slice octets, bool answered, const char *law)
{
    struct writer out = writer_of(answers[0], ANSWER_OCTETS);
    while (octets.len > 0 && (server_wants(server) & SERVER_WANTS_RECEIVE)) {
        octets = slice_from(octets, server_receive(server, octets, 0));
        collect(server, &out);
    }
    if (!answered) {
        FUZZ_LAW(out.len == 0, law);
        return 0;
    }
    struct smtp_reply_parser parser = {.limits = {4096, 65536}};
    struct smtp_reply reply;
    struct parse_result answer = smtp_reply_parse(&parser, writer_slice(&out), &reply);
    FUZZ_LAW(answer.status == PARSE_OK && answer.offset == out.len, law);
    return reply.code;
}

/* Octets of a message through its end, which a CRLF before it belongs to; 0: it has none. */
static size_t message_octets(struct slice in)
{
    static const struct slice end = SLICE_INIT("\r\n.\r\n");
    if (slice_starts(in, slice_from(end, 2)))
        return 3;
    for (size_t i = 0; i + end.len <= in.len; i++)
        if (slice_starts(slice_from(in, i), end))
            return i + end.len;
    return 0;
}

/* Behind 354. False where the message does not end. */
static bool shadow_data(struct server *server, struct shadow *shadow, struct slice *in)
{
    size_t octets = message_octets(*in), before = deliveries;
    if (octets == 0) {
        give(server, *in, false, "nothing is said before the end of data");
        return false;
    }
    unsigned code = give(server, slice_sub(*in, 0, octets), true, "a message gets one reply");
    FUZZ_LAW(deliveries - before == (code / 100 == 2), "what is taken is delivered, once");
    end_transaction(shadow);
    *in = slice_from(*in, octets);
    return true;
}

/* Behind 334. */
static bool shadow_auth(struct server *server, struct slice *in)
{
    for (unsigned code = 334; code == 334;) {
        size_t lf = slice_find(*in, '\n');
        if (lf == in->len || lf == 0 || in->ptr[lf - 1] != '\r' || lf > 1000)
            return false;
        code = give(server, slice_sub(*in, 0, lf + 1), true, "a challenge's answer gets a reply");
        FUZZ_LAW(code != 235 || lf > 1, "nobody is let in who says nothing");
        *in = slice_from(*in, lf + 1);
    }
    return true;
}

/* One command, with its chunk, and its reply; false where octets are no commands any more. */
static bool shadow_command(struct server *server, struct shadow *shadow, struct slice *in)
{
    struct smtp_command command;
    struct parse_result line = smtp_command_parse(*in, 1024, &command);
    size_t lf = slice_find(*in, '\n'), before = deliveries;
    bool crlf = lf < in->len && lf > 0 && in->ptr[lf - 1] == '\r';
    if (line.status != PARSE_OK || !crlf || !(server_wants(server) & SERVER_WANTS_RECEIVE))
        return false;
    bool chunk = command.verb == SMTP_VERB_BDAT;
    if (chunk && (command.chunk_octets > in->len - line.offset || command.quirks != 0))
        return false;
    size_t octets = line.offset + (chunk ? (size_t)command.chunk_octets : 0);
    unsigned code = give(server, slice_sub(*in, 0, octets), true, "a command gets one reply");
    *in = slice_from(*in, octets);
    check_reply(shadow, &command, code);
    FUZZ_LAW(deliveries - before == (chunk && command.last && code / 100 == 2),
             "only the end of a message delivers it");
    return code == 354 ? shadow_data(server, shadow, in) : code != 334 || shadow_auth(server, in);
}

/* Commands one by one, each with its reply. */
static void shadow_session(struct slice in)
{
    struct server *server = new_server(SERVER_MX);
    struct shadow shadow = {.greeted = false};
    struct writer out = writer_of(answers[0], ANSWER_OCTETS);
    collect(server, &out);
    while (in.len > 0 && !shadow.quit && shadow_command(server, &shadow, &in))
        ;
    server_free(server);
}

static void check_grammar(struct slice said)
{
    while (said.len > 0) {
        struct smtp_reply_parser parser = {.limits = {512, 65536}};
        struct smtp_reply reply;
        struct parse_result result = smtp_reply_parse(&parser, said, &reply);
        FUZZ_LAW(result.status == PARSE_OK && (reply.quirks & ~SMTP_QUIRK_NO_TEXT) == 0,
                 "the server speaks the grammar");
        said = slice_from(said, result.offset);
    }
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size);
    static const enum server_mode modes[8] = {[1] = SERVER_LMTP, [3] = SERVER_SUBMISSION};
    enum server_mode mode = modes[fuzz_knob(in, 1, 8)];
    struct slice whole = talk(mode, in, SIZE_MAX, 0);
    struct slice pieces = talk(mode, in, 1 + fuzz_knob(in, 0, 30), 1);
    FUZZ_LAW(slice_equal(whole, pieces), "how the octets are cut changes no answer");
    check_grammar(whole);
    shadow_session(in);
    return 0;
}
