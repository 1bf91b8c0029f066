/*
 * What a reply may be.
 *
 *   outcomes = [ "!" ] outcome *( "/" outcome )
 *   outcome  = code / "*" / "<EOF>" / "<quiet>" / "<alert>"
 *   code     = ( %x32-35 / any ) 2( DIGIT / any )                      ; RFC 5321 4.2
 *   any      = "x" / "y" / "z"                                         ; in any case
 *   enhanced = ( "2" / "4" / "5" / any ) 2( "." ( 1*3DIGIT / any ) )   ; RFC 3463 2
 *   verdict  = "|" ( "pass" / "warn" / "unclear" ) outcomes            ; blanks between them
 *   weight   = "|" ( "fail" / "warn" / "unclear" )                     ; of an assertion
 */
#include "base/octet.h"
#include "script/loader.h"

static bool is_any(uint8_t octet)
{
    octet = slice_upper(octet);
    return octet == 'X' || octet == 'Y' || octet == 'Z';
}

/* ---- outcomes ---- */

static bool code_of(struct slice text, struct script_outcome *ret_outcome)
{
    struct script_outcome outcome = {.kind = SCRIPT_OUTCOME_CODE};
    if (text.len != 3)
        return false;
    for (size_t i = 0; i < 3; i++) {
        bool digit = octet_is(text.ptr[i], OCTET_DIGIT);
        if (!digit && !is_any(text.ptr[i]))
            return false;
        outcome.digit[i] = digit ? (uint8_t)(text.ptr[i] - '0') : SCRIPT_ANY_DIGIT;
    }
    if (outcome.digit[0] != SCRIPT_ANY_DIGIT && (outcome.digit[0] < 2 || outcome.digit[0] > 5))
        return false;
    *ret_outcome = outcome;
    return true;
}

static bool outcome_of(struct slice text, struct script_outcome *ret_outcome)
{
    if (slice_equal(text, SLICE("*")))
        *ret_outcome = (struct script_outcome){.kind = SCRIPT_OUTCOME_ANY};
    else if (slice_equal_nocase(text, SLICE("<EOF>")))
        *ret_outcome = (struct script_outcome){.kind = SCRIPT_OUTCOME_EOF};
    else if (slice_equal_nocase(text, SLICE("<quiet>")))
        *ret_outcome = (struct script_outcome){.kind = SCRIPT_OUTCOME_QUIET};
    else if (slice_equal_nocase(text, SLICE("<alert>")))
        *ret_outcome = (struct script_outcome){.kind = SCRIPT_OUTCOME_ALERT};
    else
        return code_of(text, ret_outcome);
    return true;
}

static bool holds(struct script_outcomes set, const struct script_outcome *outcome)
{
    for (size_t i = 0; i < set.count; i++)
        if (set.items[i].kind == outcome->kind && set.items[i].negated == outcome->negated &&
            memcmp(set.items[i].digit, outcome->digit, sizeof outcome->digit) == 0)
            return true;
    return false;
}

/* Why `outcome` cannot be one more of the set; NULL where it can. */
static const char *objection(struct script_outcomes set, const struct script_outcome *outcome)
{
    if (outcome->negated && outcome->kind == SCRIPT_OUTCOME_ANY)
        return "no reply would match";
    if (set.count == LOADER_MAX_OUTCOMES)
        return "too many outcomes: 64 at most";
    return holds(set, outcome) ? "an outcome stands twice" : NULL;
}

static void no_outcome(struct loader *l, struct slice text, struct slice word)
{
    static const struct slice bare[] = {SLICE_INIT("EOF"), SLICE_INIT("quiet"),
                                        SLICE_INIT("alert")};
    static const struct slice meant[] = {SLICE_INIT("<EOF>"), SLICE_INIT("<quiet>"),
                                         SLICE_INIT("<alert>")};
    struct script_buffer list = {.arena = l->arena};
    size_t index = loader_word_index(word, bare, 3), separators = 0;
    for (size_t i = 0; i < text.len && index == 3 && text.len < 64; i++) {
        bool separator = text.ptr[i] == ',' || text.ptr[i] == '|';
        bool last = i + 1 == text.len;
        separators += separator;
        if (!separator || !last)
            script_buffer_put_octet(&list, separator ? '/' : text.ptr[i]);
    }
    loader_error_hint(l, word, "no reply code: 200 to 599, x for any digit, * or <EOF>", "",
                      index < 3        ? meant[index]
                      : separators > 0 ? script_buffer_slice(&list)
                                       : SLICE(""),
                      "");
}

