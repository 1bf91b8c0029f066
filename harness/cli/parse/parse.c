/*
 * parse: each parser from the command line. Octets on standard input, one JSON object a line:
 *
 *   {"status": "ok", "consumed": 6, "quirks": ["bare-lf"], ...}     and the kind's own members
 *   {"status": "error", "error": "...", "error_offset": 4}          counted from its first octet
 *   {"status": "more"}                                              the input ends too early
 *
 * Text that is not UTF-8 stands as {"hex": "c328"}. parsers/README.md lists the members of each
 * kind. A window over the input is all that is kept, so that input may be endless.
 */
#include "cli/parse/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/commands.h"
#include "imf/quirk.h"
#include "smtp/quirk.h"

static const struct kind {
    const char *name;
    parse_kind *parse;
    const struct quirk *(*quirk_of)(unsigned n);
    bool value;   /* one value, not a stream: the input's last line ending is not part of it */
    bool absorbs; /* elements may be longer than the window */
    const char *summary;
} kinds[] = {
    {"command", parse_command, smtp_quirk, false, false, "command lines"},
    {"reply", parse_reply, smtp_quirk, false, false, "replies"},
    {"ehlo", parse_ehlo, smtp_quirk, false, false, "replies to EHLO"},
    {"proxy", parse_proxy, smtp_quirk, false, false, "headers of the PROXY protocol"},
    {"data", parse_data, smtp_quirk, false, true, "messages with their dots and end of data"},
    {"bdat", parse_bdat, smtp_quirk, false, true, "messages in BDAT chunks"},
    {"path", parse_path, smtp_quirk, true, false, "a reverse-path or forward-path"},
    {"params", parse_params, smtp_quirk, true, false,
     "the parameters of MAIL, RCPT or a header field"},
    {"fields", parse_fields, imf_quirk, false, false, "the fields of a header section"},
    {"encoded-word", parse_encoded_word, imf_quirk, true, false, "text with encoded words"},
    {"content-type", parse_content_type, imf_quirk, true, false, "the body of Content-Type"},
    {"content-disposition", parse_content_disposition, imf_quirk, true, false,
     "the body of Content-Disposition"},
    {"date", parse_date, imf_quirk, true, false, "a date and time"},
    {"address", parse_address, imf_quirk, true, false, "the body of a From, To or Cc field"},
    {"msgid", parse_msgid, imf_quirk, true, false, "the body of Message-ID or References"},
    {"received", parse_received, imf_quirk, true, false, "the body of Received"},
};

#define KIND_COUNT (sizeof kinds / sizeof *kinds)

/* One line of output. */
struct line {
    char *text;
    size_t len, room;
};

struct run {
    const struct options *options;
    const struct kind *kind;
    bool skip_line; /* what is left of a line in which an error stood */
    struct line line;
    struct line piece; /* of --each-line: a line and CRLF */
    bool pending;      /* an element of which everything so far was absorbed */
    bool last;         /* the last element was read: nothing of the kind follows */
};

/* ---- one element ---- */

static void put_refusal(json_t *object)
{
    char text[1024] = "";
    size_t used = 0, index;
    json_t *name;
    json_array_foreach(json_object_get(object, "quirks"), index, name) if (used < sizeof text)
        used +=
        (size_t)snprintf(text + used, sizeof text - used, "%s%s",
                         index == 0 ? "not allowed by --strict: " : ", ", json_string_value(name));
    put_word(object, "status", "error");
    put_word(object, "error", text);
    put_number(object, "error_offset", 0);
}

/* jansson gives a few octets at a time, and stdio locks for each. */
static int append(const char *octets, size_t count, void *out)
{
    struct line *line = out;
    if (count > line->room - line->len) {
        line->room = 2 * line->room + count;
        line->text = realloc(line->text, line->room);
        if (line->text == NULL)
            abort();
    }
    if (count > 0)
        memcpy(line->text + line->len, octets, count);
    line->len += count;
    return 0;
}

static void print(struct line *line, const json_t *object)
{
    line->len = 0;
    json_dump_callback(object, append, line, JSON_COMPACT);
    append("\n", 1, line);
    fwrite(line->text, 1, line->len, stdout);
}

/* Fills in what every object has. Its members stand there already, so that they come first. */
static void put_result(const struct run *run, json_t *object, const struct parse_outcome *out)
{
    static const char *const names[] = {"ok", "more", "error"};
    uint64_t octets = out->consumed_before + out->result.offset;
    put_word(object, "status", names[out->result.status]);
    if (out->result.status == PARSE_OK) {
        put_number(object, "consumed", octets);
        put_quirks(object, out->quirks,
                   out->quirk_of != NULL ? out->quirk_of : run->kind->quirk_of);
        if (run->options->strict && out->quirks != 0)
            put_refusal(object);
        return;
    }
    json_object_del(object, "consumed");
    json_object_del(object, "quirks");
    if (out->result.status == PARSE_ERROR) {
        put_word(object, "error", out->error);
        put_number(object, "error_offset", octets);
    }
}

/* Octets before the line in which offset `at` stands. */
static size_t octets_before_line(struct slice in, size_t at)
{
    size_t from = at < in.len ? at : in.len;
    while (from > 0 && in.ptr[from - 1] != '\n')
        from--;
    return from;
}

/* Parses one element and prints what came of it, unless more octets are needed and may come.
 * Answers its status, and the octets of `in` done with: of an error, those before the line at
 * fault. */
