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

/** The last EHLO reply's keyword of that name. */
bool engine_ehlo_find(const struct engine *e, struct slice keyword,
                      struct smtp_ehlo_keyword *ret_keyword);

#endif
