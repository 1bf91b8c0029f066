#include "report/campaign.h"

#include <stdlib.h>

#include "report/buffer.h"
#include "report/diagram.h"

#define MAX_STATES 30

struct picture {
    const json_t *states, *transitions;
    size_t count;               /* nodes */
    json_int_t ids[MAX_STATES]; /* of the states that have a node of their own */
    size_t own, grouped;        /* states that have, and that have not */
    struct buffer notes[MAX_STATES + 1], titles[MAX_STATES + 1];
    size_t stays[MAX_STATES + 1];
    bool entered[MAX_STATES + 1]; /* by a transition seen so far */
    struct buffer names;          /* of the group */
    struct diagram_node nodes[MAX_STATES + 1];
    struct diagram_edge *edges;
    struct buffer *labels, *edge_titles; /* of each edge */
    size_t *more;                        /* transitions behind the first */
    size_t edge_count;
};

static struct slice text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? SLICE("") : slice_of_cstr(text);
}

static json_int_t number_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static uint64_t count_of(const json_t *object, const char *name)
{
    json_int_t number = number_of(object, name);
    return number < 0 ? 0 : (uint64_t)number;
}

/* ---- nodes ---- */

/* How many states are visited more often; of those that are visited as often, the first come first.
 */
static size_t rank_of(const json_t *states, size_t index)
{
    json_int_t visits = number_of(json_array_get(states, index), "visits");
    size_t rank = 0;
    for (size_t i = 0; i < json_array_size(states); i++) {
        json_int_t other = number_of(json_array_get(states, i), "visits");
        rank += other > visits || (other == visits && i < index);
    }
    return rank;
}

static size_t node_of(const struct picture *p, json_int_t id)
{
    for (size_t i = 0; i < p->own; i++)
        if (p->ids[i] == id)
            return i;
    return p->own;
}

/* The first state is where every session begins: it stays, however rare. */
static void choose_states(struct picture *p)
{
    size_t count = json_array_size(p->states);
    for (size_t i = 0; i < count; i++) {
        const json_t *state = json_array_get(p->states, i);
        bool keeps = count <= MAX_STATES || i == 0 || rank_of(p->states, i) < MAX_STATES - 2;
        if (!keeps || p->own == MAX_STATES) {
            p->grouped++;
            continue;
        }
        p->nodes[p->own].name = text_of(state, "name");
        p->ids[p->own++] = number_of(state, "id");
    }
    p->count = p->own + (p->grouped > 0);
}

/* ---- arrows ---- */

/* "MAIL 250"; of two transitions and more, between grouped states, the tooltip has the rest. */
static void put_transition(struct sink s, const json_t *t)
{
    json_int_t code = number_of(t, "code");
    sink_put(s, text_of(t, "said"));
    if (code == 0) {
        sink_text(s, ": closes");
        return;
    }
    sink_text(s, " ");
    sink_number(s, count_of(t, "code"), 0);
}

static void put_full(struct sink s, const json_t *t)
{
    put_transition(s, t);
    sink_text(s, ": ");
    sink_number(s, count_of(t, "count"), 0);
    sink_text(s, json_is_true(json_object_get(t, "wrong")) ? " times, WRONG\n" : " times\n");
}

static void add_edge(struct picture *p, size_t from, size_t to, const json_t *t)
{
    size_t i = 0;
    while (i < p->edge_count && (p->edges[i].from != from || p->edges[i].to != to))
        i++;
    struct diagram_edge *e = &p->edges[i];
    if (i == p->edge_count) {
        *e = (struct diagram_edge){.from = from, .to = to};
        put_transition(buffer_sink(&p->labels[i]), t);
        struct sink title = buffer_sink(&p->edge_titles[i]);
        sink_put(title, p->nodes[from].name);
        sink_text(title, " to ");
        sink_put(title, p->nodes[to].name);
        sink_text(title, "\n");
        p->edge_count++;
    } else {
        p->more[i]++;
    }
    put_full(buffer_sink(&p->edge_titles[i]), t);
    e->weight += count_of(t, "count");
    e->wrong = e->wrong || json_is_true(json_object_get(t, "wrong"));
}

