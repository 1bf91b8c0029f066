#include "base/octet.h"
#include "script/loader.h"

bool loader_is_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!octet_is(name.ptr[i], OCTET_ALPHA | OCTET_DIGIT) && name.ptr[i] != '_' &&
            name.ptr[i] != '-' && (name.ptr[i] != '.' || i == 0))
            return false;
    return name.len > 0 && !octet_is(name.ptr[0], OCTET_DIGIT);
}

/* ---- names
 * ---------------------------------------------------------------------------------------------- */

static struct loader_name *name_of(struct loader *l, struct slice name)
{
    struct loader_name *names = l->names.items;
    for (size_t i = l->scope.names; i-- > 0;)
        if (slice_equal(names[i].name, name))
            return &names[i];
    return NULL;
}

static bool is_in(struct slice name, const struct slice *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(name, names[i]))
            return true;
    return false;
}

static bool is_defined(struct loader *l, struct slice name)
{
    return is_in(name, script_builtins, script_builtin_count) ||
           (l->options != NULL && is_in(name, l->options->known, l->options->known_count)) ||
           (slice_starts(name, SLICE("ehlo.")) && name.len > 5);
}

bool loader_define(struct loader *l, struct slice name, struct loader_name **ret_name)
{
    if (!loader_is_name(name) || slice_starts(name, SLICE("ehlo."))) {
        loader_error(l, name, "not a name: letters, digits, - and _, a letter first");
        return false;
    }
    if (l->scope.names == LOADER_MAX_NAMES) {
        loader_error(l, name, "too many names in one test");
        return false;
    }
    l->names.count = l->scope.names++;
    *ret_name = script_array_push(&l->names, sizeof **ret_name);
    (*ret_name)->name = name;
    return true;
}

/* ---- parts
 * ---------------------------------------------------------------------------------------------- */

static struct script_text read_text(struct loader *l, struct slice text, unsigned flags,
                                    unsigned depth);

static struct script_part *add_part(struct loader *l, struct script_array *parts,
                                    enum script_part_kind kind, struct slice text)
{
    (void)l;
    struct script_part *part = script_array_push(parts, sizeof *part);
    part->kind = kind;
    part->text = text;
    return part;
}

/* The literal octets gathered so far become a part. */
static void end_literal(struct loader *l, struct script_array *parts, struct script_buffer *literal)
{
    if (literal->len > 0)
        add_part(l, parts, SCRIPT_PART_LITERAL,
                 script_arena_copy(l->arena, script_buffer_slice(literal)));
    literal->len = 0;
}

/* Offset behind the "}" that closes the "${" at the start of text; 0 where none does. */
static size_t end_of_variable(struct slice text)
{
    size_t depth = 0;
    for (size_t i = 0; i + 1 <= text.len; i++) {
        if (text.ptr[i] == '$' && i + 1 < text.len && text.ptr[i + 1] == '{')
            depth++;
        if (text.ptr[i] == '}' && --depth == 0)
            return i + 1;
    }
    return 0;
}

/* A value of %set stands for its name. */
static void splice(struct loader *l, struct script_array *parts, const struct script_text *value,
                   struct slice at)
{
    l->spliced += value->count;
    if (l->spliced > LOADER_MAX_STEPS) {
        loader_error(l, at, "the values of %set grow without end");
        return;
    }
    for (size_t i = 0; i < value->count; i++)
        *add_part(l, parts, SCRIPT_PART_LITERAL, SLICE("")) = value->parts[i];
}

/* ${name}, ${name:-default}, ${b64:text}: `inside` stands between the braces. */
static void read_variable(struct loader *l, struct script_array *parts, struct slice inside,
                          unsigned depth)
{
    if (slice_starts(inside, SLICE("b64:"))) {
        if (depth == LOADER_MAX_NESTING) {
            loader_error(l, inside, "too many ${b64:...} inside one another");
            return;
        }
        struct script_text *of = script_arena_alloc(l->arena, sizeof *of);
        *of = read_text(l, slice_from(inside, 4), LOADER_ESCAPES, depth + 1);
        add_part(l, parts, SCRIPT_PART_BASE64, SLICE(""))->of = of;
        return;
    }
    size_t colon = slice_find(inside, ':');
    bool fallback = colon + 1 < inside.len && inside.ptr[colon + 1] == '-';
    struct slice name = fallback ? slice_sub(inside, 0, colon) : inside;
    const struct loader_name *defined = name_of(l, name);
    if (!loader_is_name(name)) {
        loader_error(l, inside.len > 0 ? inside : slice_of(inside.ptr, 1), "not a variable's name");
    } else if (defined != NULL && defined->is_set) {
        splice(l, parts, &defined->value, name);
    } else if (defined == NULL && !fallback && !is_defined(l, name)) {
        loader_error_hint(
            l, name, "undefined variable", "${",
            loader_closest(name, script_builtins, script_builtin_count, sizeof *script_builtins),
            "}");
    } else {
        struct script_part *part =
            add_part(l, parts, SCRIPT_PART_VARIABLE, script_arena_copy(l->arena, name));
        part->has_fallback = fallback;
        if (fallback)
            part->fallback = script_arena_copy(l->arena, slice_from(inside, colon + 2));
    }
}

