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

/* What is in sight of a list: octets from `at` on, and where boundaries and dots are among them. */
struct sight {
    const uint8_t *at;
    size_t len; /* at most BITS */
    uint64_t boundary, dot;
    bool whole; /* the list ends in sight */
};

#define END    (-1) /* of the list */
#define UNSEEN (-2)

/* The next boundary from octet n on: atext and dots are passed. */
static inline size_t next_boundary(const struct sight *s, size_t n)
{
    uint64_t left = n < BITS ? s->boundary >> n << n : 0;
    return left != 0 ? bits_first(left) : s->len;
}

static inline int octet_at(const struct sight *s, size_t n)
{
    return n < s->len ? s->at[n] : s->whole ? END : UNSEEN;
}

/* Passes text from octet n on that is printable, without a backslash and without `opening`; the
 * offset of its `closing`, or 0 where none ends it. */
static inline size_t find_closing(const struct sight *s, size_t n, int opening, int closing)
{
    for (;; n++) {
        n = next_boundary(s, n);
        int octet = octet_at(s, n);
        if (octet == closing)
            return n;
        if (octet < ' ' || octet > '~' || octet == '\\' || octet == opening)
            return 0;
    }
}

/* Where the parts of an address lie; offsets in what is in sight. */
struct plain {
    size_t name_end;       /* of the phrase before the bracket; 0: there is none */
    size_t from, sign, to; /* the addr-spec, and its "@" */
    size_t comment;        /* where its "(" is; 0: there is none */
    size_t end;
    bool bracketed;
};

/* Passes the phrase and the "<" behind it. */
static inline bool pass_phrase(const struct sight *s, size_t n, struct plain *plain)
{
    uint64_t words = bits_below(n);
    int octet;
    for (; (octet = octet_at(s, n)) != '<'; n = next_boundary(s, n + 1)) {
        size_t from = n;
        if (octet == '"' && (n = find_closing(s, n + 1, '"', '"')) == 0)
            return false;
        if (octet != '"' && octet != ' ')
            return false;
        words = (words | ~bits_below(n)) & ~(bits_below(n) & ~bits_below(from));
    }
    if ((s->dot & words & bits_below(n)) != 0)
        return false; /* obs-phrase */
    plain->bracketed = true;
    plain->from = n + 1;
    for (plain->name_end = n; plain->name_end > 0 && s->at[plain->name_end - 1] == ' ';)
        plain->name_end--;
    return true;
}

/* addr-spec [">"] [SP comment], and what follows an address. */
static inline bool find_rest(const struct sight *s, struct plain *plain)
{
    plain->sign = next_boundary(s, plain->from);
    plain->to = next_boundary(s, plain->sign + 1);
    uint64_t local = bits_below(plain->sign) & ~bits_below(plain->from);
    uint64_t domain = bits_below(plain->to) & ~bits_below(plain->sign + 1);
    if (octet_at(s, plain->sign) != '@' || !bits_are_dot_atom(local, s->dot) ||
        !bits_are_dot_atom(domain, s->dot))
        return false;
    plain->end = plain->to + plain->bracketed;
    if (plain->bracketed && octet_at(s, plain->to) != '>')
        return false;
    plain->comment = 0;
    if (octet_at(s, plain->end) == ' ' && octet_at(s, plain->end + 1) == '(') {
        plain->comment = plain->end + 1;
        plain->end = find_closing(s, plain->comment + 1, '(', ')') + 1;
    }
    int octet = octet_at(s, plain->end);
    return plain->end > 1 && (octet == ',' || octet == ';' || octet == END);
}

static inline bool find_plain(const struct sight *s, struct plain *plain)
{
    size_t word = next_boundary(s, 0);
    plain->name_end = plain->from = 0;
    plain->bracketed = false;
    return (octet_at(s, word) == '@' || pass_phrase(s, word, plain)) && find_rest(s, plain);
}

/* Each member by itself: copied as a whole, wide loads would wait for the narrow stores before. */
static inline void put_plain(const uint8_t *at, const struct plain *plain, struct imf_address *ret)
{
    const struct slice none = {NULL, 0};
    ret->kind = IMF_ADDRESS_MAILBOX;
    ret->raw = slice_of(at, plain->end);
    ret->display_name = slice_of(at, plain->name_end);
    ret->addr_spec =
        plain->bracketed ? slice_of(at + plain->from, plain->to - plain->from) : ret->raw;
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
    while (at < in.len && octet_is(in.ptr[at], OCTET_WSP))
        at++;
    return at;
}

static inline struct sight sight_of_seen(const struct imf_address_list *list, size_t at)
{
    size_t passed = at - list->seen_at;
    return (struct sight){
        .at = list->in.ptr + at,
        .len = list->seen_to - at,
        .boundary = list->seen.boundary >> passed,
        .dot = list->seen.dot >> passed,
        .whole = list->seen_to == list->in.len,
    };
}

static void look(struct imf_address_list *list, size_t at)
{
    struct slice rest = slice_from(list->in, at);
    list->seen = scan_atoms(rest);
    list->seen_at = at;
    list->seen_to = at + (rest.len < SCAN_TEXT_OCTETS ? rest.len : SCAN_TEXT_OCTETS);
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
    bool found = false;
    if (at < list->seen_to) {
        sight = sight_of_seen(list, at);
        found = find_plain(&sight, &plain);
    }
    if (!found && (at >= list->seen_to || (list->seen_at < at && !sight.whole))) {
        look(list, at);
        sight = sight_of_seen(list, at);
        found = find_plain(&sight, &plain);
    }
    if (!found)
        return false;
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
    return imf_address_next_by_grammar(list, ret_address);
}
