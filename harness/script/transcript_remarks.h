/*
 * transcript_remarks: what a document says behind the lines of a session. Private to
 * harness/script.
 *
 *   MAIL FROM:<a@example.org>      # the envelope's sender
 *   250 OK                         <-- taken
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_REMARKS_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_REMARKS_H

#include "script/transcript_scan.h"

/** Takes remarks off commands, replies and lone dots, where two commands or more have one, or one
 * has an arrow; each line's goes to its `remark`. Of a message nothing is taken. Linear. */
void transcript_remarks(struct transcript_lines *lines);

/** Takes out the lines that only say who speaks next, as "SMTP -> FROM SERVER:" right before each
 * reply: of two or more that are the same. False where none is. Linear. */
bool transcript_labels(struct transcript_lines *lines);

#endif
