/* Laws of imf_address_next, of what writes addresses, and of imf_diagnose. */
#include "base/octet.h"
#include "custom.h"
#include "fuzz.h"
#include "grammar.h"
#include "imf/address.h"
#include "imf/diagnosis.h"
#include "imf/quirk.h"

typedef void write_address(const struct imf_address *address, struct writer *out);

/* Written to an allocation of `capacity`, and copied to one of its length. */
static struct slice written_by(write_address *write, const struct imf_address *address,
                               size_t capacity)
{
    struct writer out = fuzz_writer(capacity);
    write(address, &out);
    FUZZ_LAW(!out.overflow, "what is written is no longer than that");
    struct slice copy = fuzz_copy(writer_slice(&out));
    fuzz_free_writer(&out);
    return copy;
}

/* Room of that many octets is enough, and less is not: nothing is written beyond it. One of both is
 * tried. */
static void check_room(write_address *write, const struct imf_address *address, size_t octets)
{
    size_t less = octets % 2;
    struct writer out = fuzz_writer(octets - less);
    write(address, &out);
    FUZZ_LAW(out.overflow == (less > 0), "what is written fits its own length, and no less");
    fuzz_free_writer(&out);
}

static bool same_slice(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || a.ptr == b.ptr);
}

static bool same_address(const struct imf_address *a, const struct imf_address *b)
{
    return a->kind == b->kind && same_slice(a->raw, b->raw) &&
           same_slice(a->display_name, b->display_name) && same_slice(a->addr_spec, b->addr_spec) &&
           same_slice(a->route, b->route) && same_slice(a->local_part, b->local_part) &&
           same_slice(a->domain, b->domain) && same_slice(a->comment, b->comment) &&
           a->bracketed == b->bracketed && a->quirks == b->quirks;
}

static void check_slices(struct slice in, size_t behind, const struct imf_address *address)
{
    FUZZ_LAW(address->raw.len == 0 ||
                 (fuzz_inside(address->raw, in) && (size_t)(address->raw.ptr - in.ptr) >= behind),
             "addresses stand one behind another");
    const struct slice parts[] = {address->display_name, address->addr_spec, address->route,
                                  address->local_part,   address->domain,    address->comment};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        FUZZ_LAW(fuzz_inside(parts[i], address->raw), "the parts of an address lie in it");
    FUZZ_LAW(address->kind != IMF_ADDRESS_MAILBOX ||
                 (fuzz_inside(address->local_part, address->addr_spec) &&
                  fuzz_inside(address->domain, address->addr_spec)),
             "local part and domain lie in the addr-spec");
}

static void write_unquoted(const struct imf_address *address, struct writer *out)
{
    size_t before = out->len;
    imf_address_write_unquoted(address->local_part, out);
    FUZZ_LAW(out->len - before <= address->local_part.len, "a value is no longer than its text");
}

/* Text that loses nothing to being written. */
static void check_written(const struct imf_address *address)
{
    size_t len = address->raw.len + 1;
    struct slice name = written_by(imf_address_write_name, address, len);
    struct slice phrase = address->display_name;
    FUZZ_LAW(!imf_address_quotes_encoded_word(address, name) ||
                 slice_find(phrase, '"') < phrase.len,
             "encoded words are quoted only where quotes are");
    fuzz_free(name);
    fuzz_free(written_by(imf_address_write_comments, address, len));
    fuzz_free(written_by(imf_address_write_addr_spec, address, len));
    fuzz_free(written_by(write_unquoted, address, len));
}

static bool same_name(const struct imf_address *a, const struct imf_address *b)
{
    struct slice name = written_by(imf_address_write_name, a, a->raw.len + 1);
    struct slice other = written_by(imf_address_write_name, b, b->raw.len + 1);
    bool same = slice_equal(name, other);
    fuzz_free(name);
    fuzz_free(other);
    return same;
}

