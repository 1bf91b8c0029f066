#include "cli/play/contexts.h"

#include <stdio.h>
#include <stdlib.h>

struct context {
    struct context *next;
    struct net_tls *tls;
    /* what it was made of */
    enum net_verify verify;
    uint16_t min_version, max_version;
    char *ciphers, *alpn, *cert, *pin; /* NULL: not said */
};

static char *text_of(struct slice s, const char *otherwise)
{
    const void *from = s.len > 0 ? (const void *)s.ptr : otherwise;
    size_t len = s.len > 0 ? s.len : otherwise == NULL ? 0 : strlen(otherwise);
    if (len == 0)
        return NULL;
    char *text = malloc(len + 1);
    if (text == NULL)
        abort();
    memcpy(text, from, len);
    text[len] = '\0';
    return text;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void free_context(struct context *c)
{
    if (c->tls != NULL)
        net_tls_free(c->tls);
    free(c->ciphers);
    free(c->alpn);
    free(c->cert);
    free(c->pin);
    free(c);
}

static struct context *describe(const struct options *o, const struct script_tls *wanted)
{
    static const struct script_tls nothing = {.verify = SCRIPT_VERIFY_DEFAULT};
    static const enum net_verify verifies[] = {
        [SCRIPT_VERIFY_HOST] = NET_VERIFY_HOST,
        [SCRIPT_VERIFY_CA] = NET_VERIFY_CA,
        [SCRIPT_VERIFY_NONE] = NET_VERIFY_NONE,
    };
    struct context *c = calloc(1, sizeof *c);
    if (c == NULL)
        abort();
    wanted = wanted == NULL ? &nothing : wanted;
    c->verify = wanted->verify == SCRIPT_VERIFY_DEFAULT ? o->verify : verifies[wanted->verify];
    c->min_version = wanted->min_version;
    c->max_version = wanted->max_version;
    c->ciphers = text_of(wanted->ciphers, NULL);
    c->alpn = text_of(wanted->alpn, NULL);
    c->cert = text_of(wanted->cert, o->client_cert);
    c->pin = text_of(wanted->pin, o->pin);
    return c;
}

const struct net_tls *contexts_find(struct contexts *contexts, const struct script_tls *wanted,
                                    struct net_error *ret_error)
{
    const struct options *o = contexts->options;
    struct context *c = describe(o, wanted);
    for (struct context *made = contexts->first; made != NULL; made = made->next) {
        if (made->verify == c->verify && made->min_version == c->min_version &&
            made->max_version == c->max_version && same(made->ciphers, c->ciphers) &&
            same(made->alpn, c->alpn) && same(made->cert, c->cert) && same(made->pin, c->pin)) {
            free_context(c);
            return made->tls;
        }
    }
    c->tls = net_tls_new(
        &(struct net_tls_config){.verify = c->verify,
                                 .ca_file = o->ca,
                                 .trust = contexts->trust,
                                 .min_version = c->min_version,
                                 .max_version = c->max_version,
                                 .ciphers = c->ciphers,
                                 .alpn = c->alpn,
                                 .cert_file = c->cert,
                                 .key_file = same(c->cert, o->client_cert) ? o->client_key : NULL,
                                 .pin = c->pin},
        ret_error);
    if (c->tls == NULL) {
        free_context(c);
        return NULL;
    }
    c->next = contexts->first;
    contexts->first = c;
    return c->tls;
}

void contexts_free(struct contexts *contexts)
{
    while (contexts->first != NULL) {
        struct context *c = contexts->first;
        contexts->first = c->next;
        free_context(c);
    }
}
