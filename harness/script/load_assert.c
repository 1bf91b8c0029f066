/*
 * What holds of the dialogue so far.
 *
 *   ehlo       = "%ehlo" 1*( ( "+" / "-" ) claim / "unique" / "registered" ) [ weight ]
 *   reply      = ( "%reply" / "%replies" )
 *                ( outcomes *verdict / ( [ lines ] "/" regex "/" / property ) [ weight ] )
 *   lines      = "every" / "no" / "first" / "last" / "others" / "raw"
 *   property   = "well-formed" / "crlf" / "ascii" / "length<=" 1*DIGIT / "enhanced" / ...
 *   assert     = "%assert" comparison [ weight ]
 *   comparison = text SP operator SP ( text / "/" regex "/" )
 *   operator   = "=" / "!=" / "<" / "<=" / ">" / ">=" / "~" / "!~"
 */
#include "base/octet.h"
#include "script/loader.h"

void *loader_take_pattern(struct loader *l, struct slice at, struct slice *text)
{
    struct slice pattern = slice_trim(*text);
    size_t end = pattern.len;
    while (end > 0 && pattern.ptr[end - 1] != '/')
        end--;
    if (end < 3 || pattern.ptr[0] != '/') {
        loader_error(l, pattern.len > 0 ? pattern : at, "a pattern stands between two /");
        return NULL;
    }
    *text = slice_from(pattern, end);
    return loader_pattern(l, slice_sub(pattern, 1, end - 1));
}

/* ---- %ehlo ---- */

static bool claim_of(struct slice word, struct script_ehlo_claim *ret_claim)
{
    bool present = word.ptr[0] == '+';
    if (slice_equal_nocase(word, SLICE("unique")))
        *ret_claim = (struct script_ehlo_claim){.kind = SCRIPT_CLAIM_UNIQUE};
    else if (slice_equal_nocase(word, SLICE("registered")))
        *ret_claim = (struct script_ehlo_claim){.kind = SCRIPT_CLAIM_REGISTERED};
    else if ((!present && word.ptr[0] != '-') || !loader_claim(slice_from(word, 1), ret_claim))
        return false;
    if (ret_claim->kind == SCRIPT_CLAIM_KEYWORD)
        ret_claim->present = present;
    return true;
}

void loader_ehlo(struct loader *l, struct slice at, struct slice args)
{
    struct script_array claims = {.arena = l->arena};
    struct script_ehlo_claim claim;
    enum script_weight weight = loader_weight(l, &args);
    if (slice_trim(args).len == 0)
        loader_error(l, at, "claims follow: %ehlo +SIZE -CHUNKING +AUTH=PLAIN");
    for (struct slice word; (word = loader_word(&args)).len > 0;) {
        if (claim_of(word, &claim))
            *(struct script_ehlo_claim *)script_array_push(&claims, sizeof claim) = claim;
        else
            loader_error_hint(l, word,
                              "no claim: +KEYWORD, -KEYWORD, +KEYWORD=PARAM, unique or registered",
                              "+", loader_seems_keyword(word) ? word : SLICE(""), "");
    }
    struct script_step *step = loader_step(l, SCRIPT_EHLO, at.ptr);
    step->weight = weight;
    step->as.ehlo.items = claims.items;
    step->as.ehlo.count = claims.count;
}

/* ---- %reply, %replies ---- */