bool loader_outcomes(struct loader *l, struct slice text, struct script_outcomes *ret_set)
{
    struct script_outcome items[LOADER_MAX_OUTCOMES + 1];
    struct script_outcomes set = {items, 0};
    bool negated = slice_starts(text, SLICE("!"));
    struct slice rest = slice_from(text, negated);
    l->topic = "codes";
    for (bool more = true; more; rest = slice_from(rest, more)) {
        struct slice word = slice_sub(rest, 0, slice_find(rest, '/'));
        struct script_outcome *item = &items[set.count];
        if (!outcome_of(word, item)) {
            no_outcome(l, text, word);
            return false;
        }
        item->negated = negated;
        const char *wrong = objection(set, item);
        if (wrong != NULL) {
            loader_error(l, word, wrong);
            return false;
        }
        set.count++;
        rest = slice_from(rest, word.len);
        more = rest.len > 0;
    }
    struct script_outcome *kept = script_arena_alloc(l->arena, set.count * sizeof *kept);
    memcpy(kept, items, set.count * sizeof *kept);
    *ret_set = (struct script_outcomes){kept, set.count};
    return true;
}

/* ---- enhanced codes ---- */

#define NO_PART (-2)

/* 1*3DIGIT without leading zeros, or -1 for "x". */
static int16_t part_of(struct slice text)
{
    if (text.len == 1 && is_any(text.ptr[0]))
        return -1;
    if (text.len < 1 || text.len > 3 || (text.len > 1 && text.ptr[0] == '0'))
        return NO_PART;
    int value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!octet_is(text.ptr[i], OCTET_DIGIT))
            return NO_PART;
        value = value * 10 + text.ptr[i] - '0';
    }
    return (int16_t)value;
}

static bool enhanced_of(struct slice word, struct script_enhanced *ret_code)
{
    struct script_enhanced code = {.written = true};
    for (size_t i = 0; i < 3; i++) {
        bool last = i == 2;
        struct slice part = last ? word : slice_sub(word, 0, slice_find(word, '.'));
        code.part[i] = part_of(part);
        if (code.part[i] == NO_PART || (!last && part.len == word.len))
            return false;
        word = slice_from(word, part.len + !last);
    }
    int class = code.part[0];
    if (class != -1 && class != 2 && class != 4 && class != 5)
        return false;
    *ret_code = code;
    return true;
}

/* RFC 2034 4: its class is the first digit of the reply code. */
static bool contradicts(struct script_enhanced code, struct script_outcomes pass)
{
    for (size_t i = 0; i < pass.count; i++) {
        const struct script_outcome *item = &pass.items[i];
        bool any = item->kind != SCRIPT_OUTCOME_CODE || item->digit[0] == SCRIPT_ANY_DIGIT;
        if (any || item->negated || item->digit[0] == code.part[0])
            return false;
    }
    return code.part[0] != -1;
}

void loader_enhanced(struct loader *l, struct slice text, struct script_expectation *reply)
{
    struct slice word = slice_sub(text, 0, slice_find(text, ' '));
    struct script_enhanced code;
    if (!enhanced_of(word, &code))
        return;
    if (contradicts(code, reply->pass))
        loader_warning(l, word, "its class contradicts the reply code (RFC 2034 4)");
    if (!reply->enhanced.written)
        reply->enhanced = code;
}

/* ---- verdicts ---- */

enum { PASS, WARN, UNCLEAR, WORDS };

static const struct slice words[WORDS] = {SLICE_INIT("pass"), SLICE_INIT("warn"),
                                          SLICE_INIT("unclear")};

/* Offset of the last "|" that stands alone between blanks or the ends of `text`, or its length. */
static size_t last_bar(struct slice text)
{
    for (size_t i = text.len; i > 0; i--) {
        bool left = i == 1 || octet_is(text.ptr[i - 2], OCTET_WSP);
        bool right = i == text.len || octet_is(text.ptr[i], OCTET_WSP);
        if (text.ptr[i - 1] == '|' && left && right)
            return i - 1;
    }
    return text.len;
}

/* Whether a person who wrote that meant outcomes, and not the words of a reply. */
static bool seems_outcomes(struct slice text)
{
    static const struct slice octets = SLICE_INIT("0123456789xyzXYZ!*/<>EOFeof");
    bool named = false; /* inside "<...>" */
    for (size_t i = 0; i < text.len; i++) {
        named = text.ptr[i] == '<' || (named && text.ptr[i] != '>');
        if (slice_find(octets, text.ptr[i]) == octets.len &&
            !(named && octet_is(text.ptr[i], OCTET_ALPHA)))
            return false;
    }
    return text.len > 0;
}

