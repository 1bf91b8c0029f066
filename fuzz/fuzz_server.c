/*
 * Laws of the reference server: how the client's octets are cut changes no octet of the answers,
 * what it says are replies, and a shadow model of the session (RFC 5321 4.1.4) agrees with each of
 * them, and with what is delivered.
 */
#include "custom.h"
#include "fuzz.h"
#include "server/server.h"
#include "smtp/command.h"
#include "smtp/ehlo.h"
#include "smtp/param.h"
#include "smtp/quirk.h"
#include "smtp/reply.h"
#include "smtp/word.h"
#include "traced.h"

#define RECIPIENTS     3
#define ANSWER_OCTETS  (256u * 1024)
#define MESSAGE_OCTETS 100          /* so that messages are often too long */
#define MOST_OCTETS    (64u * 1024) /* of an input */
#define MOST_GUESSES   10           /* of a password, before the server closes */

static uint8_t answers[2][ANSWER_OCTETS];

static void count_delivery(void *context, const struct server_message *message);

/* What the server is in a run. */
struct setting {
    enum server_mode mode;
    bool tls; /* STARTTLS is offered, and AUTH under TLS alone */
    bool xclient;
};

static struct server *new_server(struct setting setting)
{
    struct server_config config = {
        .mode = setting.mode,
        .offer_tls = setting.tls,
        .xclient = setting.xclient,
        .deliver = count_delivery,
        .host = SLICE("mail.example.test"),
        .domain = SLICE("example.test"),
        .user = SLICE("tester"),
        .password = SLICE("secret"),
        .bearer = SLICE("token"),
        .max_message_octets = MESSAGE_OCTETS,
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

static struct slice talk(struct setting setting, struct slice in, size_t piece, unsigned which)
{
    struct server *server = new_server(setting);
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
    enum server_mode mode;
    bool tls; /* is offered, and AUTH under it alone */
    bool greeted, mail, quit, secured, authenticated;
    bool xclient;  /* is offered, until it names another client */
    bool extended; /* by EHLO, and not HELO */
    bool binary;   /* MAIL said BODY=BINARYMIME */
    bool utf8;     /* MAIL said SMTPUTF8 */
    bool chunked;  /* BDAT was said */
    bool proxied;  /* XCLIENT named an address */
    bool unsure;   /* a chunk was refused: whether the transaction goes on is the server's affair */
    size_t recipients;
    size_t reverse_path, forward_paths; /* octets in `envelope` */
    size_t content;                     /* octets of chunks taken, in `sent` */
    size_t guesses;                     /* passwords that were wrong */
    struct slice hello;                 /* the client's name */
    size_t nonce;                       /* SCRAM: octets of it in `sent`, 0: none was said */
    bool proved;                        /* SCRAM: by the server, who then has only to be heard */
};

static struct slice answered; /* what came of the octets that were given last */

static size_t keep(uint8_t *room, size_t at, struct slice octets)
{
    if (octets.len > 0)
        memcpy(room + at, octets.ptr, octets.len);
    return at + octets.len;
}

/* What the shadow knows of the transaction, and what was delivered last. */
static struct {
    uint8_t reverse_path[1024], forward_paths[RECIPIENTS * 1024], content[MESSAGE_OCTETS];
    uint8_t nonce[2048];
} sent;
static struct {
    uint8_t reverse_path[1024], forward_paths[RECIPIENTS * 1024], content[MESSAGE_OCTETS + 2048];
    size_t reverse_path_len, forward_paths_len, content_len;
} delivered;

static void end_transaction(struct shadow *s)
{
    s->mail = s->unsure = s->binary = s->utf8 = s->chunked = false;
    s->recipients = s->reverse_path = s->forward_paths = s->content = 0;
}

/* RFC 3207 4.2: under TLS all begins anew. */
static void begin_tls(struct shadow *s)
{
    FUZZ_LAW(!s->secured && s->greeted, "STARTTLS needs EHLO, and comes once");
    s->secured = true;
    s->greeted = s->extended = s->authenticated = false;
    end_transaction(s);
}

/* RFC 4648 4; nothing where it is none. */
static struct slice base64(struct slice text, uint8_t *room)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = 0;
    uint32_t value = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] != '='; i++) {
        const char *digit = text.ptr[i] == 0 ? NULL : strchr(digits, text.ptr[i]);
        if (digit == NULL)
            return SLICE("");
        value = value << 6 | (uint32_t)(digit - digits);
        if (i % 4 > 0)
            room[len++] = (uint8_t)(value >> (6 - 2 * (i % 4)));
    }
    return slice_of(room, len);
}

