#include "report/json.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "report/buffer.h"

struct json {
    struct sink sink;
    const struct report_run *run;
    size_t count;
};

/* ---- values ---- */

static json_t *needed(json_t *value)
{
    if (value == NULL)
        abort(); /* no memory */
    return value;
}

static json_t *hex_of(struct slice octets)
{
    static const char digits[] = "0123456789abcdef";
    char *hex = report_grown(NULL, 2 * octets.len + 1);
    for (size_t i = 0; i < octets.len; i++) {
        hex[2 * i] = digits[octets.ptr[i] >> 4];
        hex[2 * i + 1] = digits[octets.ptr[i] & 15];
    }
    json_t *value = needed(json_pack("{s:s#}", "hex", hex, (int)(2 * octets.len)));
    free(hex);
    return value;
}

static bool is_utf8(struct slice octets)
{
    for (size_t step; octets.len > 0; octets = slice_from(octets, step))
        if ((step = base_utf8_sequence(octets)) == 0)
            return false;
    return true;
}

static json_t *octets_of(struct slice octets)
{
    if (!is_utf8(octets))
        return hex_of(octets);
    return needed(json_stringn(octets.len == 0 ? "" : (const char *)octets.ptr, octets.len));
}

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, needed(value));
}

static void set_number(json_t *object, const char *name, uint64_t number)
{
    set(object, name, json_integer((json_int_t)number));
}

static void set_text(json_t *object, const char *name, struct slice text)
{
    if (text.len > 0)
        set(object, name, octets_of(text));
}

static void set_word(json_t *object, const char *name, const char *word)
{
    set(object, name, json_string(word));
}

/* ---- writing ---- */

static int put(const char *octets, size_t count, void *context)
{
    const struct json *j = context;
    sink_put(j->sink, slice_of(octets, count));
    return 0;
}

static void write_value(struct json *j, json_t *value)
{
    json_dump_callback(value, put, j, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(value);
}

static void write_member(struct json *j, const char *before, json_t *value)
{
    sink_text(j->sink, before);
    write_value(j, value);
}

void *json_begin(struct sink sink, const struct report_run *run)
{
    struct json *j = report_grown(NULL, sizeof *j);
    *j = (struct json){.sink = sink, .run = run};
    json_t *servers = needed(json_array());
    for (size_t i = 0; i < run->server_count; i++) {
        json_t *server = needed(json_object());
        set(server, "name", octets_of(run->servers[i].name));
        set(server, "url", octets_of(run->servers[i].url));
        json_array_append_new(servers, server);
    }
    sink_text(sink, "{\"schema\":\"maildrill-report-1\"");
    write_member(j, ",\n\"maildrill\":", octets_of(run->version));
    write_member(j, ",\n\"started\":", octets_of(run->started));
    write_member(j, ",\n\"servers\":", servers);
    sink_text(sink, ",\n\"results\":[");
    return j;
}

/* ---- one result ---- */

static const char *const event_names[] = {
    [ENGINE_EVENT_SENT] = "sent",       [ENGINE_EVENT_RECEIVED] = "received",
    [ENGINE_EVENT_MATCHED] = "matched", [ENGINE_EVENT_DIFFERED] = "differed",
    [ENGINE_EVENT_NOTE] = "note",       [ENGINE_EVENT_PASSED_OVER] = "passed-over",
    [ENGINE_EVENT_CLOSED] = "closed",   [ENGINE_EVENT_SECURED] = "secured",
    [ENGINE_EVENT_VERDICT] = "verdict",
};

static json_t *event_of(const struct report_result *r, const struct engine_event *event)
{
    json_t *object = needed(json_object());
    set_word(object, "event", event_names[event->kind]);
    set_number(object, "at_ms", event->now_ms - r->began_ms);
    if (event->step < r->test->step_count) {
        struct report_where where = report_where(r, event->step);
        if (!slice_equal(where.file, r->script->name))
            set_text(object, "file", where.file);
        set_number(object, "line", where.line);
    }
    if (event->kind != ENGINE_EVENT_MATCHED)
        set_text(object, "text", event->text);
    if (event->raw)
        set(object, "raw", json_true());
    if (event->more > 0)
        set_number(object, "more", event->more);
    if (event->kind == ENGINE_EVENT_DIFFERED) {
        set_word(object, "fault", engine_fault_text(event->fault));
        set_word(object, "makes", engine_verdict_name(event->verdict));
        set_number(object, "column", report_where(r, event->step).column);
        set_text(object, "sent", event->sent);
    }
    return object;
}

static void set_test(json_t *object, const struct report_result *r)
{
    set(object, "id", octets_of(r->id));
    set(object, "title", octets_of(r->test->title));
    set(object, "file", octets_of(r->script->name));
    set_number(object, "line", r->test->line == 0 ? 1 : r->test->line);
    set_word(object, "level", script_level_name(r->test->level));
    set_text(object, "rfc", report_rfc(r->test));
    set_text(object, "section", report_section(r->test));
}

static void set_outcome(json_t *object, const struct report_result *r)
{
    static const char *const baselines[] = {
        [REPORT_NOT_LISTED] = NULL,
        [REPORT_EXPECTED] = "expected",
        [REPORT_UNEXPECTED_PASS] = "unexpected-pass",
        [REPORT_OTHERWISE] = "otherwise",
    };
    uint8_t message[1024];
    set_word(object, "verdict", engine_verdict_name(r->verdict));
    set_word(object, "outcome", report_outcome(r));
    set(object, "failed", json_boolean(r->failed));
    set_text(object, "message", report_message(r, message, sizeof message));
    set_number(object, "taken_ms", r->taken_ms);
    set_number(object, "attempts", r->attempts);
    set(object, "flaky", json_boolean(r->flaky));
    if (r->repeats > 1)
        set_number(object, "repeat", r->repeat);
    set_text(object, "variant", r->variant);
    if (baselines[r->baseline] != NULL) {
        set_word(object, "baseline", baselines[r->baseline]);
        set_text(object, "baseline_reason", r->baseline_reason);
    }
}

void json_result(void *state, const struct report_result *r)
{
    struct json *j = state;
    json_t *object = needed(json_object());
    json_t *events = needed(json_array());
    set_test(object, r);
    set(object, "server", octets_of(j->run->servers[r->server].name));
    set_outcome(object, r);
    for (size_t i = 0; i < r->event_count; i++)
        json_array_append_new(events, event_of(r, &r->events[i]));
    set(object, "events", events);
    if (r->dropped > 0)
        set_number(object, "events_dropped", r->dropped);
    write_member(j, j->count++ > 0 ? ",\n" : "\n", object);
}

void json_end(void *state, const struct report_end *end)
{
    struct json *j = state;
    const struct report_totals *t = &end->totals;
    json_t *summary = needed(json_object());
    const struct {
        const char *name;
        size_t count;
    } counts[] = {
        {"pass", t->pass},         {"warn", t->warn},
        {"skip", t->skip},         {"fail", t->fail},
        {"error", t->error},       {"flaky", t->flaky},
        {"expected", t->expected}, {"unexpected-pass", t->unexpected},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        set_number(summary, counts[i].name, counts[i].count);
    set_number(summary, "not_played", end->not_played);
    set_number(summary, "taken_ms", end->taken_ms);
    set(summary, "target_died", json_boolean(end->dead));
    set_text(summary, "stopped", end->stopped);
    write_member(j, "],\n\"summary\":", summary);
    sink_text(j->sink, "}\n");
    free(j);
}
