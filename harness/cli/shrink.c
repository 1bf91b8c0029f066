/* shrink: a script that fails, with as little in it as fails in the same way. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "campaign/shrink.h"
#include "cli/commands.h"
#include "cli/play/load.h"
#include "cli/play/once.h"
#include "cli/play/select.h"
#include "report/place.h"
#include "script/transcript.h"

#define MAX_PLAYS    20000
#define CONFIRMATION 3 /* how often the first and the last script have to fail */

/* "The same way": the same line of the script differs, and is answered with the same codes. */
struct failure {
    bool fails;
    enum engine_verdict verdict;
    enum engine_fault fault;
    uint8_t line[256];
    size_t line_len;
    uint8_t reply[16];
    size_t reply_len;
    uint64_t slowest_ms;   /* a reply of this play */
    struct buffer message; /* for people */
};

struct shrinking {
    const struct options *options;
    const char *path;
    const struct script_test *whole; /* that is made smaller */
    struct once *once;
    struct log log;
    uint64_t timeout_ms;
    size_t plays;
};

static void put_octets(uint8_t *out, size_t size, size_t *ret_len, struct slice octets)
{
    *ret_len = octets.len < size ? octets.len : size;
    if (*ret_len > 0)
        memcpy(out, octets.ptr, *ret_len);
}

/* "550", or "550 5.1.1" where it has an enhanced status code. */
static struct slice codes_of(struct slice reply)
{
    size_t len = reply.len < 3 ? reply.len : 3, at = 4;
    while (at < reply.len &&
           ((reply.ptr[at] >= '0' && reply.ptr[at] <= '9') || reply.ptr[at] == '.'))
        at++;
    return slice_sub(reply, 0, at > 8 && at < reply.len && reply.ptr[at] == ' ' ? at : len);
}

static void describe(struct failure *f, const struct report_result *r)
{
    uint8_t room[400];
    const struct engine_event *event = report_first_difference(r);
    buffer_put(&f->message, report_message(r, room, sizeof room));
    if (event == NULL)
        event = r->event_count > 0 ? &r->events[r->event_count - 1] : NULL;
    if (event == NULL)
        return;
    f->fault = event->fault;
    if (event->step < r->test->step_count)
        put_octets(f->line, sizeof f->line, &f->line_len,
                   script_source_line(r->script, r->test->steps[event->step].line));
    if (report_shows_octets(event))
        put_octets(f->reply, sizeof f->reply, &f->reply_len, codes_of(event->text));
}

static struct failure play(struct shrinking *s, const struct script *script,
                           const struct script_test *test)
{
    struct failure f = {.fails = false};
    struct report_result r = {.script = script, .test = test};
    r.verdict = once_play(s->once, test, s->timeout_ms, &s->log);
    s->plays++;
    log_result(&s->log, &r);
    for (size_t i = 0; i < r.event_count; i++) {
        if (r.events[i].kind == ENGINE_EVENT_VERDICT)
            r.reason = r.events[i].text;
        if (r.events[i].kind == ENGINE_EVENT_RECEIVED && r.events[i].taken_ms > f.slowest_ms)
            f.slowest_ms = r.events[i].taken_ms;
    }
    f.verdict = r.verdict;
    f.fails = r.verdict == ENGINE_FAIL || r.verdict == ENGINE_ERROR;
    describe(&f, &r);
    return f;
}

static bool same_failure(const struct failure *a, const struct failure *b)
{
    return a->fails == b->fails && a->verdict == b->verdict && a->fault == b->fault &&
           slice_equal(slice_of(a->line, a->line_len), slice_of(b->line, b->line_len)) &&
           slice_equal(slice_of(a->reply, a->reply_len), slice_of(b->reply, b->reply_len));
}

/* Whether each secret that is still named is still declared to be one: what is left is shown, and
 * reports of it are. */
