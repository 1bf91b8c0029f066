/*
 * printed: what a script loads to, as text that a table can expect. Shared by the tests of the
 * loader.
 */
#ifndef MAILDRILL_TEST_PRINTED_H
#define MAILDRILL_TEST_PRINTED_H

#include "script/script.h"

struct printed_row {
    const char *name;
    struct slice source;
    const char *expected;
};

/** The name t.smtp, two known variables, and a handful of files that %use may name. */
extern const struct script_options printed_options;

/** Free it. */
char *printed_script(const struct script *script);
/** What an exact-size copy of `source` loads to, freed before it is printed. Free it. */
char *printed_loaded(struct slice source);
/** Every place of a diagnostic is in its line, and the errors are counted. */
void printed_check_places(const struct script *script);
/** Each row, and every prefix of it, which must only not crash. */
void printed_check_rows(const struct printed_row *rows, size_t count);

#define CHECK_ROWS(rows) printed_check_rows((rows), sizeof(rows) / sizeof *(rows))

#endif
