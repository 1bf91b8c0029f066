/*
 * html_matrix: the tests by servers. Of several servers, the tests at which they do not all do the
 * same (the outcome, or the code of a reply) stand in a table of their own.
 */
#ifndef MAILDRILL_REPORT_HTML_MATRIX_H
#define MAILDRILL_REPORT_HTML_MATRIX_H

#include "report/agreement.h"
#include "report/buffer.h"
#include "report/report.h"

/** The rows of one table, by the files of their tests. */
struct html_rows {
    struct buffer octets;
    const struct script *script; /* of the last row; NULL: there is none */
    size_t count;
};

struct html_matrix {
    const struct report_run *run;
    struct html_rows differing, alike; /* of one server all are alike */
    /* the row that is being made */
    const struct script *script;
    const struct script_test *test; /* NULL: none is */
    size_t repeat;
    struct buffer head, cells;
    size_t column; /* the next server's */
    struct agreement agreement;
};

/** Adds a result; `number` is its dialogue's, or 0 where it has none. */
void html_matrix_add(struct html_matrix *matrix, const struct report_result *result, size_t number);
/** Ends the last row. */
void html_matrix_end(struct html_matrix *matrix);
/** Writes the table of some rows. */
void html_matrix_put(const struct html_matrix *matrix, const struct html_rows *rows,
                     struct sink sink);
void html_matrix_free(struct html_matrix *matrix);

#endif
