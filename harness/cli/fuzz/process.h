/*
 * process: the server that a campaign started (--exec), or was told of (--pid).
 */
#ifndef MAILDRILL_CLI_FUZZ_PROCESS_H
#define MAILDRILL_CLI_FUZZ_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process {
    const char *command; /* for the shell; NULL: it is not ours to start */
    const char *log;     /* the file that its output goes to */
    long pid;            /* 0: not known */
    bool ours;           /* it runs, and was started here */
    long log_at;         /* its octets before that were looked at */
    char report[200];    /* the line that the last one begins with */
    int status;          /* how it ended */
};

/** Starts the command; false with errno where that cannot be. It is ended with this process. */
bool process_start(struct process *process);

/** False once it has ended; true where nothing is known of it. */
bool process_lives(struct process *process);

/** Ends it, where it is ours: asks, and insists after a second. */
void process_stop(struct process *process);

/** Whether sanitizers reported since the last call. */
bool process_reported(struct process *process);

/** Where the program was when a sanitizer reported last: the function, or the line where it names
 * none; as part of a file's name. False where that is not known. */
bool process_cause(const struct process *process, char *out, size_t size);

/** KiB of memory that it and the processes that it started have for themselves; 0 where that is not
 * known. */
uint64_t process_memory_kib(const struct process *process);

#endif
