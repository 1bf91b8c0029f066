/*
 * told: each report as who reads it sees it: TAP, JUnit, JSON, workflow commands, HTML. It is
 * well-formed, says of each result what it is, and holds no control octet and no secret.
 */
#ifndef MAILDRILL_FUZZ_LAWS_TOLD_H
#define MAILDRILL_FUZZ_LAWS_TOLD_H

#include "fuzz.h"
#include "report/report.h"

#define TOLD_MAX       6
#define TOLD_SECRET    "hid9den=7"
#define TOLD_SECRET_64 "aGlkOWRlbj03" /* in base64 */

/* What the reports are told of a result. */
struct told {
    struct slice id, title;
    const char *outcome;
    uint64_t taken_ms;
    bool failed;
    bool detailed;  /* reports of failures show it */
    bool annotated; /* and workflow commands do */
    bool wrong;     /* as an error, for it fails the run */
    struct report_where where;
    struct report_result result; /* its events are copies, and their texts stand in `texts` */
    struct slice texts;
};

struct all_told {
    struct told results[TOLD_MAX];
    size_t count;
    const struct report_run *run;
    const struct report_end *end;
};

/** JSON and XML are read in memory of fuzz.h from now on. */
void told_begin(void);

bool told_holds(struct slice text, struct slice word);

/** Breaks off where a law is broken of that report. `secret`: the secrets are nowhere in it. */
void told_check(const struct report_kind *kind, struct slice text, const struct all_told *all,
                bool secret);

/** JUnit and JSON, of those: told_data.c. */
void told_check_junit(struct slice text, const struct all_told *all);
void told_check_json(struct slice text, const struct all_told *all);

#endif