/* Whether what was said last lets somebody in: of the mechanisms that say a password. */
static bool is_password(struct slice mechanism, struct slice answer)
{
    static uint8_t room[MOST_OCTETS];
    struct slice said = base64(slice_trim(answer), room);
    if (slice_equal_nocase(mechanism, SLICE("PLAIN")))
        return slice_equal(said, SLICE("\0tester\0secret")) ||
               slice_equal(said, SLICE("tester\0tester\0secret"));
    return !slice_equal_nocase(mechanism, SLICE("LOGIN")) || slice_equal(said, SLICE("secret"));
}

/* The value of an attribute of SCRAM: "r=value," */
static struct slice scram_value(struct slice message, struct slice name)
{
    while (message.len > 0 && !slice_starts(message, name)) {
        size_t comma = slice_find(message, ',');
        message = slice_from(message, comma < message.len ? comma + 1 : comma);
    }
    message = slice_from(message, message.len > 0 ? name.len : 0);
    return slice_sub(message, 0, slice_find(message, ','));
}

/* RFC 5802 5.1: what "m=" begins is an extension that a server which does not know it refuses; and
 * the nonce of the last message is the one that the server has said. */
static void check_scram(struct shadow *s, unsigned code, struct slice answer)
{
    static uint8_t room[MOST_OCTETS], other[MOST_OCTETS];
    struct slice said = base64(slice_trim(answer), room), rest = said;
    bool first = slice_starts(said, SLICE("n,")) || slice_starts(said, SLICE("y,"));
    bool goes_on = code == 334 || code == 235;
    for (size_t commas = 0; first && commas < 2; commas++) {
        size_t comma = slice_find(rest, ',');
        rest = slice_from(rest, comma < rest.len ? comma + 1 : comma);
    }
    FUZZ_LAW(!goes_on || !first || !slice_starts(rest, SLICE("m=")),
             "SCRAM does not go on with a mandatory extension");
    FUZZ_LAW(!goes_on || !slice_starts(said, SLICE("c=")) ||
                 slice_equal(scram_value(said, SLICE("r=")), slice_of(sent.nonce, s->nonce)),
             "SCRAM ends with the nonce that was said");
    if (code != 334)
        return;
    struct slice challenge = slice_sub(answered, 4, slice_find(answered, '\r'));
    struct slice nonce = scram_value(base64(challenge, other), SLICE("r="));
    s->proved = slice_starts(base64(challenge, other), SLICE("v="));
    if (nonce.len > 0 && nonce.len <= sizeof sent.nonce)
        s->nonce = keep(sent.nonce, 0, nonce);
}

/* RFC 4954 4: where it is offered, and before any mail. */
static bool may_authenticate(const struct shadow *s)
{
    bool serves = s->mode != SERVER_REJECTING && s->mode != SERVER_REFUSING;
    return serves && s->extended && !s->authenticated && !s->mail && !s->unsure &&
           (!s->tls || s->secured);
}

static void check_auth(struct shadow *s, unsigned code, struct slice mechanism, struct slice answer)
{
    FUZZ_LAW(code / 100 == 2 || !may_authenticate(s) ||
                 !slice_equal_nocase(mechanism, SLICE("PLAIN")) ||
                 !slice_equal(answer, SLICE("AHRlc3RlcgBzZWNyZXQ=")),
             "who knows the password is let in");
    s->guesses += code == 535;
    FUZZ_LAW(s->guesses <= MOST_GUESSES, "nobody guesses without end");
    if (slice_starts_nocase(mechanism, SLICE("SCRAM-")))
        check_scram(s, code, answer);
    FUZZ_LAW(code / 100 != 2 || (s->greeted && (s->unsure || !s->mail) && !s->authenticated),
             "AUTH needs EHLO, comes once, and not inside a transaction");
    FUZZ_LAW(code / 100 != 2 || is_password(mechanism, answer), "who is let in knows the password");
    FUZZ_LAW(!s->tls || s->secured || (code / 100 != 2 && code != 334),
             "no password is asked for in clear");
    s->authenticated = s->authenticated || code / 100 == 2;
}

