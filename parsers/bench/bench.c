#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "imf/header.h"

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

static size_t run_memchr_values(const struct bench_input *input)
{
    size_t found = 0;
    for (size_t i = 0; i < input->count; i++)
        found += slice_find(input->values[i], '\n') == input->values[i].len;
    return found;
}

/* ---- header sections ---- */

static const struct scan_way *way; /* of run_scan */

static size_t run_scan(const struct bench_input *input)
{
    struct scan_marks marks;
    size_t fields = 0;
    for (size_t at = 0; at < input->all.len;) {
        way->fields(slice_from(input->all, at), &marks);
        if (marks.count == 0)
            break;
        fields += marks.count;
        at += marks.mark[marks.count].start;
    }
    return fields;
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

static const struct bench_job split_jobs[] = {
    {"scan only, this processor's best way", run_scan},
    {"maildrill imf_header", run_header},
    {NULL, NULL},
};
