/*
 * parse_data: messages as they go over the wire, after DATA with dots and an end of data, or in
 * chunks. A message may be longer than the window: what was read is let go, and of its content no
 * more is kept than can be shown.
 */
#include <stdlib.h>

#include "cli/parse/parse.h"
#include "smtp/chunk.h"
#include "smtp/data.h"
#include "smtp/ending.h"
#include "smtp/quirk.h"

#define SHOWN_OCTETS  PARSE_WINDOW_OCTETS /* of content */
#define SHOWN_ENTRIES 1000                /* endings, or chunks */

/* The message that is being read. */
static struct {
    struct smtp_data_decoder decoder;
    struct smtp_ending_detector detector;
    struct smtp_chunk_framer framer;
    struct writer content;   /* its first octets */
    uint64_t content_octets; /* all of them */
    uint64_t consumed;       /* octets of the input in windows before */
    uint64_t quirks;
    json_t *entries;
    size_t entry_count;
    bool begun;
} message;

static void *room_for(size_t octets)
{
    void *room = malloc(octets);
    if (room == NULL)
        abort();
    return room;
}

static void begin_message(void)
{
    if (message.begun)
        return;
    if (message.content.ptr == NULL)
        message.content = writer_of(room_for(SHOWN_OCTETS), SHOWN_OCTETS);
    struct writer content = writer_of(message.content.ptr, SHOWN_OCTETS);
    memset(&message, 0, sizeof message);
    message.content = content;
    message.entries = json_array();
    message.begun = true;
    smtp_ending_begin(&message.detector);
}

/* Gives the message's members to `object`, or drops them with it. */
static void end_message(json_t *object, const char *entries)
{
    put(object, "content",
        message.content.overflow ? json_null() : text_of(writer_slice(&message.content)));
    put_number(object, "content_octets", message.content_octets);
    put(object, entries, message.entries);
    put_number(object, "omitted", message.entry_count - json_array_size(message.entries));
    message.begun = false;
}

static void add_content(struct slice octets)
{
    writer_put(&message.content, octets);
    message.content_octets += octets.len;
}

static void add_entry(json_t *entry)
{
    message.entry_count++;
    if (json_array_size(message.entries) < SHOWN_ENTRIES)
        put_entry(message.entries, entry);
    else
        json_decref(entry);
}

static struct parse_outcome outcome_of(struct parse_result result, struct slice window, bool whole)
{
    struct parse_outcome out = {.result = result, .quirks = message.quirks};
    if (result.status == PARSE_MORE && !whole) {
        out.absorbed = window.len;
        message.consumed += window.len;
    } else {
        out.consumed_before = message.consumed;
    }
    return out;
}

/* ---- after DATA ---- */

static json_t *entry_of(const struct smtp_ending *ending)
{
    uint8_t room[SMTP_ENDING_PATTERN_MAX];
    struct writer pattern = writer_of(room, sizeof room);
    json_t *entry = json_object(), *models = json_array();
    smtp_ending_write_pattern(ending, &pattern);
    put_number(entry, "offset", ending->offset);
    put_text(entry, "pattern", writer_slice(&pattern));
    for (unsigned model = 0; model < SMTP_ENDING_MODELS; model++)
        if (ending->ends_for & 1u << model)
            put_entry(models, json_string(smtp_ending_models[model].name));
    put(entry, "ends_for", models);
    return entry;
}

static void detect(struct slice in)
{
    struct smtp_ending ending;
    for (struct parse_result result;;) {
        result = smtp_ending_next(&message.detector, in, &ending);
        if (result.status != PARSE_OK)
            return;
        add_entry(entry_of(&ending));
        in = slice_from(in, result.offset);
    }
}

static json_t *ends_of_models(void)
{
    json_t *ends = json_object();
    for (unsigned model = 0; model < SMTP_ENDING_MODELS; model++) {
        uint64_t end = message.detector.ends_at[model];
        put(ends, smtp_ending_models[model].name, end == UINT64_MAX ? json_null() : number_of(end));
    }
    return ends;
}

struct parse_outcome parse_data(struct slice window, bool whole, json_t *object)
{
    begin_message();
    struct writer text = writer_of(room_for(window.len + 1), window.len + 1);
    struct parse_result result = smtp_data_decode(&message.decoder, window, &text);
    size_t consumed = result.status == PARSE_OK ? result.offset : window.len;
    struct smtp_ending last;
    detect(slice_sub(window, 0, consumed));
    add_content(writer_slice(&text));
    free(text.ptr);
    message.quirks = message.decoder.quirks;
    struct parse_outcome out = outcome_of(result, window, whole);
    if (out.absorbed > 0)
        return out;
    if (smtp_ending_finish(&message.detector, &last))
        add_entry(entry_of(&last));
    end_message(object, "endings");
    put_bool(object, "models_disagree", smtp_ending_models_disagree(&message.detector));
    put(object, "model_ends", ends_of_models());
    return out;
}

/* ---- in chunks ---- */

static void add_chunk(const struct smtp_command *command)
{
    json_t *entry = json_object();
    put_number(entry, "chunk_octets", command->chunk_octets);
    put_bool(entry, "last", command->last);
    put_quirks(entry, command->quirks, smtp_quirk);
    add_entry(entry);
    message.quirks |= command->quirks;
}

struct parse_outcome parse_bdat(struct slice window, bool whole, json_t *object)
{
    begin_message();
    struct smtp_chunk_piece piece;
    struct parse_result result;
    size_t at = 0;
    for (;;) {
        result = smtp_chunk_next(&message.framer, slice_from(window, at), PARSE_WINDOW_OCTETS / 2,
                                 &piece);
        if (result.status != PARSE_OK || piece.kind == SMTP_CHUNK_END)
            break;
        if (piece.kind == SMTP_CHUNK_COMMAND)
            add_chunk(&piece.command);
        else
            add_content(piece.octets);
        at += result.offset;
    }
    /* The beginning of a command line stays in the window. */
    struct parse_outcome out = outcome_of(result, slice_sub(window, 0, at), whole);
    if (result.status == PARSE_MORE && !whole)
        return out;
    if (result.status == PARSE_OK)
        out.result = parse_ok(at);
    if (result.status == PARSE_ERROR) {
        out.error = smtp_chunk_error_text(result.error);
        out.result = parse_error(result.error, at + result.offset);
        out.absorbed = at;
    }
    end_message(object, "chunks");
    return out;
}
