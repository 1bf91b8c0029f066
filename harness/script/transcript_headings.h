/*
 * transcript_headings: documents that say once who speaks, and then all that was said up to the
 * next such line. Private to harness/script.
 *
 *   Apple Mail     "WROTE Mar 04 12:00:00.123 [...] -- host:mx.example -- port:25 ...", "READ ..."
 *   socat -v       "< 2025/03/04 12:00:00.000123  length=6 from=0 to=5", "> ...", and \r for CR
 *   tcpflow -c     "192.000.002.001.00025-192.000.002.007.40123: 220 mx.example"
 *   others         "Client:", "sent at 12:00:", above what was said: two at least of each side,
 * that begin as others of the side do (transcript_shape.h)
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_HEADINGS_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_HEADINGS_H

#include "script/arena.h"

/** Whether `source` is so; then *ret_text has a line for each line that was said, in its place, as
 * transcript_log reads octets (transcript_dump.h). Linear. */
bool transcript_headings_read(struct script_arena *arena, struct slice source,
                              struct slice *ret_text);

#endif
