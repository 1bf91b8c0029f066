/*
 * Text with variables.
 *
 *   text   = *( octet / "$${" / "${" variable "}" )        ; load_variable.c has the variables
 *   escape = "\r" / "\n" / "\t" / "\0" / "\\" / "\x" 2HEXDIG
 *
 * A "$" that no "{" follows is itself; "$${" is "${".
 */
#include "base/octet.h"
#include "script/loader.h"

/* ---- parts ---- */

struct script_part *loader_push_part(struct loader *l, enum script_part_kind kind)
{
    struct script_part *part = script_array_push(&l->parts, sizeof *part);
    part->kind = kind;
    return part;
}

void loader_end_literal(struct loader *l, size_t from)
{
    if (l->octets.len == from)
        return;
    struct slice literal = slice_from(script_buffer_slice(&l->octets), from);
    loader_push_part(l, SCRIPT_PART_LITERAL)->text = script_arena_copy(l->arena, literal);
    l->octets.len = from;
}

struct script_text loader_part(struct loader *l, struct script_part part)
{
    struct script_part *kept = script_arena_alloc(l->arena, sizeof *kept);
    *kept = part;
    return (struct script_text){kept, 1};
}

struct script_text loader_literal(struct loader *l, struct slice octets)
{
    return loader_part(l, (struct script_part){.kind = SCRIPT_PART_LITERAL, .text = octets});
}

/* ---- escapes ---- */

/* At a backslash. */
static void read_escape(struct loader_reading *r)
{
    static const struct {
        uint8_t letter, octet;
    } simple[] = {{'r', '\r'}, {'n', '\n'}, {'t', '\t'}, {'0', '\0'}, {'\\', '\\'}};
    struct slice rest = r->rest;
    size_t width = rest.len > 1 ? 2 : 1;
    r->rest = slice_from(rest, width);
    for (size_t i = 0; width == 2 && i < sizeof simple / sizeof *simple; i++)
        if (rest.ptr[1] == simple[i].letter) {
            script_buffer_put_octet(&r->l->octets, simple[i].octet);
            return;
        }
    int high = rest.len > 2 ? octet_hex_value(rest.ptr[2]) : -1;
    int low = rest.len > 3 ? octet_hex_value(rest.ptr[3]) : -1;
    if (width == 1 || rest.ptr[1] != 'x' || high < 0 || low < 0) {
        loader_error(r->l, slice_sub(rest, 0, width), "no escape: \\r \\n \\t \\0 \\\\ \\xNN");
        return;
    }
    script_buffer_put_octet(&r->l->octets, (uint8_t)(high * 16 + low));
    r->rest = slice_from(rest, 4);
}

/* A person who wrote "\\r\\n" in a C: line probably meant C!:. */
static void warn_of_escape(struct loader_reading *r)
{
    uint8_t letter = r->rest.len > 1 ? r->rest.ptr[1] : 0;
    if (!r->warns || (letter != 'r' && letter != 'n' && letter != 'x'))
        return;
    loader_warning(r->l, slice_sub(r->rest, 0, 2),
                   "it goes out as it stands; escapes are read in C!: lines");
    r->warns = false;
}

/* "$rcpt" and "$(rcpt)" are shells' ways. */
static void warn_of_dollar(struct loader_reading *r)
{
    struct slice name = slice_from(r->rest, 1);
    if (!r->warns)
        return;
    name = slice_from(name, slice_starts(name, SLICE("(")));
    for (size_t i = 0; i < script_builtin_count; i++) {
        if (!slice_starts(name, script_builtins[i]))
            continue;
        struct slice rest = slice_from(name, script_builtins[i].len);
        if (rest.len > 0 && (octet_is(rest.ptr[0], OCTET_ALPHA | OCTET_DIGIT) ||
                             rest.ptr[0] == '_' || rest.ptr[0] == '-'))
            continue; /* a longer name */
        loader_warning(r->l, slice_sub(r->rest, 0, 1),
                       "it goes out as it stands; a variable is written ${name}");
        r->warns = false;
        return;
    }
}

/* ---- text ---- */

/* Takes the octets up to the first that may mean something. */
static void read_plain(struct loader_reading *r)
{
    size_t len = 0;
    while (len < r->rest.len && r->rest.ptr[len] != '$' && r->rest.ptr[len] != '\\' &&
           r->rest.ptr[len] != '}')
        len++;
    script_buffer_put(&r->l->octets, slice_sub(r->rest, 0, len));
    r->rest = slice_from(r->rest, len);
}

struct script_text loader_read_text(struct loader_reading *r, unsigned flags)
{
    struct loader *l = r->l;
    size_t first = l->parts.count, from = l->octets.len;
    if ((flags & LOADER_STUFF) != 0 && slice_starts(r->rest, SLICE(".")))
        script_buffer_put_octet(&l->octets, '.');
    for (read_plain(r); r->rest.len > 0; read_plain(r)) {
        if (r->nesting > 0 && r->rest.ptr[0] == '}')
            break;
        if (slice_starts(r->rest, SLICE("$${"))) {
            script_buffer_put(&l->octets, SLICE("${"));
            r->rest = slice_from(r->rest, 3);
        } else if (slice_starts(r->rest, SLICE("${"))) {
            if (!loader_read_variable(r, from))
                r->rest = slice_from(r->rest, r->rest.len);
        } else if (r->rest.ptr[0] == '\\' && r->escapes) {
            read_escape(r);
        } else {
            if (r->rest.ptr[0] == '\\')
                warn_of_escape(r);
            else if (r->rest.ptr[0] == '$')
                warn_of_dollar(r);
            script_buffer_put_octet(&l->octets, r->rest.ptr[0]);
            r->rest = slice_from(r->rest, 1);
        }
    }
    if ((flags & LOADER_CRLF) != 0)
        script_buffer_put(&l->octets, SLICE("\r\n"));
    loader_end_literal(l, from);
    struct script_text text = {.parts = loader_kept(l, &l->parts, first, sizeof *text.parts),
                               .count = l->parts.count - first};
    l->parts.count = first;
    return text;
}

struct script_text loader_text(struct loader *l, struct slice text, unsigned flags)
{
    struct loader_reading r = {.l = l,
                               .rest = text,
                               .escapes = (flags & LOADER_ESCAPES) != 0,
                               .warns = (flags & LOADER_WARN) != 0};
    return loader_read_text(&r, flags);
}

struct script_text loader_value(struct loader *l, struct slice text, unsigned *ret_nesting)
{
    struct loader_reading r = {.l = l, .rest = text};
    struct script_text value = loader_read_text(&r, 0);
    *ret_nesting = r.deepest;
    return value;
}
