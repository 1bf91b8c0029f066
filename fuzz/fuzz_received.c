/* Laws of imf_received_parse and imf_received_next. */
#include "custom.h"
#include "fuzz.h"
#include "grammar.h"
#include "imf/quirk.h"
#include "imf/received.h"

static void check_clause(struct slice in, const struct imf_clause *clause)
{
    FUZZ_LAW(clause->raw.len > 0 && fuzz_inside(clause->raw, in), "a clause takes octets");
    FUZZ_LAW(fuzz_inside(clause->name, clause->raw) && fuzz_inside(clause->value, clause->raw) &&
                 fuzz_inside(clause->comment, clause->raw),
             "name, value and comment lie in the clause");
    FUZZ_LAW(fuzz_inside(clause->word, clause->value), "the first word lies in the value");
    FUZZ_LAW((clause->word.len == 0) == (clause->value.len == 0), "a value has a first word");
    FUZZ_LAW((clause->kind == IMF_CLAUSE_NONE) == (clause->name.len == 0),
             "only what stands first has no name");
}

/* None where it is too long to be one. */
static size_t protocol_octets(const struct imf_received *received)
{
    size_t len = received->clause[IMF_CLAUSE_WITH].value.len;
    return len <= 10 ? len : 0;
}

static void check_received(struct slice in, const struct imf_received *received)
{
    struct slice rest = received->clauses;
    size_t octets = 0, clauses = 0;
    uint64_t quirks = 0;
    unsigned kinds = 0; /* bits of those that stood before */
    for (struct imf_clause clause; imf_received_next(&rest, &clause); clauses++) {
        check_clause(in, &clause);
        FUZZ_LAW(clause.raw.ptr == in.ptr + octets, "the clauses joined are the input");
        FUZZ_LAW(clause.kind != IMF_CLAUSE_NONE || clauses == 0,
                 "words without a name stand first");
        FUZZ_LAW(received->clause[clause.kind].raw.ptr != NULL, "each kind is kept");
        octets += clause.raw.len;
        quirks |= clause.quirks | (kinds >> clause.kind != 0 ? IMF_QUIRK_INVALID_CLAUSE : 0);
        kinds |= 1u << clause.kind;
    }
    FUZZ_LAW(((quirks ^ received->quirks) & IMF_QUIRK_INVALID_CLAUSE) == 0,
             "a clause is invalid by itself, where it stood before or where a later one did");
    FUZZ_LAW(received->registered_protocol ==
                 grammar_has("with-protocol", slice_sub(received->clause[IMF_CLAUSE_WITH].value, 0,
                                                        protocol_octets(received))),
             "a protocol is registered where IANA's list has it");
    FUZZ_LAW(rest.len == 0 && octets == received->clauses.len, "all clauses are taken");
    FUZZ_LAW(octets == in.len || in.ptr[octets] == ';', "a semicolon ends the clauses");
    FUZZ_LAW((quirks & ~received->quirks) == 0, "quirks of clauses are the field's");
    FUZZ_LAW(received->has_date == !(received->quirks & IMF_QUIRK_NO_DATE), "no date is named");
    FUZZ_LAW(fuzz_inside(received->tcp_address, received->clause[IMF_CLAUSE_FROM].raw),
             "the client's address lies in FROM");
    FUZZ_LAW(fuzz_inside(received->tcp_domain, received->tcp_info), "its name lies in TCP-info");
    struct imf_date date;
    if (received->has_date)
        FUZZ_LAW(imf_date_parse(slice_from(in, octets + 1), &date).status == PARSE_OK &&
                     date.timestamp == received->date.timestamp,
                 "the date is what follows the semicolon");
}

/* ---- the model: the words of a stamp, behind their clauses' names ---- */

/* Octets of what `open` and `close` hold together at the beginning of `text`; backslashes quote. */
static size_t enclosed(struct slice text, char open, char close)
{
    size_t to = 1;
    if (text.len == 0 || text.ptr[0] != open)
        return 0;
    while (to < text.len && text.ptr[to] != close)
        to += text.ptr[to] == '\\' && to + 1 < text.len ? 2 : 1;
    return to < text.len ? to + 1 : to;
}

