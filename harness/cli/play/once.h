/*
 * once: one test against one server, as often as wanted. For what asks a server again and again; a
 * run of many tests is play's.
 */
#ifndef MAILDRILL_CLI_ONCE_H
#define MAILDRILL_CLI_ONCE_H

#include "cli/options.h"
#include "report/log.h"

struct once;

/** The server of --server, or the embedded one; NULL with the reason printed. */
struct once *once_open(const struct options *options);

/** Plays a test; `log` is cleared first. Each wait that has no bound of its own ends after
 * `timeout_ms`. */
enum engine_verdict once_play(struct once *once, const struct script_test *test,
                              uint64_t timeout_ms, struct log *log);

/** A signal asked to end: plays end at once. */
bool once_interrupted(const struct once *once);

void once_close(struct once *once);

#endif
