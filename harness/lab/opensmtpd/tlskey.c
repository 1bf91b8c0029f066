/*
 * Preloaded into Debian 12's OpenSMTPD 6.8, which cannot serve TLS with OpenSSL 3 (its issue 1171):
 * it loads a public key only and means to sign in another process, by an RSA_METHOD that OpenSSL 3
 * does not call. Here OpenSSL is given the private key itself, read before the program gives up
 * root.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>

static EVP_PKEY *private_key;

__attribute__((constructor)) static void read_private_key(void)
{
    FILE *file = fopen("/run/lab/tls/server.key", "r");
    if (file == NULL)
        return;
    private_key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
}

int SSL_CTX_use_PrivateKey(SSL_CTX *context, EVP_PKEY *key)
{
    int (*next)(SSL_CTX *, EVP_PKEY *);
    *(void **)&next = dlsym(RTLD_NEXT, "SSL_CTX_use_PrivateKey");
    return next(context, private_key != NULL ? private_key : key);
}