/* Whether nothing speaks against a command with a path: no parameter, no quirk, in its place. */
static bool is_plain(const struct shadow *s, const struct smtp_command *command)
{
    bool serves = s->mode == SERVER_MX || s->mode == SERVER_LMTP;
    return serves && s->greeted && !s->unsure && command->quirks == 0 && command->params.len == 0;
}

/* RFC 1870 6.1: a message that says that it is longer than the limit. */
static bool is_too_long(struct slice params)
{
    uint64_t octets = 0;
    while (params.len > 0 && !slice_starts_nocase(params, SLICE("SIZE=")))
        params = slice_from(params, 1);
    params = slice_from(params, params.len > 0 ? 5 : 0);
    for (; params.len > 0 && params.ptr[0] >= '0' && params.ptr[0] <= '9';
         params = slice_from(params, 1))
        octets = octets > MESSAGE_OCTETS ? octets : octets * 10 + params.ptr[0] - '0';
    return octets > MESSAGE_OCTETS;
}

/* The seconds from now that "1970-01-02T01:00:00+01:00" is away; false of another day than those
 * two (RFC 3339 5.6). */
static bool read_until(struct slice text, int64_t *ret_seconds)
{
    static const struct slice days[] = {SLICE_INIT("1970-01-01T"), SLICE_INIT("1970-01-02T")};
    int64_t part[5] = {0};
    size_t day = slice_starts(text, days[0]) ? 0 : 1, at = days[0].len;
    if (!slice_starts(text, days[day]))
        return false;
    for (size_t i = 0; i < 3; i++, at += 3)
        for (size_t k = 0; k < 2; k++)
            part[i] = part[i] * 10 + text.ptr[at + k] - '0';
    *ret_seconds = (int64_t)day * 86400 + part[0] * 3600 + part[1] * 60 + part[2];
    struct slice zone = slice_from(text, at - 1);
    for (size_t i = 0; i < 4 && zone.len == 6; i++)
        part[3 + i / 2] = part[3 + i / 2] * 10 + zone.ptr[1 + i + i / 2] - '0';
    int64_t offset = zone.len == 6 ? part[3] * 3600 + part[4] * 60 : 0;
    *ret_seconds += zone.ptr[0] == '-' ? offset : -offset;
    return zone.len == 6 || slice_equal_nocase(zone, SLICE("Z"));
}

static int64_t read_number(struct slice text)
{
    int64_t number = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9' && i < 18; i++)
        number = number * 10 + text.ptr[i] - '0';
    return number;
}

/* Whether the only parameter of MAIL asks for what EHLO announces: RFC 1870 3, RFC 4865 4.2 (a hold
 * of 86400 seconds at most) and RFC 2852 3 (60 seconds at least); false where that is not told. */
static bool tells_limit(const struct shadow *s, struct slice params, bool *ret_within)
{
    struct slice value = slice_from(
        params, slice_find(params, '=') < params.len ? slice_find(params, '=') + 1 : params.len);
    int64_t number = read_number(value);
    if (slice_find(params, ' ') < params.len)
        return false;
    if (slice_starts_nocase(params, SLICE("SIZE="))) {
        *ret_within = number <= MESSAGE_OCTETS && value.len < 18;
        return true;
    }
    if (slice_starts_nocase(params, SLICE("BY="))) {
        *ret_within = number >= 60;
        return value.len > 2 && slice_equal_nocase(slice_from(value, value.len - 2), SLICE(";R"));
    }
    bool until = slice_starts_nocase(params, SLICE("HOLDUNTIL="));
    if (s->mode != SERVER_SUBMISSION || (until && !read_until(value, &number)))
        return false;
    *ret_within = number >= 0 && number <= 86400;
    return until || slice_starts_nocase(params, SLICE("HOLDFOR="));
}

/* Whether nothing speaks against MAIL but its parameters. */
static bool is_in_place(const struct shadow *s, const struct smtp_command *command)
{
    bool serves = s->mode == SERVER_MX || s->mode == SERVER_LMTP ||
                  (s->mode == SERVER_SUBMISSION && s->authenticated);
    return serves && s->greeted && s->extended && !s->unsure && !s->mail && command->quirks == 0 &&
           slice_find(command->path.domain, '.') < command->path.domain.len;
}

