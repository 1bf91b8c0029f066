#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/internal.h"

void *net_alloc(size_t octets)
{
    void *memory = calloc(1, octets);
    if (memory == NULL)
        abort();
    return memory;
}

void net_error_set(struct net_error *error, int kind, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error->kind = (unsigned)kind;
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
}

struct net_loop *net_loop_new(void)
{
    /* Its buffer is not touched before it is read into. */
    struct net_loop *loop = malloc(sizeof *loop);
    if (loop == NULL)
        abort();
    signal(SIGPIPE, SIG_IGN); /* a peer that went away is an error code, not the end */
    if (uv_loop_init(&loop->uv) != 0)
        abort();
    return loop;
}

void net_loop_free(struct net_loop *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    uv_loop_close(&loop->uv);
    free(loop);
}

void net_run(struct net_loop *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void net_stop(struct net_loop *loop)
{
    uv_stop(&loop->uv);
}

uint64_t net_now(const struct net_loop *loop)
{
    return uv_now(&loop->uv);
}

/* ---- timers ---- */

struct net_timer {
    uv_timer_t uv;
    struct net_loop *loop;
    void (*fire)(void *context);
    void *context;
    uint64_t at_ms, armed_ms; /* when it is to fire; when libuv wakes it: not later */
};

static void free_handle(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_wake(uv_timer_t *uv);

static void arm(struct net_timer *timer)
{
    uint64_t now = uv_now(&timer->loop->uv);
    timer->armed_ms = timer->at_ms;
    uv_timer_start(&timer->uv, on_wake, timer->at_ms > now ? timer->at_ms - now : 0, 0);
}

static void on_wake(uv_timer_t *uv)
{
    struct net_timer *timer = uv->data;
    timer->armed_ms = UINT64_MAX;
    if (timer->at_ms > uv_now(&timer->loop->uv))
        arm(timer); /* it was put off */
    else
        timer->fire(timer->context);
}

struct net_timer *net_timer_new(struct net_loop *loop, void (*fire)(void *context), void *context)
{
    struct net_timer *timer = net_alloc(sizeof *timer);
    timer->loop = loop;
    timer->fire = fire;
    timer->context = context;
    timer->armed_ms = UINT64_MAX;
    uv_timer_init(&loop->uv, &timer->uv);
    timer->uv.data = timer;
    return timer;
}

void net_timer_set(struct net_timer *timer, uint64_t at_ms)
{
    timer->at_ms = at_ms;
    if (at_ms == UINT64_MAX) {
        timer->armed_ms = at_ms;
        uv_timer_stop(&timer->uv);
    } else if (at_ms < timer->armed_ms) { /* a deadline is mostly put off, again and again */
        arm(timer);
    }
}

void net_timer_free(struct net_timer *timer)
{
    uv_close((uv_handle_t *)&timer->uv, free_handle);
}

/* ---- signals ---- */

#define SIGNALS 3

struct net_signals {
    uv_signal_t uv[SIGNALS];
    int open;
    void (*interrupted)(void *context);
    void *context;
};

static void on_signal(uv_signal_t *uv, int number)
{
    struct net_signals *signals = uv->data;
    (void)number;
    signals->interrupted(signals->context);
}

static bool is_ignored(int number)
{
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

struct net_signals *net_signals_new(struct net_loop *loop, void (*interrupted)(void *context),
                                    void *context)
{
    static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
    struct net_signals *signals = net_alloc(sizeof *signals);
    signals->interrupted = interrupted;
    signals->context = context;
    for (size_t i = 0; i < SIGNALS; i++) {
        uv_signal_init(&loop->uv, &signals->uv[i]);
        signals->uv[i].data = signals;
        if (numbers[i] != SIGHUP || !is_ignored(SIGHUP)) /* as nohup wishes */
            uv_signal_start(&signals->uv[i], on_signal, numbers[i]);
        uv_unref((uv_handle_t *)&signals->uv[i]);
        signals->open++;
    }
    return signals;
}

static void on_signal_closed(uv_handle_t *handle)
{
    struct net_signals *signals = handle->data;
    if (--signals->open == 0)
        free(signals);
}

void net_signals_free(struct net_signals *signals)
{
    for (size_t i = 0; i < SIGNALS; i++)
        uv_close((uv_handle_t *)&signals->uv[i], on_signal_closed);
}
