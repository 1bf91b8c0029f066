/*
 * process: a program that runs beside the loop: a mail client, or the server under test.
 *
 * The command goes to /bin/sh -c, in a process group of its own, with an empty standard input. The
 * end of what it says on standard output and standard error is kept.
 */
#ifndef MAILDRILL_NET_PROCESS_H
#define MAILDRILL_NET_PROCESS_H

#include "net/net.h"

#define NET_PROCESS_SAID 65536u /* octets that are kept: the first half, and the last one */

struct net_process;

struct net_process_events {
    /** It has ended, and what it said has been read: with an exit code, or by a signal (0: none).
     */
    void (*ended)(void *context, int exit_code, int signal);
};

/** Starts it; NULL with the reason in *ret_error. */
struct net_process *net_process_start(struct net_loop *loop, const char *command,
                                      const struct net_process_events *events, void *context,
                                      struct net_error *ret_error);
/** What it said, up to NET_PROCESS_SAID octets; valid until it says more. */
const uint8_t *net_process_said(const struct net_process *process, size_t *ret_octets);
/** Sends a signal to its process group, where it still runs. */
void net_process_signal(struct net_process *process, int signal);
/** Kills it where it still runs, and frees it; `ended` does not follow. */
void net_process_free(struct net_process *process);

#endif
