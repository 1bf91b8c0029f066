#define _GNU_SOURCE

#include "net/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/internal.h"

#define LAST_SOURCE 0xfffff0u

uint64_t wire_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    }
    struct sockaddr_in6 v6;
    memcpy(&v6, address, sizeof v6);
    return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

bool wire_resolve(const char *host, uint16_t port, struct wire_address *ret_address,
                  struct net_error *ret_error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    int code = getaddrinfo(host, service, &hints, &found);
    if (code != 0) {
        ret_error->kind = NET_RESOLVE;
        snprintf(ret_error->text, sizeof ret_error->text, "%s: %s", host, gai_strerror(code));
        return false;
    }
    struct wire_address address = {.length = (uint32_t)found->ai_addrlen,
                                   .loopback = is_loopback(found->ai_addr)};
    memcpy(address.octets, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    *ret_address = address;
    return true;
}

static int poll_for(int fd, short events, uint64_t timeout_us)
{
    struct pollfd wanted = {.fd = fd, .events = events};
    struct timespec bound = {.tv_sec = (time_t)(timeout_us / 1000000),
                             .tv_nsec = (long)(timeout_us % 1000000) * 1000};
    int ready;
    do
        ready = ppoll(&wanted, 1, &bound, NULL);
    while (ready < 0 && errno == EINTR);
    return ready;
}

/* A port is found when the connection is made: it may be one that another address uses, too. */
static bool bind_source(int fd, const struct wire_address *to)
{
    struct sockaddr_in source = {.sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK + to->source)};
    int on = 1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    return bind(fd, (const struct sockaddr *)&source, sizeof source) == 0;
}

