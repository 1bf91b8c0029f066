/*
 * transcript_decode: what programs did to a whole document before it was pasted, undone. Private to
 * harness/script.
 *
 *   UTF-16       as editors of Windows and redirections of PowerShell write, with a byte order mark
 *                or without one (RFC 2781 3.2)
 *   CR           alone at the ends of lines
 *   quotations   as mails quote, "> " before each line
 *   a web page   "&lt;" where no line has a "<" of its own, but for the page's line breaks
 *   Markdown     "`EHLO me`", "1. **C:** `EHLO me`" and "**EHLO me**" or "<b>EHLO me</b>",
 *                where two lines or more are so; what stands outside of blocks of code, where
 *                nothing is said there; the backslash that ends most lines
 *   borders      "| C | EHLO me |" of tables, "|--- EHLO me --->|" of diagrams, at ends of lines
 *   smtp-cli     "[250] 'SIZE 1000'"
 *   web server   ", referer: http://..." behind what a program wrote to its error log
 *   curl         --trace, as octets (transcript_dump.h)
 *   packets      of ngrep, tshark and Wireshark (transcript_packets.h)
 *   headings     that say who speaks, of Apple Mail, socat and tcpflow (transcript_headings.h)
 *   JSON         an object a line (transcript_json.h)
 *   test suite   ".*" in the server's lines (transcript_patterns.h)
 *   echo         what was typed, twice (transcript_echo.h)
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_DECODE_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_DECODE_H

#include "script/arena.h"

#define TRANSCRIPT_DECODINGS 15

struct transcript_decoded {
    struct slice source;
    const char *notes[TRANSCRIPT_DECODINGS]; /* what was undone */
    size_t note_count;
    const char *mistake; /* why it cannot be read; or NULL */
};

/** The document as text of one octet or more a character and LF or CRLF. What needs nothing is
 * answered as it is. Linear. */
struct transcript_decoded transcript_decode(struct script_arena *arena, struct slice source);

#endif