static bool says_binary(struct slice params)
{
    struct smtp_param body;
    return smtp_param_find(params, SLICE("BODY"), &body) &&
           slice_equal_nocase(body.value, SLICE("BINARYMIME"));
}

static void check_mail(struct shadow *s, const struct smtp_command *command, bool accepted)
{
    FUZZ_LAW(!accepted || !is_too_long(command->params), "SIZE beyond the limit is refused");
    FUZZ_LAW(accepted || s->mail || !is_plain(s, command), "MAIL in its place is taken");
    FUZZ_LAW(!accepted || (s->greeted && (s->unsure || !s->mail)),
             "MAIL needs EHLO, and no transaction");
    FUZZ_LAW(!accepted || s->authenticated || s->mode != SERVER_SUBMISSION,
             "who submits has authenticated");
    FUZZ_LAW(!accepted || s->extended || command->params.len == 0, "parameters need EHLO");
    bool within;
    FUZZ_LAW(!is_in_place(s, command) || !tells_limit(s, command->params, &within) ||
                 within == accepted,
             "what is announced is taken, and no more");
    struct smtp_param utf8;
    if (accepted)
        end_transaction(s);
    s->mail = s->mail || accepted;
    if (accepted)
        s->binary = says_binary(command->params);
    if (accepted)
        s->utf8 = smtp_param_find(command->params, SLICE("SMTPUTF8"), &utf8);
    if (accepted)
        s->reverse_path = keep(sent.reverse_path, 0, command->path.mailbox);
}

static void check_rcpt(struct shadow *s, const struct smtp_command *command, unsigned code)
{
    bool accepted = code / 100 == 2;
    bool here = slice_equal_nocase(command->path.local_part, SLICE("bob")) &&
                slice_equal_nocase(command->path.domain, SLICE("example.test"));
    FUZZ_LAW(!accepted || s->mail, "RCPT needs MAIL");
    FUZZ_LAW(!accepted || s->extended || command->params.len == 0, "parameters need EHLO");
    FUZZ_LAW(accepted || !s->mail || !is_plain(s, command) || !here || s->recipients == RECIPIENTS,
             "RCPT in its place is taken");
    s->recipients += accepted;
    FUZZ_LAW(s->recipients <= RECIPIENTS, "recipients have a limit");
    if (!accepted)
        return;
    s->forward_paths = keep(sent.forward_paths, s->forward_paths, command->path.mailbox);
    sent.forward_paths[s->forward_paths++] = '\n';
}

/* What was delivered is what was sent: the content behind Return-Path and Received. */
static void check_delivered(const struct shadow *s, struct slice content)
{
    struct slice got = slice_of(delivered.content, delivered.content_len);
    FUZZ_LAW(slice_equal(slice_of(delivered.reverse_path, delivered.reverse_path_len),
                         slice_of(sent.reverse_path, s->reverse_path)) &&
                 slice_equal(slice_of(delivered.forward_paths, delivered.forward_paths_len),
                             slice_of(sent.forward_paths, s->forward_paths)),
             "a message is delivered from whom and to whom it was sent");
    FUZZ_LAW(content.len <= MESSAGE_OCTETS, "a message has a limit");
    struct traced traced = {
        .lmtp = s->mode == SERVER_LMTP,
        .submission = s->mode == SERVER_SUBMISSION,
        .utf8 = s->utf8,
        .extended = s->extended,
        .secured = s->secured,
        .authenticated = s->authenticated,
        .proxied = s->proxied,
        .hello = s->hello,
        .reverse_path = slice_of(sent.reverse_path, s->reverse_path),
        .to = slice_of(sent.forward_paths, s->recipients == 1 ? s->forward_paths - 1 : 0),
    };
    got = traced_behind(&traced, got);
    FUZZ_LAW(slice_equal(got, content) || slice_holds_nocase(content, SLICE("Return-Path")),
             "what was sent is delivered");
    FUZZ_LAW(!traced_has_return_path(got), "a message has one Return-Path");
}

/* One attribute that is surely right: "NAME=" and letters. */
static bool is_proxied_name(struct slice params)
{
    bool letters = params.len > 5 && slice_starts(params, SLICE("NAME="));
    struct slice name = slice_from(params, letters ? 5 : params.len);
    for (size_t i = 0; i < name.len; i++)
        letters = letters && name.ptr[i] >= 'a' && name.ptr[i] <= 'z';
    return letters;
}

