#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/internal.h"

static void try_next_address(struct net_stream *s);

/* ---- ends ---- */

static void release(struct net_stream *s)
{
    if (--s->open > 0)
        return;
    if (s->events->closed != NULL)
        s->events->closed(s->context);
    net_secure_free(s);
    freeaddrinfo(s->addresses);
    free(s);
}

static void on_timer_closed(uv_handle_t *handle)
{
    release(handle->data);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct net_stream *s = handle->data;
    free(handle);
    release(s);
}

static void close_handle(struct net_stream *s)
{
    if (s->handle != NULL)
        uv_close(&s->handle->any, on_handle_closed);
    s->handle = NULL;
}

void net_stream_fail(struct net_stream *s, int kind, const char *format, ...)
{
    struct net_error error = {.kind = (unsigned)kind};
    va_list arguments;
    if (s->closing || s->failed)
        return;
    va_start(arguments, format);
    vsnprintf(error.text, sizeof error.text, format, arguments);
    va_end(arguments);
    s->failed = true;
    uv_timer_stop(&s->timer);
    if (s->connected)
        uv_read_stop(&s->handle->stream);
    if (s->events->failed != NULL)
        s->events->failed(s->context, &error);
}

static void end(struct net_stream *s, bool reset)
{
    if (s->closing)
        return;
    if (s->connected && !s->failed && !reset)
        net_secure_shutdown(s);
    s->closing = true;
    if (s->resolving)
        uv_cancel((uv_req_t *)&s->resolve);
    if (reset && s->connected && !s->local) {
        struct linger linger = {.l_onoff = 1, .l_linger = 0};
        uv_os_fd_t fd;
        if (uv_fileno(&s->handle->any, &fd) == 0)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    }
    uv_close((uv_handle_t *)&s->timer, on_timer_closed);
    close_handle(s);
}

void net_close(struct net_stream *stream)
{
    end(stream, false);
}

void net_reset(struct net_stream *stream)
{
    end(stream, true);
}

/* ---- reading ---- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct net_stream *s = handle->data;
    (void)suggested;
    *buffer = uv_buf_init(s->loop->read_buffer, NET_READ_OCTETS);
}

/* A server that sends a reply in small pieces waits for our acknowledgement (Nagle), which we
 * delay: 40 ms a piece, unless it is asked for. What is sent at once in answer carries it anyway.
 */
static void acknowledge_at_once(struct net_stream *s)
{
#ifdef TCP_QUICKACK
    uv_os_fd_t fd;
    int on = 1;
    if (!s->closing && !s->local && uv_fileno(&s->handle->any, &fd) == 0)
        setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
#else
    (void)s;
#endif
}

void net_stream_end(struct net_stream *s)
{
    if (s->ended || s->closing || s->failed)
        return;
    s->ended = true;
    if (s->ssl != NULL && !s->secured)
        net_stream_fail(s, NET_TLS, "the peer closed the connection during the TLS handshake");
    else if (s->events->ended != NULL)
        s->events->ended(s->context);
}

static void lose(struct net_stream *s, int why)
{
    net_stream_fail(s, NET_RESET, "connection lost: %s", uv_strerror(why));
}

static void on_read(uv_stream_t *tcp, ssize_t count, const uv_buf_t *buffer)
{
    struct net_stream *s = tcp->data;
    if (s->closing || s->failed || count == 0)
        return;
    if (count == UV_EOF && s->broken != 0) {
        lose(s, s->broken);
    } else if (count == UV_EOF) {
        uv_read_stop(tcp);
        net_stream_end(s);
    } else if (count < 0) {
        lose(s, (int)count);
    } else {
        const uint8_t *octets = (const uint8_t *)buffer->base;
        s->answered = false;
        if (s->ssl != NULL)
            net_secure_feed(s, octets, (size_t)count);
        else if (s->events->received != NULL)
            s->events->received(s->context, octets, (size_t)count);
        if (!s->answered)
            acknowledge_at_once(s);
    }
}

void net_pause(struct net_stream *s, bool paused)
{
    if (!s->connected || s->closing || s->failed || s->ended || s->paused == paused)
        return;
    s->paused = paused;
    if (paused)
        uv_read_stop(&s->handle->stream);
    else
        uv_read_start(&s->handle->stream, on_alloc, on_read);
}

void net_stream_begin(struct net_stream *s)
{
    s->connected = true;
    uv_timer_stop(&s->timer);
    if (!s->local)
        uv_tcp_nodelay(&s->handle->tcp, 1);
    uv_read_start(&s->handle->stream, on_alloc, on_read);
}

/* ---- writing ---- */

