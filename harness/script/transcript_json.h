/*
 * transcript_json: logs whose lines are JSON objects, one of whose strings is what was said.
 * Private to harness/script.
 *
 *   {"time":"2024-01-01T10:00:00Z","msg":"220 mx","direction":{"from":"server","to":"client"}}
 *   {"time":"2024-01-01T10:00:00Z","msg":"EHLO me","direction":{"from":"client","to":"server"}}
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_JSON_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_JSON_H

#include "script/arena.h"

/** Whether most lines of `source` are such objects, and in two or more of them the string is a
 * reply or a command; then *ret_text is the same with that string, in quotes, behind the rest of
 * its object, as transcript_learn reads it. Linear. */
bool transcript_json_read(struct script_arena *arena, struct slice source, struct slice *ret_text);

#endif
