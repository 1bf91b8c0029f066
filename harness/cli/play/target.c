#include "cli/play/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_port(const char *text, uint16_t *ret_port)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || port > 65535)
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

bool target_read(const char *text, struct target *ret_target)
{
    static const struct {
        const char *scheme;
        uint16_t port;
        bool tls, lmtp;
    } schemes[] = {{"smtp://", 25, false, false},
                   {"smtps://", 465, true, false},
                   {"lmtp://", 24, false, true}};
    struct target target = {.port = 25, .bare = true, .usual_port = true};
    size_t equals = strcspn(text, "=:/[");
    if (text[equals] == '=') {
        if (equals == 0 || equals >= sizeof target.name)
            return false;
        memcpy(target.name, text, equals);
        text += equals + 1;
    }
    if (strncmp(text, "lmtp:unix:/", 11) == 0) {
        target.lmtp = true;
        text += 5;
    }
    if (strncmp(text, "unix:/", 6) == 0 && strlen(text + 5) < sizeof target.host) {
        snprintf(target.host, sizeof target.host, "%s", text + 5);
        target.port = 0;
        target.bare = target.usual_port = false;
        *ret_target = target;
        return true;
    }
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (strncmp(text, schemes[i].scheme, strlen(schemes[i].scheme)) != 0)
            continue;
        text += strlen(schemes[i].scheme);
        target.port = schemes[i].port;
        target.tls = schemes[i].tls;
        target.lmtp = schemes[i].lmtp;
        target.bare = false;
        break;
    }
    char host[sizeof target.host + 8];
    size_t len = strcspn(text, "/");
    if (len == 0 || len >= sizeof host || (text[len] == '/' && text[len + 1] != '\0'))
        return false;
    memcpy(host, text, len);
    host[len] = '\0';

    const char *name = host;
    char *end = strrchr(host, ':');
    if (host[0] == '[') { /* an IPv6 address stands in brackets before a port */
        char *bracket = strchr(host, ']');
        if (bracket == NULL || (bracket[1] != ':' && bracket[1] != '\0'))
            return false;
        end = bracket[1] == ':' ? bracket + 1 : NULL;
        *bracket = '\0';
        name = host + 1;
    } else if (end != NULL && strchr(host, ':') != end) {
        end = NULL; /* a bare IPv6 address */
    }
    if (end != NULL) {
        *end = '\0';
        target.usual_port = false;
        if (!read_port(end + 1, &target.port))
            return false;
    }
    if (name[0] == '\0' || strlen(name) >= sizeof target.host || strstr(text, "://") != NULL)
        return false;
    memcpy(target.host, name, strlen(name) + 1);
    *ret_target = target;
    return true;
}

void target_write(const struct target *target, char *out, size_t size)
{
    if (target->host[0] == '/') {
        snprintf(out, size, "%sunix:%s", target->lmtp ? "lmtp:" : "", target->host);
        return;
    }
    bool v6 = strchr(target->host, ':') != NULL;
    snprintf(out, size, "%s://%s%s%s:%u",
             target->lmtp  ? "lmtp"
             : target->tls ? "smtps"
                           : "smtp",
             v6 ? "[" : "", target->host, v6 ? "]" : "", target->port);
}
