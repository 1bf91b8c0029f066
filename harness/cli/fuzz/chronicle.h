/*
 * chronicle: what a campaign leaves for people: campaign.json, campaign.html and, where it saw
 * states, states.svg, in its folder. The JSON is the record
 * (harness/report/campaign-1.schema.json); a later run in the same folder goes on with it. The
 * password that was given is in none of them.
 */
#ifndef MAILDRILL_CLI_FUZZ_CHRONICLE_H
#define MAILDRILL_CLI_FUZZ_CHRONICLE_H

#include <jansson.h>

#include "base/slice.h"
#include "cli/options.h"

struct chronicle {
    const struct options *options;
    const char *out; /* the folder */
    json_t *root;    /* of the record */
    json_t *earlier; /* of the runs before this one; an object without members: none */
};

/** Begins one: kind "server", "client" or "differential". `goes_on`: with the one that is there. */
void chronicle_begin(struct chronicle *chronicle, const struct options *options, const char *out,
                     const char *kind, const char *target, bool goes_on);

/** Whatever octets, as text: the password hidden, what is not printable as \xNN. */
json_t *chronicle_text(const struct chronicle *chronicle, struct slice octets);

/** The same of lines, which stay lines. */
json_t *chronicle_lines(const struct chronicle *chronicle, struct slice octets);

void chronicle_set(json_t *object, const char *name, json_t *value);

/** Appends {left: ..., right: ...} to the array of that name. */
void chronicle_pair(struct chronicle *chronicle, const char *array, const char *left,
                    struct slice name, const char *right, struct slice value);

/** A finding; `title` and what else is said of it. Add "dialogue", then chronicle_finding. */
json_t *chronicle_new_finding(const struct chronicle *chronicle, const char *oracle,
                              const char *severity, const char *section, struct slice title,
                              const char *file);
/** Appends lines to its dialogue: a reply or command may have several. `by`: "C", "S", or a
 * server's name. `note` stands under the last line; NULL: none. */
void chronicle_say(const struct chronicle *chronicle, json_t *finding, const char *by,
                   struct slice octets, bool decisive, const char *note);
/** Takes the finding over; one with the same file is replaced. */
void chronicle_finding(struct chronicle *chronicle, json_t *finding);

/** Writes the files; says what cannot be written. */
void chronicle_write(struct chronicle *chronicle);

void chronicle_free(struct chronicle *chronicle);

#endif
