#define _POSIX_C_SOURCE 200809L

#include "cli/oracle/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST_MESSAGES  (1u << 20)
#define MESSAGE_OCTETS (8u * 1024 * 1024) /* longer files are passed over */
#define SETTLED_MS     2000
#define SCANS_PART     4 /* of the time at most, one in so many */
#define PATH_OCTETS    4096

struct message {
    char *path; /* "new/NAME", or "cur/NAME:2,S" */
    uint64_t seen_ms;
    uint64_t scan; /* the last that saw it */
};

struct folder {
    const char *maildir;
    struct message *messages;
    size_t count, capacity;
    uint32_t *places; /* a hash table of 1 + number, 0: none; twice as many as messages */
    uint64_t scans;
    uint64_t began_ms, due_ms; /* of the last scan, and of the next */
    char trouble[256];
};

/* Up to the flags, which change. */
static struct slice name_of(const char *path)
{
    struct slice name = slice_of_cstr(path + 4);
    return slice_sub(name, 0, slice_find(name, ':'));
}

/* Where a message of that name is in the table, or would be. */
static uint32_t *place_of(const struct folder *f, struct slice name)
{
    size_t mask = 2 * f->capacity - 1;
    size_t at = slice_hash(SLICE_HASH, name) & mask;
    while (f->places[at] != 0 && !slice_equal(name_of(f->messages[f->places[at] - 1].path), name))
        at = (at + 1) & mask;
    return &f->places[at];
}

static void grow(struct folder *f)
{
    f->capacity = f->capacity == 0 ? 256 : 2 * f->capacity;
    f->messages = realloc(f->messages, f->capacity * sizeof *f->messages);
    free(f->places);
    f->places = calloc(2 * f->capacity, sizeof *f->places);
    if (f->messages == NULL || f->places == NULL)
        abort();
    for (size_t i = 0; i < f->count; i++)
        *place_of(f, name_of(f->messages[i].path)) = (uint32_t)i + 1;
}

static void see(struct folder *f, const char *path, uint64_t now_ms)
{
    if (f->count == f->capacity)
        grow(f);
    uint32_t *place = place_of(f, name_of(path));
    bool is_new = *place == 0;
    if (is_new) {
        f->messages[f->count] = (struct message){.seen_ms = now_ms};
        *place = (uint32_t)++f->count;
    }
    struct message *m = &f->messages[*place - 1];
    m->scan = f->scans;
    if (!is_new && strcmp(m->path, path) == 0)
        return;
    free(m->path);
    m->path = strdup(path);
    if (m->path == NULL)
        abort();
}

/* Many servers make a Maildir with the first message, so that one that is missing may be empty;
 * what cannot be read may not, nor what nobody could make: in a folder that is missing. */
static bool may_be_empty(const char *maildir, const char *folder)
{
    char parent[PATH_OCTETS];
    if (access(folder, R_OK | X_OK) == 0)
        return true;
    if (errno != ENOENT)
        return false;
    snprintf(parent, sizeof parent, "%s", maildir);
    size_t len = strlen(parent);
    while (len > 1 && parent[len - 1] == '/')
        len--;
    while (len > 0 && parent[len - 1] != '/')
        len--;
    parent[len] = '\0';
    return access(len == 0 ? "." : parent, R_OK | X_OK) == 0;
}

static void scan_part(struct folder *f, const char *part, uint64_t now_ms)
{
    char path[PATH_OCTETS];
    int len = snprintf(path, sizeof path, "%s/%s", f->maildir, part);
    DIR *directory = len > 0 && (size_t)len < sizeof path ? opendir(path) : NULL;
    if (!may_be_empty(f->maildir, path))
        snprintf(f->trouble, sizeof f->trouble, "%.200s: %s", path, strerror(errno));
    if (directory == NULL)
        return;
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL && f->count < MOST_MESSAGES) {
        snprintf(path, sizeof path, "%s/%s", part, entry->d_name);
        if (entry->d_name[0] != '.')
            see(f, path, now_ms);
    }
    if (entry != NULL)
        snprintf(f->trouble, sizeof f->trouble, "%.200s has more than %u messages", f->maildir,
                 MOST_MESSAGES);
    closedir(directory);
}

struct folder *folder_open(const char *maildir, uint64_t now_ms)
{
    struct folder *f = calloc(1, sizeof *f);
    if (f == NULL)
        abort();
    f->maildir = maildir;
    folder_scan(f, now_ms, now_ms);
    return f;
}

void folder_close(struct folder *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->count; i++)
        free(f->messages[i].path);
    free(f->messages);
    free(f->places);
    free(f);
}

static uint64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

const char *folder_scan(struct folder *f, uint64_t asked_ms, uint64_t now_ms)
{
    if (f->scans > 0 && f->began_ms > asked_ms)
        return f->trouble;
    uint64_t began = clock_ms();
    f->trouble[0] = '\0';
    f->scans++;
    scan_part(f, "new", now_ms); /* as they move: new first */
    scan_part(f, "cur", now_ms);
    f->began_ms = now_ms;
    f->due_ms = now_ms + SCANS_PART * (clock_ms() - began);
    return f->trouble;
}

uint64_t folder_due_ms(const struct folder *f)
{
    return f->due_ms;
}

size_t folder_count(const struct folder *f)
{
    return f->count;
}

struct slice folder_read(const struct folder *f, size_t number, uint64_t now_ms, bool *ret_final)
{
    const struct message *m = &f->messages[number];
    char path[PATH_OCTETS];
    struct stat about;
    *ret_final = m->scan != f->scans; /* it is gone */
    int len = snprintf(path, sizeof path, "%s/%s", f->maildir, m->path);
    if (*ret_final || len < 0 || (size_t)len >= sizeof path)
        return slice_of(NULL, 0);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return slice_of(NULL, 0);
    *ret_final = now_ms - m->seen_ms >= SETTLED_MS;
    uint8_t *octets = NULL;
    size_t count = 0;
    if (fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0 &&
        about.st_size <= (off_t)MESSAGE_OCTETS && (octets = malloc((size_t)about.st_size)) != NULL)
        count = fread(octets, 1, (size_t)about.st_size, file);
    fclose(file);
    return slice_of(octets, count);
}
