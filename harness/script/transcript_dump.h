/*
 * transcript_dump: the octets that curl --trace and --trace-ascii show. Private to harness/script.
 *
 *   == Info: Connected to mx.example
 *   <= Recv header, 15 bytes (0xf)
 *   0000: 220 mx.example                                        or
 *   0000: 32 32 30 20 6d 78 2e 65 78 61 6d 70 6c 65 0d 0a       220 mx.example..
 *   => Send header, 9 bytes (0x9)
 *   0000: EHLO me
 *
 * A row of text is shorter than the octets up to the next one where it ended with CRLF.
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_DUMP_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_DUMP_H

#include "script/arena.h"

/** Octets as transcript_log reads them: a quoted line for each that CRLF ends. */
struct transcript_octets {
    struct script_buffer out;
    struct script_buffer octets; /* since the last CRLF */
    bool sent;                   /* by the client */
};

void transcript_octets_add(struct transcript_octets *octets, uint8_t octet);
/** The octets that no CRLF ended are all: the other side speaks, or nobody does. */
void transcript_octets_end(struct transcript_octets *octets);

/** Whether `source` is such a trace; then *ret_text is the same with a line for each line that was
 * sent or received, as transcript_log reads it, in place of the row in which it ends:
 *
 *   * Info: Connected to mx.example
 *   <= '220 mx.example\r\n'
 *   => 'EHLO me\r\n'
 *
 * Linear. */
bool transcript_dump_read(struct script_arena *arena, struct slice source, struct slice *ret_text);

#endif