static bool keeps_secrets(const struct shrinking *s, const struct script *script, struct slice text)
{
    for (size_t i = 0; i < s->whole->secret_count; i++) {
        struct slice name = s->whole->secrets[i];
        bool declared = false;
        for (size_t k = 0; k < script->secret_count && !declared; k++)
            declared = slice_equal(name, script->secrets[k]);
        if (!declared && slice_holds(text, name))
            return false;
    }
    return true;
}

/* Whether the text, as a script with one test, fails so. */
static bool fails_so(struct shrinking *s, struct slice text, const struct failure *as)
{
    struct script *script = load_octets(text, s->path, s->options);
    bool same = false;
    if (script->error_count == 0 && script->test_count == 1 && keeps_secrets(s, script, text)) {
        struct failure f = play(s, script, &script->tests[0]);
        same = same_failure(&f, as);
        buffer_free(&f.message);
    }
    script_free(script);
    return same;
}

/* ---- what to begin with ------------------------------------------------------------------------
 */

/* A pasted session becomes the script that it is understood as. */
static void tag(struct load *load, const struct options *options)
{
    for (size_t i = 0; i < load->count; i++) {
        struct script *pasted = load->scripts[i];
        if (!pasted->transcript)
            continue;
        struct transcript *t = transcript_import(pasted->source, pasted->name);
        load->scripts[i] = load_octets(t->text, load->paths[i], options);
        transcript_free(t);
        script_free(pasted);
    }
}

/* The first test of the selection that fails. */
static const struct script_test *
find_failing(struct shrinking *s, const struct selection *selection, struct failure *ret_failure)
{
    for (size_t i = 0; i < selection->count && !once_interrupted(s->once); i++) {
        const struct selected *selected = &selection->tests[i];
        struct failure f = play(s, selected->script, selected->test);
        if (f.fails) {
            *ret_failure = f;
            return selected->test;
        }
        buffer_free(&f.message);
    }
    return NULL;
}

static struct slice lines_of(const struct script *script, size_t from, size_t to)
{
    struct slice all = script->source;
    size_t begin = all.len, end = all.len, at = 0;
    for (size_t line = 1; at < all.len; line++) {
        begin = line == from ? at : begin;
        if (line == to) {
            end = at;
            break;
        }
        size_t lf = slice_find(slice_from(all, at), '\n');
        at += lf < all.len - at ? lf + 1 : lf;
    }
    return slice_sub(all, begin < end ? begin : end, end);
}

/* What stands before the first test belongs to each; then the lines of this one. */
static void put_test(struct buffer *out, const struct script_test *test)
{
    const struct script *script = test->script;
    size_t first = script->tests[0].line, end = SIZE_MAX;
    for (size_t i = 0; i + 1 < script->test_count; i++)
        if (&script->tests[i] == test)
            end = script->tests[i + 1].line;
    if (first > 1 && script->test_count > 1)
        buffer_put(out, lines_of(script, 1, first));
    buffer_put(out, script->test_count > 1 ? lines_of(script, test->line, end) : script->source);
}

/* ---- smaller and smaller -----------------------------------------------------------------------
 */

static void work(struct shrinking *s, struct buffer *text, const struct failure *failure)
{
    struct shrink shrink;
    struct slice candidate;
    uint8_t *room = report_grown(NULL, text->len + 1);
    size_t before = s->plays, began = text->len;
    shrink_begin(&shrink, shrink_script_piece, text->ptr, text->len, room);
    while (s->plays - before < MAX_PLAYS && !once_interrupted(s->once) &&
           shrink_next(&shrink, &candidate))
        shrink_answer(&shrink, fails_so(s, candidate, failure) && !once_interrupted(s->once));
    text->len = shrink.best_len;
    free(room);
    fprintf(stderr, "maildrill shrink: %zu octets of %zu are left after %zu plays%s\n", text->len,
            began, s->plays,
            once_interrupted(s->once)        ? "; interrupted"
            : s->plays - before >= MAX_PLAYS ? "; no more are made"
                                             : "");
}

