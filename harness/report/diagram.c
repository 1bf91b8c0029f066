#include "report/diagram.h"

#include <stdlib.h>

#include "report/buffer.h"
#include "report/html_text.h"

#define BOX_WIDTH    176
#define BOX_HEIGHT   44
#define COLUMN       (BOX_WIDTH + 34)
#define ROW          (BOX_HEIGHT + 86)
#define MARGIN       24
#define SIDE         70 /* for labels of what goes around */
#define SWEEPS       8
#define LETTER_WIDTH 6 /* of labels, about */
#define LABEL_HEIGHT 13
#define MAX_LABELS   256

struct point {
    int x, y;
};

struct box {
    int left, top, right, bottom;
};

struct drawing {
    struct sink sink;
    const struct diagram *diagram;
    size_t layer[DIAGRAM_MAX_NODES], layers;
    size_t rows[DIAGRAM_MAX_NODES][DIAGRAM_MAX_NODES]; /* nodes by layer, from left to right */
    size_t widths[DIAGRAM_MAX_NODES];                  /* nodes of a layer */
    struct point centre[DIAGRAM_MAX_NODES];
    int width, height;
    struct box labels[MAX_LABELS]; /* where they stand */
    size_t label_count;
};

/* ---- layers ---- */

static bool leaves(const struct diagram *d, size_t node)
{
    for (size_t i = 0; i < d->edge_count; i++)
        if (d->edges[i].from == node)
            return true;
    return false;
}

static void find_layers(struct drawing *g)
{
    const struct diagram *d = g->diagram;
    size_t last = 0;
    for (size_t i = 0; i < d->node_count; i++)
        g->layer[i] = i == 0 ? 0 : SIZE_MAX;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < d->edge_count; i++) {
            const struct diagram_edge *e = &d->edges[i];
            if (g->layer[e->from] == SIZE_MAX || g->layer[e->to] <= g->layer[e->from] + 1)
                continue;
            g->layer[e->to] = g->layer[e->from] + 1;
            more = true;
        }
    }
    for (size_t i = 0; i < d->node_count; i++) {
        g->layer[i] = g->layer[i] == SIZE_MAX ? 1 : g->layer[i]; /* nothing leads there */
        if (leaves(d, i) || d->node_count == 1)
            last = g->layer[i] > last ? g->layer[i] : last;
    }
    for (size_t i = 1; i < d->node_count; i++)
        if (!leaves(d, i))
            g->layer[i] = last + 1;
    for (size_t i = 0; i < d->node_count; i++) {
        g->layers = g->layer[i] + 1 > g->layers ? g->layer[i] + 1 : g->layers;
        g->rows[g->layer[i]][g->widths[g->layer[i]]++] = i;
    }
}

/* ---- the order within a layer ---- */

/* Where a node stands across the page, from 0 to 1. */
static double across(const struct drawing *g, size_t node)
{
    size_t layer = g->layer[node], at = 0;
    while (g->rows[layer][at] != node)
        at++;
    return ((double)at + 0.5) / (double)g->widths[layer];
}

/* The mean place of those on the side that the sweep comes from; its own where there are none. */
static double wish(const struct drawing *g, size_t node, bool down)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < g->diagram->edge_count; i++) {
        const struct diagram_edge *e = &g->diagram->edges[i];
        size_t other = e->from == node ? e->to : e->from;
        bool side = down ? g->layer[other] < g->layer[node] : g->layer[other] > g->layer[node];
        if ((e->from != node && e->to != node) || !side)
            continue;
        sum += across(g, other);
        count++;
    }
    return count == 0 ? across(g, node) : sum / (double)count;
}

static void order_layer(struct drawing *g, size_t layer, bool down)
{
    double wishes[DIAGRAM_MAX_NODES];
    size_t *row = g->rows[layer];
    for (size_t i = 0; i < g->widths[layer]; i++)
        wishes[i] = wish(g, row[i], down);
    for (size_t i = 1; i < g->widths[layer]; i++) /* stable */
        for (size_t k = i; k > 0 && wishes[k] < wishes[k - 1]; k--) {
            size_t node = row[k];
            double its = wishes[k];
            row[k] = row[k - 1];
            wishes[k] = wishes[k - 1];
            row[k - 1] = node;
            wishes[k - 1] = its;
        }
}

