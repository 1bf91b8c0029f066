/*
 * made: a plain second reading of what stands in ${...}: functions, reckonings and dates.
 */
#ifndef MAILDRILL_FUZZ_LAWS_MADE_H
#define MAILDRILL_FUZZ_LAWS_MADE_H

#include "base/writer.h"
#include "laws/judged.h"
#include "script/script.h"

#define MADE_WALL_S 1709208000u /* when each test begins: 2024-02-29T12:00:00Z, a Thursday */

/** What a function makes of a text; NO: there is nothing that it can make of it. */
enum judged made_function(enum script_function function, struct slice text, struct writer *out);

/** The same of a reckoning, and a date. */
enum judged made_number(const struct script_part *part, struct slice text, struct writer *out);
void made_date(const struct script_part *part, struct writer *out);

#endif