/* What is written of one address is one, the same, and is written the same again. */
static void check_round_trip(const struct imf_address *address)
{
    const uint64_t open =
        IMF_QUIRK_UNCLOSED_QUOTE | IMF_QUIRK_UNCLOSED_COMMENT | IMF_QUIRK_UNCLOSED_LITERAL;
    if ((address->quirks & open) != 0 &&
        ((address->quirks & IMF_QUIRK_INVALID_DOMAIN) != 0 || address->route.len > 0))
        return; /* nothing could be written instead */
    struct slice text = written_by(imf_address_write, address, 2 * address->raw.len + 8);
    struct imf_address_list list;
    struct imf_address again, end;
    check_room(imf_address_write, address, text.len);
    imf_address_begin(text, &list);
    FUZZ_LAW(address->kind == IMF_ADDRESS_GROUP_END || imf_address_next(&list, &again),
             "what is written is read");
    if (address->kind != IMF_ADDRESS_GROUP_END) {
        FUZZ_LAW(again.kind == address->kind, "as an address of its kind");
        FUZZ_LAW(same_name(&again, address), "of its name");
        FUZZ_LAW((again.domain.len > 0) == (address->domain.len > 0), "with a domain as before");
        bool more = imf_address_next(&list, &end);
        FUZZ_LAW(more == (address->kind == IMF_ADDRESS_GROUP), "and nothing else");
        struct slice twice = written_by(imf_address_write, &again, 2 * again.raw.len + 8);
        FUZZ_LAW(slice_equal(twice, text), "what is written is canonical");
        fuzz_free(twice);
    }
    fuzz_free(text);
}

/* What stands in the grammar has no quirk but those of lengths and octets, and all else has one. */
static void check_grammar(struct slice in, size_t addresses, uint64_t quirks)
{
    const uint64_t beside =
        QUIRK_UTF8 | IMF_QUIRK_EMPTY_FOLD | IMF_QUIRK_LONG_LOCAL_PART | IMF_QUIRK_LONG_DOMAIN;
    FUZZ_LAW(grammar_has("address-list", in) == (addresses > 0 && (quirks & ~beside) == 0),
             "a list without quirks is one of the grammar, and one of the grammar has none");
}

/* A part without quotes, comments and unpaired brackets is as long as what in it is no white space.
 */
static bool is_simple(struct slice part, size_t *ret_octets)
{
    *ret_octets = 0;
    for (size_t i = 0; i < part.len; i++) {
        uint8_t octet = part.ptr[i];
        bool bracket = (octet == '[' && i == 0) || (octet == ']' && i + 1 == part.len);
        bool space = octet_is(octet, OCTET_WSP | OCTET_CR | OCTET_LF);
        if (!octet_is(octet, OCTET_ATEXT) && octet != '.' && octet != ':' && !bracket && !space)
            return false;
        *ret_octets += !space;
    }
    return true;
}

/* RFC 5321 4.5.3.1.1, 4.5.3.1.2; a domain of the route may be the long one. */
static void check_lengths(const struct imf_address *address)
{
    size_t octets;
    if (is_simple(address->local_part, &octets))
        FUZZ_LAW((octets > 64) == ((address->quirks & IMF_QUIRK_LONG_LOCAL_PART) != 0),
                 "a local part of more than 64 octets is named");
    if (is_simple(address->domain, &octets) && address->route.len == 0)
        FUZZ_LAW((octets > 255) == ((address->quirks & IMF_QUIRK_LONG_DOMAIN) != 0),
                 "a domain of more than 255 octets is named");
}

/* Whether a line of white space alone is folded in between two others; `ret_simple`: no quotes,
 * comments and brackets hide one. */
static bool has_empty_fold(struct slice in, bool *ret_simple)
{
    size_t folds = 0; /* in this run of white space */
    bool found = false;
    *ret_simple = true;
    for (size_t i = 0; i < in.len; i++) {
        bool space = octet_is(in.ptr[i], OCTET_WSP | OCTET_CR | OCTET_LF);
        bool fold = in.ptr[i] == '\n' && i + 1 < in.len && octet_is(in.ptr[i + 1], OCTET_WSP);
        folds = space ? folds + fold : 0;
        found = found || folds > 1;
        *ret_simple = *ret_simple && in.ptr[i] != '"' && in.ptr[i] != '(' && in.ptr[i] != '[';
    }
    return found;
}

/* The last comment is an address's; quotes, brackets and backslashes hide parentheses. */
static void check_comment(const struct imf_address *address)
{
    const uint8_t *end = address->raw.ptr + address->raw.len, *at = address->comment.ptr;
    if (at == NULL || (address->quirks & IMF_QUIRK_UNCLOSED_COMMENT) != 0)
        return;
    bool later = false;
    for (at += address->comment.len; at < end && strchr("\"[\\", *at + (*at == 0)) == NULL; at++)
        later = later || *at == '(';
    FUZZ_LAW(!later || at < end, "an address has its last comment");
}

