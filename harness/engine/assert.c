#include "engine/assert.h"

#include "base/octet.h"
#include "engine/judge.h"
#include "engine/need.h"
#include "engine/pattern.h"
#include "engine/text.h"
#include "smtp/ehlo.h"
#include "smtp/quirk.h"

/* ---- the lines of a reply ---- */

static bool is_ascii(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((text.ptr[i] < 32 && text.ptr[i] != '\t') || text.ptr[i] > 126)
            return false;
    return true;
}

/* CRLF at the end, and neither octet of it before. */
static bool ends_well(struct slice raw)
{
    size_t lf = slice_find(raw, '\n');
    return lf > 0 && lf + 1 == raw.len && slice_find(raw, '\r') == lf - 1;
}

/* RFC 2034 4: the codes are of 2yz, 4yz and 5yz replies. */
static bool may_be_enhanced(unsigned code)
{
    return code / 100 == 2 || code / 100 == 4 || code / 100 == 5;
}

struct line_view {
    struct smtp_reply_line line;
    size_t index;
    bool last;
    unsigned code;
    bool has_first; /* the first line begins with an enhanced code */
    struct smtp_enhanced first;
    bool *ran_away; /* see pattern.h */
};

static bool enhanced_holds(enum script_assert_kind kind, const struct line_view *view)
{
    struct smtp_enhanced code;
    bool has = smtp_enhanced_parse(view->line.text, &code) > 0;
    switch (kind) {
    case SCRIPT_ASSERT_ENHANCED:
        return has || !may_be_enhanced(view->code);
    case SCRIPT_ASSERT_NO_ENHANCED:
        return !has;
    case SCRIPT_ASSERT_SAME_ENHANCED:
        return has == view->has_first && (!has || smtp_enhanced_equal(code, view->first));
    case SCRIPT_ASSERT_ENHANCED_CLASS:
        return !has || code.status_class == view->code / 100;
    case SCRIPT_ASSERT_REGISTERED:
        return !has || smtp_enhanced_find(code) != NULL;
    default:
        return true;
    }
}

/* Whether one line is as the assertion says; of those about one line, whether it is not that. */
static bool line_holds(const struct script_assert *assertion, const struct line_view *view)
{
    struct slice text = view->line.line;
    switch (assertion->kind) {
    case SCRIPT_ASSERT_EVERY_LINE:
        return pattern_search(assertion->pattern, text, NULL, view->ran_away);
    case SCRIPT_ASSERT_NO_LINE:
        return !pattern_search(assertion->pattern, text, NULL, view->ran_away);
    case SCRIPT_ASSERT_FIRST_LINE:
        return view->index > 0 || pattern_search(assertion->pattern, text, NULL, view->ran_away);
    case SCRIPT_ASSERT_LAST_LINE:
        return !view->last || pattern_search(assertion->pattern, text, NULL, view->ran_away);
    case SCRIPT_ASSERT_OTHER_LINES:
        return view->index == 0 || pattern_search(assertion->pattern, text, NULL, view->ran_away);
    case SCRIPT_ASSERT_CRLF:
        return ends_well(view->line.raw);
    case SCRIPT_ASSERT_ASCII:
        return is_ascii(text);
    case SCRIPT_ASSERT_LENGTH:
        return view->line.raw.len <= assertion->max_octets;
    default:
        return enhanced_holds(assertion->kind, view);
    }
}

/* Looks at each line; the first that is not as it should be. */
static bool lines_hold(const struct script_assert *assertion, struct slice reply, unsigned code,
                       struct slice *ret_line, bool *ran_away)
{
    struct slice rest = reply;
    struct line_view view = {.code = code, .ran_away = ran_away};
    for (; smtp_reply_line_next(&rest, &view.line); view.index++) {
        view.last = rest.len == 0;
        if (view.index == 0)
            view.has_first = smtp_enhanced_parse(view.line.text, &view.first) > 0;
        if (!line_holds(assertion, &view)) {
            *ret_line = view.line.raw;
            return false;
        }
    }
    return true;
}

/* Whether a reply is as the assertion says; else what of it is not. */
static bool reply_holds(const struct script_assert *assertion, struct slice reply, unsigned code,
                        struct slice *ret_line, bool *ran_away)
{
    *ret_line = reply;
    switch (assertion->kind) {
    case SCRIPT_ASSERT_CODE:
        return script_outcomes_match(assertion->pass, code);
    case SCRIPT_ASSERT_SOME_LINE:
        return pattern_search_lines(assertion->pattern, reply, NULL, ran_away);
    case SCRIPT_ASSERT_RAW:
        return pattern_search(assertion->pattern, reply, NULL, ran_away);
    case SCRIPT_ASSERT_WELL_FORMED: /* or it had not been taken */
        return true;
    default:
        return lines_hold(assertion, reply, code, ret_line, ran_away);
    }
}

/* ---- %replies ---- */