static const struct word {
    struct slice name;
    enum script_assert_kind kind;
    bool takes_pattern;
} words[] = {
    {SLICE_INIT("every"), SCRIPT_ASSERT_EVERY_LINE, true},
    {SLICE_INIT("no"), SCRIPT_ASSERT_NO_LINE, true},
    {SLICE_INIT("first"), SCRIPT_ASSERT_FIRST_LINE, true},
    {SLICE_INIT("last"), SCRIPT_ASSERT_LAST_LINE, true},
    {SLICE_INIT("others"), SCRIPT_ASSERT_OTHER_LINES, true},
    {SLICE_INIT("raw"), SCRIPT_ASSERT_RAW, true},
    {SLICE_INIT("well-formed"), SCRIPT_ASSERT_WELL_FORMED, false},
    {SLICE_INIT("crlf"), SCRIPT_ASSERT_CRLF, false},
    {SLICE_INIT("ascii"), SCRIPT_ASSERT_ASCII, false},
    {SLICE_INIT("enhanced"), SCRIPT_ASSERT_ENHANCED, false},
    {SLICE_INIT("no-enhanced"), SCRIPT_ASSERT_NO_ENHANCED, false},
    {SLICE_INIT("same-enhanced"), SCRIPT_ASSERT_SAME_ENHANCED, false},
    {SLICE_INIT("enhanced-class"), SCRIPT_ASSERT_ENHANCED_CLASS, false},
    {SLICE_INIT("registered"), SCRIPT_ASSERT_REGISTERED, false},
};
#define WORDS (sizeof words / sizeof *words)

/* "length<=512" */
static bool read_length(struct slice word, struct script_assert *assertion)
{
    struct slice digits = slice_from(word, 8);
    if (!slice_starts(word, SLICE("length<=")) || digits.len == 0 || digits.len > 9)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (!octet_is(digits.ptr[i], OCTET_DIGIT))
            return false;
        assertion->max_octets = assertion->max_octets * 10 + digits.ptr[i] - '0';
    }
    assertion->kind = SCRIPT_ASSERT_LENGTH;
    return true;
}

static bool seems_codes(struct slice word)
{
    static const struct slice first = SLICE_INIT("!*<xXyYzZ");
    return word.len > 0 &&
           (octet_is(word.ptr[0], OCTET_DIGIT) || slice_find(first, word.ptr[0]) < first.len);
}

static void read_property(struct loader *l, struct slice at, struct slice word, struct slice rest,
                          struct script_assert *assertion)
{
    for (size_t i = 0; i < WORDS; i++) {
        if (!slice_equal_nocase(word, words[i].name))
            continue;
        assertion->kind = words[i].kind;
        if (words[i].takes_pattern)
            assertion->pattern = loader_take_pattern(l, at, &rest);
        loader_no_more(l, rest);
        return;
    }
    if (read_length(word, assertion))
        loader_no_more(l, rest);
    else
        loader_error_hint(l, word.len > 0 ? word : at,
                          "codes, a pattern or what the lines are like follows: %reply 503, "
                          "%reply every /^2/, %reply ascii",
                          "", loader_closest(word, words, WORDS, sizeof *words), "");
}

/* Codes are followed by verdicts as those of S: are, the rest by a weight. */
static void read_assertion(struct loader *l, struct slice at, struct slice args,
                           enum script_assert_of of)
{
    struct script_assert assertion = {.of = of};
    enum script_weight weight = SCRIPT_WEIGHT_PLAIN;
    struct slice rest = args, word = loader_word(&rest);
    if (seems_codes(word) && !slice_starts(word, SLICE("/"))) {
        struct script_expectation reply = {.pass = {NULL, 0}};
        if (!loader_outcomes(l, word, &reply.pass))
            return;
        if (of == SCRIPT_ASSERT_REPLY && !loader_has_weight(rest))
            loader_verdicts(l, &rest, &reply);
        weight = reply.decisive ? SCRIPT_WEIGHT_FAIL : loader_weight(l, &rest);
        loader_no_more(l, rest);
        assertion.kind = SCRIPT_ASSERT_CODE;
        assertion.pass = reply.pass;
        assertion.warn = reply.warn;
        assertion.unclear = reply.unclear;
    } else {
        weight = loader_weight(l, &args);
        rest = args;
        if (slice_starts(word, SLICE("/"))) {
            assertion.kind = SCRIPT_ASSERT_SOME_LINE;
            assertion.pattern = loader_take_pattern(l, at, &rest);
            loader_no_more(l, rest);
        } else {
            word = loader_word(&rest);
            read_property(l, at, word, rest, &assertion);
        }
    }
    struct script_step *step = loader_step(l, SCRIPT_ASSERT, at.ptr);
    step->weight = weight;
    step->as.assertion = assertion;
}

