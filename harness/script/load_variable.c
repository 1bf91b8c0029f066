/*
 * What stands in ${...}.
 *
 *   variable  = name [ ":-" default ]                ; default: octets but "}", as they stand
 *             / function ":" text
 *             / 1*DIGIT "*" text                     ; the text that many times
 *             / name 1*( operator number )           ; reckoned from left to right
 *             / "now" [ ( "+" / "-" ) 1*DIGIT ( "s" / "m" / "h" / "d" ) ] [ ":rfc3339" ]
 *             / "n"                                  ; the round, inside %repeat
 *   name      = ( ALPHA / "_" ) *( ALPHA / DIGIT / "_" / "-" )
 *             / "ehlo." keyword [ "." ( 1*DIGIT / param ) ]
 *   operator  = "+" / "*" / "/"                      ; blanks may stand around it
 *             / SP ( "-" / "min" / "max" )           ; they stand before these
 *   number    = 1*DIGIT [ "." 1*DIGIT ]
 */
#include "base/octet.h"
#include "script/loader.h"

#define MAX_SPLICED    ((size_t)16 << 20) /* octets and parts that %set values may add to a script */
#define MAX_OPERATIONS 8
#define TOO_DEEP       "${...:} stands in itself more than 8 times"
#define NO_END         "no } ends this ${; $${ is ${ itself"
#define NO_VARIABLE    "no variable: ${name} or ${name:-default}; $${ is ${ itself"

/* ---- names ---- */

bool loader_is_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        bool first = octet_is(name.ptr[i], OCTET_ALPHA) || name.ptr[i] == '_';
        if (!first && (i == 0 || (!octet_is(name.ptr[i], OCTET_DIGIT) && name.ptr[i] != '-')))
            return false;
    }
    return name.len > 0;
}

/* "ehlo.SIZE": the parameters of a keyword of the last EHLO reply; "ehlo.AUTH.1",
 * "ehlo.LIMITS.RCPTMAX": one of them */
static bool is_ehlo_name(struct slice name)
{
    if (!slice_starts(name, SLICE("ehlo.")) || name.len == 5)
        return false;
    struct slice keyword = slice_from(name, 5), rest = keyword;
    keyword = slice_sub(keyword, 0, slice_find(keyword, '.'));
    rest = slice_from(rest, keyword.len);
    for (size_t i = 0; i < keyword.len; i++)
        if (!octet_is(keyword.ptr[i], OCTET_ALPHA | OCTET_DIGIT) && keyword.ptr[i] != '-')
            return false;
    for (size_t i = 1; i < rest.len; i++)
        if (!octet_is(rest.ptr[i], OCTET_ALPHA | OCTET_DIGIT) && rest.ptr[i] != '-' &&
            rest.ptr[i] != '_')
            return false;
    return keyword.len > 0 && rest.len != 1;
}

static bool is_among(struct slice name, const struct slice *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(name, names[i]))
            return true;
    return false;
}

/* "%require fixture:list" says that ${list} has a value, or the test is skipped. */
static bool is_fixture(const struct loader *l, struct slice name)
{
    const struct script_require *requires = l->requires.items;
    for (size_t i = 0; i < l->scope.requires; i++)
        if (slice_starts(requires[i].token, SLICE("fixture:")) &&
            slice_equal(slice_from(requires[i].token, 8), name))
            return true;
    return false;
}

static bool is_given(const struct loader *l, struct slice name)
{
    return is_fixture(l, name) || is_ehlo_name(name) ||
           is_among(name, script_builtins, script_builtin_count) ||
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

static struct slice closest_name(const struct loader *l, struct slice name)
{
    struct slice closest =
        loader_closest(name, l->names.items, l->scope.names, sizeof(struct loader_name));
    if (closest.len == 0)
        closest = loader_closest(name, script_builtins, script_builtin_count, sizeof(struct slice));
    if (closest.len == 0)
        closest =
            loader_closest(name, l->options.known, l->options.known_count, sizeof(struct slice));
    return closest;
}

void loader_check_secret(struct loader *l, struct slice name)
{
    struct slice closest = closest_name(l, name);
    if (find_name(l, name) != NULL || is_given(l, name) || closest.len == 0)
        return;
    loader_warning_hint(l, name, "nothing defines it so far", closest);
}

static void undefined(struct loader *l, struct slice name, struct slice at)
{
    struct slice closest = closest_name(l, name);
    loader_error_hint(l, at,
                      closest.len > 0 ? "undefined variable"
                                      : "undefined variable: %set, %capture and --set define them",
                      "${", closest, "}");
}

/* ---- values of %set ---- */

/* Puts the value of a %set name in its place. */
static void splice(struct loader_reading *r, const struct loader_name *name, struct slice at,
                   size_t from)
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
            loader_end_literal(l, from);
            *loader_push_part(l, part->kind) = *part;
        }
    }
    if (nesting > LOADER_MAX_NESTING)
        loader_error(l, at, TOO_DEEP);
    if (nesting > r->deepest)
        r->deepest = nesting;
}