void assert_watch(struct engine *e)
{
    for (size_t i = 0; i < e->test->step_count; i++) {
        const struct script_step *step = &e->test->steps[i];
        if (step->kind == SCRIPT_ASSERT && step->as.assertion.of == SCRIPT_ASSERT_REPLIES &&
            e->watch_count < SCRIPT_MAX_REPLIES) {
            e->watches[e->watch_count].failed = e->watches[e->watch_count].ran_away = false;
            e->watches[e->watch_count++].step = i;
        }
    }
}

void assert_reply_came(struct engine *e, const struct smtp_reply *reply)
{
    for (size_t i = 0; i < e->watch_count; i++) {
        struct slice line;
        bool *ran_away = &e->watches[i].ran_away;
        if (e->watches[i].failed || *ran_away || e->watches[i].step < e->step ||
            reply_holds(&e->test->steps[e->watches[i].step].as.assertion, reply->raw, reply->code,
                        &line, ran_away) ||
            *ran_away)
            continue;
        size_t kept = line.len < sizeof e->watches[i].line ? line.len : sizeof e->watches[i].line;
        memcpy(e->watches[i].line, line.ptr, kept);
        e->watches[i].line_len = kept;
        e->watches[i].failed = true;
    }
}

size_t assert_of_form(const struct engine *e)
{
    for (size_t i = e->step + 1; i < e->test->step_count; i++) {
        const struct script_step *step = &e->test->steps[i];
        if (step->kind == SCRIPT_EXPECT)
            break;
        if (step->kind == SCRIPT_ASSERT && step->as.assertion.of == SCRIPT_ASSERT_REPLY &&
            step->as.assertion.kind != SCRIPT_ASSERT_CODE)
            return i;
    }
    for (size_t i = 0; i < e->watch_count; i++) {
        const struct script_step *step = &e->test->steps[e->watches[i].step];
        if (e->watches[i].step >= e->step && step->as.assertion.kind != SCRIPT_ASSERT_CODE)
            return e->watches[i].step;
    }
    return e->step;
}

/* ---- comparisons ---- */

#define COMPARED_OCTETS 4096

static bool numbers_hold(enum script_comparison how, struct slice left, struct slice right)
{
    uint64_t a, b;
    if (!engine_number_of(left, &a) || !engine_number_of(right, &b))
        return false;
    return how == SCRIPT_LESS         ? a < b
           : how == SCRIPT_LESS_EQUAL ? a <= b
           : how == SCRIPT_GREATER    ? a > b
                                      : a >= b;
}

static bool compare_texts(struct engine *e, const struct script_compare *compare,
                          struct text_window *left)
{
    uint8_t octets[COMPARED_OCTETS];
    struct text_window right = {.ptr = octets, .room = sizeof octets};
    if (!engine_text_put(e, compare->left, left) || !engine_text_put(e, compare->right, &right) ||
        left->total > left->len || right.total > right.len)
        return false;
    struct slice a = slice_of(left->ptr, left->len), b = slice_of(octets, right.len);
    switch (compare->how) {
    case SCRIPT_EQUAL:
        return slice_equal(a, b);
    case SCRIPT_NOT_EQUAL:
        return !slice_equal(a, b);
    case SCRIPT_MATCHES:
        return pattern_search(compare->pattern, a, NULL, &e->ran_away);
    case SCRIPT_MATCHES_NOT:
        return !pattern_search(compare->pattern, a, NULL, &e->ran_away);
    default:
        return numbers_hold(compare->how, a, b);
    }
}

bool assert_compare(struct engine *e, const struct script_compare *compare)
{
    uint8_t octets[COMPARED_OCTETS];
    struct text_window left = {.ptr = octets, .room = sizeof octets};
    return compare_texts(e, compare, &left);
}

/* ---- steps ---- */

static void differs(struct engine *e, enum judge_outcome outcome, enum engine_fault fault,
                    struct slice text)
{
    judge_differed(e, outcome, 0, (struct engine_event){.fault = fault, .text = text});
}

static void assert_text(struct engine *e, const struct script_compare *compare)
{
    uint8_t octets[COMPARED_OCTETS];
    struct text_window left = {.ptr = octets, .room = sizeof octets};
    struct slice name;
    if (engine_text_missing(e, compare->left, &name) ||
        engine_text_missing(e, compare->right, &name)) {
        need_value(e, name);
    } else if (compare_texts(e, compare, &left)) {
        judge_matched(e);
    } else {
        differs(e, JUDGE_FAIL, ENGINE_FAULT_ASSERT,
                left.len > 0 ? slice_of(octets, left.len) : SLICE("(empty)"));
    }
}

static void assert_code(struct engine *e, const struct script_assert *assertion)
{
    struct slice reply = slice_of(e->last_reply, e->last_reply_len);
    bool other = e->last_other != SCRIPT_OUTCOME_CODE, came = !other && e->last_code != 0;
    enum judge_outcome outcome =
        other ? judge_other(assertion->pass, assertion->warn, assertion->unclear, e->last_other)
        : came && script_outcomes_match(assertion->pass, e->last_code) ? JUDGE_PASS
        : came ? judge_code(assertion->warn, assertion->unclear, e->last_code)
               : JUDGE_FAIL; /* nothing to judge so far */
    if (outcome == JUDGE_PASS)
        judge_matched(e);
    else
        differs(e, outcome, ENGINE_FAULT_CODE, came ? reply : SLICE("(no reply)"));
}