/* RFC 5322 3.4: a group ends with ";", stands in no other, and has a name. */
static void check_group(const struct imf_address *address, bool last)
{
    bool unclosed = address->kind == IMF_ADDRESS_GROUP_END && address->raw.len == 0;
    bool stray = (unclosed && !last) ||
                 (address->kind == IMF_ADDRESS_GROUP && address->display_name.len == 0);
    FUZZ_LAW(unclosed == ((address->quirks & IMF_QUIRK_UNCLOSED_GROUP) != 0),
             "a group that nothing ends is named");
    FUZZ_LAW(stray == ((address->quirks & IMF_QUIRK_STRAY_SEPARATOR) != 0),
             "a group in a group, and one without a name, is named");
}

/* A list without quirks whose last address is in brackets: what stands behind them is named, and
 * is no part of the list, but for one address more. */
static void check_behind(struct slice in, size_t knob)
{
    static const struct {
        struct slice text;
        uint64_t quirk;
        size_t more;
    } rows[] = {{SLICE_INIT(" x"), IMF_QUIRK_TRAILING_TEXT, 0},
                {SLICE_INIT(">"), IMF_QUIRK_UNPAIRED_ANGLE, 0},
                {SLICE_INIT(" (x)"), 0, 0},
                {SLICE_INIT(" <c@d>"), IMF_QUIRK_MISSING_SEPARATOR, 1}};
    size_t row = knob % (sizeof rows / sizeof *rows), count = 0, more = 0;
    struct imf_address_list list;
    struct imf_address address = {.raw = SLICE("")}, last = address;
    imf_address_begin(in, &list);
    for (; imf_address_next(&list, &address); count++)
        last = address;
    if (count == 0 || list.quirks != 0 || last.kind != IMF_ADDRESS_MAILBOX || !last.bracketed ||
        last.raw.ptr + last.raw.len != in.ptr + in.len || in.ptr[in.len - 1] != '>')
        return;
    struct writer out = fuzz_writer(in.len + 8);
    writer_put(&out, in);
    writer_put(&out, rows[row].text);
    imf_address_begin(writer_slice(&out), &list);
    for (; imf_address_next(&list, &address); more++)
        ;
    FUZZ_LAW(list.quirks == rows[row].quirk && more == count + rows[row].more,
             "what stands behind an address is named");
    fuzz_free_writer(&out);
}

static bool is_words(struct slice part)
{
    for (size_t i = 0; i < part.len; i++)
        if (!octet_is(part.ptr[i], OCTET_ATEXT) && part.ptr[i] != '.')
            return false;
    return true;
}

/* A mailbox of words and dots, all of it in quotes, is that mailbox. */
static void check_quoted(const struct imf_address *address)
{
    if (address->kind != IMF_ADDRESS_MAILBOX || !is_words(address->local_part) ||
        !is_words(address->domain) || address->quirks != 0)
        return;
    struct writer out = fuzz_writer(address->local_part.len + address->domain.len + 3);
    writer_put_octet(&out, '"');
    writer_put(&out, address->local_part);
    writer_put_octet(&out, '@');
    writer_put(&out, address->domain);
    writer_put_octet(&out, '"');
    struct imf_address_list list;
    struct imf_address again;
    imf_address_begin(writer_slice(&out), &list);
    FUZZ_LAW(imf_address_next(&list, &again) && again.kind == IMF_ADDRESS_MAILBOX &&
                 again.quirks == IMF_QUIRK_NO_ANGLE && again.display_name.len == 0 &&
                 slice_equal(again.local_part, address->local_part) &&
                 slice_equal(again.domain, address->domain),
             "an address in quotes is that address");
    fuzz_free_writer(&out);
}

static void check_list(struct slice in)
{
    struct imf_address_list list, other;
    struct imf_address address, expected;
    size_t behind = 0, depth = 0, addresses = 0;
    imf_address_begin(in, &list);
    imf_address_begin(in, &other);
    for (;;) {
        bool more = imf_address_next(&list, &address);
        FUZZ_LAW(more == imf_address_next_by_grammar(&other, &expected),
                 "the short way reads as many");
        FUZZ_LAW(list.quirks == other.quirks && list.at == other.at &&
                     list.in_group == other.in_group,
                 "the short way leaves the same");
        if (!more)
            break;
        FUZZ_LAW(same_address(&address, &expected), "the short way reads the same");
        FUZZ_LAW((address.quirks & ~list.quirks) == 0, "a list has the quirks of its addresses");
        check_slices(in, behind, &address);
        check_lengths(&address);
        check_group(&address, list.at == in.len);
        check_comment(&address);
        FUZZ_LAW(!(address.quirks & IMF_QUIRK_NO_ANGLE) || address.display_name.len > 0 ||
                     (address.local_part.len > 0 && address.domain.len > 0),
                 "what stands in quotes for an address is a whole one");
        if (address.raw.len > 0)
            behind = (size_t)(address.raw.ptr - in.ptr) + address.raw.len;
        depth += address.kind == IMF_ADDRESS_GROUP;
        addresses += address.kind != IMF_ADDRESS_COMMENT;
        depth -= address.kind == IMF_ADDRESS_GROUP_END;
        FUZZ_LAW(depth == list.in_group, "groups begin and end by turns");
        check_written(&address);
        check_round_trip(&address);
        check_quoted(&address);
    }
    if (grammar_takes(in))
        check_grammar(in, addresses, list.quirks);
    bool simple, empty_fold = has_empty_fold(in, &simple);
    FUZZ_LAW(!simple || empty_fold == ((list.quirks & IMF_QUIRK_EMPTY_FOLD) != 0),
             "a folded line of white space alone is named");
    FUZZ_LAW(list.at == in.len, "all of the list is read");
    FUZZ_LAW(other.steps <= 24 * in.len + 24, "no octet is looked at again and again");
    check_behind(in, fuzz_knob(in, 1, 256));
}

