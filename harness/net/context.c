#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/internal.h"

#define VALID_SECONDS (30L * 24 * 3600)
#define DAY_SECONDS   (24L * 3600)

static bool fail(struct net_error *error, const char *what, const char *file)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    net_error_set(error, NET_SYSTEM, "%s %s: %s", what, file, reason == NULL ? "?" : reason);
    return false;
}

/* ---- a certificate of our own ---- */

static bool add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool added = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

/* RFC 5280 4: version 3, a serial number, its own issuer, good for a month from yesterday. */
static bool fill_certificate(X509 *cert, EVP_PKEY *key, const char *host)
{
    char names[400];
    X509_NAME *subject = X509_get_subject_name(cert);
    snprintf(names, sizeof names, "%s%s%sDNS:localhost,IP:127.0.0.1,IP:::1",
             host == NULL ? "" : "DNS:", host == NULL ? "" : host, host == NULL ? "" : ",");
    return X509_set_version(cert, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(cert), -DAY_SECONDS) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(cert), VALID_SECONDS) != NULL &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                      (const unsigned char *)"maildrill", -1, -1, 0) == 1 &&
           X509_set_issuer_name(cert, subject) == 1 && X509_set_pubkey(cert, key) == 1 &&
           add_extension(cert, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(cert, NID_subject_alt_name, names) &&
           X509_sign(cert, key, EVP_sha256()) > 0;
}

static bool make_certificate(SSL_CTX *ctx, const char *host, struct net_error *error)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    bool made = key != NULL && cert != NULL && fill_certificate(cert, key, host) &&
                SSL_CTX_use_certificate(ctx, cert) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1;
    X509_free(cert);
    EVP_PKEY_free(key);
    return made || fail(error, "cannot make", "a certificate");
}

/* ---- contexts ---- */

static bool set_identity(SSL_CTX *ctx, const struct net_tls_config *config, struct net_error *error)
{
    if (config->cert_file == NULL)
        return !config->server || make_certificate(ctx, config->host, error);
    const char *key_file = config->key_file == NULL ? config->cert_file : config->key_file;
    if (SSL_CTX_use_certificate_chain_file(ctx, config->cert_file) != 1)
        return fail(error, "cannot read the certificate", config->cert_file);
    if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1)
        return fail(error, "cannot read the private key", key_file);
    return true;
}

/* What does not verify is known by the result, and the handshake goes on. */
static int go_on(int verified, X509_STORE_CTX *context)
{
    (void)verified;
    (void)context;
    return 1;
}

static bool ask_clients(SSL_CTX *ctx, const char *ca_file, struct net_error *error)
{
    if (ca_file == NULL)
        return true;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, go_on);
    SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(ca_file));
    return SSL_CTX_load_verify_file(ctx, ca_file) == 1 ||
           fail(error, "cannot read the CA file", ca_file);
}

static bool set_trust(SSL_CTX *ctx, const struct net_tls_config *config, struct net_error *error)
{
    if (config->server)
        return ask_clients(ctx, config->ca_file, error);
    SSL_CTX_set_verify(ctx, config->verify == NET_VERIFY_NONE ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                       NULL);
    if (config->verify == NET_VERIFY_NONE)
        return true;
    SSL_CTX_set_default_verify_paths(ctx);
    if (config->ca_file != NULL && SSL_CTX_load_verify_file(ctx, config->ca_file) != 1)
        return fail(error, "cannot read the CA file", config->ca_file);
    if (config->trust != NULL)
        X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx),
                            SSL_CTX_get0_certificate(config->trust->ctx));
    return true;
}

/* OpenSSL keeps the ciphers of TLS 1.3 apart from those before it. */
static bool set_ciphers(SSL_CTX *ctx, const char *ciphers, struct net_error *error)
{
    char older[1024] = "", newer[1024] = "";
    if (ciphers == NULL)
        return true;
    for (const char *at = ciphers; *at != '\0';) {
        size_t len = strcspn(at, ":, ");
        char *list = strncmp(at, "TLS_", 4) == 0 ? newer : older;
        size_t used = strlen(list);
        if (used + len + 2 > sizeof older)
            break;
        if (len > 0)
            snprintf(list + used, sizeof older - used, "%s%.*s", used > 0 ? ":" : "", (int)len, at);
        at += len + (at[len] != '\0');
    }
    if ((older[0] != '\0' && SSL_CTX_set_cipher_list(ctx, older) != 1) ||
        (newer[0] != '\0' && SSL_CTX_set_ciphersuites(ctx, newer) != 1))
        return fail(error, "no such ciphers:", ciphers);
    return true;
}

