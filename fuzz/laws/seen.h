/*
 * seen: the reports for people: a line for each result, the sums, and colours, which change nothing
 * else.
 */
#ifndef MAILDRILL_FUZZ_LAWS_SEEN_H
#define MAILDRILL_FUZZ_LAWS_SEEN_H

#include "laws/told.h"

void seen_check_pretty(struct slice text, const struct all_told *all);
void seen_check_matrix(struct slice text, const struct all_told *all);
void seen_check_sections(struct slice text, const struct all_told *all);
void seen_check_page(struct slice page, const struct all_told *all);

/** The same report without colours and with them. */
void seen_check_colors(struct slice plain, struct slice colored);

#endif