void loader_assert_reply(struct loader *l, struct slice at, struct slice args)
{
    read_assertion(l, at, args, SCRIPT_ASSERT_REPLY);
}

void loader_assert_replies(struct loader *l, struct slice at, struct slice args)
{
    if (l->scope.replies == SCRIPT_MAX_REPLIES)
        loader_error(l, at, "too many: a test may have 8 %replies");
    else
        l->scope.replies++;
    read_assertion(l, at, args, SCRIPT_ASSERT_REPLIES);
}

/* ---- %assert ---- */

static const struct slice operators[] = {
    [SCRIPT_EQUAL] = SLICE_INIT("="),   [SCRIPT_NOT_EQUAL] = SLICE_INIT("!="),
    [SCRIPT_LESS] = SLICE_INIT("<"),    [SCRIPT_LESS_EQUAL] = SLICE_INIT("<="),
    [SCRIPT_GREATER] = SLICE_INIT(">"), [SCRIPT_GREATER_EQUAL] = SLICE_INIT(">="),
    [SCRIPT_MATCHES] = SLICE_INIT("~"), [SCRIPT_MATCHES_NOT] = SLICE_INIT("!~"),
};
#define OPERATORS (sizeof operators / sizeof *operators)

/* The octets before the first operator that stands between blanks, outside of ${...}. */
static size_t find_operator(struct slice text, size_t *ret_operator, size_t *ret_after)
{
    size_t depth = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (slice_starts(slice_from(text, i), SLICE("${")))
            depth++;
        else if (text.ptr[i] == '}' && depth > 0)
            depth--;
        if (depth > 0 || !octet_is(text.ptr[i], OCTET_WSP))
            continue;
        struct slice rest = slice_from(text, i), word = loader_word(&rest);
        *ret_operator = loader_word_index(word, operators, OPERATORS);
        *ret_after = text.len - rest.len;
        if (*ret_operator < OPERATORS)
            return i;
    }
    return text.len;
}

bool loader_compare(struct loader *l, struct slice at, struct slice *text, bool whole,
                    struct script_compare *ret_compare)
{
    struct slice all = slice_trim(*text);
    size_t operator, after, end = find_operator(all, &operator, & after);
    struct script_compare compare = {.how = SCRIPT_EQUAL};
    if (all.len == 0 || end == all.len) {
        loader_error(l, all.len > 0 ? all : at,
                     "a comparison follows: ${a} = text, ${a} >= 10, ${a} ~ /pattern/");
        return false;
    }
    struct slice right = slice_trim(slice_from(all, after));
    compare.how = (enum script_comparison) operator;
    compare.left = loader_text(l, slice_sub(all, 0, end), 0);
    if (compare.how == SCRIPT_MATCHES || compare.how == SCRIPT_MATCHES_NOT) {
        compare.pattern = loader_take_pattern(l, at, &right);
    } else {
        struct slice word = right;
        if (!whole) {
            word = loader_word(&right);
        } else {
            right = slice_from(right, right.len);
        }
        compare.right = loader_text(l, word, 0);
    }
    *text = right;
    *ret_compare = compare;
    return true;
}

void loader_assert(struct loader *l, struct slice at, struct slice args)
{
    struct script_assert assertion = {.of = SCRIPT_ASSERT_TEXT};
    enum script_weight weight = loader_weight(l, &args);
    if (!loader_compare(l, at, &args, true, &assertion.compare))
        return;
    loader_no_more(l, args);
    struct script_step *step = loader_step(l, SCRIPT_ASSERT, at.ptr);
    step->weight = weight;
    step->as.assertion = assertion;
}