/* RFC 7301 3.1: ProtocolName = opaque<1..2^8-1> */
static bool read_alpn(struct net_tls *tls, const char *protocols, struct net_error *error)
{
    for (const char *at = protocols; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, ",");
        if (len == 0 || len > 255 || tls->alpn_len + 1 + len > sizeof tls->alpn) {
            net_error_set(error, NET_SYSTEM, "no ALPN protocols: %s", protocols);
            return false;
        }
        tls->alpn[tls->alpn_len++] = (uint8_t)len;
        memcpy(tls->alpn + tls->alpn_len, at, len);
        tls->alpn_len += (unsigned)len;
        at += len + (at[len] == ',');
    }
    return true;
}

/* RFC 7301 3.2: a server that knows none of what was asked for refuses. */
static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                       const unsigned char *asked, unsigned asked_len, void *context)
{
    const struct net_tls *tls = context;
    unsigned char *chosen;
    (void)ssl;
    if (SSL_select_next_proto(&chosen, out_len, tls->alpn, tls->alpn_len, asked, asked_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static bool set_alpn(struct net_tls *tls, const char *protocols, struct net_error *error)
{
    if (!read_alpn(tls, protocols, error))
        return false;
    if (tls->alpn_len > 0 && tls->server)
        SSL_CTX_set_alpn_select_cb(tls->ctx, choose_alpn, tls);
    return tls->alpn_len == 0 || tls->server ||
           SSL_CTX_set_alpn_protos(tls->ctx, tls->alpn, tls->alpn_len) == 0;
}

static bool set_pin(struct net_tls *tls, const char *pin, struct net_error *error)
{
    size_t octets = 0;
    if (pin == NULL)
        return true;
    tls->pinned = OPENSSL_hexstr2buf_ex(tls->pin, sizeof tls->pin, &octets, pin, '\0') == 1 &&
                  octets == sizeof tls->pin;
    if (!tls->pinned)
        net_error_set(error, NET_SYSTEM, "no pin: %s (64 hex digits, the SHA-256 of a public key)",
                      pin);
    return tls->pinned;
}

struct net_tls *net_tls_new(const struct net_tls_config *config, struct net_error *ret_error)
{
    struct net_tls *tls = net_alloc(sizeof *tls);
    ERR_clear_error();
    tls->server = config->server;
    tls->verify = config->verify;
    tls->ctx = SSL_CTX_new(config->server ? TLS_server_method() : TLS_client_method());
    if (tls->ctx == NULL)
        abort();
    int least = config->min_version == 0 ? TLS1_2_VERSION : config->min_version;
    SSL_CTX_set_min_proto_version(tls->ctx, least);
    SSL_CTX_set_max_proto_version(tls->ctx, config->max_version);
    SSL_CTX_set_mode(tls->ctx, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_options(tls->ctx, SSL_OP_NO_RENEGOTIATION); /* one handshake is bounded */
    if (least < TLS1_2_VERSION) /* OpenSSL 3 has no signature for these at its usual level */
        SSL_CTX_set_security_level(tls->ctx, 0);
    if (!set_ciphers(tls->ctx, config->ciphers, ret_error) ||
        !set_alpn(tls, config->alpn, ret_error) || !set_pin(tls, config->pin, ret_error) ||
        !set_identity(tls->ctx, config, ret_error) || !set_trust(tls->ctx, config, ret_error)) {
        net_tls_free(tls);
        return NULL;
    }
    return tls;
}

void net_tls_free(struct net_tls *tls)
{
    SSL_CTX_free(tls->ctx);
    free(tls);
}

bool net_tls_save(const struct net_tls *tls, const char *path, struct net_error *ret_error)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return fail(ret_error, "cannot write", path);
    bool written = PEM_write_X509(file, SSL_CTX_get0_certificate(tls->ctx)) == 1;
    written = fclose(file) == 0 && written;
    return written || fail(ret_error, "cannot write", path);
}
