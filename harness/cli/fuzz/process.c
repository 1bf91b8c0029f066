#define _GNU_SOURCE

#include "cli/fuzz/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
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

/* Where what begins a report stands in a line; NULL: nowhere. */
static char *report_in(char *line)
{
    static const char *const signs[] = {
        "ERROR: AddressSanitizer",  "ERROR: LeakSanitizer", "WARNING: MemorySanitizer",
        "WARNING: ThreadSanitizer", "runtime error: ",      "ERROR: UndefinedBehaviorSanitizer"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        char *at = strstr(line, signs[i]);
        if (at != NULL)
            return at;
    }
    return NULL;
}

/* What was not looked at yet; a line that has not ended is looked at again. */
bool process_reported(struct process *p)
{
    char line[1024];
    struct stat info;
    bool found = false;
    if (p->command == NULL || stat(p->log, &info) != 0 || info.st_size == p->log_at)
        return false;
    FILE *file = fopen(p->log, "r");
    if (file == NULL)
        return false;
    fseek(file, p->log_at, SEEK_SET);
    while (fgets(line, sizeof line, file) != NULL) {
        if (report_in(line) != NULL) {
            found = true;
            snprintf(p->report, sizeof p->report, "%.*s", (int)strcspn(line, "\r\n"), line);
        }
        if (strchr(line, '\n') != NULL)
            p->log_at = ftell(file);
    }
    fclose(file);
    return found;
}

/* "    #1 0x4f2a11 in read_path /src/path.c:12:3": of those that are the sanitizer's own or the C
 * library's, none. */
static bool frame_in(const char *line, char *out, size_t size)
{
    static const char *const others[] = {"compiler-rt", "libsanitizer", "sysdeps", "/libc"};
    char name[128];
    unsigned number;
    if (sscanf(line, " #%u 0x%*x in %127[A-Za-z0-9_]", &number, name) != 2 ||
        strncmp(name, "__", 2) == 0)
        return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strstr(line, others[i]) != NULL)
            return false;
    snprintf(out, size, "%s", name);
    return true;
}

/* "/src/path.c:12:3: runtime error: ...": "path.c-12" */
static void place_before(char *line, char *report, char *out, size_t size)
{
    char name[128];
    unsigned number;
    *report = '\0';
    const char *base = strrchr(line, '/');
    out[0] = '\0';
    if (sscanf(base == NULL ? line : base + 1, "%127[A-Za-z0-9_.]:%u", name, &number) == 2)
        snprintf(out, size, "%s-%u", name, number);
}

bool process_cause(const struct process *p, char *out, size_t size)
{
    char line[1024];
    bool own = true; /* the report's frame was seen */
    FILE *file = p->command == NULL ? NULL : fopen(p->log, "r");
    out[0] = '\0';
    if (file == NULL)
        return false;
    while (fgets(line, sizeof line, file) != NULL) {
        char *report = report_in(line);
        if (report != NULL)
            place_before(line, report, out, size);
        own = report == NULL && (own || frame_in(line, out, size));
    }
    fclose(file);
    return out[0] != '\0';
}

/* ---- memory ---- */

#define MAX_PROCESSES 4096

static struct family {
    long pid, parent;
    bool belongs;
} family[MAX_PROCESSES];

/* PID (NAME) STATE PPID ...: the name may hold anything. */
static long parent_of(long pid)
{
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    size_t len = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[len] = '\0';
    long parent = 0;
    const char *behind = strrchr(line, ')');
    return behind != NULL && sscanf(behind + 1, " %*c %ld", &parent) == 1 ? parent : 0;
}

static size_t list_processes(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc");
    for (struct dirent *entry;
         folder != NULL && count < MAX_PROCESSES && (entry = readdir(folder)) != NULL;) {
        long pid = strtol(entry->d_name, NULL, 10);
        if (pid > 0)
            family[count++] = (struct family){pid, parent_of(pid), false};
    }
    if (folder != NULL)
        closedir(folder);
    return count;
}

/* What no other process has, for the most part: its pages that are of no file. */
static uint64_t own_kib(long pid)
{
    char path[64];
    unsigned long size = 0, resident = 0, shared = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    bool read = fscanf(file, "%lu %lu %lu", &size, &resident, &shared) == 3 && resident > shared;
    fclose(file);
    return read ? (uint64_t)(resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE) / 1024 : 0;
}

/* With those that it started: "sh -c" is a shell's process, and the server is its child. */
uint64_t process_memory_kib(const struct process *p)
{
    uint64_t kib = 0;
    if (p->pid == 0)
        return 0;
    size_t count = list_processes();
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < count; i++) {
            bool belongs = family[i].pid == p->pid;
            for (size_t k = 0; k < count && !belongs && !family[i].belongs; k++)
                belongs = family[k].belongs && family[k].pid == family[i].parent;
            more = more || (belongs && !family[i].belongs);
            family[i].belongs = family[i].belongs || belongs;
        }
    }
    for (size_t i = 0; i < count; i++)
        kib += family[i].belongs ? own_kib(family[i].pid) : 0;
    return kib;
}
