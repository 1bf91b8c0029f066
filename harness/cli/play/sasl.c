#include "cli/play/sasl.h"

#include <gsasl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#define BINDING_OCTETS  64
#define MOST_ITERATIONS 1000000 /* of SCRAM: about a second of work */

struct exchange {
    const struct sasl *sasl;
    enum engine_role role;
    char *user, *pass, *authzid;
    /* of GNU SASL */
    Gsasl *library;
    Gsasl_session *session;
    bool scram;
    bool binds;   /* a -PLUS mechanism: RFC 5802 6 */
    bool refused; /* the server said why it does not take our proof */
    bool done;
    /* of a bearer token */
    enum { NO_BEARER, BEARER_XOAUTH2, BEARER_RFC7628 } bearer;
    bool presented;
};

static char *text_of(struct slice s)
{
    char *text = malloc(s.len + 1);
    if (text == NULL)
        abort();
    if (s.len > 0)
        memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    return text;
}

static void end(void *context)
{
    struct exchange *x = context;
    if (x->session != NULL)
        gsasl_finish(x->session);
    if (x->library != NULL)
        gsasl_done(x->library);
    free(x->user);
    free(x->pass);
    free(x->authzid);
    free(x);
}

/* ---- what GNU SASL asks for ---- */

static int give_binding(const struct exchange *x, Gsasl_session *session, Gsasl_property property)
{
    uint8_t octets[BINDING_OCTETS], text[BINDING_OCTETS * 2];
    bool exporter = false;
    bool asked = x->binds && x->sasl->binding != NULL; /* RFC 5802 6: else "n", we do not bind */
    size_t count = asked ? x->sasl->binding(x->sasl->context, octets, sizeof octets, &exporter) : 0;
    if (count == 0 || exporter != (property == GSASL_CB_TLS_EXPORTER))
        return GSASL_NO_CALLBACK;
    int len = EVP_EncodeBlock(text, octets, (int)count);
    return gsasl_property_set_raw(session, property, (const char *)text, (size_t)len);
}

/* The server's side: whether a client said what it should. */
static int is_right(const struct exchange *x, Gsasl_session *session)
{
    const char *user = gsasl_property_fast(session, GSASL_AUTHID);
    const char *pass = gsasl_property_fast(session, GSASL_PASSWORD);
    bool right =
        user != NULL && pass != NULL && strcmp(user, x->user) == 0 && strcmp(pass, x->pass) == 0;
    return right ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
}

static int on_property(Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
    const struct exchange *x = gsasl_session_hook_get(session);
    (void)library;
    switch ((int)property) {
    case GSASL_AUTHID:
    case GSASL_ANONYMOUS_TOKEN:
        return gsasl_property_set(session, property, x->user);
    case GSASL_PASSWORD:
        return gsasl_property_set(session, property, x->pass);
    case GSASL_AUTHZID: /* RFC 2831 2.1.2: an empty one may not be sent */
        return x->authzid[0] == '\0' ? GSASL_NO_CALLBACK
                                     : gsasl_property_set(session, property, x->authzid);
    case GSASL_SERVICE:
        return gsasl_property_set(session, property, "smtp");
    case GSASL_HOSTNAME:
        return gsasl_property_set(session, property, x->sasl->host);
    case GSASL_CB_TLS_UNIQUE:
    case GSASL_CB_TLS_EXPORTER:
        return give_binding(x, session, property);
    case GSASL_VALIDATE_SIMPLE:
        return is_right(x, session);
    case GSASL_VALIDATE_EXTERNAL:
    case GSASL_VALIDATE_ANONYMOUS:
        return GSASL_OK;
    default:
        return GSASL_NO_CALLBACK;
    }
}

/* ---- bearer tokens ---- */

/* RFC 7628 3.1; XOAUTH2 is its forerunner. ^A is a separator. */
static void present(struct exchange *x, struct writer *out)
{
    char text[6144];
    int len = x->bearer == BEARER_XOAUTH2
                  ? snprintf(text, sizeof text, "user=%s\1auth=Bearer %s\1\1", x->user, x->pass)
                  : snprintf(text, sizeof text, "n,a=%s,\1host=%s\1port=%u\1auth=Bearer %s\1\1",
                             x->user, x->sasl->host, x->sasl->port, x->pass);
    if (len < 0 || (size_t)len >= sizeof text)
        out->overflow = true;
    else
        writer_put(out, slice_of(text, (size_t)len));
}

