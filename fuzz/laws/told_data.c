#include <jansson.h>
#include <libxml/parser.h>

#include "laws/told.h"
#include "report/buffer.h"

/* ---- what is wrong ---- */

#define MOST_MESSAGE 1000 /* octets: of a longer one parts are left out */

/* What is wrong, in a line: what differed first, or why it was not played. */
static void put_message(struct buffer *message, const struct report_result *r)
{
    struct sink s = buffer_sink(message);
    const struct engine_event *first = report_first_difference(r);
    bool skipped = r->verdict == ENGINE_SKIP;
    if (r->baseline == REPORT_UNEXPECTED_PASS) {
        sink_text(s, "passes, but the baseline expects that it does not: ");
        sink_visible(s, r->baseline_reason, 200);
    } else if (first == NULL) {
        sink_visible(s, r->reason, 300);
    } else {
        struct slice text = first->text, sent = first->sent;
        sink_text(s, skipped ? "inconclusive: " : "");
        sink_text(s, engine_fault_text(first->fault));
        sink_text(s, text.len == 0 ? "" : report_shows_octets(first) ? ": got " : ": ");
        sink_visible(s, report_line(&text), 200);
        sink_text(s, skipped && sent.len > 0 ? " to " : "");
        sink_visible(s, skipped ? report_line(&sent) : SLICE(""), 80);
    }
    sink_text(s, r->variant.len > 0 ? " (" : "");
    sink_visible(s, r->variant, 100);
    sink_text(s, r->variant.len > 0 ? ")" : "");
}

/* ---- JUnit ---- */

static size_t count_nodes(const xmlNode *node, const char *name)
{
    size_t count = 0;
    for (; node != NULL; node = node->next)
        count += (node->type == XML_ELEMENT_NODE && xmlStrEqual(node->name, BAD_CAST name)) +
                 count_nodes(node->children, name);
    return count;
}

static void check_count(xmlNode *suite, const char *attribute, const char *name)
{
    xmlChar *value = xmlGetProp(suite, BAD_CAST attribute);
    FUZZ_LAW(value != NULL &&
                 strtoul((const char *)value, NULL, 10) == count_nodes(suite->children, name),
             "a suite counts what it holds");
    xmlFree(value);
}

/* Milliseconds of a time in seconds with three decimals. */
static uint64_t time_of(xmlNode *node)
{
    uint64_t ms = 0;
    xmlChar *value = xmlGetProp(node, BAD_CAST "time");
    size_t len = value == NULL ? 0 : strlen((const char *)value), digits = 0;
    for (size_t i = 0; i < len; i++)
        if (value[i] >= '0' && value[i] <= '9') {
            ms = 10 * ms + (uint64_t)(value[i] - '0');
            digits++;
        }
    FUZZ_LAW(len >= 5 && digits == len - 1 && value[len - 4] == '.',
             "a time is in seconds, with milliseconds");
    xmlFree(value);
    return ms;
}

static bool has_property(xmlNode *node, const char *name, struct slice text)
{
    xmlChar *value = xmlGetProp(node, BAD_CAST name);
    bool same = value != NULL && slice_equal(slice_of_cstr((const char *)value), text);
    xmlFree(value);
    return same;
}

/* What did not pass says what came of it, and what is wrong. */
static void check_reason(xmlNode *node, const struct told *told)
{
    const struct report_result *r = &told->result;
    struct buffer text = {.len = 0}, message = {.len = 0};
    bool skipped = xmlStrEqual(node->name, BAD_CAST "skipped");
    bool expected = r->baseline == REPORT_EXPECTED;
    put_message(&message, r);
    if (skipped && (r->flaky || expected))
        sink_text(buffer_sink(&text), expected ? "expected: " : "flaky: ");
    if (skipped && expected) {
        sink_visible(buffer_sink(&text), r->baseline_reason, 0);
        sink_text(buffer_sink(&text), ": ");
    }
    buffer_put(&text, buffer_slice(&message));
    FUZZ_LAW(message.len > MOST_MESSAGE || has_property(node, "message", buffer_slice(&text)),
             "a case says what is wrong");
    FUZZ_LAW(skipped || has_property(node, "type", slice_of_cstr(told->outcome)),
             "and what came of it");
    buffer_free(&message);
    buffer_free(&text);
}

