#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "imf/date.h"
#include "imf/header.h"
#include "imf/received.h"
#include "smtp/command.h"
#include "smtp/ehlo.h"
#include "smtp/reply.h"

enum { ROUNDS = 25 };

/* Allocations of everything linked, peers included. */
static size_t allocations;
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);

void *malloc(size_t octets)
{
    allocations++;
    return __libc_malloc(octets);
}

void *calloc(size_t count, size_t octets)
{
    allocations++;
    return __libc_calloc(count, octets);
}

void *realloc(void *old, size_t octets)
{
    allocations++;
    return __libc_realloc(old, octets);
}

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static size_t run_memchr(const struct bench_input *input)
{
    size_t lines = 0;
    const uint8_t *at = input->all.ptr, *end = at + input->all.len, *lf;
    for (; at < end && (lf = memchr(at, '\n', (size_t)(end - at))) != NULL; at = lf + 1)
        lines++;
    return lines;
}

/* ---- header sections ---- */

static size_t scan_with(const struct scan_way *way, const struct bench_input *input)
{
    struct scan_marks marks;
    size_t fields = 0;
    for (size_t at = 0; way != NULL && at < input->all.len;) {
        way->fields(slice_from(input->all, at), &marks);
        if (marks.count == 0)
            break;
        fields += marks.count;
        at += marks.mark[marks.count].start;
    }
    return fields;
}

static size_t run_best_scan(const struct bench_input *input)
{
    return scan_with(scan_way(0), input);
}

static size_t run_sse2_scan(const struct bench_input *input)
{
    unsigned n = 0;
    while (scan_way(n + 1) != NULL && strcmp(scan_way(n)->name, "sse2") != 0)
        n++;
    return scan_with(scan_way(n), input);
}

static size_t run_portable_scan(const struct bench_input *input)
{
    unsigned n = 0;
    while (scan_way(n + 1) != NULL)
        n++;
    return scan_with(scan_way(n), input);
}

static size_t run_header(const struct bench_input *input)
{
    struct imf_field_limits limits = {100000, true};
    struct imf_header header;
    struct imf_field field;
    size_t fields = 0;
    for (size_t at = 0; at < input->all.len; at += header.at) {
        imf_header_begin(slice_from(input->all, at), limits, &header);
        do {
            if (imf_header_next(&header, &field).status != PARSE_OK)
                return fields;
            fields++;
        } while (field.kind == IMF_FIELD);
    }
    return fields;
}

/* ---- SMTP ---- */

static size_t run_command(const struct bench_input *input)
{
    struct smtp_command command;
    size_t lines = 0;
    for (size_t at = 0; at < input->all.len; lines++) {
        struct parse_result result = smtp_command_parse(slice_from(input->all, at), 2048, &command);
        if (result.status != PARSE_OK)
            break;
        at += result.offset;
    }
    return lines;
}

static size_t run_reply(const struct bench_input *input)
{
    static const struct smtp_reply_limits limits = {2048, 65536};
    struct smtp_reply reply;
    size_t replies = 0;
    for (size_t at = 0; at < input->all.len; replies++) {
        struct smtp_reply_parser parser = {.limits = limits};
        struct parse_result result = smtp_reply_parse(&parser, slice_from(input->all, at), &reply);
        if (result.status != PARSE_OK)
            break;
        at += result.offset;
    }
    return replies;
}

static size_t run_ehlo(const struct bench_input *input)
{
    static const struct smtp_reply_limits limits = {2048, 65536};
    size_t keywords = 0;
    for (size_t at = 0; at < input->all.len;) {
        struct smtp_reply_parser parser = {.limits = limits};
        struct smtp_reply reply;
        struct smtp_ehlo ehlo;
        struct smtp_ehlo_keyword keyword;
        struct parse_result result = smtp_reply_parse(&parser, slice_from(input->all, at), &reply);
        if (result.status != PARSE_OK || !smtp_ehlo_begin(&reply, &ehlo))
            break;
        while (smtp_ehlo_next(&ehlo, &keyword))
            keywords += keyword.extension != SMTP_EXTENSION_UNKNOWN;
        at += result.offset;
    }
    return keywords;
}

