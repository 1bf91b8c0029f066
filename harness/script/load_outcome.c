#include "base/octet.h"
#include "script/loader.h"
#include "smtp/enhanced.h"

/* ---- codes
 * ------------------------------------------------------------------------------------------ */

static bool is_wildcard(uint8_t octet)
{
    uint8_t upper = slice_upper(octet);
    return upper == 'X' || upper == 'Y' || upper == 'Z';
}

/* Three digits, or x, y, z for any; the first is 2 to 5 (RFC 5321 4.2). */
static bool read_code(struct slice text, struct script_outcome *ret_outcome)
{
    if (text.len != 3)
        return false;
    for (size_t i = 0; i < 3; i++) {
        if (!octet_is(text.ptr[i], OCTET_DIGIT) && !is_wildcard(text.ptr[i]))
            return false;
        ret_outcome->digit[i] =
            is_wildcard(text.ptr[i]) ? SCRIPT_ANY_DIGIT : (uint8_t)(text.ptr[i] - '0');
    }
    ret_outcome->kind = SCRIPT_OUTCOME_CODE;
    return ret_outcome->digit[0] == SCRIPT_ANY_DIGIT ||
           (ret_outcome->digit[0] >= 2 && ret_outcome->digit[0] <= 5);
}

static bool read_outcome(struct loader *l, struct slice text, struct script_outcome *ret_outcome)
{
    *ret_outcome = (struct script_outcome){.kind = SCRIPT_OUTCOME_ANY};
    if (slice_equal(text, SLICE("*")))
        return true;
    if (slice_equal_nocase(text, SLICE("<EOF>"))) {
        ret_outcome->kind = SCRIPT_OUTCOME_EOF;
        return true;
    }
    if (read_code(text, ret_outcome))
        return true;
    loader_error(l, text,
                 "not a reply code: three digits, the first 2 to 5, x for any; or * or <EOF>");
    return false;
}

bool loader_outcomes(struct loader *l, struct slice text, struct script_outcomes *ret_set)
{
    struct script_array items = {.arena = l->arena};
    bool negated = text.len > 0 && text.ptr[0] == '!';
    struct slice rest = slice_from(text, negated);
    for (bool more = true; more;) {
        size_t slash = slice_find(rest, '/');
        struct script_outcome outcome;
        if (items.count == LOADER_MAX_OUTCOMES) {
            loader_error(l, rest, "too many alternatives");
            return false;
        }
        if (!read_outcome(l, slash == 0 && rest.len == 0 ? text : slice_sub(rest, 0, slash),
                          &outcome))
            return false;
        outcome.negated = negated;
        *(struct script_outcome *)script_array_push(&items, sizeof outcome) = outcome;
        more = slash < rest.len;
        rest = slice_from(rest, more ? slash + 1 : slash);
    }
    *ret_set = (struct script_outcomes){items.items, items.count};
    return true;
}

/* ---- verdicts: " | warn 250 | unclear 421/4xx"
 * ------------------------------------------------------ */

static const struct slice verdict_words[] = {
    SLICE_INIT("pass"),
    SLICE_INIT("warn"),
    SLICE_INIT("unclear"),
};

/* Offset of the last " | " of text that a verdict word follows; text.len where there is none. */
static size_t last_verdict(struct slice text)
{
    for (size_t i = text.len; i-- > 0;) {
        if (text.ptr[i] != '|' || i == 0 || (text.ptr[i - 1] != ' ' && text.ptr[i - 1] != '\t'))
            continue;
        struct slice rest = slice_from(text, i + 1);
        struct slice word = loader_word(&rest);
        struct slice set = loader_word(&rest);
        bool known = loader_word_index(word, verdict_words, 3) < 3;
        bool alone = slice_find(set, '|') == set.len && slice_trim(rest).len == 0;
        return known && alone ? i : text.len;
    }
    return text.len;
}

static void add_verdict(struct loader *l, struct slice text, struct script_expectation *reply)
{
    struct script_outcomes *const sets[] = {&reply->pass, &reply->warn, &reply->unclear};
    struct slice rest = text;
    struct slice word = loader_word(&rest), set = loader_word(&rest);
    struct script_outcomes *which = sets[loader_word_index(word, verdict_words, 3)];
    reply->decisive = true;
    if (set.len == 0)
        loader_error(l, word, "a verdict needs its codes: | warn 250");
    else if (which->count > 0)
        loader_error(l, word, "the same verdict twice");
    else
        loader_outcomes(l, set, which);
}

void loader_verdicts(struct loader *l, struct slice *text, struct script_expectation *reply)
{
    for (size_t at; (at = last_verdict(*text)) < text->len;) {
        add_verdict(l, slice_from(*text, at + 1), reply);
        *text = slice_sub(*text, 0, at);
        while (text->len > 0 &&
               (text->ptr[text->len - 1] == ' ' || text->ptr[text->len - 1] == '\t'))
            text->len--;
    }
}

/* ---- enhanced codes
 * ---------------------------------------------------------------------------------- */

/* One part: 1 to 3 digits, or x. Returns the octets read, 0 where it is neither. */
static size_t read_part(struct slice text, int16_t *ret_part)
{
    size_t n = 0;
    if (text.len > 0 && slice_upper(text.ptr[0]) == 'X') {
        *ret_part = -1;
        return 1;
    }
    *ret_part = 0;
    for (; n < text.len && n < 3 && octet_is(text.ptr[n], OCTET_DIGIT); n++)
        *ret_part = (int16_t)(*ret_part * 10 + (text.ptr[n] - '0'));
    return n;
}

void loader_enhanced(struct loader *l, struct slice text, struct script_expectation *reply)
{
    struct slice rest = text;
    struct slice word = loader_word(&rest);
    struct script_enhanced enhanced = {.written = true};
    size_t at = 0;
    for (size_t i = 0; i < 3; i++) {
        size_t n = read_part(slice_from(word, at), &enhanced.part[i]);
        at += n;
        bool dot = at < word.len && word.ptr[at] == '.';
        if (n == 0 || (i < 2 && !dot))
            return;
        at += i < 2;
    }
    int16_t class = enhanced.part[0];
    if (at < word.len || (class != 2 && class != 4 && class != 5 && class != -1))
        return;
    reply->enhanced = enhanced;
    const struct script_outcomes *set = &reply->pass;
    if (class > 0 && set->count == 1 && set->items[0].kind == SCRIPT_OUTCOME_CODE &&
        !set->items[0].negated && set->items[0].digit[0] != SCRIPT_ANY_DIGIT &&
        set->items[0].digit[0] != class)
        loader_warning(l, word, "this class is not the code's (RFC 2034 4)");
}
