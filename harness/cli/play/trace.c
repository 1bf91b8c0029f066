#include "cli/play/trace.h"

#include "cli/play/conceal.h"

static void show(const struct trace *t, const char *tag, struct slice line, const char *rest,
                 uint64_t now_ms)
{
    sink_text(t->sink, "#");
    sink_number(t->sink, t->number, 0);
    sink_number(t->sink, now_ms - t->began_ms, 8);
    sink_text(t->sink, " ms  ");
    sink_text(t->sink, tag);
    struct buffer text = {.len = 0};
    conceal(&text, line, t->secret);
    sink_visible(t->sink, buffer_slice(&text), 0);
    buffer_free(&text);
    sink_text(t->sink, rest);
    sink_text(t->sink, "\n");
}

static void end_line(struct trace *t, struct trace_side *side, uint64_t now_ms)
{
    size_t kept = side->len < sizeof side->line ? side->len : sizeof side->line;
    struct slice line = slice_of(side->line, kept);
    bool cut = kept < side->len, client = side == &t->client;
    if (!cut && kept > 0 && line.ptr[kept - 1] == '\r')
        line = slice_sub(line, 0, kept - 1);
    size_t shown = client ? credential_client(&t->watch, line) : credential_server(&t->watch, line);
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
