/*
 * Text with variables.
 *
 *   text     = *( octet / "$${" / variable )
 *   variable = "${" name [ ":-" default ] "}"      ; default: octets but "}", taken as they stand
 *            / "${b64:" text "}"                   ; escapes as in C!: lines
 *   name     = ( ALPHA / "_" ) *( ALPHA / DIGIT / "_" / "-" )
 *   escape   = "\r" / "\n" / "\t" / "\0" / "\\" / "\x" 2HEXDIG
 *
 * A "$" that no "{" follows is itself; "$${" is "${".
 */
#include "base/octet.h"
#include "script/loader.h"

#define MAX_SPLICED ((size_t)16 << 20) /* octets and parts that %set values may add to a script */

struct reader {
    struct loader *l;
    struct slice rest;
    bool escapes;
    bool warns;       /* of the first backslash that would be one */
    unsigned nesting; /* ${b64: around this text */
    unsigned deepest; /* reached so far */
};

/* ---- names ---------------------------------------------------------------------------------- */

bool loader_is_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        bool first = octet_is(name.ptr[i], OCTET_ALPHA) || name.ptr[i] == '_';
        if (!first && (i == 0 || (!octet_is(name.ptr[i], OCTET_DIGIT) && name.ptr[i] != '-')))
            return false;
    }
    return name.len > 0;
}

/* "ehlo.SIZE": the parameters of a keyword of the last EHLO reply */
static bool is_ehlo_name(struct slice name)
{
    if (!slice_starts(name, SLICE("ehlo.")) || name.len == 5)
        return false;
    for (size_t i = 5; i < name.len; i++)
        if (!octet_is(name.ptr[i], OCTET_ALPHA | OCTET_DIGIT) && name.ptr[i] != '-')
            return false;
    return true;
}

static bool is_among(struct slice name, const struct slice *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(name, names[i]))
            return true;
    return false;
}

static bool is_given(const struct loader *l, struct slice name)
{
    return is_ehlo_name(name) || is_among(name, script_builtins, script_builtin_count) ||
           is_among(name, l->options.known, l->options.known_count);
}

/* The last definition counts. */
static const struct loader_name *find_name(const struct loader *l, struct slice name)
{
    const struct loader_name *names = l->names.items;
    for (size_t i = l->scope.names; i > 0; i--)
        if (slice_equal(names[i - 1].name, name))
            return &names[i - 1];
    return NULL;
}

bool loader_define(struct loader *l, struct slice name, struct loader_name **ret_name)
{
    if (!loader_is_name(name)) {
        loader_error(l, name, "no name: a letter, then letters, digits, - and _");
        return false;
    }
    if (is_among(name, script_builtins, script_builtin_count)) {
        loader_error(l, name, "the name of a built-in variable");
        return false;
    }
    if (l->scope.names == LOADER_MAX_NAMES) {
        loader_error(l, name, "too many names: a test may define 256");
        return false;
    }
    l->names.count = l->scope.names++;
    *ret_name = script_array_push(&l->names, sizeof **ret_name);
    (*ret_name)->name = name;
    return true;
}

static void undefined(struct loader *l, struct slice name, struct slice at)
{
    struct slice closest =
        loader_closest(name, l->names.items, l->scope.names, sizeof(struct loader_name));
    if (closest.len == 0)
        closest = loader_closest(name, script_builtins, script_builtin_count, sizeof(struct slice));
    if (closest.len == 0)
        closest =
            loader_closest(name, l->options.known, l->options.known_count, sizeof(struct slice));
    loader_error_hint(l, at, "undefined variable", "${", closest, "}");
}

/* ---- parts ---------------------------------------------------------------------------------- */

static struct script_part *push_part(struct loader *l, enum script_part_kind kind)
{
    struct script_part *part = script_array_push(&l->parts, sizeof *part);
    part->kind = kind;
    return part;
}

/* Makes a part of the octets since `from`, if there are any. */
static void end_literal(struct loader *l, size_t from)
{
    if (l->octets.len == from)
        return;
    struct slice literal = slice_from(script_buffer_slice(&l->octets), from);
    push_part(l, SCRIPT_PART_LITERAL)->text = script_arena_copy(l->arena, literal);
    l->octets.len = from;
}

/* Puts the value of a %set name in its place. */
static void splice(struct reader *r, const struct loader_name *name, struct slice at, size_t from)
{
    struct loader *l = r->l;
    unsigned nesting = r->nesting + name->nesting;
    for (size_t i = 0; i < name->value.count; i++) {
        const struct script_part *part = &name->value.parts[i];
        l->spliced += part->text.len + 1;
        if (l->spliced > MAX_SPLICED) {
            loader_error(l, at, "the values of %set grow too large");
            return;
        }
        if (part->kind == SCRIPT_PART_LITERAL) {
            script_buffer_put(&l->octets, part->text);
        } else {
            end_literal(l, from);
            *push_part(l, part->kind) = *part;
        }
    }
    if (nesting > LOADER_MAX_NESTING)
        loader_error(l, at, "${b64:} stands in itself more than 8 times");
    if (nesting > r->deepest)
        r->deepest = nesting;
}

static struct script_text read_text(struct reader *r, unsigned flags);

/* After "${b64:"; `open` is its "${". False where no "}" ends it. */
static bool read_base64(struct reader *r, struct slice open)
{
    struct reader inner = {.l = r->l, .rest = r->rest, .escapes = true};
    struct script_text *of = script_arena_alloc(r->l->arena, sizeof *of);
    size_t errors = r->l->errors;
    if (r->nesting == LOADER_MAX_NESTING) {
        loader_error(r->l, open, "${b64:} stands in itself more than 8 times");
        return false;
    }
    inner.nesting = inner.deepest = r->nesting + 1;
    *of = read_text(&inner, 0);
    r->rest = inner.rest;
    r->deepest = inner.deepest > r->deepest ? inner.deepest : r->deepest;
    if (r->rest.len == 0) {
        if (r->l->errors == errors)
            loader_error(r->l, open, "no } ends this ${; $${ is ${ itself");
        return false;
    }
    r->rest = slice_from(r->rest, 1);
    push_part(r->l, SCRIPT_PART_BASE64)->of = of;
    return true;
}

