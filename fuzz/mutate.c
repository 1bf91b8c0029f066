#include "mutate.h"

/* splitmix64: any state is a good one. */
size_t mutate_random(struct mutate *m, size_t range)
{
    uint64_t z = m->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return range == 0 ? 0 : (size_t)(z % range);
}

struct slice mutate_word(struct mutate *m, struct mutate_words words)
{
    return words.words[mutate_random(m, words.count)];
}

/* Octets at which parsers turn. */
static uint8_t odd_octet(struct mutate *m)
{
    static const uint8_t octets[] = {0,   '\n', '\r', '\t', ' ', '.', '<',  '>',  '"',  '\\', '(',
                                     ')', ',',  ':',  ';',  '@', '=', '?',  '+',  '-',  '0',  '9',
                                     'A', 'z',  '%',  '[',  ']', 26,  0x7f, 0x80, 0xc3, 0xff};
    return mutate_random(m, 4) == 0 ? (uint8_t)mutate_random(m, 256)
                                    : octets[mutate_random(m, sizeof octets)];
}

static size_t put_in(struct mutate *m, uint8_t *octets, size_t len, size_t capacity)
{
    size_t at = mutate_random(m, len + 1);
    if (len == capacity)
        return len;
    memmove(octets + at + 1, octets + at, len - at);
    octets[at] = odd_octet(m);
    return len + 1;
}

static size_t take_out(struct mutate *m, uint8_t *octets, size_t len)
{
    size_t at = mutate_random(m, len), count = 1 + mutate_random(m, len - at < 4 ? len - at : 4);
    memmove(octets + at, octets + at + count, len - at - count);
    return len - count;
}

static size_t double_run(struct mutate *m, uint8_t *octets, size_t len, size_t capacity)
{
    size_t at = mutate_random(m, len), count = 1 + mutate_random(m, len - at);
    if (count > capacity - len)
        count = capacity - len;
    memmove(octets + at + count, octets + at, len - at);
    return len + count;
}

size_t mutate_octets(struct mutate *m, uint8_t *octets, size_t len, size_t capacity)
{
    size_t way = len == 0 ? 0 : mutate_random(m, 5);
    if (way == 0)
        return put_in(m, octets, len, capacity);
    if (way == 1)
        return take_out(m, octets, len);
    if (way == 2)
        return double_run(m, octets, len, capacity);
    uint8_t *octet = &octets[mutate_random(m, len)];
    *octet = way == 3 ? odd_octet(m) : (uint8_t)(*octet ^ 1u << mutate_random(m, 8));
    return len;
}

void mutate_put_changed(struct mutate *m, struct slice text, struct writer *out)
{
    size_t from = out->len;
    writer_put(out, text);
    if (out->overflow || out->capacity == from)
        return;
    uint8_t *octets = out->ptr + from;
    size_t room = out->capacity - from, most = 2 * text.len + 16; /* what follows has to fit */
    room = room < most ? room : most;
    if (m->octets != NULL)
        out->len = from + m->octets(octets, text.len, room);
    else
        out->len = from + mutate_octets(m, octets, text.len, room);
}

/* ---- lengths ---- */

/* What ends a line, a word, a part of a word. */
#define PARTS 5
static bool ends(uint8_t octet, size_t part)
{
    static const struct slice ends_of[PARTS] = {
        SLICE_INIT("\n"),
        SLICE_INIT("\r\n"),
        SLICE_INIT("\r\n \t"),
        SLICE_INIT("\r\n \t<>@,:;=\"()[]"), /* a domain with its dots */
        SLICE_INIT("\r\n \t<>@.,:;=\"()[]"),
    };
    return slice_find(ends_of[part], octet) < ends_of[part].len;
}