static void add_transitions(struct picture *p)
{
    for (size_t i = 0; i < json_array_size(p->transitions); i++) {
        const json_t *t = json_array_get(p->transitions, i);
        size_t from = node_of(p, number_of(t, "from")), to = node_of(p, number_of(t, "to"));
        if (from >= p->count || to >= p->count)
            continue;
        if (from != to) {
            bool wrong = json_is_true(json_object_get(t, "wrong"));
            p->nodes[to].wrong = wrong && (p->nodes[to].wrong || !p->entered[to]);
            p->entered[to] = true;
            add_edge(p, from, to, t);
            continue;
        }
        p->stays[from]++;
        put_full(buffer_sink(&p->titles[from]), t);
    }
    for (size_t i = 0; i < p->edge_count; i++) {
        struct sink label = buffer_sink(&p->labels[i]);
        if (p->more[i] > 0) {
            sink_text(label, " +");
            sink_number(label, p->more[i], 0);
        }
        p->edges[i].label = buffer_slice(&p->labels[i]);
        p->edges[i].title = buffer_slice(&p->edge_titles[i]);
    }
}

/* ---- what the boxes say ---- */

static uint64_t visits_of(const struct picture *p, size_t node)
{
    uint64_t visits = 0;
    for (size_t i = 0; i < json_array_size(p->states); i++) {
        const json_t *state = json_array_get(p->states, i);
        if (node_of(p, number_of(state, "id")) == node)
            visits += count_of(state, "visits");
    }
    return visits;
}

static void name_group(struct picture *p)
{
    struct sink s = buffer_sink(&p->names);
    if (p->grouped == 0)
        return;
    sink_number(s, p->grouped, 0);
    sink_text(s, " more states");
    p->nodes[p->own].name = buffer_slice(&p->names);
}

static void describe_nodes(struct picture *p)
{
    for (size_t i = 0; i < p->count; i++) {
        struct sink s = buffer_sink(&p->notes[i]);
        uint64_t visits = visits_of(p, i);
        sink_number(s, visits, 0);
        sink_text(s, i == 0 ? " session" : " visit");
        sink_text(s, visits == 1 ? "" : "s");
        if (p->stays[i] > 0) {
            sink_text(s, ", ");
            sink_number(s, p->stays[i], 0);
            sink_text(s, p->stays[i] == 1 ? " reply stays" : " replies stay");
        }
        p->nodes[i].note = buffer_slice(&p->notes[i]);
        p->nodes[i].title = buffer_slice(&p->titles[i]);
    }
}

void campaign_states(struct sink s, const json_t *campaign)
{
    struct picture *p = report_grown(NULL, sizeof *p);
    *p = (struct picture){.states = json_object_get(campaign, "states"),
                          .transitions = json_object_get(campaign, "transitions")};
    size_t most = json_array_size(p->transitions) + 1;
    p->edges = report_grown(NULL, most * sizeof *p->edges);
    p->labels = report_grown(NULL, most * sizeof *p->labels);
    p->edge_titles = report_grown(NULL, most * sizeof *p->edge_titles);
    p->more = report_grown(NULL, most * sizeof *p->more);
    memset(p->labels, 0, most * sizeof *p->labels);
    memset(p->edge_titles, 0, most * sizeof *p->edge_titles);
    memset(p->more, 0, most * sizeof *p->more);
    choose_states(p);
    name_group(p);
    add_transitions(p);
    describe_nodes(p);
    diagram_svg(s, &(struct diagram){.nodes = p->nodes,
                                     .node_count = p->count,
                                     .edges = p->edges,
                                     .edge_count = p->edge_count,
                                     .title = SLICE("The states that the server was seen in")});
    for (size_t i = 0; i < p->edge_count; i++) {
        buffer_free(&p->labels[i]);
        buffer_free(&p->edge_titles[i]);
    }
    for (size_t i = 0; i < p->count; i++) {
        buffer_free(&p->notes[i]);
        buffer_free(&p->titles[i]);
    }
    buffer_free(&p->names);
    free(p->edges);
    free(p->labels);
    free(p->edge_titles);
    free(p->more);
    free(p);
}