/* What comes of a mailbox of words and dots, by its lengths: RFC 5321 4.5.3.1.1 to 4.5.3.1.3, RFC
 * 1035 2.3.4; the last label counts where nothing else is too long behind the "@". */
static struct imf_diagnosis plain_diagnosis(struct slice in)
{
    size_t at = slice_find(in, '@'), domain = in.len - at - 1, label = at + 1;
    for (size_t dot; (dot = label + slice_find(slice_from(in, label), '.')) < in.len;
         label = dot + 1)
        if (dot - label > 63)
            return (struct imf_diagnosis){IMF_LABEL_TOO_LONG, dot};
    if (domain > 255)
        return (struct imf_diagnosis){IMF_DOMAIN_TOO_LONG, at + 1};
    if (in.len - label > 63 && in.len <= 254)
        return (struct imf_diagnosis){IMF_LABEL_TOO_LONG, in.len};
    if (at > 64)
        return (struct imf_diagnosis){IMF_LOCAL_PART_TOO_LONG, at};
    if (in.len > 254)
        return (struct imf_diagnosis){IMF_TOO_LONG, in.len};
    bool digit = octet_is(in.ptr[label], OCTET_DIGIT);
    return (struct imf_diagnosis){digit ? IMF_NUMERIC_TLD : IMF_VALID, digit ? label : 0};
}

/* Errors that RFC 5322 knows nothing of: labels are those of RFC 1035 2.3.1. */
static bool is_beside_grammar(enum imf_finding finding)
{
    return finding == IMF_HYPHEN_AT_START || finding == IMF_HYPHEN_AT_END;
}

static void check_diagnosis_by_grammar(struct slice in, struct imf_diagnosis strict,
                                       struct imf_diagnosis utf8)
{
    bool mailbox = strict.worst <= IMF_ADDRESS_LITERAL;
    FUZZ_LAW(!mailbox || grammar_has("Mailbox", in), "a mailbox is one of RFC 5321");
    if (grammar_has("plain-mailbox", in)) {
        struct imf_diagnosis plain = plain_diagnosis(in);
        FUZZ_LAW(strict.worst == plain.worst && strict.offset == plain.offset,
                 "a mailbox of RFC 5321 is one, and lengths are named where they end");
    }
    FUZZ_LAW((strict.worst <= IMF_CFWS_FWS) <= grammar_has("obs-addr-spec", in),
             "what is valid in a message, white space around its dots or not, is an addr-spec");
    FUZZ_LAW(utf8.worst < IMF_EXPECTING_DTEXT || is_beside_grammar(utf8.worst) ||
                 !grammar_has("obs-addr-spec", in),
             "an addr-spec has no error");
    bool obsolete = utf8.worst >= IMF_DEPRECATED_LOCAL_PART && utf8.worst <= IMF_DEPRECATED_CTEXT &&
                    utf8.worst != IMF_DEPRECATED_FWS;
    FUZZ_LAW(!obsolete || !grammar_has("addr-spec", in), /* whose FWS has folds in a row, too */
             "an addr-spec that is not obsolete is not called so");
}

