/*
 * chart: what changed over time, as lines in SVG.
 */
#ifndef MAILDRILL_REPORT_CHART_H
#define MAILDRILL_REPORT_CHART_H

#include "report/sink.h"

#define CHART_MAX_LINES 4

struct chart {
    const char *title;
    const double *seconds; /* ascending */
    size_t count;
    bool apart;   /* each line has a scale of its own */
    size_t lines; /* at most CHART_MAX_LINES */
    struct {
        const char *name;
        const double *values; /* not negative */
    } line[CHART_MAX_LINES];
};

/** Writes an <svg> element; each line is named with its last value. */
void chart_svg(struct sink sink, const struct chart *chart);

#endif
