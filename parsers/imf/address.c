#include "imf/address.h"

#include "base/octet.h"
#include "imf/lexeme.h"
#include "imf/quirk.h"
#include "imf/token.h"

#define NONE                  SIZE_MAX
#define LOCAL_PART_MAX_OCTETS 64  /* RFC 5321 4.5.3.1.1 */
#define DOMAIN_MAX_OCTETS     255 /* RFC 5321 4.5.3.1.2 */
#define SPACE                 (OCTET_WSP | OCTET_CR | OCTET_LF)

void imf_address_begin(struct slice in, struct imf_address_list *ret_list)
{
    ret_list->in = in;
    ret_list->at = ret_list->steps = 0;
    ret_list->quirks = 0;
    ret_list->last = IMF_ADDRESS_LAST_NOTHING;
    ret_list->in_group = ret_list->has_segment = false;
    ret_list->open_quote = ret_list->open_literal = ret_list->open_from = SIZE_MAX;
    ret_list->open_comments = 0;
    ret_list->seen_at = ret_list->seen_to = 0;
    ret_list->all_plain = true;
}

/* ---- what the parts of an address are ---- */

/*
 * local-part     = dot-atom / quoted-string / obs-local-part         ; RFC 5322 3.4.1
 * obs-local-part = word *("." word)                                  ; RFC 5322 4.4
 * domain         = dot-atom / domain-literal / obs-domain
 * obs-domain     = atom *("." atom)
 */
struct part {
    size_t words, quoted, literals, octets; /* octets: gaps do not count */
    bool after_word, gap, invalid;
};

/* domain-literal = "[" *([FWS] dtext) [FWS] "]"    ; RFC 5322 3.4.1 */
static size_t octets_of_literal(struct slice literal)
{
    size_t octets = 0;
    for (size_t i = 0; i < literal.len; i++)
        octets += !octet_is(literal.ptr[i], SPACE);
    return octets;
}

static void add_lexeme(struct part *part, enum lexeme lexeme, struct slice taken)
{
    if (lexeme_is_gap(lexeme)) {
        part->gap = true;
        return;
    }
    bool dot = lexeme == LEXEME_OCTET && taken.ptr[0] == '.';
    bool word = lexeme != LEXEME_OCTET;
    part->invalid |= dot ? !part->after_word : !word || part->after_word;
    part->after_word = word;
    part->words += word;
    part->quoted += lexeme == LEXEME_QUOTED;
    part->literals += lexeme == LEXEME_LITERAL;
    part->octets += lexeme == LEXEME_LITERAL ? octets_of_literal(taken) : taken.len;
}

static struct part read_part(struct imf_address_list *list, struct slice text, bool domain,
                             uint64_t *quirks)
{
    struct part part = {0};
    size_t from = (size_t)(text.ptr - list->in.ptr);
    struct lexer l = lexer_of(list, from, from + text.len);
    l.after_at = domain;
    for (enum lexeme lexeme; (lexeme = lexer_next(&l)) != LEXEME_END;)
        add_lexeme(&part, lexeme, lexer_taken(&l));
    part.invalid |= !part.after_word || (l.quirks & IMF_QUIRK_UNQUOTED_SPECIAL) != 0;
    *quirks |= l.quirks;
    return part;
}

static uint64_t quirks_of_local_part(struct imf_address_list *list, struct slice text)
{
    uint64_t quirks = 0;
    struct part part = read_part(list, text, false, &quirks);
    if (part.invalid)
        quirks |= IMF_QUIRK_INVALID_LOCAL_PART;
    else if (part.gap || (part.quoted > 0 && part.words > 1))
        quirks |= IMF_QUIRK_OBS_LOCAL_PART;
    return quirks | (part.octets > LOCAL_PART_MAX_OCTETS ? IMF_QUIRK_LONG_LOCAL_PART : 0);
}

static uint64_t quirks_of_domain(struct imf_address_list *list, struct slice text)
{
    uint64_t quirks = 0;
    struct part part = read_part(list, text, true, &quirks);
    bool literal = part.literals == 1 && part.words == 1;
    if (part.invalid || part.quoted > 0 || (part.literals > 0 && !literal))
        quirks |= IMF_QUIRK_INVALID_DOMAIN;
    else if (literal && imf_literal_nests(text))
        quirks |= IMF_QUIRK_INVALID_DOMAIN;
    else if (part.gap)
        quirks |= IMF_QUIRK_OBS_DOMAIN;
    return quirks | (part.octets > DOMAIN_MAX_OCTETS ? IMF_QUIRK_LONG_DOMAIN : 0);
}

