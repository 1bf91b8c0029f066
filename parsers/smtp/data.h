/*
 * data: dot transparency and the end of data.
 *
 * A client puts a dot before each line that begins with one; the server takes it off again. A line
 * that holds a single dot ends the message, and only where CRLF stands on both sides of it:
 *
 *   end-of-data = CRLF "." CRLF                  ; RFC 5321 4.1.1.4, 4.5.2
 *
 * Any other spelling (LF "." LF, CR "." CR, ...) is text, and is named: servers that disagree about
 * it can be made to see two messages where one was sent (SMTP smuggling). So a line is what CRLF
 * ends: neither side takes a bare LF or a bare CR for a line ending.
 *
 * Law: decode(encode(x)) is x, whatever its octets, but for the CRLF that ends its last line.
 */
#ifndef MAILDRILL_SMTP_DATA_H
#define MAILDRILL_SMTP_DATA_H

#include "base/parse.h"
#include "base/slice.h"
#include "base/writer.h"

/** Begin with a zeroed one: the start of a message counts as the start of a line. Members are
 * private. */
struct smtp_data_encoder {
    uint8_t state;
};

/** Begin with a zeroed one. Members but quirks are private. */
struct smtp_data_decoder {
    uint8_t state;
    size_t line_octets; /* of the text line so far */
    uint64_t quirks;    /* base quirks of the text, QUIRK_LONG_LINE where a line has more than 1000
                           octets (RFC 5321 4.5.3.1.6); SMTP_QUIRK_UNSTUFFED_DOT, SMTP_QUIRK_LF_DOT */
};

/** Most octets that encoding n octets, and ending the message, can write. */
#define SMTP_DATA_ENCODED_MAX(n) (2 * (n) + 5)

/** Stuffs dots. `out` must have room (SMTP_DATA_ENCODED_MAX). Nothing else is changed. */
void smtp_data_encode(struct smtp_data_encoder *encoder, struct slice in, struct writer *out);

/** Ends the message: CRLF first where the last line has none, then ".", CRLF. The encoder is then
 * ready for another message. */
void smtp_data_finish(struct smtp_data_encoder *encoder, struct writer *out);

/**
 * Takes stuffed dots off, up to the end of data.
 * Answers OK with the octets consumed, those of the end of data included, when the end is reached;
 * else MORE, with everything consumed. Text goes to `out`, which must have room for in.len + 1
 * octets (a CR held back at the end of the earlier input comes first). The CRLF before the final
 * dot belongs to the text. Octets after the end of data are not touched. There are no errors.
 */
struct parse_result smtp_data_decode(struct smtp_data_decoder *decoder, struct slice in,
                                     struct writer *out);

#endif
