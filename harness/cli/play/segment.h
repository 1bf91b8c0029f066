/*
 * segment: --segment, the ways in which the writes of a test are cut. A server reads octets, not
 * writes (RFC 9293 3.7: TCP keeps no boundaries): whatever the cut, the dialogue must be the same.
 */
#ifndef MAILDRILL_CLI_SEGMENT_H
#define MAILDRILL_CLI_SEGMENT_H

#include "cli/options.h"
#include "cli/play/drive.h"

/* A test is cut at each of its first octets, so many at most. One that sends much would send it as
 * often: it is cut at some of them, evenly spread, so that all its cuts send no more than that. */
#define SEGMENT_MAX_CUTS   4096
#define SEGMENT_MAX_OCTETS (256u * 1024 * 1024)

/** How many ways there are for a test that sends `octets`, besides that in which it is written. */
size_t segment_count(enum segment mode, const struct script_test *test, size_t octets);

/** The cut of way `number`, from 1; 0: none. */
struct drive_cut segment_cut(enum segment mode, size_t number, size_t octets);

/** "writes cut after octet 17", with its NUL. */
void segment_name(enum segment mode, size_t number, size_t octets, char *out, size_t size);

#endif
