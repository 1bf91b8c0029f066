/*
 * diagram: nodes and arrows between them, drawn in layers as SVG.
 *
 * The layer of a node is its distance from node 0; nodes that nothing leaves stand in the last one.
 * Within a layer they are ordered so that arrows are short. Arrows to a later layer are drawn
 * plainly, with their labels where there is room; the others are faint, and stand out with the node
 * that they leave. Every arrow and node has its text as a tooltip. The same input is drawn the
 * same.
 */
#ifndef MAILDRILL_REPORT_DIAGRAM_H
#define MAILDRILL_REPORT_DIAGRAM_H

#include "report/sink.h"

#define DIAGRAM_MAX_NODES 64

struct diagram_node {
    struct slice name;  /* first line of its box */
    struct slice note;  /* second line */
    struct slice title; /* tooltip */
    bool wrong;         /* stands out */
};

struct diagram_edge {
    size_t from, to; /* nodes, which differ */
    struct slice label, title;
    uint64_t weight; /* the heavier, the thicker */
    bool wrong;
};

struct diagram {
    const struct diagram_node *nodes;
    size_t node_count; /* at most DIAGRAM_MAX_NODES */
    const struct diagram_edge *edges;
    size_t edge_count;
    struct slice title; /* what it is, for those who do not see it */
};

/** Writes an <svg> element that stands alone, or in a page of html_page. */
void diagram_svg(struct sink sink, const struct diagram *diagram);

#endif