static enum parse_status parse_one(struct run *run, struct slice in, bool whole, size_t *ret_done)
{
    json_t *object = json_object();
    put(object, "status", json_null());
    put(object, "consumed", json_null());
    put(object, "quirks", json_null());
    struct parse_outcome out = run->kind->parse(in, whole, object);
    bool complete = out.result.status != PARSE_MORE || whole;
    *ret_done = out.result.status == PARSE_OK ? out.result.offset : out.absorbed;
    if (out.result.status == PARSE_ERROR && !run->kind->absorbs)
        *ret_done = octets_before_line(in, out.result.offset);
    run->pending = !complete && out.absorbed > 0;
    run->last = out.last && !run->options->each_line;
    if (complete) {
        put_result(run, object, &out);
        print(&run->line, object);
    }
    json_decref(object);
    return out.result.status;
}

/* ---- all elements of the window ---- */

/* Without the CRLF or the LF at its end. A CR alone ends no line. */
static struct slice without_ending(struct slice line)
{
    if (line.len == 0 || line.ptr[line.len - 1] != '\n')
        return line;
    line.len--;
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* Octets of the first line; all where it has no end. */
static size_t line_octets(struct slice in)
{
    size_t lf = slice_find(in, '\n');
    return lf < in.len ? lf + 1 : in.len;
}

static bool ends_line(struct slice in)
{
    return in.len > 0 && in.ptr[in.len - 1] == '\n';
}

/* A line of text as the protocol has it: the LF that parts the lines of the input stands for CRLF.
 * Messages tell the two apart, and keep theirs. */
static struct slice with_crlf(struct run *run, struct slice piece)
{
    struct slice text = without_ending(piece);
    if (run->kind->absorbs || piece.len - text.len != 1)
        return piece;
    run->piece.len = 0;
    append((const char *)text.ptr, text.len, &run->piece);
    append("\r\n", 2, &run->piece);
    return slice_of((const uint8_t *)run->piece.text, run->piece.len);
}

/* A line, or all that there is, as one value or one element. `closed`: no octets follow that belong
 * to it. Answers the octets done with, 0 where more must come. */
static size_t parse_piece(struct run *run, struct slice piece, bool closed)
{
    size_t done;
    if (!closed)
        return 0;
    parse_one(run, run->kind->value ? without_ending(piece) : with_crlf(run, piece), true, &done);
    return piece.len;
}

/* One element of a stream. Behind an error it goes on with the line at fault, or, where that is the
 * element's first, with the next one; so that no line is read again and again. */
static size_t parse_stream(struct run *run, struct slice in, bool whole)
{
    size_t done;
    enum parse_status status = parse_one(run, in, whole, &done);
    if (status == PARSE_OK || (status == PARSE_MORE && !whole))
        return done;
    if (status == PARSE_MORE)
        return in.len; /* all of it is the element that has no end */
    if (done > 0 && !run->kind->absorbs)
        return done;
    size_t line = done + line_octets(slice_from(in, done));
    run->skip_line = !ends_line(slice_sub(in, done, line));
    return line;
}

/* Answers the octets done with. `at_end`: none follow the window's; `full`: none fit into it. */
static size_t parse_window(struct run *run, struct slice window, bool at_end, bool full)
{
    size_t done = 0;
    while (done < window.len) {
        struct slice rest = slice_from(window, done);
        bool last = at_end || (full && done == 0);
        size_t line = line_octets(rest), next;
        if (run->last) {
            next = rest.len;
        } else if (run->skip_line) {
            run->skip_line = !ends_line(slice_sub(rest, 0, line));
            next = line;
        } else if (run->options->each_line) {
            struct slice piece = slice_sub(rest, 0, line);
            next = parse_piece(run, piece, last || ends_line(piece));
            run->skip_line = next > 0 && !ends_line(piece);
        } else if (run->kind->value) {
            next = parse_piece(run, rest, last);
        } else {
            next = parse_stream(run, rest, last);
        }
        if (next == 0)
            break;
        done += next;
    }
    return done;
}

static void parse_input(struct run *run, uint8_t *window)
{
    size_t len = 0;
    bool at_end = false, any = false;
    while (!at_end) {
        ssize_t got = read(STDIN_FILENO, window + len, PARSE_WINDOW_OCTETS - len);
        at_end = got <= 0;
        any = any || got > 0;
        len += at_end ? 0 : (size_t)got;
        size_t done = parse_window(run, slice_of(window, len), at_end,
                                   len == PARSE_WINDOW_OCTETS && !run->kind->absorbs);
        len -= done;
        memmove(window, window + done, len);
        fflush(stdout); /* who types, or reads through a pipe, sees it now */
    }
    size_t done;
    if (run->pending || (!any && run->kind->value && !run->options->each_line))
        parse_one(run, SLICE(""), true, &done);
}

void parse_help(FILE *out)
{
    fprintf(out, "KIND is one of\n\n");
    for (size_t i = 0; i < KIND_COUNT; i++)
        fprintf(out, "  %-20s %s\n", kinds[i].name, kinds[i].summary);
    fprintf(out, "\n");
}

enum exit_code command_parse(const struct options *options)
{
    struct run run = {.options = options};
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (options->operand_count == 1 && strcmp(options->operands[0], kinds[i].name) == 0)
            run.kind = &kinds[i];
    if (run.kind == NULL) {
        fprintf(stderr, "maildrill parse: there is no such KIND. ");
        parse_help(stderr);
        return EXIT_USAGE;
    }
    uint8_t *window = malloc(PARSE_WINDOW_OCTETS);
    if (window == NULL)
        abort();
    parse_input(&run, window);
    free(run.line.text);
    free(run.piece.text);
    free(window);
    return EXIT_PASS;
}