/* obs-domain-list = *(CFWS / ",") "@" domain *("," [CFWS] ["@" domain])  ; RFC 5322 4.4 */
static uint64_t quirks_of_route(struct imf_address_list *list, struct slice text)
{
    size_t from = (size_t)(text.ptr - list->in.ptr);
    struct lexer l = lexer_of(list, from, from + text.len);
    uint64_t quirks = IMF_QUIRK_OBS_ROUTE;
    for (lexer_skip_gap(&l); lexer_peek(&l) >= 0; lexer_skip_gap(&l)) {
        bool comma = lexer_peek(&l) == ',', at = lexer_peek(&l) == '@';
        l.at += comma || at;
        if (comma)
            continue;
        lexer_skip_gap(&l);
        l.after_at = true;
        size_t begin = l.at, end = l.at;
        while (lexer_peek(&l) >= 0 && lexer_peek(&l) != ',')
            end = lexeme_is_gap(lexer_next(&l)) ? end : l.at;
        quirks |=
            at ? quirks_of_domain(list, slice_sub(list->in, begin, end)) : IMF_QUIRK_INVALID_DOMAIN;
    }
    return quirks;
}

/* phrase = 1*word / obs-phrase; obs-phrase = word *(word / "." / CFWS) ; RFC 5322 3.2.5, 4.1 */
static uint64_t quirks_of_phrase(struct imf_address_list *list, struct slice text)
{
    size_t from = (size_t)(text.ptr - list->in.ptr);
    struct lexer l = lexer_of(list, from, from + text.len);
    for (enum lexeme lexeme; (lexeme = lexer_next(&l)) != LEXEME_END;)
        if (lexeme == LEXEME_OCTET)
            l.quirks |=
                list->in.ptr[l.from] == '.' ? IMF_QUIRK_OBS_PHRASE : IMF_QUIRK_UNQUOTED_SPECIAL;
    return l.quirks;
}

/* Fills in what follows from the slices of a mailbox or a group's beginning. */
static void judge(struct imf_address_list *list, struct imf_address *address)
{
    struct slice raw = address->raw;
    size_t from = (size_t)(raw.ptr - list->in.ptr);
    struct lexer l = lexer_of(list, from, from + raw.len);
    for (enum lexeme lexeme; (lexeme = lexer_next(&l)) != LEXEME_END;) {
        struct slice taken = lexer_taken(&l);
        if (lexeme == LEXEME_GAP_COMMENT)
            address->comment = slice_sub(taken, 1, taken.len - 1);
    }
    address->open_from = list->open_from == SIZE_MAX ? NULL : list->in.ptr + list->open_from;
    address->quirks |= l.quirks | imf_quirks_of_octets(raw);
    if (address->display_name.len > 0)
        address->quirks |= quirks_of_phrase(list, address->display_name);
    if (address->local_part.len > 0)
        address->quirks |= quirks_of_local_part(list, address->local_part);
    if (address->domain.len > 0)
        address->quirks |= quirks_of_domain(list, address->domain);
    if (address->route.len > 0)
        address->quirks |= quirks_of_route(list, address->route);
}

/* What a mailbox lacks. */
static uint64_t quirks_of_missing(const struct imf_address *address)
{
    bool local = address->local_part.len > 0, domain = address->domain.len > 0;
    if (!local && !domain && address->bracketed)
        return IMF_QUIRK_NULL_ADDRESS;
    return (local ? 0 : IMF_QUIRK_NO_LOCAL_PART) | (domain ? 0 : IMF_QUIRK_NO_DOMAIN);
}

/* ---- segments ---- */

/* Finds where the segment at `from` ends. A colon ends it unless an at sign stands before. */
static struct imf_address_segment find_segment(struct imf_address_list *list, size_t from)
{
    struct imf_address_segment segment = {.text_end = from, .stop = -1};
    struct lexer l = lexer_of(list, from, list->in.len);
    for (int octet; (octet = lexer_peek(&l)) >= 0;) {
        if (octet == ',' || octet == ';' || octet == '<' || octet == '>' ||
            (octet == ':' && !segment.has_at)) {
            segment.stop = octet;
            break;
        }
        if (octet == '@') {
            segment.has_at = true;
            segment.last_at = l.at;
        }
        if (!lexeme_is_gap(lexer_next(&l)))
            segment.text_end = l.at;
    }
    segment.end = l.at;
    return segment;
}

