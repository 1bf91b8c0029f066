#include "laws/proved.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define ROOM 1024

/* A text that is put together, and its octets. */
struct text {
    uint8_t octets[ROOM];
    size_t len;
};

static struct slice of(const struct text *text)
{
    return slice_of(text->octets, text->len);
}

static void put(struct text *text, struct slice octets)
{
    FUZZ_LAW(octets.len <= ROOM - text->len, "there is room for what both sides say");
    if (octets.len > 0)
        memcpy(text->octets + text->len, octets.ptr, octets.len);
    text->len += octets.len;
}

static void put_base64(struct text *text, struct slice octets)
{
    uint8_t encoded[ROOM];
    FUZZ_LAW(octets.len < ROOM / 2, "there is room for base64");
    put(text, slice_of(encoded, (size_t)EVP_EncodeBlock(encoded, octets.ptr, (int)octets.len)));
}

static void put_decoded(struct text *text, struct slice encoded)
{
    uint8_t octets[ROOM];
    size_t pad = 0;
    FUZZ_LAW(encoded.len > 0 && encoded.len < ROOM && encoded.len % 4 == 0,
             "what the server says is base64");
    int len = EVP_DecodeBlock(octets, encoded.ptr, (int)encoded.len);
    while (encoded.ptr[encoded.len - 1 - pad] == '=')
        pad++;
    FUZZ_LAW(len >= (int)pad, "what the server says is base64");
    put(text, slice_of(octets, (size_t)len - pad));
}

/* ---- the dialogue ---- */

/* Says a line, and returns the reply. */
static struct slice say(struct server *server, struct slice line, struct text *reply)
{
    struct text said = {.len = 0};
    put(&said, line);
    put(&said, SLICE("\r\n"));
    FUZZ_LAW(server_receive(server, of(&said), 0) == said.len, "a line is taken");
    reply->len = 0;
    while (server_wants(server) & SERVER_WANTS_SEND) {
        struct slice octets = server_output(server);
        put(reply, octets);
        server_sent(server, octets.len, 0);
    }
    return of(reply);
}

/* Says a line in base64, behind a word, and decodes what the server asks. */
static void ask(struct server *server, const char *word, struct slice line, struct text *ret_asked)
{
    struct text said = {.len = 0}, reply;
    put(&said, slice_of_cstr(word));
    if (line.len > 0)
        put_base64(&said, line);
    struct slice answer = say(server, of(&said), &reply);
    FUZZ_LAW(slice_starts(answer, SLICE("334 ")), "who begins an exchange is asked");
    ret_asked->len = 0;
    put_decoded(ret_asked, slice_sub(answer, 4, slice_find(answer, '\r')));
}

static void end(struct server *server, struct slice line, bool knows)
{
    struct text said = {.len = 0}, reply;
    if (line.len > 0)
        put_base64(&said, line);
    struct slice answer = say(server, of(&said), &reply);
    FUZZ_LAW(slice_starts(answer, knows ? SLICE("235 2.7.0 ") : SLICE("535 5.7.8 ")),
             "who proves to know the password is let in, and nobody else");
}

static struct slice hmac(const EVP_MD *digest, struct slice key, struct slice octets,
                         uint8_t out[EVP_MAX_MD_SIZE])
{
    unsigned len = 0;
    FUZZ_LAW(HMAC(digest, key.ptr, (int)key.len, octets.ptr, octets.len, out, &len) != NULL,
             "a digest is made");
    return slice_of(out, len);
}

/* ---- CRAM-MD5 ---- */

static void prove_cram(struct server *server, struct slice password, bool knows)
{
    static const char digits[] = "0123456789abcdef";
    struct text asked, answer = {.len = 0};
    uint8_t octets[EVP_MAX_MD_SIZE];
    ask(server, "AUTH CRAM-MD5", SLICE(""), &asked);
    FUZZ_LAW(asked.octets[0] == '<' && asked.octets[asked.len - 1] == '>',
             "a challenge is a msg-id");
    struct slice digest = hmac(EVP_md5(), password, of(&asked), octets);
    put(&answer, SLICE("tester "));
    for (size_t i = 0; i < digest.len; i++) {
        put(&answer, slice_of(&digits[digest.ptr[i] >> 4], 1));
        put(&answer, slice_of(&digits[digest.ptr[i] & 15], 1));
    }
    end(server, of(&answer), knows);
}

/* ---- SCRAM ---- */

