/* The SASL mechanisms in which the client proves its secret without showing it: CRAM-MD5 (RFC 2195)
 * and SCRAM (RFC 5802, RFC 7677), without channel binding. */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/octet.h"
#include "server/mechanism.h"

#define ITERATIONS     4096 /* RFC 7677 4 */
#define SALT_OCTETS    16
#define NONCE_OCTETS   18  /* 24 characters */
#define MESSAGE_OCTETS 512 /* most of a client's message */

static const struct slice empty = {NULL, 0};

static struct slice hmac(const EVP_MD *digest, struct slice key, struct slice text, uint8_t *out)
{
    unsigned len = 0;
    static const uint8_t none[1] = {0};
    if (HMAC(digest, key.len > 0 ? key.ptr : none, (int)key.len, text.len > 0 ? text.ptr : none,
             text.len, out, &len) == NULL)
        return empty;
    return slice_of(out, len);
}

/* Octets that nobody who does not know the secret can guess: made of it, a purpose and a name. */
static struct slice derive(const struct server *s, struct slice purpose, struct slice name,
                           uint8_t *out)
{
    uint8_t text[MESSAGE_OCTETS + 64];
    struct writer w = writer_of(text, sizeof text);
    writer_put(&w, purpose);
    writer_put(&w, name);
    return hmac(EVP_sha256(), s->config.secret, writer_slice(&w), out);
}

/* The same, another one each time. */
static struct slice fresh(struct server *s, uint8_t *out)
{
    uint8_t number[20];
    struct writer w = writer_of(number, sizeof number);
    s->challenges += !fault(s, FAULT_CHALLENGE_REPEATED);
    writer_put_number(&w, s->challenges);
    return derive(s, SLICE("challenge "), writer_slice(&w), out);
}

static void put_base64(struct slice octets, struct writer *out)
{
    uint8_t text[128];
    if (octets.len > 0 && octets.len <= 90)
        writer_put(out, slice_of(text, (size_t)EVP_EncodeBlock(text, octets.ptr, (int)octets.len)));
}

/* ---- CRAM-MD5 ---- */

static void put_hex(struct slice octets, struct writer *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < octets.len; i++) {
        writer_put_octet(out, (uint8_t)digits[octets.ptr[i] >> 4]);
        writer_put_octet(out, (uint8_t)digits[octets.ptr[i] & 15]);
    }
}

/* RFC 2195 2: the challenge is a msg-id that was never used before. */
void challenge_cram_begin(struct server *s)
{
    uint8_t octets[EVP_MAX_MD_SIZE];
    struct writer w = writer_of(s->sasl.text, sizeof s->sasl.text);
    writer_put(&w, fault(s, FAULT_CRAM_CHALLENGE) ? SLICE("") : SLICE("<"));
    put_hex(slice_sub(fresh(s, octets), 0, 12), &w);
    writer_put(&w, SLICE("@"));
    writer_put(&w, s->config.host);
    writer_put(&w, fault(s, FAULT_CRAM_CHALLENGE) ? SLICE("") : SLICE(">"));
    s->sasl.text_len = w.len;
    auth_ask(s, 0, writer_slice(&w));
}

/* RFC 2195 2: user SP digest, 32 hexadecimal digits in lower case */
void challenge_cram(struct server *s, struct slice answer)
{
    uint8_t octets[EVP_MAX_MD_SIZE], hex[2 * EVP_MAX_MD_SIZE];
    struct writer w = writer_of(hex, sizeof hex);
    struct slice challenge = slice_of(s->sasl.text, s->sasl.text_len);
    size_t space = answer.len;
    while (space > 0 && answer.ptr[space - 1] != ' ')
        space--;
    if (s->sasl.text_len == 0) { /* fault SERVER_FIRST: nothing was asked */
        auth_end(s, false);
        return;
    }
    put_hex(hmac(EVP_md5(), s->config.password, challenge, octets), &w);
    bool user = space > 0 && slice_equal(slice_sub(answer, 0, space - 1), s->config.user);
    bool same = auth_same(slice_from(answer, space), writer_slice(&w));
    auth_end(s, user && ((same && !fault(s, FAULT_CRAM_REFUSED)) || fault(s, FAULT_CRAM_ANY)));
}

/* ---- SCRAM ---- */

/* Takes "name=value" and a comma after it, where there is one, off the front. */
static bool take(struct slice *rest, uint8_t name, struct slice *ret_value)
{
    if (rest->len < 2 || rest->ptr[0] != name || rest->ptr[1] != '=')
        return false;
    size_t comma = slice_find(*rest, ',');
    *ret_value = slice_sub(*rest, 2, comma);
    *rest = slice_from(*rest, comma < rest->len ? comma + 1 : comma);
    return true;
}

