/*
 * bench-loop: the least that a client can do, beside which maildrill run is measured. It sends the
 * same octets and waits for the same replies, over some connections at once, in one thread; it
 * looks at nothing but where a reply ends (RFC 5321 4.2.1: three digits and a space).
 *
 *   bench-loop PORT DIALOGUES CONNECTIONS KEPT SECONDS TURN...
 *
 * Each TURN is what is sent after a reply. KEPT dialogues go over a connection, with RSET between
 * them. After SECONDS it begins no other. Says how many dialogues there were; ends with 1 where a
 * connection ends early.
 */
#define _DEFAULT_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REPLY_OCTETS 4096

struct connection {
    int fd;
    int turn;
    long dialogues;
    size_t len;
    char reply[REPLY_OCTETS];
};

static int poller;
static struct sockaddr_in server;
static long kept;
static char **turns;
static int turn_count;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void begin(struct connection *c)
{
    int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    c->turn = 0;
    c->len = 0;
    c->dialogues = 0;
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&server, sizeof server) != 0)
        fail("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event) != 0)
        fail("epoll_ctl");
}

/* The last line is there, whole, and no other follows it. */
static bool is_whole(const struct connection *c)
{
    if (c->len < 2 || c->reply[c->len - 1] != '\n')
        return false;
    size_t line = c->len - 1;
    while (line > 0 && c->reply[line - 1] != '\n')
        line--;
    return c->len - line > 4 && c->reply[line + 3] == ' ';
}

static void say(const struct connection *c, const char *what)
{
    size_t octets = strlen(what);
    if (send(c->fd, what, octets, MSG_NOSIGNAL) != (ssize_t)octets)
        fail("send");
}

/* True where the dialogue is over. */
static bool move_on(struct connection *c)
{
    ssize_t got = recv(c->fd, c->reply + c->len, sizeof c->reply - c->len, 0);
    if (got <= 0)
        fail("the connection ended");
    c->len += (size_t)got;
    if (!is_whole(c))
        return false;
    c->len = 0;
    if (c->turn == turn_count)
        return true;
    say(c, turns[c->turn++]);
    return false;
}

static time_t seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    long left = atol(argv[2]), done = 0, open = 0, width = atol(argv[3]);
    kept = atol(argv[4]);
    time_t end = seconds() + atol(argv[5]);
    turns = argv + 6;
    turn_count = argc - 6;
    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)atoi(argv[1]));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    poller = epoll_create1(0);
    struct connection *connections = calloc((size_t)width, sizeof *connections);
    if (poller < 0 || connections == NULL)
        fail("memory");
    for (; open < width && left > 0; open++, left--)
        begin(&connections[open]);
    while (open > 0) {
        struct epoll_event events[64];
        int count = epoll_wait(poller, events, 64, 20000);
        if (count <= 0)
            fail("epoll_wait");
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (!move_on(c))
                continue;
            done++;
            if (seconds() >= end)
                left = 0;
            if (left > 0 && ++c->dialogues < kept) {
                left--;
                c->turn = 0;
                say(c, "RSET\r\n");
                continue;
            }
            close(c->fd);
            if (left-- > 0)
                begin(c);
            else
                open--;
        }
    }
    free(connections);
    printf("%ld\n", done);
    return 0;
}
