/*
 * transcript_text: how a log writes the octets of a line. Private to harness/script.
 *
 * In quotes, with escapes ("220 mx\r\n", b'220 mx\r\n'); or as they are, with something for the end
 * of the line: "<CRLF>", "\r\n" as text, a quote that closes what was opened far before.
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_TEXT_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_TEXT_H

#include "script/arena.h"

struct transcript_ending {
    struct slice text;    /* that each line ends with */
    struct slice between; /* two lines in one: the same, or what stands only there; may be empty */
};

#define TRANSCRIPT_ENDINGS 12

struct transcript_text_count {
    size_t lines;
    size_t endings[TRANSCRIPT_ENDINGS];
};

/** Takes a line off, and answers it without its end: LF, or CRLF. */
struct slice transcript_next_line(struct slice *rest);

/** Whether a line begins as only a script's does: "C!:" and its like, a directive. */
bool transcript_is_of_script(struct slice line);

/** Whether a line ends with "<CRLF>" or its like, which nobody sends. */
bool transcript_text_shows_end(struct slice line);

/** The last octet of that end, or the length where there is none. The first line of a script has
 * ${sign:-...} for it: one all of whose lines end so would be taken for a log. */
size_t transcript_text_sign(struct slice line);

/** Counts a reply's text, as it stands behind the mark. */
void transcript_text_count(struct transcript_text_count *count, struct slice text);

/** What the lines that were counted end with, all of them; its texts are empty where that differs.
 */
const struct transcript_ending *transcript_text_ending(const struct transcript_text_count *count);

/** CRLF, both at the end and between. */
const struct transcript_ending *transcript_text_crlf(void);

/** LF, for programs that show so what a server ended with CRLF. */
const struct transcript_ending *transcript_text_lf(void);

/** Without the ending, where it has that. */
struct slice transcript_text_without(struct slice text, const struct transcript_ending *ending);

/** Offset of the next end of a line inside `text`, or its length; of a reply: before a reply or at
 * the end of the text. */
size_t transcript_text_find(struct slice text, const struct transcript_ending *ending, bool reply);

/** Reads "...", '...' and b'...'. What \-escapes stand for is written to `out`; *ret_offset is the
 * octet of `text` that is the closing quote, or (false) the one at which it cannot be read: an
 * escape that is none, or the end. `text` begins with the quote. */
bool transcript_text_quoted(struct slice text, struct script_buffer *out, size_t *ret_offset);

/** Whether `text` begins with a quotation that ends; then its octets. */
bool transcript_text_unquote(struct script_arena *arena, struct slice text,
                             struct slice *ret_octets);

#endif