/* ---- names and reckoning ---- */

/* The value of a variable, as a text of its own. */
static const struct script_text *value_of(struct loader_reading *r, struct slice name,
                                          struct slice at)
{
    struct loader *l = r->l;
    struct loader_reading inner = {.l = l, .nesting = r->nesting + 1};
    struct script_text *value = script_arena_alloc(l->arena, sizeof *value);
    const struct loader_name *own = find_name(l, name);
    size_t first = l->parts.count, from = l->octets.len;
    if (own != NULL && own->is_set) {
        splice(&inner, own, at, from);
        loader_end_literal(l, from);
    } else {
        if (own == NULL && !is_given(l, name))
            undefined(l, name, at);
        loader_push_part(l, SCRIPT_PART_VARIABLE)->text = name;
    }
    value->parts = loader_kept(l, &l->parts, first, sizeof *value->parts);
    value->count = l->parts.count - first;
    l->parts.count = first;
    r->deepest = inner.deepest > r->deepest ? inner.deepest : r->deepest;
    return value;
}

static struct slice skip_blanks(struct slice text)
{
    while (text.len > 0 && octet_is(text.ptr[0], OCTET_WSP))
        text = slice_from(text, 1);
    return text;
}

/* 1*DIGIT [ "." 1*3DIGIT ] */
static bool take_number(struct slice *text, struct script_operation *ret_operation)
{
    struct script_operation operation = {.what = ret_operation->what, .scale = 1};
    bool fraction = false;
    size_t digits = 0, at = 0;
    for (; at < text->len && digits < 16; at++) {
        if (text->ptr[at] == '.' && !fraction && digits > 0) {
            fraction = true;
            continue;
        }
        if (!octet_is(text->ptr[at], OCTET_DIGIT))
            break;
        operation.number = operation.number * 10 + text->ptr[at] - '0';
        operation.scale *= fraction ? 10 : 1;
        digits++;
    }
    *text = slice_from(*text, at);
    *ret_operation = operation;
    bool divides_by_zero = operation.what == SCRIPT_DIVIDE && operation.number == 0;
    return digits > 0 && digits < 16 && operation.scale <= 1000 && !divides_by_zero &&
           (!fraction || operation.scale > 1);
}

static bool take_operation(struct slice *text, struct script_operation *ret_operation)
{
    static const struct {
        struct slice name;
        enum script_operator what;
        bool after_blank;
    } operators[] = {
        {SLICE_INIT("+"), SCRIPT_ADD, false},    {SLICE_INIT("*"), SCRIPT_MULTIPLY, false},
        {SLICE_INIT("/"), SCRIPT_DIVIDE, false}, {SLICE_INIT("-"), SCRIPT_SUBTRACT, true},
        {SLICE_INIT("min "), SCRIPT_MIN, true},  {SLICE_INIT("max "), SCRIPT_MAX, true},
    };
    struct slice rest = skip_blanks(*text);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (!slice_starts(rest, operators[i].name) ||
            (operators[i].after_blank && rest.len == text->len))
            continue;
        ret_operation->what = operators[i].what;
        *text = skip_blanks(slice_from(rest, operators[i].name.len));
        return take_number(text, ret_operation);
    }
    return false;
}

/* `reckoning`: what follows the name. */
static void read_number(struct loader_reading *r, struct slice at, struct slice name,
                        struct slice reckoning, size_t from)
{
    struct script_operation operations[MAX_OPERATIONS];
    size_t count = 0;
    while (count < MAX_OPERATIONS && skip_blanks(reckoning).len > 0) {
        if (!take_operation(&reckoning, &operations[count])) {
            loader_error(
                r->l, at,
                "no number follows: ${ehlo.SIZE*1.1+1}, ${ehlo.SIZE - 1}, from left to right");
            return;
        }
        count++;
    }
    if (skip_blanks(reckoning).len > 0) {
        loader_error(r->l, at, "too long: 8 operations at most");
        return;
    }
    const struct script_text *of = value_of(r, name, at);
    struct script_operation *kept = script_arena_alloc(r->l->arena, count * sizeof *kept);
    memcpy(kept, operations, count * sizeof *kept);
    loader_end_literal(r->l, from);
    struct script_part *part = loader_push_part(r->l, SCRIPT_PART_NUMBER);
    part->of = of;
    part->operations = kept;
    part->operation_count = count;
}

