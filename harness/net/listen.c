#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/internal.h"

struct net_listener {
    union net_handle handle;
    bool local;
    struct net_loop *loop;
    net_accept *accept;
    void *context;
};

static void ignore_closed(void *context)
{
    (void)context;
}

static void on_connection(uv_stream_t *handle, int status)
{
    static const struct net_events refused = {.closed = ignore_closed};
    struct net_listener *listener = handle->data;
    if (status != 0)
        return;
    struct net_stream *s = net_stream_new(listener->loop, listener->local);
    s->events = &refused;
    if (uv_accept(handle, &s->handle->stream) != 0 ||
        !listener->accept(listener->context, s, &s->events, &s->context)) {
        net_close(s);
        return;
    }
    net_stream_begin(s);
    if (s->events->connected != NULL)
        s->events->connected(s->context);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void net_listener_close(struct net_listener *listener)
{
    uv_close(&listener->handle.any, on_closed);
}

static int bind_to_address(struct net_listener *listener, const char *host, uint16_t port,
                           struct net_error *ret_error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *address;
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    int found = getaddrinfo(host, service, &hints, &address);
    if (found != 0) {
        net_error_set(ret_error, NET_RESOLVE, "cannot resolve %s: %s", host, gai_strerror(found));
        return UV_EAI_NONAME;
    }
    int error = uv_tcp_bind(&listener->handle.tcp, address->ai_addr, 0);
    freeaddrinfo(address);
    return error;
}

struct net_listener *net_listen(struct net_loop *loop, const char *host, uint16_t port,
                                net_accept *accept, void *context, struct net_error *ret_error)
{
    struct net_listener *listener = net_alloc(sizeof *listener);
    listener->loop = loop;
    listener->accept = accept;
    listener->context = context;
    listener->local = net_is_local(host);
    net_handle_init(loop, &listener->handle, listener->local);
    listener->handle.any.data = listener;
    ret_error->kind = NET_OK;
    int error = listener->local ? uv_pipe_bind(&listener->handle.pipe, host)
                                : bind_to_address(listener, host, port, ret_error);
    if (error == 0)
        error = uv_listen(&listener->handle.stream, 128, on_connection);
    if (error == 0)
        return listener;
    if (listener->local)
        net_error_set(ret_error, NET_SYSTEM, "cannot listen on %s: %s", host, uv_strerror(error));
    else if (ret_error->kind == NET_OK)
        net_error_set(ret_error, NET_SYSTEM, "cannot listen on %s port %u: %s", host, port,
                      uv_strerror(error));
    net_listener_close(listener);
    return NULL;
}

uint16_t net_listener_port(const struct net_listener *listener)
{
    struct sockaddr_storage address;
    int size = sizeof address;
    uint16_t port = 0;
    if (!listener->local &&
        uv_tcp_getsockname(&listener->handle.tcp, (struct sockaddr *)&address, &size) == 0) {
        char service[8];
        if (getnameinfo((struct sockaddr *)&address, (socklen_t)size, NULL, 0, service,
                        sizeof service, NI_NUMERICSERV) == 0)
            port = (uint16_t)strtoul(service, NULL, 10);
    }
    return port;
}
