#include "imf/msgid.h"

#include "base/bits.h"
#include "base/scan.h"
#include "imf/quirk.h"

#define TEXT  (OCTET_ATEXT | OCTET_EIGHT_BIT)
#define SPACE (OCTET_WSP | OCTET_CR | OCTET_LF)

void imf_msgid_begin(struct slice in, struct imf_msgid_list *ret_list)
{
    *ret_list = (struct imf_msgid_list){.c = {.in = in}};
}

/* ---- ordinary ids ---- */

/* "<" dot-atom-text "@" dot-atom-text ">", within what one scan sees. */
static inline bool take_ordinary(struct imf_msgid_list *list, struct imf_msgid *id)
{
    struct slice rest = slice_from(list->c.in, list->c.at);
    if (rest.len < 5 || rest.ptr[0] != '<')
        return false;
    struct slice inside = {rest.ptr + 1, rest.len - 1};
    struct scan_atoms atoms = scan_atoms(inside);
    uint64_t sign = atoms.boundary & -atoms.boundary;
    uint64_t others = atoms.boundary ^ sign, close = others & -others;
    if (close == 0)
        return false;
    size_t left = bits_first(sign), end = bits_first(close);
    if (inside.ptr[left] != '@' || inside.ptr[end] != '>' ||
        !bits_are_dot_atom(sign - 1, atoms.dot) ||
        !bits_are_dot_atom((close - 1) & ~(sign | (sign - 1)), atoms.dot))
        return false;
    id->raw = (struct slice){rest.ptr, end + 2};
    id->left = slice_sub(inside, 0, left);
    id->right = slice_sub(inside, left + 1, end);
    id->quirks = 0;
    list->c.at += end + 2;
    return true;
}

/* ---- the grammar ---- */

/* What one side of an id is made of. */
struct side {
    size_t words, gaps; /* atoms, quoted strings, literals; CFWS among them */
    bool quoted, literal, after_word, invalid;
};

#define OPEN (IMF_QUIRK_UNCLOSED_COMMENT | IMF_QUIRK_UNCLOSED_QUOTE | IMF_QUIRK_UNCLOSED_LITERAL)

static bool is_gap(const struct imf_cursor *c, uint64_t open)
{
    return imf_at(c, SPACE) || (imf_peek(c) == '(' && !(open & IMF_QUIRK_UNCLOSED_COMMENT));
}

static void take_gap(struct imf_cursor *c)
{
    if (imf_peek(c) == '(')
        imf_take_comment(c);
    else
        c->at++;
}

static bool is_word(const struct imf_cursor *c, uint64_t open)
{
    return imf_at(c, TEXT) || (imf_peek(c) == '"' && !(open & IMF_QUIRK_UNCLOSED_QUOTE)) ||
           (imf_peek(c) == '[' && !(open & IMF_QUIRK_UNCLOSED_LITERAL));
}

static bool has_space(struct slice text)
{
    bool found = false;
    for (size_t i = 0; i < text.len; i++)
        found |= octet_is(text.ptr[i], SPACE);
    return found;
}

static void take_word(struct imf_cursor *c, struct side *side)
{
    bool quoted = imf_peek(c) == '"', literal = imf_peek(c) == '[';
    if (quoted) {
        imf_take_quoted(c);
    } else if (literal) {
        struct slice taken = imf_take_literal(c);
        side->gaps += has_space(taken); /* obs-id-right may have them, as a domain */
        side->invalid |= imf_literal_nests(taken);
    } else {
        imf_take_atom(c);
    }
    side->invalid |= side->after_word;
    side->quoted |= quoted;
    side->literal |= literal;
    side->after_word = true;
    side->words++;
}

/* dot-atom-text = 1*atext *("." 1*atext); a literal stands alone; quotes are obsolete syntax */
static uint64_t judge(const struct side *side, bool is_right)
{
    bool literal = side->literal && (!is_right || side->words > 1 || side->quoted);
    bool quoted = side->quoted && is_right;
    if (side->invalid || !side->after_word || literal || quoted)
        return IMF_QUIRK_INVALID_ID;
    return side->gaps > 0 || side->quoted ? IMF_QUIRK_OBS_ID : 0;
}

/* What was read of an id's inside. */
struct inside {
    struct side sides[2];
    size_t at;  /* offset of "@"; SIZE_MAX: none yet */
    size_t end; /* of the last word, dot or at sign */
};

static void take_piece(struct imf_cursor *c, uint64_t open, struct inside *inside)
{
    struct side *side = &inside->sides[inside->at != SIZE_MAX];
    if (imf_peek(c) == '@' && inside->at == SIZE_MAX) {
        inside->at = c->at++;
    } else if (imf_peek(c) == '.') {
        side->invalid |= !side->after_word;
        side->after_word = false;
        c->at++;
    } else if (is_word(c, open)) {
        take_word(c, side);
    } else {
        side->invalid = true;
        c->at++;
    }
    inside->end = c->at;
}

/*
 * Takes the inside of an id up to ">", "<" or the end, and tells its sides apart. Where no ">" ends
 * it, only what stands before the first white space is its, and *ret_more says whether something
 * follows that. `open`: quirks of what is known to have no second delimiter.
 */
