/* Laws of BDAT framing: however the input is cut, the same commands and octets come out. */
#include "custom.h"
#include "fuzz.h"
#include "smtp/chunk.h"

#define LIMIT 512

struct outcome {
    struct writer octets; /* of all messages, each command's size and LAST before its chunk */
    size_t consumed;
    int error;
};

/* Reads pieces of `step` octets; each call sees what was not consumed before. */
static struct outcome read_all(struct slice in, size_t step)
{
    struct outcome out = {.octets = fuzz_writer(12 * in.len + 64)};
    struct smtp_chunk_framer framer = {.left = 0};
    size_t seen = 0, octets = 0; /* of the message */
    for (;;) {
        struct slice copy = fuzz_copy(slice_sub(in, out.consumed, seen));
        struct smtp_chunk_piece piece;
        uint64_t left = framer.left;
        struct parse_result result = smtp_chunk_next(&framer, copy, LIMIT, &piece);
        if (result.status == PARSE_OK) {
            FUZZ_LAW(result.offset <= copy.len, "no more is consumed than there is");
            FUZZ_LAW((piece.kind == SMTP_CHUNK_END) == (result.offset == 0),
                     "only the end consumes nothing");
            if (piece.kind == SMTP_CHUNK_OCTETS)
                FUZZ_LAW(piece.octets.ptr == copy.ptr && piece.octets.len == result.offset &&
                             framer.left + result.offset == left,
                         "octets are passed on and counted");
            if (piece.kind == SMTP_CHUNK_COMMAND)
                writer_put_number(&out.octets, piece.command.chunk_octets + piece.command.last);
            writer_put(&out.octets, piece.octets);
            octets = piece.kind == SMTP_CHUNK_END ? 0 : octets + piece.octets.len;
            FUZZ_LAW(framer.octets == octets, "a message's octets are counted");
            if (piece.kind == SMTP_CHUNK_END)
                writer_put_octet(&out.octets, '$');
            out.consumed += result.offset;
        }
        fuzz_free(copy);
        if (result.status == PARSE_ERROR) {
            FUZZ_LAW(smtp_chunk_error_text(result.error) != NULL, "each error has a text");
            out.error = result.error;
            return out;
        }
        if (result.status == PARSE_MORE && seen == in.len)
            return out;
        if (result.status == PARSE_MORE)
            seen = in.len - seen < step ? in.len : seen + step;
    }
}

/* The model: commands cut out at their ends, and behind each as many octets as it says. */
static void check_model(struct slice in, const struct outcome *whole)
{
    struct writer expected = fuzz_writer(12 * in.len + 64);
    size_t at = 0;
    int error = 0;
    for (;;) {
        struct smtp_command command;
        struct parse_result line = smtp_command_parse(slice_from(in, at), LIMIT, &command);
        error = line.status == PARSE_ERROR ? line.error : 0;
        if (line.status == PARSE_OK && command.verb != SMTP_VERB_BDAT)
            error = SMTP_CHUNK_NOT_BDAT;
        if (line.status != PARSE_OK || error != 0)
            break;
        at += line.offset;
        size_t left = in.len - at;
        bool all = command.chunk_octets <= left;
        size_t octets = all ? (size_t)command.chunk_octets : left;
        writer_put_number(&expected, command.chunk_octets + command.last);
        writer_put(&expected, slice_sub(in, at, at + octets));
        at += octets;
        if (!all)
            break;
        if (command.last)
            writer_put_octet(&expected, '$');
    }
    FUZZ_LAW(whole->error == error && whole->consumed == at &&
                 slice_equal(writer_slice(&whole->octets), writer_slice(&expected)),
             "commands and octets are the model's");
    fuzz_free_writer(&expected);
}

static void frame_all(struct slice in)
{
    struct smtp_chunk_framer framer = {.left = 0};
    struct smtp_chunk_piece piece;
    struct parse_result result;
    while ((result = smtp_chunk_next(&framer, in, LIMIT, &piece)).status == PARSE_OK &&
           (result.offset > 0 || piece.kind == SMTP_CHUNK_END))
        in = slice_from(in, result.offset);
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size);
    struct outcome whole = read_all(in, size + 1);
    struct outcome pieces = read_all(in, 1 + fuzz_knob(in, 0, 9));
    FUZZ_LAW(!whole.octets.overflow, "there are no more octets than came");
    FUZZ_LAW(whole.consumed == pieces.consumed && whole.error == pieces.error &&
                 slice_equal(writer_slice(&whole.octets), writer_slice(&pieces.octets)),
             "cut input reads as whole input does");
    check_model(in, &whole);
    FUZZ_LINEAR(in.len, frame_all(in));
    fuzz_free_writer(&whole.octets);
    fuzz_free_writer(&pieces.octets);
    return 0;
}
