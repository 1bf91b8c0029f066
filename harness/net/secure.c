#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/internal.h"

#define RECORD_OCTETS 16384 /* the most that one TLS record holds (RFC 8446 5.1) */

/* ---- octets out ---- */

/* What OpenSSL has written goes onto the wire. */
static void flush(struct net_stream *s)
{
    char *octets;
    long count = BIO_get_mem_data(s->out, &octets);
    if (count > 0)
        net_stream_write(s, (const uint8_t *)octets, (size_t)count);
    (void)BIO_reset(s->out);
}

void net_secure_send(struct net_stream *s, const uint8_t *octets, size_t count)
{
    size_t written;
    ERR_clear_error();
    if (count > 0 && s->secured && SSL_write_ex(s->ssl, octets, count, &written) == 1)
        flush(s);
}

void net_secure_shutdown(struct net_stream *s)
{
    if (s->ssl == NULL || !s->secured)
        return;
    ERR_clear_error();
    SSL_shutdown(s->ssl);
    flush(s);
}

void net_secure_free(struct net_stream *s)
{
    SSL_free(s->ssl); /* and its BIOs */
}

/* ---- what went wrong ---- */

/* RFC 8446 5.1: the first octet of a record is its type, 20 to 24. */
static bool is_plaintext(const struct net_stream *s)
{
    return s->began && (s->first < 20 || s->first > 24);
}

static void fail_handshake(struct net_stream *s)
{
    long verified = SSL_get_verify_result(s->ssl);
    unsigned long error = ERR_peek_error();
    const char *reason = error == 0 ? NULL : ERR_reason_error_string(error);
    if (!s->tls->server && s->tls->verify != NET_VERIFY_NONE && verified != X509_V_OK)
        net_stream_fail(s, NET_CERTIFICATE,
                        "the certificate of %s does not verify: %s; give its CA with --ca FILE, or "
                        "--insecure to do without",
                        s->name, X509_verify_cert_error_string(verified));
    else if (is_plaintext(s))
        net_stream_fail(s, NET_TLS,
                        "the peer sent plain text where a TLS handshake was expected "
                        "(smtp:// instead of smtps://, or the wrong port?)");
    else
        net_stream_fail(s, NET_TLS, "TLS handshake failed: %s",
                        reason == NULL ? "no reason given" : reason);
}

/* ---- octets in ---- */

/* RFC 7671 5.1: the key decides. A handshake without a certificate is pinned to none. */
static bool is_pinned(struct net_stream *s)
{
    uint8_t digest[32];
    char hex[2 * sizeof digest + 1];
    if (!s->tls->pinned)
        return true;
    bool known = net_key_digest(s, digest);
    if (known && memcmp(digest, s->tls->pin, sizeof digest) == 0)
        return true;
    for (size_t i = 0; known && i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    net_stream_fail(s, NET_CERTIFICATE, "the public key of %s is not the one of the pin%s%s",
                    s->name, known ? ": its digest is sha256:" : "; it shows none",
                    known ? hex : "");
    return false;
}

static void shake_hands(struct net_stream *s)
{
    char facts[NET_FACTS_OCTETS];
    ERR_clear_error();
    int done = SSL_do_handshake(s->ssl);
    int reason = SSL_get_error(s->ssl, done);
    flush(s); /* the alert too, where it failed */
    if (done == 1 && !is_pinned(s))
        return;
    if (done == 1) {
        s->secured = true;
        net_facts(s, facts);
        if (s->events->secured != NULL)
            s->events->secured(s->context, facts);
    } else if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) {
        fail_handshake(s);
    }
}

static void read_plain(struct net_stream *s)
{
    uint8_t plain[RECORD_OCTETS];
    size_t count;
    while (!s->closing && !s->failed) {
        ERR_clear_error();
        int done = SSL_read_ex(s->ssl, plain, sizeof plain, &count);
        flush(s);
        if (done == 1) {
            if (s->events->received != NULL)
                s->events->received(s->context, plain, count);
            continue;
        }
        int reason = SSL_get_error(s->ssl, done);
        if (reason == SSL_ERROR_ZERO_RETURN)
            net_stream_end(s);
        else if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE)
            net_stream_fail(s, NET_RESET, "TLS broke: %s",
                            ERR_reason_error_string(ERR_peek_error()) == NULL
                                ? "no reason given"
                                : ERR_reason_error_string(ERR_peek_error()));
        return;
    }
}

static void proceed(struct net_stream *s)
{
    if (!s->secured)
        shake_hands(s);
    if (s->secured)
        read_plain(s);
}

void net_secure_feed(struct net_stream *s, const uint8_t *octets, size_t count)
{
    size_t written;
    if (!s->began && count > 0) {
        s->began = true;
        s->first = octets[0];
    }
    if (BIO_write_ex(s->in, octets, count, &written) == 1)
        proceed(s);
}

/* ---- beginning ---- */

static bool is_address(const char *name)
{
    unsigned char octets[16];
    return inet_pton(AF_INET, name, octets) == 1 || inet_pton(AF_INET6, name, octets) == 1;
}

/* RFC 6066 3: no address in SNI. RFC 6125: a name, or RFC 5280's iPAddress for an address. */
static void expect_name(struct net_stream *s, enum net_verify verify)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(s->ssl);
    bool address = is_address(s->name);
    if (!address)
        SSL_set_tlsext_host_name(s->ssl, s->name);
    if (verify == NET_VERIFY_HOST && address)
        X509_VERIFY_PARAM_set1_ip_asc(param, s->name);
    if (verify == NET_VERIFY_HOST && !address)
        X509_VERIFY_PARAM_set1_host(param, s->name, 0);
}

void net_start_tls(struct net_stream *s, const struct net_tls *tls, const char *sni,
                   const uint8_t *already, size_t already_count)
{
    if (!s->connected || s->closing || s->failed || s->ssl != NULL)
        return;
    s->ssl = SSL_new(tls->ctx);
    s->in = BIO_new(BIO_s_mem());
    s->out = BIO_new(BIO_s_mem());
    if (s->ssl == NULL || s->in == NULL || s->out == NULL)
        abort();
    BIO_set_mem_eof_return(s->in, -1);
    SSL_set_bio(s->ssl, s->in, s->out);
    s->tls = tls;
    snprintf(s->name, sizeof s->name, "%s", sni == NULL ? "" : sni);
    if (tls->server) {
        SSL_set_accept_state(s->ssl);
    } else {
        SSL_set_connect_state(s->ssl);
        if (sni != NULL)
            expect_name(s, tls->verify);
    }
    if (already_count > 0)
        net_secure_feed(s, already, already_count);
    else
        proceed(s);
}