struct write {
    uv_write_t uv;
    struct net_stream *stream;
    size_t count;
    uint8_t octets[];
};

static void on_written(uv_write_t *uv, int status)
{
    struct write *write = uv->data;
    struct net_stream *s = write->stream;
    s->unsent -= write->count;
    free(write);
    if (status == 0 && s->unsent == 0 && !s->closing && !s->failed && s->events->sent != NULL)
        s->events->sent(s->context);
    if (status < 0 && status != UV_ECANCELED) {
        s->broken = status; /* a reply may stand before the reset: its end is read, too */
        if (s->ended)
            lose(s, status);
    }
    release(s);
}

void net_stream_write(struct net_stream *s, const uint8_t *octets, size_t count)
{
    if (!s->connected || s->closing || s->failed || s->broken != 0 || count == 0)
        return;
    s->answered = true;
    if (s->unsent == 0) {
        uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)octets, (unsigned)count);
        int taken = uv_try_write(&s->handle->stream, &buffer, 1);
        if (taken > 0) {
            octets += taken;
            count -= (size_t)taken;
        }
        if (count == 0)
            return;
    }
    struct write *write = net_alloc(sizeof *write + count);
    write->stream = s;
    write->count = count;
    write->uv.data = write;
    memcpy(write->octets, octets, count);
    uv_buf_t buffer = uv_buf_init((char *)write->octets, (unsigned)count);
    s->unsent += count;
    s->open++;
    if (uv_write(&write->uv, &s->handle->stream, &buffer, 1, on_written) != 0)
        on_written(&write->uv, UV_ECANCELED);
}

void net_send(struct net_stream *s, const uint8_t *octets, size_t count)
{
    if (s->ssl != NULL)
        net_secure_send(s, octets, count);
    else
        net_stream_write(s, octets, count);
}

size_t net_unsent(const struct net_stream *s)
{
    return s->unsent;
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    struct net_stream *s = request->data;
    (void)status;
    free(request);
    release(s);
}

void net_shutdown(struct net_stream *s)
{
    if (!s->connected || s->closing || s->failed)
        return;
    net_secure_shutdown(s);
    uv_shutdown_t *request = net_alloc(sizeof *request);
    request->data = s;
    s->open++;
    if (uv_shutdown(request, &s->handle->stream, on_shutdown) != 0)
        on_shutdown(request, UV_ECANCELED);
}

/* ---- connecting ---- */

bool net_is_local(const char *host)
{
    return host[0] == '/';
}

void net_handle_init(struct net_loop *loop, union net_handle *handle, bool local)
{
    if (local)
        uv_pipe_init(&loop->uv, &handle->pipe, 0);
    else
        uv_tcp_init(&loop->uv, &handle->tcp);
}

static void new_handle(struct net_stream *s)
{
    s->handle = net_alloc(sizeof *s->handle);
    net_handle_init(s->loop, s->handle, s->local);
    s->handle->any.data = s;
    s->open++;
}

struct net_stream *net_stream_new(struct net_loop *loop, bool local)
{
    struct net_stream *s = net_alloc(sizeof *s);
    s->loop = loop;
    s->local = local;
    uv_timer_init(&loop->uv, &s->timer);
    s->timer.data = s;
    s->open = 1;
    new_handle(s);
    return s;
}

/* Where it was tried and what came of it, with what to do. */
static void fail_to_connect(struct net_stream *s)
{
    const char *hint = s->last_error == UV_ECONNREFUSED ? " (is a server listening there?)" : "";
    if (s->local)
        net_stream_fail(s, NET_CONNECT, "%s: %s%s", s->host, uv_strerror(s->last_error), hint);
    else if (s->last_error == UV_ETIMEDOUT)
        net_stream_fail(s, NET_CONNECT,
                        "no answer from %s port %u within %llu ms (wrong host, or a "
                        "firewall? --timeout gives it longer)",
                        s->host, s->port, (unsigned long long)s->timeout_ms);
    else
        net_stream_fail(s, NET_CONNECT, "%s port %u: %s%s", s->host, s->port,
                        uv_strerror(s->last_error), hint);
}

static void on_timeout(uv_timer_t *timer)
{
    struct net_stream *s = timer->data;
    if (s->resolving)
        net_stream_fail(s, NET_RESOLVE, "cannot resolve %s within %llu ms", s->host,
                        (unsigned long long)s->timeout_ms);
    s->last_error = s->last_error == 0 ? UV_ETIMEDOUT : s->last_error;
    fail_to_connect(s);
}

