/* parse encoded-word: unstructured text, its encoded words decoded. */
#include <stdlib.h>

#include "cli/parse/parse.h"
#include "imf/encoded_word.h"
#include "imf/field.h"
#include "imf/quirk.h"

/* Text as people see it: plain text as it is, words of one charset that stand together converted
 * together, since writers split characters between them. */
struct shown {
    struct writer text;    /* UTF-8 as far as it could be made */
    struct writer pending; /* octets of `charset`, not yet converted */
    struct slice charset;
};

static void add_json_text(struct writer *out, json_t *value, struct slice octets)
{
    if (json_is_string(value))
        writer_put(out, slice_of(json_string_value(value), json_string_length(value)));
    else
        writer_put(out, octets);
    json_decref(value);
}

static void flush_pending(struct shown *shown)
{
    struct slice octets = writer_slice(&shown->pending);
    bool foreign;
    if (octets.len > 0)
        add_json_text(&shown->text, text_in_charset(octets, shown->charset, &foreign), octets);
    shown->pending.len = 0;
}

static void show(struct shown *shown, const struct imf_encoded_piece *piece)
{
    bool word = piece->encoding == IMF_ENCODING_B || piece->encoding == IMF_ENCODING_Q;
    if (!word || !slice_equal_nocase(piece->charset, shown->charset))
        flush_pending(shown);
    shown->charset = word ? piece->charset : SLICE("");
    if (word)
        imf_encoded_word_decode(piece, &shown->pending);
    else
        imf_field_unfold(piece->raw, &shown->text);
}

static void *room_for(size_t octets)
{
    void *room = malloc(octets + 1);
    if (room == NULL)
        abort();
    return room;
}

/* A piece by itself. */
static json_t *text_of_piece(struct imf_encoded_piece *piece)
{
    struct writer octets = writer_of(room_for(piece->raw.len), piece->raw.len);
    bool foreign;
    if (piece->encoding == IMF_ENCODING_NONE)
        imf_field_unfold(piece->raw, &octets);
    else
        imf_encoded_word_decode(piece, &octets);
    json_t *text = text_in_charset(writer_slice(&octets), piece->charset, &foreign);
    if (foreign && piece->encoding != IMF_ENCODING_UNKNOWN)
        piece->quirks |= IMF_QUIRK_INVALID_CHARSET;
    free(octets.ptr);
    return text;
}

static json_t *entry_of(const struct imf_encoded_piece *piece, json_t *text)
{
    static const char *const encodings[] = {
        [IMF_ENCODING_NONE] = NULL,
        [IMF_ENCODING_B] = "B",
        [IMF_ENCODING_Q] = "Q",
        [IMF_ENCODING_UNKNOWN] = "unknown",
    };
    json_t *entry = json_object();
    put(entry, "text", text);
    put_word(entry, "encoding", encodings[piece->encoding]);
    if (piece->encoding != IMF_ENCODING_NONE) {
        put_text(entry, "charset", piece->charset);
        put(entry, "language", piece->language.len > 0 ? text_of(piece->language) : json_null());
        put_text(entry, "encoded_text", piece->text);
    }
    put_quirks(entry, piece->quirks, imf_quirk);
    return entry;
}

json_t *text_with_encoded_words(struct slice in, enum imf_encoded_context context, json_t *pieces,
                                uint64_t *quirks)
{
    struct imf_encoded_text text;
    struct shown shown = {.text = writer_of(room_for(4 * in.len + 16), 4 * in.len + 16),
                          .pending = writer_of(room_for(in.len), in.len)};
    imf_encoded_text_begin(in, context, &text);
    for (struct imf_encoded_piece piece; imf_encoded_text_next(&text, &piece);) {
        json_t *alone = text_of_piece(&piece);
        *quirks |= piece.quirks;
        show(&shown, &piece);
        if (pieces != NULL)
            put_entry(pieces, entry_of(&piece, alone));
        else
            json_decref(alone);
    }
    flush_pending(&shown);
    json_t *value = text_of(writer_slice(&shown.text));
    free(shown.text.ptr);
    free(shown.pending.ptr);
    return value;
}

struct parse_outcome parse_encoded_word(struct slice window, bool whole, json_t *object)
{
    struct parse_outcome out = {.result = parse_ok(window.len)};
    json_t *pieces = json_array();
    (void)whole;
    put(object, "text", text_with_encoded_words(window, IMF_ENCODED_IN_TEXT, pieces, &out.quirks));
    put(object, "pieces", pieces);
    return out;
}
