#include "smtp/chunk.h"

static struct parse_result read_command(struct smtp_chunk_framer *framer, struct slice in,
                                        size_t max_octets, struct smtp_chunk_piece *ret_piece)
{
    struct smtp_chunk_piece piece = {.kind = SMTP_CHUNK_COMMAND};
    struct parse_result result = smtp_command_parse(in, max_octets, &piece.command);
    if (result.status != PARSE_OK)
        return result;
    if (piece.command.verb != SMTP_VERB_BDAT)
        return parse_error(SMTP_CHUNK_NOT_BDAT, 0);
    framer->left = piece.command.chunk_octets;
    framer->last = piece.command.last;
    framer->in_chunk = true;
    *ret_piece = piece;
    return result;
}

struct parse_result smtp_chunk_next(struct smtp_chunk_framer *framer, struct slice in,
                                    size_t max_octets, struct smtp_chunk_piece *ret_piece)
{
    if (framer->in_chunk && framer->left > 0) {
        if (in.len == 0)
            return parse_more();
        size_t take = in.len < framer->left ? in.len : (size_t)framer->left;
        framer->left -= take;
        framer->octets += take;
        *ret_piece =
            (struct smtp_chunk_piece){.kind = SMTP_CHUNK_OCTETS, .octets = slice_sub(in, 0, take)};
        return parse_ok(take);
    }
    if (framer->in_chunk && framer->last) {
        *framer = (struct smtp_chunk_framer){.in_chunk = false};
        *ret_piece = (struct smtp_chunk_piece){.kind = SMTP_CHUNK_END};
        return parse_ok(0);
    }
    return read_command(framer, in, max_octets, ret_piece);
}

const char *smtp_chunk_error_text(int error)
{
    return error == SMTP_CHUNK_NOT_BDAT ? "another command stands before the last chunk"
                                        : smtp_command_error_text(error);
}