/* ---- values ---- */

static size_t run_date(const struct bench_input *input)
{
    struct imf_date date;
    size_t dates = 0;
    for (size_t i = 0; i < input->count; i++)
        dates += imf_date_parse(input->values[i], &date).status == PARSE_OK;
    return dates;
}

static size_t run_received(const struct bench_input *input)
{
    struct imf_received received;
    size_t dates = 0;
    for (size_t i = 0; i < input->count; i++)
        if (imf_received_parse(input->values[i], &received).status == PARSE_OK)
            dates += received.has_date;
    return dates;
}

/* ---- groups ---- */

static const struct group {
    const char *title, *sample, *unit;
    const char *names; /* the values: bodies of the fields with these names; NULL: see `unit` */
    bool memchr;       /* whether ratios to a memchr loop say something */
    struct bench_job ours[5];
    const struct bench_job *peers;
} groups[] = {
    {"split and validate, short headers",
     "short",
     "field",
     NULL,
     true,
     {{"maildrill imf_header", run_header},
      {"  scan alone, best way", run_best_scan},
      {"  scan alone, sse2", run_sse2_scan},
      {"  scan alone, portable", run_portable_scan}},
     bench_peers_split},
    {"split and validate, long headers",
     "long",
     "field",
     NULL,
     true,
     {{"maildrill imf_header", run_header},
      {"  scan alone, best way", run_best_scan},
      {"  scan alone, sse2", run_sse2_scan},
      {"  scan alone, portable", run_portable_scan}},
     bench_peers_split},
    {"commands", "commands", "line", NULL, true, {{"maildrill smtp_command", run_command}}, NULL},
    {"replies with enhanced codes",
     "replies",
     "line",
     NULL,
     true,
     {{"maildrill smtp_reply", run_reply}},
     NULL},
    {"replies to EHLO of nine lines",
     "ehlo",
     "reply",
     NULL,
     true,
     {{"maildrill smtp_reply, smtp_ehlo", run_ehlo}},
     NULL},
    {"dates",
     "short",
     "date",
     ",Date,X-Original-Date,",
     false,
     {{"maildrill imf_date", run_date}},
     bench_peers_date},
    {"dates of many hands",
     "odd",
     "date",
     ",Date,",
     false,
     {{"maildrill imf_date", run_date}},
     bench_peers_date},
    {"Received fields",
     "short",
     "field",
     ",Received,",
     false,
     {{"maildrill imf_received", run_received}},
     NULL},
};

/* ---- samples ---- */

static struct slice read_sample(const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        fprintf(stderr, "bench: cannot read %s: harness/dev bench writes it\n", path);
        exit(1);
    }
    size_t len = (size_t)ftell(file);
    uint8_t *octets = malloc(len);
    rewind(file);
    if (octets == NULL || fread(octets, 1, len, file) != len)
        exit(1);
    fclose(file);
    return slice_of(octets, len);
}

static void add_value(struct bench_input *input, struct slice value)
{
    if ((input->count & (input->count - 1)) == 0)
        input->values = realloc(input->values, (2 * input->count + 1) * sizeof *input->values);
    if (input->values == NULL)
        exit(1);
    input->values[input->count++] = value;
}

/* The headers of the sample, or the bodies of the fields that `names` has between commas. */
static void find_values(struct bench_input *input, const char *names)
{
    for (size_t at = 0; at < input->all.len;) {
        struct imf_header header;
        struct imf_field field;
        imf_header_begin(slice_from(input->all, at), (struct imf_field_limits){100000, true},
                         &header);
        while (imf_header_next(&header, &field).status == PARSE_OK && field.kind == IMF_FIELD) {
            char name[64];
            snprintf(name, sizeof name, ",%.*s,", (int)field.name.len,
                     (const char *)field.name.ptr);
            if (names != NULL && strstr(names, name) != NULL)
                add_value(input, field.body);
        }
        if (names == NULL)
            add_value(input, slice_sub(input->all, at, at + header.at));
        at += header.at;
    }
}