/* "now", "now+60s", "now-1h:rfc3339"; false where it is none of these. */
static bool read_date(struct loader_reading *r, struct slice inside, size_t from)
{
    static const struct {
        uint8_t name;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    struct slice rest = slice_from(inside, inside.len < 3 ? inside.len : 3);
    bool signs = slice_starts(rest, SLICE("+")) || slice_starts(rest, SLICE("-"));
    int64_t sign = slice_starts(rest, SLICE("-")) ? -1 : 1, offset = 0;
    if (!slice_starts(inside, SLICE("now")))
        return false;
    if (signs) {
        size_t digits = 0;
        rest = slice_from(rest, 1);
        for (; digits < rest.len && digits < 9 && octet_is(rest.ptr[digits], OCTET_DIGIT); digits++)
            offset = offset * 10 + rest.ptr[digits] - '0';
        size_t unit = 0;
        while (unit < 4 && (digits == rest.len || rest.ptr[digits] != units[unit].name))
            unit++;
        if (digits == 0 || unit == 4)
            return false;
        offset *= sign * units[unit].seconds;
        rest = slice_from(rest, digits + 1);
    }
    bool rfc3339 = slice_equal(rest, SLICE(":rfc3339"));
    if (rest.len > 0 && !rfc3339)
        return false;
    loader_end_literal(r->l, from);
    struct script_part *part = loader_push_part(r->l, SCRIPT_PART_DATE);
    part->offset_s = offset;
    part->rfc3339 = rfc3339;
    return true;
}

/* The octets of the name that `inside` begins with. */
static size_t name_octets(struct slice inside)
{
    size_t len = 0;
    while (len < inside.len &&
           (octet_is(inside.ptr[len], OCTET_ALPHA | OCTET_DIGIT) || inside.ptr[len] == '_' ||
            inside.ptr[len] == '-' || inside.ptr[len] == '.'))
        len++;
    return len;
}

/* Whether an operator follows a name. */
static bool reckons(struct slice after)
{
    static const struct slice signs = SLICE_INIT("+-*/");
    struct slice rest = skip_blanks(after);
    return (rest.len > 0 && slice_find(signs, rest.ptr[0]) < signs.len) ||
           slice_starts(rest, SLICE("min ")) || slice_starts(rest, SLICE("max "));
}

/* `at`: from "${" to "}". */
static void read_name(struct loader_reading *r, struct slice at, size_t from)
{
    struct loader *l = r->l;
    struct slice inside = slice_sub(at, 2, at.len - 1);
    struct slice name = slice_sub(inside, 0, name_octets(inside));
    struct slice after = slice_from(inside, name.len);
    bool has_fallback = slice_starts(after, SLICE(":-"));
    bool named = loader_is_name(name) || is_ehlo_name(name);
    if (read_date(r, inside, from))
        return;
    if (named && !has_fallback && reckons(after) && !slice_equal(name, SLICE("now"))) {
        read_number(r, at, name, after, from);
        return;
    }
    if (!named || (after.len > 0 && !has_fallback)) {
        loader_error(l, at, NO_VARIABLE);
        return;
    }
    if (l->repeat_depth > 0 && slice_equal(inside, SLICE("n"))) {
        loader_end_literal(l, from);
        loader_push_part(l, SCRIPT_PART_ROUND)->depth = (uint8_t)(l->repeat_depth - 1);
        return;
    }
    const struct loader_name *own = find_name(l, name);
    if (own != NULL && own->is_set) {
        splice(r, own, at, from);
        return;
    }
    if (own == NULL && !has_fallback && !is_given(l, name))
        undefined(l, name, at);
    loader_end_literal(l, from);
    struct script_part *part = loader_push_part(l, SCRIPT_PART_VARIABLE);
    part->text = name;
    part->has_fallback = has_fallback;
    part->fallback = slice_from(after, has_fallback ? 2 : 0);
}

/* ---- texts inside ---- */

#define AS_IT_STANDS (-1) /* no function: "octets" only reads escapes */

static const struct function {
    struct slice name; /* with its ":" */
    int function;
    bool escapes; /* are read inside, also in a C: line */
} functions[] = {
    {SLICE_INIT("b64:"), SCRIPT_FUNCTION_BASE64, true},
    {SLICE_INIT("octets:"), AS_IT_STANDS, true},
    {SLICE_INIT("unb64:"), SCRIPT_FUNCTION_UNBASE64, false},
    {SLICE_INIT("xtext:"), SCRIPT_FUNCTION_XTEXT, false},
    {SLICE_INIT("upper:"), SCRIPT_FUNCTION_UPPER, false},
    {SLICE_INIT("lower:"), SCRIPT_FUNCTION_LOWER, false},
    {SLICE_INIT("local:"), SCRIPT_FUNCTION_LOCAL_PART, false},
    {SLICE_INIT("domain:"), SCRIPT_FUNCTION_DOMAIN, false},
    {SLICE_INIT("backslash:"), SCRIPT_FUNCTION_BACKSLASHED, false},
    {SLICE_INIT("len:"), SCRIPT_FUNCTION_LENGTH, false},
};

/* The function that `text` begins with, or NULL. "${len:-x}" is a variable and its default. */
static const struct function *function_at(struct slice text)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        struct slice after = slice_from(text, functions[i].name.len);
        if (slice_starts(text, functions[i].name) &&
            (functions[i].escapes || !slice_starts(after, SLICE("-"))))
            return &functions[i];
    }
    return NULL;
}

