/*
 * mask: a tagged script -> the same without the credentials that were said in it.
 *
 * RFC 4954 4: auth-command = "AUTH" SP sasl-mech [SP (initial-response / "=")] *(CRLF [base64])
 *
 * An exchange that %auth computes becomes "%auth MECH", so that the script plays with credentials
 * that are given when it is run. Of any other one, each response becomes a variable, and the test
 * says in "%require fixture:response1" that it has to be given. What a password or a token was is
 * shown in no other line either: "****" stands there.
 *
 * Law: a script that loads without an error does so afterwards.
 */
#ifndef MAILDRILL_SCRIPT_MASK_H
#define MAILDRILL_SCRIPT_MASK_H

#include "script/arena.h"

struct mask_line {
    struct slice text; /* without its line ending */
    size_t from;       /* index of the line of the script that it came from */
    bool note;         /* about what is left out; the script has no such line */
};

struct mask {
    const struct mask_line *lines;
    size_t count;
};

/** The lines in the arena, or of the script. Linear. */
struct mask mask_script(struct script_arena *arena, struct slice script);

/** The lines as they are. */
struct mask mask_nothing(struct script_arena *arena, struct slice script);

#endif
