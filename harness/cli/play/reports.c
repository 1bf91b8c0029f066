#define _POSIX_C_SOURCE 200809L

#include "cli/play/reports.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/play/load.h"

/* A terminal that knows escape sequences. */
static bool is_terminal(int file)
{
    const char *kind = getenv("TERM");
    return isatty(file) == 1 && (kind == NULL || strcmp(kind, "dumb") != 0);
}

bool reports_want_color(const struct options *options)
{
    const char *no_color = getenv("NO_COLOR");
    return !options->no_color && (no_color == NULL || no_color[0] == '\0') && is_terminal(1);
}

/* The kind of that name, which there is: so that no compiler warns of one that is NULL. */
static const struct report_kind *kind_named(const char *name)
{
    const struct report_kind *kind = report_kinds;
    while (strcmp(kind->name, name) != 0)
        kind++;
    return kind;
}

static bool add(struct reports *r, const struct report_kind *kind, const char *path)
{
    FILE *file = path == NULL ? stdout : fopen(path, "wb");
    if (file == NULL) {
        fprintf(stderr, "maildrill: --report %s: %s: %s\n", kind->name, path == NULL ? "-" : path,
                strerror(errno));
        return false;
    }
    r->items[r->count].kind = kind;
    r->items[r->count].file = file;
    r->items[r->count++].path = path;
    return true;
}

bool reports_open(struct reports *r, const struct options *o, const char *terminal)
{
    const struct report_kind *annotations = kind_named("annotations");
    const struct report_kind *taken = NULL; /* standard output, by this one */
    *r = (struct reports){.count = 0};
    for (size_t i = 0; i < o->report_count; i++) {
        const struct report_option *report = &o->reports[i];
        if (report->file != NULL || report->kind == annotations)
            continue;
        if (taken != NULL) {
            fprintf(stderr,
                    "maildrill: two reports on standard output, %s and %s: write one into a "
                    "file (--report %s=FILE)\n",
                    taken->name, report->kind->name, report->kind->name);
            return false;
        }
        taken = report->kind;
    }
    if (taken == NULL && !add(r, kind_named(terminal), NULL))
        return false;
    for (size_t i = 0; i < o->report_count; i++)
        if (!add(r, o->reports[i].kind, o->reports[i].file))
            return false;
    r->progress = is_terminal(1) && is_terminal(2) && !o->quiet;
    return true;
}

void reports_begin(struct reports *r, const struct report_run *run)
{
    r->planned = run->planned;
    for (size_t i = 0; i < r->count; i++) {
        r->items[i].run = *run;
        r->items[i].run.color = run->color && r->items[i].path == NULL;
        r->items[i].state =
            r->items[i].kind->begin((struct sink){load_put, r->items[i].file}, &r->items[i].run);
    }
}

static void erase_progress(const struct reports *r)
{
    if (r->progress && r->reported > 0)
        fputs("\r\x1b[K", stderr);
}

void reports_result(struct reports *r, const struct report_result *result)
{
    erase_progress(r);
    report_count(&r->totals, result);
    r->reported++;
    for (size_t i = 0; i < r->count; i++)
        r->items[i].kind->result(r->items[i].state, result);
    if (r->progress) {
        fflush(stdout);
        fprintf(stderr, "%zu of %zu", r->reported, r->planned);
    }
}

bool reports_end(struct reports *r, struct report_end *end)
{
    bool written = true;
    erase_progress(r);
    end->totals = r->totals;
    for (size_t i = 0; i < r->count; i++) {
        FILE *file = r->items[i].file;
        r->items[i].kind->end(r->items[i].state, end);
        bool failed = fflush(file) != 0 || ferror(file);
        failed = (r->items[i].path != NULL && fclose(file) != 0) || failed;
        if (failed)
            fprintf(stderr, "maildrill: the %s report could not be written%s%s: %s\n",
                    r->items[i].kind->name, r->items[i].path == NULL ? "" : " to ",
                    r->items[i].path == NULL ? "" : r->items[i].path, strerror(errno));
        written = written && !failed;
    }
    return written;
}
