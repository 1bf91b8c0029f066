#include "script/transcript_shape.h"

#include "base/octet.h"
#include "smtp/command.h"

#define OPEN   '\x01' /* stands for a word that is left open */
#define BLANKS '\x02' /* for one blank or more */
#define STROKE '-'    /* for one or more */

static bool is_word(uint8_t octet)
{
    return octet_is(octet, OCTET_ALPHA | OCTET_DIGIT) || octet == '_';
}

/* Octets of the word at the beginning: letters, digits and "_"; "-" and "." between them. */
static size_t word_length(struct slice text)
{
    size_t len = 0;
    while (len < text.len) {
        bool inside = (text.ptr[len] == '-' || text.ptr[len] == '.') && len > 0 &&
                      len + 1 < text.len && is_word(text.ptr[len + 1]);
        if (!is_word(text.ptr[len]) && !inside)
            break;
        len++;
    }
    return len;
}

static struct slice beginning(struct slice text)
{
    return slice_sub(text, 0,
                     text.len < TRANSCRIPT_SHAPE_OCTETS ? text.len : TRANSCRIPT_SHAPE_OCTETS);
}

/* A verb in capitals: "Sent reply to EHLO: 250 ...". */
static bool is_verb(struct slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (slice_upper(word.ptr[i]) != word.ptr[i])
            return false;
    return smtp_verb_of(word) != SMTP_VERB_UNKNOWN;
}

/* CheckTLS and swaks write "<~~" and "~>" for "<--" and "->" where TLS began. */
static uint8_t stroke(uint8_t octet)
{
    return octet == '~' ? '-' : octet;
}

static size_t strokes_before(struct slice text)
{
    size_t len = 0;
    while (len < text.len && stroke(text.ptr[len]) == STROKE)
        len++;
    return len;
}

static bool is_open(struct slice word)
{
    static const struct slice names = SLICE_INIT("jan feb mar apr may jun jul aug sep oct nov dec "
                                                 "mon tue wed thu fri sat sun am  pm  ");
    for (size_t i = 0; i < word.len; i++)
        if (octet_is(word.ptr[i], OCTET_DIGIT))
            return true;
    for (size_t i = 0; (word.len == 2 || word.len == 3) && i < names.len; i += 4) {
        struct slice name = slice_sub(names, i, i + 3);
        if (slice_equal_nocase(slice_trim(name), word))
            return true;
    }
    return is_verb(word);
}

static size_t blanks_before(struct slice text)
{
    size_t len = 0;
    while (len < text.len && octet_is(text.ptr[len], OCTET_WSP))
        len++;
    return len;
}

static struct slice without_blanks_before(struct slice text)
{
    return slice_from(text, blanks_before(text));
}

/* Whether blanks stand between columns whose width differs from line to line. */
static bool is_beside_open(const struct transcript_shape *shape, struct slice behind)
{
    return (shape->len > 0 && shape->octets[shape->len - 1] == OPEN) ||
           is_open(slice_sub(behind, 0, word_length(behind)));
}

bool transcript_shape_of(struct slice before, struct transcript_shape *ret_shape)
{
    struct transcript_shape shape = {.len = 0};
    struct slice text = without_blanks_before(before);
    if (text.len > sizeof shape.octets)
        return false;
    while (text.len > 0) {
        size_t len = word_length(text), blanks = blanks_before(text);
        size_t strokes = strokes_before(text);
        if (blanks > 0 && blanks < text.len && is_beside_open(&shape, slice_from(text, blanks))) {
            shape.octets[shape.len++] = BLANKS;
            len = blanks;
        } else if (len > 0 && is_open(slice_sub(text, 0, len))) {
            shape.octets[shape.len++] = OPEN;
            shape.open++;
        } else if (strokes > 0 && strokes < text.len) { /* arrows of diagrams: "->>", "-->>" */
            shape.octets[shape.len++] = STROKE;
            len = strokes;
        } else {
            len += len == 0;
            for (size_t i = 0; i < len; i++)
                shape.octets[shape.len++] = stroke(text.ptr[i]);
        }
        text = slice_from(text, len);
    }
    *ret_shape = shape;
    return true;
}

size_t transcript_shape_match(const struct transcript_shape *shape, struct slice line, size_t field,
                              struct slice *ret_field)
{
    struct slice text = without_blanks_before(line);
    size_t open = 0;
    for (size_t i = 0; i < shape->len; i++) {
        size_t len = 1;
        if (shape->octets[i] == OPEN) {
            len = word_length(beginning(text));
            if (len == 0 || !is_open(slice_sub(text, 0, len)))
                return 0;
            if (open++ == field)
                *ret_field = slice_sub(text, 0, len);
        } else if (shape->octets[i] == BLANKS) {
            len = blanks_before(text);
            if (len == 0)
                return 0;
        } else if (text.len == 0 || stroke(text.ptr[0]) != shape->octets[i]) {
            /* a blank at the end gets lost where an editor cuts blanks off */
            bool bare = text.len == 0 && i + 1 == shape->len && shape->octets[i] == ' ' && i > 0;
            return bare ? (size_t)(text.ptr - line.ptr) : 0;
        } else if (shape->octets[i] == STROKE && i + 1 < shape->len) {
            len = strokes_before(text);
        }
        text = slice_from(text, len);
    }
    return (size_t)(text.ptr - line.ptr);
}

static bool is_blank(uint8_t octet)
{
    return octet == BLANKS || octet == ' ';
}

size_t transcript_shape_alike(const struct transcript_shape *a, const struct transcript_shape *b)
{
    size_t len = 0;
    while (len < a->len && len < b->len &&
           (a->octets[len] == b->octets[len] ||
            (is_blank(a->octets[len]) && is_blank(b->octets[len]))))
        len++;
    return len;
}