/* ---- escapes
 * -------------------------------------------------------------------------------------------- */

static int hex_value(uint8_t octet)
{
    return octet_is(octet, OCTET_DIGIT)                             ? octet - '0'
           : slice_upper(octet) >= 'A' && slice_upper(octet) <= 'F' ? slice_upper(octet) - 'A' + 10
                                                                    : -1;
}

/* The escape at the start of text; returns its octets in the source. */
static size_t read_escape(struct loader *l, struct slice text, struct script_buffer *out)
{
    static const char names[] = "rnt0\\";
    static const uint8_t octets[] = "\r\n\t\0\\";
    if (text.len >= 2) {
        for (size_t i = 0; i < 5; i++) {
            if (text.ptr[1] == (uint8_t)names[i]) {
                script_buffer_put_octet(out, octets[i]);
                return 2;
            }
        }
    }
    if (text.len >= 4 && text.ptr[1] == 'x' && hex_value(text.ptr[2]) >= 0 &&
        hex_value(text.ptr[3]) >= 0) {
        script_buffer_put_octet(out,
                                (uint8_t)(hex_value(text.ptr[2]) * 16 + hex_value(text.ptr[3])));
        return 4;
    }
    loader_error(l, slice_sub(text, 0, text.len < 2 ? text.len : 2),
                 "not an escape: \\r \\n \\t \\0 \\\\ and \\xNN are");
    return text.len < 2 ? text.len : 2;
}

/* ---- text
 * ------------------------------------------------------------------------------------------------
 */

static struct script_text read_text(struct loader *l, struct slice text, unsigned flags,
                                    unsigned depth)
{
    struct script_array parts = {.arena = l->arena};
    struct script_buffer literal = {.arena = l->arena};
    if (flags & LOADER_STUFF && text.len > 0 && text.ptr[0] == '.')
        script_buffer_put_octet(&literal, '.');
    while (text.len > 0) {
        size_t plain = 0; /* up to what may mean something */
        while (plain < text.len && text.ptr[plain] != '$' && text.ptr[plain] != '\0' &&
               !(text.ptr[plain] == '\\' && flags & LOADER_ESCAPES))
            plain++;
        script_buffer_put(&literal, slice_sub(text, 0, plain));
        text = slice_from(text, plain);
        size_t used = text.len > 0;
        if (slice_starts(text, SLICE("$${"))) {
            script_buffer_put(&literal, SLICE("${"));
            used = 3;
        } else if (slice_starts(text, SLICE("${"))) {
            used = end_of_variable(text);
            if (used == 0) {
                loader_error(l, slice_sub(text, 0, 2),
                             "no } closes this variable; $${ is a literal ${");
                used = text.len;
            } else {
                end_literal(l, &parts, &literal);
                read_variable(l, &parts, slice_sub(text, 2, used - 1), depth);
            }
        } else if (used > 0 && text.ptr[0] == '\\') {
            used = read_escape(l, text, &literal);
        } else if (used > 0 && text.ptr[0] == '\0') {
            loader_error(l, slice_sub(text, 0, 1), "a NUL octet: write \\0 in a C!: line");
        } else if (used > 0) {
            script_buffer_put_octet(&literal, text.ptr[0]);
        }
        text = slice_from(text, used);
    }
    if (flags & LOADER_CRLF)
        script_buffer_put(&literal, SLICE("\r\n"));
    end_literal(l, &parts, &literal);
    return (struct script_text){parts.items, parts.count};
}

struct script_text loader_text(struct loader *l, struct slice text, unsigned flags)
{
    return read_text(l, text, flags, 0);
}

void loader_set_value(struct loader *l, struct loader_name *name, struct slice text)
{
    struct slice defined = name->name;
    struct script_text value =
        loader_text(l, text, 0); /* may use an older value of the same name */
    name = name_of(l, defined);
    name->is_set = true;
    name->value = value;
}
