/*
 * Addresses as nearly all of them are, read at a glance out of the bits of one scan; what is not
 * plain the grammar reads (address.c), and what is, it reads to the same.
 *
 *   address = [FWS] mailbox [SP comment], up to "," or ";" or the end of the list
 *   mailbox = addr-spec / [phrase] "<" addr-spec ">"
 *   phrase  = atoms, quoted strings and SP; addr-spec = dot-atom "@" dot-atom
 *
 * All octets are %d32-126, but for the FWS; quoted strings and comments have no backslash, comments
 * no other inside. So a plain address has no quirk.
 */
#include "base/bits.h"
#include "base/octet.h"
#include "imf/address.h"

/* What is in sight of a list: octets from `at` on, and what is where among them. */
struct sight {
    const uint8_t *at;
    size_t len;        /* at most BITS */
    bool whole;        /* the list ends in sight */
    uint64_t boundary; /* as the scan has them, and the end of the sight */
    uint64_t dot, space, hard;
    uint64_t quoted;
};

#define END    (-1) /* of the list */
#define UNSEEN (-2)

static inline int octet_at(const struct sight *s, size_t n)
{
    return n < s->len ? s->at[n] : s->whole ? END : UNSEEN;
}

/* Where the parts of an address lie; offsets in what is in sight. */
struct plain {
    size_t name_end;       /* of the phrase before the bracket; 0: there is none */
    size_t from, sign, to; /* the addr-spec, and its "@" */
    size_t comment;        /* where its "(" is; 0: there is none */
    size_t end;
    bool bracketed;
};

/*
 * [phrase] "<" addr-spec, or addr-spec alone. The first boundary that is neither a space nor in
 * quotes tells which: "<" or "@". Before "<" no atom has a dot: that were an obs-phrase.
 */
static inline bool find_mailbox(const struct sight *s, struct plain *plain)
{
    uint64_t first = bits_lowest(s->boundary & ~(s->space | s->quoted));
    if (first == 0)
        return false;
    bool bracketed = octet_at(s, bits_first(first)) == '<';
    uint64_t phrase = bracketed ? first - 1 : 0, from = bracketed ? first << 1 : 1;
    uint64_t sign = bits_lowest(s->boundary & bits_from(from));
    uint64_t to = bits_lowest(s->boundary & bits_from(sign << 1));
    uint64_t local = (sign - 1) & bits_from(from), domain = (to - 1) & bits_from(sign << 1);
    if (to == 0 || octet_at(s, bits_first(sign)) != '@' ||
        (phrase & (s->hard | (s->dot & ~s->quoted))) != 0 || !bits_are_dot_atom(local, s->dot) ||
        !bits_are_dot_atom(domain, s->dot))
        return false;
    plain->name_end = bits_end(phrase & ~s->space);
    plain->from = bits_first(from);
    plain->sign = bits_first(sign);
    plain->to = bits_first(to);
    plain->bracketed = bracketed;
    return true;
}

/* Offset of the ")" of the comment that begins before octet n; 0 where it is not plain. */
static inline size_t find_closing(const struct sight *s, size_t n)
{
    for (uint64_t left = s->boundary & ~bits_below(n); left != 0; left &= left - 1) {
        n = bits_first(left);
        int octet = octet_at(s, n);
        if (octet == ')')
            return n;
        if (octet < ' ' || octet > '~' || octet == '\\' || octet == '(' || octet == '"')
            return 0;
    }
    return 0;
}

static inline bool find_plain(const struct sight *s, struct plain *plain)
{
    if (!find_mailbox(s, plain) || (plain->bracketed && octet_at(s, plain->to) != '>'))
        return false;
    plain->end = plain->to + plain->bracketed;
    plain->comment = 0;
    int octet = octet_at(s, plain->end);
    if (octet == ' ' && octet_at(s, plain->end + 1) == '(') {
        plain->comment = plain->end + 1;
        plain->end = find_closing(s, plain->comment + 1) + 1;
        octet = octet_at(s, plain->end);
    }
    return plain->end > 1 && (octet == ',' || octet == ';' || octet == END);
}

