/*
 * Laws of the reports. The input is a script, a line "====", and what the peer sends; its lines are
 * the names and reasons of the run, too. Each report is well-formed as who reads it sees it, holds
 * no control octet of the peer's and no secret.
 */
#include <jansson.h>
#include <libxml/parser.h>

#include "base/octet.h"
#include "base/utf8.h"
#include "custom.h"
#include "peer.h"
#include "report/log.h"
#include "report/report.h"

#define MAX_TESTS 3
#define SECRET    "hid9den=7"
#define SECRET_64 "aGlkOWRlbj03"

/* ---- the octets of any report ---- */

static bool holds(struct slice text, struct slice word)
{
    for (size_t at; (at = slice_find(text, word.ptr[0])) < text.len;
         text = slice_from(text, at + 1))
        if (slice_starts(slice_from(text, at), word))
            return true;
    return false;
}

/* U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069: what follows is read as what it is not. */
static bool turns_text(struct slice c)
{
    return c.len == 3 && c.ptr[0] == 0xE2 &&
           ((c.ptr[1] == 0x80 &&
             (c.ptr[2] == 0x8E || c.ptr[2] == 0x8F || (c.ptr[2] >= 0xAA && c.ptr[2] <= 0xAE))) ||
            (c.ptr[1] == 0x81 && c.ptr[2] >= 0xA6 && c.ptr[2] <= 0xA9));
}

/* RFC 8259 7 leaves DEL and what is beyond ASCII as it is in JSON, which is no text for people. */
static void check_octets(struct slice text, bool json)
{
    for (struct slice rest = text; rest.len > 0;) {
        size_t len = base_utf8_sequence(rest);
        bool del = rest.ptr[0] == 127;
        FUZZ_LAW(len > 0, "a report is UTF-8");
        FUZZ_LAW(len > 1 || rest.ptr[0] == '\n' || (json && del) ||
                     !octet_is(rest.ptr[0], OCTET_CONTROL | OCTET_NUL),
                 "a report holds no control octet but LF");
        FUZZ_LAW(json || len != 2 || rest.ptr[0] != 0xC2 || rest.ptr[1] >= 0xA0,
                 "a report holds no C1 control character");
        FUZZ_LAW(json || !turns_text(slice_sub(rest, 0, len)),
                 "a report holds nothing that turns the direction of text");
        rest = slice_from(rest, len);
    }
}

static struct slice next_line(struct slice *rest)
{
    size_t end = slice_find(*rest, '\n');
    FUZZ_LAW(end < rest->len, "each line of the report is ended");
    struct slice line = slice_sub(*rest, 0, end);
    *rest = slice_from(*rest, end + 1);
    return line;
}

static bool take(struct slice *text, struct slice word)
{
    bool there = slice_starts(*text, word);
    *text = slice_from(*text, there ? word.len : 0);
    return there;
}

static size_t take_number(struct slice *text)
{
    size_t number = 0, at = 0;
    while (at < text->len && octet_is(text->ptr[at], OCTET_DIGIT))
        number = number * 10 + text->ptr[at++] - '0';
    FUZZ_LAW(at > 0, "a number has digits");
    *text = slice_from(*text, at);
    return number;
}

/* ---- TAP 14 ---- */

/* A description, and " # SKIP" or " # TODO" with its reason, behind it. */
static void check_description(struct slice text)
{
    size_t directives = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\') {
            i++;
            FUZZ_LAW(i < text.len, "a backslash escapes an octet");
        } else if (text.ptr[i] == '#') {
            struct slice rest = slice_from(text, i);
            FUZZ_LAW(directives++ == 0 && (slice_starts(rest, SLICE("# SKIP ")) ||
                                           slice_starts(rest, SLICE("# TODO "))),
                     "only a directive begins with a number sign");
        }
    }
}

/* YAML 1.2: "  key: 12" or "  key: "text"". */
static void check_yaml(struct slice line)
{
    FUZZ_LAW(take(&line, SLICE("  ")), "details are indented");
    size_t colon = slice_find(line, ':');
    for (size_t i = 0; i < colon; i++)
        FUZZ_LAW(octet_is(line.ptr[i], OCTET_ALPHA) || line.ptr[i] == '_', "a key is a word");
    line = slice_from(line, colon < line.len ? colon + 1 : colon);
    FUZZ_LAW(take(&line, SLICE(" ")), "a value stands behind its key");
    if (!take(&line, SLICE("\""))) {
        take_number(&line);
        FUZZ_LAW(line.len == 0, "a value without quotes is a number");
        return;
    }
    size_t i = 0;
    while (i < line.len && line.ptr[i] != '"')
        i += line.ptr[i] == '\\' ? 2 : 1;
    FUZZ_LAW(i + 1 == line.len, "quotes end where the line does");
}

