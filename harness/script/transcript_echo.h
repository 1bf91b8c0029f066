/*
 * transcript_echo: what was typed into a terminal that shows it as the host does, so that it stands
 * there twice. Private to harness/script.
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_ECHO_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_ECHO_H

#include "script/arena.h"

/** Whether each command and each line of a message stands in `source` twice, one behind the other,
 * and is answered once; then the text with one of each. Linear. */
bool transcript_echo_read(struct script_arena *arena, struct slice source, struct slice *ret_text);

#endif