/* The end of [from, to) without the white space there. */
static size_t trim_end(struct slice in, size_t from, size_t to)
{
    while (to > from && octet_is(in.ptr[to - 1], SPACE))
        to--;
    return to;
}

/*
 * Takes words and dots: glued ones, and where a dot is, or a literal behind an at sign, those
 * with gaps between them too. Stops behind the gap that ends it. `domain`: a literal may stand
 * first, and "@" is text unless it begins something new; `route`: a colon ends it.
 */
static struct slice take_chain(struct lexer *l, bool domain, bool route)
{
    size_t from = l->at, to = l->at;
    bool dot = false;
    l->after_at = domain;
    while (lexer_peek(l) >= 0 && (domain || lexer_peek(l) != '@') &&
           !(route && lexer_peek(l) == ':')) {
        enum lexeme lexeme = lexer_next(l);
        if (!lexeme_is_gap(lexeme)) {
            dot = lexeme == LEXEME_OCTET && l->list->in.ptr[l->from] == '.';
            to = l->at;
            continue;
        }
        lexer_skip_gap(l);
        int octet = lexer_peek(l);
        bool joined = octet != '@' && (dot || octet == '.' || (octet == '[' && l->after_at));
        if (!joined)
            break;
    }
    return slice_sub(l->list->in, from, to);
}

/* ---- mailboxes without angle brackets ---- */

/* ""a@b"": the quotes around a whole addr-spec go. */
static bool read_quoted_address(struct slice word, struct imf_address *address)
{
    struct slice inside = slice_sub(word, 1, word.len - 1);
    size_t at = slice_find(inside, '@');
    for (size_t i = 0; i < inside.len; i++)
        if (!octet_is(inside.ptr[i], OCTET_ATEXT | OCTET_EIGHT_BIT) && inside.ptr[i] != '.' &&
            i != at)
            return false;
    if (at == 0 || at + 1 >= inside.len)
        return false;
    address->local_part = slice_sub(inside, 0, at);
    address->domain = slice_from(inside, at + 1);
    address->quirks |= IMF_QUIRK_NO_ANGLE;
    return true;
}

/* A segment without "@": `words` chains, the last of them `word`. */
static void read_words(struct slice name, struct slice word, size_t words,
                       struct imf_address *address)
{
    bool quoted = words == 1 && word.len >= 2 && word.ptr[0] == '"' &&
                  word.ptr[word.len - 1] == '"' && word.ptr[word.len - 2] != '\\' &&
                  slice_find(slice_from(word, 1), '"') == word.len - 2;
    if (quoted && read_quoted_address(word, address))
        return;
    if (words == 1 && word.ptr[0] != '"')
        address->local_part = word;
    else
        address->display_name = name;
}

/*
 * addr-spec = local-part "@" domain                                  ; RFC 5322 3.4.1
 * Words before it, which are not joined to it by a dot, are a display name without brackets.
 * Returns where it ends.
 */
static size_t read_bare(struct imf_address_list *list, const struct imf_address_segment *segment,
                        size_t from, struct imf_address *address)
{
    struct lexer l = lexer_of(list, from, segment->end);
    struct slice word = {NULL, 0};
    size_t words = 0, name_to = from;
    if (lexer_peek(&l) == '@') { /* obs-route without its brackets */
        l.at++;
        lexer_skip_gap(&l);
        address->domain = take_chain(&l, true, true);
        if (lexer_peek(&l) != ':')
            return l.at;
        address->route = slice_sub(list->in, from, trim_end(list->in, from, l.at));
        address->domain = (struct slice){NULL, 0};
        l.at++;
        lexer_skip_gap(&l);
        from = name_to = l.at;
    }
    while (lexer_peek(&l) >= 0) {
        word = take_chain(&l, false, false);
        if (lexer_peek(&l) == '@') {
            l.at++;
            lexer_skip_gap(&l);
            address->local_part = word;
            address->domain = take_chain(&l, true, false);
            address->display_name = slice_sub(list->in, from, name_to);
            address->quirks |= words > 0 ? IMF_QUIRK_NO_ANGLE : 0;
            return l.at;
        }
        words++;
        name_to = (size_t)(word.ptr - list->in.ptr) + word.len;
    }
    if (words > 0)
        read_words(slice_sub(list->in, from, name_to), word, words, address);
    return l.at;
}

