#include "report/campaign.h"

#include <stdlib.h>

#include "base/octet.h"
#include "report/buffer.h"
#include "report/chart.h"
#include "report/html_page.h"
#include "report/html_text.h"

#define MAX_LINES 5 /* of a reply, in a dialogue */

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? "" : text;
}

static double number_of(const json_t *object, const char *name)
{
    double number = json_number_value(json_object_get(object, name));
    return number > 1e15 ? 1e15 : number > 0 ? number : 0;
}

static bool is(const char *text, const char *other)
{
    return slice_equal(slice_of_cstr(text), slice_of_cstr(other));
}

static bool has(const json_t *object, const char *name)
{
    return json_array_size(json_object_get(object, name)) > 0;
}

static void put_count(struct sink s, double number)
{
    sink_number(s, (uint64_t)(number + 0.5), 0);
}

/* With one decimal. */
static void put_tenths(struct sink s, double number)
{
    uint64_t tenths = (uint64_t)(number * 10 + 0.5);
    sink_number(s, tenths / 10, 0);
    sink_text(s, ".");
    sink_number(s, tenths % 10, 0);
}

/* "RFC 5321 4.1.4" */
static void put_reference(struct sink s, const char *section)
{
    struct slice text = slice_of_cstr(section), rfc = SLICE("RFC ");
    if (!slice_starts(text, rfc)) {
        sink_markup(s, text);
        return;
    }
    text = slice_from(text, rfc.len);
    size_t digits = slice_find(text, ' ');
    html_reference(s, slice_sub(text, 0, digits),
                   slice_from(text, digits < text.len ? digits + 1 : digits));
}

/* ---- the head ---- */

static void put_figure(struct sink s, const json_t *campaign, const char *member, const char *name)
{
    if (number_of(campaign, member) == 0)
        return;
    sink_text(s, "<li><b>");
    put_count(s, number_of(campaign, member));
    html_string(s, "</b> ", name, "</li>");
}

static void put_summary(struct sink s, const json_t *c)
{
    static const struct {
        const char *member, *name;
    } figures[] = {{"cases", "cases"},
                   {"dialogues", "dialogues"},
                   {"inputs", "inputs kept"},
                   {"state_count", "states"},
                   {"transition_count", "transitions"},
                   {"features", "features"},
                   {"deaths", "deaths of the server"},
                   {"unconfirmed", "not confirmed"}};
    size_t findings = json_array_size(json_object_get(c, "findings"));
    double seconds = number_of(c, "seconds");
    sink_text(s, findings > 0 ? "<ul class=\"summary\"><li class=\"fail\"><b>"
                              : "<ul class=\"summary\"><li class=\"pass\"><b>");
    sink_number(s, findings, 0);
    sink_text(s, findings == 1 ? "</b> finding</li>" : "</b> findings</li>");
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        put_figure(s, c, figures[i].member, figures[i].name);
    sink_text(s, "<li><b>");
    put_tenths(s, seconds);
    sink_text(s, "</b> s</li>");
    if (seconds > 0 && number_of(c, "dialogues") > 0) {
        sink_text(s, "<li><b>");
        put_count(s, number_of(c, "dialogues") / seconds);
        sink_text(s, "</b> dialogues/s</li>");
    }
    sink_text(s, "</ul>\n");
}

static void put_head(struct sink s, const json_t *c)
{
    sink_text(s, html_page_head);
    html_string(s, "fuzz ", text_of(c, "target"), "");
    sink_text(s, html_page_style);
    sink_text(s, "maildrill fuzz</h1>\n");
    html_string(s, "<p class=\"meta\">maildrill ", text_of(c, "maildrill"), "");
    html_string(s, " &middot; ", text_of(c, "started"), " UTC");
    html_string(s, " &middot; ", text_of(c, "target"), "");
    if (number_of(c, "runs") > 1) {
        sink_text(s, " &middot; ");
        put_count(s, number_of(c, "runs"));
        sink_text(s, " runs");
    }
    sink_text(s, "</p>\n");
    put_summary(s, c);
    if (*text_of(c, "stopped") != '\0')
        html_string(s, "<p class=\"stopped\">", text_of(c, "stopped"), "</p>\n");
}

/* ---- findings ---- */