static int try_connect(const struct wire_address *to, uint64_t timeout_us)
{
    struct sockaddr_storage address;
    int on = 1, error = 0;
    socklen_t size = sizeof error;
    memset(&address, 0, sizeof address);
    memcpy(&address, to->octets, to->length);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    bool bound = to->source == 0 || bind_source(fd, to);
    if (bound && connect(fd, (const struct sockaddr *)&address, to->length) == 0)
        return fd;
    error = errno;
    if (bound && error == EINPROGRESS && poll_for(fd, POLLOUT, timeout_us) > 0 &&
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

bool wire_connect(struct wire *wire, struct wire_address *to, uint64_t timeout_us)
{
    sa_family_t family;
    memcpy(&family, to->octets + offsetof(struct sockaddr, sa_family), sizeof family);
    wire->ssl = NULL;
    wire->fd = try_connect(to, timeout_us);
    bool used_up = wire->fd < 0 && (errno == EADDRNOTAVAIL || errno == EADDRINUSE);
    if (used_up && to->loopback && family == AF_INET) {
        to->source = to->source % LAST_SOURCE + 1;
        wire->fd = try_connect(to, timeout_us);
    }
    return wire->fd >= 0;
}

bool wire_is_open(const struct wire *wire)
{
    uint8_t octet;
    ssize_t got = recv(wire->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* ---- TLS ---- */

/* Whether the socket is ready for what OpenSSL waits for, in time. */
static bool wait_for_ssl(struct wire *wire, int why, uint64_t until_us)
{
    uint64_t now = wire_now_us();
    int on = 1;
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
        return false;
    setsockopt(wire->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    return now < until_us &&
           poll_for(wire->fd, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until_us - now) > 0;
}

/* RFC 8446 5.1: a record begins with its type, 20 to 24; a reply with a digit (RFC 5321 4.2). */
static bool is_in_clear(const struct wire *wire)
{
    uint8_t octet;
    return recv(wire->fd, &octet, 1, MSG_PEEK) == 1 && octet >= '0' && octet <= '9';
}

/* RFC 6066 3: an address is no name to ask for. */
static void ask_for(SSL *ssl, const char *name)
{
    uint8_t address[16];
    if (inet_pton(AF_INET, name, address) != 1 && inet_pton(AF_INET6, name, address) != 1)
        SSL_set_tlsext_host_name(ssl, name);
}

enum wire_hands wire_secure(struct wire *wire, const struct net_tls *tls, const char *name,
                            uint64_t timeout_us)
{
    enum wire_hands hands = WIRE_UNSECURED;
    uint64_t until_us = wire_now_us() + timeout_us;
    SSL *ssl = SSL_new(tls->ctx);
    if (ssl == NULL || SSL_set_fd(ssl, wire->fd) != 1)
        abort();
    SSL_set_connect_state(ssl);
    ask_for(ssl, name);
    for (bool answered = false, goes_on = true; goes_on; answered = true) {
        ERR_clear_error();
        int done = SSL_do_handshake(ssl);
        if (done == 1) {
            wire->ssl = ssl;
            return WIRE_SECURED;
        }
        goes_on = wait_for_ssl(wire, SSL_get_error(ssl, done), until_us);
        if (goes_on && !answered && is_in_clear(wire)) {
            hands = WIRE_IN_CLEAR;
            break;
        }
    }
    SSL_free(ssl);
    return hands;
}

static enum wire_end read_secured(struct wire *wire, uint8_t *out, size_t size, uint64_t timeout_us,
                                  size_t *ret_count)
{
    uint64_t until_us = wire_now_us() + timeout_us;
    for (;;) {
        ERR_clear_error();
        int got = SSL_read_ex(wire->ssl, out, size, ret_count);
        int why = got == 1 ? SSL_ERROR_NONE : SSL_get_error(wire->ssl, got);
        if (got == 1)
            return WIRE_OCTETS;
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
            return why == SSL_ERROR_ZERO_RETURN ? WIRE_CLOSED : WIRE_RESET;
        if (!wait_for_ssl(wire, why, until_us))
            return WIRE_SILENT;
    }
}

static bool write_secured(struct wire *wire, const uint8_t *octets, size_t count,
                          uint64_t timeout_us)
{
    size_t sent = 0;
    while (count > 0) {
        ERR_clear_error();
        int done = SSL_write_ex(wire->ssl, octets, count, &sent);
        if (done != 1 &&
            !wait_for_ssl(wire, SSL_get_error(wire->ssl, done), wire_now_us() + timeout_us))
            return false;
        if (done == 1) {
            octets += sent;
            count -= sent;
        }
    }
    return true;
}

/* ---- octets ---- */

enum wire_end wire_read(struct wire *wire, uint8_t *out, size_t size, uint64_t timeout_us,
                        size_t *ret_count)
{
    int on = 1;
    if (wire->ssl != NULL)
        return read_secured(wire, out, size, timeout_us, ret_count);
    ssize_t got = recv(wire->fd, out, size, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        setsockopt(wire->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
        if (timeout_us == 0 || poll_for(wire->fd, POLLIN, timeout_us) <= 0)
            return WIRE_SILENT;
        got = recv(wire->fd, out, size, 0);
    }
    if (got > 0) {
        *ret_count = (size_t)got;
        return WIRE_OCTETS;
    }
    return got == 0 ? WIRE_CLOSED : errno == EAGAIN ? WIRE_SILENT : WIRE_RESET;
}

bool wire_write(struct wire *wire, const uint8_t *octets, size_t count, uint64_t timeout_us)
{
    if (wire->ssl != NULL)
        return write_secured(wire, octets, count, timeout_us);
    while (count > 0) {
        ssize_t sent = send(wire->fd, octets, count, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && (errno != EAGAIN || poll_for(wire->fd, POLLOUT, timeout_us) <= 0))
            return false;
        if (sent > 0) {
            octets += sent;
            count -= (size_t)sent;
        }
    }
    return true;
}

void wire_finish(struct wire *wire)
{
    if (wire->ssl != NULL)
        SSL_shutdown(wire->ssl); /* close_notify */
    shutdown(wire->fd, SHUT_WR);
}

void wire_close(struct wire *wire, bool reset)
{
    struct linger at_once = {.l_onoff = 1};
    if (wire->fd < 0)
        return;
    if (reset)
        setsockopt(wire->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    SSL_free(wire->ssl);
    wire->ssl = NULL;
    close(wire->fd);
    wire->fd = -1;
}