/* ---- mailboxes with angle brackets ---- */

/* What stands between "<" and where it is closed, or may be. */
struct angle {
    size_t from, at, colon, close; /* offsets; NONE: not there */
    size_t route_at;               /* of the at sign that nothing but commas stands before */
    size_t local_end, domain_end;  /* without the gap before "@", before ">" */
    size_t route_end;              /* without the gap before ":" */
    size_t separator;              /* the first comma or semicolon that no route has */
    bool route, closed;
};

/*
 * angle-addr = [CFWS] "<" [obs-route] addr-spec ">" [CFWS]           ; RFC 5322 3.4
 * obs-route  = obs-domain-list ":"                                   ; RFC 5322 4.4
 * obs-domain-list = *(CFWS / ",") "@" domain *("," [CFWS] ["@" domain])
 * Where a separator has an at sign on both sides, the first address is not closed.
 */
static struct angle scan_angle(struct lexer *l, bool commas_lead)
{
    struct angle angle = {l->at, NONE, NONE, NONE, NONE, l->at, l->at, l->at, NONE, false, false};
    size_t text_end = l->at, separator = NONE;
    bool first = true;
    for (int octet; (octet = lexer_peek(l)) >= 0 && octet != '<';) {
        bool in_route = angle.route && angle.colon == NONE;
        if (octet == '>') {
            angle.closed = true;
            break;
        }
        if (octet == '@' && first) {
            angle.route = true;
            angle.route_at = l->at;
        } else if (octet == '@' && !in_route && angle.at == NONE) {
            angle.at = l->at;
            angle.local_end = text_end;
        } else if (octet == '@' && separator != NONE) {
            break;
        } else if (octet == ':' && in_route) {
            angle.colon = l->at;
            angle.route_end = text_end;
            angle.separator = NONE; /* those before the route are its own */
        } else if ((octet == ',' || octet == ';') && !in_route) {
            separator = separator == NONE && angle.at != NONE ? l->at : separator;
            angle.separator = angle.separator == NONE ? l->at : angle.separator;
        }
        if (!lexeme_is_gap(lexer_next(l))) {
            text_end = l->at;
            first = first && commas_lead && octet == ',';
        }
    }
    angle.close = l->at;
    angle.domain_end = text_end;
    if (!angle.closed && separator != NONE)
        angle.separator = separator;
    return angle;
}

/* Commas before an at sign are those of a route where its colon follows, and else the local part's.
 */
static struct angle find_angle(struct lexer *l)
{
    struct lexer begin = *l;
    struct angle angle = scan_angle(l, true);
    if (!angle.route || angle.colon != NONE)
        return angle;
    *l = begin;
    return scan_angle(l, false);
}

static struct slice from_text(struct lexer *l, size_t from, size_t to)
{
    l->at = from;
    lexer_skip_gap(l);
    return l->at < to ? slice_sub(l->list->in, l->at, to) : slice_sub(l->list->in, to, to);
}

static void read_closed(struct imf_address_list *list, const struct angle *angle,
                        struct imf_address *address)
{
    struct lexer l = lexer_of(list, angle->from, angle->close);
    size_t from = angle->from, at = angle->at;
    if (angle->route && angle->colon != NONE) {
        address->route = from_text(&l, from, angle->route_end);
        from = angle->colon + 1;
    } else if (angle->route) {
        at = angle->route_at;
    }
    size_t local_end = angle->route && angle->colon == NONE ? at : angle->local_end;
    address->addr_spec = slice_sub(list->in, from, angle->close);
    address->local_part = from_text(&l, from, at == NONE ? angle->domain_end : local_end);
    if (at != NONE)
        address->domain = from_text(&l, at + 1, angle->domain_end);
}

