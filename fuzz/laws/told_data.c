#include <jansson.h>
#include <libxml/parser.h>

#include "laws/told.h"

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
    size_t results = all->count, failed = 0;
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

static void check_json_result(json_t *entry, const struct told *told)
{
    FUZZ_LAW(is_text(json_object_get(entry, "id"), told->id) &&
                 is_text(json_object_get(entry, "title"), told->title),
             "JSON has a result's octets");
    json_t *file = json_object_get(entry, "file"), *events = json_object_get(entry, "events");
    for (size_t i = 0; i < json_array_size(events); i++)
        FUZZ_LAW(!json_equal(json_object_get(json_array_get(events, i), "file"), file),
                 "JSON names the file of an event where it is another");
    FUZZ_LAW(json_is_true(json_object_get(entry, "failed")) == told->failed &&
                 is_text(json_object_get(entry, "outcome"), slice_of_cstr(told->outcome)),
             "JSON has a result's outcome");
}

void told_check_json(struct slice text, const struct all_told *all)
{
    size_t results = all->count;
    json_t *root =
        json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    FUZZ_LAW(root != NULL, "JSON is well-formed");
    FUZZ_LAW(json_array_size(json_object_get(root, "results")) == results,
             "JSON has an entry for each result");
    for (size_t i = 0; i < results; i++)
        check_json_result(json_array_get(json_object_get(root, "results"), i), &all->results[i]);
    json_decref(root);
}
