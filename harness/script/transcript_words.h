/*
 * transcript_words: what a program says of itself where its client's lines stand. Private to
 * harness/script.
 *
 *   > connecting to mx.example:25
 *   < 220 mx.example
 *   > STARTTLS
 *   < 220 go ahead
 *   > starting TLS
 *   > EHLO me
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_WORDS_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_WORDS_H

#include "script/transcript_scan.h"

/** Sets left_out of each line of the client that is no command that is known, no part of a message
 * or an exchange of AUTH, and that no reply can be for: before the greeting, behind the last reply,
 * and where there are as many replies as other commands. Linear. */
void transcript_words(struct transcript_lines *lines);

#endif
