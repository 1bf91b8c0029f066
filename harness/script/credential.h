/*
 * credential: where in what a client said passwords can be read from. Pure.
 *
 * RFC 4954 4: auth-command = "AUTH" SP sasl-mech [SP (initial-response / "=")] *(CRLF [base64])
 *
 * A client that does not keep to that has said its password none the less, so that the command is
 * known in whatever way it is written ("auth<HTAB>plain ...", "AUTH=PLAIN ...", behind other
 * octets), and what follows it counts as part of the exchange, whether the server asked for it or
 * refused, up to the next command that SMTP knows.
 */
#ifndef MAILDRILL_SCRIPT_CREDENTIAL_H
#define MAILDRILL_SCRIPT_CREDENTIAL_H

#include <stdbool.h>

#include "base/slice.h"

/** Offset of the initial response of an AUTH command somewhere in the line; its length where there
 * is none. A line of a reply ("250-AUTH PLAIN LOGIN") has none. Linear. */
size_t credential_of_line(struct slice line);

/** Follows the lines of both sides of a connection. Begins as zero. */
struct credential_watch {
    bool answers;  /* the server's last line was a challenge */
    bool answered; /* the client's last line answered one */
    bool open;     /* AUTH was said, and no other command since; no answer was judged */
};

/** How many leading octets of the client's next line may be shown. */
size_t credential_client(struct credential_watch *watch, struct slice line);

/** How many leading octets of the server's next line may be shown: of a challenge, its code. */
size_t credential_server(struct credential_watch *watch, struct slice line);

#endif