/* The address behind an angle bracket that is not closed: where it ends. */
static size_t read_unclosed(struct imf_address_list *list, const struct angle *angle,
                            struct imf_address *address)
{
    size_t bound = angle->separator != NONE ? angle->separator : angle->close, from = angle->from;
    struct lexer l = lexer_of(list, from, bound);
    lexer_skip_gap(&l);
    if (angle->route && angle->colon != NONE && angle->colon < bound) {
        address->route = slice_sub(list->in, l.at, angle->route_end);
        l.at = from = angle->colon + 1;
        lexer_skip_gap(&l);
    }
    address->local_part = take_chain(&l, false, false);
    if (lexer_peek(&l) == '@') {
        l.at++;
        lexer_skip_gap(&l);
        address->domain = take_chain(&l, true, false);
    }
    address->addr_spec = slice_sub(list->in, from, trim_end(list->in, from, l.at));
    address->quirks |= IMF_QUIRK_UNPAIRED_ANGLE;
    return l.at;
}

/* Reads from "<" on; returns where the address ends. */
static size_t read_angle(struct imf_address_list *list, size_t open, struct imf_address *address)
{
    struct lexer l = lexer_of(list, open, list->in.len);
    size_t behind = open;
    for (unsigned opened = 0; lexer_peek(&l) == '<'; opened++) {
        address->quirks |= opened > 0 ? IMF_QUIRK_UNPAIRED_ANGLE : 0;
        behind = ++l.at;
        while (l.at < l.end && octet_is(list->in.ptr[l.at], SPACE))
            l.at++;
    }
    list->steps += l.at - open;
    l.at = behind;
    struct angle angle = find_angle(&l);
    address->bracketed = true;
    if (!angle.closed)
        return read_unclosed(list, &angle, address);
    read_closed(list, &angle, address);
    return angle.close + 1;
}

/* ---- the list ---- */

/*
 * Behind an address: its comments, brackets that close nothing, and text that is no address
 * itself. Returns where the next one may begin.
 */
static size_t read_behind(struct imf_address_list *list, size_t at, struct imf_address *address)
{
    struct lexer l = lexer_of(list, at, list->in.len);
    for (;;) {
        lexer_skip_gap(&l);
        int octet = lexer_peek(&l);
        if (octet == '>') {
            l.at++;
            address->quirks |= IMF_QUIRK_UNPAIRED_ANGLE;
            continue;
        }
        if (octet < 0 || octet == ',' || octet == ';')
            return l.at;
        if (!list->has_segment)
            list->segment = find_segment(list, l.at);
        const struct imf_address_segment *segment = &list->segment;
        bool next = segment->stop == '<' || segment->stop == ':' ||
                    (segment->has_at && segment->last_at >= l.at);
        list->has_segment = next;
        if (next)
            return l.at;
        address->quirks |= IMF_QUIRK_TRAILING_TEXT;
        l.at = segment->end;
    }
}

static bool finish(struct imf_address_list *list, const struct imf_address *address, size_t at,
                   enum imf_address_last last, struct imf_address *ret_address)
{
    *ret_address = *address;
    list->quirks |= address->quirks;
    list->at = at;
    list->last = last;
    return true;
}

static bool end_group(struct imf_address_list *list, size_t from, size_t to, uint64_t quirks,
                      struct imf_address *ret_address)
{
    struct imf_address end = {.kind = IMF_ADDRESS_GROUP_END, .quirks = quirks};
    end.raw = slice_sub(list->in, from, to);
    list->in_group = false;
    return finish(list, &end, to, IMF_ADDRESS_LAST_ADDRESS, ret_address);
}