/* The cases of a suite are the results of a server. */
static void check_names(xmlNode *suite, size_t server, const struct all_told *all)
{
    size_t i = 0;
    for (xmlNode *n = suite->children; n != NULL; n = n->next) {
        if (n->type != XML_ELEMENT_NODE || !xmlStrEqual(n->name, BAD_CAST "testcase"))
            continue;
        while (i < all->count && all->results[i].result.server != server)
            i++;
        FUZZ_LAW(i < all->count, "a suite is of one server");
        for (xmlNode *child = n->children; child != NULL; child = child->next)
            if (child->type == XML_ELEMENT_NODE)
                check_reason(child, &all->results[i]);
        const struct report_result *r = &all->results[i++].result;
        struct buffer name = {.len = 0};
        sink_visible(buffer_sink(&name), r->test->title, 0);
        if (r->repeats > 1) {
            sink_text(buffer_sink(&name), " #");
            sink_number(buffer_sink(&name), r->repeat, 0);
        }
        FUZZ_LAW(has_property(n, "name", buffer_slice(&name)), "a case has the test's title");
        buffer_free(&name);
    }
}

/* A suite took as long as its tests. */
static uint64_t check_times(xmlNode *suite)
{
    uint64_t sum = 0;
    for (xmlNode *n = suite->children; n != NULL; n = n->next)
        if (n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, BAD_CAST "testcase"))
            sum += time_of(n);
    FUZZ_LAW(time_of(suite) == sum, "a suite takes as long as its cases");
    return sum;
}

