#include "report/junit.h"

#include <libxml/tree.h>
#include <stdlib.h>

#include "base/writer.h"
#include "report/buffer.h"

/* One file against one server: written once all its tests are known, since its counts come first.
 */
struct suite {
    xmlNode *node; /* NULL: no test yet */
    size_t tests, failures, errors, skipped;
    uint64_t taken_ms;
    struct buffer remarks; /* what JUnit has no word for: system-out */
};

struct junit {
    struct sink sink;
    const struct report_run *run;
    const struct script *script; /* whose suites are open */
    struct suite *suites;        /* one a server */
    size_t written;              /* suites: their id */
    xmlDoc *doc;                 /* what the nodes belong to */
};

/* ---- text that XML can hold ---- */

/* Visible text with its NUL. What XML 1.0 2.2 has no place for, controls, U+FFFE and U+FFFF, is not
 * in it: it stands as \xNN. */
static xmlChar *xml_text(struct slice text, struct buffer *visible)
{
    visible->len = 0;
    sink_visible(buffer_sink(visible), text, 0);
    buffer_put(visible, slice_of("", 1));
    return visible->ptr;
}

static void set(xmlNode *node, const char *name, struct slice text)
{
    struct buffer visible = {.ptr = NULL};
    xmlSetProp(node, (const xmlChar *)name, xml_text(text, &visible));
    buffer_free(&visible);
}

static void set_number(xmlNode *node, const char *name, uint64_t number)
{
    uint8_t digits[20];
    struct writer w = writer_of(digits, sizeof digits);
    writer_put_number(&w, number);
    set(node, name, writer_slice(&w));
}

static void set_seconds(xmlNode *node, const char *name, uint64_t ms)
{
    uint8_t text[32];
    struct writer w = writer_of(text, sizeof text);
    writer_put_number(&w, ms / 1000);
    writer_put_octet(&w, '.');
    for (unsigned scale = 100; scale > 0; scale /= 10)
        writer_put_octet(&w, (uint8_t)('0' + ms / scale % 10));
    set(node, name, writer_slice(&w));
}

static xmlNode *add(xmlNode *parent, const char *name)
{
    xmlNode *node = xmlNewChild(parent, NULL, (const xmlChar *)name, NULL);
    if (node == NULL)
        abort(); /* no memory */
    return node;
}

/* Adds lines of text; each is made visible, the line ends stay. */
static void add_lines(xmlNode *node, struct slice text)
{
    struct buffer visible = {.ptr = NULL};
    for (struct slice rest = text; rest.len > 0;) {
        xmlNodeAddContent(node, xml_text(report_line(&rest), &visible));
        xmlNodeAddContent(node, (const xmlChar *)"\n");
    }
    buffer_free(&visible);
}

/* ---- suites ---- */

