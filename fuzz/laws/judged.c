#define PCRE2_CODE_UNIT_WIDTH 8
#include "laws/judged.h"

#include <pcre2.h>

#define PATTERN_STEPS 100000 /* as many as the engine tries */

/* ---- codes ---- */

/* How many of the first `digits` digits an outcome names; -1 where it is none of that code. */
static int named(const struct script_outcome *outcome, unsigned code, size_t digits)
{
    const unsigned of_code[3] = {code / 100, code / 10 % 10, code % 10};
    int count = 0;
    if (outcome->kind != SCRIPT_OUTCOME_CODE)
        return outcome->kind == SCRIPT_OUTCOME_ANY ? 0 : -1;
    for (size_t i = 0; i < digits; i++) {
        if (outcome->digit[i] != SCRIPT_ANY_DIGIT && outcome->digit[i] != of_code[i])
            return -1;
        count += outcome->digit[i] != SCRIPT_ANY_DIGIT;
    }
    return count;
}

/* The most digits by which a set names the code, "!..." by none; -1 where it is not in it. */
static int exactness(struct script_outcomes set, unsigned code, size_t digits)
{
    int most = -1;
    for (size_t i = 0; i < set.count; i++) {
        int count = named(&set.items[i], code, digits);
        most = count > most ? count : most;
    }
    if (set.count > 0 && set.items[0].negated)
        return most < 0 ? 0 : -1;
    return most;
}

static size_t digits_of(const struct judged_reply *reply)
{
    return reply->match == ENGINE_MATCH_CLASS ? 1 : 3;
}

bool judged_code(struct script_outcomes pass, const struct judged_reply *reply)
{
    return pass.count == 0 || exactness(pass, reply->code, digits_of(reply)) >= 0;
}

/* ---- lines ---- */

struct line {
    struct slice raw, whole, text; /* with its ending, without, and behind its code */
    size_t index;
    bool last;
};

static bool take_line(struct slice *rest, struct line *line)
{
    size_t len = slice_find(*rest, '\n');
    if (len == rest->len)
        return false;
    line->raw = slice_sub(*rest, 0, len + 1);
    line->whole = slice_sub(*rest, 0, len > 0 && rest->ptr[len - 1] == '\r' ? len - 1 : len);
    line->text = slice_from(line->whole, line->whole.len < 4 ? line->whole.len : 4);
    *rest = slice_from(*rest, len + 1);
    line->last = rest->len == 0;
    return true;
}

bool judged_is_masked(struct slice text)
{
    for (; text.len > 0; text = slice_from(text, 1))
        if (slice_starts(text, SLICE("****")))
            return true;
    return false;
}

bool judged_hides_code(struct slice reply)
{
    return slice_find(slice_sub(reply, 0, 3), '*') < 3;
}

static enum judged matches(void *pattern, struct slice text)
{
    static pcre2_match_data *match; /* one for all, as each of its kind takes an allocation */
    static pcre2_match_context *limits;
    if (match == NULL) {
        match = pcre2_match_data_create(1, NULL);
        limits = pcre2_match_context_create(NULL);
        pcre2_set_match_limit(limits, PATTERN_STEPS);
    }
    const uint8_t *octets = text.len == 0 ? (const uint8_t *)"" : text.ptr;
    int answer = pcre2_match(pattern, octets, text.len, 0, 0, match, limits);
    return answer >= 0 ? JUDGED_YES : answer == PCRE2_ERROR_NOMATCH ? JUDGED_NO : JUDGED_UNKNOWN;
}

/* RFC 3463 2: class "." subject "." detail, of up to three digits without leading zeros, and SP or
 * the end behind it. */
