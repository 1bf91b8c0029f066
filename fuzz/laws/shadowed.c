#include "laws/shadowed.h"

#include "laws/coded.h"
#include "laws/limited.h"
#include "laws/offered.h"
#include "laws/queried.h"
#include "laws/traced.h"
#include "smtp/ehlo.h"
#include "smtp/param.h"
#include "smtp/quirk.h"
#include "smtp/reply.h"

#define MOST_GUESSES 10 /* of a password, before the server closes */

static size_t keep(uint8_t *room, size_t at, struct slice octets)
{
    if (octets.len > 0)
        memcpy(room + at, octets.ptr, octets.len);
    return at + octets.len;
}

/* What the shadow knows of the transaction, and what was delivered last. */
static struct {
    uint8_t reverse_path[1024], forward_paths[SHADOWED_RECIPIENTS * 1024],
        content[SHADOWED_MESSAGE_OCTETS];
    uint8_t peer[1200], nonce[2048], mail_params[1024], rcpt_params[SHADOWED_RECIPIENTS * 1024];
} sent;
static struct {
    uint8_t reverse_path[1024], forward_paths[SHADOWED_RECIPIENTS * 1024],
        content[SHADOWED_MESSAGE_OCTETS + 2048], mail_params[1024],
        rcpt_params[SHADOWED_RECIPIENTS * 1024];
    size_t mail_params_len, rcpt_params_len;
    size_t reverse_path_len, forward_paths_len, content_len;
} delivered;

void shadowed_end(struct shadowed *s)
{
    s->mail = s->unsure = s->binary = s->utf8 = s->chunked = false;
    s->recipients = s->reverse_path = s->forward_paths = s->content = 0;
    s->mail_params = s->rcpt_params = 0;
}