static bool step_bearer(struct exchange *x, struct slice in, struct writer *out, bool *ret_done,
                        struct slice *ret_reason)
{
    if (x->role == ENGINE_SERVER) {
        uint8_t expected[6144];
        struct writer w = writer_of(expected, sizeof expected);
        present(x, &w);
        *ret_reason = SLICE("another token, or another user");
        *ret_done = true;
        return slice_equal(in, writer_slice(&w));
    }
    if (!x->presented)
        present(x, out);
    else if (x->bearer == BEARER_RFC7628) /* 3.2.3: the server says why not; this ends it */
        writer_put_octet(out, 1);
    x->presented = *ret_done = true;
    return true;
}

/* ---- exchanges ---- */

/* RFC 5802 5.1: "i=" of the server's first message says how much work the answer is to be, up to
 * hours of it. */
static bool asks_too_much(struct slice in)
{
    for (size_t at = 0; at < in.len; at += slice_find(slice_from(in, at), ',') + 1) {
        struct slice rest = slice_from(in, at);
        size_t count = 0;
        if (!slice_starts(rest, SLICE("i=")))
            continue;
        for (size_t i = 2; i < rest.len && rest.ptr[i] >= '0' && rest.ptr[i] <= '9'; i++)
            count = count > MOST_ITERATIONS ? count : count * 10 + (size_t)(rest.ptr[i] - '0');
        return count > MOST_ITERATIONS;
    }
    return false;
}

static bool step(void *context, struct slice in, struct writer *out, bool *ret_done,
                 struct slice *ret_reason)
{
    struct exchange *x = context;
    char *octets = NULL;
    size_t count = 0;
    if (x->bearer != NO_BEARER)
        return step_bearer(x, in, out, ret_done, ret_reason);
    if (x->refused || (x->scram && x->role == ENGINE_CLIENT && slice_starts(in, SLICE("e=")))) {
        x->refused = true; /* RFC 5802 7: server-error; the reply says it in SMTP's way */
        return true;
    }
    if (x->done) {
        *ret_reason = SLICE("a challenge after the exchange was over");
        return false;
    }
    if (x->scram && x->role == ENGINE_CLIENT && asks_too_much(in)) {
        *ret_reason = SLICE("the server asks for more than a million iterations");
        return false;
    }
    int result =
        gsasl_step(x->session, in.len == 0 ? "" : (const char *)in.ptr, in.len, &octets, &count);
    if (result == GSASL_OK || result == GSASL_NEEDS_MORE)
        writer_put(out, slice_of(octets, count));
    else
        *ret_reason = slice_of_cstr(gsasl_strerror(result));
    *ret_done = x->done = result == GSASL_OK;
    gsasl_free(octets);
    return result == GSASL_OK || result == GSASL_NEEDS_MORE;
}

static bool starts(const char *mechanism, const char *with)
{
    return strncmp(mechanism, with, strlen(with)) == 0;
}

static bool begin_session(struct exchange *x, const char *mechanism, struct slice *ret_reason)
{
    int result = gsasl_init(&x->library);
    if (result == GSASL_OK) {
        gsasl_callback_set(x->library, on_property);
        result = x->role == ENGINE_CLIENT ? gsasl_client_start(x->library, mechanism, &x->session)
                                          : gsasl_server_start(x->library, mechanism, &x->session);
    }
    if (result != GSASL_OK) {
        *ret_reason = slice_of_cstr(gsasl_strerror(result));
        return false;
    }
    gsasl_session_hook_set(x->session, x);
    return true;
}

static void *begin(void *context, const struct engine_credentials *as, bool *ret_first,
                   struct slice *ret_reason)
{
    static const char *const firsts[] = {"PLAIN", "EXTERNAL", "ANONYMOUS", "SCRAM-", "GS2-"};
    struct exchange *x = calloc(1, sizeof *x);
    char mechanism[32] = "";
    if (x == NULL)
        abort();
    for (size_t i = 0; i < as->mechanism.len && i < sizeof mechanism - 1; i++)
        mechanism[i] = (char)slice_upper(as->mechanism.ptr[i]);
    x->sasl = context;
    x->role = as->role;
    x->user = text_of(as->user);
    x->pass = text_of(as->pass);
    x->authzid = text_of(as->authzid);
    x->bearer = strcmp(mechanism, "XOAUTH2") == 0       ? BEARER_XOAUTH2
                : strcmp(mechanism, "OAUTHBEARER") == 0 ? BEARER_RFC7628
                                                        : NO_BEARER;
    x->binds = strstr(mechanism, "-PLUS") != NULL;
    x->scram = starts(mechanism, "SCRAM-");
    *ret_first = x->bearer != NO_BEARER;
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++)
        *ret_first = *ret_first || starts(mechanism, firsts[i]);
    if (x->bearer == NO_BEARER && !begin_session(x, mechanism, ret_reason)) {
        end(x);
        return NULL;
    }
    return x;
}

struct engine_sasl sasl_engine(struct sasl *sasl)
{
    return (struct engine_sasl){.begin = begin, .step = step, .end = end, .context = sasl};
}
