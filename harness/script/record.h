/*
 * record: the octets of both sides of a connection -> a tagged script that plays them again.
 *
 * A line that ends with CRLF and holds no control octet becomes "C: line"; any other octets of the
 * client "C!: octets". A reply is written when its last line has come. Octets of the server that
 * are no reply are a comment: no script can expect them.
 *
 * Law: what was recorded loads without an error, or holds no step.
 */
#ifndef MAILDRILL_SCRIPT_RECORD_H
#define MAILDRILL_SCRIPT_RECORD_H

#include <stdbool.h>

#include "script/arena.h"

#define RECORD_MAX_OCTETS ((size_t)8 << 20) /* of a script; what follows is not recorded */

struct record {
    struct script_arena *arena;
    struct script_buffer text;   /* the script so far */
    struct script_buffer client; /* of a line that has not ended */
    struct script_buffer server; /* likewise */
    struct script_buffer reply;  /* lines of a reply that has not ended */
    uint8_t code[3];             /* of that reply */
    bool starttls;               /* the client's last line was STARTTLS, and awaits its reply */
    bool passing, full;          /* TLS is passed through; the limit was reached */
    size_t steps;
};

/** Begins a recording. The arena is the caller's. */
void record_begin(struct record *r, struct script_arena *arena);

void record_client(struct record *r, struct slice octets);

/** Returns how many of them were read: fewer than all where a reply just agreed to STARTTLS, and
 * the octets behind it are TLS. *ret_tls says so. */
size_t record_server(struct record *r, struct slice octets, bool *ret_tls);

/** The handshake that follows a STARTTLS: `decrypted` where what comes after it is recorded, too.
 */
void record_tls(struct record *r, bool decrypted);

/** The server closed. */
void record_closed(struct record *r);

/** The script, or an empty slice where nothing was said. */
struct slice record_end(struct record *r);

#endif