static void on_connect(uv_connect_t *request, int status)
{
    struct net_stream *s = request->data;
    if (!s->closing && !s->failed) {
        if (status == 0) {
            net_stream_begin(s);
            if (s->events->connected != NULL)
                s->events->connected(s->context);
        } else {
            s->last_error = status;
            if (s->local) {
                fail_to_connect(s);
            } else {
                close_handle(s);
                new_handle(s);
                try_next_address(s);
            }
        }
    }
    release(s);
}

static void try_next_address(struct net_stream *s)
{
    while (s->next_address != NULL) {
        const struct addrinfo *address = s->next_address;
        s->next_address = address->ai_next;
        s->connect.data = s;
        int error = uv_tcp_connect(&s->connect, &s->handle->tcp, address->ai_addr, on_connect);
        if (error == 0) {
            s->open++;
            return;
        }
        s->last_error = error;
        close_handle(s);
        new_handle(s);
    }
    uv_timer_start(&s->timer, on_timeout, 0, 0); /* never from within net_connect */
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
    struct net_stream *s = request->data;
    s->resolving = false;
    s->addresses = s->next_address = addresses;
    if (!s->closing && !s->failed) {
        if (status != 0)
            net_stream_fail(s, NET_RESOLVE, "cannot resolve %s: %s", s->host, uv_strerror(status));
        else
            try_next_address(s);
    }
    release(s);
}

static void connect_local(struct net_stream *s)
{
    s->connect.data = s;
    s->open++;
    uv_pipe_connect(&s->connect, &s->handle->pipe, s->host, on_connect);
}

struct net_stream *net_connect(struct net_loop *loop, const char *host, uint16_t port,
                               uint64_t timeout_ms, const struct net_events *events, void *context)
{
    struct net_stream *s = net_stream_new(loop, net_is_local(host));
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    char service[8];
    s->events = events;
    s->context = context;
    s->port = port;
    s->timeout_ms = timeout_ms;
    s->last_error = 0;
    snprintf(s->host, sizeof s->host, "%s", host);
    snprintf(service, sizeof service, "%u", port);
    uv_update_time(&loop->uv);
    uv_timer_start(&s->timer, on_timeout, timeout_ms, 0);
    if (s->local) {
        connect_local(s);
        return s;
    }
    if (getaddrinfo(host, service, &hints, &s->addresses) == 0) {
        s->next_address = s->addresses;
        try_next_address(s);
        return s;
    }
    s->addresses = NULL;
    hints.ai_flags = AI_ADDRCONFIG;
    s->resolve.data = s;
    s->resolving = true;
    s->open++;
    int error = uv_getaddrinfo(&loop->uv, &s->resolve, on_resolved, host, service, &hints);
    if (error != 0) {
        s->resolving = false;
        s->last_error = error;
        s->open--;
        uv_timer_start(&s->timer, on_timeout, 0, 0);
    }
    return s;
}

static void write_end(const struct sockaddr_storage *address, char *out, size_t size)
{
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
    const struct sockaddr_in *four = (const struct sockaddr_in *)address;
    char text[64] = "";
    bool v6 = address->ss_family == AF_INET6;
    int error = v6 ? uv_ip6_name(six, text, sizeof text) : uv_ip4_name(four, text, sizeof text);
    if (error == 0)
        snprintf(out, size, v6 ? "[%s]:%u" : "%s:%u", text,
                 (unsigned)ntohs(v6 ? six->sin6_port : four->sin_port));
}

void net_ends(const struct net_stream *s, char *ret_here, char *ret_there, size_t size)
{
    struct sockaddr_storage address;
    int len = sizeof address;
    ret_here[0] = ret_there[0] = '\0';
    if (s->local)
        return;
    if (uv_tcp_getsockname(&s->handle->tcp, (struct sockaddr *)&address, &len) == 0)
        write_end(&address, ret_here, size);
    len = sizeof address;
    if (uv_tcp_getpeername(&s->handle->tcp, (struct sockaddr *)&address, &len) == 0)
        write_end(&address, ret_there, size);
}

void net_peer(const struct net_stream *s, char *out, size_t size)
{
    struct sockaddr_storage address;
    int len = sizeof address;
    char text[64] = "";
    out[0] = '\0';
    if (s->local || uv_tcp_getpeername(&s->handle->tcp, (struct sockaddr *)&address, &len) != 0)
        return;
    bool v6 = address.ss_family == AF_INET6;
    int error = v6 ? uv_ip6_name((const struct sockaddr_in6 *)&address, text, sizeof text)
                   : uv_ip4_name((const struct sockaddr_in *)&address, text, sizeof text);
    if (error == 0)
        snprintf(out, size, "[%s%s]", v6 ? "IPv6:" : "", text);
}