/* RFC 5802 5.1: saslname writes "," as "=2C" and "=" as "=3D" */
static bool unescape_name(const struct server *s, struct slice name, struct writer *out)
{
    for (size_t i = 0; i < name.len; i++) {
        struct slice rest = slice_from(name, i);
        bool comma = slice_starts(rest, SLICE("=2C")), equals = slice_starts(rest, SLICE("=3D"));
        if (name.ptr[i] == '=' && !comma && !equals && !fault(s, FAULT_SCRAM_ESCAPE))
            return false;
        writer_put_octet(out, comma ? ',' : name.ptr[i]);
        i += comma || equals ? 2 : 0;
    }
    return name.len > 0;
}

static bool is_nonce(struct slice nonce)
{
    for (size_t i = 0; i < nonce.len; i++)
        if (!octet_is(nonce.ptr[i], OCTET_GRAPHIC) || nonce.ptr[i] == ',')
            return false;
    return nonce.len > 0;
}

/*
 * RFC 5802 7
 *   gs2-header = gs2-cbind-flag "," [ authzid ] ","
 *   gs2-cbind-flag = ( "p=" cb-name ) / "n" / "y"
 * False where it is none that this server takes; what follows it is left in *rest.
 */
static bool take_header(const struct server *s, struct slice *rest, struct slice *ret_authzid)
{
    bool flag =
        rest->len > 1 && (rest->ptr[0] == 'n' || rest->ptr[0] == 'y') && rest->ptr[1] == ',';
    bool odd = rest->len > 1 && rest->ptr[1] == ',' && fault(s, FAULT_SCRAM_FIRST_OCTET);
    *ret_authzid = empty;
    if (!flag && !odd)
        return false;
    *rest = slice_from(*rest, 2);
    if (take(rest, 'a', ret_authzid))
        return true;
    bool comma = rest->len > 0 && rest->ptr[0] == ',';
    *rest = slice_from(*rest, comma);
    return comma;
}

/* RFC 5802 5.1: the same salt for the same name each time, also for one that is not known. */
static void put_server_first(struct server *s, struct slice user, struct slice nonce,
                             struct writer *out)
{
    uint8_t octets[EVP_MAX_MD_SIZE];
    writer_put(out, SLICE("r="));
    s->sasl.nonce_at = out->len;
    writer_put(out, fault(s, FAULT_SCRAM_NONCE) ? SLICE("") : nonce);
    if (!fault(s, FAULT_SCRAM_NO_NONCE))
        put_base64(slice_sub(fresh(s, octets), 0, NONCE_OCTETS), out);
    s->sasl.nonce_len = out->len - s->sasl.nonce_at;
    writer_put(out, SLICE(",s="));
    put_base64(slice_sub(derive(s, SLICE("salt "), user, octets), 0, SALT_OCTETS), out);
    writer_put(out, SLICE(",i="));
    writer_put_number(out, fault(s, FAULT_SCRAM_ITERATIONS) ? 100 : ITERATIONS);
}

/* client-first-message = gs2-header [ "m=" ... "," ] "n=" saslname "," "r=" c-nonce [ "," ... ] */
static void scram_first(struct server *s, struct slice answer)
{
    uint8_t name[MESSAGE_OCTETS];
    struct writer user = writer_of(name, sizeof name);
    struct slice rest = answer, authzid, written, nonce, mandatory;
    bool header = take_header(s, &rest, &authzid);
    struct slice bare = rest;
    if (answer.len > MESSAGE_OCTETS || !header || answer.len - bare.len > sizeof s->sasl.header ||
        (take(&rest, 'm', &mandatory) && !fault(s, FAULT_SCRAM_MANDATORY)) ||
        !take(&rest, 'n', &written) || !take(&rest, 'r', &nonce) ||
        !unescape_name(s, written, &user) || !is_nonce(nonce)) {
        auth_malformed(s);
        return;
    }
    s->sasl.header_len = answer.len - bare.len;
    memcpy(s->sasl.header, answer.ptr, s->sasl.header_len);
    s->sasl.user_matches = slice_equal(writer_slice(&user), s->config.user) &&
                           (authzid.len == 0 || slice_equal(authzid, written));
    if (!s->sasl.user_matches && fault(s, FAULT_SCRAM_TELLS_USERS)) {
        auth_end(s, false);
        return;
    }
    struct writer w = writer_of(s->sasl.text, sizeof s->sasl.text);
    writer_put(&w, bare);
    writer_put(&w, SLICE(","));
    size_t first = w.len;
    put_server_first(s, writer_slice(&user), nonce, &w);
    s->sasl.text_len = w.len;
    auth_ask(s, 1, slice_from(writer_slice(&w), first));
}

/* What the client and the server prove: of AuthMessage, and of the password (RFC 5802 3). */
struct proofs {
    uint8_t stored[EVP_MAX_MD_SIZE], client[EVP_MAX_MD_SIZE], server[EVP_MAX_MD_SIZE];
    size_t len;
};

