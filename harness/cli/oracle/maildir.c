#define _POSIX_C_SOURCE 200809L

#include "cli/oracle/maildir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct maildir {
    char path[4096 - 128]; /* room for the names in it */
    char host[64];
    unsigned long sequence;
};

static bool make_folder(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

struct maildir *maildir_open(const char *path)
{
    static const char *const folders[] = {"tmp", "new", "cur"};
    struct maildir *m = calloc(1, sizeof *m);
    if (m == NULL || strlen(path) >= sizeof m->path || !make_folder(path)) {
        free(m);
        return NULL;
    }
    memcpy(m->path, path, strlen(path) + 1);
    if (gethostname(m->host, sizeof m->host) != 0)
        m->host[0] = '\0';
    m->host[sizeof m->host - 1] = '\0';
    for (char *c = m->host; *c != '\0'; c++)
        *c = *c == '/' || *c == ':' ? '_' : *c;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%s", m->path, folders[i]);
        if (!make_folder(name)) {
            free(m);
            return NULL;
        }
    }
    return m;
}

void maildir_close(struct maildir *maildir)
{
    free(maildir);
}

static bool put(FILE *file, struct slice octets)
{
    return octets.len == 0 || fwrite(octets.ptr, 1, octets.len, file) == octets.len;
}

static bool write_message(FILE *file, struct slice recipient, struct slice content)
{
    bool has_path = slice_starts_nocase(content, SLICE("Return-Path:"));
    size_t first = has_path ? slice_find(content, '\n') : 0;
    first += has_path && first < content.len;
    return put(file, slice_sub(content, 0, first)) && put(file, SLICE("Delivered-To: ")) &&
           put(file, recipient) && put(file, SLICE("\r\n")) &&
           put(file, slice_from(content, first)) && fflush(file) == 0 && fsync(fileno(file)) == 0;
}

static bool deliver_one(struct maildir *m, struct slice recipient, struct slice content)
{
    char name[128], from[4096 + 128], to[4096 + 128];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(name, sizeof name, "%lld.M%ldP%ldQ%lu.%s", (long long)now.tv_sec, now.tv_nsec / 1000,
             (long)getpid(), m->sequence++, m->host);
    snprintf(from, sizeof from, "%s/tmp/%s", m->path, name);
    snprintf(to, sizeof to, "%s/new/%s", m->path, name);
    FILE *file = fopen(from, "wbx");
    if (file == NULL)
        return false;
    bool written = write_message(file, recipient, content);
    written = fclose(file) == 0 && written;
    if (written && rename(from, to) == 0)
        return true;
    unlink(from);
    return false;
}

void maildir_deliver(struct maildir *m, const struct server_message *message)
{
    struct slice paths = message->forward_paths;
    while (paths.len > 0) {
        size_t end = slice_find(paths, '\n');
        if (!deliver_one(m, slice_sub(paths, 0, end), message->content))
            fprintf(stderr, "maildrill: cannot write a message to %s: %s\n", m->path,
                    strerror(errno));
        paths = slice_from(paths, end + 1);
    }
}
