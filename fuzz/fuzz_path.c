/* Laws of smtp_path_parse, smtp_path_write, smtp_path_unquote and smtp_domain_classify. */
#include "custom.h"
#include "fuzz.h"
#include "grammar.h"
#include "smtp/path.h"
#include "smtp/quirk.h"

#include "base/ip.h"
#include "base/octet.h"

static struct writer new_writer(size_t capacity)
{
    return fuzz_writer(capacity);
}

static void check_slices(struct slice in, const struct smtp_path *path, size_t consumed)
{
    FUZZ_LAW(path->raw.ptr == in.ptr && path->raw.len == consumed, "raw is what was consumed");
    FUZZ_LAW(fuzz_inside(path->route, path->raw) && fuzz_inside(path->mailbox, path->raw),
             "route and mailbox lie in raw");
    FUZZ_LAW(fuzz_inside(path->local_part, path->mailbox) &&
                 fuzz_inside(path->domain, path->mailbox),
             "local part and domain lie in the mailbox");
    size_t domain = path->domain_kind == SMTP_DOMAIN_NONE ? 0 : path->domain.len + 1;
    FUZZ_LAW(path->mailbox.len == path->local_part.len + domain,
             "a mailbox is its local part, an at sign and its domain");
    FUZZ_LAW(path->null == (path->local_part.len == 0), "only the null path has no local part");
    for (size_t i = 0; i < path->raw.len; i++)
        FUZZ_LAW(octet_is(path->raw.ptr[i], OCTET_GRAPHIC | OCTET_EIGHT_BIT | OCTET_WSP),
                 "no path holds NUL, CR, LF or another control octet");
}

static void check_quirks(const struct smtp_path *path)
{
    bool no_domain = path->domain_kind == SMTP_DOMAIN_NONE && !path->null;
    FUZZ_LAW(no_domain == ((path->quirks & SMTP_QUIRK_NO_DOMAIN) != 0), "no domain is named");
    FUZZ_LAW((path->local_part.len > 64) == ((path->quirks & SMTP_QUIRK_LONG_LOCAL_PART) != 0),
             "a long local part is named");
    bool long_domain = (path->quirks & SMTP_QUIRK_LONG_DOMAIN) != 0;
    FUZZ_LAW(path->route.len > 0 ? path->domain.len <= 255 || long_domain
                                 : (path->domain.len > 255) == long_domain,
             "a long domain is named; one of the route may be it");
    FUZZ_LAW((path->route.len > 0) == ((path->quirks & SMTP_QUIRK_SOURCE_ROUTE) != 0),
             "a route is named");
    size_t brackets = (path->quirks & SMTP_QUIRK_NO_BRACKETS) != 0 ? 2 : 0; /* that are missing */
    FUZZ_LAW((path->raw.len + brackets > 256) == ((path->quirks & SMTP_QUIRK_LONG_PATH) != 0),
             "a long path is named, its route and its brackets counted");
    FUZZ_LAW(path->domain.len == 0 || path->domain_kind == smtp_domain_classify(path->domain),
             "a domain's kind depends on nothing else");
    FUZZ_LAW(path->domain_kind != SMTP_DOMAIN_INVALID || (path->quirks & SMTP_QUIRK_INVALID_DOMAIN),
             "an invalid domain is named");
}

static enum smtp_domain_kind kind_by_grammar(struct slice domain)
{
    bool literal = domain.len >= 2 && domain.ptr[0] == '[' && domain.ptr[domain.len - 1] == ']';
    struct slice inside = literal ? slice_sub(domain, 1, domain.len - 1) : SLICE("");
    if (!literal)
        return grammar_has("Domain", domain) ? SMTP_DOMAIN_NAME : SMTP_DOMAIN_INVALID;
    if (grammar_has("IPv4-address-literal", inside))
        return SMTP_DOMAIN_IPV4;
    if (grammar_has("IPv6-address-literal", inside))
        return SMTP_DOMAIN_IPV6;
    return grammar_has("General-address-literal", inside) ? SMTP_DOMAIN_GENERAL
                                                          : SMTP_DOMAIN_INVALID;
}