/* `at`: from "${" to "}". */
static void read_name(struct reader *r, struct slice at, size_t from)
{
    struct loader *l = r->l;
    struct slice inside = slice_sub(at, 2, at.len - 1);
    struct slice name = slice_sub(inside, 0, slice_find(inside, ':'));
    struct slice after = slice_from(inside, name.len);
    bool has_fallback = slice_starts(after, SLICE(":-"));
    if ((!loader_is_name(name) && !is_ehlo_name(name)) || (after.len > 0 && !has_fallback)) {
        loader_error(l, at, "no variable: ${name} or ${name:-default}; $${ is ${ itself");
        return;
    }
    const struct loader_name *own = find_name(l, name);
    if (own != NULL && own->is_set) {
        splice(r, own, at, from);
        return;
    }
    if (own == NULL && !has_fallback && !is_given(l, name))
        undefined(l, name, at);
    end_literal(l, from);
    struct script_part *part = push_part(l, SCRIPT_PART_VARIABLE);
    part->text = name;
    part->has_fallback = has_fallback;
    part->fallback = slice_from(after, has_fallback ? 2 : 0);
}

/* At "${". False where the rest of the text cannot be read. */
static bool read_variable(struct reader *r, size_t from)
{
    struct slice open = slice_sub(r->rest, 0, 2);
    if (slice_starts(r->rest, SLICE("${b64:"))) {
        end_literal(r->l, from);
        r->rest = slice_from(r->rest, 6);
        return read_base64(r, open);
    }
    size_t end = slice_find(r->rest, '}');
    if (end == r->rest.len) {
        loader_error(r->l, open, "no } ends this ${; $${ is ${ itself");
        return false;
    }
    read_name(r, slice_sub(r->rest, 0, end + 1), from);
    r->rest = slice_from(r->rest, end + 1);
    return true;
}

/* ---- escapes -------------------------------------------------------------------------------- */

static int hex_value(uint8_t octet)
{
    octet = slice_upper(octet);
    if (octet_is(octet, OCTET_DIGIT))
        return octet - '0';
    return octet >= 'A' && octet <= 'F' ? octet - 'A' + 10 : -1;
}

/* At a backslash. */
static void read_escape(struct reader *r)
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
    int high = rest.len > 2 ? hex_value(rest.ptr[2]) : -1;
    int low = rest.len > 3 ? hex_value(rest.ptr[3]) : -1;
    if (width == 1 || rest.ptr[1] != 'x' || high < 0 || low < 0) {
        loader_error(r->l, slice_sub(rest, 0, width), "no escape: \\r \\n \\t \\0 \\\\ \\xNN");
        return;
    }
    script_buffer_put_octet(&r->l->octets, (uint8_t)(high * 16 + low));
    r->rest = slice_from(rest, 4);
}

/* A person who wrote "\\r\\n" in a C: line probably meant C!:. */
static void warn_of_escape(struct reader *r)
{
    uint8_t letter = r->rest.len > 1 ? r->rest.ptr[1] : 0;
    if (!r->warns || (letter != 'r' && letter != 'n' && letter != 'x'))
        return;
    loader_warning(r->l, slice_sub(r->rest, 0, 2),
                   "it goes out as it stands; escapes are read in C!: lines");
    r->warns = false;
}

/* ---- text ----------------------------------------------------------------------------------- */

/* Takes the octets up to the first that may mean something. */
static void read_plain(struct reader *r)
{
    size_t len = 0;
    while (len < r->rest.len && r->rest.ptr[len] != '$' && r->rest.ptr[len] != '\\' &&
           r->rest.ptr[len] != '}')
        len++;
    script_buffer_put(&r->l->octets, slice_sub(r->rest, 0, len));
    r->rest = slice_from(r->rest, len);
}

/* Reads to the end, or inside ${b64: to its "}", which is left. */
static struct script_text read_text(struct reader *r, unsigned flags)
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
            if (!read_variable(r, from))
                r->rest = slice_from(r->rest, r->rest.len);
        } else if (r->rest.ptr[0] == '\\' && r->escapes) {
            read_escape(r);
        } else {
            if (r->rest.ptr[0] == '\\')
                warn_of_escape(r);
            script_buffer_put_octet(&l->octets, r->rest.ptr[0]);
            r->rest = slice_from(r->rest, 1);
        }
    }
    if ((flags & LOADER_CRLF) != 0)
        script_buffer_put(&l->octets, SLICE("\r\n"));
    end_literal(l, from);
    struct script_text text = {.parts = loader_kept(l, &l->parts, first, sizeof *text.parts),
                               .count = l->parts.count - first};
    l->parts.count = first;
    return text;
}

struct script_text loader_text(struct loader *l, struct slice text, unsigned flags)
{
    struct reader r = {.l = l,
                       .rest = text,
                       .escapes = (flags & LOADER_ESCAPES) != 0,
                       .warns = (flags & LOADER_WARN) != 0};
    return read_text(&r, flags);
}

struct script_text loader_value(struct loader *l, struct slice text, unsigned *ret_nesting)
{
    struct reader r = {.l = l, .rest = text};
    struct script_text value = read_text(&r, 0);
    *ret_nesting = r.deepest;
    return value;
}
