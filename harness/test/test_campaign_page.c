/*
 * unit.campaign_page: the page and the picture of a campaign: everything in them is text, however
 * it reads; nothing is needed; many states are drawn as some.
 */
#include "law.h"
#include "report/buffer.h"
#include "report/campaign.h"

#include <stdio.h>
#include <stdlib.h>

static bool holds(const struct buffer *out, const char *words)
{
    return slice_holds(buffer_slice(out), slice_of_cstr(words));
}

static struct buffer page_of(const json_t *campaign)
{
    struct buffer out = {.ptr = NULL};
    campaign_page(buffer_sink(&out), campaign);
    return out;
}

static const char whole[] =
    "{'maildrill': '1', 'started': '2026-11-25T00:00:00', 'target': '<b>t', 'runs': 2,"
    " 'seconds': 10.0, 'dialogues': 100, 'command': ['maildrill', 'a b', '<c>'],"
    " 'stopped': 'x<y',"
    " 'samples': [{'at_s': 1.0, 'dialogues': 10, 'states': 1, 'transitions': 1, 'features': 1,"
    "   'inputs': 1, 'findings': 0}, {'at_s': 3.0, 'dialogues': 50, 'states': 2,"
    "   'transitions': 1, 'features': 1, 'inputs': 1, 'findings': 1}],"
    " 'states': [{'id': 0, 'name': 'one<', 'visits': 5}, {'id': 7, 'name': 'two', 'visits': 4}],"
    " 'transitions': [{'from': 0, 'said': 'M<AIL', 'code': 250, 'to': 7, 'count': 4},"
    "   {'from': 0, 'said': 'NOOP', 'code': 250, 'to': 0, 'count': 3},"
    "   {'from': 7, 'said': 'RCPT', 'code': 0, 'to': 0, 'count': 1, 'wrong': true}],"
    " 'verbs': [{'verb': 'VR<FY', 'dialogues': 3, 'mean_ms': 1.5, 'left_out': true}],"
    " 'not_tried': [{'what': 'w<', 'why': 'y<'}], 'settings': [{'name': 'n<', 'value': 'v<'}],"
    " 'findings': [{'oracle': 'o<', 'severity': 'low', 'section': 'RFC 3030 2', 'title': 'second',"
    "   'file': 'f<', 'script': '%test\\nC: <x', 'dialogue': []},"
    "  {'oracle': 'o', 'severity': 'high', 'section': 'RFC 5321 4.1.4', 'title': 'first',"
    "   'file': 'g', 'at_s': 2.5, 'dialogue': [{'by': 'S', 'text': '220 <script>'},"
    "   {'by': 'S', 'text': '250-a'}, {'by': 'S', 'text': '250-b'}, {'by': 'S', 'text': '250-c'},"
    "   {'by': 'S', 'text': '250-d'}, {'by': 'S', 'text': '250 e'}, {'by': 'C', 'text': 'MAIL'},"
    "   {'by': 'S', 'text': '250 no', 'decisive': true, 'note': 'why<'}]}]}";

static json_t *load(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    memcpy(copy, text, size);
    for (char *at = copy; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    json_t *value = json_loads(copy, 0, NULL);
    free(copy);
    assert_non_null(value);
    return value;
}

static void test_page(void **state)
{
    static const char *const parts[] = {"one&lt;</text>",
                                        "<text class=\"label from0\"",
                                        "<text class=\"label bad from1\"",
                                        "M&lt;AIL 250",
                                        "NOOP 250: 3 times",
                                        "class=\"arrow wrong",
                                        "why&lt;",
                                        "220 &lt;script&gt;",
                                        "4 lines more",
                                        "VR&lt;FY",
                                        "an eighth of the time",
                                        "%test\nC: &lt;x\n",
                                        "maildrill 'a b' '&lt;c&gt;'",
                                        "rfc5321#section-4.1.4\">",
                                        "after 2.5 s",
                                        "<b>10</b> dialogues/s",
                                        "x&lt;y"};
    (void)state;
    json_t *campaign = load(whole);
    struct buffer out = page_of(campaign), again = page_of(campaign);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!holds(&out, parts[i]))
            fail_msg("the page lacks %s", parts[i]);
    assert_false(holds(&out, "<script"));
    assert_false(holds(&out, "250-c")); /* in the middle of a long reply */
    assert_true(slice_equal(buffer_slice(&out), buffer_slice(&again)));
    struct slice page = buffer_slice(&out), first = SLICE("first"), second = SLICE("second");
    while (!slice_starts(page, first) && !slice_starts(page, second))
        page = slice_from(page, 1);
    assert_true(slice_starts(page, first)); /* the severe before the others */
    buffer_free(&out);
    buffer_free(&again);
    json_decref(campaign);
}