static void place(struct drawing *g)
{
    size_t widest = 1;
    for (size_t sweep = 0; sweep < SWEEPS; sweep++)
        for (size_t i = 0; i < g->layers; i++)
            order_layer(g, sweep % 2 == 0 ? i : g->layers - 1 - i, sweep % 2 == 0);
    for (size_t i = 0; i < g->layers; i++)
        widest = g->widths[i] > widest ? g->widths[i] : widest;
    g->width = (int)widest * COLUMN + 2 * SIDE;
    g->height = (int)(g->layers - 1) * ROW + BOX_HEIGHT + 2 * MARGIN;
    for (size_t i = 0; i < g->layers; i++) {
        int left = (g->width - (int)g->widths[i] * COLUMN) / 2 + COLUMN / 2;
        for (size_t k = 0; k < g->widths[i]; k++)
            g->centre[g->rows[i][k]] =
                (struct point){left + (int)k * COLUMN, MARGIN + BOX_HEIGHT / 2 + (int)i * ROW};
    }
}

/* ---- arrows ---- */

struct curve {
    struct point at[4]; /* cubic */
};

static int clamped(int value, int most)
{
    return value > most ? most : value < -most ? -most : value;
}

/* Down: from the bottom of a box to the top of the other, each a little towards the other. */
static struct curve curve_down(struct point from, struct point to)
{
    int lean = clamped((to.x - from.x) / 4, BOX_WIDTH / 2 - 14);
    struct point a = {from.x + lean, from.y + BOX_HEIGHT / 2};
    struct point b = {to.x - lean, to.y - BOX_HEIGHT / 2 - 7};
    int half = (b.y - a.y) / 2;
    return (struct curve){{a, {a.x, a.y + half}, {b.x, b.y - half}, b}};
}

/* Up or beside: from side to side, around. */
static struct curve curve_around(struct point from, struct point to)
{
    int rise = from.y > to.y ? (from.y - to.y) / 8 : 0;
    int out = to.x < from.x ? -1 : 1;
    int in = from.x == to.x ? 1 : -out;
    struct point a = {from.x + out * BOX_WIDTH / 2, from.y};
    struct point b = {to.x + in * (BOX_WIDTH / 2 + 7), to.y};
    int reach = 30 + rise;
    return (struct curve){{a, {a.x + out * reach, a.y}, {b.x + in * reach, b.y}, b}};
}

static bool goes_down(const struct drawing *g, const struct diagram_edge *e)
{
    return g->layer[e->to] > g->layer[e->from];
}

/* Down to a node that leads on. */
static bool is_plain(const struct drawing *g, const struct diagram_edge *e)
{
    return goes_down(g, e) && leaves(g->diagram, e->to);
}

static struct curve curve_of(const struct drawing *g, const struct diagram_edge *e)
{
    struct point from = g->centre[e->from], to = g->centre[e->to];
    return goes_down(g, e) ? curve_down(from, to) : curve_around(from, to);
}

static struct point point_on(const struct curve *c, double t)
{
    double u = 1 - t, k[4] = {u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t}, x = 0, y = 0;
    for (int i = 0; i < 4; i++) {
        x += k[i] * c->at[i].x;
        y += k[i] * c->at[i].y;
    }
    return (struct point){(int)x, (int)y};
}

static void put_number(struct sink s, int number)
{
    if (number < 0)
        sink_text(s, "-");
    sink_number(s, (uint64_t)abs(number), 0);
}

/* A number behind `before`, and the quote that ends the attribute. */
static void put_attribute(struct sink s, const char *before, int number)
{
    sink_text(s, before);
    put_number(s, number);
    sink_text(s, "\"");
}

static int thickness(uint64_t weight)
{
    int steps = 1;
    for (; weight >= 100; weight /= 100)
        steps++;
    return steps;
}

