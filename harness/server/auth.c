/* AUTH (RFC 4954), and the mechanisms in which the client shows its secret: PLAIN (RFC 4616),
 * LOGIN, EXTERNAL (RFC 4422 appendix A), OAUTHBEARER (RFC 7628) and XOAUTH2. */
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/octet.h"
#include "server/mechanism.h"

#define ANSWER_OCTETS    (SESSION_LINE_OCTETS / 4 * 3 + 3)
#define MOST_FAILURES    6
#define CHALLENGE_OCTETS 2048

/* ---- what mechanisms answer with ---- */

static void leave(struct server *s)
{
    s->sasl.mechanism = NULL;
    s->mode = SESSION_COMMAND;
}

void auth_end(struct server *s, bool accepted)
{
    accepted = accepted || fault(s, FAULT_AUTH_ANY);
    leave(s);
    s->authenticated = accepted || fault(s, FAULT_AUTH_FAILURE_PASSES);
    if (accepted) {
        session_reply(s, fault(s, FAULT_AUTH_CODE) ? 250 : 235,
                      fault(s, FAULT_AUTH_STATUS) ? "2.0.0" : "2.7.0", "Authenticated");
        return;
    }
    s->auth_failures++;
    if (s->auth_failures >= (fault(s, FAULT_AUTH_FAILS_ONCE) ? 1 : MOST_FAILURES)) {
        session_reply(s, 421, "4.7.0", "Too many failures");
        s->closing = true;
        return;
    }
    session_reply(s, fault(s, FAULT_AUTH_FAILURE_CODE) ? 550 : 535,
                  fault(s, FAULT_AUTH_STATUS) ? "5.0.0" : "5.7.8", "Authentication failed");
}

void auth_malformed(struct server *s)
{
    leave(s);
    session_reply(s, 501, "5.5.2", "Not what the mechanism answers");
}

void auth_ask(struct server *s, unsigned step, struct slice challenge)
{
    uint8_t text[CHALLENGE_OCTETS];
    struct writer w = writer_of(text, sizeof text);
    if (fault(s, FAULT_CHALLENGE_TEXT) && challenge.len == 0)
        writer_put(&w, SLICE("go on"));
    else if (fault(s, FAULT_CHALLENGE_PLAIN) && challenge.len > 0)
        writer_put(&w, challenge);
    else if (challenge.len > 0 && challenge.len <= sizeof text / 4 * 3 - 3)
        w.len = (size_t)EVP_EncodeBlock(text, challenge.ptr, (int)challenge.len);
    s->sasl.step = step;
    s->mode = SESSION_AUTH;
    session_reply_line(s, 334, true, writer_slice(&w));
}

