#define _POSIX_C_SOURCE 200809L

#include "cli/play/variables.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/oracle/oracle.h"
#include "cli/play/embed.h"

static void define(struct variables *v, const char *name, const char *value, bool secret)
{
    if (value != NULL)
        v->items[v->count++] =
            (struct engine_variable){slice_of_cstr(name), slice_of_cstr(value), secret};
}

static void offer(struct variables *v, const char *token, bool holds)
{
    if (holds)
        v->features[v->feature_count++] = slice_of_cstr(token);
}

/* What the reference server is known to have (server_config.mailboxes), unless --set says
 * otherwise. */
static void define_fixtures(struct variables *v, const struct options *o)
{
    static const char *const rows[][2] = {
        {"list", "list"},
        {"moved", "moved@" EMBED_DOMAIN},
        {"full", "full@" EMBED_DOMAIN},
        {"forwarded", "forwarded@" EMBED_DOMAIN},
        {"busy", "busy@" EMBED_DOMAIN},
        {"late", "late@" EMBED_DOMAIN},
        {"bearer", EMBED_BEARER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool set = false;
        for (size_t k = 0; k < o->setting_count; k++)
            set = set || slice_equal(o->settings[k].name, slice_of_cstr(rows[i][0]));
        if (!set)
            define(v, rows[i][0], rows[i][1], false);
    }
}

/* What the server is: by its mode, or by its port; one that says nothing is taken for an MX. */
static void offer_ports(struct variables *v, const struct options *o, const struct target *target,
                        bool embedded)
{
    bool told = embedded || o->mode_given;
    bool lmtp = target->lmtp || (told ? o->mode == SERVER_LMTP : target->port == 24);
    bool submits = told ? o->mode == SERVER_SUBMISSION : target->port == 587 || target->port == 465;
    offer(v, "port:submission", submits && !target->tls);
    offer(v, "port:submissions", submits && target->tls);
    offer(v, "port:lmtp", lmtp);
    offer(v, "lmtp", lmtp);
    offer(v, "smtp", !lmtp);
    offer(v, "port:mx", !submits && !lmtp);
}

void variables_define(struct variables *v, const struct options *o, const struct target *target,
                      bool embedded)
{
    const char *rcpt = o->rcpt == NULL && embedded ? "bob@" EMBED_DOMAIN : o->rcpt;
    const char *rcpt2 = o->rcpt2 == NULL && embedded ? "alice@" EMBED_DOMAIN : o->rcpt2;
    const char *norcpt = o->norcpt == NULL && embedded ? "nosuch@" EMBED_DOMAIN : o->norcpt;
    const char *remote = o->remote == NULL && embedded ? "someone@elsewhere.test" : o->remote;
    const char *user = o->user == NULL && embedded ? EMBED_USER : o->user;
    const char *pass = o->pass == NULL && embedded ? EMBED_PASS : o->pass;

    v->count = v->feature_count = 0;
    snprintf(v->token, sizeof v->token, "%" PRIx64 "x%lx", (uint64_t)time(NULL), (long)getpid());
    define(v, "host", target->host, false);
    define(v, "client", o->client, false);
    define(v, "from", o->from, false);
    define(v, "rcpt", rcpt, false);
    define(v, "rcpt2", rcpt2, false);
    define(v, "norcpt", norcpt, false);
    define(v, "remote", remote, false);
    define(v, "user", user, false);
    define(v, "pass", pass, true);
    define(v, "token", v->token, false);
    for (size_t i = 0; i < o->setting_count; i++)
        v->items[v->count++] =
            (struct engine_variable){o->settings[i].name, o->settings[i].value, false};
    if (embedded)
        define_fixtures(v, o);

    offer_ports(v, o, target, embedded);
    offer(v, "oracle", oracle_given(o, embedded));
    offer(v, "raw", true);
    offer(v, "proxy", o->proxy_protocol);
    offer(v, "multi", true);
    offer(v, "client-cert", o->client_cert != NULL);
    offer(v, "tls", true);
    offer(v, "implicit-tls", target->tls);
    offer(v, "plain", !target->tls);
    offer(v, "slow", o->slow);
    offer(v, "rcpt", rcpt != NULL);
    offer(v, "rcpt2", rcpt2 != NULL);
    offer(v, "norcpt", norcpt != NULL);
    offer(v, "remote", remote != NULL);
    offer(v, "creds", user != NULL && pass != NULL);
}
