/* Laws of the dot codec. The decoder is held against a model that looks at the whole message. */
#include "custom.h"
#include "fuzz.h"
#include "smtp/data.h"
#include "smtp/quirk.h"

struct message {
    bool ended;
    size_t consumed; /* where it ended */
    uint8_t *text;
    size_t len;
    uint64_t quirks;
};

/* ---- the model: RFC 5321 4.5.2 as a person would do it on paper, with CRLF put before ---- */

static bool at(struct slice s, size_t i, const char *what)
{
    size_t len = strlen(what);
    return i <= s.len && s.len - i >= len && memcmp(s.ptr + i, what, len) == 0;
}

static uint64_t model_quirks_of(struct slice s, size_t i)
{
    uint8_t octet = s.ptr[i];
    bool after_cr = i > 0 && s.ptr[i - 1] == '\r';
    uint64_t quirks = octet == 0 ? QUIRK_NUL : octet >= 128 ? QUIRK_EIGHT_BIT : 0;
    if (octet == 127 ||
        (octet > 0 && octet < 32 && octet != '\t' && octet != '\r' && octet != '\n'))
        quirks |= QUIRK_CONTROL;
    if (octet == '\n' && !after_cr)
        quirks |= QUIRK_BARE_LF;
    if (octet == '\r' && i + 1 < s.len && s.ptr[i + 1] != '\n')
        quirks |= QUIRK_BARE_CR;
    return quirks;
}

/* Whether the octet at `i` is a dot with a line ending of any kind on both sides, not CRLF on both.
 * A CR at the end of the input behind "CRLF ." may become either. */
static bool model_lone_dot(struct slice s, size_t i)
{
    if (s.ptr[i] != '.' || i + 1 == s.len)
        return false;
    bool crlf_before = at(s, i - 2, "\r\n"), crlf_behind = at(s, i + 1, "\r\n");
    bool before = s.ptr[i - 1] == '\n' || s.ptr[i - 1] == '\r';
    bool behind = s.ptr[i + 1] == '\n' || s.ptr[i + 1] == '\r';
    bool open = crlf_before && s.ptr[i + 1] == '\r' && i + 2 == s.len;
    return before && behind && !open && !(crlf_before && crlf_behind);
}

/* `s` is CRLF and the wire's octets: a message whose first line is the empty one before it. */
static struct message model(struct slice s)
{
    struct message message = {.text = fuzz_take(s.len + 1)};
    size_t end = 0;
    while (end < s.len && !at(s, end, "\r\n.\r\n"))
        end++;
    message.ended = end < s.len;
    message.consumed = message.ended ? end + 5 - 2 : s.len - 2;
    struct slice text = slice_sub(s, 0, message.ended ? end + 2 : s.len);
    size_t line = 0; /* octets of this line of text */
    for (size_t i = 2; i < text.len; i++) {
        bool first = text.ptr[i - 1] == '\n' && text.ptr[i - 2] == '\r';
        message.quirks |= model_quirks_of(text, i);
        message.quirks |= model_lone_dot(text, i) ? SMTP_QUIRK_LF_DOT : 0;
        line = first ? 0 : line;
        if (first && text.ptr[i] == '.') {
            if (i + 1 < text.len && text.ptr[i + 1] != '.' && text.ptr[i + 1] != '\r' &&
                text.ptr[i + 1] != '\n')
                message.quirks |= SMTP_QUIRK_UNSTUFFED_DOT;
            continue;
        }
        if (i + 1 == text.len && text.ptr[i] == '\r' && at(text, i - 3 + (i < 3), "\r\n.") &&
            i >= 3)
            continue; /* perhaps the end of data: not yet text */
        message.text[message.len++] = text.ptr[i];
        message.quirks |= ++line > 1000 ? QUIRK_LONG_LINE : 0;
    }
    return message;
}

/* ---- the decoder, in pieces ---- */

static struct message decode(struct slice wire, size_t step)
{
    struct message message = {.text = fuzz_take(wire.len + 1)};
    struct smtp_data_decoder decoder = {0};
    for (size_t from = 0; from < wire.len && !message.ended;) {
        size_t len = step < wire.len - from ? step : wire.len - from;
        struct slice piece = fuzz_copy(slice_sub(wire, from, from + len));
        uint8_t *room = fuzz_take(len + 1); /* what the contract asks for */
        struct writer out = writer_of(room, len + 1);
        struct parse_result result;
        FUZZ_LINEAR(len, result = smtp_data_decode(&decoder, piece, &out));
        FUZZ_LAW(!out.overflow, "a piece's text fits its octets and one");
        FUZZ_LAW(result.status != PARSE_ERROR, "there are no errors");
        memcpy(message.text + message.len, room, out.len);
        message.len += out.len;
        message.ended = result.status == PARSE_OK;
        from += message.ended ? result.offset : len;
        message.consumed = from;
        fuzz_give(room);
        fuzz_free(piece);
    }
    message.quirks = decoder.quirks;
    return message;
}

static bool same(const struct message *a, const struct message *b)
{
    return a->ended == b->ended && a->consumed == b->consumed &&
           slice_equal(slice_of(a->text, a->len), slice_of(b->text, b->len)) &&
           a->quirks == b->quirks;
}

static void check_decoder(struct slice wire, size_t step)
{
    uint8_t *with_start = fuzz_take(wire.len + 2);
    memcpy(with_start, "\r\n", 2);
    if (wire.len > 0)
        memcpy(with_start + 2, wire.ptr, wire.len);
    struct message expected = model(slice_of(with_start, wire.len + 2));
    struct message whole = decode(wire, wire.len), pieces = decode(wire, step);
    FUZZ_LAW(same(&whole, &expected), "the decoder does what the model does");
    FUZZ_LAW(same(&whole, &pieces), "the decoder does the same in pieces");
    fuzz_give(expected.text);
    fuzz_give(whole.text);
    fuzz_give(pieces.text);
    fuzz_give(with_start);
}

static void check_encoder(struct slice text, size_t step)
{
    size_t capacity = SMTP_DATA_ENCODED_MAX(text.len);
    uint8_t *room = fuzz_take(capacity);
    struct writer wire = writer_of(room, capacity);
    struct smtp_data_encoder encoder = {0};
    for (size_t from = 0; from < text.len; from += step)
        FUZZ_LINEAR(
            step,
            smtp_data_encode(&encoder,
                             slice_sub(text, from, from + step < text.len ? from + step : text.len),
                             &wire));
    smtp_data_finish(&encoder, &wire);
    FUZZ_LAW(!wire.overflow, "the encoded message fits its maximum");

    struct message back = decode(writer_slice(&wire), capacity);
    bool line_ended = text.len == 0 || (text.len >= 2 && at(text, text.len - 2, "\r\n"));
    FUZZ_LAW(back.ended && back.consumed == wire.len,
             "the encoder ends a message once, at its end");
    FUZZ_LAW(back.len == text.len + (line_ended ? 0 : 2) &&
                 slice_equal(slice_of(back.text, text.len), text) &&
                 (line_ended || memcmp(back.text + text.len, "\r\n", 2) == 0),
             "what was encoded is decoded, its last line ended");
    FUZZ_LAW(!(back.quirks & SMTP_QUIRK_UNSTUFFED_DOT), "the encoder stuffs each first dot");
    fuzz_give(back.text);
    fuzz_give(room);
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size);
    size_t step = 1 + fuzz_knob(in, 0, 9);
    check_decoder(in, step);
    check_encoder(in, step);
    return 0;
}
