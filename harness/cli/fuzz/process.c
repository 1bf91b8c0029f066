#define _GNU_SOURCE

#include "cli/fuzz/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void be_the_server(const struct process *p)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    int nothing = open("/dev/null", O_RDONLY);
    int log = open(p->log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(nothing, 0);
    dup2(log, 1);
    dup2(log, 2);
    signal(SIGINT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    execl("/bin/sh", "sh", "-c", p->command, (char *)NULL);
    _exit(127);
}

bool process_start(struct process *p)
{
    pid_t pid = fork();
    if (pid == 0)
        be_the_server(p);
    p->pid = pid;
    p->ours = pid > 0;
    return p->ours;
}

bool process_lives(struct process *p)
{
    if (p->ours && waitpid((pid_t)p->pid, &p->status, WNOHANG) == (pid_t)p->pid)
        p->ours = false;
    if (p->command != NULL)
        return p->ours;
    return p->pid == 0 || kill((pid_t)p->pid, 0) == 0 || errno == EPERM;
}

void process_stop(struct process *p)
{
    struct timespec moment = {.tv_nsec = 10000000};
    if (!p->ours)
        return;
    kill(-(pid_t)p->pid, SIGTERM);
    for (unsigned i = 0; i < 100 && process_lives(p); i++)
        nanosleep(&moment, NULL);
    kill(-(pid_t)p->pid, SIGKILL); /* its children, too */
    if (p->ours)
        waitpid((pid_t)p->pid, &p->status, 0);
    p->ours = false;
}

bool process_reported(struct process *p)
{
    static const char *const signs[] = {
        "ERROR: AddressSanitizer",  "ERROR: LeakSanitizer", "WARNING: MemorySanitizer",
        "WARNING: ThreadSanitizer", "runtime error: ",      "ERROR: UndefinedBehaviorSanitizer"};
    char line[1024];
    size_t found = 0;
    FILE *file = p->command == NULL ? NULL : fopen(p->log, "r");
    if (file == NULL)
        return false;
    while (fgets(line, sizeof line, file) != NULL)
        for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
            if (strstr(line, signs[i]) != NULL) {
                found++;
                break;
            }
    fclose(file);
    bool more = found > p->reports;
    p->reports = found;
    return more;
}

uint64_t process_memory_kib(const struct process *p)
{
    char path[64];
    unsigned long size = 0, resident = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", p->pid);
    FILE *file = p->pid == 0 ? NULL : fopen(path, "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%lu %lu", &size, &resident) != 2)
        resident = 0;
    fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}
