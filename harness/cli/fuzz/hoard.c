#define _POSIX_C_SOURCE 200809L

#include "cli/fuzz/hoard.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "campaign/shrink.h"
#include "cli/play/load.h"
#include "report/buffer.h"

#define TIMES      20    /* an input is said */
#define LEAST_KIB  256   /* that they leave: an allocator takes so much now and then for anything */
#define ENOUGH_KIB 32768 /* it is plain then */
#define MOST_KIB   262144 /* that a server may keep before it is started anew */
#define REPLY_US   500000
#define SEARCH_US  15000000
#define SHRINK_US  15000000

/* A server that was started now; what it needs for any dialogue, it has. */
static bool start_anew(struct verify *v, struct talk *t)
{
    static const struct slice first = SLICE_INIT("EHLO client.example\r\nMAIL FROM:<>\r\nRSET\r\n");
    process_stop(v->process);
    bool runs = verify_start(v);
    for (unsigned i = 0; i < TIMES && runs; i++)
        runs = talk(t, first, v->campaign->how);
    return runs;
}

/* KiB that stay of so many dialogues as TIMES says. */
static uint64_t kept(struct verify *v, struct slice octets)
{
    struct talk *t = talk_new(&v->campaign->address, &v->campaign->tls, REPLY_US);
    uint64_t before = process_memory_kib(v->process), after = before;
    unsigned times = 0;
    t->account = &v->campaign->account;
    bool runs = true;
    if (before == 0 || before > v->memory_kib + MOST_KIB) {
        runs = start_anew(v, t);
        if (runs)
            v->memory_kib = before = after = process_memory_kib(v->process);
    }
    while (runs && times < TIMES && after < before + ENOUGH_KIB) {
        runs = talk(t, octets, v->campaign->how);
        times += runs;
        after = process_memory_kib(v->process);
    }
    talk_free(t);
    return runs && after > before ? (after - before) * TIMES / times : 0;
}

static void try_input(struct verify *v, const char *name, struct buffer *best, uint64_t *most)
{
    char file[300], path[4500];
    struct slice octets;
    snprintf(file, sizeof file, "corpus/%s", name);
    if (!load_read(campaign_path(v->campaign, file, path, sizeof path), &octets))
        return;
    uint64_t kib = kept(v, octets);
    if (kib > *most && kib >= LEAST_KIB && (kib = kept(v, octets)) >= LEAST_KIB) {
        *most = kib;
        best->len = 0;
        buffer_put(best, octets);
    }
    free((void *)(uintptr_t)octets.ptr);
}

static void try_all(struct verify *v, struct buffer *best, uint64_t *most)
{
    char path[4200];
    uint64_t begun = wire_now_us();
    DIR *folder = opendir(campaign_path(v->campaign, "corpus", path, sizeof path));
    for (struct dirent *entry; folder != NULL && wire_now_us() - begun < SEARCH_US &&
                               !v->interrupted() && (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.')
            try_input(v, entry->d_name, best, most);
    if (folder != NULL)
        closedir(folder);
}

static void make_small(struct verify *v, struct buffer *best, uint64_t most)
{
    struct shrink shrink;
    struct slice candidate;
    uint64_t begun = wire_now_us();
    uint8_t *room = report_grown(NULL, best->len + 1);
    shrink_begin(&shrink, shrink_octets_piece, best->ptr, best->len, room);
    while (wire_now_us() - begun < SHRINK_US && !v->interrupted() &&
           shrink_next(&shrink, &candidate) && shrink.grain < SHRINK_WORDS)
        shrink_answer(&shrink, kept(v, candidate) >= most / 2);
    best->len = shrink.best_len;
    free(room);
}

bool hoard_find(struct verify *v, uint64_t *ret_kib)
{
    struct buffer best = {.ptr = NULL};
    char path[4200];
    uint64_t most = 0;
    process_stop(v->process);
    try_all(v, &best, &most);
    if (most > 0)
        make_small(v, &best, most);
    uint64_t kib = most > 0 ? kept(v, buffer_slice(&best)) : 0;
    bool found =
        kib >= LEAST_KIB &&
        campaign_write(campaign_path(v->campaign, "unconfirmed/memory.octets", path, sizeof path),
                       buffer_slice(&best));
    *ret_kib = kib / TIMES;
    if (found)
        survey_memory(v->survey, buffer_slice(&best), *ret_kib, "unconfirmed/memory.octets");
    process_stop(v->process); /* with what it keeps */
    buffer_free(&best);
    return found;
}
