/* The table of bench.h: a row for each parser, with what it aims at and what its peers take. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/scan.h"
#include "imf/header.h"

enum { ROUNDS = 40, PEER_ROUNDS = 3 /* they are slow: a few tell */ };

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

/* ---- the rows ---- */

enum unit { FIELD, MESSAGE, LINE, EHLO_REPLY, VALUE }; /* what `ns each` is of */

static const struct row {
    const char *title, *sample;
    enum unit unit;
    const char *names; /* of VALUE: bodies of the fields with these names */
    bench_job *ours, *gmime, *etpan;
    double least_speed; /* the target, as a multiple of memchr's speed; 0: none */
    double most_ns;     /* the target of one element; 0: none */
} rows[] = {
    {"split and validate, short headers", "short", FIELD, NULL, bench_header, bench_gmime_header,
     bench_etpan_header, 1.3, 0},
    {"  scan alone by avx2", "short", FIELD, NULL, bench_avx2_scan, NULL, NULL, 0, 0},
    {"  scan alone by sse2", "short", FIELD, NULL, bench_sse2_scan, NULL, NULL, 0, 0},
    {"  scan alone, portable", "short", FIELD, NULL, bench_portable_scan, NULL, NULL, 0.45, 0},
    {"split and validate, long headers", "long", FIELD, NULL, bench_header, bench_gmime_header,
     bench_etpan_header, 1.1, 0},
    {"  scan alone by avx2", "long", FIELD, NULL, bench_avx2_scan, NULL, NULL, 0, 0},
    {"  scan alone by sse2", "long", FIELD, NULL, bench_sse2_scan, NULL, NULL, 0, 0},
    {"  scan alone, portable", "long", FIELD, NULL, bench_portable_scan, NULL, NULL, 0.45, 0},
    {"From, To, Date, Message-ID, short headers", "short", MESSAGE, NULL, bench_structured,
     bench_gmime_message, bench_etpan_message, 0.85, 0},
    {"From, To, Date, Message-ID, long headers", "long", MESSAGE, NULL, bench_structured,
     bench_gmime_message, bench_etpan_message, 0, 0},
    {"address list", "short", VALUE, ",From,To,Sender,Errors-To,Reply-To,Return-Path,",
     bench_address, bench_gmime_address, bench_etpan_address, 0, 45},
    {"address list, of many hands", "odd", VALUE, ",From,To,", bench_address, bench_gmime_address,
     bench_etpan_address, 0, 0},
    {"msg-id", "short", VALUE, ",Message-ID,In-Reply-To,", bench_msgid, bench_gmime_msgid,
     bench_etpan_msgid, 0, 20},
    {"date", "short", VALUE, ",Date,X-Original-Date,", bench_date, bench_gmime_date,
     bench_etpan_date, 0, 25},
    {"date, of many hands", "odd", VALUE, ",Date,", bench_date, bench_gmime_date, bench_etpan_date,
     0, 0},
    {"Received", "short", VALUE, ",Received,", bench_received, NULL, NULL, 0, 0},
    {"command line with path and parameters", "commands", LINE, NULL, bench_command, NULL, NULL,
     1 / 3.0, 0},
    {"reply with enhanced code", "replies", LINE, NULL, bench_reply, NULL, NULL, 1 / 1.5, 0},
    {"reply to EHLO, nine lines", "ehlo", EHLO_REPLY, NULL, bench_ehlo, NULL, NULL, 0, 200},
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
static struct slice pack_values(struct bench_input *input)
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
    return slice_of(packed, octets);
}

static struct bench_input read_input(const struct row *row, const char *folder)
{
    struct bench_input input = {.all = read_sample(folder, row->sample)};
    if (row->unit == LINE || row->unit == EHLO_REPLY)
        return input;
    find_values(&input, row->names);
    if (row->unit == VALUE) {
        struct slice sample = input.all;
        input.all = pack_values(&input);
        free((void *)(uintptr_t)sample.ptr);
    }
    return input;
}

static size_t count_units(const struct row *row, const struct bench_input *input)
{
    switch (row->unit) {
    case FIELD:
        return bench_header(input);
    case LINE:
        return bench_memchr(input);
    case EHLO_REPLY:
        return bench_memchr(input) / 9;
    case MESSAGE:
    case VALUE:
        return input->count;
    }
    return 0;
}

/* ---- the run ---- */

struct measure {
    bench_job *job;
    double best_ns;
    size_t found, allocations;
};

static void measure_once(struct measure *measure, const struct bench_input *input)
{
    if (measure->job == NULL)
        return;
    size_t before = allocations;
    double start = now_ns();
    measure->found = measure->job(input);
    double took = now_ns() - start;
    measure->allocations = allocations - before;
    if (measure->best_ns == 0 || took < measure->best_ns)
        measure->best_ns = took;
}

static void print_peer(const struct measure *peer, size_t units)
{
    if (peer->job == NULL)
        printf(" %9s", "");
    else
        printf(" %9.1f", peer->best_ns / (double)units);
}

static void print_target(const struct row *row, double speed, double ns)
{
    char target[16] = "";
    if (row->least_speed > 0)
        snprintf(target, sizeof target, "%.2fx", row->least_speed);
    else if (row->most_ns > 0)
        snprintf(target, sizeof target, "%.0f ns", row->most_ns);
    bool met = row->least_speed > 0 ? speed >= row->least_speed : ns <= row->most_ns;
    printf(" %6s %-6s", target, *target == '\0' ? "" : met ? "met" : "missed");
}

static void run_row(const struct row *row, const char *folder)
{
    struct bench_input input = read_input(row, folder);
    size_t units = count_units(row, &input);
    struct measure ours = {.job = row->ours}, gmime = {.job = row->gmime};
    struct measure etpan = {.job = row->etpan};
    struct measure lines = {.job = row->unit == VALUE ? NULL : bench_memchr};
    for (unsigned round = 0; round < ROUNDS; round++) {
        measure_once(&lines, &input);
        measure_once(&ours, &input);
        if (round < PEER_ROUNDS) {
            measure_once(&gmime, &input);
            measure_once(&etpan, &input);
        }
    }
    double ns = ours.best_ns / (double)units, speed = lines.best_ns / ours.best_ns;
    printf("%-42s %6.1f", row->title, (double)input.all.len / (double)units);
    if (ours.found == 0)
        printf(" %8s\n", "-");
    else {
        printf(" %8.1f", ns);
        if (lines.job == NULL)
            printf(" %7s", "");
        else
            printf(" %6.2fx", speed);
        print_target(row, speed, ns);
        printf(" %6.2f", (double)ours.allocations / (double)units);
        print_peer(&gmime, units);
        print_peer(&etpan, units);
        printf("\n");
    }
    free((void *)(uintptr_t)input.all.ptr);
    free(input.values);
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: bench-parsers SAMPLES [TITLE]   (harness/dev bench parsers runs it;"
                        " TITLE: part of the titles of the rows to run)\n");
        return 2;
    }
    bench_peers_begin();
    printf(
        "Best of %d rounds; vectors: %s. speed: as a multiple of that of a memchr('\\n') loop "
        "over\n"
        "the same octets. Octets, ns and allocations are for each field, header, value or line.\n"
        "\n%-42s %6s %8s %7s %-13s %6s %9s %9s\n",
        ROUNDS, scan_way(0)->name, "", "octets", "ns", "speed", " target", "allocs", "GMime ns",
        "libetpan");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (argc == 2 || strstr(rows[i].title, argv[2]) != NULL)
            run_row(&rows[i], argv[1]);
    return 0;
}