/* Takes a word, or what stands in parentheses; the white space before it is left out. White space
 * and a semicolon do not end a word within a literal or quotes. */
static struct slice next_word(struct slice *rest)
{
    while (rest->len > 0 && strchr(" \t\r\n", rest->ptr[0]) != NULL)
        *rest = slice_from(*rest, 1);
    size_t to = enclosed(*rest, '(', ')');
    bool comment = to > 0;
    for (struct slice left = *rest;
         !comment && left.len > 0 && strchr(" \t\r\n;", left.ptr[0]) == NULL;
         left = slice_from(*rest, to)) {
        size_t more = enclosed(left, '[', ']') + enclosed(left, '"', '"');
        to += more > 0 ? more : 1;
    }
    struct slice word = slice_sub(*rest, 0, to);
    *rest = slice_from(*rest, to);
    return word;
}

/* An address literal without its brackets and tag. */
static struct slice bare(struct slice literal)
{
    struct slice inside = slice_sub(literal, 1, literal.len - 1);
    return slice_from(inside, slice_starts_nocase(inside, SLICE("ipv6:")) ? 5 : 0);
}

/* The client's address and name: from TCP-info, which is "(" literal ")" or "(" name FWS literal
 * ")"; else the literal that FROM has. */
static void check_client(struct slice in, const struct imf_received *received)
{
    struct slice rest = in, name = SLICE(""), address = SLICE(""), word, info;
    next_word(&rest); /* "from" */
    word = next_word(&rest);
    info = next_word(&rest);
    if (info.ptr[0] == '(') {
        rest = slice_sub(info, 1, info.len - 1);
        word = next_word(&rest);
        name = word.ptr[0] == '[' ? name : word;
        address = bare(name.len == 0 ? word : next_word(&rest));
    } else if (word.ptr[0] == '[') {
        address = bare(word);
    }
    FUZZ_LAW(slice_equal(received->tcp_address, address) && slice_equal(received->tcp_domain, name),
             "the client's address and name are TCP-info's");
}

static void check_stamp(struct slice in, struct parse_result result,
                        const struct imf_received *received)
{
    static const struct slice names[] = {
        [IMF_CLAUSE_NONE] = SLICE_INIT(""),     [IMF_CLAUSE_FROM] = SLICE_INIT("from"),
        [IMF_CLAUSE_BY] = SLICE_INIT("by"),     [IMF_CLAUSE_VIA] = SLICE_INIT("via"),
        [IMF_CLAUSE_WITH] = SLICE_INIT("with"), [IMF_CLAUSE_ID] = SLICE_INIT("id"),
        [IMF_CLAUSE_FOR] = SLICE_INIT("for")};
    const uint64_t of_calendar =
        IMF_QUIRK_DATE_RANGE | IMF_QUIRK_INVALID_WEEKDAY | IMF_QUIRK_EMPTY_FOLD | QUIRK_UTF8;
    FUZZ_LAW(result.status == PARSE_OK && received->has_date &&
                 (received->quirks & ~of_calendar) == 0,
             "a stamp of the grammar has no quirks");
    check_client(in, received);
    struct slice rest = in; /* no word goes beyond the semicolon, which may stand in a comment */
    for (size_t kind = IMF_CLAUSE_FROM; kind <= IMF_CLAUSE_FOR; kind++) {
        struct slice before = rest, name = next_word(&rest), word = next_word(&rest);
        const struct imf_clause *clause = &received->clause[kind];
        bool there = slice_equal_nocase(name, names[kind]) && name.len > 0;
        FUZZ_LAW(there == (clause->name.len > 0), "a clause is there where its name is");
        if (!there) {
            rest = before;
            continue;
        }
        FUZZ_LAW(clause->word.ptr == word.ptr && clause->word.len == word.len,
                 "a clause's word is what stands behind its name");
        before = rest;
        if (next_word(&rest).ptr[0] != '(')
            rest = before;
    }
}

