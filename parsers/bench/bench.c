/* The table of bench.h: a row for each parser, with what it aims at and what its peers take. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/scan.h"
#include "imf/header.h"

enum { BATCHES = 5, ROUNDS = 16, PEER_ROUNDS = 3 /* they are slow: a few tell */ };

/* Octets that are timed at once, about: as few as a timer can tell, so that what else the machine
 * does leaves some of the times alone; and so many parts that no processor learns them by heart. */
enum { PART_OCTETS = 32768 };

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
    bool sse2_memchr;   /* runs beside the memchr of a machine without AVX2 alone */
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
    {"scan alone by sse2, short headers", "short", FIELD, NULL, bench_sse2_scan, NULL, NULL, 1.3, 0,
     .sse2_memchr = true},
    {"scan alone by sse2, long headers", "long", FIELD, NULL, bench_sse2_scan, NULL, NULL, 1.0, 0,
     .sse2_memchr = true},
};

/* Whether the C library was told to do without AVX2: what a machine has nothing else for is fairly
 * compared with that alone. */
static bool has_sse2_memchr(void)
{
    const char *tunables = getenv("GLIBC_TUNABLES");
    return tunables != NULL && strstr(tunables, "-AVX2") != NULL;
}

static bool is_asked_for(const struct row *row, const char *title)
{
    return strstr(row->title, title) != NULL && row->sse2_memchr == has_sse2_memchr();
}

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

/* The lines of the sample, or its replies: "-" behind the code says that a line is not the last. */
static void find_lines(struct bench_input *input)
{
    for (size_t at = 0, from = 0; at < input->all.len;) {
        struct slice rest = slice_from(input->all, at);
        at += slice_find(rest, '\n') + 1;
        if (rest.ptr[3] == '-')
            continue;
        add_value(input, slice_sub(input->all, from, at));
        from = at;
    }
}

