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

/** A line of a script as it may be shown. Where it holds a secret (an initial response of AUTH, an
 * answer to a 334, pass= of %auth, %set of a secret), `hides` is true: four stars stand for what
 * lies between `before` and `after`. Slices of the script. */
struct place_source {
    struct slice before, after;
    bool hides;
};

/** The line that steps count as `number`. */
struct place_source place_source(const struct script *script, size_t number);

/** ... written out. */
void place_put_source(struct sink s, const struct script *script, size_t number);

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