/* What a path consists of, in its order, is its octets. */
static void check_parts(const struct smtp_path *path)
{
    bool bare = (path->quirks & SMTP_QUIRK_NO_BRACKETS) != 0;
    struct writer out = new_writer(path->raw.len + 3), mailbox = new_writer(path->raw.len + 1);
    smtp_path_write(path, &out);
    struct slice written = writer_slice(&out);
    if (bare && written.len >= 2)
        written = slice_sub(written, 1, written.len - 1);
    FUZZ_LAW(slice_equal(written, path->raw), "a path is written as it was, but for brackets");
    writer_put(&mailbox, path->local_part);
    if (path->domain_kind != SMTP_DOMAIN_NONE)
        writer_put_octet(&mailbox, '@');
    writer_put(&mailbox, path->domain);
    FUZZ_LAW(slice_equal(writer_slice(&mailbox), path->mailbox), "a mailbox is written as it was");
    fuzz_free_writer(&mailbox);
    fuzz_free_writer(&out);
}

/* Each quirk of the grammar, by the grammar. */
static void check_quirks_by_grammar(const struct smtp_path *path)
{
    bool domain = path->domain_kind != SMTP_DOMAIN_NONE;
    enum smtp_domain_kind kind = domain ? kind_by_grammar(path->domain) : SMTP_DOMAIN_NONE;
    FUZZ_LAW(path->domain_kind == kind, "a domain is what its grammar says");
    bool invalid =
        kind == SMTP_DOMAIN_INVALID || (path->route.len > 0 && !grammar_has("A-d-l", path->route));
    FUZZ_LAW(invalid == ((path->quirks & SMTP_QUIRK_INVALID_DOMAIN) != 0),
             "what the grammar has is no invalid domain, and all else is");
    FUZZ_LAW(path->route.len > 0 || grammar_has("untagged-literal", path->domain) ==
                                        ((path->quirks & SMTP_QUIRK_UNTAGGED_IPV6) != 0),
             "an IPv6 address without its tag is named, and nothing else is");
    bool local = path->null || grammar_has("Local-part", path->local_part);
    FUZZ_LAW(local == !(path->quirks & SMTP_QUIRK_INVALID_LOCAL_PART),
             "what the grammar has is no invalid local part, and all else is");
    const uint64_t odd = SMTP_QUIRK_NO_BRACKETS | SMTP_QUIRK_INVALID_DOMAIN | SMTP_QUIRK_NO_DOMAIN |
                         SMTP_QUIRK_INVALID_LOCAL_PART;
    FUZZ_LAW(grammar_has("Reverse-path", path->raw) == ((path->quirks & odd) == 0),
             "a path without quirks is one of the grammar, and one of the grammar has none");
}

/* The answer, by the grammar of what is read. */
static void check_answer(struct slice in, struct parse_result result)
{
    FUZZ_LAW((result.status == PARSE_OK) == grammar_has("read-path", in),
             "a path is read where the grammar has one");
    if (result.status != PARSE_ERROR)
        return;
    size_t reach = grammar_reach("read-path", in), at = result.offset;
    bool unclosed =
        result.error >= SMTP_PATH_UNCLOSED && result.error <= SMTP_PATH_UNCLOSED_LITERAL;
    static const char openers[] = {'<', '"', '['};
    bool no_local = result.error == SMTP_PATH_EMPTY_LOCAL_PART && at <= 1 && at < reach &&
                    in.ptr[at] == '@'; /* "<@example.org>" */
    FUZZ_LAW(unclosed || no_local || at == reach,
             "an error stands at the first octet that is wrong");
    FUZZ_LAW(!unclosed || (at < reach && in.ptr[at] == openers[result.error - SMTP_PATH_UNCLOSED]),
             "what is not closed is pointed at");
    FUZZ_LAW((result.error == SMTP_PATH_EMPTY) == (in.len == 0 || octet_is(in.ptr[0], OCTET_WSP)),
             "nothing is an empty path but nothing");
}

static bool same_path(const struct smtp_path *a, const struct smtp_path *b)
{
    return slice_equal(a->route, b->route) && slice_equal(a->mailbox, b->mailbox) &&
           slice_equal(a->local_part, b->local_part) && slice_equal(a->domain, b->domain) &&
           a->domain_kind == b->domain_kind && a->null == b->null;
}