/* "r=nonce,s=salt,i=4096" */
static struct slice take_value(struct slice *rest, const char *name)
{
    FUZZ_LAW(slice_starts(*rest, slice_of_cstr(name)), "the server's message has its parts");
    size_t comma = slice_find(*rest, ',');
    struct slice value = slice_sub(*rest, 2, comma);
    *rest = slice_from(*rest, comma < rest->len ? comma + 1 : comma);
    return value;
}

struct proof {
    struct text final;                  /* the client's last message */
    uint8_t signature[EVP_MAX_MD_SIZE]; /* the server's */
    size_t len;
};

/* RFC 5802 3 */
static void make_proof(const EVP_MD *digest, struct slice password, struct slice first,
                       struct text *asked, struct proof *p)
{
    uint8_t salted[EVP_MAX_MD_SIZE], key[EVP_MAX_MD_SIZE], stored[EVP_MAX_MD_SIZE];
    uint8_t proof[EVP_MAX_MD_SIZE];
    struct slice rest = of(asked);
    struct text salt = {.len = 0}, message = {.len = 0};
    take_value(&rest, "r=");
    put_decoded(&salt, take_value(&rest, "s="));
    FUZZ_LAW(slice_equal(take_value(&rest, "i="), SLICE("4096")), "iterations are RFC 7677's");
    put(&message, first);
    put(&message, SLICE(","));
    put(&message, of(asked));
    put(&message, SLICE(","));
    put(&message, of(&p->final));
    int size = EVP_MD_get_size(digest);
    p->len = (size_t)size;
    FUZZ_LAW(PKCS5_PBKDF2_HMAC((const char *)password.ptr, (int)password.len, salt.octets,
                               (int)salt.len, 4096, digest, size, salted) == 1,
             "a digest is made");
    hmac(digest, slice_of(salted, p->len), SLICE("Client Key"), key);
    FUZZ_LAW(EVP_Digest(key, p->len, stored, NULL, digest, NULL) == 1, "a digest is made");
    hmac(digest, slice_of(stored, p->len), of(&message), proof);
    for (size_t i = 0; i < p->len; i++)
        proof[i] ^= key[i];
    hmac(digest, slice_of(salted, p->len), SLICE("Server Key"), key);
    hmac(digest, slice_of(key, p->len), of(&message), p->signature);
    put(&p->final, SLICE(",p="));
    put_base64(&p->final, slice_of(proof, p->len));
}

static void prove_scram(struct server *server, uint64_t seed, struct slice password, bool knows)
{
    static const char *const headers[] = {"n,,", "y,,", "n,a=tester,"};
    bool sha1 = seed >> 8 & 1;
    struct slice header = slice_of_cstr(headers[(seed >> 9) % 3]);
    struct text first = {.len = 0}, asked;
    struct proof p = {.len = 0};
    put(&first, header);
    put(&first, seed >> 12 & 1 ? SLICE("n=tester,r=fyko+d2l-b!F~ONRv9qkxd=awL")
                               : SLICE("n=tester,r=a,x=later"));
    struct slice bare = slice_from(of(&first), header.len);
    ask(server, sha1 ? "AUTH SCRAM-SHA-1 " : "AUTH SCRAM-SHA-256 ", of(&first), &asked);
    struct slice rest = of(&asked), nonce = take_value(&rest, "r="), own = slice_from(bare, 11);
    own = slice_sub(own, 0, slice_find(own, ','));
    FUZZ_LAW(slice_starts(nonce, own) && nonce.len > own.len + 15,
             "the server's nonce stands behind the client's");
    put(&p.final, SLICE("c="));
    put_base64(&p.final, header);
    put(&p.final, SLICE(",r="));
    put(&p.final, nonce);
    put(&p.final, seed >> 13 & 1 ? SLICE(",y=p") : SLICE(""));
    make_proof(sha1 ? EVP_sha1() : EVP_sha256(), password, bare, &asked, &p);
    if (!knows) {
        end(server, of(&p.final), false);
        return;
    }
    ask(server, "", of(&p.final), &asked);
    struct text proved = {.len = 0};
    put(&proved, SLICE("v="));
    put_base64(&proved, slice_of(p.signature, p.len));
    FUZZ_LAW(slice_equal(of(&asked), of(&proved)), "the server proves to know the password, too");
    end(server, SLICE(""), true);
}

void proved_check(struct server *server, uint64_t seed)
{
    struct text reply;
    bool knows = seed & 3;
    struct slice password = knows ? SLICE("secret") : SLICE("Secret");
    say(server, SLICE("EHLO me.example"), &reply);
    if (seed >> 4 & 1)
        prove_cram(server, password, knows);
    else
        prove_scram(server, seed, password, knows);
}