/* RFC 3207 4.2: under TLS all begins anew. */
static void begin_tls(struct shadowed *s)
{
    FUZZ_LAW(!s->secured && s->greeted, "STARTTLS needs EHLO, and comes once");
    s->secured = true;
    s->greeted = s->extended = s->authenticated = false;
    shadowed_end(s);
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
static bool is_password(const struct shadowed *s, struct slice mechanism, struct slice answer)
{
    static uint8_t room[SHADOWED_MOST_OCTETS];
    struct slice said = base64(slice_trim(answer), room);
    if (slice_equal_nocase(mechanism, SLICE("PLAIN")))
        return slice_equal(said, SLICE("\0tester\0secret")) ||
               slice_equal(said, SLICE("tester\0tester\0secret"));
    return !slice_equal_nocase(mechanism, SLICE("LOGIN")) ||
           (s->named && slice_equal(said, SLICE("secret")));
}

/* LOGIN: the name comes first, in the command or behind it. */
static void note_name(struct shadowed *s, struct slice answer, bool in_command)
{
    static uint8_t room[SHADOWED_MOST_OCTETS];
    bool first = in_command || s->answers == 0;
    s->answers = in_command ? answer.len > 0 : s->answers + 1;
    s->named = first ? slice_equal(base64(slice_trim(answer), room), SLICE("tester")) : s->named;
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
static void check_scram(struct shadowed *s, unsigned code, struct slice answer)
{
    static uint8_t room[SHADOWED_MOST_OCTETS], other[SHADOWED_MOST_OCTETS];
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
    struct slice challenge = slice_sub(s->answered, 4, slice_find(s->answered, '\r'));
    struct slice nonce = scram_value(base64(challenge, other), SLICE("r="));
    s->proved = slice_starts(base64(challenge, other), SLICE("v="));
    if (nonce.len > 0 && nonce.len <= sizeof sent.nonce)
        s->nonce = keep(sent.nonce, 0, nonce);
}

/* RFC 4954 4: where it is offered, and before any mail. */
static bool may_authenticate(const struct shadowed *s)
{
    bool serves = s->mode != SERVER_REJECTING && s->mode != SERVER_REFUSING;
    return serves && s->extended && !s->authenticated && !s->mail && !s->unsure &&
           (!s->tls || s->secured);
}

static void reply_to_auth(struct shadowed *s, unsigned code, struct slice mechanism,
                          struct slice answer, bool in_command)
{
    note_name(s, answer, in_command);
    FUZZ_LAW(code != 501 || in_command ||
                 slice_equal(answer, SLICE("*")) == slice_starts(s->answered, SLICE("501 5.7.0")),
             "who says a lone star cancels, and nobody else"); /* RFC 4954 4 */
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
    FUZZ_LAW(code / 100 != 2 || is_password(s, mechanism, answer),
             "who is let in knows the password");
    FUZZ_LAW(!s->tls || s->secured || (code / 100 != 2 && code != 334),
             "no password is asked for in clear");
    s->authenticated = s->authenticated || code / 100 == 2;
}

void shadowed_auth(struct shadowed *s, unsigned code, struct slice mechanism, struct slice answer)
{
    reply_to_auth(s, code, mechanism, answer, false);
}

/* RFC 3207 4: where TLS is required, but for what leads there all has to wait. */
static bool waits_for_tls(const struct shadowed *s, enum smtp_verb verb)
{
    return s->requires_tls && !s->secured && verb != SMTP_VERB_EHLO && verb != SMTP_VERB_LHLO &&
           verb != SMTP_VERB_NOOP && verb != SMTP_VERB_STARTTLS && verb != SMTP_VERB_QUIT;
}

/* Whether nothing speaks against a command with a path: no parameter, no quirk, in its place. */
static bool is_plain(const struct shadowed *s, const struct smtp_command *command)
{
    bool serves =
        (s->mode == SERVER_MX || s->mode == SERVER_LMTP) && !waits_for_tls(s, command->verb);
    return serves && s->greeted && !s->unsure && command->quirks == 0 && command->params.len == 0;
}

/* Whether nothing speaks against MAIL but its parameters. */
static bool is_in_place(const struct shadowed *s, const struct smtp_command *command)
{
    bool serves = s->mode == SERVER_MX || s->mode == SERVER_LMTP ||
                  (s->mode == SERVER_SUBMISSION && s->authenticated);
    return serves && s->greeted && s->extended && !s->unsure && !s->mail && command->quirks == 0 &&
           s->transactions < SHADOWED_TRANSACTIONS && !waits_for_tls(s, SMTP_VERB_MAIL) &&
           slice_find(command->path.domain, '.') < command->path.domain.len;
}

static bool says_binary(struct slice params)
{
    struct smtp_param body;
    return smtp_param_find(params, SLICE("BODY"), &body) &&
           slice_equal_nocase(body.value, SLICE("BINARYMIME"));
}

static void check_mail(struct shadowed *s, const struct smtp_command *command, bool accepted)
{
    FUZZ_LAW(!accepted || !limited_is_too_long(command->params),
             "SIZE beyond the limit is refused");
    FUZZ_LAW(accepted || s->mail || !is_plain(s, command) ||
                 s->transactions == SHADOWED_TRANSACTIONS,
             "MAIL in its place is taken");
    s->transactions += accepted; /* RFC 9422 4.1 */
    FUZZ_LAW(s->transactions <= SHADOWED_TRANSACTIONS, "transactions have a limit");
    FUZZ_LAW(!accepted || (s->greeted && (s->unsure || !s->mail)),
             "MAIL needs EHLO, and no transaction");
    FUZZ_LAW(!accepted || s->authenticated || s->mode != SERVER_SUBMISSION,
             "who submits has authenticated");
    FUZZ_LAW(!accepted || s->extended || command->params.len == 0, "parameters need EHLO");
    bool within;
    FUZZ_LAW(!is_in_place(s, command) || !limited_tells(s, command->params, &within) ||
                 within == accepted,
             "what is announced is taken, and no more");
    struct smtp_param utf8;
    if (accepted)
        shadowed_end(s);
    s->mail = s->mail || accepted;
    if (accepted)
        s->binary = says_binary(command->params);
    if (accepted)
        s->utf8 = smtp_param_find(command->params, SLICE("SMTPUTF8"), &utf8);
    if (accepted)
        s->reverse_path = keep(sent.reverse_path, 0, command->path.mailbox);
    if (accepted && command->params.len < 500)
        s->mail_params = keep(sent.mail_params, 0, command->params);
}

static void check_rcpt(struct shadowed *s, const struct smtp_command *command, unsigned code)
{
    bool accepted = code / 100 == 2;
    bool here = slice_equal_nocase(command->path.local_part, SLICE("bob")) &&
                slice_equal_nocase(command->path.domain, SLICE("example.test"));
    FUZZ_LAW(!accepted || s->mail, "RCPT needs MAIL");
    FUZZ_LAW(!accepted || s->extended || command->params.len == 0, "parameters need EHLO");
    FUZZ_LAW(accepted || !s->mail || !is_plain(s, command) || !here ||
                 s->recipients == SHADOWED_RECIPIENTS,
             "RCPT in its place is taken");
    FUZZ_LAW(!s->mail || !is_plain(s, command) || s->recipients == SHADOWED_RECIPIENTS ||
                 queried_mailbox_holds(&command->path, code),
             "a mailbox is what its meaning says, however it is written");
    bool since;
    FUZZ_LAW(!here || !s->mail || !s->extended || s->recipients == SHADOWED_RECIPIENTS ||
                 s->unsure || command->quirks != 0 || waits_for_tls(s, SMTP_VERB_RCPT) ||
                 (s->mode == SERVER_SUBMISSION && !s->authenticated) ||
                 !limited_tells_since(command->params, &since) || since == accepted,
             "a mailbox of this server is of 2000");
    s->recipients += accepted;
    FUZZ_LAW(s->recipients <= SHADOWED_RECIPIENTS, "recipients have a limit");
    if (!accepted)
        return;
    s->forward_paths = keep(sent.forward_paths, s->forward_paths, command->path.mailbox);
    sent.forward_paths[s->forward_paths++] = '\n';
    s->rcpt_params = keep(sent.rcpt_params, s->rcpt_params, command->params);
    sent.rcpt_params[s->rcpt_params++] = '\n';
    s->late[s->recipients - 1] = queried_is_late(&command->path);
}

void shadowed_each(const struct shadowed *s)
{
    struct slice rest = s->answered;
    for (size_t i = 0; i < s->recipients && s->mode == SERVER_LMTP; i++) {
        FUZZ_LAW(slice_starts(rest, s->late[i] ? SLICE("550") : SLICE("250")),
                 "each recipient has its own reply");
        rest = slice_from(rest, slice_find(rest, '\n') + 1);
    }
}

/* What was delivered is what was sent: the content behind Return-Path and Received. */
void shadowed_is_delivered(const struct shadowed *s, struct slice content)
{
    struct slice got = slice_of(delivered.content, delivered.content_len);
    FUZZ_LAW(slice_equal(slice_of(delivered.reverse_path, delivered.reverse_path_len),
                         slice_of(sent.reverse_path, s->reverse_path)) &&
                 slice_equal(slice_of(delivered.forward_paths, delivered.forward_paths_len),
                             slice_of(sent.forward_paths, s->forward_paths)),
             "a message is delivered from whom and to whom it was sent");
    FUZZ_LAW(slice_equal(slice_of(delivered.mail_params, delivered.mail_params_len),
                         slice_of(sent.mail_params, s->mail_params)) &&
                 slice_equal(slice_of(delivered.rcpt_params, delivered.rcpt_params_len),
                             slice_of(sent.rcpt_params, s->rcpt_params)),
             "and with the parameters of each path");
    FUZZ_LAW(content.len <= SHADOWED_MESSAGE_OCTETS, "a message has a limit");
    struct traced traced = {
        .unix_ms = s->unix_ms,
        .lmtp = s->mode == SERVER_LMTP,
        .submission = s->mode == SERVER_SUBMISSION,
        .utf8 = s->utf8,
        .extended = s->extended,
        .secured = s->secured,
        .authenticated = s->authenticated,
        .peer = slice_of(sent.peer, s->peer),
        .hello = s->hello,
        .reverse_path = slice_of(sent.reverse_path, s->reverse_path),
        .to = slice_of(sent.forward_paths, s->recipients == 1 ? s->forward_paths - 1 : 0),
    };
    got = traced_behind(&traced, got);
    FUZZ_LAW(slice_equal(got, content) || slice_holds_nocase(content, SLICE("Return-Path")),
             "what was sent is delivered");
    FUZZ_LAW(!traced_has_field(got, SLICE("Return-Path:")), "a message has one Return-Path");
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

/* "192.0.2.1", "IPV6:2001:db8::1" or what is not known (RFC 5321 4.1.3: as a literal). */
static void note_peer(struct shadowed *s, struct slice address)
{
    bool six = slice_starts_nocase(address, SLICE("IPV6:"));
    s->peer = 0;
    if (slice_equal_nocase(address, SLICE("[UNAVAILABLE]")) ||
        slice_equal_nocase(address, SLICE("[TEMPUNAVAIL]")))
        return;
    s->peer = keep(sent.peer, 0, six ? SLICE("[IPv6:") : SLICE("["));
    s->peer = keep(sent.peer, s->peer, slice_from(address, six ? 5 : 0));
    s->peer = keep(sent.peer, s->peer, SLICE("]"));
}

/* XCLIENT_README: a session begins anew, whose client is another one where ADDR names it. */
static void check_xclient(struct shadowed *s, const struct smtp_command *command, unsigned code)
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
        note_peer(s, address.value);
    }
    s->greeted = s->extended = false;
    s->transactions = 0;
    s->authenticated = smtp_param_find(command->params, SLICE("LOGIN"), &login) &&
                       !slice_equal_nocase(login.value, SLICE("[UNAVAILABLE]")) &&
                       !slice_equal_nocase(login.value, SLICE("[TEMPUNAVAIL]"));
    shadowed_end(s);
}

/* RFC 3207 4.2, RFC 4954 3: STARTTLS is offered until TLS is up, AUTH where nobody overhears it
 * and nobody has authenticated; what shows a token or is about a certificate, under TLS. */
static void check_offers(const struct shadowed *s)
{
    static const struct slice under_tls[] = {SLICE_INIT("EXTERNAL"), SLICE_INIT("XOAUTH2"),
                                             SLICE_INIT("OAUTHBEARER")};
    struct smtp_reply_parser parser = {.limits = {4096, 65536}};
    struct smtp_ehlo_keyword found, auth = {.params = SLICE("")};
    struct smtp_reply reply;
    FUZZ_LAW(smtp_reply_parse(&parser, s->answered, &reply).status == PARSE_OK,
             "EHLO has its reply");
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
static bool is_always_taken(const struct shadowed *s, const struct smtp_command *command)
{
    if (command->quirks != 0 || command->argument.len > 0 || waits_for_tls(s, command->verb))
        return false;
    return command->verb == SMTP_VERB_RSET || command->verb == SMTP_VERB_NOOP ||
           command->verb == SMTP_VERB_QUIT ||
           (command->verb == SMTP_VERB_STARTTLS && s->greeted && s->tls && !s->secured);
}

void shadowed_reply(struct shadowed *s, const struct smtp_command *command, unsigned code)
{
    bool accepted = code / 100 == 2;
    bool lmtp = s->mode == SERVER_LMTP;
    bool serves = s->mode != SERVER_REJECTING && s->mode != SERVER_REFUSING;
    coded_check(s, command, code, is_plain(s, command));
    FUZZ_LAW(accepted || !serves || !is_always_taken(s, command), "what may come always is taken");
    FUZZ_LAW(!s->quit, "nothing is answered after QUIT");
    FUZZ_LAW((!accepted && code / 100 != 3) || !waits_for_tls(s, command->verb),
             "where TLS is required, all else waits for it");
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
                     command->quirks != 0 || !is_letters(command->argument) ||
                     waits_for_tls(s, command->verb),
                 "a name is taken");
        s->greeted = s->greeted || accepted;
        s->hello = accepted ? first_word(command->argument) : s->hello;
        s->extended = accepted ? command->verb != SMTP_VERB_HELO : s->extended;
        if (accepted)
            shadowed_end(s);
        if (accepted && s->extended)
            check_offers(s);
        if (accepted)
            offered_check(s);
        break;
    case SMTP_VERB_MAIL:
        check_mail(s, command, accepted);
        break;
    case SMTP_VERB_STARTTLS:
        if (code == 220)
            begin_tls(s);
        break;
    case SMTP_VERB_AUTH:
        reply_to_auth(s, code, command->mechanism, command->initial_response, true);
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
            shadowed_end(s);
        break;
    case SMTP_VERB_XCLIENT:
        check_xclient(s, command, code);
        break;
    case SMTP_VERB_RSET:
        if (accepted)
            shadowed_end(s);
        break;
    case SMTP_VERB_QUIT:
        s->quit = accepted;
        break;
    case SMTP_VERB_VRFY:
    case SMTP_VERB_EXPN:
    case SMTP_VERB_ETRN:
        if (serves && !waits_for_tls(s, command->verb))
            queried_check(s, command, code);
        break;
    default:
        break;
    }
}

void shadowed_chunk(struct shadowed *s, struct slice octets)
{
    s->content = keep(sent.content, s->content, octets);
}

struct slice shadowed_content(const struct shadowed *s)
{
    return slice_of(sent.content, s->content);
}

void shadowed_deliver(struct shadowed *s, const struct server_message *message)
{
    struct slice content = message->content;
    FUZZ_LAW(content.len <= sizeof delivered.content, "a message has a limit");
    delivered.content_len = keep(delivered.content, 0, content);
    delivered.reverse_path_len = keep(delivered.reverse_path, 0, message->reverse_path);
    delivered.mail_params_len = keep(delivered.mail_params, 0, message->mail_parameters);
    delivered.rcpt_params_len = keep(delivered.rcpt_params, 0, message->rcpt_parameters);
    delivered.forward_paths_len = keep(delivered.forward_paths, 0, message->forward_paths);
    FUZZ_LAW(message->forward_path_count > 0, "a message that is delivered has recipients");
    s->deliveries++;
}