/* The address whose first word or bracket is at `at`; comments before it begin at `from`. */
static bool read_address(struct imf_address_list *list, size_t from, size_t at,
                         struct imf_address *ret_address)
{
    if (!list->has_segment)
        list->segment = find_segment(list, at);
    struct imf_address_segment segment = list->segment;
    list->has_segment = true;
    if (segment.stop == ':' && list->in_group) { /* a group in a group: the outer one ends */
        end_group(list, from, from, IMF_QUIRK_UNCLOSED_GROUP | IMF_QUIRK_STRAY_SEPARATOR,
                  ret_address);
        list->last = IMF_ADDRESS_LAST_COLON;
        return true;
    }
    struct imf_address address = {
        .quirks = list->last == IMF_ADDRESS_LAST_ADDRESS ? IMF_QUIRK_MISSING_SEPARATOR : 0};
    if (segment.stop == ':' || segment.stop == '<')
        address.display_name = slice_sub(list->in, at, segment.text_end);
    if (segment.stop == ':') {
        address.kind = IMF_ADDRESS_GROUP;
        address.raw = slice_sub(list->in, from, segment.end + 1);
        address.quirks |= segment.text_end == at ? IMF_QUIRK_STRAY_SEPARATOR : 0;
        list->has_segment = false;
        list->in_group = true;
        judge(list, &address);
        return finish(list, &address, segment.end + 1, IMF_ADDRESS_LAST_COLON, ret_address);
    }
    size_t behind;
    if (segment.stop == '<') {
        list->has_segment = false;
        behind = read_angle(list, segment.end, &address);
    } else {
        behind = read_bare(list, &segment, at, &address);
        list->has_segment = behind < segment.end;
    }
    behind = read_behind(list, behind, &address);
    size_t end = trim_end(list->in, from, behind);
    struct lexer gap = lexer_of(list, end, behind);
    lexer_skip_gap(&gap);
    list->quirks |= gap.quirks;
    address.raw = slice_sub(list->in, from, end);
    if (!address.bracketed)
        address.addr_spec = address.raw;
    judge(list, &address);
    address.quirks |= quirks_of_missing(&address);
    return finish(list, &address, behind, IMF_ADDRESS_LAST_ADDRESS, ret_address);
}

static bool read_comments(struct imf_address_list *list, size_t from, size_t to,
                          struct imf_address *ret_address)
{
    struct imf_address comments = {.kind = IMF_ADDRESS_COMMENT};
    comments.raw = slice_sub(list->in, from, trim_end(list->in, from, to));
    judge(list, &comments);
    return finish(list, &comments, to, list->last, ret_address);
}

/* obs-addr-list = *([CFWS] ",") address *("," [address / CFWS])      ; RFC 5322 4.4 */
static void pass_separator(struct imf_address_list *list, struct lexer *l)
{
    bool comma = lexer_peek(l) == ',';
    if (!comma)
        list->quirks |= IMF_QUIRK_STRAY_SEPARATOR;
    else if (list->last != IMF_ADDRESS_LAST_ADDRESS)
        list->quirks |= IMF_QUIRK_EMPTY_ELEMENT;
    list->last = comma ? IMF_ADDRESS_LAST_COMMA : IMF_ADDRESS_LAST_COLON;
    l->at++;
}

static bool end_list(struct imf_address_list *list, size_t at, struct imf_address *ret_address)
{
    list->at = at;
    list->quirks |= imf_quirks_of_octets(list->in);
    if (list->last == IMF_ADDRESS_LAST_COMMA ||
        (list->last == IMF_ADDRESS_LAST_NOTHING && !list->in_group))
        list->quirks |= IMF_QUIRK_EMPTY_ELEMENT;
    if (list->in_group)
        return end_group(list, at, at, IMF_QUIRK_UNCLOSED_GROUP, ret_address);
    return false;
}

bool imf_address_next_by_grammar(struct imf_address_list *list, struct imf_address *ret_address)
{
    struct lexer l = lexer_of(list, list->at, list->in.len);
    size_t comments = NONE;
    for (;;) {
        size_t before = l.at;
        lexer_skip_gap(&l);
        for (size_t i = before; i < l.at && comments == NONE; i++)
            comments = list->in.ptr[i] == '(' ? i : NONE;
        int octet = lexer_peek(&l);
        bool address = octet >= 0 && octet != ',' && octet != ';' && octet != '>';
        if (comments != NONE && !address)
            return read_comments(list, comments, l.at, ret_address);
        list->quirks |= l.quirks;
        if (address)
            return read_address(list, comments == NONE ? l.at : comments, l.at, ret_address);
        if (octet < 0)
            return end_list(list, l.at, ret_address);
        if (octet == ';' && list->in_group) {
            if (list->last == IMF_ADDRESS_LAST_COMMA)
                list->quirks |= IMF_QUIRK_EMPTY_ELEMENT;
            return end_group(list, l.at, l.at + 1, 0, ret_address);
        }
        if (octet == '>') {
            list->quirks |= IMF_QUIRK_UNPAIRED_ANGLE;
            l.at++;
        } else {
            pass_separator(list, &l);
        }
    }
}
