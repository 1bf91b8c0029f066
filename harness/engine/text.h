/*
 * text: ${...} -> octets. Private to harness/engine.
 */
#ifndef MAILDRILL_ENGINE_TEXT_H
#define MAILDRILL_ENGINE_TEXT_H

#include "engine/state.h"

/** A piece of a longer text: the octets from `skip` on that fit. `total` counts all of it. */
struct text_window {
    size_t skip;
    uint8_t *ptr;
    size_t room;
    size_t len;
    size_t total;
};

/** Expands `text` through the window; false where a variable has no value. */
bool engine_text_put(const struct engine *e, struct script_text text, struct text_window *out);

/** The name of the first variable of `text` that has no value now; false where each has one. */
bool engine_text_missing(const struct engine *e, struct script_text text, struct slice *ret_name);

/** Whether the variable has a value now. */
bool engine_has_variable(const struct engine *e, struct slice name);
/** Makes ${token} this attempt's own: behind the run's a word of the test's place and the attempt,
 * of one length, so that all attempts send as many octets. */
void engine_token_make(struct engine *e);
/** Whether `text` holds it. */
bool engine_token_in(const struct engine *e, struct slice text);

/** Whether the last EHLO reply is as the claim says. */
bool engine_claim_holds(const struct engine *e, const struct script_ehlo_claim *claim);

/** The last EHLO reply's keyword of that name. */
bool engine_ehlo_find(const struct engine *e, struct slice keyword,
                      struct smtp_ehlo_keyword *ret_keyword);

/* ---- value.c ---- */

#define TEXT_VALUE_OCTETS 4096                    /* that a function takes */
#define TEXT_MADE_OCTETS  (3 * TEXT_VALUE_OCTETS) /* that it makes of them at most */

/** A decimal number that `text` holds and nothing else but blanks around it. */
bool engine_number_of(struct slice text, uint64_t *ret_number);

/** What a function makes of a text; false where there is nothing it can make of that. */
bool value_of_function(enum script_function function, struct slice text, struct writer *out);

/** Reckons; false where the result is no number that fits. */
bool value_of_number(const struct script_part *part, uint64_t number, struct writer *out);

/** A date as RFC 5322 3.3 or RFC 3339 5.6 writes it; `wall_s`: seconds since 1970, UTC. */
void value_of_date(int64_t wall_s, bool rfc3339, struct writer *out);

#endif
