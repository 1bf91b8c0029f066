/*
 * Laws of dot transparency: decode(encode(x)) is x, the encoder never ends a message early, and the
 * decoder agrees with a naive model however the octets are cut.
 */
#include "fuzz.h"
#include "smtp/data.h"

/* The end of data, found the slow way: a dot alone between CRLFs, or at the start. Its octets, or
 * 0. */
static size_t model_end(struct slice in)
{
    if (slice_starts(in, SLICE(".\r\n")))
        return 3;
    for (size_t i = 0; i + 5 <= in.len; i++)
        if (memcmp(in.ptr + i, "\r\n.\r\n", 5) == 0)
            return i + 5;
    return 0;
}

static size_t decode(struct slice in, size_t piece, struct writer *out)
{
    struct smtp_data_decoder decoder = {.state = 0};
    for (size_t at = 0; at < in.len;) {
        size_t take = in.len - at < piece ? in.len - at : piece;
        struct parse_result result = smtp_data_decode(&decoder, slice_sub(in, at, at + take), out);
        FUZZ_LAW(result.status != PARSE_ERROR, "the decoder has no errors");
        if (result.status == PARSE_OK)
            return at + result.offset;
        at += take;
    }
    return 0;
}

static struct writer room_for(size_t octets)
{
    uint8_t *memory = malloc(octets);
    return writer_of(memory, memory == NULL ? 0 : octets);
}

static void check_round_trip(struct slice in)
{
    struct writer wire = room_for(SMTP_DATA_ENCODED_MAX(in.len)), back = room_for(3 * in.len + 16);
    struct smtp_data_encoder encoder = {.state = 0};
    smtp_data_encode(&encoder, in, &wire);
    FUZZ_LAW(model_end(writer_slice(&wire)) == 0, "the encoder ends no message early");
    smtp_data_finish(&encoder, &wire);
    FUZZ_LAW(!wire.overflow, "SMTP_DATA_ENCODED_MAX is enough");
    size_t end = decode(writer_slice(&wire), SIZE_MAX, &back);
    FUZZ_LAW(end == wire.len, "the encoded message ends at its end");
    FUZZ_LAW(back.len >= in.len && slice_equal(slice_sub(writer_slice(&back), 0, in.len), in),
             "decode(encode(x)) is x");
    FUZZ_LAW(back.len <= in.len + 2, "and no more than a CRLF that was missing");
    free(wire.ptr);
    free(back.ptr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    struct writer whole = room_for(in.len + 8), pieces = room_for(2 * in.len + 16);
    size_t end = decode(in, SIZE_MAX, &whole);
    size_t cut_end = decode(in, 1 + fuzz_knob(in, 0, 7), &pieces);
    FUZZ_LAW(end == model_end(in), "only CRLF . CRLF ends a message, and it always does");
    FUZZ_LAW(end == cut_end, "how the octets are cut moves no end");
    FUZZ_LAW(!whole.overflow && !pieces.overflow, "in.len + 5 octets are enough");
    FUZZ_LAW(slice_equal(writer_slice(&whole), writer_slice(&pieces)),
             "how the octets are cut changes no text");
    check_round_trip(in);
    free(whole.ptr);
    free(pieces.ptr);
    fuzz_free(in);
    return 0;
}
