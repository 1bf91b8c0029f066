/*
 * bench: parsers against each other and against a memchr('\n') loop, over the same octets, in one
 * run. Only ratios count: the speed of a machine is not constant, that of two jobs in one run is.
 */
#ifndef MAILDRILL_BENCH_BENCH_H
#define MAILDRILL_BENCH_BENCH_H

#include "base/slice.h"

struct bench_input {
    struct slice all;     /* the sample, one element after another */
    struct slice *values; /* what of it the group is about: headers, bodies of fields, lines */
    size_t count;
};

struct bench_job {
    const char *name;
    /* Reads the whole input; the number of elements found. NULL: no such job in this build. */
    size_t (*run)(const struct bench_input *input);
};

/* The jobs of peers, for each group as many as there are; a NULL name ends a list. */
extern const struct bench_job bench_peers_split[], bench_peers_structured[], bench_peers_address[],
    bench_peers_date[], bench_peers_msgid[];
void bench_peers_begin(void);

#endif