/* Reads the text up to the "}"; `open` is its "${". False where none ends it. */
static bool read_inside(struct loader_reading *r, struct slice open, bool escapes,
                        struct script_text **ret_text)
{
    struct loader_reading inner = {.l = r->l, .rest = r->rest, .escapes = escapes || r->escapes};
    struct script_text *text = script_arena_alloc(r->l->arena, sizeof *text);
    size_t errors = r->l->errors;
    if (r->nesting == LOADER_MAX_NESTING) {
        loader_error(r->l, open, TOO_DEEP);
        return false;
    }
    inner.nesting = inner.deepest = r->nesting + 1;
    *text = loader_read_text(&inner, 0);
    r->rest = inner.rest;
    r->deepest = inner.deepest > r->deepest ? inner.deepest : r->deepest;
    if (r->rest.len == 0) {
        if (r->l->errors == errors)
            loader_error(r->l, open, NO_END);
        return false;
    }
    r->rest = slice_from(r->rest, 1);
    *ret_text = text;
    return true;
}

static bool read_function(struct loader_reading *r, struct slice open,
                          const struct function *function)
{
    struct script_text *of;
    r->rest = slice_from(r->rest, 2 + function->name.len);
    if (!read_inside(r, open, function->escapes, &of))
        return false;
    if (function->function == AS_IT_STANDS) {
        for (size_t i = 0; i < of->count; i++)
            *loader_push_part(r->l, of->parts[i].kind) = of->parts[i];
        return true;
    }
    struct script_part *part = loader_push_part(r->l, SCRIPT_PART_FUNCTION);
    part->function = (enum script_function)function->function;
    part->of = of;
    return true;
}

/* "${64*": how many octets of it stand before the text; 0 where it is none. */
static size_t times_octets(struct slice text, uint64_t *ret_count)
{
    size_t at = 2;
    uint64_t count = 0;
    for (; at < text.len && at < 12 && octet_is(text.ptr[at], OCTET_DIGIT); at++)
        count = count * 10 + text.ptr[at] - '0';
    *ret_count = count;
    return at > 2 && at < text.len && text.ptr[at] == '*' ? at + 1 : 0;
}

static bool read_times(struct loader_reading *r, struct slice open, size_t octets, uint64_t count)
{
    struct script_text *of;
    if (count > LOADER_MAX_TIMES) {
        loader_error(r->l, slice_sub(r->rest, 0, octets), "too often: 16777216 times at most");
        return false;
    }
    r->rest = slice_from(r->rest, octets);
    if (!read_inside(r, open, false, &of))
        return false;
    struct script_part *part = loader_push_part(r->l, SCRIPT_PART_TIMES);
    part->count = count;
    part->of = of;
    return true;
}

bool loader_read_variable(struct loader_reading *r, size_t from)
{
    r->l->topic = "variables";
    struct slice open = slice_sub(r->rest, 0, 2);
    const struct function *function = function_at(slice_from(r->rest, 2));
    uint64_t count;
    size_t octets = times_octets(r->rest, &count);
    if (function != NULL || octets > 0) {
        loader_end_literal(r->l, from);
        return function != NULL ? read_function(r, open, function)
                                : read_times(r, open, octets, count);
    }
    size_t end = slice_find(r->rest, '}');
    if (end == r->rest.len) {
        loader_error(r->l, open, NO_END);
        return false;
    }
    read_name(r, slice_sub(r->rest, 0, end + 1), from);
    r->rest = slice_from(r->rest, end + 1);
    return true;
}
