/*
 * depth: a demonstration server with a bug nine commands deep, for harness/dev campaign. Each right
 * command is answered in another way, and the ninth, NOOP, twice. Nothing else is wrong with it.
 * usage: depth PORT
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
    const char *verb, *reply;
} path[] = {
    {"EHLO", "250 depth"},           {"VRFY", "252 2.5.0 perhaps"}, {"MAIL", "250 2.1.0 from"},
    {"NOOP", "250 2.0.0 nothing"},   {"RSET", "250 2.0.1 reset"},   {"HELP", "214 2.0.2 help"},
    {"MAIL", "250 2.1.3 once more"}, {"EXPN", "252 2.1.4 members"},
};

#define DEPTH (sizeof path / sizeof *path)

static void put(FILE *out, const char *reply)
{
    fprintf(out, "%s\r\n", reply);
}

/* RFC 5321 in outline: what is not on the path takes the client back to its beginning. */
static const char *plain_reply(const char *line)
{
    static const struct {
        const char *verb, *reply;
    } rows[] = {{"EHLO", "250 depth"},         {"HELO", "250 depth"},
                {"NOOP", "250 2.0.0 ok"},      {"RSET", "250 2.0.0 ok"},
                {"VRFY", "252 2.0.0 who"},     {"MAIL", "503 5.5.1 not now"},
                {"RCPT", "503 5.5.1 not now"}, {"DATA", "503 5.5.1 not now"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strncasecmp(line, rows[i].verb, 4) == 0)
            return rows[i].reply;
    return "500 5.5.2 what";
}

static void serve(FILE *in, FILE *out)
{
    char line[4096];
    size_t depth = 0;
    put(out, "220 depth");
    fflush(out);
    while (fgets(line, sizeof line, in) != NULL) {
        if (strncasecmp(line, "QUIT", 4) == 0) {
            put(out, "221 bye");
            break;
        }
        if (depth == DEPTH && strncasecmp(line, "NOOP", 4) == 0)
            put(out, "250 2.0.0 the bug");
        if (depth < DEPTH && strncasecmp(line, path[depth].verb, 4) == 0) {
            put(out, path[depth++].reply);
        } else {
            put(out, plain_reply(line));
            depth = 0;
        }
        fflush(out);
    }
    fflush(out);
}

int main(int argc, char **argv)
{
    int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "2525")),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    signal(SIGPIPE, SIG_IGN);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 64) != 0)
        return 1;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
        if (in != NULL && out != NULL)
            serve(in, out);
        if (out != NULL)
            fclose(out);
        if (in != NULL)
            fclose(in);
    }
}