static void put_arrow(struct drawing *g, const struct diagram_edge *e)
{
    static const char *const before[] = {"M", "C", " ", " "};
    struct sink s = g->sink;
    struct curve c = curve_of(g, e);
    sink_text(s, "<path class=\"arrow");
    sink_text(s, e->wrong ? " wrong" : is_plain(g, e) ? "" : " faint");
    put_attribute(s, " from", (int)e->from);
    put_attribute(s, " stroke-width=\"", thickness(e->weight));
    sink_text(s, " d=\"");
    for (size_t i = 0; i < 4; i++) {
        sink_text(s, before[i]);
        put_number(s, c.at[i].x);
        sink_text(s, ",");
        put_number(s, c.at[i].y);
    }
    sink_text(s, "\"><title>");
    sink_markup(s, e->title);
    sink_text(s, "</title></path>\n");
}

/* ---- labels ---- */

static bool overlap(struct box a, struct box b)
{
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

static bool is_free(const struct drawing *g, struct box box)
{
    bool free = box.left >= 0 && box.right <= g->width;
    for (size_t i = 0; i < g->label_count && free; i++)
        free = !overlap(box, g->labels[i]);
    for (size_t i = 0; i < g->diagram->node_count && free; i++) {
        struct point at = g->centre[i];
        free = !overlap(box, (struct box){at.x - BOX_WIDTH / 2, at.y - BOX_HEIGHT / 2,
                                          at.x + BOX_WIDTH / 2, at.y + BOX_HEIGHT / 2});
    }
    return free;
}

static void put_label(struct drawing *g, const struct diagram_edge *e)
{
    static const double places[] = {0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78};
    struct curve c = curve_of(g, e);
    int half = (int)e->label.len * LETTER_WIDTH / 2 + 2;
    struct sink s = g->sink;
    for (size_t i = 0; i < sizeof places / sizeof *places && g->label_count < MAX_LABELS; i++) {
        struct point at = point_on(&c, places[i]);
        struct box box = {at.x - half, at.y - LABEL_HEIGHT / 2, at.x + half,
                          at.y + LABEL_HEIGHT / 2 + 1};
        if (!is_free(g, box))
            continue;
        g->labels[g->label_count++] = box;
        sink_text(s, e->wrong ? "<text class=\"label bad" : "<text class=\"label");
        put_attribute(s, " from", (int)e->from);
        put_attribute(s, " x=\"", at.x);
        put_attribute(s, " y=\"", at.y + 4);
        sink_text(s, ">");
        sink_markup(s, e->label);
        sink_text(s, "</text>\n");
        return;
    }
}

static void put_arrows(struct drawing *g)
{
    const struct diagram *d = g->diagram;
    for (size_t i = 0; i < d->edge_count; i++) /* the faint ones below */
        if (!is_plain(g, &d->edges[i]) && !d->edges[i].wrong)
            put_arrow(g, &d->edges[i]);
    for (size_t i = 0; i < d->edge_count; i++)
        if (is_plain(g, &d->edges[i]) || d->edges[i].wrong)
            put_arrow(g, &d->edges[i]);
}

static void put_labels(struct drawing *g)
{
    const struct diagram *d = g->diagram;
    for (size_t i = 0; i < d->edge_count; i++)
        if (d->edges[i].wrong)
            put_label(g, &d->edges[i]);
    for (size_t i = 0; i < d->edge_count; i++)
        if (is_plain(g, &d->edges[i]) && !d->edges[i].wrong)
            put_label(g, &d->edges[i]);
}

/* ---- nodes ---- */

/* One that would stand out of its box is drawn narrower. */
static void put_text(struct sink s, const char *begin, struct point at, struct slice text,
                     double letter_width)
{
    put_attribute(s, begin, at.x);
    put_attribute(s, " y=\"", at.y);
    if ((double)text.len * letter_width > BOX_WIDTH - 8) {
        put_attribute(s, " textLength=\"", BOX_WIDTH - 8);
        sink_text(s, " lengthAdjust=\"spacingAndGlyphs\"");
    }
    html_cell(s, ">", text, "</text>");
}

static void put_node(struct drawing *g, size_t number)
{
    const struct diagram_node *n = &g->diagram->nodes[number];
    struct point at = g->centre[number];
    struct sink s = g->sink;
    put_attribute(s, "<g tabindex=\"0\" class=\"node n", (int)number);
    sink_text(s, "><title>");
    sink_markup(s, n->title);
    sink_text(s, n->wrong ? "</title><rect class=\"bad\"" : "</title><rect");
    put_attribute(s, " x=\"", at.x - BOX_WIDTH / 2);
    put_attribute(s, " y=\"", at.y - BOX_HEIGHT / 2);
    put_attribute(s, " width=\"", BOX_WIDTH);
    put_attribute(s, " height=\"", BOX_HEIGHT);
    sink_text(s, " rx=\"8\"/>");
    put_text(s, "<text class=\"name\" x=\"", (struct point){at.x, at.y - 3}, n->name, 7);
    put_text(s, "<text class=\"remark\" x=\"", (struct point){at.x, at.y + 13}, n->note, 5.5);
    sink_text(s, "</g>\n");
}

/* ---- the whole ---- */

static const char style[] =
    "<style>"
    ".diagram{font:13px/1.2 system-ui,sans-serif;background:var(--ground,#fff)}"
    ".diagram text{text-anchor:middle;fill:var(--ink,#1b1f24)}"
    ".diagram .remark,.diagram .label{font-size:11px;fill:var(--dim,#59636e)}"
    ".diagram .label{paint-order:stroke;stroke:var(--ground,#fff);stroke-width:4px}"
    ".diagram rect{fill:var(--soft,#f4f6f8);stroke:var(--dim,#59636e)}"
    ".diagram rect.bad{stroke:var(--bad,#c8202f);stroke-width:2}"
    ".diagram .label.bad{fill:var(--bad,#c8202f)}"
    ".diagram .arrow{fill:none;stroke:var(--dim,#59636e);marker-end:url(#tip)}"
    ".diagram .faint{opacity:.22}"
    ".diagram .wrong{stroke:var(--bad,#c8202f);marker-end:url(#bad-tip)}"
    ".diagram .node:focus{outline:none}"
    ".diagram .node:hover rect,.diagram .node:focus rect{stroke-width:3}"
    ".diagram .arrow:hover{opacity:1;stroke-width:4}";

/* Its arrows stand out with the node that is pointed at. */
static void put_style(struct sink s, const struct diagram *d)
{
    sink_text(s, style);
    for (int i = 0; i < (int)d->node_count; i++) {
        sink_text(s, ".diagram:has(.n");
        put_number(s, i);
        sink_text(s, ":is(:hover,:focus)) .arrow:not(.from");
        put_number(s, i);
        sink_text(s, "){opacity:.08}.diagram:has(.n");
        put_number(s, i);
        sink_text(s, ":is(:hover,:focus)) .from");
        put_number(s, i);
        sink_text(s, "{opacity:1}");
    }
    sink_text(s, "</style>\n");
}

static void put_tip(struct sink s, const char *name, const char *colour)
{
    sink_text(s, "<marker id=\"");
    sink_text(s, name);
    sink_text(s,
              "\" viewBox=\"0 0 8 8\" refX=\"1\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" "
              "markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0,0L8,4L0,8z\" "
              "style=\"fill:");
    sink_text(s, colour);
    sink_text(s, "\"/></marker>");
}

static void put_head(const struct drawing *g)
{
    struct sink s = g->sink;
    sink_text(s, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"diagram\" role=\"img\"");
    put_attribute(s, " width=\"", g->width);
    put_attribute(s, " height=\"", g->height);
    sink_text(s, " viewBox=\"0 0 ");
    put_number(s, g->width);
    put_attribute(s, " ", g->height);
    sink_text(s, ">\n<title>");
    sink_markup(s, g->diagram->title);
    sink_text(s, "</title>\n");
    put_style(s, g->diagram);
    sink_text(s, "<defs>");
    put_tip(s, "tip", "var(--dim,#59636e)");
    put_tip(s, "bad-tip", "var(--bad,#c8202f)");
    sink_text(s, "</defs>\n");
}

void diagram_svg(struct sink sink, const struct diagram *diagram)
{
    struct drawing *g = report_grown(NULL, sizeof *g);
    *g = (struct drawing){.sink = sink, .diagram = diagram};
    if (diagram->node_count > 0) {
        find_layers(g);
        place(g);
    }
    put_head(g);
    put_arrows(g);
    put_labels(g);
    for (size_t i = 0; i < diagram->node_count; i++)
        put_node(g, i);
    sink_text(sink, "</svg>\n");
    free(g);
}
