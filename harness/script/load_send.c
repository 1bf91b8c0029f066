/*
 * Lines of the client.
 *
 *   line   = "C:" text                 ; text CRLF goes out, no escapes
 *   octets = "C!:" bytes               ; in a write of their own; escapes, nothing is appended
 *   data   = "%data" ( "<<" word / "@" file )      ; dots are stuffed, and the lone dot follows
 *   bdat   = "%bdat" ( "<<" word / "@" file ) [ "last" ] [ "chunk=" 1*DIGIT ]      ; RFC 3030 2
 */
#include "base/octet.h"
#include "script/loader.h"

static struct script_send *add_send(struct loader *l, struct slice at, enum script_send_role role,
                                    struct script_text text)
{
    struct script_send *send = &loader_step(l, SCRIPT_SEND, at.ptr)->as.send;
    bool alone = role == SCRIPT_SEND_RAW || l->scope.flush_each;
    *send = (struct script_send){
        .text = text, .role = role, .alone = alone, .segment = l->scope.segment};
    return send;
}

void loader_send_line(struct loader *l, struct slice text)
{
    bool transcript = l->text.origins != NULL; /* it is known to hold what was sent */
    unsigned flags = LOADER_CRLF | (transcript ? 0 : LOADER_WARN);
    if (!transcript && slice_starts(text, SLICE("!")) && text.ptr[-1] == ':')
        loader_warning(l, slice_sub(text, 0, 1), "it goes out as it stands; did you mean C!:?");
    add_send(l, text, SCRIPT_SEND_COMMAND, loader_text(l, text, flags));
}

void loader_send_octets(struct loader *l, struct slice text)
{
    if (text.len == 0)
        loader_error(l, text, "octets are missing: C!: NOOP\\r\\n");
    else
        add_send(l, text, SCRIPT_SEND_RAW, loader_text(l, text, LOADER_ESCAPES));
}

/* ---- where a text comes from ---- */

/* Takes "<<WORD" or "@file" off `*args`; the word or the file's name. */
static bool take_source(struct loader *l, struct slice at, struct slice *args, bool *ret_is_file,
                        struct slice *ret_name)
{
    struct slice word = loader_word(args);
    bool is_file = slice_starts(word, SLICE("@")) && word.len > 1;
    bool is_here = slice_starts(word, SLICE("<<")) && loader_is_name(slice_from(word, 2));
    if (!is_file && !is_here) {
        bool apart = slice_equal(word, SLICE("<<")) || slice_equal(word, SLICE("@"));
        loader_error(l, word.len > 0 ? word : at,
                     apart ? "no blank stands behind it: <<EOT, @message.eml"
                           : "a word that ends the text, or a file: <<EOT, @message.eml");
        return false;
    }
    *ret_is_file = is_file;
    *ret_name = slice_from(word, is_file ? 1 : 2);
    return true;
}

/* The next line of the text, up to the one with the word. */
static bool next_of_text(struct loader *l, struct slice end, struct slice *ret_line, bool *ret_last)
{
    if (!loader_next_line(l, ret_line)) {
        loader_error(l, end, "no line with this word ends the text");
        return false;
    }
    *ret_last = slice_equal(slice_trim(*ret_line), end);
    return true;
}

/* ---- %data ---- */

static void send_dot(struct loader *l, struct slice at)
{
    add_send(l, at, SCRIPT_SEND_MESSAGE, loader_literal(l, SLICE(".\r\n")));
}

/* The lines of a file, each with CRLF, dots stuffed (RFC 5321 4.5.2). */
static void send_file(struct loader *l, struct slice at, struct slice name)
{
    struct slice path, octets;
    struct script_buffer text = {.arena = l->arena};
    if (!loader_read_file(l, name, &path, &octets))
        return;
    while (octets.len > 0) {
        size_t len = slice_find(octets, '\n');
        struct slice line = slice_sub(octets, 0, len);
        octets = slice_from(octets, len + (len < octets.len));
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        if (slice_starts(line, SLICE(".")))
            script_buffer_put_octet(&text, '.');
        script_buffer_put(&text, line);
        script_buffer_put(&text, SLICE("\r\n"));
    }
    if (text.len > 0)
        add_send(l, at, SCRIPT_SEND_MESSAGE, loader_literal(l, script_buffer_slice(&text)));
    send_dot(l, at);
}

