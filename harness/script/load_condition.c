/*
 * What %if, %repeat until and %require ask.
 *
 *   condition = [ "!" ] ( "ehlo" claim / "reply" ( outcomes / "/" regex "/" )
 *                         / "secure" / feature ) / comparison
 *   claim     = keyword [ "=" param / ">" 1*DIGIT ]
 *   feature   = "tls" / "creds" / ...       ; a word of %require
 *   keyword   = ( ALPHA / DIGIT ) *( ALPHA / DIGIT / "-" )          ; RFC 5321 4.1.1.1
 */
#include "base/octet.h"
#include "script/loader.h"

/* ---- what a run may have ---- */

static const struct slice features[] = {
    SLICE_INIT("tls"),         SLICE_INIT("plain"),  SLICE_INIT("implicit-tls"),
    SLICE_INIT("creds"),       SLICE_INIT("rcpt"),   SLICE_INIT("rcpt2"),
    SLICE_INIT("norcpt"),      SLICE_INIT("remote"), SLICE_INIT("relay"),
    SLICE_INIT("raw"),         SLICE_INIT("proxy"),  SLICE_INIT("lmtp"),
    SLICE_INIT("smtp"),        SLICE_INIT("oracle"), SLICE_INIT("multi"),
    SLICE_INIT("client-cert"), SLICE_INIT("slow"),
};
#define FEATURES (sizeof features / sizeof *features)

/* "port:mx", "port:mx|submission" */
static bool is_port(struct slice word)
{
    static const struct slice names[] = {SLICE_INIT("mx"), SLICE_INIT("submission"),
                                         SLICE_INIT("submissions"), SLICE_INIT("lmtp")};
    for (bool more = true; more;) {
        size_t bar = slice_find(word, '|');
        if (loader_word_index(slice_sub(word, 0, bar), names, 4) == 4)
            return false;
        more = bar < word.len;
        word = slice_from(word, bar + more);
    }
    return true;
}

struct slice loader_feature(struct slice word)
{
    bool named = slice_starts(word, SLICE("fixture:")) && loader_is_name(slice_from(word, 8));
    if (named || (slice_starts(word, SLICE("port:")) && is_port(slice_from(word, 5))))
        return word;
    size_t index = loader_word_index(word, features, FEATURES);
    return index < FEATURES ? features[index] : SLICE("");
}

struct slice loader_closest_feature(struct slice word)
{
    return loader_closest(word, features, FEATURES, sizeof *features);
}

bool loader_claim(struct slice word, struct script_ehlo_claim *ret_claim)
{
    struct script_ehlo_claim claim = {.present = true};
    size_t above = slice_find(word, '>');
    if (above < word.len) {
        struct slice digits = slice_from(word, above + 1);
        for (size_t i = 0; i < digits.len; i++) {
            if (!octet_is(digits.ptr[i], OCTET_DIGIT))
                return false;
            claim.above = claim.above * 10 + digits.ptr[i] - '0';
        }
        if (digits.len == 0 || digits.len > 15)
            return false;
        claim.has_above = true;
        word = slice_sub(word, 0, above);
    }
    claim.keyword = slice_sub(word, 0, slice_find(word, '='));
    for (size_t i = 0; i < claim.keyword.len; i++) {
        bool inner = i > 0 && claim.keyword.ptr[i] == '-';
        if (!inner && !octet_is(claim.keyword.ptr[i], OCTET_ALPHA | OCTET_DIGIT))
            return false;
    }
    struct slice after = slice_from(word, claim.keyword.len);
    if (claim.keyword.len == 0 || after.len == 1 || loader_find_variable(after).len > 0)
        return false;
    claim.param = slice_from(after, after.len > 0);
    *ret_claim = claim;
    return true;
}

/* ---- conditions ---- */

static bool read_ehlo(struct loader *l, struct slice at, struct slice *rest,
                      struct script_condition *condition)
{
    struct slice word = loader_word(rest);
    condition->kind = SCRIPT_IF_EHLO;
    if (loader_claim(word, &condition->claim))
        return true;
    loader_error(l, word.len > 0 ? word : at, "a keyword follows: ehlo SIZE, ehlo AUTH=PLAIN");
    return false;
}

static bool read_reply(struct loader *l, struct slice at, struct slice *rest,
                       struct script_condition *condition)
{
    struct slice text = slice_trim(*rest);
    if (slice_starts(text, SLICE("/"))) {
        condition->kind = SCRIPT_IF_PATTERN;
        condition->pattern = loader_take_pattern(l, at, &text);
        *rest = text;
        return condition->pattern != NULL;
    }
    struct slice word = loader_word(rest);
    condition->kind = SCRIPT_IF_REPLY;
    if (word.len > 0)
        return loader_outcomes(l, word, &condition->reply);
    loader_error(l, at, "codes or a pattern follow: reply 503/554, reply /pattern/");
    return false;
}

static void no_condition(struct loader *l, struct slice at, struct slice word)
{
    static const struct slice words[] = {SLICE_INIT("ehlo"), SLICE_INIT("reply"),
                                         SLICE_INIT("secure")};
    struct slice closest = loader_closest(word, words, 3, sizeof *words);
    bool keyword = closest.len == 0 && loader_seems_keyword(word);
    if (closest.len == 0)
        closest = keyword ? word : loader_closest_feature(word);
    loader_error_hint(l, word.len > 0 ? word : at,
                      "no condition: ehlo KEY, reply CODES, secure, or a word of %require",
                      keyword ? "ehlo " : "", closest, "");
}

bool loader_condition(struct loader *l, struct slice at, struct slice *rest,
                      struct script_condition *ret_condition)
{
    struct slice before = slice_trim(*rest), word = loader_word(rest);
    struct script_condition condition = {.negated = slice_starts(word, SLICE("!"))};
    if (slice_starts(word, SLICE("${"))) {
        condition.kind = SCRIPT_IF_COMPARE;
        *rest = before;
        if (!loader_compare(l, at, rest, false, &condition.compare))
            return false;
        *ret_condition = condition;
        return true;
    }
    word = slice_from(word, condition.negated);
    bool read = true;
    if (slice_equal_nocase(word, SLICE("ehlo"))) {
        read = read_ehlo(l, at, rest, &condition);
    } else if (slice_equal_nocase(word, SLICE("reply"))) {
        read = read_reply(l, at, rest, &condition);
    } else if (slice_equal_nocase(word, SLICE("secure"))) {
        condition.kind = SCRIPT_IF_SECURE;
    } else {
        condition.kind = SCRIPT_IF_FEATURE;
        condition.feature = loader_feature(word);
        read = condition.feature.len > 0;
        if (!read)
            no_condition(l, at, word);
    }
    if (read)
        *ret_condition = condition;
    return read;
}
