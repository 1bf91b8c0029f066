/*
 * parse: each parser from the command line. Octets on standard input, one JSON object a line:
 *
 *   {"status": "ok", "consumed": 6, "quirks": ["bare-lf"], ...}        the kind's own fields follow
 *   {"status": "error", "error": "...", "error_offset": 4}             offset from the object's
 * start
 *   {"status": "more"}                                                 the input ends too early
 *
 * Text that is not UTF-8 stands as {"hex": "c328"}. parsers/README.md lists the fields of each
 * kind.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/utf8.h"
#include "cli/commands.h"
#include "imf/field.h"
#include "imf/quirk.h"
#include "smtp/code.h"
#include "smtp/command.h"
#include "smtp/data.h"
#include "smtp/ehlo.h"
#include "smtp/param.h"
#include "smtp/path.h"
#include "smtp/quirk.h"
#include "smtp/reply.h"

#define WINDOW_OCTETS ((size_t)1 << 20) /* the largest element; standard input may be endless */

/* ---- JSON --------------------------------------------------------------------------------------
 */

static void put(json_t *object, const char *name, json_t *value)
{
    if (json_object_set_new(object, name, value) != 0)
        abort();
}

static bool is_utf8(struct slice s)
{
    while (s.len > 0) {
        size_t octets = base_utf8_sequence(s);
        if (octets == 0)
            return false;
        s = slice_from(s, octets);
    }
    return true;
}

static json_t *text(struct slice s)
{
    static const char digits[] = "0123456789abcdef";
    if (is_utf8(s))
        return json_stringn(s.len == 0 ? "" : (const char *)s.ptr, s.len);
    char *hex = malloc(2 * s.len);
    if (hex == NULL)
        abort();
    for (size_t i = 0; i < s.len; i++) {
        hex[2 * i] = digits[s.ptr[i] >> 4];
        hex[2 * i + 1] = digits[s.ptr[i] & 15];
    }
    json_t *object = json_pack("{s:s%}", "hex", hex, 2 * s.len);
    free(hex);
    return object;
}

static void put_text(json_t *object, const char *name, struct slice value)
{
    put(object, name, text(value));
}

static void put_quirks(json_t *object, uint64_t quirks, const struct quirk *(*quirk_of)(unsigned))
{
    json_t *names = json_array();
    for (unsigned n = 0; n < 64; n++) {
        const struct quirk *quirk = (quirks >> n & 1) != 0 ? quirk_of(n) : NULL;
        if (quirk != NULL)
            json_array_append_new(names, json_string(quirk->name));
    }
    put(object, "quirks", names);
}

/* ---- kinds
 * --------------------------------------------------------------------------------------- */

/* What a kind makes of the octets at the front of the window. */
struct outcome {
    struct parse_result result;
    const char *error; /* of an error: one sentence */
    uint64_t quirks;
};

/* `whole`: nothing follows the window. Adds the kind's fields to `object` when the answer is OK. */
typedef struct outcome parse_kind(struct slice window, bool whole, json_t *object);

static void put_path(json_t *object, const struct smtp_path *path)
{
    static const char *const kinds[] = {
        [SMTP_DOMAIN_NONE] = "none",       [SMTP_DOMAIN_NAME] = "name",
        [SMTP_DOMAIN_IPV4] = "ipv4",       [SMTP_DOMAIN_IPV6] = "ipv6",
        [SMTP_DOMAIN_GENERAL] = "general", [SMTP_DOMAIN_INVALID] = "invalid",
    };
    put(object, "null", json_boolean(path->null));
    put_text(object, "route", path->route);
    put_text(object, "mailbox", path->mailbox);
    put_text(object, "local_part", path->local_part);
    put_text(object, "domain", path->domain);
    put(object, "domain_kind", json_string(kinds[path->domain_kind]));
}

static json_t *params_of(struct slice rest)
{
    json_t *params = json_array();
    for (struct smtp_param param; smtp_param_next(&rest, &param);) {
        json_t *entry = json_object();
        put_text(entry, "keyword", param.keyword);
        put(entry, "value", param.has_value ? text(param.value) : json_null());
        json_array_append_new(params, entry);
    }
    return params;
}

static struct outcome parse_command(struct slice window, bool whole, json_t *object)
{
    struct smtp_command command;
    (void)whole;
    struct outcome out = {.result = smtp_command_parse(window, WINDOW_OCTETS / 2, &command)};
    if (out.result.status == PARSE_ERROR)
        out.error = smtp_command_error_text(out.result.error);
    if (out.result.status != PARSE_OK)
        return out;
    out.quirks = command.quirks;
    put_text(object, "verb", smtp_verb_name(command.verb));
    put_text(object, "name", command.name);
    put_text(object, "argument", command.argument);
    if (command.verb == SMTP_VERB_MAIL || command.verb == SMTP_VERB_RCPT) {
        json_t *path = json_object();
        put_path(path, &command.path);
        put(object, command.verb == SMTP_VERB_MAIL ? "reverse_path" : "forward_path", path);
        put(object, "parameters", params_of(command.params));
    }
    if (command.verb == SMTP_VERB_BDAT) {
        put(object, "chunk_octets", json_integer((json_int_t)command.chunk_octets));
        put(object, "last", json_boolean(command.last));
    }
    if (command.verb == SMTP_VERB_AUTH) {
        put_text(object, "mechanism", command.mechanism);
        put_text(object, "initial_response", command.initial_response);
    }
    return out;
}

