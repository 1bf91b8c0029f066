/*
 * pattern: Perl-compatible regular expressions over what a peer sent. Private to harness/engine.
 */
#ifndef MAILDRILL_ENGINE_PATTERN_H
#define MAILDRILL_ENGINE_PATTERN_H

#include "base/slice.h"

/** Whether `pattern` (a pcre2_code) matches in `text`; then its first group, or all of the match.
 * `ret_group` may be NULL. Sets *ran_away where that takes too many steps to know: the answer is
 * neither. */
bool pattern_search(void *pattern, struct slice text, struct slice *ret_group, bool *ran_away);

/** Whether it matches in a line of a reply. */
bool pattern_search_lines(void *pattern, struct slice reply, struct slice *ret_group,
                          bool *ran_away);

#endif