/* What stands at the offset of a finding; 0: nothing special. Behind "]" any octet may be wrong. */
static int octet_of(enum imf_finding finding)
{
    switch (finding) {
    case IMF_BACKSLASH_AT_END:
        return '\\';
    case IMF_CONSECUTIVE_DOTS:
    case IMF_DOT_AT_START:
        return '.';
    case IMF_HYPHEN_AT_START:
        return '-';
    case IMF_MISSING_LOCAL_PART:
        return '@';
    case IMF_CRLF_TWICE:
    case IMF_CR_WITHOUT_LF:
        return '\r';
    case IMF_ADDRESS_LITERAL:
    case IMF_DOMAIN_LITERAL:
    case IMF_IPV6_GROUP_COUNT:
    case IMF_IPV6_TWO_DOUBLE_COLONS:
    case IMF_IPV6_BAD_GROUP:
    case IMF_IPV6_TOO_MANY_GROUPS:
    case IMF_IPV6_COLON_AT_START:
    case IMF_IPV6_COLON_AT_END:
    case IMF_IPV6_DEPRECATED:
        return '[';
    default:
        return 0;
    }
}

/* A finding is of what stands where it says. */
static void check_place(struct slice in, struct imf_diagnosis found)
{
    struct slice behind = slice_from(in, found.offset);
    struct slice before = slice_sub(in, 0, found.offset);
    int octet = octet_of(found.worst);
    bool after_crlf =
        before.len >= 2 && slice_equal(slice_from(before, before.len - 2), SLICE("\r\n"));
    FUZZ_LAW(octet == 0 || (behind.len > 0 && behind.ptr[0] == octet),
             "a finding stands at its octet");
    switch (found.worst) {
    case IMF_UNCLOSED_QUOTED_STRING:
    case IMF_UNCLOSED_COMMENT:
    case IMF_UNCLOSED_DOMAIN_LITERAL:
        FUZZ_LAW(behind.len == 0, "what is not closed goes on to the end");
        break;
    case IMF_CRLF_TWICE:
        FUZZ_LAW(after_crlf, "a line ending stands behind another");
        break;
    case IMF_CRLF_AT_END:
        FUZZ_LAW(after_crlf && (behind.len == 0 ||
                                (behind.ptr[0] != '\r' && !octet_is(behind.ptr[0], OCTET_WSP))),
                 "no white space, nor another line ending, stands behind one");
        break;
    case IMF_CR_WITHOUT_LF:
        FUZZ_LAW(!slice_starts(behind, SLICE("\r\n")), "a bare CR has no LF");
        break;
    case IMF_BACKSLASH_AT_END:
        FUZZ_LAW(behind.len == 1, "a backslash stands at the end");
        break;
    case IMF_CONSECUTIVE_DOTS:
        FUZZ_LAW(slice_find(before, '.') < before.len, "a dot stands behind another");
        break;
    default:
        break;
    }
}

/* A valid diagnosis and the reading of a list agree; a diagnosis stands where it says. */
static void check_diagnosis(struct slice in)
{
    struct imf_diagnosis strict = imf_diagnose(in, false), utf8 = imf_diagnose(in, true);
    FUZZ_LAW(strict.offset <= in.len && utf8.offset <= in.len, "offsets lie in the input");
    FUZZ_LAW(utf8.worst <= strict.worst || utf8.offset > strict.offset,
             "UTF-8 as text makes nothing worse that was read before");
    FUZZ_LAW(imf_finding_entry(strict.worst)->name != NULL, "each finding has a name");
    check_place(in, strict);
    check_place(in, utf8);
    if (grammar_takes(in))
        check_diagnosis_by_grammar(in, strict, utf8);
    if (strict.worst > IMF_CFWS_NEAR_AT)
        return;
    struct imf_address_list list;
    struct imf_address address;
    const uint64_t allowed = IMF_QUIRK_OBS_LOCAL_PART | IMF_QUIRK_OBS_DOMAIN | IMF_QUIRK_OBS_TEXT |
                             QUIRK_CONTROL | QUIRK_NUL | QUIRK_BARE_CR | QUIRK_BARE_LF |
                             IMF_QUIRK_EMPTY_FOLD;
    imf_address_begin(in, &list);
    FUZZ_LAW(imf_address_next(&list, &address) && address.kind == IMF_ADDRESS_MAILBOX,
             "a valid addr-spec is an address");
    FUZZ_LAW(address.local_part.len > 0 && address.domain.len > 0 &&
                 address.display_name.len == 0 && (address.quirks & ~allowed) == 0,
             "and no more than that");
    FUZZ_LAW(!imf_address_next(&list, &address), "and a single one");
}

static void check(struct slice text)
{
    struct slice in = fuzz_copy(text);
    check_list(in);
    check_diagnosis(in);
    fuzz_free(in);
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const rules[] = {"address-list", "obs-addr-spec", "addr-spec", "Mailbox"};
    grammar_check(rules, sizeof rules / sizeof *rules, slice_of(data, size), check);
    return 0;
}