static void put_line(struct sink s, const json_t *line)
{
    const char *by = text_of(line, "by");
    bool decisive = json_is_true(json_object_get(line, "decisive"));
    sink_text(s, is(by, "C") ? "<span class=\"sent" : "<span class=\"received");
    sink_text(s, decisive ? " differs\"><b>" : "\"><b>");
    if (*by != '\0')
        html_string(s, "", by, ": ");
    html_string(s, "</b>", text_of(line, "text"), "\n</span>");
    if (*text_of(line, "note") != '\0')
        html_string(s, "<span class=\"why\"><b>^ </b>", text_of(line, "note"), "\n</span>");
}

/* Lines that follow one another, of the same side, none of which is marked. */
static bool same_side(const json_t *a, const json_t *b)
{
    return is(text_of(a, "by"), text_of(b, "by")) && json_object_get(a, "decisive") == NULL &&
           json_object_get(b, "decisive") == NULL && json_object_get(a, "note") == NULL;
}

/* Of a long reply, which is not the one at fault, the first line and the last. */
static void put_dialogue(struct sink s, const json_t *dialogue)
{
    size_t count = json_array_size(dialogue);
    sink_text(s, "<pre class=\"dialogue\">");
    for (size_t i = 0; i < count;) {
        const json_t *line = json_array_get(dialogue, i);
        size_t run = 1;
        while (i + run < count && same_side(line, json_array_get(dialogue, i + run)))
            run++;
        put_line(s, line);
        if (run > MAX_LINES) {
            sink_text(s, "<span class=\"note\"><b>");
            sink_number(s, run - 2, 0);
            sink_text(s, " lines more</b>\n</span>");
            i += run - 2;
        }
        i++;
    }
    sink_text(s, "</pre>\n");
}

static void put_script(struct sink s, struct slice text)
{
    sink_text(s, "<details><summary>the script</summary><pre>");
    while (text.len > 0) { /* markup_put shows a line feed as an octet */
        size_t end = slice_find(text, '\n');
        sink_markup(s, slice_sub(text, 0, end));
        sink_text(s, "\n");
        text = slice_from(text, end < text.len ? end + 1 : end);
    }
    sink_text(s, "</pre></details>\n");
}

static const char *class_of(const char *severity)
{
    return is(severity, "high") ? "fail" : is(severity, "medium") ? "warn" : "skip";
}

static void put_finding(struct sink s, const json_t *f, bool open)
{
    const json_t *dialogue = json_object_get(f, "dialogue");
    const char *severity = text_of(f, "severity");
    sink_text(s, open ? "<details class=\"test\" open><summary><b class=\""
                      : "<details class=\"test\"><summary><b class=\"");
    sink_text(s, class_of(severity));
    html_string(s, "\">", severity, "</b> ");
    html_string(s, "", text_of(f, "title"), "</summary>\n<p class=\"meta\">");
    html_string(s, "", text_of(f, "oracle"), " &middot; ");
    put_reference(s, text_of(f, "section"));
    if (json_object_get(f, "at_s") != NULL) {
        sink_text(s, " &middot; after ");
        put_tenths(s, number_of(f, "at_s"));
        sink_text(s, " s");
    }
    if (*text_of(f, "file") != '\0')
        html_string(s, " &middot; ", text_of(f, "file"), "");
    sink_text(s, "</p>\n");
    if (json_array_size(dialogue) > 0)
        put_dialogue(s, dialogue);
    if (*text_of(f, "script") != '\0')
        put_script(s, slice_of_cstr(text_of(f, "script")));
    sink_text(s, "</details>\n");
}

static void put_findings(struct sink s, const json_t *c)
{
    static const char *const order[] = {"high", "medium", "low"};
    const json_t *findings = json_object_get(c, "findings");
    size_t shown = 0; /* of many, the first are open */
    sink_text(s, "<h2 id=\"findings\">Findings</h2>\n");
    if (json_array_size(findings) == 0)
        sink_text(s, "<p>None.</p>\n");
    for (size_t k = 0; k < sizeof order / sizeof *order; k++)
        for (size_t i = 0; i < json_array_size(findings); i++) {
            const json_t *f = json_array_get(findings, i);
            if (is(text_of(f, "severity"), order[k]))
                put_finding(s, f, json_array_size(findings) <= 10 || shown++ < 3);
        }
}