static void read_inside(struct imf_cursor *c, uint64_t open, struct imf_msgid *id, bool *ret_more)
{
    size_t from = c->at;
    struct inside inside = {.at = SIZE_MAX, .end = from}, word = inside;
    bool whole = true;
    for (int octet; (octet = imf_peek(c)) >= 0 && octet != '>' && octet != '<';) {
        if (!is_gap(c, open)) {
            take_piece(c, open, &inside);
            continue;
        }
        if (whole && inside.end > from)
            word = inside;
        whole = whole && inside.end == from;
        take_gap(c);
        inside.sides[inside.at != SIZE_MAX].gaps++;
    }
    if (whole || imf_peek(c) == '>')
        word = inside;
    *ret_more = word.end < inside.end;
    id->left = slice_sub(c->in, from, word.at == SIZE_MAX ? word.end : word.at);
    id->right =
        word.at == SIZE_MAX ? (struct slice){NULL, 0} : slice_sub(c->in, word.at + 1, word.end);
    id->quirks |= judge(&word.sides[0], false) | judge(&word.sides[1], true);
}

static void read_bracketed(struct imf_msgid_list *list, struct imf_msgid *id)
{
    struct imf_cursor *c = &list->c;
    uint64_t unclosed = 0, known;
    bool more, twice = false;
    while (c->at + 1 < c->in.len && c->in.ptr[c->at + 1] == '<') { /* "<<a@b>>" */
        twice = true;
        c->at++;
    }
    size_t from = c->at;
    do { /* what has no end would be the rest of the field: then it is text, and read again */
        known = list->open;
        *id = (struct imf_msgid){.quirks = unclosed};
        c->at = from + 1;
        c->quirks = 0;
        read_inside(c, known, id, &more);
        list->steps += c->at - from;
        unclosed |= c->quirks & OPEN;
        list->open |= unclosed;
    } while (list->open != known);
    if (!imf_take(c, '>')) {
        id->quirks |= IMF_QUIRK_UNPAIRED_ANGLE;
        list->quirks |= more ? IMF_QUIRK_OBS_ID : 0;
        struct slice last = id->right.ptr != NULL ? id->right : id->left;
        id->raw = slice_sub(c->in, from, (size_t)(last.ptr - c->in.ptr) + last.len);
    } else {
        id->raw = slice_sub(c->in, from, c->at);
    }
    id->quirks |= twice ? IMF_QUIRK_UNPAIRED_ANGLE : 0;
}

static bool has_brackets(struct imf_msgid_list *list)
{
    if (!list->looked) {
        list->looked = true;
        list->bracketed = slice_find(list->c.in, '<') < list->c.in.len;
    }
    return list->bracketed;
}

/* Passes a word that is no id, or takes it for one where nothing in the field has brackets. */
static bool read_word(struct imf_msgid_list *list, struct imf_msgid *id)
{
    struct imf_cursor *c = &list->c;
    size_t from = c->at;
    while (imf_at(c, TEXT) || imf_peek(c) == '.' || imf_peek(c) == '@')
        c->at++;
    struct slice word = slice_sub(c->in, from, c->at);
    if (slice_find(word, '@') < word.len && !has_brackets(list)) {
        struct imf_cursor inside = {.in = word};
        id->quirks = IMF_QUIRK_NO_ID_BRACKETS;
        bool more;
        read_inside(&inside, OPEN, id, &more);
        id->raw = word;
        return true;
    }
    bool separator = imf_peek(c) == ',' || imf_peek(c) == ';';
    list->quirks |= word.len == 0 && separator ? IMF_QUIRK_STRAY_SEPARATOR : IMF_QUIRK_OBS_ID;
    if (word.len == 0 && imf_peek(c) == '"')
        imf_take_quoted(c);
    else if (word.len == 0 && imf_peek(c) == '[') /* with any "<" inside: looked at once */
        imf_take_literal(c);
    else if (word.len == 0)
        c->at++;
    list->steps += c->at - from;
    return false;
}

bool imf_msgid_next_by_grammar(struct imf_msgid_list *list, struct imf_msgid *ret_id)
{
    struct imf_cursor *c = &list->c;
    struct imf_msgid id = {.quirks = 0};
    size_t from = c->at;
    bool found = false;
    while (!found) {
        imf_skip_cfws(c);
        list->quirks |= c->quirks;
        c->quirks = 0;
        if (imf_peek(c) < 0)
            break;
        found = imf_peek(c) == '<';
        if (found)
            read_bracketed(list, &id);
        else
            found = read_word(list, &id);
    }
    list->quirks |= c->quirks | imf_quirks_of_octets(slice_sub(c->in, from, c->at));
    if (!found)
        return false;
    id.quirks |= c->quirks | imf_quirks_of_octets(id.raw);
    c->quirks = 0;
    list->quirks |= id.quirks;
    *ret_id = id;
    return true;
}

bool imf_msgid_next(struct imf_msgid_list *list, struct imf_msgid *ret_id)
{
    struct imf_cursor *c = &list->c;
    if (c->at == c->in.len)
        return false;
    if (imf_peek(c) == ' ' && c->at + 1 < c->in.len && c->in.ptr[c->at + 1] == '<')
        c->at++;
    return take_ordinary(list, ret_id) || imf_msgid_next_by_grammar(list, ret_id);
}

/* ---- writing ---- */

static void write_side(struct slice side, struct writer *out)
{
    struct imf_cursor c = {.in = side};
    while (imf_peek(&c) >= 0) {
        if (imf_skip_cfws(&c))
            continue;
        size_t from = c.at;
        if (imf_peek(&c) == '"')
            imf_take_quoted(&c);
        else if (imf_peek(&c) == '[')
            imf_take_literal(&c);
        else
            c.at++;
        writer_put(out, slice_sub(side, from, c.at));
    }
}

void imf_msgid_write(const struct imf_msgid *id, struct writer *out)
{
    writer_put_octet(out, '<');
    write_side(id->left, out);
    writer_put_octet(out, '@');
    write_side(id->right, out);
    writer_put_octet(out, '>');
}