/* XCLIENT_README: a session begins anew, whose client is another one where ADDR names it. */
static void check_xclient(struct shadow *s, const struct smtp_command *command, unsigned code)
{
    struct smtp_param address, login;
    bool serves = s->mode != SERVER_REJECTING && s->mode != SERVER_REFUSING;
    bool unknown = (command->quirks & ~(uint64_t)SMTP_QUIRK_EXTRA_SPACE) != 0;
    FUZZ_LAW(code != 220 || (s->xclient && (s->unsure || !s->mail)),
             "XCLIENT is offered, and stands outside a transaction");
    FUZZ_LAW(code / 100 != 2 || code == 220, "XCLIENT is answered with a greeting");
    FUZZ_LAW(code != 550 || !s->xclient, "who is offered XCLIENT may say it");
    FUZZ_LAW(code != 501 || !serves || unknown || !is_proxied_name(command->params),
             "XCLIENT in its place is taken");
    if (code != 220)
        return;
    FUZZ_LAW((command->quirks & (SMTP_QUIRK_INVALID_VALUE | SMTP_QUIRK_MISPLACED_PARAMETER)) == 0,
             "what XCLIENT names has its syntax");
    if (smtp_param_find(command->params, SLICE("ADDR"), &address)) {
        s->xclient = false;
        s->proxied = true;
    }
    s->greeted = s->extended = false;
    s->authenticated = smtp_param_find(command->params, SLICE("LOGIN"), &login) &&
                       !slice_equal_nocase(login.value, SLICE("[UNAVAILABLE]")) &&
                       !slice_equal_nocase(login.value, SLICE("[TEMPUNAVAIL]"));
    end_transaction(s);
}

/* RFC 3207 4.2, RFC 4954 3: STARTTLS is offered until TLS is up, AUTH where nobody overhears it
 * and nobody has authenticated; what shows a token or is about a certificate, under TLS. */
static void check_offers(const struct shadow *s)
{
    static const struct slice under_tls[] = {SLICE_INIT("EXTERNAL"), SLICE_INIT("XOAUTH2"),
                                             SLICE_INIT("OAUTHBEARER")};
    struct smtp_reply_parser parser = {.limits = {4096, 65536}};
    struct smtp_ehlo_keyword found, auth = {.params = SLICE("")};
    struct smtp_reply reply;
    FUZZ_LAW(smtp_reply_parse(&parser, answered, &reply).status == PARSE_OK, "EHLO has its reply");
    FUZZ_LAW(smtp_ehlo_find(&reply, SLICE("STARTTLS"), &found) == (s->tls && !s->secured),
             "STARTTLS is offered until TLS is up");
    FUZZ_LAW(smtp_ehlo_find(&reply, SLICE("AUTH"), &auth) ==
                 (!s->authenticated && (!s->tls || s->secured)),
             "AUTH is offered where it is taken");
    FUZZ_LAW(smtp_ehlo_find(&reply, SLICE("XCLIENT"), &found) == s->xclient,
             "XCLIENT is offered to whom may say it");
    for (struct slice rest = auth.params; rest.len > 0;) {
        struct slice word = slice_sub(rest, 0, slice_find(rest, ' '));
        rest = slice_from(rest, word.len < rest.len ? word.len + 1 : word.len);
        for (size_t i = 0; i < sizeof under_tls / sizeof *under_tls; i++)
            FUZZ_LAW(s->secured || !slice_equal(word, under_tls[i]), "a mechanism has its TLS");
    }
}

/* RFC 5321 4.1.1, RFC 3207 4 */
static bool takes_no_argument(enum smtp_verb verb)
{
    return verb == SMTP_VERB_DATA || verb == SMTP_VERB_RSET || verb == SMTP_VERB_QUIT ||
           verb == SMTP_VERB_STARTTLS;
}

static struct slice first_word(struct slice text)
{
    size_t blank = slice_find(text, ' '), tab = slice_find(text, '\t');
    return slice_sub(text, 0, blank < tab ? blank : tab);
}

static bool is_letters(struct slice text)
{
    size_t letters = 0;
    while (letters < text.len && text.ptr[letters] >= 'a' && text.ptr[letters] <= 'z')
        letters++;
    return letters > 0 && letters == text.len && letters < 60;
}

