#include "net/process.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "net/internal.h"

struct net_process {
    uv_process_t uv;
    uv_pipe_t said_pipe;
    const struct net_process_events *events;
    void *context;
    int pid;
    int open; /* handles */
    bool running, reading, freed;
    int exit_code, signal;
    char buffer[4096];
    uint8_t said[NET_PROCESS_SAID];
    size_t said_len;
};

/* Keeps the first half and the newest of the rest: what a program says first tells most. */
static void keep(struct net_process *p, const char *octets, size_t count)
{
    const size_t half = NET_PROCESS_SAID / 2;
    size_t room = sizeof p->said - p->said_len;
    if (count > room) {
        size_t gone = count - room;
        memmove(p->said + half, p->said + half + gone, p->said_len - half - gone);
        p->said_len -= gone;
    }
    memcpy(p->said + p->said_len, octets, count);
    p->said_len += count;
}

static void free_when_closed(uv_handle_t *handle)
{
    struct net_process *p = handle->data;
    if (--p->open == 0 && p->freed)
        free(p);
}

/* A shell that waited for the program says with 128 + N that signal N ended it. */
static int signal_of(int64_t exit_code)
{
    static const int crashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGKILL, SIGSYS};
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        if (exit_code == 128 + crashes[i])
            return crashes[i];
    return 0;
}

/* Its end is told when both the process and its output have ended. */
static void tell(struct net_process *p)
{
    if (!p->running && !p->reading && !p->freed)
        p->events->ended(p->context, p->exit_code, p->signal);
}

static void close_pipe(struct net_process *p)
{
    if (!p->reading)
        return;
    p->reading = false;
    uv_close((uv_handle_t *)&p->said_pipe, free_when_closed);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buffer)
{
    struct net_process *p = handle->data;
    (void)suggested;
    *ret_buffer = uv_buf_init(p->buffer, sizeof p->buffer);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct net_process *p = stream->data;
    if (count > 0)
        keep(p, buffer->base, (size_t)count);
    if (count >= 0)
        return;
    close_pipe(p);
    tell(p);
}

static void on_exit(uv_process_t *uv, int64_t exit_code, int signal)
{
    struct net_process *p = uv->data;
    p->running = false;
    p->exit_code = (int)exit_code;
    p->signal = signal != 0 ? signal : signal_of(exit_code);
    kill(-p->pid, SIGKILL); /* children that hold its output open */
    uv_close((uv_handle_t *)&p->uv, free_when_closed);
    tell(p);
}

struct net_process *net_process_start(struct net_loop *loop, const char *command,
                                      const struct net_process_events *events, void *context,
                                      struct net_error *ret_error)
{
    struct net_process *p = net_alloc(sizeof *p);
    static const char first[] = "exec 2>&1\n";
    char shell[] = "/bin/sh", option[] = "-c";
    char *text = net_alloc(sizeof first + strlen(command));
    char *arguments[] = {shell, option, text, NULL};
    uv_stdio_container_t io[] = {
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&p->said_pipe},
        {.flags = UV_IGNORE}};
    uv_process_options_t options = {.file = shell,
                                    .args = arguments,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio = io,
                                    .stdio_count = 3,
                                    .exit_cb = on_exit};
    memcpy(text, first, sizeof first);
    memcpy(text + sizeof first - 1, command, strlen(command) + 1);
    p->events = events;
    p->context = context;
    uv_pipe_init(&loop->uv, &p->said_pipe, 0);
    p->uv.data = p->said_pipe.data = p;
    p->open = 2;
    p->reading = true;
    int failed = uv_spawn(&loop->uv, &p->uv, &options);
    free(text);
    if (failed != 0) {
        net_error_set(ret_error, NET_SYSTEM, "cannot start /bin/sh: %s", uv_strerror(failed));
        p->freed = true;
        close_pipe(p);
        uv_close((uv_handle_t *)&p->uv, free_when_closed);
        return NULL;
    }
    p->pid = uv_process_get_pid(&p->uv);
    p->running = true;
    uv_read_start((uv_stream_t *)&p->said_pipe, on_alloc, on_read);
    return p;
}

const uint8_t *net_process_said(const struct net_process *p, size_t *ret_octets)
{
    *ret_octets = p->said_len;
    return p->said;
}

void net_process_signal(struct net_process *p, int signal)
{
    if (p->running)
        kill(-p->pid, signal);
}

void net_process_free(struct net_process *p)
{
    p->freed = true;
    net_process_signal(p, SIGKILL);
    close_pipe(p);
    if (p->open == 0)
        free(p);
}