/* Puts values side by side, as a cache has them that a header was just read into: a sample of many
 * headers would show how far its values lie apart. */
static uint8_t *pack_values(struct bench_input *input)
{
    size_t octets = 0;
    for (size_t i = 0; i < input->count; i++)
        octets += input->values[i].len;
    uint8_t *packed = malloc(octets + 1), *at = packed;
    if (packed == NULL)
        exit(1);
    for (size_t i = 0; i < input->count; i++) {
        memcpy(at, input->values[i].ptr, input->values[i].len);
        input->values[i].ptr = at;
        at += input->values[i].len;
    }
    return packed;
}

static size_t count_units(const struct group *group, const struct bench_input *input)
{
    if (group->names != NULL)
        return input->count;
    if (strcmp(group->unit, "line") == 0)
        return run_memchr(input);
    return strcmp(group->unit, "reply") == 0 ? run_memchr(input) / 9 : run_header(input);
}

/* ---- the run ---- */

struct measure {
    struct bench_job job;
    double best_ns;
    size_t found, allocations;
};

static void measure_once(struct measure *measure, const struct bench_input *input)
{
    size_t before = allocations;
    double start = now_ns();
    measure->found = measure->job.run(input);
    double took = now_ns() - start;
    measure->allocations = allocations - before;
    if (measure->found == 0) {
        fprintf(stderr, "bench: %s reads nothing\n", measure->job.name);
        exit(1);
    }
    if (measure->best_ns == 0 || took < measure->best_ns)
        measure->best_ns = took;
}

static void run_group(const struct group *group, const char *folder)
{
    struct bench_input input = {.all = read_sample(folder, group->sample)};
    if (strcmp(group->unit, "field") == 0 || strcmp(group->unit, "message") == 0 || group->names)
        find_values(&input, group->names);
    uint8_t *packed = group->names != NULL ? pack_values(&input) : NULL;
    size_t units = count_units(group, &input), count = 0, octets = input.all.len;
    if (group->names != NULL)
        for (size_t i = octets = 0; i < input.count; i++)
            octets += input.values[i].len;

    struct measure measures[12] = {{{NULL, NULL}, 0, 0, 0}};
    if (group->memchr)
        measures[count++].job = (struct bench_job){"memchr('\\n') loop", run_memchr};
    for (const struct bench_job *job = group->ours; job->name != NULL; job++)
        measures[count++].job = *job;
    size_t quick = count; /* peers are slow: a few rounds tell */
    for (const struct bench_job *job = group->peers; job != NULL && job->name != NULL; job++)
        measures[count++].job = *job;
    for (unsigned round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < count; i++)
            if (i < quick || round < 3)
                measure_once(&measures[i], &input);

    printf("\n%s: %zu of %.1f octets\n", group->title, units, (double)octets / (double)units);
    printf("  %-36s %9s %9s %9s %9s\n", "", "ns each", "MB/s", group->memchr ? "memchr" : "first",
           "allocs");
    for (size_t i = 0; i < count; i++)
        printf("  %-36s %9.1f %9.0f %8.2fx %9.2f\n", measures[i].job.name,
               measures[i].best_ns / (double)units, (double)octets * 1e3 / measures[i].best_ns,
               measures[0].best_ns / measures[i].best_ns,
               (double)measures[i].allocations / (double)units);
    free((void *)(uintptr_t)input.all.ptr);
    free(input.values);
    free(packed);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: bench-parsers SAMPLES   (harness/dev bench parsers runs it)\n");
        return 2;
    }
    bench_peers_begin();
    printf("Best of %d rounds; \"memchr\" or \"first\": speed as a multiple of the first row's.\n"
           "allocs: allocations for each element. Vectors: %s.\n",
           ROUNDS, scan_way(0)->name);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        run_group(&groups[i], argv[1]);
    return 0;
}
