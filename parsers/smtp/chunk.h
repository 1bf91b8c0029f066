/*
 * chunk: a message that comes in chunks.
 *
 *   bdat-cmd = "BDAT" SP chunk-size [ SP "LAST" ] CRLF            ; RFC 3030 2
 *   chunk    = exactly chunk-size octets, of any value; no line ending of its own
 *
 * A framer reads a client's side of the transfer: commands and the octets behind each, up to the
 * chunk that is the last. Octets are passed on as they come, however the input is cut, and none is
 * looked at: dots are text, and the count alone ends a chunk.
 */
#ifndef MAILDRILL_SMTP_CHUNK_H
#define MAILDRILL_SMTP_CHUNK_H

#include "base/parse.h"
#include "base/slice.h"
#include "smtp/command.h"

/* An error of the command line is an smtp_command_error. */
enum smtp_chunk_error {
    SMTP_CHUNK_NOT_BDAT = 64, /* another command before the last chunk; offset 0 */
};

enum smtp_chunk_kind {
    SMTP_CHUNK_COMMAND, /* a BDAT command was read */
    SMTP_CHUNK_OCTETS,  /* octets of the message */
    SMTP_CHUNK_END,     /* the last chunk is complete; consumes nothing */
};

struct smtp_chunk_piece {
    enum smtp_chunk_kind kind;
    struct smtp_command command; /* COMMAND */
    struct slice octets;         /* OCTETS: at least 1 */
};

/** Begin with a zeroed one. */
struct smtp_chunk_framer {
    uint64_t octets; /* of the message so far */
    uint64_t left;   /* of the chunk */
    bool in_chunk;
    bool last; /* of the chunk: "LAST" */
};

/**
 * Reads the next piece: OK with the octets consumed, MORE and nothing consumed, or an error of the
 * command line, whose length max_octets limits (smtp/command.h). Behind SMTP_CHUNK_END the framer
 * is ready for another message.
 */
struct parse_result smtp_chunk_next(struct smtp_chunk_framer *framer, struct slice in,
                                    size_t max_octets, struct smtp_chunk_piece *ret_piece);

/** One sentence for an error of this parser, without its full stop. */
const char *smtp_chunk_error_text(int error);

#endif