static void check_tap(struct slice text, size_t results)
{
    struct slice version = next_line(&text);
    FUZZ_LAW(slice_equal(version, SLICE("TAP version 14")) ||
                 slice_equal(version, SLICE("TAP version 13")),
             "TAP begins with its version");
    for (size_t n = 1; n <= results; n++) {
        struct slice line = next_line(&text);
        take(&line, SLICE("not "));
        FUZZ_LAW(take(&line, SLICE("ok ")) && take_number(&line) == n && take(&line, SLICE(" - ")),
                 "test points are counted");
        check_description(line);
        if (!slice_starts(text, SLICE("  ---\n")))
            continue;
        next_line(&text);
        while (!slice_equal(line = next_line(&text), SLICE("  ...")))
            check_yaml(line);
    }
    struct slice plan = next_line(&text);
    FUZZ_LAW(take(&plan, SLICE("1..")) && take_number(&plan) == results, "the plan is the count");
    FUZZ_LAW(text.len == 0 || take(&text, SLICE("Bail out! ")), "nothing but the end comes then");
    if (text.len > 0)
        check_description(next_line(&text));
    FUZZ_LAW(text.len == 0, "and nothing behind it");
}

/* ---- JUnit, JSON ---- */

static size_t count_nodes(const xmlNode *node, const char *name)
{
    size_t count = 0;
    for (; node != NULL; node = node->next)
        count += (node->type == XML_ELEMENT_NODE && xmlStrEqual(node->name, BAD_CAST name)) +
                 count_nodes(node->children, name);
    return count;
}

