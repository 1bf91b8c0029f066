#include "laws/announced.h"

/* ---- lines ---- */

/* What stands behind the code of the next line of a reply. */
static bool take_text(struct slice *rest, struct slice *ret_text)
{
    size_t len = slice_find(*rest, '\n');
    if (len == rest->len)
        return false;
    struct slice line = slice_sub(*rest, 0, len > 0 && rest->ptr[len - 1] == '\r' ? len - 1 : len);
    *ret_text = slice_from(line, line.len < 4 ? line.len : 4);
    *rest = slice_from(*rest, len + 1);
    return true;
}

static bool is_plain_keyword(struct slice text)
{
    static const struct slice octets =
        SLICE_INIT("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
                   "xyz0123456789- ");
    bool plain = text.len > 0 && text.ptr[text.len - 1] != ' ';
    for (size_t i = 0; plain && i < text.len; i++)
        plain = slice_find(octets, text.ptr[i]) < octets.len &&
                (text.ptr[i] != ' ' || (i > 0 && text.ptr[i - 1] != ' ')) &&
                (text.ptr[i] != '-' || i > 0);
    return plain;
}

static enum judged yes(bool holds)
{
    return holds ? JUDGED_YES : JUDGED_NO;
}

static struct slice take_word(struct slice *rest)
{
    struct slice word = slice_sub(*rest, 0, slice_find(*rest, ' '));
    *rest = slice_from(*rest, word.len + (word.len < rest->len));
    return word;
}

/* Whether the first parameter is a number above that of the claim. */
static enum judged is_above(const struct script_ehlo_claim *claim, struct slice params)
{
    uint64_t number = 0;
    struct slice first = take_word(&params);
    if (first.len > 18)
        return JUDGED_UNKNOWN;
    for (size_t i = 0; i < first.len; i++) {
        if (first.ptr[i] < '0' || first.ptr[i] > '9')
            return JUDGED_NO;
        number = number * 10 + (uint64_t)(first.ptr[i] - '0');
    }
    return yes(first.len > 0 && number > claim->above);
}

static enum judged keyword_holds(const struct script_ehlo_claim *claim, struct slice kept)
{
    enum judged there = JUDGED_NO;
    size_t found = 0;
    for (struct slice params; take_text(&kept, &params);) {
        struct slice keyword = take_word(&params);
        if (!slice_equal_nocase(keyword, claim->keyword))
            continue;
        there = claim->has_above ? is_above(claim, params) : JUDGED_YES;
        bool param = claim->param.len == 0;
        while (!param && params.len > 0)
            param = slice_equal_nocase(take_word(&params), claim->param);
        there = param ? there : JUDGED_NO;
        found++;
    }
    return there == JUDGED_UNKNOWN || found > 1 ? JUDGED_UNKNOWN
                                                : yes((there == JUDGED_YES) == claim->present);
}

static enum judged is_unique(struct slice kept)
{
    for (struct slice text; take_text(&kept, &text);) {
        struct slice rest = kept, keyword = take_word(&text);
        for (struct slice other; take_text(&rest, &other);)
            if (slice_equal_nocase(take_word(&other), keyword))
                return JUDGED_NO;
    }
    return JUDGED_YES;
}

/* Names that begin with X are private; some of the others are surely registered. */
static enum judged is_known(struct slice kept)
{
    static const struct slice registered[] = {SLICE_INIT("SIZE"), SLICE_INIT("AUTH"),
                                              SLICE_INIT("PIPELINING"), SLICE_INIT("STARTTLS")};
    for (struct slice text; take_text(&kept, &text);) {
        struct slice keyword = take_word(&text);
        bool known = (keyword.ptr[0] | 0x20) == 'x';
        for (size_t i = 0; i < sizeof registered / sizeof *registered; i++)
            known = known || slice_equal_nocase(keyword, registered[i]);
        if (!known)
            return JUDGED_UNKNOWN;
    }
    return JUDGED_YES;
}

enum judged announced_holds(const struct script_step *step, struct slice kept)
{
    struct slice text;
    enum judged all = JUDGED_YES;
    take_text(&kept, &text); /* the domain and a greeting */
    for (struct slice rest = kept; take_text(&rest, &text);)
        if (!is_plain_keyword(text))
            return JUDGED_UNKNOWN;
    for (size_t i = 0; i < step->as.ehlo.count && all == JUDGED_YES; i++) {
        const struct script_ehlo_claim *claim = &step->as.ehlo.items[i];
        all = claim->kind == SCRIPT_CLAIM_KEYWORD  ? keyword_holds(claim, kept)
              : claim->kind == SCRIPT_CLAIM_UNIQUE ? is_unique(kept)
                                                   : is_known(kept);
    }
    return all;
}
