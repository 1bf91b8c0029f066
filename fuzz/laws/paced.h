/*
 * paced: a second reading of when a client of the engine may say what: no credentials where TLS was
 * refused, no answer that was not asked for, nothing without a value; how often, and in how large
 * writes; and of what is required, what an alert is.
 */
#ifndef MAILDRILL_FUZZ_LAWS_PACED_H
#define MAILDRILL_FUZZ_LAWS_PACED_H

#include "engine/engine.h"

#define PACED_STEPS 256 /* that are looked at */

struct paced {
    const struct script_test *test;
    size_t rounds;                 /* of %repeat that it plays */
    unsigned refused[PACED_STEPS]; /* the code that differed, of each S: line; or 0 */
    size_t said[PACED_STEPS];      /* how often each line was */
    bool secured;                  /* TLS came at some time */
    size_t tls_refused;            /* the %tls that a refusal passed over; or the last step */
    size_t pieces;                 /* writes, of one %segment */
    const struct script_segment *segment; /* of all that is sent, or NULL */
    uint64_t offered;                     /* bits of what %require asks of EHLO */
};

void paced_begin(struct paced *p, const struct script_test *test, size_t rounds);

/** An event of a client. */
void paced_event(struct paced *p, const struct engine_event *event);

/** Octets leave in one write. */
void paced_write(struct paced *p, size_t octets);

#endif
