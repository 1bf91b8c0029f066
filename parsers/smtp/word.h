/*
 * word: the words of a command line.
 *
 * RFC 5321 4.1.1 separates words by a single SP; HTAB, and more than one, are read all the same and
 * named SMTP_QUIRK_EXTRA_SPACE.
 */
#ifndef MAILDRILL_SMTP_WORD_H
#define MAILDRILL_SMTP_WORD_H

#include "base/slice.h"

/** Takes the white space off the front of `*rest`; EXTRA_SPACE where it is neither nothing nor one
 * SP, else 0. */
uint64_t smtp_word_skip_space(struct slice *rest);

/** Takes the octets up to white space off the front of `*rest`; empty where white space or nothing
 * stands there. */
struct slice smtp_word_take(struct slice *rest);

/** Whether all of `text` is well-formed UTF-8, the form that RFC 6531 allows beyond ASCII. */
bool smtp_word_is_utf8(struct slice text);

#endif