/* ---- over time ---- */

static double *column_of(const json_t *samples, const char *name)
{
    size_t count = json_array_size(samples);
    double *values = report_grown(NULL, (count + 1) * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = number_of(json_array_get(samples, i), name);
    return values;
}

/* What came between a sample and the one before it, a second. */
static double *rate_of(const double *seconds, const double *values, size_t count)
{
    double *rates = report_grown(NULL, (count + 1) * sizeof *rates);
    for (size_t i = 0; i < count; i++) {
        double time = seconds[i] - (i > 0 ? seconds[i - 1] : 0);
        double more = values[i] - (i > 0 ? values[i - 1] : 0);
        rates[i] = time > 0 && more > 0 ? more / time : 0;
    }
    return rates;
}

static void put_charts(struct sink s, const json_t *c)
{
    const json_t *samples = json_object_get(c, "samples");
    size_t count = json_array_size(samples);
    if (count < 2)
        return;
    double *seconds = column_of(samples, "at_s"), *dialogues = column_of(samples, "dialogues");
    double *rates = rate_of(seconds, dialogues, count), *states = column_of(samples, "states");
    double *transitions = column_of(samples, "transitions"),
           *marks = column_of(samples, "features");
    double *findings = column_of(samples, "findings");
    sink_text(s, "<h2 id=\"time\">Over time</h2>\n<div class=\"charts\">\n");
    chart_svg(s, &(struct chart){.title = "dialogues a second",
                                 .seconds = seconds,
                                 .count = count,
                                 .lines = 1,
                                 .line = {{"at last", rates}}});
    chart_svg(s, &(struct chart){.title = "what was seen so far, each to its own scale",
                                 .apart = true,
                                 .seconds = seconds,
                                 .count = count,
                                 .lines = 4,
                                 .line = {{"features", marks},
                                          {"transitions", transitions},
                                          {"states", states},
                                          {"findings", findings}}});
    sink_text(s,
              "</div>\n<p class=\"meta\">A feature is a run of three replies, a command with its "
              "code and enhanced code, or how a session ended: a dialogue with a new one is kept "
              "and changed further.</p>\n");
    free(seconds);
    free(dialogues);
    free(rates);
    free(states);
    free(transitions);
    free(marks);
    free(findings);
}

/* ---- states ---- */

static const char *state_name(const json_t *c, json_int_t id)
{
    const json_t *states = json_object_get(c, "states");
    for (size_t i = 0; i < json_array_size(states); i++) {
        const json_t *state = json_array_get(states, i);
        if (json_integer_value(json_object_get(state, "id")) == id)
            return text_of(state, "name");
    }
    return "";
}

static void put_transitions(struct sink s, const json_t *c)
{
    const json_t *transitions = json_object_get(c, "transitions");
    sink_text(s, "<details><summary>All transitions</summary><div class=\"wide\"><table "
                 "class=\"counts\">\n<thead><tr><th>in</th><th>said</th><th>reply</th><th>then"
                 "</th><th>times</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < json_array_size(transitions); i++) {
        const json_t *t = json_array_get(transitions, i);
        json_int_t from = json_integer_value(json_object_get(t, "from"));
        json_int_t to = json_integer_value(json_object_get(t, "to"));
        bool wrong = json_is_true(json_object_get(t, "wrong"));
        html_string(s, wrong ? "<tr class=\"fail\"><th>" : "<tr><th>", state_name(c, from),
                    "</th><td>");
        html_string(s, "", text_of(t, "said"), "</td><td>");
        if (number_of(t, "code") > 0)
            put_count(s, number_of(t, "code"));
        else
            sink_text(s, "closes");
        html_string(s, "</td><td>", from == to ? "" : state_name(c, to), "</td><td>");
        put_count(s, number_of(t, "count"));
        sink_text(s, "</td></tr>\n");
    }
    sink_text(s, "</tbody></table></div></details>\n");
}

static void put_states(struct sink s, const json_t *c)
{
    if (!has(c, "states"))
        return;
    sink_text(s,
              "<h2 id=\"states\">States</h2>\n<p class=\"meta\">What a session may be in after "
              "the replies so far (RFC 5321 3.3, 4.1.4), and what led on; red is what an oracle "
              "objects to. Point at a state for the ways out of it.</p>\n<div class=\"wide\">\n");
    campaign_states(s, c);
    sink_text(s, "</div>\n");
    put_transitions(s, c);
}

/* ---- tables ---- */

static void put_verbs(struct sink s, const json_t *c)
{
    const json_t *verbs = json_object_get(c, "verbs");
    if (!has(c, "verbs"))
        return;
    sink_text(s, "<h2 id=\"verbs\">Verbs by time</h2>\n<div class=\"wide\"><table "
                 "class=\"counts\">\n<thead><tr><th>verb</th><th>dialogues with it</th>"
                 "<th>ms each, on average</th><th></th></tr></thead><tbody>\n");
    for (size_t i = 0; i < json_array_size(verbs); i++) {
        const json_t *v = json_array_get(verbs, i);
        html_string(s, "<tr><th>", text_of(v, "verb"), "</th><td>");
        put_count(s, number_of(v, "dialogues"));
        sink_text(s, "</td><td>");
        put_tenths(s, number_of(v, "mean_ms"));
        sink_text(s, json_is_true(json_object_get(v, "left_out"))
                         ? "</td><td class=\"warn\">slow: has an eighth of the time</td></tr>\n"
                         : "</td><td></td></tr>\n");
    }
    sink_text(s, "</tbody></table></div>\n");
}

/* Rows of two texts. */
static void put_pairs(struct sink s, const json_t *c, const char *member, const char *heading,
                      const char *left, const char *right)
{
    const json_t *rows = json_object_get(c, member);
    if (!has(c, member))
        return;
    html_string(s, "<h2 id=\"", member, "\">");
    html_string(s, "", heading, "</h2>\n<div class=\"wide\"><table class=\"pairs\"><tbody>\n");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        html_string(s, "<tr><th>", text_of(row, left), "</th><td>");
        html_string(s, "", text_of(row, right), "</td></tr>\n");
    }
    sink_text(s, "</tbody></table></div>\n");
}