static bool has_enhanced(struct slice text, int part[3])
{
    size_t at = 0;
    for (size_t i = 0; i < 3; i++, at++) {
        size_t from = at;
        for (part[i] = 0; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9'; at++)
            part[i] = at - from < 3 ? part[i] * 10 + text.ptr[at] - '0' : 1000;
        bool zero = at > from && text.ptr[from] == '0';
        if (at == from || part[i] > 999 || (zero && at - from > 1))
            return false;
        if (i < 2 && (at == text.len || text.ptr[at] != '.'))
            return false;
    }
    at--;
    return (part[0] == 2 || part[0] == 4 || part[0] == 5) &&
           (at == text.len || text.ptr[at] == ' ');
}

static bool same_parts(const int a[3], const int b[3])
{
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

/* ---- expectations ---- */

enum judged judged_enhanced(const struct script_expectation *expect,
                            const struct judged_reply *reply)
{
    struct slice rest = reply->raw;
    if (!expect->enhanced.written || reply->match < ENGINE_MATCH_ENHANCED)
        return JUDGED_YES;
    if (judged_is_masked(rest))
        return JUDGED_UNKNOWN;
    int part[3];
    for (struct line line; take_line(&rest, &line);) {
        if (!has_enhanced(line.text, part))
            continue;
        for (size_t i = 0; i < 3; i++)
            if (expect->enhanced.part[i] >= 0 && expect->enhanced.part[i] != part[i])
                return JUDGED_NO;
        return JUDGED_YES;
    }
    return JUDGED_NO;
}

/* Some line matches, of the whole reply. */
static enum judged some_line(void *pattern, struct slice rest)
{
    enum judged answer = JUDGED_NO;
    for (struct line line; take_line(&rest, &line);) {
        enum judged one = matches(pattern, line.whole);
        if (one == JUDGED_UNKNOWN)
            return one;
        answer = one == JUDGED_YES ? one : answer;
    }
    return answer;
}

/* A line that is there against one that is written. */
static enum judged line_is(const struct script_reply_line *written, const struct line *line,
                           enum engine_match match)
{
    bool exact = written->kind == SCRIPT_LINE_EXACT;
    struct script_text text = written->text;
    if (!exact && (match < ENGINE_MATCH_TEXT || text.count == 0))
        return JUDGED_YES;
    if (text.count > 1 || (text.count == 1 && text.parts[0].kind != SCRIPT_PART_LITERAL))
        return JUDGED_UNKNOWN;
    struct slice wanted = text.count == 1 ? text.parts[0].text : SLICE("");
    struct slice got = exact ? line->whole : line->text;
    bool loose = !exact && match == ENGINE_MATCH_TEXT;
    bool same = loose ? slice_equal(slice_trim(got), slice_trim(wanted)) : slice_equal(got, wanted);
    return same ? JUDGED_YES : JUDGED_NO;
}

enum judged judged_lines(const struct script_expectation *expect, const struct judged_reply *reply)
{
    struct slice rest = reply->raw;
    bool whole = reply->match >= ENGINE_MATCH_TEXT, unknown = judged_is_masked(rest);
    for (size_t i = 0; i < expect->line_count; i++) {
        const struct script_reply_line *written = &expect->lines[i];
        struct line line;
        enum judged one = JUDGED_YES;
        if (written->kind == SCRIPT_LINE_PATTERN)
            one = some_line(written->pattern, reply->raw);
        else if (take_line(&rest, &line))
            one = line_is(written, &line, reply->match);
        else if (whole || written->kind == SCRIPT_LINE_EXACT)
            one = JUDGED_NO;
        if (one == JUDGED_NO && !unknown)
            return JUDGED_NO;
        unknown = unknown || one == JUDGED_UNKNOWN;
    }
    /* lines behind those that are written: of a reply that is written whole there are none */
    bool written = expect->line_count > 0 && (expect->lines[0].kind == SCRIPT_LINE_EXACT ||
                                              (whole && expect->line_count > 1));
    return unknown ? JUDGED_UNKNOWN : written && rest.len > 0 ? JUDGED_NO : JUDGED_YES;
}

/* ---- assertions ---- */

static enum judged yes(bool holds)
{
    return holds ? JUDGED_YES : JUDGED_NO;
}

/* RFC 2034 4 */
static bool enhanced_holds(enum script_assert_kind kind, const struct line *line,
                           const struct judged_reply *reply)
{
    struct slice rest = reply->raw;
    struct line first;
    int part[3] = {0}, of_first[3] = {0};
    bool has = has_enhanced(line->text, part);
    bool first_has = take_line(&rest, &first) && has_enhanced(first.text, of_first);
    unsigned class = reply->code / 100;
    switch (kind) {
    case SCRIPT_ASSERT_ENHANCED:
        return has || (class != 2 && class != 4 && class != 5);
    case SCRIPT_ASSERT_NO_ENHANCED:
        return !has;
    case SCRIPT_ASSERT_SAME_ENHANCED:
        return has == first_has && (!has || same_parts(part, of_first));
    default: /* SCRIPT_ASSERT_ENHANCED_CLASS */
        return !has || part[0] == (int)class;
    }
}

/* RFC 5321 4.2.1: "-" behind the code on each line but the last, SP or nothing there, and one code.
 */
static bool is_well_formed(const struct line *line, unsigned code)
{
    struct slice whole = line->whole;
    unsigned number = 0;
    for (size_t i = 0; i < 3 && i < whole.len; i++)
        number = number * 10 + (unsigned)(whole.ptr[i] - '0');
    return whole.len >= 3 && number == code &&
           (whole.len == 3 ? line->last : whole.ptr[3] == (line->last ? ' ' : '-'));
}

static bool is_ascii(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != '\t' && (text.ptr[i] < ' ' || text.ptr[i] > '~'))
            return false;
    return true;
}

static enum judged line_holds(const struct script_assert *assertion, const struct line *line,
                              const struct judged_reply *reply)
{
    struct slice raw = line->raw;
    enum judged one;
    switch (assertion->kind) {
    case SCRIPT_ASSERT_NO_LINE:
        one = matches(assertion->pattern, line->whole);
        return one == JUDGED_UNKNOWN ? one : yes(one == JUDGED_NO);
    case SCRIPT_ASSERT_EVERY_LINE:
        return matches(assertion->pattern, line->whole);
    case SCRIPT_ASSERT_FIRST_LINE:
        return line->index == 0 ? matches(assertion->pattern, line->whole) : JUDGED_YES;
    case SCRIPT_ASSERT_LAST_LINE:
        return line->last ? matches(assertion->pattern, line->whole) : JUDGED_YES;
    case SCRIPT_ASSERT_OTHER_LINES:
        return line->index > 0 ? matches(assertion->pattern, line->whole) : JUDGED_YES;
    case SCRIPT_ASSERT_WELL_FORMED:
        return yes(is_well_formed(line, reply->code));
    case SCRIPT_ASSERT_CRLF:
        return yes(raw.len - line->whole.len == 2 && slice_find(raw, '\r') == raw.len - 2);
    case SCRIPT_ASSERT_ASCII:
        return yes(is_ascii(line->whole));
    case SCRIPT_ASSERT_LENGTH:
        return yes(raw.len <= assertion->max_octets);
    case SCRIPT_ASSERT_REGISTERED: /* fuzz_enhanced knows how far the registry goes */
        return JUDGED_UNKNOWN;
    default:
        return yes(enhanced_holds(assertion->kind, line, reply));
    }
}

/* ---- comparisons ---- */

static bool is_number(struct slice text, uint64_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        *ret = *ret * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    return text.len > 0;
}

static enum judged ordered(enum script_comparison how, struct slice left, struct slice right)
{
    uint64_t a, b;
    left = slice_trim(left);
    right = slice_trim(right);
    if (!is_number(left, &a) || !is_number(right, &b))
        return JUDGED_NO;
    return left.len > 18 || right.len > 18 ? JUDGED_UNKNOWN
           : how == SCRIPT_LESS_EQUAL      ? yes(a < b || a == b)
           : how == SCRIPT_GREATER_EQUAL   ? yes(b < a || a == b)
           : how == SCRIPT_LESS            ? yes(a < b)
                                           : yes(b < a);
}

enum judged judged_compare(const struct script_compare *compare, struct slice left,
                           struct slice right)
{
    enum judged match;
    switch (compare->how) {
    case SCRIPT_EQUAL:
    case SCRIPT_NOT_EQUAL:
        return yes(slice_equal(left, right) == (compare->how == SCRIPT_EQUAL));
    case SCRIPT_MATCHES:
        return matches(compare->pattern, left);
    case SCRIPT_MATCHES_NOT:
        match = matches(compare->pattern, left);
        return match == JUDGED_UNKNOWN ? match : yes(match == JUDGED_NO);
    default:
        return ordered(compare->how, left, right);
    }
}

static bool holds(struct script_outcomes set, enum script_outcome_kind kind)
{
    for (size_t i = 0; i < set.count; i++)
        if (set.items[i].kind == kind && !set.items[i].negated)
            return true;
    return false;
}

static bool holds_other(struct script_outcomes set)
{
    return holds(set, SCRIPT_OUTCOME_EOF) || holds(set, SCRIPT_OUTCOME_QUIET) ||
           holds(set, SCRIPT_OUTCOME_ALERT);
}

enum judged judged_assertion(const struct script_assert *assertion,
                             const struct judged_reply *reply)
{
    enum judged answer = JUDGED_YES;
    struct slice rest = reply->raw;
    if (reply->hidden)
        return JUDGED_UNKNOWN;
    if (assertion->kind == SCRIPT_ASSERT_CODE && !reply->came) /* which it was is not told */
        return holds_other(assertion->pass) ? JUDGED_UNKNOWN : JUDGED_NO;
    if (assertion->kind == SCRIPT_ASSERT_CODE)
        return yes(exactness(assertion->pass, reply->code, 3) >= 0);
    if (rest.len == 0)
        return JUDGED_NO;
    if (judged_is_masked(rest))
        return JUDGED_UNKNOWN;
    if (assertion->kind == SCRIPT_ASSERT_RAW)
        return matches(assertion->pattern, rest);
    if (assertion->kind == SCRIPT_ASSERT_SOME_LINE)
        return some_line(assertion->pattern, rest);
    struct line line = {.index = 0};
    for (; take_line(&rest, &line); line.index++) {
        enum judged one = line_holds(assertion, &line, reply);
        if (one == JUDGED_UNKNOWN)
            return one;
        answer = one == JUDGED_NO ? one : answer;
    }
    return answer;
}

/* ---- verdicts ---- */

/* What a code comes to that does not pass: which set names it with more digits. */
static enum script_weight weight_of(struct script_outcomes warn, struct script_outcomes unclear,
                                    unsigned code, size_t digits)
{
    int warns = exactness(warn, code, 3), unclears = exactness(unclear, code, 3);
    if (warns < 0 && unclears < 0) {
        warns = exactness(warn, code, digits);
        unclears = warns < 0 ? exactness(unclear, code, digits) : -1;
    }
    return unclears > warns ? SCRIPT_WEIGHT_UNCLEAR
           : warns >= 0     ? SCRIPT_WEIGHT_WARN
                            : SCRIPT_WEIGHT_FAIL;
}

static enum engine_verdict verdict_of(const struct script_test *test, enum script_weight weight)
{
    bool must = test->level == SCRIPT_LEVEL_MUST || test->level == SCRIPT_LEVEL_SECURITY;
    return weight == SCRIPT_WEIGHT_UNCLEAR         ? ENGINE_SKIP
           : weight == SCRIPT_WEIGHT_WARN || !must ? ENGINE_WARN
                                                   : ENGINE_FAIL;
}

enum engine_verdict judged_verdict(const struct script_test *test, const struct script_step *step,
                                   const struct judged_reply *reply, bool code)
{
    bool line = step->kind == SCRIPT_EXPECT;
    enum script_weight weight = step->weight;
    if (code && line)
        weight =
            weight_of(step->as.expect.warn, step->as.expect.unclear, reply->code, digits_of(reply));
    else if (code && weight != SCRIPT_WEIGHT_UNCLEAR && weight != SCRIPT_WEIGHT_WARN)
        weight = weight_of(step->as.assertion.warn, step->as.assertion.unclear, reply->code, 3);
    bool decides = !line || !test->has_decisive || step->as.expect.decisive;
    return verdict_of(test, decides ? weight : SCRIPT_WEIGHT_UNCLEAR);
}

/* The code of the reply with which octets begin; 0 where it is none, or not whole. */
static unsigned code_of(struct slice octets)
{
    struct slice rest = octets;
    unsigned code = 0;
    for (size_t i = 0; i < 3; i++) {
        if (i >= rest.len || rest.ptr[i] < '0' || rest.ptr[i] > '9')
            return 0;
        code = code * 10 + rest.ptr[i] - '0';
    }
    for (struct line line; take_line(&rest, &line);) {
        line.last = line.whole.len == 3 || (line.whole.len > 3 && line.whole.ptr[3] == ' ');
        if (!is_well_formed(&line, code))
            return 0;
        if (line.last)
            return code;
    }
    return 0;
}

enum engine_verdict judged_quiet(const struct script_test *test, const struct script_step *step,
                                 struct slice octets)
{
    struct script_outcomes warn = step->as.wait.warn, unclear = step->as.wait.unclear;
    enum script_weight weight = step->weight;
    if (weight == SCRIPT_WEIGHT_UNCLEAR || weight == SCRIPT_WEIGHT_WARN)
        return verdict_of(test, weight);
    unsigned code = code_of(octets);
    if (octets.len == 0) /* the peer closed, which is told where the line says what that is */
        weight = holds(warn, SCRIPT_OUTCOME_EOF) ? SCRIPT_WEIGHT_WARN : SCRIPT_WEIGHT_UNCLEAR;
    else
        weight = code == 0 ? SCRIPT_WEIGHT_FAIL : weight_of(warn, unclear, code, 3);
    return verdict_of(test, weight);
}