/* RFC 5321 4.1.1: whether nothing speaks against a command that is none of the envelope's. */
static bool is_always_taken(const struct shadow *s, const struct smtp_command *command)
{
    if (command->quirks != 0 || command->argument.len > 0)
        return false;
    return command->verb == SMTP_VERB_RSET || command->verb == SMTP_VERB_NOOP ||
           command->verb == SMTP_VERB_QUIT ||
           (command->verb == SMTP_VERB_STARTTLS && s->greeted && s->tls && !s->secured);
}

static void check_reply(struct shadow *s, const struct smtp_command *command, unsigned code)
{
    bool accepted = code / 100 == 2;
    bool lmtp = s->mode == SERVER_LMTP;
    bool serves = s->mode != SERVER_REJECTING && s->mode != SERVER_REFUSING;
    FUZZ_LAW(accepted || !serves || !is_always_taken(s, command), "what may come always is taken");
    FUZZ_LAW(!s->quit, "nothing is answered after QUIT");
    FUZZ_LAW((!accepted && code != 354) || !takes_no_argument(command->verb) ||
                 command->argument.len == 0,
             "what takes no argument is refused with one");
    FUZZ_LAW(!accepted || command->verb == SMTP_VERB_QUIT ||
                 (s->mode != SERVER_REJECTING && s->mode != SERVER_REFUSING),
             "behind a greeting that refuses, nothing is done");
    switch (command->verb) {
    case SMTP_VERB_EHLO:
    case SMTP_VERB_HELO:
    case SMTP_VERB_LHLO:
        FUZZ_LAW(!accepted || lmtp == (command->verb == SMTP_VERB_LHLO), "LHLO is LMTP's");
        FUZZ_LAW(accepted || !serves || lmtp != (command->verb == SMTP_VERB_LHLO) ||
                     command->quirks != 0 || !is_letters(command->argument),
                 "a name is taken");
        s->greeted = s->greeted || accepted;
        s->hello = accepted ? first_word(command->argument) : s->hello;
        s->extended = accepted ? command->verb != SMTP_VERB_HELO : s->extended;
        if (accepted)
            end_transaction(s);
        if (accepted && s->extended)
            check_offers(s);
        break;
    case SMTP_VERB_MAIL:
        check_mail(s, command, accepted);
        break;
    case SMTP_VERB_STARTTLS:
        if (code == 220)
            begin_tls(s);
        break;
    case SMTP_VERB_AUTH:
        check_auth(s, code, command->mechanism, command->initial_response);
        break;
    case SMTP_VERB_RCPT:
        check_rcpt(s, command, code);
        break;
    case SMTP_VERB_DATA:
        FUZZ_LAW(code != 354 || (s->mail && s->recipients > 0), "DATA needs RCPT");
        FUZZ_LAW(code != 354 || s->content == 0 || s->unsure, "DATA and BDAT do not mix");
        FUZZ_LAW(code != 354 || !s->binary, "BODY=BINARYMIME needs BDAT"); /* RFC 3030 3 */
        FUZZ_LAW(code == 354 || !is_plain(s, command) || s->recipients == 0 || s->chunked ||
                     s->binary,
                 "DATA in its place is taken");
        break;
    case SMTP_VERB_BDAT:
        FUZZ_LAW(!accepted || (s->mail && s->recipients > 0), "BDAT needs RCPT");
        s->unsure = s->unsure || !accepted;
        s->chunked = s->mail;
        if (command->last && code != 503)
            end_transaction(s);
        break;
    case SMTP_VERB_XCLIENT:
        check_xclient(s, command, code);
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
    struct slice content = message->content;
    (void)context;
    FUZZ_LAW(content.len <= sizeof delivered.content, "a message has a limit");
    delivered.content_len = keep(delivered.content, 0, content);
    delivered.reverse_path_len = keep(delivered.reverse_path, 0, message->reverse_path);
    delivered.forward_paths_len = keep(delivered.forward_paths, 0, message->forward_paths);
    FUZZ_LAW(message->forward_path_count > 0, "a message that is delivered has recipients");
    deliveries++;
}

/* Gives octets to the server, which answers with that many replies; the code of the first, or of a
 * later one that accepts. 0: there are none. */
static unsigned give(struct server *server, struct slice octets, size_t replies, const char *law)
{
    struct writer out = writer_of(answers[0], ANSWER_OCTETS);
    struct slice said;
    unsigned code = 0;
    while (octets.len > 0 && (server_wants(server) & SERVER_WANTS_RECEIVE)) {
        octets = slice_from(octets, server_receive(server, octets, 0));
        collect(server, &out);
    }
    answered = writer_slice(&out);
    for (said = answered; replies > 0; replies--) {
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
static size_t replies_at_end(const struct shadow *s)
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
static bool shadow_data(struct server *server, struct shadow *shadow, struct slice *in)
{
    size_t octets = message_octets(*in), before = deliveries;
    if (octets == 0) {
        give(server, *in, 0, "nothing is said before the end of data");
        return false;
    }
    static uint8_t text[MOST_OCTETS];
    unsigned code = give(server, slice_sub(*in, 0, octets), replies_at_end(shadow),
                         "a message gets one reply, or with LMTP one for each recipient");
    bool delivered_now = deliveries - before == 1;
    struct slice plain = slice_of(text, unstuff(slice_sub(*in, 0, octets - 3), text));
    FUZZ_LAW(deliveries - before <= 1 && (delivered_now || code / 100 != 2) &&
                 (!delivered_now || code / 100 == 2 || shadow->mode == SERVER_LMTP),
             "what is taken is delivered, once");
    FUZZ_LAW(!delivered_now || !has_lone_octet(plain), "a message of other lines is refused");
    if (delivered_now)
        check_delivered(shadow, plain);
    end_transaction(shadow);
    *in = slice_from(*in, octets);
    return true;
}

/* Behind 334. */
static bool shadow_auth(struct server *server, struct shadow *shadow, struct slice mechanism,
                        struct slice *in)
{
    shadow->proved = false;
    for (unsigned code = 334; code == 334;) {
        size_t lf = slice_find(*in, '\n');
        if (lf == in->len || lf == 0 || in->ptr[lf - 1] != '\r')
            return false;
        code = give(server, slice_sub(*in, 0, lf + 1), 1, "a challenge's answer gets a reply");
        check_auth(shadow, code, mechanism, slice_sub(*in, 0, lf - 1));
        FUZZ_LAW(code != 235 || lf > 1 || shadow->proved, "nobody is let in who says nothing");
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
    /* a last chunk that is not refused at once is answered as a message is */
    bool ends = chunk && command.last && shadow->mode == SERVER_LMTP && shadow->recipients > 1;
    if (ends)
        return false;
    unsigned code = give(server, slice_sub(*in, 0, octets), 1, "a command gets one reply");
    struct slice taken = slice_sub(*in, line.offset, octets);
    *in = slice_from(*in, octets);
    if (chunk && code / 100 == 2 && shadow->content + taken.len <= MESSAGE_OCTETS) {
        shadow->content = keep(sent.content, shadow->content, taken);
        if (deliveries > before)
            check_delivered(shadow, slice_of(sent.content, shadow->content));
    } else if (chunk)
        FUZZ_LAW(code / 100 != 2, "a message has a limit");
    check_reply(shadow, &command, code);
    FUZZ_LAW(deliveries - before == (chunk && command.last && code / 100 == 2) ||
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
    struct server *server = new_server(setting);
    struct shadow shadow = {.mode = setting.mode, .tls = setting.tls, .xclient = setting.xclient};
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

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MOST_OCTETS)
        return 0;
    struct slice in = slice_of(data, size);
    static const enum server_mode modes[8] = {/* behind a CR, which is 5 of 8: an MX */
                                              [1] = SERVER_LMTP,
                                              [3] = SERVER_SUBMISSION,
                                              [6] = SERVER_REJECTING,
                                              [7] = SERVER_REFUSING};
    struct setting setting = {modes[fuzz_knob(in, 1, 8)], fuzz_knob(in, 2, 2) == 1,
                              fuzz_knob(in, 3, 2) == 1};
    struct slice whole = talk(setting, in, SIZE_MAX, 0);
    struct slice pieces = talk(setting, in, 1 + fuzz_knob(in, 0, 30), 1);
    FUZZ_LAW(slice_equal(whole, pieces), "how the octets are cut changes no answer");
    check_grammar(whole, slice_holds_nocase(in, SLICE(" SMTPUTF8")));
    shadow_session(setting, in);
    return 0;
}
