/*
 * Laws of the reference server: how the client's octets are cut changes no octet of the answers,
 * what it says are replies, and a shadow model of the session (RFC 5321 4.1.4) agrees with each of
 * them.
 */
#include "custom.h"
#include "fuzz.h"
#include "server/server.h"
#include "smtp/command.h"
#include "smtp/quirk.h"
#include "smtp/reply.h"

#define ANSWER_OCTETS (256u * 1024)

static uint8_t answers[2][ANSWER_OCTETS];

static struct server *new_server(void)
{
    struct server_config config = {
        .host = SLICE("mail.example.test"),
        .domain = SLICE("example.test"),
        .user = SLICE("tester"),
        .password = SLICE("secret"),
        .max_message_octets = 4096,
        .max_recipients = 3,
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

static struct slice talk(struct slice in, size_t piece, unsigned which)
{
    struct server *server = new_server();
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
    size_t recipients;
};

static void check_reply(struct shadow *s, const struct smtp_command *command, unsigned code)
{
    bool accepted = code / 100 == 2;
    FUZZ_LAW(!s->quit, "nothing is answered after QUIT");
    switch (command->verb) {
    case SMTP_VERB_EHLO:
    case SMTP_VERB_HELO:
        s->greeted = s->greeted || accepted;
        s->mail = s->mail && !accepted;
        break;
    case SMTP_VERB_MAIL:
        FUZZ_LAW(!accepted || (s->greeted && !s->mail), "MAIL needs EHLO, and no transaction");
        s->mail = s->mail || accepted;
        s->recipients = accepted ? 0 : s->recipients;
        break;
    case SMTP_VERB_RCPT:
        FUZZ_LAW(!accepted || s->mail, "RCPT needs MAIL");
        s->recipients += accepted;
        FUZZ_LAW(s->recipients <= 3, "recipients have a limit");
        break;
    case SMTP_VERB_DATA:
        FUZZ_LAW(code != 354 || (s->mail && s->recipients > 0), "DATA needs RCPT");
        break;
    case SMTP_VERB_RSET:
        s->mail = s->mail && !accepted;
        break;
    case SMTP_VERB_QUIT:
        s->quit = accepted;
        break;
    default:
        break;
    }
}

/* Commands one by one, each with its reply; stops where octets are no commands any more. */
static void shadow_session(struct slice in)
{
    struct server *server = new_server();
    struct shadow shadow = {.greeted = false};
    struct writer out = writer_of(answers[0], ANSWER_OCTETS);
    collect(server, &out);
    while (in.len > 0 && !shadow.quit) {
        struct smtp_command command;
        struct parse_result line = smtp_command_parse(in, 1024, &command);
        size_t lf = slice_find(in, '\n');
        bool crlf = lf < in.len && lf > 0 && in.ptr[lf - 1] == '\r';
        if (line.status != PARSE_OK || !crlf)
            break;
        out = writer_of(answers[0], ANSWER_OCTETS);
        server_receive(server, slice_sub(in, 0, line.offset), 0);
        collect(server, &out);
        struct smtp_reply_parser parser = {.limits = {4096, 65536}};
        struct smtp_reply reply;
        struct parse_result answer = smtp_reply_parse(&parser, writer_slice(&out), &reply);
        bool chunk = command.verb == SMTP_VERB_BDAT && command.chunk_octets > 0;
        FUZZ_LAW(chunk || answer.status == PARSE_OK, "a command gets a reply");
        if (chunk || reply.code / 100 == 3)
            break;
        FUZZ_LAW(answer.offset == out.len, "and one only");
        check_reply(&shadow, &command, reply.code);
        in = slice_from(in, line.offset);
    }
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
    struct slice whole = talk(in, SIZE_MAX, 0);
    struct slice pieces = talk(in, 1 + fuzz_knob(in, 0, 30), 1);
    FUZZ_LAW(slice_equal(whole, pieces), "how the octets are cut changes no answer");
    check_grammar(whole);
    shadow_session(in);
    return 0;
}