static void assert_replies(struct engine *e)
{
    size_t i = 0;
    while (i < e->watch_count && e->watches[i].step != e->step)
        i++;
    e->ran_away = i < e->watch_count && e->watches[i].ran_away;
    if (i < e->watch_count && e->watches[i].failed)
        differs(e, JUDGE_FAIL, ENGINE_FAULT_ASSERT,
                slice_of(e->watches[i].line, e->watches[i].line_len));
    else
        judge_matched(e);
}

void assert_step(struct engine *e)
{
    const struct script_assert *assertion = &e->test->steps[e->step].as.assertion;
    struct slice reply = slice_of(e->last_reply, e->last_reply_len), line;
    if (assertion->of == SCRIPT_ASSERT_TEXT)
        assert_text(e, &assertion->compare);
    else if (assertion->of == SCRIPT_ASSERT_REPLIES)
        assert_replies(e);
    else if (assertion->kind == SCRIPT_ASSERT_CODE)
        assert_code(e, assertion);
    else if (reply_holds(assertion, reply, e->last_code, &line, &e->ran_away) && reply.len > 0)
        judge_matched(e);
    else
        differs(e, JUDGE_FAIL, ENGINE_FAULT_ASSERT, line);
}

/* ---- what EHLO announced ---- */

static bool is_private(struct slice keyword)
{
    return keyword.len > 0 && slice_upper(keyword.ptr[0]) == 'X'; /* RFC 5321 4.1.1.1 */
}

/* How often it is announced. */
static size_t count_of(const struct smtp_reply *reply, struct slice keyword)
{
    struct smtp_ehlo ehlo;
    struct smtp_ehlo_keyword other;
    size_t count = 0;
    smtp_ehlo_begin(reply, &ehlo);
    while (smtp_ehlo_next(&ehlo, &other))
        count += slice_equal_nocase(other.keyword, keyword) &&
                 (other.quirks & SMTP_QUIRK_AUTH_EQUALS) == 0; /* beside AUTH it is none */
    return count;
}

/* Finds a keyword that is not as a claim about all of them says. */
static bool find_odd(const struct engine *e, enum script_claim_kind kind, struct slice *ret_keyword)
{
    struct smtp_reply_parser parser = {.limits = {ENGINE_EHLO_OCTETS, ENGINE_EHLO_OCTETS}};
    struct smtp_reply reply;
    struct smtp_ehlo ehlo;
    struct smtp_ehlo_keyword keyword;
    struct slice kept = slice_of(e->ehlo, e->ehlo_len);
    if (kept.len == 0 || smtp_reply_parse(&parser, kept, &reply).status != PARSE_OK ||
        reply.lines > 256)
        return false;
    smtp_ehlo_begin(&reply, &ehlo);
    while (smtp_ehlo_next(&ehlo, &keyword)) {
        bool odd = kind == SCRIPT_CLAIM_UNIQUE ? count_of(&reply, keyword.keyword) > 1
                                               : keyword.extension == SMTP_EXTENSION_UNKNOWN &&
                                                     !is_private(keyword.keyword);
        if (!odd)
            continue;
        *ret_keyword = keyword.keyword;
        return true;
    }
    return false;
}

static bool claim_fails(const struct engine *e, const struct script_ehlo_claim *claim,
                        struct writer *out)
{
    struct slice odd;
    if (claim->kind != SCRIPT_CLAIM_KEYWORD) {
        if (!find_odd(e, claim->kind, &odd))
            return false;
        writer_put(out, claim->kind == SCRIPT_CLAIM_UNIQUE ? SLICE("announced twice: ")
                                                           : SLICE("not registered: "));
        writer_put(out, slice_sub(odd, 0, odd.len < 100 ? odd.len : 100));
        return true;
    }
    if (engine_claim_holds(e, claim))
        return false;
    writer_put(out, claim->present ? SLICE("not announced: ") : SLICE("announced: "));
    writer_put(out, claim->keyword);
    writer_put(out, claim->param.len > 0 ? SLICE(" ") : SLICE(""));
    writer_put(out, claim->param);
    if (claim->has_above) {
        writer_put(out, SLICE(" above "));
        writer_put_number(out, claim->above);
    }
    return true;
}

void assert_ehlo(struct engine *e)
{
    const struct script_step *step = &e->test->steps[e->step];
    for (size_t i = 0; i < step->as.ehlo.count; i++) {
        uint8_t text[256];
        struct writer w = writer_of(text, sizeof text);
        if (!claim_fails(e, &step->as.ehlo.items[i], &w))
            continue;
        differs(e, JUDGE_FAIL, ENGINE_FAULT_EHLO, writer_slice(&w));
        return;
    }
    judge_matched(e);
}
