#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/internal.h"

bool net_key_digest(const struct net_stream *s, uint8_t ret_digest[32])
{
    X509 *cert = SSL_get0_peer_certificate(s->ssl);
    uint8_t *der = NULL;
    int octets = cert == NULL ? 0 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
    bool made = octets > 0 && EVP_Digest(der, (size_t)octets, ret_digest, NULL, EVP_sha256(), NULL);
    OPENSSL_free(der);
    return made;
}

static void put_digest(BIO *out, const char *key, const uint8_t digest[32])
{
    BIO_printf(out, "\n%s: ", key);
    for (size_t i = 0; i < 32; i++)
        BIO_printf(out, "%02x", digest[i]);
}

/* RFC 5280 4.2.1.6, names and addresses. An octet that is not printable is shown as "?": a name
 * may hold anything, also a line ending. */
static void put_names(BIO *out, const X509 *cert)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    BIO_puts(out, "\nnames: ");
    for (int i = 0, shown = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        const ASN1_STRING *text = name->type == GEN_DNS || name->type == GEN_EMAIL ? name->d.ia5
                                  : name->type == GEN_IPADD                        ? name->d.ip
                                                                                   : NULL;
        if (text == NULL)
            continue;
        const uint8_t *octets = ASN1_STRING_get0_data(text);
        BIO_puts(out, shown++ > 0 ? "," : "");
        for (int k = 0; k < ASN1_STRING_length(text); k++) {
            if (name->type == GEN_IPADD)
                BIO_printf(out, ASN1_STRING_length(text) == 4 ? "%s%u" : "%s%02x",
                           k == 0                          ? ""
                           : ASN1_STRING_length(text) == 4 ? "."
                           : k % 2 == 0                    ? ":"
                                                           : "",
                           octets[k]);
            else
                BIO_printf(out, "%c", octets[k] > 32 && octets[k] < 127 ? octets[k] : '?');
        }
    }
    GENERAL_NAMES_free(names);
}

static void put_end(BIO *out, const X509 *cert)
{
    struct tm end;
    int days = 0, seconds = 0;
    if (ASN1_TIME_to_tm(X509_get0_notAfter(cert), &end) != 1 ||
        ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert)) != 1)
        return;
    BIO_printf(out, "\nnot-after: %04d-%02d-%02dT%02d:%02d:%02dZ\ndays: %d", end.tm_year + 1900,
               end.tm_mon + 1, end.tm_mday, end.tm_hour, end.tm_min, end.tm_sec, days);
}

static void put_certificate(BIO *out, const struct net_stream *s, X509 *cert)
{
    uint8_t digest[32];
    long verified = SSL_get_verify_result(s->ssl);
    BIO_puts(out, "\nsubject: ");
    X509_NAME_print_ex(out, X509_get_subject_name(cert), 0,
                       XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    BIO_puts(out, "\nissuer: ");
    X509_NAME_print_ex(out, X509_get_issuer_name(cert), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    put_names(out, cert);
    put_end(out, cert);
    BIO_printf(out, "\nverified: %s",
               verified == X509_V_OK ? "ok" : X509_verify_cert_error_string(verified));
    if (X509_digest(cert, EVP_sha256(), digest, NULL) == 1)
        put_digest(out, "certificate-sha256", digest);
    if (net_key_digest(s, digest))
        put_digest(out, "key-sha256", digest);
}

void net_facts(const struct net_stream *s, char out[NET_FACTS_OCTETS])
{
    const unsigned char *alpn;
    unsigned alpn_len;
    char *text;
    BIO *facts = BIO_new(BIO_s_mem());
    X509 *cert = SSL_get0_peer_certificate(s->ssl);
    if (facts == NULL)
        abort();
    SSL_get0_alpn_selected(s->ssl, &alpn, &alpn_len);
    BIO_printf(facts, "%s %s\nversion: %s\ncipher: %s\nalpn: ", SSL_get_version(s->ssl),
               SSL_get_cipher(s->ssl), SSL_get_version(s->ssl), SSL_get_cipher(s->ssl));
    BIO_write(facts, alpn, (int)alpn_len);
    if (cert != NULL)
        put_certificate(facts, s, cert);
    size_t len = (size_t)BIO_get_mem_data(facts, &text);
    len = len < NET_FACTS_OCTETS - 1 ? len : NET_FACTS_OCTETS - 1;
    memcpy(out, text, len);
    out[len] = '\0';
    BIO_free(facts);
}

void net_peer_name(const struct net_stream *s, char *out, size_t size)
{
    X509 *cert = s->ssl == NULL ? NULL : SSL_get0_peer_certificate(s->ssl);
    out[0] = '\0';
    if (cert == NULL || SSL_get_verify_result(s->ssl) != X509_V_OK)
        return;
    X509_NAME *subject = X509_get_subject_name(cert);
    int whole = X509_NAME_get_text_by_NID(subject, NID_commonName, NULL, 0);
    int len = X509_NAME_get_text_by_NID(subject, NID_commonName, out, (int)size);
    if (len < 0 || whole != len || strlen(out) != (size_t)len) /* none, cut short, or with a NUL */
        out[0] = '\0';
}

size_t net_channel_binding(const struct net_stream *s, uint8_t *out, size_t size,
                           bool *ret_exporter)
{
    static const char label[] = "EXPORTER-Channel-Binding"; /* RFC 9266 4.2 */
    if (s->ssl == NULL || !s->secured)
        return 0;
    *ret_exporter = SSL_version(s->ssl) >= TLS1_3_VERSION;
    if (*ret_exporter)
        return size >= 32 && SSL_export_keying_material(s->ssl, out, 32, label, sizeof label - 1,
                                                        NULL, 0, 0) == 1
                   ? 32
                   : 0;
    /* RFC 5929 3: the first Finished of the handshake; a resumed one begins with the server's. */
    bool client_first = SSL_session_reused(s->ssl) == 0, ours = client_first != s->tls->server;
    return ours ? SSL_get_finished(s->ssl, out, size) : SSL_get_peer_finished(s->ssl, out, size);
}