static struct bench_input read_input(const struct row *row, const char *folder)
{
    struct bench_input input = {.all = read_sample(folder, row->sample)};
    if (row->unit == LINE || row->unit == EHLO_REPLY) {
        find_lines(&input);
        return input;
    }
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

enum who { LINES, OURS, GMIME, ETPAN, EVERYONE };

/* Some of the input, and the least time that each took for it. */
struct part {
    struct bench_input input;
    double ns[EVERYONE], batch_ns[EVERYONE]; /* in the whole run, in this batch; 0: not run yet */
};

struct run {
    const struct row *row;
    struct bench_input input;
    size_t units;
    struct part *parts;
    size_t part_count;
    size_t found, allocations; /* by ours, in all rounds */
    double least, most;        /* figure of a batch: speed, or ns where there is no memchr */
};

static void begin_run(struct run *run, const struct row *row, const char *folder)
{
    struct bench_input input = read_input(row, folder);
    *run = (struct run){.row = row, .input = input, .units = count_units(row, &input)};
    run->parts = calloc(input.all.len / PART_OCTETS + 1, sizeof *run->parts);
    if (run->parts == NULL)
        exit(1);
    for (size_t i = 0, first = 0, octets = 0; i < input.count; i++) {
        octets += input.values[i].len;
        if (octets < PART_OCTETS && i + 1 < input.count)
            continue;
        run->parts[run->part_count++].input = (struct bench_input){
            slice_of(input.values[first].ptr, octets), input.values + first, i + 1 - first};
        first = i + 1;
        octets = 0;
    }
}

static void end_run(struct run *run)
{
    free((void *)(uintptr_t)run->input.all.ptr);
    free(run->input.values);
    free(run->parts);
}

static bench_job *job_of(const struct row *row, enum who who)
{
    bench_job *const jobs[] = {
        [LINES] = row->unit == VALUE ? NULL : bench_memchr,
        [OURS] = row->ours,
        [GMIME] = row->gmime,
        [ETPAN] = row->etpan,
    };
    return jobs[who];
}

static void keep_least(double *least, double ns)
{
    if (*least == 0 || ns < *least)
        *least = ns;
}

static void measure(struct run *run, struct part *part, enum who who)
{
    bench_job *job = job_of(run->row, who);
    if (job == NULL)
        return;
    size_t before = allocations;
    double start = now_ns();
    size_t found = job(&part->input);
    keep_least(&part->batch_ns[who], now_ns() - start);
    if (who == OURS) {
        run->found += found;
        run->allocations += allocations - before;
    }
}

/* Ours and memchr take turns part by part, and in who comes first: who comes second finds the part
 * in the cache. */
static void run_round(struct run *run, unsigned round)
{
    for (struct part *part = run->parts; part < run->parts + run->part_count; part++) {
        bool ours_first = round % 2 == 1;
        measure(run, part, ours_first ? OURS : LINES);
        measure(run, part, ours_first ? LINES : OURS);
        if (round < PEER_ROUNDS) {
            measure(run, part, GMIME);
            measure(run, part, ETPAN);
        }
    }
}

static double figure_of(const struct run *run, double lines_ns, double ours_ns)
{
    return run->row->unit == VALUE ? ours_ns / (double)run->units : lines_ns / ours_ns;
}

static void end_batch(struct run *run)
{
    double ns[EVERYONE] = {0};
    for (struct part *part = run->parts; part < run->parts + run->part_count; part++) {
        for (enum who who = LINES; who < EVERYONE; who++) {
            ns[who] += part->batch_ns[who];
            if (part->batch_ns[who] > 0)
                keep_least(&part->ns[who], part->batch_ns[who]);
            part->batch_ns[who] = 0;
        }
    }
    double figure = figure_of(run, ns[LINES], ns[OURS]);
    keep_least(&run->least, figure);
    run->most = figure > run->most ? figure : run->most;
}

/* ---- the table ---- */

static void print_peer(const struct run *run, enum who who, double ns)
{
    if (job_of(run->row, who) == NULL)
        printf(" %9s", "");
    else
        printf(" %9.1f", ns / (double)run->units);
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

static void print_run(const struct run *run)
{
    double total[EVERYONE] = {0};
    for (const struct part *part = run->parts; part < run->parts + run->part_count; part++)
        for (enum who who = LINES; who < EVERYONE; who++)
            total[who] += part->ns[who];
    double ns = total[OURS] / (double)run->units, speed = total[LINES] / total[OURS];
    printf("%-42s %6.1f", run->row->title, (double)run->input.all.len / (double)run->units);
    if (run->found == 0) {
        printf(" %8s\n", "-");
        return;
    }
    printf(" %8.1f", ns);
    if (run->row->unit == VALUE)
        printf(" %7s %6.1f-%-6.1f", "", run->least, run->most);
    else
        printf(" %6.2fx %6.2f-%-6.2f", speed, run->least, run->most);
    print_target(run->row, speed, ns);
    printf(" %6.2f", (double)run->allocations / (double)(run->units * BATCHES * ROUNDS));
    print_peer(run, GMIME, total[GMIME]);
    print_peer(run, ETPAN, total[ETPAN]);
    printf("\n");
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: bench-parsers SAMPLES [TITLE]   (harness/dev bench parsers runs it;"
                        " TITLE: part of the titles of the rows to run)\n");
        return 2;
    }
    static struct run runs[sizeof rows / sizeof *rows];
    size_t count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (is_asked_for(&rows[i], argc == 3 ? argv[2] : ""))
            begin_run(&runs[count++], &rows[i], argv[1]);
    if (count == 0)
        return 0;
    bench_peers_begin();
    for (unsigned round = 0; round < BATCHES * ROUNDS; round++) {
        for (size_t i = 0; i < count; i++)
            run_round(&runs[i], round);
        for (size_t i = 0; i < count && round % ROUNDS == ROUNDS - 1; i++)
            end_batch(&runs[i]);
    }
    printf(
        "Vectors: %s. speed: as a multiple of that of a memchr('\\n') loop over the same "
        "octets%s.\n"
        "Times are the least of %d rounds, which go through all rows, for each %d KB of a sample;\n"
        "batches: the lowest and the highest of the speeds, or ns, that %d batches of %d rounds "
        "give\n"
        "by themselves. Octets, ns and allocations are for each field, header, value or line.\n"
        "\n%-42s %6s %8s %7s %-13s %-13s %6s %9s %9s\n",
        scan_way(0)->name, has_sse2_memchr() ? ", by SSE2 too" : "", BATCHES * ROUNDS,
        PART_OCTETS / 1024, BATCHES, ROUNDS, "", "octets", "ns", "speed", "   batches", " target",
        "allocs", "GMime ns", "libetpan");
    for (size_t i = 0; i < count; i++) {
        print_run(&runs[i]);
        end_run(&runs[i]);
    }
    return 0;
}