/* Whatever a member is, it is shown or left out. */
static void test_any_json(void **state)
{
    static const char *const values[] = {
        "null", "[]",    "{}",  "[1, 'a', null, {}]",
        "-1",   "1e300", "'<'", "[{'from': 9, 'to': -3, 'id': 9}]"};
    const char *name;
    json_t *value;
    void *next;
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        json_t *campaign = load(whole), *holder = NULL;
        json_t *names = json_copy(campaign);
        char text[100];
        snprintf(text, sizeof text, "[%s]", values[i]);
        holder = load(text);
        json_object_foreach_safe(names, next, name, value)
        {
            json_t *one = json_copy(campaign);
            json_object_set(one, name, json_array_get(holder, 0));
            struct buffer out = page_of(one);
            assert_true(holds(&out, "</html>"));
            buffer_free(&out);
            json_decref(one);
        }
        json_decref(holder);
        json_decref(names);
        json_decref(campaign);
    }
    json_t *nothing = json_object();
    struct buffer out = page_of(nothing);
    assert_true(holds(&out, "None."));
    buffer_free(&out);
    json_decref(nothing);
}

/* A name that is longer than its box stays in it. */
static void test_long_names(void **state)
{
    (void)state;
    json_t *campaign =
        load("{'states': [{'id': 0, 'name': 'after EHLO', 'visits': 4005006}, {'id': 1, "
             "'name': 'RCPT taken without MAIL, no EHLO', 'visits': 4}], "
             "'transitions': [{'from': 0, 'said': 'RCPT', 'code': 250, 'to': 1, "
             "'count': 4}, {'from': 0, 'said': 'NOOP', 'code': 250, 'to': 0, "
             "'count': 3}]}");
    struct buffer out = {.ptr = NULL};
    campaign_states(buffer_sink(&out), campaign);
    assert_true(
        holds(&out, " lengthAdjust=\"spacingAndGlyphs\">RCPT taken without MAIL, no EHLO<"));
    assert_false(holds(&out, " lengthAdjust=\"spacingAndGlyphs\">after EHLO<"));
    assert_false(holds(&out, " lengthAdjust=\"spacingAndGlyphs\">4005006 visits, 1 reply stays<"));
    buffer_free(&out);
    json_decref(campaign);
}

/* More states than are readable: the rarest are one, and the beginning is never among them. */
static void test_many_states(void **state)
{
    (void)state;
    json_t *campaign = load("{'states': [], 'transitions': []}");
    for (int i = 0; i < 45; i++) {
        json_array_append_new(json_object_get(campaign, "states"),
                              json_pack("{s:i,s:s+,s:i}", "id", i, "name", "state",
                                        i == 0 ? " the first" : " x", "visits", i));
        json_array_append_new(json_object_get(campaign, "transitions"),
                              json_pack("{s:i,s:s,s:i,s:i,s:i}", "from", i, "said", "NOOP", "code",
                                        250, "to", (i * 7 + 1) % 45, "count", 1));
    }
    struct buffer out = {.ptr = NULL};
    campaign_states(buffer_sink(&out), campaign);
    assert_true(holds(&out, "state the first"));
    assert_true(holds(&out, ">16 more states<"));
    size_t nodes = 0;
    struct slice box = SLICE("<rect");
    for (struct slice rest = buffer_slice(&out); rest.len > 0; rest = slice_from(rest, 1))
        nodes += slice_starts(rest, box);
    assert_int_equal(nodes, 30);
    buffer_free(&out);
    json_decref(campaign);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page),
        cmocka_unit_test(test_any_json),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_many_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