static void check_round_trip(const struct smtp_path *path)
{
    struct writer out = new_writer(path->raw.len + 2);
    smtp_path_write(path, &out);
    FUZZ_LAW(!out.overflow, "writing adds two brackets at most");
    struct slice written = fuzz_copy(writer_slice(&out));
    fuzz_free_writer(&out);
    struct smtp_path again;
    struct parse_result result = smtp_path_parse(written, &again);
    FUZZ_LAW(result.status == PARSE_OK && result.offset == written.len, "what is written parses");
    FUZZ_LAW(same_path(path, &again), "what is written parses to the same");
    FUZZ_LAW(again.quirks == (path->quirks & ~SMTP_QUIRK_NO_BRACKETS),
             "writing takes away NO_BRACKETS and no other quirk");
    FUZZ_LAW(slice_equal(again.raw, written), "what is written is canonical");
    fuzz_free(written);
}

/* Any text that a path may hold, put between quotes, is a local part that means this text. */
static void check_quoting(struct slice text)
{
    struct writer quoted = new_writer(2 * text.len + 2), meaning = new_writer(text.len + 1);
    writer_put_octet(&quoted, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            writer_put_octet(&quoted, '\\');
        writer_put_octet(&quoted, text.ptr[i]);
    }
    writer_put_octet(&quoted, '"');
    smtp_path_unquote(writer_slice(&quoted), &meaning);
    FUZZ_LAW(slice_equal(writer_slice(&meaning), text), "unquoting what was quoted is the text");

    bool holdable = true;
    for (size_t i = 0; i < text.len; i++)
        holdable &= octet_is(text.ptr[i], OCTET_GRAPHIC | OCTET_EIGHT_BIT | OCTET_WSP);
    struct smtp_path path;
    struct parse_result result = smtp_path_parse(writer_slice(&quoted), &path);
    FUZZ_LAW((result.status == PARSE_OK) == holdable, "a quoted text is a local part");
    if (holdable)
        FUZZ_LAW(slice_equal(path.local_part, writer_slice(&quoted)), "and all of one");
    fuzz_free_writer(&quoted);
    fuzz_free_writer(&meaning);
}

/* Any octets may be given for a local part: a backslash or a quote at their end is no harm. */
static void check_unquote(struct slice in)
{
    struct writer meaning = new_writer(in.len + 1);
    FUZZ_LINEAR(in.len, smtp_path_unquote(in, &meaning));
    FUZZ_LAW(meaning.len <= in.len, "what a local part means is not longer than it is");
    fuzz_free_writer(&meaning);
}

static void check(struct slice text)
{
    struct slice in = fuzz_copy(text);
    struct smtp_path path = {.quirks = UINT64_MAX};
    struct parse_result result;
    FUZZ_LINEAR(in.len, result = smtp_path_parse(in, &path));
    FUZZ_LINEAR(in.len, smtp_domain_classify(in));
    FUZZ_LAW(result.status != PARSE_MORE, "a whole input never wants more");
    FUZZ_LAW(result.offset <= in.len, "offsets lie in the input");
    if (grammar_takes(in)) {
        FUZZ_LAW(smtp_domain_classify(in) == kind_by_grammar(in),
                 "a domain is what its grammar says");
        FUZZ_LAW(base_is_ipv4(in) == grammar_has("IPv4-address-literal", in) &&
                     base_is_ipv6(in) == grammar_has("IPv6-addr", in),
                 "an address is what its grammar says");
        check_answer(in, result);
    }
    check_quoting(in);
    check_unquote(in);
    if (result.status == PARSE_OK) {
        check_slices(in, &path, result.offset);
        check_quirks(&path);
        check_parts(&path);
        if (grammar_takes(in))
            check_quirks_by_grammar(&path);
        check_round_trip(&path);
        check_quoting(path.local_part);
    } else {
        FUZZ_LAW(path.quirks == UINT64_MAX, "only success writes");
        FUZZ_LAW(result.error >= SMTP_PATH_EMPTY && result.error <= SMTP_PATH_TRAILING,
                 "an error is one of the module's");
        FUZZ_LAW(smtp_path_error_text(result.error)[0] == 'a', "each error has a text");
    }
    fuzz_free(in);
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const rules[] = {"Reverse-path", "read-path", "Domain", "address-literal",
                                        "IPv6-addr"};
    grammar_check(rules, sizeof rules / sizeof *rules, slice_of(data, size), check);
    return 0;
}