void *junit_begin(struct sink sink, const struct report_run *run)
{
    struct junit *j = report_grown(NULL, sizeof *j);
    *j = (struct junit){.sink = sink, .run = run, .doc = xmlNewDoc((const xmlChar *)"1.0")};
    if (j->doc == NULL || (j->doc->encoding = xmlStrdup((const xmlChar *)"UTF-8")) == NULL)
        abort();
    size_t octets = run->server_count * sizeof *j->suites;
    j->suites = report_grown(NULL, octets);
    memset(j->suites, 0, octets);
    sink_text(sink, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    return j;
}

static void put_name(struct buffer *name, const struct junit *j, struct slice file, size_t server)
{
    buffer_put(name, file);
    if (j->run->server_count > 1) {
        buffer_put(name, SLICE(" against "));
        buffer_put(name, j->run->servers[server].name);
    }
}

static void open_suite(struct junit *j, struct suite *suite, const struct report_result *r)
{
    struct buffer name = {.ptr = NULL};
    suite->node = xmlNewDocNode(j->doc, NULL, (const xmlChar *)"testsuite", NULL);
    if (suite->node == NULL)
        abort();
    put_name(&name, j, r->script->name, r->server);
    set(suite->node, "name", buffer_slice(&name));
    set(suite->node, "package", SLICE("maildrill"));
    set(suite->node, "timestamp", j->run->started);
    set(suite->node, "hostname", SLICE("localhost"));
    xmlNode *property = add(add(suite->node, "properties"), "property");
    set(property, "name", SLICE("server"));
    set(property, "value", j->run->servers[r->server].url);
    buffer_free(&name);
}

static void close_suite(struct junit *j, struct suite *suite)
{
    xmlBuffer *out = xmlBufferCreate();
    set_number(suite->node, "id", j->written++);
    set_number(suite->node, "tests", suite->tests);
    set_number(suite->node, "failures", suite->failures);
    set_number(suite->node, "errors", suite->errors);
    set_number(suite->node, "skipped", suite->skipped);
    set_seconds(suite->node, "time", suite->taken_ms);
    add_lines(add(suite->node, "system-out"), buffer_slice(&suite->remarks));
    add(suite->node, "system-err");
    if (out == NULL || xmlNodeDump(out, j->doc, suite->node, 1, 1) < 0)
        abort();
    sink_text(j->sink, "  ");
    sink_put(j->sink, slice_of(xmlBufferContent(out), (size_t)xmlBufferLength(out)));
    sink_text(j->sink, "\n");
    xmlBufferFree(out);
    xmlFreeNode(suite->node);
    buffer_free(&suite->remarks);
    *suite = (struct suite){.node = NULL};
}

static void close_suites(struct junit *j)
{
    for (size_t i = 0; i < j->run->server_count; i++)
        if (j->suites[i].node != NULL)
            close_suite(j, &j->suites[i]);
}

/* ---- tests ---- */

static void remark(struct suite *suite, const struct report_result *r, struct slice message)
{
    struct sink s = buffer_sink(&suite->remarks);
    sink_text(s, report_outcome(r));
    sink_text(s, " ");
    sink_visible(s, r->id, 0);
    sink_text(s, ": ");
    sink_put(s, message);
    sink_text(s, "\n");
}

/* What a testcase holds, and which count it is in. */
static void add_outcome(struct suite *suite, xmlNode *testcase, const struct report_result *r)
{
    uint8_t octets[1200];
    struct slice message = report_message(r, octets, sizeof octets);
    struct buffer text = {.ptr = NULL};
    bool error = r->verdict == ENGINE_ERROR && r->baseline != REPORT_EXPECTED;
    if (error || r->failed) {
        xmlNode *node = add(testcase, error ? "error" : "failure");
        *(error ? &suite->errors : &suite->failures) += 1;
        set(node, "type", slice_of_cstr(report_outcome(r)));
        set(node, "message", message);
        report_dialogue(buffer_sink(&text), r);
        add_lines(node, buffer_slice(&text));
    } else if (r->verdict == ENGINE_SKIP || r->flaky || r->baseline == REPORT_EXPECTED) {
        struct sink s = buffer_sink(&text);
        suite->skipped++;
        if (r->flaky || r->baseline == REPORT_EXPECTED) {
            sink_text(s, report_outcome(r));
            sink_text(s, ": ");
        }
        if (r->baseline == REPORT_EXPECTED) {
            sink_put(s, r->baseline_reason);
            sink_text(s, ": ");
        }
        sink_put(s, message);
        set(add(testcase, "skipped"), "message", buffer_slice(&text));
    }
    if (!report_passed(r) && r->verdict != ENGINE_SKIP)
        remark(suite, r, message);
    buffer_free(&text);
}

void junit_result(void *state, const struct report_result *r)
{
    struct junit *j = state;
    struct suite *suite = &j->suites[r->server];
    struct buffer name = {.ptr = NULL};
    if (j->script != r->script)
        close_suites(j);
    j->script = r->script;
    if (suite->node == NULL)
        open_suite(j, suite, r);
    suite->tests++;
    suite->taken_ms += r->taken_ms;
    xmlNode *testcase = add(suite->node, "testcase");
    buffer_put(&name, r->test->title);
    if (r->repeats > 1) {
        sink_text(buffer_sink(&name), " #");
        sink_number(buffer_sink(&name), r->repeat, 0);
    }
    set(testcase, "name", buffer_slice(&name));
    name.len = 0;
    put_name(&name, j, r->script->name, r->server);
    set(testcase, "classname", buffer_slice(&name));
    set_seconds(testcase, "time", r->taken_ms);
    add_outcome(suite, testcase, r);
    buffer_free(&name);
}

void junit_end(void *state, const struct report_end *end)
{
    struct junit *j = state;
    (void)end;
    close_suites(j);
    sink_text(j->sink, "</testsuites>\n");
    xmlFreeDoc(j->doc);
    free(j->suites);
    free(j);
}