static struct outcome parse_path(struct slice window, bool whole, json_t *object)
{
    struct smtp_path path;
    if (!whole)
        return (struct outcome){.result = parse_more()};
    struct outcome out = {.result = smtp_path_parse(window, &path)};
    if (out.result.status == PARSE_ERROR)
        out.error = smtp_command_error_text(SMTP_COMMAND_PATH_ERROR(out.result.error));
    if (out.result.status != PARSE_OK)
        return out;
    out.quirks = path.quirks;
    put_path(object, &path);
    return out;
}

static struct outcome read_reply(struct slice window, struct smtp_reply *reply)
{
    struct smtp_reply_parser parser = {.limits = {WINDOW_OCTETS / 2, WINDOW_OCTETS / 2}};
    struct outcome out = {.result = smtp_reply_parse(&parser, window, reply)};
    if (out.result.status == PARSE_ERROR)
        out.error = smtp_reply_error_text(out.result.error);
    return out;
}

static void put_enhanced(json_t *object, const struct smtp_reply *reply)
{
    uint8_t code[16];
    struct writer w = writer_of(code, sizeof code);
    if (reply->has_enhanced)
        smtp_enhanced_write(reply->enhanced, &w);
    put(object, "enhanced_status_code", reply->has_enhanced ? text(writer_slice(&w)) : json_null());
}

static struct outcome parse_reply(struct slice window, bool whole, json_t *object)
{
    struct smtp_reply reply;
    (void)whole;
    struct outcome out = read_reply(window, &reply);
    if (out.result.status != PARSE_OK)
        return out;
    const struct smtp_code *known = smtp_code_find(reply.code);
    json_t *lines = json_array();
    struct slice rest = reply.raw;
    for (struct smtp_reply_line line; smtp_reply_line_next(&rest, &line);)
        json_array_append_new(lines, text(line.text));
    out.quirks = reply.quirks;
    put(object, "code", json_integer((json_int_t)reply.code));
    put_enhanced(object, &reply);
    put(object, "meaning", known == NULL ? json_null() : json_string(known->meaning));
    put(object, "lines", lines);
    return out;
}

static struct outcome parse_ehlo(struct slice window, bool whole, json_t *object)
{
    struct smtp_reply reply;
    struct smtp_ehlo ehlo;
    (void)whole;
    struct outcome out = read_reply(window, &reply);
    if (out.result.status != PARSE_OK)
        return out;
    out.quirks = reply.quirks;
    json_t *keywords = json_array();
    put(object, "code", json_integer((json_int_t)reply.code));
    if (smtp_ehlo_begin(&reply, &ehlo)) {
        put_text(object, "domain", ehlo.domain);
        put_text(object, "greet", ehlo.greet);
        for (struct smtp_ehlo_keyword keyword; smtp_ehlo_next(&ehlo, &keyword);) {
            json_t *entry = json_object();
            put_text(entry, "keyword", keyword.keyword);
            put_text(entry, "params", keyword.params);
            json_array_append_new(keywords, entry);
            out.quirks |= keyword.quirks;
        }
    }
    put(object, "keywords", keywords);
    return out;
}

static struct outcome parse_data(struct slice window, bool whole, json_t *object)
{
    struct smtp_data_decoder decoder = {.quirks = 0};
    uint8_t *content = malloc(window.len + 5);
    if (content == NULL)
        abort();
    struct writer w = writer_of(content, window.len + 5);
    (void)whole;
    struct outcome out = {.result = smtp_data_decode(&decoder, window, &w)};
    out.quirks = decoder.quirks;
    if (out.result.status == PARSE_OK)
        put_text(object, "content", writer_slice(&w));
    free(content);
    return out;
}

static struct outcome parse_fields(struct slice window, bool whole, json_t *object)
{
    struct imf_field field;
    struct imf_field_limits limits = {WINDOW_OCTETS / 2, whole};
    struct outcome out = {.result = imf_field_parse(window, limits, &field)};
    if (out.result.status == PARSE_ERROR)
        out.error = imf_field_error_text(out.result.error);
    if (out.result.status != PARSE_OK)
        return out;
    out.quirks = field.quirks;
    put(object, "kind", json_string(field.kind == IMF_FIELD ? "field" : "header-end"));
    if (field.kind == IMF_FIELD) {
        uint8_t *unfolded = malloc(field.body.len + 1);
        if (unfolded == NULL)
            abort();
        struct writer w = writer_of(unfolded, field.body.len + 1);
        imf_field_unfold(field.body, &w);
        put_text(object, "name", field.name);
        put_text(object, "body", writer_slice(&w));
        put(object, "folds", json_integer((json_int_t)imf_field_folds(field.body)));
        free(unfolded);
    }
    return out;
}