/*
 * SaltedPassword  := Hi(Normalize(password), salt, i)
 * ClientKey       := HMAC(SaltedPassword, "Client Key")
 * StoredKey       := H(ClientKey)
 * ClientProof     := ClientKey XOR HMAC(StoredKey, AuthMessage)
 * ServerSignature := HMAC(HMAC(SaltedPassword, "Server Key"), AuthMessage)
 */
static bool prove(const struct server *s, const EVP_MD *digest, struct slice message,
                  struct proofs *p)
{
    uint8_t octets[EVP_MAX_MD_SIZE], salted[EVP_MAX_MD_SIZE], key[EVP_MAX_MD_SIZE];
    struct slice salt =
        slice_sub(derive(s, SLICE("salt "), s->config.user, octets), 0, SALT_OCTETS);
    int size = EVP_MD_get_size(digest);
    p->len = (size_t)size;
    if (PKCS5_PBKDF2_HMAC((const char *)s->config.password.ptr, (int)s->config.password.len,
                          salt.ptr, (int)salt.len,
                          fault(s, FAULT_SCRAM_ITERATIONS) ? 100 : ITERATIONS, digest, size,
                          salted) != 1)
        return false;
    struct slice password = slice_of(salted, p->len);
    hmac(digest, password, SLICE("Client Key"), key);
    if (EVP_Digest(key, p->len, p->stored, NULL, digest, NULL) != 1)
        return false;
    hmac(digest, slice_of(p->stored, p->len), message, p->client);
    for (size_t i = 0; i < p->len; i++)
        p->client[i] ^= key[i];
    hmac(digest, password, SLICE("Server Key"), key);
    hmac(digest, slice_of(key, p->len), message, p->server);
    return true;
}

static void say_server_final(struct server *s, const struct proofs *proofs)
{
    uint8_t text[128];
    struct writer w = writer_of(text, sizeof text);
    struct slice signature = slice_of(proofs->server, proofs->len);
    writer_put(&w, SLICE("v="));
    put_base64(fault(s, FAULT_SCRAM_SIGNATURE) ? slice_of(proofs->stored, proofs->len) : signature,
               &w);
    if (fault(s, FAULT_SCRAM_NO_FINAL))
        auth_end(s, true);
    else
        auth_ask(s, 2, writer_slice(&w));
}

/* client-final-message = "c=" base64 "," "r=" nonce [ "," ... ] "," "p=" base64 */
static void scram_final(struct server *s, const EVP_MD *digest, struct slice answer)
{
    uint8_t message[SESSION_SCRAM_OCTETS + 1 + MESSAGE_OCTETS], header[512], proof[512];
    struct writer w = writer_of(message, sizeof message);
    struct slice rest = answer, binding, nonce = {NULL, 0}, encoded;
    struct slice asked = slice_of(s->sasl.text + s->sasl.nonce_at, s->sasl.nonce_len);
    bool read =
        answer.len <= MESSAGE_OCTETS && take(&rest, 'c', &binding) && take(&rest, 'r', &nonce);
    size_t at = answer.len < 2 ? 0 : answer.len - 2;
    while (at > 0 && memcmp(answer.ptr + at, ",p", 2) != 0)
        at--;
    rest = slice_from(answer, at > 0 ? at + 1 : answer.len);
    if (!read || !take(&rest, 'p', &encoded)) {
        auth_malformed(s);
        return;
    }
    int header_len = auth_decode(binding, header), proof_len = auth_decode(encoded, proof);
    bool same = header_len >= 0 &&
                slice_equal(slice_of(header, (size_t)header_len),
                            slice_of(s->sasl.header, s->sasl.header_len)) &&
                (slice_equal(nonce, asked) || fault(s, FAULT_SCRAM_ANY_NONCE));
    writer_put(&w, slice_of(s->sasl.text, s->sasl.text_len));
    writer_put(&w, SLICE(","));
    writer_put(&w, slice_sub(answer, 0, at));
    struct proofs proofs;
    if (!same || proof_len < 0 || !prove(s, digest, writer_slice(&w), &proofs)) {
        auth_end(s, false);
        return;
    }
    bool proved =
        auth_same(slice_of(proof, (size_t)proof_len), slice_of(proofs.client, proofs.len));
    if (s->sasl.user_matches && (proved || fault(s, FAULT_SCRAM_ANY_PROOF)))
        say_server_final(s, &proofs);
    else
        auth_end(s, false);
}

static void scram(struct server *s, const EVP_MD *digest, struct slice answer)
{
    if (s->sasl.step == 0)
        scram_first(s, answer);
    else if (s->sasl.step == 1)
        scram_final(s, digest, answer);
    else
        auth_end(s, answer.len == 0); /* RFC 4954 4: the client has nothing to add */
}

void challenge_scram_sha1(struct server *s, struct slice answer)
{
    scram(s, EVP_sha1(), answer);
}

void challenge_scram_sha256(struct server *s, struct slice answer)
{
    scram(s, EVP_sha256(), answer);
}