/* Each member by itself: copied as a whole, wide loads would wait for the narrow stores before. */
static inline void put_plain(const uint8_t *at, const struct plain *plain, struct imf_address *ret)
{
    const struct slice none = {NULL, 0};
    size_t to = plain->bracketed ? plain->to : plain->end;
    ret->kind = IMF_ADDRESS_MAILBOX;
    ret->raw = slice_of(at, plain->end);
    ret->display_name = slice_of(at, plain->name_end);
    ret->addr_spec = slice_of(at + plain->from, to - plain->from);
    ret->route = none;
    ret->local_part = slice_of(at + plain->from, plain->sign - plain->from);
    ret->domain = slice_of(at + plain->sign + 1, plain->to - plain->sign - 1);
    ret->comment = plain->comment == 0
                       ? none
                       : slice_of(at + plain->comment + 1, plain->end - plain->comment - 2);
    ret->bracketed = plain->bracketed;
    ret->quirks = 0;
    ret->open_from = NULL;
}

/* ["," / nothing that is due] [FWS]: offset of what follows, or SIZE_MAX where it is not plain. */
static inline size_t pass_separator(const struct imf_address_list *list)
{
    struct slice in = list->in;
    size_t at = list->at;
    if (list->last == IMF_ADDRESS_LAST_ADDRESS) {
        if (at >= in.len || in.ptr[at] != ',')
            return SIZE_MAX;
        at++;
    }
    if (at < in.len && in.ptr[at] == ' ')
        at++;
    else if (in.len - at > 2 && in.ptr[at] == '\r' && in.ptr[at + 1] == '\n' &&
             octet_is(in.ptr[at + 2], OCTET_WSP))
        at += 3;
    while (at < in.len && (in.ptr[at] == ' ' || in.ptr[at] == '\t'))
        at++;
    return at;
}

static inline struct sight sight_of_seen(const struct imf_address_list *list, size_t at)
{
    size_t passed = at - list->seen_at;
    return (struct sight){
        .at = list->in.ptr + at,
        .len = list->seen_to - at,
        .whole = list->seen_to == list->in.len,
        .boundary = list->seen.boundary >> passed,
        .dot = list->seen.dot >> passed,
        .space = list->seen.space >> passed,
        .hard = list->seen.hard >> passed,
        .quoted = list->seen.quoted >> passed,
    };
}

static void look(struct imf_address_list *list, size_t at)
{
    struct slice rest = slice_from(list->in, at);
    size_t len = rest.len < SCAN_TEXT_OCTETS ? rest.len : SCAN_TEXT_OCTETS;
    scan_words(rest, &list->seen);
    list->seen.boundary |= len < BITS ? bits_at(len) : 0;
    list->seen_at = at;
    list->seen_to = at + len;
}

/* Reads a plain address; false, and nothing changed, where it is not plain. */
static inline bool read_plain(struct imf_address_list *list, struct imf_address *ret_address)
{
    struct sight sight;
    struct plain plain;
    if (list->open_from != SIZE_MAX)
        return false;
    size_t at = pass_separator(list);
    if (at >= list->in.len)
        return false;
    if (at >= list->seen_to)
        look(list, at);
    while (sight = sight_of_seen(list, at), !find_plain(&sight, &plain)) {
        if (sight.whole || list->seen_at == at)
            return false;
        look(list, at);
    }
    put_plain(sight.at, &plain, ret_address);
    list->at = at + plain.end;
    list->last = IMF_ADDRESS_LAST_ADDRESS;
    return true;
}

/* Behind plain addresses alone nothing is left to say. */
static inline bool ends_plain(const struct imf_address_list *list)
{
    return list->at == list->in.len && list->all_plain && list->last == IMF_ADDRESS_LAST_ADDRESS;
}

bool imf_address_next(struct imf_address_list *list, struct imf_address *ret_address)
{
    if (read_plain(list, ret_address))
        return true;
    if (ends_plain(list))
        return false;
    list->all_plain = false;
    list->seen_at = list->seen_to = 0; /* what is quoted behind it is not known */
    return imf_address_next_by_grammar(list, ret_address);
}
