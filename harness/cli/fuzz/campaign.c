#define _POSIX_C_SOURCE 200809L

#include "cli/fuzz/campaign.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cli/play/load.h"

const char *campaign_path(const struct campaign *campaign, const char *name, char *out, size_t size)
{
    snprintf(out, size, "%s/%s", campaign->out, name);
    return out;
}

bool campaign_write(const char *path, struct slice octets)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return false;
    load_put(file, octets);
    bool written = !ferror(file);
    return fclose(file) == 0 && written;
}

bool campaign_folders(const struct campaign *c)
{
    static const char *const names[] = {"", "corpus", "candidates", "findings", "unconfirmed"};
    char path[4200];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (mkdir(campaign_path(c, names[i], path, sizeof path), 0777) != 0 && errno != EEXIST) {
            fprintf(stderr, "maildrill fuzz: %s: %s\n", path, strerror(errno));
            return false;
        }
    return true;
}

size_t campaign_count(const struct campaign *c, const char *name)
{
    char path[4200];
    DIR *folder = opendir(campaign_path(c, name, path, sizeof path));
    size_t count = 0;
    if (folder == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

/* False where no line is as long. */
static bool put_part(struct campaign *c, enum account_part part, const struct slice *pieces,
                     size_t count)
{
    static uint8_t rooms[ACCOUNT_PARTS][CAMPAIGN_INPUT_OCTETS];
    uint8_t plain[CAMPAIGN_INPUT_OCTETS / 2];
    struct writer w = writer_of(plain, sizeof plain);
    for (size_t i = 0; i < count; i++)
        writer_put(&w, pieces[i]);
    if (!w.overflow)
        c->account.parts[part] =
            slice_of(rooms[part], (size_t)EVP_EncodeBlock(rooms[part], plain, (int)w.len));
    return !w.overflow;
}

void campaign_account(struct campaign *c)
{
    const struct options *o = c->options;
    if (o->user == NULL || o->pass == NULL || o->pass[0] == '\0')
        return;
    const struct slice nul = SLICE("\0"), user = slice_of_cstr(o->user);
    const struct slice pass = slice_of_cstr(o->pass), wrong = SLICE(ACCOUNT_WRONG_PASS);
    const struct slice rows[ACCOUNT_PARTS][4] = {
        [ACCOUNT_USER] = {user},
        [ACCOUNT_PASS] = {pass},
        [ACCOUNT_PLAIN] = {nul, user, nul, pass},
        [ACCOUNT_EMPTY] = {nul, user, nul},
        [ACCOUNT_WRONG] = {nul, user, nul, wrong},
        [ACCOUNT_CRAM] = {user, SLICE(" " ACCOUNT_DIGEST)},
    };
    for (size_t i = 0; i < ACCOUNT_PARTS; i++)
        if (!put_part(c, (enum account_part)i, rows[i], 4))
            c->account.parts[ACCOUNT_PLAIN] = SLICE("");
}

void campaign_talk(const struct campaign *c, uint64_t awaited_us, struct talk *ret_talk)
{
    *ret_talk = (struct talk){
        .address = c->address,
        .tls = &c->tls,
        .account = account_given(&c->account) ? &c->account : NULL,
        .awaited_us = awaited_us,
        .rest_us = awaited_us,
        .keep_us = awaited_us / 10,
        .kept_how = c->kept_how,
        .most_kept = !c->keeps    ? 0
                     : c->patient ? TALK_MANY_KEPT / 10
                                  : TALK_FEW_KEPT,
        .bound_kept = c->patient ? TALK_MANY_KEPT : TALK_FEW_KEPT,
        .most_errors = c->patient ? TALK_MANY_ERRORS : TALK_FEW_ERRORS,
    };
}

bool campaign_server(const struct options *o, const char *url, struct target *ret_target,
                     struct wire_address *ret_address)
{
    struct net_error error;
    struct target t;
    if (!target_read(url, &t) || (t.tls && o->differential) || t.lmtp || t.host[0] == '/') {
        fprintf(stderr, "maildrill fuzz: not a server to fuzz: %s: write smtp://HOST:PORT%s\n", url,
                o->differential ? "" : " or smtps://HOST:PORT");
        return false;
    }
    if (!wire_resolve(t.host, t.port, ret_address, &error)) {
        fprintf(stderr, "maildrill fuzz: %s\n", error.text);
        return false;
    }
    if (!ret_address->loopback && !o->own) {
        fprintf(stderr,
                "maildrill fuzz: %s is not this machine: say --i-own-this-server if you do\n",
                t.host);
        return false;
    }
    *ret_target = t;
    return true;
}
