/*
 * transcript_patterns: dialogues whose S: lines are regular expressions, as test suites have them
 * (Apache James MPT): each is one line of a reply. Private to harness/script.
 *
 *   S: 220 .*
 *   C: EHLO me
 *   SUB {                  lines in any order
 *   S: 250.*
 *   }
 *
 * A scenario matches replies by their codes, so that the codes are kept and the rest is read as
 * text.
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_PATTERNS_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_PATTERNS_H

#include "script/arena.h"

/** Whether every line is one of such a dialogue, and one at least shows that it is no scenario. */
bool transcript_patterns_detect(struct slice source);

/** Such a dialogue, line for line, with replies where the patterns were. Linear. */
struct slice transcript_patterns_read(struct script_arena *arena, struct slice source);

#endif
