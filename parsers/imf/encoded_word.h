/*
 * encoded_word: text of other character sets in a header.
 *
 *   encoded-word = "=?" charset [ "*" language ] "?" encoding "?" encoded-text "?="
 *                                                          ; RFC 2047 2, RFC 2231 5
 *   charset      = token, language likewise (RFC 5646)
 *   encoding     = "Q" / "B", in any case                   ; RFC 2047 4
 *   encoded-text = 1*<any printable ASCII character other than "?" or SPACE>
 *
 * A text is read as a row of pieces: plain text, and encoded words. White space between two encoded
 * words stands for nothing (RFC 2047 6.2). What people's programs write beside the grammar is read
 * and named: words of any length, glued to text or to each other, with white space inside, with "?"
 * inside, with octets their encoding does not have, of no encoding known, of no text, without "?=".
 *
 * Octets are decoded, characters are not: what charset they are of is for the caller to know.
 * Law: the pieces with the white space before them, in order, are the input.
 */
#ifndef MAILDRILL_IMF_ENCODED_WORD_H
#define MAILDRILL_IMF_ENCODED_WORD_H

#include "base/slice.h"
#include "base/writer.h"

#define IMF_ENCODED_WORD_MAX_OCTETS 75 /* RFC 2047 2: of one word */

/* Where the text stands, which decides what may stand beside a word and inside it. */
enum imf_encoded_context {
    IMF_ENCODED_IN_TEXT,    /* Subject and every other unstructured body; RFC 2047 5 (1) */
    IMF_ENCODED_IN_COMMENT, /* the inside of a comment; RFC 2047 5 (2) */
    IMF_ENCODED_IN_PHRASE,  /* a display name; RFC 2047 5 (3) */
};

enum imf_encoding {
    IMF_ENCODING_NONE,    /* plain text */
    IMF_ENCODING_B,       /* RFC 2047 4.1 */
    IMF_ENCODING_Q,       /* RFC 2047 4.2 */
    IMF_ENCODING_UNKNOWN, /* neither: decodes to the word as it is written (RFC 2047 6.1) */
};

struct imf_encoded_piece {
    enum imf_encoding encoding;
    struct slice space;    /* white space that stands for nothing, before an encoded word */
    struct slice raw;      /* what was written, `space` not included */
    struct slice charset;  /* of encoded words, as the other members below; may be empty */
    struct slice language; /* empty: none */
    struct slice text;     /* encoded-text */
    uint64_t quirks;
};

struct imf_encoded_text {
    struct slice in;
    enum imf_encoded_context context;
    /* private */
    size_t at;
    size_t end_seen;                /* the first "?=" at or behind the last place it was sought */
    bool after_word;                /* the piece before was an encoded word */
    struct imf_encoded_piece ahead; /* the word at `at`, found while plain text was read */
};

/** Begins at the first octet of a field's body, a comment's inside or a phrase, folds and all. */
void imf_encoded_text_begin(struct slice in, enum imf_encoded_context context,
                            struct imf_encoded_text *ret_text);

/** Reads the next piece; false at the end. */
bool imf_encoded_text_next(struct imf_encoded_text *text, struct imf_encoded_piece *ret_piece);

/** Writes the octets of a word's charset; of plain text, and of an unknown encoding, `raw`. Never
 * more octets than `raw` has. */
void imf_encoded_word_decode(const struct imf_encoded_piece *piece, struct writer *out);

/** Whether `text` can stand in a header only as encoded words: it holds an octet that is neither
 * printable ASCII nor SP, begins or ends with SP, or holds "=?". */
bool imf_encoded_word_needed(struct slice text);

/** Most octets that imf_encoded_word_write makes of `octets`. */
#define IMF_ENCODED_WORD_WRITTEN_MAX(octets) (16 * (octets) + 80)

/**
 * Writes `text` as encoded words, with CRLF SP between them, in the encoding that makes it shorter.
 * They may stand in every context. A well-formed UTF-8 sequence is not split between two words
 * where `charset` is UTF-8. Reads back as `text`, without quirks; empty text writes nothing.
 * `column` octets stand before it on its line, so that no line gets longer than 76 (RFC 2047 2); a
 * first word that has no room begins with the CRLF SP.
 * False, and nothing written, where charset is no token, or of more than 40 octets.
 */
bool imf_encoded_word_write(struct slice text, struct slice charset, size_t column,
                            struct writer *out);

#endif
