#include "report/chart.h"

#include "report/html_text.h"

#define WIDTH  520
#define HEIGHT 230
#define LEFT   52
#define RIGHT  12
#define TOP    44
#define BOTTOM 26

static const char style[] =
    "<style>.chart{font:12px/1.2 system-ui,sans-serif;background:var(--ground,#fff);max-width:100%"
    ";height:auto}.chart text{fill:var(--dim,#59636e)}.chart .heading{fill:var(--ink,#1b1f24);"
    "font-weight:bold}.chart path{fill:none;stroke-width:2}.chart .grid{stroke:var(--line,#d1d9e0);"
    "stroke-width:1}</style>";

static const char *const colours[CHART_MAX_LINES] = {"#0969da", "#bf8700", "#8250df", "#1a7f37"};

/* 1, 2 or 5 times a power of ten, and not less. */
static double round_up(double value)
{
    double power = 1;
    while (power * 10 < value)
        power *= 10;
    return value <= power       ? power
           : value <= power * 2 ? power * 2
           : value <= power * 5 ? power * 5
                                : power * 10;
}

static double most(const struct chart *c, size_t from, size_t to)
{
    double found = 1;
    for (size_t i = from; i < to; i++)
        for (size_t k = 0; k < c->count; k++)
            found = c->line[i].values[k] > found ? c->line[i].values[k] : found;
    return c->apart ? found : round_up(found);
}

static void put_text(struct sink s, const char *attributes, int x, int y)
{
    sink_text(s, "<text ");
    sink_text(s, attributes);
    sink_text(s, " x=\"");
    sink_number(s, (uint64_t)x, 0);
    sink_text(s, "\" y=\"");
    sink_number(s, (uint64_t)y, 0);
    sink_text(s, "\">");
}

static void put_grid(struct sink s, const struct chart *c, double top)
{
    for (int i = 0; i <= 2; i++) {
        int y = HEIGHT - BOTTOM - i * (HEIGHT - BOTTOM - TOP) / 2;
        sink_text(s, "<path class=\"grid\" d=\"M");
        sink_number(s, LEFT, 0);
        sink_text(s, ",");
        sink_number(s, (uint64_t)y, 0);
        sink_text(s, "H");
        sink_number(s, WIDTH - RIGHT, 0);
        sink_text(s, "\"/>");
        if (c->apart)
            continue;
        put_text(s, "text-anchor=\"end\"", LEFT - 6, y + 4);
        if (top < 2 && i == 1)
            sink_text(s, "0.5");
        else
            sink_number(s, (uint64_t)(top * i / 2), 0);
        sink_text(s, "</text>");
    }
    put_text(s, "text-anchor=\"end\"", WIDTH - RIGHT, HEIGHT - 8);
    sink_number(s, (uint64_t)(c->seconds[c->count - 1] + 0.5), 0);
    sink_text(s, " s</text>");
}

static void put_line(struct sink s, const struct chart *c, size_t line, double top)
{
    double last = c->seconds[c->count - 1];
    sink_text(s, "<path style=\"stroke:");
    sink_text(s, colours[line]);
    for (size_t i = 0; i < c->count; i++) {
        double x = last > 0 ? c->seconds[i] / last : 0, y = c->line[line].values[i] / top;
        sink_text(s, i == 0 ? "\" d=\"M" : "L");
        sink_number(s, (uint64_t)(LEFT + x * (WIDTH - LEFT - RIGHT)), 0);
        sink_text(s, ",");
        sink_number(s, (uint64_t)(HEIGHT - BOTTOM - y * (HEIGHT - BOTTOM - TOP)), 0);
    }
    sink_text(s, "\"/>\n");
}

static void put_legend(struct sink s, const struct chart *c)
{
    put_text(s, "class=\"heading\"", 8, 16);
    html_string(s, "", c->title, "</text>");
    put_text(s, "", 8, 34);
    for (size_t i = 0; i < c->lines; i++) {
        sink_text(s, i == 0 ? "<tspan style=\"fill:" : "<tspan dx=\"12\" style=\"fill:");
        sink_text(s, colours[i]);
        sink_text(s, "\">&#9632;</tspan> ");
        html_string(s, "", c->line[i].name, " ");
        sink_number(s, (uint64_t)(c->line[i].values[c->count - 1] + 0.5), 0);
    }
    sink_text(s, "</text>\n");
}

void chart_svg(struct sink s, const struct chart *c)
{
    sink_text(s, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" width=\"");
    sink_number(s, WIDTH, 0);
    sink_text(s, "\" height=\"");
    sink_number(s, HEIGHT, 0);
    sink_text(s, "\" viewBox=\"0 0 ");
    sink_number(s, WIDTH, 0);
    sink_text(s, " ");
    sink_number(s, HEIGHT, 0);
    html_string(s, "\">\n<title>", c->title, "</title>\n");
    sink_text(s, style);
    if (c->count > 0) {
        double top = most(c, 0, c->lines);
        put_grid(s, c, top);
        for (size_t i = 0; i < c->lines; i++)
            put_line(s, c, i, c->apart ? most(c, i, i + 1) : top);
        put_legend(s, c);
    }
    sink_text(s, "</svg>\n");
}
