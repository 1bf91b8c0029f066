#include "cli/play/trace.h"

static void show(const struct trace *t, const char *tag, struct slice line, const char *rest,
                 uint64_t now_ms)
{
    sink_text(t->sink, "#");
    sink_number(t->sink, t->number, 0);
    sink_number(t->sink, now_ms - t->began_ms, 8);
    sink_text(t->sink, " ms  ");
    sink_text(t->sink, tag);
    sink_visible(t->sink, line, 0);
    sink_text(t->sink, rest);
    sink_text(t->sink, "\n");
}

/* How much of a client's line may be shown: of "AUTH PLAIN AGpv...", all before the response. */
static size_t shown_of_client(struct trace *t, struct slice line)
{
    bool answers = t->answers;
    t->answers = false;
    if (answers)
        return 0;
    if (!slice_starts_nocase(line, SLICE("AUTH ")))
        return line.len;
    size_t response = 5 + slice_find(slice_from(line, 5), ' ') + 1;
    return response < line.len ? response : line.len;
}

static size_t shown_of_server(struct trace *t, struct slice line)
{
    t->answers = slice_starts(line, SLICE("334"));
    return t->answers && line.len > 4 ? 4 : line.len;
}

static void end_line(struct trace *t, struct trace_side *side, uint64_t now_ms)
{
    size_t kept = side->len < sizeof side->line ? side->len : sizeof side->line;
    struct slice line = slice_of(side->line, kept);
    bool cut = kept < side->len, client = side == &t->client;
    if (!cut && kept > 0 && line.ptr[kept - 1] == '\r')
        line = slice_sub(line, 0, kept - 1);
    size_t shown = client ? shown_of_client(t, line) : shown_of_server(t, line);
    show(t, client ? "C: " : "S: ", slice_sub(line, 0, shown),
         shown < line.len ? "****"
         : cut            ? "..."
                          : "",
         now_ms);
    side->len = 0;
}

static void take(struct trace *t, struct trace_side *side, struct slice octets, uint64_t now_ms)
{
    while (octets.len > 0) {
        size_t lf = slice_find(octets, '\n');
        size_t room = side->len < sizeof side->line ? sizeof side->line - side->len : 0;
        size_t keep = lf < room ? lf : room;
        if (keep > 0)
            memcpy(side->line + side->len, octets.ptr, keep);
        side->len += lf;
        if (lf < octets.len)
            end_line(t, side, now_ms);
        octets = slice_from(octets, lf < octets.len ? lf + 1 : lf);
    }
}

void trace_client(struct trace *t, struct slice octets, uint64_t now_ms)
{
    take(t, &t->client, octets, now_ms);
}

void trace_server(struct trace *t, struct slice octets, uint64_t now_ms)
{
    take(t, &t->server, octets, now_ms);
}

void trace_secured(struct trace *t, struct slice facts, uint64_t now_ms)
{
    show(t, "TLS: ", slice_sub(facts, 0, slice_find(facts, '\n')), "", now_ms);
}

void trace_end(struct trace *t, uint64_t now_ms)
{
    if (t->server.len > 0)
        end_line(t, &t->server, now_ms);
    if (t->client.len > 0)
        end_line(t, &t->client, now_ms);
    show(t, "closed", SLICE(""), "", now_ms);
}
