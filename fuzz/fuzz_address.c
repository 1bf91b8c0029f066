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

/* A part of words and dots alone is as long as it looks. */
static bool is_simple(struct slice part)
{
    for (size_t i = 0; i < part.len; i++)
        if (!octet_is(part.ptr[i], OCTET_ALPHA | OCTET_DIGIT) && part.ptr[i] != '.' &&
            part.ptr[i] != '-')
            return false;
    return true;
}

/* RFC 5321 4.5.3.1.1, 4.5.3.1.2; a domain of the route may be the long one. */
static void check_lengths(const struct imf_address *address)
{
    if (is_simple(address->local_part))
        FUZZ_LAW((address->local_part.len > 64) ==
                     ((address->quirks & IMF_QUIRK_LONG_LOCAL_PART) != 0),
                 "a local part of more than 64 octets is named");
    if (is_simple(address->domain) && address->route.len == 0)
        FUZZ_LAW((address->domain.len > 255) == ((address->quirks & IMF_QUIRK_LONG_DOMAIN) != 0),
                 "a domain of more than 255 octets is named");
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
        if (address.raw.len > 0)
            behind = (size_t)(address.raw.ptr - in.ptr) + address.raw.len;
        depth += address.kind == IMF_ADDRESS_GROUP;
        addresses += address.kind != IMF_ADDRESS_COMMENT;
        depth -= address.kind == IMF_ADDRESS_GROUP_END;
        FUZZ_LAW(depth == list.in_group, "groups begin and end by turns");
        check_written(&address);
        check_round_trip(&address);
    }
    if (grammar_takes(in))
        check_grammar(in, addresses, list.quirks);
    FUZZ_LAW(list.at == in.len, "all of the list is read");
    FUZZ_LAW(other.steps <= 24 * in.len + 24, "no octet is looked at again and again");
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

/* A valid diagnosis and the reading of a list agree; a diagnosis stands where it says. */
static void check_diagnosis(struct slice in)
{
    struct imf_diagnosis strict = imf_diagnose(in, false), utf8 = imf_diagnose(in, true);
    FUZZ_LAW(strict.offset <= in.len && utf8.offset <= in.len, "offsets lie in the input");
    FUZZ_LAW(utf8.worst <= strict.worst || utf8.offset > strict.offset,
             "UTF-8 as text makes nothing worse that was read before");
    FUZZ_LAW(imf_finding_entry(strict.worst)->name != NULL, "each finding has a name");
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

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    check_list(in);
    check_diagnosis(in);
    fuzz_free(in);
    return 0;
}
