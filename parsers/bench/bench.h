/*
 * bench: parsers against each other and against a memchr('\n') loop, over the same octets, in one
 * run. Only ratios count, of times taken by turns: the speed of a machine is not constant, and what
 * slows it does not slow all jobs alike.
 */
#ifndef MAILDRILL_BENCH_BENCH_H
#define MAILDRILL_BENCH_BENCH_H

#include "base/slice.h"

struct bench_input {
    struct slice all;     /* the sample, one element after another */
    struct slice *values; /* what of it the row is about: headers, bodies of fields */
    size_t count;
};

/** Reads the whole input; the number of elements found. */
typedef size_t bench_job(const struct bench_input *input);

/* The yardstick. */
bench_job bench_memchr;

/* ours.c; the scans of a way that this machine lacks find nothing. */
bench_job bench_header, bench_avx2_scan, bench_sse2_scan, bench_portable_scan, bench_structured,
    bench_address, bench_msgid, bench_date, bench_received, bench_command, bench_reply, bench_ehlo;

/* peers.c: GMime and libetpan, as Debian packages them. */
void bench_peers_begin(void);
bench_job bench_gmime_header, bench_gmime_message, bench_gmime_address, bench_gmime_msgid,
    bench_gmime_date;
bench_job bench_etpan_header, bench_etpan_message, bench_etpan_address, bench_etpan_msgid,
    bench_etpan_date;

#endif