/* Whether a shell takes it as it is. */
static bool is_plain(struct slice word)
{
    static const struct slice others = SLICE_INIT("-_./:=,@%+[]");
    for (size_t i = 0; i < word.len; i++)
        if (!octet_is(word.ptr[i], OCTET_ALPHA) && !octet_is(word.ptr[i], OCTET_DIGIT) &&
            slice_find(others, word.ptr[i]) == others.len)
            return false;
    return word.len > 0;
}

static void put_command(struct sink s, const json_t *c)
{
    const json_t *command = json_object_get(c, "command");
    sink_text(s, "<h2 id=\"command\">Command</h2>\n<pre>");
    for (size_t i = 0; i < json_array_size(command); i++) {
        const char *word = json_string_value(json_array_get(command, i));
        bool plain = word != NULL && is_plain(slice_of_cstr(word));
        sink_text(s, i > 0 ? " " : "");
        html_string(s, plain ? "" : "'", word == NULL ? "" : word, plain ? "" : "'");
    }
    sink_text(s, "</pre>\n");
}

/* ---- the page ---- */

static const char style[] =
    "<style>.charts{display:flex;flex-wrap:wrap;gap:1rem}"
    ".pairs th{width:55%}.pairs td{white-space:normal;width:auto}"
    ".fail th,.fail td{color:var(--bad)}"
    ".counts{width:auto}.counts th,.counts td{width:auto;white-space:nowrap;"
    "padding-right:1.5rem}.counts td{text-align:right}"
    "details details{border:0;padding:0}</style>\n";

void campaign_page(struct sink s, const json_t *c)
{
    put_head(s, c);
    sink_text(s, style);
    put_findings(s, c);
    put_charts(s, c);
    put_states(s, c);
    put_verbs(s, c);
    put_pairs(s, c, "noted", "What the server tells of mailboxes (RFC 5321 7.3)", "what",
              "answers");
    put_pairs(s, c, "played", "What was played", "what", "how_often");
    put_pairs(s, c, "not_tried", "What was not tried", "what", "why");
    put_pairs(s, c, "settings", "Settings", "name", "value");
    put_command(s, c);
    sink_text(s, "</body></html>\n");
}
