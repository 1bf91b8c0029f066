/*
 * hoard: which dialogue a server keeps memory of, where its memory has grown.
 */
#ifndef MAILDRILL_CLI_FUZZ_HOARD_H
#define MAILDRILL_CLI_FUZZ_HOARD_H

#include "cli/fuzz/verify.h"

/**
 * Says each input of the campaign's corpus some times to a server that was started anew, and makes
 * the one small that it keeps most of. True where there is one: it stands in
 * OUT/unconfirmed/memory.octets, and *ret_kib is what each such dialogue leaves behind. Half a
 * minute at most.
 */
bool hoard_find(struct verify *verify, uint64_t *ret_kib);

#endif
