/*
 * bench: parsers against each other and against a memchr('\n') loop, over the same octets, in one
 * run. Only ratios count: the speed of a machine is not constant, that of two jobs in one run is.
 */
#ifndef MAILDRILL_BENCH_BENCH_H
#define MAILDRILL_BENCH_BENCH_H

#include "base/slice.h"

/* The input of a group of jobs. */
struct bench_input {
    struct slice all;     /* the sample, one element after another */
    struct slice *values; /* the elements of it that the group is about */
    size_t count;
};

struct bench_job {
    const char *name;
    /* Reads the whole input; the number of elements found, which says that jobs do the same. */
    size_t (*run)(const struct bench_input *input);
};

/* Jobs of the peers that this build found; a NULL name ends each list. */
extern const struct bench_job bench_peers_split[], bench_peers_structured[], bench_peers_address[],
    bench_peers_date[], bench_peers_msgid[];
void bench_peers_begin(void);

#endif