static void check_junit(struct slice text, size_t results)
{
    xmlDoc *doc = xmlReadMemory((const char *)text.ptr, (int)text.len, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    FUZZ_LAW(doc != NULL, "JUnit is well-formed XML");
    FUZZ_LAW(count_nodes(xmlDocGetRootElement(doc), "testcase") == results,
             "JUnit has a case for each result");
    xmlFreeDoc(doc);
}

static void check_json(struct slice text, size_t results)
{
    json_t *root =
        json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    FUZZ_LAW(root != NULL, "JSON is well-formed");
    FUZZ_LAW(json_array_size(json_object_get(root, "results")) == results,
             "JSON has an entry for each result");
    json_decref(root);
}

/* ---- workflow commands ---- */

static void check_annotations(struct slice text, size_t results)
{
    for (size_t n = 0; text.len > 0; n++) {
        FUZZ_LAW(n <= results, "a result has one annotation at most");
        struct slice line = next_line(&text);
        FUZZ_LAW(take(&line, SLICE("::")) &&
                     (take(&line, SLICE("error")) || take(&line, SLICE("warning")) ||
                      take(&line, SLICE("notice"))),
                 "each line is a command");
        size_t colon = slice_find(line, ':');
        FUZZ_LAW(slice_starts(slice_from(line, colon), SLICE("::")),
                 "properties end with two colons");
        size_t properties = 0;
        for (size_t i = 0; i < colon; i++)
            properties += line.ptr[i] == ',';
        FUZZ_LAW(properties == (colon > 0 ? 3 : 0), "no value adds a property");
        for (; line.len > 0; line = slice_from(line, 1))
            FUZZ_LAW(line.ptr[0] != '%' || slice_starts(line, SLICE("%25")) ||
                         slice_starts(line, SLICE("%3A")) || slice_starts(line, SLICE("%2C")),
                     "a percent sign begins an escape of the report's");
    }
}

/* ---- HTML ---- */

#define MAX_DEPTH 32

static bool is_one_of(struct slice name, const char *names)
{
    size_t len = name.len;
    for (const char *at = names; *at != '\0'; at += *at == ' ') {
        size_t word = strcspn(at, " ");
        if (word == len && memcmp(at, name.ptr, len) == 0)
            return true;
        at += word;
    }
    return false;
}

/* A tag, behind its "<"; takes it and returns its name. */
static struct slice take_tag(struct slice *text)
{
    size_t len = 0;
    while (len < text->len && octet_is(text->ptr[len], OCTET_ALPHA | OCTET_DIGIT))
        len++;
    struct slice name = slice_sub(*text, 0, len);
    *text = slice_from(*text, len);
    while (take(text, SLICE(" "))) {
        size_t at = 0;
        while (at < text->len && (octet_is(text->ptr[at], OCTET_ALPHA) || text->ptr[at] == '-'))
            at++;
        FUZZ_LAW(at > 0 && is_one_of(slice_sub(*text, 0, at),
                                     "aria-label charset class colspan content data-outcome href "
                                     "http-equiv id lang name open placeholder type checked hidden "
                                     "for role value"),
                 "a tag has attributes of the page only");
        *text = slice_from(*text, at);
        if (!take(text, SLICE("=\"")))
            continue;
        at = slice_find(*text, '"');
        FUZZ_LAW(slice_find(slice_sub(*text, 0, at), '<') == at, "a value holds no tag");
        *text = slice_from(*text, at < text->len ? at + 1 : at);
    }
    FUZZ_LAW(take(text, SLICE(">")), "a tag ends");
    return name;
}

/* Behind "&": a reference that the page writes. */
static void check_reference(struct slice text)
{
    FUZZ_LAW(is_one_of(slice_sub(text, 0, slice_find(text, ';')),
                       "amp lt gt quot #39 middot ndash mdash nbsp"),
             "an ampersand begins a reference");
}

static void check_html(struct slice text, size_t results)
{
    struct slice open[MAX_DEPTH];
    size_t depth = 0, rows = 0;
    FUZZ_LAW(take(&text, SLICE("<!DOCTYPE html>")) || take(&text, SLICE("<!doctype html>")),
             "a page says what it is");
    while (text.len > 0) {
        uint8_t octet = text.ptr[0];
        text = slice_from(text, 1);
        if (octet == '&')
            check_reference(text);
        FUZZ_LAW(octet != '>', "no tag ends in text");
        if (octet != '<')
            continue;
        bool closing = take(&text, SLICE("/"));
        struct slice name = take_tag(&text);
        if (closing) {
            FUZZ_LAW(depth > 0 && slice_equal(open[depth - 1], name), "tags are closed in order");
            depth--;
        } else if (!is_one_of(name, "meta input br")) {
            FUZZ_LAW(depth < MAX_DEPTH, "no page is that deep");
            open[depth++] = name;
            rows += slice_equal(name, SLICE("pre"));
        }
        while (!closing && is_one_of(name, "script style") && text.len > 0 &&
               !slice_starts(text, SLICE("</")))
            text = slice_from(text, 1 + slice_find(slice_from(text, 1), '<'));
    }
    FUZZ_LAW(depth == 0, "each tag is closed");
    FUZZ_LAW(rows <= results, "a result has one dialogue at most");
}

/* ---- a run ---- */

struct play {
    struct script *script;
    struct slice octets; /* of the peer, a secret in them */
    struct slice words[8];
    size_t knob;
};

static void keep(void *context, const struct engine_event *event)
{
    log_event(context, event);
}

static enum engine_verdict play(const struct script_test *test, struct slice octets,
                                struct log *log)
{
    static const struct engine_variable variables[] = {
        {SLICE_INIT("user"), SLICE_INIT("u"), false},
        {SLICE_INIT("pass"), SLICE_INIT(SECRET), true},
    };
    struct engine_config config = {
        .role = ENGINE_CLIENT,
        .timeout_ms = 1000,
        .max_rounds = 40,
        .variables = variables,
        .variable_count = sizeof variables / sizeof *variables,
        .max_input_octets = 1024,
        .max_output_octets = 2048,
        .emit = keep,
        .context = log,
    };
    struct engine *e = engine_new(test, &config, 0);
    uint64_t now = 0;
    while ((engine_wants(e) & ENGINE_DONE) == 0)
        fuzz_peer_serve(e, &octets, 200, &now);
    enum engine_verdict verdict = engine_verdict(e);
    engine_free(e);
    return verdict;
}

/* What the runner makes of a verdict, by a knob. */
static void judge(struct report_result *r, const struct play *p)
{
    bool passed = r->verdict == ENGINE_PASS;
    r->failed = r->verdict == ENGINE_FAIL || r->verdict == ENGINE_ERROR;
    if (p->knob % 3 == 1 && r->verdict != ENGINE_SKIP) {
        r->baseline = passed ? REPORT_UNEXPECTED_PASS : REPORT_EXPECTED;
        r->baseline_reason = p->words[4];
        r->failed = passed;
    } else if (p->knob % 3 == 2 && passed) {
        r->flaky = true;
        r->attempts = 2;
    }
}

static size_t write_report(const struct report_kind *kind, const struct play *p, struct buffer *out)
{
    const struct report_server servers[] = {{p->words[0], p->words[1]},
                                            {SLICE("two"), p->words[1]}};
    size_t tests = p->script->test_count < MAX_TESTS ? p->script->test_count : MAX_TESTS;
    struct report_run run = {.version = SLICE("1"),
                             .started = SLICE("2026-01-02T03:04:05"),
                             .servers = servers,
                             .server_count = 1 + p->knob / 3 % 2,
                             .planned = tests * 2,
                             .style = (enum pretty_style)(p->knob / 6 % 3),
                             .trace = p->knob / 18 % 2 == 1};
    struct report_end end = {.taken_ms = 1234,
                             .stopped = p->knob % 5 == 1 ? p->words[5] : SLICE("")};
    void *state = kind->begin(buffer_sink(out), &run);
    size_t results = 0;
    for (size_t i = 0; i < tests; i++) {
        for (size_t server = 0; server < run.server_count; server++, results++) {
            struct log log = {.count = 0};
            struct report_result r = {.script = p->script,
                                      .test = &p->script->tests[i],
                                      .server = server,
                                      .taken_ms = 12,
                                      .attempts = 1,
                                      .repeat = 1,
                                      .repeats = 1,
                                      .variant = p->words[3]};
            r.id = r.test->id.len > 0 ? r.test->id : p->words[2];
            r.verdict = play(r.test, p->octets, &log);
            judge(&r, p);
            log_result(&log, &r);
            kind->result(state, &r);
            report_count(&end.totals, &r);
            log_free(&log);
        }
    }
    end.not_played = run.planned - results;
    kind->end(state, &end);
    return results;
}

/* ---- the input ---- */

/* Replies that hold a secret: "${pass}" and "${pass64}" stand for it. */
static struct slice with_secrets(struct slice octets)
{
    struct writer out = fuzz_writer(2 * octets.len);
    while (octets.len > 0) {
        if (take(&octets, SLICE("${pass}"))) {
            writer_put(&out, SLICE(SECRET));
        } else if (take(&octets, SLICE("${pass64}"))) {
            writer_put(&out, SLICE(SECRET_64));
        } else {
            writer_put(&out, slice_sub(octets, 0, 1));
            octets = slice_from(octets, 1);
        }
    }
    struct slice copy = fuzz_copy(writer_slice(&out));
    fuzz_free_writer(&out);
    return copy;
}

static void check_report(const struct report_kind *kind, const struct play *p, bool secret)
{
    static const struct {
        const char *kind;
        void (*check)(struct slice text, size_t results);
    } checks[] = {{"tap", check_tap},
                  {"tap13", check_tap},
                  {"junit", check_junit},
                  {"json", check_json},
                  {"annotations", check_annotations},
                  {"html", check_html}};
    struct buffer out = {.ptr = NULL};
    size_t results = write_report(kind, p, &out);
    struct slice text = buffer_slice(&out);
    check_octets(text, strcmp(kind->name, "json") == 0);
    FUZZ_LAW(!secret || (!holds(text, SLICE(SECRET)) && !holds(text, SLICE(SECRET_64))),
             "no report holds a secret");
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (strcmp(checks[i].kind, kind->name) == 0)
            checks[i].check(text, results);
    buffer_free(&out);
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size), octets;
    struct slice text = fuzz_peer_script(in, &octets);
    struct script_options options = {.name = SLICE("a b.smtp")};
    struct play p = {.script = script_load(text, &options),
                     .octets = with_secrets(octets),
                     .knob = fuzz_knob(in, 0, 256)};
    for (size_t i = 0; i < sizeof p.words / sizeof *p.words && octets.len > 0; i++)
        p.words[i] = report_line(&octets);
    /* Who writes a secret into the script shows it. */
    bool secret = !holds(in, SLICE("hid9")) && !holds(in, SLICE("aGlkOW"));
    for (size_t i = 0; i < report_kind_count; i++)
        check_report(&report_kinds[i], &p, secret);
    script_free(p.script);
    fuzz_free(p.octets);
    return 0;
}
