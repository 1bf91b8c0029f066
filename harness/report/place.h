/*
 * place: a line of a script, with a caret under what is meant.
 *
 *   auth.smtp:12:4: reply code differs
 *   12 | S: 235
 *      |    ^^^ got: 535 5.7.8 Authentication failed
 */
#ifndef MAILDRILL_REPORT_PLACE_H
#define MAILDRILL_REPORT_PLACE_H

#include "report/sink.h"
#include "script/script.h"

struct place {
    const struct script *script;
    size_t line;   /* from 1, as steps count them: script_place_of says in which file */
    size_t column; /* octets, from 1 */
    size_t width;  /* octets underlined, at least 1 */
};

/** "auth.smtp:12:4: " */
void place_head(struct sink s, struct place place);

/** The line, then carets under the place, left open for a remark on the same line. */
void place_caret(struct sink s, struct place place);

/** The margin of a further line of the block: "   = ", aligned with the line's. */
void place_margin(struct sink s, struct place place);

/** A diagnostic, whole: head, severity, message, line and caret, and where to read on. */
void place_diagnostic(struct sink s, const struct script *script,
                      const struct script_diagnostic *diagnostic);

#endif
