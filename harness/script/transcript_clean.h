/*
 * transcript_clean: what terminals and web pages put into a line, undone.
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_CLEAN_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_CLEAN_H

#include "script/arena.h"

/**
 * Applies backspaces (BS, DEL: they erase the character before them) and drops escape sequences
 * (ESC "[" ... letter: colours, erasing; ESC "]" ... BEL: a window's title). False, and nothing is
 * written, where the text has none.
 */
bool transcript_clean_typing(struct script_arena *arena, struct slice text, struct slice *ret_text);

/**
 * Undoes what a web page or a word processor made of a command or a reply: non-breaking spaces,
 * invisible characters, "&lt;", "250" and a dash, "^H" as terminals show a backspace. False, and
 * nothing is written, where the text has none.
 */
bool transcript_clean_web(struct script_arena *arena, struct slice text, struct slice *ret_text);

/** Octets of the blank (SP, HTAB, non-breaking space, invisible character) that begins `text`. */
size_t transcript_blank_length(struct slice text);

#endif
