/*
 * survey: what is known of a campaign against a server while it runs: how far its workers came,
 * which states and transitions they saw, what took long. Progress and record are made from it.
 */
#ifndef MAILDRILL_CLI_FUZZ_SURVEY_H
#define MAILDRILL_CLI_FUZZ_SURVEY_H

#include "cli/fuzz/campaign.h"
#include "cli/fuzz/chronicle.h"

#define SURVEY_SAMPLES 240 /* where there are more, every second one goes */

struct survey_sample {
    double at_s; /* of all runs together */
    uint64_t dialogues, states, transitions, features, inputs, findings;
};

struct survey {
    const struct campaign *campaign;
    struct chronicle chronicle;
    uint64_t begun_us;
    struct survey_sample before; /* how far earlier runs came */
    struct survey_sample samples[SURVEY_SAMPLES + 1];
    size_t sample_count;
    double interval_s;
    struct graph_transition rows[GRAPH_TRANSITIONS], earlier[GRAPH_TRANSITIONS];
    size_t row_count, earlier_count;
    /* told by who leads */
    size_t findings, deaths;      /* of this run */
    uint64_t first_kib, last_kib; /* of memory that the server has; 0: not known */
};

void survey_begin(struct survey *survey, const struct campaign *campaign);

/** Looks at the workers now; keeps a sample where one is due. */
struct survey_sample survey_look(struct survey *survey);

/** The slowest verbs of this run, slowest first: up to `most` of those that were said in 20
 * dialogues at least. Returns how many. */
struct survey_verb {
    enum smtp_verb verb;
    uint64_t dialogues;
    double mean_ms;
    bool left_out;
};
size_t survey_verbs(const struct survey *survey, struct survey_verb *ret_verbs, size_t most);

/** A finding, as it was seen last: `session` is wrong, `script` shows it. `file`: in the folder. */
void survey_finding(struct survey *survey, const struct session *session, struct slice title,
                    const char *file, struct slice script);

/** A dialogue that the server keeps memory of, `kib` each time. `file`: in the folder. */
void survey_memory(struct survey *survey, struct slice octets, uint64_t kib, const char *file);

/** Writes the record. `stopped`: why the campaign ended early; NULL: it did not. */
void survey_write(struct survey *survey, const char *stopped);

#endif