void loader_send_data(struct loader *l, struct slice at, struct slice args)
{
    struct slice line, name;
    bool is_file, last = false;
    if (!take_source(l, at, &args, &is_file, &name))
        return;
    loader_no_more(l, args);
    if (is_file) {
        send_file(l, at, name);
        return;
    }
    while (!last && next_of_text(l, name, &line, &last)) {
        if (last)
            send_dot(l, line);
        else
            add_send(l, line, SCRIPT_SEND_MESSAGE,
                     loader_text(l, line, LOADER_CRLF | LOADER_STUFF));
    }
}

/* ---- %bdat ---- */

static bool read_lines(struct loader *l, struct slice end, struct script_text *ret_text)
{
    struct script_array parts = {.arena = l->arena};
    struct slice line;
    bool last = false;
    while (next_of_text(l, end, &line, &last)) {
        if (last) {
            *ret_text = (struct script_text){parts.items, parts.count};
            return true;
        }
        struct script_text text = loader_text(l, line, LOADER_CRLF);
        for (size_t i = 0; i < text.count; i++)
            *(struct script_part *)script_array_push(&parts, sizeof *text.parts) = text.parts[i];
    }
    return false;
}

static bool read_chunk(struct loader *l, struct slice word, uint64_t *ret_octets)
{
    struct slice digits = slice_from(word, 6);
    uint64_t octets = 0;
    if (!slice_starts(word, SLICE("chunk=")))
        return false;
    for (size_t i = 0; i < digits.len && i < 9; i++) {
        if (!octet_is(digits.ptr[i], OCTET_DIGIT))
            return false;
        octets = octets * 10 + digits.ptr[i] - '0';
    }
    if (octets == 0 || digits.len > 8)
        loader_error(l, word, "chunk= is a number of octets");
    *ret_octets = octets == 0 ? 1 : octets;
    return true;
}

static void send_chunk(struct loader *l, struct slice at, struct script_part chunk)
{
    chunk.kind = SCRIPT_PART_CHUNK;
    add_send(l, at, SCRIPT_SEND_CHUNK, loader_part(l, chunk));
}

/* Each chunk but the last is answered before the next one leaves: a server may lack PIPELINING. */
static void send_chunks(struct loader *l, struct slice at, struct script_part chunk)
{
    static const struct script_outcome ok = {.kind = SCRIPT_OUTCOME_CODE, .digit = {2, 5, 0}};
    struct script_part chunks = chunk;
    chunks.kind = SCRIPT_PART_CHUNKS;
    chunk.depth = l->repeat_depth;
    if (!loader_open_repeat(l, at, loader_part(l, chunks), NULL))
        return;
    send_chunk(l, at,
               (struct script_part){.of = chunk.of, .count = chunk.count, .depth = chunk.depth});
    struct script_reply_line *line = script_arena_alloc(l->arena, sizeof *line);
    line->line = loader_place(l, at.ptr).line;
    loader_step(l, SCRIPT_EXPECT, at.ptr)->as.expect =
        (struct script_expectation){.pass = {&ok, 1}, .lines = line, .line_count = 1};
    loader_close_block(l, at);
    send_chunk(l, at, chunk);
}

void loader_send_bdat(struct loader *l, struct slice at, struct slice args)
{
    struct script_part chunk = {.last = true};
    struct script_text *text = script_arena_alloc(l->arena, sizeof *text);
    struct slice name, path, octets, word;
    bool is_file;
    if (!take_source(l, at, &args, &is_file, &name))
        return;
    while ((word = loader_word(&args)).len > 0) {
        if (slice_equal_nocase(word, SLICE("last")))
            chunk.ends = true;
        else if (!read_chunk(l, word, &chunk.count))
            loader_error(l, word, "last or chunk=N may follow");
    }
    if (is_file && loader_read_file(l, name, &path, &octets))
        *text = loader_literal(l, octets);
    else if (is_file || !read_lines(l, name, text))
        return;
    chunk.of = text;
    if (chunk.count > 0)
        send_chunks(l, at, chunk);
    else
        send_chunk(l, at, chunk);
}