static struct outcome parse_params(struct slice window, bool whole, json_t *object)
{
    if (!whole)
        return (struct outcome){.result = parse_more()};
    struct outcome out = {.result = parse_ok(window.len)};
    struct slice rest = window;
    for (struct smtp_param param; smtp_param_next(&rest, &param);)
        out.quirks |= param.quirks;
    put(object, "parameters", params_of(window));
    return out;
}

static const struct kind {
    const char *name;
    parse_kind *parse;
    const struct quirk *(*quirk_of)(unsigned n);
    bool whole_value; /* one value, not a stream of lines: a last line ending is not part of it */
} kinds[] = {
    {"command", parse_command, smtp_quirk, false}, {"reply", parse_reply, smtp_quirk, false},
    {"ehlo", parse_ehlo, smtp_quirk, false},       {"data", parse_data, smtp_quirk, false},
    {"fields", parse_fields, imf_quirk, false},    {"path", parse_path, smtp_quirk, true},
    {"params", parse_params, smtp_quirk, true},
};

/* ---- from standard input to standard output
 * ------------------------------------------------------- */

/* Prints one object; returns the octets to go on behind, or 0 where more are needed. */
static size_t print_one(const struct options *options, const struct kind *kind, struct slice window,
                        bool whole)
{
    json_t *fields = json_object(), *object = json_object();
    struct outcome out = kind->parse(window, whole, fields);
    bool refused = options->strict && out.result.status == PARSE_OK && out.quirks != 0;
    size_t lf = slice_find(window, '\n');
    size_t next = lf < window.len ? lf + 1 : window.len;
    if (out.result.status == PARSE_MORE && !whole) {
        next = 0;
    } else {
        static const char *const names[] = {"ok", "more", "error"};
        put(object, "status", json_string(refused ? "error" : names[out.result.status]));
        if (out.result.status == PARSE_OK) {
            next = out.result.offset;
            put(object, "consumed", json_integer((json_int_t)next));
            put_quirks(object, out.quirks, kind->quirk_of);
            json_object_update(object, fields);
        }
        if (refused)
            put(object, "error", json_string("it has quirks, and --strict allows none"));
        if (out.result.status == PARSE_ERROR) {
            put(object, "error", json_string(out.error));
            put(object, "error_offset", json_integer((json_int_t)out.result.offset));
        }
        json_dumpf(object, stdout, JSON_COMPACT);
        putchar('\n');
    }
    json_decref(fields);
    json_decref(object);
    return next;
}

static struct slice without_ending(struct slice line)
{
    if (line.len > 0 && line.ptr[line.len - 1] == '\n')
        line.len--;
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* Octets of the next piece that is parsed: a line, or all there is; 0 where it has not ended yet.
 */
static size_t piece_of(const struct options *options, struct slice window, bool at_end)
{
    size_t lf = slice_find(window, '\n');
    if (options->each_line)
        return lf < window.len ? lf + 1 : at_end || window.len == WINDOW_OCTETS ? window.len : 0;
    return window.len;
}

static size_t parse_window(const struct options *options, const struct kind *kind,
                           struct slice window, bool at_end)
{
    size_t done = 0;
    while (done < window.len) {
        struct slice rest = slice_from(window, done);
        bool full = window.len == WINDOW_OCTETS && done == 0;
        size_t piece = piece_of(options, rest, at_end);
        bool whole = options->each_line || at_end || full;
        if (piece == 0)
            break;
        struct slice value = slice_sub(rest, 0, piece);
        if (kind->whole_value)
            value = without_ending(value);
        size_t next = print_one(options, kind, value, whole);
        if (next == 0 && !whole)
            break;
        done += options->each_line || kind->whole_value || next == 0 ? piece : next;
    }
    return done;
}

enum exit_code command_parse(const struct options *options)
{
    const struct kind *kind = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (options->operand_count == 1 && strcmp(options->operands[0], kinds[i].name) == 0)
            kind = &kinds[i];
    if (kind == NULL) {
        fprintf(stderr, "maildrill parse: KIND is one of");
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            fprintf(stderr, " %s", kinds[i].name);
        fprintf(stderr, "\n");
        return EXIT_USAGE;
    }
    uint8_t *window = malloc(WINDOW_OCTETS);
    if (window == NULL)
        abort();
    size_t len = 0;
    for (bool at_end = false; !at_end;) {
        size_t got = fread(window + len, 1, WINDOW_OCTETS - len, stdin);
        len += got;
        at_end = got == 0 && (feof(stdin) != 0 || ferror(stdin) != 0);
        size_t done = parse_window(options, kind, slice_of(window, len), at_end);
        len -= done;
        memmove(window, window + done, len);
    }
    free(window);
    return EXIT_PASS;
}
