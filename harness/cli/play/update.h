/*
 * update: --update. Rewrites expectations in the script files to what was received: the code, the
 * enhanced status code where one is written, and the text of a line whose code changed. Every other
 * octet of a file stays as it is, comments, indentation and line endings included.
 *
 * What a line cannot say is left alone, with a note: a pattern (S~:), a time-out, no SMTP reply.
 */
#ifndef MAILDRILL_CLI_UPDATE_H
#define MAILDRILL_CLI_UPDATE_H

#include "report/result.h"

struct update;

struct update *update_new(void);
/** Collects what a result's differences rewrite, in its script and in files that it uses. Whether
 * there are some and each was, so that the script says what was received; prints a line for each
 * that was not. The script must outlive the update. */
bool update_collect(struct update *update, const struct report_result *result);
/** Writes the files; prints a line for each. False, with the reason printed, where one could not be
 * written. */
bool update_write(const struct update *update);
/** NULL is allowed. */
void update_free(struct update *update);

#endif
