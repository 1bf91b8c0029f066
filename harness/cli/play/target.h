/*
 * target: a server as people write it: a URL, or host and port, with the name it goes by in
 * reports.
 */
#ifndef MAILDRILL_CLI_TARGET_H
#define MAILDRILL_CLI_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct target {
    char name[64]; /* of "postfix=smtp://..."; else empty */
    char host[256];
    uint16_t port;
    bool tls;        /* smtps: TLS from the start */
    bool bare;       /* no scheme was written: HOST or HOST:PORT */
    bool usual_port; /* none was written */
    bool lmtp;       /* speaks LMTP (RFC 2033) */
};

/** Reads "unix:/path", "lmtp:unix:/path", "smtp://h:p", "smtps://h", "lmtp://h", "h:p",
 * "[::1]:25", each after an optional "name="; the port defaults to 25, 465 or 24. */
bool target_read(const char *text, struct target *ret_target);

/** Writes "smtp://127.0.0.1:2525" with its NUL. */
void target_write(const struct target *target, char *out, size_t size);

#endif
