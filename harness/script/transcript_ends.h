/*
 * transcript_ends: the ends of lines that a program writes out as "\r\n", "<CRLF>", "^M" and its
 * like, behind what one side says or between commands that it sends at once. Private to
 * harness/script.
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_ENDS_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_ENDS_H

#include "script/transcript_scan.h"

/** Takes them off the lines of a side whose commands or replies all have them, of all lines where
 * no mark says who speaks and all replies have them; and takes a line of several commands apart,
 * where the speaker is known. Linear. */
void transcript_ends(struct script_arena *arena, struct transcript_lines *lines);

#endif
