#include <openssl/evp.h>

#include "base/octet.h"
#include "server/session.h"

#define ANSWER_OCTETS (SESSION_LINE_OCTETS / 4 * 3 + 3)

/* RFC 4648 4: strict where EVP_DecodeBlock is lenient. Returns the octets, or -1. */
static int decode(struct slice text, uint8_t *out)
{
    size_t pad = 0;
    if (text.len % 4 != 0 || text.len > SESSION_LINE_OCTETS)
        return -1;
    while (pad < 2 && pad < text.len && text.ptr[text.len - 1 - pad] == '=')
        pad++;
    for (size_t i = 0; i < text.len - pad; i++)
        if (!octet_is(text.ptr[i], OCTET_ALPHA | OCTET_DIGIT) && text.ptr[i] != '+' &&
            text.ptr[i] != '/')
            return -1;
    if (text.len == 0)
        return 0;
    int len = EVP_DecodeBlock(out, text.ptr, (int)text.len);
    return len < 0 ? -1 : len - (int)pad;
}

static void end(struct server *s, bool accepted)
{
    s->auth = AUTH_NONE;
    s->mode = SESSION_COMMAND;
    s->authenticated = accepted || fault(s, FAULT_AUTH_ANY);
    if (s->authenticated)
        session_reply(s, 235, "2.7.0", "Authenticated");
    else
        session_reply(s, 535, "5.7.8", "Authentication failed");
}

static void ask(struct server *s, int next, const char *challenge)
{
    s->auth = (unsigned)next;
    s->mode = SESSION_AUTH;
    session_reply_line(s, 334, true, slice_of_cstr(challenge));
}

/* PLAIN: [authzid] NUL authcid NUL passwd                              ; RFC 4616 2 */
static bool plain_matches(const struct server *s, struct slice answer)
{
    size_t first = slice_find(answer, 0);
    if (first == answer.len)
        return false;
    struct slice rest = slice_from(answer, first + 1);
    size_t second = slice_find(rest, 0);
    return second < rest.len && slice_equal(slice_sub(rest, 0, second), s->config.user) &&
           slice_equal(slice_from(rest, second + 1), s->config.password);
}

static void answer(struct server *s, struct slice text)
{
    uint8_t octets[ANSWER_OCTETS];
    int len = decode(text, octets);
    if (len < 0) {
        s->auth = AUTH_NONE;
        s->mode = SESSION_COMMAND;
        session_reply(s, fault(s, FAULT_AUTH_BASE64) ? 535 : 501, "5.5.2", "Not base64");
        return;
    }
    struct slice given = slice_of(octets, (size_t)len);
    switch (s->auth) {
    case AUTH_LOGIN_USER:
        s->auth_user_matches = slice_equal(given, s->config.user);
        ask(s, AUTH_LOGIN_PASSWORD, "UGFzc3dvcmQ6"); /* "Password:" */
        break;
    case AUTH_LOGIN_PASSWORD:
        end(s, s->auth_user_matches && slice_equal(given, s->config.password));
        break;
    default:
        end(s, plain_matches(s, given));
        break;
    }
}

/* RFC 4954 4: once, outside a transaction, and not in plain text where TLS is offered. */
void auth_begin(struct server *s, const struct smtp_command *command)
{
    bool login = slice_equal_nocase(command->mechanism, SLICE("LOGIN"));
    bool plain = slice_equal_nocase(command->mechanism, SLICE("PLAIN"));
    struct slice first = command->initial_response;
    if (s->config.user.len == 0 || !s->extended)
        session_reply(s, s->extended ? 502 : 503, "5.5.1", "AUTH is not offered");
    else if (s->authenticated && !fault(s, FAULT_AUTH_TWICE))
        session_reply(s, 503, "5.5.1", "Authenticated already");
    else if (s->mail && !fault(s, FAULT_AUTH_IN_MAIL))
        session_reply(s, 503, "5.5.1", "Not inside a transaction");
    else if (!login && !plain)
        session_reply(s, fault(s, FAULT_AUTH_MECHANISM) ? 535 : 504, "5.5.4", "No such mechanism");
    else if (!s->secured && s->config.offer_tls)
        session_reply(s, 538, "5.7.11", "TLS comes first");
    else if (first.len == 0)
        ask(s, login ? AUTH_LOGIN_USER : AUTH_PLAIN, login ? "VXNlcm5hbWU6" : ""); /* "Username:" */
    else {
        s->auth = login ? AUTH_LOGIN_USER : AUTH_PLAIN;
        answer(s, slice_equal(first, SLICE("=")) ? SLICE("") : first);
    }
}

void auth_continue(struct server *s, struct slice line)
{
    bool crlf = line.len > 1 && line.ptr[line.len - 2] == '\r';
    struct slice text = slice_sub(line, 0, line.len - (crlf ? 2 : 1));
    if (slice_equal(text, SLICE("*"))) {
        s->auth = AUTH_NONE;
        s->mode = SESSION_COMMAND;
        session_reply(s, fault(s, FAULT_AUTH_CANCEL) ? 535 : 501, "5.7.0", "Cancelled");
        return;
    }
    answer(s, text);
}