static struct slice without_blanks_after(struct slice text)
{
    while (text.len > 0 && octet_is(text.ptr[text.len - 1], OCTET_WSP))
        text.len--;
    return text;
}

static const struct slice weights[] = {SLICE_INIT("fail"), SLICE_INIT("warn"),
                                       SLICE_INIT("unclear")};

bool loader_has_weight(struct slice text)
{
    size_t bar = last_bar(text);
    struct slice after = slice_trim(slice_from(text, bar < text.len ? bar + 1 : bar));
    return loader_word_index(after, weights, 3) < 3;
}

enum script_weight loader_weight(struct loader *l, struct slice *text)
{
    size_t bar = last_bar(*text);
    struct slice after = slice_from(*text, bar < text->len ? bar + 1 : bar);
    size_t index = loader_word_index(slice_trim(after), weights, 3);
    if (bar == text->len)
        return SCRIPT_WEIGHT_PLAIN;
    if (index == 3) {
        struct slice word = loader_word(&after);
        loader_error_hint(l, word.len > 0 ? word : slice_sub(*text, bar, bar + 1),
                          "no verdict: fail, warn or unclear", "",
                          loader_closest(word, weights, 3, sizeof *weights), "");
    }
    *text = without_blanks_after(slice_sub(*text, 0, bar));
    return index == 3 ? SCRIPT_WEIGHT_PLAIN : (enum script_weight)(SCRIPT_WEIGHT_FAIL + index);
}

/* "S: 501 | pass 503" is "S: 501/503". */
static void add_verdict(struct loader *l, size_t word, struct slice at,
                        struct script_expectation *reply)
{
    struct script_outcomes *sets[WORDS] = {&reply->pass, &reply->warn, &reply->unclear};
    struct script_outcomes *set = sets[word], more;
    reply->decisive = true;
    if (!loader_outcomes(l, at, &more))
        return;
    size_t count = set->count + more.count;
    bool twice = false;
    for (size_t i = 0; i < more.count * WORDS; i++)
        twice = twice || holds(*sets[i % WORDS], &more.items[i / WORDS]);
    bool negated = set->count > 0 && (set->items[0].negated || more.items[0].negated);
    if (twice || negated || count > LOADER_MAX_OUTCOMES) {
        loader_error(l, at,
                     twice     ? "an outcome stands twice"
                     : negated ? "a set with ! takes no further outcomes"
                               : "too many outcomes: 64 at most");
        return;
    }
    struct script_outcome *items = script_arena_alloc(l->arena, count * sizeof *items);
    if (set->count > 0)
        memcpy(items, set->items, set->count * sizeof *items);
    memcpy(items + set->count, more.items, more.count * sizeof *items);
    *set = (struct script_outcomes){items, count};
}

/* What stands around the last bar; false where there is none. */
static bool split(struct slice text, struct slice *ret_before, struct slice *ret_word,
                  struct slice *ret_outcomes)
{
    size_t bar = last_bar(text);
    if (bar == text.len)
        return false;
    struct slice after = slice_from(text, bar + 1);
    *ret_before = without_blanks_after(slice_sub(text, 0, bar));
    *ret_word = loader_word(&after);
    *ret_outcomes = slice_trim(after);
    return true;
}

bool loader_verdict_split(struct slice text, struct slice *ret_before, struct slice *ret_word,
                          struct slice *ret_outcomes)
{
    struct slice before, word, outcomes;
    if (!split(text, &before, &word, &outcomes) || loader_word_index(word, words, WORDS) == WORDS ||
        !seems_outcomes(outcomes))
        return false;
    *ret_before = before;
    *ret_word = word;
    *ret_outcomes = outcomes;
    return true;
}

void loader_verdicts(struct loader *l, struct slice *text, struct script_expectation *reply)
{
    for (struct slice before, word, outcomes; split(*text, &before, &word, &outcomes);) {
        struct slice at = slice_from(*text, last_bar(*text) + 1);
        size_t index = loader_word_index(word, words, WORDS);
        struct script_enhanced code;
        at.len = 0;
        l->topic = "verdicts";
        if (index < WORDS && seems_outcomes(outcomes))
            add_verdict(l, index, outcomes, reply);
        else if (before.len > 0 && !enhanced_of(slice_trim(before), &code))
            return; /* a bar in the text of the reply */
        else if (index < WORDS)
            loader_error(l, word, "its codes follow a verdict: | warn 250/251");
        else
            loader_error_hint(l, word.len > 0 ? word : at, "no verdict: pass, warn or unclear", "",
                              loader_closest(word, words, WORDS, sizeof *words), "");
        *text = before;
    }
}
