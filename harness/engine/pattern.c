#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/pattern.h"

#include <pcre2.h>

#include "smtp/reply.h"

#define PATTERN_STEPS 100000u /* PCRE2's match limit: no pattern runs away with a reply */

bool pattern_search(void *pattern, struct slice text, struct slice *ret_group, bool *ran_away)
{
    pcre2_match_context *limits = pcre2_match_context_create_8(NULL);
    pcre2_match_data *match = pcre2_match_data_create_from_pattern_8(pattern, NULL);
    bool found = false, known = false;
    if (limits != NULL && match != NULL) {
        pcre2_set_match_limit_8(limits, PATTERN_STEPS);
        const uint8_t *ptr = text.ptr == NULL ? (const uint8_t *)"" : text.ptr;
        int groups = pcre2_match_8(pattern, ptr, text.len, 0, 0, match, limits);
        found = groups > 0;
        known = found || groups == PCRE2_ERROR_NOMATCH;
        if (found && ret_group != NULL) {
            const size_t *at = pcre2_get_ovector_pointer_8(match);
            size_t group = groups > 1 && at[2] != PCRE2_UNSET ? 2 : 0;
            *ret_group = slice_sub(text, at[group], at[group + 1]);
        }
    }
    *ran_away = *ran_away || !known;
    pcre2_match_data_free_8(match);
    pcre2_match_context_free_8(limits);
    return found;
}

bool pattern_search_lines(void *pattern, struct slice reply, struct slice *ret_group,
                          bool *ran_away)
{
    for (struct smtp_reply_line line; smtp_reply_line_next(&reply, &line);)
        if (pattern_search(pattern, line.line, ret_group, ran_away))
            return true;
    return false;
}
