/*
 * Laws of the reference server: how the client's octets are cut changes no octet of the answers,
 * what it says are replies, and a shadow model of the session (RFC 5321 4.1.4) agrees with each of
 * them, and with what is delivered.
 */
#include "custom.h"
#include "fuzz.h"
#include "laws/proved.h"
#include "laws/shadowed.h"
#include "smtp/quirk.h"
#include "smtp/reply.h"
#include "smtp/word.h"

#define ANSWER_OCTETS (256u * 1024)

static uint8_t answers[2][ANSWER_OCTETS];

static void deliver(void *context, const struct server_message *message)
{
    shadowed_deliver(context, message);
}

/* What the server is in a run. */
struct setting {
    enum server_mode mode;
    bool tls; /* STARTTLS is offered, and AUTH under TLS alone */
    bool xclient;
    bool requires_tls, discloses;
    bool proxied; /* a header of the PROXY protocol comes first */
    int64_t unix_ms;
};

static struct server *new_server(struct setting setting, struct shadowed *shadow)
{
    struct server_config config = {
        .mode = setting.mode,
        .unix_ms = setting.unix_ms,
        .offer_tls = setting.tls,
        .xclient = setting.xclient,
        .require_tls = setting.requires_tls,
        .discloses = setting.discloses,
        .proxy_header = setting.proxied,
        .max_transactions = SHADOWED_TRANSACTIONS,
        .deliver = deliver,
        .context = shadow,
        .host = SLICE("mail.example.test"),
        .domain = SLICE("example.test"),
        .user = SLICE("tester"),
        .password = SLICE("secret"),
        .bearer = SLICE("token"),
        .max_message_octets = SHADOWED_MESSAGE_OCTETS,
        .max_recipients = SHADOWED_RECIPIENTS,
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

static struct slice talk(struct setting setting, struct slice in, size_t piece, unsigned which)
{
    struct shadowed unheard = {.deliveries = 0};
    struct server *server = new_server(setting, &unheard);
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

/* In pieces; mostly behind a header that names no other client, which changes no answer, too. */
static struct slice talk_behind_header(struct setting setting, struct slice in, size_t piece)
{
    static const struct slice header = SLICE_INIT("PROXY UNKNOWN\r\n");
    setting.proxied = fuzz_knob(in, 6, 4) != 1;
    if (!setting.proxied)
        return talk(setting, in, piece, 1);
    struct writer both = fuzz_writer(header.len + in.len);
    writer_put(&both, header);
    writer_put(&both, in);
    struct slice said = talk(setting, writer_slice(&both), piece, 1);
    fuzz_free_writer(&both);
    return said;
}

/* RFC 5321 4.5.3.2.7: a command that comes octet by octet has the time of one. */
static void check_patience(struct setting setting, struct slice in)
{
    struct shadowed unheard = {.deliveries = 0};
    struct server *server = new_server(setting, &unheard);
    size_t lf = slice_find(in, '\n'), most = lf < 8 ? lf : 8;
    uint64_t deadline = 0;
    server_sent(server, server_output(server).len, 0);
    for (size_t i = 0; i < most && (server_wants(server) & SERVER_WANTS_RECEIVE); i++) {
        server_receive(server, slice_sub(in, i, i + 1), 1000 * i);
        deadline = i == 0 ? server_deadline(server) : deadline;
        FUZZ_LAW(server_deadline(server) == deadline, "half a command puts no deadline off");
    }
    server_free(server);
}

/* Gives octets to the server, which answers with that many replies; the code of the first, or of a
 * later one that accepts. 0: there are none. */
static unsigned give(struct server *server, struct shadowed *shadow, struct slice octets,
                     size_t replies, const char *law)
{
    struct writer out = writer_of(answers[0], ANSWER_OCTETS);
    struct slice said;
    unsigned code = 0;
    while (octets.len > 0 && (server_wants(server) & SERVER_WANTS_RECEIVE)) {
        octets = slice_from(octets, server_receive(server, octets, 0));
        collect(server, &out);
    }
    said = shadow->answered = writer_slice(&out);
    for (; replies > 0; replies--) {
        struct smtp_reply_parser parser = {.limits = {4096, 65536}};
        struct smtp_reply reply;
        struct parse_result answer = smtp_reply_parse(&parser, said, &reply);
        FUZZ_LAW(answer.status == PARSE_OK, law);
        said = slice_from(said, answer.offset);
        code = code == 0 || reply.code / 100 == 2 ? reply.code : code;
    }
    FUZZ_LAW(said.len == 0, law);
    return code;
}

/* RFC 2033 4.2: a reply for each recipient. */
static size_t replies_at_end(const struct shadowed *s)
{
    return s->mode == SERVER_LMTP ? s->recipients : 1;
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

/* RFC 5321 4.5.2: the first dot of each line goes. */
static size_t unstuff(struct slice in, uint8_t *text)
{
    size_t len = 0;
    for (size_t i = 0; i < in.len; i++) {
        bool first = i == 0 || (i > 1 && in.ptr[i - 1] == '\n' && in.ptr[i - 2] == '\r');
        if (!first || in.ptr[i] != '.')
            text[len++] = in.ptr[i];
    }
    return len;
}

/* RFC 5321 2.3.8: CR and LF are said as CRLF alone. */
static bool has_lone_octet(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool cr = i > 0 && text.ptr[i - 1] == '\r', lf = text.ptr[i] == '\n';
        if (cr != lf)
            return true;
    }
    return text.len > 0 && text.ptr[text.len - 1] == '\r';
}

/* Behind 354. False where the message does not end. */
static bool shadow_data(struct server *server, struct shadowed *shadow, struct slice *in)
{
    size_t octets = message_octets(*in), before = shadow->deliveries;
    if (octets == 0) {
        give(server, shadow, *in, 0, "nothing is said before the end of data");
        return false;
    }
    static uint8_t text[SHADOWED_MOST_OCTETS];
    unsigned code = give(server, shadow, slice_sub(*in, 0, octets), replies_at_end(shadow),
                         "a message gets one reply, or with LMTP one for each recipient");
    bool delivered_now = shadow->deliveries - before == 1;
    struct slice plain = slice_of(text, unstuff(slice_sub(*in, 0, octets - 3), text));
    FUZZ_LAW(shadow->deliveries - before <= 1 && (delivered_now || code / 100 != 2) &&
                 (!delivered_now || code / 100 == 2 || shadow->mode == SERVER_LMTP),
             "what is taken is delivered, once");
    FUZZ_LAW(!delivered_now || !has_lone_octet(plain), "a message of other lines is refused");
    if (delivered_now)
        shadowed_is_delivered(shadow, plain);
    if (delivered_now)
        shadowed_each(shadow);
    shadowed_end(shadow);
    *in = slice_from(*in, octets);
    return true;
}

/* Behind 334. */
static bool shadow_auth(struct server *server, struct shadowed *shadow, struct slice mechanism,
                        struct slice *in)
{
    shadow->proved = false;
    for (unsigned code = 334; code == 334;) {
        size_t lf = slice_find(*in, '\n');
        if (lf == in->len || lf == 0 || in->ptr[lf - 1] != '\r')
            return false;
        code =
            give(server, shadow, slice_sub(*in, 0, lf + 1), 1, "a challenge's answer gets a reply");
        shadowed_auth(shadow, code, mechanism, slice_sub(*in, 0, lf - 1));
        FUZZ_LAW(code != 235 || lf > 1 || shadow->proved, "nobody is let in who says nothing");
        *in = slice_from(*in, lf + 1);
    }
    return true;
}

/* One command, with its chunk, and its reply; false where octets are no commands any more. */
static bool shadow_command(struct server *server, struct shadowed *shadow, struct slice *in)
{
    struct smtp_command command;
    struct parse_result line = smtp_command_parse(*in, 1024, &command);
    size_t lf = slice_find(*in, '\n'), before = shadow->deliveries;
    bool crlf = lf < in->len && lf > 0 && in->ptr[lf - 1] == '\r';
    if (line.status != PARSE_OK || !crlf || !(server_wants(server) & SERVER_WANTS_RECEIVE))
        return false;
    bool chunk = command.verb == SMTP_VERB_BDAT;
    if (chunk && (command.chunk_octets > in->len - line.offset || command.quirks != 0))
        return false;
    size_t octets = line.offset + (chunk ? (size_t)command.chunk_octets : 0);
    /* a last chunk that is not refused at once is answered as a message is */
    bool ends = chunk && command.last && shadow->mode == SERVER_LMTP && shadow->recipients > 1;
    if (ends)
        return false;
    unsigned code = give(server, shadow, slice_sub(*in, 0, octets), 1, "a command gets one reply");
    struct slice taken = slice_sub(*in, line.offset, octets);
    *in = slice_from(*in, octets);
    if (chunk && code / 100 == 2 && shadow->content + taken.len <= SHADOWED_MESSAGE_OCTETS) {
        shadowed_chunk(shadow, taken);
        if (shadow->deliveries > before)
            shadowed_is_delivered(shadow, shadowed_content(shadow));
    } else if (chunk)
        FUZZ_LAW(code / 100 != 2, "a message has a limit");
    shadowed_reply(shadow, &command, code);
    FUZZ_LAW(shadow->deliveries - before == (chunk && command.last && code / 100 == 2) ||
                 (chunk && command.last && shadow->mode == SERVER_LMTP),
             "only the end of a message delivers it");
    if (command.verb == SMTP_VERB_STARTTLS && code == 220) {
        FUZZ_LAW(server_wants(server) & SERVER_WANTS_TLS, "behind 220 comes the handshake");
        FUZZ_LAW(server_receive(server, SLICE("NOOP\r\n"), 0) == 6,
                 "and what came before it is not taken behind it"); /* RFC 3207 4.2 */
        server_secured(server, SLICE("tester"), 0);
        FUZZ_LAW(!(server_wants(server) & SERVER_WANTS_SEND),
                 "what stands behind STARTTLS in plain text never runs");
    }
    return code == 354   ? shadow_data(server, shadow, in)
           : code == 334 ? shadow_auth(server, shadow, command.mechanism, in)
                         : true;
}

/* Commands one by one, each with its reply. */
static void shadow_session(struct setting setting, struct slice in)
{
    struct shadowed shadow = {.mode = setting.mode,
                              .unix_ms = setting.unix_ms,
                              .tls = setting.tls,
                              .requires_tls = setting.requires_tls,
                              .discloses = setting.discloses,
                              .xclient = setting.xclient};
    struct server *server = new_server(setting, &shadow);
    struct writer out = writer_of(answers[0], ANSWER_OCTETS);
    collect(server, &out);
    while (in.len > 0 && !shadow.quit && shadow_command(server, &shadow, &in))
        ;
    server_free(server);
}

/* RFC 6531 3.7.4.2: to VRFY and EXPN with SMTPUTF8 a reply may be UTF-8. */
static void check_grammar(struct slice said, bool smtputf8)
{
    while (said.len > 0) {
        struct smtp_reply_parser parser = {.limits = {512, 65536}};
        struct smtp_reply reply;
        struct parse_result result = smtp_reply_parse(&parser, said, &reply);
        FUZZ_LAW(result.status == PARSE_OK, "the server speaks the grammar");
        uint64_t allowed = SMTP_QUIRK_NO_TEXT;
        if (smtputf8 && smtp_word_is_utf8(reply.raw))
            allowed |= QUIRK_EIGHT_BIT;
        FUZZ_LAW((reply.quirks & ~allowed) == 0, "the server speaks the grammar, without quirks");
        said = slice_from(said, result.offset);
    }
}

/* One input in many: a proof takes milliseconds. */
static void check_proof(struct slice in)
{
    uint64_t hash = slice_hash(1, in);
    if (hash >> 58 != 0)
        return;
    struct shadowed unheard = {.deliveries = 0};
    struct server *server = new_server((struct setting){.mode = SERVER_MX}, &unheard);
    server_sent(server, server_output(server).len, 0);
    proved_check(server, hash * UINT64_C(0xd1342543de82ef95) >> 32);
    server_free(server);
}

/* Mostly the first of all times; or before a leap day, where one is missing, or any at all. */
static int64_t clock_of(struct slice in)
{
    static const int64_t moments[8] = {
        [1] = INT64_C(951782399999),  /* 2000-02-28T23:59:59.999Z */
        [3] = INT64_C(4107542399999), /* 2100-02-28T23:59:59.999Z */
        [6] = INT64_C(1735689599999), /* 2024-12-31T23:59:59.999Z */
    };
    size_t knob = fuzz_knob(in, 7, 8);
    return knob == 7 ? (int64_t)(slice_hash(1, in) % UINT64_C(253000000000000)) : moments[knob];
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > SHADOWED_MOST_OCTETS)
        return 0;
    struct slice in = slice_of(data, size);
    static const enum server_mode modes[8] = {/* behind a CR, which is 5 of 8: an MX */
                                              [1] = SERVER_LMTP,
                                              [3] = SERVER_SUBMISSION,
                                              [6] = SERVER_REJECTING,
                                              [7] = SERVER_REFUSING};
    struct setting setting = {.mode = modes[fuzz_knob(in, 1, 8)],
                              .tls = fuzz_knob(in, 2, 2) == 1,
                              .xclient = fuzz_knob(in, 3, 2) == 1,
                              .requires_tls = fuzz_knob(in, 2, 2) == 1 && fuzz_knob(in, 4, 4) == 1,
                              .discloses = fuzz_knob(in, 5, 2) == 1,
                              .unix_ms = clock_of(in)};
    struct slice whole = talk(setting, in, SIZE_MAX, 0);
    struct slice pieces = talk_behind_header(setting, in, 1 + fuzz_knob(in, 0, 30));
    FUZZ_LAW(slice_equal(whole, pieces), "how the octets are cut changes no answer");
    check_patience(setting, in);
    check_proof(in);
    check_grammar(whole, slice_holds_nocase(in, SLICE(" SMTPUTF8")));
    shadow_session(setting, in);
    return 0;
}
