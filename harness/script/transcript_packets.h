/*
 * transcript_packets: what tools show of packets. Private to harness/script.
 *
 *   ngrep -W byline      "T 192.0.2.1:25 -> 192.0.2.2:40001 [AP]", then the text, in which a dot at
 *                        the end of a line stands for CR
 *   tshark -z follow,tcp,ascii
 *                        "\t15", the octets that the server sent, then the text; "9" for the client
 *   Wireshark's hex dump of a stream, tshark -z follow,tcp,hex
 *                        "    00000000  32 32 30 20 6d 78 0d 0a   220 mx..", the server's indented
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_PACKETS_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_PACKETS_H

#include "script/arena.h"

/** Whether `source` is one of them; then *ret_text holds what was sent and received in it, as
 * transcript_log reads octets (transcript_dump.h). Where it is one and cannot be read,
 * *ret_mistake says why, and *ret_text stays. Linear. */
bool transcript_packets_read(struct script_arena *arena, struct slice source,
                             struct slice *ret_text, const char **ret_mistake);

#endif
