/*
 * agreement: whether all servers do the same at a test: its outcome, and the code of each reply.
 */
#ifndef MAILDRILL_REPORT_AGREEMENT_H
#define MAILDRILL_REPORT_AGREEMENT_H

#include "report/buffer.h"
#include "report/result.h"

struct agreement {
    const struct script_test *test; /* of the results so far, */
    size_t repeat;                  /* ... and which time it was played */
    const char *outcome;            /* of the last one */
    struct buffer codes;            /* likewise */
    bool broken;                    /* two of them differ */
};

/** Takes the next result; that of another test, or time, begins anew. True where it is the first
 * that differs. */
bool agreement_add(struct agreement *agreement, const struct report_result *result);
void agreement_free(struct agreement *agreement);

#endif