void mutate_put_fitted(struct mutate *m, struct slice text, struct writer *out)
{
    /* A mechanism, a label, a local part, an encoded word, ENVID, a domain, a path; ORCPT, a reply
     * or command line, a text line, an engine's buffer. */
    static const uint16_t limits[] = {20, 63, 64, 75, 100, 255, 256, 500, 512, 998, 1000, 1024};
    const size_t of_words = 7;
    size_t at = mutate_random(m, text.len), from = at, to = at;
    size_t part = mutate_random(m, 2) == 0 ? PARTS - 1 : mutate_random(m, PARTS - 1);
    while (from > 0 && !ends(text.ptr[from - 1], part))
        from--;
    while (to < text.len && !ends(text.ptr[to], part))
        to++;
    to += part == 0 && to < text.len; /* a line with its ending */
    size_t most = part < 2 ? limits[of_words + mutate_random(m, 5)]
                           : limits[mutate_random(m, mutate_random(m, 4) == 0 ? 12 : of_words)];
    size_t want = most + mutate_random(m, 2), have = to - from;
    bool inside = at < text.len && text.ptr[at] != '\r' && text.ptr[at] != '\n';
    uint8_t octet = inside && mutate_random(m, 2) == 0 ? text.ptr[at] : 'a';
    bool dots = mutate_random(m, 3) == 0; /* many short labels or atoms */
    size_t more = want > have ? want - have : 0, less = have > want ? have - want : 0;
    less = less < to - at ? less : to - at;
    writer_put(out, slice_sub(text, 0, at));
    while (more-- > 0)
        writer_put_octet(out, dots && more % 2 == 1 ? '.' : octet);
    writer_put(out, slice_from(text, at + less));
}

/* ---- lists ---- */

static bool ends_list(uint8_t octet)
{
    static const struct slice ends_of = SLICE_INIT("\r\n \t<>=\"()");
    return slice_find(ends_of, octet) < ends_of.len;
}

static bool separates(uint8_t octet)
{
    return octet == ',' || octet == ';' || octet == ':';
}

void mutate_put_listed(struct mutate *m, struct slice text, struct writer *out)
{
    static const uint8_t separators[] = {',', ',', ';', ' '};
    size_t from = mutate_random(m, text.len), to = from;
    uint8_t separator = separators[mutate_random(m, sizeof separators)];
    while (from > 0 && !ends_list(text.ptr[from - 1]) && !separates(text.ptr[from - 1]))
        from--;
    while (to < text.len && !ends_list(text.ptr[to]) && !separates(text.ptr[to]))
        to++;
    if (to < text.len && separates(text.ptr[to]))
        separator = text.ptr[to];
    else if (from > 0 && separates(text.ptr[from - 1]))
        separator = text.ptr[from - 1];
    size_t at = to;
    if (mutate_random(m, 2) == 0)
        while (at < text.len && !ends_list(text.ptr[at]))
            at++;
    writer_put(out, slice_sub(text, 0, at));
    for (size_t n = 1 + mutate_random(m, 3) / 2; n > 0; n--) {
        writer_put_octet(out, separator);
        writer_put(out, slice_sub(text, from, to));
    }
    writer_put(out, slice_from(text, at));
}

/* ---- numbers ---- */

/* As many digits, unless there is a carry from the first. */
static void put_next(struct slice digits, bool less, struct writer *out)
{
    uint8_t octets[24];
    size_t at = digits.len;
    bool carry = true;
    if (digits.len > sizeof octets) {
        writer_put(out, digits);
        return;
    }
    for (; at > 0; at--) {
        uint8_t digit = digits.ptr[at - 1], turns = less ? '0' : '9', turned = less ? '9' : '0';
        octets[at - 1] = !carry           ? digit
                         : digit == turns ? turned
                         : less           ? (uint8_t)(digit - 1)
                                          : (uint8_t)(digit + 1);
        carry = carry && digit == turns;
    }
    if (carry && !less)
        writer_put_octet(out, '1');
    writer_put(out, slice_of(octets, digits.len));
}

void mutate_put_number(struct mutate *m, struct slice digits, struct writer *out)
{
    static const struct slice numbers[] = {
        SLICE_INIT("0"),
        SLICE_INIT("1"),
        SLICE_INIT("00"),
        SLICE_INIT("007"),
        SLICE_INIT("-1"),
        SLICE_INIT("12"),
        SLICE_INIT("13"),
        SLICE_INIT("23"),
        SLICE_INIT("24"),
        SLICE_INIT("28"),
        SLICE_INIT("29"),
        SLICE_INIT("30"),
        SLICE_INIT("31"),
        SLICE_INIT("32"),
        SLICE_INIT("49"),
        SLICE_INIT("50"),
        SLICE_INIT("59"),
        SLICE_INIT("60"),
        SLICE_INIT("61"),
        SLICE_INIT("99"),
        SLICE_INIT("255"),
        SLICE_INIT("256"),
        SLICE_INIT("999"),
        SLICE_INIT("1899"),
        SLICE_INIT("1900"),
        SLICE_INIT("9999"),
        SLICE_INIT("65536"),
        SLICE_INIT("999999999"),
        SLICE_INIT("2147483648"),
        SLICE_INIT("4294967296"),
        SLICE_INIT("9223372036854775808"),
        SLICE_INIT("18446744073709551615"),
        SLICE_INIT("18446744073709551616"),
    };
    size_t way = mutate_random(m, 6);
    if (digits.len > 0 && way < 3) {
        if (way == 2) {
            writer_put(out, SLICE("0"));
            writer_put(out, digits);
        } else
            put_next(digits, way == 1, out);
        return;
    }
    /* Mostly one that is about as long. */
    struct slice number = mutate_word(m, MUTATE_WORDS(numbers));
    for (size_t again = 0; again < 2 && number.len > digits.len + 1; again++)
        number = mutate_word(m, MUTATE_WORDS(numbers));
    writer_put(out, number);
}