/* ---- stamps that a knob makes: no input has to be near them ---- */

#define DATE "; 1 May 2024 10:00:00 +0000"

static void parse_made(const char *text, int len, struct imf_received *ret_received)
{
    struct slice in = slice_of(text, (size_t)len);
    struct parse_result result = imf_received_parse(in, ret_received);
    FUZZ_LAW(result.status == PARSE_OK, "a stamp is read");
    check_received(in, ret_received);
}

/* Any two clauses, of which the second may be the first again, or one that stands before it. */
static void check_order(size_t knob)
{
    static const char *const names[] = {"from", "by",  "via",   "with",  "id",
                                        "for",  "tls", "group", "state", "priority"};
    const size_t count = sizeof names / sizeof *names;
    size_t first = knob % count, second = knob / count % count;
    struct imf_received received;
    char text[80];
    int len = snprintf(text, sizeof text, "%s x %s y" DATE, names[first], names[second]);
    parse_made(text, len, &received);
    FUZZ_LAW((second <= first) == ((received.quirks & IMF_QUIRK_INVALID_CLAUSE) != 0),
             "clauses stand in their order, each once");
    FUZZ_LAW(received.clause[first + 1].name.len == strlen(names[first]) &&
                 received.clause[second + 1].name.len == strlen(names[second]),
             "a clause is of its name");
}

/* Each protocol of IANA's list, and each with a letter more; a client of each form. */
static void check_made(size_t knob)
{
    static const char *const protocols[] = {
        "SMTP",      "ESMTP",      "ESMTPA",   "ESMTPS",    "ESMTPSA",   "LMTP",
        "LMTPA",     "LMTPS",      "LMTPSA",   "MMS",       "UTF8SMTP",  "UTF8SMTPA",
        "UTF8SMTPS", "UTF8SMTPSA", "UTF8LMTP", "UTF8LMTPA", "UTF8LMTPS", "utf8lmtpsa"};
    static const char *const literals[] = {"[192.0.2.1]", "[IPv6:2001:db8::1]", "[ipv6:::1]",
                                           "[IPV6:1:2:3:4:5:6:7:8]"};
    const size_t count = sizeof protocols / sizeof *protocols;
    struct imf_received received;
    char text[160];
    bool more = knob / count % 2 == 1, name = knob % 3 == 0;
    int len = snprintf(text, sizeof text, "from %s (%s%s) by b.example with %s%s" DATE,
                       knob % 5 == 0 ? "[192.0.2.9]" : "a.example", name ? "c.example " : "",
                       literals[knob % 4], protocols[knob % count], more ? "x" : "");
    parse_made(text, len, &received);
    check_client(slice_of(text, (size_t)len), &received);
    FUZZ_LAW(received.registered_protocol == !more, "each protocol of the list is registered");
}

static void check(struct slice text)
{
    struct slice in = fuzz_copy(text);
    struct imf_received received = {.quirks = UINT64_MAX};
    struct parse_result result;
    FUZZ_LINEAR(in.len, result = imf_received_parse(in, &received));
    FUZZ_LAW(result.status != PARSE_MORE, "a whole input never wants more");
    FUZZ_LAW(result.offset == in.len, "all of the input is consumed");
    if (grammar_takes(in) && grammar_has("stamp", in))
        check_stamp(in, result, &received);
    check_order(fuzz_knob(in, 0, 256));
    check_made(fuzz_knob(in, 0, 256));
    if (result.status == PARSE_OK) {
        check_received(in, &received);
    } else {
        FUZZ_LAW(received.quirks == UINT64_MAX, "only success writes");
        FUZZ_LAW(imf_received_error_text(result.error) != NULL, "each error has a text");
    }
    fuzz_free(in);
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const rules[] = {"stamp"};
    grammar_check(rules, sizeof rules / sizeof *rules, slice_of(data, size), check);
    return 0;
}