/* Compares in a time that does not depend on where they differ. */
bool auth_same(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* ---- PLAIN, LOGIN, EXTERNAL ---- */

/* message = [authzid] UTF8NUL authcid UTF8NUL passwd                    ; RFC 4616 2 */
static void plain(struct server *s, struct slice answer)
{
    size_t first = slice_find(answer, 0);
    struct slice rest = slice_from(answer, first < answer.len ? first + 1 : first);
    size_t second = slice_find(rest, 0);
    struct slice authzid = slice_sub(answer, 0, first), authcid = slice_sub(rest, 0, second);
    struct slice password = slice_from(rest, second < rest.len ? second + 1 : second);
    bool parts = first < answer.len && answer.len - first > second + 1;
    bool allowed = authzid.len == 0 ||
                   (slice_equal(authzid, s->config.user) && !fault(s, FAULT_PLAIN_AUTHZID)) ||
                   fault(s, FAULT_PLAIN_ANY_AUTHZID);
    if (fault(s, FAULT_PLAIN_LF) && authcid.len > 0 && authcid.ptr[authcid.len - 1] == '\n')
        authcid.len--;
    if (fault(s, FAULT_PLAIN_EXTRA_NUL))
        password = slice_sub(password, 0, slice_find(password, 0));
    if (fault(s, FAULT_PLAIN_LONG) && answer.len > 300)
        auth_malformed(s);
    else if (!parts && fault(s, FAULT_PLAIN_ONE_PART))
        auth_end(s, true);
    else if (parts && password.len == 0 && fault(s, FAULT_PLAIN_NO_PASSWORD))
        auth_end(s, true);
    else
        auth_end(s, parts && allowed && slice_equal(authcid, s->config.user) &&
                        auth_same(password, s->config.password));
}

static void login_begin(struct server *s)
{
    auth_ask(s, 0, fault(s, FAULT_LOGIN_PROMPT) ? SLICE("Who?") : SLICE("Username:"));
}

static void login(struct server *s, struct slice answer)
{
    if (s->sasl.step == 0) {
        s->sasl.user_matches = slice_equal(answer, s->config.user);
        auth_ask(s, 1, fault(s, FAULT_LOGIN_PROMPT) ? SLICE("Really?") : SLICE("Password:"));
    } else
        auth_end(s, s->sasl.user_matches && auth_same(answer, s->config.password));
}

/* The answer is the identity to act as; empty: the one that the certificate names. */
static void external(struct server *s, struct slice answer)
{
    bool himself = slice_equal(answer, slice_of(s->identity, s->identity_len));
    bool anybody = fault(s, FAULT_EXTERNAL_ANY_IDENTITY);
    auth_end(s, answer.len == 0 ? !fault(s, FAULT_EXTERNAL_EMPTY) : himself || anybody);
}

/* ---- OAUTHBEARER, XOAUTH2 ---- */

/* kvpair = key "=" value %x01                                           ; RFC 7628 3.1 */
static struct slice value_of(struct slice pairs, struct slice key)
{
    while (pairs.len > 0) {
        struct slice pair = slice_sub(pairs, 0, slice_find(pairs, 1));
        size_t equals = slice_find(pair, '=');
        if (equals < pair.len && slice_equal_nocase(slice_sub(pair, 0, equals), key))
            return slice_from(pair, equals + 1);
        pairs = slice_from(pairs, pair.len < pairs.len ? pair.len + 1 : pair.len);
    }
    return SLICE("");
}

/* auth = "Bearer" 1*SP token                                            ; RFC 6750 2.1 */
static bool bears_token(const struct server *s, struct slice pairs)
{
    struct slice auth = value_of(pairs, SLICE("auth"));
    return slice_starts_nocase(auth, SLICE("Bearer ")) &&
           auth_same(slice_trim(slice_from(auth, 7)), s->config.bearer);
}

/* RFC 7628 3.2.2: what is wrong is said in a challenge, which the client answers with %x01. */
static void refuse_token(struct server *s)
{
    static const char error[] = "{\"status\":\"invalid_token\",\"schemes\":\"bearer\"}";
    if (fault(s, FAULT_OAUTH_NO_REASON))
        auth_end(s, false);
    else
        auth_ask(s, 1, fault(s, FAULT_OAUTH_REASON) ? SLICE("no") : slice_of_cstr(error));
}

/* client-resp = gs2-header kvsep *kvpair kvsep; gs2-header = "n,a=user," */
static void oauthbearer(struct server *s, struct slice answer)
{
    size_t end = slice_find(answer, 1);
    struct slice pairs = slice_from(answer, end < answer.len ? end + 1 : end);
    bool unknown = slice_find(pairs, 'z') == 0 && fault(s, FAULT_OAUTH_UNKNOWN_KEY);
    if (s->sasl.step == 1)
        auth_end(s, fault(s, FAULT_OAUTH_ANY));
    else if (!slice_starts(answer, SLICE("n,")) || end == answer.len)
        auth_malformed(s);
    else if (bears_token(s, pairs) && !unknown)
        auth_end(s, true);
    else
        refuse_token(s);
}

/* "user=" user %x01 "auth=Bearer " token %x01 %x01 */
static void xoauth2(struct server *s, struct slice answer)
{
    if (s->sasl.step == 1)
        auth_end(s, fault(s, FAULT_OAUTH_ANY));
    else if (bears_token(s, answer) && slice_equal(value_of(answer, SLICE("user")), s->config.user))
        auth_end(s, true);
    else
        refuse_token(s);
}

/* ---- which there are ---- */

enum needs {
    NEEDS_TLS = 1 << 0,     /* even where the server has none to offer */
    NEEDS_SECRECY = 1 << 1, /* the secret is shown: not before TLS where that is offered */
    NEEDS_BEARER = 1 << 2,
    NEEDS_IDENTITY = 1 << 3,
};

/* `begin`: the server speaks first, and an initial response is an error unless `late` takes it. */
static const struct mechanism {
    const char *name;
    void (*begin)(struct server *s);
    void (*answer)(struct server *s, struct slice answer);
    bool late;
    unsigned needs;
} mechanisms[] = {
    {"SCRAM-SHA-256", NULL, challenge_scram_sha256, false, 0},
    {"SCRAM-SHA-1", NULL, challenge_scram_sha1, false, 0},
    {"CRAM-MD5", challenge_cram_begin, challenge_cram, false, 0},
    {"PLAIN", NULL, plain, false, NEEDS_SECRECY},
    {"LOGIN", login_begin, login, true, NEEDS_SECRECY},
    {"EXTERNAL", NULL, external, false, NEEDS_TLS | NEEDS_IDENTITY},
    {"OAUTHBEARER", NULL, oauthbearer, false, NEEDS_TLS | NEEDS_BEARER},
    {"XOAUTH2", NULL, xoauth2, false, NEEDS_TLS | NEEDS_BEARER},
};

#define MECHANISMS (sizeof mechanisms / sizeof *mechanisms)

static bool is_offered(const struct server *s, const struct mechanism *m)
{
    bool hidden = s->config.offer_tls && !s->config.clear_auth;
    bool clear = m->needs & NEEDS_TLS       ? fault(s, FAULT_OAUTH_IN_CLEAR)
                 : m->needs & NEEDS_SECRECY ? !s->config.offer_tls || fault(s, FAULT_PLAIN_IN_CLEAR)
                                            : !hidden || fault(s, FAULT_PLAIN_IN_CLEAR);
    return (s->secured || clear) && (!(m->needs & NEEDS_BEARER) || s->config.bearer.len > 0) &&
           (!(m->needs & NEEDS_IDENTITY) || s->identity_len > 0);
}

bool auth_offered(const struct server *s)
{
    for (size_t i = 0; i < MECHANISMS; i++)
        if (s->config.user.len > 0 && is_offered(s, &mechanisms[i]))
            return !s->authenticated || fault(s, FAULT_AUTH_TWICE) ||
                   (s->secured && fault(s, FAULT_TLS_KEEPS_AUTH));
    return false;
}

void auth_write_mechanisms(const struct server *s, struct writer *out)
{
    for (size_t i = 0; i < MECHANISMS; i++) {
        if (!is_offered(s, &mechanisms[i]))
            continue;
        writer_put_octet(out, ' ');
        if (fault(s, FAULT_AUTH_KEYWORD))
            writer_put_octet(out, '+');
        writer_put(out, slice_of_cstr(mechanisms[i].name));
    }
}

static const struct mechanism *mechanism_of(const struct server *s, struct slice name)
{
    for (size_t i = 0; i < MECHANISMS; i++) {
        struct slice known = slice_of_cstr(mechanisms[i].name);
        if (fault(s, FAULT_MECHANISM_CASE) ? slice_equal(known, name)
                                           : slice_equal_nocase(known, name))
            return &mechanisms[i];
    }
    return NULL;
}

/* ---- base64 (RFC 4648 4), strict where EVP_DecodeBlock is lenient ---- */

static bool is_base64(struct slice text, size_t *ret_pad)
{
    size_t pad = 0;
    if (text.len % 4 != 0 || text.len > SESSION_LINE_OCTETS)
        return false;
    while (pad < 2 && pad < text.len && text.ptr[text.len - 1 - pad] == '=')
        pad++;
    for (size_t i = 0; i < text.len - pad; i++)
        if (!octet_is(text.ptr[i], OCTET_ALPHA | OCTET_DIGIT) && text.ptr[i] != '+' &&
            text.ptr[i] != '/')
            return false;
    *ret_pad = pad;
    return true;
}

int auth_decode(struct slice text, uint8_t *out)
{
    size_t pad;
    if (!is_base64(text, &pad))
        return -1;
    int len = text.len == 0 ? 0 : EVP_DecodeBlock(out, text.ptr, (int)text.len);
    return len < 0 ? -1 : len - (int)pad;
}

static void take_answer(struct server *s, struct slice text)
{
    uint8_t octets[ANSWER_OCTETS];
    int len = auth_decode(text, octets);
    bool padded = slice_find(text, '=') + 2 < text.len;
    if (len < 0 && padded && fault(s, FAULT_AUTH_PADDING))
        auth_end(s, true);
    else if (len < 0) {
        leave(s);
        session_reply(s, fault(s, FAULT_AUTH_BASE64) ? 535 : 501, "5.5.2", "Not base64");
    } else
        s->sasl.mechanism->answer(s, slice_of(octets, (size_t)len));
}

/* ---- the command ---- */

static const struct refusal fine = {0, "", ""};

/* RFC 4954 4: once, outside a transaction, and what would be overheard only under TLS. */
static struct refusal check_auth(const struct server *s, const struct mechanism *mechanism)
{
    bool withheld = (s->config.without >> SERVER_AUTH & 1) != 0;
    if (s->config.user.len == 0 || withheld || (!s->extended && !fault(s, FAULT_AUTH_BEFORE_EHLO)))
        return (struct refusal){!withheld && s->config.user.len > 0 ? 503 : 502, "5.5.1",
                                "AUTH is not offered"};
    if (s->authenticated && !fault(s, FAULT_AUTH_TWICE))
        return (struct refusal){503, "5.5.1", "Authenticated already"};
    if (s->mail.open && !fault(s, FAULT_AUTH_IN_MAIL))
        return (struct refusal){503, "5.5.1", "Not inside a transaction"};
    if (mechanism == NULL)
        return (struct refusal){fault(s, FAULT_AUTH_MECHANISM) ? 535 : 504, "5.5.4",
                                "No such mechanism"};
    bool anyone = (mechanism->needs & NEEDS_IDENTITY) != 0 && fault(s, FAULT_EXTERNAL_ANYONE);
    if (!is_offered(s, mechanism) && !anyone && !(fault(s, FAULT_CLEAR_AUTH_TAKEN)))
        return s->secured || !s->config.offer_tls
                   ? (struct refusal){504, "5.5.4", "No such mechanism"}
                   : (struct refusal){538, "5.7.11", "TLS comes first"};
    return fine;
}

/* Whether an initial response ends with the password. */
static bool shows_password(const struct server *s, struct slice response)
{
    uint8_t octets[ANSWER_OCTETS];
    int len = auth_decode(response, octets);
    struct slice shown = slice_of(octets, len < 0 ? 0 : (size_t)len), password = s->config.password;
    return shown.len >= password.len &&
           slice_equal(slice_from(shown, shown.len - password.len), password);
}

void auth_begin(struct server *s, const struct smtp_command *command)
{
    struct slice first = command->initial_response;
    const struct mechanism *mechanism = mechanism_of(s, command->mechanism);
    struct refusal refusal = check_auth(s, mechanism);
    if (refusal.code == 538 && fault(s, FAULT_CLEAR_AUTH_TELLS) && !shows_password(s, first))
        refusal = (struct refusal){535, "5.7.8", "Wrong password"};
    if (refusal.code != 0 && s->mail.open && fault(s, FAULT_REFUSED_AUTH_RESETS))
        session_reset(s);
    if (refusal.code == 0 && first.len > 0 && mechanism->begin != NULL && !mechanism->late &&
        !fault(s, FAULT_SERVER_FIRST))
        refusal = (struct refusal){501, "5.5.4", "The server speaks first"};
    if (refusal.code != 0) {
        session_refuse(s, refusal);
        return;
    }
    s->sasl = (struct sasl){.mechanism = mechanism};
    if (first.len > 0 && !(fault(s, FAULT_EMPTY_RESPONSE) && slice_equal(first, SLICE("="))))
        take_answer(s, slice_equal(first, SLICE("=")) ? SLICE("") : first);
    else if (mechanism->begin != NULL)
        mechanism->begin(s);
    else
        auth_ask(s, 0, SLICE(""));
}

void auth_continue(struct server *s, struct slice line)
{
    bool crlf = line.len > 1 && line.ptr[line.len - 2] == '\r';
    struct slice text = slice_sub(line, 0, line.len - (crlf ? 2 : 1));
    bool second = s->sasl.step > 0;
    if (slice_equal(text, SLICE("*"))) {
        bool failed = fault(s, FAULT_AUTH_CANCEL) || (second && fault(s, FAULT_AUTH_CANCEL_LATER));
        leave(s);
        session_reply(s, failed ? 535 : 501, "5.7.0", "Cancelled");
        s->closing = fault(s, FAULT_AUTH_CANCEL_CLOSES);
        return;
    }
    take_answer(s, text);
}