/* ---- pieces ---- */

static size_t count_pieces(const struct mutate_grammar *grammar, struct slice text)
{
    size_t count = 0;
    for (; text.len > 0; count++)
        text = slice_from(text, grammar->piece(text));
    return count;
}

/** Octets of the first `count` pieces. */
static size_t octets_of(const struct mutate_grammar *grammar, struct slice text, size_t count)
{
    struct slice rest = text;
    while (count-- > 0 && rest.len > 0)
        rest = slice_from(rest, grammar->piece(rest));
    return text.len - rest.len;
}

static struct slice pieces(const struct mutate_grammar *grammar, struct slice text, size_t first,
                           size_t count)
{
    struct slice rest = slice_from(text, octets_of(grammar, text, first));
    return slice_sub(rest, 0, octets_of(grammar, rest, count));
}

enum edit { PUT_IN, DOUBLE, DROP, SWAP, CHANGE, CHANGE_AGAIN, REPLACE, SPLICE, EDITS };

void mutate_pieces(struct mutate *m, const struct mutate_grammar *grammar, struct slice text,
                   struct writer *out)
{
    size_t count = count_pieces(grammar, text);
    enum edit edit = count == 0 ? PUT_IN : (enum edit)mutate_random(m, EDITS);
    size_t at = mutate_random(m, edit == PUT_IN ? count + 1 : count);
    if ((edit == PUT_IN || edit == SPLICE) && mutate_random(m, 2) == 0)
        at = count;
    size_t before = octets_of(grammar, text, at);
    struct slice rest = slice_from(text, before), piece = pieces(grammar, rest, 0, 1);
    struct slice last = at == 0 ? piece : pieces(grammar, text, at - 1, 1);
    size_t other = mutate_random(m, count);
    size_t run = edit == SWAP ? 1 : 1 + mutate_random(m, 4);
    writer_put(out, slice_sub(text, 0, before));
    switch (edit) {
    case PUT_IN:
        grammar->make(m, last, out);
        break;
    case DOUBLE:
        writer_put(out, piece);
        break;
    case SWAP: /* with the one behind it */
        rest = slice_from(rest, piece.len);
        writer_put(out, pieces(grammar, rest, 0, 1));
        writer_put(out, piece);
        rest = slice_from(rest, octets_of(grammar, rest, 1));
        break;
    case SPLICE:
        writer_put(out, pieces(grammar, text, other, run));
        break;
    case CHANGE:
    case CHANGE_AGAIN:
        grammar->change(m, piece, out);
        rest = slice_from(rest, piece.len);
        break;
    case REPLACE:
        grammar->make(m, last, out);
        rest = slice_from(rest, piece.len);
        break;
    case DROP:
    default:
        rest = slice_from(rest, piece.len);
        break;
    }
    writer_put(out, rest);
}

void mutate_cross(struct mutate *m, const struct mutate_grammar *grammar, struct slice one,
                  struct slice other, struct writer *out)
{
    size_t ones = count_pieces(grammar, one), others = count_pieces(grammar, other);
    size_t cut = octets_of(grammar, one, mutate_random(m, ones + 1));
    size_t first = mutate_random(m, others);
    bool insert = mutate_random(m, 2) == 0;
    writer_put(out, slice_sub(one, 0, cut));
    writer_put(out, pieces(grammar, other, first, insert ? 1 + mutate_random(m, 4) : others));
    if (insert)
        writer_put(out, slice_from(one, cut));
}