void told_check_junit(struct slice text, const struct all_told *all)
{
    size_t results = all->count, failed = 0, server = 0;
    uint64_t taken_ms = 0, told_ms = 0;
    for (size_t i = 0; i < results; i++) {
        failed += all->results[i].failed;
        taken_ms += all->results[i].taken_ms;
    }
    xmlDoc *doc = xmlReadMemory((const char *)text.ptr, (int)text.len, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    FUZZ_LAW(doc != NULL, "JUnit is well-formed XML");
    FUZZ_LAW(count_nodes(xmlDocGetRootElement(doc), "testcase") == results,
             "JUnit has a case for each result");
    FUZZ_LAW(count_nodes(xmlDocGetRootElement(doc), "failure") +
                     count_nodes(xmlDocGetRootElement(doc), "error") >=
                 failed,
             "what failed is a failure or an error");
    for (xmlNode *n = xmlDocGetRootElement(doc)->children; n != NULL; n = n->next) {
        if (n->type != XML_ELEMENT_NODE)
            continue;
        check_count(n, "tests", "testcase");
        check_count(n, "failures", "failure");
        check_count(n, "errors", "error");
        check_count(n, "skipped", "skipped");
        told_ms += check_times(n);
        check_names(n, server++, all);
    }
    FUZZ_LAW(told_ms == taken_ms, "JUnit says how long each took");
    xmlFreeDoc(doc);
}

/* ---- JSON ---- */

/* A string, or {"hex": "..."} where the octets are no UTF-8. */
static bool is_text(json_t *value, struct slice text)
{
    if (json_is_string(value))
        return slice_equal(slice_of(json_string_value(value), json_string_length(value)), text);
    const char *hex = json_string_value(json_object_get(value, "hex"));
    for (size_t i = 0; hex != NULL && i < text.len; i++) {
        char octet[3];
        snprintf(octet, sizeof octet, "%02x", text.ptr[i]);
        if (strncmp(hex + 2 * i, octet, 2) != 0)
            return false;
    }
    return hex != NULL && strlen(hex) == 2 * text.len;
}

static json_t *member(json_t *object, const char *name)
{
    return json_object_get(object, name);
}

/* A text that is left out where it is empty. */
static bool has_text(json_t *object, const char *name, struct slice text)
{
    json_t *value = member(object, name);
    return text.len == 0 ? value == NULL : is_text(value, text);
}

static bool has_word(json_t *object, const char *name, const char *word)
{
    return is_text(member(object, name), slice_of_cstr(word));
}

static bool has_number(json_t *object, const char *name, uint64_t number)
{
    json_t *value = member(object, name);
    return json_is_integer(value) && (uint64_t)json_integer_value(value) == number;
}

/* A number that is left out where there is nothing to say. */
static bool may_have(json_t *object, const char *name, bool there, uint64_t number)
{
    return there ? has_number(object, name, number) : member(object, name) == NULL;
}

static void check_json_event(json_t *entry, const struct report_result *r,
                             const struct engine_event *event)
{
    static const char *const names[] = {
        [ENGINE_EVENT_SENT] = "sent",       [ENGINE_EVENT_RECEIVED] = "received",
        [ENGINE_EVENT_MATCHED] = "matched", [ENGINE_EVENT_DIFFERED] = "differed",
        [ENGINE_EVENT_NOTE] = "note",       [ENGINE_EVENT_PASSED_OVER] = "passed-over",
        [ENGINE_EVENT_CLOSED] = "closed",   [ENGINE_EVENT_SECURED] = "secured",
        [ENGINE_EVENT_VERDICT] = "verdict",
    };
    bool placed = event->step < r->test->step_count,
         differed = event->kind == ENGINE_EVENT_DIFFERED;
    const struct script_step *step = placed ? &r->test->steps[event->step] : NULL;
    FUZZ_LAW(has_word(entry, "event", names[event->kind]) &&
                 has_number(entry, "at_ms", event->now_ms - r->began_ms),
             "JSON has each event, and when it was");
    FUZZ_LAW(may_have(entry, "line", placed, placed ? step->line : 0), "JSON says where it was");
    FUZZ_LAW(
        has_text(entry, "text", event->kind == ENGINE_EVENT_MATCHED ? SLICE("") : event->text) &&
            has_text(entry, "sent", differed ? event->sent : SLICE("")),
        "JSON has the texts of an event");
    FUZZ_LAW(json_is_true(member(entry, "raw")) == event->raw &&
                 may_have(entry, "more", event->more > 0, event->more),
             "JSON says how much more was sent, and how");
    FUZZ_LAW(!differed || (has_word(entry, "fault", engine_fault_text(event->fault)) &&
                           has_word(entry, "makes", engine_verdict_name(event->verdict))),
             "JSON says what differed, and what that makes of the test");
    FUZZ_LAW(may_have(entry, "column", differed, placed ? step->column : 1),
             "JSON says at which octet");
}

/* "5321#4.1.4" */
static void check_json_section(json_t *entry, struct slice rfc)
{
    size_t hash = slice_find(rfc, '#');
    FUZZ_LAW(has_text(entry, "rfc", slice_sub(rfc, 0, hash)) &&
                 has_text(entry, "section", slice_from(rfc, hash < rfc.len ? hash + 1 : hash)),
             "JSON has the RFC of a test, and its section");
}

static void check_json_baseline(json_t *entry, const struct report_result *r)
{
    static const char *const names[] = {[REPORT_EXPECTED] = "expected",
                                        [REPORT_UNEXPECTED_PASS] = "unexpected-pass",
                                        [REPORT_OTHERWISE] = "otherwise"};
    bool listed = r->baseline != REPORT_NOT_LISTED;
    FUZZ_LAW(has_text(entry, "baseline", slice_of_cstr(listed ? names[r->baseline] : "")) &&
                 has_text(entry, "baseline_reason", listed ? r->baseline_reason : SLICE("")),
             "JSON says how a result stands to the baseline");
}

static void check_json_message(json_t *entry, const struct report_result *r)
{
    struct buffer message = {.len = 0};
    put_message(&message, r);
    FUZZ_LAW(message.len > MOST_MESSAGE || has_text(entry, "message", buffer_slice(&message)),
             "JSON says what is wrong");
    buffer_free(&message);
}

static void check_json_result(json_t *entry, const struct told *told, const struct report_run *run)
{
    const struct report_result *r = &told->result;
    json_t *events = member(entry, "events");
    FUZZ_LAW(is_text(member(entry, "id"), told->id) &&
                 is_text(member(entry, "title"), told->title) &&
                 is_text(member(entry, "file"), r->script->name) &&
                 is_text(member(entry, "server"), run->servers[r->server].name) &&
                 has_text(entry, "variant", r->variant),
             "JSON has a result's octets");
    FUZZ_LAW(json_is_true(member(entry, "failed")) == told->failed &&
                 json_is_true(member(entry, "flaky")) == r->flaky &&
                 has_word(entry, "outcome", told->outcome) &&
                 has_word(entry, "verdict", engine_verdict_name(r->verdict)),
             "JSON has a result's outcome");
    FUZZ_LAW(has_number(entry, "taken_ms", told->taken_ms) &&
                 has_number(entry, "attempts", r->attempts) &&
                 has_number(entry, "line", r->test->line == 0 ? 1 : r->test->line) &&
                 may_have(entry, "repeat", r->repeats > 1, r->repeat) &&
                 may_have(entry, "events_dropped", r->dropped > 0, r->dropped),
             "JSON has a result's numbers");
    check_json_section(entry, r->test->rfc);
    check_json_message(entry, r);
    check_json_baseline(entry, r);
    FUZZ_LAW(json_array_size(events) == r->event_count, "JSON has each event");
    for (size_t i = 0; i < r->event_count; i++) {
        FUZZ_LAW(!json_equal(member(json_array_get(events, i), "file"), member(entry, "file")),
                 "JSON names the file of an event where it is another");
        check_json_event(json_array_get(events, i), r, &r->events[i]);
    }
}

/* Each outcome as often as there are results of it. */
static void check_json_summary(json_t *summary, const struct all_told *all)
{
    static const char *const names[] = {"pass",  "warn",  "skip",     "fail",
                                        "error", "flaky", "expected", "unexpected-pass"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t count = 0;
        for (size_t k = 0; k < all->count; k++)
            count += strcmp(all->results[k].outcome, names[i]) == 0;
        FUZZ_LAW(has_number(summary, names[i], count), "JSON counts each outcome");
    }
    FUZZ_LAW(has_number(summary, "not_played", all->end->not_played) &&
                 has_number(summary, "taken_ms", all->end->taken_ms) &&
                 has_text(summary, "stopped", all->end->stopped) &&
                 json_is_true(member(summary, "target_died")) == all->end->dead,
             "JSON says how the run ended");
}

void told_check_json(struct slice text, const struct all_told *all)
{
    size_t results = all->count;
    json_t *root =
        json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    FUZZ_LAW(root != NULL, "JSON is well-formed");
    json_t *servers = member(root, "servers");
    FUZZ_LAW(json_array_size(member(root, "results")) == results,
             "JSON has an entry for each result");
    FUZZ_LAW(json_array_size(servers) == all->run->server_count, "JSON has each server");
    for (size_t i = 0; i < all->run->server_count; i++)
        FUZZ_LAW(is_text(member(json_array_get(servers, i), "name"), all->run->servers[i].name) &&
                     is_text(member(json_array_get(servers, i), "url"), all->run->servers[i].url),
                 "JSON names the servers");
    for (size_t i = 0; i < results; i++)
        check_json_result(json_array_get(member(root, "results"), i), &all->results[i], all->run);
    check_json_summary(member(root, "summary"), all);
    json_decref(root);
}