/* Whether it fails so every time: then what is left of it fails for a reason. */
static bool always_fails(struct shrinking *s, struct slice text, const struct failure *failure)
{
    for (unsigned i = 0; i < CONFIRMATION; i++)
        if (!once_interrupted(s->once) && !fails_so(s, text, failure))
            return false;
    return true;
}

static enum exit_code write_out(const struct shrinking *s, struct slice text)
{
    FILE *file = s->options->out == NULL ? stdout : fopen(s->options->out, "wb");
    if (file == NULL) {
        fprintf(stderr, "maildrill shrink: %s: %s\n", s->options->out, strerror(errno));
        return EXIT_USAGE;
    }
    load_put(file, text);
    bool written = !ferror(file);
    if (file != stdout)
        written = fclose(file) == 0 && written;
    return !written ? EXIT_USAGE : once_interrupted(s->once) ? EXIT_INTERRUPTED : EXIT_PASS;
}

static enum exit_code shrink_test(struct shrinking *s, const struct script_test *test,
                                  const struct failure *failure)
{
    struct buffer text = {.ptr = NULL};
    enum exit_code code = EXIT_FAIL;
    struct sink out = {load_put, stderr};
    fprintf(stderr, "maildrill shrink: it fails: ");
    sink_visible(out, buffer_slice(&failure->message), 0);
    fprintf(stderr, "\n");
    /* A reply that did not come decides: then the wait itself is what fails. */
    uint64_t patience = 200 + 10 * failure->slowest_ms;
    if (failure->fault != ENGINE_FAULT_TIMEOUT && patience < s->timeout_ms)
        s->timeout_ms = patience;
    s->whole = test;
    put_test(&text, test);
    if (!always_fails(s, buffer_slice(&text), failure)) {
        fprintf(stderr, "maildrill shrink: but not every time, and so nothing can be taken out\n");
    } else {
        work(s, &text, failure);
        code = write_out(s, buffer_slice(&text));
        if (code == EXIT_PASS && !always_fails(s, buffer_slice(&text), failure)) {
            fprintf(stderr, "maildrill shrink: what is left does not fail every time\n");
            code = EXIT_FAIL;
        }
    }
    buffer_free(&text);
    return code;
}

static enum exit_code shrink_first(struct shrinking *s, const struct selection *selection)
{
    struct failure failure = {.fails = false};
    const struct script_test *test = find_failing(s, selection, &failure);
    enum exit_code code = EXIT_NOTHING;
    if (test != NULL && failure.fault == ENGINE_FAULT_NO_CONNECTION) {
        fprintf(stderr, "maildrill shrink: there is no connection to the server\n");
        code = EXIT_CONNECT;
    } else if (test != NULL) {
        code = shrink_test(s, test, &failure);
    } else if (once_interrupted(s->once)) {
        code = EXIT_INTERRUPTED;
    } else {
        fprintf(stderr, "maildrill shrink: no test of %s fails: there is nothing to make smaller\n",
                s->path);
    }
    buffer_free(&failure.message);
    return code;
}

enum exit_code command_shrink(const struct options *options)
{
    struct load load;
    struct selection selection = {.count = 0};
    enum exit_code code = EXIT_SCRIPT;
    if (options->operand_count != 1 || options->server_count > 1) {
        fprintf(stderr, "maildrill shrink: give one script, and one --server\n");
        return EXIT_USAGE;
    }
    if (load_all(&load, options, false) && load.errors == 0) {
        struct shrinking s = {
            .options = options, .path = options->operands[0], .timeout_ms = options->timeout_ms};
        code = EXIT_USAGE;
        tag(&load, options);
        if (select_tests(&selection, &load, options) && (s.once = once_open(options)) != NULL) {
            code = shrink_first(&s, &selection);
            once_close(s.once);
        }
        log_free(&s.log);
    }
    select_free(&selection);
    load_free(&load);
    return code;
}
